"""What fires of a model without reset, as simulation finds it: seeds for orbits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..simulate import start_state
from . import batch
from .collocation import DEGREE, INTERVALS, Orbit
from .family import Family
from .tally import Tally, rate

_DURATION = 1000.0
"""ms of a search for firing; half of it is transient."""

_VALUES = 32
"""Values of the parameter at which smooth models are looked at, from two starts each: as many
lanes as cost no more than a few."""

_HIGH = 0.75
"""The second start has its voltage this far up its span."""


class Seed(NamedTuple):
    """What fires at one value of the parameter.

    Attributes
    ----------
    free : the value.
    period : the mean interval, ms. Whether it is a period is for the solver to find out.
    state : (S,) a state it passes.
    """

    free: float
    period: float
    state: np.ndarray


def seeds(family: Family, special: Sequence[float]) -> list[Seed]:
    """What fires of a model without reset over the range of the parameter.

    What a model can do changes only at special values. Between any two of them it is looked at,
    so that no firing is missed for living in a narrow range, and at even distances.

    Parameters
    ----------
    special : values at which equilibria or cycles come, go or change stability.
    """
    inside = [value for value in special if family.low < value < family.high]
    edges = np.unique([family.low, *inside, family.high])
    widest_first = np.argsort(-np.diff(edges), kind="stable")
    middles = (0.5 * (edges[1:] + edges[:-1]))[widest_first][: _VALUES // 2]
    even = np.linspace(family.low, family.high, _VALUES - middles.size)
    values = np.tile(np.concatenate([middles, even]), 2)
    starts = np.repeat(_starts(family), _VALUES, axis=1)
    return fires(family, values, _DURATION, starts)


def fires(
    family: Family, values: np.ndarray, duration: float, initial: np.ndarray | None = None
) -> list[Seed]:
    """What fires at some values (N,) in the second half of `duration` ms, from the model's initial
    state or from `initial` (S, N)."""
    rates, ends = batch.run(
        family.cell,
        {family.parameter: values},
        _rate_and_end,
        duration=duration,
        dt=batch.step_length(family.cell),
        current=family.current,
        transient=0.5 * duration,
        initial=initial,
        dtype=np.float64,
    )
    return [
        Seed(float(value), 1e3 / float(rate), end)
        for value, rate, end in zip(values, rates, ends.T, strict=True)
        if rate > 0.0
    ]


def still_fires(family: Family, seen: Sequence[Seed]) -> list[Seed]:
    """Which of some seeds go on for as long again: an orbit that only comes to rest slowly is none
    of them."""
    if not seen:
        return []
    lanes = [seen[k % len(seen)] for k in range(2 * _VALUES)]  # as many as compiled for
    values = np.array([seed.free for seed in lanes])
    states = np.stack([seed.state for seed in lanes], axis=1)
    going = {seed.free for seed in fires(family, values, 2.0 * _DURATION, states)}
    return [seed for seed in seen if seed.free in going]


def rough_orbit(family: Family, seed: Seed) -> Orbit:
    """One interval of what fires, as a first guess of a periodic orbit."""
    cell, current = family.at(seed.free)
    start = dict(zip(cell.state_names(), (float(v) for v in seed.state), strict=True))
    dt = min(batch.step_length(cell), seed.period / 500.0)
    run = cell.simulate(current, seed.period, dt, initial=start)
    when = np.arange(INTERVALS * DEGREE) / (INTERVALS * DEGREE) * run.duration
    nodes = np.stack([np.interp(when, run.time, x) for x in run.states.values()], axis=1)
    return Orbit(nodes, np.linspace(0.0, 1.0, INTERVALS + 1), seed.period, seed.free)


def _starts(family: Family) -> np.ndarray:
    """Two states (S, 2) from which firing is looked for: the model's own and a depolarised one,
    from where a cell may fire that stays at rest if it is there."""
    cell, _ = family.at(0.5 * (family.low + family.high))
    own = start_state(cell, None)
    low, high = cell.states[0].span
    raised = np.concatenate([[low + _HIGH * (high - low)], own[1:]])
    return np.stack([own, raised], axis=1)


def _rate_and_end(tally: Tally) -> tuple[Any, Any]:
    return rate(tally), tally.end
