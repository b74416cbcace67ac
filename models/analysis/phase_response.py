"""The phase response: how much a brief kick of current advances or delays the next spikes.

Smooth models by the adjoint of the flow around the orbit (Malkin 1956; G. B. Ermentrout, Neural
Comput. 8 (1996) 979); any model, and reset models always, by kicks to a running simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..integrators import flow, rk4, spiking_step
from ..model import Array, NeuronModel
from . import batch
from .collocation import DEGREE, Orbit, evaluated
from .cycles import refined
from .family import Family, Numbers, Rule, rhs
from .given import constant_current, count
from .observed_cycles import fires, rough_orbit

_PHASES = 100

_SAMPLES = 4000
"""Samples around the orbit; the adjoint takes two to a step."""

_STEPS = 2000
"""Steps to a period of a simulation that is kicked."""

_TURNS = 8
"""Periods after which a kick counts as forgotten by everything but the phase. Where the voltage
is the only state, the first spike forgets it."""

_ROUNDS = 12
"""Turns of the adjoint before it is taken as periodic."""

_SETTLING = 30
"""Spikes after which a reset model counts as periodic."""

_PATIENCE = (1000.0, 8000.0)
"""ms of simulation in which periodic firing must show; the second is tried if the first fails."""

_FINER = 10.0
"""How many times shorter steps are tried where spikes do not seem periodic."""

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
        If the cell does not fire periodically under this current, or the method does not exist.
    """
    current = constant_current(cell.current.default if current is None else current)
    phases = count("phases", phases, 1, "phases")
    method = method or ("kicks" if type(cell).resets() else "adjoint")
    if method not in ("adjoint", "kicks") or (method == "adjoint" and type(cell).resets()):
        raise ValueError(
            f"`method` is {method!r}: choose 'kicks', or 'adjoint' for a model without reset."
        )
    at = np.arange(phases) / phases
    if type(cell).resets():
        period, start = _steady_spiking(cell, current)
        level = 0.0
    else:
        family = Family(cell, batch.CURRENT, current - 1.0, current + 1.0, current)
        orbit = _orbit(family, current)
        period = float(orbit.period)
        start = orbit.nodes[0]
        level = 0.5 * float(orbit.nodes[:, 0].min() + orbit.nodes[:, 0].max())
    if method == "adjoint":
        response = _adjoint(family, orbit, at)
    else:
        kick = _small_kick(cell, start, current) if kick is None else kick
        numbers = (cell.packed(), np.float64(current), np.float64(period))
        response = np.asarray(
            _kicked(type(cell), cell.chosen(), at, start, *numbers, np.float64(kick), level)
        )
    deep = response.min() < -_TYPE_II * response.max()
    return PhaseResponse(at, response, period, "type II" if deep else "type I", method)


def _orbit(family: Family, current: float) -> Orbit:
    """The periodic orbit of a smooth model, beginning at the peak of the action potential."""
    for duration in _PATIENCE:
        found = fires(family, np.array([current]), duration)
        solved = refined(family, rough_orbit(family, found[0])) if found else None
        if solved is not None:
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

    # Backwards everything but the phase dies out, as fast as the orbit attracts.
    z = jax.vmap(flow)(both)[0]
    z = z / (z @ z)
    speed = jax.vmap(flow)(both)[0::2]

    def turn(_: Array, z: Array) -> Array:
        z, _ = lax.scan(backwards, z, back, reverse=True)
        return z / (z @ speed[0])

    z = lax.fori_loop(0, _ROUNDS, turn, z)
    _, around = lax.scan(backwards, z, back, reverse=True)
    around = around / (around * speed).sum(axis=1, keepdims=True)
    return around, wide[0::2, :, size]


def _steady_spiking(cell: NeuronModel, current: float) -> tuple[float, np.ndarray]:
    """Period and state right after the reset, of a reset model that has settled."""
    short, long = _PATIENCE
    step = batch.step_length(cell)
    # Where a spike is steep, long steps tell its time to no more than a part of them.
    for duration, dt in ((short, step), (short, step / _FINER), (long, step)):
        run = cell.simulate(current, duration, dt)
        spikes = run.spike_times
        if spikes.size > 3 and spikes[-1] > 0.5 * duration:
            intervals = np.diff(spikes)[-3:]
            if np.ptp(intervals) < 1e-3 * intervals.mean():
                break
    else:
        raise ValueError(
            f"`current` is {current:g}, where {type(cell).__name__} does not fire periodically: "
            "choose a current at which it does."
        )
    start = np.array([run.states[name][-1] for name in cell.state_names()])
    numbers = (cell.packed(), np.float64(current))
    period, after = jax.device_get(
        _after_reset(type(cell), cell.chosen(), start, *numbers, np.float64(intervals[-1]))
    )
    return float(period), after


@partial(jax.jit, static_argnames=("model", "chosen"))
def _after_reset(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    start: Array,
    packed: Array,
    current: Array,
    period: Array,
) -> tuple[Array, Array]:
    """The exact period, and the state at the moment after a reset, once all else is forgotten."""
    p = model.unpack(packed, chosen)
    step = period / _STEPS

    def one(carry: tuple[Any, ...]) -> tuple[Any, ...]:
        x, held, t, last, _, count, peak = carry
        made = spiking_step(model, rk4, x, held, current, step, p)
        fired = made.crossing >= 0.0
        when = t + made.crossing
        return (
            made.x,
            made.held,
            t + step,
            jnp.where(fired, when, last),
            jnp.where(fired, when - last, carry[4]),
            count + fired.astype(jnp.int32),
            jnp.where(fired, made.shown, peak),
        )

    def going(carry: tuple[Any, ...]) -> Array:
        return (carry[5] < _SETTLING) & (carry[2] < 4.0 * _SETTLING * period)

    zero = jnp.zeros(())
    begin = (start, zero, zero, zero, period, jnp.zeros((), jnp.int32), start)
    *_, interval, _, peak = lax.while_loop(going, one, begin)
    return interval, model.reset(peak, p)


def _small_kick(cell: NeuronModel, x: np.ndarray, current: float) -> float:
    """A charge that moves states[0] by a thousandth of its span.

    Opposite kicks are compared, so its square is the error; a smaller one would show the limited
    accuracy with which the time of an explosive spike is known.
    """
    span = cell.states[0].span
    moves = float(jnp.abs(_charge(type(cell), cell.p, jnp.asarray(x), jnp.asarray(current))[0]))
    return 1e-3 * (span[1] - span[0]) / max(moves, 1e-12)


def _charge(model: type[NeuronModel], p: object, x: Array, current: Array) -> Array:
    """What a unit of charge does to the states (S,)."""
    return jax.jvp(lambda i: model.derivatives(x, i, p), (current,), (jnp.ones(()),))[1]


@partial(jax.jit, static_argnames=("model", "chosen"))
def _kicked(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    phases: Array,
    start: Array,
    packed: Array,
    current: Array,
    period: Array,
    kick: Array,
    level: Array,
) -> Array:
    """Response (n,) at the phases: half the difference that opposite kicks make to a late spike."""
    p = model.unpack(packed, chosen)
    current = jnp.asarray(current)
    turns = _TURNS if len(model.states) > 1 else 1
    steps = _STEPS * (_TURNS // turns)  # as many in all: the time of a steep spike gains
    step = period / steps

    def advance(x: Array, held: Array, h: Array) -> tuple[Array, Array, Array]:
        """One step: state, refractory time, and the time of a spike in it or -1."""
        if model.resets():
            made = spiking_step(model, rk4, x, held, current, h, p)
            return made.x, made.held, made.crossing
        here = flow(model, current, p)
        end = rk4(here, x, h)
        crosses = (x[0] < level) & (end[0] >= level)

        def halve(_: Array, ends: tuple[Array, Array]) -> tuple[Array, Array]:
            middle = 0.5 * (ends[0] + ends[1])
            early = rk4(here, x, middle)[0] < level
            return jnp.where(early, middle, ends[0]), jnp.where(early, ends[1], middle)

        when = lax.cond(
            crosses,
            lambda: lax.fori_loop(0, 45, halve, (jnp.zeros(()), h))[1],
            lambda: jnp.full((), -1.0),
        )
        return end, held, when

    def last_spike(phase: Array, charge: Array) -> Array:
        before = phase * step

        def approach(_: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
            x, held, _ = advance(*carry, before)
            return x, held

        pause = jnp.asarray(model.refractory(p)) * 1.0
        x, held = lax.fori_loop(0, steps, approach, (start, pause))
        push = charge * _charge(model, p, x, current)
        # While a cell is refractory the current does not move its voltage.
        x = x + push.at[0].multiply(jnp.where(held > 0.0, 0.0, 1.0))

        def one(carry: tuple[Any, ...]) -> tuple[Any, ...]:
            x, held, t, count, last = carry
            x, held, when = advance(x, held, step)
            fired = when >= 0.0
            return (
                x,
                held,
                t + step,
                count + fired.astype(jnp.int32),
                jnp.where(fired, t + when, last),
            )

        def going(carry: tuple[Any, ...]) -> Array:
            return (carry[3] < turns) & (carry[2] < 3.0 * turns * period)

        zero = jnp.zeros(())
        begin = (x, held, zero, jnp.zeros((), jnp.int32), zero)
        return lax.while_loop(going, one, begin)[4]

    def one_phase(phase: Array) -> Array:
        return (last_spike(phase, -kick) - last_spike(phase, kick)) / (2.0 * kick)

    return lax.map(one_phase, phases)
