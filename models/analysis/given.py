"""What analyses are given, checked: one sentence for whatever is no current, range or number."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..quantity import is_finite_number, shown


def constant_current(current: Any) -> float:
    """A constant current as a number.

    Raises
    ------
    ValueError
        If it is no finite number.
    """
    try:
        number = np.nan if isinstance(current, str | bytes | bool) else float(current)
    except (TypeError, ValueError):
        number = np.nan
    if not np.isfinite(number):
        raise ValueError(f"`current` is {shown(current)}: give one finite number.")
    return number


def ends(name: str, given: Any) -> tuple[float, float]:
    """The lower and the higher end of a range.

    Raises
    ------
    ValueError
        If it is no pair of finite numbers, the lower one first.
    """
    try:
        low, high = (float(end) for end in given)
    except (TypeError, ValueError):
        raise ValueError(f"`{name}` is {shown(given)}: give a lower and a higher end.") from None
    if not (low < high and np.isfinite(high - low)):
        raise ValueError(f"`{name}` is ({low:g}, {high:g}): give a lower and a higher end.")
    return low, high


def count(name: str, given: Any, least: int, what: str) -> int:
    """A number of things, such as the points of a grid.

    Raises
    ------
    ValueError
        If it is no whole number, or below `least`.
    """
    if not is_finite_number(given) or given != int(given) or given < least:
        raise ValueError(f"`{name}` is {shown(given)}: choose {least} or more {what}.")
    return int(given)
