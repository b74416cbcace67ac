"""Diagrams of Morris-Lecar in its published regimes: Hopf, saddle-node on a cycle, homoclinic."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import models
from models import analysis

from .regimes import HOMOCLINIC_REGIME, HOPF_REGIME, SNLC_REGIME


def test_morris_lecar_in_its_hopf_regime() -> None:
    found = analysis.bifurcation(HOPF_REGIME, "current", (0.0, 250.0))
    assert found.hopf[0] == pytest.approx(93.858, abs=0.001)
    assert found.hopf[0].frequency == pytest.approx(12.7, abs=0.05)
    assert found.hopf[0].criticality == "subcritical"
    assert found.bistable[0].high == found.hopf[0]


def test_morris_lecar_starts_firing_at_zero_rate_at_its_fold() -> None:
    found = analysis.bifurcation(SNLC_REGIME, "current", (0.0, 120.0))
    assert found.folds[-1] == pytest.approx(39.963, abs=0.001)
    family = found.cycles[0]
    assert (family.end, family.limits[1]) == ("SNIC", found.folds[-1])
    slow = family.period > 300.0
    rate = 1e3 / family.period[slow]
    root = np.sqrt(family.parameter[slow] - found.folds[-1])
    assert np.ptp(rate / root) < 0.1 * np.mean(rate / root)  # the square-root law


def test_words_say_where_the_rate_starts_from_zero_beside_where_two_states_are_stable() -> None:
    found = analysis.bifurcation(SNLC_REGIME, "current", (0.0, 250.0))
    assert found.sentence == (
        "Rest and firing are both stable between 97.8 and 116 µA/cm². "
        "The rate of firing starts from zero at 39.96 µA/cm²."
    )
    inside = analysis.bifurcation(models.HodgkinHuxley(), "current", (7.0, 9.0))
    assert inside.sentence == "Rest and firing are both stable throughout this range."


def test_morris_lecar_keeps_a_cycle_below_the_fold_in_its_homoclinic_regime() -> None:
    found = analysis.bifurcation(HOMOCLINIC_REGIME, "current", (0.0, 120.0))
    assert found.folds[-1] == pytest.approx(39.963, abs=0.001)
    family = found.cycles[0]
    assert family.end == "homoclinic"
    assert family.limits[1] < found.folds[-1]
    # Below the Hopf point the upper equilibrium is unstable: from beside it the cell goes on
    # firing, while the resting cell stays silent.
    current = 35.3
    assert family.limits[1] < current < found.hopf[0]
    quiet, *_, upper = analysis.fixed_points(HOMOCLINIC_REGIME, current)
    assert quiet.stable and not upper.stable
    beside = {**upper.state, "v": upper.state["v"] + 5.0}
    assert HOMOCLINIC_REGIME.simulate(current, 500.0, initial=quiet.state).spike_times.size == 0
    assert HOMOCLINIC_REGIME.simulate(current, 1000.0, initial=beside).spike_times[-1] > 950.0


@pytest.mark.parametrize(
    ("phi", "silent", "firing", "kind"),
    # Currents just below the fold at 39.963 at which the cell, started on its firing orbit, stops
    # and goes on, by scipy's LSODA; None where it goes on nowhere below.
    [(0.02, 39.96, None, "SNIC"), (0.19, 39.96, None, "SNIC"), (0.2, 39.80, 39.83, "homoclinic")],
)
def test_what_ends_the_firing_of_morris_lecar_is_told_by_where_it_ends(
    phi: float, silent: float, firing: float | None, kind: str
) -> None:
    cell = HOMOCLINIC_REGIME.replace(phi=phi)
    (family,) = analysis.bifurcation(cell, "current", (-20.0, 250.0)).cycles
    assert family.end == kind
    if firing is None:
        assert family.limits[1] == pytest.approx(39.963, abs=0.001) and family.limits[1] > silent
    else:
        assert silent < family.limits[1] < firing


def test_the_folds_of_morris_lecar_do_not_move_with_phi() -> None:
    slow = analysis.bifurcation(SNLC_REGIME, "current", (-50.0, 120.0))
    fast = analysis.bifurcation(HOMOCLINIC_REGIME, "current", (-50.0, 120.0))
    assert np.allclose(slow.folds, fast.folds, rtol=1e-9)
    assert abs(slow.hopf[0] - fast.hopf[0]) > 10.0


def test_firing_that_no_hopf_point_leads_to_is_found_in_however_narrow_a_range() -> None:
    # Both equilibria lose their stability to small unstable cycles that end on the saddle; the
    # large cycle around all three lives between two homoclinic orbits of its own.
    cell = models.FitzHughNagumo(a=0.751, b=1.331, tau=8.365)
    found = analysis.bifurcation(cell, "current", (-1.0, 2.0))
    (large,) = (cycle for cycle in found.cycles if cycle.stable.any())
    assert (large.start, large.end) == ("homoclinic", "homoclinic")
    assert [both.what for both in found.bistable] == ["rest and firing"] * 2
    assert found.bistable[0].high == found.hopf[0] and found.bistable[1].low == found.hopf[1]

    def flow(_: float, x: np.ndarray) -> list[float]:
        return [x[0] - x[0] ** 3 / 3 - x[1] + 0.564, (x[0] + 0.751 - 1.331 * x[1]) / 8.365]

    def upward(_: float, x: np.ndarray) -> float:
        return float(x[0])

    upward.direction = 1.0  # type: ignore[attr-defined]
    solved = solve_ivp(flow, (0.0, 600.0), [2.0, 1.0], "LSODA", None, False, upward, rtol=1e-9)
    ascending = np.argsort(large.parameter)
    period = np.interp(0.564, large.parameter[ascending], large.period[ascending])
    assert period == pytest.approx(np.diff(solved.t_events[0])[-1], rel=1e-3)
