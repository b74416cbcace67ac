"""When a smooth voltage trace fires: peaks that stand out from the trace itself.

An absolute level misleads: Hodgkin-Huxley action potentials shrink from +30 mV to -39 mV as the
current grows, and a detector at 0 mV then reports silence. Nor is one height enough: at 150 µA/cm²
the action potentials of a steady train are 8 mV high, and the ringing after a failed spike is 10.
So a peak that is tall counts by itself, and a small one only in the company in which small action
potentials are found: after a tall one, well above rest, and in a train that keeps its height.

Whether a peak counts is told by what was before it and by the next one. So `spike_watch`, which
sees the trace sample by sample, follows the same rule: runs, sweeps and layers have one notion of
a spike.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks

SMALL = 1.0 / 6.0
"""Prominence of a small peak that may count, relative to that of a tall one. Near a Hopf point the
height of a train goes with the square root of the distance: that of the squid axon falls below 2 mV
a quarter of a µA/cm² before it ends, 1.5 per mille of the current."""
DEPOLARISED = 0.2
"""How far up the range of the trace so far a small peak must lie; ringing near rest stays below."""
FALLING = 0.5
"""How fast a trace that ends on a falling flank still falls, relative to the steepest of it."""
SUSTAINED = 0.85
"""What a train of small peaks keeps of its height from one to the next; ringing loses more."""


def spike_times(time: np.ndarray, v: np.ndarray, prominence: float) -> np.ndarray:
    """Times of action potentials in a trace without resets.

    A current that alone carries v through `prominence` and back looks like a spike to this, as to
    any detector that sees only the voltage.

    Parameters
    ----------
    time : (T,) ms, evenly spaced.
    v : (T,) the trace.
    prominence : height above the higher of the two valleys beside it at which a peak counts by
        itself. Lower ones, down to a sixth of it, count after a tall one if they lie above the
        lowest fifth of the range that v has covered by then, and if they keep 85 % of the height
        of the peak before or the next one keeps it of theirs; height is that above the higher of
        the valleys between neighbouring peaks.

    Returns
    -------
    (n,) ms: each peak, refined by the parabola through its three samples.
    """
    if v.size < 3:
        return np.empty(0)
    peaks, heights = _peaks(v, SMALL * prominence)
    tall = heights >= prominence
    if not tall.any():
        return np.empty(0)
    kept = peaks if tall.all() else peaks[tall | _small_spikes(v, peaks, tall)]
    before, at, after = v[kept - 1], v[kept], v[kept + 1]
    bend = before - 2.0 * at + after
    shift = np.divide(0.5 * (before - after), bend, out=np.zeros_like(bend), where=bend < 0)
    return time[kept] + shift * (time[1] - time[0])


def _peaks(v: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the peaks with a prominence of `least` or more, and their prominences.

    A trace may end on the falling flank of an action potential. The valley after it has not been
    seen then, so the one before it measures such a peak if it lies high enough. What comes to rest
    falls ever more slowly, and that is no flank.
    """
    peaks, found = find_peaks(v, prominence=least)
    heights = found["prominences"]
    rises = np.flatnonzero(v[1:] > v[:-1])
    if v[-1] >= v[-2] or rises.size == 0:
        return peaks, heights
    last = rises[-1] + 1
    if v[last] < v.min() + DEPOLARISED * np.ptp(v):
        return peaks, heights
    falls = v[last:-1] - v[last + 1 :]
    if falls[-1] < FALLING * falls.max():
        return peaks, heights
    higher = np.flatnonzero(v[:last] > v[last])
    height = v[last] - v[higher[-1] + 1 if higher.size else 0 : last].min()
    if peaks.size and peaks[-1] == last:
        peaks, heights = peaks[:-1], heights[:-1]
    if height < least:
        return peaks, heights
    return np.append(peaks, last), np.append(heights, height)


def _small_spikes(v: np.ndarray, peaks: np.ndarray, tall: np.ndarray) -> np.ndarray:
    """Which peaks are as action potentials in a train of small ones are."""
    edges = np.concatenate(([0], peaks))
    valleys = np.minimum.reduceat(v, edges)
    if (np.diff(v[peaks[-1] :]) <= 0.0).all():
        valleys[-1] = valleys[-2]  # the trace ends on its falling flank
    heights = v[peaks] - np.maximum(valleys[:-1], valleys[1:])
    keeps = np.concatenate(([False], heights[1:] >= SUSTAINED * heights[:-1], [False]))
    lowest, highest = np.minimum.accumulate(v)[peaks], np.maximum.accumulate(v)[peaks]
    upright = v[peaks] >= lowest + DEPOLARISED * (highest - lowest)
    return (keeps[1:] | keeps[:-1]) & upright & np.maximum.accumulate(tall)
