"""The phase line of a model with one state: dv/dt against v, with the current off and on."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from bokeh.models import ColumnDataSource, GlyphRenderer
from bokeh.plotting import figure

from models import NeuronModel, analysis

from ..canvas import arrow_line, hand_over, label, lean, move, padded
from ..notation import to_text
from ..palette import CURRENT, state_colours
from ..picture import POINTS, Picture, extremes, telling

Limits = tuple[float, float]
Arrays = dict[str, dict[str, Any]]


def landscape_arrays(picture: Picture, xlim: Limits, ylim: Limits) -> Arrays:
    """What the parameters alone determine, by the roles that it has in a phase plane.

    `x_nullcline` and `y_nullcline` have columns x, y: dv/dt with the current under the time cursor
    and without. `levels` has x, y: dv/dt = 0, and upright lines at the reset and the threshold.
    `vector_field` has x, y: arrows along the axis.
    """
    cell = picture.run.cell
    line = analysis.phase_line(cell, current=picture.injected, xlim=xlim)
    uprights = levels(type(cell), tuple(cell.p)) if picture.model.resets() else np.empty(0)
    return {
        "x_nullcline": {"x": lean(line.v), "y": lean(line.on)},
        "y_nullcline": {"x": lean(line.v), "y": lean(line.off)},
        "levels": {
            "x": lean(np.concatenate([xlim, [np.nan], np.repeat(uprights, 3)])),
            "y": lean(
                np.concatenate([[0.0, 0.0, np.nan], np.tile([*ylim, np.nan], uprights.size)])
            ),
        },
        "vector_field": arrows(line.v, line.on, ylim),
        "fixed_points": {
            "x": [point.state[picture.settings.x] for point in line.rest_on],
            "y": [0.0] * len(line.rest_on),
            "kind": [point.kind for point in line.rest_on],
            "eigenvalues": [f"{point.eigenvalues[0].real:.3g} /ms" for point in line.rest_on],
            "fill": [1.0 if point.kind.startswith("stable") else 0.0 for point in line.rest_on],
        },
    }


def levels(model: type[NeuronModel], p: tuple[Any, ...]) -> np.ndarray:
    """(2,) v after a reset and at the threshold, wherever the window is."""
    return np.asarray(_levels(model, p))


@partial(jax.jit, static_argnames="model")
def _levels(model: type[NeuronModel], p: tuple[Any, ...]) -> jax.Array:
    named = model.parameter_tuple()(*p)
    # Every threshold is "v minus a level", so the level is minus its value at v = 0.
    peak = -model.threshold(jnp.zeros((1, 1)), named)
    return jnp.concatenate([model.reset(peak[None], named)[0], peak])


def arrows(v: np.ndarray, speed: np.ndarray, ylim: Limits, count: int = 15) -> dict[str, Any]:
    """Arrows on the axis, each pointing the way v moves there: one line x, y."""
    at = np.linspace(0, v.size - 1, count + 2).astype(int)[1:-1]
    length = 0.45 * (v[-1] - v[0]) / (count + 2) * np.sign(speed[at])
    flat, rise = np.zeros(count), np.full(count, 0.012 * (ylim[1] - ylim[0]))
    tip = v[at] + length / 2
    back = tip - 0.4 * length
    barbs = np.stack([back, rise]), np.stack([back, -rise])
    return arrow_line(np.stack([v[at] - length / 2, flat]), np.stack([tip, flat]), barbs)


def trajectory_arrays(picture: Picture) -> Arrays:
    """`trajectory` (time, x, y): v and how fast it moved, with a gap at each reset."""
    run = picture.run
    v = run.states[picture.settings.x]
    speed = np.diff(v, append=2.0 * v[-1] - v[-2] if v.size > 1 else np.nan) / run.dt
    fired = np.ceil(run.spike_times / run.dt - 1e-9).astype(int)
    # The steps into a spike and out of it: their differences mix before and after the reset.
    speed[np.concatenate([fired - 1, fired])] = np.nan
    drawn = extremes(v, POINTS)
    drawn = drawn[telling(run.time[drawn], v[drawn], speed[drawn])]
    nothing = lean(np.empty(0))
    return {
        "resets": dict.fromkeys(("x0", "y0", "x1", "y1"), nothing),
        "kept": {"x": nothing, "y": nothing},
        "trajectory": {
            "time": lean(run.time[drawn]),
            "x": lean(v[drawn]),
            "y": lean(speed[drawn]),
        },
    }


def span(picture: Picture) -> Limits:
    """The range of v: what the model declares and the run visits."""
    return padded(*picture.reach(picture.model.states[0].name))


def window(picture: Picture) -> tuple[Limits, Limits]:
    """The ranges of v and dv/dt that show where v rests, where it is reset, where it takes off.

    Where the line has a knee, as that of an exponential model, it rises behind it by orders of
    magnitude up to the spike level: there the line leaves the window at the top. The current may
    be anything it is during the run.
    """
    run, xlim = picture.run, span(picture)
    given = picture.settings.stimulus.expected(run.time[:-1], run.dt)
    currents = {0.0, picture.injected, *((given.min(), given.max()) if given.size else ())}
    first, *others = (analysis.phase_line(run.cell, float(each), xlim) for each in sorted(currents))
    v, lines = first.v, np.stack([first.off, *(line.on for line in (first, *others))])
    low = xlim[0] if first.reset is None else first.reset
    low = min([low, *(point.state[picture.settings.x] for point in first.rest_off)])
    high = xlim[1] if first.threshold is None else first.threshold
    start, stop = np.searchsorted(v, low), np.searchsorted(v, high, side="right")
    knee = start + int(first.off[start:stop].argmin())
    rising = first.off[knee:stop] >= 0.0
    takeoff = knee + int(rising.argmax()) if rising.any() else stop
    slow = lines[:, start : max(takeoff, start + 1)]
    ylim = padded(min(0.0, float(slow.min())), max(0.0, float(slow.max())), 0.15)
    above = v[lines.min(axis=0) > ylim[1]]
    room = 0.1 * (xlim[1] - xlim[0])
    left, right = above[above < low], above[above > v[min(takeoff, v.size - 1)]]
    return (
        max(xlim[0], left.max(initial=-np.inf) - room),
        min(xlim[1], right.min(initial=np.inf) + room),
    ), ylim


class PhaseLine:
    """The plot of dv/dt against v, drawn in the figure of a phase plane.

    One figure for both: two would have sources of the same names.

    Parameters
    ----------
    figure : the figure.
    sources : its sources by role.
    lines : the renderers of its two nullclines; the second one becomes dv/dt without current.
    path : the renderer of its trajectory, which stays faint: with noise it covers what it crosses.
    """

    def __init__(
        self,
        figure: figure,
        sources: dict[str, ColumnDataSource],
        lines: list[GlyphRenderer],
        path: GlyphRenderer,
    ) -> None:
        self.figure = figure
        self.sources = sources
        self._lines = lines
        self._path = path

    @property
    def xlim(self) -> Limits:
        return float(self.figure.x_range.start), float(self.figure.x_range.end)

    @property
    def ylim(self) -> Limits:
        return float(self.figure.y_range.start), float(self.figure.y_range.end)

    def fit(self, picture: Picture) -> None:
        """Take the axes and colours of another model or preset."""
        state = picture.model.states[0]
        xlim, ylim = window(picture)
        move(self.figure.x_range, xlim)
        move(self.figure.y_range, ylim)
        on, off = self._lines
        on.glyph.line_color = state_colours(picture.model)[state.name]
        off.glyph.update(line_color=CURRENT, line_dash=[6, 4])
        self._path.glyph.line_alpha = 0.3
        self.sources["x_nullcline"].name = f"nullcline_{state.name}"
        self.sources["y_nullcline"].name = "phase_line_off"
        per = f" ({state.unit}/ms)" if state.unit else " (1/ms)"
        self.figure.xaxis.axis_label = label(state)
        self.figure.yaxis.axis_label = f"d{to_text(state.symbol)}/dt{per}"

    def update(self, picture: Picture) -> None:
        """Draw a run."""
        self._assign(trajectory_arrays(picture))
        self.update_landscape(picture)

    def update_landscape(self, picture: Picture) -> None:
        """Draw what changes with the visible ranges or the time cursor alone."""
        self._assign(landscape_arrays(picture, self.xlim, self.ylim))

    def _assign(self, made: Arrays) -> None:
        for role, data in made.items():
            hand_over(self.sources[role], data)
