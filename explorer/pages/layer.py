"""The Layer page: the cell of the Explore page as a layer of many, which differ and compete."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import Any

import numpy as np
import panel as pn
from bokeh.events import RangesUpdate, Tap
from bokeh.models import Range1d

from models import Constant

from ..background import Slot, Watch
from ..canvas import move
from ..controls.layer_panel import LayerPanel
from ..feature_colours import key
from ..layer_picture import LayerPicture, alone, simulated
from ..layer_state import NOTHING, Basis, LayerDesk, LayerSettings, basis_of
from ..pacing import Paced, together
from ..state import Explorer, Settings
from ..theme import sheet
from ..views import population_rate, raster, rate_distribution, winner_map
from ..views.layer_bar import LayerBar, layer_cursor, point
from ..views.layer_status import LayerStatus

_POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="layer")
"""Simulates layers; two threads, so that one large layer does not hold up everybody else's."""
_CAPTION = {"font-size": "12.5px", "line-height": "1.4", "color": "var(--rheo-muted)"}
_QUIET = {"activation": "tanh", "leak": 1.0, "weight": 0.0, "sigma_pre": 0.0, "sigma_post": 0.0}
"""Units for which order turns to chaos at a gain of 1 (Sompolinsky, Crisanti & Sommers 1988)."""
_PATIENT = {"duration": 2000.0, "dt": 1.0}
"""A hundred time constants: near the transition a difference takes long to grow or to die."""


@dataclass(frozen=True)
class Drawn:
    """A picture and what the views draw of it, made beside the events."""

    picture: LayerPicture
    population: dict[str, dict[str, Any]]
    winners: dict[str, np.ndarray]
    rates: dict[str, dict[str, Any]]


def draw(basis: Basis, settings: LayerSettings) -> Drawn:
    """Simulate a layer and prepare its pictures; ValueError if it cannot be simulated."""
    picture = simulated(basis, settings)
    return Drawn(
        picture,
        population_rate.arrays(picture),
        winner_map.arrays(picture),
        rate_distribution.arrays(picture),
    )


class LayerPage:
    """Asks for a layer whenever a setting changes while it is in front, and draws what comes."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self.desk = LayerDesk(basis_of(explorer.settings), explorer.beside.get("layer"))
        self.slot = Slot(pn.state.curdoc, _POOL, self._draw, self._refuse)
        self.time, self.cursor = Range1d(0.0, 100.0), layer_cursor()
        self.raster = raster.Raster(self.time, self.cursor)
        self.population = population_rate.PopulationRate(self.time, self.cursor)
        self.winners = winner_map.WinnerMap()
        self.rates = rate_distribution.RateDistribution()
        self.bar = LayerBar(css_classes=["scrub"])
        self.status = LayerStatus()
        self.panel = LayerPanel(self.desk, self._set_up_chaos)
        self._alarm = pn.pane.HTML("", margin=0, sizing_mode="stretch_width", visible=False)
        self._captions = {
            name: pn.pane.HTML("", margin=0, styles=_CAPTION, sizing_mode="stretch_width")
            for name in ("raster", "population", "winners", "rates")
        }
        self.picture: LayerPicture | None = None
        self._shown = False
        self._asked: Any = None
        self._fitted: tuple[Any, ...] = ()
        self._opened: tuple[Settings, Settings] | None = None
        for trace in (self.raster.figure, self.population.figure):
            point(trace, self.cursor)
        self.raster.figure.on_event(Tap, self._tap_raster)
        self.rates.figure.on_event(Tap, self._tap_rates)
        self.raster.figure.on_event(RangesUpdate, self._redraw_raster)
        self.raster.figure.on_change("inner_height", self._resized)
        self._document = pn.state.curdoc
        self._words = Paced(self._document, self._tell)
        self.layout = self._lay_out()
        explorer.param.watch(lambda event: self._follow(), "settings")
        self.desk.param.watch(lambda event: self._ask(), "asked")

    def show(self) -> None:
        """Come to the front: take over the cell of the Explore page, and draw what changed."""
        self._shown = True
        now = self.explorer.settings
        if self._opened is not None and now == self._opened[0]:
            # The cell that was opened from here was looked at and left as it is: back to the layer.
            self.explorer.show(self._opened[1])
        self._opened = None
        self._follow()
        self._ask()

    def hide(self) -> None:
        """Go behind: nothing is computed or drawn until the page is shown again."""
        self._shown = False
        if self.slot.busy:
            self.slot.drop()
            self._asked = None

    # --- from settings to pictures -------------------------------------------------------------

    def _follow(self) -> None:
        if self._shown:
            self.desk.follow(basis_of(self.explorer.settings))

    def _ask(self) -> None:
        self.explorer.beside = {**self.explorer.beside, "layer": self.desk.settings}
        if not self._shown or self.desk.asked == self._asked:
            return
        self._asked = self.desk.asked

        def task(_watch: Watch, asked: Any = self.desk.asked) -> Iterator[Drawn]:
            yield draw(*asked)

        self.slot.ask(task)

    def _refuse(self, sentence: str) -> None:
        self.desk.refuse(sentence)
        self._say(self.desk.complaints.get("", ""))

    def _draw(self, drawn: Drawn) -> None:
        """Hand a picture to every view in one message; the wins come last."""
        self.picture = drawn.picture
        with together(self._document):
            self.desk.accept()
            self._say("")
            self._hand_over(drawn)

    def _hand_over(self, drawn: Drawn) -> None:
        picture = drawn.picture
        settings = picture.settings
        kind = (picture.basis.model, picture.run.layer.cell.chosen())
        fitted = (settings.shape, settings.duration, kind)
        if fitted != self._fitted:
            move(self.time, (0.0, picture.run.duration))
            self.raster.fit(picture)
        if fitted[2:] != self._fitted[2:]:
            self.population.fit(picture, drawn.population)
            self.rates.fit(picture)
        if fitted == self._fitted:
            self._words.ask()
        else:
            self._tell(picture)
        self._fitted = fitted
        self.raster.update(self.raster.columns(picture))
        self.population.update(picture, drawn.population)
        self.rates.update(picture, drawn.rates)
        self.bar.fit(picture.run.duration, winner_map.fade(picture))
        self.winners.update(picture, drawn.winners)

    def _tell(self, picture: LayerPicture | None = None) -> None:
        """Say in words what is on the screen, and over each picture how to read it."""
        picture = picture or self.picture
        if picture is None:
            return
        self.status.update(picture)
        coloured = "population" if picture.is_rate else "raster"
        for name, title, words in (
            ("raster", "Raster", raster.caption(picture, self.raster.size[1])),
            ("population", "Population rate", population_rate.caption(picture)),
            ("winners", "Winner map", winner_map.caption(picture)),
            ("rates", "Rates", rate_distribution.caption(picture)),
        ):
            named = key(picture.settings.features) + ". " if name == coloured else ""
            self._captions[name].object = f"<b>{title}</b> {named}{escape(words)}"

    def _redraw_raster(self, *_events: Any) -> None:
        if self._shown and self.picture is not None:
            self.raster.update(self.raster.columns(self.picture))

    def _resized(self, _attr: str, _old: Any, _new: Any) -> None:
        self._redraw_raster()

    def _say(self, sentence: str) -> None:
        self._alarm.object = f'<div role="alert">{escape(sentence)}</div>' if sentence else ""
        self._alarm.visible = bool(sentence)

    # --- from a click to the Explore page ------------------------------------------------------

    def _tap_raster(self, event: Tap) -> None:
        picture = self.picture
        if picture is not None and 0 <= event.y < picture.settings.size:
            self.open(int(event.y))

    def _tap_rates(self, event: Tap) -> None:
        cell = self.rates.nearest(event.x, event.y)
        if cell is not None:
            self.open(cell)

    def open(self, cell: int) -> None:
        """Show one cell of the layer on the Explore page, run as it was in the layer."""
        picture, now = self.picture, self.explorer.settings
        parameters, stimulus = alone(picture, cell)
        settings = picture.settings
        opened = replace(
            now,
            parameters=parameters,
            stimulus=stimulus,
            duration=settings.duration,
            dt=settings.dt,
            method=settings.method,
            seed=settings.seed,
            initial=picture.start_of(cell),
            options={},
            overlay="",
        )
        self.hide()  # the layer stays one of the cell that it is made of
        self._opened = (opened, now)
        self.explorer.show(opened)
        self.explorer.page = "explore"

    def _set_up_chaos(self) -> None:
        """Units and a stimulus for which the gain alone decides between order and chaos.

        The units first: those of before may explode at the gain that follows.
        """
        now = self.explorer.settings
        self.explorer.show(
            replace(now, parameters={**now.parameters, **_QUIET}, stimulus=Constant(0.0))
        )
        self.desk.change("gain", gain=2.0, strength=1.0, noise=0.0, vary=NOTHING, **_PATIENT)

    # --- the layout ----------------------------------------------------------------------------

    def _lay_out(self) -> pn.viewable.Viewable:
        self.status.pane.css_classes = ["status"]
        self._alarm.css_classes = ["alarm"]
        self.side = pn.Column(self.panel, css_classes=["settings"], margin=0)
        pane = partial(pn.pane.Bokeh, margin=0)
        for name, caption in self._captions.items():
            caption.css_classes = [f"about-{name}"]
        return pn.Column(
            self.status.pane,
            self._alarm,
            self._captions["raster"],
            pane(self.raster.figure),
            self._captions["population"],
            pane(self.population.figure),
            self.bar,
            self._captions["winners"],
            pane(self.winners.figure),
            self._captions["rates"],
            pane(self.rates.figure),
            self.side,
            css_classes=["layer"],
            stylesheets=[sheet("layer")],
            sizing_mode="stretch_width",
            margin=0,
        )
