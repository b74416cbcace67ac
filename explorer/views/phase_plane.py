"""The phase plane: trajectory, nullclines, flow, fixed points, reset and threshold lines."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from bokeh.models import ColumnDataSource, HoverTool, Range1d
from bokeh.plotting import figure

from models import NeuronModel, Run, State, analysis

from ..canvas import (
    arrow_line,
    broken_at,
    curve,
    hand_over,
    label,
    lean,
    move,
    padded,
    plot,
    source,
)
from ..palette import GREY, KEPT, SPIKE, state_colours
from ..picture import Picture, once, telling

ARROWS = 17
"""Arrows along each axis."""
PATH_POINTS = 2000
"""Points of a trajectory."""
_ROOM, _CLOSEST, _WIDE = 5.0, 1 / 8, 2 / 3
"""An axis shows five times what a run visits, but no less than an eighth of the range of its state,
and all of that where it would be two thirds."""
_BARB, _BARB_TURN = 0.28, np.deg2rad(152.0)
"""Length of a barb as part of its arrow, and how far it turns back from it."""

Span = tuple[float, float]
Arrays = dict[str, dict[str, Any]]


def arrays(picture: Picture, xlim: Span, ylim: Span) -> Arrays:
    """What is drawn, by role: `x_nullcline`, `y_nullcline`, `vector_field`, `trajectory`, ...

    Parameters
    ----------
    picture : the redraw.
    xlim, ylim : visible ranges, in the units of the states on the axes.
    """
    return kept_arrays(picture) | trajectory_arrays(picture) | landscape_arrays(picture, xlim, ylim)


def kept_arrays(picture: Picture) -> Arrays:
    """`kept` (x, y): the paths of the kept runs, with gaps between them and at resets."""
    lines = []
    for run in picture.kept:
        path = path_of(run, picture.settings.x, picture.settings.y)
        lines.append(np.stack([path["x"], path["y"]], axis=1))
    x, y = broken_at(lines)
    return {"kept": {"x": x, "y": y}}


def trajectory_arrays(picture: Picture) -> Arrays:
    """The path of the run and the jumps of its resets.

    `trajectory` has columns time, x, y; `resets` has columns x0, y0, x1, y1.
    """
    run, settings = picture.run, picture.settings
    x, y = run.states[settings.x], run.states[settings.y]
    fired = reset_samples(run)
    return {
        "trajectory": path_of(run, settings.x, settings.y),
        "resets": {
            "x0": lean(x[fired]),
            "y0": lean(y[fired]),
            "x1": lean(x[fired + 1]),
            "y1": lean(y[fired + 1]),
        },
    }


def reset_samples(run: Run) -> np.ndarray:
    """Indices of the samples that show a peak from which the model was reset."""
    size = run.time.size
    if not type(run.cell).resets():
        return np.empty(0, int)
    fired = np.ceil(run.spike_times / run.dt - 1e-9).astype(int)
    return np.unique(fired[(fired > 0) & (fired < size - 1)])


def path_of(run: Run, x_name: str, y_name: str) -> dict[str, np.ndarray]:
    """Columns time, x, y of a run's path, broken where the model was reset.

    A gap carries the time of its spike, so `time` stays sorted and a cursor finds its place.
    """
    x, y = run.states[x_name], run.states[y_name]
    fired = reset_samples(run)
    walked = np.arange(x.size)
    if x.size > 2 * PATH_POINTS:
        # Even in time for the marker, which may stand still; along the way for what is fast.
        even = walked[:: -(-2 * x.size // PATH_POINTS)]
        walked = np.union1d(even, along(x, y, PATH_POINTS // 2))
    walked = walked[telling(run.time[walked], x[walked], y[walked])]
    drawn = np.union1d(walked, np.concatenate([fired, fired + 1])) if fired.size else walked
    gaps = np.searchsorted(drawn, fired) + 1
    return {
        "time": lean(np.insert(run.time[drawn], gaps, run.time[fired])),
        "x": lean(np.insert(x[drawn], gaps, np.nan)),
        "y": lean(np.insert(y[drawn], gaps, np.nan)),
    }


def along(x: np.ndarray, y: np.ndarray, points: int) -> np.ndarray:
    """Indices of at most `points` samples evenly spread along the path of x (T,) and y (T,).

    A thinning in time would leave corners in the fast parts of the path and crowd the slow ones.
    """
    if x.size <= points:
        return np.arange(x.size)
    steps = sum(np.abs(np.diff(values)) / (np.ptp(values) or 1.0) for values in (x, y))
    way = np.concatenate([[0.0], np.cumsum(steps)])
    spread = np.searchsorted(way, np.linspace(0.0, way[-1], points - 1))
    return once(np.append(np.minimum(spread, x.size - 1), x.size - 1))


def landscape_arrays(picture: Picture, xlim: Span, ylim: Span) -> Arrays:
    """What the parameters alone determine: nullclines, flow, fixed points, reset lines."""
    cell, settings, current = picture.run.cell, picture.settings, picture.injected
    plane = {"x": settings.x, "y": settings.y, "current": current, "held": picture.held}
    branches = analysis.nullclines(cell, xlim=xlim, ylim=ylim, **plane)
    made: Arrays = {}
    for role, name in (("x_nullcline", settings.x), ("y_nullcline", settings.y)):
        px, py = broken_at(branches.get(name, []))
        made[role] = {"x": px, "y": py}
    field = analysis.vector_field(cell, xlim=xlim, ylim=ylim, n=ARROWS, **plane)
    made["vector_field"] = arrows(*field, xlim, ylim)
    points = analysis.fixed_points(cell, current=current)
    made["fixed_points"] = {
        "x": [point.state[settings.x] for point in points],
        "y": [point.state[settings.y] for point in points],
        "kind": [point.kind for point in points],
        "eigenvalues": [eigenvalue_text(point.eigenvalues) for point in points],
        "fill": [1.0 if point.kind.startswith("stable") else 0.0 for point in points],
    }
    made["levels"] = levels(picture.model, cell.p, settings.x, settings.y, xlim, ylim)
    return made


def arrows(
    X: np.ndarray, Y: np.ndarray, U: np.ndarray, V: np.ndarray, xlim: Span, ylim: Span
) -> dict[str, np.ndarray]:
    """Arrows along the flow as one line x, y, all the right way round; see `arrow_line`.

    Lengths grow with the logarithm of the speed: a spike is thousands of times faster than the
    drift along a nullcline, and both must be readable.
    """
    corner = np.array([[xlim[0]], [ylim[0]]])
    size = np.array([[xlim[1] - xlim[0]], [ylim[1] - ylim[0]]])
    flow = np.stack([U.ravel(), V.ravel()]) / size
    speed = np.hypot(*flow)
    sound = np.isfinite(speed) & (speed > 0)
    flow, speed = flow[:, sound], speed[sound]
    grade = np.log10(speed)
    low, high = (grade.min(), grade.max()) if grade.size else (0.0, 1.0)
    share = 0.35 + 0.6 * (grade - low) / max(high - low, 1e-9)
    shaft = share / X.shape[0] * flow / speed
    middle = (np.stack([X.ravel(), Y.ravel()])[:, sound] - corner) / size
    tip = middle + shaft / 2
    cos, sin = np.cos(_BARB_TURN), np.sin(_BARB_TURN)
    left, right = (
        tip + _BARB * np.array([[cos, -side * sin], [side * sin, cos]]) @ shaft for side in (1, -1)
    )
    tail, tip, left, right = (
        corner + size * points for points in (middle - shaft / 2, tip, left, right)
    )
    return arrow_line(tail, tip, (left, right))


def levels(
    model: type[NeuronModel], p: Any, x: str, y: str, xlim: Span, ylim: Span
) -> dict[str, np.ndarray]:
    """Threshold and reset lines of a reset model, one above the other with a gap between."""
    names = model.state_names()
    if not model.resets() or names[0] not in (x, y) or len(names) != 2:
        return {"x": lean(np.empty(0)), "y": lean(np.empty(0))}
    upright = names[0] == x
    low, high = ylim if upright else xlim
    other = np.linspace(low, high, 33)
    peak, landing = (np.asarray(line) for line in _levels(model, tuple(p), other))
    lines = [np.stack([line, other] if upright else [other, line], 1) for line in (peak, landing)]
    px, py = broken_at(lines)
    return {"x": px, "y": py}


@partial(jax.jit, static_argnames="model")
def _levels(model: type[NeuronModel], p: tuple[Any, ...], other: jax.Array) -> tuple[Any, Any]:
    """First state at the threshold and right after the reset, for each value of the second."""
    named = model.parameter_tuple()(*p)
    zero = jnp.stack([jnp.zeros_like(other), other])
    # Every threshold is "v minus a level", so the level is minus its value at v = 0.
    peak = jnp.broadcast_to(-model.threshold(zero, named), other.shape)
    return peak, model.reset(jnp.stack([peak, other]), named)[0]


def eigenvalue_text(eigenvalues: Any) -> str:
    """Eigenvalues for a tooltip, complex pairs once."""
    seen = []
    for value in eigenvalues:
        real, imaginary = float(np.real(value)), float(np.imag(value))
        if imaginary < 0:
            continue
        seen.append(f"{real:.3g} ± {imaginary:.3g}i" if imaginary > 0 else f"{real:.3g}")
    return ", ".join(seen) + " /ms"


def span(picture: Picture, state: State) -> Span:
    """The range an axis gets: the state's own, widened to what the run visits.

    An adaptation that is reset may be a hundred times larger in one preset than in another: where
    a run that fires visits little of its range, so much is shown of it that the run is well seen,
    and with it the fixed points and the nullcline of the voltage, which tells why it fires. A
    silent one does not tell how far it goes once it fires.
    """
    low, high = picture.reach(state.name)
    voltage = picture.model.states[0].name
    adapts = picture.model.resets() and state.name != voltage
    if adapts and picture.run.spike_times.size > 1 and picture.run.diverged_at is None:
        visited = picture.run.states[state.name]
        lines = analysis.nullclines(
            picture.run.cell, voltage, state.name, picture.injected,
            picture.reach(voltage), (low, high),
        )[voltage]  # fmt: skip
        places = np.concatenate([line[:, 1] for line in lines]) if lines else visited
        nearest = places[np.argmin(np.abs(places - visited.mean()))]
        points = analysis.fixed_points(picture.run.cell, picture.injected)
        rests = [place for point in points if low <= (place := point.state[state.name]) <= high]
        known = np.concatenate([visited, [nearest], rests])
        least, most = float(known.min()), float(known.max())
        width = max(_ROOM * float(np.ptp(visited)), 2.0 * (most - least), _CLOSEST * (high - low))
        if width < _WIDE * (high - low):
            start = min(max(0.5 * (least + most - width), low), high - width)
            low, high = start, start + width
    return padded(low, high)


class PhasePlane:
    """The plot of two states against each other.

    Parameters
    ----------
    marker : source with columns `x`, `y`: the state under the time cursor.
    """

    def __init__(self, marker: ColumnDataSource) -> None:
        self.x_range, self.y_range = Range1d(-90, 40), Range1d(-25, 20)
        self.sources = {
            "x_nullcline": source("nullcline_v", "x", "y"),
            "y_nullcline": source("nullcline_u", "x", "y"),
            "vector_field": source("vector_field", "x", "y"),
            "levels": source("levels", "x", "y"),
            "kept": source("kept_paths", "x", "y"),
            "resets": source("resets", "x0", "y0", "x1", "y1"),
            "trajectory": source("trajectory", "time", "x", "y"),
            "fixed_points": source("fixed_points", "x", "y", "kind", "eigenvalues", "fill"),
        }
        self.figure = plot(
            self.x_range, self.y_range, name="phase_plane_plot", css_classes=["plane"]
        )
        self._draw(self.figure, marker)

    def _draw(self, made: figure, marker: ColumnDataSource) -> None:
        self.flow = curve(
            made, "x", "y", source=self.sources["vector_field"], line_color=GREY, line_alpha=0.45
        )
        made.line(
            "x", "y", source=self.sources["levels"], line_color=GREY, line_dash=[2, 3],
            line_width=1.25,
        )  # fmt: skip
        self.nullclines = [
            curve(made, "x", "y", source=self.sources[role], line_width=2.5, line_alpha=0.9)
            for role in ("x_nullcline", "y_nullcline")
        ]
        curve(made, "x", "y", source=self.sources["kept"], line_color=KEPT, line_alpha=0.6)
        made.segment(
            "x0", "y0", "x1", "y1", source=self.sources["resets"], line_color=SPIKE,
            line_dash=[1, 3], line_alpha=0.7,
        )  # fmt: skip
        made.scatter(
            "x1", "y1", source=self.sources["resets"], size=5, line_color=None, fill_color=SPIKE,
        )  # fmt: skip
        self.path = curve(
            made, "x", "y", source=self.sources["trajectory"], line_color=SPIKE, line_width=1.25
        )
        points = made.scatter(
            "x", "y", source=self.sources["fixed_points"], size=10, line_color=GREY,
            line_width=2.5, fill_color=GREY, fill_alpha="fill",
        )  # fmt: skip
        made.scatter(
            "x", "y", source=marker, size=11, fill_color=SPIKE, line_color="white", line_width=1.5
        )
        hover = HoverTool(
            renderers=[points], tooltips=[("", "@kind"), ("eigenvalues", "@eigenvalues")]
        )
        made.add_tools(hover)

    @property
    def xlim(self) -> Span:
        return float(self.x_range.start), float(self.x_range.end)

    @property
    def ylim(self) -> Span:
        return float(self.y_range.start), float(self.y_range.end)

    def fit(self, picture: Picture) -> None:
        """Take the axes and colours of another model, preset or pair of states."""
        settings, colours = picture.settings, state_colours(picture.model)
        pair = (settings.x, settings.y)
        for axis, line, role, name in zip(
            (self.x_range, self.y_range),
            self.nullclines,
            ("x_nullcline", "y_nullcline"),
            pair,
            strict=True,
        ):
            move(axis, span(picture, picture.model.state(name)))
            line.glyph.update(line_color=colours[name], line_dash=[])
            self.sources[role].name = f"nullcline_{name}"
        self.path.glyph.line_alpha = 0.85
        self.figure.xaxis.axis_label = label(picture.model.state(pair[0]))
        self.figure.yaxis.axis_label = label(picture.model.state(pair[1]))

    def update(self, picture: Picture) -> None:
        """Draw a run."""
        self._assign(arrays(picture, self.xlim, self.ylim))

    def update_landscape(self, picture: Picture) -> None:
        """Draw what changes with the visible ranges or the time cursor alone."""
        self._assign(landscape_arrays(picture, self.xlim, self.ylim))

    def _assign(self, made: Arrays) -> None:
        for role, data in made.items():
            hand_over(self.sources[role], data)
