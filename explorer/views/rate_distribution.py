"""What the differences among the cells do: each cell's rate against what was varied."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import Range1d

from ..canvas import hand_over, lean, move, padded, plot, source
from ..feature_colours import colour_field, colours_of
from ..layer_picture import LayerPicture
from ..notation import latex_of, to_text
from ..palette import GREY

MOST = 2000
"""Cells drawn; of a larger layer evenly many of each feature."""
FEATURE = "feature"
"""Label of the axis where all cells are alike."""
BINS = 16
"""Along the axis, for the mean."""


def arrays(picture: LayerPicture) -> dict[str, dict[str, Any]]:
    """What is drawn, by source: `cell_rates` (value, rate, colour, cell) and `mean_rates`.

    `mean_rates` has columns value and rate: the mean of all cells in each of a few bins, those
    that are not drawn included.
    """
    drawn = _dots(picture)
    value, rate = picture.varied, picture.rates
    low, high = float(value.min()), float(value.max())
    bins = min(BINS, np.unique(value).size)
    place = np.minimum((value - low) / (high - low or 1.0) * bins, bins - 1).astype(int)
    counts = np.bincount(place, minlength=bins)
    some = counts > 0
    sums = [np.bincount(place, values, minlength=bins)[some] for values in (value, rate)]
    means = [total / counts[some] for total in sums]
    return {
        "cell_rates": {
            "value": lean(value[drawn]),
            "rate": lean(rate[drawn]),
            "colour": colours_of(picture.features[drawn]),
            "cell": drawn.astype(np.int32),
        },
        "mean_rates": {"value": lean(means[0]), "rate": lean(means[1])},
    }


def _dots(picture: LayerPicture) -> np.ndarray:
    """The cells drawn, place by place, so that no feature covers all others."""
    chosen = np.unique(np.linspace(0, picture.settings.size - 1, MOST).astype(int))
    per_feature = picture.settings.rows * picture.settings.columns
    return chosen[np.argsort(chosen % per_feature, kind="stable")]


def axis_label(picture: LayerPicture) -> str:
    """What the cells differ in."""
    if picture.settings.vary:
        quantity = picture.basis.model_class.quantities()[picture.settings.vary]
        symbol = to_text(latex_of(quantity.name, quantity.symbol))
        unit = f" ({quantity.unit})" if quantity.unit else ""
        return f"{quantity.label}, {symbol}{unit}"
    return "weight of the input" if picture.settings.spread else FEATURE


def caption(picture: LayerPicture) -> str:
    """What a dot is."""
    size = picture.settings.size
    if size > MOST:
        return f"{MOST:,} of {size:,} cells drawn; grey: mean of all."
    return "One dot per cell; grey: mean."


def spans(picture: LayerPicture) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ranges that show every cell."""
    value, rate = picture.varied, picture.rates
    low, high = min(0.0, float(rate.min())), max(0.0, float(rate.max()))
    sides = (float(value.min()), float(value.max()))
    if picture.settings.vary:
        sides = (picture.settings.low, picture.settings.high)
    return padded(*sides), padded(low, high if high > low else low + 1.0, 0.08)


class RateDistribution:
    """The plot of the rates. Its ranges grow as needed and otherwise hold still."""

    def __init__(self) -> None:
        self.sources = {
            "cell_rates": source("cell_rates", "value", "rate", "colour", "cell"),
            "mean_rates": source("mean_rates", "value", "rate"),
        }
        self.x_range, self.y_range = Range1d(0, 1), Range1d(0, 100)
        made = plot(
            self.x_range, self.y_range, name="rate_distribution_plot", css_classes=["distribution"]
        )
        made.xaxis.ticker.desired_num_ticks = 4
        made.scatter(
            "value",
            "rate",
            source=self.sources["cell_rates"],
            size=5,
            fill_color=colour_field("colour"),
            fill_alpha=0.7,
            line_color=None,
        )
        made.line(
            "value", "rate", source=self.sources["mean_rates"], line_color=GREY, line_width=2.5
        )
        self.figure = made

    def fit(self, picture: LayerPicture) -> None:
        """Take the axes of another layer."""
        for axis, span in zip((self.x_range, self.y_range), spans(picture), strict=True):
            move(axis, span)
        self.figure.yaxis.axis_label = "mean rate" if picture.is_rate else "rate (Hz)"

    def update(self, picture: LayerPicture, drawn: dict[str, dict[str, Any]]) -> None:
        label = axis_label(picture)
        if self.figure.xaxis[0].axis_label != label:
            self.figure.xaxis.axis_label = label
            self.figure.xaxis.ticker.min_interval = 1.0 if label == FEATURE else 0.0
            move(self.x_range, spans(picture)[0])
        for axis, (low, high) in zip((self.x_range, self.y_range), spans(picture), strict=True):
            if low < axis.start or high > axis.end:
                move(axis, (min(low, axis.start), max(high, axis.end)))
        for name, data in drawn.items():
            hand_over(self.sources[name], data)

    def nearest(self, x: float, y: float) -> int | None:
        """The cell of the dot nearest to a point, by the lengths of the axes; None without dots."""
        data = self.sources["cell_rates"].data
        if not len(data["cell"]):
            return None
        across = (np.asarray(data["value"]) - x) / (self.x_range.end - self.x_range.start)
        up = (np.asarray(data["rate"]) - y) / (self.y_range.end - self.y_range.start)
        return int(data["cell"][int(np.argmin(across**2 + up**2))])
