"""Firing as simulation finds it: seeds for orbits, and the sweeps up and down of reset models."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from ..simulate import start_state
from . import batch
from .collocation import DEGREE, INTERVALS, Orbit
from .family import Family
from .rest import resting_state
from .tally import Tally, rate

_DURATION = 1000.0
"""ms of a search for firing; half of it is transient."""

_VALUES = 32
"""Values of the parameter at which smooth models are looked at, from two starts each: as many
lanes as cost no more than a few."""

_HIGH = 0.75
"""The second start has its voltage this far up its span."""

_SWEEP_VALUES = 41
_SWEEP_DURATION = 400.0
_BISECTIONS = 14
_APPROACHES = 6
"""Values at which firing is measured between an end and the value of the sweep next to it."""
_PATIENCE = 5
"""How many times longer a bisection waits: intervals grow without bound near some ends."""


class Firing(NamedTuple):
    """Firing of a reset model along one direction of the parameter.

    Attributes
    ----------
    free : (n,) ascending values at which it fires.
    low, high : (n, 2) least state, and the spike level, of states[0].
    period : (n,) mean interval, ms.
    begins, ends : the least and the greatest value at which it fires, located by bisection.
    """

    free: np.ndarray
    low: np.ndarray
    high: np.ndarray
    period: np.ndarray
    begins: float
    ends: float


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


def sweeps(family: Family, watch: Callable[[], None]) -> tuple[Firing | None, Firing | None]:
    """Firing of a reset model while the parameter climbs and while it falls, state carried along.

    Returns
    -------
    up, down : None where it does not fire.
    """
    values = np.linspace(family.low, family.high, _SWEEP_VALUES)
    start = np.stack([_start(family, values[0]), _start(family, values[-1])], axis=1)
    states = [start]
    rates = []
    for i in range(values.size):
        watch()
        pair = np.array([values[i], values[-1 - i]])
        rate, _, end = _fire(family, pair, states[-1], 1)
        # A run that blew up or drifted off would poison the rest of the sweep.
        states.append(np.where(_within_reach(family, end) | (rate > 0.0), end, start))
        rates.append(rate)
    fires = np.array(rates) > 0.0
    up = _firing(family, values, fires[:, 0], [s[:, 0] for s in states], watch)
    down = _firing(family, values[::-1], fires[:, 1], [s[:, 1] for s in states], watch)
    return up, down


def _within_reach(family: Family, states: np.ndarray) -> np.ndarray:
    """Which states (S, N) have a voltage no further than a span from those that a cell shows."""
    low, high = family.cell.states[0].span
    away = np.abs(states[0] - 0.5 * (low + high))
    return np.isfinite(states).all(axis=0) & (away <= 1.5 * (high - low))


def _firing(
    family: Family,
    values: np.ndarray,
    fires: np.ndarray,
    states: list[np.ndarray],
    watch: Callable[[], None],
) -> Firing | None:
    """One direction of a sweep: what fired, with its ends bisected.

    Parameters
    ----------
    values, fires : (n,) in the direction of the sweep.
    states : n + 1 states (S,) before, between and after the values.
    """
    if not fires.any():
        return None
    # The longest stretch of firing, in the direction of the sweep.
    edges = np.flatnonzero(np.diff(np.concatenate([[0], fires.astype(int), [0]])))
    stretches = edges.reshape(-1, 2)
    first, after = (int(edge) for edge in stretches[np.argmax(np.ptp(stretches, axis=1))])
    # The sweep is short: its silent neighbours may only fire slowly.
    while first > 0 and _fires_slowly(family, values[first - 1], states[first - 1]):
        first -= 1
    while after < values.size and _fires_slowly(family, values[after], states[after]):
        after += 1
    begin, end = values[first], values[after - 1]
    if first > 0:
        begin = _bisect(family, values[first - 1], values[first], states[first], False, watch)
    if after < values.size:
        end = _bisect(family, values[after - 1], values[after], states[after], True, watch)
    # Measured from where the sweep left each value, so that nothing is on its way there any more.
    left = np.stack(states[first + 1 : after + 1], axis=1)
    approach = [_approach(values[first], begin), _approach(values[after - 1], end)]
    free = np.concatenate([values[first:after], *approach])
    begun = [np.repeat(left[:, [i]], _APPROACHES, axis=1) for i in (0, -1)]
    initial = np.concatenate([left, *begun], axis=1)
    lanes = np.resize(np.arange(free.size), _SWEEP_VALUES + 2 * _APPROACHES)
    watch()
    rate, low, _ = _fire(family, free[lanes], initial[:, lanes], _PATIENCE)
    found, at = np.unique(free, return_index=True)
    kept = rate[at] > 0.0
    if not kept.any():
        return None
    free, rate, low = found[kept], rate[at][kept], low[at][kept]
    begins, ends = sorted((float(begin), float(end)))
    high = np.array(
        [_spike_level(family, value, level) for value, level in zip(free, low, strict=True)]
    )
    return Firing(free, low, high, 1e3 / rate, begins, ends)


def _approach(inside: float, end: float) -> np.ndarray:
    """Values (`_APPROACHES`,) ever nearer to an end of firing, where the period may grow fast."""
    return end + (inside - end) * 0.25 ** np.arange(1.0, _APPROACHES + 1.0)


def _fires_slowly(family: Family, value: float, state: np.ndarray) -> bool:
    """Whether a longer run from a state (S,) fires."""
    rate, _, _ = _fire(family, np.array([value]), state[:, None], _PATIENCE)
    return bool(rate[0] > 0.0)


def _starts_firing(family: Family, value: float, state: np.ndarray) -> tuple[bool, np.ndarray]:
    """Whether a cell fires from a state (S,), and the state at the end of a longer run.

    What has one state, has no rest and still climbs will fire, however long it takes.
    """
    rate, _, end = _fire(family, np.array([value]), state[:, None], _PATIENCE)
    end = end[:, 0]
    if rate[0] > 0.0 or end.size > 1 or not np.isfinite(end).all():
        return bool(rate[0] > 0.0), end
    cell, current = family.at(float(value))
    climbs = float(cell.derivatives(jnp.asarray(end), jnp.asarray(current), cell.p)[0]) > 0.0
    return climbs and resting_state(cell, current) is None, end


def _bisect(
    family: Family,
    before: float,
    after: float,
    state: np.ndarray,
    fires_before: bool,
    watch: Callable[[], None],
) -> float:
    """The value between two of a sweep at which firing begins or ends, from the state before."""
    precision = abs(after - before) * 0.5**_BISECTIONS
    for _ in range(_BISECTIONS):
        watch()
        middle = 0.5 * (before + after)
        fires, end = _starts_firing(family, middle, state)
        if fires == fires_before:
            before = middle
            if np.isfinite(end).all():
                state = end
        else:
            after = middle
    # No digits beyond those that were found: firing begins at 0, not at 0.0003.
    return round(before if fires_before else after, -math.ceil(math.log10(precision)))


def _fire(
    family: Family, values: np.ndarray, states: np.ndarray, patience: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rates (N,), least voltages (N,) and final states (S, N) at some values."""
    duration = patience * _SWEEP_DURATION
    rate, low, end = batch.run(
        family.cell,
        {family.parameter: values},
        _rate_low_and_end,
        duration=duration,
        dt=batch.step_length(family.cell),
        current=family.current,
        transient=0.5 * duration,
        initial=states,
        dtype=np.float64,
    )
    return rate, low, end


def _start(family: Family, value: float) -> np.ndarray:
    """Where a sweep starts: at rest if there is a rest."""
    cell, current = family.at(float(value))
    rest = resting_state(cell, current)
    return start_state(cell, None) if rest is None else rest


def _spike_level(family: Family, value: float, low: float) -> float:
    """The voltage at which a spike is cut off."""
    cell, _ = family.at(float(value))
    x = start_state(cell, None)
    x[0] = low
    return low - float(cell.threshold(x, cell.p))  # type: ignore[arg-type]


def _rate_and_end(tally: Tally) -> tuple[Any, Any]:
    return rate(tally), tally.end


def _rate_low_and_end(tally: Tally) -> tuple[Any, Any, Any]:
    return rate(tally), tally.low, tally.end
