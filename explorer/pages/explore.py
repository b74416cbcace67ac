"""The Explore page: traces, phase plane and equations that move with the controls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import panel as pn
from bokeh.events import DoubleTap, RangesUpdate, Tap
from bokeh.models import Range1d

from ..background import QUICK, Slot, Watch
from ..marks import Marks
from ..pacing import Paced, soon, together
from ..picture import Picture
from ..state import Explorer
from ..theme import sheet
from ..views.current import Current
from ..views.equations import Equations
from ..views.phase_line import PhaseLine
from ..views.phase_plane import PhasePlane
from ..views.plane_layers import PlaneLayers, legend, lines
from ..views.states import States
from ..views.status import Status
from ..views.time_bar import TimeBar, cursor_source, follow, marker_source
from ..views.voltage import Voltage
from .notice import Notice
from .plane_bar import PlaneBar

MARGIN, RIGHT_AXIS = 4, 58
"""px right of the traces, without and with an axis there."""
MANY = 3000.0
"""ms from which the numbers of six ticks would run into each other on a small screen."""


class ExplorePage:
    """Builds the views once and hands each new run to all of them."""

    side = None

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.time = Range1d(0.0, 100.0)
        _take_marks(explorer)
        self.cursor, self.marker = cursor_source(explorer.cursor), marker_source()
        self.voltage = Voltage(self.time, self.cursor)
        self.states = States(self.time, self.cursor)
        self.current = Current(self.time, self.cursor)
        plane = PhasePlane(self.marker)
        self.planes = (PhaseLine(plane.figure, plane.sources, plane.nullclines, plane.path), plane)
        self.plane = self._plane_for(explorer.simulated().y)
        self.layers = PlaneLayers(plane.figure)
        self._layer_slot = Slot(
            pn.state.curdoc, QUICK, self._show_layers, lambda sentence: None, follows=True
        )
        self.equations = Equations()
        self.status = Status()
        self.bar = TimeBar(self._pin, css_classes=["bar"])
        self.plane_bar = PlaneBar(explorer, self._fit_plane)
        self.notice = Notice(explorer)
        for trace in (self.voltage, self.states, self.current):
            follow(trace.figure, self.cursor)
        # Two quick clicks are a double one for Bokeh, however far apart: both count.
        for click in (Tap, DoubleTap):
            plane.figure.on_event(click, self._start_at)
        plane.figure.on_event(RangesUpdate, self._redraw_landscape)
        self.layout = self._lay_out()
        self._fitted: tuple[Any, ...] = ()
        self._layered: dict[str, Any] = {}
        self._words = Paced(pn.state.curdoc, self._tell)
        self._soon = soon(pn.state.curdoc) if pn.state.curdoc else None
        self._shown = False
        self._drawn: Any = None
        explorer.param.watch(self._draw, "run")
        explorer.param.watch(self._draw_again, "kept")
        explorer.param.watch(self._draw_again, ["layers", "seeds"])
        explorer.param.watch(self._move_cursor, "cursor")

    def show(self) -> None:
        """Come to the front, and catch up with what happened behind."""
        self._shown = True
        if self._drawn is not self.explorer.run:
            self._draw()

    def hide(self) -> None:
        """Go behind: nothing is computed or drawn until the page is shown again."""
        self._shown = False

    def picture(self) -> Picture:
        """What is to be drawn now."""
        now = self.explorer
        return Picture(now.run, now.simulated(), now.overlay, now.cursor, tuple(now.kept))

    def _lay_out(self) -> pn.viewable.Viewable:
        self.status.pane.css_classes = ["status"]
        self.equations.pane.css_classes = ["side"]
        return pn.Column(
            self.status.pane,
            self.notice.layout,
            pn.pane.Bokeh(self.voltage.figure, margin=0),
            pn.pane.Bokeh(self.states.figure, margin=0),
            pn.pane.Bokeh(self.current.figure, margin=0),
            self.bar,
            self.plane_bar.layout,
            pn.pane.Bokeh(self.plane.figure, margin=0),
            self.equations.pane,
            css_classes=["explore"],
            stylesheets=[sheet("explore")],
            sizing_mode="stretch_width",
            margin=0,
        )

    def _plane_for(self, y: str) -> PhaseLine | PhasePlane:
        return self.planes[1] if y else self.planes[0]

    def _draw(self, *_events: Any) -> None:
        """Hand the run to every view; the axes move only with another model, preset or pair.

        The voltage comes last: its change tells the browser that the redraw is complete.
        """
        if not self._shown:
            return
        picture = self.picture()
        self._drawn = picture.run
        settings = picture.settings
        fitted = (settings.model, settings.preset, settings.duration, settings.x, settings.y)
        if fitted != self._fitted:
            self._fitted = fitted
            self._fit(picture)
            self._tell()
        else:
            self._words.ask()
        # One message for all sources, so that each plot is painted once and not once per source.
        with together(pn.state.curdoc):
            for view in (self.plane, self.states, self.current, self.voltage):
                view.update(picture)
        self._draw_layers(picture)

    def _fit(self, picture: Picture) -> None:
        """Put all axes where this run is well seen."""
        end = float(picture.settings.duration)
        self.time.update(start=0.0, end=end, reset_start=0.0, reset_end=end)
        self.plane = self._plane_for(picture.settings.y)
        for view in (self.plane, self.states, self.current, self.voltage, self.bar):
            view.fit(picture)
        if self._soon is not None:  # in the message behind this one
            self._soon(self.states.part)
        else:
            self.states.part()
        for trace in (self.voltage, self.states, self.current):
            # An axis on the right of one trace takes room from all, so that times stay aligned.
            trace.figure.min_border_right = RIGHT_AXIS if self.states.doubled else MARGIN
        narrow = self.states.doubled or end > MANY
        self.current.figure.xaxis.ticker.desired_num_ticks = 4 if narrow else 6
        self.equations.fit(picture.model)
        flat = len(picture.model.states) == 1
        self.layout.css_classes = ["explore", "flat"] if flat else ["explore"]

    def _tell(self) -> None:
        """Say in words what is on the screen."""
        picture = self.picture()
        seen = legend(self._layered, self.explorer.layers, picture.model.resets())
        self.plane_bar.update(picture, seen)
        self.status.update(picture, self.explorer.modified())

    def _draw_again(self, *_events: Any) -> None:
        """Draw the same run with other company."""
        if self.explorer.run is not None:
            self._draw()

    def _fit_plane(self) -> None:
        """Fit all axes, on request."""
        picture = self.picture()
        self._fit(picture)
        self.plane.update(picture)

    def _redraw_landscape(self, *_events: Any) -> None:
        if not self._shown or self.explorer.run is None:
            return
        picture = self.picture()
        self.plane.update_landscape(picture)
        self._words.ask()
        self._draw_layers(picture)

    def _draw_layers(self, picture: Picture) -> None:
        """Ask for the layers that are on; they are computed beside the event loop."""
        on, seeds = tuple(self.explorer.layers), tuple(self.explorer.seeds)
        limits = self.plane.xlim, self.plane.ylim
        self.planes[1].flow.visible = "flow" in on or not picture.settings.y
        if set(on) <= {"flow"} or not picture.settings.y:
            self._layer_slot.drop()
            self._layered = {}
            self.layers.clear()
            return

        def task(_watch: Watch) -> Iterator[Any]:
            yield lines(picture, on, seeds, *limits)

        self._layer_slot.ask(task)

    def _show_layers(self, made: dict[str, Any]) -> None:
        self._layered = made
        self.layers.update(made)
        self._words.ask()

    def _move_cursor(self, event: Any) -> None:
        if event.new is None:
            self.bar.release()
        self._redraw_landscape()

    def _pin(self, time: float | None) -> None:
        self.explorer.cursor = time

    def _start_at(self, event: Tap | DoubleTap) -> None:
        x, y = self.explorer.settings.x, self.explorer.settings.y
        if y and "orbits" in self.explorer.layers:
            seed = (_digits(event.x), _digits(event.y))
            if seed not in self.explorer.seeds:
                self.explorer.seeds = [*self.explorer.seeds, seed]
            return
        place = {x: float(event.x)} | ({y: float(event.y)} if y else {})
        self.explorer.start_at(**place)


def _take_marks(explorer: Explorer) -> None:
    """Put the marks of a link in their place, once."""
    marks = explorer.beside.get("explore", Marks(explorer.cursor, tuple(explorer.seeds)))
    others = {page: what for page, what in explorer.beside.items() if page != "explore"}
    explorer.param.update(cursor=marks.cursor, seeds=list(marks.orbits), beside=others)


def _digits(place: float) -> float:
    """Four digits, less than a pixel apart: what a link carries."""
    return float(f"{place:.4g}")
