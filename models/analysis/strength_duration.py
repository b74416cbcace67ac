"""Strength and duration: how strong a pulse must be to make a cell fire, for each width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..model import NeuronModel
from . import batch
from .given import row
from .threshold_search import ENDLESS, FromRest, least_in_rows

_LANES = 32
"""Amplitudes tried at once for each width."""

_STRONGEST = 1e4
"""Strongest pulse tried, in rheobases."""

_LONGEST = 200.0
"""Longest pulse, ms, among which the chronaxie is looked for."""


@dataclass(frozen=True, eq=False)
class StrengthDuration:
    """Threshold against pulse width, and the two numbers that sum it up.

    Attributes
    ----------
    widths : (N,) ms.
    thresholds : (N,) least amplitude of a pulse that makes the resting cell fire; NaN if none.
    rheobase : threshold of a pulse that never ends.
    chronaxie : ms, the direct definition: width at which the threshold is twice the rheobase; NaN
        where that is zero, and likewise the next.
    weiss_chronaxie : ms, the fitted definition: c in Weiss's law
        threshold = rheobase (1 + c / width), by least squares with the rheobase above.
    """

    widths: np.ndarray
    thresholds: np.ndarray
    rheobase: float
    chronaxie: float
    weiss_chronaxie: float


def strength_duration(
    cell: NeuronModel, widths: Any, dt: float | None = None, method: str = "rk4"
) -> StrengthDuration:
    """Threshold of a single rectangular pulse from rest, for each width.

    Two definitions of the chronaxie are in use and differ: the direct one, the width at which the
    threshold is twice the rheobase, and the constant of the law that Weiss (1901) fitted, which
    is the charge of a brief pulse over the rheobase. A cell that follows the law has them equal.

    Parameters
    ----------
    cell : the model.
    widths : (N,) ms; pulses keep their charge exactly at any step length.
    dt, method : as `fi_curve`.

    Raises
    ------
    ValueError
        If the widths are no positive numbers, or as `rheobase`.
    """
    widths = row("widths", widths, positive="milliseconds")
    dt = batch.step_length(cell) if dt is None else dt
    steps = FromRest(cell, ENDLESS, dt, method)
    weakest = steps.least()
    if not np.isfinite(weakest):
        nothing = float("nan")
        thresholds = np.full(widths.size, nothing)
        return StrengthDuration(widths, thresholds, nothing, nothing, nothing)
    unit = weakest - steps.holding
    thresholds = _thresholds(steps, unit, widths)
    rheobase = steps.endless(weakest)
    unit = rheobase - steps.holding
    if unit <= 0.0:  # a perfect integrator: no width is long enough for any amplitude but zero
        return StrengthDuration(widths, thresholds, rheobase, float("nan"), float("nan"))
    chronaxie = _chronaxie(steps, unit, dt)
    weiss = _weiss(widths, (thresholds - steps.holding) / unit)
    return StrengthDuration(widths, thresholds, rheobase, chronaxie, weiss)


def _thresholds(steps: FromRest, unit: float, widths: np.ndarray) -> np.ndarray:
    """Threshold (N,) of each width; `unit` is the rheobase above the holding current."""
    strengths = steps.holding + unit * np.geomspace(1.0 / 1.05, _STRONGEST, _LANES)
    tried = np.repeat(strengths[None], widths.size, axis=0)
    table = np.repeat(widths[:, None], _LANES, axis=1)
    return least_in_rows(lambda tried: _fires(steps, tried, table), tried)


def _chronaxie(steps: FromRest, unit: float, dt: float) -> float:
    """Width at which the threshold is twice the rheobase, from pulses of whole steps."""
    double = steps.holding + 2.0 * unit
    tried = np.unique(np.round(np.geomspace(1.0, _LONGEST / dt, 2 * _LANES)))
    while True:
        yes = _fires(steps, np.full(tried.size, double), tried * dt)
        if not yes.any():
            return float("nan")
        first = int(np.argmax(yes))
        if first == 0:
            return float("nan")  # a single step suffices: take a smaller one
        low, high = tried[first - 1], tried[first]
        if high - low <= 1.0:
            break
        tried = np.unique(np.round(np.linspace(low, high, 2 * _LANES)))
    ends = np.array([low, high]) * dt
    ratios = (_thresholds(steps, unit, ends) - steps.holding) / unit
    return float(np.exp(np.interp(-np.log(2.0), -np.log(ratios), np.log(ends))))


def _fires(steps: FromRest, amplitudes: np.ndarray, widths: np.ndarray) -> np.ndarray:
    """Whether each pulse of a table (N, L) makes the cell fire."""
    fired = steps.responses(
        {"amplitude": amplitudes.ravel(), "width": widths.ravel()},
        drive=batch.pulse,
        stimulus=("amplitude", "width", steps.holding),
        duration=float(widths.max()) + steps.afterwards,
    )
    return fired.reshape(amplitudes.shape)


def _weiss(widths: np.ndarray, ratios: np.ndarray) -> float:
    """Weiss's constant from thresholds in units of the rheobase."""
    found = np.isfinite(ratios)
    if not found.any():
        return float("nan")
    inverse = 1.0 / widths[found]
    return float(inverse @ (ratios[found] - 1.0) / (inverse @ inverse))
