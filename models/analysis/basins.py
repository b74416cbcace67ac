"""Basins of attraction of the rests of a two-state model: where it comes back without a spike.

What bounds a basin is either an unstable cycle around the rest or the stable manifold of a saddle,
which cuts the picture in two.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..model import NeuronModel
from .fixed_points import FixedPoint, fixed_points
from .limit_cycles import limit_cycles
from .manifolds import Manifold, Range, clipped, manifolds, picture
from .orbits import RESTED, arrivals

_SAMPLES = 16
"""Places inside a basin from which the flow must lead to its rest, or it is not shown."""


@dataclass(frozen=True, eq=False)
class Basin:
    """The part of a picture from which a cell comes to one rest.

    Attributes
    ----------
    rest : the stable fixed point.
    outline : (m, 2) polygon of the two states; its last point is not the first again.
    boundary : list of (k, 2) polylines, the part of the outline that is a true boundary and not
        the edge of the picture.
    """

    rest: FixedPoint
    outline: np.ndarray = field(repr=False)
    boundary: list[np.ndarray] = field(repr=False)


def basins(
    cell: NeuronModel,
    current: float = 10.0,
    xlim: Range | None = None,
    ylim: Range | None = None,
) -> list[Basin]:
    """The basins of the stable fixed points in view.

    Parameters
    ----------
    cell : a model with two states.
    current : constant current in the model's unit.
    xlim, ylim : ranges of the two states; their spans by default.

    Returns
    -------
    list of Basin. A rest whose basin is neither an unstable cycle's inside nor a part of the
    picture cut off by stable manifolds (one with holes, for instance) is left out.

    Raises
    ------
    ValueError
        If the model has another number of states, or a range is none.
    """
    box = picture(cell, xlim, ylim)
    inside = tuple(box[0])
    rests = [point for point in fixed_points(cell, current, inside) if point.stable]
    if not rests:
        return []
    rings = [
        np.stack(list(cycle.states.values()), axis=1)[:-1]
        for cycle in limit_cycles(cell, current)
        if not cycle.stable
    ]
    faces = _faces(_cuts(manifolds(cell, current, *map(tuple, box)), box), box)
    found = []
    for rest in rests:
        at = np.array(list(rest.state.values()))
        around = [ring for ring in rings if _contains(ring, at[None])[0]]
        shown = [face for face in faces if _contains(face, at[None])[0]]
        if not around and not (shown and _leads_to(cell, current, shown[0], at, box)):
            continue
        outline = (around or shown)[0]
        closed = np.concatenate([outline, outline[:1]])
        found.append(Basin(rest, outline, _within(closed, box)))
    return found


def _cuts(found: list[Manifold], box: np.ndarray) -> list[np.ndarray]:
    """The curves (m, 2) along stable manifolds that run from edge to edge of the picture."""
    cuts = []
    for manifold in found:
        saddle = np.array(list(manifold.saddle.state.values()))
        arms = [piece for piece in manifold.stable if np.array_equal(piece[0], saddle)]
        others = [piece for piece in manifold.stable if not np.array_equal(piece[0], saddle)]
        if len(arms) == 2:
            cuts.append(np.concatenate([arms[0][:0:-1], arms[1]]))
        cuts += others
    return [cut for cut in cuts if _on_edge(cut[0], box) and _on_edge(cut[-1], box)]


def _faces(cuts: list[np.ndarray], box: np.ndarray) -> list[np.ndarray]:
    """The polygons into which curves from edge to edge, which do not meet, divide the picture.

    Each face is found by following a curve, then the edge of the picture counterclockwise to the
    next end of a curve, and so on until it closes.
    """
    (left, right), (bottom, top) = box
    corners = np.array([[left, bottom], [right, bottom], [right, top], [left, top]])
    if not cuts:
        return [corners]
    # Every curve runs both ways: once for the face on each of its sides.
    ways = [way for cut in cuts for way in (cut, cut[::-1])]
    begins = np.array([_along_edge(way[0], box) for way in ways])
    faces, used = [], set()
    for first in range(len(ways)):
        outline, at = [], first
        while at not in used:
            used.add(at)
            outline.append(ways[at])
            end = _along_edge(ways[at][-1], box)
            ahead = (begins - end) % 4.0
            ahead[ahead == 0.0] = 4.0
            at = int(np.argmin(ahead))
            passed = sorted((k - end) % 4.0 for k in range(4) if (k - end) % 4.0 < ahead[at])
            outline += [corners[round(end + k) % 4][None] for k in passed]
        if outline:
            faces.append(np.concatenate(outline))
    return faces


def _along_edge(point: np.ndarray, box: np.ndarray) -> float:
    """Where on the edge of the picture a point lies: 0, 1, 2, 3 at the corners, counterclockwise
    from the lower left."""
    x, y = (point - box[:, 0]) / (box[:, 1] - box[:, 0])
    distances = [abs(y), abs(1.0 - x), abs(1.0 - y), abs(x)]
    side = int(np.argmin(distances))
    return side + float(np.clip([x, y, 1.0 - x, 1.0 - y][side], 0.0, 1.0 - 1e-12))


def _on_edge(point: np.ndarray, box: np.ndarray) -> bool:
    share = (point - box[:, 0]) / (box[:, 1] - box[:, 0])
    return bool(np.minimum(np.abs(share), np.abs(1.0 - share)).min() < 1e-9)


def _contains(outline: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Which points (M, 2) lie inside a polygon: an odd number of its sides lies to their right."""
    start, end = outline, np.roll(outline, -1, axis=0)
    x, y = points[:, :1], points[:, 1:]
    spans = (start[:, 1] > y) != (end[:, 1] > y)
    rise = np.where(start[:, 1] == end[:, 1], 1.0, end[:, 1] - start[:, 1])
    crossing = start[:, 0] + (y - start[:, 1]) / rise * (end[:, 0] - start[:, 0])
    return (spans & (x < crossing)).sum(axis=1) % 2 == 1


def _leads_to(
    cell: NeuronModel, current: float, outline: np.ndarray, rest: np.ndarray, box: np.ndarray
) -> bool:
    """Whether the flow leads from all over a polygon to a fixed point."""
    random = np.random.default_rng(0)
    low, high = (
        np.maximum(outline.min(axis=0), box[:, 0]),
        np.minimum(outline.max(axis=0), box[:, 1]),
    )
    points = random.uniform(low, high, (64 * _SAMPLES, 2))
    points = points[_contains(outline, points)][:_SAMPLES]
    if not len(points):
        return False
    points = np.resize(points, (_SAMPLES, 2))
    width = box[:, 1] - box[:, 0]
    _, x, end = arrivals(cell, current, points, box + np.outer(width, [-3.0, 3.0]))
    near = np.abs((x - rest) / width).max(axis=1) < 1e-3
    return bool((near & (end == RESTED)).all())


def _within(outline: np.ndarray, box: np.ndarray) -> list[np.ndarray]:
    """The pieces of a closed outline that do not run along the edge of the picture."""
    share = (outline - box[:, 0]) / (box[:, 1] - box[:, 0])
    flat = [
        (np.abs(share[:-1, axis] - side) < 1e-9) & (np.abs(share[1:, axis] - side) < 1e-9)
        for axis in range(2)
        for side in (0.0, 1.0)
    ]
    inner = np.flatnonzero(~np.any(flat, axis=0))
    runs = np.split(inner, np.flatnonzero(np.diff(inner) > 1) + 1) if inner.size else []
    pieces = [outline[run[0] : run[-1] + 2] for run in runs]
    return [part for piece in pieces for part in clipped(piece, box)]
