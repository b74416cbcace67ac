"""One periodic orbit, stable or not, by orthogonal collocation.

The orbit is a polynomial of degree four on each interval of a mesh over one period and obeys the
equations at four Gauss points there (C. de Boor & B. Swartz, SIAM J. Numer. Anal. 10 (1973) 582;
E. J. Doedel, H. B. Keller & J. P. Kernevez, Int. J. Bifurc. Chaos 1 (1991) 745). Each interval is
condensed to a linear map between its ends; what remains is small, and the product of these maps
is the monodromy matrix.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from numpy.polynomial import Polynomial, legendre

from ..model import Array
from .cyclic import solve_cyclic
from .family import Numbers, Rule, rhs

DEGREE = 4
"""Degree of the polynomials, and number of Gauss points in an interval."""

INTERVALS = 40

_NEWTON_STEPS = 8
_TOLERANCE = 1e-7
"""Accepted last Newton correction, in spans; the error left is about its square."""


def _basis() -> tuple[np.ndarray, np.ndarray]:
    """Values and slopes (DEGREE, DEGREE + 1) of the Lagrange polynomials at the Gauss points."""
    nodes = np.linspace(0.0, 1.0, DEGREE + 1)
    gauss = 0.5 * (legendre.leggauss(DEGREE)[0] + 1.0)
    values, slopes = [], []
    for k in range(DEGREE + 1):
        others = np.delete(nodes, k)
        lagrange = Polynomial.fromroots(others) / np.prod(nodes[k] - others)
        values.append(lagrange(gauss))
        slopes.append(lagrange.deriv()(gauss))
    return np.array(values).T, np.array(slopes).T


_VALUES, _SLOPES = _basis()

_LAGRANGE = np.linalg.inv(np.vander(np.arange(DEGREE + 1.0), increasing=True))
"""Coefficients of the Lagrange polynomials on the nodes 0 ... DEGREE, a column for each."""


class Orbit(NamedTuple):
    """A periodic orbit on its mesh.

    Attributes
    ----------
    nodes : (N DEGREE, S) states at the nodes of one period, DEGREE to an interval.
    mesh : (N + 1,) ends of the intervals as parts of the period, from 0 to 1.
    period : ms.
    free : value of the free parameter.
    """

    nodes: Any
    mesh: Any
    period: Any
    free: Any


class Solved(NamedTuple):
    """An orbit that obeys the equations, and what its linearisation says."""

    orbit: Orbit
    tangent: Orbit
    """Direction of the family of orbits, of length 1 in the norm of `inner`."""
    monodromy: Any
    """(S, S)"""
    error: Any
    """Last Newton correction, in spans."""


def inner(numbers: Numbers, at: Orbit, one: Orbit, other: Orbit) -> Any:
    """Inner product of two directions at an orbit: scaled states, relative period, parameter."""
    spans = numbers.scale[:-1]
    weights = np.diff(at.mesh) if isinstance(at.mesh, np.ndarray) else jnp.diff(at.mesh)
    ends = slice(None, None, DEGREE)
    states = (one.nodes[ends] * other.nodes[ends] / (spans**2)[None]).sum(axis=1) @ weights
    period = one.period * other.period / at.period**2
    return states + period + one.free * other.free / numbers.scale[-1] ** 2


def stretched(orbit: Orbit, tangent: Orbit, length: float) -> Orbit:
    """The orbit moved by `length` along a direction."""
    return Orbit(
        orbit.nodes + length * tangent.nodes,
        orbit.mesh,
        orbit.period + length * tangent.period,
        orbit.free + length * tangent.free,
    )


@partial(jax.jit, static_argnames="rule")
def solve(rule: Rule, numbers: Numbers, guess: Orbit, tangent: Orbit, reference: Orbit) -> Solved:
    """The periodic orbit in the plane through `guess` across `tangent`.

    Parameters
    ----------
    rule, numbers : of the family.
    guess : where Newton's method starts.
    tangent : direction along the family; the orbit found differs from the guess across it only.
    reference : a nearby orbit on the same mesh, to which the phase is fitted.

    Returns
    -------
    Solved
        Its `error` says whether the method converged.
    """
    spans = jnp.asarray(numbers.scale)[:-1]
    size = spans.shape[0]
    intervals = guess.mesh.shape[0] - 1
    widths = jnp.diff(guess.mesh)
    values, slopes = jnp.asarray(_VALUES), jnp.asarray(_SLOPES)
    ends = slice(None, None, DEGREE)
    block = jnp.arange(intervals)

    speed = jax.vmap(lambda x: rhs(rule, numbers, x, reference.free))(reference.nodes[ends])
    phase_row = widths[:, None] * speed / (spans**2)[None]
    phase_row = phase_row / jnp.sqrt((phase_row * speed).sum())
    along_row = widths[:, None] * tangent.nodes[ends] / (spans**2)[None]
    along_period = tangent.period / reference.period**2
    along_free = tangent.free / numbers.scale[-1] ** 2
    borders = jnp.stack([phase_row, along_row])

    def flow(z: Array) -> Array:
        return rhs(rule, numbers, z[:size], z[size])

    def system(orbit: Orbit) -> tuple[Array, Array, Array, Array]:
        """The condensed intervals: maps, sides and corner of the chain, and all of their nodes."""
        wrapped = jnp.concatenate([orbit.nodes, orbit.nodes[:1]])
        index = block[:, None] * DEGREE + jnp.arange(DEGREE + 1)[None]
        pieces = wrapped[index]  # (N, DEGREE + 1, S)
        at = jnp.einsum("jk,nks->njs", values, pieces)
        rate = jnp.einsum("jk,nks->njs", slopes, pieces) / widths[:, None, None]
        both = jnp.concatenate([at, jnp.full((*at.shape[:2], 1), orbit.free)], axis=2)
        f = jax.vmap(jax.vmap(flow))(both)
        a = jax.vmap(jax.vmap(jax.jacfwd(flow)))(both)  # (N, DEGREE, S, S + 1)
        left = rate - orbit.period * f
        identity = jnp.eye(size)
        jacobian = jnp.einsum("jk,st->jskt", slopes, identity)[None] / widths[
            :, None, None, None, None
        ] - orbit.period * jnp.einsum("njst,jk->njskt", a[..., :size], values)
        inside = DEGREE * size
        jacobian = jacobian.reshape(intervals, inside, DEGREE + 1, size)
        right = jnp.concatenate(
            [
                jacobian[:, :, 0],
                -f.reshape(intervals, inside, 1),
                -orbit.period * a[..., size].reshape(intervals, inside, 1),
                left.reshape(intervals, inside, 1),
            ],
            axis=2,
        )
        condensed = -jnp.linalg.solve(
            jacobian[:, :, 1:].reshape(intervals, inside, inside), right
        ).reshape(intervals, DEGREE, size, size + 3)
        last = condensed[:, -1]  # end of each interval from its start, period, parameter
        # Two right-hand sides: what is left of the equations, and the way along the family.
        ahead = jnp.zeros((intervals, size, 1))
        sides = jnp.concatenate([-last[..., size:-1], last[..., -1:], ahead], axis=2)
        off_phase = (phase_row * (orbit.nodes[ends] - reference.nodes[ends])).sum()
        off_plane = (
            (along_row * (orbit.nodes[ends] - guess.nodes[ends])).sum()
            + along_period * (orbit.period - guess.period)
            + along_free * (orbit.free - guess.free)
        )
        corner = jnp.array(
            [[0.0, 0.0, -off_phase, 0.0], [along_period, along_free, -off_plane, 1.0]]
        )
        return last[..., :size], sides, corner, condensed

    def expanded(x: Array, y: Array, condensed: Array, share: float) -> Orbit:
        """The move of all nodes from that of the ends; `share` 0 leaves the residual out."""
        move = (
            jnp.einsum("njst,nt->njs", condensed[..., :size], x)
            + condensed[..., size] * y[0]
            + condensed[..., size + 1] * y[1]
            + condensed[..., size + 2] * share
        )
        nodes = jnp.concatenate([x[:, None], move[:, :-1]], axis=1)
        return Orbit(nodes.reshape(-1, size), guess.mesh, y[0], y[1])

    def newton(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        orbit, _, k, *_ = carry
        maps, sides, corner, condensed = system(orbit)
        x, y = solve_cyclic(maps, sides, borders, corner)
        move = expanded(x[..., 0], y[:, 0], condensed, 1.0)
        change = jnp.maximum(
            jnp.abs(move.nodes / spans[None]).max(), jnp.abs(move.period / reference.period)
        )
        ahead = expanded(x[..., 1], y[:, 1], condensed, 0.0)
        return stretched(orbit, move, 1.0), change, k + 1, ahead, maps

    def going(carry: tuple[Any, ...]) -> Array:
        return (carry[1] > _TOLERANCE) & (carry[1] < 10.0) & (carry[2] < _NEWTON_STEPS)

    # The direction and the maps are those of the last step: one Newton correction behind.
    begin = (
        guess,
        jnp.asarray(1.0),
        jnp.zeros((), jnp.int32),
        guess,
        jnp.zeros((intervals, size, size)),
    )
    orbit, error, _, direction, maps = lax.while_loop(going, newton, begin)
    length = jnp.sqrt(inner(numbers, orbit, direction, direction))
    unit = Orbit(
        direction.nodes / length, guess.mesh, direction.period / length, direction.free / length
    )
    monodromy = lax.fori_loop(0, intervals, lambda i, product: maps[i] @ product, jnp.eye(size))
    return Solved(orbit, unit, monodromy, error)


def moved(nodes: np.ndarray, mesh: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """Piecewise polynomials given on one mesh, at the nodes of another."""
    parts = np.arange(DEGREE) / DEGREE
    times = (onto[:-1, None] + parts * np.diff(onto)[:, None]).ravel()
    return evaluated(nodes, mesh, times)


def evaluated(nodes: np.ndarray, mesh: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Piecewise polynomials at times (M,), parts of the period from 0 to 1: (M, S)."""
    i = np.clip(np.searchsorted(mesh, times, side="right") - 1, 0, mesh.size - 2)
    local = (times - mesh[i]) / (mesh[i + 1] - mesh[i]) * DEGREE
    wrapped = np.concatenate([nodes, nodes[:1]])
    weights = np.vander(local, DEGREE + 1, increasing=True) @ _LAGRANGE
    return np.einsum("mk,mks->ms", weights, wrapped[i[:, None] * DEGREE + np.arange(DEGREE + 1)])


def sampled(nodes: np.ndarray, count: int) -> np.ndarray:
    """Piecewise polynomials at `count` even places of each interval, its end left out: (M, S)."""
    places = np.arange(count) * (DEGREE / count)
    weights = np.vander(places, DEGREE + 1, increasing=True) @ _LAGRANGE
    ends = np.concatenate([nodes, nodes[:1]])[DEGREE::DEGREE, None]
    pieces = np.concatenate([nodes.reshape(-1, DEGREE, nodes.shape[1]), ends], axis=1)
    return (weights @ pieces).reshape(-1, nodes.shape[1])


def even_mesh(orbit: Orbit, spans: np.ndarray) -> np.ndarray:
    """A mesh that shares time and length of the orbit evenly between its intervals."""
    fine = np.linspace(0.0, 1.0, 12 * (orbit.mesh.size - 1) + 1)
    x = evaluated(orbit.nodes, orbit.mesh, fine) / spans
    lengths = np.linalg.norm(np.diff(x, axis=0), axis=1)
    turning = np.linalg.norm(np.diff(x, 2, axis=0, prepend=x[-2:-1]), axis=1)
    share = (
        0.35 / lengths.size
        + 0.35 * lengths / max(lengths.sum(), 1e-300)
        + 0.3 * np.sqrt(turning) / max(np.sqrt(turning).sum(), 1e-300)
    )
    along = np.concatenate([[0.0], np.cumsum(share)])
    return np.interp(np.linspace(0.0, along[-1], orbit.mesh.size), along, fine)
