"""One run of a layer: simulated from what is asked for, and what its views need of it.

`simulated` takes a while, so whoever owns the screen calls it beside the events. No Panel here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

import models
from models import Layer, LayerRun, NeuronModel, Noise, Samples, Stimulus, Sum
from models.integrators import schemes
from models.layer_run import unpacked_spikes
from models.quantity import CURRENT
from models.simulate import check as check_run

from .layer_state import Basis, LayerSettings

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
        return unpacked_spikes(self.run.packed)

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
    layer = _layer(cell, settings, _recurrence(settings.size, settings.seed) if connected else None)
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
        found = run(None)
        _check_bounded(basis, settings, found)
        return LayerPicture(basis, settings, found, weights)
    start = _start(settings)
    first = basis.model_class.states[0].name
    found, moved = run({first: start}), run({first: start + NUDGE * _direction(settings)})
    _check_bounded(basis, settings, found)
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


def check(basis: Basis, settings: LayerSettings) -> None:
    """See that a layer can be simulated, without taking the time to do so.

    Raises
    ------
    ValueError
        As `simulated`.
    """
    cell = basis.cell()
    check_run(cell, settings.duration, settings.dt, settings.method)
    _check_work(basis, settings)
    _layer(cell, settings)
    if not (settings.noise >= 0.0 and 0.0 <= settings.spread <= 1.0):
        raise ValueError(
            f"`noise` is {settings.noise:g} and `spread` {settings.spread:g}: choose 0 or more, "
            "and a spread of 1 at most."
        )


# --- inside ------------------------------------------------------------------------------------


def _layer(cell: NeuronModel, settings: LayerSettings, recurrent: Any = None) -> Layer:
    """The layer of some settings; its values are drawn here."""
    return Layer(
        cell,
        settings.shape,
        {settings.vary: _range(cell, settings)} if settings.vary else None,
        0 if type(cell).readings else settings.winners,
        settings.inhibition,
        settings.seed,
        per=settings.per,
        recurrent=recurrent,
        gain=settings.gain,
    )


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


def _check_bounded(basis: Basis, settings: LayerSettings, run: LayerRun) -> None:
    """See that rates stayed within what can be drawn; spiking cells reset, and are counted."""
    first = basis.model_class.states[0]
    if not basis.is_rate or not run.diverged.any():
        return
    sizes = np.abs(run.states[first.name]).reshape(run.steps + 1, -1).max(axis=1)
    when = int(np.argmin(sizes < first.limit)) * run.dt
    raise ValueError(
        f"`gain` is {settings.gain:g}: the rates grow past {first.limit:g} within {when:.3g} ms. "
        "Choose a lower gain, a shorter run, or a rate function with bounds such as tanh."
    )


def _range(cell: NeuronModel, settings: LayerSettings) -> tuple[float, float]:
    if settings.low > settings.high:
        raise ValueError(
            f"`low` is {settings.low:g} and `high` {settings.high:g}: choose `low` below `high`."
        )
    for end in (settings.low, settings.high):
        cell.replace(**{settings.vary: end})  # says what is wrong, if anything is
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
