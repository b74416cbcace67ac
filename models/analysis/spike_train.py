"""Features of a spike train alone: counts, rates, intervals, adaptation, bursts (eFEL's names)."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

_INITIAL = 0.1
"""Share of the stimulus whose spikes are the initial ones."""
_SKIPPED = 0.1
"""Share of spikes that `adaptation_index` skips, but no more than `_MOST_SKIPPED`."""
_MOST_SKIPPED = 2
_BURST_FACTOR = 1.5
"""A pause is this many times the median interval before it."""
_STRICT_BURST_FACTOR = 2.0
_ORDINALS = ("first", "second", "third", "fourth", "fifth")


def train_features(spikes: np.ndarray, start: float, end: float) -> dict[str, Any]:
    """Features of spike times under eFEL's names.

    Parameters
    ----------
    spikes : (n,) ms, ascending.
    start, end : of the stimulus, ms.

    Returns
    -------
    dict of numbers, arrays, and None for what the train is too short for.
    """
    count = spikes.size
    during = spikes[(spikes >= start) & (spikes <= end)]
    intervals = np.diff(spikes)
    later = intervals[1:]  # eFEL leaves the first interval out by default
    initial = (spikes >= start) & (spikes < start + _INITIAL * (end - start))
    latency = float(spikes[0] - start) if count else None
    settled = during[_skipped(during.size) :]
    return {
        "spike_count": count,
        "Spikecount": count,
        "spike_count_stimint": during.size,
        "Spikecount_stimint": during.size,
        "number_initial_spikes": int(initial.sum()) if count else None,
        "peak_time": spikes if count else None,
        "mean_frequency": _mean_frequency(during, start) if count else None,
        "time_to_first_spike": latency,
        "time_to_second_spike": float(spikes[1] - start) if count > 1 else None,
        "time_to_last_spike": float(spikes[-1] - start) if count else None,
        "inv_time_to_first_spike": 1000.0 / latency if latency else None,
        **_interval_features(intervals, later),
        "adaptation_index": _adaptation(settled) if settled.size > 3 else None,
        "adaptation_index2": _adaptation(during[1:]) if during.size > 3 else None,
        **_burst_features(spikes, intervals, later),
    }


def steady_rate(spikes: np.ndarray) -> float:
    """Rate (Hz) of a train that has settled: one over the mean of the later half of its intervals.

    It is that of an f-I curve, free of how long the first spike takes and of how an adapting cell
    begins. NaN with fewer than two spikes.

    Parameters
    ----------
    spikes : (n,) ms, ascending.
    """
    intervals = np.diff(spikes)
    return float(1000.0 / intervals[intervals.size // 2 :].mean()) if intervals.size else np.nan


def _mean_frequency(during: np.ndarray, start: float) -> float | None:
    """Spikes during the stimulus per time from its onset to the last of them, Hz."""
    if during.size == 0:
        return 0.0
    span = float(during[-1] - start)
    return 1000.0 * during.size / span if span > 0.0 else None


def _interval_features(intervals: np.ndarray, later: np.ndarray) -> dict[str, Any]:
    rates = 1000.0 / intervals
    inverse = {
        f"inv_{ordinal}_ISI": float(rates[i]) if rates.size > i else None
        for i, ordinal in enumerate(_ORDINALS)
    }
    several = later.size > 1
    after_skip = later[_skipped(later.size + 1) :]
    return {
        "all_ISI_values": intervals if intervals.size else None,
        "ISI_values": later if later.size else None,
        "doublet_ISI": float(intervals[0]) if intervals.size else None,
        "inv_ISI_values": rates if rates.size else None,
        **inverse,
        "inv_last_ISI": float(rates[-1]) if rates.size else None,
        "ISI_CV": float(later.std(ddof=1) / later.mean()) if several else None,
        "irregularity_index": float(np.abs(np.diff(later)).mean()) if several else None,
        "single_burst_ratio": float(later[0] / later.mean()) if several else None,
        "ISI_log_slope": _log_slope(later, logarithmic=True),
        "ISI_semilog_slope": _log_slope(later, logarithmic=False),
        "ISI_log_slope_skip": _log_slope(after_skip, logarithmic=True),
    }


def _log_slope(intervals: np.ndarray, *, logarithmic: bool) -> float | None:
    """Slope of log(interval) over the number of the interval or over its logarithm."""
    if intervals.size < 2:
        return None
    x = np.arange(1.0, intervals.size + 1.0)
    x = np.log(x) if logarithmic else x
    away = x - x.mean()
    return float(away @ np.log(intervals) / (away @ away))


def _skipped(count: int) -> int:
    return min(_MOST_SKIPPED, int(count * _SKIPPED + 0.5))


def _adaptation(spikes: np.ndarray) -> float:
    """Mean of (difference / sum) of neighbouring intervals: positive if the train slows down."""
    intervals = np.diff(spikes)
    return float(np.mean(np.diff(intervals) / (intervals[1:] + intervals[:-1])))


# --- bursts ----------------------------------------------------------------------------------


def _burst_features(spikes: np.ndarray, intervals: np.ndarray, later: np.ndarray) -> dict[str, Any]:
    pauses = _pauses(later.tolist())
    rates = _burst_rates(spikes, pauses) if pauses else None
    begins, ends = _strict_bursts(intervals.tolist()) if intervals.size > 1 else ([], [])
    sizes = np.array(ends, dtype=int) - np.array(begins, dtype=int) + 1
    inside = sizes > 1
    spans = spikes[ends] - spikes[begins] if begins else np.empty(0)
    strict = 1000.0 * sizes[inside] / spans[inside]
    return {
        "burst_ISI_indices": np.array(pauses) if pauses else None,
        "burst_number": 0 if rates is None else rates.size,
        "burst_mean_freq": rates,
        "strict_burst_number": strict.size,
        "strict_burst_mean_freq": strict if strict.size else None,
        "spikes_per_burst": sizes if begins else None,
    }


def _pauses(intervals: Sequence[float]) -> list[int]:
    """Numbers of the intervals that end a burst, counted from one (eFEL's burst_ISI_indices).

    An interval ends a burst if it exceeds the median of those since the last pause by
    `_BURST_FACTOR` and the next is shorter than it by that factor.
    """
    pauses: list[int] = []
    if len(intervals) < 4:
        return pauses
    since = [intervals[0]]  # intervals since the last pause, ascending
    for i in range(1, len(intervals) - 1):
        limit = _BURST_FACTOR * _median(since)
        if intervals[i] > limit and intervals[i + 1] < intervals[i] / _BURST_FACTOR:
            pauses.append(i + 1)
            since = []
        insort(since, intervals[i])
    return pauses


def _burst_rates(spikes: np.ndarray, pauses: Sequence[int]) -> np.ndarray:
    """Mean rate within each burst, Hz; a burst of one spike has none."""
    edges = [*pauses, spikes.size - 1]
    rates = [1000.0 * (edges[0] + 1) / (spikes[edges[0]] - spikes[0])]
    for last, to in pairwise(edges):
        if to - last != 1:
            rates.append(1000.0 * (to - last) / (spikes[to] - spikes[last + 1]))
    return np.array(rates)


def _strict_bursts(intervals: Sequence[float]) -> tuple[list[int], list[int]]:
    """First and last spike of each burst, where spikes between bursts may belong to none.

    A burst begins at an interval shorter than the one before by `_STRICT_BURST_FACTOR`, and ends
    at one longer by it than the median of those since then. The first interval is left out.
    """
    begins, ends = [1], list[int]()
    since = list(intervals[1:2])
    for i in range(2, len(intervals)):
        median = _median(since)
        bursting = not ends or begins[-1] > ends[-1]
        turns = False
        if bursting and intervals[i] > _STRICT_BURST_FACTOR * median:
            ends.append(i)
            turns = True
        if intervals[i] < intervals[i - 1] / _STRICT_BURST_FACTOR:
            if bursting:
                begins[-1] = i
            else:
                begins.append(i)
            turns = True
        if turns:
            since = []
        insort(since, intervals[i])
    if not ends or begins[-1] > ends[-1]:
        ends.append(len(intervals))
    return begins, ends


def _median(ascending: Sequence[float]) -> float:
    middle = len(ascending) // 2
    if len(ascending) % 2:
        return ascending[middle]
    return 0.5 * (ascending[middle - 1] + ascending[middle])
