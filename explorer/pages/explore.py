"""The Explore page: traces, phase plane and equations that move with the controls."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
from bokeh.events import RangesUpdate, Tap
from bokeh.models import Range1d

from ..picture import Picture
from ..state import Explorer
from ..theme import sheet
from ..views.current import Current
from ..views.equations import Equations
from ..views.phase_plane import PhasePlane
from ..views.states import States
from ..views.status import Status
from ..views.time_bar import TimeBar, cursor_source, follow, marker_source
from ..views.voltage import Voltage


class ExplorePage:
    """Builds the views once and hands each new run to all of them."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.time = Range1d(0.0, 100.0)
        self.cursor = cursor_source()
        self.marker = marker_source()
        self.voltage = Voltage(self.time, self.cursor)
        self.states = States(self.time, self.cursor)
        self.current = Current(self.time, self.cursor)
        self.plane = PhasePlane(self.marker)
        self.equations = Equations()
        self.status = Status()
        self.bar = TimeBar(self._pin, css_classes=["bar"])
        self.traces = (self.voltage, self.states, self.current)
        for trace in self.traces:
            follow(trace.figure, self.cursor)
        self.plane.figure.on_event(Tap, self._start_at)
        self.plane.figure.on_event(RangesUpdate, self._redraw_landscape)
        self.layout = self._lay_out()
        self._fitted: tuple[Any, ...] = ()
        explorer.param.watch(self._draw, "run")
        explorer.param.watch(self._redraw_landscape, "cursor")
        if explorer.run is not None:
            self._draw()

    def picture(self) -> Picture:
        """What is to be drawn now."""
        now = self.explorer
        return Picture(now.run, now.settings, now.overlay, now.cursor)

    def _lay_out(self) -> pn.viewable.Viewable:
        self.status.pane.css_classes = ["status"]
        side = pn.Column(
            self.equations.pane, css_classes=["side"], sizing_mode="stretch_width", margin=0
        )
        return pn.Column(
            self.status.pane,
            pn.pane.Bokeh(self.voltage.figure, margin=0),
            pn.pane.Bokeh(self.states.figure, margin=0),
            pn.pane.Bokeh(self.current.figure, margin=0),
            self.bar,
            pn.pane.Bokeh(self.plane.figure, margin=0),
            side,
            css_classes=["explore"],
            stylesheets=[sheet("explore")],
            sizing_mode="stretch_width",
            margin=0,
        )

    def _draw(self, *_events: Any) -> None:
        """Hand the run to every view; the axes move only with another model, preset or pair."""
        picture = self.picture()
        settings = picture.settings
        fitted = (settings.model, settings.preset, settings.duration, settings.x, settings.y)
        if fitted != self._fitted:
            self._fitted = fitted
            self.fit(picture)
        for view in (*self.traces, self.plane):
            view.update(picture)
        self.status.update(picture, self.explorer.modified())

    def fit(self, picture: Picture) -> None:
        """Put all axes where this run is well seen."""
        end = float(picture.settings.duration)
        self.time.update(start=0.0, end=end, reset_start=0.0, reset_end=end)
        for view in (*self.traces, self.plane):
            view.fit(picture)
        self.equations.fit(picture.model)
        self.bar.fit(picture)

    def _redraw_landscape(self, *_events: Any) -> None:
        self.plane.update_landscape(self.picture())

    def _pin(self, time: float | None) -> None:
        self.explorer.cursor = time

    def _start_at(self, event: Tap) -> None:
        settings = self.explorer.settings
        self.explorer.start_at(**{settings.x: float(event.x), settings.y: float(event.y)})


def toolbar(explorer: Explorer, *items: Any) -> pmui.Row:
    """The row of page-wide actions."""
    reset = pmui.Button(label="Reset all", variant="outlined", size="small", margin=0)
    reset.on_click(lambda _event: explorer.reset())
    return pmui.Row(*items, reset, margin=0)
