"""Colours and order of what a map tells apart in words: firing patterns and kinds of rest.

Related kinds share a hue and differ in lightness: repetitive firing is blue, firing that stops
green, bursts brown. The exact values were searched for: as far from each other as can be, to every
kind of colour vision.
"""

from __future__ import annotations

from collections.abc import Iterable

PATTERNS = {
    "silent": "#EBEBEB",
    "single spike": "#4BF29C",
    "phasic spiking": "#42A890",
    "phasic bursting": "#246641",
    "tonic": "#A2B2F8",
    "adapting": "#3D5CFF",
    "accelerating": "#181EA2",
    "bursting": "#FFD439",
    "chattering": "#C38A16",
    "mixed mode": "#735A0C",
    "irregular": "#8C247D",
    "depolarisation block": "#201F26",
}
"""The labels of `models.analysis.pattern`, from rest to block."""

RESTS = {
    "none": "#EBEBEB",
    "stable": "#A2B2F8",
    "stable node": "#A2B2F8",
    "stable focus": "#3D5CFF",
    "centre": "#42A890",
    "half-stable": "#201F26",
    "degenerate": "#201F26",
    "saddle": "#8C247D",
    "unstable focus": "#FFD439",
    "unstable node": "#C38A16",
    "unstable": "#C38A16",
}
"""The kinds of `models.analysis.fixed_points`, from stable to unstable."""

_SADDLES = {"saddle (": "#8C247D", "saddle-focus (": "#735A0C"}
"""Saddles in three dimensions and more, by how their names begin."""
_OTHER = "#246641"
_ORDER = {kind: place for place, kind in enumerate([*PATTERNS, *RESTS])}


def colour_of(kind: str) -> str:
    """The colour of a pattern or a kind of rest."""
    for begins, colour in _SADDLES.items():
        if kind.startswith(begins):
            return colour
    return PATTERNS.get(kind) or RESTS.get(kind, _OTHER)


def ordered(kinds: Iterable[str]) -> list[str]:
    """Kinds in the order of a legend."""
    return sorted(kinds, key=lambda kind: (_ORDER.get(kind, _ORDER["saddle"]), kind))
