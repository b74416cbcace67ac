"""Kicks to a running simulation: how much earlier each makes the spikes that follow."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..integrators import flow, rk4, spiking_step
from ..model import Array, NeuronModel
from . import batch
from .features import peak_indices

_STEPS = 2000
"""Steps to a period of a simulation that is kicked."""

_FINE_STEPS = 32_000
"""Steps from spike to spike where the period is worked out: the time of a spike that explodes is
known to half a percent of one."""

_TURNS = 8
"""Periods after which a kick counts as forgotten by everything but the phase. Where the voltage
is the only state, the first spike forgets it; what a reset model's other states still remember
is small by then, and followed to its end by the slopes of the map from spike to spike."""

_PROBE = 1e-4
"""Distance, in spans, of the neighbours that tell the slopes of the map from spike to spike."""

_SAME = 1e-8
"""States at two spikes this close, in spans, are one."""

_CORRECTIONS = 20
"""Newton steps in which the state at the spikes of periodic firing must be found."""

PATIENCE = (1000.0, 8000.0)
"""ms of simulation in which periodic firing must show; the second is tried if the first fails."""

_FINER = 10.0
"""How many times shorter steps are tried where spikes do not seem periodic."""


class Periodic(NamedTuple):
    """Periodic firing of a reset model."""

    period: float
    """ms"""
    landing: np.ndarray
    """(S,) the state right after the reset."""
    tail: np.ndarray
    """(S - 1,) by how much, in ms, all later spikes together are late, per unit by which each
    state but the voltage is off at one spike."""


def steady_spiking(cell: NeuronModel, current: float) -> Periodic:
    """The periodic firing in which a reset model ends up."""
    refusal = (
        f"`current` is {current:g}, where {type(cell).__name__} does not fire periodically: "
        "choose a current at which it does."
    )
    short, long = PATIENCE
    step = batch.step_length(cell)
    # Where a spike is steep, long steps tell its time to no more than a part of them.
    for duration, dt in ((short, step), (short, step / _FINER), (long, step)):
        run = cell.simulate(current, duration, dt)
        spikes = run.spike_times
        if spikes.size > 3 and spikes[-1] > 0.5 * duration:
            intervals = np.diff(spikes)[-3:]
            if np.ptp(intervals) < 1e-3 * intervals.mean():
                break
    else:
        raise ValueError(refusal)
    peak = peak_indices(run)[-1]
    at = np.array([run.states[name][peak] for name in cell.state_names()])
    found = _periodic(cell, current, at, float(intervals[-1]))
    if found is None:
        raise ValueError(refusal)
    return found


def _periodic(cell: NeuronModel, current: float, at: np.ndarray, period: float) -> Periodic | None:
    """Periodic firing near the state `at` (S,) of one spike, None if there is none that lasts."""
    numbers = (cell.packed(), np.float64(current))
    spans = np.array([state.span[1] - state.span[0] for state in cell.states])
    others = at.size - 1
    probes = _PROBE * np.diag(spans)[1:]
    beside = np.concatenate([np.zeros((1, at.size)), probes, -probes])
    step = np.float64(period / _FINE_STEPS)
    for _ in range(_CORRECTIONS):
        intervals, after, landing = jax.device_get(
            _spike_to_spike(type(cell), cell.chosen(), at + beside, *numbers, step)
        )
        if not np.isfinite(intervals).all():
            return None
        ahead, behind = slice(1, others + 1), slice(others + 1, None)
        width = 2.0 * _PROBE * spans[1:]
        slopes = ((after[ahead, 1:] - after[behind, 1:]) / width[:, None]).T
        longer = (intervals[ahead] - intervals[behind]) / width
        away = np.eye(others) - slopes
        change = np.linalg.lstsq(away, after[0, 1:] - at[1:], rcond=None)[0]
        if (np.abs(change) <= _SAME * spans[1:]).all():
            break
        at = np.concatenate([after[0, :1], at[1:] + change])
    else:
        return None
    if others and np.abs(np.linalg.eigvals(slopes)).max() >= 1.0:
        return None  # neighbours leave it: the cell does something else in the long run
    tail = np.linalg.lstsq(away.T, longer, rcond=None)[0]
    return Periodic(float(intervals[0]), landing[0], tail)


@partial(jax.jit, static_argnames=("model", "chosen"))
def _spike_to_spike(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    at: Array,
    packed: Array,
    current: Array,
    step: Array,
) -> tuple[Array, Array, Array]:
    """From the states (L, S) at spikes to the next: intervals (L,), NaN where none follows, the
    states (L, S) at the next spikes, and those (L, S) right after the first."""
    p = model.unpack(packed, chosen)

    def one_lane(at: Array) -> tuple[Array, Array, Array]:
        def one(carry: tuple[Any, ...]) -> tuple[Any, ...]:
            x, held, k, _, _ = carry
            made = spiking_step(model, rk4, x, held, current, step, p)
            when = jnp.where(made.crossing >= 0.0, k * step + made.crossing, jnp.nan)
            return made.x, made.held, k + 1.0, when, made.shown

        def going(carry: tuple[Any, ...]) -> Array:
            return jnp.isnan(carry[3]) & (carry[2] < 4.0 * _FINE_STEPS)

        landing = model.reset(at, p)
        pause = jnp.asarray(model.refractory(p)) * 1.0
        begin = (landing, pause, jnp.zeros(()), jnp.full((), jnp.nan), at)
        _, _, _, when, shown = lax.while_loop(going, one, begin)
        return when, shown, landing

    return lax.map(one_lane, at)


def small_kick(cell: NeuronModel, x: np.ndarray, current: float) -> float:
    """A charge that moves states[0] by a thousandth of its span.

    Opposite kicks are compared, so its square is the error; a smaller one would show the limited
    accuracy with which the time of an explosive spike is known.
    """
    span = cell.states[0].span
    moves = float(jnp.abs(_charge(type(cell), cell.p, jnp.asarray(x), jnp.asarray(current))[0]))
    return 1e-3 * (span[1] - span[0]) / max(moves, 1e-12)


def _charge(model: type[NeuronModel], p: object, x: Array, current: Array) -> Array:
    """What a unit of charge does to the states (S,)."""
    return jax.jvp(lambda i: model.derivatives(x, i, p), (current,), (jnp.ones(()),))[1]


@partial(jax.jit, static_argnames=("model", "chosen"))
def kicked(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    phases: Array,
    start: Array,
    packed: Array,
    current: Array,
    period: Array,
    kick: Array,
    level: Array,
) -> tuple[Array, Array]:
    """Half the difference that opposite kicks at the phases make to a late spike, per charge: by
    how much it is earlier (n,), and the change of the state (n, S) there."""
    p = model.unpack(packed, chosen)
    current = jnp.asarray(current)
    turns = _TURNS if len(model.states) > 1 else 1
    steps = _STEPS * (_TURNS // turns)  # as many in all: the time of a steep spike gains
    step = period / steps

    def advance(x: Array, held: Array, h: Array) -> tuple[Array, Array, Array, Array]:
        """One step: state, refractory time, the time of a spike in it or -1, the state then."""
        if model.resets():
            made = spiking_step(model, rk4, x, held, current, h, p)
            return made.x, made.held, made.crossing, made.shown
        here = flow(model, current, p)
        end = rk4(here, x, h)
        crosses = (x[0] < level) & (end[0] >= level)

        def halve(_: Array, ends: tuple[Array, Array]) -> tuple[Array, Array]:
            middle = 0.5 * (ends[0] + ends[1])
            early = rk4(here, x, middle)[0] < level
            return jnp.where(early, middle, ends[0]), jnp.where(early, ends[1], middle)

        when = lax.cond(
            crosses,
            lambda: lax.fori_loop(0, 45, halve, (jnp.zeros(()), h))[1],
            lambda: jnp.full((), -1.0),
        )
        return end, held, when, end

    def approached(phase: Array) -> tuple[Array, Array]:
        count = jnp.maximum(jnp.ceil(phase * steps), 1.0)
        before = phase * period / count

        def approach(_: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
            return advance(*carry, before)[:2]

        pause = jnp.asarray(model.refractory(p)) * 1.0
        return lax.fori_loop(0, count.astype(int), approach, (start, pause))

    def last_spike(x: Array, held: Array, charge: Array) -> tuple[Array, Array]:
        push = charge * _charge(model, p, x, current)
        # While a cell is refractory the current does not move its voltage.
        x = x + push.at[0].multiply(jnp.where(held > 0.0, 0.0, 1.0))

        def one(carry: tuple[Any, ...]) -> tuple[Any, ...]:
            x, held, t, count, last, peak = carry
            x, held, when, shown = advance(x, held, step)
            fired = when >= 0.0
            return (
                x,
                held,
                t + step,
                count + fired.astype(jnp.int32),
                jnp.where(fired, t + when, last),
                jnp.where(fired, shown, peak),
            )

        def going(carry: tuple[Any, ...]) -> Array:
            return (carry[3] < turns) & (carry[2] < 3.0 * turns * period)

        zero = jnp.zeros(())
        begin = (x, held, zero, jnp.zeros((), jnp.int32), zero, x)
        return lax.while_loop(going, one, begin)[4:]

    def one_phase(phase: Array) -> tuple[Array, Array]:
        x, held = approached(phase)
        late, before = last_spike(x, held, -kick)
        early, after = last_spike(x, held, kick)
        return (late - early) / (2.0 * kick), (after - before) / (2.0 * kick)

    return lax.map(one_phase, phases)
