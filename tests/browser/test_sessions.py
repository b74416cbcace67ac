"""No session outlives its tab: pages are opened, closed, and looked for in the server's memory."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from weakref import WeakSet

import panel as pn
import panel_material_ui as pmui
import pytest
from bokeh.server.session import ServerSession
from playwright.sync_api import Page, expect

import explorer
from explorer import upstream
from explorer.pages.explore import ExplorePage
from explorer.state import Explorer

APP = str(Path(explorer.__file__).with_name("main.py"))
KINDS = (ServerSession, Explorer, ExplorePage, pmui.Page)
TABS = 5
PATIENCE = 60.0  # s, for a busy machine; it ends as soon as all are gone
QUICK = {"unused_session_lifetime_milliseconds": 3000, "check_unused_sessions_milliseconds": 200}


_made: dict[str, WeakSet[Any]] = {kind.__name__: WeakSet() for kind in KINDS}
"""What was made of each class and is still there. To ask the search for garbage instead would break
the analyses that run meanwhile: it hands out tuples that another thread is still building."""


def _note(kind: type) -> None:
    begin = kind.__init__  # type: ignore[misc]

    def begin_and_note(self: Any, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        _made[kind.__name__].add(self)

    kind.__init__ = begin_and_note  # type: ignore[misc]


for _kind in KINDS:
    _note(_kind)


def alive() -> dict[str, int]:
    """How many objects of a session there are in this process, by class."""
    gc.collect()
    return {name: len(made) for name, made in _made.items()}


def alive_after(patience: float, wanted: dict[str, int]) -> dict[str, int]:
    """What is alive once it is no more than `wanted`, or when the patience is over."""
    end = time.monotonic() + patience
    left = alive()
    while any(left[kind] > wanted[kind] for kind in wanted) and time.monotonic() < end:
        threading.Event().wait(0.2)
        left = alive()
    return left


@pytest.fixture
def tabs(serve: Callable[..., str], open_page: Callable[..., Page]) -> Callable[[], list[Page]]:
    """`tabs()` opens five tabs of the whole app, served by this process."""
    address = serve(APP, **QUICK)

    def open_all() -> list[Page]:
        pages = [open_page(address) for _ in range(TABS)]
        for page in pages:
            expect(page.get_by_role("status")).to_contain_text("Izhikevich")
        return pages

    return open_all


def test_nothing_of_a_session_is_left_when_its_tab_is_closed(tabs: Any) -> None:
    before = alive()
    pages = tabs()
    during = alive()
    assert all(during[kind] - before[kind] >= TABS for kind in before)
    for page in pages:
        page.close()
    assert alive_after(PATIENCE, before) == before


@pytest.fixture
def without_release(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The app without its workaround; what leaks is let go of afterwards."""
    bound: list[Any] = []
    release = upstream.release
    monkeypatch.setattr(upstream, "release", bound.append)
    yield
    for page in bound:
        release(page)


def test_the_workaround_is_still_needed(without_release: None, tabs: Any) -> None:
    """When this fails, `explorer.upstream.release` can go."""
    before = alive()
    pages = tabs()
    for page in pages:
        page.close()
    gone = {"ServerSession": before["ServerSession"]}
    assert alive_after(PATIENCE, gone)["ServerSession"] == before["ServerSession"]
    assert alive()["Page"] >= before["Page"] + TABS


def test_no_slider_waits_while_the_garbage_of_a_closed_tab_is_searched_for(
    tabs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_off: list[Callable[[], None]] = []
    searches: list[Any] = []
    pages = tabs()
    monkeypatch.setattr(
        type(pn.state), "schedule_task", lambda self, name, call, **when: put_off.append(call)
    )
    monkeypatch.setattr(gc, "collect", lambda *which: searches.append(which))
    for page in pages:
        page.close()
    end = time.monotonic() + PATIENCE
    while len(put_off) < TABS and time.monotonic() < end:
        threading.Event().wait(0.2)
    assert len(put_off) == TABS
    for call in put_off:
        call()
    assert searches == []
