"""Branches of equilibria followed through folds by pseudo-arclength continuation.

H. B. Keller, in: Applications of Bifurcation Theory (1977) 359; the predictor follows the tangent,
the corrector is Newton's method in the hyperplane across it. States are measured by their spans
and the parameter by its range, so that one step length suits all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from scipy.optimize import brentq

from ..model import Array
from .family import Family, Numbers, Rule, linearised, spike_level
from .fixed_points import fixed_points

_CAPACITY = 1500
"""Most points of one half of a branch."""

_LONGEST, _SHORTEST, _FIRST = 0.01, 1e-9, 1e-3
"""Steps along the branch, where 1 is the range of the picture."""

_STRAIGHT = 0.99
"""Least cosine between the tangents of neighbouring points; sharper turns take shorter steps."""

_NEWTON_STEPS = 6
_TOLERANCE = 1e-11

_BEYOND = 3.0
"""States further than this many spans from the picture are not followed."""

_SEEDS = 5
"""Values of the parameter at which all equilibria are looked for."""

_SAME = 2e-3
"""A point closer to a branch than this lies on it."""


class Path(NamedTuple):
    """Points along one branch of equilibria, in order.

    Attributes
    ----------
    x : (n, S) states.
    free : (n,) values of the parameter.
    slopes : (n, S, S) slopes of the flow.
    tangent : (n, S + 1) unit tangents in scaled coordinates.
    closed : whether the last point is the first again.
    """

    x: np.ndarray
    free: np.ndarray
    slopes: np.ndarray
    tangent: np.ndarray
    closed: bool = False

    @property
    def eigenvalues(self) -> np.ndarray:
        """(n, S) complex."""
        return np.linalg.eigvals(self.slopes).astype(complex)


def equilibrium_paths(family: Family) -> list[Path]:
    """All branches of equilibria that pass one of a few values of the parameter.

    Parameters
    ----------
    family : the model and its free parameter.

    Returns
    -------
    list of Path, each within the range of the parameter and, for a reset model, below the spike
    level. Isolated loops that lie between two of the values searched are not found.
    """
    paths: list[Path] = []
    for value in np.linspace(family.low, family.high, _SEEDS):
        cell, current = family.at(float(value))
        for point in fixed_points(cell, current):
            x = np.array([point.state[name] for name in cell.state_names()])
            if not any(_passes(family, path, x, float(value)) for path in paths):
                paths.append(_both_ways(family, x, float(value)))
    return [path for path in paths if path.free.size > 1]


class Point(NamedTuple):
    """One point of a path, as a test function sees it."""

    x: np.ndarray
    """(S,) state."""
    free: float
    """Value of the parameter."""
    slopes: np.ndarray
    """(S, S) slopes of the flow."""
    tangent: np.ndarray
    """(S + 1,) scaled unit tangent of the path."""


def locate(family: Family, path: Path, i: int, test: Callable[[Point], float]) -> Point:
    """The point between points i and i + 1 of a path at which `test` changes sign.

    Parameters
    ----------
    test : a number that differs in sign between the two points.
    """
    scale = family.numbers.scale
    ends = np.column_stack([path.x, path.free])[[i, i + 1]] / scale
    chord = ends[1] - ends[0]
    along = chord / np.linalg.norm(chord)

    def point(part: float) -> Point:
        z, slopes, tangent, _ = jax.device_get(
            _correct(family.rule, family.numbers, ends[0] + part * chord, along)
        )
        z = z * scale
        return Point(z[:-1], float(z[-1]), slopes, tangent)

    at_start, at_end = test(point(0.0)), test(point(1.0))
    if at_start * at_end >= 0.0:
        # Rounding: the sign changes at one of the points itself.
        return point(0.0 if abs(at_start) < abs(at_end) else 1.0)
    return point(float(brentq(lambda part: test(point(part)), 0.0, 1.0, xtol=1e-12)))


def _passes(family: Family, path: Path, x: np.ndarray, free: float) -> bool:
    """Whether a path runs through a point, straight from one of its own points to the next."""
    scale = family.numbers.scale
    points = np.column_stack([path.x, path.free]) / scale
    target = np.append(x, free) / scale
    starts, chords = points[:-1], np.diff(points, axis=0)
    lengths = np.maximum((chords**2).sum(axis=1), 1e-300)
    parts = np.clip(((target - starts) * chords).sum(axis=1) / lengths, 0.0, 1.0)
    gaps = np.linalg.norm(starts + parts[:, None] * chords - target, axis=1)
    return bool(gaps.size > 0 and gaps.min() < _SAME)


def _both_ways(family: Family, x: np.ndarray, free: float) -> Path:
    """The branch through a point, followed in both directions."""
    halves = []
    box = np.array([state.span for state in family.cell.states]).T
    for direction in (1.0, -1.0):
        count, z, slopes, tangent, closed = jax.device_get(
            _follow(family.rule, family.numbers, x, free, direction, box, (family.low, family.high))
        )
        halves.append((z[:count], slopes[:count], tangent[:count]))
        if closed:
            break
    scale = family.numbers.scale
    if len(halves) == 1:
        z, slopes, tangent = halves[0]
    else:
        forward, backward = halves
        z, slopes = (np.concatenate([backward[k][:0:-1], forward[k]]) for k in (0, 1))
        tangent = np.concatenate([-backward[2][:0:-1], forward[2]])
    z = z * scale
    path = Path(z[:, :-1], z[:, -1], slopes, tangent, len(halves) == 1)
    return _within(family, path)


def _within(family: Family, path: Path) -> Path:
    """The path cut exactly at the ends of the parameter's range and at the spike level."""
    points = [Point(*row) for row in zip(*path[:4], strict=True)]
    last = len(points) - 2
    for end, segment in ((0, 0), (-1, last)):
        beyond = _beyond(family, points[end]) if last >= 0 else None
        if beyond is not None:
            points[end] = locate(family, path, segment, beyond)
    x, free, slopes, tangent = (np.array(column) for column in zip(*points, strict=True))
    return Path(x, np.clip(free, family.low, family.high), slopes, tangent, path.closed)


def _beyond(family: Family, point: Point) -> Callable[[Point], float] | None:
    """What a point has overstepped, as a number that is zero at the limit; None if nothing."""

    def above_level(point: Point) -> float:
        return float(
            spike_level(family.rule, family.numbers, jnp.asarray(point.x), jnp.asarray(point.free))
        )

    limits: tuple[Callable[[Point], float], ...] = (
        lambda point: point.free - family.high,
        lambda point: family.low - point.free,
        above_level,
    )
    for limit in limits:
        if limit(point) > 0.0:
            return limit
    return None


@partial(jax.jit, static_argnames="rule")
def _correct(
    rule: Rule, numbers: Numbers, z: Array, tangent: Array
) -> tuple[Array, Array, Array, Array]:
    """Newton's method in the plane through z across the tangent, all in scaled coordinates.

    Returns the point, the slopes of the flow there, the new tangent, and the last correction.
    """
    size = z.shape[0] - 1
    scale = jnp.asarray(numbers.scale)

    def newton(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        y, _, k, _, _ = carry
        x, free = y[:size] * scale[:size], y[size] * scale[size]
        flow, slopes, by_free = linearised(rule, numbers, x, free)
        wide = jnp.concatenate([slopes, by_free[:, None]], axis=1) * scale[None]
        matrix = jnp.concatenate([wide, tangent[None]])
        rest = -jnp.append(flow, tangent @ (y - z))
        ahead = jnp.zeros(size + 1).at[size].set(1.0)
        move, new = jnp.linalg.solve(matrix, jnp.stack([rest, ahead], axis=1)).T
        return y + move, jnp.abs(move).max(), k + 1, slopes, new / jnp.linalg.norm(new)

    def going(carry: tuple[Any, ...]) -> Array:
        return (carry[1] > _TOLERANCE) & (carry[2] < _NEWTON_STEPS)

    # Slopes and tangent are those of the last step: one Newton correction behind.
    begin = (z, jnp.asarray(jnp.inf), jnp.zeros((), jnp.int32), jnp.zeros((size, size)), tangent)
    y, last, _, slopes, new = lax.while_loop(going, newton, begin)
    return y, slopes, new, last


@partial(jax.jit, static_argnames="rule")
def _follow(
    rule: Rule,
    numbers: Numbers,
    x: Array,
    free: Array,
    direction: Array,
    box: Array,
    over: tuple[Array, Array],
) -> tuple[Array, Array, Array, Array, Array]:
    """Follow a branch one way: count, points (n, S + 1), slopes, tangents, whether it closed."""
    size = x.shape[0]
    scale = jnp.asarray(numbers.scale)
    start = jnp.append(x, free) / scale
    _, slopes, by_free = linearised(rule, numbers, x, free)
    # The first tangent is the null direction of [slopes, by_free]: the last singular vector.
    wide = jnp.concatenate([slopes, by_free[:, None]], axis=1) * scale[None]
    null = jnp.linalg.svd(wide, full_matrices=True)[2][-1]
    lead = jnp.where(null[size] != 0.0, null[size], 1.0)
    tangent = null * jnp.sign(lead) * direction
    reach = _BEYOND * (box[1] - box[0])

    def going(carry: tuple[Any, ...]) -> Array:
        count, *_, ds, inside, closed = carry
        return (count < _CAPACITY) & inside & ~closed & (ds > _SHORTEST)

    def step(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        count, points, all_slopes, tangents, ds, _, _ = carry
        here, tangent = points[count - 1], tangents[count - 1]
        z, slopes, new, last = _correct(rule, numbers, here + ds * tangent, tangent)
        sound = (last < 1e-8) & (new @ tangent > _STRAIGHT) & jnp.isfinite(z).all()
        x, free = z[:size] * scale[:size], z[size] * scale[size]
        inside = (free >= over[0]) & (free <= over[1])
        inside &= ((x > box[0] - reach) & (x < box[1] + reach)).all()
        inside &= spike_level(rule, numbers, x, free) < 0.0
        back = (count > 10) & (jnp.linalg.norm(z - points[0]) < ds) & (new @ tangents[0] > 0.9)

        def keep(array: Array, row: Array) -> Array:
            old = lax.dynamic_index_in_dim(array, count, keepdims=False)
            return lax.dynamic_update_index_in_dim(array, jnp.where(sound, row, old), count, 0)

        grown = jnp.minimum(1.4 * ds, _LONGEST)
        return (
            count + sound.astype(jnp.int32),
            keep(points, z),
            keep(all_slopes, slopes),
            keep(tangents, new),
            jnp.where(sound, grown, 0.4 * ds),
            inside | ~sound,
            back & sound,
        )

    no, yes = jnp.zeros((), bool), jnp.ones((), bool)
    carry = (
        jnp.ones((), jnp.int32),
        jnp.zeros((_CAPACITY + 1, size + 1)).at[0].set(start),
        jnp.zeros((_CAPACITY + 1, size, size)).at[0].set(slopes),
        jnp.zeros((_CAPACITY + 1, size + 1)).at[0].set(tangent),
        jnp.asarray(_FIRST),
        yes,
        no,
    )
    count, points, all_slopes, tangents, _, _, closed = lax.while_loop(going, step, carry)
    return count, points, all_slopes, tangents, closed
