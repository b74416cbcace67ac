"""Thresholds by bisection on simulation: what is just enough to make a resting cell fire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..model import NeuronModel
from . import batch
from .rest import resting_state
from .tally import Tally, rate

_LANES = 64
"""Currents tried at once: each round narrows the bracket 63 times."""

_ROUNDS = 4

_WIDENINGS = 6
"""How often the range of currents may grow eightfold before the search gives up."""


class FromRest:
    """Experiments on a resting cell, many at once.

    Attributes
    ----------
    cell, duration, dt, method : as `rheobase`; `duration` is that of a step of current.
    holding : current at which the cell rests before the step.
    rest : (S,) the state it rests in.
    level : voltage beyond which a response is a spike, for a model without reset.
    """

    def __init__(self, cell: NeuronModel, duration: float, dt: float, method: str) -> None:
        self.cell = cell
        self.settings: dict[str, Any] = {
            "duration": duration,
            "dt": dt,
            "method": method,
            "dtype": np.float64,
        }
        self.reach = max(abs(end) for end in cell.current.softbounds)
        self.holding, self.rest = self._rest()
        self.level = np.inf if type(cell).resets() else self._half_way()

    def fired(self, currents: np.ndarray) -> np.ndarray:
        """Whether each step (N,) gives at least one spike."""
        return self.responses({batch.CURRENT: currents})

    def keeps_firing(self, currents: np.ndarray) -> np.ndarray:
        """Whether the cell still fires at the end of each step (N,)."""
        transient = 0.5 * self.settings["duration"]
        rates = batch.run(
            self.cell,
            {batch.CURRENT: currents},
            rate,
            initial=self.rest,
            transient=transient,
            **self.settings,
        )
        return rates > 0.0

    def responses(self, varied: dict[str, np.ndarray], **settings: Any) -> np.ndarray:
        """Whether each lane gives at least one spike from rest."""
        chosen = {**self.settings, **settings}
        first, high = batch.run(self.cell, varied, first_and_high, initial=self.rest, **chosen)
        return np.isfinite(first) if type(self.cell).resets() else high > self.level

    def least(self, answers: Callable[[np.ndarray], np.ndarray]) -> float:
        """The least current above the holding current for which `answers` is true."""
        low, high = self.holding, self.holding + self.reach
        for _ in range(_WIDENINGS):
            tried = np.linspace(low, high, _LANES)
            yes = answers(tried)
            if yes.any():
                break
            low, high = high, self.holding + 8.0 * (high - self.holding)
        else:
            return float("nan")
        for _ in range(_ROUNDS):
            first = max(1, int(np.argmax(yes)))
            low, high = tried[first - 1], tried[first]
            if high - low <= 1e-9 * self.reach:
                break
            tried = np.linspace(low, high, _LANES)
            yes = answers(tried)
            yes[-1] = True
        return float(0.5 * (low + high))

    def rest_ends(self, start: float) -> float:
        """The current at which the state the cell rests in is lost, NaN if nowhere in reach."""
        low, span = self.holding, max(start - self.holding, 1e-3 * self.reach)
        while resting_state(self.cell, self.holding + span) is not None:
            low, span = self.holding + span, 2.0 * span
            if span > self.reach * 8.0:
                return float("nan")
        high = self.holding + span
        while high - low > 1e-9 * self.reach:
            middle = 0.5 * (low + high)
            if resting_state(self.cell, middle) is None:
                high = middle
            else:
                low = middle
        return 0.5 * (low + high)

    def _rest(self) -> tuple[float, np.ndarray]:
        holding = 0.0
        for attempt in range(_WIDENINGS):
            rest = resting_state(self.cell, holding)
            if rest is not None:
                return holding, rest
            holding = -self.reach * 4.0**attempt
        raise ValueError(
            f"{type(self.cell).__name__} with these parameters fires without current and under "
            f"every holding current down to {holding:g}: it has no rheobase."
        )

    def _half_way(self) -> float:
        tried = np.linspace(self.holding, self.holding + self.reach, _LANES)
        high = batch.run(
            self.cell, {batch.CURRENT: tried}, first_and_high, initial=self.rest, **self.settings
        )[1]
        return float(0.5 * (self.rest[0] + np.nanmax(high)))


def least_in_rows(fires: Callable[[np.ndarray], np.ndarray], tried: np.ndarray) -> np.ndarray:
    """Where `fires` first turns true along each row of ascending trials.

    Parameters
    ----------
    fires : trials (N, L) -> (N, L) bool.
    tried : (N, L) the first trials; later ones narrow the bracket of each row.

    Returns
    -------
    (N,) array; NaN where nothing tried was enough.
    """
    yes = fires(tried)
    never = ~yes.any(axis=1)
    rows = np.arange(tried.shape[0])
    for _ in range(_ROUNDS):
        first = np.maximum(np.argmax(yes, axis=1), 1)
        tried = np.linspace(tried[rows, first - 1], tried[rows, first], tried.shape[1], axis=1)
        yes = fires(tried)
        yes[:, -1] = True
    first = np.maximum(np.argmax(yes, axis=1), 1)
    return np.where(never, np.nan, 0.5 * (tried[rows, first - 1] + tried[rows, first]))


def first_and_high(tally: Tally) -> tuple[Any, Any]:
    """Time of the first spike and greatest voltage, (B,) each."""
    return tally.first, tally.high
