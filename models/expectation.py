"""What a run must show: the `expect` table of a preset, checked.

A table says any of the following. A number is met exactly, ``[low, high]`` is a range with both
ends, and ``{ value = 55.27, within = 0.01 }`` a number with its tolerance.

=====================  ============================================================================
``spikes``             number of spikes
``first_spike``        time of the first spike, ms
``spike_times``        times of the first spikes, ms: a list, met within 1e-6
``rate``               Hz, from the later half of the intervals
``isi_cv``             coefficient of variation of all intervals
``isi_first_to_last``  first interval divided by the last
``pattern``            label of `models.analysis.pattern`, or a list of labels of which one fits
``bursts``             number of bursts
``first_burst``        spikes in the first burst
``spikes_per_burst``   mean number of spikes in a burst
``silent_before``      ms before which there is no spike
``silent_after``       ms after which there is none
``windows``            list of ``{ from = 0.0, to = 40.0, spikes = 0 }``, ms, ends included
``last_peak``          value of the first state at the last spike
``maximum``            largest value of a state: ``{ v = [-56.0, -55.0] }``
``minimum``            smallest value of a state
``final``              value of a state at the end
``mean``               mean of a state over the later half of the run
``sd``                 standard deviation of a state over the later half of the run
=====================  ============================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .analysis.pattern import pattern
from .analysis.spike_groups import bursts
from .analysis.spike_train import steady_rate
from .simulate import Run

_EXACT = 1e-6
"""How close a number without a tolerance is met."""


@dataclass(frozen=True)
class Outcome:
    """One expectation, checked.

    Attributes
    ----------
    name : key of the table, such as ``"first_spike"`` or ``"maximum v"``.
    measured : what the run shows; NaN if it shows no such thing.
    expected : what the table says.
    passed : whether they agree.
    text : the measured value as people say it, such as ``"first at 13 ms"``.
    """

    name: str
    measured: Any
    expected: Any
    passed: bool
    text: str


def check(run: Run, expect: Mapping[str, Any]) -> list[Outcome]:
    """Compare a run with an `expect` table, entry by entry.

    Raises
    ------
    ValueError
        If the table has an entry of unknown name or an unusable value.
    """
    return [outcome for name, said in expect.items() for outcome in _checked(run, name, said)]


def summary(outcomes: Iterable[Outcome]) -> str:
    """What was checked, in one line: ``"5 spikes, first at 13 ms"``; failures say both sides."""
    parts = (
        each.text if each.passed else f"{each.name}: {each.text}, not {each.expected}"
        for each in outcomes
    )
    return ", ".join(parts)


def _checked(run: Run, name: str, said: Any) -> list[Outcome]:
    if name in _NUMBERS:
        measure, say = _NUMBERS[name]
        measured = float(measure(run))
        return [Outcome(name, measured, said, _meets(name, measured, said), say(measured))]
    if name in _OF_STATES:
        return [_state(run, name, state, limits) for state, limits in said.items()]
    if name in _OTHERS:
        return _OTHERS[name](run, said)
    known = ", ".join([*_NUMBERS, *_OF_STATES, *_OTHERS])
    raise ValueError(f"`{name}` is nothing a preset can expect: choose one of {known}.")


def _meets(name: str, measured: float, said: Any) -> bool:
    """Whether a number meets what is said of it; never if it is NaN."""
    if isinstance(said, Mapping) and set(said) == {"value", "within"}:
        return bool(abs(measured - said["value"]) <= said["within"])
    if isinstance(said, Sequence) and not isinstance(said, str) and len(said) == 2:
        return bool(said[0] <= measured <= said[1])
    if isinstance(said, int | float) and not isinstance(said, bool):
        return bool(abs(measured - said) <= _EXACT)
    raise ValueError(
        f"`{name}` expects {said!r}: give a number, [low, high] or {{ value = , within = }}."
    )


# --- numbers: how each is measured and said --------------------------------------------------


def _first_spike(run: Run) -> float:
    return run.spike_times[0] if run.spike_times.size else np.nan


def _rate(run: Run) -> float:
    return steady_rate(run.spike_times)


def _isi_cv(run: Run) -> float:
    intervals = np.diff(run.spike_times)
    return float(intervals.std() / intervals.mean()) if intervals.size > 1 else np.nan


def _isi_first_to_last(run: Run) -> float:
    intervals = np.diff(run.spike_times)
    return intervals[0] / intervals[-1] if intervals.size > 1 else np.nan


def _bursts(run: Run) -> np.ndarray:
    """Spikes in each burst of two or more."""
    groups = bursts(np.diff(run.spike_times))
    return np.empty(0) if groups is None else groups.sizes[groups.sizes > 1]


def _spikes_per_burst(run: Run) -> float:
    sizes = _bursts(run)
    return sizes.mean() if sizes.size else np.nan


def _first_burst(run: Run) -> float:
    groups = bursts(np.diff(run.spike_times))
    return np.nan if groups is None else groups.sizes[0]


def _last_peak(run: Run) -> float:
    if not run.spike_times.size:
        return np.nan
    v = run[run.cell.states[0].name]
    nearest = round(run.spike_times[-1] / run.dt)
    return float(v[max(0, nearest - 1) : nearest + 2].max())


def _count(number: float, one: str) -> str:
    return f"{number:.0f} {one}" if number == 1 else f"{number:.0f} {one}s"


_NUMBERS: Mapping[str, tuple[Callable[[Run], float], Callable[[float], str]]] = {
    "spikes": (
        lambda run: run.spike_times.size,
        lambda n: _count(n, "spike") if n else "no spikes",
    ),
    "first_spike": (_first_spike, lambda t: f"first at {t:.4g} ms"),
    "rate": (_rate, lambda f: f"{f:.4g} Hz"),
    "isi_cv": (_isi_cv, lambda cv: f"CV of intervals {round(cv, 4):.2g}"),
    "isi_first_to_last": (_isi_first_to_last, lambda q: f"first interval {q:.2g} of the last"),
    "bursts": (lambda run: _bursts(run).size, lambda n: _count(n, "burst")),
    "first_burst": (_first_burst, lambda n: f"first burst of {_count(n, 'spike')}"),
    "spikes_per_burst": (_spikes_per_burst, lambda n: f"{n:.3g} spikes per burst"),
    "last_peak": (_last_peak, lambda v: f"last peak at {v:.4g}"),
}


# --- values of states ------------------------------------------------------------------------


_OF_STATES: Mapping[str, Callable[[np.ndarray], float]] = {
    "maximum": lambda x: x.max(),
    "minimum": lambda x: x.min(),
    "final": lambda x: x[-1],
    "mean": lambda x: x[x.size // 2 :].mean(),
    "sd": lambda x: x[x.size // 2 :].std(),
}


def _state(run: Run, name: str, state: str, said: Any) -> Outcome:
    declared = run.cell.state(state)
    measured = float(_OF_STATES[name](run[state]))
    unit = f" {declared.unit}" if declared.unit else ""
    text = f"{name} of {state} {measured:.4g}{unit}"
    return Outcome(f"{name} {state}", measured, said, _meets(name, measured, said), text)


# --- the rest --------------------------------------------------------------------------------


def _pattern(run: Run, said: Any) -> list[Outcome]:
    label = pattern(run).label
    accepted = [said] if isinstance(said, str) else list(said)
    return [Outcome("pattern", label, said, label in accepted, label)]


def _spike_times(run: Run, said: Any) -> list[Outcome]:
    first = run.spike_times[: len(said)]
    same = first.size == len(said) and np.allclose(first, said, rtol=0.0, atol=_EXACT)
    times = ", ".join(f"{t:.4g}" for t in first) or "none"
    return [Outcome("spike_times", first.tolist(), said, bool(same), f"spikes at {times} ms")]


def _silent_before(run: Run, said: Any) -> list[Outcome]:
    early = run.spike_times[run.spike_times < said]
    text = f"silent before {said:g} ms" if not early.size else f"spike at {early[0]:.4g} ms"
    return [Outcome("silent_before", early.size, said, early.size == 0, text)]


def _silent_after(run: Run, said: Any) -> list[Outcome]:
    late = run.spike_times[run.spike_times > said]
    text = f"silent after {said:g} ms" if not late.size else f"spike at {late[-1]:.4g} ms"
    return [Outcome("silent_after", late.size, said, late.size == 0, text)]


def _windows(run: Run, said: Any) -> list[Outcome]:
    outcomes = []
    for window in said:
        low, high, wanted = window["from"], window["to"], window["spikes"]
        inside = (run.spike_times >= low) & (run.spike_times <= high)
        found = int(inside.sum())
        text = f"{_count(found, 'spike') if found else 'none'} in {low:g}-{high:g} ms"
        outcomes.append(Outcome("windows", found, wanted, _meets("windows", found, wanted), text))
    return outcomes


_OTHERS: Mapping[str, Callable[[Run, Any], list[Outcome]]] = {
    "pattern": _pattern,
    "spike_times": _spike_times,
    "silent_before": _silent_before,
    "silent_after": _silent_after,
    "windows": _windows,
}
