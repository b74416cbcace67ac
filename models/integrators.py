"""One accurate time step: Euler, midpoint, RK4 and exponential Euler, with spikes inside the step.

A spike of a reset model is located within the step and the rest of the step is integrated from
the reset state, so spike times converge with the order of the method instead of being rounded to
the grid (Hansel, Mato, Meunier & Neltner 1998, Neural Computation 10:467; Shelley & Tao 2001,
J. Comput. Neurosci. 11:111). The search for the crossing runs only in steps that hold a spike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
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

_NARROW = 1e-11
"""A crossing is found when its bracket is this part of a step, or the level is hit this well."""
_MOST_TRIES = 60
_PIECES = 48
"""Pieces into which the voltages of an exploding upstroke are cut, each a quarter longer than the
one before: an upstroke spends its time where it begins."""
_FINER = 8
"""Steps that are taken instead of one where an upstroke explodes soon after it."""


class Step(NamedTuple):
    """What one step of a reset model leads to."""

    x: Array
    """(S,) state after the step."""
    held: Array
    """() remaining refractory time after the step, ms."""
    shown: Array
    """(S,) what to record: the state, or in a step with a spike the state at the spike."""
    crossing: Array
    """() time of the spike within the step, ms; -1 if there is none."""


class Bracket(NamedTuple):
    """Where a crossing is looked for: fractions of the step, and how the search stands."""

    low: Array
    high: Array
    below: Array
    """Excess at `low`, possibly halved."""
    above: Array
    """Excess at `high`, possibly halved."""
    last: Array
    """Which end moved last: -1 low, 1 high."""
    miss: Array
    """How far `high` overshoots."""
    tries: Array


def flow(model: type[NeuronModel], current: Array, p: Any) -> Flow:
    """The flow of a model under a current."""
    return Flow(
        lambda x: model.derivatives(x, current, p),
        lambda x: model.decay_rates(x, p),
    )


def paused(moving: Flow) -> Flow:
    """The flow with states[0] held."""
    return Flow(lambda x: moving.derivatives(x).at[0].set(0.0), moving.decay_rates)


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


def noise_spread(model: type[NeuronModel], x: Array, h: Any, p: Any) -> Array:
    """Standard deviation (S, ...) of what a model's noise adds to each state within h ms.

    A kick decays until the end of its step. With that counted, the variance of a state that decays
    linearly does not depend on h at all (Gillespie 1996, Phys. Rev. E 54:2084); for small h the
    result is `diffusion` times sqrt(h).
    """
    decay = 2.0 * h * model.decay_rates(x, p)
    slow = jnp.abs(decay) < 1e-8
    safe = jnp.where(slow, 1.0, decay)
    kept = jnp.where(slow, 1.0, -jnp.expm1(-safe) / safe)
    return model.diffusion(x, p) * jnp.sqrt(h * kept)


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
) -> Step:
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
    """
    moving = flow(model, current, p)
    end = model.confine(scheme(moving, x, h), p)

    def silence() -> Step:
        return Step(end, jnp.zeros_like(held), end, jnp.full_like(held, -1.0))

    # Nearly all steps are silent; what happens in the others is kept out of their way. A state
    # beyond the range of numbers is past the spike level too: hence `not below`, not `above`.
    silent = (held <= 0.0) & (model.threshold(end, p) < 0.0)
    if model.explodes():
        silent = silent & ~(model.runaway(x, current, h, p) >= 0.0)
    eventful = partial(eventful_step, model, scheme, x, held, current, h, p)
    return lax.cond(silent, silence, eventful)


def eventful_step(
    model: type[NeuronModel],
    scheme: Scheme,
    x: Array,
    held: Array,
    current: Array,
    h: Any,
    p: Any,
) -> Step:
    """As `spiking_step`, for a step that most likely holds a spike or begins in a pause."""
    moving = flow(model, current, p)
    resting = paused(moving)
    wait = jnp.minimum(held, h)
    start = scheme(resting, x, wait)
    free = h - wait

    def silence(end: Array) -> Step:
        return Step(end, held - wait, end, jnp.full_like(held, -1.0))

    def spike(peak: Array, part: Array) -> Step:
        rest = free - part
        pause = jnp.minimum(model.refractory(p), rest)
        after = scheme(resting, model.reset(peak, p), pause)
        after = _at_most_at_level(model, scheme(moving, after, rest - pause), p)
        after = model.confine(after, p)
        return Step(after, model.refractory(p) - pause, peak, wait + part)

    def smooth() -> Step:
        def crossed() -> Step:
            part = free * _crossing(
                lambda part: model.threshold(scheme(moving, start, part * free), p),
                model.threshold(start, p),
            )
            return spike(scheme(moving, start, part), part)

        end = model.confine(scheme(moving, start, free), p)
        return lax.cond(model.threshold(end, p) < 0.0, lambda: silence(end), crossed)

    def exploding() -> Step:
        def finer(_: Array, x: Array) -> Array:
            return scheme(moving, x, free / _FINER)

        peak, part = _explosion(model, moving, start, p)
        end = model.confine(lax.fori_loop(0, _FINER, finer, start), p)
        soon = (part <= free) | ~(model.threshold(end, p) < 0.0)
        part = jnp.minimum(part, free)
        return lax.cond(soon, lambda: spike(peak, part), lambda: silence(end))

    if not model.explodes():
        return smooth()
    return lax.cond(model.runaway(start, current, h, p) >= 0.0, exploding, smooth)


def _explosion(model: type[NeuronModel], moving: Flow, x: Array, p: Any) -> tuple[Array, Array]:
    """The state (S,) at the spike level, and the time () to it in ms, from within the upstroke.

    The voltage takes the place of time (Henon 1982, Physica D 5:412): how long it takes is
    integrated over it, by the Runge-Kutta method whatever the steps of time are taken with.
    """
    way = jnp.maximum(-model.threshold(x, p), 0.0)
    begin = x[0]

    def slopes(y: Array, v: Array) -> Array:
        # y: time, then the states but the voltage; all per mV.
        rates = moving.derivatives(jnp.concatenate([v[None], y[1:]]))
        return jnp.concatenate([jnp.ones(1), rates[1:]]) / jnp.maximum(rates[0], 1e-12)

    def piece(i: Array, y: Array) -> Array:
        low, high = (begin + way * 1.25 ** (i - _PIECES + k) for k in (0.0, 1.0))
        low = jnp.where(i == 0, begin, low)
        h = high - low
        k1 = slopes(y, low)
        k2 = slopes(y + 0.5 * h * k1, low + 0.5 * h)
        k3 = slopes(y + 0.5 * h * k2, low + 0.5 * h)
        k4 = slopes(y + h * k3, high)
        return y + (h / 6.0) * (k1 + 2.0 * (k2 + k3) + k4)

    y = lax.fori_loop(0, _PIECES, piece, jnp.concatenate([jnp.zeros(1), x[1:]]))
    return jnp.concatenate([(begin + way)[None], y[1:]]), y[0]


def _at_most_at_level(model: type[NeuronModel], x: Array, p: Any) -> Array:
    """The state (S,) with states[0] no higher than the spike level.

    A cell that passes the level twice within a step fires again at the start of the next. Where
    the reset lands in the upstroke it would be far beyond any number that means something.
    """
    excess = jnp.maximum(model.threshold(x, p), 0.0)
    return jnp.concatenate([(x[0] - excess)[None], x[1:]])


def _crossing(excess: Callable[[Array], Array], below: Array) -> Array:
    """Fraction of a step at which `excess`, which is `below` at 0, turns positive by the end.

    Bracketed false position, the Illinois variant: the value of an end that stays put twice
    running is halved, so that both ends close in. Values beyond `-below` count as `-below`: an
    upstroke that explodes within the step, even past the range of numbers, is then bisected.
    """
    below = jnp.minimum(below, -1e-12)
    cap = -below

    def open_(bracket: Bracket) -> Array:
        wide = bracket.high - bracket.low > _NARROW
        return wide & (bracket.miss > _NARROW * cap) & (bracket.tries < _MOST_TRIES)

    def narrow(bracket: Bracket) -> Bracket:
        low, high, below, above, last, _, tries = bracket
        part = low - below * (high - low) / (above - below)
        value = excess(part)
        value = jnp.where(value < cap, value, cap)
        early = value < 0.0
        side = jnp.where(early, -1.0, 1.0)
        stays = jnp.where(side == last, 0.5, 1.0)
        return Bracket(
            jnp.where(early, part, low),
            jnp.where(early, high, part),
            jnp.where(early, value, below * stays),
            jnp.where(early, above * stays, value),
            side,
            jnp.where(early, cap, value),
            tries + 1,
        )

    zero = jnp.zeros_like(below)
    first = Bracket(zero, zero + 1.0, below, cap, zero, cap, jnp.zeros((), int))
    return lax.while_loop(open_, narrow, first).high
