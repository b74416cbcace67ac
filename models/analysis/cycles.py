"""Families of periodic orbits followed along the parameter, stable or not, from birth to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

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
    solve,
    stretched,
)
from .continuation import Point
from .family import Family, Numbers, Rule, spike_level

_FIRST, _LONGEST, _SHORTEST = 0.01, 0.05, 1e-6
"""Steps along a family, where 1 is a span, a doubling of the period or the parameter's range."""

_MOST_POINTS = 600
"""Ends a family that goes nowhere; one with a canard at both ends has 350."""

_SHORTEST_ROUND = 8
"""Least number of orbits of a family that closes on itself."""

_MOST_EVENTS = 16
"""So many changes of stability end a family as well: what follows is a thicket of added spikes."""

_ACCURACY = 1e-5
"""Newton corrections beyond this mean that there was no orbit to be found."""

_STRAIGHT = 0.9
"""Least cosine between neighbouring directions."""

_DEAD, _SMALL = 2e-3, 4e-2
"""Amplitude, in spans, at which a family that shrinks has reached a Hopf point, and that from which
a single step may reach it: a longer one could land anywhere along the equilibrium."""

_LEVEL = 1e-8
_LONG = 4.0
"""A family whose period is this many times its shortest, and whose parameter no longer moves (by
the level above, in ranges), does not turn: its period grows at one value of the parameter."""

_STANDSTILL = 1e-6
"""How far, in ranges, the parameter must move between two folds: less may be rounding."""

_MOST_TRIES, _NEAR = 12, 1e-7
"""A search along a family ends after so many orbits, or this near, in shares, to what it seeks."""

_ON_CIRCLE = 1e-2
"""How near a multiplier is to the unit circle where an event is believed."""

_FINE = 16
"""Places in an interval that are looked at for the extremes."""

_ENDLESS = 40.0
"""Period, in the shortest of the family, at which it counts as growing without bound."""


class Event(NamedTuple):
    """An orbit of a family at which its stability may change.

    Attributes
    ----------
    what : ``"fold"``: the parameter turns, a multiplier is 1; ``"period doubling"``: one is -1;
        ``"torus"`` (Neimark-Sacker): two others are on the unit circle.
    solved : the orbit.
    """

    what: str
    solved: Solved


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
    first = _solved(family, start, direction, start)
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


def locate(
    family: Family, here: Solved, ahead: Solved, test: Callable[[Solved], float]
) -> Solved | None:
    """The orbit between two neighbours of a family at which a number changes its sign.

    Bracketed false position, the Illinois variant, along the tangent of the first.
    """
    low, high = 0.0, _distance(family, here, ahead)
    below, above = test(here), test(ahead)
    enough = _NEAR * max(abs(below), abs(above))
    found, last = None, 0
    for _ in range(_MOST_TRIES):
        part = low - below * (high - low) / (above - below)
        guess = stretched(here.orbit, here.tangent, part)
        found = _solved(family, guess, here.tangent, here.orbit)
        if found is None:
            return None
        value = test(found)
        if abs(value) <= enough:
            break
        if value * below < 0.0:
            high, above, below = part, value, below * (0.5 if last == 1 else 1.0)
            last = 1
        else:
            low, below, above = part, value, above * (0.5 if last == -1 else 1.0)
            last = -1
    return found


def refined(family: Family, orbit: Orbit) -> Solved | None:
    """The exact orbit near a rough one, parameter unchanged; None if there is none."""
    mesh = even_mesh(orbit, family.numbers.scale[:-1])
    orbit = orbit._replace(nodes=moved(orbit.nodes, orbit.mesh, mesh), mesh=mesh)
    along = Orbit(np.zeros_like(orbit.nodes), mesh, 0.0, float(family.numbers.scale[-1]))
    return _solved(family, orbit, along, orbit)


def multipliers(solved: Solved) -> np.ndarray:
    """The Floquet multipliers (S - 1,) without the one that is 1 along the orbit."""
    all_of_them = np.linalg.eigvals(solved.monodromy).astype(complex)
    return np.delete(all_of_them, int(np.argmin(np.abs(all_of_them - 1.0))))


def is_stable(solved: Solved) -> bool:
    """Whether all multipliers lie inside the unit circle."""
    return bool(np.abs(multipliers(solved)).max() < 1.0)


def extremes(orbit: Orbit) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest value (S,) of each state on an orbit."""
    x = sampled(orbit.nodes, _FINE)
    return x.min(axis=0), x.max(axis=0)


def _reversed(tangent: Orbit) -> Orbit:
    return Orbit(-tangent.nodes, tangent.mesh, -tangent.period, -tangent.free)


def _solved(family: Family, guess: Orbit, tangent: Orbit, reference: Orbit) -> Solved | None:
    # As arrays throughout: Python's own numbers would be compiled for separately.
    guess, tangent, reference = jax.tree.map(np.float64, (guess, tangent, reference))
    found: Solved = jax.device_get(solve(family.rule, family.numbers, guess, tangent, reference))
    sound = found.error < _ACCURACY and found.orbit.period > 0.0
    return found if sound and np.isfinite(found.monodromy).all() else None


def _follow(family: Family, first: Solved, start: str, watch: Callable[[], None]) -> Track:
    """Follow a family along the direction of its first orbit."""
    spans = family.numbers.scale[:-1]
    track = Track([first], start, "lost")
    step, here = _FIRST, first
    shortest = float(first.orbit.period)
    while len(track.solved) < _MOST_POINTS and len(track.events) < _MOST_EVENTS:
        watch()
        ahead = _solved(family, stretched(here.orbit, here.tangent, step), here.tangent, here.orbit)
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
        events = [] if endless and _flat(family, ahead) else _events(family, here, ahead)
        way = [*(event.solved for event in events), ahead]
        beyond = next((one for one in way if not _within(family, one)), None)
        if beyond is not None:
            track.end = "edge"
            _close_at_edge(family, track, here, beyond, events)
            break
        track.events += [(len(track.solved), event) for event in events]
        _forget_rounding(family, track)
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
    if abs(here.orbit.free - edge) < _NEAR * (family.high - family.low):
        return  # it began there
    last = locate(family, here, beyond, lambda one: float(one.orbit.free) - edge)
    if last is None:
        return
    reach = _distance(family, here, last)
    before = [event for event in events if _distance(family, here, event.solved) < reach]
    track.events += [(len(track.solved), event) for event in before]
    track.solved.append(last._replace(orbit=last.orbit._replace(free=np.float64(edge))))


@partial(jax.jit, static_argnames="rule")
def _highest(rule: Rule, numbers: Numbers, nodes: Array, free: Array) -> Array:
    """How far the orbit reaches beyond the spike level."""
    return spike_level(rule, numbers, nodes.T, free).max()


def _events(family: Family, here: Solved, ahead: Solved) -> list[Event]:
    """What happens between two neighbouring orbits of a family, in its order."""
    found = []
    for what, test in _TESTS.items():
        if test(here) * test(ahead) < 0.0:
            solved = locate(family, here, ahead, test)
            if solved is not None and _happens(what, multipliers(solved)):
                found.append(Event(what, solved))
    return sorted(found, key=lambda event: _distance(family, here, event.solved))


def _forget_rounding(family: Family, track: Track) -> None:
    """Leave out pairs of folds between which the parameter moves no further than its error.

    Along a canard, and towards a homoclinic orbit, it all but stands still.
    """
    level = _STANDSTILL * family.numbers.scale[-1]
    kept: list[tuple[int, Event]] = []
    for mark in reversed([mark for mark in track.events if mark[1].what == "fold"]):
        here = mark[1].solved.orbit.free
        if kept and abs(kept[-1][1].solved.orbit.free - here) < level:
            kept.pop()
        else:
            kept.append(mark)
    track.events = [
        mark for mark in track.events if mark[1].what != "fold" or any(mark is one for one in kept)
    ]


def _distance(family: Family, here: Solved, there: Solved) -> float:
    """How far one orbit lies ahead of another, along the tangent of the first."""
    orbit = there.orbit
    nodes = moved(orbit.nodes, orbit.mesh, here.orbit.mesh) - here.orbit.nodes
    period, free = orbit.period - here.orbit.period, orbit.free - here.orbit.free
    way = Orbit(nodes, here.orbit.mesh, period, free)
    return float(inner(family.numbers, here.orbit, here.tangent, way))


def _turn(solved: Solved) -> float:
    """Changes sign where the parameter turns."""
    return float(solved.tangent.free)


def _flip(solved: Solved) -> float:
    """Changes sign where a multiplier passes -1; in the plane none does."""
    values = multipliers(solved)
    return float(np.prod(1.0 + values).real) if values.size > 1 else 1.0


def _twist(solved: Solved) -> float:
    """Changes sign where two multipliers that turn, if there are such, cross the unit circle."""
    values = multipliers(solved)
    turning = values[values.imag > 0.0]
    return float(np.prod(np.abs(turning) - 1.0)) if turning.size else 0.0


_TESTS: Mapping[str, Callable[[Solved], float]] = {
    "fold": _turn,
    "period doubling": _flip,
    "torus": _twist,
}


def _happens(what: str, values: np.ndarray) -> bool:
    """Whether the multipliers are where an event has them; rounding of large ones may feign it."""
    if what == "period doubling":
        return bool(np.abs(values + 1.0).min() < _ON_CIRCLE)
    if what == "torus":
        return bool((np.abs(np.abs(values[values.imag > 0.0]) - 1.0) < _ON_CIRCLE).any())
    return True
