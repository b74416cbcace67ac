"""The compiled loop of a layer: every cell one step, then the winners, then whom they silence."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from .batch_steps import located_step, smooth_step
from .competition import first_to_fire, silenced
from .integrators import noise_spread, schemes
from .model import Array, NeuronModel

WORD = 32
"""Steps whose spikes share one word of bits."""


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
    """

    varied: tuple[str, ...]
    features: int
    places: int
    winners: int
    inhibition: str
    kept: tuple[int, ...]
    noisy: bool
    words: int


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
    p = model.unpack(shared, chosen)._replace(**dict(zip(plan.varied, varied, strict=True)))
    count = plan.features * plan.places
    kind = dt.dtype
    zero = jnp.zeros(count, kind)
    each = {name: (getattr(p, name) + zero).astype(float) for name in model.quantities()}
    own = model.initial_state(p._replace(**each)).astype(kind)
    x0 = own if initial is None else jnp.where(jnp.isnan(initial), own, initial)
    rest = own[0]
    sigma, tau = drive.noise
    keep = jnp.exp(-dt / tau)
    fresh = jnp.sqrt(1.0 - keep * keep)
    kept = jnp.asarray(plan.kept, jnp.int32)
    at_start, later = jax.random.split(drive.key)

    def draw(i: Array) -> tuple[Array, Array]:
        """Standard normal numbers of the 32 steps of word i: for the current, for the model."""
        of_current, of_model = jax.random.split(jax.random.fold_in(later, i))
        shape = (WORD, count)
        eta = jax.random.normal(of_current, shape, kind) if plan.noisy else zero[:0]
        xi = zero[:0]
        if model.has_noise:
            xi = jax.random.normal(of_model, (WORD, *x0.shape), kind)
        return eta, xi

    def current(k: Array, j: Array, carry: _Carry, eta: Array) -> tuple[Array, Array]:
        total = drive.current[k]
        noise = carry.noise
        if plan.noisy:
            noise = keep * noise + fresh * eta[j]
            total = total + sigma * noise
        if drive.recurrent is not None:
            sent = carry.fired / dt
            if model.readings:
                sent = model.read(carry.x, jnp.zeros((len(model.readings), count), kind), p)[0]
            total = total + drive.gain * (drive.recurrent @ sent)
        return total, noise

    def compete(times: Array) -> tuple[Array, Array]:
        """The winners (K,) among cells that fired at `times` (N,), and whom they silence (N,)."""
        won = first_to_fire(times.reshape(plan.features, plan.places), plan.winners)
        return won, silenced(won, plan.inhibition, plan.features, plan.places).reshape(-1)

    def step(k: Array, j: Array, carry: _Carry, eta: Array, xi: Array) -> _Carry:
        silent, winners = carry.silent, carry.winners
        if plan.winners:
            # Who won the step before is settled here, from numbers that lie in memory: settled
            # right after that step, the compiler would take it once more for each use.
            won, hit = compete(carry.times)
            silent = jnp.where(hit, drive.pause, jnp.maximum(silent - 1, 0))
            winners = lax.dynamic_update_slice(winners, won[None], (k, jnp.int32(0)))
        held = silent > 0
        total, noise = current(k, j, carry, eta)
        advance: Any = located_step if model.resets() else smooth_step
        t = k.astype(kind) * dt
        x, memory, (fired, when) = advance(
            model, schemes[method], carry.x, carry.memory, total, t, dt, p
        )
        if model.has_noise:
            x = model.confine(x + noise_spread(model, carry.x, dt, p) * xi[j], p)
        times = carry.times
        if plan.winners:
            fired = fired & ~held
            x = jnp.concatenate([jnp.where(held, rest, x[0])[None], x[1:]])
            times = jnp.where(fired, when, jnp.inf)
        states = carry.states
        if plan.kept:
            row = x[kept][None]
            states = lax.dynamic_update_slice(states, row, (k + 1, jnp.int32(0), jnp.int32(0)))
        bits = carry.bits | (fired.astype(jnp.uint32) << j.astype(jnp.uint32))
        sent = fired.astype(kind) if drive.recurrent is not None else carry.fired
        return _Carry(x, memory, noise, silent, times, sent, bits, winners, states)

    def word(i: Array, outer: tuple[_Carry, Array]) -> tuple[_Carry, Array]:
        carry, rows = outer
        eta, xi = draw(i)
        size = jnp.minimum(steps - WORD * i, WORD)
        carry = lax.fori_loop(
            jnp.int32(0),
            size,
            lambda j, carry: step(WORD * i + j, j, carry, eta, xi),
            carry._replace(bits=jnp.zeros(count, jnp.uint32)),
        )
        return carry, lax.dynamic_update_slice(rows, carry.bits[None], (i, jnp.int32(0)))

    start = zero[:0]
    if plan.noisy:
        start = jax.random.normal(at_start, (count,), kind)
    memory: Any = zero if model.resets() else (x0[0], zero, zero > 1.0)
    size = WORD * plan.words
    states = jnp.zeros((size + 1 if plan.kept else 0, len(plan.kept), count), kind)
    if plan.kept:
        states = states.at[0].set(x0[kept])
    carry = _Carry(
        x0,
        memory,
        start,
        jnp.zeros(count if plan.winners else 0, jnp.int32),
        jnp.full(count if plan.winners else 0, jnp.inf, kind),
        zero if drive.recurrent is not None else zero[:0],
        jnp.zeros(count, jnp.uint32),
        jnp.full((size + 1 if plan.winners else 0, plan.winners), -1, jnp.int32),
        states,
    )
    rows = jnp.zeros((plan.words, count), jnp.uint32)
    used = (steps + WORD - 1) // WORD
    carry, rows = lax.fori_loop(jnp.int32(0), used, word, (carry, rows))
    winners = carry.winners
    if plan.winners:
        last = compete(carry.times)[0]
        winners = lax.dynamic_update_slice(winners, last[None], (steps, jnp.int32(0)))[1:]
    return Record(rows, winners, carry.states)


class _Carry(NamedTuple):
    x: Array
    memory: Any
    """What the step remembers: the refractory time left, or the last turn of the trace."""
    noise: Array
    """(N,) noise current in units of its standard deviation."""
    silent: Array
    """(N,) steps for which a silenced cell is still held."""
    times: Array
    """(N,) when each cell fired in the step before, inf where it did not."""
    fired: Array
    """(N,) 1 where the cell fired in the step before."""
    bits: Array
    """(N,) spikes of this word."""
    winners: Array
    states: Array
