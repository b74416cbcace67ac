"""Features of the shape of spikes: onset, peak, width, afterhyperpolarisation (eFEL's names).

All spikes are measured at once: the stretches of trace that belong to them are laid end to end, so
that a long train costs no more Python than a short one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

_ONSET_SLOPE = 10.0
"""A spike begins where the voltage climbs this fast, mV/ms, for three samples."""
_END_SLOPE = -12.0
"""A spike ends where its fall has become slower than this, mV/ms."""


class Stretches:
    """Pieces [start, stop) of a trace, laid end to end.

    Parameters
    ----------
    starts, stops : (n,) sample numbers; the pieces may be empty and must not overlap.
    """

    def __init__(self, starts: np.ndarray, stops: np.ndarray) -> None:
        self.starts = starts
        self.lengths = np.maximum(stops - starts, 0)
        self.offsets = np.cumsum(self.lengths) - self.lengths
        within = np.arange(int(self.lengths.sum())) - self.spread(self.offsets)
        self.samples = within + self.spread(starts)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """One value per piece (n,) given to each sample of the piece."""
        return np.repeat(values, self.lengths)

    def first(self, holds: np.ndarray) -> np.ndarray:
        """Sample (n,) at which `holds`, given for all samples, is first true; -1 if never."""
        hits = np.append(np.flatnonzero(holds), holds.size)
        found = hits[np.searchsorted(hits, self.offsets)]
        inside = found < self.offsets + self.lengths
        return np.where(inside, found - self.offsets + self.starts, -1)

    def lowest(self, values: np.ndarray) -> np.ndarray:
        """Sample (n,) of the first minimum of `values` in each piece; -1 in empty pieces."""
        filled = self.lengths > 0
        least = np.zeros(self.lengths.size)
        if filled.any():
            least[filled] = np.minimum.reduceat(values, self.offsets[filled])
        return self.first(values == self.spread(least))


def shape_features(
    time: np.ndarray,
    v: np.ndarray,
    peaks: np.ndarray,
    start: float,
    end: float,
    base: float | None,
) -> dict[str, Any]:
    """Features of spike shapes under eFEL's names.

    Parameters
    ----------
    time, v : (T,) ms, evenly spaced, and the voltage.
    peaks : (n,) samples of the peaks, ascending.
    start, end : of the stimulus, ms; onsets are looked for from its start on.
    base : voltage before the stimulus, None if there is no such time.

    Returns
    -------
    dict of numbers and arrays; None where no spike has the feature, NaN at a spike without it. An
    array ends with the last spike that has it.
    """
    slope = np.gradient(v, time[1] - time[0]) if v.size > 1 else np.zeros(1)
    onset_from = int(np.searchsorted(time, start - 1e-9))
    valleys = _valleys(v, peaks)
    seen = valleys >= 0
    begins = _begins(slope, peaks, valleys, onset_from)
    ends = _ends(slope, peaks, onset_from)

    height = v[peaks]
    rise = _at(v, peaks) - _at(v, begins)
    amplitude = rise[(time[peaks] >= start) & (time[peaks] <= end)]
    lows = v[valleys[seen]]
    drop = height[seen] - lows
    begin_v = _at(v, begins)
    return {
        "peak_voltage": _known(height),
        "AP_height": _known(height),
        "AP1_peak": _item(height, 0),
        "AP2_peak": _item(height, 1),
        "AP2_AP1_peak_diff": _difference(height, 1, 0),
        "amp_drop_first_second": _difference(height, 0, 1),
        "amp_drop_first_last": _difference(height, 0, -1),
        "amp_drop_second_last": _difference(height, 1, -1) if height.size > 2 else None,
        "max_amp_difference": float((-np.diff(height)).max()) if height.size > 1 else None,
        "AP_amplitude_from_voltagebase": None if base is None else _known(height - base),
        "AP_amplitude": _known(amplitude),
        "AP1_amp": _item(amplitude, 0),
        "AP2_amp": _item(amplitude, 1),
        "APlast_amp": _item(amplitude, -1),
        "AP2_AP1_diff": _difference(amplitude, 1, 0),
        "mean_AP_amplitude": _mean(amplitude),
        "AP_begin_voltage": _known(begin_v),
        "AP_begin_time": _known(_at(time, begins)),
        "AP_rise_time": _known(time[peaks] - _at(time, begins)),
        "AP_rise_rate": _known(rise / (time[peaks] - _at(time, begins))),
        "AP_fall_time": _known(_at(time, ends) - time[peaks]),
        "AP_fall_rate": _known((_at(v, ends) - height) / (_at(time, ends) - time[peaks])),
        "AP_duration": _known(_at(time, ends) - _at(time, begins)),
        "AP_duration_half_width": _known(_duration_half_width(time, v, begins, peaks, ends)),
        "AP_peak_upstroke": _known(-_least(-slope, begins, peaks)),
        "AP_peak_downstroke": _known(_least(slope, peaks, valleys)),
        **_width_features(time, v, peaks, valleys, onset_from),
        "min_AHP_indices": _known(valleys[seen]),
        "min_AHP_values": _known(lows),
        "AHP_depth_abs": _known(lows),
        "AHP_depth": None if base is None else _known(lows - base),
        "AHP_depth_from_peak": _known(drop),
        "AHP1_depth_from_peak": _item(drop, 0),
        "AHP2_depth_from_peak": _item(drop, 1),
        "AHP_time_from_peak": _known(time[valleys[seen]] - time[peaks[seen]]),
        "fast_AHP": _known((begin_v - _at(v, valleys))[:-1]),
        "min_voltage_between_spikes": (
            np.minimum.reduceat(v, peaks)[:-1] if peaks.size > 1 else None
        ),
    }


# --- where a spike begins, ends and is followed by its valley --------------------------------


def _valleys(v: np.ndarray, peaks: np.ndarray) -> np.ndarray:
    """Sample of the valley after each peak; -1 if the trace ends before it.

    The valley is the first sample that the next two do not undercut, or the lowest before the
    next peak.
    """
    stops = np.append(peaks[1:], v.size)
    turns = np.append(np.flatnonzero((v[1:-1] >= v[:-2]) & (v[2:] >= v[:-2])), v.size)
    valleys = turns[np.searchsorted(turns, peaks)]
    cut = valleys + 2 >= stops
    if cut.any():
        rest = Stretches(peaks[cut], stops[cut])
        valleys[cut] = rest.lowest(v[rest.samples])
    valleys[valleys == v.size - 1] = -1
    return valleys


def _begins(
    slope: np.ndarray, peaks: np.ndarray, valleys: np.ndarray, onset_from: int
) -> np.ndarray:
    """Sample at which each spike begins; -1 if it climbs too slowly or precedes the stimulus."""
    steep = slope >= _ONSET_SLOPE
    stays = steep[:-2] & steep[1:-1] & steep[2:]
    starts = np.flatnonzero(stays[1:] & (slope[:-3] <= _ONSET_SLOPE)) + 1
    last = np.searchsorted(starts, peaks, side="right") - 1
    begins = np.where(last >= 0, np.append(starts, 0)[last], -1)
    # A spike begins after the valley of the one before it, the first after the stimulus has begun.
    before = np.concatenate(([-1], valleys[:-1]))
    earliest = np.maximum(before, max(onset_from - 2, 0))
    return np.where((begins > earliest) & (peaks > onset_from), begins, -1)


def _ends(slope: np.ndarray, peaks: np.ndarray, onset_from: int) -> np.ndarray:
    """Sample at which the fall of each spike is over; -1 if it falls too slowly or is cut off."""
    stops = np.append(peaks[1:], slope.size - 1)
    fall = Stretches(peaks + 1, stops)
    steepest = fall.lowest(slope[fall.samples])
    rest = Stretches(np.where(steepest < 0, stops, steepest), stops)
    ends = rest.first(slope[rest.samples] >= _END_SLOPE)
    return np.where(peaks > onset_from, ends, -1)


# --- widths ----------------------------------------------------------------------------------


def _width_features(
    time: np.ndarray, v: np.ndarray, peaks: np.ndarray, valleys: np.ndarray, onset_from: int
) -> dict[str, Any]:
    """Widths at half the height between peak and valley, interpolated between samples."""
    seen = valleys >= 0
    peaks, valleys = peaks[seen], valleys[seen]
    half = 0.5 * (v[peaks] + v[valleys])
    before = np.concatenate(([onset_from], valleys))[:-1]
    climb = Stretches(np.minimum(before, peaks), peaks)
    up = climb.first(v[climb.samples] >= climb.spread(half))
    fall = Stretches(peaks, valleys)
    down = fall.first(v[fall.samples] <= fall.spread(half))
    up = np.where(up < 0, peaks, up)
    down = np.where(down < 0, valleys, down)
    width = _crossed(time, v, down, half) - _crossed(time, v, up, half)
    return {
        "spike_half_width": _known(width),
        "AP1_width": _item(width, 0),
        "AP2_width": _item(width, 1),
        "APlast_width": _item(width, -1),
    }


def _crossed(time: np.ndarray, v: np.ndarray, at: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Time at which the line into sample `at` (n,) crosses `level` (n,)."""
    # No line leads into the first sample: what is beyond the level there has been so all along.
    change = v[at] - v[np.maximum(at - 1, 0)]
    part = np.divide(level - v[at], change, out=np.zeros_like(change), where=change != 0.0)
    return time[at] + part * (time[at] - time[at - 1])


def _duration_half_width(
    time: np.ndarray, v: np.ndarray, begins: np.ndarray, peaks: np.ndarray, ends: np.ndarray
) -> np.ndarray:
    """From the sample nearest to half the height above the onset to the one on the way down."""
    whole = (begins >= 0) & (ends >= 0)
    width = np.full(peaks.size, np.nan)
    begins, peaks, ends = begins[whole], peaks[whole], ends[whole]
    half = 0.5 * (v[peaks] + v[begins])
    climb, fall = Stretches(begins, peaks), Stretches(peaks, ends)
    up = climb.lowest(np.abs(v[climb.samples] - climb.spread(half)))
    down = fall.lowest(np.abs(v[fall.samples] - fall.spread(half)))
    width[whole] = time[down] - time[up]
    return width


def _least(values: np.ndarray, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """The lowest value in each piece [start, stop); NaN where an end of the piece is -1."""
    known = (starts >= 0) & (stops > starts)
    pieces = Stretches(starts[known], stops[known])
    found = np.full(starts.size, np.nan)
    found[known] = values[pieces.lowest(values[pieces.samples])]
    return found


# --- values that may be missing --------------------------------------------------------------


def _at(values: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """`values` at the samples, NaN where a sample is -1."""
    return np.where(samples >= 0, values[samples], np.nan)


def _known(values: np.ndarray) -> np.ndarray | None:
    """The values up to the last that is no NaN, or None if there is none."""
    known = np.flatnonzero(~np.isnan(values))
    return values[: known[-1] + 1] if known.size else None


def _item(values: np.ndarray, place: int) -> float | None:
    there = values.size > place if place >= 0 else values.size > 0
    return float(values[place]) if there and not np.isnan(values[place]) else None


def _difference(values: np.ndarray, first: int, second: int) -> float | None:
    a, b = _item(values, first), _item(values, second)
    return None if a is None or b is None or values.size < 2 else a - b


def _mean(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None
