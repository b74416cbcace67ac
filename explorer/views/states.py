"""The other states over time: recovery, adaptation or gates."""

from __future__ import annotations

import numpy as np
from bokeh.models import ColumnDataSource, LinearAxis, Range1d

from ..canvas import curve, hand_over, label, lean, move, padded, plot, quiet, source
from ..palette import GREY, state_colours
from ..picture import Picture

MOST = 8
"""Curves the plot has room for; a model with more shows its first ones."""
SMALL = 0.3
"""Of the widest declared range; a state with less has an axis of its own."""
CLOSER = 0.25
"""Of the declared range; a run that stays within less is seen from closer."""
FILLED = 0.6
"""Of the height, by a run that is seen from closer: room for what a slider changes."""
LEAST = 0.02
"""Of the declared range; from closer nothing is seen, so that a flat line stays flat."""


def shown(picture: Picture) -> tuple[str, ...]:
    """The states that are drawn here: all but the first."""
    return picture.model.state_names()[1 : MOST + 1]


def arrays(picture: Picture) -> dict[str, np.ndarray]:
    """Columns of the source `states`: `time` and one per state, by name."""
    run, drawn = picture.run, picture.drawn
    columns = {name: lean(run.states[name][drawn]) for name in shown(picture)}
    return {"time": lean(run.time[drawn]), **columns}


def sides(picture: Picture) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The states on the left axis, and those on the right one: too small to be seen on the left."""
    wide = {name: float(np.ptp(picture.model.state(name).span)) for name in shown(picture)}
    left = tuple(name for name in wide if wide[name] > SMALL * max(wide.values()))
    return left, tuple(name for name in wide if name not in left)


def span(picture: Picture, names: tuple[str, ...]) -> tuple[float, float]:
    """The common range of some states: as declared, or closer where the run stays in a part."""
    low, high = picture.reach(*names)
    if picture.run.diverged_at is None:
        visited = np.concatenate([picture.run.states[name] for name in names])
        width = max(float(np.ptp(visited)), LEAST * (high - low))
        if width < CLOSER * (high - low):
            middle = 0.5 * float(visited.min() + visited.max())
            return middle - width / (2 * FILLED), middle + width / (2 * FILLED)
    return padded(low, high)


class States:
    """The plot of all states but the first; empty and hidden for a model with one state.

    A range that shows a part from closer is fitted anew when a curve leaves it; others hold still.
    """

    def __init__(self, time: Range1d, cursor: ColumnDataSource) -> None:
        self.source = source("states", "time")
        self.range = Range1d(0, 1)
        self.figure = plot(time, self.range, name="states_plot", css_classes=["states"])
        self.right = Range1d(0, 1)
        self.figure.extra_y_ranges = {"right": self.right}
        self._right_axis = LinearAxis(y_range_name="right", visible=False)
        self.figure.add_layout(self._right_axis, "right")
        quiet(self._right_axis)
        self.figure.xaxis.visible = False
        self.figure.vspan(x="time", source=cursor, line_color=GREY)
        self._lines = [
            curve(self.figure, "time", "time", source=self.source, line_width=1.5, visible=False)
            for _ in range(MOST)
        ]
        self._parting: set[str] = set()

    def fit(self, picture: Picture) -> None:
        """Take the axes and colours of another model or preset."""
        names = shown(picture)
        self.figure.visible = bool(names)
        colours = state_colours(picture.model)
        left, right = sides(picture) if names else ((), ())
        # A glyph must never name a column that is not there, and what is sent in one message has
        # each change once: the new columns come first, the old ones go in a message of their own.
        self._parting = set(self.source.data) - {"time", *names}
        self.source.data = self._columns(picture)
        for place, line in enumerate(self._lines):
            line.visible = place < len(names)
            line.glyph.y = names[place] if line.visible else "time"
            if line.visible:
                line.glyph.line_color = colours[names[place]]
                line.y_range_name = "right" if names[place] in right else "default"
        self._right_axis.visible = bool(right)
        for axis, range_, those in zip(
            self.figure.yaxis, self._ranges(), (left, right), strict=True
        ):
            if those:
                move(range_, span(picture, those))
                states = [picture.model.state(name) for name in those]
                axis.axis_label = ", ".join(label(state) for state in states)

    def part(self) -> None:
        """Let go of the columns of the model before, which no glyph names any more."""
        for name in self._parting:
            self.source.remove(name)
        self._parting = set()

    def update(self, picture: Picture) -> None:
        if not shown(picture):
            return
        for axis_range, those in zip(self._ranges(), sides(picture), strict=True):
            if those and not self._holds(axis_range, picture, those):
                move(axis_range, span(picture, those))
        hand_over(self.source, self._columns(picture))

    def _columns(self, picture: Picture) -> dict[str, np.ndarray]:
        """What is drawn, and columns as long for those that are about to go."""
        columns = arrays(picture)
        return columns | {name: np.full_like(columns["time"], np.nan) for name in self._parting}

    @property
    def doubled(self) -> bool:
        """Whether there is an axis on the right."""
        return bool(self._right_axis.visible)

    def _ranges(self) -> tuple[Range1d, Range1d]:
        return self.range, self.right

    def _holds(self, axis_range: Range1d, picture: Picture, names: tuple[str, ...]) -> bool:
        """Whether a range still shows all of the run, or all that is declared of its states.

        A run that blew up is not followed.
        """
        spans = [picture.model.state(name).span for name in names]
        start, end = axis_range.reset_start, axis_range.reset_end
        whole = start <= min(low for low, _ in spans) and max(high for _, high in spans) <= end
        if whole or picture.run.diverged_at is not None:
            return True
        low = min(float(picture.run.states[name].min()) for name in names)
        high = max(float(picture.run.states[name].max()) for name in names)
        return bool(start <= low and high <= end)
