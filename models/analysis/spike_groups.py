"""Spikes grouped by the pauses between them: one train, or many trains side by side.

Many trains are one array of intervals (N, M), row by row, filled up with NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..quantity import written

_GAP = 2.5
"""Pauses between bursts are at least this many times the longest interval within any burst."""


def in_ms(interval: float) -> str:
    """An interval as a sentence prints it: three digits, or all before the point."""
    return f"{written(interval)} ms"


@dataclass(frozen=True)
class Bursts:
    """Spikes grouped by the pauses between them.

    Attributes
    ----------
    sizes : (g,) spikes in each group.
    within : intervals within groups, ms.
    pauses : (g - 1,) intervals between groups, ms.
    """

    sizes: np.ndarray
    within: np.ndarray
    pauses: np.ndarray


def bursts(intervals: np.ndarray) -> Bursts | None:
    """Group a train by its pauses; None if its intervals (n,) fall into no two kinds.

    The kinds are told apart at the widest relative gap between the sorted intervals.
    """
    pause = pauses(intervals[None])[0]
    if not pause.any():
        return None
    edges = np.concatenate(([0], np.flatnonzero(pause) + 1, [intervals.size + 1]))
    return Bursts(np.diff(edges), intervals[~pause], intervals[pause])


def pauses(intervals: np.ndarray) -> np.ndarray:
    """Which intervals (N, M) are pauses between groups; none in a row of one kind."""
    if intervals.shape[1] < 2:
        return np.zeros(intervals.shape, dtype=bool)
    ordered = np.sort(intervals, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.fmax(ordered[:, 1:] / ordered[:, :-1], 0.0)  # NaN, at the end, counts as 0
    widest = ratios.argmax(axis=1)[:, None]
    clear = np.take_along_axis(ratios, widest, axis=1) >= _GAP
    return clear & (intervals > np.take_along_axis(ordered, widest, axis=1))


def burst_counts(intervals: np.ndarray) -> np.ndarray:
    """Number (N,) of groups of two or more spikes in trains with pauses; 0 without."""
    return groups(intervals).bursts if intervals.shape[1] else np.zeros(len(intervals), int)


class Groups(NamedTuple):
    """The groups of many trains; all (N,), and meaningless where there is no pause."""

    pauses: np.ndarray
    """Number of pauses."""
    bursts: np.ndarray
    """Number of groups of two or more spikes; 0 without pauses."""
    share: np.ndarray
    """Share of the spikes in them."""
    spikes_per_burst: np.ndarray
    first: np.ndarray
    """Spikes in the first group."""
    last: np.ndarray
    """Spikes in the last group."""
    earlier: np.ndarray
    """Mean number of spikes in a group before the last."""
    then_single: np.ndarray
    """Whether all groups after the first are single spikes."""
    within: np.ndarray
    """Median interval within groups, ms."""
    pause: np.ndarray
    """Median pause, ms."""
    spread: np.ndarray
    """Coefficient of variation of the pauses."""
    first_pause: np.ndarray
    last_pause: np.ndarray


def groups(intervals: np.ndarray) -> Groups:
    """Group trains, given by their intervals (N, M) with M > 0, by their pauses."""
    pause = pauses(intervals)
    known = np.isfinite(intervals)
    count, spikes = pause.sum(axis=1), known.sum(axis=1) + 1
    # A spike between two pauses, or between a pause and an end of the train, stands alone.
    edge = np.ones((len(intervals), 1), dtype=bool)
    before, after = np.hstack([edge, pause | ~known]), np.hstack([pause | ~known, edge])
    present = np.hstack([edge, known])
    alone = (before & after & present).sum(axis=1)
    grouped = np.where(count > 0, count + 1 - alone, 0)
    ends = [pause.argmax(axis=1), pause.shape[1] - 1 - pause[:, ::-1].argmax(axis=1)]
    first = np.where(count > 0, ends[0] + 1, spikes)
    last = np.where(count > 0, spikes - 1 - ends[1], spikes)
    row = np.arange(len(intervals))
    long = np.where(pause, intervals, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = long.sum(axis=1) / count
        deviation = np.where(pause, intervals - mean[:, None], 0.0)
        spread = np.sqrt((deviation**2).sum(axis=1) / count) / mean
        share, size = (spikes - alone) / spikes, (spikes - alone) / grouped
        earlier = (spikes - last) / count
    ordered = np.sort(intervals, axis=1)
    short = spikes - 1 - count
    return Groups(
        count,
        grouped,
        share,
        size,
        first,
        last,
        earlier,
        (grouped - (first > 1)) == 0,
        _median(ordered, np.zeros_like(short), short),
        _median(ordered, short, count),
        spread,
        intervals[row, ends[0]],
        intervals[row, ends[1]],
    )


def medians(intervals: np.ndarray) -> np.ndarray:
    """Median (N,) of each row; NaN of an empty one."""
    known = np.isfinite(intervals).sum(axis=1)
    return _median(np.sort(intervals, axis=1), np.zeros_like(known), known)


def _median(ordered: np.ndarray, begin: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Median (N,) of `count` values of each ascending row from `begin` on."""
    row, last = np.arange(len(ordered)), ordered.shape[1] - 1
    low = ordered[row, np.minimum(begin + np.maximum(count - 1, 0) // 2, last)]
    high = ordered[row, np.minimum(begin + count // 2, last)]
    return np.where(count > 0, 0.5 * (low + high), np.nan)
