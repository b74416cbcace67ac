"""Rebound: spikes after the release from a hyperpolarising pulse, by its strength."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import HoverTool, Range1d

from models.analysis import Rebound
from models.quantity import written

from ..canvas import lean, move, plot, source
from ..palette import SPIKE
from ..varied import Varied


def arrays(found: Rebound) -> dict[str, Any]:
    """Columns amplitude, spikes, latency (ms) of the source `rebound`."""
    return {
        "amplitude": lean(found.amplitudes),
        "spikes": lean(found.spikes),
        "latency": lean(found.latency),
    }


def sentence(found: Rebound, quantity: Varied) -> str:
    """Where rebound begins, in one sentence."""
    fires = np.flatnonzero(found.spikes > 0)
    over = f"after {found.width:g} ms"
    if fires.size == 0:
        return f"No rebound: the cell stays silent when released {over}."
    weakest = fires[np.argmax(found.amplitudes[fires])]
    strongest = fires[np.argmin(found.amplitudes[fires])]
    at = f"{written(found.amplitudes[weakest])} {quantity.unit}".rstrip()
    if found.amplitudes[strongest] > found.amplitudes.min():
        where = f"between {written(found.amplitudes[strongest])} and {at}"
    else:
        where = f"at {at} or below"
    most = int(found.spikes.max())
    count = "one spike" if most == 1 else f"up to {most} spikes"
    return (
        f"Released {over} {where}, the cell fires {count}, "
        f"{written(found.latency[weakest])} ms later at the weakest."
    )


class ReboundView:
    """The plot of the number of spikes against the current of the pulse."""

    def __init__(self) -> None:
        self.x_range, self.y_range = Range1d(-20, 0), Range1d(-0.2, 4)
        self.source = source("rebound", "amplitude", "spikes", "latency")
        made = plot(self.x_range, self.y_range, name="rebound_plot")
        made.step(
            "amplitude", "spikes", source=self.source, mode="center", line_color=SPIKE,
            line_width=2.5,
        )  # fmt: skip
        points = made.scatter(
            "amplitude", "spikes", source=self.source, size=5, fill_color=SPIKE, line_color=None
        )
        made.add_tools(
            HoverTool(
                renderers=[points],
                tooltips=[("I", "@amplitude"), ("spikes", "@spikes"), ("after", "@latency ms")],
            )
        )
        made.yaxis.axis_label = "spikes after the pulse"
        made.yaxis.ticker.mantissas = [1, 2, 5]
        made.yaxis.ticker.min_interval = 1
        self.figure = made

    def draw(self, found: Rebound, quantity: Varied) -> str:
        """Draw a curve and fit the axes to it; gives the sentence under it."""
        move(self.x_range, (float(found.amplitudes.min()), float(found.amplitudes.max())))
        move(self.y_range, (-0.2, max(3.0, float(found.spikes.max())) + 0.5))
        self.figure.xaxis.axis_label = quantity.axis
        self.source.data = arrays(found)
        return sentence(found, quantity)
