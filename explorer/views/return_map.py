"""Each interval against the next: order in what a histogram mixes."""

from __future__ import annotations

import numpy as np
from bokeh.models import Range1d

from models import Run

from ..canvas import lean, move, plot, source
from ..log_ticks import tick
from ..palette import GREY, SPIKE
from ..vacant import Vacant

NOTHING = "No interval after another: it takes three spikes."
_EVERYWHERE = [1e-6, 1e9]
"""Ends of the diagonal, ms."""


def arrays(run: Run) -> dict[str, np.ndarray]:
    """Columns interval and next (ms) of the source `return_map`."""
    intervals = np.diff(run.spike_times)
    return {"interval": lean(intervals[:-1]), "next": lean(intervals[1:])}


def span(run: Run) -> tuple[float, float]:
    """The range of the intervals on a logarithmic scale: bursts span decades."""
    intervals = np.diff(run.spike_times)
    if intervals.size == 0:
        return 1.0, 100.0
    low, high = float(intervals.min()), float(intervals.max())
    return low / 1.6, high * 1.6


class ReturnMap:
    """The plot of each interval against the next; its axes grow when something leaves them."""

    def __init__(self) -> None:
        self.x_range, self.y_range = Range1d(1, 100), Range1d(1, 100)
        self.source = source("return_map", "interval", "next")
        self.figure = plot(
            self.x_range, self.y_range, name="return_map_plot", x_axis_type="log",
            y_axis_type="log",
        )  # fmt: skip
        self.figure.line(_EVERYWHERE, _EVERYWHERE, line_color=GREY, line_dash=[2, 3])
        self.figure.line(
            "interval", "next", source=self.source, line_color=SPIKE, line_width=0.75,
            line_alpha=0.5,
        )  # fmt: skip
        self.figure.scatter(
            "interval", "next", source=self.source, size=6, fill_color=SPIKE, fill_alpha=0.7,
            line_color=None,
        )  # fmt: skip
        self.figure.xaxis.axis_label = "interval (ms)"
        self.figure.yaxis.axis_label = "next (ms)"
        self._vacant = Vacant(self.figure)
        self._span((1.0, 100.0))

    def fit(self, run: Run) -> None:
        """Take the axes of another model or preset."""
        self._span(span(run))

    def update(self, run: Run) -> None:
        """Draw a run."""
        made = arrays(run)
        if made["interval"].size:
            low, high = span(run)
            shown = self.x_range
            if low < shown.start or high > shown.end:
                self._span((min(low, shown.start), max(high, shown.end)))
        self._vacant.say("" if made["interval"].size else NOTHING)
        self.source.data = made

    def _span(self, span: tuple[float, float]) -> None:
        for axis in (self.x_range, self.y_range):
            move(axis, span)
        for axis in self.figure.axis:
            tick(axis, span)
