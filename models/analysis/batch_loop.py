"""The compiled loop of a batch: block after block of lanes, each with its own time loop inside.

What the lanes did is tallied in the loop, or their spike times are noted; no trace is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from ..batch_steps import located_step, smooth_step, steps_to_spike
from ..integrators import schemes
from ..model import Array, NeuronModel
from ..spike_watch import Watch, watching, watching_on
from .tally import Tally

Drive = Callable[[Any, Any, tuple[Any, ...]], Any]
"""(start of a step, its length, parameters) -> mean current in it: the shape of a stimulus."""

_TO_SPIKE = 8
"""Steps of a reset model before spikes are looked for, which costs more than a step."""

_TO_ROW = 16
"""Steps of a model without reset to two rows of a list of spikes: too few for more of them."""


def constant(t: Any, dt: Any, stimulus: tuple[Any, ...]) -> Any:
    """The same current throughout; its one parameter."""
    return stimulus[0]


class Plan(NamedTuple):
    """What a batch is compiled for.

    Attributes
    ----------
    model, chosen : the model and its choices.
    method : one of `models.integrators.schemes`.
    drive : shape of the injected current.
    stimulus : where each of its parameters is found: ``("varied", row)`` or ``("shared", index)``.
    varied : for each varied row the index of the number it replaces, -1 if it replaces none.
    record : what to keep of a `Tally`, or the number of rows of a list of spikes.
    """

    model: type[NeuronModel]
    chosen: tuple[str, ...]
    method: str
    drive: Drive
    stimulus: tuple[tuple[str, int], ...]
    varied: tuple[int, ...]
    record: Callable[[Tally], Any] | int


class Timing(NamedTuple):
    """How long a batch runs; numbers, traced."""

    steps: Any
    dt: Any
    """ms."""
    transient: Any
    """ms before anything is counted."""


class Spikes(NamedTuple):
    """The spikes of a block, and the range of its voltages."""

    when: Array
    """(rows, B) ms, one spike of a lane to a row at most; negative where there is none."""
    filled: Array
    """() how many rows hold something."""
    low: Array
    """(B,) least states[0]."""
    high: Array
    """(B,) greatest states[0]; of a model that resets, not in the course of a spike."""
    end: Array
    """(B,) states[0] at the end."""


@partial(jax.jit, static_argnums=0)
def run_blocks(
    plan: Plan, columns: Array, start: Array | None, shared: Array, timing: Timing
) -> Any:
    """Run blocks of lanes.

    Parameters
    ----------
    plan : what is compiled.
    columns : (blocks, K, B) what differs from lane to lane.
    start : (blocks, S, B) starting states, the model's own if None; or (blocks, S + W, B) with
        the memory `Tally.watch` of a run before behind them.
    shared : the quantities and the current that the lanes share, then numbers of the stimulus.
    timing : how long.

    Returns
    -------
    What the record keeps of each block, stacked: (blocks, ..., B).
    """
    model, chosen, dt = plan.model, plan.chosen, timing.dt

    def one(block: tuple[Array, Array | None]) -> Any:
        varying, x0 = block
        values = [shared[i] for i in range(shared.shape[0])]
        for row, index in enumerate(plan.varied):
            if index >= 0:
                values[index] = varying[row]
        p = model.parameter_tuple()(*values[: len(model.quantities())], *chosen)
        stimulus = tuple(
            varying[index] if source == "varied" else values[index]
            for source, index in plan.stimulus
        )
        if x0 is None:
            # Models may compute where they start in double precision. What any lane has of its own
            # all numbers have, since models put them together in states of one shape.
            ours = any(index >= 0 for index in plan.varied)
            lanes = varying.shape[1:] if ours else ()
            wide = [
                jnp.broadcast_to(v.astype(float), lanes) for v in values[: len(model.quantities())]
            ]
            own = model.initial_state(model.parameter_tuple()(*wide, *chosen))
            x0 = own.astype(dt.dtype)
        x0 = jnp.broadcast_to(x0.reshape(x0.shape[0], -1), (x0.shape[0], varying.shape[1]))
        prepare = _apart if _has_own_clocks(plan) else _in_step
        loop = prepare(plan, stimulus, x0, p, timing)
        return plan.record(_tally(loop)) if callable(plan.record) else _spikes(loop, plan.record)

    return lax.map(one, (columns, start))


def rows_of_spikes(model: type[NeuronModel], steps: int) -> int:
    """The number of rows in which all spikes of a run find room, rounded up to a power of two.

    Lanes with clocks of their own fall behind at every spike: there is twice the room that silent
    ones need. A model without reset needs two rows for every few steps, see `_in_step`.
    """
    rows = 2 * steps // (_TO_SPIKE if model.resets() else _TO_ROW)
    return max(32, 1 << rows.bit_length())


def _has_own_clocks(plan: Plan) -> bool:
    return plan.model.resets() and plan.drive is constant


class _Event(NamedTuple):
    """What a move of the loop brought."""

    fired: Array
    """(B,) bool; (2, B) where a move may bring two spikes."""
    when: Array
    """As many times in ms, where a lane fired."""
    low: Array
    """(B,) least states[0] at the end of its steps."""
    high: Array
    """(B,) greatest states[0] there."""
    settled: Array
    """(B,) or () whether the transient was over before it."""


class _Loop(NamedTuple):
    """A block ready to run: what a recorder needs."""

    begin: Any
    """The carry before the first move."""
    goes_on: Callable[[Array, Any], Array]
    """(number of the move, carry) -> whether any lane is still to move."""
    move: Callable[[Array, Any], tuple[Any, _Event]]
    """(number of the move, carry) -> carry, event."""
    zero: Array
    """(B,)"""
    timing: Timing
    rows: int
    """The most spikes of a lane in a move."""


def _in_step(plan: Plan, stimulus: tuple[Any, ...], x0: Array, p: Any, timing: Timing) -> _Loop:
    """All lanes share the clock: models without reset, and currents that change with time."""
    steps, dt, transient = timing
    model, scheme, zero = plan.model, schemes[plan.method], jnp.zeros(x0.shape[1], dt.dtype)
    moves = 1 if callable(plan.record) else _TO_ROW
    take: Any = located_step if model.resets() else smooth_step

    def step(k: Array, carry: Any) -> tuple[Any, _Event]:
        t = k.astype(dt.dtype) * dt
        x, memory = carry
        current = plan.drive(t, dt, stimulus)
        x, memory, (fired, when) = take(model, scheme, x, memory, current, t, dt, p)
        return (x, memory), _Event(fired, when, x[0], x[0], t > transient - 0.5 * dt)

    def row(k: Array, carry: Any) -> tuple[Any, _Event]:
        # The first small spike of a train is told together with the second.
        def one(j: Array, noted: Any) -> Any:
            carry, fired, when, low, high = noted
            carry, event = step(k * moves + j, carry)
            counted = event.fired & (k * moves + j < steps)
            here = jnp.stack([counted & ~fired[0], counted & fired[0]])
            when = jnp.where(here, event.when, when)
            low, high = jnp.minimum(low, event.low), jnp.maximum(high, event.high)
            return carry, fired | here, when, low, high

        v = carry[0][0]
        begin = (carry, jnp.stack([zero, zero]) > 1.0, jnp.stack([zero, zero]), v, v)
        carry, fired, when, low, high = lax.fori_loop(jnp.int32(0), jnp.int32(moves), one, begin)
        return carry, _Event(fired, when, low, high, jnp.bool(True))

    def goes_on(k: Array, carry: Any) -> Array:
        return k * moves < steps

    x0, rows = jnp.split(x0, [len(model.states)])
    memory: Any = zero
    if not model.resets():
        memory = watching_on(rows) if rows.shape[0] else watching(x0[0])
    if moves == 1:
        return _Loop((x0, memory), goes_on, step, zero, timing, 1)
    return _Loop((x0, memory), goes_on, row, zero, timing, 2)


def _apart(plan: Plan, stimulus: tuple[Any, ...], x0: Array, p: Any, timing: Timing) -> _Loop:
    """Each lane has its own clock: models that reset, under a current that stays what it is."""
    steps, dt, transient = timing
    model, scheme, zero = plan.model, schemes[plan.method], jnp.zeros(x0.shape[1], dt.dtype)
    current = plan.drive(zero, dt, stimulus)
    duration = steps.astype(dt.dtype) * dt

    def clock(k: Array, lag: Array) -> Array:
        # Told from the number of moves, so that rounding does not pile up.
        return k.astype(dt.dtype) * (_TO_SPIKE * dt) - lag

    def move(k: Array, carry: Any) -> tuple[Any, _Event]:
        x, held, lag = carry
        t = clock(k, lag)
        running = t < duration - 0.5 * dt
        spent = steps_to_spike(model, scheme, x, held, current, dt, p, _TO_SPIKE)
        x = tuple(jnp.where(running, new, old) for new, old in zip(spent.x, x, strict=True))
        when = t + spent.part
        fired = running & spent.fired & (when <= duration)
        lag = lag + jnp.where(running, spent.missed, 0.0)
        event = _Event(fired, when, x[0], x[0], t > transient - 0.5 * dt)
        return (x, spent.held, lag), event

    def goes_on(k: Array, carry: Any) -> Array:
        return (k < steps) & (clock(k, carry[2]) < duration - 0.5 * dt).any()

    return _Loop((tuple(x0), zero, zero), goes_on, move, zero, timing, 1)


def _tally(loop: _Loop) -> Tally:
    """Run a block and tally; what the summary does not use, the compiler removes."""
    zero, kind = loop.zero, loop.zero.dtype

    def body(state: tuple[Any, ...]) -> tuple[Any, ...]:
        k, carry, spikes, first, last, n, total, squares, longest, low, high = state
        carry, (fired, when, lowest, highest, settled) = loop.move(k, carry)
        counted = fired & (when >= loop.timing.transient)
        interval = when - last
        ends = counted & (last > -jnp.inf)
        n_after = n + jnp.where(ends, 1.0, 0.0).astype(kind)
        mean = total / jnp.maximum(n, 1.0)
        total = total + jnp.where(ends, interval, 0.0)
        mean_after = total / jnp.maximum(n_after, 1.0)
        spread = (interval - jnp.where(n > 0, mean, interval)) * (interval - mean_after)
        return (
            k + 1,
            carry,
            spikes + jnp.where(counted, 1.0, 0.0).astype(kind),
            jnp.where(fired, jnp.minimum(first, when), first),
            jnp.where(fired, when, last),
            n_after,
            total,
            squares + jnp.where(ends, spread, 0.0),
            jnp.where(fired & (last > -jnp.inf), jnp.maximum(longest, interval), longest),
            jnp.where(settled, jnp.minimum(low, lowest), low),
            jnp.where(settled, jnp.maximum(high, highest), high),
        )

    far = zero + jnp.asarray(jnp.inf, kind)
    counts = (zero, far, -far, zero, zero, zero, zero, far, -far)
    begin = (jnp.int32(0), loop.begin, *counts)
    _, carry, *tallied = lax.while_loop(lambda s: loop.goes_on(s[0], s[1]), body, begin)
    duration = loop.timing.steps.astype(kind) * loop.timing.dt
    watch = carry[1].handed_on(duration) if isinstance(carry[1], Watch) else zero[None][:0]
    return Tally._make([*tallied, jnp.stack(tuple(carry[0])), watch, duration])


def _spikes(loop: _Loop, rows: int) -> Spikes:
    """Run a block and note who fired when."""

    def body(state: tuple[Any, ...]) -> tuple[Any, ...]:
        k, carry, noted, low, high = state
        carry, event = loop.move(k, carry)
        new = jnp.where(event.fired, event.when, -1.0).reshape(loop.rows, -1)
        noted = lax.dynamic_update_slice(noted, new, (k * loop.rows, jnp.int32(0)))
        return k + 1, carry, noted, jnp.minimum(low, event.low), jnp.maximum(high, event.high)

    def goes_on(state: tuple[Any, ...]) -> Array:
        return (state[0] * loop.rows < rows) & loop.goes_on(state[0], state[1])

    v = loop.begin[0][0]
    noted = lax.empty((rows, loop.zero.size), loop.zero.dtype)
    begin = (jnp.int32(0), loop.begin, noted, v, v)
    k, carry, noted, low, high = lax.while_loop(goes_on, body, begin)
    return Spikes(noted, k * loop.rows, low, high, carry[0][0])
