"""The reset map: from the recovery after one spike to the recovery after the next.

Where a reset model lands after a spike decides what it does until the next one, so a single
function u_n -> u_n+1 holds its firing pattern: a stable fixed point is tonic firing, a stable
cycle of the map is bursting, and an orbit that never repeats is chaos (J. Touboul & R. Brette,
SIAM J. Appl. Dyn. Syst. 8 (2009) 1298).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..model import Array, NeuronModel
from ..simulate import start_state
from .given import constant_current, count, ends
from .orbits import FIRED, arrivals
from .spike_groups import in_ms

_REACH = 10.0
"""The flow is followed this many spans of the states beyond their middle."""

_PATIENCE = 1e4
"""ms after which a cell that has not fired is taken to be silent."""

_SPIKES = 200
"""Spikes after which an orbit that does not repeat is taken never to."""

_LONGEST_CYCLE = 95

_SAME, _OTHER = 1e-6, 1e-5
"""Recoveries this close, in spans of that state, are the same; those of a cycle are farther apart:
what still swings in towards a fixed point comes back after two spikes, but for a little."""

_PROBE = 1e-6
"""Distance, in spans, of the neighbours that tell the slope of the map."""

_NEIGHBOURS = 3
"""Orbits followed at once where one would do: a single compiled size serves all."""

_PAUSE = 2.0
"""A pause between bursts is at least this many times the shortest interval."""


@dataclass(frozen=True)
class MapPoint:
    """A fixed point of the reset map: the cell can fire with this recovery for ever.

    Attributes
    ----------
    u : the recovery right after each spike.
    slope : of the map there; between -1 and 1 if small perturbations die out.
    interval : between spikes, ms.
    """

    u: float
    slope: float
    interval: float

    @property
    def stable(self) -> bool:
        """Whether small perturbations die out from spike to spike."""
        return abs(self.slope) < 1.0


@dataclass(frozen=True, eq=False)
class ResetMap:
    """The reset map of a model under a constant current.

    Attributes
    ----------
    u : (n,) recovery right after a spike.
    next : (n,) recovery after the following spike; NaN where none follows.
    interval : (n,) ms between the two.
    fixed_points : where u = next.
    orbit : (k,) recoveries that the cell visits in turn when started from its initial state:
        those of the repeating cycle, or the last ones if it never repeats; empty when it falls
        silent.
    landing : (k, 2) the points of the phase plane at which it lands there.
    intervals : (k,) ms from each of them to the next spike.
    exponent : mean of log |slope| along the orbit: positive when neighbours are driven apart.
    spikes : how many the cell fires before it falls silent; None if it fires for ever.
    pattern : "silent", "phasic", "tonic", "bursting", "alternating" or "chaotic".
    why : one sentence on why that pattern follows.
    """

    u: np.ndarray
    next: np.ndarray = field(repr=False)
    interval: np.ndarray = field(repr=False)
    fixed_points: list[MapPoint]
    orbit: np.ndarray
    landing: np.ndarray = field(repr=False)
    intervals: np.ndarray = field(repr=False)
    exponent: float
    spikes: int | None
    pattern: str
    why: str


def reset_map(
    cell: NeuronModel,
    current: float = 10.0,
    ylim: tuple[float, float] | None = None,
    n: int = 200,
) -> ResetMap:
    """The reset map of a model with two states, and the firing pattern it leads to.

    Parameters
    ----------
    cell : a reset model with two states.
    current : constant current in the model's unit.
    ylim : range of the recovery; by default its span, widened to hold what the cell visits.
    n : points of the map.

    Returns
    -------
    ResetMap

    Raises
    ------
    ValueError
        If the model does not reset or has another number of states, `ylim` is no range, `current`
        no finite number, or `n` no whole number of 2 or more.
    """
    if not cell.resets() or len(cell.states) != 2:
        raise ValueError(
            f"{type(cell).__name__} has no reset map: it takes a model with two states and a reset."
        )
    n = count("n", n, 2, "points of the map")
    limits = None if ylim is None else ends("ylim", ylim)
    flight = _Flight(cell, constant_current(current))
    u, intervals, exponent, spikes = _settle(flight)
    landing = flight.landing(u)
    low, high = limits or _around(cell.states[1].span, landing[:, 1])
    # The map is worked out for the recovery at the spike, from which each landing follows.
    jump = flight.landing(np.array([low, high]))[:, 1] - np.array([low, high])
    at_spike = np.linspace(low - jump[0], high - jump[1], n)
    following, interval = flight.next(at_spike)
    points = _fixed_points(flight, at_spike, following)
    pattern = _pattern(u, intervals, exponent, spikes)
    return ResetMap(
        flight.landing(at_spike)[:, 1],
        flight.landing(following)[:, 1],
        interval,
        points,
        landing[:, 1],
        landing,
        intervals,
        exponent,
        spikes,
        pattern,
        _why(flight, pattern, points, landing, intervals, exponent, spikes),
    )


class _Flight:
    """From spike to spike: the recovery at one spike gives that at the next."""

    def __init__(self, cell: NeuronModel, current: float) -> None:
        self.cell = cell
        self.current = current
        spans = np.array([state.span for state in cell.states])
        middle, self.width = spans.mean(axis=1), spans[:, 1] - spans[:, 0]
        self.box = middle[:, None] + np.outer(self.width, [-_REACH, _REACH])
        self.pause = float(cell.refractory(cell.p))

    def landing(self, u: np.ndarray) -> np.ndarray:
        """The states (M, 2) after spikes at which the recovery was u (M,)."""
        if u.size == 0:
            return np.zeros((0, 2))
        return np.asarray(_landing(type(self.cell), self.cell.chosen(), u, self.cell.packed())).T

    def from_state(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Recovery (M,) at the next spike from states (M, 2), and the time (M,) until then."""
        time, x, end = arrivals(self.cell, self.current, x, self.box, _PATIENCE, 1e-11)
        fired = end == FIRED
        return np.where(fired, x[:, 1], np.nan), np.where(fired, time, np.nan)

    def next(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Recovery (M,) at the next spike from that at one spike, and the time between (M,)."""
        start = self.landing(u)
        sound = np.isfinite(start).all(axis=1)
        start = np.where(sound[:, None], start, self.box.mean(axis=1))
        if self.pause > 0.0:
            start = arrivals(
                self.cell, self.current, start, self.box, self.pause, 1e-11, paused=True
            )[1]
        following, time = self.from_state(start)
        return np.where(sound, following, np.nan), np.where(sound, time + self.pause, np.nan)

    def slope(self, u: float) -> tuple[float, float, float]:
        """The next recovery, the slope of the map, and the time until the next spike."""
        step = _PROBE * self.width[1]
        following, time = self.next(np.array([u - step, u, u + step]))
        return following[1], (following[2] - following[0]) / (2.0 * step), time[1]


@partial(jax.jit, static_argnames=("model", "chosen"))
def _landing(model: type[NeuronModel], chosen: tuple[str, ...], u: Array, packed: Array) -> Array:
    """The states (2, M) right after spikes with recovery u (M,)."""
    p = model.unpack(packed, chosen)

    def newton(_: int, v: Array) -> Array:
        excess, slope = jax.jvp(
            lambda v: model.threshold(jnp.stack([v, u]), p), (v,), (jnp.ones_like(v),)
        )
        return v - excess / slope

    v = lax.fori_loop(0, 4, newton, jnp.zeros_like(u))
    return model.reset(jnp.stack([v, u]), p)


def _settle(flight: _Flight) -> tuple[np.ndarray, np.ndarray, float, int | None]:
    """Recoveries at the spikes a cell ends up with, the intervals after them, the exponent of the
    orbit, and the number of spikes if it falls silent."""
    start = start_state(flight.cell, None)
    at = float(flight.from_state(np.tile(start, (_NEIGHBOURS, 1)))[0][0])
    visited, intervals, slopes = [at], [], []
    same = _SAME * flight.width[1]
    while np.isfinite(at) and len(visited) <= _SPIKES:
        at, slope, time = flight.slope(at)
        visited.append(at)
        intervals.append(time)
        slopes.append(np.log(max(abs(slope), 1e-12)) if np.isfinite(slope) else np.nan)
        period = _period(np.array(visited), same)
        if period:
            return (
                np.array(visited[-period - 1 : -1]),
                np.array(intervals[-period:]),
                float(np.mean(slopes[-period:])),
                None,
            )
    if not np.isfinite(at):
        return np.zeros(0), np.zeros(0), np.nan, len(visited) - 1
    slow = _fixed_point(flight, at, flight.width[1])
    if slow is not None and abs(slow[1]) < 1.0 and _nears(np.array(visited), slow[0]):
        at, slope, time = slow
        return np.array([at]), np.array([time]), float(np.log(max(abs(slope), 1e-12))), None
    late = slice(len(intervals) // 4, None)
    return (
        np.array(visited[:-1][late]),
        np.array(intervals[late]),
        float(np.nanmean(slopes[late])),
        None,
    )


def _period(visited: np.ndarray, same: float) -> int:
    """Length of the cycle at the end of `visited`, 0 if none shows: two rounds must agree."""
    back = np.flatnonzero(np.abs(visited[-2::-1] - visited[-1]) < same) + 1
    for period in back[back <= min(_LONGEST_CYCLE, (visited.size - 1) // 2)]:
        last = visited[-2 * period - 1 :]
        if np.abs(last[period:] - last[:-period]).max() < same:
            one_round = np.sort(last[:period])
            apart = period == 1 or np.diff(one_round).min() > same * _OTHER / _SAME
            return int(period) if apart else 0
    return 0


def _nears(visited: np.ndarray, u: float) -> bool:
    """Whether an orbit is slowly on its way to `u`."""
    away = np.abs(visited[len(visited) // 2 :] - u)
    return bool((np.diff(away) < 0.0).all())


def _fixed_points(flight: _Flight, u: np.ndarray, following: np.ndarray) -> list[MapPoint]:
    excess = following - u
    found = []
    for i in np.flatnonzero(excess[:-1] * excess[1:] < 0.0):
        at = u[i] + (u[i + 1] - u[i]) * excess[i] / (excess[i] - excess[i + 1])
        point = _fixed_point(flight, at, u[i + 1] - u[i])  # None at a jump of the map
        if point is not None:
            landing = float(flight.landing(np.array(point[:1]))[0, 1])
            found.append(MapPoint(landing, *point[1:]))
    return found


def _fixed_point(flight: _Flight, at: float, longest: float) -> tuple[float, float, float] | None:
    """The recovery that returns to itself near `at`, the slope there and the interval, by Newton's
    method in steps of `longest` at most; None if there is none."""
    for _ in range(8):
        after, slope, time = flight.slope(at)
        step = (after - at) / (1.0 - slope) if slope != 1.0 else np.nan
        if not abs(step) <= longest:
            return None
        at += step
        if abs(step) < 1e-9 * flight.width[1]:
            return float(at), float(slope), float(time)
    return None


def _around(span: tuple[float, float], visited: np.ndarray) -> tuple[float, float]:
    """A range that holds the span and, with a margin, everything visited."""
    low, high = min(span[0], *visited, span[1]), max(span[1], *visited, span[0])
    margin = 0.05 * (high - low)
    return low - margin * (low < span[0]), high + margin * (high > span[1])


def _pattern(u: np.ndarray, intervals: np.ndarray, exponent: float, spikes: int | None) -> str:
    if spikes is not None:
        return "phasic" if spikes else "silent"
    if u.size == 1:
        return "tonic"
    if u.size > _LONGEST_CYCLE:
        return "chaotic" if exponent > 0.0 else "bursting"
    return "bursting" if intervals.max() > _PAUSE * intervals.min() else "alternating"


def _why(
    flight: _Flight,
    pattern: str,
    points: list[MapPoint],
    landing: np.ndarray,
    intervals: np.ndarray,
    exponent: float,
    spikes: int | None,
) -> str:
    """One plain sentence."""
    name = flight.cell.states[1].name
    if pattern == "silent":
        other = any(point.stable for point in points)
        but = ", though once fired it would fire for ever: it is bistable" if other else ""
        return f"From its initial state the cell never reaches the spike level{but}."
    if pattern == "phasic":
        count = "one spike" if spikes == 1 else f"{spikes} spikes"
        return (
            f"After {count} the reset lands where the flow leads to rest, so the cell falls silent."
        )
    if pattern == "tonic":
        near = landing[-1, 1]
        return (
            f"The map has a stable fixed point at {name} = {near:.4g}: every spike leaves the "
            f"recovery where the last one left it, so the cell fires every {in_ms(intervals[-1])}."
        )
    if pattern == "alternating":
        return (
            f"The map has a stable cycle of {len(landing)} values of {name}, so the intervals "
            f"alternate between {in_ms(intervals.min())} and {in_ms(intervals.max())}."
        )
    if pattern == "chaotic":
        return (
            f"No value of {name} ever repeats and neighbouring values are driven apart, by a "
            f"factor of {np.exp(exponent):.2f} per spike, so the intervals stay irregular."
        )
    x = jnp.asarray(landing[np.argmax(intervals)])
    falling = float(flight.cell.derivatives(x, jnp.asarray(flight.current), flight.cell.p)[0]) < 0.0
    where = "above the v-nullcline, from where v first falls" if falling else "where v rises slowly"
    bursts = int((intervals > 0.5 * intervals.max()).sum())
    round_of = f"{len(landing)} spikes" + (f" in {bursts} bursts" if bursts > 1 else "")
    end = f"after {round_of} all repeats"
    if len(landing) > _LONGEST_CYCLE:
        end = "the bursts are too long to tell whether they repeat"
    return (
        f"Each spike raises {name} until a reset lands {where}: a pause of "
        f"{in_ms(intervals.max())} ends the burst, and {end}."
    )
