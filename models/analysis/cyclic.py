"""Linear systems with the shape of a closed chain: each block maps onto the next, and round.

Solved by structured orthogonal elimination (S. J. Wright, SIAM J. Sci. Stat. Comput. 13 (1992)
742), which stays accurate where simply multiplying the maps would overflow, and takes time
proportional to the length of the chain.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax
from jax.scipy.linalg import solve_triangular

from ..model import Array


def solve_cyclic(maps: Array, sides: Array, borders: Array, corner: Array) -> tuple[Array, Array]:
    """Solve a closed chain with K further unknowns y and K further equations, R times at once.

    The equations are ``x[i + 1] - maps[i] x[i] + sides[i, :, :K] y = sides[i, :, K:]`` with
    ``x[N] = x[0]``, and ``sum_i borders[:, i] x[i] + corner[:, :K] y = corner[:, K:]``.

    Parameters
    ----------
    maps : (N, S, S)
    sides : (N, S, K + R) coefficients of y, then R right-hand sides.
    borders : (K, N, S)
    corner : (K, K + R)

    Returns
    -------
    x : (N, S, R)
    y : (K, R)
    """
    size, more = maps.shape[1], corner.shape[0]
    zero, one = jnp.zeros((size, size)), jnp.eye(size)

    def eliminate(carry: tuple[Array, ...], link: tuple[Array, ...]) -> tuple[Any, Any]:
        # The carried equation links x[0] and x[i]; with the next link, x[i] is eliminated.
        first, here, side, from_first, fill, rest = carry
        link_map, link_side, border = link
        top = jnp.concatenate([here, first, zero, side], axis=1)
        bottom = jnp.concatenate([-link_map, zero, one, link_side], axis=1)
        rows = _triangular(jnp.concatenate([top, bottom]), size)
        upper, known = rows[:size, :size], rows[:size, size:]
        factor = solve_triangular(upper, (border + fill).T, trans=1).T
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
            jnp.concatenate([first + here, side[:, :more]], axis=1),
            jnp.concatenate([from_first + fill, rest[:, :more]], axis=1),
        ]
    )
    solution = jnp.linalg.solve(left, jnp.concatenate([side[:, more:], rest[:, more:]]))
    x0, y = solution[:size], solution[size:]

    def back(after: Array, row: tuple[Array, Array]) -> tuple[Array, Array]:
        upper, known = row
        right = known[:, 2 * size + more :] - known[:, : 2 * size + more] @ jnp.concatenate(
            [x0, after, y]
        )
        x = solve_triangular(upper, right)
        return x, x

    _, others = lax.scan(back, x0, kept, reverse=True)
    return jnp.concatenate([x0[None], others]), y


def _triangular(rows: Array, columns: int) -> Array:
    """Householder reflections that make the first columns of `rows` upper triangular."""
    below = jnp.arange(rows.shape[0])

    def reflect(k: Array, rows: Array) -> Array:
        column = jnp.where(below >= k, rows[:, k], 0.0)
        length = jnp.sqrt(column @ column)
        turned = column.at[k].add(jnp.where(column[k] < 0.0, -length, length))
        weight = 2.0 / jnp.maximum(turned @ turned, 1e-300)
        return rows - weight * turned[:, None] * (turned @ rows)[None]

    return lax.fori_loop(0, columns, reflect, rows)
