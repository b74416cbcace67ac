"""What can be laid over a phase plane: streamlines, manifolds, basins, cycles, orbits of clicks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from bokeh.plotting import figure

from models import NeuronModel, analysis

from ..canvas import broken_at, hand_over, source
from ..palette import GREEN, GREY, KEPT, SPIKE
from ..picture import Picture

LAYERS: Mapping[str, str] = {
    "flow": "Flow",
    "streamlines": "Streamlines",
    "manifolds": "Manifolds",
    "basins": "Basins",
    "cycles": "Cycles",
    "orbits": "Orbits",
}
"""The layers by the name they have in a link."""

ANY_STATES = ("flow", "cycles")
"""Layers of models with any number of states; the others need exactly two."""

SEEDS = 9
"""Streamlines start from a grid of this many places a side."""

Span = tuple[float, float]
Lines = list[np.ndarray]


def offered(model: type[NeuronModel]) -> tuple[str, ...]:
    """The layers that make sense for a model."""
    return tuple(LAYERS) if len(model.states) == 2 else ANY_STATES


def lines(
    picture: Picture,
    layers: Collection[str],
    seeds: Sequence[tuple[float, float]],
    xlim: Span,
    ylim: Span,
) -> dict[str, Lines]:
    """Polylines (m, 2) in the plane of the picture, by role.

    Roles: `streamlines`, `stable_manifold`, `unstable_manifold`, `basins` (closed outlines),
    `stable_cycles`, `unstable_cycles`, `forward_orbits`, `backward_orbits`. What is not asked for
    or not there is an empty list.

    Parameters
    ----------
    picture : the redraw.
    layers : names of `LAYERS` that are on.
    seeds : places (x, y) that were clicked for orbits.
    xlim, ylim : visible ranges.
    """
    made: dict[str, Lines] = {role: [] for role in (*ROLES, "basins")}
    cell, current, settings = picture.run.cell, picture.injected, picture.settings
    wanted = [name for name in layers if name in offered(picture.model)]
    if "cycles" in wanted:
        for cycle in analysis.limit_cycles(cell, current):
            role = "stable_cycles" if cycle.stable else "unstable_cycles"
            made[role].append(np.stack([cycle.states[settings.x], cycle.states[settings.y]], 1))
    if len(picture.model.states) != 2:
        return made
    swapped = settings.x != picture.model.states[0].name
    first, second = (ylim, xlim) if swapped else (xlim, ylim)
    if "manifolds" in wanted:
        for manifold in analysis.manifolds(cell, current, first, second):
            made["stable_manifold"] += manifold.stable
            made["unstable_manifold"] += manifold.unstable
    if "basins" in wanted:
        made["basins"] = [basin.outline for basin in analysis.basins(cell, current, first, second)]
    if "streamlines" in wanted:
        grid = np.stack(np.meshgrid(*(_inside(*limits) for limits in (first, second))), -1)
        made["streamlines"] = _paths(picture, grid.reshape(-1, 2), first, second, 1.0, length=0.3)
    if "orbits" in wanted and seeds:
        places = np.array([(y, x) if swapped else (x, y) for x, y in seeds])
        made["forward_orbits"] = _paths(picture, places, first, second, 1.0, length=8.0)
        made["backward_orbits"] = _paths(picture, places, first, second, -1.0, length=8.0)
    if swapped:
        cycles = ("stable_cycles", "unstable_cycles")
        made = {
            role: found if role in cycles else [line[:, ::-1] for line in found]
            for role, found in made.items()
        }
    return made


def _inside(low: float, high: float) -> np.ndarray:
    return low + (high - low) * (np.arange(SEEDS) + 0.5) / SEEDS


def _paths(
    picture: Picture, places: np.ndarray, first: Span, second: Span, way: float, length: float
) -> Lines:
    """Orbits of the flow under the current at the cursor, until they leave or fire."""
    found = analysis.orbits(
        picture.run.cell,
        picture.injected,
        places,
        np.array([first, second]),
        direction=way,
        tolerance=1e-6,
        length=length,
    )
    return [orbit.x for orbit in found]


ROLES: Mapping[str, dict[str, Any]] = {
    "streamlines": {"line_color": GREY, "line_alpha": 0.55},
    "stable_manifold": {"line_color": GREEN, "line_width": 2, "line_dash": [6, 3]},
    "unstable_manifold": {"line_color": GREEN, "line_width": 1.5},
    "unstable_cycles": {"line_color": SPIKE, "line_width": 2.5, "line_dash": [6, 4]},
    "stable_cycles": {"line_color": SPIKE, "line_width": 4, "line_alpha": 0.35},
    "backward_orbits": {"line_color": KEPT, "line_dash": [4, 3]},
    "forward_orbits": {"line_color": KEPT, "line_width": 1.5},
}
"""How each role is drawn, back to front; `basins` are filled."""

MEANING = (
    ("stable_manifold", "stable manifold (dashed green)"),
    ("unstable_manifold", "unstable manifold (green)"),
    ("stable_cycles", "stable cycle (broad)"),
    ("unstable_cycles", "unstable cycle (dashed)"),
    ("basins", "basin of rest (shaded)"),
)


def legend(made: Mapping[str, Lines], layers: Collection[str], resets: bool) -> str:
    """What is seen, in words; what was asked for and is not there is said, too.

    Parameters
    ----------
    made : the lines by role; empty as long as they are being computed.
    layers : names of `LAYERS` that are on.
    resets : whether the model has a reset, through which it may cycle all the same.
    """
    if not made:
        return ""
    seen = [words for role, words in MEANING if made.get(role)]
    missing = {
        "manifolds": "no saddle, so no manifolds",
        "cycles": "no cycle without a reset" if resets else "no cycle",
        "basins": "no basin of rest",
    }
    roles = {
        "manifolds": ("stable_manifold", "unstable_manifold"),
        "cycles": ("stable_cycles", "unstable_cycles"),
        "basins": ("basins",),
    }
    for layer, words in missing.items():
        if layer in layers and not any(made.get(role) for role in roles[layer]):
            seen.append(words)
    return ", ".join(seen)


class PlaneLayers:
    """Draws the layers into the figure of a phase plane."""

    def __init__(self, plane: figure) -> None:
        self.sources = {role: source(role, "x", "y") for role in (*ROLES, "basins")}
        plane.patch(
            "x", "y", source=self.sources["basins"], fill_color=GREEN, fill_alpha=0.09,
            line_color=None, level="underlay",
        )  # fmt: skip
        for role, style in ROLES.items():
            plane.line("x", "y", source=self.sources[role], level="underlay", **style)

    def update(self, made: Mapping[str, Lines]) -> None:
        """Show the lines of each role."""
        for role, lines_of in made.items():
            x, y = broken_at(lines_of)
            hand_over(self.sources[role], {"x": x, "y": y})

    def clear(self) -> None:
        """Show no layer."""
        self.update({role: [] for role in self.sources})
