"""Stable and unstable manifolds of the saddles of a two-state model.

The stable manifold is what separates: on its two sides the same cell rests or fires.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..model import NeuronModel
from .fixed_points import FixedPoint, fixed_points
from .given import ends
from .orbits import Orbit, orbits

Range = tuple[float, float]

_OFFSET = 1e-4
"""How far from the saddle a branch starts along its eigenvector, in shares of the axes."""

_STRIDE = 0.003
"""Longest step, in shares of the room in which a branch is followed: three pictures wide."""

_LENGTH = 5.0
"""Length at which a branch ends that winds onto a cycle, in the same measure."""


@dataclass(frozen=True, eq=False)
class Manifold:
    """The four branches that meet at a saddle.

    Attributes
    ----------
    saddle : the fixed point.
    stable, unstable : lists of (m, 2) arrays of the two states. A branch begins at the saddle; one
        that leaves the picture and comes back is several pieces, in this order.
    """

    saddle: FixedPoint
    stable: list[np.ndarray] = field(repr=False)
    unstable: list[np.ndarray] = field(repr=False)


def manifolds(
    cell: NeuronModel,
    current: float = 10.0,
    xlim: Range | None = None,
    ylim: Range | None = None,
) -> list[Manifold]:
    """The manifolds of every saddle in view.

    Each branch is integrated from the saddle along its eigenvector, forward in time for the
    unstable manifold and backward for the stable one, until it comes to rest, leaves the picture
    for good, or reaches the spike level of a reset model.

    Parameters
    ----------
    cell : a model with two states.
    current : constant current in the model's unit.
    xlim, ylim : ranges of the two states; their spans by default.

    Returns
    -------
    list of Manifold, one for each saddle within `xlim`.

    Raises
    ------
    ValueError
        If the model has another number of states, or a range is none.
    """
    box = picture(cell, xlim, ylim)
    saddles = [
        point
        for point in fixed_points(cell, current, (box[0, 0], box[0, 1]))
        if point.kind == "saddle"
    ]
    if not saddles:
        return []
    width = box[:, 1] - box[:, 0]
    starts, ways = [], []
    for saddle in saddles:
        values, vectors = np.linalg.eig(saddle.jacobian)
        middle = np.array(list(saddle.state.values()))
        for way in (-1.0, 1.0):
            vector = vectors[:, int(np.argmax(way * values.real))].real
            step = _OFFSET * vector / np.abs(vector / width).max()
            starts += [middle - step, middle + step]
            ways += [way, way]
    wide = box + np.outer(width, [-1.0, 1.0])
    paths = orbits(
        cell,
        current,
        np.array(starts),
        wide,
        direction=np.array(ways),
        stride=_STRIDE,
        length=_LENGTH,
    )
    found = []
    for i, saddle in enumerate(saddles):
        middle = np.array(list(saddle.state.values()))
        branches = [_seen(middle, path, box) for path in paths[4 * i : 4 * i + 4]]
        found.append(Manifold(saddle, branches[0] + branches[1], branches[2] + branches[3]))
    return found


def picture(cell: NeuronModel, xlim: Range | None, ylim: Range | None) -> np.ndarray:
    """The ranges (2, 2) of the states of a two-state model; ValueError as `manifolds`."""
    if len(cell.states) != 2:
        raise ValueError(
            f"Manifolds and basins are drawn for models with two states: {type(cell).__name__} has "
            f"{len(cell.states)}."
        )
    voltage, other = (state.span for state in cell.states)
    ranges = (("xlim", xlim, voltage), ("ylim", ylim, other))
    return np.array([ends(name, span if lim is None else lim) for name, lim, span in ranges])


def clipped(line: np.ndarray, box: np.ndarray) -> list[np.ndarray]:
    """The pieces of a polyline (m, 2) inside a box (2, 2), cut at its edges."""
    start, chord = line[:-1], np.diff(line, axis=0)
    moving = np.where(chord == 0.0, 1.0, chord)
    ways = np.stack([(box[:, 0] - start) / moving, (box[:, 1] - start) / moving])
    inside = (start >= box[:, 0]) & (start <= box[:, 1])
    enter = np.where(chord == 0.0, np.where(inside, 0.0, np.inf), ways.min(axis=0)).max(axis=1)
    leave = np.where(chord == 0.0, np.inf, ways.max(axis=0)).min(axis=1)
    enter, leave = np.maximum(enter, 0.0), np.minimum(leave, 1.0)
    seen = np.flatnonzero(enter < leave)
    whole = (leave[seen[:-1]] == 1.0) & (enter[seen[1:]] == 0.0) & (np.diff(seen) == 1)
    pieces = []
    for run in np.split(seen, np.flatnonzero(~whole) + 1):
        if run.size:
            points = line[run[0] : run[-1] + 2].copy()
            points[0] = start[run[0]] + enter[run[0]] * chord[run[0]]
            points[-1] = start[run[-1]] + leave[run[-1]] * chord[run[-1]]
            pieces.append(points)
    return pieces


def _seen(middle: np.ndarray, path: Orbit, box: np.ndarray) -> list[np.ndarray]:
    return clipped(np.concatenate([middle[None], path.x]), box)
