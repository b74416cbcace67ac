"""The batched time loop: many cells at once, what they did kept in the loop, no traces stored.

f-I curves, atlases, rheobase and strength-duration all stand on it. Cells are lanes: blocks of
lanes that fit the processor's cache are mapped over, each with its own time loop inside, and the
blocks are shared between as many threads as there are cores (compiled code releases Python's
lock). A parameter that all lanes share stays a scalar.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..batch_steps import grid_step, located_step, smooth_step
from ..integrators import Scheme, schemes
from ..model import Array, NeuronModel
from .tally import Tally, everything

Drive = Callable[[Any, Any, tuple[Any, ...]], Any]
"""(start of a step, its length, parameters) -> mean current in it: the shape of a stimulus."""

CURRENT = "current"
"""Name under which the injected current is varied like a parameter."""

_BLOCK = 512
"""Most lanes in one time loop: states and tallies then stay in the first-level cache."""


def constant(t: Any, dt: Any, stimulus: tuple[Any, ...]) -> Any:
    """The same current throughout; its one parameter."""
    return stimulus[0]


def pulse(t: Any, dt: Any, stimulus: tuple[Any, ...]) -> Any:
    """A rectangular pulse from time zero; parameters: amplitude, width in ms, base line.

    In the step in which the pulse ends, its charge is kept.
    """
    amplitude, width, baseline = stimulus
    return baseline + (amplitude - baseline) * jnp.clip((width - t) / dt, 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Settings:
    """How lanes are run.

    Attributes
    ----------
    duration, dt, transient : ms; nothing is counted before the end of the transient.
    method : one of `models.integrators.schemes`.
    drive, stimulus : shape of the injected current, and its parameters: numbers, names of varied
        values, or ``"current"``.
    current : value of ``"current"`` where it is not varied.
    located : whether a reset happens at the crossing inside the step (second order) or at the
        start of the next step (first order, but the cheapest loop there is).
    initial : (S,) or (S, N) starting states; the model's own if None.
    dtype : float32 for pictures, float64 for thresholds.
    """

    duration: float
    dt: float
    method: str = "rk4"
    drive: Drive = constant
    stimulus: Sequence[str | float] = (CURRENT,)
    current: float = 0.0
    transient: float = 0.0
    located: bool = True
    initial: np.ndarray | None = None
    dtype: Any = np.float32


def step_length(cell: NeuronModel) -> float:
    """The step in ms that sweeps take by default: 0.1, or 0.025 where spikes are not cut off."""
    return 0.1 if type(cell).resets() else 0.025


def run(
    cell: NeuronModel,
    varied: Mapping[str, np.ndarray],
    summary: Callable[[Tally], Any] = everything,
    **settings: Any,
) -> Any:
    """Run N cells that differ in some parameters and say what they did.

    Parameters
    ----------
    cell : the model with the parameters all lanes share.
    varied : {name: (N,)} values of the parameters (or ``"current"``, or names that only
        `stimulus` uses) that differ from lane to lane.
    summary : what to keep of each block's `Tally`; the loop computes nothing else.
    **settings : the fields of `Settings`.

    Returns
    -------
    The result of `summary` with its trailing lane axis joined to (..., N), as NumPy arrays.
    """
    return _record(cell, varied, Settings(**settings), summary)


def spike_trains(
    cell: NeuronModel, varied: Mapping[str, np.ndarray], **settings: Any
) -> list[np.ndarray]:
    """Spike times of N cells in ms, each a multiple of dt; arguments as `run`.

    A model without reset is noted to have fired when its trace has fallen from the peak by the
    model's `spike_prominence`.
    """
    chosen = Settings(**settings)
    steps = round(chosen.duration / chosen.dt)
    words = max(32, 1 << ((steps + 31) // 32 - 1).bit_length())
    rows = _record(cell, varied, chosen, words)
    by_lane = np.ascontiguousarray(rows.T).astype("<u4").view(np.uint8)
    lanes, when = np.nonzero(np.unpackbits(by_lane, axis=1, bitorder="little")[:, :steps])
    ends = np.searchsorted(lanes, np.arange(1, by_lane.shape[0]))
    return np.split(when * chosen.dt, ends)


def _record(
    cell: NeuronModel,
    varied: Mapping[str, np.ndarray],
    chosen: Settings,
    record: Callable[[Tally], Any] | int,
) -> Any:
    model = type(cell)
    names = (*model.quantities(), CURRENT)
    which = tuple(varied)
    kind = chosen.dtype
    columns = np.stack([np.asarray(values, kind) for values in varied.values()])
    shared = np.append(cell.packed(), chosen.current).astype(kind)
    sources: list[tuple[str, Any]] = []
    for part in chosen.stimulus:
        if part in which:
            sources.append(("varied", which.index(str(part))))
        elif isinstance(part, str):
            sources.append(("shared", names.index(part)))
        else:
            # Numbers travel behind the parameters: a new amplitude compiles nothing.
            sources.append(("shared", shared.size))
            shared = np.append(shared, kind(part))
    start = None if chosen.initial is None else np.asarray(chosen.initial, kind)
    if start is not None and start.ndim == 1:
        start = np.repeat(start[:, None], columns.shape[1], axis=1)
    kernel = partial(
        _blocks,
        model,
        cell.chosen(),
        chosen.method,
        chosen.located,
        record,
        chosen.drive,
        tuple(sources),
        tuple(names.index(name) if name in names else -1 for name in which),
    )
    steps, transient = round(chosen.duration / chosen.dt), round(chosen.transient / chosen.dt)
    timing = (np.int32(steps), kind(chosen.dt), np.int32(transient))
    return _share(kernel, columns, start, (shared, *timing))


def _share(
    kernel: Callable[..., Any],
    columns: np.ndarray,
    start: np.ndarray | None,
    scalars: tuple[Any, ...],
) -> Any:
    """Spread lanes over threads and blocks; put what comes back together."""
    lanes = columns.shape[1]
    parts = _workers() if lanes >= 64 else 1
    per_part = -(-lanes // parts)
    blocks = 1 if jax.default_backend() != "cpu" else -(-per_part // _BLOCK)
    size = -(-per_part // blocks)
    size = -(-size // 16) * 16 if size > 1 else 1  # whole vector registers
    padding = parts * blocks * size - lanes

    def laid_out(rows: np.ndarray) -> np.ndarray:
        padded = np.concatenate([rows, np.repeat(rows[:, -1:], padding, axis=1)], axis=1)
        by_part = padded.reshape(rows.shape[0], parts, blocks, size)
        return np.ascontiguousarray(np.moveaxis(by_part, 0, 2))

    columns = laid_out(columns)
    starts = [None] * parts if start is None else list(laid_out(start))
    jobs = [(columns[i], starts[i], *scalars) for i in range(parts)]
    if parts == 1:
        results = [jax.tree.map(np.asarray, kernel(*jobs[0]))]
    else:
        results = list(_threads().map(lambda job: jax.tree.map(np.asarray, kernel(*job)), jobs))

    def joined(*arrays: np.ndarray) -> np.ndarray:
        # Each array is (blocks, ..., size), or (blocks,) for one number per block.
        if arrays[0].ndim == 1:
            return arrays[0][0]
        stacked = np.concatenate(arrays, axis=0)
        flat = np.moveaxis(stacked, 0, -2)
        return flat.reshape(*flat.shape[:-2], -1)[..., :lanes]

    return jax.tree.map(joined, *results)


def _workers() -> int:
    if jax.default_backend() != "cpu":
        return 1
    return max(1, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_workers(), thread_name_prefix="batch")


@partial(jax.jit, static_argnums=range(8))
def _blocks(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    method: str,
    located: bool,
    record: Callable[[Tally], Any] | int,
    drive: Drive,
    sources: tuple[tuple[str, int], ...],
    which: tuple[int, ...],
    columns: Array,
    start: Array | None,
    shared: Array,
    steps: Array,
    dt: Array,
    transient: Array,
) -> Any:
    """Map the time loop over blocks: columns (blocks, K, B), start (blocks, S, B) or None."""

    def one(block: tuple[Array, Array | None]) -> Any:
        varying, x0 = block
        values = [shared[i] for i in range(shared.shape[0])]
        for row, index in enumerate(which):
            if index >= 0:
                values[index] = varying[row]
        p = model.parameter_tuple()(*values[: len(model.quantities())], *chosen)
        stimulus = tuple(
            varying[index] if source == "varied" else values[index] for source, index in sources
        )
        if x0 is None:
            # Models may compute where they start in double precision.
            wide = [v.astype(float) for v in values[: len(model.quantities())]]
            own = model.initial_state(model.parameter_tuple()(*wide, *chosen))
            x0 = own.astype(dt.dtype)
        x0 = jnp.broadcast_to(x0.reshape(x0.shape[0], -1), (x0.shape[0], varying.shape[1]))
        timing = (steps, dt, transient)
        loop = _loop(model, schemes[method], located, drive, stimulus, x0, p, timing)
        return _raster(loop, record) if isinstance(record, int) else record(_tally(loop))

    return lax.map(one, (columns, start))


class _Loop(NamedTuple):
    """A block ready to run: what a recorder needs."""

    advance: Callable[[Any, Array, Any], tuple[Array, Any, Array, Array]]
    """(step number, state, memory) -> state, memory, who fired, when."""
    state: Array
    memory: Any
    steps: Array
    dt: Array
    transient: Array
    """Number of steps before anything is counted."""


def _loop(
    model: type[NeuronModel],
    scheme: Scheme,
    located: bool,
    drive: Drive,
    stimulus: tuple[Any, ...],
    x0: Array,
    p: Any,
    timing: tuple[Array, Array, Array],
) -> _Loop:
    dt = timing[1]
    zero = jnp.zeros(x0.shape[1], dt.dtype)
    memory: Any = zero
    step: Callable[..., tuple[Array, Any, tuple[Array, Array]]]
    if not model.resets():
        step, memory = smooth_step, (x0[0] + zero, zero, zero > 1.0)
    else:
        step = located_step if located else grid_step

    def advance(k: Any, x: Array, memory: Any) -> tuple[Array, Any, Array, Array]:
        t = k.astype(dt.dtype) * dt
        current = drive(t, dt, stimulus)
        x, memory, (fired, when) = step(model, scheme, x, memory, current, t, dt, p)
        return x, memory, fired, when

    return _Loop(advance, x0, memory, *timing)


def _tally(loop: _Loop) -> Tally:
    """Run a block and tally; what the summary does not use, the compiler removes."""
    kind = loop.dt.dtype
    zero = jnp.zeros(loop.state.shape[1], kind)

    def body(k: Array, carry: tuple[Any, ...]) -> tuple[Any, ...]:
        x, memory, spikes, first, last, n, total, squares, longest, low, high = carry
        x, memory, fired, when = loop.advance(k, x, memory)
        settled = k >= loop.transient
        counted = fired & settled
        interval = when - last
        ends = counted & (last > -jnp.inf)
        n_after = n + jnp.where(ends, 1.0, 0.0).astype(kind)
        mean = total / jnp.maximum(n, 1.0)
        total = total + jnp.where(ends, interval, 0.0)
        mean_after = total / jnp.maximum(n_after, 1.0)
        spread = (interval - jnp.where(n > 0, mean, interval)) * (interval - mean_after)
        return (
            x,
            memory,
            spikes + jnp.where(counted, 1.0, 0.0).astype(kind),
            jnp.where(fired, jnp.minimum(first, when), first),
            jnp.where(fired, when, last),
            n_after,
            total,
            squares + jnp.where(ends, spread, 0.0),
            jnp.where(ends, jnp.maximum(longest, interval), longest),
            jnp.where(settled, jnp.minimum(low, x[0]), low),
            jnp.where(settled, jnp.maximum(high, x[0]), high),
        )

    far = zero + jnp.asarray(jnp.inf, kind)
    counts = (zero, far, -far, zero, zero, zero, zero, far, -far)
    carry = (loop.state, loop.memory, *counts)
    x, _, *tallied = lax.fori_loop(jnp.int32(0), loop.steps, body, carry)
    return Tally._make([*tallied, x, loop.steps.astype(kind) * loop.dt])


def _raster(loop: _Loop, words: int) -> Array:
    """Run a block and note who fired in which step: (words, B), 32 steps to a word."""

    def word(i: Array, carry: tuple[Any, ...]) -> tuple[Any, ...]:
        x, memory, rows = carry

        def bit(j: Array, carry: tuple[Any, ...]) -> tuple[Any, ...]:
            x, memory, bits = carry
            x, memory, fired, _ = loop.advance(i * 32 + j, x, memory)
            return x, memory, bits | (fired.astype(jnp.uint32) << j.astype(jnp.uint32))

        none = jnp.zeros(x.shape[1], jnp.uint32)
        x, memory, bits = lax.fori_loop(jnp.int32(0), jnp.int32(32), bit, (x, memory, none))
        return x, memory, lax.dynamic_update_slice(rows, bits[None], (i, jnp.int32(0)))

    rows = jnp.zeros((words, loop.state.shape[1]), jnp.uint32)
    used = (loop.steps + 31) // 32
    carry = (loop.state, loop.memory, rows)
    return lax.fori_loop(jnp.int32(0), used, word, carry)[2]
