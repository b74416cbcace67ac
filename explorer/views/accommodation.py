"""Accommodation: how high a ramp must climb to make the cell fire, by how long it takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from bokeh.models import Range1d

from models.analysis import Accommodation
from models.quantity import written

from ..canvas import lean, logarithmic, move, plot, source
from ..palette import GREY, SPIKE
from ..varied import Varied

_SAME = 1.1
"""Ramps whose tops differ by less than a tenth need the same current."""


def arrays(found: Accommodation) -> dict[str, dict[str, Any]]:
    """Columns duration, top of the sources `accommodation` and `step_rheobase`."""
    ends = found.durations[[0, -1]]
    level = np.full(2, found.rheobase)
    return {
        "accommodation": {"duration": lean(found.durations), "top": lean(found.thresholds)},
        "step_rheobase": {"duration": lean(ends), "top": lean(level)},
    }


def sentence(found: Accommodation, quantity: Varied) -> str:
    """Fast against slow ramps in one sentence."""
    if not math.isfinite(found.rheobase):
        return "No step in reach makes this cell fire, so no ramp does."
    sound = np.flatnonzero(np.isfinite(found.thresholds))
    if sound.size == 0:
        return "No ramp in reach makes this cell fire: it accommodates to every one."
    if sound[-1] < found.durations.size - 1:
        return (
            f"Ramps longer than {written(found.durations[sound[-1]])} ms never make the cell fire: "
            "it accommodates."
        )
    lowest = int(sound[np.argmin(found.thresholds[sound])])
    last, least = float(found.thresholds[-1]), float(found.thresholds[lowest])
    unit = f" {quantity.unit}" if quantity.unit else ""
    if last > _SAME * least:
        return (
            f"The cell accommodates: a ramp of {written(found.durations[-1])} ms must reach "
            f"{written(last)}{unit}, one of {written(found.durations[lowest])} ms only "
            f"{written(least)}{unit}."
        )
    step = f"{written(found.rheobase)}{unit}"
    if last <= _SAME * found.rheobase:
        return (
            f"No accommodation: slow ramps need no more than {written(last)}{unit}, a step {step}."
        )
    if lowest == sound[-1]:
        return (
            f"No accommodation: the longer the ramp the less it needs, {written(last)}{unit} in "
            f"{written(found.durations[-1])} ms; a step {step}."
        )
    return (
        f"The cell accommodates a little: every ramp must reach {written(least)}{unit} or more, "
        f"a step only {step}."
    )


class AccommodationView:
    """The plot of the top against the length of the ramp."""

    def __init__(self) -> None:
        self.x_range, self.y_range = Range1d(5, 500), Range1d(0, 20)
        self.sources = {
            name: source(name, "duration", "top") for name in ("step_rheobase", "accommodation")
        }
        made = plot(self.x_range, self.y_range, name="accommodation_plot", x_axis_type="log")
        made.line(
            "duration", "top", source=self.sources["step_rheobase"], line_color=GREY,
            line_dash=[2, 3],
        )  # fmt: skip
        made.line(
            "duration", "top", source=self.sources["accommodation"], line_color=SPIKE,
            line_width=2.5,
        )  # fmt: skip
        logarithmic(made.xaxis, 1, 3)
        made.xaxis.axis_label = "length of the ramp (ms)"
        self.figure = made

    def draw(self, found: Accommodation, quantity: Varied) -> str:
        """Draw a curve and fit the axes to it; gives the sentence under it."""
        move(self.x_range, (float(found.durations[0]), float(found.durations[-1])))
        values = np.append(found.thresholds, [found.rheobase, 0.0])
        values = values[np.isfinite(values)]
        low, high = float(values.min()), float(values.max())
        move(self.y_range, (low, high + 0.1 * (high - low or 1.0)))
        self.figure.yaxis.axis_label = f"top: {quantity.axis}"
        for name, data in arrays(found).items():
            self.sources[name].data = data
        return sentence(found, quantity)
