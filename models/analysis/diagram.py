"""What a bifurcation diagram holds: branches, special points, and ranges with a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .hopf import Hopf


@dataclass(frozen=True, eq=False)
class EquilibriumBranch:
    """Equilibria in the order of the branch, through its folds.

    Attributes
    ----------
    parameter : (n,)
    states : {name: (n,)}
    stable : (n,) bool
    eigenvalues : (n, S) complex, 1/ms.
    """

    parameter: np.ndarray
    states: Mapping[str, np.ndarray]
    stable: np.ndarray
    eigenvalues: np.ndarray


class CyclePoint(float):
    """The value of the parameter at which a branch of periodic orbits turns or changes stability.

    Attributes
    ----------
    period : of the orbit there, ms.
    min, max : {name: value} its envelope.
    """

    period: float
    min: Mapping[str, float]
    max: Mapping[str, float]

    def __new__(
        cls, value: float, period: float, min: Mapping[str, float], max: Mapping[str, float]
    ) -> CyclePoint:
        made = super().__new__(cls, value)
        made.period, made.min, made.max = period, min, max
        return made

    def __repr__(self) -> str:
        return f"CyclePoint({float(self):g}, {self.period:.4g} ms)"


@dataclass(frozen=True, eq=False)
class CycleBranch:
    """Periodic orbits in the order of the branch, through its folds.

    Attributes
    ----------
    parameter : (n,)
    min, max : {name: (n,)} envelope of each state; of reset models found by simulation, of
        states[0] only, `max` being the spike level.
    period : (n,) ms.
    stable : (n,) bool; an orbit at which stability changes counts as stable.
    folds : where the branch turns: two orbits meet and vanish.
    period_doublings : where a multiplier passes -1: an orbit of twice the period branches off.
    tori : where two complex multipliers cross the unit circle (Neimark-Sacker): a torus
        branches off, on which a second rhythm modulates the first.
    start, end : how it begins and ends: ``"Hopf"``, ``"homoclinic"`` (the period grows like a
        logarithm as the orbit meets a saddle), ``"SNIC"`` (it grows like an inverse square root
        as a fold of equilibria appears on the orbit), ``"edge"`` of the range, ``"spike level"``,
        ``"lost"``, ``"closed"`` on itself without a Hopf point; of sweeps ``"firing begins"``,
        ``"firing ends"``.
    limits : the values of the parameter at start and end; at a SNIC that of the fold.
    direction : ``"both"``, or ``"up"`` / ``"down"`` if found by sweeping the parameter.
    """

    parameter: np.ndarray
    min: Mapping[str, np.ndarray]
    max: Mapping[str, np.ndarray]
    period: np.ndarray
    stable: np.ndarray
    folds: tuple[CyclePoint, ...]
    period_doublings: tuple[CyclePoint, ...]
    tori: tuple[CyclePoint, ...]
    start: str
    end: str
    limits: tuple[float, float]
    direction: str = "both"


@dataclass(frozen=True)
class Bistability:
    """A range of the parameter in which two different things are both stable.

    Attributes
    ----------
    low, high : ends of the range.
    what : ``"rest and firing"`` or ``"two resting states"``.
    """

    low: float
    high: float
    what: str


@dataclass(frozen=True, eq=False)
class Diagram:
    """A bifurcation diagram.

    Attributes
    ----------
    parameter, unit : name of the parameter varied and its unit.
    over : its range.
    equilibria : branches of equilibria.
    hopf : Hopf points by ascending parameter; each is a float that knows its criticality.
    folds : values at which two equilibria meet and vanish, ascending.
    cycles : branches of periodic orbits.
    bistable : ranges in which two things are stable.
    sentence : what matters most, in plain words.
    """

    parameter: str
    unit: str
    over: tuple[float, float]
    equilibria: tuple[EquilibriumBranch, ...]
    hopf: tuple[Hopf, ...]
    folds: tuple[float, ...]
    cycles: tuple[CycleBranch, ...]
    bistable: tuple[Bistability, ...]
    sentence: str

    @property
    def cycle_folds(self) -> tuple[CyclePoint, ...]:
        """Where two periodic orbits meet and vanish, ascending."""
        return tuple(sorted(point for cycle in self.cycles for point in cycle.folds))

    @property
    def period_doublings(self) -> tuple[CyclePoint, ...]:
        """Where the period of a periodic orbit doubles, ascending."""
        return tuple(sorted(point for cycle in self.cycles for point in cycle.period_doublings))

    @property
    def tori(self) -> tuple[CyclePoint, ...]:
        """Where a torus branches off a periodic orbit (Neimark-Sacker), ascending."""
        return tuple(sorted(point for cycle in self.cycles for point in cycle.tori))
