"""Orbits of the flow, forward or backward in time, with steps as long as the error allows.

Many orbits are followed at once, each with its own step, until it leaves a box, reaches the spike
level, comes to rest, or its time is over. Dormand & Prince, J. Comput. Appl. Math. 6 (1980) 19.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..model import Array, NeuronModel

LEFT, FIRED, RESTED, OVER = 1, 2, 3, 4
"""How an orbit ended: outside the box, at the spike level, at rest, or with its time."""

_ROWS = 4096
"""Steps, accepted or not, after which every orbit ends."""

_STILL = 1e-8
"""A step shorter than this share of the box, away from the spike level, means rest."""

_STAGES = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
_ERROR = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
"""Fifth-order minus fourth-order weights."""

_Carry = tuple[Array, Array, Array, Array, Array, Array, Array, Array]


@dataclass(frozen=True, eq=False)
class Orbit:
    """One path through state space.

    Attributes
    ----------
    time : (m,) ms from the start, growing also where the orbit runs backward.
    x : (m, S) states.
    end : one of `LEFT`, `FIRED`, `RESTED`, `OVER`.
    """

    time: np.ndarray
    x: np.ndarray
    end: int


def orbits(
    cell: NeuronModel,
    current: float,
    starts: np.ndarray,
    box: np.ndarray,
    duration: float = np.inf,
    direction: np.ndarray | float = 1.0,
    stride: float = 0.02,
    tolerance: float = 1e-9,
    length: float = np.inf,
) -> list[Orbit]:
    """Follow the flow from several states and keep the paths.

    Parameters
    ----------
    cell : the model.
    current : constant current in its unit.
    starts : (M, S) initial states.
    box : (S, 2) an orbit ends where it leaves this; its widths are the measure of distances.
    duration : ms after which an orbit ends.
    direction : 1 forward in time, -1 backward; a number or (M,).
    stride : longest step in shares of the box, for orbits that are drawn.
    tolerance : error of a step in shares of the box.
    length : path length in shares of the box after which an orbit ends.

    Returns
    -------
    list of M orbits. One that fires ends on the spike level, to the tolerance.
    """
    rows, _, ends, used = _run(
        cell, current, starts, box, duration, direction, stride, tolerance, length, True, False
    )
    rows = rows[: used + 1]
    paths = []
    for lane in range(rows.shape[2]):
        time = rows[:, 0, lane]
        fresh = np.concatenate([[True], np.diff(time) > 0.0])
        paths.append(Orbit(time[fresh], rows[fresh, 1:, lane], int(ends[lane])))
    return paths


def arrivals(
    cell: NeuronModel,
    current: float,
    starts: np.ndarray,
    box: np.ndarray,
    duration: float = np.inf,
    tolerance: float = 1e-10,
    paused: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the flow takes several states, without the paths.

    Parameters
    ----------
    cell, current, starts, box, duration, tolerance : as `orbits`.
    paused : hold states[0] still, as after a spike.

    Returns
    -------
    time : (M,) ms until the end.
    x : (M, S) state there.
    end : (M,) one of `LEFT`, `FIRED`, `RESTED`, `OVER`.
    """
    _, last, ends, _ = _run(
        cell, current, starts, box, duration, 1.0, 1e3, tolerance, np.inf, False, paused
    )
    return last[0], last[1:].T, ends


def _run(
    cell: NeuronModel,
    current: float,
    starts: np.ndarray,
    box: np.ndarray,
    duration: float,
    direction: np.ndarray | float,
    stride: float,
    tolerance: float,
    length: float,
    kept: bool,
    paused: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    starts = np.atleast_2d(starts)
    way = np.broadcast_to(np.asarray(direction, dtype=np.float64), (len(starts),))
    limits = np.array([duration, stride, tolerance, length])
    model, chosen, packed = type(cell), cell.chosen(), cell.packed()
    return jax.device_get(
        _follow(model, chosen, kept, paused, starts.T, box, way, limits, float(current), packed)
    )


@partial(jax.jit, static_argnames=("model", "chosen", "kept", "paused"))
def _follow(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    kept: bool,
    paused: bool,
    starts: Array,
    box: Array,
    way: Array,
    limits: Array,
    current: Array,
    packed: Array,
) -> tuple[Array, Array, Array, Array]:
    """The compiled loop.

    Returns
    -------
    rows : (_ROWS + 1, 1 + S, M) time and state after each step; (1, 1 + S, M) if not `kept`.
    last : (1 + S, M) time and state at the end.
    ends : (M,)
    used : () number of rows after the first.
    """
    p = model.unpack(packed, chosen)
    duration, stride, tolerance, length = limits[0], limits[1], limits[2], limits[3]
    low, high = box[:, :1], box[:, 1:]
    width = high - low

    def flow(x: Array) -> Array:
        speed = way[None] * model.derivatives(x, current, p)
        return speed.at[0].set(0.0) if paused else speed

    def size(x: Array) -> Array:
        return jnp.abs(x / width).max(axis=0)

    def unfinished(carry: _Carry) -> Array:
        row, end = carry[0], carry[6]
        return (row < _ROWS) & jnp.any(end == 0)

    def step(carry: _Carry) -> _Carry:
        row, x, k1, time, path, h, end, rows = carry
        longest = jnp.minimum(duration - time, stride / jnp.maximum(size(k1), 1e-300))
        h = jnp.minimum(h, longest)
        stages, y = [k1], x
        for weights in _STAGES:
            pairs = zip(weights, stages, strict=True)
            y = x + h[None] * sum(weight * k for weight, k in pairs if weight)
            stages.append(flow(y))
        pairs = zip(_ERROR, stages, strict=True)
        error = size(h[None] * sum(weight * k for weight, k in pairs if weight)) / tolerance
        error = jnp.where(jnp.isfinite(error), error, 1e10)
        move = size(y - x)
        sound = (error <= 1.0) & (move <= 2.0 * stride)
        change = jnp.clip(0.9 * jnp.maximum(error, 1e-10) ** -0.2, 0.2, 5.0)
        # A step over the spike level is cut to where it should meet it, until it ends there.
        before, after = model.threshold(x, p), model.threshold(y, p)
        level = 1e-10 * width[0]
        over = sound & (way > 0.0) & (after > level) & (before < 0.0)
        share = before / jnp.where(over, before - after, 1.0)
        fired = sound & (way > 0.0) & (jnp.abs(after) <= level)
        accepted = (end == 0) & sound & ~over
        still = (move < _STILL) & (before < -1e-6 * width[0])
        time = jnp.where(accepted, time + h, time)
        path = jnp.where(accepted, path + move, path)
        long = (time >= duration) | (path >= length)
        inside = ((y >= low) & (y <= high)).all(axis=0)
        tiny = h < 1e-12 * jnp.maximum(time, 1e-3)
        ended = jnp.where(
            ~accepted,
            jnp.where((end == 0) & tiny, OVER, end),
            jnp.where(
                fired,
                FIRED,
                jnp.where(
                    ~inside,
                    LEFT,
                    jnp.where(long, OVER, jnp.where(still, RESTED, 0)),
                ),
            ),
        )
        h = jnp.where(over, h * jnp.clip(share, 1e-3, 0.999), h * change)
        x, k1 = jnp.where(accepted[None], y, x), jnp.where(accepted[None], stages[-1], k1)
        if kept:
            line = jnp.concatenate([time[None], x])[None]
            rows = lax.dynamic_update_slice(rows, line, (row + 1, 0, 0))
        return row + 1, x, k1, time, path, h, ended, rows

    lanes = starts.shape[1]
    k1 = flow(starts)
    time = jnp.zeros(lanes)
    h = 1e-3 * stride / jnp.maximum(size(k1), 1e-300)
    end = jnp.zeros(lanes, int)
    first = jnp.concatenate([time[None], starts])[None]
    rows = jnp.zeros((_ROWS + 1 if kept else 1, *first.shape[1:])).at[0].set(first[0])
    carry = (jnp.zeros((), int), starts, k1, time, jnp.zeros(lanes), h, end, rows)
    row, x, _, time, _, _, end, rows = lax.while_loop(unfinished, step, carry)
    return rows, jnp.concatenate([time[None], x]), jnp.where(end == 0, OVER, end), row
