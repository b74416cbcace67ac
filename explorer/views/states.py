"""The other states over time: recovery, adaptation or gates."""

from __future__ import annotations

import numpy as np
from bokeh.models import ColumnDataSource, Range1d

from ..canvas import hand_over, label, lean, move, padded, plot, source
from ..palette import GREY, state_colours
from ..picture import Picture

MOST = 8
"""Curves the plot has room for; a model with more shows its first ones."""


def shown(picture: Picture) -> tuple[str, ...]:
    """The states that are drawn here: all but the first."""
    return picture.model.state_names()[1 : MOST + 1]


def arrays(picture: Picture) -> dict[str, np.ndarray]:
    """Columns of the source `states`: `time` and one per state, by name."""
    run, drawn = picture.run, picture.drawn
    columns = {name: lean(run.states[name][drawn]) for name in shown(picture)}
    return {"time": lean(run.time[drawn]), **columns}


def span(picture: Picture) -> tuple[float, float]:
    """The common range of the states drawn here."""
    return padded(*picture.reach(*shown(picture)))


class States:
    """The plot of all states but the first; empty and hidden for a model with one state."""

    def __init__(self, time: Range1d, cursor: ColumnDataSource) -> None:
        self.source = source("states", "time")
        self.range = Range1d(0, 1)
        self.figure = plot(time, self.range, name="states_plot", css_classes=["states"])
        self.figure.xaxis.visible = False
        self.figure.vspan(x="time", source=cursor, line_color=GREY)
        self._lines = [
            self.figure.line("time", "time", source=self.source, line_width=1.5, visible=False)
            for _ in range(MOST)
        ]

    def fit(self, picture: Picture) -> None:
        """Take the axes and colours of another model or preset."""
        names = shown(picture)
        self.figure.visible = bool(names)
        colours = state_colours(picture.model)
        # The columns first: a glyph must never name a column that is not there.
        self.source.data = arrays(picture)
        for place, line in enumerate(self._lines):
            line.visible = place < len(names)
            line.glyph.y = names[place] if line.visible else "time"
            if line.visible:
                line.glyph.line_color = colours[names[place]]
        if names:
            move(self.range, span(picture))
            self.figure.yaxis.axis_label = ", ".join(
                label(picture.model.state(name)) for name in names
            )

    def update(self, picture: Picture) -> None:
        if shown(picture):
            hand_over(self.source, arrays(picture))
