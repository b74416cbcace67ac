"""The bifurcation diagram: what a model can do at each value of one parameter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..model import NeuronModel
from . import batch
from .continuation import Path, Point, equilibrium_paths, locate
from .cycles import from_hopf, from_orbit, refined
from .diagram import Bistability, CycleBranch, Diagram
from .diagram_branches import Curve, cycle_branch, equilibrium_branch, firing_branch
from .diagram_words import sentence
from .family import Family
from .given import constant_current, ends, possible_range
from .hopf import hopf_points
from .observed_cycles import Seed, rough_orbit, seeds, still_fires
from .swept_firing import Rest, sweeps

_SAME_PERIOD = 0.03
"""Two stable orbits at one value whose periods differ by less are one orbit."""

_NEAR = 1e-3
"""Values nearer than this, in ranges, are one where a branch turns or ends between them."""

_MOST_FAMILIES = 6
"""Orbits found by simulation start no further family beyond this many: chaos would never end."""

_MOST_TRIES = 12
"""So many simulated orbits are tried at most: where firing is no cycle, none of them closes."""

_EXPECTED_STEPS = 150.0
"""Steps of a typical diagram: what the progress shown is measured by."""


class Cancelled(Exception):
    """The computation was called off."""


def bifurcation(
    cell: NeuronModel,
    parameter: str = "current",
    over: tuple[float, float] | None = None,
    current: float | None = None,
    progress: Callable[[float], None] | None = None,
    cancel: threading.Event | None = None,
) -> Diagram:
    """The equilibria and periodic orbits of a model over a range of one parameter.

    Equilibria are followed by pseudo-arclength continuation; from every Hopf point the family of
    periodic orbits is followed by collocation, stable or not, and simulation adds orbits that
    are born elsewhere. What resets is no smooth orbit: the firing of a reset model is found by
    simulation, sweeping the parameter up and down with the state carried along.

    Parameters
    ----------
    cell : the model; it gives the parameters that stay.
    parameter : ``"current"`` or the name of a parameter.
    over : range; if omitted, that of the slider as far as it goes with the other parameters.
    current : the current where it is not the parameter; the model's default if omitted.
    progress : called with the part done, 0 to 1, from the calling thread. The length of a family
        is not known before, so this is a guess that never goes back.
    cancel : when set, the computation stops with `Cancelled`.

    Returns
    -------
    Diagram

    Raises
    ------
    ValueError
        If there is no such parameter, or the range is none or out of bounds.
    Cancelled
        If `cancel` was set.
    """
    family = _family(cell, parameter, over, current)
    watch = _watch(progress, cancel)
    curves = [
        Curve(path, _folds(family, path), hopf_points(family, path))
        for path in equilibrium_paths(family)
    ]
    watch()
    folds = sorted(point.free for curve in curves for point in curve.folds.values())
    births = [birth for curve in curves for birth in curve.hopf.values()]
    hopf = sorted(value for value, _ in births)

    cycles: list[CycleBranch] = []
    irregular: list[float] = []
    for value, point in births:
        if not any(cycle.end == "Hopf" and cycle.limits[1] == value for cycle in cycles):
            track = from_hopf(family, point, watch)
            if track is not None:
                cycles.append(cycle_branch(family, track, folds, hopf, float(value)))
    if type(cell).resets():
        rests = [rest for curve in curves for rest in _rests(curve)]
        for direction, firing in zip(("up", "down"), sweeps(family, rests, watch), strict=True):
            if firing is not None:
                cycles.append(firing_branch(family, firing, folds, direction))
    else:
        special = [*folds, *hopf, *(value for cycle in cycles for value in _special(cycle))]
        tries = 0
        seen = seeds(family, special)
        for seed in seen:
            if _known(family, cycles, seed):
                continue
            if len(cycles) >= _MOST_FAMILIES or tries >= _MOST_TRIES:
                break
            tries += 1
            orbit = refined(family, rough_orbit(family, seed))
            if orbit is None or _known(family, cycles, seed._replace(period=orbit.orbit.period)):
                continue  # from chaos, Newton's method finds the same few orbits again and again
            track = from_orbit(family, orbit.orbit, watch)
            if track is not None:
                cycles.append(cycle_branch(family, track, folds, hopf, None))
        watch()
        unknown = [seed for seed in seen if not _known(family, cycles, seed)]
        irregular = [seed.free for seed in still_fires(family, unknown)]

    unit = cell.current.unit if parameter == batch.CURRENT else cell.quantities()[parameter].unit
    resting = [stretch for curve in curves for stretch in _stable_equilibria(curve)]
    firing_ranges = [stretch for cycle in cycles for stretch in _stable_cycles(cycle)]
    bistable = tuple(_bistable(family, resting, firing_ranges))
    if progress is not None:
        progress(1.0)
    return Diagram(
        parameter,
        unit,
        (family.low, family.high),
        tuple(equilibrium_branch(family, curve) for curve in curves),
        tuple(hopf),
        tuple(folds),
        tuple(cycles),
        bistable,
        sentence(
            unit,
            (family.low, family.high),
            resting,
            firing_ranges,
            irregular,
            cycles,
            hopf,
            bistable,
        ),
    )


def _family(
    cell: NeuronModel, parameter: str, over: tuple[float, float] | None, current: float | None
) -> Family:
    quantities = cell.quantities()
    if parameter not in [batch.CURRENT, *quantities]:
        raise ValueError(
            f"`parameter` is {parameter!r}, which {type(cell).__name__} does not have: choose one "
            f"of {', '.join([batch.CURRENT, *quantities])}."
        )
    slider: Any = cell.current if parameter == batch.CURRENT else quantities[parameter]
    whole = possible_range(cell, parameter, *slider.softbounds)
    low, high = ends("over", whole if over is None else over)
    for end in (low, high):
        if parameter != batch.CURRENT:
            cell.replace(**{parameter: end})  # says what is wrong, if anything
    current = constant_current(cell.current.default if current is None else current)
    return Family(cell, parameter, low, high, current)


def _watch(
    progress: Callable[[float], None] | None, cancel: threading.Event | None
) -> Callable[[], None]:
    """What every step of the computation calls."""
    done = 0

    def watch() -> None:
        nonlocal done
        if cancel is not None and cancel.is_set():
            raise Cancelled("The bifurcation diagram was called off.")
        done += 1
        if progress is not None:
            progress(1.0 - float(np.exp(-done / _EXPECTED_STEPS)))

    return watch


def _folds(family: Family, path: Path) -> dict[int, Point]:
    """The folds of a path."""
    lead = path.tangent[:, -1]
    return {
        int(i): locate(family, path, int(i), lambda point: float(point.tangent[-1]))
        for i in np.flatnonzero(lead[:-1] * lead[1:] < 0.0)
    }


def _special(cycle: CycleBranch) -> list[float]:
    """Values at which a branch of orbits begins, ends, turns, or changes its stability."""
    points = (*cycle.folds, *cycle.period_doublings, *cycle.tori)
    return [*cycle.limits, *(float(point) for point in points)]


def _known(family: Family, cycles: list[CycleBranch], seed: Seed) -> bool:
    near = _NEAR * (family.high - family.low)
    return any(_covers(cycle, seed, near) for cycle in cycles)


def _covers(cycle: CycleBranch, seed: Seed, near: float) -> bool:
    """Whether a branch holds an orbit of the same period at the same value, or at its end or turn
    no further from it than `near`."""
    free, period = cycle.parameter, cycle.period
    beside = period[np.abs(free - seed.free) < near]
    if (np.abs(beside - seed.period) < _SAME_PERIOD * seed.period).any():
        return True
    for i in np.flatnonzero((free[:-1] - seed.free) * (free[1:] - seed.free) <= 0.0):
        rise = free[i + 1] - free[i]
        part = 0.0 if rise == 0.0 else (seed.free - free[i]) / rise
        between = period[i] + part * (period[i + 1] - period[i])
        if abs(between - seed.period) < _SAME_PERIOD * seed.period:
            return True
    return False


Stretch = tuple[float, float]


def _stable_equilibria(curve: Curve) -> list[Stretch]:
    """Ranges of the parameter along which a branch of equilibria is stable."""
    marks = {i: point.free for i, point in curve.folds.items()}
    marks |= {i: point.free for i, (_, point) in curve.hopf.items()}
    stable = curve.path.eigenvalues.real.max(axis=1) < 0.0
    return _stretches(stable, curve.path.free, marks, (None, None))


def _rests(curve: Curve) -> list[Rest]:
    """The stable parts of a branch of equilibria, each with the special points at its ends."""
    path = curve.path
    marks = curve.folds | {i: point for i, (_, point) in curve.hopf.items()}
    stable = path.eigenvalues.real.max(axis=1) < 0.0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], stable.astype(int), [0]])))
    found = []
    for begin, after in edges.reshape(-1, 2).tolist():
        free, x = list(path.free[begin:after]), list(path.x[begin:after])
        for at, mark in ((0, marks.get(begin - 1)), (len(free) + 1, marks.get(after - 1))):
            if mark is not None:
                free.insert(at, mark.free)
                x.insert(at, mark.x)
        order = np.argsort(free, kind="stable")
        found.append(Rest(np.array(free)[order], np.array(x)[order]))
    return found


def _stable_cycles(cycle: CycleBranch) -> list[Stretch]:
    """Ranges of the parameter along which a branch of orbits is stable."""
    return _stretches(cycle.stable, cycle.parameter, {}, cycle.limits)


def _stretches(
    stable: np.ndarray,
    free: np.ndarray,
    marks: Mapping[int, float],
    limits: tuple[float | None, float | None],
) -> list[Stretch]:
    """Runs of stable points, each widened to the special point beyond its ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], stable.astype(int), [0]])))
    found = []
    for begin, after in edges.reshape(-1, 2):
        values = list(free[begin:after])
        before_mark = limits[0] if begin == 0 else marks.get(int(begin) - 1)
        after_mark = limits[1] if after == free.size else marks.get(int(after) - 1)
        values += [mark for mark in (before_mark, after_mark) if mark is not None]
        found.append((float(min(values)), float(max(values))))
    return found


def _bistable(family: Family, resting: list[Stretch], firing: list[Stretch]) -> list[Bistability]:
    """Overlaps of what is stable, joined where they touch."""
    least = 2e-5 * (family.high - family.low)
    pairs = [("rest and firing", a, b) for a in resting for b in firing]
    pairs += [("two resting states", a, b) for i, a in enumerate(resting) for b in resting[i + 1 :]]
    found: list[Bistability] = []
    for what in ("rest and firing", "two resting states"):
        overlaps = sorted(
            (max(a[0], b[0]), min(a[1], b[1])) for kind, a, b in pairs if kind == what
        )
        joined: list[list[float]] = []
        for low, high in overlaps:
            if high - low <= least:
                continue
            if joined and low <= joined[-1][1] + least:
                joined[-1][1] = max(joined[-1][1], high)
            else:
                joined.append([low, high])
        found += [Bistability(low, high, what) for low, high in joined]
    return found
