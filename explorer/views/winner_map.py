"""Who won where: rows x columns, each place in the colour of its latest winning feature.

The wins of the whole run travel, and the browser draws the map of any moment from them, so that
play and scrub need no server.
"""

from __future__ import annotations

import numpy as np
from bokeh.models import ColumnDataSource, DataRange1d

from ..canvas import hand_over, plot, source
from ..feature_colours import NOBODY, colours_of, mapper
from ..layer_picture import LayerPicture
from ..palette import GREY

MOST = 20_000
"""Wins that are sent; of more, the last one of each place in each of `MOMENTS`."""
MOMENTS = 250
"""Stretches of a run that are told apart where there are too many wins, or where rates compete."""
STILL = 1e-3
"""Part of the largest rate below which a rate counts as none."""
_SQUARE_TO = 5
"""Times as many rows as columns, or the reverse, up to which places are drawn square."""
_WIDTH, _AXES = 330, (68, 56)
"""Of a usual plot of the map, and what its axes take beside and below it, px."""
FADE = 0.1
"""Part of the run after which a win is drawn at its faintest."""


def arrays(picture: LayerPicture) -> dict[str, np.ndarray]:
    """Columns of the source `winners`, in the order of time.

    `time` (n,) ms of each win, `place` (n,) counting along the rows, and the number of the
    winner's `colour` (n,). Where units have rates, the feature with the largest rate wins a place
    at the moment that it becomes the largest; `NOBODY` where no unit has a rate to speak of.
    """
    step, place, feature = _changes(picture) if picture.is_rate else _wins(picture)
    return {
        "time": (step * picture.run.dt).astype(np.float32),
        "place": place.astype(np.uint16),
        "colour": np.where(feature < 0, NOBODY, colours_of(feature)).astype(np.uint8),
    }


def _wins(picture: LayerPicture) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Step, place and feature of each win (n,)."""
    winners = picture.run.winners
    step, rank = np.nonzero(winners[:, :, 0] >= 0)
    feature, row, column = winners[step, rank].astype(int).T.reshape(3, -1)
    place = row * picture.settings.columns + column
    if step.size > MOST:
        moment = step * MOMENTS // picture.run.steps
        key = moment * (picture.settings.rows * picture.settings.columns) + place
        _, last = np.unique(key[::-1], return_index=True)
        kept = np.sort(step.size - 1 - last)
        step, place, feature = step[kept], place[kept], feature[kept]
    return step + 1, place, feature


def _changes(picture: LayerPicture) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Step, place and feature of each change of the largest rate (n,); feature -1 for none."""
    steps = picture.run.steps
    at = np.linspace(0, steps, min(steps + 1, MOMENTS)).astype(int)
    rates = picture.outputs[at].reshape(at.size, picture.settings.features, -1)
    sizes = np.abs(rates).max(axis=1)
    best = np.where(sizes > STILL * sizes.max(initial=0.0), rates.argmax(axis=1), -1)
    fresh = np.ones(best.shape, bool)
    fresh[1:] = best[1:] != best[:-1]
    moment, place = np.nonzero(fresh)
    return at[moment], place, best[moment, place]


def fade(picture: LayerPicture) -> float:
    """After how long a win is at its faintest, ms; 0 for never."""
    return 0.0 if picture.is_rate else FADE * picture.run.duration


def caption(picture: LayerPicture) -> str:
    """How to read the map."""
    if picture.is_rate:
        return "The feature with the largest rate; blank if still."
    if not picture.settings.winners:
        return "Nobody competes: let some cells win each step."
    return "The latest winner at each place, fading."


class WinnerMap:
    """The plot of the winner map; the time bar draws the moment into its image."""

    def __init__(self) -> None:
        self.wins = source("winners", "time", "place", "colour")
        self.source = ColumnDataSource(_blank((1, 1)), name="winner_map")
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
        made.quad(
            "x", "right", "y", "bottom", source=self.source, fill_color=GREY, fill_alpha=0.08,
            line_color=None,
        )  # fmt: skip
        drawn = made.image("image", "x", "y", "dw", "dh", source=self.source, color_mapper=mapper())
        self.x_range.renderers = self.y_range.renderers = [drawn]
        # Draws nothing; it brings the wins to the browser.
        made.scatter("time", "time", source=self.wins, size=0, visible=False)
        self.figure = made
        self._shape = (1, 1)

    def update(self, picture: LayerPicture, drawn: dict[str, np.ndarray]) -> None:
        shape = (picture.settings.rows, picture.settings.columns)
        if shape != self._shape:
            self._shape = shape
            # A layer of many rows and few columns would be a line: its places are no squares.
            self.figure.match_aspect = max(shape) <= _SQUARE_TO * min(shape)
            self.source.data = _blank(shape)
            self.figure.styles = _fitting(shape)
            # The axes end with the map, however much room there is beside it.
            self.figure.yaxis.bounds, self.figure.xaxis.bounds = ((0, size) for size in shape)
        hand_over(self.wins, drawn, always=("time",))


def _fitting(shape: tuple[int, int]) -> dict[str, str]:
    """A plot no higher than its map, if that is a flat one: its columns are numbered below it."""
    rows, columns = shape
    if rows > columns or columns > _SQUARE_TO * rows:
        return {}
    left, below = _AXES
    height = (_WIDTH - left) * rows / columns + below
    return {
        "aspect-ratio": f"{_WIDTH / height:.3f}",
        "height": "auto",
        "max-height": "100%",
        "align-self": "start",
    }


def _blank(shape: tuple[int, int]) -> dict[str, list[object]]:
    """An image without winners, one unit to a place."""
    rows, columns = shape
    return {
        "image": [np.zeros(shape, np.uint8)],
        "x": [0],
        "y": [0],
        "dw": [columns],
        "dh": [rows],
        "right": [columns],
        "bottom": [rows],
    }
