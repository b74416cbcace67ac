"""The raster of a layer: every spike over time, a row for each cell, coloured by feature.

It is an image with as many points as the screen has: whatever falls on one point is merged, in a
stronger colour the more it is, so that no spike is lost and a large layer costs what a small one
does. Zooming in asks for an image of what is then seen. Units with a rate are drawn as that rate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.core.property.descriptors import UnsetValueError
from bokeh.models import ColumnDataSource, HoverTool, Range1d

from ..canvas import hand_over, move, plot
from ..feature_colours import mapper, scaled, shaded
from ..layer_picture import LayerPicture
from ..palette import GREY

MARK = 2
"""Width of a spike, in points of the screen."""
WIDTH, HEIGHT = 640, 360
"""Points of the image before the browser has said how large the plot is."""

Limits = tuple[float, float]


def image(
    picture: LayerPicture, time: Limits, cells: Limits, width: int, height: int
) -> np.ndarray:
    """The part of the raster between two times (ms) and two cells, (rows, columns) uint8.

    At most `width` columns, no more than steps; a row for each cell, or for each few where there
    are more than `height`. Row 0 is the first cell.
    """
    first_step, last_step = _whole(time, picture.run.dt, picture.run.steps)
    first, last = _whole(cells, 1.0, picture.settings.size)
    columns, merged = min(width, last_step - first_step), sharing(last - first, height)
    rows = -(-(last - first) // merged)
    if picture.is_rate:
        at = np.linspace(first_step + 1, last_step, columns).astype(int)
        which = first + merged * np.arange(rows)
        return scaled(picture.outputs[np.ix_(at, which)].T, largest(picture))
    step, cell = picture.spikes
    inside = (step >= first_step) & (step < last_step) & (cell >= first) & (cell < last)
    column = (step[inside] - first_step) * columns // (last_step - first_step)
    row = (cell[inside] - first) // merged
    counts = np.bincount(row * columns + column, minlength=rows * columns).reshape(rows, columns)
    most = counts.max(initial=1) if merged > 1 else 1
    strength = np.sqrt(counts / most)
    middle = np.minimum(first + merged * np.arange(rows) + merged // 2, last - 1)
    colour = shaded(picture.features[middle][:, None], strength)
    return np.where(counts > 0, colour, 0).astype(np.uint8)


def sharing(cells: int, height: int) -> int:
    """How many cells share a row, if there is room for `height` rows."""
    return -(-cells // max(1, height))


def placed(made: np.ndarray, time: Limits, cells: Limits) -> dict[str, Any]:
    """An image and where it lies, as the columns of the source `raster`."""
    return {
        "image": [made],
        "x": [time[0]],
        "y": [cells[0]],
        "dw": [time[1] - time[0]],
        "dh": [cells[1] - cells[0]],
    }


def largest(picture: LayerPicture) -> float:
    """The rate drawn in full colour: the largest one that is not an outlier."""
    sizes = np.abs(picture.outputs)
    return float(np.quantile(sizes, 0.995)) if sizes.size else 1.0


def caption(picture: LayerPicture, height: int) -> str:
    """What a row of the raster is."""
    settings = picture.settings
    if picture.is_rate:
        full = f"full at ±{largest(picture):.2g}" if largest(picture) > 0.0 else "all are 0"
        return f"Rate of each unit: blue above 0, red below, {full}."
    merged = sharing(settings.size, height)
    alone = " alone" if settings.winners else ""  # without rivals it may fire more
    if merged > 1:
        return f"{merged} to a row: zoom in, click to open{alone}."
    return f"One row per cell: click to open it{alone}."


class Raster:
    """The plot of the raster.

    Parameters
    ----------
    time : the time axis, shared with the population rate.
    cursor : source with column `time`: where the time cursor stands.
    """

    def __init__(self, time: Range1d, cursor: ColumnDataSource) -> None:
        self.time = time
        self.cells = Range1d(0, 400)
        self.source = ColumnDataSource(
            placed(np.zeros((1, 1), np.uint8), (0.0, 1.0), (0.0, 1.0)), name="raster"
        )
        made = plot(time, self.cells, name="raster_plot", css_classes=["raster"])
        made.xaxis.visible = False
        made.min_border_bottom = made.min_border_top = 8
        made.ygrid.visible = False
        made.yaxis.axis_label = "cell"
        drawn = made.image("image", "x", "y", "dw", "dh", source=self.source, color_mapper=mapper())
        made.vspan(x="time", source=cursor, line_color=GREY)
        made.add_tools(
            HoverTool(renderers=[drawn], tooltips=[("", "cell $y{0}, $x{0.0} ms")], visible=False)
        )
        self.figure = made

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows that the browser has room for."""
        try:
            return self.figure.inner_width or WIDTH, self.figure.inner_height or HEIGHT
        except UnsetValueError:
            return WIDTH, HEIGHT

    @property
    def limits(self) -> tuple[Limits, Limits]:
        """Visible times and cells."""
        return (self.time.start, self.time.end), (self.cells.start, self.cells.end)

    def fit(self, picture: LayerPicture) -> None:
        """Show all cells."""
        move(self.cells, (0.0, float(picture.settings.size)))

    def columns(self, picture: LayerPicture) -> dict[str, Any]:
        """The columns of the source for what is visible now."""
        (start, end), (bottom, top) = self.limits
        start, end = max(0.0, start), min(picture.run.duration, end)
        bottom, top = max(0.0, np.floor(bottom)), min(float(picture.settings.size), np.ceil(top))
        if end <= start or top <= bottom:
            return placed(np.zeros((1, 1), np.uint8), (start, start), (bottom, bottom))
        width, height = self.size
        made = image(picture, (start, end), (bottom, top), max(1, width // MARK), height)
        # The last row may stand for fewer cells than the others, but is as high.
        shown = len(made) * sharing(int(top - bottom), height)
        return placed(made, (start, end), (bottom, bottom + shown))

    def update(self, columns: dict[str, Any]) -> None:
        hand_over(self.source, columns, always=("image",))


def _whole(limits: Limits, unit: float, most: int) -> tuple[int, int]:
    """Limits in whole units, at least one apart, within 0 and `most`."""
    first = int(np.clip(np.floor(limits[0] / unit + 1e-9), 0, most - 1))
    return first, int(np.clip(np.ceil(limits[1] / unit - 1e-9), first + 1, most))
