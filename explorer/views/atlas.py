"""The atlas: a map over two quantities, as an image with a scale or with a legend in words."""

from __future__ import annotations

from typing import Any

import numpy as np
from bokeh.models import (
    BasicTicker,
    ColorBar,
    CustomJSHover,
    HoverTool,
    LinearColorMapper,
    Range1d,
    Title,
)
from bokeh.palettes import Viridis256

from models.analysis.atlas import Map

from ..canvas import lean, move, plot, source
from ..kinds import colour_of, ordered
from ..palette import GREY
from ..varied import Varied

_GROUND = "rgba(128, 128, 128, 0.12)"
"""Where there is no value."""
_MOST = 64
"""Kinds that a legend can hold."""
_FEW = 95.0
"""Percentile of the numbers above zero at which a scale ends where the highest leave it empty."""
_FAR = 1.5
"""How far beyond that percentile the highest number must be."""


def is_words(found: Map) -> bool:
    """Whether a map shows kinds rather than numbers."""
    return found.values.dtype.kind in "UO"


def arrays(found: Map, kinds: list[str]) -> dict[str, Any]:
    """The columns of the source `atlas`: one image with its corner and size.

    Each value is drawn as a cell around its place, so an image reaches half a cell beyond its
    axes. Words are drawn as their place in `kinds`.
    """
    image = codes(found.values, kinds) if is_words(found) else lean(found.values)
    dx, dy = (axis[1] - axis[0] for axis in (found.x, found.y))
    return {
        "image": [image],
        "x": [found.x[0] - 0.5 * dx],
        "y": [found.y[0] - 0.5 * dy],
        "dw": [found.x[-1] - found.x[0] + dx],
        "dh": [found.y[-1] - found.y[0] + dy],
    }


def codes(words: np.ndarray, kinds: list[str]) -> np.ndarray:
    """The place of each word (ny, nx) in `kinds`; NaN for none."""
    made = np.full(words.shape, np.nan, np.float32)
    for place, kind in enumerate(kinds):
        made[words == kind] = place
    return made


def kinds_of(found: Map) -> list[str]:
    """The kinds on a map, in the order of a legend."""
    return ordered(str(kind) for kind in np.unique(found.values) if kind)


def shares(found: Map) -> list[tuple[str, str, float]]:
    """(kind, colour, share of the map) of each kind."""
    return [
        (kind, colour_of(kind), float((found.values == kind).mean())) for kind in kinds_of(found)
    ]


def at(found: Map, x: float, y: float) -> Any:
    """The value of the cell that holds a place; None outside."""
    for axis, value in ((found.x, x), (found.y, y)):
        half = 0.5 * (axis[1] - axis[0])
        if not axis[0] - half <= value <= axis[-1] + half:
            return None
    row = int(np.abs(found.y - y).argmin())
    return found.values[row, int(np.abs(found.x - x).argmin())]


def top(found: Map) -> float:
    """The highest number on a map; 1 where there is none."""
    sound = found.values[np.isfinite(found.values)]
    return float(sound.max()) if sound.size and sound.max() > 0.0 else 1.0


def brightest(found: Map) -> float:
    """Where the scale of a map ends.

    At the highest number; or, if a few tower above the rest (a rate grows without bound as a time
    constant vanishes) at a percentile, so that the rest is not all dark.
    """
    highest = top(found)
    above = found.values[np.isfinite(found.values) & (found.values > 0.0)]
    usual = float(np.percentile(above, _FEW)) if above.size else highest
    return highest if highest <= _FAR * usual else float(f"{usual:.2g}")


def scale(measure: str, high: float, highest: float) -> str:
    """What stands beside a scale, with what it leaves out."""
    beyond = f" – top colour: {high:.4g} to {highest:.4g}" if highest > high else ""
    return f"{measure}{beyond}"


class Atlas:
    """The plot of a map; a cross-hair marks the present values."""

    def __init__(self) -> None:
        self.x_range, self.y_range = Range1d(0, 1), Range1d(0, 1)
        self.source = source("atlas", "image", "x", "y", "dw", "dh")
        self.present = source("atlas_present", "x", "y")
        self._scale = LinearColorMapper(palette=Viridis256, low=0.0, high=1.0, nan_color=_GROUND)
        self._kinds = LinearColorMapper(palette=[GREY], low=-0.5, high=0.5, nan_color=_GROUND)
        self._words = source("atlas_kinds", "kind")
        made = plot(self.x_range, self.y_range, name="atlas_plot")
        place = {"x": "x", "y": "y", "dw": "dw", "dh": "dh", "source": self.source}
        self._numbers = made.image("image", color_mapper=self._scale, **place)
        self._named = made.image("image", color_mapper=self._kinds, visible=False, **place)
        for width, colour in ((3.0, "white"), (1.25, "#14181F")):
            made.vspan(x="x", source=self.present, line_color=colour, line_width=width)
            made.hspan(y="y", source=self.present, line_color=colour, line_width=width)
        made.scatter(
            "x", "y", source=self.present, size=12, fill_color="white", line_color="#14181F",
            line_width=2,
        )  # fmt: skip
        self._bar = ColorBar(
            color_mapper=self._scale, ticker=BasicTicker(desired_num_ticks=5), width=12,
            padding=6, background_fill_alpha=0.0, major_tick_line_color=None,
        )  # fmt: skip
        # Beside the bar: a title of its own would stand on the map.
        self._least = 0.0
        self._measure, self._title = "", Title(align="center", standoff=4)
        made.add_layout(self._bar, "right")
        made.add_layout(self._title, "right")
        name = CustomJSHover(
            args={"words": self._words},
            code="""
            const kinds = words.data.kind
            if (kinds.length > 0) { return kinds[value] ?? "nothing" }
            return Number.isNaN(value) ? "no value" : String(Number(value.toPrecision(4)))
            """,
        )
        digits = CustomJSHover(code="return String(Number(value.toPrecision(4)))")
        self._hover = HoverTool(
            renderers=[self._numbers, self._named],
            tooltips=None,
            formatters={"@image": name, "$x": digits, "$y": digits},
        )
        made.add_tools(self._hover)
        made.grid.visible = False
        self.figure = made

    def fit(self, found: Map, x: Varied, y: Varied, title: str, least: float = 0.0) -> None:
        """Take other axes, or another measure, whose scale ends at `least` or later."""
        self._least = least
        move(self.x_range, (found.x[0], found.x[-1]))
        move(self.y_range, (found.y[0], found.y[-1]))
        self.figure.xaxis.axis_label = x.axis
        self.figure.yaxis.axis_label = y.axis
        self._measure = title
        self._hover.tooltips = [
            (title, "@image{custom}"),
            (x.axis, "$x{custom}"),
            (y.axis, "$y{custom}"),
        ]
        if not is_words(found):
            self._scale.update(low=0.0, high=max(least, brightest(found)))

    def update(self, found: Map) -> None:
        """Draw a map; the scale grows when a number leaves it."""
        words = is_words(found)
        kinds = kinds_of(found)[:_MOST] if words else []
        self._words.data = {"kind": kinds}
        if words and kinds:
            colours = [colour_of(kind) for kind in kinds]
            self._kinds.update(palette=colours, low=-0.5, high=len(kinds) - 0.5)
        elif not words:
            self._scale.high = max(self._scale.high, brightest(found))
            self._title.text = scale(self._measure, self._scale.high, top(found))
        self._numbers.visible = self._bar.visible = self._title.visible = not words
        self._named.visible = words
        self.source.data = arrays(found, kinds)

    def mark(self, x: float, y: float) -> None:
        """Put the cross-hair."""
        self.present.data = {"x": [x], "y": [y]}
