"""The f-I curve: at once while the hand moves, its hysteresis and the rheobase when it rests."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from bokeh.events import Tap

from models import analysis

from .. import varied
from ..background import LONG, QUICK, Slot, Watch
from ..canvas import source
from ..state import Explorer, Settings
from ..varied import CURRENT
from ..views.fi_curve import FROM_REST, FICurve, Rates, legend, sentence
from .tile import Tile

COARSE, FINE = (41, 400.0), (161, 1000.0)
"""(currents, ms each): what stands at once, and what follows it."""
SWEPT = (61, 300.0)
"""The same for the sweep up and down."""
REST = 600.0
"""ms that the hand must rest before the sweep starts."""


class FIStudy:
    """Follows the model's parameters."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._fitted: Hashable = None
        self._key: Hashable = None
        self._rates: Rates | None = None
        self._settings: Settings | None = None
        self.present = source("present_current", "x")
        self.view = FICurve(self.present)
        self.view.figure.on_event(Tap, self._go)
        self.tile = Tile(
            "f–I curve",
            [(self.view.figure, 390)],
            QUICK,
            self._draw,
            "narrow",
            legend=FROM_REST,
        )
        # The sweep has a slot of its own: it may take seconds, and the curve must not wait for it.
        self._sweep = Slot(
            self.tile.document, LONG, self._add, lambda sentence: None, follows=False
        )

    def follow(self, settings: Settings) -> None:
        """Follow the settings of a run."""
        here = varied.present(settings, CURRENT)
        self.present.data = {"x": [here]}
        over = varied.around(varied.varied_of(settings.model_class)[CURRENT], here)
        key = (settings.model, tuple(settings.parameters.items()), over)
        if key == self._key:
            return
        if self._settings is not None and settings.model != self._settings.model:
            self._rates = None  # a curve in another unit: a click on it would mean nothing
        self._key, self._settings = key, settings
        self.tile.follow(partial(curves, settings, over), ("fi", *key), subject=settings.model)
        self._sweep.ask(partial(sweeps, settings, over), ("sweep", *key), REST)

    def fit(self) -> None:
        """Put the axes where the curve is well seen."""
        self._fitted = None
        if self._rates is not None:
            self._show(self._rates)

    def pause(self) -> None:
        self.tile.pause()
        if self._sweep.busy:
            self._sweep.drop()
            self._key = None

    # --- inside ----------------------------------------------------------------------------------

    def _draw(self, found: tuple[Rates, Settings]) -> str:
        rates, settings = found
        self._settings = settings
        return self._show(rates)

    def _add(self, swept: Rates) -> None:
        """The sweep is done: lay it over the curve."""
        if self._rates is not None:
            whole = replace(swept, currents=self._rates.currents, rates=self._rates.rates)
            self.tile.say(self._show(whole))

    def _show(self, rates: Rates) -> str:
        assert self._settings is not None
        self._rates = rates
        model = self._settings.model_class
        quantity = varied.varied_of(model)[CURRENT]
        over = (rates.currents[0], rates.currents[-1])
        fitted = (model, self._explorer.settings.preset, *over)
        if fitted != self._fitted:
            self._fitted = fitted
            self.view.fit(rates, quantity)
        self.view.update(rates)
        self.tile.explain(legend(rates))
        return sentence(rates, quantity)

    def _go(self, event: Tap) -> None:
        if self._rates is not None:
            ends = (float(self._rates.currents[0]), float(self._rates.currents[-1]))
            varied.go_to(self._explorer, CURRENT, varied.rounded(float(event.x), *ends))


def curves(
    settings: Settings, over: tuple[float, float], watch: Watch
) -> Iterator[tuple[Rates, Settings]]:
    """The curve, coarse and then fine."""
    cell = settings.cell()
    for count, duration in (COARSE, FINE):
        currents = np.linspace(*over, count)
        yield Rates(currents, analysis.fi_curve(cell, currents, duration=duration)), settings


def sweeps(settings: Settings, over: tuple[float, float], watch: Watch) -> Iterator[Rates]:
    """What takes longer: the sweep up and down, then the rheobase."""
    cell = settings.cell()
    count, duration = SWEPT
    currents = np.linspace(*over, count)
    up, down = analysis.fi_up_and_down(cell, currents, duration, progress=watch.progress)
    rates = Rates(currents, up, currents, up, down)
    yield rates
    watch.progress(1.0)
    yield replace(rates, rheobase=analysis.rheobase(cell))
