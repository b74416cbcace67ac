"""The Gallery page: a thumbnail of every preset; one click opens it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

import panel as pn
import param
from panel.custom import JSComponent

import models

from .. import thumbnails
from ..background import Slot, Watch
from ..gallery_search import Search
from ..state import Explorer, settings_of
from ..theme import sheet

_WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="thumbnails")
"""Draws cards that are not ready yet; one thread, so that sliders of other visitors stay quick."""
EVERY = 0.5
"""Seconds after which the cards that are ready are sent while the rest is still being drawn."""


class GalleryCards(JSComponent):
    """The cards, searched and filtered in the browser.

    Parameters
    ----------
    on_open : called with model and slug of the card that was clicked.
    on_search : called with what is searched for, whenever that changes.
    """

    cards = param.List(doc="cards as plain data")
    wanted = param.Dict(default={}, doc="what is searched for to begin with")
    size = param.List(default=[thumbnails.WIDTH, thumbnails.HEIGHT], doc="of a thumbnail")

    _esm = Path(__file__).with_name("gallery.js")

    def __init__(
        self,
        on_open: Callable[[str, str], Any],
        on_search: Callable[[Search], Any],
        **settings: Any,
    ) -> None:
        super().__init__(
            sizing_mode="stretch_width", margin=0, stylesheets=[sheet("gallery")], **settings
        )
        self._on_open = on_open
        self._on_search = on_search

    def _handle_msg(self, data: Any) -> None:
        if "search" in data:
            self._on_search(Search(**data["search"]))
        else:
            self._on_open(data["model"], data["slug"])


class GalleryPage:
    """All presets at a glance."""

    side = None

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._slot = Slot(pn.state.curdoc, _WORKER, self._draw, self._complain)
        self._asked = False
        search = explorer.beside.get("gallery", Search())
        self.grid = GalleryCards(self._open, self._search, wanted=asdict(search))
        self._alarm = pn.pane.HTML("", margin=0, sizing_mode="stretch_width", visible=False)
        self.layout = pn.Column(self._alarm, self.grid, sizing_mode="stretch_width", margin=0)

    def show(self) -> None:
        """Draw the cards on the first visit, beside everything else, a handful at a time."""
        if not self._asked:
            self._asked = True
            self._slot.ask(handfuls)

    def hide(self) -> None:
        """Go behind: cards that are not drawn yet wait for the next visit."""
        if self._slot.busy:
            self._slot.drop()
            self._asked = False

    def _draw(self, cards: list[dict[str, Any]]) -> None:
        self.grid.cards = cards

    def _complain(self, sentence: str) -> None:
        self._alarm.object = f'<div role="alert">{escape(sentence)}</div>'
        self._alarm.visible = True

    def _search(self, search: Search) -> None:
        """Take note of it for links."""
        self._explorer.beside = {**self._explorer.beside, "gallery": search}

    def _open(self, model: str, slug: str) -> None:
        self._explorer.show(settings_of(models.catalogue[model].presets()[slug]))
        self._explorer.page = "explore"


def handfuls(watch: Watch) -> Iterator[list[dict[str, Any]]]:
    """All cards as plain data; before that, every `EVERY` seconds, those that are ready."""
    cards: list[dict[str, Any]] = []
    wanted = thumbnails.every()
    said = time.monotonic()
    for model, slug in wanted:
        watch.progress(len(cards) / len(wanted))
        cards.append(thumbnails.card(model, slug).as_data())
        if time.monotonic() - said > EVERY:
            yield list(cards)
            said = time.monotonic()
    yield cards
