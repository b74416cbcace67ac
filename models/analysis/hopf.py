"""Hopf points: where an equilibrium starts to oscillate, and whether softly or hard.

The first Lyapunov coefficient is that of Y. A. Kuznetsov, Elements of Applied Bifurcation Theory
(3rd ed. 2004), equation 5.34, from exact second and third derivatives of the equations.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from ..model import Array
from .continuation import Path, Point, locate
from .family import Family, Numbers, Rule, rhs


class Hopf(float):
    """The value of the parameter at a Hopf point, with what happens there.

    Attributes
    ----------
    criticality : ``"supercritical"``: a small stable oscillation grows out of the equilibrium;
        ``"subcritical"``: an unstable one shrinks onto it, and beyond it the cell jumps away;
        ``"degenerate"`` where the first Lyapunov coefficient vanishes.
    lyapunov : first Lyapunov coefficient, with the states measured by their spans; its sign
        decides.
    frequency : of the oscillation that is born, Hz.
    state : {name: value} of the equilibrium.
    """

    criticality: str
    lyapunov: float
    frequency: float
    state: dict[str, float]

    def __new__(
        cls, value: float, lyapunov: float, frequency: float, state: dict[str, float]
    ) -> Hopf:
        made = super().__new__(cls, value)
        made.lyapunov = lyapunov
        made.frequency = frequency
        made.state = state
        if abs(lyapunov) < 1e-10:
            made.criticality = "degenerate"
        else:
            made.criticality = "supercritical" if lyapunov < 0.0 else "subcritical"
        return made

    def __repr__(self) -> str:
        return f"Hopf({float(self):g}, {self.criticality}, {self.frequency:.4g} Hz)"


def hopf_points(family: Family, path: Path) -> dict[int, tuple[Hopf, Point]]:
    """The Hopf points of one branch, each under the index of the point before it."""
    if path.x.shape[1] < 2:
        return {}
    sums = pair_sums(path.eigenvalues)
    found = {}
    for i in np.flatnonzero(sums[:-1] * sums[1:] < 0.0):
        point = locate(family, path, int(i), lambda point: _pair_sum(point.slopes))
        pair = _critical_pair(point.slopes)
        if pair is None:
            continue  # a neutral saddle: two real eigenvalues of opposite sign
        state = dict(zip(family.cell.state_names(), (float(v) for v in point.x), strict=True))
        frequency = 1e3 * float(pair.imag) / (2.0 * np.pi)
        hopf = Hopf(point.free, _lyapunov(family, point), frequency, state)
        found[int(i)] = (hopf, point)
    return found


def pair_sums(eigenvalues: np.ndarray) -> np.ndarray:
    """Product (...) of the sums of all pairs of eigenvalues (..., S): changes sign at a Hopf point.

    It is real, because eigenvalues come in conjugate pairs, and smooth along a branch.
    """
    size = eigenvalues.shape[-1]
    scale = np.abs(eigenvalues).max(axis=-1)
    product = np.ones(eigenvalues.shape[:-1], dtype=complex)
    for i in range(size):
        for j in range(i + 1, size):
            product = product * (eigenvalues[..., i] + eigenvalues[..., j]) / scale
    return product.real


def _pair_sum(slopes: np.ndarray) -> float:
    return float(pair_sums(np.linalg.eigvals(slopes).astype(complex)))


def _critical_pair(slopes: np.ndarray) -> complex | None:
    """The eigenvalue with the smallest real part in size among those that oscillate."""
    eigenvalues = np.linalg.eigvals(slopes)
    size = np.abs(eigenvalues).max()
    swinging = eigenvalues[eigenvalues.imag > 1e-6 * size]
    if swinging.size == 0:
        return None
    nearest = swinging[np.argmin(np.abs(swinging.real))]
    return complex(nearest) if abs(nearest.real) < 1e-6 * size else None


def _lyapunov(family: Family, point: Point) -> float:
    """The first Lyapunov coefficient, states measured by their spans and time in ms."""
    spans = family.numbers.scale[:-1]
    second, third = jax.device_get(
        _curvatures(family.rule, family.numbers, point.x / spans, point.free)
    )
    slopes = point.slopes * spans / spans[:, None]
    eigenvalues, right = np.linalg.eig(slopes)
    index = int(np.argmin(np.abs(eigenvalues.real) - 1e3 * (eigenvalues.imag > 0.0)))
    omega, q = eigenvalues[index].imag, right[:, index]
    adjoint_values, left = np.linalg.eig(slopes.T)
    p = left[:, int(np.argmin(np.abs(adjoint_values + 1j * omega)))]
    p = p / np.conj(np.vdot(p, q))

    def b(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return np.einsum("ijk,j,k->i", second, u, v)

    c = np.einsum("ijkl,j,k,l->i", third, q, q, np.conj(q))
    still = np.linalg.solve(slopes, b(q, np.conj(q)))
    double = np.linalg.solve(2j * omega * np.eye(q.size) - slopes, b(q, q))
    total = np.vdot(p, c) - 2.0 * np.vdot(p, b(q, still)) + np.vdot(p, b(np.conj(q), double))
    return float(total.real / (2.0 * omega))


@partial(jax.jit, static_argnames="rule")
def _curvatures(rule: Rule, numbers: Numbers, x: Array, free: Array) -> tuple[Array, Array]:
    """Second (S, S, S) and third (S, S, S, S) derivatives in scaled states."""
    spans = jnp.asarray(numbers.scale)[:-1]

    def scaled(y: Array) -> Array:
        return rhs(rule, numbers, y * spans, free) / spans

    second = jax.jacfwd(jax.jacfwd(scaled))
    return second(x), jax.jacfwd(second)(x)
