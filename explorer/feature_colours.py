"""The colours of feature maps, and of what is drawn as an image of small whole numbers.

An image travels as one byte per pixel: 0 for nothing, then every colour in `SHADES` strengths,
then a scale from negative to positive for rates. `PALETTE` says what each number looks like; it
is transparent where there is nothing, so that it serves on a light and on a dark ground.
"""

from __future__ import annotations

import numpy as np
from bokeh.models import LinearColorMapper

from .palette import BLUE, GREEN, OCHRE, PURPLE, SPIKE, VERMILLION

COLOURS = (BLUE, VERMILLION, GREEN, SPIKE, OCHRE, PURPLE)
"""The colours of features 1, 2, ...; after six they repeat."""
NOBODY = 255
"""Stands for the number of a colour where there is none."""
SHADES = 5
"""Strengths of each colour, the last one full."""
SCALE = 2 * 24 + 1
"""Steps from the most negative to the most positive rate, 0 in the middle."""

_FAINTEST = 0.4


def _with_alpha(colour: str, alpha: float) -> str:
    return f"{colour}{round(255 * alpha):02X}"


_STRENGTHS = tuple(np.linspace(_FAINTEST, 1.0, SHADES))
PALETTE = (
    "#00000000",
    *(_with_alpha(colour, alpha) for colour in COLOURS for alpha in _STRENGTHS),
    *(_with_alpha(VERMILLION if n < 0 else BLUE, abs(n)) for n in np.linspace(-1.0, 1.0, SCALE)),
)
"""What each number of an image looks like, as #RRGGBBAA."""
_SCALE_FROM = 1 + len(COLOURS) * SHADES


def colours_of(features: np.ndarray) -> np.ndarray:
    """The number of the colour of each feature (n,), counted from 0; uint8."""
    return (features % len(COLOURS)).astype(np.uint8)


def key(features: int) -> str:
    """HTML that says which colour is which feature; of many, those before colours repeat."""
    shown = COLOURS[:features]
    chips = "".join(
        f'<span style="white-space:nowrap"><i style="display:inline-block;width:9px;height:9px;'
        f'border-radius:2px;background:{colour};margin:0 3px 0 6px"></i>{number}</span>'
        for number, colour in enumerate(shown, start=1)
    )
    return f"Feature{chips}" + (" …" if features > len(shown) else "")


def colour_field(column: str) -> dict[str, object]:
    """What a glyph takes as its colour where a column holds the numbers of `colours_of`."""
    mapper = LinearColorMapper(palette=list(COLOURS), low=-0.5, high=len(COLOURS) - 0.5)
    return {"field": column, "transform": mapper}


def shaded(features: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Image numbers of features in a strength between 0 (faint) and 1 (full); uint8."""
    shade = np.clip(np.round(strength * (SHADES - 1)), 0, SHADES - 1).astype(int)
    return (1 + (features % len(COLOURS)) * SHADES + shade).astype(np.uint8)


def scaled(values: np.ndarray, largest: float) -> np.ndarray:
    """Image numbers of values between -largest and largest; uint8."""
    way = np.clip(values / largest, -1.0, 1.0) if largest > 0.0 else np.zeros_like(values)
    return (_SCALE_FROM + np.round((way + 1.0) * (SCALE // 2))).astype(np.uint8)


def mapper() -> LinearColorMapper:
    """Turns the numbers of an image into colours in the browser."""
    return LinearColorMapper(palette=list(PALETTE), low=-0.5, high=len(PALETTE) - 0.5)
