"""Features of a run under eFEL's names and definitions (Electrophys Feature Extraction Library).

What eFEL cannot compute it leaves out as None, and so does this: a silent run has no
`mean_frequency`. Settings are eFEL's defaults; the first interval is left out of `ISI_values` and
what follows from them, but not of `all_ISI_values`. Two things differ on purpose: spikes are those
of `Run.spike_times`, located between samples and without an absolute threshold, and a spike that
climbs too slowly to have an onset is NaN in the features that need one, where eFEL gives up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..simulate import Run
from .pattern import pattern
from .spike_shape import shape_features
from .spike_train import train_features
from .stimulus_interval import stimulus_interval

_TAIL = 0.1
"""Share of the stimulus at its end whose mean is the steady state; likewise of the time before."""


def features(run: Run) -> dict[str, Any]:
    """Features of a run by eFEL's names, and `pattern`.

    Parameters
    ----------
    run : any run; the first state of its model is taken for the voltage.

    Returns
    -------
    dict
        Numbers (int or float), arrays with one entry per spike or interval, None for what the run
        does not have, and ``"pattern"``, the label of `models.analysis.pattern`. Times in ms,
        rates in Hz, voltages in the unit of the first state.
    """
    v = run.states[run.cell.states[0].name]
    start, end = stimulus_interval(run)
    spikes = run.spike_times
    found = train_features(spikes, start, end)
    found |= voltage_features(run.time, v, start, end)
    found |= shape_features(run.time, v, peak_indices(run), start, end, found["voltage_base"])
    found["pattern"] = pattern(run).label
    return found


def peak_indices(run: Run) -> np.ndarray:
    """Samples (n,) at which the trace shows the peaks of the spikes.

    A reset model's peak is recorded at the end of the step in which it spikes; any other peak is
    the sample nearest to its time.
    """
    at = run.spike_times / run.dt
    samples = np.ceil(at - 1e-6) if type(run.cell).resets() else np.rint(at)
    return np.minimum(samples.astype(np.intp), run.time.size - 1)


def voltage_features(
    time: np.ndarray, v: np.ndarray, start: float, end: float
) -> dict[str, float | None]:
    """Features of a trace that need no spikes.

    Parameters
    ----------
    time, v : (T,) ms and the voltage.
    start, end : of the stimulus, ms.
    """
    slack = 1e-9
    first, stop = np.searchsorted(time, [start - slack, end - slack])
    tail = np.searchsorted(time, end - _TAIL * (end - start) - slack)
    base_from, base_to = np.searchsorted(time, [(1.0 - _TAIL) * start - slack, start + slack])
    base = _mean(v[base_from:base_to]) if start > 0.0 else None
    steady = _mean(v[tail:stop])
    during = v[first:stop]
    highest = float(during.max()) if during.size else None
    lowest = float(during.min()) if during.size else None
    deflection = _minus(steady, base)
    sag = _minus(steady, lowest) if deflection is not None and deflection <= 0.0 else None
    drop = _minus(base, lowest) or None
    return {
        "voltage_base": base,
        "steady_state_voltage_stimend": steady,
        "steady_state_voltage": _mean(v[np.searchsorted(time, end + slack) :]),
        "maximum_voltage": highest,
        "minimum_voltage": lowest,
        "maximum_voltage_from_voltagebase": _minus(highest, base),
        "voltage_deflection_vb_ssse": deflection,
        "sag_amplitude": sag,
        "sag_ratio1": None if sag is None or drop is None else sag / drop,
        "sag_ratio2": None if drop is None or deflection is None else -deflection / drop,
        "phaseslope_max": float((np.diff(v) / np.diff(time)).max()) if v.size > 1 else None,
    }


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if values.size else None


def _minus(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else value - other
