"""SpykeTorch-Extended's winner-take-all: who wins among fired cells, and whom that silences.

Winners do not filter spikes: every fired cell spikes. They only decide who gets refractory time.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from ..model import Array


def ranks(peaks: Array, count: int) -> Array:
    """The winners among the cells of a layer.

    A fired cell's score is its peak potential, a silent cell's is 0, and nobody wins with a score
    of 0: where potentials are negative, silent cells outbid the firing ones and nobody wins. After
    a win the scores of its whole feature map are put to 0. Ties go to the lowest flat index.

    Parameters
    ----------
    peaks : (F, H, W) potentials of fired cells, 0 for the others.
    count : most winners.

    Returns
    -------
    (F, H, W) array: 1 for the first winner, 2 for the second and so on; 0 for all others.
    """
    features = peaks.shape[0]

    def pick(place: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        scores, ranked = carry
        best = jnp.argmax(scores)
        won = scores.reshape(-1)[best] != 0.0
        here = (jnp.arange(scores.size) == best).reshape(scores.shape)
        ranked = jnp.where(here & won, (place + 1).astype(ranked.dtype), ranked)
        of_map = jnp.arange(features) == best // (scores.size // features)
        scores = jnp.where(of_map[:, None, None] & won, 0.0, scores)
        return scores, ranked

    return lax.fori_loop(0, min(count, features), pick, (peaks, jnp.zeros_like(peaks)))[1]


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


def compete(peaks: Array, count: int, scope: str) -> tuple[Array, Array]:
    """Ranks and silenced cells for potentials of any shape of cells.

    A single cell () is a layer of one, a row of cells one of features. Of a batch (B, F, H, W)
    only the first item competes and is silenced, as in the library.
    """
    if peaks.ndim == 4:
        ranked = ranks(peaks[0], count)
        others = jnp.zeros_like(peaks[1:])
        hit = jnp.concatenate([silenced(ranked, scope)[None], others > 0.0])
        return jnp.concatenate([ranked[None], others]), hit
    ranked = ranks(as_layer(peaks, 0), count)
    return ranked.reshape(peaks.shape), silenced(ranked, scope).reshape(peaks.shape)


def as_layer(values: Any, leading: int) -> Any:
    """Values with up to three axes of cells behind `leading` others, padded to three."""
    missing = 3 + leading - values.ndim
    return values.reshape(*values.shape, *[1] * missing)
