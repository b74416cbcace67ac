"""The membrane voltage over time, its spikes, and the run laid over it."""

from __future__ import annotations

import numpy as np
from bokeh.models import ColumnDataSource, Range1d

from models import Run

from ..canvas import broken_at, curve, hand_over, label, lean, move, padded, plot, source
from ..palette import GREY, KEPT, LAID_OVER, SPIKE, state_colours
from ..picture import POINTS, Picture, extremes, telling


def arrays(picture: Picture) -> dict[str, dict[str, np.ndarray]]:
    """Columns `time`, `v` of each source: `kept`, `overlay`, `spikes`, `voltage`."""
    run, drawn = picture.run, picture.drawn
    name = picture.model.states[0].name
    v = run.states[name]
    # A reset model shows its peak at the first sample after the spike, a smooth one at the nearest.
    nearest = np.ceil if picture.model.resets() else np.round
    at = np.clip(nearest(run.spike_times / run.dt - 1e-9).astype(int), 0, v.size - 1)
    nothing = lean(np.empty(0))
    lines = [_line(kept, name) for kept in picture.kept]
    before, values = broken_at(lines)
    made = {
        "kept": {"time": before, "v": values},
        "overlay": {"time": nothing, "v": nothing},
        "spikes": {"time": lean(run.spike_times), "v": lean(v[at])},
        "voltage": {"time": lean(run.time[drawn]), "v": lean(v[drawn])},
    }
    if picture.overlay is not None:
        line = _line(picture.overlay, name)
        made["overlay"] = {"time": lean(line[:, 0]), "v": lean(line[:, 1])}
    return made


def _line(run: Run, name: str) -> np.ndarray:
    """A thinned trace (m, 2): time and state."""
    shown = extremes(run.states[name], POINTS)
    line = np.stack([run.time[shown], run.states[name][shown]], axis=1)
    return line[telling(*line.T)]


def span(picture: Picture) -> tuple[float, float]:
    """The range that shows this run and leaves room for others like it."""
    return padded(*picture.reach(picture.model.states[0].name))


class Voltage:
    """The voltage plot.

    Parameters
    ----------
    time : the time axis, shared with the other traces.
    cursor : source with column `time`: where the time cursor stands.
    """

    def __init__(self, time: Range1d, cursor: ColumnDataSource) -> None:
        self.sources = {
            name: source(name, "time", "v") for name in ("kept", "overlay", "spikes", "voltage")
        }
        self.range = Range1d(-90, 40)
        self.figure = plot(time, self.range, name="voltage_plot", css_classes=["voltage"])
        self.figure.xaxis.visible = False
        self.figure.vspan(x="time", source=cursor, line_color=GREY)
        self.figure.line("time", "v", source=self.sources["kept"], line_color=KEPT, line_alpha=0.55)
        # Broad under the run: it is seen where both are the same, too.
        curve(
            self.figure, "time", "v", source=self.sources["overlay"], line_color=LAID_OVER,
            line_width=5, line_alpha=0.8,
        )  # fmt: skip
        self._line = curve(
            self.figure, "time", "v", source=self.sources["voltage"], line_width=1.75
        )
        self.figure.scatter(
            "time", "v", source=self.sources["spikes"], marker="dot", size=14, color=SPIKE
        )

    def fit(self, picture: Picture) -> None:
        """Take the axes and colours of another model or preset."""
        state = picture.model.states[0]
        move(self.range, span(picture))
        self.figure.yaxis.axis_label = label(state)
        self._line.glyph.line_color = state_colours(picture.model)[state.name]

    def update(self, picture: Picture) -> None:
        made = arrays(picture)
        voltage = made.pop("voltage")
        for name, data in made.items():
            hand_over(self.sources[name], data)
        # Always sent, and last: its change tells the browser that a redraw is complete.
        hand_over(self.sources["voltage"], voltage, always=("v",))
