"""One step of many cells at once: lanes on the trailing axis, no branches, spikes by selection.

Sweeps and layers stand on it. The accurate step of a single cell, which searches for the crossing
and branches around silent steps, is in `integrators`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from .integrators import Flow, Scheme, flow
from .model import Array, NeuronModel
from .spike_watch import Watch, noticed

_PIECES = (1.0,)
"""Ends of the pieces into which the way to the threshold is cut, as parts of it: one will do."""
_EXPLOSIVE_PIECES = tuple(2.0**-i for i in range(8, -1, -1))
"""The same where a spike explodes: of its time the last three quarters of the way take nothing."""

Rows = tuple[Array, ...]
"""The states one by one, each (B,). Through the turns of a loop they travel apart: XLA fills a
stacked array element by element, several times slower."""


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
    """A step that resets at the crossing (see `_crossing`) and goes on from there with one Euler
    piece. The end of the step, which an explosive model overshoots without measure, is used for
    nothing but the question whether there was a spike.
    """
    end, left = free_step(model, scheme, x, held, current, dt, p)
    fired = beyond(model, end, p)
    after, pause, when = after_spike(model, x, held, current, dt, p)
    if pauses(model):
        left = jnp.where(fired, pause, left)
    return jnp.where(fired[None], after, end), left, (fired, t + when)


def beyond(model: type[NeuronModel], x: Array, p: Any) -> Array:
    """Whether states (S, B) are past the spike level, (B,); an overflow to NaN is past it too."""
    return ~(model.threshold(x, p) < 0.0)


def after_spike(
    model: type[NeuronModel], x: Array, held: Array, current: Any, dt: Any, p: Any
) -> tuple[Array, Array, Array]:
    """How lanes come out of a step within which they fire.

    Parameters
    ----------
    model, p : what is integrated.
    x : (S, B) states at the start of the step.
    held : (B,) refractory time left then, ms.
    current : (B,) or (), during the step.
    dt : step, ms.

    Returns
    -------
    x : (S, B) states at the end of the step.
    held : (B,) refractory time left then, ms.
    when : (B,) ms from the start of the step to the spike.
    """
    moving = flow(model, current, p)
    wait = jnp.minimum(held, dt)
    free = dt - wait
    peak, part = _crossing(model, moving, x, wait, free, p)
    after = model.reset(peak, p)
    rest = free - part
    drift = moving.derivatives(after)
    if not pauses(model):
        return model.confine(after + rest[None] * drift, p), held, wait + part
    pause = jnp.broadcast_to(jnp.asarray(model.refractory(p), dt.dtype), rest.shape)
    running = jnp.maximum(rest - pause, 0.0)
    moved = after + jnp.concatenate([(running * drift[0])[None], rest[None] * drift[1:]])
    return model.confine(moved, p), jnp.maximum(pause - rest, 0.0), wait + part


def free_step(
    model: type[NeuronModel], scheme: Scheme, x: Array, held: Array, current: Any, dt: Any, p: Any
) -> tuple[Array, Array]:
    """One step without spikes; a refractory lane holds states[0] for the time that is left.

    In the step in which the pause ends, states[0] moves at reduced speed throughout instead of
    at full speed for the rest: an error of second order in dt, once per spike.
    """
    moving = flow(model, current, p)
    if not pauses(model):
        return model.confine(scheme(moving, x, dt), p), held
    wait = jnp.minimum(held, dt)
    return model.confine(scheme(_opened(moving, 1.0 - wait / dt), x, dt), p), held - wait


class Spent(NamedTuple):
    """How lanes with clocks of their own came through a few steps."""

    x: Rows
    """States after the last step, or right after the reset."""
    held: Array
    """(B,) refractory time left, ms."""
    fired: Array
    """(B,) whether a lane fired, and stopped there."""
    part: Array
    """(B,) ms until the spike."""
    missed: Array
    """(B,) ms by which a lane that fired has fallen behind the steps; negative if it is ahead."""


def steps_to_spike(
    model: type[NeuronModel],
    scheme: Scheme,
    x: Rows,
    held: Array,
    current: Any,
    dt: Any,
    p: Any,
    count: int,
) -> Spent:
    """Up to `count` steps of each lane: one that fires stops right after its reset.

    Spikes are rare, and finding one costs more than a step. With a clock for each lane it is done
    once for `count` steps, and no rest of a step has to be made up for. A lane that begins beyond
    threshold fires at once, and that takes it one step; one whose reset lands there would fire
    without end, and is no number from then on.

    Parameters
    ----------
    model, scheme, p : what is integrated, and how.
    x : states.
    held : (B,) refractory time left, ms. A model with one state has nothing to do meanwhile: its
        clock jumps instead.
    current : (B,) or (); it stays the same, since lanes are soon at different times.
    dt : step, ms.
    count : number of steps.
    """
    moving = flow(model, current, p)
    waits = pauses(model) and len(model.states) > 1

    def under(x: Array, held: Array) -> Array:
        if not model.explodes():
            return model.threshold(x, p) < 0.0
        below = model.runaway(x, current, dt, p) < 0.0
        return below | (held > 0.0) if waits else below

    def step(_: Any, carry: tuple[Rows, Array, Rows, Array, Array]) -> tuple[Any, ...]:
        # A lane beyond threshold stays there; where it stood before the step is kept for later.
        x, held, old, old_held, taken = carry
        here = jnp.stack(x)
        below = under(here, held)
        if waits:
            end, left = free_step(model, scheme, here, held, current, dt, p)
            old_held, held = jnp.where(below, held, old_held), jnp.where(below, left, held)
        else:
            end = model.confine(scheme(moving, here, dt), p)
        old = tuple(jnp.where(below, now, then) for now, then in zip(x, old, strict=True))
        x = tuple(jnp.where(below, now, then) for now, then in zip(end, x, strict=True))
        return x, held, old, old_held, jnp.where(below, taken + dt, taken)

    begin = (x, held, x, held, jnp.zeros_like(held))
    x, held, old, old_held, taken = lax.fori_loop(jnp.int32(0), jnp.int32(count), step, begin)
    fired = ~under(jnp.stack(x), held)

    before = jnp.maximum(taken - dt, 0.0)
    wait = jnp.minimum(old_held, dt)
    free = dt - wait
    if model.explodes():
        # What is past the point of no return goes on from there, however long it takes.
        gone = model.threshold(jnp.stack(x), p) < 0.0
        old = tuple(jnp.where(gone, now, then) for now, then in zip(x, old, strict=True))
        before, wait = jnp.where(gone, taken, before), jnp.where(gone, 0.0, wait)
        free = jnp.where(gone, jnp.inf, free)
    peak, part = _crossing(model, moving, jnp.stack(old), wait, free, p)
    after = model.confine(model.reset(peak, p), p)
    after = jnp.where(model.threshold(after, p) < 0.0, after, jnp.nan)
    x = tuple(jnp.where(fired, now, then) for now, then in zip(after, x, strict=True))
    part = before + wait + part
    missed = count * dt - jnp.where((taken > 0.0) | (part > 0.0), part, dt)
    if pauses(model):
        pause = jnp.broadcast_to(jnp.asarray(model.refractory(p), dt.dtype), part.shape)
        if waits:
            held = jnp.where(fired, pause, held)
        else:
            missed = missed - pause
    return Spent(x, held, fired, part, jnp.where(fired, missed, 0.0))


def pauses(model: type[NeuronModel]) -> bool:
    """Whether a model declares a refractory period."""
    return model.refractory is not NeuronModel.refractory


def smooth_step(
    model: type[NeuronModel],
    scheme: Scheme,
    x: Array,
    memory: Watch,
    current: Any,
    t: Any,
    dt: Any,
    p: Any,
) -> tuple[Array, Watch, tuple[Array, Array]]:
    """A step of a model without reset, and what `spike_watch` tells at its beginning."""
    memory = noticed(model, x[0], memory, t)
    return (
        model.confine(scheme(flow(model, current, p), x, dt), p),
        memory,
        (memory.news, memory.told),
    )


def _crossing(
    model: type[NeuronModel], moving: Flow, x: Array, wait: Array, free: Array, p: Any
) -> tuple[Array, Array]:
    """The state (S, B) in which lanes fire, and how long (B,) after the pause `wait` they do.

    On the way from the start of the step to the threshold the speed of states[0] is taken to
    grow exponentially with it, between its values at both ends: exact for an exponential, and
    right to second order for anything smooth. Where spikes explode, the way is cut into pieces,
    short ones first, for an upstroke spends its time where it begins. A lane that starts beyond
    threshold, as after a parameter jump, fires at once.
    """
    below = model.threshold(x, p)
    way = -jnp.minimum(below, 0.0)
    slope = moving.derivatives(x)
    ends = jnp.asarray(_EXPLOSIVE_PIECES if model.explodes() else _PIECES, way.dtype)

    def rates_at(end: Array) -> Array:
        return moving.derivatives(jnp.concatenate([(x[0] + end * way)[None], x[1:]]))

    rates = jnp.concatenate([slope[None], jax.vmap(rates_at)(ends)])  # (pieces + 1, S, B)
    speeds = jnp.maximum(rates[:, 0], 1e-12)
    speed, then = speeds[:-1], speeds[1:]
    ratio = then / speed
    steady = jnp.abs(ratio - 1.0) < 1e-3
    growth = jnp.where(steady, 2.0, ratio)
    pace = jnp.where(steady, 1.0 / speed, (1.0 / speed - 1.0 / then) / jnp.log(growth))
    spent = jnp.diff(ends, prepend=0.0)[:, None] * way[None] * pace
    whole = spent.sum(axis=0)
    part = jnp.clip(whole, 0.0, free)
    moved = part[None] * slope[1:]
    if model.explodes():
        # The others follow a voltage that runs away: a trapezium for each piece.
        others = rates[:, 1:]
        moved = (0.5 * spent[:, None] * (others[:-1] + others[1:])).sum(axis=0)
        moved = (part / jnp.maximum(whole, 1e-30))[None] * moved
    crest = (x[0] - below)[None]
    return jnp.concatenate([crest, x[1:] + wait[None] * slope[1:] + moved]), part


def _opened(moving: Flow, free: Any) -> Flow:
    """The flow with states[0] slowed to a fraction `free` of its speed: 0 holds it."""

    def scaled(values: Array) -> Array:
        return jnp.concatenate([(values[0] * free)[None], values[1:]])

    return Flow(lambda y: scaled(moving.derivatives(y)), lambda y: scaled(moving.decay_rates(y)))
