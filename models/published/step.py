"""What a published step is, and the one compiled loop that takes it.

A published step is a pure function from one row of named numbers to the next: everything the
library remembers or reports, one number per cell each, in one stacked array. Its settings stand
under the library's own names, so that the function reads like the library's documentation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..model import Array, NeuronModel
from ..quantity import is_finite_number, shown

_LEAST_CAPACITY = 1024
_NOISE_STREAM = 0x5EED
"""The stream that the accurate methods draw from too: the same seed gives the same kicks."""


class Tick(NamedTuple):
    """What one step is given besides the numbers of the step before."""

    current: Array
    """(...) input of this step, in the unit of the model's current."""
    series: Array
    """(n, ...) further inputs of this step, in the order of `PublishedStep.series`."""
    time: Array
    """() start of the step, ms."""
    dt: Array
    """() length of the step, ms."""


@dataclass(frozen=True)
class Option:
    """A setting of a published step that the model has no parameter for.

    Parameters
    ----------
    default : the library's default: a number or an array, which are traced; or a bool, an int or
        a name, which are part of the compiled form. A function of the model's parameters where
        the library derives it.
    doc : what it does, in one sentence.
    choices : the names accepted, if it is a name.
    """

    default: Any
    doc: str
    choices: tuple[str, ...] = ()

    @property
    def is_static(self) -> bool:
        """Whether a change compiles once more."""
        return isinstance(self.default, bool | int | str)


@dataclass(frozen=True)
class Series:
    """A further input with one value per step, given in `options` as an array (T, ...).

    Parameters
    ----------
    doc : what it is.
    drawn : whether standard normal numbers take its place when it is not given; else zeros do.
    """

    doc: str
    drawn: bool = False


Outputs = dict[str, np.ndarray]
Finish = Callable[[Outputs, Mapping[str, Any], NeuronModel], Outputs]


@dataclass(frozen=True, eq=False)
class PublishedStep:
    """One step exactly as a library or a paper takes it.

    Attributes
    ----------
    method : name by which `simulate` knows it, such as ``"ngc-learn:euler"``.
    model : class name of the model it belongs to.
    title : what people call it: whose step it is, and which.
    differs : one sentence on what is different from the accurate model.
    rows : names of the numbers carried from step to step, in the library's words.
    start : (x0, q) -> (K, ...): the first row from the model's initial state (S, ...).
    advance : (row, tick, q) -> (K, ...): the next row.
    settings : (p, options, dt) -> q: the library's settings from the model's parameters, the
        options (a mapping) and the step length in ms, all NumPy arrays of 64 bit; numbers in q
        are traced, anything else is part of the compiled form.
    bug : one sentence naming the library's mistake, if it has one that shows.
    options : settings that the model has no parameter for.
    series : further inputs, one value per step.
    states : {state of the model: row that shows it}; by default the row of the same name.
    spikes : row that is not zero where a cell spikes; None if spikes are read off the trace.
    spikes_at_start : whether a spike belongs to the state the step started from.
    finish : (outputs, options, cell) -> outputs: what is computed from the rows after the loop;
        rows that were not kept are missing.
    """

    method: str
    model: str
    title: str
    differs: str
    rows: tuple[str, ...]
    start: Callable[[Array, Any], Array]
    advance: Callable[[Array, Tick, Any], Array]
    settings: Callable[[Any, Mapping[str, Any], Any], Any]
    bug: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)
    series: Mapping[str, Series] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    spikes: str | None = "s"
    spikes_at_start: bool = False
    finish: Finish | None = None

    def row_of(self, state: str) -> str:
        """The row that shows a state of the model."""
        return self.states.get(state, state)


def resolve(
    step: PublishedStep, p: Any, given: Mapping[str, Any] | None
) -> tuple[tuple[tuple[str, Any], ...], dict[str, np.ndarray]]:
    """The options of a step with defaults filled in: those that are static, those traced.

    Raises
    ------
    ValueError
        If an option is unknown or its value is not accepted.
    """
    given = dict(given or {})
    known = (*step.options, *step.series)
    for name in given:
        if name not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise ValueError(f"`{name}` is no option of {step.method!r}: {has}.")
    static: dict[str, Any] = {}
    traced: dict[str, np.ndarray] = {}
    for name, option in step.options.items():
        default = option.default(p) if callable(option.default) else option.default
        value = given.get(name)
        value = default if value is None else value
        if option.is_static:
            static[name] = _static_value(name, value, option)
        else:
            traced[name] = _finite_numbers(name, value)
    return tuple(static.items()), traced


def drive(
    step: PublishedStep,
    shape: tuple[int, ...],
    given: Mapping[str, Any] | None,
    seed: int,
) -> np.ndarray:
    """The series of a step as one array (T, n, ...) for samples of shape (T, ...)."""
    stacked = np.zeros((shape[0], len(step.series), *shape[1:]))
    for place, (name, series) in enumerate(step.series.items()):
        values = (given or {}).get(name)
        if values is not None:
            array = np.asarray(values, dtype=np.float64)
            if array.shape not in ((), shape):
                raise ValueError(
                    f"`{name}` has shape {array.shape}: give one value per step and cell, {shape}."
                )
            stacked[:, place] = array
        elif series.drawn:
            stream = np.random.SeedSequence((seed, _NOISE_STREAM, place))
            stacked[:, place] = np.random.Generator(np.random.Philox(stream)).standard_normal(shape)
    return stacked


def settings_of(
    step: PublishedStep,
    p: Any,
    options: tuple[tuple[tuple[str, Any], ...], dict[str, np.ndarray]],
    dt: float,
) -> Any:
    """The library's settings, computed as it does: once, in double precision, outside the loop.

    Parameters
    ----------
    p : the model's parameters, numbers or arrays that broadcast to the cells.
    options : as `resolve` gives them.
    dt : ms.
    """
    numbers = p._replace(
        **{
            name: np.asarray(value, np.float64)
            for name, value in p._asdict().items()
            if not isinstance(value, str)
        }
    )
    static, traced = options
    with np.errstate(all="ignore"):
        return step.settings(numbers, {**dict(static), **traced}, np.float64(dt))


def take(
    step: PublishedStep,
    q: Any,
    x0: np.ndarray,
    samples: np.ndarray,
    series: np.ndarray,
    dt: float,
    keep: tuple[str, ...],
    dtype: Any = np.float64,
) -> np.ndarray:
    """Take a step over all samples.

    Parameters
    ----------
    q : as `settings_of` gives it.
    x0 : (S, ...) initial state.
    samples : (T, ...) input; its trailing axes are cells.
    series : (T, n, ...) further inputs.
    dt : ms.
    keep : rows to record.
    dtype : of all numbers within the loop.

    Returns
    -------
    (T + 1, len(keep), ...) rows, the first before any step.
    """
    count = samples.shape[0]
    capacity = max(_LEAST_CAPACITY, 1 << max(0, math.ceil(math.log2(max(1, count)))))
    if samples[0].size > 1:
        capacity = count  # many cells: storage counts for more than a compilation
    numbers, form = split(q, dtype)
    rows = _loop(
        step,
        form,
        tuple(step.rows.index(name) for name in keep),
        numbers,
        np.asarray(x0, dtype),
        _padded(samples, capacity, dtype),
        _padded(series, capacity, dtype),
        count,
        np.asarray(dt, dtype),
    )
    return np.asarray(rows)[: count + 1]


Form = tuple[Any, tuple[tuple[int, Any], ...]]
"""The structure of settings, and those leaves of it that are no numbers with their places."""


def split(q: Any, dtype: Any) -> tuple[list[np.ndarray], Form]:
    """Settings as the numbers in them, which are traced, and the form that holds the rest.

    Whole numbers, truth values, names and functions are part of the form.
    """
    leaves, structure = jax.tree.flatten(q)
    numbers: list[np.ndarray] = []
    others: list[tuple[int, Any]] = []
    for place, leaf in enumerate(leaves):
        if isinstance(leaf, float | np.ndarray | np.generic):
            numbers.append(np.asarray(leaf, dtype))
        else:
            others.append((place, leaf))
    return numbers, (structure, tuple(others))


def join(numbers: Sequence[Array], form: Form) -> Any:
    """The settings that `split` took apart."""
    structure, others = form
    fixed = dict(others)
    left = iter(numbers)
    leaves = [
        fixed[place] if place in fixed else next(left) for place in range(structure.num_leaves)
    ]
    return jax.tree.unflatten(structure, leaves)


@partial(jax.jit, static_argnames=("step", "form", "keep"))
def _loop(
    step: PublishedStep,
    form: Form,
    keep: tuple[int, ...],
    numbers: list[Array],
    x0: Array,
    samples: Array,
    series: Array,
    steps: Array,
    dt: Array,
) -> Array:
    q = join(numbers, form)
    first = step.start(x0, q).astype(x0.dtype)
    everything = keep == tuple(range(len(step.rows)))

    def kept(row: Array) -> Array:
        return row if everything else jnp.stack([row[place] for place in keep])

    shape = (samples.shape[0] + 1, len(keep), *first.shape[1:])
    rows = jnp.zeros(shape, first.dtype).at[0].set(kept(first))

    def one(k: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        row, rows = carry
        tick = Tick(samples[k], series[k], k.astype(dt.dtype) * dt, dt)
        row = step.advance(row, tick, q).astype(row.dtype)
        return row, lax.dynamic_update_index_in_dim(rows, kept(row), k + 1, 0)

    return lax.fori_loop(0, steps, one, (first, rows))[1]


def _finite_numbers(name: str, value: Any) -> np.ndarray:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        array = np.array(np.nan)
    if not np.isfinite(array).all():
        raise ValueError(f"`{name}` is {shown(value)}: give a finite number.")
    return array


def _static_value(name: str, value: Any, option: Option) -> Any:
    kind = type(option.default)
    if option.choices:
        if not isinstance(value, str) or value not in option.choices:
            raise ValueError(
                f"`{name}` is {value!r}: choose one of {', '.join(map(repr, option.choices))}."
            )
        return value
    if kind is bool and not isinstance(value, bool | np.bool_):
        raise ValueError(f"`{name}` is {value!r}: give True or False.")
    if kind is int and not (is_finite_number(value) and float(value).is_integer() and value >= 0):
        raise ValueError(f"`{name}` is {value!r}: give a whole number, zero or more.")
    return kind(value)


def _padded(values: np.ndarray, capacity: int, dtype: Any) -> np.ndarray:
    if values.shape[0] == capacity:
        return np.asarray(values, dtype)
    padded = np.zeros((capacity, *values.shape[1:]), dtype)
    padded[: values.shape[0]] = values
    return padded
