"""The resting state of a cell: where it stays when nothing happens."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from ..model import NeuronModel
from ..simulate import start_state
from .fixed_points import fixed_points


def resting_state(cell: NeuronModel, current: float = 0.0) -> np.ndarray | None:
    """The stable state (S,) of a cell under a constant current, None if it has none.

    With several, the one of lowest voltage. A cell that stays wherever it is, such as a perfect
    integrator, rests at its initial state.

    Parameters
    ----------
    cell : the model.
    current : holding current, in the model's unit.
    """
    for point in fixed_points(cell, current):
        if point.eigenvalues.real.max() < 0.0:
            return np.array([point.state[name] for name in cell.state_names()])
    start = start_state(cell, None)
    moving = cell.derivatives(jnp.asarray(start), jnp.asarray(current), cell.p)
    return start if float(jnp.abs(moving).max()) == 0.0 else None
