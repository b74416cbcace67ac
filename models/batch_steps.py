"""One step of many cells at once: lanes on the trailing axis, no branches, spikes by selection.

Sweeps and layers stand on it. The accurate step of a single cell, which searches for the crossing
and branches around silent steps, is in `integrators`.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from .integrators import Flow, Scheme, flow
from .model import Array, NeuronModel


def located_step(
    model: type[NeuronModel],
    scheme: Scheme,
    x: Array,
    held: Array,
    current: Any,
    t: Any,
    dt: Any,
    p: Any,
) -> tuple[Array, Array, tuple[Array, Array]]:
    """A step that resets at the crossing and goes on from there with one Euler piece.

    On the way from the start of the step to the threshold the speed of states[0] is taken to
    grow exponentially with it, between its values at both ends: exact for EIF, and right to
    second order for anything smooth. The end of the step, which an explosive model overshoots
    without measure, is used for nothing but the question whether there was a spike.
    """
    moving = flow(model, current, p)
    end, left = _with_pause(model, scheme, x, held, current, dt, p)
    fired = ~(model.threshold(end, p) < 0.0)  # an overflow to NaN is a spike as well

    below = model.threshold(x, p)
    slope = moving.derivatives(x)
    crest = jnp.concatenate([(x[0] - below)[None], x[1:]])
    speed = jnp.maximum(slope[0], 1e-12)
    top = jnp.maximum(moving.derivatives(crest)[0], 1e-12)
    ratio = top / speed
    steady = jnp.abs(ratio - 1.0) < 1e-3
    growth = jnp.where(steady, 2.0, ratio)
    pace = jnp.where(steady, 1.0 / speed, (1.0 / speed - 1.0 / top) / jnp.log(growth))
    wait = jnp.minimum(held, dt)
    free = dt - wait
    # A lane that starts beyond threshold, as after a parameter jump, fires at once.
    part = jnp.clip(-jnp.minimum(below, 0.0) * pace, 0.0, free)

    peak = jnp.concatenate([crest[:1], x[1:] + (wait + part)[None] * slope[1:]])
    after = model.reset(peak, p)
    rest = free - part
    drift = moving.derivatives(after)
    if model.refractory is NeuronModel.refractory:
        moved = after + rest[None] * drift
    else:
        pause = jnp.broadcast_to(jnp.asarray(model.refractory(p), dt.dtype), rest.shape)
        running = jnp.maximum(rest - pause, 0.0)
        moved = after + jnp.concatenate([(running * drift[0])[None], rest[None] * drift[1:]])
        left = jnp.where(fired, jnp.maximum(pause - rest, 0.0), left)
    return jnp.where(fired[None], model.confine(moved, p), end), left, (fired, t + wait + part)


def grid_step(
    model: type[NeuronModel],
    scheme: Scheme,
    x: Array,
    held: Array,
    current: Any,
    t: Any,
    dt: Any,
    p: Any,
) -> tuple[Array, Array, tuple[Array, Array]]:
    """A step that resets at its start whatever is beyond threshold."""
    fired = model.threshold(x, p) >= 0.0
    x = jnp.where(fired[None], model.reset(x, p), x)
    if model.refractory is not NeuronModel.refractory:
        held = jnp.where(fired, model.refractory(p), held)
    x, held = _with_pause(model, scheme, x, held, current, dt, p)
    return x, held, (fired, jnp.broadcast_to(t, fired.shape))


def smooth_step(
    model: type[NeuronModel],
    scheme: Scheme,
    x: Array,
    memory: tuple[Array, Array, Array],
    current: Any,
    t: Any,
    dt: Any,
    p: Any,
) -> tuple[Array, tuple[Array, Array, Array], tuple[Array, Array]]:
    """A step of a model without reset; a peak counts when the trace has fallen well below it.

    The memory is the extreme since the last turn, its time, and whether a peak (rather than a
    valley) is being looked for. A turn is a move by the model's `spike_prominence`, so a spike
    is seen relative to the trace and not against a level.
    """
    x = model.confine(scheme(flow(model, current, p), x, dt), p)
    v = x[0]
    extreme, when, rising = memory
    fired = rising & (v < extreme - model.spike_prominence)
    turned_up = ~rising & (v > extreme + model.spike_prominence)
    further = jnp.where(rising, v > extreme, v < extreme)
    renew = further | fired | turned_up
    memory = (
        jnp.where(renew, v, extreme),
        jnp.where(renew, t + dt, when),
        (rising & ~fired) | turned_up,
    )
    return x, memory, (fired, when)


def _with_pause(
    model: type[NeuronModel], scheme: Scheme, x: Array, held: Array, current: Any, dt: Any, p: Any
) -> tuple[Array, Array]:
    """One step without spikes; a refractory lane holds states[0] for the time that is left.

    In the step in which the pause ends, states[0] moves at reduced speed throughout instead of
    at full speed for the rest: an error of second order in dt, once per spike.
    """
    moving = flow(model, current, p)
    if model.refractory is NeuronModel.refractory:
        return model.confine(scheme(moving, x, dt), p), held
    wait = jnp.minimum(held, dt)
    return model.confine(scheme(_opened(moving, 1.0 - wait / dt), x, dt), p), held - wait


def _opened(moving: Flow, free: Any) -> Flow:
    """The flow with states[0] slowed to a fraction `free` of its speed: 0 holds it."""

    def scaled(values: Array) -> Array:
        return jnp.concatenate([(values[0] * free)[None], values[1:]])

    return Flow(lambda y: scaled(moving.derivatives(y)), lambda y: scaled(moving.decay_rates(y)))
