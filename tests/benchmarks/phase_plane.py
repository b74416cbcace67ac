"""The analysis that follows a slider: nullclines, field, fixed points, manifolds, reset map.

Every call is warm and has a current of its own, as in a drag. `plane` is what the phase plane needs
at every move (nullclines, field, fixed points), `whole` adds the manifolds of two-state models.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import models
from models import analysis
from models.model import NeuronModel

from .timing import medians, print_table

COLUMNS = ("nullclines", "field", "fixed points", "manifolds", "plane", "whole", "cycles", "map")


def report() -> None:
    rows = []
    for name, model in models.catalogue.items():
        if len(model.states) > 1:
            times = medians(_calls(model()), rounds=15)
            rows.append([name, *(f"{times[c]:.2f}" if c in times else "" for c in COLUMNS)])
    print_table(["ms", *COLUMNS], rows)


def _calls(cell: NeuronModel) -> dict[str, Callable[[], Any]]:
    low, high = cell.current.softbounds
    steps = itertools.cycle(low + (high - low) * k / 100.0 for k in range(20, 60))

    def plane() -> float:
        current = next(steps)
        analysis.nullclines(cell, current=current)
        analysis.vector_field(cell, current=current)
        analysis.fixed_points(cell, current)
        return current

    calls: dict[str, Callable[[], Any]] = {
        "nullclines": lambda: analysis.nullclines(cell, current=next(steps)),
        "field": lambda: analysis.vector_field(cell, current=next(steps)),
        "fixed points": lambda: analysis.fixed_points(cell, next(steps)),
        "plane": plane,
        "whole": plane,
        "cycles": lambda: analysis.limit_cycles(cell, next(steps)),
    }
    if len(cell.states) == 2:
        calls["manifolds"] = lambda: analysis.manifolds(cell, next(steps))
        calls["whole"] = lambda: analysis.manifolds(cell, plane())
        if cell.resets():
            calls["map"] = lambda: analysis.reset_map(cell, next(steps))
    return calls
