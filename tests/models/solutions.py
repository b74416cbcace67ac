"""Independent solutions: the base models written out in NumPy, solved by SciPy to 1e-12.

Spikes of reset models are located by SciPy's event search. Nothing here comes from `models`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp

Derivatives = Callable[[float, np.ndarray], list[float]]


def lif(current: float, tau_m=10.0, R=100.0, v_rest=-75.0) -> Derivatives:
    return lambda t, x: [(v_rest - x[0] + 1e-3 * R * current) / tau_m]


def izhikevich(current: float, a=0.02, b=0.2) -> Derivatives:
    return lambda t, x: [
        0.04 * x[0] ** 2 + 5.0 * x[0] + 140.0 - x[1] + current,
        a * (b * x[0] - x[1]),
    ]


def squid_rates(v: float) -> np.ndarray:
    """Opening and closing rates (3, 2) of m, h, n as printed, 6.3 °C, rest at -65 mV."""
    return np.array(
        [
            [0.1 * (v + 40) / (1 - np.exp(-(v + 40) / 10)), 4 * np.exp(-(v + 65) / 18)],
            [0.07 * np.exp(-(v + 65) / 20), 1 / (1 + np.exp(-(v + 35) / 10))],
            [0.01 * (v + 55) / (1 - np.exp(-(v + 55) / 10)), 0.125 * np.exp(-(v + 65) / 80)],
        ]
    )


def hodgkin_huxley(current: float, speed: float = 1.0) -> Derivatives:
    def derivatives(t: float, x: np.ndarray) -> list[float]:
        v, *gates = x
        m, h, n = gates
        ions = 120 * m**3 * h * (v - 50) + 36 * n**4 * (v + 77) + 0.3 * (v + 54.387)
        rates = speed * squid_rates(v)
        return [
            current - ions,
            *(o * (1 - x) - c * x for x, (o, c) in zip(gates, rates, strict=True)),
        ]

    return derivatives


def solve(derivatives: Derivatives, start: list[float], duration: float) -> np.ndarray:
    """The state (S,) after `duration` ms."""
    solved = solve_ivp(derivatives, (0.0, duration), start, method="DOP853", rtol=1e-12, atol=1e-12)
    return solved.y[:, -1]


def spike_times(
    derivatives: Derivatives,
    start: list[float],
    duration: float,
    peak: float,
    reset: Callable[[np.ndarray], list[float]],
) -> np.ndarray:
    """Spike times (n,) ms of a model that is reset whenever state 0 climbs to `peak`."""

    def excess(t: float, x: np.ndarray) -> float:
        return x[0] - peak

    excess.terminal = True
    excess.direction = 1
    times: list[float] = []
    t, x = 0.0, list(start)
    while True:
        solved = solve_ivp(
            derivatives, (t, duration), x, method="DOP853", rtol=1e-12, atol=1e-12, events=excess
        )
        if solved.status != 1:
            return np.array(times)
        t, x = float(solved.t[-1]), reset(solved.y[:, -1])
        times.append(t)
