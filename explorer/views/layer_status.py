"""The status line of the layer page: how many cells, how they fired, who won, order or chaos."""

from __future__ import annotations

from html import escape

import numpy as np
import panel as pn

from ..layer_picture import NUDGE, LayerPicture

_BOUNDED = ("tanh", "sigmoid", "relu6", "sine")
"""Smooth rate functions that stay finite: what grows under them is no mere explosion."""


_CLEAR = 2.0
"""Factor by which a difference must have grown or shrunk to be called growing or shrinking."""
_DEAD = 1e-3
"""A rate below this is not seen any more."""


def sentences(picture: LayerPicture) -> list[str]:
    """The layer; its spikes or rates; winners, or what feeds back."""
    if picture.is_rate:
        return [heading(picture), rates(picture), feedback(picture)]
    said = [heading(picture), firing(picture), winning(picture), blown_up(picture)]
    return [words for words in said if words]


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
    words = f"{count:,} spike{'s' if count > 1 else ''} {span}, {_figure(rates.mean())} Hz a cell"
    words += f" ({_figure(rates.min())} to {_figure(rates.max())})"
    return words + (f", {silent:,} silent" if silent else "")


def blown_up(picture: LayerPicture) -> str:
    """How many cells left the range of numbers that their model can take."""
    lost = int(picture.run.diverged.sum())
    if not lost:
        return ""
    cells = f"{lost:,} cell{'s' if lost > 1 else ''}"
    return f"{cells} blew up: choose a smaller layer time step, or another layer method"


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
    if np.abs(last).max() < _DEAD:
        return f"after {picture.run.duration:g} ms all rates have died out"
    return (
        f"after {picture.run.duration:g} ms the rates have mean {last.mean():.3g} and standard "
        f"deviation {last.std():.3g}"
    )


def feedback(picture: LayerPicture) -> str:
    """Whether a difference between two starts dies out or grows."""
    if picture.apart is None:
        return "no recurrence"
    fate = f"a difference of {NUDGE:g} between two starts"
    if picture.apart < NUDGE / _CLEAR:
        fate += f" shrinks to {picture.apart:.1e}: order"
    elif picture.apart < NUDGE * _CLEAR:
        fate += f" is still {picture.apart:.1e}: a longer run decides between order and chaos"
    else:
        fate += f" grows to {picture.apart:.2g}"
        fate += ": chaos" if picture.run.layer.cell.parameters["activation"] in _BOUNDED else ""
    return f"gain {picture.settings.gain:g}: {fate}"


def _figure(value: float) -> str:
    """A number to three digits, without powers of ten."""
    return f"{value:,.0f}" if value >= 1000.0 else f"{value:.3g}"


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
