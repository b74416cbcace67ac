"""Limit cycles, stable and unstable: the closed orbits of the flow between spikes or without.

A cycle is a fixed point of a return map: the flow from a plane through a fixed point back to that
plane. With two states the plane is a line, and the map along it, taken forward in time for stable
cycles and backward for unstable ones, shows all of them. With more states stable cycles are where
orbits settle; the unstable cycle between rest and firing is found from the edge between their
basins, and closed by Newton's method (shooting).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from ..model import Array, NeuronModel
from .fixed_points import FixedPoint, fixed_points
from .orbits import FIRED, arrivals, orbits
from .steady import jacobian

_STARTS = 64
"""Places on the line from which the flow of a two-state model is followed."""

_LANES = 4
"""Orbits followed at once where fewer would do, so that one compiled size serves all."""

_RETURNS = 60
_LONGEST_CYCLE = 16
_EDGE_TURNS, _EDGE_ROUNDS = 5, 7
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


def limit_cycles(cell: NeuronModel, current: float = 10.0) -> list[LimitCycle]:
    """The limit cycles of a model under a constant current, from small to large.

    Cycles that run through a reset are no orbits of the flow: `reset_map` finds those.

    Parameters
    ----------
    cell : a model with at least two states.
    current : constant current in the model's unit.

    Returns
    -------
    list of LimitCycle. With two states, all that go around a fixed point, down to a thousandth of
    the span of the voltage in size. With more, the stable ones that an orbit from a displaced rest
    settles on, and the unstable one at the edge of each rest that is stable at the same time,
        unless its multiplier exceeds some thousand, where shooting cannot follow it.

    Raises
    ------
    ValueError
        If the model has one state.
    """
    if len(cell.states) < 2:
        raise ValueError(f"{type(cell).__name__} has one state, and a line holds no cycle.")
    points = fixed_points(cell, current)
    found: list[LimitCycle] = []
    for point in points:
        search = _planar if len(cell.states) == 2 else _spatial
        found += [
            cycle
            for cycle in search(_Returns(cell, float(current), point), point)
            if not any(_same(cycle, other) for other in found)
        ]
    return sorted(found, key=_height)


class _Returns:
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
        lanes = np.concatenate([lanes, np.zeros((max(0, _LANES - size - 1), size))])
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
        start = np.tile(self.on_plane(z[None]), (_LANES, 1))
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


def _planar(returns: _Returns, point: FixedPoint) -> list[LimitCycle]:
    """All cycles around a fixed point of a two-state model."""
    if point.kind == "saddle" or returns.section[1] == 0.0:
        return []
    room = returns.box[0, 1] - returns.centre[0]
    size = np.geomspace(1e-3 * returns.width[0], room, _STARTS + 1)[:-1]
    way = np.repeat([1.0, -1.0], _STARTS)
    starts = returns.centre[0] + np.concatenate([size, size])
    after = returns.after(returns.on_plane(starts[:, None]), way)[0][:, 0]
    growth = np.where(after > returns.centre[0], after - starts, np.nan).reshape(2, _STARTS)
    found = []
    for row, sense in zip(growth, (1.0, -1.0), strict=True):
        for i in np.flatnonzero((row[:-1] > 0.0) & (row[1:] <= 0.0)):
            share = row[i] / (row[i] - row[i + 1])
            z = returns.centre[0] + size[i] + share * (size[i + 1] - size[i])
            cycle = returns.closed(np.array([z]), way=sense)
            if cycle is not None:
                found.append(cycle)
    return found


def _spatial(returns: _Returns, point: FixedPoint) -> list[LimitCycle]:
    """The cycles that orbits settle on beside a fixed point, and that at the edge of its rest."""
    found: list[LimitCycle] = []
    starts = np.tile(returns.centre, (_LANES, 1))
    starts[:, 0] += np.array([0.02, 0.1, 0.4, -0.2]) * returns.width[0]
    history = [returns.after(starts)[0]]
    for _ in range(_RETURNS):
        history.append(returns.after(returns.on_plane(history[-1]))[0])
        if not np.isfinite(history[-1]).any():
            return found
        seen = np.array(history[-2 * _LONGEST_CYCLE - 1 :]) / returns.width[returns.free]
        if all(_repeats(seen[:, lane]) for lane in range(_LANES)):
            break
    for lane in range(_LANES):
        times = _repeats(seen[:, lane])
        if times and np.isfinite(history[-1][lane]).all():
            cycle = returns.closed(history[-1][lane], times)
            if cycle and not any(_same(cycle, other) for other in found):
                found.append(cycle)
    if point.stable:
        for cycle in [cycle for cycle in found if cycle.stable]:
            edge = _edge(returns, np.array([values[0] for values in cycle.states.values()]))
            if edge is not None and not any(_same(edge, other) for other in found):
                found.append(edge)
    return found


def _repeats(seen: np.ndarray) -> int:
    """After how many returns the end of `seen` (r, S - 1) repeats itself; 0 if it does not, and 1
    for an orbit that has come to rest."""
    if not np.isfinite(seen[-1]).all():
        return 1
    for times in range(1, (len(seen) - 1) // 2 + 1):
        if np.abs(seen[-times - 1 :] - seen[-2 * times - 1 : -times]).max() < 1e-4:
            return times
    return 0


def _edge(returns: _Returns, firing: np.ndarray) -> LimitCycle | None:
    """The unstable cycle between a fixed point and the state `firing` (S,) of a stable cycle.

    On the way from one to the other the fate of an orbit changes. One that starts at the edge
    comes to the cycle that separates the two, and stays beside it for some turns; to stay longer
    it is put back on the edge, between its two neighbours after a turn (J. D. Skufca, J. A. Yorke
    & B. Eckhardt, Phys. Rev. Lett. 96 (2006) 174101).
    """
    rest, ring = returns.centre[returns.free], firing[returns.free]
    scale = returns.width[returns.free]
    ends = np.array([rest, ring])
    best, least, inner = rest, np.inf, np.abs((ring - rest) / scale).max()
    for _ in range(_EDGE_TURNS):
        images = ends
        for _ in range(_EDGE_ROUNDS):
            shares = np.linspace(0.0, 1.0, _LANES + 2)[:, None]
            z = ends[0] + shares * (ends[1] - ends[0])
            after = returns.after(returns.on_plane(z[1:-1]))[0]
            fires = _fires(returns, after, rest, ring, 0.3 * inner)
            away = np.abs((z[1:-1] - rest) / scale).max(axis=1)
            inner = min([inner, *away[fires]])
            first = int(np.argmax(fires)) if fires.any() else _LANES
            all_images = np.concatenate([images[:1], after, images[1:]])
            ends, images = z[first : first + 2], all_images[first : first + 2]
            if not np.isfinite(images).all():
                images = ends
        change = np.abs((images - ends) / scale).max()
        if change < least:
            best, least = ends.mean(axis=0), change
        ends = images
    cycle = returns.closed(best)
    return cycle if cycle and not cycle.stable else None


def _fires(
    returns: _Returns, z: np.ndarray, rest: np.ndarray, ring: np.ndarray, near: float
) -> np.ndarray:
    """Whether orbits from z (M, S - 1) end on the cycle through `ring` rather than at `rest`, which
    is certain once they are as near to it as `near`, in spans."""
    scale = returns.width[returns.free]
    apart = np.abs((ring - rest) / scale).max()
    fires = np.zeros(len(z), dtype=bool)
    for _ in range(_RETURNS):
        fires |= np.abs((z - ring) / scale).max(axis=1) < 0.05 * apart
        if not (~fires & (np.abs((z - rest) / scale).max(axis=1) > near)).any():
            break
        z = returns.after(returns.on_plane(z))[0]
    return fires


def _height(cycle: LimitCycle) -> float:
    return float(np.ptp(next(iter(cycle.states.values()))))


def _same(one: LimitCycle, other: LimitCycle) -> bool:
    return bool(
        abs(one.period - other.period) < 1e-4 * one.period
        and abs(_height(one) - _height(other)) < 1e-3 * _height(one)
    )


def _bucket(size: int) -> int:
    return max(512, 1 << (size - 1).bit_length())
