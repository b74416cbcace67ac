"""The reset map: the recovery after one spike against the recovery after the next."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import HoverTool, Range1d

from models import NeuronModel
from models.analysis import ResetMap
from models.quantity import written

from ..canvas import lean, move, padded, plot, source
from ..palette import GREY, SPIKE, state_colours

_JUMP = 0.08
"""A step of the map by more than this share of its range is a jump, drawn as a gap."""


def arrays(found: ResetMap) -> dict[str, dict[str, Any]]:
    """What is drawn, by source: `map`, `diagonal`, `orbit` (x, y), `points` (x, y, what, fill)."""
    ends = np.array([np.nanmin(found.u), np.nanmax(found.u)])
    return {
        "map": dict(zip(("x", "y"), map(lean, _with_gaps(found.u, found.next)), strict=True)),
        "diagonal": {"x": lean(ends), "y": lean(ends)},
        "orbit": dict(zip(("x", "y"), map(lean, cobweb(found.orbit)), strict=True)),
        "points": {
            "x": [point.u for point in found.fixed_points],
            "y": [point.u for point in found.fixed_points],
            "what": [
                f"{'stable' if point.stable else 'unstable'}, slope {point.slope:.3g}, "
                f"every {written(point.interval)} ms"
                for point in found.fixed_points
            ],
            "fill": [float(point.stable) for point in found.fixed_points],
        },
    }


def cobweb(orbit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From each recovery (k,) up to the map and across to the diagonal, and round again."""
    if orbit.size == 0:
        return np.empty(0), np.empty(0)
    around = np.append(orbit, orbit[0]) if orbit.size <= 40 else orbit
    x = np.repeat(around, 2)[:-1]
    y = np.repeat(around, 2)[1:]
    return x, y


def _with_gaps(u: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    reach = np.nanmax(after) - np.nanmin(after) if np.isfinite(after).any() else 1.0
    jumps = np.flatnonzero(np.abs(np.diff(after)) > _JUMP * max(reach, 1e-12)) + 1
    return np.insert(u, jumps, np.nan), np.insert(after, jumps, np.nan)


class ResetMapView:
    """The plot of the map with its diagonal and the orbit the cell ends on."""

    def __init__(self) -> None:
        self.x_range, self.y_range = Range1d(-20, 20), Range1d(-20, 20)
        self.sources = {
            "map": source("reset_map", "x", "y"),
            "diagonal": source("reset_map_diagonal", "x", "y"),
            "orbit": source("reset_map_orbit", "x", "y"),
            "points": source("reset_map_points", "x", "y", "what", "fill"),
        }
        made = plot(self.x_range, self.y_range, name="reset_map_plot")
        made.line("x", "y", source=self.sources["diagonal"], line_color=GREY, line_dash=[2, 3])
        self._map = made.line("x", "y", source=self.sources["map"], line_width=2.5)
        made.line("x", "y", source=self.sources["orbit"], line_color=SPIKE, line_width=1.25)
        points = made.scatter(
            "x", "y", source=self.sources["points"], size=9, line_color=GREY, line_width=2,
            fill_color=GREY, fill_alpha="fill",
        )  # fmt: skip
        made.add_tools(HoverTool(renderers=[points], tooltips=[("", "@what")]))
        self.figure = made

    def fit(self, found: ResetMap, model: type[NeuronModel]) -> None:
        """Take the axes and colours of another model or preset."""
        name = model.states[1].name
        low, high = padded(float(np.nanmin(found.u)), float(np.nanmax(found.u)))
        for axis in (self.x_range, self.y_range):
            move(axis, (low, high))
        self._map.glyph.line_color = state_colours(model)[name]
        self.figure.xaxis.axis_label = f"{name} after a spike"
        self.figure.yaxis.axis_label = f"{name} after the next"

    def update(self, found: ResetMap) -> None:
        """Draw a map."""
        for name, data in arrays(found).items():
            self.sources[name].data = data
