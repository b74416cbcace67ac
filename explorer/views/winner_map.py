"""Who won where: rows x columns, each place in the colour of its latest winning feature.

The whole run travels as a stack of small frames, so that play and scrub need no server. A place
fades with the time since its last win.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource, DataRange1d

from ..canvas import plot
from ..feature_colours import mapper, shaded
from ..layer_state import LayerPicture

FRAMES = 250
"""Most moments of a run."""
MOST_BYTES = 400_000
"""Most bytes of all frames together: a layer with more places gets fewer of them."""
FADE = 0.1
"""Part of the run after which a win is drawn at its faintest."""


def arrays(picture: LayerPicture) -> dict[str, np.ndarray]:
    """Columns of the source `winner_frames`: `time` (n,) ms, `frame` (n, rows x columns) uint8."""
    settings, run = picture.settings, picture.run
    places = settings.rows * settings.columns
    count = int(np.clip(MOST_BYTES // places, 2, min(FRAMES, run.steps)))
    ends = np.linspace(run.steps / count, run.steps, count)  # in steps
    frames = _strongest(picture, ends) if picture.is_rate else _latest(picture, ends)
    return {"time": (ends * run.dt).astype(np.float32), "frame": frames}


def _latest(picture: LayerPicture, ends: np.ndarray) -> np.ndarray:
    """The latest winner of each place at the end of each frame, fainter the longer ago."""
    settings = picture.settings
    places = settings.rows * settings.columns
    winners = picture.run.winners
    step, rank = np.nonzero(winners[:, :, 0] >= 0)
    feature, row, column = winners[step, rank].astype(int).T
    frame = np.searchsorted(ends, step + 1, side="left")
    last = np.full((ends.size, places), -1)
    # Wins come in the order of time, and of several to one place the last one stays.
    last[frame, row * settings.columns + column] = np.arange(step.size)
    np.maximum.accumulate(last, axis=0, out=last)
    if not step.size:
        return np.zeros((ends.size, places), np.uint8)
    age = (ends[:, None] - step[last]) / (FADE * picture.run.steps)
    return np.where(last >= 0, shaded(feature[last], 1.0 - age), 0).astype(np.uint8)


def _strongest(picture: LayerPicture, ends: np.ndarray) -> np.ndarray:
    """The feature with the largest rate at each place; fainter where the rate is small."""
    settings = picture.settings
    outputs = picture.outputs[np.round(ends).astype(int)]
    rates = outputs.reshape(ends.size, settings.features, -1)
    most = rates.max(axis=1)
    return shaded(rates.argmax(axis=1), most / max(float(most.max()), 1e-12))


def caption(picture: LayerPicture) -> str:
    """How to read the map."""
    if picture.is_rate:
        return "The feature with the largest rate at each place; fainter where the rate is small."
    if not picture.settings.winners:
        return "Nobody competes: let one or more cells win each step to see who does."
    return "The latest winner at each place, fading. Play, or drag the time."


class WinnerMap:
    """The plot of the winner map; the time bar puts the frame of the moment into it."""

    def __init__(self) -> None:
        self.frames = ColumnDataSource(
            {"time": np.zeros(1, np.float32), "frame": np.zeros((1, 1), np.uint8)},
            name="winner_frames",
        )
        self.source = ColumnDataSource(
            {"image": [np.zeros((1, 1), np.uint8)], "x": [0], "y": [0], "dw": [1], "dh": [1]},
            name="winner_map",
        )
        # Ranges that follow the image: they alone keep its places square.
        self.x_range = DataRange1d(range_padding=0.0)
        self.y_range = DataRange1d(range_padding=0.0, flipped=True)  # row 0 on top, as in a table
        made = plot(
            self.x_range,
            self.y_range,
            name="winner_map_plot",
            css_classes=["winnermap"],
            match_aspect=True,
        )
        made.grid.visible = False
        made.xaxis.axis_label, made.yaxis.axis_label = "column", "row"
        drawn = made.image("image", "x", "y", "dw", "dh", source=self.source, color_mapper=mapper())
        self.x_range.renderers = self.y_range.renderers = [drawn]
        # Draws nothing; it brings the frames to the browser.
        made.scatter("time", "time", source=self.frames, size=0, visible=False)
        self.figure = made

    def update(self, picture: LayerPicture, drawn: dict[str, Any]) -> None:
        shape = (picture.settings.rows, picture.settings.columns)
        self.source.data = {
            "image": [drawn["frame"][-1].reshape(shape)],
            "x": [0.0],
            "y": [0.0],
            "dw": [float(shape[1])],
            "dh": [float(shape[0])],
        }
        self.frames.data = drawn
