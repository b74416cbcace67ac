"""Keeps Python's search for garbage away from the hands on the sliders.

What the libraries and their compiled code consist of, half a million objects, and the pages of all
visitors are looked through again by each full search: a third of a second, with thirty pages two
thirds, in which every slider stands still. `settle` takes what there is out of these searches. The
page of a visitor who has left is garbage of the kind that only such a search finds; `visitor_left`
holds it when it disturbs nobody, or when much has gathered.
"""

from __future__ import annotations

import gc

MOST_LEFT = 20
"""Visitors that may have left, a few MB each, before those still here wait for a search."""

_left = 0


def settle() -> None:
    """Leave out what there is now of all searches until a visitor has left."""
    gc.freeze()


def visitor_left(still_here: int) -> None:
    """Search for garbage if nobody is here to notice, or at every `MOST_LEFT`-th call."""
    global _left
    _left += 1
    if still_here and _left < MOST_LEFT:
        return
    _left = 0
    gc.unfreeze()
    gc.collect()
    gc.freeze()
