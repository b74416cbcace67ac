"""One accent per state variable, kept in every trace, nullcline, equation and legend.

The hues follow Okabe & Ito's colour-blind-safe set, moved to a middle lightness so that each has a
contrast of at least 3:1 on white and on near-black alike: the same curve keeps its colour when the
theme changes. So little lightness is left to tell them apart that their exact values were searched
for: as far from each other as can be within a model, to every kind of colour vision.
"""

from __future__ import annotations

from models import NeuronModel

BLUE = "#0C6AAE"
VERMILLION = "#DD5A1D"
GREEN = "#27A173"
PURPLE = "#D370A9"
OCHRE = "#AA860C"
GREY = "#62656D"

ACCENTS = (BLUE, VERMILLION, GREEN, PURPLE, OCHRE, GREY)
CURRENT = GREY
KEPT = "#9A8F80"
LAID_OVER = "#8A8D94"
SPIKE = "#977AF2"

_BY_NAME = {
    "v": BLUE,
    "x": BLUE,
    "u": VERMILLION,
    "w": VERMILLION,
    "z": PURPLE,
    "m": GREEN,
    "h": PURPLE,
    "n": OCHRE,
}
_SPARE = ACCENTS[1:]


def state_colours(model: type[NeuronModel]) -> dict[str, str]:
    """The accent of each state of a model, by name; no accent twice within a model."""
    colours: dict[str, str] = {}
    for name in model.state_names():
        wanted = _BY_NAME.get(name)
        if wanted is None or wanted in colours.values():
            wanted = next((c for c in _SPARE if c not in colours.values()), GREY)
        colours[name] = wanted
    return colours
