"""The compiled loop of a layer: who fired, who won, whom that silences; then every cell one step.

Three rules keep it fast; each is worth a factor of two or more.

- What a spike needs is done in the turn after its step, and only if there is one: by then the ends
  of the step lie in memory. Done right after the step, the compiler takes the step once more for
  each use of its end.
- States travel through the loop apart, not stacked; see `batch_steps.Rows`.
- Cells that have nothing to do with each other go through the whole run in blocks that stay in the
  cache, and of which many a step has no spike.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from .batch_steps import Rows, after_spike, beyond, free_step
from .competition import first_to_fire, silenced
from .integrators import flow, noise_spread, schemes
from .model import Array, NeuronModel
from .spike_watch import noticed, watching

WORD = 32
"""Steps whose spikes share one word of bits."""
BLOCK = 128
"""Cells that go through a run together where none depends on another."""


class Plan(NamedTuple):
    """What a layer's loop is compiled for.

    Attributes
    ----------
    varied : the parameters that differ from cell to cell.
    features, places : shape of the layer, F and L = rows x columns.
    winners : most winners of a step; 0 for no competition.
    inhibition : whom they silence.
    kept : indices of the states to record.
    noisy : whether each cell has a noise current of its own.
    words : words of 32 steps to make room for.
    block : cells that go through the run together; all of them where they act on each other.
    """

    varied: tuple[str, ...]
    features: int
    places: int
    winners: int
    inhibition: str
    kept: tuple[int, ...]
    noisy: bool
    words: int
    block: int


class Drive(NamedTuple):
    """What drives the cells; arrays, traced."""

    current: Any
    """(T,) shared by all cells, or (T, N)."""
    recurrent: Any
    """(N, N) weights, or None: column j is what a spike or the rate of cell j does to the rest."""
    gain: Any
    """() factor on them."""
    noise: Any
    """(2,) standard deviation and correlation time, ms, of the noise current."""
    pause: Any
    """() steps for which a silenced cell is held."""
    key: Any
    """Random key of all noise."""


class Record(NamedTuple):
    """What a layer did, N = F x L cells."""

    spikes: Array
    """(words, N) uint32: bit j of word i is set where the cell fired in step 32 i + j."""
    winners: Array
    """(32 words, K) int32 places, -1 for none."""
    states: Array
    """(32 words + 1, kept, N)."""
    end: Array
    """(S, N) the states at the end."""


@partial(jax.jit, static_argnames=("model", "chosen", "method", "plan"))
def run(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    method: str,
    plan: Plan,
    shared: Array,
    varied: Array,
    drive: Drive,
    initial: Array | None,
    steps: Array,
    dt: Array,
) -> Record:
    """Run a layer.

    Parameters
    ----------
    model, chosen, method, plan : static.
    shared : (P,) quantities.
    varied : (len(plan.varied), N) values of those that differ.
    drive : what drives the cells; its current has `steps` rows or more.
    initial : (S, N) initial states, NaN for the model's own; None if all are.
    steps : () number of steps.
    dt : () ms.
    """
    count, room, kind = plan.features * plan.places, WORD * plan.words, dt.dtype
    record = Record(
        jnp.zeros((plan.words, count), jnp.uint32),
        jnp.full((room if plan.winners else 0, plan.winners), -1, jnp.int32),
        jnp.zeros((room + 1 if plan.kept else 0, len(plan.kept), count), kind),
        jnp.zeros((len(model.states), count), kind),
    )

    def block(b: Array, record: Record) -> Record:
        # The last block takes some cells of the one before along; what comes out is the same.
        first = jnp.minimum(plan.block * b, count - plan.block)
        own = partial(lax.dynamic_slice_in_dim, start_index=first, slice_size=plan.block, axis=1)
        p = model.unpack(shared, chosen)._replace(
            **dict(zip(plan.varied, own(varied), strict=True))
        )
        start = None if initial is None else own(initial)
        of_block = drive._replace(key=jax.random.fold_in(drive.key, b))
        cells = _Cells(model, method, plan, p, of_block, first, dt)
        return _run_block(cells, start, steps, record)

    blocks = -(-count // plan.block)
    if blocks == 1:
        return block(jnp.int32(0), record)
    return lax.fori_loop(jnp.int32(0), jnp.int32(blocks), block, record)


class _Cells(NamedTuple):
    """The B cells that go through a run together."""

    model: type[NeuronModel]
    method: str
    plan: Plan
    p: Any
    """Their parameters, numbers or (B,)."""
    drive: Drive
    first: Array
    """() place of the first of them in the layer."""
    dt: Array


class _Carry(NamedTuple):
    """Where the cells stand after a step of which it is not yet known who fired."""

    x: Rows
    """States, as if nobody fired."""
    memory: Any
    """The refractory time left, or what `spike_watch` remembers."""
    before: Rows
    """States at the start of the step."""
    held: Array
    """(B,) refractory time left then; empty for a model without reset."""
    current: Array
    """(B,) or (), during the step."""
    noise: Array
    """(B,) noise current in units of its standard deviation."""
    silent: Array
    """(B,) steps for which a silenced cell was still held when the step began."""


def _run_block(cells: _Cells, start: Array | None, steps: Array, record: Record) -> Record:
    """The record with what the cells of a block do entered."""
    model, _, plan, p, drive, first, dt = cells
    kind = dt.dtype
    zero = jnp.zeros(plan.block, kind)
    each = {name: (getattr(p, name) + zero).astype(float) for name in model.quantities()}
    own = model.initial_state(p._replace(**each)).astype(kind)
    x0 = own if start is None else jnp.where(jnp.isnan(start), own, start)
    rest = own[0]
    kept = jnp.asarray(plan.kept, jnp.int32)
    none = jnp.int32(0)

    def turn(k: Array, j: Array, carry: tuple[_Carry, Array, Record], dice: _Dice) -> Any:
        """See who fired in step k, then take step k + 1."""
        now, bits, record = carry
        x, memory, fired, when = _settled(cells, k, now)
        silent, winners, states = now.silent, record.winners, record.states
        if plan.winners:
            won, silent = _competed(cells, fired, when, silent)
            winners = lax.dynamic_update_slice(winners, won[None], (k, none))
        if plan.kept:
            row = jnp.stack(x)[kept][None]
            states = lax.dynamic_update_slice(states, row, (k + 1, none, first))
        bits = bits | (fired.astype(jnp.uint32) << j.astype(jnp.uint32))
        now = _Carry(x, memory, x, now.held, now.current, now.noise, silent)
        now = _stepped(cells, k + 1, now, fired, rest, dice, j)
        return now, bits, record._replace(winners=winners, states=states)

    def word(i: Array, carry: tuple[_Carry, Record]) -> tuple[_Carry, Record]:
        now, record = carry
        dice = _thrown(cells, i + 1, WORD)
        size = jnp.minimum(steps - WORD * i, WORD)
        now, bits, record = lax.fori_loop(
            jnp.int32(0),
            size,
            lambda j, carry: turn(WORD * i + j, j, carry, dice),
            (now, jnp.zeros(plan.block, jnp.uint32), record),
        )
        rows = lax.dynamic_update_slice(record.spikes, bits[None], (i, first))
        return now, record._replace(spikes=rows)

    if plan.kept:
        states = lax.dynamic_update_slice(record.states, x0[kept][None], (none, none, first))
        record = record._replace(states=states)
    memory: Any = zero if model.resets() else watching(x0[0])
    begin, noise = _thrown(cells, none, 1), zero[:0]
    if plan.noisy:
        noise = jax.random.normal(drive.key, (plan.block,), kind)
    silent = jnp.zeros(plan.block if plan.winners else 0, jnp.int32)
    now = _Carry(tuple(x0), memory, tuple(x0), zero[:0], zero[0], noise, silent)
    now = _stepped(cells, none, now, zero > 1.0, rest, begin, none)
    used = (steps + WORD - 1) // WORD
    now, record = lax.fori_loop(none, used, word, (now, record))
    end = lax.dynamic_update_slice(record.end, jnp.stack(now.before), (none, first))
    return record._replace(end=end)


class _Dice(NamedTuple):
    """Standard normal numbers for some steps."""

    current: Array
    """(steps, B), for the noise current."""
    model: Array
    """(steps, S, B), for the noise of the model."""


def _thrown(cells: _Cells, i: Array, size: int) -> _Dice:
    """The numbers for `size` steps, which are the same for the same i."""
    model, plan, kind = cells.model, cells.plan, cells.dt.dtype
    of_current, of_model = jax.random.split(jax.random.fold_in(cells.drive.key, i))
    nothing = jnp.zeros(0, kind)
    shape = (size, len(model.states), plan.block)
    return _Dice(
        jax.random.normal(of_current, (size, plan.block), kind) if plan.noisy else nothing,
        jax.random.normal(of_model, shape, kind) if model.has_noise else nothing,
    )


def _settled(cells: _Cells, k: Array, now: _Carry) -> tuple[Rows, Any, Array, Array]:
    """States and memory after step k, who fired in it, and when."""
    model, plan, p, dt = cells.model, cells.plan, cells.p, cells.dt
    if not model.resets():
        memory = noticed(model, now.x[0], now.memory, (k + 1).astype(dt.dtype) * dt)
        fired = memory.news
        if plan.winners:
            fired = fired & (now.silent == 0)
        return now.x, memory, fired, memory.told
    fired = beyond(model, jnp.stack(now.x), p)
    if plan.winners:
        fired = fired & (now.silent == 0)

    def spikes() -> tuple[Rows, Array, Array]:
        before = jnp.stack(now.before)
        after, held, when = after_spike(model, before, now.held, now.current, dt, p)
        x = tuple(jnp.where(fired, new, old) for new, old in zip(after, now.x, strict=True))
        return x, jnp.where(fired, held, now.memory), when

    def silence() -> tuple[Rows, Array, Array]:
        return now.x, now.memory, jnp.zeros_like(now.memory)

    x, held, when = lax.cond(fired.any(), spikes, silence)
    return x, held, fired, when


def _competed(cells: _Cells, fired: Array, when: Array, silent: Array) -> tuple[Array, Array]:
    """The winners (K,) of a step, and for how many steps each cell is held from now on (N,)."""
    plan, waiting = cells.plan, jnp.maximum(silent - 1, 0)

    def compete() -> tuple[Array, Array]:
        times = jnp.where(fired, when, jnp.inf).reshape(plan.features, plan.places)
        won = first_to_fire(times, plan.winners)
        hit = silenced(won, plan.inhibition, plan.features, plan.places).reshape(-1)
        return won, jnp.where(hit, cells.drive.pause, waiting)

    def nobody() -> tuple[Array, Array]:
        return jnp.full(plan.winners, -1, jnp.int32), waiting

    return lax.cond(fired.any(), compete, nobody)


def _stepped(
    cells: _Cells, k: Array, now: _Carry, fired: Array, rest: Array, dice: _Dice, j: Array
) -> _Carry:
    """Step k, as if nobody fired in it; `fired` did so in the step before.

    `now` has the states at the start of the step, and the currents of the step before.
    """
    model, method, plan, p, drive, first, dt = cells

    # A silenced cell is at rest from the start: one caught in its upstroke takes nothing along.
    def held_back(v: Array) -> Array:
        return jnp.where(now.silent > 0, rest, v) if plan.winners else v

    rows: Rows = (held_back(now.x[0]), *now.x[1:])
    x = jnp.stack(rows)
    current = _at(drive.current, k, first, plan.block)
    noise = now.noise
    if plan.noisy:
        sigma, tau = drive.noise
        keep = jnp.exp(-dt / tau)
        noise = keep * noise + jnp.sqrt(1.0 - keep * keep) * dice.current[j]
        current = current + sigma * noise
    if drive.recurrent is not None:
        sent = fired.astype(dt.dtype) / dt
        if model.readings:
            sent = model.read(x, jnp.zeros((len(model.readings), plan.block), dt.dtype), p)[0]
        current = current + drive.gain * (drive.recurrent @ sent)
    if model.resets():
        held = now.memory
        end, memory = free_step(model, schemes[method], x, held, current, dt, p)
    else:
        held, memory = now.held, now.memory
        end = model.confine(schemes[method](flow(model, current, p), x, dt), p)
    if model.has_noise:
        end = model.confine(end + noise_spread(model, x, dt, p) * dice.model[j], p)
    ends = (held_back(end[0]), *end[1:])
    return _Carry(ends, memory, rows, held, current, noise, now.silent)


def _at(current: Array, k: Array, first: Array, size: int) -> Array:
    """The current of step k: () if all cells share it, else (B,)."""
    if current.ndim == 1:
        return lax.dynamic_index_in_dim(current, k, keepdims=False, allow_negative_indices=False)
    return lax.dynamic_slice(current, (k, first), (1, size))[0]
