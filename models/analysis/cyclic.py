"""Linear systems with the shape of a closed chain: each block maps onto the next, and round.

Solved by structured orthogonal elimination (S. J. Wright, SIAM J. Sci. Stat. Comput. 13 (1992)
742), which stays accurate where simply multiplying the maps would overflow, and takes time
proportional to the length of the chain.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from ..model import Array


def solve_cyclic(maps: Array, sides: Array, borders: Array, corner: Array) -> tuple[Array, Array]:
    """Solve a closed chain with K further unknowns y and K further equations.

    The equations are ``x[i + 1] - maps[i] x[i] + sides[i, :, :K] y = sides[i, :, K]`` with
    ``x[N] = x[0]``, and ``sum_i borders[:, i] x[i] + corner[:, :K] y = corner[:, K]``.

    Parameters
    ----------
    maps : (N, S, S)
    sides : (N, S, K + 1) coefficients of y, and in the last column the right-hand side.
    borders : (K, N, S)
    corner : (K, K + 1)

    Returns
    -------
    x : (N, S)
    y : (K,)
    """
    size = maps.shape[1]
    zero, one = jnp.zeros((size, size)), jnp.eye(size)

    def eliminate(carry: tuple[Array, ...], link: tuple[Array, ...]) -> tuple[Any, Any]:
        # The carried equation links x[0] and x[i]; with the next link, x[i] is eliminated.
        first, here, side, from_first, fill, rest = carry
        link_map, link_side, border = link
        top = jnp.concatenate([here, first, zero, side], axis=1)
        bottom = jnp.concatenate([-link_map, zero, one, link_side], axis=1)
        rows = _triangular(jnp.concatenate([top, bottom]), size)
        upper, known = rows[:size, :size], rows[:size, size:]
        factor = _solve_left(upper, border + fill)
        to_first, to_next, to_side = jnp.split(factor @ known, [size, 2 * size], axis=1)
        carry = (
            rows[size:, size : 2 * size],
            rows[size:, 2 * size : 3 * size],
            rows[size:, 3 * size :],
            from_first - to_first,
            -to_next,
            rest - to_side,
        )
        return carry, (upper, known)

    begin = (-maps[0], one, sides[0], borders[:, 0], jnp.zeros_like(borders[:, 0]), corner)
    links = (maps[1:], sides[1:], jnp.moveaxis(borders, 1, 0)[1:])
    (first, here, side, from_first, fill, rest), kept = lax.scan(eliminate, begin, links)

    left = jnp.concatenate(
        [
            jnp.concatenate([first + here, side[:, :-1]], axis=1),
            jnp.concatenate([from_first + fill, rest[:, :-1]], axis=1),
        ]
    )
    solution = jnp.linalg.solve(left, jnp.concatenate([side[:, -1], rest[:, -1]]))
    x0, y = solution[:size], solution[size:]

    def back(after: Array, row: tuple[Array, Array]) -> tuple[Array, Array]:
        upper, known = row
        right = known[:, -1] - known[:, :-1] @ jnp.concatenate([x0, after, y])
        x = _solve_upper(upper, right)
        return x, x

    _, others = lax.scan(back, x0, kept, reverse=True)
    return jnp.concatenate([x0[None], others]), y


def _triangular(rows: Array, columns: int) -> Array:
    """Householder reflections that make the first columns of `rows` upper triangular."""
    below = jnp.arange(rows.shape[0])
    for k in range(columns):
        column = jnp.where(below >= k, rows[:, k], 0.0)
        length = jnp.sqrt(column @ column)
        turned = column.at[k].add(jnp.where(column[k] < 0.0, -length, length))
        weight = 2.0 / jnp.maximum(turned @ turned, 1e-300)
        rows = rows - weight * turned[:, None] * (turned @ rows)[None]
    return rows


def _solve_upper(upper: Array, right: Array) -> Array:
    """x with upper x = right (S,), by back substitution."""
    size = upper.shape[0]
    x = jnp.zeros_like(right)
    for k in reversed(range(size)):
        x = x.at[k].set((right[k] - upper[k, k + 1 :] @ x[k + 1 :]) / upper[k, k])
    return x


def _solve_left(upper: Array, right: Array) -> Array:
    """x with x upper = right (K, S), by forward substitution."""
    x = jnp.zeros_like(right)
    for k in range(upper.shape[0]):
        x = x.at[:, k].set((right[:, k] - x[:, :k] @ upper[:k, k]) / upper[k, k])
    return x
