"""Orbits of the flow, forward or backward in time, with steps as long as the error allows.

Many orbits are followed at once, each with its own step, until it leaves a box, reaches the spike
level, comes to rest, or its time is over. Dormand & Prince, J. Comput. Appl. Math. 6 (1980) 19.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..model import Array, NeuronModel

LEFT, FIRED, RESTED, OVER = 1, 2, 3, 4
"""How an orbit ended: outside the box, at the spike level or section, at rest, or in time."""

_ROWS = 4096
"""Steps, accepted or not, after which every orbit ends."""

_STILL = 1e-8
"""A whole step shorter than this share of the box means rest."""

_ON_LEVEL, _ON_PLANE = 1e-10, 1e-12
"""How near, in shares of the box, an orbit ends to the spike level or a plane."""

_SHORTEST = 1e-15
"""A step shorter than this share of the time is lost in it: the orbit is stuck. Near where the
exponent of a spike current is capped a step of 1e-12 ms is needed, and long enough."""

_TINY = 1e-300

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
    section: np.ndarray | None = None,
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
    section : (S + 1,) a plane instead of the spike level, as normal . x = last: an orbit ends
        where it crosses it in the direction of the normal, backward orbits against it.

    Returns
    -------
    list of M orbits. One that fires ends on the spike level, to the tolerance.
    """
    rows, _, ends, used = _run(
        cell, current, starts, box, (duration, stride, tolerance, length), direction, section
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
    direction: np.ndarray | float = 1.0,
    section: np.ndarray | None = None,
    paused: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the flow takes several states, without the paths.

    Parameters
    ----------
    cell, current, starts, box, duration, tolerance, direction, section : as `orbits`.
    paused : hold states[0] still, as after a spike.

    Returns
    -------
    time : (M,) ms until the end.
    x : (M, S) state there.
    end : (M,) one of `LEFT`, `FIRED`, `RESTED`, `OVER`.
    """
    limits = (duration, 1e3, tolerance, np.inf)
    _, last, ends, _ = _run(
        cell, current, starts, box, limits, direction, section, kept=False, paused=paused
    )
    return last[0], last[1:].T, ends


def _run(
    cell: NeuronModel,
    current: float,
    starts: np.ndarray,
    box: np.ndarray,
    limits: tuple[float, float, float, float],
    direction: np.ndarray | float,
    section: np.ndarray | None,
    kept: bool = True,
    paused: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    starts = np.atleast_2d(starts)
    way = np.broadcast_to(np.asarray(direction, dtype=np.float64), (len(starts),))
    if section is None:
        section = np.zeros(len(cell.states) + 1)
    else:
        section = section / np.abs(section[:-1] * (box[:, 1] - box[:, 0])).max()
    return jax.device_get(
        _follow(
            type(cell),
            cell.chosen(),
            kept,
            paused,
            starts.T,
            box,
            section,
            way,
            np.array(limits),
            float(current),
            cell.packed(),
        )
    )


class _Lanes(NamedTuple):
    """Where M orbits stand: all arrays (M,) but those noted."""

    x: Array
    """(S, M) states."""
    speed: Array
    """(S, M) their time derivatives."""
    time: Array
    path: Array
    """Length so far, in shares of the box."""
    h: Array
    """Length of the next step."""
    pace: Array
    """Length of a step where no event is near."""
    end: Array
    """How an orbit ended, 0 while it has not."""
    row: Array
    """() steps taken."""
    rows: Array
    """(_ROWS + 1, 1 + S, M) time and state after each of them."""


@partial(jax.jit, static_argnames=("model", "chosen", "kept", "paused"))
def _follow(
    model: type[NeuronModel],
    chosen: tuple[str, ...],
    kept: bool,
    paused: bool,
    starts: Array,
    box: Array,
    section: Array,
    way: Array,
    limits: Array,
    current: Array,
    packed: Array,
) -> tuple[Array, Array, Array, Array]:
    """The compiled loop.

    Parameters
    ----------
    kept : whether the paths are wanted.
    paused : whether states[0] is held still.
    starts : (S, M)
    box : (S, 2)
    section : (S + 1,) a plane, normal . x = last; a normal of zeros stands for the spike level.
    way : (M,) 1 forward, -1 backward.
    limits : (4,) duration, stride, tolerance, length.

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
    plane = jnp.any(section[:-1] != 0.0)
    level = jnp.where(plane, _ON_PLANE, _ON_LEVEL * width[0, 0])

    def flow(x: Array) -> Array:
        speed = way[None] * model.derivatives(x, current, p)
        return speed.at[0].set(0.0) if paused else speed

    def size(x: Array) -> Array:
        return jnp.abs(x / width).max(axis=0)

    def excess(x: Array) -> Array:
        """How far beyond the event; the spike level ends no orbit that runs backward."""
        side = way * ((section[:-1, None] * x).sum(axis=0) - section[-1])
        return jnp.where(plane, side, jnp.where(way > 0.0, model.threshold(x, p), -jnp.inf))

    def step(lanes: _Lanes) -> _Lanes:
        longest = jnp.minimum(duration - lanes.time, stride / jnp.maximum(size(lanes.speed), _TINY))
        h = jnp.minimum(lanes.h, longest)
        y, speed, error = _dormand_prince(flow, lanes.x, lanes.speed, h)
        error = size(error) / tolerance
        error = jnp.where(jnp.isfinite(error), error, 1e10)
        move = size(y - lanes.x)
        sound = (error <= 1.0) & (move <= 2.0 * stride)
        change = jnp.clip(0.9 * jnp.maximum(error, 1e-10) ** -0.2, 0.2, 5.0)
        # A step over the event is cut to where it should meet it, until it ends there.
        before, after = excess(lanes.x), excess(y)
        armed = sound & (before < -level)
        over = armed & (after > level)
        share = before / jnp.where(over & jnp.isfinite(before), before - after, -1.0)
        met = armed & (jnp.abs(after) <= level)
        accepted = (lanes.end == 0) & sound & ~over
        time = jnp.where(accepted, lanes.time + h, lanes.time)
        path = jnp.where(accepted, lanes.path + move, lanes.path)
        pace = jnp.where(change < 1.0, h * change, jnp.maximum(lanes.pace, h * change))
        pace = jnp.where(over, lanes.pace, pace)
        end = jnp.where(size(speed) * pace < _STILL, RESTED, 0)
        end = jnp.where((time >= duration) | (path >= length), OVER, end)
        end = jnp.where(((y >= low) & (y <= high)).all(axis=0), end, LEFT)
        end = jnp.where(met, FIRED, end)
        stuck = (lanes.end == 0) & (h < _SHORTEST * jnp.maximum(time, 1e-3))
        end = jnp.where(accepted, end, jnp.where(stuck, OVER, lanes.end))
        x = jnp.where(accepted[None], y, lanes.x)
        rows = lanes.rows
        if kept:
            line = jnp.concatenate([time[None], x])[None]
            rows = lax.dynamic_update_slice(rows, line, (lanes.row + 1, 0, 0))
        return _Lanes(
            x,
            jnp.where(accepted[None], speed, lanes.speed),
            time,
            path,
            jnp.where(over, h * jnp.clip(share, 1e-3, 0.999), h * change),
            pace,
            end,
            lanes.row + 1,
            rows,
        )

    count = starts.shape[1]
    speed, zero = flow(starts), jnp.zeros(count)
    h = 1e-3 * jnp.minimum(stride, 1.0) / jnp.maximum(size(speed), _TINY)
    first = jnp.concatenate([zero[None], starts])[None]
    rows = jnp.zeros((_ROWS + 1 if kept else 1, *first.shape[1:])).at[0].set(first[0])
    none = jnp.zeros((), int)
    lanes = _Lanes(starts, speed, zero, zero, h, h, jnp.zeros(count, int), none, rows)
    lanes = lax.while_loop(lambda lanes: (lanes.row < _ROWS) & jnp.any(lanes.end == 0), step, lanes)
    last = jnp.concatenate([lanes.time[None], lanes.x])
    return lanes.rows, last, jnp.where(lanes.end == 0, OVER, lanes.end), lanes.row


def _dormand_prince(
    flow: Callable[[Array], Array], x: Array, speed: Array, h: Array
) -> tuple[Array, Array, Array]:
    """One step: the state after it, the flow there, and the estimated error, all (S, M)."""
    stages, y = [speed], x
    for weights in _STAGES:
        pairs = zip(weights, stages, strict=True)
        y = x + h[None] * sum(weight * k for weight, k in pairs if weight)
        stages.append(flow(y))
    pairs = zip(_ERROR, stages, strict=True)
    return y, stages[-1], h[None] * sum(weight * k for weight, k in pairs if weight)
