"""Play and scrub the run of a layer: the winner map and the cursor follow in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import param
from bokeh.models import ColumnDataSource, CustomJS
from bokeh.plotting import figure
from panel.custom import JSComponent

from ..feature_colours import SHADES

_STYLE = Path(__file__).with_name("time_bar.css")


class LayerBar(JSComponent):
    """Play button and time slider; the readout names the moment."""

    end = param.Number(default=0.0, doc="length of the run, ms")
    fade = param.Number(default=0.0, doc="after how long a win is at its faintest, ms; 0: never")
    shades = param.Integer(default=SHADES, doc="strengths of each colour")

    _esm = Path(__file__).with_suffix(".js")
    _stylesheets = [_STYLE.read_text(encoding="utf-8")]  # noqa: RUF012

    def __init__(self, **settings: Any) -> None:
        super().__init__(sizing_mode="stretch_width", margin=0, **settings)

    def fit(self, end: float, fade: float) -> None:
        """Take the length of another run, and how long its wins stay fresh."""
        if (end, fade) != (self.end, self.fade):
            self.param.update(end=end, fade=fade)


def layer_cursor() -> ColumnDataSource:
    """Where the time cursor of the layer page stands, and whether it was put there (else NaN)."""
    return ColumnDataSource({"time": [0.0], "pinned": [np.nan]}, name="layer_cursor")


def point(trace: figure, cursor: ColumnDataSource) -> None:
    """Let a plot over time move the cursor: hover to look, leave to return."""
    place = (
        "const place = (t, pin) => cursor.setv({data: {time: [t], pinned: [pin]}}, {sync: false});"
    )
    given = {"cursor": cursor, "time": trace.x_range}
    look = "place(Math.min(Math.max(cb_obj.x, 0), time.reset_end), cursor.data.pinned[0])"
    leave = (
        "const pin = cursor.data.pinned[0]; place(Number.isNaN(pin) ? time.reset_end : pin, pin)"
    )
    trace.js_on_event("mousemove", CustomJS(args=given, code=place + look))
    trace.js_on_event("mouseleave", CustomJS(args=given, code=place + leave))
