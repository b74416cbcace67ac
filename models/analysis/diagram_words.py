"""A bifurcation diagram in one plain sentence, or two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
    cycles, hopf, bistable : as in `Diagram`.
    """
    return _rest_and_firing(unit, over, resting, firing, cycles, hopf, bistable) + _rhythm(
        unit, cycles
    )


def _rest_and_firing(
    unit: str,
    over: Range,
    resting: Sequence[Range],
    firing: Sequence[Range],
    cycles: Sequence[CycleBranch],
    hopf: Sequence[Hopf],
    bistable: Sequence[Bistability],
) -> str:
    mixed = [_between(b.low, b.high, unit) for b in bistable if b.what == "rest and firing"]
    if mixed:
        return f"Rest and firing are both stable {' and '.join(mixed)}."
    double = [_between(b.low, b.high, unit) for b in bistable if b.what == "two resting states"]
    if double:
        return f"Two resting states are both stable {' and '.join(double)}."
    if not firing:
        return "The cell never fires in this range." if resting else "Nothing here is stable."
    ranges = " and ".join(_between(low, high, unit) for low, high in _merged(firing))
    if not resting:
        low, high = _merged(firing)[0]
        slack = _THROUGHOUT * (over[1] - over[0])
        if low <= over[0] + slack and high >= over[1] - slack:
            return "The cell fires throughout this range: there is no rest."
        return f"The cell fires {ranges}."
    for cycle in cycles:
        for kind, value in zip((cycle.start, cycle.end), cycle.limits, strict=True):
            if kind == "SNIC":
                return (
                    f"Rest and firing meet at {_number(value, unit)}, where the rate starts "
                    "from zero."
                )
    soft = [float(h) for h in hopf if h.criticality == "supercritical"]
    if soft:
        places = " and ".join(_number(value, "") for value in soft)
        return f"An oscillation grows out of rest, from nothing, at {places}{_in(unit)}."
    return f"The cell fires {ranges}, and rests elsewhere."


def _rhythm(unit: str, cycles: Sequence[CycleBranch]) -> str:
    """Where stable firing changes its rhythm."""
    doubled = sorted(p for c in cycles for p in c.period_doublings if _changes(c, p))
    beating = sorted(p for c in cycles for p in c.tori if _changes(c, p))
    said = ""
    for what, points in (
        ("The period of firing doubles", doubled),
        ("A second, slower rhythm joins firing", beating),
    ):
        if points:
            places = " and ".join(_number(float(point), "") for point in points[:_MOST_PLACES])
            said += f" {what} at {places}{_in(unit)}."
    return said


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


def _between(low: float, high: float, unit: str) -> str:
    """Both ends with as many digits as tell them apart."""
    digits = 3
    while digits < 9 and f"{low:.{digits}g}" == f"{high:.{digits}g}":
        digits += 1
    digits = digits + 1 if digits > 3 else digits
    return f"between {low:.{digits}g} and {high:.{digits}g}{_in(unit)}"


def _number(value: float, unit: str) -> str:
    return f"{value:.4g}{_in(unit)}"


def _in(unit: str) -> str:
    return f" {unit}" if unit else ""
