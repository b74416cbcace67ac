"""The pages of the app: tabs in the header, each page built on its first visit and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import panel as pn
import panel_material_ui as pmui

from ..state import Explorer
from .atlas import AtlasPage
from .dynamics import DynamicsPage
from .explore import ExplorePage
from .gallery import GalleryPage
from .layer import LayerPage
from .link_word import LinkWord
from .screen import Screen


class Page(Protocol):
    """What a page is to the book.

    `layout` is what it shows, `side` the part of it with the controls that are its own, if it has
    some: they go into the drawer where the screen has no room for them. `show` is called when it
    comes to the front, `hide` when it leaves: in between it follows the explorer, and behind it
    computes and draws nothing.
    """

    layout: pn.viewable.Viewable
    side: pn.Column | None

    def show(self) -> None: ...

    def hide(self) -> None: ...


PAGES: Mapping[str, tuple[str, Callable[[Explorer], Page]]] = {
    "explore": ("Explore", ExplorePage),
    "dynamics": ("Dynamics", DynamicsPage),
    "atlas": ("Atlas", AtlasPage),
    "layer": ("Layer", LayerPage),
    "gallery": ("Gallery", GalleryPage),
}
"""The pages by the name they have in a link: title and how to build it."""

_TABS = {
    "& .MuiTabs-root": {"minHeight": "36px"},
    "& .MuiTab-root": {
        "minHeight": "36px",
        "minWidth": "72px",
        "padding": "6px 12px",
        "textTransform": "none",
        "fontSize": "14px",
    },
}


_FRONT = """
.opening { position: absolute; top: 0; left: 390px; line-height: 36px; color: var(--rheo-muted); }
.opening:has(~ .front) {
  content-visibility: hidden; transition: content-visibility 0s 0.7s allow-discrete;
}
@media (max-width: 899.95px) {
  .opening { top: 44px; left: 12px; }
  .opening:has(~ .front) { transition: none; }
}
"""
"""A browser takes a second to build a page on its first visit. It says so until the page is there,
and where there is room for it, beside the tabs, until its plots are painted."""


class Book:
    """Holds the pages and turns them.

    Parameters
    ----------
    screen : tells whether a page has room for its own controls; if not, `drawer` has them.
    """

    def __init__(self, explorer: Explorer, screen: Screen) -> None:
        self._explorer = explorer
        self._screen = screen
        self.drawer = pn.Column(sizing_mode="stretch_width", margin=0)
        self._open: dict[str, Page] = {}
        self._rooms: dict[str, pn.Column] = {}
        self.tabs = pmui.Tabs(
            *((title, pn.Spacer(height=0, margin=0)) for title, _ in PAGES.values()),
            active=list(PAGES).index(explorer.page),
            margin=0,
            sizing_mode="stretch_width",
            sx=_TABS,
        )
        word = LinkWord(explorer)
        opening = pn.pane.HTML("Opening …", css_classes=["opening"], margin=0)
        self.layout = pn.Column(
            self.tabs, word.pane, opening, sizing_mode="stretch_width", margin=0,
            stylesheets=[_FRONT],
        )  # fmt: skip
        self.tabs.param.watch(self._turned, "active")
        explorer.param.watch(self._turn, "page")
        screen.param.watch(self._furnish, "narrow")
        self._front(explorer.page)

    def _turned(self, event: Any) -> None:
        self._explorer.page = list(PAGES)[event.new]

    def _turn(self, event: Any) -> None:
        self._put_back(event.old)
        self._open[event.old].hide()
        self._rooms[event.old].param.update(visible=False, css_classes=[])
        self.tabs.active = list(PAGES).index(event.new)
        self._front(event.new)

    def _front(self, name: str) -> None:
        if name not in self._open:
            page = PAGES[name][1](self._explorer)
            self._open[name] = page
            # A room around each page: the grid of a page would not let itself be hidden.
            self._rooms[name] = pn.Column(
                page.layout, sizing_mode="stretch_width", margin=0, css_classes=["front"]
            )
            self.layout.append(self._rooms[name])
        self._rooms[name].param.update(visible=True, css_classes=["front"])
        self._open[name].show()
        self._furnish()

    def _furnish(self, *_events: Any) -> None:
        """Have the controls of the page in front at its side, or in the drawer."""
        side = self._open[self._explorer.page].side
        if side is None or bool(self.drawer) == self._screen.narrow:
            return
        if self._screen.narrow:
            controls = list(side)
            side.clear()
            self.drawer.extend(controls)
        else:
            self._put_back(self._explorer.page)

    def _put_back(self, name: str) -> None:
        """Empty the drawer for the controls of another page."""
        side = self._open[name].side
        if side is not None and self.drawer:
            controls = list(self.drawer)
            self.drawer.clear()
            side.extend(controls)
