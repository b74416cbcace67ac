"""What a hand has marked on the Explore page: the pinned time cursor, the places of orbits."""

from __future__ import annotations

from dataclasses import dataclass

MOST_ORBITS = 20
"""Orbits that a link carries; the newest of more."""


@dataclass(frozen=True)
class Marks:
    """Marks of the Explore page.

    Attributes
    ----------
    cursor : pinned time, ms; None for the end of the run.
    orbits : (x, y) that were clicked in the phase plane.
    """

    cursor: float | None = None
    orbits: tuple[tuple[float, float], ...] = ()

    def check(self, duration: float) -> None:
        """ValueError in one sentence if the run has no such time."""
        if self.cursor is not None and not 0.0 <= self.cursor <= duration:
            raise ValueError(f"choose a time from 0 to {duration:g} ms")
