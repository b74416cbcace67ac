"""The bifurcation diagram: what the cell can do at each value of one quantity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from bokeh.models import HoverTool, Range1d

from models import NeuronModel
from models.analysis import Diagram

from ..branches import stretches
from ..canvas import broken_at, label, lean, move, padded, plot, source
from ..palette import BLUE, GREY, SPIKE, state_colours

Arrays = dict[str, dict[str, Any]]

STABLE_REST = (("rest, stable", BLUE, "solid"),)
"""The legend before there is a diagram."""

LINES = ("rest_stable", "rest_unstable", "cycle_stable", "cycle_unstable")
"""Sources of the lines, each with columns x, y."""
_TOLD = 3
"""Places of one kind of special point that are told in words."""


def arrays(diagram: Diagram, state: str) -> Arrays:
    """What is drawn of a state, by source: `LINES`, `bistable` (left, right) and `special`.

    `special` has columns x, y, what, fill: the points at which something begins or ends, filled
    where what is born there is stable.
    """
    made: Arrays = {}
    rest = [(b.parameter, b.states[state], b.stable) for b in diagram.equilibria]
    firing = [
        (c.parameter, ends[state], c.stable)
        for c in diagram.cycles
        for ends in (c.min, c.max)
        if state in ends
    ]
    for name, branches in (("rest", rest), ("cycle", firing)):
        for kind, wanted in (("stable", True), ("unstable", False)):
            pieces = [piece for branch in branches for piece in stretches(*branch, wanted)]
            x, y = broken_at(pieces)
            made[f"{name}_{kind}"] = {"x": x, "y": y}
    made["bistable"] = {
        "left": [band.low for band in diagram.bistable],
        "right": [band.high for band in diagram.bistable],
        "what": [f"{band.what} are both stable" for band in diagram.bistable],
    }
    points = list(special(diagram, state))
    columns = list(zip(*points, strict=True)) or [[], [], [], []]
    made["special"] = dict(zip(("x", "y", "what", "fill"), map(list, columns), strict=True))
    return made


def special(diagram: Diagram, state: str) -> Iterator[tuple[float, float, str, float]]:
    """Place, name and fill of each special point."""
    for hopf in diagram.hopf:
        name = f"{hopf.criticality} Hopf ({hopf.frequency:.3g} Hz)"
        yield float(hopf), hopf.state[state], name, float(hopf.criticality == "supercritical")
    for fold in diagram.folds:
        y = _height(diagram, fold, state)
        if y is not None:
            yield fold, y, "fold of equilibria", 0.0
    for cycle in diagram.cycles:
        for name, points in (
            ("fold of cycles", cycle.folds),
            ("period doubling", cycle.period_doublings),
            ("torus (Neimark-Sacker)", cycle.tori),
        ):
            for point in points:
                yield float(point), point.max[state], name, 0.0
        for kind, value, at in (
            (cycle.start, cycle.limits[0], 0),
            (cycle.end, cycle.limits[1], -1),
        ):
            if kind in ("homoclinic", "SNIC"):
                yield float(value), float(cycle.max[state][at]), kind, float(cycle.stable[at])


def special_in_words(diagram: Diagram, state: str) -> str:
    """The special points with their places, each kind behind its mark; "" without any.

    For those who cannot put a pointer over a mark.
    """
    places: dict[tuple[str, str], list[str]] = {}
    for x, _, name, fill in sorted(special(diagram, state)):
        place = f"{x:.4g}"
        found = places.setdefault(("●" if fill else "○", name), [])
        found += [place] if place not in found else []
    kinds = []
    for (mark, name), found in places.items():
        more = " …" if len(found) > _TOLD else ""
        kinds.append(f"{mark}\N{NO-BREAK SPACE}{name} at {', '.join(found[:_TOLD])}{more}")
    return f"{'; '.join(kinds)}." if kinds else ""


def _height(diagram: Diagram, fold: float, state: str) -> float | None:
    """Where a branch turns at a fold."""
    best: tuple[float, float] | None = None
    for branch in diagram.equilibria:
        step = np.diff(branch.parameter)
        turns = np.flatnonzero(step[:-1] * step[1:] <= 0.0) + 1
        for at in turns:
            miss = abs(float(branch.parameter[at]) - fold)
            if best is None or miss < best[0]:
                best = miss, float(branch.states[state][at])
    return None if best is None else best[1]


def span(diagram: Diagram, model: type[NeuronModel]) -> tuple[float, float]:
    """The range of the first state: what is stable, and all cycles; unstable rest may leave it."""
    state = model.states[0]
    values = [np.array(state.span)]
    values += [branch.states[state.name][branch.stable] for branch in diagram.equilibria]
    for cycle in diagram.cycles:
        values += [cycle.min[state.name], cycle.max[state.name]]
    joined = np.concatenate(values)
    joined = joined[np.isfinite(joined)]
    width = state.span[1] - state.span[0]
    low, high = state.span[0] - width, state.span[1] + width
    return padded(max(low, float(joined.min())), min(high, float(joined.max())))


def legend(diagram: Diagram, model: type[NeuronModel]) -> list[tuple[str, str, str]]:
    """(text, colour, dash) of each kind of line that a diagram has; the last may be a band."""
    state = model.states[0].name
    colour, made = state_colours(model)[state], arrays(diagram, state)
    named = {
        "rest_stable": ("rest, stable", colour, "solid"),
        "rest_unstable": ("rest, unstable", colour, "dashed"),
        "cycle_stable": (f"firing, stable: least and greatest {state}", SPIKE, "solid"),
        "cycle_unstable": ("firing, unstable", SPIKE, "dashed"),
    }
    shown = [entry for name, entry in named.items() if made[name]["x"].size]
    return [*shown, ("two stable states", SPIKE, "band")] if diagram.bistable else shown


class Bifurcation:
    """The plot of a state against what is varied.

    Parameters
    ----------
    x_range : shared with what stands below.
    present : source with column `x`: where the quantity stands now.
    """

    def __init__(self, x_range: Range1d, present: Any) -> None:
        self.x_range, self.y_range = x_range, Range1d(-90, 40)
        self.sources = {name: source(f"bifurcation_{name}", "x", "y") for name in LINES}
        self.sources["bistable"] = source("bifurcation_bistable", "left", "right", "what")
        self.sources["special"] = source("bifurcation_special", "x", "y", "what", "fill")
        made = plot(self.x_range, self.y_range, name="bifurcation_plot")
        made.vstrip(
            x0="left", x1="right", source=self.sources["bistable"], fill_color=SPIKE,
            fill_alpha=0.14, line_alpha=0.0, hatch_alpha=0.0,
        )  # fmt: skip
        made.vspan(x="x", source=present, line_color=GREY, line_width=1.25)
        self._rest = [
            made.line("x", "y", source=self.sources["rest_stable"], line_width=2.5),
            made.line(
                "x", "y", source=self.sources["rest_unstable"], line_width=1.5, line_dash=[5, 4]
            ),
        ]
        made.line(
            "x", "y", source=self.sources["cycle_unstable"], line_width=1.5, line_dash=[5, 4],
            line_color=SPIKE,
        )  # fmt: skip
        made.line("x", "y", source=self.sources["cycle_stable"], line_width=2.5, line_color=SPIKE)
        points = made.scatter(
            "x", "y", source=self.sources["special"], size=9, line_color=GREY, line_width=2,
            fill_color=GREY, fill_alpha="fill",
        )  # fmt: skip
        made.add_tools(HoverTool(renderers=[points], tooltips=[("", "@what"), ("at", "@x")]))
        made.xaxis.visible = False  # the picture below has the same axis
        self.figure = made

    def fit(self, diagram: Diagram, model: type[NeuronModel]) -> None:
        """Take the axes and colours of another model or quantity."""
        move(self.x_range, diagram.over)
        move(self.y_range, span(diagram, model))
        state = model.states[0]
        for line in self._rest:
            line.glyph.line_color = state_colours(model)[state.name]
        self.figure.yaxis.axis_label = label(state)

    def update(self, diagram: Diagram, model: type[NeuronModel]) -> None:
        """Draw a diagram."""
        for name, data in arrays(diagram, model.states[0].name).items():
            self.sources[name].data = {
                key: lean(value) if isinstance(value, np.ndarray) else value
                for key, value in data.items()
            }
