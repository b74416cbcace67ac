"""The phase response: how much a brief kick of current advances or delays the next spikes.

Smooth models by the adjoint of the flow around the orbit (Malkin 1956; G. B. Ermentrout, Neural
Comput. 8 (1996) 979); any model, and reset models always, by kicks to a running simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..model import Array, NeuronModel
from ..quantity import is_finite_number, shown
from ..spike_detection import spike_times
from . import batch
from .collocation import DEGREE, Orbit, Solved, evaluated
from .cycle_events import multipliers
from .cycles import refined
from .family import Family, Numbers, Rule, rhs
from .given import constant_current, count
from .observed_cycles import fires, rough_orbit
from .phase_kicks import PATIENCE, kicked, small_kick, steady_spiking

_PHASES = 100

_SAMPLES = 4000
"""Samples around the orbit; the adjoint takes two to a step."""

_BESIDE_ONE = 1.0 + 1e-7
"""Near the eigenvalue 1 that a turn around a periodic orbit has."""

_ATTRACTS = 1.001
"""Largest Floquet multiplier of an orbit that a cell stays on, but for rounding."""

_TYPE_II = 0.05
"""A delay deeper than this share of the largest advance makes the response biphasic."""


@dataclass(frozen=True, eq=False)
class PhaseResponse:
    """A phase response curve.

    Attributes
    ----------
    phase : (n,) from 0 to 1; 0 is the peak of the action potential, or the reset.
    response : (n,) infinitesimal response: advance of the phase, in ms of time gained, per unit of
        charge (current of the model times ms). Negative where the kick delays.
    period : ms.
    kind : ``"type I"``: kicks only advance; ``"type II"``: early kicks delay, late ones advance.
    method : ``"adjoint"`` or ``"kicks"``.
    """

    phase: np.ndarray
    response: np.ndarray
    period: float
    kind: str
    method: str


def phase_response(
    cell: NeuronModel,
    current: float | None = None,
    phases: int = _PHASES,
    method: str | None = None,
    kick: float | None = None,
) -> PhaseResponse:
    """The phase response of a cell that fires periodically under a constant current.

    Parameters
    ----------
    cell : the model.
    current : constant current; the model's default if omitted.
    phases : number of phases.
    method : ``"adjoint"`` for models without reset, or ``"kicks"``; the adjoint where it exists
        if omitted.
    kick : charge of one kick, if kicks are used; small enough to give the infinitesimal response
        if omitted.

    Returns
    -------
    PhaseResponse

    Raises
    ------
    ValueError
        If the cell does not fire periodically, one spike at a time, under this current; if the
        method does not exist, or `kick` is no positive number.
    """
    current = constant_current(cell.current.default if current is None else current)
    phases = count("phases", phases, 1, "phases")
    method = method or ("kicks" if type(cell).resets() else "adjoint")
    if method not in ("adjoint", "kicks") or (method == "adjoint" and type(cell).resets()):
        raise ValueError(
            f"`method` is {method!r}: choose 'kicks', or 'adjoint' for a model without reset."
        )
    if kick is not None and not (is_finite_number(kick) and kick > 0.0):
        raise ValueError(f"`kick` is {shown(kick)}: give a positive charge.")
    at = np.arange(phases) / phases
    if type(cell).resets():
        period, start, tail = steady_spiking(cell, current)
        level = 0.0
    else:
        family = Family(cell, batch.CURRENT, current - 1.0, current + 1.0, current)
        orbit = _orbit(family, current)
        period = float(orbit.period)
        start, tail = orbit.nodes[0], np.zeros(len(cell.states) - 1)
        level = 0.5 * float(orbit.nodes[:, 0].min() + orbit.nodes[:, 0].max())
    if method == "adjoint":
        response = _adjoint(family, orbit, at)
    else:
        kick = small_kick(cell, start, current) if kick is None else kick
        numbers = (cell.packed(), np.float64(current), np.float64(period))
        earlier, change = jax.device_get(
            kicked(type(cell), cell.chosen(), at, start, *numbers, np.float64(kick), level)
        )
        response = earlier - change[:, 1:] @ tail
    deep = response.min() < -_TYPE_II * response.max()
    return PhaseResponse(at, response, period, "type II" if deep else "type I", method)


def _orbit(family: Family, current: float) -> Orbit:
    """The periodic orbit of a smooth model, beginning at the peak of the action potential."""
    for duration in PATIENCE:
        found = fires(family, np.array([current]), duration)
        solved = refined(family, rough_orbit(family, found[0])) if found else None
        if solved is not None and _lasts(family, solved):
            break
    else:
        raise ValueError(
            f"`current` is {current:g}, where {type(family.cell).__name__} does not fire "
            "periodically: choose a current at which it does."
        )
    orbit = solved.orbit
    fine = np.linspace(0.0, 1.0, 20 * orbit.nodes.shape[0], endpoint=False)
    peak = fine[np.argmax(evaluated(orbit.nodes, orbit.mesh, fine)[:, 0])]
    # Evenly spaced over one period from there.
    turned = evaluated(orbit.nodes, orbit.mesh, (np.arange(_SAMPLES) / _SAMPLES + peak) % 1.0)
    return Orbit(turned, np.linspace(0.0, 1.0, _SAMPLES // DEGREE + 1), orbit.period, orbit.free)


def _lasts(family: Family, solved: Solved) -> bool:
    """Whether the orbit attracts, and has one action potential: a burst is not one phase."""
    if np.abs(multipliers(solved)).max() > _ATTRACTS:
        return False
    orbit = solved.orbit
    phases = np.linspace(0.0, 3.0, 6000)
    v = evaluated(orbit.nodes, orbit.mesh, phases % 1.0)[:, 0]
    return spike_times(phases, v, family.cell.spike_prominence).size <= 3


def _adjoint(family: Family, orbit: Orbit, phases: np.ndarray) -> np.ndarray:
    """Response (n,) at the phases, by the adjoint equation around the orbit."""
    z, charge = jax.device_get(
        _adjoint_round(family.rule, family.numbers, orbit.nodes, orbit.period, orbit.free)
    )
    response = (z * charge).sum(axis=1)
    at = np.arange(response.size) / response.size
    return np.interp(phases, at, response, period=1.0)


@partial(jax.jit, static_argnames="rule")
def _adjoint_round(
    rule: Rule, numbers: Numbers, x: Array, period: Array, free: Array
) -> tuple[Array, Array]:
    """The adjoint (M, S), ms per unit of each state, and what charge does to the states (M, S).

    The samples x (2 M, S) are evenly spaced over one period; a Runge-Kutta step takes three.
    """
    size = x.shape[1]
    step = 2.0 * period / x.shape[0]

    def flow(z: Array) -> Array:
        return rhs(rule, numbers, z[:size], z[size])

    both = jnp.concatenate([x, jnp.full((x.shape[0], 1), free)], axis=1)
    wide = jax.vmap(jax.jacfwd(flow))(both)
    pull = jnp.swapaxes(wide[:, :, :size], 1, 2)  # backwards in time: dz/ds = +slopes^T z
    here, middle, after = pull[0::2], pull[1::2], jnp.roll(pull, -2, axis=0)[0::2]
    one = jnp.broadcast_to(jnp.eye(size), here.shape)
    k1 = after
    k2 = middle @ (one + 0.5 * step * k1)
    k3 = middle @ (one + 0.5 * step * k2)
    k4 = here @ (one + step * k3)
    back = one + (step / 6.0) * (k1 + 2.0 * (k2 + k3) + k4)

    def backwards(z: Array, matrix: Array) -> tuple[Array, Array]:
        z = matrix @ z
        return z, z

    # What a turn brings back is the eigenvector of the eigenvalue 1, however weakly the orbit
    # attracts: found by inverse iteration.
    speed = jax.vmap(flow)(both)[0::2]
    turn, _ = lax.scan(lambda made, matrix: (matrix @ made, None), one[0], back, reverse=True)
    z = speed[0]
    for _ in range(3):
        z = jnp.linalg.solve(turn - _BESIDE_ONE * one[0], z)
        z = z / (z @ speed[0])
    _, around = lax.scan(backwards, z, back, reverse=True)
    around = around / (around * speed).sum(axis=1, keepdims=True)
    return around, wide[0::2, :, size]
