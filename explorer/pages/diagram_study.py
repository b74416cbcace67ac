"""The bifurcation diagram and the period of its cycles, over any quantity of the model."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import partial
from typing import Any

import panel_material_ui as pmui
from bokeh.events import Tap
from bokeh.models import Range1d

from models import NeuronModel, analysis
from models.analysis import Diagram

from .. import varied
from ..background import LONG, Watch
from ..canvas import source
from ..state import Explorer, Settings
from ..varied import CURRENT
from ..views.bifurcation import STABLE_REST, Bifurcation, legend, special_in_words
from ..views.period import Period
from .tile import Tile

REST = 200.0
"""ms that the hand must rest before a diagram is computed."""


class DiagramStudy:
    """Follows the model's parameters; over a parameter, also the current."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._told = False
        self._fitted: Hashable = None
        self._drawn: tuple[Diagram, type[NeuronModel]] | None = None
        self.present = source("present_diagram", "x")
        x_range = Range1d(0, 1)
        self.diagram = Bifurcation(x_range, self.present)
        self.period = Period(x_range, self.present)
        for figure in (self.diagram.figure, self.period.figure):
            figure.on_event(Tap, self._go)
        self.over = pmui.Select(
            label="Over",
            options=_options(explorer.settings),
            value=explorer.beside.get("dynamics", CURRENT),
            size="small",
            variant="outlined",
            margin=0,
            width=230,
        )
        self.over.param.watch(self._choose, "value")
        self.tile = Tile(
            "Bifurcation diagram",
            [(self.diagram.figure, 300), (self.period.figure, 150)],
            LONG,
            self._draw,
            "wide",
            controls=[self.over],
            legend=STABLE_REST,
        )

    def follow(self, settings: Settings) -> None:
        """Follow the settings of a run."""
        quantities = varied.varied_of(settings.model_class)
        self._offer(_options(settings))
        name = self.over.value
        self._explorer.beside = {**self._explorer.beside, "dynamics": name}
        here = varied.present(settings, name)
        self.present.data = {"x": [here]}
        fixed = {n: v for n, v in settings.parameters.items() if n != name}
        current = None if name == CURRENT else varied.present(settings, CURRENT)
        widened = varied.around(quantities[name], here)
        over = analysis.possible_range(settings.cell(), name, *widened)
        key = ("bifurcation", settings.model, tuple(fixed.items()), name, over, current)
        task = partial(diagrams, settings, name, over, current)
        self.tile.follow(task, key, REST, subject=(settings.model, name))

    def fit(self) -> None:
        """Put the axes where the diagram is well seen."""
        self._fitted = None
        if self._drawn is not None:
            self._fit(*self._drawn)

    def pause(self) -> None:
        self.tile.pause()

    # --- inside ----------------------------------------------------------------------------------

    def _offer(self, options: dict[str, str]) -> None:
        if self.over.options != options:
            self._told = True
            value = self.over.value if self.over.value in options.values() else CURRENT
            self.over.param.update(options=options, value=value)
            self._told = False

    def _choose(self, event: Any) -> None:
        if not self._told and event.new:
            self.follow(self._explorer.settings)

    def _draw(self, result: tuple[Diagram, type[NeuronModel]]) -> str:
        diagram, model = self._drawn = result
        self.diagram.update(diagram, model)
        self.period.update(diagram)
        self._fit(diagram, model)
        self.tile.explain(legend(diagram, model))
        return f"{diagram.sentence} {special_in_words(diagram, model.states[0].name)}".rstrip()

    def _fit(self, diagram: Diagram, model: type[NeuronModel]) -> None:
        """Move the axes only with another model, preset, quantity or range."""
        fitted = (model, self._explorer.settings.preset, diagram.parameter, diagram.over)
        if fitted != self._fitted:
            self._fitted = fitted
            quantity = varied.varied_of(model)[diagram.parameter]
            self.diagram.fit(diagram, model)
            self.period.fit(diagram, quantity)

    def _go(self, event: Tap) -> None:
        if self._drawn is None:
            return
        diagram, model = self._drawn
        if model is self._explorer.settings.model_class:  # else it is still being worked out
            value = varied.rounded(float(event.x), *diagram.over)
            varied.go_to(self._explorer, diagram.parameter, value)


def _options(settings: Settings) -> dict[str, str]:
    quantities = varied.varied_of(settings.model_class)
    return {quantity.title: name for name, quantity in quantities.items()}


def diagrams(
    settings: Settings, name: str, over: tuple[float, float], current: float | None, watch: Watch
) -> Iterator[tuple[Diagram, type[NeuronModel]]]:
    """The diagram of some settings, and the model it belongs to."""
    made = analysis.bifurcation(
        settings.cell(), name, over, current=current, progress=watch.progress
    )
    yield made, settings.model_class
