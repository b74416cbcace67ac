"""What happens along a family of periodic orbits: folds, period doublings, tori."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import jax
import numpy as np

from .collocation import Orbit, Solved, inner, moved, solve, stretched
from .family import Family

_ACCURACY = 1e-5
"""Newton corrections beyond this mean that there was no orbit to be found."""

_STANDSTILL = 1e-6
"""How far, in ranges, the parameter must move between two folds: less may be rounding."""

_MOST_TRIES, _NEAR = 12, 1e-7
"""A search along a family ends after so many orbits, or this near, in shares, to what it seeks."""

_ON_CIRCLE = 1e-2
"""How near a multiplier is to the unit circle where an event is believed."""


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


def corrected(family: Family, guess: Orbit, tangent: Orbit, reference: Orbit) -> Solved | None:
    """The orbit that a guess is corrected to across its tangent; None if there is none."""
    # As arrays throughout: Python's own numbers would be compiled for separately.
    guess, tangent, reference = jax.tree.map(np.float64, (guess, tangent, reference))
    found: Solved = jax.device_get(solve(family.rule, family.numbers, guess, tangent, reference))
    sound = found.error < _ACCURACY and found.orbit.period > 0.0
    return found if sound and np.isfinite(found.monodromy).all() else None


def multipliers(solved: Solved) -> np.ndarray:
    """The Floquet multipliers (S - 1,) without the one that is 1 along the orbit."""
    all_of_them = np.linalg.eigvals(solved.monodromy).astype(complex)
    return np.delete(all_of_them, int(np.argmin(np.abs(all_of_them - 1.0))))


def locate(
    family: Family, here: Solved, ahead: Solved, test: Callable[[Solved], float]
) -> Solved | None:
    """The orbit between two neighbours of a family at which a number changes its sign.

    Bracketed false position, the Illinois variant, along the tangent of the first.
    """
    low, high = 0.0, distance(family, here, ahead)
    below, above = test(here), test(ahead)
    enough = _NEAR * max(abs(below), abs(above))
    found, last = None, 0
    for _ in range(_MOST_TRIES):
        part = low - below * (high - low) / (above - below)
        guess = stretched(here.orbit, here.tangent, part)
        found = corrected(family, guess, here.tangent, here.orbit)
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


def events_between(family: Family, here: Solved, ahead: Solved) -> list[Event]:
    """What happens between two neighbouring orbits of a family, in its order."""
    found = []
    for what, test in _TESTS.items():
        if test(here) * test(ahead) < 0.0:
            solved = locate(family, here, ahead, test)
            if solved is not None and _happens(what, multipliers(solved)):
                found.append(Event(what, solved))
    return sorted(found, key=lambda event: distance(family, here, event.solved))


def without_rounding(
    family: Family, events: Sequence[tuple[int, Event]]
) -> list[tuple[int, Event]]:
    """The events of a family but for pairs of folds between which the parameter moves no further
    than its error.

    Along a canard, and towards a homoclinic orbit, it all but stands still.
    """
    level = _STANDSTILL * family.numbers.scale[-1]
    kept: list[tuple[int, Event]] = []
    for mark in reversed([mark for mark in events if mark[1].what == "fold"]):
        here = mark[1].solved.orbit.free
        if kept and abs(kept[-1][1].solved.orbit.free - here) < level:
            kept.pop()
        else:
            kept.append(mark)
    return [mark for mark in events if mark[1].what != "fold" or any(mark is one for one in kept)]


def distance(family: Family, here: Solved, there: Solved) -> float:
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
