"""The line over every page that says what of the visitor's link was ignored."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn

from ..state import Explorer
from ..upstream import AT_ONCE

LINK = "link"
"""The complaint of `Explorer.complaints` that is about the link."""
_ALARM = {"color": "var(--rheo-alarm)", "font-size": "14px", "padding": "4px 12px"}


class LinkWord:
    """Empty without a complaint; it goes with the next change, and when the page is turned."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self.pane = pn.pane.HTML(
            "",
            margin=0,
            visible=False,
            sizing_mode="stretch_width",
            styles=_ALARM,
            stylesheets=[AT_ONCE],
        )
        explorer.param.watch(lambda event: self._say(), "complaints")
        explorer.param.watch(self._turned, "page")
        self._say()

    def _say(self) -> None:
        # The backticks around names are for consoles.
        words = escape(self._explorer.complaints.get(LINK, "").replace("`", ""))
        self.pane.object = f'<div role="alert">{words}</div>' if words else ""
        self.pane.visible = bool(words)

    def _turned(self, _event: Any) -> None:
        others = {name: said for name, said in self._explorer.complaints.items() if name != LINK}
        self._explorer.complaints = others
