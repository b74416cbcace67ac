"""Classic experiments on a resting cell: two pulses, release from hyperpolarisation, ramps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..model import NeuronModel
from . import batch
from .given import milliseconds, row
from .tally import Tally
from .threshold_search import ENDLESS, FromRest, least_in_rows

_LANES = 32
"""Amplitudes tried at once for each condition."""

_STRONGEST = 40.0
"""Strongest second pulse, in thresholds of the first; more is needed only while refractory."""

_STRONG = 1.5
"""The first pulse, in thresholds: it makes the cell fire in any case."""

_FINER = 20.0
"""How many times shorter steps are where the spikes of a burst are counted: when the burst ends
hangs by a thread."""

_SHORTENED, _ATTEMPTS = 4.0, 4
"""How many times shorter steps are at each new attempt where a strong pulse made a run blow up: far
below rest the gates of an axon are quick."""

_STEEPEST = 20.0
"""Highest ramp tried, in rheobases."""


@dataclass(frozen=True, eq=False)
class PairedPulse:
    """Recovery of excitability after a spike.

    Attributes
    ----------
    gaps : (N,) ms from the start of the first pulse to the start of the second.
    ratios : (N,) threshold of the second pulse in thresholds of a single one; NaN while the cell
        is absolutely refractory, or the first spike is still under way.
    threshold : of a single pulse.
    width : of both pulses, ms.
    """

    gaps: np.ndarray
    ratios: np.ndarray
    threshold: float
    width: float


@dataclass(frozen=True, eq=False)
class Rebound:
    """Spikes after the release from hyperpolarisation.

    Attributes
    ----------
    amplitudes : (N,) current of the pulse.
    spikes : (N,) number of spikes after the pulse.
    latency : (N,) ms from the end of the pulse to the first of them; NaN if there is none.
    width : of the pulse, ms.
    """

    amplitudes: np.ndarray
    spikes: np.ndarray
    latency: np.ndarray
    width: float


@dataclass(frozen=True, eq=False)
class Accommodation:
    """How high a ramp must climb to make a cell fire.

    Attributes
    ----------
    durations : (N,) ms from the start of the ramp to its top, where the current is cut off.
    thresholds : (N,) least top that gives a spike; NaN if none in reach does.
    rheobase : that of a step.
    """

    durations: np.ndarray
    thresholds: np.ndarray
    rheobase: float


def paired_pulse(
    cell: NeuronModel, gaps: Any, width: float = 1.0, dt: float | None = None
) -> PairedPulse:
    """Threshold of a second pulse against the time since a first one that made the cell fire.

    Parameters
    ----------
    cell : the model, starting from rest.
    gaps : (N,) ms from start to start, longer than `width`.
    width : of both pulses, ms.
    dt : step, ms; as `fi_curve`.

    Raises
    ------
    ValueError
        If a gap is not longer than the pulse, `width` no positive number, or as `rheobase`.
    """
    gaps = row("gaps", gaps, positive="milliseconds")
    width = milliseconds("width", width)
    if (gaps <= width).any():
        raise ValueError(
            f"`gaps` go down to {gaps.min():g} ms but a pulse lasts {width:g} ms: choose longer "
            "gaps, from start to start."
        )
    bench, weakest = _bench(cell, dt)
    if not np.isfinite(weakest):
        return PairedPulse(gaps, np.full(gaps.size, np.nan), float("nan"), width)
    unit = weakest - bench.holding
    single = least_in_rows(
        lambda tried: _pair_fires(bench, np.zeros_like(tried), tried, np.array([0.0]), width),
        bench.holding + unit * np.geomspace(0.9, 1e4, _LANES)[None],
    )[0]
    reach = single - bench.holding
    strong = bench.holding + _STRONG * reach
    first = np.full((gaps.size, _LANES), strong - bench.holding)
    ratios = np.repeat(np.geomspace(0.02, _STRONGEST, _LANES)[None], gaps.size, axis=0)

    def fires(tried: np.ndarray) -> np.ndarray:
        return _pair_fires(bench, first, bench.holding + tried * reach, gaps, width)

    # Where even nothing "fires", what is seen is still the first spike.
    alone = fires(np.zeros((gaps.size, _LANES)))[:, 0]
    found = least_in_rows(fires, ratios)
    return PairedPulse(gaps, np.where(alone, np.nan, found), float(single), width)


def rebound(
    cell: NeuronModel, amplitudes: Any, width: float = 20.0, dt: float | None = None
) -> Rebound:
    """Spikes after a pulse of (negative) current ends.

    Parameters
    ----------
    cell : the model, starting from rest.
    amplitudes : (N,) current of the pulse, in the model's unit.
    width : of the pulse, ms.
    dt : step, ms; if omitted 0.005, or 0.025 for models without reset. Where a pulse is so strong
        that the numbers blow up, shorter ones are tried.

    Raises
    ------
    ValueError
        If the amplitudes are no finite numbers, too strong for short steps, too, `width` is no
        positive number, or as `rheobase`.
    """
    amplitudes = row("amplitudes", amplitudes)
    width = milliseconds("width", width)
    step = batch.step_length(cell) if dt is None else dt
    bench = FromRest(cell, ENDLESS, step, "rk4")
    if dt is None and type(cell).resets():
        step = step / _FINER
    for attempt in range(_ATTEMPTS):
        spikes, high, first = batch.run(
            cell,
            {"amplitude": amplitudes},
            _after_transient,
            drive=batch.pulse,
            stimulus=("amplitude", width, bench.holding),
            initial=bench.rest,
            duration=width + 2.0 * bench.afterwards,
            transient=width,
            dt=step / _SHORTENED**attempt,
            dtype=np.float64,
        )
        if np.isfinite(high).all():
            break
    else:
        raise ValueError(
            f"`amplitudes` reach {amplitudes.min():g}, which is more than can be computed in steps "
            f"of {step / _SHORTENED**attempt:g} ms: give weaker ones."
        )
    real = (spikes > 0) & (type(cell).resets() | (high > bench.level))
    return Rebound(
        amplitudes,
        np.where(real, spikes, 0).astype(int),
        np.where(real & (first >= width), first - width, np.nan),
        width,
    )


def accommodation(cell: NeuronModel, durations: Any, dt: float | None = None) -> Accommodation:
    """Height of a ramp that just makes a cell fire, against the time the ramp takes.

    The current climbs from the holding current in a straight line and is cut off at its top. A
    cell that accommodates needs a higher top the slower the ramp, or never fires.

    Parameters
    ----------
    cell : the model, starting from rest.
    durations : (N,) ms.
    dt : step, ms; as `fi_curve`.

    Raises
    ------
    ValueError
        If the durations are no positive numbers, or as `rheobase`.
    """
    durations = row("durations", durations, positive="milliseconds")
    bench, weakest = _bench(cell, dt)
    if not np.isfinite(weakest):
        return Accommodation(durations, np.full(durations.size, np.nan), float("nan"))
    unit = weakest - bench.holding
    tops = bench.holding + unit * np.geomspace(0.9, _STEEPEST, _LANES)
    thresholds = least_in_rows(
        lambda tried: ramp_fires(bench, tried, durations),
        np.repeat(tops[None], durations.size, axis=0),
    )
    return Accommodation(durations, thresholds, weakest)


def ramp_fires(bench: FromRest, tops: np.ndarray, durations: np.ndarray) -> np.ndarray:
    """Whether ramps to `tops` (N, L), each row lasting one of `durations` (N,) ms, give a spike."""
    long = np.repeat(durations[:, None], tops.shape[1], axis=1)
    fired = bench.responses(
        {"top": tops.ravel(), "length": long.ravel()},
        drive=_ramp,
        stimulus=("top", "length", bench.holding),
        duration=float(durations.max()) + bench.afterwards,
    )
    return fired.reshape(tops.shape)


def _bench(cell: NeuronModel, dt: float | None) -> tuple[FromRest, float]:
    """A resting cell and its rheobase."""
    bench = FromRest(cell, ENDLESS, batch.step_length(cell) if dt is None else dt, "rk4")
    return bench, bench.least()


def _pair_fires(
    bench: FromRest, first: np.ndarray, second: np.ndarray, gaps: np.ndarray, width: float
) -> np.ndarray:
    """Whether the second pulse of each pair (N, L) is followed by a spike.

    The second pulses all come at the same time, so that what follows them can be told apart;
    `first` is the height of the first pulse above the holding current.
    """
    longest = float(gaps.max())
    table = np.repeat(gaps[:, None], first.shape[1], axis=1)
    spikes, high, _ = batch.run(
        bench.cell,
        {"first": first.ravel(), "second": second.ravel(), "gap": table.ravel()},
        _after_transient,
        drive=_pair,
        stimulus=("first", "second", "gap", width, longest, bench.holding),
        initial=bench.rest,
        transient=longest,
        **{**bench.settings, "duration": longest + bench.afterwards},
    )
    fired = spikes > 0 if type(bench.cell).resets() else high > bench.level
    return np.asarray(fired).reshape(first.shape)


def _pair(t: Any, dt: Any, stimulus: tuple[Any, ...]) -> Any:
    """Two pulses; the second starts at `late`, the first `gap` before it."""
    first, second, gap, width, late, holding = stimulus

    def share(start: Any) -> Any:
        return jnp.clip((t + dt - start) / dt, 0.0, 1.0) - jnp.clip(
            (t + dt - start - width) / dt, 0.0, 1.0
        )

    return holding + first * share(late - gap) + (second - holding) * share(late)


def _ramp(t: Any, dt: Any, stimulus: tuple[Any, ...]) -> Any:
    """A straight line from the holding current to `top` at `length`, where it is cut off."""
    top, length, holding = stimulus
    middle = t + 0.5 * dt
    return jnp.where(middle < length, holding + (top - holding) * (middle / length), holding)


def _after_transient(tally: Tally) -> tuple[Any, Any, Any]:
    return tally.spikes, tally.high, tally.first
