"""A bifurcation diagram in one plain sentence."""

from __future__ import annotations

from collections.abc import Sequence

from .diagram import Bistability, CycleBranch
from .hopf import Hopf

Range = tuple[float, float]


def sentence(
    unit: str,
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
    resting, firing : ranges in which rest, and firing, are stable.
    cycles, hopf, bistable : as in `Diagram`.
    """
    mixed = [_between(b.low, b.high, unit) for b in bistable if b.what == "rest and firing"]
    if mixed:
        return f"Rest and firing are both stable {' and '.join(mixed)}."
    double = [_between(b.low, b.high, unit) for b in bistable if b.what == "two resting states"]
    if double:
        return f"Two resting states are both stable {' and '.join(double)}."
    if not firing:
        return "The cell never fires in this range." if resting else "Nothing here is stable."
    if not resting:
        return "The cell fires throughout this range: there is no rest."
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
    ranges = " and ".join(_between(low, high, unit) for low, high in _merged(firing))
    return f"The cell fires {ranges}, and rests elsewhere."


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
