"""What to do about a run that blew up: the smallest change of the numerics that cures it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from models.integrators import schemes

from .state import Settings


@dataclass(frozen=True)
class Remedy:
    """A change that works.

    Attributes
    ----------
    label : what a button says, such as "Use dt = 0.025 ms".
    changes : arguments of `Explorer.set_numerics`.
    """

    label: str
    changes: dict[str, Any]


def remedy(settings: Settings) -> Remedy | None:
    """The first change under which the run stays finite to its end; None if none was found.

    A published step that blows up is a finding, so the cure is an accurate method. Each candidate
    is tried: a run takes a millisecond, and a cure that does not work is worse than none.
    """
    for found in _candidates(settings):
        try:
            cured = replace(settings, overlay="", **found.changes).simulate()
        except ValueError:
            continue
        if cured.diverged_at is None:
            return found
    return None


def _candidates(settings: Settings) -> Iterator[Remedy]:
    if settings.method in schemes:
        for part in (2, 4, 10):
            dt = settings.dt / part
            yield Remedy(f"Use dt = {dt:.3g} ms", {"dt": dt})
    for part in (1, 2, 4, 10, 40):
        dt = settings.dt / part
        yield Remedy(f"Use RK4 with dt = {dt:.3g} ms", {"method": "rk4", "dt": dt})
