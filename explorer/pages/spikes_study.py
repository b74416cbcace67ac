"""What the spikes of the present run say: intervals, what follows what, features, the pattern."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import partial
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from models import NeuronModel, Run, analysis
from models.analysis import ResetMap

from .. import varied
from ..background import QUICK, Slot, Watch
from ..state import Settings
from ..theme import sheet
from ..varied import CURRENT
from ..views.features import Features
from ..views.interval_histogram import IntervalHistogram
from ..views.reset_map import ResetMapView
from ..views.return_map import ReturnMap
from .tile import Tile


class IntervalStudy:
    """Histogram and return map of the intervals; drawn at once, they need no analysis."""

    def __init__(self) -> None:
        self.histogram, self.returns = IntervalHistogram(), ReturnMap()
        self._fitted: Hashable = None
        self._run: Run | None = None
        self.histogram_tile = Tile(
            "Intervals", [(self.histogram.figure, 220)], QUICK, self._draw_histogram, "intervals"
        )
        self.return_tile = Tile(
            "Each interval and the next", [(self.returns.figure, 220)], QUICK, self._draw_returns,
            "intervals",
        )  # fmt: skip

    def follow(self, settings: Settings, run: Run) -> None:
        """Follow a run."""
        self._run = run
        fitted = (settings.model, settings.preset, settings.duration)
        if fitted != self._fitted:
            self._fitted = fitted
            self.fit()
        self.histogram_tile.show(run)
        self.return_tile.show(run)

    def fit(self) -> None:
        """Put the axes where the intervals of the run are well seen."""
        if self._run is not None:
            self.histogram.fit(self._run)
            self.returns.fit(self._run)

    def _draw_histogram(self, run: Run) -> str:
        self.histogram.update(run)
        spikes = run.spike_times
        if spikes.size < 2:
            return ""  # the plot says why
        gaps = spikes[1:] - spikes[:-1]
        if gaps.size == 1:
            return f"One interval, {gaps[0]:.4g} ms."
        spread = f"coefficient of variation {_variation(gaps)}"
        if gaps.size > 2 and _variation(gaps[1:]) != _variation(gaps):
            spread += f", without the first {_variation(gaps[1:])}"
        return f"{gaps.size} intervals, {gaps.mean():.4g} ms on average; {spread}."

    def _draw_returns(self, run: Run) -> str:
        self.returns.update(run)
        if run.spike_times.size < 3:
            return ""  # the plot says why
        return "On the diagonal an interval repeats; a cycle of points is a repeating pattern."


class FeatureStudy:
    """The pattern in words and the table of features."""

    def __init__(self) -> None:
        self.table = Features(sheet("features"))
        self.everything = pmui.Switch(label="All features", size="small", margin=0)
        self.everything.param.watch(self._show, "value")
        self.slot = Slot(pn.state.curdoc, QUICK, self._take, lambda sentence: None)
        self._found: tuple[dict[str, Any], str] | None = None
        heading = pn.pane.HTML(
            "<h2>Features of the run</h2>", margin=0, stylesheets=[sheet("words")]
        )
        self.layout = pn.Column(
            pn.Row(heading, self.everything, css_classes=["head"], margin=0),
            self.table.pane,
            css_classes=["panel-tile", "whole"],
            stylesheets=[sheet("tile")],
            sizing_mode="stretch_width",
            margin=0,
        )

    def follow(self, run: Run) -> None:
        """Follow a run."""
        self.slot.ask(partial(measured, run))

    def pause(self) -> None:
        self.slot.drop()

    def _take(self, found: tuple[dict[str, Any], str]) -> None:
        self._found = found
        self._show()

    def _show(self, *_events: Any) -> None:
        if self._found is not None:
            self.table.update(*self._found, self.everything.value)


class ResetMapStudy:
    """Follows parameters and current of a reset model with two states."""

    def __init__(self) -> None:
        self.view = ResetMapView()
        self._fitted: Hashable = None
        self._settings: Settings | None = None
        self.tile = Tile("Reset map", [(self.view.figure, 220)], QUICK, self._draw, "third")

    @staticmethod
    def fits(model: type[NeuronModel]) -> bool:
        """Whether a model has such a map."""
        return model.resets() and len(model.states) == 2

    def follow(self, settings: Settings) -> None:
        """Follow the settings of a run."""
        self.tile.layout.visible = self.fits(settings.model_class)
        if self.tile.layout.visible:
            current = varied.present(settings, CURRENT)
            key = ("reset map", settings.model, tuple(settings.parameters.items()), current)
            task = partial(maps, settings, current)
            self.tile.follow(task, key, rest=60.0, subject=settings.model)

    def fit(self) -> None:
        """Put the axes where the next map is well seen."""
        self._fitted = None

    def pause(self) -> None:
        self.tile.pause()

    def _draw(self, found: tuple[ResetMap, Settings]) -> str:
        made, settings = found
        fitted = (settings.model, settings.preset)
        if fitted != self._fitted:
            self._fitted = fitted
            self.view.fit(made, settings.model_class)
        self.view.update(made)
        return made.why


def _variation(gaps: np.ndarray) -> str:
    """The coefficient of variation, without digits that only rounding of the times put there."""
    return f"{round(float(gaps.std(ddof=1) / gaps.mean()), 4):.2g}"


def measured(run: Run, watch: Watch) -> Iterator[tuple[dict[str, Any], str]]:
    """Features of a run and the unit of its voltage."""
    yield analysis.features(run), run.cell.states[0].unit


def maps(settings: Settings, current: float, watch: Watch) -> Iterator[tuple[ResetMap, Settings]]:
    """The reset map of some settings."""
    yield analysis.reset_map(settings.cell(), current), settings
