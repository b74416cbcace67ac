"""The one owner of what is asked of a layer: the cell it is made of, and what the layer adds.

The cell and its stimulus come from elsewhere, as a `Basis`; how many cells there are, what varies
among them, how they compete and what else drives them is `LayerSettings`. No Panel here.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import param

import models
from models import NeuronModel, Stimulus
from models import published as published_steps
from models.integrators import schemes

from .state import Settings

NOTHING = ""
"""The varied parameter where all cells are alike."""

_USUALLY_VARIED = ("tau_m", "tau", "C", "a", "g_K")
_SPREAD = 0.3
_MOST_HALVINGS = 8
_FEW_FROM = 6000
"""Steps from which a layer opens with fewer cells, so that it follows the hand all the same."""


@dataclass(frozen=True)
class Basis:
    """What every cell of the layer shares, as the Explore page has it.

    Attributes
    ----------
    model : class name in `models.catalogue`.
    parameters : value of every parameter.
    stimulus : what is injected, before weights.
    duration, dt : ms, as a single cell is run.
    """

    model: str
    parameters: Mapping[str, Any]
    stimulus: Stimulus
    duration: float
    dt: float

    @property
    def model_class(self) -> type[NeuronModel]:
        return models.catalogue[self.model]

    @property
    def is_rate(self) -> bool:
        """Whether its cells have a rate instead of spikes."""
        return bool(self.model_class.readings)

    def cell(self) -> NeuronModel:
        """The model; ValueError if the parameters are not accepted."""
        return self.model_class(**self.parameters)


def basis_of(settings: Settings) -> Basis:
    """What a layer takes over from the Explore page."""
    return Basis(
        settings.model, settings.parameters, settings.stimulus, settings.duration, settings.dt
    )


@dataclass(frozen=True)
class LayerSettings:
    """What the layer adds to its cell.

    Attributes
    ----------
    features, rows, columns : shape of the layer.
    vary : the parameter that differs from cell to cell, `NOTHING` for none.
    low, high : the range it is drawn from, uniformly.
    per : "cell" or "feature": how many values are drawn.
    winners, inhibition : as `models.Layer` takes them.
    strength : mean weight of the stimulus.
    spread : the weights are drawn uniformly from strength (1 ± spread).
    noise : standard deviation of each cell's own noise current.
    gain : of the random recurrent weights of a rate network.
    duration, dt, method, seed : of the run.
    """

    vary: str
    low: float
    high: float
    duration: float
    dt: float
    features: int = 4
    rows: int = 10
    columns: int = 10
    per: str = "cell"
    winners: int = 1
    inhibition: str = "location"
    strength: float = 1.0
    spread: float = 0.0
    noise: float = 0.0
    gain: float = 0.9
    method: str = "rk4"
    seed: int = 0

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.features, self.rows, self.columns

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.features * self.rows * self.columns


def layer_methods(model: type[NeuronModel]) -> tuple[str, ...]:
    """The methods a layer of the model can be run with: accurate ones, and published layers."""
    known = [
        method
        for method in published_steps.methods(model)
        if "n_winners" in published_steps.published_step(model, method).options
    ]
    return (*(name for name in models.methods(model) if name in schemes), *known)


def difference(model: type[NeuronModel], method: str) -> str:
    """What a published layer does differently, in a sentence or two; empty for accurate methods."""
    if method in schemes:
        return ""
    step = published_steps.published_step(model, method)
    return f"{step.differs} {step.bug}".strip()


def opening(basis: Basis) -> LayerSettings:
    """What a model's layer shows first: a rate network connected, spiking cells varied."""
    quantities = basis.model_class.quantities()
    names = [name for name, quantity in quantities.items() if quantity.level == "basic"]
    vary = next((name for name in _USUALLY_VARIED if name in names), names[0])
    low, high = range_around(basis, vary)
    side = 10 if basis.duration / basis.dt < _FEW_FROM else 6
    return LayerSettings(
        vary=NOTHING if basis.is_rate else vary,
        low=low,
        high=high,
        duration=basis.duration,
        dt=basis.dt,
        rows=side,
        columns=side,
        winners=0 if basis.is_rate else 1,
    )


def varying(settings: LayerSettings, basis: Basis, name: str) -> LayerSettings:
    """The settings with another parameter varied, in a range around its present value."""
    if name == NOTHING:
        return replace(settings, vary=name)
    low, high = range_around(basis, name)
    return replace(settings, vary=name, low=low, high=high)


def range_around(basis: Basis, name: str) -> tuple[float, float]:
    """A range around the present value of a parameter that the cell accepts, to two digits.

    An end that does not go together with the other parameters, such as a reset above the threshold,
    comes closer until it does.
    """
    quantity, value = basis.model_class.quantities()[name], float(basis.parameters[name])
    low, high = quantity.softbounds or quantity.bounds or (0.0, 1.0)
    reach = _SPREAD * abs(value) or 0.1 * (high - low)
    low, high = (_nearest_accepted(basis, name, value, way * reach) for way in (-1, 1))
    return low, high


def _nearest_accepted(basis: Basis, name: str, value: float, reach: float) -> float:
    """The end of a range: `value` plus `reach`, or half of it, or a quarter, and so on."""
    for halvings in range(_MOST_HALVINGS):
        end = float(f"{value + reach / 2**halvings:.2g}")
        with suppress(ValueError):
            basis.model_class(**{**basis.parameters, name: end})
            return end
    return value


class LayerDesk(param.Parameterized):
    """What is asked of the layer, and what could not be done.

    Parameters
    ----------
    basis : what every cell shares.
    settings : what the layer adds; what it opens with if omitted.

    A control asks with a method; `asked` is then replaced once. Whoever watches it has it
    simulated, and tells `accept` or `refuse` how that went.
    """

    asked = param.Tuple(length=2, doc="(Basis, LayerSettings) to be shown")
    complaints = param.Dict(default={}, doc="{control: sentence} for what could not be done")
    answered = param.Event(doc="what was asked for is on the screen, or it is said why not")

    def __init__(self, basis: Basis, settings: LayerSettings | None = None) -> None:
        super().__init__(asked=(basis, settings or opening(basis)))
        self._touched = ""

    @property
    def basis(self) -> Basis:
        return self.asked[0]

    @property
    def settings(self) -> LayerSettings:
        return self.asked[1]

    @property
    def origin(self) -> LayerSettings:
        """What a reset returns to."""
        return opening(self.basis)

    def follow(self, basis: Basis) -> None:
        """Take another cell or stimulus; another model starts from its own settings."""
        if basis == self.basis:
            return
        self._touched = ""
        fresh = basis.model != self.basis.model
        if fresh:
            self.complaints = {}
        self.asked = (basis, opening(basis) if fresh else self.settings)

    def change(self, control: str, **changes: Any) -> None:
        """Ask for other settings; `control` is told if they cannot be had."""
        self._touched = control
        self.asked = (self.basis, replace(self.settings, **changes))

    def vary(self, name: str) -> None:
        """Let another parameter differ, in a range around its present value."""
        self._touched = "vary"
        self.asked = (self.basis, varying(self.settings, self.basis, name))

    def complain(self, control: str, sentence: str) -> None:
        """Show a sentence at a control whose input never became a value."""
        self.complaints = {**self.complaints, control: sentence}

    def accept(self) -> None:
        """Take note that what was asked for is on the screen."""
        self.complaints = {}
        self.answered = True

    def refuse(self, sentence: str) -> None:
        """Say why the settings cannot run, at the control that was touched last.

        Under the key "" where that was none of the layer's but the cell or its stimulus.
        """
        self.complaints = {self._touched: sentence}
        self.answered = True
