"""How every plot of the app looks and behaves before anything is drawn in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from bokeh.models import (
    BasicTickFormatter,
    ColumnDataSource,
    FixedTicker,
    GlyphRenderer,
    PanTool,
    Range1d,
    ResetTool,
    SaveTool,
    WheelZoomTool,
)
from bokeh.plotting import figure

from models import State

from .notation import to_text
from .upstream import inline


def plot(x_range: Range1d, y_range: Range1d, name: str = "", **settings: Any) -> figure:
    """An empty figure: explicit ranges (they send no messages of their own), quiet axes.

    Its name, such as "phase_plane_plot", is also what a screen reader calls it.

    Canvas rather than WebGL: a few thousand points need no GL, and without a graphics card GL
    paints ten times slower.
    """
    called = name.removesuffix("_plot").replace("_", " ").capitalize()
    tools = [PanTool(), WheelZoomTool(), ResetTool(), SaveTool()]
    made = figure(
        x_range=x_range,
        y_range=y_range,
        tools=tools,
        active_drag=None,
        active_scroll=None,
        output_backend="canvas",
        lod_threshold=None,  # thinned already
        sizing_mode="stretch_both",
        min_border=4,
        min_border_left=64,
        background_fill_alpha=0.0,
        border_fill_alpha=0.0,
        outline_line_color=None,
        name=name or None,
        html_attributes={"role": "figure", "aria-label": called} if called else {},
        **settings,
    )
    made.toolbar.logo = None
    made.toolbar.autohide = True
    made.grid.grid_line_width = 0.75
    for axis in made.axis:
        quiet(axis)
    return made


def curve(made: figure, x: str, y: str, **style: Any) -> GlyphRenderer:
    """A line that moves with the hand, as `figure.line` takes it.

    Its corners are round: without a graphics card, Chromium paints a curve of two thousand points
    with the cut-off corners that Bokeh would give it more than twice as long.
    """
    return made.line(x, y, line_join="round", **style)


def quiet(axis: Any) -> None:
    """Few ticks, none of them minor."""
    axis.level = "overlay"  # painted on a canvas of its own, which stays when a curve moves
    axis.minor_tick_line_color = None
    axis.major_tick_in = 0
    axis.major_tick_out = 4
    axis.ticker.desired_num_ticks = 5
    axis.ticker.num_minor_ticks = 0


def logarithmic(axis: Any, *digits: int) -> None:
    """Tick the axes of a logarithmic plot at these digits of every decade, in plain numbers.

    Bokeh ticks less than two decades evenly and writes every tick as the nearest power of ten.
    """
    ticks = [digit * 10.0**power for power in range(-6, 10) for digit in digits]
    # A new ticker has Bokeh walk through the whole page, at which all sliders of all visitors wait.
    if isinstance(axis.ticker, FixedTicker):
        axis.ticker.ticks = ticks
        return
    axis.ticker = FixedTicker(ticks=ticks)
    plain(axis)


def plain(axis: Any) -> None:
    """Write the ticks of a logarithmic axis as plain numbers."""
    if not isinstance(axis.formatter, BasicTickFormatter):
        axis.formatter = BasicTickFormatter(use_scientific=False)


def source(name: str, *columns: str) -> ColumnDataSource:
    """An empty data source that can be found by `name` in the browser."""
    return ColumnDataSource({column: np.empty(0, np.float32) for column in columns}, name=name)


def move(axis: Range1d, span: tuple[float, float]) -> None:
    """Put an axis range at `span`, and there again when the reset tool is used."""
    low, high = (float(end) for end in span)
    axis.update(start=low, end=high, reset_start=low, reset_end=high)


def lean(values: np.ndarray) -> np.ndarray:
    """`values` as float32: half the bytes on the wire, far below a pixel."""
    return np.ascontiguousarray(values, dtype=np.float32)


SHORT = 64
"""Numbers up to which a column travels as a list, which the browser reads faster than bytes."""


def hand_over(
    source: ColumnDataSource, data: Mapping[str, Any], always: Collection[str] = ()
) -> None:
    """Give a source those of its new columns that differ from the ones it has.

    While a slider moves, most of what surrounds the trajectory stays as it is: a source without a
    new column is not sent and its glyphs are not painted again.

    Parameters
    ----------
    source : the source.
    data : its columns, all of them.
    always : columns that are sent even if they are the same.
    """
    columns = {name: _packed(values) for name, values in data.items()}
    if columns.keys() != source.data.keys():
        source.data = columns
        return
    fresh = {
        name: values
        for name, values in columns.items()
        if name in always or not _same(values, source.data[name])
    }
    if fresh:
        source.data.update(fresh)


def _packed(values: Any) -> Any:
    if not isinstance(values, np.ndarray):
        return values
    return values.tolist() if values.size <= SHORT else inline(values)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other, equal_nan=True)
    return type(one) is type(other) and bool(one == other)


def label(state: State) -> str:
    """The axis label of a state, such as "v (mV)"."""
    symbol = to_text(state.symbol)
    return f"{symbol} ({state.unit})" if state.unit else symbol


def broken_at(lines: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Several polylines (m, 2) as one x and one y with gaps between them."""
    if not lines:
        return np.empty(0, np.float32), np.empty(0, np.float32)
    gap = np.full((1, 2), np.nan)
    joined = np.concatenate([piece for line in lines for piece in (line, gap)])
    return lean(joined[:, 0]), lean(joined[:, 1])


def arrow_line(
    tail: np.ndarray, tip: np.ndarray, barbs: tuple[np.ndarray, np.ndarray]
) -> dict[str, np.ndarray]:
    """Arrows as one line x, y with a gap after each: tail, tip, a barb, the tip, the other barb.

    One line is painted many times faster than as many pieces.

    Parameters
    ----------
    tail, tip : (2, n) x and y of the ends of each shaft.
    barbs : (2, n) x and y of the free end of each barb, left and right.
    """
    points = np.stack([tail, tip, barbs[0], tip, barbs[1], np.full_like(tip, np.nan)], axis=2)
    x, y = points.reshape(2, -1)
    return {"x": lean(x), "y": lean(y)}


def padded(low: float, high: float, share: float = 0.05) -> tuple[float, float]:
    """A range widened by a share of its width on both sides; never empty."""
    margin = share * (high - low) or max(1e-3, 0.05 * abs(high))
    return low - margin, high + margin
