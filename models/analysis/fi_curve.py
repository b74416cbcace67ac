"""The f-I curve: how fast a cell fires at each constant current, and its hysteresis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..model import NeuronModel
from ..quantity import is_finite_number, shown
from ..simulate import check, start_state
from . import batch
from .given import row
from .tally import Tally, rate

SETTLING = 4
"""Further runs at a current at which a cell begins to fire or ends."""


def fi_curve(
    cell: NeuronModel,
    currents: Any,
    duration: float = 1000.0,
    dt: float | None = None,
    method: str = "rk4",
    transient: float | None = None,
) -> np.ndarray:
    """Steady firing rate at each of many constant currents.

    Every cell starts from the model's initial state, as a run does. The rate is the inverse of
    the mean interval between spikes after the transient, so it does not jump by one spike per
    window; it is 0 for a cell that has stopped (silent for more than twice its longest
    interval) or never starts. Spikes of models without reset are peaks that stand out from the
    trace itself by the model's `spike_prominence`. Single precision.

    Parameters
    ----------
    cell : the model.
    currents : (N,) in the model's unit.
    duration : of each run, ms.
    dt : step, ms; 0.1, or 0.025 for models without reset.
    method : ``"euler"``, ``"midpoint"``, ``"rk4"`` or ``"exponential-euler"``.
    transient : ms not counted; a quarter of the duration if omitted.

    Returns
    -------
    (N,) Hz; NaN where the run blew up, or a reset led beyond the level at which spikes are cut off.

    Raises
    ------
    ValueError
        If the currents are no finite numbers, the transient is no part of the run, or as
        `models.simulate`.
    """
    currents = row("currents", currents)
    dt = batch.step_length(cell) if dt is None else dt
    check(cell, duration, dt, method)
    transient = 0.25 * duration if transient is None else transient
    if not (is_finite_number(transient) and 0.0 <= transient < duration):
        raise ValueError(
            f"`transient` is {shown(transient)} but the run lasts {duration:g} ms: choose a part "
            "of it, 0 or more."
        )
    return batch.run(
        cell,
        {batch.CURRENT: currents},
        rate,
        duration=duration,
        dt=dt,
        method=method,
        transient=transient,
    )


def fi_up_and_down(
    cell: NeuronModel,
    currents: Any,
    duration: float = 500.0,
    dt: float | None = None,
    method: str = "rk4",
    progress: Callable[[float], None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Firing rates under a climbing and a falling current: apart where rest and firing coexist.

    The state is carried from one current to the next. Climb and descent start from where the cell
    is after `duration` at their first current: until then a slow variable is still on its way.
    Where the cell begins to fire or ends, it is given `SETTLING` times `duration` more: near a Hopf
    point what swings may yet die out, or grow.

    Parameters
    ----------
    cell, dt, method : as `fi_curve`.
    currents : (N,) ascending, in the model's unit.
    duration : ms at each current, of which the first half is not counted.
    progress : called with the part done, 0 to 1; it may raise to cancel.

    Returns
    -------
    up, down : (N,) Hz, in the order of `currents`.

    Raises
    ------
    ValueError
        As `fi_curve`, or if the currents do not ascend.
    """
    currents = row("currents", currents)
    if (np.diff(currents) <= 0).any():
        raise ValueError("`currents` must ascend for a sweep up and down: sort them.")
    dt = batch.step_length(cell) if dt is None else dt
    check(cell, duration, dt, method)
    settings = {"duration": duration, "dt": dt, "method": method, "transient": 0.5 * duration}

    def at(i: int, state: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        pair = {batch.CURRENT: np.array([currents[i], currents[-1 - i]])}
        rates, state = batch.run(cell, pair, _rate_and_end, initial=state, **settings)
        if type(cell).resets():
            # What cannot be told would stay so at every later current.
            state = np.where(np.isnan(rates), start_state(cell, None)[:, None], state)
        return rates, state

    up, down = np.empty(currents.size), np.empty(currents.size)
    before, state = at(0, None)
    for i in range(currents.size):
        rates, state = at(i, state)
        if ((rates > 0.0) != (before > 0.0)).any():
            for _ in range(SETTLING):
                rates, state = at(i, state)
        up[i], down[-1 - i] = before = rates
        if progress is not None:
            progress((i + 1) / currents.size)
    return up, down


def _rate_and_end(tally: Tally) -> tuple[Any, Any]:
    # One experiment at many currents: what was seen of the trace before still counts.
    return rate(tally), jnp.concatenate([tally.end, tally.watch])
