"""Pictures for the tests of views: any preset, with some settings replaced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import models
from explorer.picture import Picture
from explorer.state import settings_of


def picture(model: str, preset: str | None = None, cursor: float | None = None, **changes: Any):
    """The picture of a preset (the first one if None).

    `changes` replace settings; those named `p_...` replace a parameter.
    """
    presets = models.catalogue[model].presets()
    settings = settings_of(presets[preset or next(iter(presets))])
    moved = {name[2:]: changes.pop(name) for name in list(changes) if name.startswith("p_")}
    settings = replace(settings, parameters={**settings.parameters, **moved}, **changes)
    overlay = settings.simulate(settings.overlay) if settings.overlay else None
    return Picture(settings.simulate(), settings, overlay, cursor)


EVERY = [(name, slug) for name, model in models.catalogue.items() for slug in model.presets()]
"""(model, preset) for every preset there is."""
FIRST = [(name, next(iter(model.presets()))) for name, model in models.catalogue.items()]
"""(model, preset) of what each model shows first."""
