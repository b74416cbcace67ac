"""The phase line of a model with one state: how fast v moves, against v."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from ..model import Array, NeuronModel
from .fixed_points import FixedPoint, fixed_points
from .given import constant_current, count, ends


@dataclass(frozen=True, eq=False)
class PhaseLine:
    """dv/dt of a one-state model with its current off and on.

    Attributes
    ----------
    v : (n,) the state, in its unit.
    off, on : (n,) its time derivative without and with the current, per ms.
    rest_off, rest_on : where these vanish below the spike level.
    threshold : the spike level, None if the model has none or it lies outside the range.
    reset : where a spike at that level leads, None without one.
    """

    v: np.ndarray
    off: np.ndarray = field(repr=False)
    on: np.ndarray = field(repr=False)
    rest_off: list[FixedPoint]
    rest_on: list[FixedPoint]
    threshold: float | None
    reset: float | None


def phase_line(
    cell: NeuronModel,
    current: float = 10.0,
    xlim: tuple[float, float] | None = None,
    n: int = 401,
) -> PhaseLine:
    """The phase line of a model with one state.

    Parameters
    ----------
    cell : a model with one state.
    current : constant current in the model's unit.
    xlim : range of the state; its span by default.
    n : number of points.

    Returns
    -------
    PhaseLine

    Raises
    ------
    ValueError
        If the model has more states, `xlim` is no range, `current` no finite number, or `n` no
        whole number of 2 or more.
    """
    model = type(cell)
    if len(model.states) != 1:
        raise ValueError(
            f"{model.__name__} has {len(model.states)} states and no phase line: use `nullclines`."
        )
    current = constant_current(current)
    low, high = ends("xlim", model.states[0].span if xlim is None else xlim)
    v = np.linspace(low, high, count("n", n, 2, "points"))
    off, on, excess, after = np.asarray(_lines(model, cell.chosen(), v, current, cell.packed()))
    threshold = reset = None
    crossing = np.flatnonzero((excess[:-1] < 0.0) & (excess[1:] >= 0.0))
    if model.resets() and crossing.size:
        at = int(crossing[0])
        share = excess[at] / (excess[at] - excess[at + 1])
        threshold = float(v[at] + share * (v[at + 1] - v[at]))
        reset = float(after[at] + share * (after[at + 1] - after[at]))
    return PhaseLine(
        v,
        off,
        on,
        fixed_points(cell, 0.0, (low, high)),
        fixed_points(cell, current, (low, high)),
        threshold,
        reset,
    )


@partial(jax.jit, static_argnames=("model", "chosen"))
def _lines(
    model: type[NeuronModel], chosen: tuple[str, ...], v: Array, current: Array, packed: Array
) -> Array:
    """(4, n): dv/dt without and with current, how far v is beyond the spike level, its reset."""
    p = model.unpack(packed, chosen)
    x = v[None]
    off, on = (model.derivatives(x, jnp.asarray(given), p)[0] for given in (0.0, current))
    return jnp.stack([off, on, model.threshold(x, p), model.reset(x, p)[0]])
