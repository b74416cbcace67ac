"""The button that gives the link of what is on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from panel.custom import JSComponent

from ..marks import Marks
from ..state import Explorer
from . import beside
from .links import looks, query


class CopyLink(JSComponent):
    """A button: one click puts the link into the clipboard and the address bar.

    The link is written on demand: following every slider move would rewrite the address bar
    dozens of times a second.
    """

    _esm = Path(__file__).with_suffix(".js")
    _stylesheets = [  # noqa: RUF012
        """
        .copy {
          font: inherit; font-size: 13px; min-height: 32px; padding: 0 12px; cursor: pointer;
          color: inherit; background: transparent; border: 1px solid var(--rheo-line);
          border-radius: 6px; white-space: nowrap;
        }
        .copy:hover { border-color: var(--rheo-muted); }
        .copy:focus-visible { outline: 2px solid var(--rheo-focus); outline-offset: 2px; }
        """
    ]

    def __init__(self, explorer: Explorer, **settings: Any) -> None:
        super().__init__(margin=0, **settings)
        self._explorer = explorer

    def _handle_msg(self, data: Any) -> None:
        now = self._explorer
        shown = looks(now.page, now.layers) + query(now.settings)
        pages = {"explore": Marks(now.cursor, tuple(now.seeds)), **now.beside}
        self._send_msg({"query": shown + beside.query(pages, now.settings)})
