"""The phase line of a model with one state: dv/dt against v, with the current off and on."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Range1d, Span

from models import analysis

from ..canvas import lean, move, padded, plot, source
from ..palette import CURRENT, GREY, SPIKE, state_colours
from ..picture import Picture

Limits = tuple[float, float]
Arrays = dict[str, dict[str, Any]]


def landscape_arrays(picture: Picture, xlim: Limits, ylim: Limits) -> Arrays:
    """What the parameters alone determine, by role.

    `on` and `off` have columns x, y: dv/dt with the current under the time cursor and without.
    `levels` has x, y: upright lines at the reset and the threshold. `vector_field` has x0, y0, x1,
    y1: arrows along the axis. `fixed_points` as in a phase plane.
    """
    line = analysis.phase_line(picture.run.cell, current=picture.injected, xlim=xlim)
    uprights = [level for level in (line.reset, line.threshold) if level is not None]
    return {
        "on": {"x": lean(line.v), "y": lean(line.on)},
        "off": {"x": lean(line.v), "y": lean(line.off)},
        "levels": {
            "x": lean(np.repeat(np.array(uprights), 3)),
            "y": lean(np.tile([ylim[0], ylim[1], np.nan], len(uprights))),
        },
        "vector_field": arrows(line.v, line.on, ylim),
        "fixed_points": {
            "x": [point.state[picture.settings.x] for point in line.rest_on],
            "y": [0.0] * len(line.rest_on),
            "kind": [point.kind for point in line.rest_on],
            "fill": [1.0 if point.kind.startswith("stable") else 0.0 for point in line.rest_on],
        },
    }


def arrows(v: np.ndarray, speed: np.ndarray, ylim: Limits, count: int = 15) -> dict[str, Any]:
    """Arrows on the axis, each pointing the way v moves there: a shaft and two barbs."""
    at = np.linspace(0, v.size - 1, count + 2).astype(int)[1:-1]
    length = 0.45 * (v[-1] - v[0]) / (count + 2) * np.sign(speed[at])
    tip, tail = v[at] + length / 2, v[at] - length / 2
    rise = 0.012 * (ylim[1] - ylim[0])
    flat = np.zeros(count)
    return {
        "x0": lean(np.concatenate([tail, tip, tip])),
        "y0": lean(np.concatenate([flat, flat, flat])),
        "x1": lean(np.concatenate([tip, tip - 0.4 * length, tip - 0.4 * length])),
        "y1": lean(np.concatenate([flat, flat + rise, flat - rise])),
    }


def trajectory_arrays(picture: Picture) -> Arrays:
    """`trajectory` (time, x, y): v and how fast it moved, with a gap at each reset."""
    run, drawn = picture.run, picture.drawn
    v = run.states[picture.settings.x]
    speed = np.diff(v, append=2.0 * v[-1] - v[-2] if v.size > 1 else np.nan) / run.dt
    fired = np.ceil(run.spike_times / run.dt - 1e-9).astype(int)
    # The steps into a spike and out of it: their differences mix before and after the reset.
    speed[np.concatenate([fired - 1, fired])] = np.nan
    return {
        "trajectory": {
            "time": lean(run.time[drawn]),
            "x": lean(v[drawn]),
            "y": lean(speed[drawn]),
        }
    }


def span(picture: Picture) -> Limits:
    """The range of v: what the model declares and the run visits."""
    return padded(*picture.reach(picture.model.states[0].name))


def speeds(picture: Picture, xlim: Limits) -> Limits:
    """The range of dv/dt between reset and threshold, zero included."""
    line = analysis.phase_line(picture.run.cell, current=picture.injected, xlim=xlim)
    low = line.reset if line.reset is not None else xlim[0]
    high = line.threshold if line.threshold is not None else xlim[1]
    inside = (line.v >= min(low, high)) & (line.v <= high)
    values = np.concatenate([line.on[inside], line.off[inside], [0.0]])
    values = values[np.isfinite(values)]
    return padded(float(values.min()), float(values.max()), 0.15)


class PhaseLine:
    """The plot of dv/dt against v.

    Parameters
    ----------
    marker : source with columns `x`, `y`: the state under the time cursor.
    """

    def __init__(self, marker: ColumnDataSource) -> None:
        self.x_range, self.y_range = Range1d(-90, -40), Range1d(-3, 3)
        self.sources = {
            "off": source("phase_line_off", "x", "y"),
            "on": source("nullcline_v", "x", "y"),
            "levels": source("levels", "x", "y"),
            "vector_field": source("vector_field", "x0", "y0", "x1", "y1"),
            "trajectory": source("trajectory", "time", "x", "y"),
            "fixed_points": source("fixed_points", "x", "y", "kind", "fill"),
        }
        made = plot(self.x_range, self.y_range, name="phase_line_plot", css_classes=["plane"])
        made.add_layout(Span(location=0.0, dimension="width", line_color=GREY))
        made.line(
            "x", "y", source=self.sources["levels"], line_color=GREY, line_dash=[2, 3],
            line_width=1.25,
        )  # fmt: skip
        made.segment(
            "x0", "y0", "x1", "y1", source=self.sources["vector_field"], line_color=GREY,
            line_width=1.5,
        )  # fmt: skip
        made.line(
            "x", "y", source=self.sources["off"], line_color=CURRENT, line_dash=[6, 4],
            line_width=1.75,
        )  # fmt: skip
        self._on = made.line("x", "y", source=self.sources["on"], line_width=2.5)
        made.line("x", "y", source=self.sources["trajectory"], line_color=SPIKE, line_width=1.25)
        points = made.scatter(
            "x", "y", source=self.sources["fixed_points"], size=10, line_color=GREY,
            line_width=2.5, fill_color=GREY, fill_alpha="fill",
        )  # fmt: skip
        made.scatter(
            "x", "y", source=marker, size=11, fill_color=SPIKE, line_color="white", line_width=1.5
        )
        made.add_tools(HoverTool(renderers=[points], tooltips=[("", "@kind")]))
        self.figure = made

    @property
    def xlim(self) -> Limits:
        return float(self.x_range.start), float(self.x_range.end)

    @property
    def ylim(self) -> Limits:
        return float(self.y_range.start), float(self.y_range.end)

    def fit(self, picture: Picture) -> None:
        """Take the axes and colours of another model or preset."""
        state = picture.model.states[0]
        move(self.x_range, span(picture))
        move(self.y_range, speeds(picture, self.xlim))
        self._on.glyph.line_color = state_colours(picture.model)[state.name]
        self.sources["on"].name = f"nullcline_{state.name}"
        unit = f" ({state.unit})" if state.unit else ""
        per = f" ({state.unit}/ms)" if state.unit else " (1/ms)"
        self.figure.xaxis.axis_label = f"{state.name}{unit}"
        self.figure.yaxis.axis_label = f"d{state.name}/dt{per}"

    def update(self, picture: Picture) -> None:
        """Draw a run."""
        self._assign(trajectory_arrays(picture))
        self.update_landscape(picture)

    def update_landscape(self, picture: Picture) -> None:
        """Draw what changes with the visible ranges or the time cursor alone."""
        self._assign(landscape_arrays(picture, self.xlim, self.ylim))

    def _assign(self, made: Arrays) -> None:
        for role, data in made.items():
            self.sources[role].data = data
