"""Garbage is searched for when nobody is there to be held up, or when much has gathered."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from explorer import upkeep


class Page:
    """As the page of a visitor does, it holds itself: only a search finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def nobody() -> Iterator[None]:
    upkeep.visitor_left(still_here=0)
    yield
    gc.unfreeze()


def closed() -> weakref.ref[Page]:
    """A page that nobody holds any more."""
    return weakref.ref(Page())


def test_what_has_settled_is_not_searched():
    page = closed()
    upkeep.settle()
    gc.collect()
    assert page() is not None


def test_the_last_visitor_to_leave_leaves_nothing():
    page = closed()
    upkeep.settle()
    upkeep.visitor_left(still_here=0)
    assert page() is None


def test_a_class_is_not_held_up_by_each_of_its_tabs():
    page = closed()
    upkeep.settle()
    for _ in range(upkeep.MOST_LEFT - 1):
        upkeep.visitor_left(still_here=1)
    assert page() is not None
    upkeep.visitor_left(still_here=1)
    assert page() is None
