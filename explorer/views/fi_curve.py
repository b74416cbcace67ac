"""The f-I curve: firing rate against current, climbing and falling, with the rheobase."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import HoverTool, Range1d

from models.analysis import Rheobase
from models.quantity import written

from ..canvas import lean, move, plot, source
from ..palette import GREEN, GREY, SPIKE, VERMILLION
from ..varied import Varied

_NOTHING = 1e-5
"""Share of the rheobase that is zero but for rounding."""
_APART = 0.02
"""Share of the rate axis by which curves must part to be seen as two."""
FROM_REST = (("from rest", SPIKE, "solid"),)
"""The legend of the curve alone."""
LEAST = 10.0
"""The rate axis never shows less than this many Hz: a silent cell's axis is not empty."""


@dataclass(frozen=True, eq=False)
class Rates:
    """What is known of an f-I curve so far.

    Attributes
    ----------
    currents, rates : (N,) from the initial state, Hz.
    swept : (M,) currents of the sweep; None before it is done.
    up, down : (M,) Hz while the current climbs and falls.
    rheobase : None before it is known.
    """

    currents: np.ndarray
    rates: np.ndarray
    swept: np.ndarray | None = None
    up: np.ndarray | None = None
    down: np.ndarray | None = None
    rheobase: Rheobase | None = None


def arrays(rates: Rates) -> dict[str, dict[str, Any]]:
    """What is drawn, by source: `fi_curve`, `fi_up`, `fi_down` (current, rate), `rheobase`."""
    nothing = lean(np.empty(0))
    made: dict[str, dict[str, Any]] = {
        "fi_curve": {"current": lean(rates.currents), "rate": lean(rates.rates)},
        "fi_up": {"current": nothing, "rate": nothing},
        "fi_down": {"current": nothing, "rate": nothing},
        "rheobase": {"current": [], "rate": [], "what": []},
    }
    if rates.swept is not None and rates.up is not None and rates.down is not None:
        made["fi_up"] = {"current": lean(rates.swept), "rate": lean(rates.up)}
        made["fi_down"] = {"current": lean(rates.swept), "rate": lean(rates.down)}
    marks = landmarks(rates.rheobase)
    made["rheobase"] = {
        "current": [value for value, _ in marks],
        "rate": [0.0] * len(marks),
        "what": [what for _, what in marks],
    }
    return made


def landmarks(rheobase: Rheobase | None) -> list[tuple[float, str]]:
    """The currents worth marking, ascending, each with what happens there; equal ones joined."""
    if rheobase is None or not math.isfinite(rheobase):
        return []
    named = [
        (float(rheobase), "a step gives a spike"),
        (rheobase.repetitive, "firing goes on"),
        (rheobase.rest_ends, "rest is lost"),
    ]
    known = [(value, what) for value, what in named if value is not None]
    found: list[tuple[float, str]] = []
    for value, what in known:
        last, said = found[-1] if found else (math.inf, "")
        if abs(value - last) <= 2e-3 * max(abs(value), abs(last)) < math.inf:
            found[-1] = (last, f"{said}, {what}")
        else:
            # A root that a search found within its tolerance of zero is zero.
            found.append((0.0 if abs(value) < _NOTHING * abs(float(rheobase)) else value, what))
    return sorted(found, key=lambda mark: mark[0])


def sentence(rates: Rates, quantity: Varied) -> str:
    """The curve in one sentence."""
    if np.isnan(rates.rates).all():
        return "The run blows up at every current: a smaller step may help."
    if not np.nanmax(rates.rates) > 0.0:
        said = f"No repetitive firing between {quantity.low:g} and {quantity.high:g}"
        said = f"{said} {quantity.unit}".rstrip()
    else:
        top = int(np.nanargmax(rates.rates))
        at = f"{written(rates.currents[top], 4)} {quantity.unit}".rstrip()
        said = f"Up to {written(rates.rates[top])} Hz at {at}"
    rheobase = rates.rheobase
    if rheobase is None:
        return f"{said}."
    if not math.isfinite(rheobase):
        return f"{said}. No rheobase: no current in reach gives a spike."
    marks = [f"{written(value, 4)}: {what}" for value, what in landmarks(rheobase)]
    return f"{said}. Rheobase {written(float(rheobase), 4)} {quantity.unit}".rstrip() + (
        f" ({'; '.join(marks)})." if len(marks) > 1 else "."
    )


def legend(rates: Rates) -> list[tuple[str, str, str]]:
    """(text, colour, dash) of each curve that can be told apart from the first."""
    shown = list(FROM_REST)
    for text, swept, colour, dash in (
        ("climbing", rates.up, GREEN, "solid"),
        ("falling", rates.down, VERMILLION, "dashed"),
    ):
        if swept is not None and rates.swept is not None:
            from_rest = np.interp(rates.swept, rates.currents, rates.rates)
            if np.nanmax(np.abs(swept - from_rest), initial=0.0) > _APART * top(rates):
                shown.append((text, colour, dash))
    return shown


def top(rates: Rates) -> float:
    """The highest rate the axis must hold."""
    curves = [rates.rates, *(c for c in (rates.up, rates.down) if c is not None)]
    joined = np.concatenate(curves)
    joined = joined[np.isfinite(joined)]
    return max(LEAST, 1.08 * float(joined.max())) if joined.size else LEAST


class FICurve:
    """The plot of rate against current.

    Parameters
    ----------
    present : source with column `x`: where the current stands now.
    """

    def __init__(self, present: Any) -> None:
        self.x_range, self.y_range = Range1d(0, 20), Range1d(0, 100)
        self.sources = {
            name: source(name, "current", "rate") for name in ("fi_curve", "fi_up", "fi_down")
        }
        self.sources["rheobase"] = source("rheobase", "current", "rate", "what")
        made = plot(self.x_range, self.y_range, name="fi_curve_plot")
        made.vspan(x="x", source=present, line_color=GREY, line_width=1.25)
        made.line("current", "rate", source=self.sources["fi_up"], line_color=GREEN, line_width=1.5)
        made.line(
            "current", "rate", source=self.sources["fi_down"], line_color=VERMILLION,
            line_width=1.5, line_dash=[5, 4],
        )  # fmt: skip
        # On top, so that the sweeps show only where they part from it.
        line = made.line(
            "current", "rate", source=self.sources["fi_curve"], line_color=SPIKE, line_width=2.5
        )
        marks = made.scatter(
            "current", "rate", source=self.sources["rheobase"], marker="triangle", size=11,
            fill_color=GREY, line_color=GREY,
        )  # fmt: skip
        made.add_tools(
            HoverTool(renderers=[marks], tooltips=[("", "@what"), ("I", "@current")]),
            HoverTool(renderers=[line], tooltips=[("", "@rate{0.0} Hz")]),
        )
        made.yaxis.axis_label = "rate (Hz)"
        self.figure = made

    def fit(self, rates: Rates, quantity: Varied) -> None:
        """Take the axes of another model or preset."""
        move(self.x_range, (float(rates.currents[0]), float(rates.currents[-1])))
        move(self.y_range, (-0.03 * top(rates), top(rates)))
        self.figure.xaxis.axis_label = quantity.axis

    def update(self, rates: Rates) -> None:
        """Draw a curve; the rate axis grows when a rate leaves it."""
        if top(rates) > self.y_range.end:
            move(self.y_range, (-0.03 * top(rates), top(rates)))
        for name, data in arrays(rates).items():
            self.sources[name].data = data
