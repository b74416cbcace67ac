"""Many cells at once: f-I curves, atlases, rheobase and strength-duration all stand on it.

Cells are lanes: blocks of lanes that fit the processor's cache are mapped over, each with its own
time loop inside, and the blocks are shared between as many threads as there are cores (compiled
code releases Python's lock). A parameter that all lanes share stays a scalar. A crowd for which an
accelerator pays off goes there in one block.
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

from ..backend import accelerator_for, on
from ..model import NeuronModel
from .batch_loop import Drive, Plan, Spikes, Timing, constant, rows_of_spikes, run_blocks
from .tally import Tally, everything

CURRENT = "current"
"""Name under which the injected current is varied like a parameter."""

_BLOCK = 512
"""Most lanes in one time loop: states and tallies then stay in the first-level cache."""


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
    initial : (S,) or (S, N) starting states, the model's own if None; or (S + W, N) with the memory
        `Tally.watch` of a run before behind them.
    dtype : float32 for pictures, float64 for thresholds.
    """

    duration: float
    dt: float
    method: str = "rk4"
    drive: Drive = constant
    stimulus: Sequence[str | float] = (CURRENT,)
    current: float = 0.0
    transient: float = 0.0
    initial: np.ndarray | None = None
    dtype: Any = np.float32


def step_length(cell: NeuronModel) -> float:
    """The step in ms that sweeps take by default.

    0.1, or 0.025 where spikes are not cut off; shorter where a reset lands far out on a curve.
    """
    usual = 0.1 if type(cell).resets() else 0.025
    return min(usual, cell.landing_time_constant(cell.p))


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
    parts = _record(cell, varied, Settings(**settings), summary)
    lanes = next(iter(varied.values())).size

    def joined(*arrays: np.ndarray) -> np.ndarray:
        # Each array is (blocks, ..., size), or (blocks,) for one number per block.
        if arrays[0].ndim == 1:
            return arrays[0][0]
        stacked = np.concatenate(arrays, axis=0)
        flat = np.moveaxis(stacked, 0, -2)
        return flat.reshape(*flat.shape[:-2], -1)[..., :lanes]

    return jax.tree.map(joined, *parts)


class Trains(NamedTuple):
    """The spikes of N cells, and the range of their voltages."""

    times: np.ndarray
    """(N, K) ms, row by row, filled up with NaN."""
    low: np.ndarray
    """(N,) least states[0]."""
    high: np.ndarray
    """(N,) greatest states[0]; of a model that resets, not in the course of a spike."""
    end: np.ndarray
    """(N,) states[0] at the end."""


def spike_trains(cell: NeuronModel, varied: Mapping[str, np.ndarray], **settings: Any) -> Trains:
    """When N cells fire; arguments as `run`.

    Spikes of a model without reset are peaks that stand out from the trace by the model's
    `spike_prominence`, to a step.
    """
    chosen = Settings(**settings)
    rows = rows_of_spikes(type(cell), round(chosen.duration / chosen.dt))
    lanes = next(iter(varied.values())).size
    parts: list[Spikes] = _record(cell, varied, chosen, rows)
    blocks = [
        when[:filled] for part in parts for when, filled in zip(part.when, part.filled, strict=True)
    ]
    found = [np.nonzero(block >= 0.0) for block in blocks]
    when = np.concatenate([block[at] for block, at in zip(blocks, found, strict=True)])
    lane = np.concatenate([at[1] + i * blocks[0].shape[1] for i, at in enumerate(found)])
    order = np.argsort(lane, kind="stable")  # lane by lane, each in the order of time
    counts = np.bincount(lane, minlength=lanes)[:lanes]
    present = np.arange(counts.max()) < counts[:, None]
    times = np.full(present.shape, np.nan)
    times[present] = when[order[: counts.sum()]]
    ranges = (
        np.concatenate([getattr(part, name).ravel() for part in parts])[:lanes]
        for name in ("low", "high", "end")
    )
    return Trains(times, *ranges)


def _record(
    cell: NeuronModel,
    varied: Mapping[str, np.ndarray],
    chosen: Settings,
    record: Callable[[Tally], Any] | int,
) -> list[Any]:
    """What each thread brings: the record of its blocks, stacked."""
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
    plan = Plan(
        model,
        cell.chosen(),
        chosen.method,
        chosen.drive,
        tuple(sources),
        tuple(names.index(name) if name in names else -1 for name in which),
        record,
    )
    steps = np.int32(round(chosen.duration / chosen.dt))
    timing = Timing(steps, kind(chosen.dt), kind(chosen.transient))
    return _share(partial(run_blocks, plan), columns, start, (shared, timing))


def _share(
    kernel: Callable[..., Any],
    columns: np.ndarray,
    start: np.ndarray | None,
    scalars: tuple[Any, ...],
) -> list[Any]:
    """Spread lanes over threads and blocks; what each thread brings."""
    lanes = columns.shape[1]
    device = accelerator_for(lanes)
    parts = _workers() if lanes >= 64 and device is None else 1
    per_part = -(-lanes // parts)
    blocks = -(-per_part // _BLOCK) if device is None else 1
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
        with on(device):
            return [jax.tree.map(np.asarray, kernel(*jobs[0]))]
    return list(_threads().map(lambda job: jax.tree.map(np.asarray, kernel(*job)), jobs))


def _workers() -> int:
    return max(1, min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_workers(), thread_name_prefix="batch")
