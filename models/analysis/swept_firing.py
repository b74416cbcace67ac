"""The firing of reset models, as a sweep of the parameter up and down finds it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from ..simulate import start_state
from . import batch
from .family import Family
from .rest import resting_state
from .tally import Tally, rate

_SWEEP_VALUES = 41
_SWEEP_DURATION = 400.0
_BISECTIONS = 14
_APPROACHES = 6
"""Values at which firing is measured between an end and the value of the sweep next to it."""
_PATIENCE, _ENDURANCE = 5, 40
"""How many times longer a bisection waits: intervals grow without bound near some ends. And how
many times where that is not enough to measure what fires so slowly."""

_UNSEEN = 1e-3
"""Share of the range that may be left unmeasured at an end of firing."""

_NUDGE = 0.01
"""Part of its span by which the voltage is moved off a rest that is lost: on the dot it stays."""

_AT_REST = 0.02
"""A silent cell this near to a rest, in spans, has come to it."""


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


class Rest(NamedTuple):
    """A stable equilibrium over a range of the parameter.

    Attributes
    ----------
    free : (n,) ascending values, from one end of its stability to the other.
    x : (n, S) its state.
    """

    free: np.ndarray
    x: np.ndarray

    def at(self, value: float) -> np.ndarray | None:
        """The state (S,) at one value, None beyond the ends."""
        if not self.free[0] <= value <= self.free[-1]:
            return None
        return np.array([np.interp(value, self.free, column) for column in self.x.T])


def sweeps(
    family: Family, rests: Sequence[Rest], watch: Callable[[], None]
) -> tuple[Firing | None, Firing | None]:
    """Firing of a reset model while the parameter climbs and while it falls, state carried along.

    What rests is moved so slowly that it goes on resting until its rest is lost: the steps of the
    sweep would kick it out of a narrow basin before.

    Parameters
    ----------
    rests : the stable equilibria.

    Returns
    -------
    up, down : None where it does not fire.
    """
    values = np.linspace(family.low, family.high, _SWEEP_VALUES)
    start = np.stack([_start(family, values[0]), _start(family, values[-1])], axis=1)
    states = [start]
    rates = []
    resting: list[list[Rest | None]] = []
    for i in range(values.size):
        watch()
        pair = np.array([values[i], values[-1 - i]])
        begin = states[-1]
        if i:
            moved = [_moved(family, resting[-1][k], pair[k], begin[:, k]) for k in (0, 1)]
            begin = np.stack(moved, axis=1)
        rate, _, end = _fire(family, pair, begin, 1)
        # A run that blew up or drifted off would poison the rest of the sweep.
        sound = _within_reach(family, end) & np.isfinite(rate)
        states.append(np.where(sound | (rate > 0.0), end, start))
        rates.append(rate)
        resting.append(
            [
                None if rate[k] > 0.0 else _rest_at(family, rests, pair[k], states[-1][:, k])
                for k in (0, 1)
            ]
        )
    fires = np.array(rates) > 0.0
    up, down = (
        _firing(
            family,
            along,
            fires[:, k],
            [s[:, k] for s in states],
            [pair[k] for pair in resting],
            watch,
        )
        for k, along in ((0, values), (1, values[::-1]))
    )
    return up, down


def _moved(family: Family, rest: Rest | None, value: float, state: np.ndarray) -> np.ndarray:
    """Where a cell that was at `rest`, if at one, starts from at the next value (S,)."""
    if rest is None:
        return state
    settled = rest.at(value)
    if settled is not None:
        return settled
    low, high = family.cell.states[0].span
    return np.concatenate([[state[0] + _NUDGE * (high - low)], state[1:]])


def _rest_at(family: Family, rests: Sequence[Rest], value: float, state: np.ndarray) -> Rest | None:
    """The rest that a silent cell has come to, None if it is at none."""
    for rest in rests:
        settled = rest.at(value)
        if settled is not None:
            away = np.abs(settled - state) / family.numbers.scale[:-1]
            if away.max() < _AT_REST:
                return rest
    return None


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
    resting: list[Rest | None],
    watch: Callable[[], None],
) -> Firing | None:
    """One direction of a sweep: what fired, with its ends located.

    Firing begins where the rest before is lost; where there was none, and where it ends, by
    bisection.

    Parameters
    ----------
    values, fires : (n,) in the direction of the sweep.
    states : n + 1 states (S,) before, between and after the values.
    resting : n rests, at which the cell was at the end.
    """
    if not fires.any():
        return None
    # The longest stretch of firing, in the direction of the sweep.
    edges = np.flatnonzero(np.diff(np.concatenate([[0], fires.astype(int), [0]])))
    stretches = edges.reshape(-1, 2)
    first, after = (int(edge) for edge in stretches[np.argmax(np.ptp(stretches, axis=1))])
    # The sweep is short: its silent neighbours may only fire slowly.
    while (
        first > 0
        and resting[first - 1] is None
        and _fires_slowly(family, values[first - 1], states[first - 1])
    ):
        first -= 1
    while after < values.size and _fires_slowly(family, values[after], states[after]):
        after += 1
    begin, end = values[first], values[after - 1]
    lost = None if first == 0 else _lost(resting[first - 1], values[first - 1], values[first])
    if lost is not None:
        begin = lost
    elif first > 0:
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
    found, at = np.unique(free, return_index=True)
    for patience in (_PATIENCE, _ENDURANCE):
        watch()
        rate, low, _ = _fire(family, free[lanes], initial[:, lanes], patience)
        kept = rate[at] > 0.0
        reach = [begin, end, *found[kept]] if kept.any() else [begin, end, np.inf]
        gaps = np.diff(np.sort(reach))[[0, -1]]
        if gaps.max() < _UNSEEN * (family.high - family.low):
            break
    if not kept.any():
        return None
    free, rate, low = found[kept], rate[at][kept], low[at][kept]
    begins, ends = sorted((float(begin), float(end)))
    high = np.array(
        [_spike_level(family, value, level) for value, level in zip(free, low, strict=True)]
    )
    return Firing(free, low, high, 1e3 / rate, begins, ends)


def _lost(rest: Rest | None, before: float, after: float) -> float | None:
    """Where a rest is lost between two values of a sweep, None if it is not."""
    if rest is None:
        return None
    end = float(rest.free[-1] if after > before else rest.free[0])
    return end if min(before, after) <= end <= max(before, after) else None


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


def _rate_low_and_end(tally: Tally) -> tuple[Any, Any, Any]:
    return rate(tally), tally.low, tally.end
