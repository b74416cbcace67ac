"""Families of periodic orbits followed along the parameter, stable or not, from birth to end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import jax
import numpy as np

from ..model import Array
from .collocation import (
    DEGREE,
    INTERVALS,
    Orbit,
    Solved,
    even_mesh,
    inner,
    moved,
    sampled,
    stretched,
)
from .continuation import Point
from .cycle_events import (
    Event,
    corrected,
    distance,
    events_between,
    locate,
    multipliers,
    without_rounding,
)
from .family import Family, Numbers, Rule, spike_level

_FIRST, _LONGEST, _SHORTEST = 0.01, 0.05, 1e-6
"""Steps along a family, where 1 is a span, a doubling of the period or the parameter's range."""

_MOST_POINTS = 600
"""Ends a family that goes nowhere; one with a canard at both ends has 350."""

_SHORTEST_ROUND = 8
"""Least number of orbits of a family that closes on itself."""

_MOST_EVENTS = 16
"""So many changes of stability end a family as well: what follows is a thicket of added spikes."""

_STRAIGHT = 0.9
"""Least cosine between neighbouring directions."""

_DEAD, _SMALL = 2e-3, 4e-2
"""Amplitude, in spans, at which a family that shrinks has reached a Hopf point, and that from which
a single step may reach it: a longer one could land anywhere along the equilibrium."""

_LEVEL = 1e-8
_LONG = 4.0
"""A family whose period is this many times its shortest, and whose parameter no longer moves (by
the level above, in ranges), does not turn: its period grows at one value of the parameter."""

_AT_EDGE = 1e-7
"""How near, in ranges, an orbit is to the edge of the parameter's range that lies on it."""

_FINE = 16
"""Places in an interval that are looked at for the extremes."""

_ENDLESS = 40.0
"""Period, in the shortest of the family, at which it counts as growing without bound."""


@dataclass
class Track:
    """A family of periodic orbits in order.

    Attributes
    ----------
    solved : the orbits.
    start, end : how it begins and ends: ``"Hopf"``, ``"edge"`` of the parameter's range,
        ``"endless"`` growth of the period, ``"spike level"`` of a reset model, ``"lost"``,
        or ``"closed"``.
    events : (i, event): what happens between orbits i - 1 and i.
    """

    solved: list[Solved]
    start: str
    end: str
    events: list[tuple[int, Event]] = field(default_factory=list)

    @property
    def free(self) -> np.ndarray:
        """The free number (n,) of each orbit."""
        return np.array([one.orbit.free for one in self.solved])

    @property
    def period(self) -> np.ndarray:
        """The period (n,) of each orbit, ms."""
        return np.array([one.orbit.period for one in self.solved])


def from_hopf(
    family: Family, point: Point, watch: Callable[[], None], intervals: int = INTERVALS
) -> Track | None:
    """The family born at a Hopf point, None if it cannot be followed."""
    eigenvalues, vectors = np.linalg.eig(point.slopes)
    pair = int(np.argmin(np.abs(eigenvalues.real) - 1e3 * (eigenvalues.imag > 0.0)))
    omega, q = eigenvalues[pair].imag, vectors[:, pair]
    mesh = np.linspace(0.0, 1.0, intervals + 1)
    turn = np.exp(2j * np.pi * np.arange(intervals * DEGREE) / (intervals * DEGREE))
    wave = (turn[:, None] * q).real
    still = Orbit(
        np.repeat(point.x[None], turn.size, axis=0), mesh, 2.0 * np.pi / omega, point.free
    )
    direction = Orbit(wave, mesh, 0.0, 0.0)
    length = np.sqrt(inner(family.numbers, still, direction, direction))
    direction = Orbit(wave / length, mesh, 0.0, 0.0)
    start = stretched(still, direction, _FIRST)
    first = corrected(family, start, direction, start)
    if first is None:
        return None
    return _follow(family, first, "Hopf", watch)


def from_orbit(family: Family, orbit: Orbit, watch: Callable[[], None]) -> Track | None:
    """The family through an orbit found elsewhere, followed both ways; None if it is no orbit."""
    first = refined(family, orbit)
    if first is None:
        return None
    forward = _follow(family, first, "lost", watch)
    if forward.end == "closed":
        forward.start = "closed"
        return forward
    back = _follow(family, first._replace(tangent=_reversed(first.tangent)), "lost", watch)
    backwards = [one._replace(tangent=_reversed(one.tangent)) for one in back.solved[:0:-1]]
    shift = len(backwards)
    events = [(shift - i + 1, event) for i, event in reversed(back.events)]
    events += [(shift + i, event) for i, event in forward.events]
    return Track(backwards + forward.solved, back.end, forward.end, events)


def at_value(family: Family, track: Track, value: float) -> list[Solved]:
    """The orbits of a family at one value of the parameter, in the order of the family."""
    off = track.free - value
    found = []
    for i in np.flatnonzero(off[:-1] * off[1:] <= 0.0):
        here, ahead = track.solved[i], track.solved[i + 1]
        orbit = locate(family, here, ahead, lambda one: float(one.orbit.free) - value)
        exact = None if orbit is None else refined(family, orbit.orbit._replace(free=value))
        if exact is not None:
            found.append(exact)
    return found


def refined(family: Family, orbit: Orbit) -> Solved | None:
    """The exact orbit near a rough one, parameter unchanged; None if there is none."""
    mesh = even_mesh(orbit, family.numbers.scale[:-1])
    orbit = orbit._replace(nodes=moved(orbit.nodes, orbit.mesh, mesh), mesh=mesh)
    along = Orbit(np.zeros_like(orbit.nodes), mesh, 0.0, float(family.numbers.scale[-1]))
    return corrected(family, orbit, along, orbit)


def is_stable(solved: Solved) -> bool:
    """Whether all multipliers lie inside the unit circle."""
    return bool(np.abs(multipliers(solved)).max() < 1.0)


def extremes(orbit: Orbit) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest value (S,) of each state on an orbit."""
    x = sampled(orbit.nodes, _FINE)
    return x.min(axis=0), x.max(axis=0)


def _reversed(tangent: Orbit) -> Orbit:
    return Orbit(-tangent.nodes, tangent.mesh, -tangent.period, -tangent.free)


def _follow(family: Family, first: Solved, start: str, watch: Callable[[], None]) -> Track:
    """Follow a family along the direction of its first orbit."""
    spans = family.numbers.scale[:-1]
    track = Track([first], start, "lost")
    step, here = _FIRST, first
    shortest = float(first.orbit.period)
    while len(track.solved) < _MOST_POINTS and len(track.events) < _MOST_EVENTS:
        watch()
        ahead = corrected(
            family, stretched(here.orbit, here.tangent, step), here.tangent, here.orbit
        )
        if ahead is not None:
            turn = inner(family.numbers, here.orbit, here.tangent, ahead.tangent)
            ahead = ahead if turn > _STRAIGHT else None
        if ahead is None:
            step *= 0.4
            if step < _SHORTEST:
                break
            continue
        if _amplitude(family, ahead) < _DEAD or _opposite(family, here, ahead):
            # On the equilibrium, or through it and out on the same orbits half a period later.
            if _amplitude(family, here) < _SMALL:
                track.end = "Hopf"
                break
            step *= 0.4
            if step < _SHORTEST:
                break
            continue
        shortest = min(shortest, float(ahead.orbit.period))
        endless = float(ahead.orbit.period) > _LONG * shortest
        events = [] if endless and _flat(family, ahead) else events_between(family, here, ahead)
        way = [*(event.solved for event in events), ahead]
        beyond = next((one for one in way if not _within(family, one)), None)
        if beyond is not None:
            track.end = "edge"
            _close_at_edge(family, track, here, beyond, events)
            break
        track.events += [(len(track.solved), event) for event in events]
        track.events = without_rounding(family, track.events)
        if _comes_round(family, track, ahead):
            track.solved.append(first)
            track.end = "closed"
            break
        track.solved.append(ahead)
        end = _end(family, ahead, shortest)
        if end is not None:
            track.end = end
            break
        step = min(1.4 * step, _LONGEST)
        here = _on_even_mesh(ahead, spans)
    return track


def _on_even_mesh(solved: Solved, spans: np.ndarray) -> Solved:
    orbit, tangent = solved.orbit, solved.tangent
    mesh = even_mesh(orbit, spans)
    return solved._replace(
        orbit=orbit._replace(nodes=moved(orbit.nodes, orbit.mesh, mesh), mesh=mesh),
        tangent=tangent._replace(nodes=moved(tangent.nodes, orbit.mesh, mesh), mesh=mesh),
    )


def _opposite(family: Family, here: Solved, ahead: Solved) -> bool:
    """Whether two neighbours on one mesh swing against each other: one lies beyond the equilibrium
    on which the family shrinks."""
    spans = family.numbers.scale[:-1]
    swings = [(one.orbit.nodes - one.orbit.nodes.mean(axis=0)) / spans for one in (here, ahead)]
    return bool((swings[0] * swings[1]).sum() < 0.0)


def _amplitude(family: Family, solved: Solved) -> float:
    """The largest swing of any state, in spans."""
    low, high = extremes(solved.orbit)
    return float(((high - low) / family.numbers.scale[:-1]).max())


def _flat(family: Family, solved: Solved) -> bool:
    return bool(abs(solved.tangent.free) < _LEVEL * family.numbers.scale[-1])


def _end(family: Family, solved: Solved, shortest: float) -> str | None:
    """Why a family ends at an orbit, None if it goes on."""
    if float(solved.orbit.period) > _ENDLESS * shortest:
        return "endless"
    if (
        family.rule.model.resets()
        and _highest(family.rule, family.numbers, solved.orbit.nodes, solved.orbit.free) > 0.0
    ):
        return "spike level"
    return None


def _comes_round(family: Family, track: Track, ahead: Solved) -> bool:
    """Whether the first orbit of a family lies between its last and the one ahead, on the way on
    which it was left: an island of orbits that no Hopf point belongs to."""
    if len(track.solved) < _SHORTEST_ROUND:
        return False
    first, second, last, here = (
        _portrait(family, one) for one in (*track.solved[:2], track.solved[-1], ahead)
    )
    chord = here - last
    part = float((first - last) @ chord / max(float(chord @ chord), 1e-300))
    aside = np.abs(last + part * chord - first).max()
    onward = float((second - first) @ chord) > 0.0
    return bool(0.0 < part <= 1.0 and aside < 0.1 * np.abs(chord).max() and onward)


def _portrait(family: Family, solved: Solved) -> np.ndarray:
    """What tells an orbit from its neighbours, whatever its phase: parameter, period, extremes."""
    low, high = extremes(solved.orbit)
    spans = family.numbers.scale[:-1]
    free = solved.orbit.free / family.numbers.scale[-1]
    return np.concatenate([[free, np.log(solved.orbit.period)], low / spans, high / spans])


def _within(family: Family, solved: Solved) -> bool:
    return bool(family.low <= solved.orbit.free <= family.high)


def _close_at_edge(
    family: Family, track: Track, here: Solved, beyond: Solved, events: list[Event]
) -> None:
    """End a family with its orbit at the edge of the range, between its last one and one beyond."""
    edge = family.low if beyond.orbit.free < family.low else family.high
    if abs(here.orbit.free - edge) < _AT_EDGE * (family.high - family.low):
        return  # it began there
    last = locate(family, here, beyond, lambda one: float(one.orbit.free) - edge)
    if last is None:
        return
    reach = distance(family, here, last)
    before = [event for event in events if distance(family, here, event.solved) < reach]
    track.events += [(len(track.solved), event) for event in before]
    track.solved.append(last._replace(orbit=last.orbit._replace(free=np.float64(edge))))


@partial(jax.jit, static_argnames="rule")
def _highest(rule: Rule, numbers: Numbers, nodes: Array, free: Array) -> Array:
    """How far the orbit reaches beyond the spike level."""
    return spike_level(rule, numbers, nodes.T, free).max()
