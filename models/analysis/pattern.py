"""What a spike train looks like in one word, with the numbers the word rests on.

The words are those of Izhikevich 2004 (IEEE Trans. Neural Networks 15:1063) and of Naud, Marcille,
Clopath & Gerstner 2008 (Biol. Cybern. 99:335). Intervals are compared with each other, not with
milliseconds, so that dimensionless models are judged alike; only chattering, which by definition
is fast, knows a time. One train and the many trains of an atlas are judged by the same code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..simulate import Run
from .spike_groups import Groups, groups, in_ms, medians
from .stimulus_interval import stimulus_interval

_IN_BURSTS = 0.75
"""Least share of spikes in bursts of a bursting train."""
_STEADY_PAUSES = 0.4
"""Largest coefficient of variation of the pauses between bursts."""
_LAST_BURST = 4.0
"""Largest size of the last burst over that of the ones before; beyond, the cell fires on and on."""
_CHATTERING = 3.0
"""Longest median interval within the bursts of chattering, ms: more than 330 Hz."""
_PAUSE_AT_ONCE = 0.8
"""After an initial burst the first pause is at least this share of the last interval."""
_QUIET = 3.0
"""A train has stopped after a silence this many times its longest interval."""
_BLOCK = 0.15
"""Least depolarisation after the last spike, as a share of the voltage range, of a block."""
_ADAPTING = 2.5
"""Last interval over first of an adapting train, however soon it gets there."""
_SLOWLY_ADAPTING = 1.3
"""The same for a train whose intervals grow over at least `_GRADUAL` intervals."""
_GRADUAL = 4
_ACCELERATING = 0.7
"""Last interval over first of an accelerating train."""
_IRREGULAR = 0.25
"""Least local variation (mean CV2 of neighbouring intervals) of an irregular train."""
_STEADY = 0.05
"""Intervals that change by less than this do not turn back."""


@dataclass(frozen=True)
class Pattern:
    """A firing pattern.

    Attributes
    ----------
    label : "silent", "single spike", "phasic spiking", "phasic bursting", "tonic", "adapting",
        "accelerating", "bursting", "chattering", "mixed mode" (a burst, then single spikes),
        "irregular" or "depolarisation block".
    reason : one sentence with the numbers that decided.
    evidence : the numbers by name.
    """

    label: str
    reason: str
    evidence: Mapping[str, float]


def pattern(run: Run) -> Pattern:
    """The firing pattern of a run.

    Parameters
    ----------
    run : any run; its spikes are `Run.spike_times`.

    Returns
    -------
    Pattern
        Rests on the spikes, on when the stimulus is on (see `stimulus_interval`), and, for a
        depolarisation block, on the voltage after the last spike. A model that resets has no block.
    """
    spikes = run.spike_times
    if spikes.size == 0:
        return Pattern("silent", "No spike.", {"spikes": 0.0})
    start, end = stimulus_interval(run)
    trains = _Trains(spikes[None], start, end, run.duration)
    height = np.zeros(1)
    blockable = not type(run.cell).resets() and trains.stopped[0] and not trains.outlasts[0]
    if blockable:
        height[0] = _depolarisation(run, start, spikes[-1], float(trains.watched[0]))
    label = str(_labels(trains, height)[0])
    evidence = {"spikes": float(spikes.size), "silence": float(trains.silence[0])}
    evidence["latency"] = float(spikes[0] - start)
    if blockable:
        evidence["depolarisation"] = float(height[0])
    if not trains.stopped[0] and spikes.size > 1:
        evidence |= _numbers(trains, label)
    return Pattern(label, _reason(label, trains, evidence), evidence)


def patterns(times: np.ndarray, duration: float, depolarisation: np.ndarray) -> np.ndarray:
    """The labels of many runs under a current that never changes.

    Parameters
    ----------
    times : (N, K) spike times of each run in ms, filled up with NaN.
    duration : of the runs, ms.
    depolarisation : (N,) how far the voltage ends above its start, as a share of its range; 0 for
        a model that resets.

    Returns
    -------
    (N,) text.
    """
    return _labels(_Trains(times, 0.0, duration, duration), depolarisation)


def local_variation(intervals: np.ndarray) -> float:
    """Mean CV2 of neighbouring intervals (Holt et al. 1996): 0 if regular, 1 if Poisson.

    Unlike the CV it does not mistake a slow change of rate for irregularity.
    """
    return float(_local_variations(intervals[None])[0])


class _Trains:
    """Many trains under one stimulus: when each is over, and its intervals; arrays (N,)."""

    def __init__(self, times: np.ndarray, start: float, end: float, duration: float) -> None:
        self.counts = np.isfinite(times).sum(axis=1)
        self.intervals = np.diff(times, axis=1)
        known = np.maximum(self.counts, 1)
        if times.shape[1] == 0:
            times = np.full((len(times), 1), np.nan)
        self.first, self.last = times[:, 0], times[np.arange(len(times)), known - 1]
        longest = np.fmax.reduce(self.intervals, axis=1, initial=-np.inf)
        longest = np.where(self.counts > 1, longest, np.fmax(self.first - start, 0.0))
        # A rebound: the stimulus is over, the response is not.
        self.outlasts = self.last > end + longest
        self.watched = np.where(self.outlasts, duration, np.fmax(end, self.last))
        self.silence = self.watched - self.last
        quiet = np.fmax(_QUIET * longest, 0.25 * (self.watched - self.first))
        self.stopped = self.silence > quiet


class _Course(NamedTuple):
    """How the intervals of many trains go on; arrays (N,)."""

    variation: np.ndarray
    growth: np.ndarray
    """Last interval over first."""
    settled: np.ndarray
    """The first interval that is nearly as long as the last one."""
    one_way: np.ndarray
    """Whether the intervals only grow, or only shrink."""


def _course(trains: _Trains) -> _Course:
    intervals, row = trains.intervals, np.arange(len(trains.counts))
    last = intervals[row, np.maximum(trains.counts - 2, 0)]
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = last / intervals[:, 0]
        steps = np.diff(intervals, axis=1) / intervals[:, :-1]
    # A jump at the onset is no irregularity.
    jump = (trains.counts > 3)[:, None] & (np.arange(intervals.shape[1]) == 0)
    return _Course(
        _local_variations(np.where(jump, np.nan, intervals)),
        growth,
        (intervals >= 0.9 * last[:, None]).argmax(axis=1),
        np.asarray(~(steps <= -_STEADY).any(axis=1) | ~(steps >= _STEADY).any(axis=1)),
    )


def _labels(trains: _Trains, depolarisation: np.ndarray) -> np.ndarray:
    """The label (N,) of each train; the first case that holds decides."""
    counts, stopped = trains.counts, trains.stopped
    cases = [
        (counts == 0, "silent"),
        (stopped & ~trains.outlasts & (depolarisation >= _BLOCK), "depolarisation block"),
        (counts == 1, "single spike"),
        (stopped & (counts > 2), "phasic bursting"),
        (stopped, "phasic spiking"),
    ]
    if trains.intervals.shape[1] > 0:
        cases += _repetitive(groups(trains.intervals), _course(trains))
    found = np.full(counts.shape, "tonic", dtype="<U20")
    for holds, label in reversed(cases):
        found[holds] = label
    return found


def _repetitive(found: Groups, course: _Course) -> list[tuple[np.ndarray, str]]:
    """The cases of trains of two or more spikes that have not stopped."""
    bursting = (found.bursts >= 2) & (found.share >= _IN_BURSTS) & (found.spread <= _STEADY_PAUSES)
    bursting &= found.last <= _LAST_BURST * found.earlier
    at_once = found.first_pause >= _PAUSE_AT_ONCE * found.last_pause
    mixed = (found.pauses > 0) & (found.first >= 3) & found.then_single & at_once
    growing = course.growth >= _SLOWLY_ADAPTING
    return [
        (bursting & (found.within <= _CHATTERING), "chattering"),
        (bursting, "bursting"),
        (mixed, "mixed mode"),
        ((course.variation >= _IRREGULAR) & ~course.one_way, "irregular"),
        (course.growth >= _ADAPTING, "adapting"),
        (growing & (course.settled >= _GRADUAL), "adapting"),
        (course.growth <= _ACCELERATING, "accelerating"),
    ]


def _local_variations(intervals: np.ndarray) -> np.ndarray:
    """Mean CV2 (N,) of trains by their intervals (N, M), filled up with NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = 2.0 * np.abs(np.diff(intervals, axis=1)) / (intervals[:, 1:] + intervals[:, :-1])
    known = np.isfinite(pairs)
    return np.where(known, pairs, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)


def _numbers(trains: _Trains, label: str) -> dict[str, float]:
    """The numbers on which the label of the only train, a repetitive one, rests."""
    found, course = groups(trains.intervals), _course(trains)
    if label in ("bursting", "chattering", "mixed mode"):
        return {
            "bursts": float(found.bursts[0]),
            "spikes_per_burst": float(found.spikes_per_burst[0]),
            "interval_in_burst": float(found.within[0]),
            "pause": float(found.pause[0]),
            "share_in_bursts": float(found.share[0]),
            "pause_cv": float(found.spread[0]),
        }
    return {
        "local_variation": float(course.variation[0]),
        "last_interval_over_first": float(course.growth[0]),
        "intervals_to_settle": float(course.settled[0]),
        "interval": float(medians(trains.intervals)[0]),
    }


def _reason(label: str, trains: _Trains, evidence: Mapping[str, float]) -> str:
    """One sentence on the only train."""
    intervals = trains.intervals[0]
    count = int(trains.counts[0])
    train = "one spike" if count == 1 else f"{count} spikes"
    silence = f"{evidence['silence']:.0f} ms"
    if label == "depolarisation block":
        height = 100.0 * evidence["depolarisation"]
        return (
            f"After {train} silent for {silence} while the voltage stays up, {height:.0f} % of its "
            "range above the start."
        )
    if label == "single spike":
        return f"One spike at {trains.first[0]:.4g} ms."
    if label in ("phasic bursting", "phasic spiking"):
        return f"{train}, then {silence} of silence."
    if label in ("bursting", "chattering"):
        return (
            f"{evidence['bursts']:.0f} bursts of {evidence['spikes_per_burst']:.1f} spikes, "
            f"{in_ms(evidence['interval_in_burst'])} apart within a burst, "
            f"{in_ms(evidence['pause'])} between bursts."
        )
    if label == "mixed mode":
        first = int(groups(trains.intervals).first[0])
        pause = evidence["pause"]
        return f"A burst of {first} spikes, then single spikes {in_ms(pause)} apart."
    if label == "irregular":
        return f"Neighbouring intervals differ: CV2 {evidence['local_variation']:.2f}."
    if label == "tonic":
        return f"Intervals stay near {in_ms(evidence['interval'])}."
    verb = "grow" if label == "adapting" else "shrink"
    return f"Intervals {verb} from {intervals[0]:.3g} to {in_ms(intervals[-1])}."


def _depolarisation(run: Run, start: float, last: float, end: float) -> float:
    """How far v has settled above its start after the last spike, as a share of its range."""
    v = run.states[run.cell.states[0].name]
    late = v[(run.time >= 0.5 * (last + end)) & (run.time <= end)]
    if late.size == 0:
        return 0.0
    before = v[max(0, int(np.searchsorted(run.time, start)) - 1)]
    return float((late.mean() - before) / max(v.max() - v.min(), 1e-12))
