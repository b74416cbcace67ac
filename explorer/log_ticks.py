"""Ticks of logarithmic axes by how much they span: even ones within a decade, else round digits."""

from __future__ import annotations

from typing import Any

from bokeh.models import BasicTicker

from .canvas import logarithmic, plain

_EVEN, _DIGITS = 4.0, 40.0
"""Up to which quotient of the ends ticks are evenly spaced, and stand at 1, 2 and 5."""


def tick(axis: Any, span: tuple[float, float]) -> None:
    """Tick an axis in plain numbers, so that several ticks stand within its span."""
    quotient = span[1] / span[0]
    if quotient > _DIGITS:
        logarithmic(axis, 1, 3)
    elif quotient > _EVEN:
        logarithmic(axis, 1, 2, 5)
    elif not isinstance(axis.ticker, BasicTicker):
        plain(axis)
        axis.ticker = BasicTicker(desired_num_ticks=4, num_minor_ticks=0)
