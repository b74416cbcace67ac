"""Recovery from a spike: how strong a second pulse must be, by how long after it comes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from bokeh.models import Range1d, Span

from models.analysis import PairedPulse
from models.quantity import written

from ..canvas import lean, logarithmic, move, plot, source
from ..log_ticks import tick
from ..palette import GREY, SPIKE
from ..varied import Varied

_RECOVERED = 1.1
"""A cell whose threshold is within a tenth of a single pulse's has recovered."""


def arrays(found: PairedPulse) -> dict[str, dict[str, Any]]:
    """Columns gap, ratio of the source `paired_pulse`; left, right of `refractory`."""
    end = refractory(found)
    return {
        "paired_pulse": {"gap": lean(found.gaps), "ratio": lean(found.ratios)},
        "refractory": {
            "left": [float(found.gaps[0])] if end else [],
            "right": [end] if end else [],
        },
    }


def refractory(found: PairedPulse) -> float:
    """The longest gap up to which no second pulse gives a spike, 0 if there is none."""
    able = np.flatnonzero(np.isfinite(found.ratios))
    if able.size == 0:
        return float(found.gaps[-1])
    return float(found.gaps[able[0] - 1]) if able[0] > 0 else 0.0


def recovered(found: PairedPulse) -> float:
    """The gap after which the threshold stays near that of a single pulse; NaN if none does."""
    far = np.flatnonzero(~(found.ratios <= _RECOVERED))
    if far.size == 0:
        return float(found.gaps[0])
    return float(found.gaps[far[-1] + 1]) if far[-1] + 1 < found.gaps.size else math.nan


def sentence(found: PairedPulse, quantity: Varied) -> str:
    """Recovery in one sentence."""
    if not math.isfinite(found.threshold):
        return "No pulse in reach makes this cell fire."
    single = f"{written(found.threshold, 4)} {quantity.unit}".rstrip()
    end, back = refractory(found), recovered(found)
    said = f"No second spike within {written(end)} ms" if end else "A second spike at every gap"
    if math.isfinite(back):
        said += f"; excitable as before after {written(back)} ms"
    easier = float(np.nanmin(found.ratios)) if np.isfinite(found.ratios).any() else 1.0
    if easier < 1.0 / _RECOVERED:
        said += f", easier in between ({easier:.2g} of a single pulse)"
    return f"{said}. Threshold of a single pulse of {found.width:g} ms: {single}."


class PairedPulseView:
    """The plot of the second threshold against the gap, both on logarithmic scales."""

    def __init__(self) -> None:
        self.x_range, self.y_range = Range1d(1, 200), Range1d(0.5, 20)
        self.sources = {
            "paired_pulse": source("paired_pulse", "gap", "ratio"),
            "refractory": source("refractory", "left", "right"),
        }
        made = plot(
            self.x_range, self.y_range, name="paired_pulse_plot", x_axis_type="log",
            y_axis_type="log",
        )  # fmt: skip
        made.vstrip(
            x0="left", x1="right", source=self.sources["refractory"], fill_color=GREY,
            fill_alpha=0.18, line_alpha=0.0,
        )  # fmt: skip
        made.add_layout(Span(location=1.0, dimension="width", line_color=GREY, line_dash=[2, 3]))
        made.line(
            "gap", "ratio", source=self.sources["paired_pulse"], line_color=SPIKE, line_width=2.5
        )
        logarithmic(made.xaxis, 1, 3)
        made.xaxis.axis_label = "gap (ms, start to start)"
        made.yaxis.axis_label = "threshold (single pulses)"
        self.figure = made

    def draw(self, found: PairedPulse, quantity: Varied) -> str:
        """Draw a curve and fit the axes to it; gives the sentence under it."""
        move(self.x_range, (float(found.gaps[0]), float(found.gaps[-1])))
        sound = np.append(found.ratios[np.isfinite(found.ratios)], 1.0)
        span = 0.7 * float(sound.min()), 1.5 * float(sound.max())
        move(self.y_range, span)
        tick(self.figure.yaxis[0], span)
        for name, data in arrays(found).items():
            self.sources[name].data = data
        return sentence(found, quantity)
