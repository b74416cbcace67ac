"""When a smooth voltage trace fires: peaks that stand out from the trace itself.

An absolute level misleads: Hodgkin-Huxley action potentials shrink from +30 mV to -39 mV as the
current grows, and a detector at 0 mV then reports silence.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import find_peaks


def spike_times(time: np.ndarray, v: np.ndarray, prominence: float) -> np.ndarray:
    """Times of action potentials in a trace without resets.

    Parameters
    ----------
    time : (T,) ms, evenly spaced.
    v : (T,) the trace.
    prominence : least height of a peak above the higher of the two valleys beside it.

    Returns
    -------
    (n,) ms: each peak, refined by the parabola through its three samples.
    """
    peaks, _ = find_peaks(v, prominence=prominence)
    before, at, after = v[peaks - 1], v[peaks], v[peaks + 1]
    bend = before - 2.0 * at + after
    shift = np.divide(0.5 * (before - after), bend, out=np.zeros_like(bend), where=bend < 0)
    step = time[1] - time[0] if time.size > 1 else 0.0
    return time[peaks] + shift * step
