"""FitzHugh-Nagumo against the algebra of its two lines."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from models import FitzHughNagumo
from tests.models import solutions

EPFL = {"c3": 1.0, "a": 1.0, "b": 0.5, "tau": 10.0}


def hopf_points(cell: FitzHughNagumo) -> list[tuple[float, float]]:
    """(v, I) where the trace 1 - 3 c3 v² - b/tau vanishes on the curve of equilibria."""
    v = np.sqrt((1.0 - cell.b / cell.tau) / (3.0 * cell.c3))
    return [(x, cell.c3 * x**3 - x + (x + cell.a) / cell.b) for x in (-v, v)]


def test_it_rests_where_the_lines_cross():
    v = brentq(lambda v: v - v**3 / 3 - (v + 0.7) / 0.8, -2, 0)
    assert (v, (v + 0.7) / 0.8) == pytest.approx((-1.19941, -0.62426), abs=5e-6)
    run = FitzHughNagumo().simulate(0.0, 500.0)
    assert (run["v"][-1], run["w"][-1]) == pytest.approx((-1.19941, -0.62426), abs=5e-6)


@pytest.mark.parametrize(
    ("settings", "low", "high"), [({}, 0.33128, 1.41872), (EPFL, 1.25907, 2.74093)]
)
def test_rest_loses_and_regains_its_stability_at_the_hopf_points(settings, low, high):
    cell = FitzHughNagumo(**settings)
    (v_low, i_low), (v_high, i_high) = hopf_points(cell)
    assert (i_low, i_high) == pytest.approx((low, high), abs=5e-6)
    for v, current, side in ((v_low, i_low, 1.0), (v_high, i_high, -1.0)):
        start = {"v": v + 1e-3, "w": (v + cell.a) / cell.b}
        for distance, grows in ((0.01 * side, True), (-0.01 * side, False)):
            run = cell.simulate(current + distance, 2000.0, initial=start)
            swing = np.ptp(run["v"][run.time > 1800.0])
            assert (swing > 0.05) == grows


def test_the_onset_is_hard_in_fitzhughs_scaling_and_soft_in_the_other():
    swings = []
    for settings in ({}, EPFL):
        cell = FitzHughNagumo(**settings)
        v, current = hopf_points(cell)[0]
        start = {"v": v + 0.05, "w": (v + cell.a) / cell.b}
        run = cell.simulate(current + 2e-4, 20000.0, initial=start)
        swings.append(np.ptp(run["v"][run.time > 19000.0]))
    assert swings[0] > 3.0  # subcritical: the full cycle at once
    assert swings[1] < 0.4  # supercritical: small beside it


def test_below_the_hopf_point_of_fitzhugh_a_cycle_is_stable_already():
    cell = FitzHughNagumo()
    current = hopf_points(cell)[0][1] - 0.003
    start = {"v": 1.0, "w": 0.0}
    assert cell.simulate(current, 2000.0, initial=start).spike_times[-1] > 1900.0


@pytest.mark.parametrize(
    ("method", "order", "dt"),
    [("euler", 1, 0.01), ("midpoint", 2, 0.05), ("rk4", 4, 0.2), ("exponential-euler", 1, 0.01)],
)
def test_a_run_converges_with_the_order_of_its_method(method, order, dt):
    exact = solutions.solve(
        lambda t, x: [x[0] - x[0] ** 3 / 3 - x[1] + 0.5, (x[0] + 0.7 - 0.8 * x[1]) / 12.5],
        [-1.0, -0.5],
        20.0,
    )
    steps = np.array([dt, dt / 2, dt / 4])
    start = {"v": -1.0, "w": -0.5}
    errors = [
        abs(FitzHughNagumo().simulate(0.5, 20.0, h, method, initial=start)["v"][-1] - exact[0])
        for h in steps
    ]
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] == pytest.approx(order, abs=0.25)
