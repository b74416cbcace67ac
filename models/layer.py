"""Many cells of one model side by side: features x rows x columns, varied, driven, competing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from . import layer_loop
from .backend import accelerator_for, on
from .competition import INHIBITIONS
from .integrators import schemes
from .layer_inputs import (
    check_whole,
    checked_recurrent,
    checked_shape,
    checked_weights,
    initial_states,
    padded,
    step_currents,
    varied_values,
    weighted_inputs,
)
from .layer_published import published_run
from .layer_readings import readings
from .layer_run import LayerRun, beyond_limits, places_of
from .model import NeuronModel
from .quantity import is_finite_number, shown
from .stimulus import Stimulus

_DEFAULT_PAUSE = 2.0
"""How long a silenced cell is held, ms, where the model has no refractory period of its own."""
_SMALL_RECORD = 1_000_000
"""Values of states that are recorded without being asked for."""
_VECTOR = 16
"""Cells that one instruction of a processor takes at most."""
_LARGEST_RECORD = 2_000_000_000
"""Bytes that recorded states may take."""


class Layer:
    """Cells of one model on a grid of features x rows x columns.

    Parameters
    ----------
    cell : the model with the parameters that all cells share.
    shape : (features, rows, columns).
    vary : {parameter: what it is in each cell}: a pair (low, high) to draw it uniformly between
        these, or an array that broadcasts to `shape`.
    winners : most winners of a step, at most one of each feature; 0 for no competition. Winners
        are the first to fire within the step. They do not filter spikes.
    inhibition : whom a winner silences: ``"feature"`` its own map, ``"location"`` every feature
        at its place, ``"layer"`` everybody, ``"none"`` nobody. A silenced cell is held at rest
        for `pause` and cannot fire.
    seed : seed of what is drawn; also the default seed of `simulate`.
    per : ``"cell"`` draws every cell's own value, ``"feature"`` one for each feature map.
    pause : ms, counted in whole steps; the model's refractory period if omitted, 2 ms where it
        has none.
    weights : (features, n) or (features, rows, columns, n): current into the cells per unit of
        each of the n inputs that `simulate` is given.
    recurrent : (N, N) weights among the N = features x rows x columns cells, row = to, column =
        from: current per unit of rate for a model with a rate, else charge per spike (current x
        ms). It acts one step later.
    gain : multiplies `recurrent`.

    Raises
    ------
    ValueError
        If an argument is not usable; one sentence with its name, its value and the way out.
    """

    def __init__(
        self,
        cell: NeuronModel,
        shape: Sequence[int],
        vary: Mapping[str, Any] | None = None,
        winners: int = 1,
        inhibition: str = "feature",
        seed: int = 0,
        *,
        per: str = "cell",
        pause: float | None = None,
        weights: Any = None,
        recurrent: Any = None,
        gain: float = 1.0,
    ) -> None:
        if not isinstance(cell, NeuronModel):
            raise ValueError(f"`cell` is {shown(cell)}: give a model, such as models.LIF().")
        self.cell = cell
        self.shape = checked_shape(shape)
        check_whole("winners", winners)
        check_whole("seed", seed)
        if not isinstance(inhibition, str) or inhibition not in INHIBITIONS:
            raise ValueError(
                f"`inhibition` is {shown(inhibition)}: choose {', '.join(INHIBITIONS)}."
            )
        if per not in ("cell", "feature"):
            raise ValueError(f"`per` is {shown(per)}: choose 'cell' or 'feature'.")
        if pause is not None and not (is_finite_number(pause) and pause >= 0):
            raise ValueError(f"`pause` is {shown(pause)}: give 0 ms or more.")
        if not is_finite_number(gain):
            raise ValueError(f"`gain` is {shown(gain)}: give a finite number.")
        if not isinstance(vary, Mapping | None):
            raise ValueError(
                f"`vary` is {shown(vary)}: give {{parameter: (low, high)}} or {{parameter: array}}."
            )
        self.winners = int(winners)
        self.inhibition = inhibition
        self.seed = int(seed)
        self.per = per
        refractory = float(cell.refractory(cell.p))
        self.pause = float(pause) if pause is not None else refractory or _DEFAULT_PAUSE
        self.values = {
            name: varied_values(cell, name, given, self.shape, seed, per)
            for name, given in dict(vary or {}).items()
        }
        self.weights = None if weights is None else checked_weights(weights, self.shape)
        self.recurrent = None if recurrent is None else checked_recurrent(recurrent, self.size)
        self.gain = float(gain)

    @property
    def size(self) -> int:
        """Number of cells, N."""
        return int(np.prod(self.shape))

    def cell_at(self, feature: int, row: int, column: int) -> NeuronModel:
        """The model with the parameters of one cell, to look at it on its own."""
        own = {name: float(v[feature, row, column]) for name, v in self.values.items()}
        return self.cell.replace(**own)

    def simulate(
        self,
        current: float | Stimulus | Any = 0.0,
        dt: float | None = None,
        method: str = "rk4",
        duration: float | None = None,
        *,
        inputs: Any = None,
        noise: float = 0.0,
        noise_tau: float = 5.0,
        keep: Sequence[str] | None = None,
        seed: int | None = None,
        initial: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> LayerRun:
        """Run the layer, in single precision.

        Parameters
        ----------
        current : a number or `Stimulus` for all cells alike, samples (T,), or one current per
            cell (T, F, R, C), where axes of length 1 broadcast; sample k drives step k.
        dt : ms; the `usual_dt` of the model if omitted.
        method : an accurate method of the model. Or a published layer step of SpykeTorch
            (``"spyketorch..."``), in double precision: the library's own bookkeeping, with
            `winners` and `inhibition` as far as the library knows them, and with varied
            parameters as it means them; its ``"spyketorch:uniform"`` ignores varied time
            constants, as the library does.
        duration : ms; given by the samples if there are any, else 500 if omitted.
        inputs : (T, n), weighted by `weights`.
        noise : standard deviation of a noise current (Ornstein-Uhlenbeck) of each cell's own.
        noise_tau : its correlation time, ms.
        keep : states to record. If omitted, all of them for a small layer (up to a million
            values) or a model that has a rate, else none.
        seed : seed of all noise; the layer's if omitted. A layer that is large enough for an
            accelerator draws other noise where there is one.
        initial : {state: number or array that broadcasts to the layer} to start from.
        options : settings of a published step.

        Raises
        ------
        ValueError
            If an argument is not usable.
        """
        model = type(self.cell)
        dt = model.usual_dt if dt is None else dt
        seed = self.seed if seed is None else seed
        check_whole("seed", seed)
        for name, value in (("dt", dt), ("duration", dt if duration is None else duration)):
            if not (is_finite_number(value) and value > 0):
                raise ValueError(
                    f"`{name}` is {shown(value)}: give a positive number of milliseconds."
                )
        if not isinstance(initial, Mapping | None):
            raise ValueError(f"`initial` is {shown(initial)}: give {{state: value}}.")
        weighted = None if inputs is None else weighted_inputs(inputs, self.weights)
        samples, steps = step_currents(
            self.cell, self.shape, current, weighted, dt, duration, method, seed
        )
        if method not in schemes:
            return published_run(self, samples, dt, method, seed, options, initial)
        if options:
            raise ValueError(f"`options` belong to published steps; {method!r} has none.")
        if not (is_finite_number(noise) and noise >= 0):
            raise ValueError(f"`noise` is {shown(noise)}: give 0 or more.")
        if not (is_finite_number(noise_tau) and noise_tau > 0):
            raise ValueError(
                f"`noise_tau` is {shown(noise_tau)}: give a correlation time above 0 ms."
            )
        keep = self._kept(keep, steps)
        words = self._words(steps, samples, len(keep))
        device = accelerator_for(self.size)
        plan = layer_loop.Plan(
            tuple(self.values),
            self.shape[0],
            self.size // self.shape[0],
            self.winners,
            self.inhibition if self.winners else "none",
            tuple(model.state_names().index(name) for name in keep),
            noise > 0,
            words,
            self.size if device else self._block(),
        )
        drive = layer_loop.Drive(
            padded(samples, layer_loop.WORD * words),
            self.recurrent,
            np.float32(self.gain),
            np.array([noise, noise_tau], np.float32),
            np.int32(round(self.pause / dt)),
            jax.random.key(seed),
        )
        with on(device):
            record = layer_loop.run(
                model,
                self.cell.chosen(),
                method,
                plan,
                self.cell.packed().astype(np.float32),
                self._varied(),
                drive,
                initial_states(model, initial or {}, self.shape),
                np.int32(steps),
                np.float32(dt),
            )
        return self._collect(record, keep, steps, dt, method, seed)

    # --- what goes in ------------------------------------------------------------------------

    def _varied(self) -> np.ndarray:
        """The values of the varied parameters (V, N)."""
        rows = [values.ravel() for values in self.values.values()]
        return np.array(rows, np.float32).reshape(len(rows), self.size)

    def _kept(self, keep: Sequence[str] | None, steps: int) -> tuple[str, ...]:
        """The states to record."""
        model = type(self.cell)
        if keep is None:
            all_of_them = model.state_names()
            small = len(all_of_them) * steps * self.size <= _SMALL_RECORD
            return all_of_them if small or model.readings else ()
        if isinstance(keep, str) or not isinstance(keep, Sequence):
            known = ", ".join(model.state_names())
            raise ValueError(f"`keep` is {shown(keep)}: give a list of states, of {known}.")
        for name in keep:
            model.state(name)
        bytes_kept = 4 * len(keep) * (steps + 1) * self.size
        if bytes_kept > _LARGEST_RECORD:
            raise ValueError(
                f"`keep` of {len(keep)} states takes {bytes_kept / 1e9:.1f} GB: keep fewer, or "
                "run a smaller layer or a shorter time."
            )
        return tuple(keep)

    def _words(self, steps: int, samples: np.ndarray, kept: int) -> int:
        """Words of 32 steps to make room for: powers of two where room is cheap.

        With these, a longer run compiles nothing new.
        """
        words = -(-steps // layer_loop.WORD)
        cheap = samples.ndim == 1 and kept * steps * self.size <= _SMALL_RECORD
        return max(32, 1 << (words - 1).bit_length()) if cheap else words

    def _block(self) -> int:
        """Cells that go through the run together: all of them where they act on each other."""
        if self.winners or self.recurrent is not None:
            return self.size
        even = -(-self.size // -(-self.size // layer_loop.BLOCK))
        return min(self.size, -(-even // _VECTOR) * _VECTOR)

    # --- what comes out ----------------------------------------------------------------------

    def _collect(
        self,
        record: layer_loop.Record,
        keep: tuple[str, ...],
        steps: int,
        dt: float,
        method: str,
        seed: int,
    ) -> LayerRun:
        model = type(self.cell)
        used = -(-steps // layer_loop.WORD)
        kept = np.asarray(record.states)[: steps + 1]
        states = {name: kept[:, i].reshape(-1, *self.shape) for i, name in enumerate(keep)}
        outputs: dict[str, np.ndarray] = {}
        if model.readings and set(keep) == set(model.state_names()):
            in_order = np.stack([states[name] for name in model.state_names()], axis=1)
            outputs = readings(self.cell, self.values, in_order, seed)
        return LayerRun(
            self,
            dt,
            steps,
            method,
            seed,
            places_of(np.asarray(record.winners)[:steps], self.shape, steps),
            states,
            outputs,
            beyond_limits(model, np.asarray(record.end)).reshape(self.shape),
            np.asarray(record.spikes)[:used],
        )
