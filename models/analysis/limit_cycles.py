"""Limit cycles, stable and unstable: the closed orbits of the flow between spikes or without.

A cycle is a fixed point of a return map: the flow from a plane through a fixed point back to that
plane. With two states the plane is a line, and the map along it, taken forward in time for stable
cycles and backward for unstable ones, shows all of them. With more states stable cycles are where
orbits settle; the unstable ones between rest and firing are of the same family, which is followed
along the current and back. A cycle of another family is found from the edge between the basins of
rest and firing, and closed by Newton's method (shooting).
"""

from __future__ import annotations

import numpy as np

from ..model import NeuronModel
from .collocation import DEGREE, INTERVALS, Orbit, Solved, sampled
from .cycle_events import multipliers
from .cycle_families import relatives
from .fixed_points import FixedPoint, fixed_points
from .given import constant_current
from .return_map import LANES, Returns
from .return_map import LimitCycle as LimitCycle

_STARTS = 64
"""Places on the line from which the flow of a two-state model is followed."""

_RETURNS = 60
_LONGEST_CYCLE = 16
_EDGE_TURNS, _EDGE_ROUNDS = 5, 7
_FINE = 16
"""Points drawn of each interval of a cycle that collocation found."""


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
    settles on, and beside a rest that is stable at the same time all cycles of their families, or
    else the unstable one at the edge of that rest.

    Raises
    ------
    ValueError
        If the model has one state, or `current` is no finite number.
    """
    if len(cell.states) < 2:
        raise ValueError(f"{type(cell).__name__} has one state, and a line holds no cycle.")
    current = constant_current(current)
    points = fixed_points(cell, current)
    found: list[LimitCycle] = []
    for point in points:
        search = _planar if len(cell.states) == 2 else _spatial
        found += [
            cycle
            for cycle in search(Returns(cell, current, point), point)
            if not any(_same(cycle, other) for other in found)
        ]
    return sorted(found, key=_height)


def _planar(returns: Returns, point: FixedPoint) -> list[LimitCycle]:
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


def _spatial(returns: Returns, point: FixedPoint) -> list[LimitCycle]:
    """The cycles that orbits settle on beside a fixed point, and that at the edge of its rest."""
    found: list[LimitCycle] = []
    starts = np.tile(returns.centre, (LANES, 1))
    starts[:, 0] += np.array([0.02, 0.1, 0.4, -0.2]) * returns.width[0]
    history = [returns.after(starts)[0]]
    for _ in range(_RETURNS):
        history.append(returns.after(returns.on_plane(history[-1]))[0])
        if not np.isfinite(history[-1]).any():
            return found
        seen = np.array(history[-2 * _LONGEST_CYCLE - 1 :]) / returns.width[returns.free]
        if all(_repeats(seen[:, lane]) for lane in range(LANES)):
            break
    for lane in range(LANES):
        times = _repeats(seen[:, lane])
        if times and np.isfinite(history[-1][lane]).all():
            cycle = returns.closed(history[-1][lane], times)
            if cycle and not any(_same(cycle, other) for other in found):
                found.append(cycle)
    if point.stable:
        for cycle in [cycle for cycle in found if cycle.stable]:
            for one in _relatives(returns, cycle) or _edge(returns, cycle):
                if not any(_same(one, other) for other in found):
                    found.append(one)
    return found


def _relatives(returns: Returns, cycle: LimitCycle) -> list[LimitCycle]:
    """The other cycles at this current of the family that a stable cycle belongs to."""
    when = np.arange(INTERVALS * DEGREE) / (INTERVALS * DEGREE)
    nodes = np.stack(
        [np.interp(when * cycle.period, cycle.time, x) for x in cycle.states.values()], axis=1
    )
    mesh = np.linspace(0.0, 1.0, INTERVALS + 1)
    rough = Orbit(nodes, mesh, cycle.period, returns.current)
    drawn = [_drawn(returns.cell, one) for one in relatives(returns.cell, returns.current, rough)]
    return [one for one in drawn if not _same(one, cycle)]


def _drawn(cell: NeuronModel, solved: Solved) -> LimitCycle:
    orbit = solved.orbit
    parts = np.arange(_FINE) / _FINE
    when = (orbit.mesh[:-1, None] + parts * np.diff(orbit.mesh)[:, None]).ravel()
    x = sampled(orbit.nodes, _FINE)
    x = np.concatenate([x, x[:1]])
    values = multipliers(solved)
    return LimitCycle(
        float(orbit.period),
        np.append(when, 1.0) * orbit.period,
        {name: x[:, i] for i, name in enumerate(cell.state_names())},
        bool(np.abs(values).max() < 1.0),
        values,
    )


def _repeats(seen: np.ndarray) -> int:
    """After how many returns the end of `seen` (r, S - 1) repeats itself; 0 if it does not, and 1
    for an orbit that has come to rest."""
    if not np.isfinite(seen[-1]).all():
        return 1
    for times in range(1, (len(seen) - 1) // 2 + 1):
        if np.abs(seen[-times - 1 :] - seen[-2 * times - 1 : -times]).max() < 1e-4:
            return times
    return 0


def _edge(returns: Returns, firing: LimitCycle) -> list[LimitCycle]:
    """The unstable cycle between a fixed point and a stable cycle, if it is found.

    On the way from one to the other the fate of an orbit changes. One that starts at the edge
    comes to the cycle that separates the two, and stays beside it for some turns; to stay longer
    it is put back on the edge, between its two neighbours after a turn (J. D. Skufca, J. A. Yorke
    & B. Eckhardt, Phys. Rev. Lett. 96 (2006) 174101).
    """
    rest = returns.centre[returns.free]
    ring = np.array([values[0] for values in firing.states.values()])[returns.free]
    scale = returns.width[returns.free]
    ends = np.array([rest, ring])
    best, least, inner = rest, np.inf, np.abs((ring - rest) / scale).max()
    for _ in range(_EDGE_TURNS):
        images = ends
        for _ in range(_EDGE_ROUNDS):
            shares = np.linspace(0.0, 1.0, LANES + 2)[:, None]
            z = ends[0] + shares * (ends[1] - ends[0])
            after = returns.after(returns.on_plane(z[1:-1]))[0]
            fires = _fires(returns, after, rest, ring, 0.3 * inner)
            away = np.abs((z[1:-1] - rest) / scale).max(axis=1)
            inner = min([inner, *away[fires]])
            first = int(np.argmax(fires)) if fires.any() else LANES
            all_images = np.concatenate([images[:1], after, images[1:]])
            ends, images = z[first : first + 2], all_images[first : first + 2]
            if not np.isfinite(images).all():
                images = ends
        change = np.abs((images - ends) / scale).max()
        if change < least:
            best, least = ends.mean(axis=0), change
        ends = images
    cycle = returns.closed(best)
    return [cycle] if cycle and not cycle.stable else []


def _fires(
    returns: Returns, z: np.ndarray, rest: np.ndarray, ring: np.ndarray, near: float
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
