"""The flow from a plane through a fixed point back to that plane; cycles are its fixed points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from ..model import Array, NeuronModel
from .fixed_points import FixedPoint
from .orbits import FIRED, arrivals, orbits
from .steady import jacobian

LANES = 4
"""Orbits followed at once where fewer would do, so that one compiled size serves all."""

_PROBE = 1e-8
"""Distance of the neighbours that tell the slopes of a return map, in spans."""

_CLOSED = 1e-8
"""How nearly a cycle closes, in spans."""


@dataclass(frozen=True, eq=False)
class LimitCycle:
    """A closed orbit.

    Attributes
    ----------
    period : ms.
    time : (m,) ms, from 0 to the period.
    states : {name: (m,)} along the cycle; the last point is the first again.
    stable : whether orbits beside it approach it.
    multipliers : (S - 1,) complex: by how much a small deviation grows in one period.
    """

    period: float
    time: np.ndarray = field(repr=False)
    states: Mapping[str, np.ndarray] = field(repr=False)
    stable: bool
    multipliers: np.ndarray


class Returns:
    """The flow from a plane through a fixed point back to it."""

    def __init__(self, cell: NeuronModel, current: float, point: FixedPoint) -> None:
        self.cell = cell
        self.current = current
        spans = np.array([state.span for state in cell.states], dtype=np.float64)
        self.width = spans[:, 1] - spans[:, 0]
        self.box = spans + np.outer(self.width, [-2.0, 2.0])
        self.centre = np.array(list(point.state.values()))
        self.section = np.zeros(len(cell.states) + 1)
        # Two states: the line of constant recovery, crossed where v is above the fixed point.
        # More: the plane of constant voltage, crossed as the voltage rises.
        planar = len(cell.states) == 2
        across = 1 if planar else 0
        self.free = [i for i in range(len(cell.states)) if i != across]
        self.section[across] = np.sign(point.jacobian[1, 0]) if planar else 1.0
        self.section[-1] = self.section[across] * self.centre[across]
        if cell.resets():
            self.box[0, 1] = min(self.box[0, 1], self._spike_level())

    def on_plane(self, z: np.ndarray) -> np.ndarray:
        """States (M, S) from their coordinates (M, S - 1) on the plane."""
        x = np.tile(self.centre, (len(z), 1))
        x[:, self.free] = z
        return x

    def after(
        self, x: np.ndarray, direction: np.ndarray | float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates (M, S - 1) at the next crossing from states (M, S), and the time (M,) until
        then; NaN where the orbit does not cross the plane again."""
        sound = np.isfinite(x).all(axis=1)
        start = np.where(sound[:, None], x, self.centre)
        time, x, end = arrivals(
            self.cell,
            self.current,
            start,
            self.box,
            tolerance=1e-11,
            direction=direction,
            section=self.section,
        )
        back = sound & (end == FIRED)
        return np.where(back[:, None], x[:, self.free], np.nan), np.where(back, time, np.nan)

    def repeated(
        self, z: np.ndarray, times: int, way: float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """The return map applied `times` times, and the time this takes."""
        total = np.zeros(len(z))
        for _ in range(times):
            z, time = self.after(self.on_plane(z), way)
            total = total + time
        return z, total

    def closed(self, z: np.ndarray, times: int = 1, way: float = 1.0) -> LimitCycle | None:
        """The cycle through z (S - 1,), moved until it closes after `times` returns."""
        size = z.size
        step = _PROBE * self.width[self.free]
        lanes = np.concatenate([np.zeros((1, size)), np.diag(step)])
        lanes = np.concatenate([lanes, np.zeros((max(0, LANES - size - 1), size))])
        for _ in range(12):
            after, period = self.repeated(z + lanes, times, way)
            slopes = ((after[1 : size + 1] - after[0]) / step[:, None]).T
            if not np.isfinite(slopes).all():
                return None
            change = np.linalg.lstsq(np.eye(size) - slopes, after[0] - z, rcond=None)[0]
            z = z + change
            if np.abs(change / self.width[self.free]).max() < _CLOSED:
                return self._drawn(z, float(period[0]), slopes, way)
        return None

    def _drawn(self, z: np.ndarray, period: float, slopes: np.ndarray, way: float) -> LimitCycle:
        start = np.tile(self.on_plane(z[None]), (LANES, 1))
        path = orbits(
            self.cell, self.current, start, self.box, period, way, stride=0.003, tolerance=1e-10
        )[0]
        time, x = path.time, path.x
        if way < 0.0:
            time, x = period - time[::-1], x[::-1]
        if z.size == 1:
            # In the plane the multiplier is the growth of areas around the cycle, and this holds
            # where it is too strong for differences (Liouville's formula).
            growth = np.trapezoid(self._divergence(x), time)
            multipliers = np.exp(np.clip([growth], -700.0, 700.0)).astype(complex)
        else:
            multipliers = np.linalg.eigvals(slopes).astype(complex)
        stable = bool(np.abs(multipliers).max() < 1.0)
        states = {name: x[:, i] for i, name in enumerate(self.cell.state_names())}
        return LimitCycle(period, time, states, stable, multipliers)

    def _divergence(self, x: np.ndarray) -> np.ndarray:
        """Trace (m,) of the flow's slopes at states (m, S)."""
        padded = np.zeros((_bucket(len(x)), x.shape[1]))
        padded[: len(x)] = x
        cell = self.cell
        rates = _divergence(type(cell), cell.chosen(), padded.T, self.current, cell.packed())
        return np.asarray(rates)[: len(x)]

    def _spike_level(self) -> float:
        """The voltage at which a reset model fires with the recovery of the fixed point."""
        x = np.stack([self.centre, self.centre], axis=1)
        x[0] = 0.0, 1.0
        below, above = np.asarray(self.cell.threshold(jnp.asarray(x), self.cell.p))
        return float(-below / (above - below))


@partial(jax.jit, static_argnames=("model", "chosen"))
def _divergence(
    model: type[NeuronModel], chosen: tuple[str, ...], x: Array, current: Array, packed: Array
) -> Array:
    return jnp.trace(jacobian(model, x, current, model.unpack(packed, chosen)))


def _bucket(size: int) -> int:
    return max(512, 1 << (size - 1).bit_length())
