"""Many cells and whole diagrams: f-I curves, atlas, thresholds, phase response, bifurcations.

`time` is warm, each call with a parameter changed; `bound` is what we aim at on two idle cores.
`numba` is the atlas written by hand for both cores: float32, Euler, reset on the grid, spikes
counted; ours takes half as many steps of the midpoint rule and locates each spike within its step.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

import models
from models import analysis

from .timing import medians, print_table

_CURRENTS = 200
_SIDE = 100

BOUNDS = {
    "f-I, 200 Izhikevich x 1 s": "5",
    "f-I, 200 Hodgkin-Huxley x 1 s": "150",
    "atlas, 100 x 100 Izhikevich x 500 ms": "20",
    "the same by hand in numba": "",
    "bifurcation, Hodgkin-Huxley 0-200": "2000",
    "bifurcation, Morris-Lecar": "300",
    "bifurcation, FitzHugh-Nagumo": "300",
    "bifurcation, Izhikevich": "300",
    "rheobase, Hodgkin-Huxley": "",
    "strength-duration, Hodgkin-Huxley": "",
    "phase response, Hodgkin-Huxley": "",
    "phase response by kicks, Izhikevich": "",
}


def report() -> None:
    times = medians(_calls(), rounds=7)
    rows = [[name, f"{times[name]:.1f}", bound] for name, bound in BOUNDS.items()]
    print_table(["ms", "time", "bound"], rows)


def _calls() -> dict[str, Callable[[], Any]]:
    wiggle = itertools.cycle(1.0 + 0.001 * k for k in range(7))
    few, many = np.linspace(0.0, 40.0, _CURRENTS), np.linspace(0.0, 180.0, _CURRENTS)
    squid, simple = models.HodgkinHuxley(), models.Izhikevich()
    a = np.linspace(0.01, 0.1, _SIDE, dtype=np.float32)
    b = np.linspace(0.15, 0.3, _SIDE, dtype=np.float32)
    rows, columns = np.repeat(b, _SIDE), np.tile(a, _SIDE)

    def diagram(cell: models.NeuronModel) -> Callable[[], Any]:
        high = {"HodgkinHuxley": 200.0, "MorrisLecar": 250.0, "FitzHughNagumo": 2.0}
        top = high.get(type(cell).__name__, 20.0)
        return lambda: analysis.bifurcation(cell, "current", (0.0, top * next(wiggle)))

    return {
        "f-I, 200 Izhikevich x 1 s": lambda: analysis.fi_curve(simple, few * next(wiggle)),
        "f-I, 200 Hodgkin-Huxley x 1 s": lambda: analysis.fi_curve(squid, many * next(wiggle)),
        "atlas, 100 x 100 Izhikevich x 500 ms": lambda: analysis.atlas(
            simple, ("a", 0.01, 0.1, _SIDE), ("b", 0.15, 0.3, _SIDE), current=10.0 * next(wiggle)
        ),
        "the same by hand in numba": lambda: _by_hand(columns, rows, np.float32(10.0)),
        "bifurcation, Hodgkin-Huxley 0-200": diagram(squid),
        "bifurcation, Morris-Lecar": diagram(models.MorrisLecar()),
        "bifurcation, FitzHugh-Nagumo": diagram(models.FitzHughNagumo()),
        "bifurcation, Izhikevich": diagram(simple),
        "rheobase, Hodgkin-Huxley": lambda: analysis.rheobase(squid),
        "strength-duration, Hodgkin-Huxley": lambda: analysis.strength_duration(
            squid, np.array([0.1, 0.5, 2.0, 10.0]) * next(wiggle)
        ),
        "phase response, Hodgkin-Huxley": lambda: analysis.phase_response(
            squid, 10.0 * next(wiggle)
        ),
        "phase response by kicks, Izhikevich": lambda: analysis.phase_response(
            simple, 10.0 * next(wiggle)
        ),
    }


@numba.njit(parallel=True, fastmath=True)  # type: ignore[untyped-decorator]
def _by_hand(a: np.ndarray, b: np.ndarray, current: np.float32) -> np.ndarray:
    counts = np.zeros(a.size, dtype=np.int32)
    h = np.float32(0.1)
    for i in numba.prange(a.size):
        v, u = np.float32(-65.0), np.float32(-65.0) * b[i]
        for _ in range(5000):
            if v >= np.float32(30.0):
                v, u = np.float32(-65.0), u + np.float32(8.0)
                counts[i] += 1
            dv = (np.float32(0.04) * v + np.float32(5.0)) * v + np.float32(140.0) - u + current
            v, u = v + h * dv, u + h * a[i] * (b[i] * v - u)
    return counts
