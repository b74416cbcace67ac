"""Winner-take-all among the cells of a layer: who wins a step, and whom the winners silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jax import lax

from .model import Array

INHIBITIONS: Mapping[str, str] = {
    "feature": "a winner silences its own feature map",
    "location": "a winner silences every feature at its place",
    "layer": "a winner silences everybody",
    "none": "winners are noted and nobody is silenced",
}
"""Whom a winner silences, by name."""


def first_to_fire(when: Array, count: int) -> Array:
    """The winners of a step: the first cells to fire, at most one of each feature.

    Parameters
    ----------
    when : (F, L) time at which each cell fired, inf for those that did not.
    count : most winners.

    Returns
    -------
    (count,) int32: places in the flattened layer, the earliest first, -1 where there is no
    winner. Ties go to the lowest place.
    """
    features, places = when.shape
    maps, columns = lax.iota(jnp.int32, features), lax.iota(jnp.int32, places)
    best = least(when)

    def pick(rank: Any, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        best, winners = carry
        soonest = least(best)
        feature = least(jnp.where(best == soonest, maps, features))
        row = lax.dynamic_slice(when, (feature, jnp.int32(0)), (1, places))[0]
        place = least(jnp.where(row == soonest, columns, places))
        winner = jnp.where(soonest < jnp.inf, feature * places + place, -1)
        best = jnp.where(maps == feature, jnp.inf, best)  # one winner of each feature
        return best, lax.dynamic_update_slice(winners, winner[None], (rank,))

    carry = (best, jnp.full((count,), -1, jnp.int32))
    if count == 1:
        return pick(jnp.int32(0), carry)[1]
    return lax.fori_loop(jnp.int32(0), jnp.int32(min(count, features)), pick, carry)[1]


def silenced(winners: Array, inhibition: str, features: int, places: int) -> Array:
    """Whom the winners of a step silence, a bool array (F, L).

    Parameters
    ----------
    winners : (count,) places in the flattened layer, -1 for none.
    inhibition : a key of `INHIBITIONS`.
    features, places : the shape of the layer, F and L.
    """
    won = winners >= 0
    if inhibition == "none":
        hit = jnp.zeros((1, 1), bool)
    elif inhibition == "layer":
        hit = won.any()[None, None]
    elif inhibition == "feature":
        own = jnp.arange(features, dtype=jnp.int32)[:, None] == (winners // places)[None]
        hit = (own & won[None]).any(axis=1)[:, None]
    else:
        own = jnp.arange(places, dtype=jnp.int32)[:, None] == (winners % places)[None]
        hit = (own & won[None]).any(axis=1)[None, :]
    return jnp.broadcast_to(hit, (features, places))


def least(x: Array) -> Array:
    """The least value along the last axis, (..., n) -> (...).

    Found by folding the row in halves: the compiler would hand a plain minimum to a library, and
    the loop around it would no longer be one kernel.
    """
    size = x.shape[-1]
    while size > 1:
        half = (size + 1) // 2
        x = jnp.minimum(x[..., :half], x[..., size - half :])
        size = half
    return x[..., 0]
