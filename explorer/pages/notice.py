"""The line under the status: what was ignored in a link, why a run ended early, and the way out."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui

from ..remedy import Remedy, remedy
from ..state import Explorer

BESIDE_CONTROLS = ("parameter:", "stimulus", "initial", "dt", "duration", "method", "seed")
"""Complaints whose control shows them itself."""


class Notice:
    """Sentences that belong to no control; empty most of the time."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._remedy: Remedy | None = None
        self._text = pn.pane.HTML("", margin=0, sizing_mode="stretch_width")
        self._cure = pmui.Button(label="", size="small", variant="outlined", margin=0)
        self._cure.on_click(self._apply)
        self.layout = pn.Row(
            self._text, self._cure, css_classes=["notice"], margin=0, visible=False,
            sizing_mode="stretch_width",
        )  # fmt: skip
        explorer.param.watch(self._update, ["run", "complaints"])
        self._update()

    def _update(self, *_events: Any) -> None:
        run = self._explorer.run
        sentences = [
            sentence
            for control, sentence in self._explorer.complaints.items()
            if not control.startswith(BESIDE_CONTROLS)
        ]
        self._remedy = None
        if run is not None and run.diverged_at is not None:
            sentences.append(
                f"The numbers blew up at {run.diverged_at:.4g} ms: {run.method} with steps of "
                f"{run.dt:g} ms is too coarse here. The run is drawn up to that moment."
            )
            self._remedy = remedy(self._explorer.settings)
        self._cure.visible = self._remedy is not None
        if self._remedy is not None:
            self._cure.label = self._remedy.label
        words = "<br>".join(escape(sentence) for sentence in sentences)
        self._text.object = f'<div role="alert">{words}</div>' if words else ""
        self.layout.visible = bool(words)

    def _apply(self, _event: Any) -> None:
        if self._remedy is not None:
            self._explorer.set_numerics(**self._remedy.changes)
