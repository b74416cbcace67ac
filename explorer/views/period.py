"""The period of each periodic orbit of a bifurcation diagram: how firing begins and ends."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import HoverTool, Range1d

from models.analysis import Diagram

from ..branches import stretches
from ..canvas import broken_at, move, plot, source
from ..log_ticks import tick
from ..palette import GREY, SPIKE
from ..vacant import Vacant
from ..varied import Varied

NOTHING = "Nothing fires regularly in this range: there is no period."


def arrays(diagram: Diagram) -> dict[str, dict[str, np.ndarray]]:
    """Columns x, y (ms) of the sources `stable` and `unstable`, one stretch after the other."""
    made = {}
    for name, wanted in (("stable", True), ("unstable", False)):
        pieces = [
            piece
            for cycle in diagram.cycles
            for piece in stretches(cycle.parameter, cycle.period, cycle.stable, wanted)
        ]
        x, y = broken_at(pieces)
        made[name] = {"x": x, "y": y}
    return made


def span(diagram: Diagram) -> tuple[float, float]:
    """The range of the period; an infinite one leaves it."""
    periods = [cycle.period[np.isfinite(cycle.period)] for cycle in diagram.cycles]
    joined = np.concatenate([*periods, np.empty(0)])
    joined = joined[joined > 0.0]
    if joined.size == 0:
        return 1.0, 100.0
    return float(joined.min()) / 1.3, min(float(joined.max()) * 1.3, float(joined.min()) * 1e4)


class Period:
    """The plot of the period against what is varied, on a logarithmic scale.

    Parameters
    ----------
    x_range : that of the diagram above.
    present : source with column `x`: where the quantity stands now.
    """

    def __init__(self, x_range: Range1d, present: Any) -> None:
        self.y_range = Range1d(1, 100)
        self.sources = {name: source(f"period_{name}", "x", "y") for name in ("stable", "unstable")}
        made = plot(x_range, self.y_range, name="period_plot", y_axis_type="log")
        made.vspan(x="x", source=present, line_color=GREY, line_width=1.25)
        made.line(
            "x", "y", source=self.sources["unstable"], line_color=SPIKE, line_width=1.5,
            line_dash=[5, 4],
        )  # fmt: skip
        line = made.line("x", "y", source=self.sources["stable"], line_color=SPIKE, line_width=2.5)
        made.add_tools(HoverTool(renderers=[line], tooltips=[("", "@y{0.0} ms")], mode="mouse"))
        made.yaxis.axis_label = "period (ms)"
        self.figure = made
        # The axis of what is varied stays: the diagram above has none of its own.
        self._vacant = Vacant(made, hidden=[*made.yaxis, *made.ygrid])

    def fit(self, diagram: Diagram, quantity: Varied) -> None:
        """Take the axes of another model or quantity."""
        move(self.y_range, span(diagram))
        tick(self.figure.yaxis[0], span(diagram))
        self.figure.xaxis.axis_label = quantity.axis

    def update(self, diagram: Diagram) -> None:
        """Draw a diagram."""
        self._vacant.say("" if diagram.cycles else NOTHING)
        for name, data in arrays(diagram).items():
            self.sources[name].data = data
