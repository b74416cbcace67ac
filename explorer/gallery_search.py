"""What the gallery is searched for. No Panel here."""

from __future__ import annotations

from dataclasses import dataclass

import models

LONGEST = 80
"""Characters of the words that are searched for."""


@dataclass(frozen=True)
class Search:
    """Which cards the gallery shows; with everything empty, all.

    Attributes
    ----------
    words : all of them are in the card.
    model : class name in `models.catalogue`.
    behaviour : one of `behaviours`.
    """

    words: str = ""
    model: str = ""
    behaviour: str = ""


def behaviours() -> list[str]:
    """What presets show, each once, in the order of the catalogue."""
    presets = [preset for model in models.catalogue.values() for preset in model.presets().values()]
    return list(dict.fromkeys(name for preset in presets for name in preset.behaviours))
