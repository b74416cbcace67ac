"""What a spike train looks like in one word, with the numbers the word rests on.

The words are those of Izhikevich 2004 (IEEE Trans. Neural Networks 15:1063) and of Naud, Marcille,
Clopath & Gerstner 2008 (Biol. Cybern. 99:335). Intervals are compared with each other, not with
milliseconds, so that dimensionless models are judged alike; only chattering, which by definition
is fast, knows a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..simulate import Run
from .stimulus_interval import stimulus_interval

_GAP = 2.5
"""Pauses between bursts are at least this many times the longest interval within any burst."""
_IN_BURSTS = 0.75
"""Least share of spikes in bursts of a bursting train."""
_STEADY_PAUSES = 0.4
"""Largest coefficient of variation of the pauses between bursts."""
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
    count = spikes.size
    evidence: dict[str, float] = {"spikes": float(count)}
    if count == 0:
        return Pattern("silent", "No spike.", evidence)

    intervals = np.diff(spikes)
    start, end = stimulus_interval(run)
    longest = float(intervals.max()) if count > 1 else max(spikes[0] - start, 0.0)
    outlasts = spikes[-1] > end + longest  # a rebound: the stimulus is over, the response is not
    watched = run.duration if outlasts else max(end, spikes[-1])
    silence = float(watched - spikes[-1])
    evidence |= {"silence": silence, "latency": float(spikes[0] - start)}
    stopped = silence > max(_QUIET * longest, 0.25 * (watched - spikes[0]))
    if stopped and not outlasts and not type(run.cell).resets():
        height = _depolarisation(run, start, spikes[-1], watched)
        evidence["depolarisation"] = height
        if height >= _BLOCK:
            return Pattern(
                "depolarisation block",
                f"After {_spikes(count)} silent for {silence:.0f} ms while the voltage stays up, "
                f"{100 * height:.0f} % of its range above the start.",
                evidence,
            )
    if count == 1:
        return Pattern("single spike", f"One spike at {spikes[0]:.4g} ms.", evidence)
    if stopped:
        train = f"{_spikes(count)}, then {silence:.0f} ms of silence."
        return Pattern("phasic bursting" if count > 2 else "phasic spiking", train, evidence)
    return _repetitive(intervals, evidence)


def bursts(intervals: np.ndarray) -> Bursts | None:
    """Group a train by its pauses; None if its intervals (n,) fall into no two kinds.

    The kinds are told apart at the widest relative gap between the sorted intervals.
    """
    if intervals.size < 2:
        return None
    ordered = np.sort(intervals)
    ratios = ordered[1:] / ordered[:-1]
    widest = int(np.argmax(ratios))
    if ratios[widest] < _GAP:
        return None
    pause = intervals > ordered[widest]
    edges = np.concatenate(([0], np.flatnonzero(pause) + 1, [intervals.size + 1]))
    return Bursts(np.diff(edges), intervals[~pause], intervals[pause])


def local_variation(intervals: np.ndarray) -> float:
    """Mean CV2 of neighbouring intervals (Holt et al. 1996): 0 if regular, 1 if Poisson.

    Unlike the CV it does not mistake a slow change of rate for irregularity.
    """
    if intervals.size < 2:
        return 0.0
    return float(np.mean(2.0 * np.abs(np.diff(intervals)) / (intervals[1:] + intervals[:-1])))


def _repetitive(intervals: np.ndarray, evidence: dict[str, float]) -> Pattern:
    """The pattern of a train of two or more spikes that has not stopped."""
    groups = bursts(intervals)
    if groups is not None:
        sizes, pauses = groups.sizes, groups.pauses
        several = sizes >= 2
        share = float(sizes[several].sum() / sizes.sum())
        spread = float(pauses.std() / pauses.mean())
        within = float(np.median(groups.within))
        found = {
            "bursts": float(several.sum()),
            "spikes_per_burst": float(sizes[several].mean()),
            "interval_in_burst": within,
            "pause": float(np.median(pauses)),
            "share_in_bursts": share,
            "pause_cv": spread,
        }
        if several.sum() >= 2 and share >= _IN_BURSTS and spread <= _STEADY_PAUSES:
            label = "chattering" if within <= _CHATTERING else "bursting"
            reason = (
                f"{several.sum()} bursts of {found['spikes_per_burst']:.1f} spikes, "
                f"{within:.3g} ms apart within a burst, {found['pause']:.3g} ms between bursts."
            )
            return Pattern(label, reason, evidence | found)
        first = int(sizes[0])
        singles = (sizes[1:] == 1).all()
        if first >= 3 and singles and pauses[0] >= _PAUSE_AT_ONCE * pauses[-1]:
            return Pattern(
                "mixed mode",
                f"A burst of {first} spikes, then single spikes {np.median(pauses):.3g} ms apart.",
                evidence | found,
            )

    variation = local_variation(intervals[1:] if intervals.size > 2 else intervals)
    growth = float(intervals[-1] / intervals[0])
    settled = int(np.argmax(intervals >= 0.9 * intervals[-1]))
    evidence |= {
        "local_variation": variation,
        "last_interval_over_first": growth,
        "intervals_to_settle": float(settled),
        "interval": float(np.median(intervals)),
    }
    steps = np.diff(intervals) / intervals[:-1]
    one_way = (steps > -_STEADY).all() or (steps < _STEADY).all()
    if variation >= _IRREGULAR and not one_way:
        return Pattern(
            "irregular", f"Neighbouring intervals differ: CV2 {variation:.2f}.", evidence
        )
    if growth >= _ADAPTING or (growth >= _SLOWLY_ADAPTING and settled >= _GRADUAL):
        reason = f"Intervals grow from {intervals[0]:.3g} to {intervals[-1]:.3g} ms."
        return Pattern("adapting", reason, evidence)
    if growth <= _ACCELERATING:
        reason = f"Intervals shrink from {intervals[0]:.3g} to {intervals[-1]:.3g} ms."
        return Pattern("accelerating", reason, evidence)
    reason = f"Intervals stay near {np.median(intervals):.3g} ms."
    return Pattern("tonic", reason, evidence)


def _depolarisation(run: Run, start: float, last: float, end: float) -> float:
    """How far v has settled above its start after the last spike, as a share of its range."""
    v = run.states[run.cell.states[0].name]
    late = v[(run.time >= 0.5 * (last + end)) & (run.time <= end)]
    if late.size == 0:
        return 0.0
    before = v[max(0, int(np.searchsorted(run.time, start)) - 1)]
    return float((late.mean() - before) / max(v.max() - v.min(), 1e-12))


def _spikes(count: int) -> str:
    return "one spike" if count == 1 else f"{count} spikes"
