"""SpykeTorch-Extended's winner-take-all: who wins among fired cells, and whom that silences.

Winners do not filter spikes: every fired cell spikes. They only decide who gets refractory time.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from ..model import Array


def scores_of(peaks: Array, spikes: Array, single: bool) -> Array:
    """What fired cells are compared by: spike · peak + spike · (the largest spike · peak).

    This is the order of `get_k_winners` in SpykeTorch's `functional.py` (commit aa302c7) for one
    time slice; for positive peaks it is "the highest peak wins".

    Spikes carry the library's amplitude and sign, and silent cells score 0. Among positive peaks
    the order is theirs. Among negative ones, whose spikes are negative too, the lowest comes first
    and is below 0, so silent cells outbid it; with spikes of amplitude 1 it scores exactly 0.

    Parameters
    ----------
    peaks : (F, H, W) potentials of fired cells, 0 for the others.
    spikes : (F, H, W) what the cells emit.
    single : whether the library adds in single precision. It then takes peaks for equal that
        differ by less than about 1e-4 of the largest.
    """
    if not single:
        weighted = spikes * peaks
        return weighted + spikes * weighted.max()
    weighted = (spikes * peaks).astype(jnp.float32).astype(jnp.float64)
    total = weighted + spikes.astype(jnp.float64) * weighted.max()  # fused: rounded once
    return total.astype(jnp.float32).astype(peaks.dtype)


def ranks(scores: Array, count: int) -> Array:
    """The winners among the cells of a layer.

    The highest score wins unless it is 0: that of a silent cell, or of every cell of a feature map
    that has won. Ties go to the lowest flat index.

    Parameters
    ----------
    scores : (F, H, W) as `scores_of` gives them.
    count : most winners.

    Returns
    -------
    (F, H, W) array: 1 for the first winner, 2 for the second and so on; 0 for all others.
    """
    features = scores.shape[0]

    def pick(place: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        scores, ranked = carry
        best = jnp.argmax(scores)
        won = scores.reshape(-1)[best] != 0.0
        here = (jnp.arange(scores.size) == best).reshape(scores.shape)
        ranked = jnp.where(here & won, (place + 1).astype(ranked.dtype), ranked)
        of_map = jnp.arange(features) == best // (scores.size // features)
        scores = jnp.where(of_map[:, None, None] & won, 0.0, scores)
        return scores, ranked

    return lax.fori_loop(0, min(count, features), pick, (scores, jnp.zeros_like(scores)))[1]


def silenced(ranked: Array, scope: str) -> Array:
    """Whom the winners silence, a bool array (F, H, W).

    Parameters
    ----------
    ranked : (F, H, W) as `ranks` gives it.
    scope : ``"feature"``, the winner's whole map; ``"location"``, every map at its row and
        column; ``"layer"``, everybody as soon as anybody wins.
    """
    won = ranked > 0.0
    axes = {"feature": (1, 2), "location": (0,), "layer": (0, 1, 2)}[scope]
    return jnp.broadcast_to(won.any(axis=axes, keepdims=True), won.shape)


def table(ranked: np.ndarray, count: int) -> np.ndarray:
    """The winners over time as the library lists them.

    Parameters
    ----------
    ranked : (T, F, H, W) as `ranks` gives it at each step.
    count : most winners of a step.

    Returns
    -------
    (T, count, 3) int16: feature, row and column in the order of winning; -1 where there is none.
    """
    listed = np.full((ranked.shape[0], count, 3), -1, dtype=np.int16)
    step, *place = np.nonzero(ranked)
    order = ranked[(step, *place)].astype(int) - 1
    listed[step, order] = np.stack(place, axis=1)
    return listed


def compete(
    peaks: Array, spikes: Array, count: int, scope: str, single: bool
) -> tuple[Array, Array]:
    """Ranks and silenced cells for any shape of cells; arguments as in the functions above.

    A single cell () is a layer of one, a row of cells one of features. Of a batch (B, F, H, W)
    only the first item competes and is silenced, as in the library.
    """
    if peaks.ndim == 4:
        ranked = ranks(scores_of(peaks[0], spikes[0], single), count)
        others = jnp.zeros_like(peaks[1:])
        hit = jnp.concatenate([silenced(ranked, scope)[None], others > 0.0])
        return jnp.concatenate([ranked[None], others]), hit
    ranked = ranks(as_layer(scores_of(peaks, spikes, single), 0), count)
    return ranked.reshape(peaks.shape), silenced(ranked, scope).reshape(peaks.shape)


def as_layer(values: Any, leading: int) -> Any:
    """Values with up to three axes of cells behind `leading` others, padded to three."""
    missing = 3 + leading - values.ndim
    return values.reshape(*values.shape, *[1] * missing)
