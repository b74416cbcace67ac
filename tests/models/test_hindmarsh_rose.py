"""Hindmarsh-Rose: its equilibrium, its four regimes, and chaos told from order."""

from __future__ import annotations

import numpy as np
import pytest

from models import HindmarshRose
from tests.models import solutions


def equations(current: float, r: float = 0.006):
    def derivatives(t: float, x: np.ndarray) -> list[float]:
        return [
            x[1] - x[0] ** 3 + 3 * x[0] ** 2 - x[2] + current,
            1 - 5 * x[0] ** 2 - x[1],
            r * (4 * (x[0] + 1.6) - x[2]),
        ]

    return derivatives


def late_intervals(cell: HindmarshRose, current: float, start: dict[str, float]) -> np.ndarray:
    run = cell.simulate(current, 4000.0, 0.05, initial=start)
    return np.diff(run.spike_times[run.spike_times > 1500.0])


ON_THE_WAY = {"v": -1.3, "w": -7.5, "u": 2.0}


def test_it_rests_at_the_root_of_its_cubic():
    # v³ + 2 v² + 4 v + 5.4 = I: w and u eliminated from the three equations.
    roots = np.roots([1.0, 2.0, 4.0, 5.4 - 0.5])
    v = float(roots[np.abs(roots.imag) < 1e-9].real[0])
    run = HindmarshRose(r=0.05).simulate(0.5, 3000.0)
    assert run["v"][-1] == pytest.approx(v, abs=1e-4)
    assert run["w"][-1] == pytest.approx(1 - 5 * v**2, abs=1e-3)
    assert run["u"][-1] == pytest.approx(4 * (v + 1.6), abs=1e-3)


def test_at_rest_it_is_silent():
    assert late_intervals(HindmarshRose(), 1.0, ON_THE_WAY).size == 0


def test_spiking_is_one_interval_over_and_over():
    intervals = late_intervals(HindmarshRose(), 4.0, ON_THE_WAY)
    assert intervals.size > 100
    assert np.ptp(intervals) < 0.01 * intervals.mean()


def test_bursting_repeats_the_same_pauses():
    intervals = late_intervals(HindmarshRose(), 2.5, ON_THE_WAY)
    pauses = intervals[intervals > 50.0]
    assert pauses.size > 15
    assert np.ptp(pauses) < 0.02 * pauses.mean()
    assert (intervals < 30.0).sum() >= 2 * pauses.size - 2


def test_the_chaotic_regime_never_repeats_and_depends_on_everything():
    chaotic, periodic = HindmarshRose(r=0.005), HindmarshRose()
    intervals = late_intervals(chaotic, 3.25, ON_THE_WAY)
    pauses = intervals[intervals > 45.0]
    assert np.ptp(pauses) > 0.1 * pauses.mean()
    nudged = ON_THE_WAY | {"v": -1.3 + 1e-9}
    for cell, current, apart in ((chaotic, 3.25, True), (periodic, 2.5, False)):
        one, other = (
            cell.simulate(current, 6000.0, 0.05, initial=start)["v"]
            for start in (ON_THE_WAY, nudged)
        )
        assert (np.abs(one - other)[-20000:].max() > 0.5) == apart


@pytest.mark.parametrize(
    ("method", "order", "dt"),
    [("euler", 1, 0.005), ("midpoint", 2, 0.02), ("rk4", 4, 0.04), ("exponential-euler", 1, 0.005)],
)
def test_a_run_converges_with_the_order_of_its_method(method, order, dt):
    exact = solutions.solve(equations(2.0), [-1.3, -7.5, 1.8], 4.0)
    steps = np.array([dt, dt / 2, dt / 4])
    start = {"v": -1.3, "w": -7.5, "u": 1.8}
    errors = [
        abs(HindmarshRose().simulate(2.0, 4.0, h, method, initial=start)["v"][-1] - exact[0])
        for h in steps
    ]
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(order, abs=0.25)
