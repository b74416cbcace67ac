"""Layers for the tests of the layer page: a basis and settings, with some values replaced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from explorer.layer_picture import LayerPicture, simulated
from explorer.layer_state import Basis, LayerSettings, opening
from explorer.state import opening_settings


def basis(model: str = "LIF", **changes: Any) -> Basis:
    """What the Explore page first shows of a model; `p_...` replaces a parameter."""
    shown = opening_settings(model)
    made = Basis(model, shown.parameters, shown.stimulus, shown.duration, shown.dt)
    moved = {name[2:]: changes.pop(name) for name in list(changes) if name.startswith("p_")}
    return replace(made, parameters={**made.parameters, **moved}, **changes)


def settings(of: Basis, **changes: Any) -> LayerSettings:
    """A small layer that runs for 100 ms."""
    small = {"features": 2, "rows": 4, "columns": 5, "duration": 100.0}
    return replace(opening(of), **{**small, **changes})


def layer(model: str = "LIF", of: Basis | None = None, **changes: Any) -> LayerPicture:
    """The picture of a small layer."""
    made = basis(model) if of is None else of
    return simulated(made, settings(made, **changes))
