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


class Page(Protocol):
    """What a page is to the book.

    `layout` is what it shows. `show` is called whenever it comes to the front, `hide` when it
    leaves: in between it follows the explorer, and behind it computes and draws nothing.
    """

    layout: pn.viewable.Viewable

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


class Book:
    """Holds the pages and turns them."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
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
        self.layout = pn.Column(self.tabs, word.pane, sizing_mode="stretch_width", margin=0)
        self.tabs.param.watch(self._turned, "active")
        explorer.param.watch(self._turn, "page")
        self._front(explorer.page)

    def _turned(self, event: Any) -> None:
        self._explorer.page = list(PAGES)[event.new]

    def _turn(self, event: Any) -> None:
        self._open[event.old].hide()
        self._rooms[event.old].visible = False
        self.tabs.active = list(PAGES).index(event.new)
        self._front(event.new)

    def _front(self, name: str) -> None:
        if name not in self._open:
            page = PAGES[name][1](self._explorer)
            self._open[name] = page
            # A room around each page: the grid of a page would not let itself be hidden.
            self._rooms[name] = pn.Column(page.layout, sizing_mode="stretch_width", margin=0)
            self.layout.append(self._rooms[name])
        self._rooms[name].visible = True
        self._open[name].show()
