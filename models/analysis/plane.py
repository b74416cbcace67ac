"""A plane through state space: which two states are its axes, and where the others are held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..model import Array, NeuronModel
from ..quantity import is_finite_number, shown
from ..simulate import start_state
from .fixed_points import fixed_points
from .given import constant_current, ends
from .steady import settled

Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Plane:
    """Two axes, their ranges, and what fixes every state that is not an axis.

    Attributes
    ----------
    model, chosen, packed : the model and its parameters.
    axes : (2,) indices of the states on the axes, x first.
    limits : (2, 2) ranges of the axes, x first.
    current : () constant current.
    voltage : () states[0] where it is no axis.
    held : (2, S): whether a state is held at a given value, and that value.
    """

    model: type[NeuronModel]
    chosen: tuple[str, ...]
    packed: np.ndarray
    axes: np.ndarray
    limits: np.ndarray
    current: float
    voltage: float
    held: np.ndarray

    @property
    def settings(self) -> tuple[Any, ...]:
        """What the compiled functions below take first."""
        numbers = np.array([self.current, self.voltage])
        return self.model, self.chosen, self.axes, self.held, numbers, self.packed

    @property
    def names(self) -> tuple[str, str]:
        """The names of the states on the axes."""
        names = self.model.state_names()
        return names[self.axes[0]], names[self.axes[1]]

    def nodes(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """n values along each axis, both ends included."""
        (left, right), (bottom, top) = self.limits
        return np.linspace(left, right, n), np.linspace(bottom, top, n)


def plane(
    cell: NeuronModel,
    x: str | None = None,
    y: str | None = None,
    current: float = 10.0,
    xlim: Range | None = None,
    ylim: Range | None = None,
    held: Mapping[str, float] | None = None,
) -> Plane:
    """The plane of two states.

    Parameters
    ----------
    cell : a model with at least two states.
    x, y : names of the states on the axes; by default the first two states.
    current : constant current in the model's unit.
    xlim, ylim : ranges of the axes; by default the spans of the states.
    held : values at which other states are held, such as the state at one moment of a run. A
        state that is neither on an axis nor in `held` is at its steady value for the voltage of
        the point; if the voltage itself is such a state, it is that of the lowest fixed point.

    Raises
    ------
    ValueError
        On unknown names, equal axes, a range that is none, a current or held value that is no
        finite number, or a model with one state.
    """
    names = cell.state_names()
    if len(names) < 2:
        raise ValueError(
            f"{type(cell).__name__} has one state and no phase plane: use `phase_line`."
        )
    x, y = names[0] if x is None else x, names[1] if y is None else y
    if x == y:
        raise ValueError(f"`x` and `y` are both `{x}`: choose two different states.")
    states = (cell.state(x), cell.state(y))
    current = constant_current(current)
    xlim, ylim = (
        state.span if limits is None else limits
        for state, limits in zip(states, (xlim, ylim), strict=True)
    )
    limits = np.array([ends("xlim", xlim), ends("ylim", ylim)])
    fixed = np.zeros((2, len(names)))
    if held is not None and not isinstance(held, Mapping):
        raise ValueError(f"`held` is {shown(held)}: give values by name, such as {{'h': 0.6}}.")
    for name, value in (held or {}).items():
        cell.state(name)
        if not is_finite_number(value):
            raise ValueError(f"`held` has {name} at {shown(value)}: give a finite number.")
        fixed[:, names.index(name)] = 1.0, value
    axes = np.array([names.index(x), names.index(y)])
    voltage = fixed[1, 0] if 0 in axes or fixed[0, 0] else _resting_voltage(cell, current)
    return Plane(type(cell), cell.chosen(), cell.packed(), axes, limits, current, voltage, fixed)


@partial(jax.jit, static_argnames=("model", "chosen"))
def flow_on_grid(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    axes: Array,
    held: Array,
    numbers: Array,
    packed: Array,
    x: Array,
    y: Array,
) -> Array:
    """Time derivatives (2, n, n) of the two axis states on the grid of x (n,) and y (n,).

    The other states follow the voltage, which varies along one axis at most: they are worked out
    on n voltages, not on n x n.
    """
    current, voltage = numbers[0], numbers[1]
    p = model.unpack(packed, chosen)
    v = jnp.where(axes[0] == 0, x, jnp.where(axes[1] == 0, y, voltage))
    others = _others(model, chosen, held, v, current, p)
    shape = (others.shape[0], y.size, x.size)
    along_y = jnp.broadcast_to(others[:, :, None], shape)
    along_x = jnp.broadcast_to(others[:, None, :], shape)
    point = jnp.broadcast_to(x[None, :], shape[1:]), jnp.broadcast_to(y[:, None], shape[1:])
    state = _placed(axes, point, jnp.where(axes[1] == 0, along_y, along_x))
    return model.derivatives(state, current, p)[axes]


def flow_at(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    axes: Array,
    held: Array,
    numbers: Array,
    packed: Array,
    points: Array,
) -> Array:
    """Time derivatives (2, M) of the two axis states at points (2, M) of the plane; traceable."""
    current, voltage = numbers[0], numbers[1]
    p = model.unpack(packed, chosen)
    v = jnp.where(axes[0] == 0, points[0], jnp.where(axes[1] == 0, points[1], voltage))
    state = _placed(axes, (points[0], points[1]), _others(model, chosen, held, v, current, p))
    return model.derivatives(state, current, p)[axes]


def _others(
    model: type[NeuronModel], chosen: tuple[str, ...], held: Array, v: Array, current: Array, p: Any
) -> Array:
    """The state (S, M) with every state off the axes in its place."""
    steady = settled(model, chosen, v, current, p)
    return jnp.where(held[0][:, None] > 0.0, held[1][:, None], steady)


def _placed(axes: Array, point: tuple[Array, Array], others: Array) -> Array:
    """The state (S, ...) with the coordinates of `point` put in on the axes."""
    index = jnp.arange(others.shape[0]).reshape((-1,) + (1,) * (others.ndim - 1))
    on_y = jnp.where(index == axes[1], point[1][None], others)
    return jnp.where(index == axes[0], point[0][None], on_y)


def _resting_voltage(cell: NeuronModel, current: float) -> float:
    points = fixed_points(cell, current)
    if points:
        return points[0].state[cell.state_names()[0]]
    return float(start_state(cell, None)[0])
