"""The status line of the layer page: how many cells, how they fired, who won, order or chaos."""

from __future__ import annotations

from html import escape

import numpy as np
import panel as pn

from ..layer_picture import NUDGE, LayerPicture

_BOUNDED = ("tanh", "sigmoid", "relu6", "sine")
"""Smooth rate functions that stay finite: what grows under them is no mere explosion."""


def sentences(picture: LayerPicture) -> list[str]:
    """The layer; its spikes or rates; winners, or what feeds back."""
    if picture.is_rate:
        return [heading(picture), rates(picture), feedback(picture)]
    return [heading(picture), firing(picture), winning(picture)]


def heading(picture: LayerPicture) -> str:
    """What stands on the grid."""
    settings = picture.settings
    what = "unit" if picture.is_rate else "cell"
    count = f"{settings.size:,} {what}" + ("s" if settings.size > 1 else "")
    shape = f"{settings.features} × {settings.rows} × {settings.columns}"
    return f"{picture.basis.model_class.title}, {count} ({shape})"


def firing(picture: LayerPicture) -> str:
    """How often the cells fired."""
    count, span = picture.spikes[0].size, f"in {picture.run.duration:g} ms"
    if not count:
        return f"no spike {span}"
    rates = picture.rates
    silent = int((rates == 0).sum())
    words = f"{count:,} spike{'s' if count > 1 else ''} {span}, {rates.mean():.3g} Hz a cell"
    words += f" ({rates.min():.3g} to {rates.max():.3g})"
    return words + (f", {silent:,} silent" if silent else "")


def winning(picture: LayerPicture) -> str:
    """How often there was a winner, and of which feature."""
    if not picture.settings.winners:
        return "no competition"
    features = picture.run.winners[:, :, 0]
    won = features[features >= 0]
    if not won.size:
        return "no winner"
    wins = np.bincount(won, minlength=picture.settings.features)
    best = int(wins.argmax())
    share = 100.0 * wins[best] / won.size
    return f"{won.size:,} wins, feature {best + 1} most often ({share:.0f} %)"


def rates(picture: LayerPicture) -> str:
    """How large the rates are at the end."""
    last = picture.outputs[-1].astype(float)
    return (
        f"after {picture.run.duration:g} ms the rates have mean {last.mean():.3g} and standard "
        f"deviation {last.std():.3g}"
    )


def feedback(picture: LayerPicture) -> str:
    """Whether a difference between two starts dies out or grows."""
    if picture.apart is None:
        return "no recurrence"
    fate = f"a difference of {NUDGE:g} between two starts"
    if picture.apart < NUDGE:
        fate += f" shrinks to {picture.apart:.1e}: order"
    else:
        fate += f" grows to {picture.apart:.2g}"
        fate += ": chaos" if picture.run.layer.cell.parameters["activation"] in _BOUNDED else ""
    return f"gain {picture.settings.gain:g}: {fate}"


class LayerStatus:
    """One line of text with the role of a status, so that changes are spoken."""

    def __init__(self) -> None:
        self.pane = pn.pane.HTML("", sizing_mode="stretch_width", margin=0)
        self.text = ""

    def update(self, picture: LayerPicture) -> None:
        first, *rest = sentences(picture)
        self.text = f"{first}: {'; '.join(rest)}."
        body = f"<b>{escape(first)}</b> · " + " · ".join(escape(part) for part in rest)
        self.pane.object = f'<div role="status" aria-live="polite">{body}</div>'
