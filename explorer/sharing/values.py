"""Single values as a link has them: numbers read and written, texts cut to what can be shown."""

from __future__ import annotations

import math
from typing import Any

LONGEST = 8000
"""Characters of a link that are read; a hostile one may be longer."""


def number(text: str) -> float:
    """A finite number; ValueError otherwise."""
    try:
        value = float(text)
    except ValueError:
        raise ValueError("this is no number") from None
    if not math.isfinite(value):
        raise ValueError("give a finite number")
    return value


def whole(text: str) -> int:
    """A whole number that is a seed or a count; ValueError otherwise."""
    value = number(text)
    if value != int(value) or not 0 <= value < 2**32:
        raise ValueError("give a whole number from 0 to 4294967295")
    return int(value)


def written(value: Any) -> str:
    """A value as a link carries it: twelve digits, and nothing that was not meant."""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def short(text: str) -> str:
    """What someone typed, short enough to be shown in a sentence."""
    return text if len(text) <= 40 else text[:39] + "…"
