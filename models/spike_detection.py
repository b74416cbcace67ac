"""When a smooth voltage trace fires: peaks that stand out from the trace itself.

An absolute level misleads: Hodgkin-Huxley action potentials shrink from +30 mV to -39 mV as the
current grows, and a detector at 0 mV then reports silence. Nor is one height enough: at 150 µA/cm²
the action potentials of a steady train are 8 mV high, and the ringing after a failed spike is 10.
So a peak that is tall counts by itself, and a small one only in the company in which small action
potentials are found: after a tall one, well above rest, and in a train that keeps its height.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks

SMALL = 0.25
"""Prominence of a small peak that may count, relative to that of a tall one."""
DEPOLARISED = 0.2
"""How far up the range of the trace a small peak must lie; ringing near rest stays below."""
SUSTAINED = 0.85
"""What a small peak must keep of its height to the next one; ringing loses more."""


def spike_times(time: np.ndarray, v: np.ndarray, prominence: float) -> np.ndarray:
    """Times of action potentials in a trace without resets.

    A current that alone carries v through `prominence` and back looks like a spike to this, as to
    any detector that sees only the voltage.

    Parameters
    ----------
    time : (T,) ms, evenly spaced.
    v : (T,) the trace.
    prominence : height above the higher of the two valleys beside it at which a peak counts by
        itself. Lower ones, down to a quarter of it, count if the trace holds a tall one, if they
        lie above the lowest fifth of its range, and if the next peak keeps 85 % of their height.

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
    kept = peaks if tall.all() else peaks[tall | _small_spikes(v, peaks, heights)]
    before, at, after = v[kept - 1], v[kept], v[kept + 1]
    bend = before - 2.0 * at + after
    shift = np.divide(0.5 * (before - after), bend, out=np.zeros_like(bend), where=bend < 0)
    return time[kept] + shift * (time[1] - time[0])


def _peaks(v: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the peaks with a prominence of `least` or more, and their prominences.

    A trace may end on the falling flank of an action potential. The valley after it has not been
    seen then, so the one before it measures such a peak if it lies high enough.
    """
    peaks, found = find_peaks(v, prominence=least)
    heights = found["prominences"]
    rises = np.flatnonzero(v[1:] > v[:-1])
    if v[-1] >= v[-2] or rises.size == 0:
        return peaks, heights
    last = rises[-1] + 1
    if v[last] < _depolarised(v):
        return peaks, heights
    higher = np.flatnonzero(v[:last] > v[last])
    height = v[last] - v[higher[-1] + 1 if higher.size else 0 : last].min()
    if peaks.size and peaks[-1] == last:
        peaks, heights = peaks[:-1], heights[:-1]
    if height < least:
        return peaks, heights
    return np.append(peaks, last), np.append(heights, height)


def _small_spikes(v: np.ndarray, peaks: np.ndarray, heights: np.ndarray) -> np.ndarray:
    """Which peaks are as action potentials in a train of small ones are."""
    kept = heights[1:] / heights[:-1]
    kept = np.append(kept, kept[-1:])  # the last peak is judged by what it kept itself
    return (kept >= SUSTAINED) & (v[peaks] >= _depolarised(v))


def _depolarised(v: np.ndarray) -> float:
    """The level above which small peaks are taken for action potentials."""
    low = v.min()
    return float(low + DEPOLARISED * (v.max() - low))
