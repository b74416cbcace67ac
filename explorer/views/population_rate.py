"""The population rate of a layer over time: the mean of all cells, and of each feature."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, Range1d

from ..canvas import hand_over, lean, move, padded, plot, source
from ..feature_colours import colour_field, colours_of
from ..layer_picture import LayerPicture
from ..palette import GREY

BINS = 80
"""Bins along a run, or samples of a rate."""


def arrays(picture: LayerPicture) -> dict[str, dict[str, Any]]:
    """What is drawn, by source.

    `population_rate` has columns time (ms) and rate: spikes per second and cell in bins, at their
    middle; or the mean rate of units that have one. `feature_rates` has a row for each feature:
    xs, ys and colour.
    """
    time, rates = per_feature(picture)
    return {
        "population_rate": {"time": lean(time), "rate": lean(rates.mean(axis=0))},
        "feature_rates": {
            "xs": [lean(time)] * len(rates),
            "ys": [lean(row) for row in rates],
            "colour": colours_of(np.arange(len(rates))),
        },
    }


def per_feature(picture: LayerPicture) -> tuple[np.ndarray, np.ndarray]:
    """Times (n,) ms and the mean rate of each feature there, (F, n)."""
    steps, dt = picture.run.steps, picture.run.dt
    features, per = picture.settings.features, picture.settings.size // picture.settings.features
    if picture.is_rate:
        at = np.linspace(0, steps, min(steps + 1, 4 * BINS)).astype(int)
        return at * dt, picture.outputs[at].reshape(at.size, features, per).mean(axis=2).T
    width = width_of(picture)
    bins = max(1, steps // width)
    step, cell = picture.spikes
    inside = step < bins * width
    place = (cell[inside] // per) * bins + step[inside] // width
    counts = np.bincount(place, minlength=features * bins).reshape(features, bins)
    return (np.arange(bins) + 0.5) * width * dt, counts / (per * width * dt * 1e-3)


def span(picture: LayerPicture, drawn: dict[str, dict[str, Any]]) -> tuple[float, float]:
    """The range that shows every feature."""
    values = np.concatenate([np.zeros(1), *drawn["feature_rates"]["ys"]])
    low, high = float(values.min()), float(values.max())
    return padded(low, high if high > low else low + 1.0, 0.08)


def caption(picture: LayerPicture) -> str:
    """What the lines are."""
    if picture.is_rate:
        return "Mean of each; grey: of all."
    return f"Each feature in bins of {width_of(picture) * picture.run.dt:.3g} ms; grey: all."


def width_of(picture: LayerPicture) -> int:
    """Width of a bin, in steps."""
    return max(1, picture.run.steps // BINS)


class PopulationRate:
    """The plot of the population rate; it carries the time axis of the raster above it.

    Its range grows when a rate leaves it and otherwise holds still.
    """

    def __init__(self, time: Range1d, cursor: ColumnDataSource) -> None:
        self.sources = {
            "population_rate": source("population_rate", "time", "rate"),
            "feature_rates": source("feature_rates", "xs", "ys", "colour"),
        }
        self.range = Range1d(0, 100)
        made = plot(time, self.range, name="population_rate_plot", css_classes=["rate"])
        made.xaxis.axis_label = "time (ms)"
        made.yaxis.ticker.desired_num_ticks = 3
        made.vspan(x="time", source=cursor, line_color=GREY)
        made.multi_line(
            "xs", "ys", source=self.sources["feature_rates"], line_color=colour_field("colour"),
            line_width=1.0, line_alpha=0.75,
        )  # fmt: skip
        made.line(
            "time", "rate", source=self.sources["population_rate"], line_color=GREY, line_width=2.5
        )
        self.figure = made

    def fit(self, picture: LayerPicture, drawn: dict[str, dict[str, Any]]) -> None:
        """Take the axes of another layer."""
        move(self.range, span(picture, drawn))
        self.figure.yaxis.axis_label = "mean rate" if picture.is_rate else "rate (Hz)"

    def update(self, picture: LayerPicture, drawn: dict[str, dict[str, Any]]) -> None:
        low, high = span(picture, drawn)
        if low < self.range.start or high > self.range.end:
            move(self.range, (min(low, self.range.start), max(high, self.range.end)))
        for name, data in drawn.items():
            hand_over(self.sources[name], data, always=("xs", "ys"))
