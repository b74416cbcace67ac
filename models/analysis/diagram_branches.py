"""From what was followed to what a diagram shows: branches as arrays, their ends named."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .collocation import DEGREE, Orbit
from .continuation import Path, Point
from .cycle_events import Event
from .cycles import Track, extremes, is_stable
from .diagram import CycleBranch, CyclePoint, EquilibriumBranch
from .family import Family
from .fixed_points import fixed_points
from .hopf import Hopf
from .swept_firing import Firing

_BESIDE = 0.02
"""An orbit that comes this near to a saddle, in spans, where it is slowest, rests there."""


class Curve(NamedTuple):
    """A path of equilibria with its special points, each under the index of the point before."""

    path: Path
    folds: dict[int, Point]
    hopf: dict[int, tuple[Hopf, Point]]


def equilibrium_branch(family: Family, curve: Curve) -> EquilibriumBranch:
    """The branch with its special points put in their places."""
    path = curve.path
    special = {**curve.folds, **{i: point for i, (_, point) in curve.hopf.items()}}
    places = sorted(special)
    at = [i + 1 for i in places]
    free = np.insert(path.free, at, [special[i].free for i in places])
    x, slopes = path.x, path.slopes
    if places:
        x = np.insert(x, at, [special[i].x for i in places], axis=0)
        slopes = np.insert(slopes, at, [special[i].slopes for i in places], axis=0)
    eigenvalues = np.linalg.eigvals(slopes).astype(complex)
    states = {name: x[:, i] for i, name in enumerate(family.cell.state_names())}
    return EquilibriumBranch(free, states, eigenvalues.real.max(axis=1) < 0.0, eigenvalues)


def cycle_branch(
    family: Family, track: Track, folds: list[float], hopf: list[Hopf], born: float | None
) -> CycleBranch:
    """A family of orbits as arrays, its special points in their places, its ends named."""
    start, first = track.start, float(track.free[0])
    if born is not None:
        first = born
    else:
        start, first = _named_end(family, track.start, track.solved[0].orbit, folds, hopf)
    end, last = _named_end(family, track.end, track.solved[-1].orbit, folds, hopf)
    solved, stable = list(track.solved), [is_stable(one) for one in track.solved]
    for i, event in reversed(track.events):
        stable.insert(i, stable[i - 1] or stable[i])
        solved.insert(i, event.solved)
    names = family.cell.state_names()
    envelopes = [extremes(one.orbit) for one in solved]
    free = [float(one.orbit.free) for one in solved]
    period = [float(one.orbit.period) for one in solved]
    for at, kind, value in ((0, start, first), (len(solved) + 1, end, last)):
        birth = next((point for point in hopf if float(point) == value), None)
        if kind == "Hopf" and birth is not None:
            x = np.array([birth.state[name] for name in names])
            envelopes.insert(at, (x, x))
            free.insert(at, value)
            period.insert(at, 1e3 / birth.frequency)
            stable.insert(at, stable[0] if at == 0 else stable[-1])
    low, high = np.moveaxis(np.array(envelopes), 0, 1)  # (n, S) each

    def points(what: str) -> tuple[CyclePoint, ...]:
        return tuple(_cycle_point(family, event) for _, event in track.events if event.what == what)

    return CycleBranch(
        np.array(free),
        {name: low[:, i] for i, name in enumerate(names)},
        {name: high[:, i] for i, name in enumerate(names)},
        np.array(period),
        np.array(stable),
        points("fold"),
        points("period doubling"),
        points("torus"),
        start,
        end,
        (first, last),
    )


def _cycle_point(family: Family, event: Event) -> CyclePoint:
    orbit = event.solved.orbit
    low, high = (
        dict(zip(family.cell.state_names(), map(float, ends), strict=True))
        for ends in extremes(orbit)
    )
    return CyclePoint(float(orbit.free), float(orbit.period), low, high)


def _named_end(
    family: Family, end: str, orbit: Orbit, folds: list[float], hopf: list[Hopf]
) -> tuple[str, float]:
    """The name of an end of a family whose last orbit is given, and the parameter there."""
    last = float(orbit.free)
    if end == "Hopf" and hopf:
        return end, float(min(hopf, key=lambda point: _apart(family, point, orbit)))
    if end == "endless":
        if rests_at_saddle(family, orbit):
            return "homoclinic", last
        near = [fold for fold in folds if abs(fold - last) < 0.01 * (family.high - family.low)]
        return ("SNIC", min(near, key=lambda fold: abs(fold - last))) if near else ("lost", last)
    return end, last


def _apart(family: Family, hopf: Hopf, orbit: Orbit) -> float:
    """How far a small orbit is from a Hopf point, in spans and ranges."""
    middle = orbit.nodes.mean(axis=0) - np.array(list(hopf.state.values()))
    away = np.append(middle, orbit.free - float(hopf)) / family.numbers.scale
    return float(np.abs(away).max())


def rests_at_saddle(family: Family, orbit: Orbit) -> bool:
    """Whether an orbit of very long period spends its time beside a saddle.

    So it does near a homoclinic orbit. Before a saddle-node on the cycle it does so where there
    is no equilibrium yet (S. H. Strogatz, Nonlinear Dynamics and Chaos (1994), section 8.4).
    How the period grows tells the two apart only where it is long enough.
    """
    slow = int(np.argmax(np.diff(orbit.mesh))) * DEGREE
    place = orbit.nodes[slow : slow + DEGREE]
    spans = family.numbers.scale[:-1]
    for point in fixed_points(*family.at(float(orbit.free))):
        growth = point.eigenvalues.real
        if growth.min() < 0.0 < growth.max():
            away = (place - np.array(list(point.state.values()))) / spans
            if np.abs(away).max(axis=1).min() < _BESIDE:
                return True
    return False


def firing_branch(
    family: Family, firing: Firing, folds: list[float], direction: str
) -> CycleBranch:
    """Firing of a reset model as a branch, its ends named.

    Firing that begins or ends right where a fold takes rest away, and no deeper inside the range
    of rest than rounding, does so through the ghost of the fold: at zero rate.
    """
    name = family.cell.states[0].name
    span = family.high - family.low
    ends = []
    for word, value, edge in (
        ("firing begins", firing.begins, firing.begins <= family.low),
        ("firing ends", firing.ends, firing.ends >= family.high),
    ):
        near = [fold for fold in folds if abs(value - fold) < 0.01 * span]
        outside = [
            fold
            for fold in near
            if (value - fold) * (1.0 if word == "firing begins" else -1.0) > -1e-5 * span
        ]
        if edge:
            ends.append(("edge", value))
        elif outside and firing.period.max() > 3.0 * firing.period.min():
            ends.append(("SNIC", min(outside, key=lambda fold: abs(fold - value))))
        else:
            ends.append((word, value))
    (start, first), (end, last) = ends
    return CycleBranch(
        firing.free,
        {name: firing.low},
        {name: firing.high},
        firing.period,
        np.ones(firing.free.size, dtype=bool),
        (),
        (),
        (),
        start,
        end,
        (first, last),
        direction,
    )
