"""What a layer is given, checked and brought into form: shape, varied parameters, currents."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np

from .integrators import schemes
from .model import NeuronModel
from .quantity import shown
from .simulate import check
from .stimulus import Stimulus

Shape = tuple[int, int, int]
"""(features, rows, columns)."""

_DEFAULT_DURATION = 500.0


MOST_CELLS = 10_000_000
"""Cells of a layer; their spikes alone take a gigabyte in a thousand steps."""


def checked_shape(shape: Sequence[int]) -> Shape:
    """Three whole numbers, of at most `MOST_CELLS` cells together; ValueError otherwise."""
    sizes = tuple(shape) if isinstance(shape, Sequence | np.ndarray) else ()
    if len(sizes) != 3 or not all(is_whole(n, least=1) for n in sizes):
        raise ValueError(
            f"`shape` is {shown(shape)}: give (features, rows, columns), each 1 or more."
        )
    features, rows, columns = (int(n) for n in sizes)
    if features * rows * columns > MOST_CELLS:
        raise ValueError(
            f"`shape` is {shown(shape)}, {features * rows * columns:,} cells: choose a smaller "
            f"layer (at most {MOST_CELLS:,} cells)."
        )
    return features, rows, columns


def is_whole(value: Any, least: int = 0) -> bool:
    """Whether a value is a whole number of at least `least`, and no boolean."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least


def check_whole(name: str, value: Any) -> None:
    """ValueError unless `value` is a whole number, 0 or more."""
    if not is_whole(value):
        raise ValueError(f"`{name}` is {shown(value)}: give a whole number, 0 or more.")


def numbers(name: str, given: Any, kind: type = np.float64) -> np.ndarray:
    """An array of finite numbers; ValueError in a sentence with `name` otherwise."""
    try:
        array = np.asarray(given)
        real = array.dtype.kind in "biuf"
    except ValueError:  # rows of different lengths
        real = False
    if not real:
        raise ValueError(f"`{name}` is {shown(given)}: give a number or an array of numbers.")
    array = array.astype(kind)
    if not np.isfinite(array).all():
        raise ValueError(f"`{name}` has a value that is no finite number: replace it.")
    return array


def varied_values(
    cell: NeuronModel, name: str, given: Any, shape: Shape, seed: int, per: str
) -> np.ndarray:
    """The value of a varied parameter in each cell, (F, R, C).

    Parameters
    ----------
    cell : the model; its bounds and its cross-parameter rules hold for the ends of the range.
    name, given : an entry of `Layer`'s `vary`. What is drawn depends on the seed and the name
        alone, so a further entry leaves the others as they are.
    per : ``"cell"`` or ``"feature"``: how many values are drawn.
    """
    if name not in cell.quantities():
        raise ValueError(
            f"{type(cell).__name__} has no parameter `{name}` to vary: it has "
            f"{', '.join(cell.quantities())}."
        )
    array = numbers(name, given)
    if isinstance(given, tuple | list) and array.shape == (2,):
        if array[0] > array[1]:
            raise ValueError(
                f"`{name}` is to vary from {array[0]:g} to {array[1]:g}: give the lower end first."
            )
        stream = np.random.SeedSequence((seed, zlib.crc32(name.encode())))
        generator = np.random.Generator(np.random.Philox(stream))
        drawn = shape if per == "cell" else (shape[0], 1, 1)
        array = generator.uniform(array[0], array[1], drawn)
    try:
        values = np.broadcast_to(array, shape)
    except ValueError:
        raise ValueError(
            f"`{name}` has shape {array.shape}, which does not broadcast to {shape}: "
            "give (low, high), or an array of the layer's shape."
        ) from None
    for end in (values.min(), values.max()):
        cell.replace(**{name: float(end)})  # says what is wrong, if anything is
    return values


def checked_weights(weights: Any, shape: Shape) -> np.ndarray:
    """Input weights as (N, n), from (F, n) or (F, R, C, n)."""
    array = numbers("weights", weights, np.float32)
    features, rows, columns = shape
    if array.ndim == 2 and array.shape[0] == features:
        return np.repeat(array, rows * columns, axis=0)
    if array.ndim == 4 and array.shape[:3] == shape:
        return array.reshape(features * rows * columns, -1)
    raise ValueError(
        f"`weights` has shape {array.shape}: give ({features}, n) or "
        f"({features}, {rows}, {columns}, n) for n inputs."
    )


def checked_recurrent(recurrent: Any, size: int) -> np.ndarray:
    """Recurrent weights (N, N)."""
    array = numbers("recurrent", recurrent, np.float32)
    if array.shape != (size, size):
        raise ValueError(
            f"`recurrent` has shape {array.shape}: give ({size}, {size}), one row and one "
            "column for each cell."
        )
    return array


def random_recurrence(size: int, seed: int = 0) -> np.ndarray:
    """Random weights among units, (size, size): normal with standard deviation 1 / sqrt(size).

    With tanh as rate function a large network dies out at a gain below 1 and is chaotic above
    (H. Sompolinsky, A. Crisanti & H. J. Sommers, Phys. Rev. Lett. 61 (1988) 259).
    """
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
    return generator.standard_normal((size, size)) / np.sqrt(size)


def weighted_inputs(inputs: Any, weights: np.ndarray | None) -> np.ndarray:
    """Inputs (T, n) through weights (N, n): a current (T, N)."""
    if weights is None:
        raise ValueError("`inputs` need `weights`: give these to the layer.")
    array = numbers("inputs", inputs, np.float32)
    if array.ndim != 2 or array.shape[1] != weights.shape[1]:
        raise ValueError(
            f"`inputs` has shape {array.shape}: give (T, {weights.shape[1]}), one column for "
            "each weight."
        )
    return array @ weights.T


def step_currents(
    cell: NeuronModel,
    shape: Shape,
    current: Any,
    weighted: np.ndarray | None,
    dt: float,
    duration: float | None,
    method: str,
    seed: int,
) -> tuple[np.ndarray, int]:
    """The current of every step and the number of steps.

    Parameters
    ----------
    current : as `Layer.simulate` takes it.
    weighted : (T, N) further current, or None.
    dt, duration, method, seed : as `Layer.simulate` takes them.

    Returns
    -------
    samples : (T,) if all cells get the same, else (T, N); float32, and float64 for a published
        step.
    steps : T.
    """
    precision = np.float32 if method in schemes else np.float64
    stimulus = current if isinstance(current, Stimulus) else None
    given = None if stimulus is not None else numbers("current", current, precision)
    if given is not None and given.ndim:
        if duration is not None and round(duration / dt) != given.shape[0]:
            raise ValueError(
                f"`duration` is {duration:g} ms but `current` has {given.shape[0]:,} samples of "
                f"{dt:g} ms: leave one of them out."
            )
        steps = check(cell, given.shape[0] * dt, dt, method)
    elif weighted is not None:
        steps = check(cell, weighted.shape[0] * dt, dt, method)
    else:
        steps = check(cell, _DEFAULT_DURATION if duration is None else duration, dt, method)
    if stimulus is not None:
        given = stimulus.samples(steps, dt, seed).astype(precision)
    assert given is not None
    if given.ndim == 0:
        given = np.full(steps, given, precision)
    if given.ndim == 4:
        given = _per_cell(given, shape)
    elif given.ndim != 1:
        raise ValueError(
            f"`current` has shape {given.shape}: give a number, (T,) samples, or one current per "
            f"cell, (T, {', '.join(map(str, shape))})."
        )
    if weighted is None:
        return given, steps
    if given.shape[0] != weighted.shape[0]:
        raise ValueError(
            f"`current` has {given.shape[0]} steps but `inputs` {weighted.shape[0]}: give as many."
        )
    return weighted + (given[:, None] if given.ndim == 1 else given), steps


def initial_states(
    model: type[NeuronModel], given: Mapping[str, Any], shape: Shape
) -> np.ndarray | None:
    """Initial states (S, N), NaN for the model's own; None if all are."""
    if not given:
        return None
    states = np.full((len(model.states), *shape), np.nan, np.float32)
    for name, value in given.items():
        model.state(name)
        array = numbers(f"initial {name}", value, np.float32)
        try:
            states[model.state_names().index(name)] = array
        except ValueError:
            raise ValueError(
                f"`{name}` starts with shape {array.shape}: give a number or an array that "
                f"broadcasts to {shape}."
            ) from None
    return states.reshape(len(model.states), -1)


def padded(samples: np.ndarray, rows: int) -> np.ndarray:
    """Samples in single precision; those that all cells share with zeros behind them."""
    values = np.asarray(samples, np.float32)
    if values.ndim == 2:
        return np.ascontiguousarray(values)
    padded = np.zeros(rows, np.float32)
    padded[: values.size] = values
    return padded


def _per_cell(given: np.ndarray, shape: Shape) -> np.ndarray:
    """Currents (T, ...) broadcast to the cells, (T, N)."""
    try:
        full = np.broadcast_to(given, (given.shape[0], *shape))
    except ValueError:
        raise ValueError(
            f"`current` has shape {given.shape}, which does not broadcast to "
            f"({given.shape[0]}, {', '.join(map(str, shape))})."
        ) from None
    return full.reshape(given.shape[0], -1)
