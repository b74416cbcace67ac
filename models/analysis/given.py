"""What analyses are given, checked: one sentence for whatever is no current, range or number."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..model import NeuronModel
from ..quantity import is_finite_number, shown

_PARTS = 100
"""Of the way from a present value to the end of a range; the last part that is possible counts."""


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


def possible_range(cell: NeuronModel, name: str, low: float, high: float) -> tuple[float, float]:
    """The part of a range, from the present value of a parameter, that goes with the other ones.

    A threshold above its reset, say, ends the range of the reset before that of its slider.

    Parameters
    ----------
    cell : the model with all its parameters.
    name : of the parameter; the injected current goes with everything.
    low, high : ends of the range, the present value between them.
    """
    if name not in cell.quantities():
        return low, high
    here = float(getattr(cell, name))

    def reached(end: float) -> float:
        if cell.problem(cell.p._replace(**{name: end})) is None:
            return end
        for value in np.linspace(end, here, _PARTS + 1)[1:-1]:
            if cell.problem(cell.p._replace(**{name: float(value)})) is None:
                return float(value)
        return here

    return reached(low), reached(high)


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


def row(name: str, given: Any, *, positive: str = "") -> np.ndarray:
    """Numbers in a row (N,), N > 0, such as the currents of a sweep.

    Parameters
    ----------
    positive : the unit of numbers that must be above zero; any finite ones will do if omitted.

    Raises
    ------
    ValueError
        If they are not that.
    """
    kind = f"positive numbers of {positive}" if positive else "finite numbers"
    wanted = f"`{name}` must be one row of {kind}."
    try:
        array = np.asarray(given)
    except ValueError:  # rows of different lengths
        raise ValueError(wanted) from None
    if array.dtype.kind not in "iuf" or array.ndim != 1 or array.size == 0:
        raise ValueError(wanted)
    array = array.astype(np.float64)
    if not np.isfinite(array).all() or (positive and (array <= 0.0).any()):
        raise ValueError(wanted)
    return array


def milliseconds(name: str, given: Any) -> float:
    """A length of time above zero.

    Raises
    ------
    ValueError
        If it is no such number.
    """
    if not (is_finite_number(given) and given > 0):
        raise ValueError(f"`{name}` is {shown(given)}: give a positive number of milliseconds.")
    return float(given)
