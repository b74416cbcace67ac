"""The time cursor: play, scrub and readout. It moves in the browser, frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import param
from bokeh.models import ColumnDataSource, CustomJS
from bokeh.plotting import figure
from panel.custom import JSComponent

from ..notation import to_text
from ..palette import CURRENT, state_colours
from ..picture import Picture
from ..theme import legible


class TimeBar(JSComponent):
    """Play button, time slider and the values under the cursor.

    Parameters
    ----------
    on_pin : called with the pinned time in ms, or None for the end of the run.
    """

    readouts = param.List(doc="what to read out: source, column, label, unit, colour, digits")

    _esm = Path(__file__).with_suffix(".js")
    _stylesheets = [Path(__file__).with_suffix(".css").read_text(encoding="utf-8")]  # noqa: RUF012

    def __init__(self, on_pin: Callable[[float | None], Any], **settings: Any) -> None:
        super().__init__(sizing_mode="stretch_width", margin=0, **settings)
        self._on_pin = on_pin

    def fit(self, picture: Picture) -> None:
        """Read out another model's states."""
        states, colours = picture.model.states, state_colours(picture.model)
        rows = [
            {
                "source": "states" if place else "voltage",
                "column": state.name if place else "v",
                "label": to_text(state.symbol),
                "unit": state.unit,
                "colour": legible(colours[state.name]),
                "digits": 1 if state.span[1] - state.span[0] > 20 else 3,
            }
            for place, state in enumerate(states)
        ]
        rows.append(
            {
                "source": "current",
                "column": "current",
                "label": to_text(picture.model.current.symbol),
                "unit": picture.model.current.unit,
                "colour": legible(CURRENT),
                "digits": 1,
            }
        )
        self.readouts = rows

    def release(self) -> None:
        """Let go of a pinned time: back to the end of the run."""
        self._send_msg({"release": True})

    def _handle_msg(self, data: Any) -> None:
        self._on_pin(data.get("cursor"))


def cursor_source(pinned: float | None = None) -> ColumnDataSource:
    """Where the time cursor stands, and where it returns to after a hover (NaN: the end)."""
    start, back = (0.0, np.nan) if pinned is None else (pinned, pinned)
    return ColumnDataSource({"time": [start], "pinned": [back]}, name="cursor")


def marker_source() -> ColumnDataSource:
    """Where the state under the cursor is in the phase plane."""
    return ColumnDataSource({"x": [np.nan], "y": [np.nan]}, name="marker")


def follow(trace: figure, cursor: ColumnDataSource) -> None:
    """Let a trace move the cursor: hover to look, click or drag to pin."""
    ends = """
        const place = (t, pin) => cursor.setv({data: {time: [t], pinned: [pin]}}, {sync: false})
        const t = Math.min(Math.max(cb_obj.x, 0), time.end);
    """
    given = {"cursor": cursor, "time": trace.x_range}
    look = CustomJS(
        args=given,
        code=ends + "place(t, cursor.data.pinned[0])",
    )
    pin = CustomJS(args=given, code=ends + "place(t, t)")
    leave = CustomJS(
        args=given,
        code=ends
        + "const pin = cursor.data.pinned[0]; place(Number.isNaN(pin) ? time.reset_end : pin, pin)",
    )
    trace.js_on_event("mousemove", look)
    trace.js_on_event("tap", pin)
    trace.js_on_event("pan", pin)
    trace.js_on_event("mouseleave", leave)
