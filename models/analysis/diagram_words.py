"""A bifurcation diagram in one plain sentence, or two."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..quantity import written
from .diagram import Bistability, CycleBranch, CyclePoint
from .hopf import Hopf

Range = tuple[float, float]

_MOST_PLACES = 3
"""Places named at most."""

_THROUGHOUT = 0.01
"""Share of the range that firing throughout it may leave out at either end."""


def sentence(
    unit: str,
    over: Range,
    resting: Sequence[Range],
    firing: Sequence[Range],
    irregular: Sequence[float],
    cycles: Sequence[CycleBranch],
    hopf: Sequence[Hopf],
    bistable: Sequence[Bistability],
) -> str:
    """What matters most in a diagram.

    Parameters
    ----------
    unit : of the parameter.
    over : range of the diagram.
    resting, firing : ranges in which rest, and firing, are stable.
    irregular : values at which it fires on none of the cycles: in bursts, or in no rhythm.
    cycles, hopf, bistable : as in `Diagram`.
    """
    said = [
        _rest_and_firing(unit, over, resting, firing, bool(irregular), cycles, hopf, bistable),
        *_rhythm(unit, over, cycles),
    ]
    if irregular:
        said.append(_bursts(unit, over, min(irregular), max(irregular)))
    return " ".join(words for words in said if words)


def _rest_and_firing(
    unit: str,
    over: Range,
    resting: Sequence[Range],
    firing: Sequence[Range],
    irregular: bool,
    cycles: Sequence[CycleBranch],
    hopf: Sequence[Hopf],
    bistable: Sequence[Bistability],
) -> str:
    said = [
        f"{what[0].upper()}{what[1:]} are both stable {_places(over, bands, unit)}."
        for what in ("rest and firing", "two resting states")
        if (bands := [(b.low, b.high) for b in bistable if b.what == what])
    ][:1]
    slow = sorted(
        {
            value
            for cycle in cycles
            for kind, value in zip((cycle.start, cycle.end), cycle.limits, strict=True)
            if kind == "SNIC"
        }
    )
    if said:
        if slow:
            said.append(f"The rate of firing starts from zero at {_listed(slow, over, unit)}.")
        return " ".join(said)
    if not firing and irregular:
        return ""
    if not firing:
        return "The cell never fires in this range." if resting else "Nothing here is stable."
    if not resting:
        if _throughout(over, _merged(firing)):
            return "The cell fires throughout this range: there is no rest."
        return f"The cell fires {_places(over, _merged(firing), unit)}."
    if slow:
        return (
            f"Rest and firing meet at {_listed(slow, over, unit)}, where the rate starts from zero."
        )
    soft = [float(h) for h in hopf if h.criticality == "supercritical"]
    if soft:
        return f"An oscillation grows out of rest, from nothing, at {_listed(soft, over, unit)}."
    elsewhere = "" if irregular else ", and rests elsewhere"
    return f"The cell fires {_places(over, _merged(firing), unit)}{elsewhere}."


def _rhythm(unit: str, over: Range, cycles: Sequence[CycleBranch]) -> list[str]:
    """Where stable firing changes its rhythm."""
    doubled = sorted(float(p) for c in cycles for p in c.period_doublings if _changes(c, p))
    beating = sorted(float(p) for c in cycles for p in c.tori if _changes(c, p))
    return [
        f"{what} at {_listed(points, over, unit)}."
        for what, points in (
            ("The period of firing doubles", doubled),
            ("A second, slower rhythm joins firing", beating),
        )
        if points
    ]


def _bursts(unit: str, over: Range, low: float, high: float) -> str:
    what = "The cell fires in bursts, or irregularly,"
    if _throughout(over, [(low, high)]):
        return f"{what} nearly everywhere in this range."
    if low == high:
        return f"{what} near {written(low)}{_in(unit)}."
    return f"{what} at values from about {written(low)} to {written(high)}{_in(unit)}."


def _changes(cycle: CycleBranch, point: CyclePoint) -> bool:
    """Whether a branch is stable on one side of a point only."""
    i = int(np.flatnonzero(cycle.parameter == float(point))[0])
    sides = cycle.stable[max(0, i - 1)], cycle.stable[min(i + 1, cycle.stable.size - 1)]
    return bool(sides[0] != sides[1])


def _merged(ranges: Sequence[Range]) -> list[Range]:
    joined: list[Range] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined


def _throughout(over: Range, ranges: Sequence[Range]) -> bool:
    """Whether one range leaves out next to nothing of the whole."""
    slack = _THROUGHOUT * (over[1] - over[0])
    return any(low <= over[0] + slack and high >= over[1] - slack for low, high in ranges)


def _places(over: Range, ranges: Sequence[Range], unit: str) -> str:
    if _throughout(over, ranges):
        return "throughout this range"
    return " and ".join(_between(low, high, unit) for low, high in ranges)


def _between(low: float, high: float, unit: str) -> str:
    """Both ends with three digits, or as many decimals as give their distance two."""
    decimals = 1 - math.floor(math.log10(high - low))
    ends = [written(value) for value in (low, high)]
    off = [abs(float(end) - value) for end, value in zip(ends, (low, high), strict=True)]
    if max(off) >= 0.5 * 10.0**-decimals:
        # What three digits say exactly is an end of the range, such as 0, and stays as it is.
        ends = [
            end if error == 0.0 else f"{value:.{decimals}f}"
            for end, error, value in zip(ends, off, (low, high), strict=True)
        ]
    return f"between {ends[0]} and {ends[1]}{_in(unit)}"


def _listed(values: Sequence[float], over: Range, unit: str) -> str:
    """The first few of some values, each said once; what rounding leaves of zero is 0."""
    least = 1e-9 * (over[1] - over[0])
    texts = (written(0.0 if abs(value) < least else value, 4) for value in values)
    *others, last = list(dict.fromkeys(texts))[:_MOST_PLACES]
    return (f"{', '.join(others)} and {last}" if others else last) + _in(unit)


def _in(unit: str) -> str:
    return f" {unit}" if unit else ""
