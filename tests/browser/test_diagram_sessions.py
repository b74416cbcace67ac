"""Pages with analyses in the background let go of their session like any other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from .diagrams import Diagrams
from .test_sessions import APP, PATIENCE, QUICK, alive, alive_after


@pytest.mark.parametrize(("page", "source", "column"), [
    ("dynamics", "fi_curve", "rate"),
    ("atlas", "atlas", "image"),
])  # fmt: skip
def test_nothing_is_left_of_a_tab_that_was_closed_while_it_computed(
    serve: Callable[..., str], open_page: Callable[..., Page], page: str, source: str, column: str
) -> None:
    address = serve(APP, **QUICK)
    before = alive()
    tabs = [open_page(f"{address}?page={page}&model=HodgkinHuxley") for _ in range(2)]
    for tab in tabs:
        Diagrams(tab).filled(source, column)
        tab.close()
    wanted = {kind: before[kind] for kind in ("ServerSession", "Explorer", "Page")}
    left = alive_after(PATIENCE, wanted)
    assert {kind: left[kind] for kind in wanted} == wanted
