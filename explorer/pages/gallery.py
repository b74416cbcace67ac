"""The Gallery page: a thumbnail of every preset; one click opens it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent

import models

from .. import thumbnails
from ..state import Explorer, settings_of
from ..theme import sheet

_WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="thumbnails")
"""Draws cards that are not ready yet; one thread, so that sliders of other visitors stay quick."""
AT_ONCE = 24
"""Cards sent together while the rest is still being drawn."""


class GalleryCards(JSComponent):
    """The cards, searched and filtered in the browser.

    Parameters
    ----------
    on_open : called with model and slug of the card that was clicked.
    """

    cards = param.List(doc="cards as plain data")
    size = param.List(default=[thumbnails.WIDTH, thumbnails.HEIGHT], doc="of a thumbnail")

    _esm = Path(__file__).with_name("gallery.js")

    def __init__(self, on_open: Callable[[str, str], Any], **settings: Any) -> None:
        super().__init__(
            sizing_mode="stretch_width", margin=0, stylesheets=[sheet("gallery")], **settings
        )
        self._on_open = on_open

    def _handle_msg(self, data: Any) -> None:
        self._on_open(data["model"], data["slug"])


class GalleryPage:
    """All presets at a glance."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._document = pn.state.curdoc
        self.grid = GalleryCards(self._open)
        self.layout = pn.Column(self.grid, sizing_mode="stretch_width", margin=0)
        self._asked = False

    def show(self) -> None:
        """Draw the cards on the first visit, beside everything else, a handful at a time."""
        if not self._asked:
            self._asked = True
            _WORKER.submit(self._fill)

    def hide(self) -> None:
        """Nothing moves here by itself."""

    def _fill(self) -> None:
        cards: list[dict[str, Any]] = []
        wanted = thumbnails.every()
        for place, (model, slug) in enumerate(wanted, start=1):
            cards.append(thumbnails.card(model, slug).as_data())
            if place % AT_ONCE == 0 or place == len(wanted):
                self._send(list(cards))

    def _send(self, cards: list[dict[str, Any]]) -> None:
        def assign() -> None:
            self.grid.cards = cards

        if self._document is None:
            assign()
        else:
            self._document.add_next_tick_callback(assign)

    def _open(self, model: str, slug: str) -> None:
        self._explorer.show(settings_of(models.catalogue[model].presets()[slug]))
        self._explorer.page = "explore"
