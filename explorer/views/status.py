"""The status line: what happened, in words, for eyes that read and for screen readers."""

from __future__ import annotations

from html import escape

import panel as pn

from models import analysis

from ..picture import Picture


def sentences(picture: Picture, modified: bool) -> list[str]:
    """Model and preset; spikes, rate and pattern; fixed points; divergence."""
    return [
        heading(picture, modified),
        firing(picture),
        *([diverged] if (diverged := divergence(picture)) else [resting(picture)]),
    ]


def heading(picture: Picture, modified: bool) -> str:
    """Model and preset, "modified" once a value differs."""
    slug = picture.settings.preset
    title = picture.model.presets()[slug].title if slug else ""
    name = f"{picture.model.title}, {title}" if title else picture.model.title
    return f"{name} (modified)" if modified else name


def firing(picture: Picture) -> str:
    """How often and in what pattern the cell fired."""
    run = picture.run
    count = run.spike_times.size
    if count == 0:
        return f"no spike in {run.duration:g} ms"
    spikes = "1 spike" if count == 1 else f"{count} spikes"
    words = [f"{spikes} in {run.duration:g} ms"]
    if count > 1:
        words.append(f"{1e3 * count / run.duration:.3g} Hz")
    return ", ".join(words)


def resting(picture: Picture) -> str:
    """The fixed points at the current under the time cursor."""
    points = analysis.fixed_points(picture.run.cell, current=picture.injected)
    unit = picture.model.current.unit
    at = f"at I = {picture.injected:.4g} {unit}".rstrip()
    if not points:
        return f"{at}: no fixed point"
    first = picture.model.states[0].name
    places = [f"{point.kind} at {first} = {point.state[first]:.1f}" for point in points[:3]]
    return f"{at}: " + ", ".join(places)


def divergence(picture: Picture) -> str | None:
    """Why a run ended early, and the way out."""
    run = picture.run
    if run.diverged_at is None:
        return None
    return (
        f"the numbers blew up at {run.diverged_at:g} ms with {run.method} and dt = {run.dt:g} ms: "
        "take a smaller dt or another method"
    )


class Status:
    """One line of text with the role of a status, so that changes are spoken."""

    def __init__(self) -> None:
        self.pane = pn.pane.HTML("", sizing_mode="stretch_width", margin=0)
        self.text = ""

    def update(self, picture: Picture, modified: bool) -> None:
        first, *rest = sentences(picture, modified)
        self.text = f"{first}: {'; '.join(rest)}."
        body = f"<b>{escape(first)}</b> · " + " · ".join(escape(part) for part in rest)
        self.pane.object = f'<div role="status" aria-live="polite">{body}</div>'
