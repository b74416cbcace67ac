"""What kind of equilibrium the lowest one is, for many parameter sets at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..model import Array, NeuronModel
from .batch import CURRENT
from .fixed_points import kinds
from .steady import balance, jacobian

_INNER, _OUTER = 216, 20
"""Voltages at which the balance is looked at for a change of sign: within twice the span of the
model, and on either side from there to the ends of what `fixed_points` searches."""

_NEWTON_STEPS = 8
_BLOCK = 512
"""Rows that are worked out together: the cells of a coarse map."""


def resting_kinds(
    cell: NeuronModel, columns: Mapping[str, np.ndarray], current: float
) -> np.ndarray:
    """The kind of the equilibrium of lowest voltage, as `fixed_points` names it.

    A coarser search than `fixed_points` in the same range: two equilibria closer than a hundredth
    of the model's span may be missed.

    Parameters
    ----------
    cell : the model with the shared parameters.
    columns : {name: (N,)} what differs; a name may be ``"current"``.
    current : the current where it does not differ.

    Returns
    -------
    (N,) text; ``"none"`` where there is no equilibrium in the range of the model.
    """
    names = (*cell.quantities(), CURRENT)
    which = tuple(names.index(name) for name in columns)
    rows = np.stack([np.asarray(values, np.float64) for values in columns.values()], axis=1)
    shared = np.append(cell.packed(), current)
    low, high = cell.states[0].span
    width = high - low
    far, near = np.linspace(1.0, 0.5, _OUTER, endpoint=False), 0.5 * width
    inner = np.linspace(low - near, high + near, _INNER)
    grid = np.concatenate([low - far * width, inner, (high + far * width)[::-1]])
    found, slopes = _of_all(type(cell), cell.chosen(), which, rows, shared, grid)
    eigenvalues = np.linalg.eigvals(np.where(found[:, None, None], slopes, 0.0)).astype(complex)
    rates = np.sqrt(np.abs(slopes * slopes.transpose(0, 2, 1))).max(axis=(1, 2))
    return np.where(found, kinds(eigenvalues, rates), "none")


def _of_all(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    which: tuple[int, ...],
    rows: np.ndarray,
    shared: np.ndarray,
    grid: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """`_lowest` of any number of rows (N, K), block by block: it is compiled once for all N."""
    blocks = -(-len(rows) // _BLOCK)
    padded = rows[np.minimum(np.arange(blocks * _BLOCK), len(rows) - 1)]
    made = [
        _lowest(model, chosen, which, block, shared, grid) for block in np.split(padded, blocks)
    ]
    found, slopes = (np.concatenate(parts) for parts in zip(*jax.device_get(made), strict=True))
    return found[: len(rows)], slopes[: len(rows)]


@partial(jax.jit, static_argnames=("model", "chosen", "which"))
def _lowest(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    which: tuple[int, ...],
    rows: Array,
    shared: Array,
    grid: Array,
) -> tuple[Array, Array]:
    """Whether each row (B, K) has an equilibrium (B,), and the slopes (B, S, S) at the lowest."""

    def one(row: Array) -> tuple[Array, Array]:
        values = [shared[i] for i in range(shared.shape[0])]
        for position, index in enumerate(which):
            values[index] = row[position]
        p = model.parameter_tuple()(*values[:-1], *chosen)
        current = values[-1]
        excess, x = balance(model, chosen, grid, current, p)
        crossing = (excess[:-1] * excess[1:] <= 0.0) & (excess[:-1] != 0.0)
        if model.resets():
            crossing = crossing & (model.threshold(x, p)[:-1] < 0.0)
        first = jnp.argmax(crossing)
        share = excess[first] / (excess[first] - excess[first + 1])
        start = x[:, first] + share * (x[:, first + 1] - x[:, first])

        def newton(_: Array, y: Array) -> Array:
            slopes = jacobian(model, y, current, p)
            return y - jnp.linalg.solve(slopes, model.derivatives(y, current, p))

        end = lax.fori_loop(0, _NEWTON_STEPS, newton, start)
        # A jump past the next grid voltage is a search gone astray: keep the interpolation.
        near = jnp.abs(end[0] - start[0]) <= grid[first + 1] - grid[first]
        end = jnp.where(near, end, start)
        found = crossing.any()
        if model.resets():
            found = found & (model.threshold(end, p) < 0.0)
        return found, jacobian(model, end, current, p)

    return jax.vmap(one)(rows)
