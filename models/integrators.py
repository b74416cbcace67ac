"""One accurate time step: Euler, midpoint, RK4 and exponential Euler, with spikes inside the step.

A spike of a reset model is located within the step and the rest of the step is integrated from
the reset state, so spike times converge with the order of the method instead of being rounded to
the grid (Hansel, Mato, Meunier & Neltner 1998, Neural Computation 10:467; Shelley & Tao 2001,
J. Comput. Neurosci. 11:111). The search for the crossing runs only in steps that hold a spike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax

from .model import Array, NeuronModel


class Flow(NamedTuple):
    """The right-hand side with current and parameters filled in: what a scheme integrates."""

    derivatives: Callable[[Array], Array]
    """x (S,) -> dx/dt (S,), per ms."""
    decay_rates: Callable[[Array], Array]
    """x (S,) -> rate of linear decay of each state (S,), 1/ms."""


Scheme = Callable[[Flow, Array, Any], Array]
"""(flow, x, h) -> x one step of h ms later, without spikes."""

_SEARCH_STEPS = 12
"""False-position steps to a crossing: at least half a digit each, usually far more."""


def flow(model: type[NeuronModel], current: Array, p: Any) -> Flow:
    """The flow of a model under a current."""
    return Flow(
        lambda x: model.derivatives(x, current, p),
        lambda x: model.decay_rates(x, p),
    )


def euler(flow: Flow, x: Array, h: Any) -> Array:
    """Forward Euler, order 1."""
    return x + h * flow.derivatives(x)


def midpoint(flow: Flow, x: Array, h: Any) -> Array:
    """Explicit midpoint rule, order 2."""
    return x + h * flow.derivatives(x + 0.5 * h * flow.derivatives(x))


def rk4(flow: Flow, x: Array, h: Any) -> Array:
    """The classical Runge-Kutta method, order 4."""
    k1 = flow.derivatives(x)
    k2 = flow.derivatives(x + 0.5 * h * k1)
    k3 = flow.derivatives(x + 0.5 * h * k2)
    k4 = flow.derivatives(x + h * k3)
    return x + (h / 6.0) * (k1 + 2.0 * (k2 + k3) + k4)


def exponential_euler(flow: Flow, x: Array, h: Any) -> Array:
    """Exponential Euler, order 1: exact where a state decays linearly (Rush & Larsen 1978)."""
    rates = flow.decay_rates(x)
    slow = jnp.abs(rates) * h < 1e-8
    safe = jnp.where(slow, 1.0, rates)
    length = jnp.where(slow, h, -jnp.expm1(-safe * h) / safe)
    return x + length * flow.derivatives(x)


schemes: Mapping[str, Scheme] = {
    "euler": euler,
    "midpoint": midpoint,
    "rk4": rk4,
    "exponential-euler": exponential_euler,
}
"""The accurate methods by name."""

orders: Mapping[str, int] = {"euler": 1, "midpoint": 2, "rk4": 4, "exponential-euler": 1}
"""Their order of convergence on smooth runs."""


def spiking_step(
    model: type[NeuronModel],
    scheme: Scheme,
    x: Array,
    held: Array,
    current: Array,
    h: Any,
    p: Any,
) -> tuple[Array, Array, Array, Array]:
    """One step of one cell of a reset model.

    Parameters
    ----------
    model : the model; its `threshold`, `reset` and `refractory` say how it fires.
    scheme : how the smooth pieces are integrated.
    x : (S,) state.
    held : () remaining refractory time, ms; states[0] is held until it is over.
    current : () injected current during the step.
    h : step length, ms.
    p : parameters.

    Returns
    -------
    x : (S,) state after the step.
    held : () remaining refractory time after the step.
    shown : (S,) what to record: the state, or in a step with a spike the state at the spike.
    crossing : () time of the spike within the step, ms; -1 if there is none.
    """
    moving = flow(model, current, p)
    paused = Flow(lambda y: moving.derivatives(y).at[0].set(0.0), moving.decay_rates)
    wait = jnp.minimum(held, h)
    start = lax.cond(held > 0.0, lambda: scheme(paused, x, wait), lambda: x)
    free = h - wait
    end = model.confine(scheme(moving, start, free), p)
    fired = model.threshold(end, p) >= 0.0

    def spike() -> tuple[Array, Array, Array, Array]:
        part = _crossing(
            lambda part: model.threshold(scheme(moving, start, part * free), p),
            model.threshold(start, p),
            model.threshold(end, p),
        )
        peak = scheme(moving, start, part * free)
        rest = (1.0 - part) * free
        pause = jnp.minimum(jnp.asarray(model.refractory(p), x.dtype), rest)
        after = scheme(paused, model.reset(peak, p), pause)
        after = model.confine(scheme(moving, after, rest - pause), p)
        return after, model.refractory(p) - pause, peak, wait + part * free

    def silence() -> tuple[Array, Array, Array, Array]:
        return end, held - wait, end, jnp.full_like(held, -1.0)

    return lax.cond(fired, spike, silence)


def _crossing(excess: Callable[[Array], Array], below: Array, above: Array) -> Array:
    """Fraction of a step at which `excess` turns positive, by bracketed false position.

    `below` and `above` are its values at 0 and 1. The Illinois variant halves the value of an end
    that stays put twice running, so that both ends close in on the crossing.
    """

    def narrow(_: int, bracket: tuple[Array, ...]) -> tuple[Array, ...]:
        low, high, below, above, last = bracket
        part = jnp.clip(low - below * (high - low) / (above - below), low, high)
        value = excess(part)
        early = value < 0.0
        side = jnp.where(early, -1.0, 1.0)
        stays = jnp.where(side == last, 0.5, 1.0)
        return (
            jnp.where(early, part, low),
            jnp.where(early, high, part),
            jnp.where(early, value, below * stays),
            jnp.where(early, above * stays, value),
            side,
        )

    zero = jnp.zeros_like(below)
    bracket = (zero, zero + 1.0, jnp.minimum(below, -1e-12), jnp.maximum(above, 1e-12), zero)
    return lax.fori_loop(0, _SEARCH_STEPS, narrow, bracket)[1]
