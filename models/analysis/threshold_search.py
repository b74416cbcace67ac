"""Thresholds by bisection on simulation: what is just enough to make a resting cell fire."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..model import NeuronModel
from ..simulate import check
from . import batch
from .fixed_points import fixed_points
from .rest import resting_state
from .tally import Tally, rate

ENDLESS = 2000.0
"""ms of a step of current that stands for one that never ends. Beside a fold a cell takes its time:
with a quarter of this the rheobase of a slow one would be 4 % too high."""

_AFTERWARDS, _LONGEST_AFTERWARDS = 60.0, 1000.0
"""ms after a stimulus within which its spike must come, at least and at most."""

_FOLDINGS = 8.0
"""E-foldings of its distance to a saddle in which a cell that was taken past it fires."""

_LANES = 64
"""Currents tried at once: each round narrows the bracket 63 times. Fewer would take as long."""

_ROUNDS = 4

_FIRST_PIECE = 50.0
"""ms after which lanes that have fired or come to rest are told from those that go on; each later
piece is twice as long."""

_STILL = 1e-10
"""A cell that moves by less, in spans per ms, has come to rest."""

_PIECE_OF_STEPS = 8
"""Pieces are whole multiples of so many steps, as many as a sweep takes in one move."""

_RESPONDS = 400.0
"""ms in which the strongest response to one of many steps shows how high an action potential is."""

_FINEST = 1e-7
"""The smallest distance tried between one spike and lasting firing, in rheobases."""

_PRECISE = 2e-4
"""How precisely the current of lasting firing is told, in rheobases."""

_FINER = 4.0
"""How many times shorter steps are where a current beyond the model's range is looked at again."""

_WIDENINGS = 6
"""How often the range of currents may grow eightfold before the search gives up."""


_HOLDINGS = (0.0, 1.0, 1.0 / 64.0, 1.0 / 16.0, 0.25, 4.0, 16.0)
"""Currents that may hold a cell at rest, in ends of the model's range, in the order tried: stronger
than that end only where nothing weaker does."""


class FromRest:
    """Experiments on a resting cell, many at once.

    Attributes
    ----------
    cell, duration, dt, method : as `rheobase`; `duration` is that of a step of current.
    holding : current at which the cell rests before the step.
    rest : (S,) the state it rests in.
    level : voltage beyond which a response is a spike, for a model without reset.
    afterwards : ms after a stimulus within which its spike comes: a cell that was just taken past
        a saddle leaves it no faster than the saddle lets it.
    """

    def __init__(self, cell: NeuronModel, duration: float, dt: float, method: str) -> None:
        check(cell, duration, dt, method)
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
        self.afterwards = self._afterwards()

    def fired(self, currents: np.ndarray) -> np.ndarray:
        """Whether each step (N,) gives at least one spike."""
        fired = np.zeros(currents.size, dtype=bool)
        state = np.repeat(self.rest[:, None], currents.size, axis=1)
        going = np.arange(currents.size)
        spent, piece = 0.0, _FIRST_PIECE
        while going.size > 0 and spent < self.settings["duration"]:
            grain = _PIECE_OF_STEPS * self.settings["dt"]
            piece = min(grain * np.ceil(piece / grain), self.settings["duration"] - spent)
            # Always as many lanes: another number would be compiled for anew.
            lanes = np.resize(going, currents.size)
            first, high, end = batch.run(
                self.cell,
                {batch.CURRENT: currents[lanes]},
                first_high_and_end,
                initial=state[:, lanes],
                **{**self.settings, "duration": piece},
            )
            spikes = np.isfinite(first) if type(self.cell).resets() else high > self.level
            fired[lanes] |= spikes
            state[:, lanes] = end
            moving = self._moving(end, currents[lanes]) & ~spikes
            going = going[moving[: going.size]]
            spent, piece = spent + piece, 2.0 * piece
        return fired

    def keeps_firing(self, currents: np.ndarray, finer: float = 1.0) -> np.ndarray:
        """Whether the cell still fires at the end of each step (N,) of current; `finer` makes that,
        and the steps of time, as many times shorter."""
        shorter = {name: self.settings[name] / finer for name in ("duration", "dt")}
        rates = batch.run(
            self.cell,
            {batch.CURRENT: currents},
            rate,
            initial=self.rest,
            transient=0.5 * shorter["duration"],
            **{**self.settings, **shorter},
        )
        return rates > 0.0

    def responses(self, varied: dict[str, np.ndarray], **settings: Any) -> np.ndarray:
        """Whether each lane gives at least one spike from rest."""
        chosen = {**self.settings, **settings}
        first, high = batch.run(self.cell, varied, first_and_high, initial=self.rest, **chosen)
        return np.isfinite(first) if type(self.cell).resets() else high > self.level

    def least(self) -> float:
        """The least current above the holding current that gives a spike, NaN if there is none."""
        if not type(self.cell).fires():
            return float("nan")
        low, high = self.holding, self.holding + self.reach
        for _ in range(_WIDENINGS):
            tried = np.linspace(low, high, _LANES)
            yes = self.fired(tried)
            if yes.any():
                return self._narrowed(self.fired, tried, yes, 1e-7 * self.reach)
            low, high = high, self.holding + 8.0 * (high - self.holding)
        return float("nan")

    def endless(self, least: float) -> float:
        """The least current of a step that never ends, from the least one found.

        What has one state can only climb once its rest is lost, however long it takes: a perfect
        integrator fires under any current above zero. What has more may go elsewhere.
        """
        if len(self.cell.states) > 1 or self.settings["duration"] < ENDLESS:
            return least
        return float(np.fmin(least, self.rest_ends(least)))

    def least_lasting(self, once: float) -> float:
        """The least current after which the cell keeps firing, NaN if there is none in reach; it
        is no less than what gives one spike."""
        unit = once - self.holding
        for widening in range(_WIDENINGS):
            furthest = 8.0**widening * max(self.reach, unit)
            above = np.geomspace(_FINEST * unit, furthest, _LANES - 1)
            tried = once + np.append(0.0, above)
            yes = self.keeps_firing(tried)
            if yes.any():
                found = self._narrowed(self.keeps_firing, tried, yes, _PRECISE * unit)
                return found if self._holds_finer(found) else float("nan")
        return float("nan")

    def _holds_finer(self, current: float) -> bool:
        """Whether lasting firing under a current beyond the model's range is more than a step too
        long for it: under a huge current what is at rest seems to swing."""
        if current - self.holding <= self.reach:
            return True
        beyond = self.holding + 1.1 * (current - self.holding)
        return bool(self.keeps_firing(np.full(_LANES, beyond), _FINER).all())

    def _narrowed(
        self,
        answers: Callable[[np.ndarray], np.ndarray],
        tried: np.ndarray,
        yes: np.ndarray,
        precision: float,
    ) -> float:
        """Where `answers` first turns true, from ascending trials (N,) and the answers to them."""
        for _ in range(_ROUNDS):
            first = max(1, int(np.argmax(yes)))
            low, high = tried[first - 1], tried[first]
            if high - low <= precision:
                break
            tried = np.linspace(low, high, _LANES)
            yes = answers(tried)
            yes[-1] = True
        first = max(1, int(np.argmax(yes)))
        return float(0.5 * (tried[first - 1] + tried[first]))

    def _moving(self, state: np.ndarray, currents: np.ndarray) -> np.ndarray:
        """Which lanes (N,) with states (S, N) have not come to rest."""
        spans = np.array([s.span[1] - s.span[0] for s in self.cell.states])[:, None]
        speed = self.cell.derivatives(jnp.asarray(state), jnp.asarray(currents), self.cell.p)
        return np.asarray(~(jnp.abs(speed) / spans < _STILL).all(axis=0))

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
        # No digits beyond those that were found: rest ends at 0, not at 0.0000002.
        return round(0.5 * (low + high), -math.ceil(math.log10(1e-9 * self.reach)))

    def _rest(self) -> tuple[float, np.ndarray]:
        for share in _HOLDINGS:
            holding = -share * self.reach
            rest = resting_state(self.cell, holding)
            if rest is not None:
                return holding, rest
        strongest = -max(_HOLDINGS) * self.reach
        raise ValueError(
            f"{type(self.cell).__name__} with these parameters rests neither without current nor "
            f"under a holding current down to {strongest:,.0f}: it has no rheobase."
        )

    def _afterwards(self) -> float:
        points = fixed_points(self.cell, self.holding)
        growth = [point.eigenvalues.real.max() for point in points]
        escapes = [_FOLDINGS / rate for rate in growth if rate > 0.0]
        return float(np.clip(max(escapes, default=0.0), _AFTERWARDS, _LONGEST_AFTERWARDS))

    def _half_way(self) -> float:
        tried = np.linspace(self.holding, self.holding + self.reach, _LANES)
        settings = {**self.settings, "duration": min(_RESPONDS, self.settings["duration"])}
        high = batch.run(
            self.cell, {batch.CURRENT: tried}, first_and_high, initial=self.rest, **settings
        )[1]
        if not np.isfinite(high).any():
            raise ValueError(
                f"`dt` is {self.settings['dt']:g} ms, too long for these parameters: whatever the "
                "current, the voltage grew beyond all bounds. Choose a smaller dt."
            )
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


def first_high_and_end(tally: Tally) -> tuple[Any, Any, Any]:
    """Time of the first spike, greatest voltage, (B,) each, and the state (S, B) at the end."""
    return tally.first, tally.high, tally.end


def first_and_high(tally: Tally) -> tuple[Any, Any]:
    """Time of the first spike and greatest voltage, (B,) each."""
    return tally.first, tally.high
