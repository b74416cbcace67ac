"""The time loop of one cell, in the shape that XLA compiles into one fast kernel.

Three rules keep it fast; each is worth a factor of two or more for a small model.

- A silent step does nothing but step: the state is read from the trace, and written to it. What a
  spike needs is in an outer loop, which goes round once per spike. A branch within the step would
  compute the step twice, and a carried state would be copied around.
- Every reading of the trace is used by what is written next. Otherwise XLA does not know which of
  the two comes first, and copies the whole trace.
- The outer loop hands the parameters on through a barrier. Otherwise XLA cuts them out one by one
  ahead of the loop, in kernels of their own that it spreads over threads: 50 µs per run.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from .integrators import Scheme, eventful_step, flow, noise_spread, paused, schemes
from .model import Array, NeuronModel


@partial(jax.jit, static_argnames=("model", "chosen", "method"))
def integrate(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    method: str,
    x0: Array,
    current: Array,
    noise: Array,
    steps: Array,
    dt: Array,
    packed: Array,
) -> Array:
    """The states of a run over time.

    Parameters
    ----------
    model, chosen, method : static.
    x0 : (S,) initial state.
    current : (capacity,) one sample per step.
    noise : (capacity, S) standard normal kicks, or (0, S) for a model without noise.
    steps : () number of steps to take, at most capacity.
    dt : () ms.
    packed : (P,) quantities.

    Returns
    -------
    (S, capacity + 1) array, row by row the states to show after each step. A model with reset has
    one row more: the time of a spike within the step that led there, ms, -1 if none. Columns
    beyond `steps` are undefined.
    """
    run = _smooth_run if not model.resets() else _spiking_run
    drive = _Drive(model, chosen, schemes[method], current, noise, steps, dt)
    traces = jnp.full((x0.size + model.resets(), current.size + 1), -1.0)
    return run(drive, _put(traces, 0, x0), packed)


class _Drive(NamedTuple):
    """What stays the same throughout a run, but for the parameters."""

    model: type[NeuronModel]
    chosen: tuple[str, ...]
    scheme: Scheme
    current: Array
    noise: Array
    steps: Array
    dt: Array

    def current_at(self, k: Array) -> Array:
        """The current () during the step from time k."""
        return lax.dynamic_index_in_dim(
            self.current, k, keepdims=False, allow_negative_indices=False
        )

    def kicked(self, k: Array, before: Array, after: Array, p: Any) -> Array:
        """The state `after` a step from time k with the noise of the model on top."""
        if not self.model.has_noise:
            return after
        return after + noise_spread(self.model, before, self.dt, p) * self.noise[k]

    def step(self, k: Array, x: Array, p: Any, hold: bool = False) -> Array:
        """The state one step after it was `x` at time k, without spikes."""
        moving = flow(self.model, self.current_at(k), p)
        after = self.scheme(paused(moving) if hold else moving, x, self.dt)
        return self.kicked(k, x, self.model.confine(after, p), p)


def _smooth_run(drive: _Drive, traces: Array, packed: Array) -> Array:
    """The traces of a model without reset."""

    def going(carry: tuple[Array, Array, Array]) -> Array:
        return carry[1] < drive.steps

    def all_steps(carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        traces, k, packed = carry
        p = drive.model.unpack(packed, drive.chosen)
        traces, k = _silent_steps(drive, traces, k, drive.steps, p)
        return traces, k, lax.optimization_barrier(packed)

    return lax.while_loop(going, all_steps, (traces, jnp.zeros((), int), packed))[0]


class _Stretch(NamedTuple):
    """A run of a reset model between two eventful steps."""

    k: Array
    """Time in steps; what the trace holds there is the state."""
    held: Array
    """Remaining refractory time, ms."""
    event: Array
    """Time in steps after the last eventful step."""
    shown: Array
    """(S + 1,) what to show there instead of the state, and the time of the spike."""
    traces: Array
    packed: Array


def _spiking_run(drive: _Drive, traces: Array, packed: Array) -> Array:
    """The traces of a model with reset."""
    model, dt = drive.model, drive.dt

    def going(last: _Stretch) -> Array:
        return last.k < drive.steps

    def stretch(last: _Stretch) -> _Stretch:
        """The eventful step that ended the last stretch, and the silent ones that follow it."""
        p = model.unpack(last.packed, drive.chosen)
        x = _column(last.traces, last.k, drive)
        made = eventful_step(model, drive.scheme, x, last.held, drive.current_at(last.k), dt, p)
        after = drive.kicked(last.k, x, made.x, p)
        shown = jnp.where(made.crossing >= 0.0, made.shown, after)
        traces = _put(last.traces, last.k + 1, after)
        traces = _put(traces, last.event, last.shown)
        k, held = last.k + 1, made.held
        if model.refractory is not NeuronModel.refractory:
            whole = jnp.minimum(held / dt, (drive.steps - k).astype(float)).astype(int)
            traces, end = _silent_steps(drive, traces, k, k + whole, p, hold=True)
            held = jnp.maximum(held - (end - k).astype(float) * dt, 0.0)
        else:
            end = k
        until = jnp.where(held > 0.0, end, drive.steps)
        traces, end = _silent_steps(drive, traces, end, until, p)
        shown = jnp.append(shown, made.crossing)
        return _Stretch(end, held, k, shown, traces, lax.optimization_barrier(last.packed))

    zero = jnp.zeros((), int)
    start = _Stretch(zero, jnp.zeros(()), zero, traces[:, 0], traces, packed)
    end = lax.while_loop(going, stretch, start)
    return _put(end.traces, end.event, end.shown)


def _silent_steps(
    drive: _Drive, traces: Array, k: Array, until: Array, p: Any, hold: bool = False
) -> tuple[Array, Array]:
    """Steps from time k to `until`, or to the last one before the spike level, or the point of no
    return, is passed.

    `hold` holds states[0]. Returns the traces and the time reached.
    """

    def below(traces: Array, at: Array) -> Array:
        # A state beyond the range of numbers is past the level too, so this is not `above`.
        x, model = _column(traces, at, drive), drive.model
        if model.explodes() and not hold:
            return model.runaway(x, drive.current_at(at), drive.dt, p) < 0.0
        return model.threshold(x, p) < 0.0

    def silent(carry: tuple[Array, Array]) -> Array:
        traces, at = carry
        return (at < until) & below(traces, at)

    def step(carry: tuple[Array, Array]) -> tuple[Array, Array]:
        traces, at = carry
        return _put(traces, at + 1, drive.step(at, _column(traces, at, drive), p, hold)), at + 1

    # The traces stand ahead of the time, so that XLA counts on after the step and not within.
    traces, end = lax.while_loop(silent, step, (traces, k))
    passed = (end > k) & ~below(traces, end)
    return traces, end - passed.astype(int)


def _column(traces: Array, k: Array, drive: _Drive) -> Array:
    """The state (S,) at time k."""
    shape = (len(drive.model.states), 1)
    return lax.dynamic_slice(traces, (0, k), shape, allow_negative_indices=False)[:, 0]


def _put(traces: Array, k: Any, values: Array) -> Array:
    """The traces with the first rows at time k replaced."""
    return lax.dynamic_update_slice(traces, values[:, None], (0, k), allow_negative_indices=False)
