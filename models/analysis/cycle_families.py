"""All orbits of a family at one current, from any one of them: the family is followed only once.

While only the current moves, as under a slider, the families of a model stay what they are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from ..model import NeuronModel
from .batch import CURRENT
from .collocation import Orbit, Solved
from .cycles import Track, at_value, from_orbit
from .family import Family

_KEPT = 16
"""Models whose families are remembered."""

_SAME_PERIOD = 1e-3
"""Two orbits at one current whose periods differ by less are one orbit."""


def family_of(cell: NeuronModel, current: float) -> Family:
    """A model over the range of its current, widened to hold `current`."""
    low, high = cell.current.softbounds
    margin = 0.1 * (high - low)
    low, high = min(low, current - margin), max(high, current + margin)
    return Family(cell, CURRENT, low, high, current)


def relatives(cell: NeuronModel, current: float, orbit: Orbit) -> list[Solved]:
    """The orbits at `current` of the family that a periodic orbit there belongs to, itself too.

    Parameters
    ----------
    cell : the model.
    current : constant current in its unit.
    orbit : a rough periodic orbit under it.
    """
    family = family_of(cell, current)
    key = (type(cell), cell.chosen(), cell.packed().tobytes(), family.low, family.high)
    for track in _memory.tracks(key):
        found = at_value(family, track, current)
        if any(abs(one.orbit.period / orbit.period - 1.0) < _SAME_PERIOD for one in found):
            return found
    followed = from_orbit(family, orbit, lambda: None)
    if followed is None:
        return []
    _memory.add(key, followed)
    return at_value(family, followed, current)


class _Memory:
    """The families of the models last asked for."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tracks: OrderedDict[Hashable, tuple[Track, ...]] = OrderedDict()

    def tracks(self, key: Hashable) -> tuple[Track, ...]:
        with self._lock:
            if key in self._tracks:
                self._tracks.move_to_end(key)
            return self._tracks.get(key, ())

    def add(self, key: Hashable, track: Track) -> None:
        with self._lock:
            self._tracks[key] = (*self._tracks.get(key, ()), track)
            while len(self._tracks) > _KEPT:
                self._tracks.popitem(last=False)


_memory = _Memory()
