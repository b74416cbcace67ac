"""One step exactly as a published library or paper takes it, quirks included.

A library's step belongs to a model of the catalogue and is chosen by the name of its method:
``cell.simulate(current, method="ngc-learn:rk4")``. What a library sets that the model has no
parameter for goes in `options`, described in `PublishedStep.options` with the library's defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..model import NeuronModel
from ..simulate import Run, start_state
from . import inferno, izhikevich, izhikevich_2007, ngc_learn, ngc_learn_rate, spyketorch
from .step import Option as Option
from .step import PublishedStep as PublishedStep
from .step import Series as Series
from .step import Tick as Tick
from .step import drive, resolve, settings_of, take

steps: tuple[PublishedStep, ...] = (
    *izhikevich.steps,
    *izhikevich_2007.steps,
    *ngc_learn.steps,
    *ngc_learn_rate.steps,
    *inferno.steps,
    *spyketorch.steps,
)
"""Every published step, in the order in which methods are offered."""


_LARGEST_RECORD = 4_000_000_000
"""Bytes that the recorded rows may take."""


@dataclass(frozen=True)
class Record:
    """A published step taken over many cells at once.

    Attributes
    ----------
    time : (T+1,) ms.
    first : {row: (...)} before any step.
    rows : {row: (T, ...)} after each step, under the names of `PublishedStep.rows`.
    outputs : {name: (T, ...)} what the library returns, under its own names: the rows, and what
        it computes from them.
    """

    time: np.ndarray
    first: Mapping[str, np.ndarray]
    rows: Mapping[str, np.ndarray]
    outputs: Mapping[str, np.ndarray]


def methods(model: type[NeuronModel]) -> tuple[str, ...]:
    """The published steps a model can be run with, such as ``"ngc-learn:euler"``."""
    return tuple(_steps_of(model))


def published_step(model: type[NeuronModel], method: str) -> PublishedStep:
    """The published step behind a method of a model; ValueError if it has none of that name."""
    known = _steps_of(model)
    if method not in known:
        from ..simulate import methods as all_methods

        raise ValueError(f"`method` is {method!r}: choose one of {', '.join(all_methods(model))}.")
    return known[method]


@cache
def _steps_of(model: type[NeuronModel]) -> Mapping[str, PublishedStep]:
    """The steps of a model by method; those of a base class hold for it too."""
    names = [base.__name__ for base in model.__mro__]
    own = sorted(
        (step for step in steps if step.model in names and _shows(step, model)),
        key=lambda step: names.index(step.model),
    )
    found: dict[str, PublishedStep] = {}
    for step in own:
        found.setdefault(step.method, step)
    return found


def _shows(step: PublishedStep, model: type[NeuronModel]) -> bool:
    """Whether a step knows all states of the model: a variant may have more than its base."""
    return all(step.row_of(state) in step.rows for state in model.state_names())


def check(cell: NeuronModel, method: str) -> None:
    """ValueError, in one sentence, if `method` is no method of the model."""
    published_step(type(cell), method)


def run(
    cell: NeuronModel,
    samples: np.ndarray,
    dt: float,
    method: str,
    seed: int,
    initial: Mapping[str, float] | None,
    options: Mapping[str, Any] | None,
) -> Run:
    """Run a published step over samples (T,) of current.

    The states of the run show the peak at a spike, as those of any run do; `Run.outputs` holds
    what the library itself remembers and returns, (T, ...) after each step, to the end even if
    the run diverges.
    """
    step = published_step(type(cell), method)
    record = run_many(cell, samples, dt, method, seed, initial, options)
    states = {
        name: np.append(record.first[step.row_of(name)], record.rows[step.row_of(name)])
        for name in cell.state_names()
    }
    limits = {state.name: state.limit for state in cell.states}
    sound = np.all([np.abs(v) <= limits[name] for name, v in states.items()], axis=0)
    end = sound.size if sound.all() else max(1, int(np.argmin(sound)))
    crossings = None
    if step.spikes is not None:
        fired = np.flatnonzero(record.rows[step.spikes][: end - 1])
        crossings = record.time[fired + (0 if step.spikes_at_start else 1)]
    return Run(
        cell,
        record.time[:end],
        {name: values[:end] for name, values in states.items()},
        samples[: end - 1],
        dt,
        method,
        seed,
        None if end == sound.size else end * dt,
        crossings,
        record.outputs,
    )


def run_many(
    cell: NeuronModel,
    samples: np.ndarray,
    dt: float,
    method: str,
    seed: int = 0,
    initial: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    vary: Mapping[str, Any] | None = None,
    keep: tuple[str, ...] | None = None,
    dtype: Any = np.float64,
) -> Record:
    """Take a published step over many cells at once.

    Parameters
    ----------
    cell : the model; its parameters hold for every cell.
    samples : (T, ...) current; the trailing axes are cells, such as (features, rows, columns).
    dt : ms.
    method : a published step of the model.
    seed : seed of the noise, where the step has noise.
    initial : {state: number or array of the cells' shape} in place of the model's own.
    options : settings of the step.
    vary : {parameter: array that broadcasts to the cells} in place of the model's number.
    keep : the rows to record; all if omitted.
    dtype : of the numbers within the loop; float32 is what most libraries use.

    Raises
    ------
    ValueError
        If an argument is not usable.
    """
    step = published_step(type(cell), method)
    shape = samples.shape[1:]
    varied = {name: np.asarray(value, np.float64) for name, value in (vary or {}).items()}
    for name, values in varied.items():
        if name not in cell.quantities():
            raise ValueError(
                f"{type(cell).__name__} has no parameter `{name}`: it has "
                f"{', '.join(cell.quantities())}."
            )
        if values.ndim not in (0, len(shape)):
            raise ValueError(f"`{name}` has shape {values.shape}: give it {len(shape)} axes.")
    p = cell.p._replace(**varied)
    resolved = resolve(step, p, options)
    for name, array in resolved[1].items():
        if not _fits(array.shape, shape):
            raise ValueError(
                f"`{name}` has shape {array.shape}: give one number, or an array for cells of "
                f"shape {shape}."
            )
    q = settings_of(step, p, resolved, dt)
    x0 = _start(cell, shape, initial or {}, varied)
    names = step.rows if keep is None else keep
    size = np.dtype(dtype).itemsize * len(names) * (samples.size + samples[:1].size)
    if size > _LARGEST_RECORD:
        raise ValueError(
            f"`samples` of shape {samples.shape} give a record of {size / 1e9:.1f} GB: `keep` "
            "fewer rows, or take fewer cells or steps."
        )
    series = drive(step, samples.shape, options, seed)
    rows = take(step, q, x0, samples, series, dt, names, dtype)
    first = {name: rows[0, place] for place, name in enumerate(names)}
    later = {name: rows[1:, place] for place, name in enumerate(names)}
    outputs = dict(later)
    if step.finish is not None:
        outputs = step.finish(outputs, {**dict(resolved[0]), **resolved[1]}, cell)
    if "s" in outputs:
        outputs["s"] = outputs["s"].astype(np.int8)
    return Record(np.arange(samples.shape[0] + 1) * dt, first, later, outputs)


def _fits(given: tuple[int, ...], cells: tuple[int, ...]) -> bool:
    """Whether an array broadcasts to the cells without widening them."""
    pairs = zip(reversed(given), reversed(cells), strict=False)
    return len(given) <= len(cells) and all(size in (1, of) for size, of in pairs)


def _start(
    cell: NeuronModel,
    shape: tuple[int, ...],
    initial: Mapping[str, Any],
    varied: Mapping[str, np.ndarray],
) -> np.ndarray:
    """The initial state (S, ...) of all cells, each with its own parameters."""
    if not shape:
        return start_state(cell, initial)
    own = {
        name: np.full(shape, value)
        for name, value in cell.p._asdict().items()
        if name in cell.quantities()
    }
    own |= {name: np.broadcast_to(values, shape) for name, values in varied.items()}
    x0 = np.array(cell.initial_state(cell.p._replace(**own)), dtype=np.float64)
    for name, values in initial.items():
        cell.state(name)
        x0[cell.state_names().index(name)] = values
    return x0
