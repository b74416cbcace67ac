"""Fixed points of a model, in all its states, with their eigenvalues and textbook names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..model import Array, NeuronModel
from .given import constant_current, ends
from .steady import balance, eliminate, follows_linearly, jacobian

_GRID = 1024
"""Voltages at which the balance is looked at before any root is polished."""

_LANES = 8
"""Roots polished at once; further ones take another call."""

_NEWTON_STEPS = 12

_DEPTH = 2
"""How often a cell of the grid that may hide roots is looked at on a grid of its own."""

_MOST_CLOSER = 64
"""Cells looked at more closely per grid: a bound on the work where the flow is all kinks."""

_MOST_CHANGES = 16
"""Changes of sign within one cell of the grid beyond which they are rounding: where the terms of a
flat balance cancel, nothing but their last digits is left of it."""

_ROUNDING = 1e-14
"""Of the terms of the flow: what is left when they cancel to their last digits."""

_MARGIN = 0.25
"""How far beyond its ends, in its own widths, a cell is looked at: roots may hide about a node."""

_ZERO = 1e-6
"""An eigenvalue this small against the rates of the flow counts as zero."""

_APART = 1e-8
"""Fixed points nearer than this, in spans, are one."""

_SEEDS = 4096
"""Starts of Newton's method in a model whose states do not follow the voltage linearly."""

_REST = 1e-12
"""Flow left at a fixed point, relative to the slopes there."""


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """A state where nothing moves.

    Attributes
    ----------
    state : the states by name.
    eigenvalues : (S,) complex, 1/ms, largest real part first.
    kind : its textbook name. One state: "stable", "unstable", "half-stable". Two: "stable node",
        "unstable node", "stable focus", "unstable focus", "saddle", "centre", "degenerate". More:
        the same words while all directions agree, else a saddle with the number of its unstable
        directions, as in "saddle-focus (2 unstable directions)"; "focus" tells that some
        direction spirals.
    jacobian : (S, S) partial derivatives of the right-hand side, 1/ms.
    """

    state: Mapping[str, float]
    eigenvalues: np.ndarray
    kind: str
    jacobian: np.ndarray = field(repr=False)

    @property
    def stable(self) -> bool:
        """Whether every small perturbation dies out."""
        return bool(self.eigenvalues.real.max() < 0.0) and "stable" in self.kind


def fixed_points(
    cell: NeuronModel, current: float = 10.0, xlim: tuple[float, float] | None = None
) -> list[FixedPoint]:
    """All isolated fixed points of a model under a constant current, by ascending voltage.

    The voltage is scanned on a fine grid while the other states follow it; every sign change, and
    every near miss on finer grids, is polished to rounding. (A model whose other states do not
    follow linearly is also searched from a lattice of starts.) For a reset model only points below
    the spike level count: the dynamics never reach the others.

    Parameters
    ----------
    cell : the model.
    current : constant current in the model's unit.
    xlim : range of states[0]; by default its span, widened by its own width on either side.

    Returns
    -------
    list of FixedPoint

    Raises
    ------
    ValueError
        If `xlim` is no range, or `current` no finite number.
    """
    low, high = ends("xlim", _wide(type(cell).states[0].span) if xlim is None else xlim)
    model, current = type(cell), constant_current(current)
    if follows_linearly(model, cell.chosen()):
        points = _search(cell, current, low, high, _DEPTH)
    else:
        points = _search(cell, current, low, high, 0) + _lattice(cell, current, low, high)
    rate = _typical_rate(cell, current, low, high) if len(cell.states) == 1 else 0.0
    apart = _APART * np.array([state.span[1] - state.span[0] for state in cell.states])
    kept: list[_Point] = []
    for x, slopes in sorted(points, key=lambda point: point[0][0]):
        if not any((np.abs(x - other) <= apart).all() for other, _ in kept):
            kept.append((x, slopes))
    return [_fixed_point(model, x, slopes, rate) for x, slopes in kept]


def classify(eigenvalues: np.ndarray, scale: float) -> str:
    """The textbook name of a fixed point.

    Parameters
    ----------
    eigenvalues : (S,) complex.
    scale : size of the rates of the flow, 1/ms; what is tiny against it counts as zero.
    """
    return str(kinds(eigenvalues[None], np.array([scale]))[0])


def kinds(eigenvalues: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """The names (N,) of fixed points with eigenvalues (N, S); `scale` (N,) as `classify`."""
    size = eigenvalues.shape[1]
    zero = _ZERO * scale[:, None]
    real, neutral = eigenvalues.real, np.abs(eigenvalues.real) <= zero
    unstable = ((real > 0.0) & ~neutral).sum(axis=1)
    if size == 1:
        return np.select([neutral[:, 0], unstable == 0], ["half-stable", "stable"], "unstable")
    spiral = (np.abs(eigenvalues.imag) > zero).any(axis=1)
    word = np.where(spiral, "focus", "node")
    if size == 2:
        saddle = np.full(len(word), "saddle")
    else:
        dimensions = np.where(unstable == 1, " unstable direction)", " unstable directions)")
        counted = np.char.add(unstable.astype(str), dimensions)
        saddle = np.char.add(np.where(spiral, "saddle-focus (", "saddle ("), counted)
    degenerate = neutral.any(axis=1)
    return np.select(
        [degenerate & spiral & (size == 2), degenerate, unstable == 0, unstable == size],
        ["centre", "degenerate", np.char.add("stable ", word), np.char.add("unstable ", word)],
        saddle,
    )


def _wide(span: tuple[float, float]) -> tuple[float, float]:
    width = span[1] - span[0]
    return span[0] - width, span[1] + width


_Point = tuple[np.ndarray, np.ndarray]
"""A state (S,) and the slopes (S, S) of the flow there."""


def _search(
    cell: NeuronModel,
    current: float,
    low: float,
    high: float,
    depth: int,
    closer_look: bool = False,
) -> list[_Point]:
    """The fixed points between two voltages."""
    model, chosen, packed = type(cell), cell.chosen(), cell.packed()
    v = np.linspace(low, high, _GRID)
    excess, x = jax.device_get(_scan(model, chosen, v, current, packed))
    crossing, hiding = _suspects(excess)
    if closer_look and crossing.sum() > _MOST_CHANGES:
        return []
    if depth > 0:
        plain = np.flatnonzero(crossing & ~hiding)
        closer = list(np.flatnonzero(hiding))
    else:
        plain, closer = np.flatnonzero(crossing | hiding), []
    drop = excess[plain] - excess[plain + 1]
    share = np.divide(excess[plain], drop, out=np.full(plain.size, 0.5), where=drop != 0.0)
    share = np.where((share >= 0.0) & (share <= 1.0), share, 0.5)
    starts = x[:, plain] + share * (x[:, plain + 1] - x[:, plain])
    found: list[_Point] = []
    for begin in range(0, plain.size, _LANES):
        cells = plain[begin : begin + _LANES]
        lanes = np.repeat(starts[:, begin : begin + 1], _LANES, axis=1)
        lanes[:, : cells.size] = starts[:, begin : begin + _LANES]
        x_end, slopes, rest, beyond = jax.device_get(_polish(model, chosen, lanes, current, packed))
        for lane, at in enumerate(cells):
            terms = np.abs(slopes[0, :, lane]) @ np.abs(x_end[:, lane])
            if not closer_look and np.abs(excess[at : at + 2]).max() <= _ROUNDING * terms:
                continue  # flat here: nothing moves, and no point is isolated
            inside = v[at] <= x_end[0, lane] <= v[at + 1] or depth == 0
            if not (inside and rest[lane] <= _REST * (1.0 + np.abs(slopes[:, :, lane]).max())):
                closer += [at] if depth > 0 else []
            elif not beyond[lane]:
                found.append((x_end[:, lane], slopes[:, :, lane]))
    margin = _MARGIN * (v[1] - v[0])
    for at in closer[:_MOST_CLOSER]:
        begin, end = max(low, v[at] - margin), min(high, v[at + 1] + margin)
        found += _search(cell, current, begin, end, depth - 1, closer_look=True)
    return found


def _lattice(cell: NeuronModel, current: float, low: float, high: float) -> list[_Point]:
    """Where Newton's method ends from an even lattice of starts: at one voltage such a model may
    have several fixed points, of which the scan follows one."""
    model, chosen, packed = type(cell), cell.chosen(), cell.packed()
    spans = [(low, high), *(state.span for state in model.states[1:])]
    n = max(2, int(_SEEDS ** (1.0 / len(spans))))
    axes = np.meshgrid(*(np.linspace(*span, n) for span in spans), indexing="ij")
    x = np.stack([axis.ravel() for axis in axes])
    for _ in range(3):
        x, slopes, rest, beyond = jax.device_get(_polish(model, chosen, x, current, packed))
    sound = rest <= _REST * (1.0 + np.abs(slopes).max(axis=(0, 1)))
    sound &= ~beyond & (x[0] >= low) & (x[0] <= high)
    return [(x[:, i], slopes[:, :, i]) for i in np.flatnonzero(sound)]


@partial(jax.jit, static_argnames=("model", "chosen"))
def _scan(
    model: type[NeuronModel], chosen: tuple[str, ...], v: Array, current: Array, packed: Array
) -> tuple[Array, Array]:
    """The balance (M,) at voltages v (M,) and the states (S, M) there."""
    return balance(model, chosen, v, current, model.unpack(packed, chosen))


@partial(jax.jit, static_argnames=("model", "chosen"))
def _polish(
    model: type[NeuronModel], chosen: tuple[str, ...], x: Array, current: Array, packed: Array
) -> tuple[Array, Array, Array, Array]:
    """States (S, M), slopes (S, S, M), the flow left (M,) and whether the spike level is passed."""
    p = model.unpack(packed, chosen)

    def newton(_: Any, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        x = carry[0]
        flow = model.derivatives(x, current, p)
        slopes = jacobian(model, x, current, p)
        return x - eliminate(slopes, flow)[0], slopes, jnp.abs(flow).max(axis=0)

    size, lanes = x.shape
    start = (x, jnp.zeros((size, size, lanes)), jnp.full((lanes,), jnp.inf))
    x, slopes, rest = lax.fori_loop(0, _NEWTON_STEPS, newton, start)
    return x, slopes, rest, model.threshold(x, p) >= 0.0


def _suspects(excess: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cells (M-1,) of the grid in which `excess` (M,) changes sign, and those that may hide more.

    Within each cell the cubic through the four nearest values is looked at: more sign changes than
    the ends tell, or a close approach to zero, call for a finer grid. Values are compressed first
    so that an exponential does not make the cubic swing.
    """
    scale = np.median(np.abs(excess[np.isfinite(excess)])) if np.isfinite(excess).any() else 1.0
    values = np.arcsinh(np.clip(excess / (scale or 1.0), -1e200, 1e200))
    padded = np.concatenate(
        [[2.0 * values[0] - values[1]], values, [2.0 * values[-1] - values[-2]]]
    )
    four = np.stack([padded[:-3], padded[1:-2], padded[2:-1], padded[3:]], axis=1)
    inside = four @ _CUBIC
    negative = inside < 0.0
    odd = negative[:, 0] != negative[:, -1]
    changes = (negative[:, 1:] != negative[:, :-1]).sum(axis=1)
    size = np.abs(inside)
    least = size[:, 1:-1].min(axis=1)
    dips = (least < np.minimum(size[:, 0], size[:, -1])) & (least < 0.2 * size.max(axis=1))
    known = np.isfinite(values[1:]) & np.isfinite(values[:-1])
    crossing = (values[1:] < 0.0) != (values[:-1] < 0.0)
    return known & crossing, known & ((changes > odd) | (dips & ~odd))


def _cubic_weights(parts: np.ndarray) -> np.ndarray:
    """Weights (4, n) that interpolate at `parts` of the way from the second of four even nodes."""
    nodes = np.array([-1.0, 0.0, 1.0, 2.0])
    weights = np.ones((4, parts.size))
    for i in range(4):
        for j in range(4):
            if i != j:
                weights[i] *= (parts - nodes[j]) / (nodes[i] - nodes[j])
    return weights


_CUBIC = _cubic_weights(np.linspace(-_MARGIN, 1.0 + _MARGIN, 13))


def _typical_rate(cell: NeuronModel, current: float, low: float, high: float) -> float:
    """How steep the right-hand side of a one-state model usually is, 1/ms."""
    v = np.linspace(low, high, _GRID)
    flow = np.asarray(_scan(type(cell), cell.chosen(), v, current, cell.packed())[0])
    return float(np.median(np.abs(np.diff(flow)))) / (v[1] - v[0])


def _fixed_point(
    model: type[NeuronModel], x: np.ndarray, slopes: np.ndarray, rate: float
) -> FixedPoint:
    eigenvalues = np.linalg.eigvals(slopes).astype(complex)
    eigenvalues = eigenvalues[np.argsort(-eigenvalues.real, kind="stable")]
    # The size of the flow's rates, whatever the units of the states: those cancel in a product.
    rate = max(rate, float(np.sqrt(np.abs(slopes * slopes.T)).max()))
    kind = classify(eigenvalues, rate)
    state = {name: float(value) for name, value in zip(model.state_names(), x, strict=True)}
    return FixedPoint(state, eigenvalues, kind, slopes)
