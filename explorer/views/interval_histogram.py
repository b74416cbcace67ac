"""How long the intervals between the spikes of a run are."""

from __future__ import annotations

import numpy as np
from bokeh.models import Range1d

from models import Run

from ..canvas import lean, move, plot, source
from ..palette import SPIKE
from ..vacant import Vacant

NOTHING = "No interval: it takes two spikes."
_LEAST_WIDTH = 0.02
"""Bins are no narrower than this share of the median interval: equal intervals make one bar."""
_FEWEST = 24
"""Bins over unequal intervals: the rule's are as wide as a burst and its pause are apart."""


def arrays(run: Run) -> dict[str, np.ndarray]:
    """Columns left, right (ms) and count of the source `interval_histogram`."""
    intervals = np.diff(run.spike_times)
    if intervals.size == 0:
        return {name: lean(np.empty(0)) for name in ("left", "right", "count")}
    edges = bins(intervals)
    count, _ = np.histogram(intervals, edges)
    return {"left": lean(edges[:-1]), "right": lean(edges[1:]), "count": lean(count)}


def bins(intervals: np.ndarray) -> np.ndarray:
    """Edges by the rule of Freedman & Diaconis (1981), 24 to 60 bins, over intervals (n,)."""
    low, high = float(intervals.min()), float(intervals.max())
    quarter = np.subtract(*np.percentile(intervals, [75, 25]))
    least = max(_LEAST_WIDTH * float(np.median(intervals)), (high - low) / 60.0)
    width = min(2.0 * quarter / intervals.size ** (1 / 3), (high - low) / _FEWEST)
    width = max(width, least)
    count = max(1, int(np.ceil((high - low) / width)))
    middle = 0.5 * (low + high)
    edges = middle + width * (np.arange(count + 1) - 0.5 * count)
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)  # rounding loses no interval
    return edges


def span(run: Run) -> tuple[float, float]:
    """The range of the intervals, zero included."""
    intervals = np.diff(run.spike_times)
    return 0.0, 1.15 * float(intervals.max()) if intervals.size else 100.0


class IntervalHistogram:
    """The plot of the intervals; its axes grow when something leaves them."""

    def __init__(self) -> None:
        self.x_range, self.y_range = Range1d(0, 100), Range1d(0, 10)
        self.source = source("interval_histogram", "left", "right", "count")
        self.figure = plot(self.x_range, self.y_range, name="interval_histogram_plot")
        self.figure.quad(
            left="left", right="right", top="count", bottom=0, source=self.source,
            fill_color=SPIKE, fill_alpha=0.75, line_color=SPIKE,
        )  # fmt: skip
        self.figure.xaxis.axis_label = "interval (ms)"
        self.figure.yaxis.axis_label = "intervals"
        self.figure.yaxis.ticker.min_interval = 1
        self._vacant = Vacant(self.figure)

    def fit(self, run: Run) -> None:
        """Take the axes of another model or preset."""
        move(self.x_range, span(run))
        counts = arrays(run)["count"]
        move(self.y_range, (0.0, 1.1 * max(1.0, float(counts.max(initial=1.0)))))

    def update(self, run: Run) -> None:
        """Draw a run."""
        made = arrays(run)
        if span(run)[1] > self.x_range.end and made["count"].size:
            move(self.x_range, span(run))
        if made["count"].max(initial=0.0) > self.y_range.end:
            move(self.y_range, (0.0, 1.1 * float(made["count"].max())))
        self._vacant.say("" if made["count"].size else NOTHING)
        self.source.data = made
