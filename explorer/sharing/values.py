"""What a link is made of: its pairs, numbers read and written, texts cut to what can be shown."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import parse_qsl

LONGEST = 8000
"""Characters of a link that are read; a hostile one may be longer."""


def pairs(text: str) -> tuple[dict[str, str], list[str]]:
    """The pairs of a query, of each key the first, and a sentence for each part left out."""
    ignored: list[str] = []
    if len(text) > LONGEST:
        ignored.append("the link is too long: only its beginning was read")
    # "+" adds stimuli and is no blank here.
    text = text[:LONGEST].lstrip("?").replace("+", "%2B")
    found: dict[str, str] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        if key in found:
            name = short(key)
            ignored.append(f"{name}={short(value)}: {name} is given already, the first one counts")
        else:
            found[key] = value
    return found, ignored


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
