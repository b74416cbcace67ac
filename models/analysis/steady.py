"""States that follow the voltage: their steady values, and the balance left for the voltage.

At a fixed voltage nearly every neuron model is simple: gates, recovery and adaptation obey linear
equations, solved here exactly. What remains is one number per voltage whose zeros are the fixed
points. All functions are traceable and take any trailing batch axes.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..model import Array, NeuronModel

_NEWTON_STEPS = 25
"""For models whose other states do not obey linear equations at fixed voltage."""


def jacobian(model: type[NeuronModel], x: Array, current: Array, p: Any) -> Array:
    """Partial derivatives (S, S, ...) of the right-hand side: row i, column j is df_i/dx_j."""
    slope = jax.linearize(lambda y: model.derivatives(y, current, p), x)[1]
    return _along_each(slope, x)


def settled(
    model: type[NeuronModel], chosen: tuple[str, ...], v: Array, current: Array, p: Any
) -> Array:
    """The state (S, ...) with states[0] at `v` (...) and every other state at its steady value.

    A state that its own equation does not determine (a recovery that never decays) keeps its
    initial value.
    """
    if len(model.states) == 1:
        return v[None]
    others, excess, slopes = _followers(model, chosen, v, current, p)
    return jnp.concatenate([v[None], others - eliminate(slopes, excess)[0]])


def balance(
    model: type[NeuronModel], chosen: tuple[str, ...], v: Array, current: Array, p: Any
) -> tuple[Array, Array]:
    """A number (...) that is zero where voltage `v` (...) belongs to a fixed point, and the state.

    It is the determinant of [f, df/dz], z being the states other than the voltage: zero where all
    equations can hold at once. Unlike dv/dt along the steady states it has no poles, and it also
    serves where an equation does not contain its own state.

    Returns
    -------
    excess : (...) the determinant.
    x : (S, ...) the state whose equations hold at `v` as well as they can.
    """
    if len(model.states) == 1:
        return model.derivatives(v[None], current, p)[0], v[None]
    others, excess, slopes = _followers(model, chosen, v, current, p)
    shift = eliminate(slopes, excess)[0]
    others = others - shift
    excess = excess - (slopes * shift[None]).sum(axis=1)  # zero where the equation could be solved

    def voltage(others: Array) -> Array:
        return model.derivatives(jnp.concatenate([v[None], others]), current, p)[:1]

    dv, pull = jax.linearize(voltage, others)
    rows = jnp.concatenate([_along_each(pull, others), slopes])
    shift, determinant = eliminate(rows, jnp.concatenate([dv, excess]))
    return determinant, jnp.concatenate([v[None], others - shift])


def _followers(
    model: type[NeuronModel], chosen: tuple[str, ...], v: Array, current: Array, p: Any
) -> tuple[Array, Array, Array]:
    """The states after the first, their right-hand sides and the slopes of these, one Newton step
    before they are settled: shapes (K, ...), (K, ...), (K, K, ...)."""

    def moving(others: Array) -> Array:
        return model.derivatives(jnp.concatenate([v[None], others]), current, p)[1:]

    def at(others: Array) -> tuple[Array, Array]:
        excess, slope = jax.linearize(moving, others)
        return excess, _along_each(slope, others)

    def newton(_: Any, others: Array) -> Array:
        excess, slopes = at(others)
        return others - eliminate(slopes, excess)[0]

    start = model.initial_state(p)[1:]
    size = start.shape[0]
    others = jnp.broadcast_to(start.reshape((size,) + (1,) * v.ndim), (size, *v.shape))
    if not follows_linearly(model, chosen):
        others = lax.fori_loop(0, _NEWTON_STEPS, newton, others)
    return others, *at(others)


def _along_each(slope: Any, x: Array) -> Array:
    """The columns (n, k, ...) of a linear map `slope`: its values along each of the k axes of x."""
    size = x.shape[0]
    basis = jnp.eye(size).reshape((size, size) + (1,) * (x.ndim - 1))
    return jax.vmap(slope, out_axes=1)(jnp.broadcast_to(basis, (size, *x.shape)))


def eliminate(matrix: Array, right: Array) -> tuple[Array, Array]:
    """Solve small linear systems by Gauss-Jordan elimination with row pivoting, in closed form.

    Parameters
    ----------
    matrix : (n, k, ...) with n = k, or n = k + 1 for one equation more than unknowns.
    right : (n, ...)

    Returns
    -------
    solution : (k, ...) from the k best equations; 0 for an unknown that none determines.
    determinant : (...) of `matrix`, with `right` as its last column if n = k + 1.
    """
    n, k = matrix.shape[:2]
    rows = [jnp.concatenate([matrix[i], right[i][None]]) for i in range(n)]
    determinant = jnp.ones_like(right[0])
    for column in range(k):
        for i in range(column + 1, n):
            swap = jnp.abs(rows[i][column]) > jnp.abs(rows[column][column])
            rows[column], rows[i] = (
                jnp.where(swap[None], rows[i], rows[column]),
                jnp.where(swap[None], rows[column], rows[i]),
            )
            determinant = jnp.where(swap, -determinant, determinant)
        pivot = rows[column][column]
        determinant = determinant * pivot
        share = jnp.where(pivot == 0.0, 0.0, 1.0 / jnp.where(pivot == 0.0, 1.0, pivot))
        rows[column] = share[None] * rows[column]
        for i in range(n):
            if i != column:
                rows[i] = rows[i] - rows[i][column][None] * rows[column]
    if n > k:
        determinant = determinant * rows[k][k]
    return jnp.stack([rows[i][k] for i in range(k)]), determinant


@cache
def follows_linearly(model: type[NeuronModel], chosen: tuple[str, ...]) -> bool:
    """Whether the states other than the voltage obey linear equations at a fixed voltage.

    Then their slopes do not depend on where they are: compared at a few random places.
    """
    random = np.random.default_rng(0)
    low, high = np.array([state.span for state in model.states]).T
    names = list(model.quantities())
    packed = np.array([model.quantities()[name].default for name in names], dtype=np.float64)

    def slopes(x: Array, packed: Array) -> Array:
        p = model.unpack(packed, chosen)
        return jacobian(model, x, jnp.asarray(model.current.default), p)[1:, 1:]

    # Compiled ahead of its calls it runs at once, also while a caller is being traced, and as one
    # program instead of an operation at a time.
    compiled = jax.jit(slopes).lower(low, packed).compile()
    for _ in range(4):
        x = random.uniform(low, high)
        y = random.uniform(low, high)
        y[0] = x[0]
        here, there = (np.asarray(compiled(at, packed)) for at in (x, y))
        if not np.allclose(here, there, rtol=1e-9, atol=1e-12):
            return False
    return True
