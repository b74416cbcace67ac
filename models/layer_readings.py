"""What a model reads off the states of a layer, such as the rates of its units."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import numpy as np

from .model import NeuronModel


def readings(
    cell: NeuronModel, values: Mapping[str, np.ndarray], states: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """What the model reads off the states of a layer.

    Parameters
    ----------
    cell : the model with the parameters that all cells share.
    values : {parameter: (F, R, C)} of those that vary.
    states : (T+1, S, F, R, C) in the order in which the model declares them.
    seed : of the noise that a reading has.

    Returns
    -------
    {reading: (T+1, F, R, C)}
    """
    model = type(cell)
    shape = states.shape[2:]
    varied = [array.ravel() for array in values.values()]
    read = np.asarray(
        _read_off(
            model,
            cell.chosen(),
            tuple(values),
            cell.packed().astype(np.float32),
            np.array(varied, np.float32).reshape(len(varied), int(np.prod(shape))),
            states.reshape(*states.shape[:2], -1),
            jax.random.fold_in(jax.random.key(seed), 1),
        )
    )
    return {
        reading.name: read[:, i].reshape(-1, *shape) for i, reading in enumerate(model.readings)
    }


@partial(jax.jit, static_argnums=(0, 1, 2))
def _read_off(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    names: tuple[str, ...],
    shared: Any,
    varied: Any,
    states: Any,
    key: Any,
) -> Any:
    """What the model reads off states (T+1, S, N): (T+1, R, N)."""
    p = model.unpack(shared, chosen)._replace(**dict(zip(names, varied, strict=True)))
    shape = (states.shape[0], len(model.readings), states.shape[2])
    noise = jax.random.normal(key, shape, states.dtype)
    return jax.vmap(lambda x, eta: model.read(x, eta, p))(states, noise)
