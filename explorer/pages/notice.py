"""The line under the status: why a run ended early, and the way out; what a published step does."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui

from models import Run, published
from models.integrators import schemes

from ..method_titles import method_title
from ..remedy import Remedy, remedy
from ..state import Explorer, Settings
from ..upstream import AT_ONCE
from .link_word import LINK

ELSEWHERE = (LINK, "parameter:", "stimulus", "initial", "dt", "duration", "method", "seed")
"""Complaints that are shown elsewhere: over the page, or at their control."""

_ALARM = {"color": "var(--rheo-alarm)", "font-size": "14px"}
_LINE = {"flex-wrap": "wrap", "align-items": "center", "gap": "4px 14px"}
_ABOUT = {"color": "var(--rheo-muted)", "font-size": "13px"}


def about(settings: Settings, run: Run, overlay: Run | None) -> list[str]:
    """What a published step does differently, and where it errs: one line per step on show."""
    lines = []
    if settings.method not in schemes:
        lines.append(_described(settings, settings.method, _title(settings, settings.method)))
    if overlay is not None:
        parts = [f"Grey: {_title(settings, overlay.method)}"]
        if overlay.diverged_at is not None:
            parts.append(f"which blew up at {overlay.diverged_at:.4g} ms")
        elif settings.model_class.fires():
            parts.append(f"{overlay.spike_times.size} spikes against {run.spike_times.size}")
        lines.append(_described(settings, overlay.method, ", ".join(parts)))
    return lines


def _title(settings: Settings, method: str) -> str:
    return method_title(settings.model_class, method)


def _described(settings: Settings, method: str, heading: str) -> str:
    if method in schemes:
        return f"{heading}."
    step = published.published_step(settings.model_class, method)
    return " ".join(part for part in (f"{heading}.", step.differs, step.bug) if part)


def _blown_up(run: Run) -> str:
    """When a run ended early, and why if the method is accurate: a published step may differ."""
    title = method_title(type(run.cell), run.method)
    if run.method not in schemes:
        return f"The numbers of {title} blew up at {run.diverged_at:.4g} ms."
    return (
        f"The numbers blew up at {run.diverged_at:.4g} ms: {title} with steps of {run.dt:g} ms is "
        "too coarse here."
    )


class Notice:
    """Sentences that belong to no control; empty most of the time."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._remedy: Remedy | None = None
        self._text = pn.pane.HTML("", margin=0, styles=_ALARM, stylesheets=[AT_ONCE])
        self._cure = pmui.Button(label="", size="small", variant="outlined", margin=0)
        self._cure.on_click(self._apply)
        self._about = pn.pane.HTML(
            "", margin=0, sizing_mode="stretch_width", styles=_ABOUT, stylesheets=[AT_ONCE]
        )
        self._alarm = pn.Row(
            self._text, self._cure, margin=0, sizing_mode="stretch_width", styles=_LINE
        )
        self.layout = pn.Column(
            self._alarm,
            self._about,
            css_classes=["notice"],
            margin=0,
            visible=False,
            sizing_mode="stretch_width",
        )
        explorer.param.watch(self._update, ["run", "complaints"])
        self._update()

    def _update(self, *_events: Any) -> None:
        run = self._explorer.run
        sentences = [
            sentence
            for control, sentence in self._explorer.complaints.items()
            if not control.startswith(ELSEWHERE)
        ]
        self._remedy = None
        if run is not None and run.diverged_at is not None:
            sentences.append(f"{_blown_up(run)} The run is drawn up to that moment.")
            self._remedy = remedy(self._explorer.settings)
        self._cure.visible = self._remedy is not None
        if self._remedy is not None:
            self._cure.label = self._remedy.label
        # The backticks around names are for consoles.
        words = "<br>".join(escape(sentence.replace("`", "")) for sentence in sentences)
        self._text.object = f'<div role="alert">{words}</div>' if words else ""
        self._alarm.visible = bool(words)
        lines = about(self._explorer.settings, run, self._explorer.overlay) if run else []
        self._about.object = "<br>".join(escape(line) for line in lines)
        self._about.visible = bool(lines)
        self.layout.visible = bool(words or lines)

    def _apply(self, _event: Any) -> None:
        if self._remedy is not None:
            self._explorer.set_numerics(**self._remedy.changes)
