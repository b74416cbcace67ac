"""The Dynamics page: what the model can do, as diagrams that follow the sliders."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui

from models import NeuronModel, analysis

from ..picture import Picture
from ..state import Explorer
from ..theme import sheet
from ..views.status import heading
from .diagram_study import DiagramStudy
from .experiments import EXPERIMENTS, ExperimentTile
from .fi_study import FIStudy
from .notice import Notice
from .spikes_study import FeatureStudy, IntervalStudy, ResetMapStudy


def headline(picture: Picture, modified: bool) -> tuple[str, str]:
    """Model and preset; the pattern of the run and why it is called so."""
    name = heading(picture, modified)
    if not picture.model.fires():
        return name, "It settles, and has no spikes to study."
    pattern = analysis.pattern(picture.run)
    return name, f"{pattern.label}. {pattern.reason}"


class DynamicsPage:
    """Builds the tiles once; each follows what it depends on, and nothing else."""

    side = None

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self._shown = False
        self._drawn: Any = None
        self.diagram = DiagramStudy(explorer)
        self.fi = FIStudy(explorer)
        self.intervals = IntervalStudy()
        self.reset_map = ResetMapStudy()
        self.features = FeatureStudy()
        self.experiments = [
            ExperimentTile(explorer, each, "third" if place < 3 else "half")
            for place, each in enumerate(EXPERIMENTS)
        ]
        self._spiking = [
            self.fi.tile.layout,
            self.intervals.histogram_tile.layout,
            self.intervals.return_tile.layout,
            *(each.tile.layout for each in self.experiments),
            self.features.layout,
        ]
        self.status = pn.pane.HTML(
            "", margin=0, sizing_mode="stretch_width", stylesheets=[sheet("words")]
        )
        self.fit = pmui.Button(label="Fit axes", size="small", variant="text", margin=0)
        self.fit.on_click(self._fit)
        self.layout = pn.Column(
            pn.Row(self.status, self.fit, css_classes=["top"], margin=0),
            Notice(explorer).layout,
            self.diagram.tile.layout,
            self.fi.tile.layout,
            self.intervals.histogram_tile.layout,
            self.intervals.return_tile.layout,
            self.reset_map.tile.layout,
            *(each.tile.layout for each in self.experiments),
            self.features.layout,
            css_classes=["dynamics"],
            stylesheets=[sheet("dynamics")],
            sizing_mode="stretch_width",
            margin=0,
        )
        explorer.param.watch(self._draw, "run")

    def show(self) -> None:
        """Come to the front, and catch up with what happened behind."""
        self._shown = True
        if self._drawn is not self._explorer.run:
            self._draw()

    def hide(self) -> None:
        """Go behind: nothing is computed any more."""
        self._shown = False
        self._drawn = None
        for study in (self.diagram, self.fi, self.reset_map, self.features, *self.experiments):
            study.pause()

    def _draw(self, *_events: Any) -> None:
        if not self._shown or self._explorer.run is None:
            return
        now = self._explorer
        self._drawn = now.run
        name, said = headline(Picture(now.run, now.simulated()), now.modified())
        self.status.object = (
            f'<p role="status" aria-live="polite"><b>{escape(name)}</b> · {escape(said)}</p>'
        )
        self.diagram.follow(now.settings)
        model = now.settings.model_class
        for layout in self._spiking:
            layout.visible = model.fires()
        self.layout.css_classes = _classes(model)
        if not model.fires():
            self.reset_map.tile.layout.visible = False
            return
        self.fi.follow(now.settings)
        self.intervals.follow(now.simulated(), now.run)
        self.reset_map.follow(now.settings)
        self.features.follow(now.run)
        for experiment in self.experiments:
            experiment.follow(now.settings)

    def _fit(self, _event: Any) -> None:
        for study in (self.diagram, self.fi, self.intervals, self.reset_map):
            study.fit()


def _classes(model: type[NeuronModel]) -> list[str]:
    """How the tiles are placed: a row of three with a reset map, else of two; a diagram alone."""
    if not model.fires():
        return ["dynamics", "alone"]
    return ["dynamics"] if ResetMapStudy.fits(model) else ["dynamics", "mapless"]
