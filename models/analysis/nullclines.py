"""Nullclines: the curves of a phase plane on which one of its two states stands still.

Each is the zero contour of that state's time derivative, so it may fold, close on itself, be
vertical or horizontal, or have several branches. Contours come from a coarse grid; every point is
then moved onto the curve, and points are added where the curve bends.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import contourpy
import jax
import jax.numpy as jnp
import numpy as np

from ..model import Array, NeuronModel
from .plane import Plane, Range, flow_at, flow_on_grid, plane
from .roots import bracketed_roots

_GRID = 81
"""Nodes along each axis of the grid the contours come from."""

_WIDE = 1.5
"""Widths of a state's span from which on half the nodes of its axis are spread over the span: a
curve bends there, and would fall between two nodes of a view from far away."""

_FEW, _MANY = 32, 384
"""Points moved onto the curve at once: those added where it bends, those of the whole grid."""

_SAGITTA = 1e-4
"""How far the curve may stand off a chord before a point is added, in shares of the axes."""

_REFINEMENTS = 8

_ACUTE = 5.0
"""How far out the tip of a fold is looked for, in widths of the chord that cuts it off."""

_SHORT = 1e-6
"""Points closer than this share of the axes are one."""

_GAP = 1e-3
"""Flow left at a root, relative to the flow around it, that tells a jump from a zero."""


def nullclines(
    cell: NeuronModel,
    x: str | None = None,
    y: str | None = None,
    current: float = 10.0,
    xlim: Range | None = None,
    ylim: Range | None = None,
    held: Mapping[str, float] | None = None,
) -> dict[str, list[np.ndarray]]:
    """The nullclines of the two axis states within the ranges of a phase plane.

    Parameters
    ----------
    cell, x, y, current, xlim, ylim, held : the plane; see `models.analysis.plane.plane`.

    Returns
    -------
    {state: [(m, 2) array, ...]}
        Every branch is a polyline of its own, points on the curve to rounding; a closed branch
        ends where it begins. Branches are never joined across a gap.

    Raises
    ------
    ValueError
        As `plane`.
    """
    view = plane(cell, x, y, current, xlim, ylim, held)
    branches = _contours(view)
    for _ in range(_REFINEMENTS):
        bent = [_bent(view, line) for _, line in branches]
        if not any(places.size for places in bent):
            break
        branches = _refined(view, branches, bent)
    found: dict[str, list[np.ndarray]] = {name: [] for name in view.names}
    for row, line in branches:
        found[view.names[row]].append(line)
    return found


_Branch = tuple[int, np.ndarray]
"""Which of the two flows vanishes, and the points (m, 2) where it does."""


def _contours(view: Plane) -> list[_Branch]:
    """The branches as the grid shows them, their points moved onto the curve."""
    nodes = tuple(
        _nodes(low, high, view.model.states[axis].span)
        for axis, (low, high) in zip(view.axes, view.limits, strict=True)
    )
    flow = np.asarray(flow_on_grid(*view.settings, *nodes))
    rough: list[_Branch] = []
    for row in range(2):
        size = np.abs(flow[row])
        scale = float(np.median(size[np.isfinite(size)])) if np.isfinite(size).any() else 1.0
        level = np.clip(flow[row], -1e200, 1e200) / (scale or 1.0)
        level = np.ma.masked_invalid(level / (1.0 + np.abs(level)))
        lines = contourpy.contour_generator(z=level).lines(0.0)
        rough += [(row, np.asarray(line)) for line in lines]
    if not rough:
        return []
    # Each point lies on an edge between two nodes, with a sign change from one to the other.
    cells = np.concatenate([line for _, line in rough])
    near = np.round(cells)
    off = np.abs(cells - near) > 1e-12
    low, high = np.where(off, np.floor(cells), near), np.where(off, np.ceil(cells), near)
    rows = np.concatenate([np.full(len(line), row) for row, line in rough])
    points, whole = _onto_curve(view, rows, _at(nodes, low), _at(nodes, high))
    whole |= ~off.any(axis=1)  # the curve goes right through a node
    ends = np.cumsum([len(line) for _, line in rough])
    branches: list[_Branch] = []
    for (row, line), end in zip(rough, ends, strict=True):
        part = slice(end - len(line), end)
        branches += [(row, piece) for piece in _pieces(view, points[part], whole[part])]
    return branches


def _nodes(low: float, high: float, span: Range) -> np.ndarray:
    """The nodes of an axis: even, or closer within the span of its state if that is but a part."""
    even = np.linspace(low, high, _GRID)
    inside = max(low, span[0]), min(high, span[1])
    if inside[0] >= inside[1] or high - low < _WIDE * (span[1] - span[0]):
        return even
    # Each part of the axis has nodes by its share of the whole and by its share of the span.
    places = np.array([low, *inside, high])
    whole = (places - low) / (high - low)
    within = np.array([0.0, 0.0, 1.0, 1.0])
    return np.interp(np.linspace(0.0, 1.0, _GRID), 0.5 * (whole + within), places)


def _at(nodes: tuple[np.ndarray, ...], indices: np.ndarray) -> np.ndarray:
    """Points (m, 2) from the numbers (m, 2) of nodes."""
    whole = indices.astype(int)
    return np.stack([axis[whole[:, i]] for i, axis in enumerate(nodes)], axis=1)


def _refined(view: Plane, branches: list[_Branch], bent: list[np.ndarray]) -> list[_Branch]:
    """The branches with a point added in the middle of each chord listed in `bent`."""
    scale = view.limits[:, 1] - view.limits[:, 0]
    middles, outward = [], []
    for (_, line), places in zip(branches, bent, strict=True):
        drawn = line / scale
        chord = drawn[places + 1] - drawn[places]
        middle = 0.5 * (drawn[places + 1] + drawn[places])
        around = np.maximum(places - 1, 0), np.minimum(places + 2, len(line) - 1)
        inner = 0.5 * (drawn[around[0]] + drawn[around[1]]) - middle
        across = np.stack([-chord[:, 1], chord[:, 0]], axis=1)
        outward.append(np.where((across * inner).sum(axis=1)[:, None] > 0.0, -across, across))
        middles.append(middle)
    rows = np.concatenate(
        [np.full(places.size, row) for (row, _), places in zip(branches, bent, strict=True)]
    )
    middle, beyond = np.concatenate(middles) * scale, np.concatenate(outward) * scale
    points, whole = _onto_curve(view, rows, middle - 0.5 * beyond, middle + 0.5 * beyond)
    if not whole.all():  # the tip of an acute fold lies farther out than its width
        tip = np.flatnonzero(~whole)
        points[tip], whole[tip] = _onto_curve(
            view, rows[tip], middle[tip], middle[tip] + _ACUTE * beyond[tip]
        )
    outside = (points < view.limits[:, 0]) | (points > view.limits[:, 1])
    whole &= ~outside.any(axis=1)
    refined, begin = [], 0
    for (row, line), places in zip(branches, bent, strict=True):
        part = slice(begin, begin + places.size)
        begin += places.size
        good = whole[part]
        refined.append((row, np.insert(line, places[good] + 1, points[part][good], axis=0)))
    return refined


def _onto_curve(
    view: Plane, rows: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The zeros (M, 2) of flow `rows` (M,) between points `low` and `high` (M, 2), and whether
    each is one: between the ends there may also be a jump, or no sign change at all."""
    count = len(rows)
    lanes = _FEW if count <= _FEW else _MANY
    padded = -(-count // lanes) * lanes
    ends = np.zeros((5, padded))
    ends[0, :count], ends[1:3, :count], ends[3:, :count] = rows, low.T, high.T
    parts = [
        np.asarray(_zeros(*view.settings, ends[:, begin : begin + lanes]))
        for begin in range(0, padded, lanes)
    ]
    zeros = np.concatenate(parts, axis=1)[:, :count]
    return zeros[:2].T, zeros[2] <= _GAP


@partial(jax.jit, static_argnames=("model", "chosen"))
def _zeros(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    axes: Array,
    held: Array,
    numbers: Array,
    packed: Array,
    ends: Array,
) -> Array:
    """Points (2, M) where a flow vanishes between two ends, and the flow left there relative to
    that at the ends (M,); `ends` (5, M) holds which flow, the first end and the second end."""
    row, low, high = ends[0], ends[1:3], ends[3:5]

    def flow(points: Array) -> Array:
        both = flow_at(model, chosen, axes, held, numbers, packed, points)
        return jnp.where(row == 0.0, both[0], both[1])

    def between(share: Array) -> Array:
        return low + share[None] * (high - low)

    zero, one = jnp.zeros_like(row), jnp.ones_like(row)
    share, value, around = bracketed_roots(lambda t: flow(between(t)), zero, one, 1e-12)
    left = jnp.abs(value) / jnp.where(around == 0.0, 1.0, around)
    return jnp.concatenate([between(share), left[None]])


def _pieces(view: Plane, points: np.ndarray, whole: np.ndarray) -> list[np.ndarray]:
    """A line cut where a jump was taken for a zero, without points that coincide."""
    scale = view.limits[:, 1] - view.limits[:, 0]
    cuts = np.flatnonzero(np.diff(whole.astype(int))) + 1
    pieces = []
    for piece, good in zip(np.split(points, cuts), np.split(whole, cuts), strict=True):
        if not good[0] or len(piece) < 2:
            continue
        apart = np.abs(np.diff(piece, axis=0) / scale).max(axis=1) > _SHORT
        kept = piece[np.concatenate([[True], apart])]
        kept[-1] = piece[-1]
        if len(kept) > 1:
            pieces.append(kept)
    return pieces


def _bent(view: Plane, line: np.ndarray) -> np.ndarray:
    """Indices of the chords from which the curve stands off too far, by the turns at their ends."""
    if len(line) < 3:
        return np.zeros(0, dtype=int)
    chords = np.diff(line / (view.limits[:, 1] - view.limits[:, 0]), axis=0)
    length = np.hypot(chords[:, 0], chords[:, 1])
    heading = np.arctan2(chords[:, 1], chords[:, 0])
    turn = np.abs((np.diff(heading) + np.pi) % (2.0 * np.pi) - np.pi)
    turns = np.concatenate([turn[:1], turn, turn[-1:]])
    return np.flatnonzero(length * (turns[1:] + turns[:-1]) / 16.0 > _SAGITTA)
