"""The peer of the kernels: the same cells and methods as hand-written loops, compiled by numba.

Everything lives in scalars and small tuples, which the compiler keeps in registers; spikes are
reset on the grid, as such loops usually do. A cell joins by adding its equations to `cells`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import cosh, exp, tanh
from typing import Any, NamedTuple

import numpy as np
from numba import njit


class Cell(NamedTuple):
    """The equations of one model, for numba: tuples in, tuples out."""

    start: tuple[float, ...]
    current: float
    derivatives: Callable[..., Any]
    """(x, current) -> dx/dt"""
    decay_rates: Callable[..., Any] | None
    """x -> 1/ms; None for models without a linear part"""
    fires: Callable[..., bool] | None = None
    reset: Callable[..., Any] | None = None
    hold: float = 0.0
    """Refractory time, ms."""


@njit
def _lif(x, current):
    return ((-75.0 - x[0] + 0.1 * current) * (1.0 / 10.0),)


@njit
def _izhikevich(x, current):
    v, u = x
    return (0.04 * v + 5.0) * v + 140.0 - u + current, 0.02 * (0.2 * v - u)


@njit
def _linoid(z):
    return 1.0 if abs(z) < 1e-7 else z / (1.0 - exp(-z))


@njit
def _gate_rates(v):
    d = v + 65.0
    return (
        _linoid(0.1 * (d - 25.0)),
        4.0 * exp(d * (-1.0 / 18.0)),
        0.07 * exp(d * (-1.0 / 20.0)),
        1.0 / (1.0 + exp(0.1 * (30.0 - d))),
        0.1 * _linoid(0.1 * (d - 10.0)),
        0.125 * exp(d * (-1.0 / 80.0)),
    )


@njit
def _hodgkin_huxley(x, current):
    v, m, h, n = x
    am, bm, ah, bh, an, bn = _gate_rates(v)
    n2 = n * n
    ions = 120.0 * m * m * m * h * (v - 50.0) + 36.0 * n2 * n2 * (v + 77.0) + 0.3 * (v + 54.387)
    return (
        current - ions,
        am * (1.0 - m) - bm * m,
        ah * (1.0 - h) - bh * h,
        an * (1.0 - n) - bn * n,
    )


@njit
def _hodgkin_huxley_decay(x):
    v, m, h, n = x
    am, bm, ah, bh, an, bn = _gate_rates(v)
    n2 = n * n
    return 120.0 * m * m * m * h + 36.0 * n2 * n2 + 0.3, am + bm, ah + bh, an + bn


@njit
def _if(x, current):
    return (current * (1.0 / 100.0),)


@njit
def _qif(x, current):
    return ((0.05 * (x[0] + 75.0) * (x[0] + 55.0) + 0.1 * current) * (1.0 / 10.0),)


@njit
def _eif(x, current):
    spike = 20.0 * exp(min((x[0] + 55.0) * 0.5, 20.0))
    return ((10.0 * (-75.0 - x[0]) + spike + current) * (1.0 / 100.0),)


@njit
def _adex(x, current):
    v, w = x
    spike = 60.0 * exp(min((v + 50.4) * 0.5, 20.0))
    dv = (30.0 * (-70.6 - v) + spike - w + current) * (1.0 / 281.0)
    return dv, (4.0 * (v + 70.6) - w) * (1.0 / 144.0)


@njit
def _adaptive_quadratic(x, current):
    v, u = x
    dv = (0.7 * (v + 60.0) * (v + 40.0) - u + current) * (1.0 / 100.0)
    return dv, 0.03 * (-2.0 * (v + 60.0) - u)


@njit
def _morris_lecar(x, current):
    v, w = x
    m = 0.5 * (1.0 + tanh((v + 1.2) * (1.0 / 18.0)))
    ions = 4.4 * m * (v - 120.0) + 8.0 * w * (v + 84.0) + 2.0 * (v + 60.0)
    rate = 0.04 * cosh((v - 2.0) * (1.0 / 60.0))
    w_inf = 0.5 * (1.0 + tanh((v - 2.0) * (1.0 / 30.0)))
    return (current - ions) * (1.0 / 20.0), rate * (w_inf - w)


@njit
def _morris_lecar_decay(x):
    v, w = x
    m = 0.5 * (1.0 + tanh((v + 1.2) * (1.0 / 18.0)))
    rate = 0.04 * cosh((v - 2.0) * (1.0 / 60.0))
    return (4.4 * m + 8.0 * w + 2.0) * (1.0 / 20.0), rate


@njit
def _fitzhugh_nagumo(x, current):
    v, w = x
    return v - v * v * v * (1.0 / 3.0) - w + current, (v + 0.7 - 0.8 * w) * (1.0 / 12.5)


@njit
def _hindmarsh_rose(x, current):
    v, w, u = x
    dv = w + (3.0 - v) * v * v - u + current
    return dv, 1.0 - 5.0 * v * v - w, 0.006 * (4.0 * (v + 1.6) - u)


cells: dict[str, Cell] = {
    "LIF": Cell(
        (-75.0,),
        300.0,
        _lif,
        njit(lambda x: (0.1,)),
        fires=njit(lambda x: x[0] >= -55.0),
        reset=njit(lambda x: (-75.0,)),
        hold=2.0,
    ),
    "IF": Cell(
        (-75.0,),
        100.0,
        _if,
        njit(lambda x: (0.0,)),
        fires=njit(lambda x: x[0] >= -55.0),
        reset=njit(lambda x: (-75.0,)),
        hold=2.0,
    ),
    "QIF": Cell(
        (-75.0,),
        100.0,
        _qif,
        None,
        fires=njit(lambda x: x[0] >= 0.0),
        reset=njit(lambda x: (-75.0,)),
    ),
    "EIF": Cell(
        (-75.0,),
        300.0,
        _eif,
        njit(lambda x: (0.1,)),
        fires=njit(lambda x: x[0] >= 0.0),
        reset=njit(lambda x: (-75.0,)),
        hold=2.0,
    ),
    "AdEx": Cell(
        (-70.6, 0.0),
        800.0,
        _adex,
        njit(lambda x: (30.0 / 281.0, 1.0 / 144.0)),
        fires=njit(lambda x: x[0] >= 20.0),
        reset=njit(lambda x: (-70.6, x[1] + 80.5)),
    ),
    "Izhikevich": Cell(
        (-65.0, -13.0),
        10.0,
        _izhikevich,
        njit(lambda x: (0.0, 0.02)),
        fires=njit(lambda x: x[0] >= 30.0),
        reset=njit(lambda x: (-65.0, x[1] + 8.0)),
    ),
    "AdaptiveQuadratic": Cell(
        (-60.0, 0.0),
        70.0,
        _adaptive_quadratic,
        njit(lambda x: (0.0, 0.03)),
        fires=njit(lambda x: x[0] >= 35.0),
        reset=njit(lambda x: (-50.0, x[1] + 100.0)),
    ),
    "HodgkinHuxley": Cell(
        (-65.0, 0.05293, 0.59612, 0.31768), 10.0, _hodgkin_huxley, _hodgkin_huxley_decay
    ),
    "MorrisLecar": Cell((-60.0, 0.0158), 100.0, _morris_lecar, _morris_lecar_decay),
    "FitzHughNagumo": Cell(
        (-1.2, -0.625), 0.5, _fitzhugh_nagumo, njit(lambda x: (0.0, 0.8 / 12.5))
    ),
    "HindmarshRose": Cell(
        (-1.6, -11.8, 0.0), 2.0, _hindmarsh_rose, njit(lambda x: (0.0, 1.0, 0.006))
    ),
}
"""Every cell with a reference, by the class name of its model; default parameters."""


@cache
def loop(name: str, method: str) -> Callable[[np.ndarray, float], np.ndarray]:
    """The compiled loop of a cell: (current (T,), dt) -> states (T + 1, S)."""
    cell = cells[name]
    size = len(cell.start)
    step = _steps[method](
        cell.derivatives, cell.decay_rates, _along[size], _times[size], _lengths[size]
    )
    start = cell.start
    if cell.fires is None:

        @njit
        def smooth(current, dt):
            rows = np.empty((current.size + 1, size))
            x = start
            for i in range(size):
                rows[0, i] = x[i]
            for k in range(current.size):
                x = step(x, current[k], dt)
                for i in range(size):
                    rows[k + 1, i] = x[i]
            return rows

        return smooth

    fires, reset, hold = cell.fires, cell.reset, cell.hold

    @njit
    def spiking(current, dt):
        rows = np.empty((current.size + 1, size))
        x = start
        held = 0.0
        for i in range(size):
            rows[0, i] = x[i]
        for k in range(current.size):
            if held > 0.0:
                held -= dt
            else:
                x = step(x, current[k], dt)
                if fires(x):
                    x = reset(x)
                    held = hold - 0.5 * dt
            for i in range(size):
                rows[k + 1, i] = x[i]
        return rows

    return spiking


def _euler(f, rates, along, times, lengths):
    @njit
    def step(x, current, h):
        return along(x, h, f(x, current))

    return step


def _midpoint(f, rates, along, times, lengths):
    @njit
    def step(x, current, h):
        return along(x, h, f(along(x, 0.5 * h, f(x, current)), current))

    return step


def _rk4(f, rates, along, times, lengths):
    @njit
    def step(x, current, h):
        k1 = f(x, current)
        k2 = f(along(x, 0.5 * h, k1), current)
        k3 = f(along(x, 0.5 * h, k2), current)
        k4 = f(along(x, h, k3), current)
        total = along(along(k1, 2.0, along(k2, 1.0, k3)), 1.0, k4)
        return along(x, h / 6.0, total)

    return step


def _exponential_euler(f, rates, along, times, lengths):
    @njit
    def step(x, current, h):
        return along(x, 1.0, times(f(x, current), lengths(rates(x), h)))

    return step


@njit
def _length(rate, h):
    return h if rate == 0.0 else (1.0 - exp(-rate * h)) / rate


_along = {
    1: njit(lambda x, h, k: (x[0] + h * k[0],)),
    2: njit(lambda x, h, k: (x[0] + h * k[0], x[1] + h * k[1])),
    3: njit(lambda x, h, k: (x[0] + h * k[0], x[1] + h * k[1], x[2] + h * k[2])),
    4: njit(lambda x, h, k: (x[0] + h * k[0], x[1] + h * k[1], x[2] + h * k[2], x[3] + h * k[3])),
}
"""x + h k, for tuples of each size."""

_times = {
    1: njit(lambda x, y: (x[0] * y[0],)),
    2: njit(lambda x, y: (x[0] * y[0], x[1] * y[1])),
    3: njit(lambda x, y: (x[0] * y[0], x[1] * y[1], x[2] * y[2])),
    4: njit(lambda x, y: (x[0] * y[0], x[1] * y[1], x[2] * y[2], x[3] * y[3])),
}

_lengths = {
    1: njit(lambda r, h: (_length(r[0], h),)),
    2: njit(lambda r, h: (_length(r[0], h), _length(r[1], h))),
    3: njit(lambda r, h: (_length(r[0], h), _length(r[1], h), _length(r[2], h))),
    4: njit(lambda r, h: (_length(r[0], h), _length(r[1], h), _length(r[2], h), _length(r[3], h))),
}
"""Effective step lengths of exponential Euler."""


_steps = {
    "euler": _euler,
    "midpoint": _midpoint,
    "rk4": _rk4,
    "exponential-euler": _exponential_euler,
}
