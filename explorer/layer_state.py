"""The one owner of what the layer page shows: its settings, what they ask for, what came of it.

The cell and its stimulus come from elsewhere, as a `Basis`; how many cells there are, what varies
among them, how they compete and what else drives them is `LayerSettings`. `simulated` turns both
into a `LayerPicture`; it takes a while, so whoever owns the screen calls it beside the events.
No Panel here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import param

import models
from models import Layer, LayerRun, NeuronModel, Noise, Quantity, Samples, Stimulus, Sum
from models import published as published_steps
from models.integrators import schemes
from models.quantity import CURRENT

NOTHING = ""
"""The varied parameter where all cells are alike."""
NOISE_TAU = 5.0
"""Correlation time of the noise current of each cell, ms."""
MOST_WORK = 100_000_000
"""Cells times steps of one picture; a few seconds."""
MOST_PUBLISHED_WORK = 4_000_000
"""The same in a published step, which keeps all it computes in double precision."""
MOST_CONNECTED = 1000
"""Cells of a recurrent network: its weights grow with their square."""
NUDGE = 1e-3
"""How far a second start is moved, to see whether the difference dies or grows."""

_USUALLY_VARIED = ("tau_m", "tau", "C", "a", "g_K")
_FEW_FROM = 6000
"""Steps from which a layer opens with fewer cells, so that it follows the hand all the same."""
_SPREAD = 0.3


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
    gain: float = 1.5
    method: str = "rk4"
    seed: int = 0

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.features, self.rows, self.columns

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.features * self.rows * self.columns


@dataclass(frozen=True)
class LayerPicture:
    """One run of a layer and what it was made of.

    Attributes
    ----------
    basis, settings : what was asked for.
    run : what the layer did.
    weights : (F, R, C) factor on the stimulus of each cell.
    apart : how far two runs end apart whose starts differed by `NUDGE`, root mean square over the
        units; None where nothing feeds back.
    """

    basis: Basis
    settings: LayerSettings
    run: LayerRun
    weights: np.ndarray
    apart: float | None = None

    @property
    def is_rate(self) -> bool:
        return self.basis.is_rate

    @cached_property
    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Step (n,) and cell (n,) of every spike, in no order: sorting costs more than drawing."""
        words, cells = np.nonzero(self.run.packed)
        octets = self.run.packed[words, cells].astype("<u4")[:, None].view(np.uint8)
        which, bit = np.nonzero(np.unpackbits(octets, axis=1, bitorder="little"))
        return words[which] * 32 + bit, cells[which]

    @cached_property
    def rates(self) -> np.ndarray:
        """(N,) spikes per second of each cell, or its mean rate where it has no spikes."""
        if self.is_rate:
            return self.outputs.mean(axis=0)
        return self.run.rates.ravel()

    @cached_property
    def outputs(self) -> np.ndarray:
        """(T+1, N) rate of each unit over time, for models with a rate."""
        reading = self.basis.model_class.readings[0].name
        return np.asarray(self.run.outputs[reading]).reshape(self.run.steps + 1, -1)

    @cached_property
    def varied(self) -> np.ndarray:
        """(N,) the quantity that tells the cells apart: varied parameter, weight or feature."""
        if self.settings.vary:
            return self.run.layer.values[self.settings.vary].ravel()
        if self.settings.spread:
            return self.weights.ravel()
        return self.features + 1.0

    @property
    def features(self) -> np.ndarray:
        """(N,) feature of each cell, from 0."""
        places = self.settings.rows * self.settings.columns
        return np.arange(self.settings.size) // places

    def start_of(self, cell: int) -> dict[str, float]:
        """Where one cell started, if not where its model does."""
        if self.apart is None:
            return {}
        first = self.basis.model_class.states[0].name
        return {first: float(self.run.states[first][0].flat[cell])}

    def place_of(self, cell: int) -> tuple[int, int, int]:
        """Feature, row and column of a cell."""
        feature, row, column = np.unravel_index(cell, self.settings.shape)
        return int(feature), int(row), int(column)


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
    low, high = span_around(quantities[vary], float(basis.parameters[vary]))
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


def span_around(quantity: Quantity, value: float) -> tuple[float, float]:
    """A range around a value that the quantity accepts, to two digits."""
    low, high = quantity.softbounds or quantity.bounds or (0.0, 1.0)
    reach = _SPREAD * abs(value) or 0.1 * (high - low)
    least, most = quantity.bounds or (None, None)
    ends = [float(f"{value + way * reach:.2g}") for way in (-1, 1)]
    return (
        ends[0] if least is None else max(ends[0], float(least)),
        ends[1] if most is None else min(ends[1], float(most)),
    )


def simulated(basis: Basis, settings: LayerSettings) -> LayerPicture:
    """Run the layer.

    Raises
    ------
    ValueError
        If the settings are not usable; one sentence.
    """
    _check_work(basis, settings)
    cell = basis.cell()
    connected = basis.is_rate and settings.gain != 0.0
    layer = Layer(
        cell,
        settings.shape,
        {settings.vary: _range(settings)} if settings.vary else None,
        0 if basis.is_rate else settings.winners,
        settings.inhibition,
        settings.seed,
        per=settings.per,
        recurrent=_recurrence(settings.size, settings.seed) if connected else None,
        gain=settings.gain,
    )
    weights = weights_of(settings)
    shared = basis.stimulus.samples(
        max(1, round(settings.duration / settings.dt)), settings.dt, settings.seed
    )
    alike = weights.flat[0] == weights.min() == weights.max()
    # One current for all takes a thousandth of the memory of one for each.
    current: Any = shared * weights.flat[0]
    if not alike:
        current = shared.astype(np.float32)[:, None, None, None] * weights.astype(np.float32)
    noise = settings.noise if settings.method in schemes else 0.0

    def run(initial: Mapping[str, Any] | None) -> LayerRun:
        return layer.simulate(
            current,
            settings.dt,
            settings.method,
            noise=noise,
            noise_tau=NOISE_TAU,
            keep=None if basis.is_rate else (),
            initial=initial,
        )

    if not connected:
        return LayerPicture(basis, settings, run(None), weights)
    start = _start(settings)
    first = basis.model_class.states[0].name
    found, moved = run({first: start}), run({first: start + NUDGE * _direction(settings)})
    ends = found.states[first][-1] - moved.states[first][-1]
    return LayerPicture(
        basis, settings, found, weights, float(np.sqrt(np.mean(np.square(ends, dtype=float))))
    )


def weights_of(settings: LayerSettings) -> np.ndarray:
    """(F, R, C) factor on the stimulus of each cell."""
    if not settings.spread:
        return np.full(settings.shape, settings.strength)
    ends = (1.0 - settings.spread, 1.0 + settings.spread)
    return settings.strength * _generator(settings.seed, 1).uniform(*ends, settings.shape)


def alone(picture: LayerPicture, cell: int) -> tuple[dict[str, Any], Stimulus]:
    """The parameters and the stimulus of one cell, to look at it on its own.

    The stimulus carries the cell's weight. What comes from its neighbours is in it as recorded
    samples where the cells have rates; noise of its own is another piece of the same noise; the
    inhibition by winners is left out.
    """
    place = picture.place_of(cell)
    parameters = picture.run.layer.cell_at(*place).parameters
    settings, weight = picture.settings, float(picture.weights[place])
    stimulus = scaled(picture.basis.stimulus, weight)
    if picture.apart is not None:
        stimulus = Samples(_received(picture, cell))
    if settings.noise and settings.method in schemes:
        stimulus = stimulus + Noise(sigma=settings.noise, tau=NOISE_TAU)
    return parameters, stimulus


def scaled(stimulus: Stimulus, factor: float) -> Stimulus:
    """A stimulus with all its currents multiplied."""
    if factor == 1.0:
        return stimulus
    parts = [_scaled_part(part, factor) for part in stimulus.parts()]
    return parts[0] if len(parts) == 1 else Sum(*parts)


class LayerDesk(param.Parameterized):
    """What is asked of the layer, and the last good picture.

    A control asks with a method; `asked` is then replaced once. Whoever watches it has it
    simulated and hands the outcome to `accept` or `refuse`.
    """

    asked = param.Tuple(length=2, doc="(Basis, LayerSettings) to be shown")
    picture = param.ClassSelector(class_=LayerPicture, doc="the last good picture")
    complaints = param.Dict(default={}, doc="{control: sentence} for what could not be done")

    def __init__(self, basis: Basis) -> None:
        super().__init__(asked=(basis, opening(basis)))
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
        if name == NOTHING:
            self.change("vary", vary=name)
            return
        quantity = self.basis.model_class.quantities()[name]
        low, high = span_around(quantity, float(self.basis.parameters[name]))
        self.change("vary", vary=name, low=low, high=high)

    def complain(self, control: str, sentence: str) -> None:
        """Show a sentence at a control whose input never became a value."""
        self.complaints = {**self.complaints, control: sentence}

    def accept(self, picture: LayerPicture) -> None:
        """Show a picture."""
        self.complaints = {}
        self.picture = picture

    def refuse(self, sentence: str) -> None:
        """Say why the settings cannot run, at the control that was touched last."""
        self.complaints = {self._touched: sentence} if self._touched else {}

    def has_control(self) -> bool:
        """Whether a control of the layer was touched last, and not one of the cell."""
        return bool(self._touched)


# --- inside ------------------------------------------------------------------------------------


def _check_work(basis: Basis, settings: LayerSettings) -> None:
    steps = round(settings.duration / settings.dt)
    most = MOST_WORK if settings.method in schemes else MOST_PUBLISHED_WORK
    if settings.size * steps > most:
        raise ValueError(
            f"`rows` x `columns` x `features` is {settings.size:,} cells for {steps:,} steps: "
            f"choose {most // max(1, steps):,} cells or fewer, or a shorter run."
        )
    if basis.is_rate and settings.gain and settings.size > MOST_CONNECTED:
        raise ValueError(
            f"`gain` is {settings.gain:g} among {settings.size:,} units, each connected to every "
            f"other: choose {MOST_CONNECTED:,} units or fewer, or a gain of 0."
        )


def _range(settings: LayerSettings) -> tuple[float, float]:
    if settings.low > settings.high:
        raise ValueError(
            f"`low` is {settings.low:g} and `high` {settings.high:g}: choose `low` below `high`."
        )
    return settings.low, settings.high


@lru_cache(maxsize=2)
def _recurrence(size: int, seed: int) -> np.ndarray:
    return models.random_recurrence(size, seed).astype(np.float32)


def _start(settings: LayerSettings) -> np.ndarray:
    """Where the units of a recurrent network start: spread out, so that something is seen."""
    return _generator(settings.seed, 2).standard_normal(settings.shape)


def _direction(settings: LayerSettings) -> np.ndarray:
    """(F, R, C) of root mean square 1."""
    drawn = _generator(settings.seed, 3).standard_normal(settings.shape)
    return drawn / np.sqrt(np.mean(np.square(drawn)))


def _generator(seed: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, stream))))


def _received(picture: LayerPicture, cell: int) -> np.ndarray:
    """(T,) all that a unit of a recurrent network was given: the stimulus, and its neighbours."""
    layer, run, model = picture.run.layer, picture.run, picture.basis.model_class
    states = np.stack([run.states[name] for name in model.state_names()])[:, :-1]
    states = states.reshape(len(model.states), run.steps, -1)
    p = picture.basis.cell().p
    quiet = np.zeros((len(model.readings), picture.settings.size), np.float32)
    rates = np.stack([np.asarray(model.read(states[:, k], quiet, p))[0] for k in range(run.steps)])
    shared = picture.basis.stimulus.samples(run.steps, run.dt, run.seed)
    weight = picture.weights.ravel()[cell]
    assert layer.recurrent is not None
    return shared * weight + layer.gain * (rates @ layer.recurrent[cell])


def _scaled_part(part: Stimulus, factor: float) -> Stimulus:
    if isinstance(part, Samples):
        return Samples(part.values * factor)
    currents = [name for name, each in part.quantities().items() if each.unit == CURRENT]
    return type(part)(
        **part.settings | {name: float(f"{part.settings[name] * factor:.6g}") for name in currents}
    )
