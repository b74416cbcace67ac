"""The injected current over time."""

from __future__ import annotations

import numpy as np
from bokeh.models import ColumnDataSource, Range1d

from ..canvas import curve, hand_over, lean, move, padded, plot, source
from ..palette import CURRENT, GREY
from ..picture import POINTS, Picture, extremes

UPRIGHT = 400
"""Jumps up to which the steps of the current are drawn upright; noise has thousands."""


def arrays(picture: Picture) -> dict[str, np.ndarray]:
    """Columns `time` and `current` of the source `current`."""
    run = picture.run
    if run.current.size == 0:
        return {"time": lean(run.time), "current": lean(np.zeros_like(run.time))}
    jumps = np.flatnonzero(np.diff(run.current)) + 1
    if jumps.size > UPRIGHT:
        drawn = extremes(run.current, POINTS)
        return {"time": lean(run.time[drawn]), "current": lean(run.current[drawn])}
    sides = np.stack([run.current[jumps - 1], run.current[jumps]], axis=1).ravel()
    time = np.concatenate([run.time[:1], np.repeat(run.time[jumps], 2), run.time[-1:]])
    values = np.concatenate([run.current[:1], sides, run.current[-1:]])
    return {"time": lean(time), "current": lean(values)}


def span(picture: Picture) -> tuple[float, float]:
    """The range of the current, zero included."""
    values = picture.run.current if picture.run.current.size else np.zeros(1)
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    return padded(low, high if high > low else low + 1.0, 0.12)


class Current:
    """The plot of the injected current; it carries the time axis of all traces.

    Its range grows when a current leaves it and otherwise holds still.
    """

    def __init__(self, time: Range1d, cursor: ColumnDataSource) -> None:
        self.source = source("current", "time", "current")
        self.range = Range1d(-1, 12)
        self.figure = plot(time, self.range, name="current_plot", css_classes=["current"])
        self.figure.xaxis.axis_label = "time (ms)"
        self.figure.yaxis.ticker.desired_num_ticks = 3
        self.figure.vspan(x="time", source=cursor, line_color=GREY)
        curve(
            self.figure, "time", "current", source=self.source, line_color=CURRENT, line_width=1.75
        )

    def fit(self, picture: Picture) -> None:
        """Take the axes of another model or preset."""
        move(self.range, span(picture))
        unit = picture.model.current.unit
        self.figure.yaxis.axis_label = f"I ({unit})" if unit else "I"

    def update(self, picture: Picture) -> None:
        low, high = span(picture)
        if low < self.range.start or high > self.range.end:
            move(self.range, (min(low, self.range.start), max(high, self.range.end)))
        hand_over(self.source, arrays(picture))
