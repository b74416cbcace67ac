"""Strength and duration: the weakest pulse that makes the resting cell fire, for each width."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from bokeh.models import Range1d

from models.analysis import StrengthDuration
from models.quantity import written

from ..canvas import lean, logarithmic, move, plot, source
from ..log_ticks import tick
from ..palette import GREY, SPIKE, VERMILLION
from ..varied import Varied


def arrays(found: StrengthDuration) -> dict[str, dict[str, Any]]:
    """Columns width, amplitude of the sources `strength_duration`, `weiss` and `chronaxie`."""
    weiss = found.rheobase * (1.0 + found.weiss_chronaxie / found.widths)
    marked = math.isfinite(found.chronaxie)
    return {
        "strength_duration": {"width": lean(found.widths), "amplitude": lean(found.thresholds)},
        "weiss": {"width": lean(found.widths), "amplitude": lean(weiss)},
        "chronaxie": {
            "width": [found.chronaxie] if marked else [],
            "amplitude": [2.0 * found.rheobase] if marked else [],
        },
    }


def sentence(found: StrengthDuration, quantity: Varied) -> str:
    """The curve in one sentence; both chronaxies, each with its definition."""
    if not math.isfinite(found.rheobase):
        return "No pulse in reach makes this cell fire."
    said = f"Rheobase {written(found.rheobase, 4)} {quantity.unit}".rstrip()
    if math.isfinite(found.chronaxie):
        said += f"; chronaxie {written(found.chronaxie)} ms (width at twice the rheobase)"
    if math.isfinite(found.weiss_chronaxie):
        said += f", {written(found.weiss_chronaxie)} ms (by Weiss's law)"
    return f"{said}."


def span(found: StrengthDuration) -> tuple[float, float]:
    """The range of the amplitude on a logarithmic scale."""
    sound = found.thresholds[np.isfinite(found.thresholds) & (found.thresholds > 0.0)]
    if sound.size == 0:
        return 1.0, 10.0
    return 0.7 * float(sound.min()), 1.4 * float(sound.max())


class StrengthDurationView:
    """The plot of threshold against width, both on logarithmic scales."""

    def __init__(self) -> None:
        self.x_range, self.y_range = Range1d(0.1, 100), Range1d(1, 100)
        self.sources = {
            name: source(name, "width", "amplitude")
            for name in ("weiss", "strength_duration", "chronaxie")
        }
        made = plot(
            self.x_range, self.y_range, name="strength_duration_plot", x_axis_type="log",
            y_axis_type="log",
        )  # fmt: skip
        made.line(
            "width", "amplitude", source=self.sources["weiss"], line_color=VERMILLION,
            line_width=1.5, line_dash=[5, 4],
        )  # fmt: skip
        made.line(
            "width", "amplitude", source=self.sources["strength_duration"], line_color=SPIKE,
            line_width=2.5,
        )  # fmt: skip
        made.scatter(
            "width", "amplitude", source=self.sources["chronaxie"], size=10, fill_color=GREY,
            line_color=GREY,
        )  # fmt: skip
        logarithmic(made.xaxis, 1)
        made.xaxis.axis_label = "pulse width (ms)"
        self.figure = made

    def draw(self, found: StrengthDuration, quantity: Varied) -> str:
        """Draw a curve and fit the axes to it; gives the sentence under it."""
        move(self.x_range, (float(found.widths[0]), float(found.widths[-1])))
        move(self.y_range, span(found))
        tick(self.figure.yaxis[0], span(found))
        self.figure.yaxis.axis_label = quantity.axis
        for name, data in arrays(found).items():
            self.sources[name].data = data
        return sentence(found, quantity)
