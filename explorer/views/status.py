"""The status line: what happened, in words, for eyes that read and for screen readers."""

from __future__ import annotations

from html import escape

import panel as pn

from models import analysis

from ..picture import Picture
from ..upstream import AT_ONCE

STOPPED = ("phasic spiking", "phasic bursting", "depolarisation block")
"""Patterns of a cell that fires no more."""


def sentences(picture: Picture, modified: bool) -> list[str]:
    """Model and preset; spikes, rate and pattern; fixed points."""
    return [
        heading(picture, modified),
        firing(picture),
        resting(picture),
    ]


def heading(picture: Picture, modified: bool) -> str:
    """Model and preset, "modified" once a value differs."""
    slug = picture.settings.preset
    title = picture.model.presets()[slug].title if slug else ""
    name = f"{picture.model.title}, {title}" if title else picture.model.title
    return f"{name} (modified)" if modified else name


def firing(picture: Picture) -> str:
    """How often, at what rate and in what pattern the cell fired.

    The rate is that at which it goes on, as in f-I curves and on the cards of the gallery; a cell
    that stopped has none, and nor has a run that blew up, whose pattern is not told either.
    """
    run = picture.run
    count = run.spike_times.size
    span = f"in {run.duration:g} ms"
    if run.diverged_at is not None:
        span = f"in {run.diverged_at:.4g} ms, then the numbers blew up"
    if not picture.model.fires():
        return f"it does not fire, {span.removeprefix('in ')}"
    if count == 0:
        return f"no spike {span}"
    if count == 1:
        return f"1 spike {span}"
    if run.diverged_at is not None:
        return f"{count} spikes {span}"
    label = analysis.pattern(run).label
    if label in STOPPED:
        return f"{count} spikes {span}, {label}"
    rate = analysis.steady_rate(run.spike_times)
    shown = f"{rate:.3g}" if rate < 100.0 else f"{rate:.0f}"
    return f"{count} spikes {span}, {shown} Hz, {label}"


def resting(picture: Picture) -> str:
    """The fixed points at the current under the time cursor."""
    points = analysis.fixed_points(picture.run.cell, current=picture.injected)
    at = f"at I = {picture.injected:.4g} {picture.model.current.unit}".rstrip()
    if not points:
        return f"{at}: no fixed point"
    first = picture.model.states[0]
    places = [
        f"{_named(point.kind)} at {_place(point.state[first.name])} {first.unit}".rstrip()
        for point in points[:3]
    ]
    return f"{at}: " + ", ".join(places)


def _place(value: float) -> str:
    """A value to four digits, where what is left of rounding errors is 0."""
    return f"{round(value, 9) + 0.0:.4g}"


def _named(kind: str) -> str:
    """A kind that is an adjective with its noun: "stable fixed point", but "stable node"."""
    return f"{kind} fixed point" if kind.endswith(("stable", "degenerate")) else kind


_LINES = """
.resting::before { content: "· "; }
@media (min-width: 1280px) {
  .resting { display: block; color: var(--rheo-muted); }
  .resting::before { content: none; }
  .resting::first-letter { text-transform: uppercase; }
}
"""
"""The fixed points have a line of their own where the page is wide: however many there are, nothing
below is pushed about."""


class Status:
    """One line of text with the role of a status, so that changes are spoken."""

    def __init__(self) -> None:
        self.pane = pn.pane.HTML(
            "", sizing_mode="stretch_width", margin=0, stylesheets=[_LINES, AT_ONCE]
        )
        self.text = ""

    def update(self, picture: Picture, modified: bool) -> None:
        title, fired, rested = sentences(picture, modified)
        self.text = f"{title}: {fired}; {rested}."
        body = (
            f"<b>{escape(title)}</b> · {escape(fired)} "
            f'<span class="resting">{escape(rested)}</span>'
        )
        self.pane.object = f'<div role="status" aria-live="polite">{body}</div>'
