"""A layer in a published step: SpykeTorch's own bookkeeping of winners, inhibition and resets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import published
from .layer_run import LayerRun, beyond_limits, packed_spikes

if TYPE_CHECKING:
    from .layer import Layer


def published_run(
    layer: Layer,
    samples: np.ndarray,
    dt: float,
    method: str,
    seed: int,
    options: Mapping[str, Any] | None,
    initial: Mapping[str, Any] | None,
) -> LayerRun:
    """Run a layer in a published step.

    Parameters
    ----------
    layer : the layer.
    samples : (T,) pA or mV per step for all cells alike, or (T, N), one for each.
    dt : ms.
    method : a published step that knows layers.
    seed : as recorded in the run.
    options, initial : as `Layer.simulate` takes them.

    Raises
    ------
    ValueError
        If the step knows no layers, or an argument is not usable.
    """
    step = published.published_step(type(layer.cell), method)
    if "n_winners" not in step.options:
        raise ValueError(
            f"`method` is {method!r}, which knows no layers: choose an accurate method or "
            "'spyketorch' of IF, LIF, QIF, EIF, AdEx or Izhikevich."
        )
    given = dict(options or {})
    given.setdefault("n_winners", layer.winners)
    if layer.inhibition in step.options["inhibition_mode"].choices:
        given.setdefault("inhibition_mode", layer.inhibition)
    steps = samples.shape[0]
    drive = samples if samples.ndim == 2 else samples[:, None]
    drive = np.broadcast_to(drive, (steps, layer.size)).reshape(steps, *layer.shape)
    record = published.run_many(layer.cell, drive, dt, method, seed, initial, given, layer.values)
    outputs = dict(record.outputs)
    rows = {name: step.row_of(name) for name in type(layer.cell).state_names()}
    states = {
        name: np.concatenate([record.first[row][None], record.rows[row]])
        for name, row in rows.items()
    }
    fired = record.rows["s"].reshape(steps, layer.size) != 0
    return LayerRun(
        layer,
        dt,
        steps,
        method,
        seed,
        outputs.get("winners", np.empty((steps, 0, 3), np.int16)),
        states,
        outputs,
        beyond_limits(type(layer.cell), np.stack([values[-1] for values in states.values()])),
        packed_spikes(fired),
    )
