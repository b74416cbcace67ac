"""The quadratic model against its closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models import QIF

TEXTBOOK = {"a": 1.0, "R": 1000.0, "v_rest": 0.0, "v_crit": 0.0, "v_floor": -1e6}
"""tau dv/dt = v² + I with I in pA."""


def interval(current: float, tau: float, peak: float, reset: float) -> float:
    """Between spikes of tau dv/dt = v² + I that runs from reset to peak."""
    root = math.sqrt(current)
    return tau / root * (math.atan(peak / root) - math.atan(reset / root))


@pytest.mark.parametrize("current", [0.25, 1.0, 9.0])
@pytest.mark.parametrize("tau_m", [5.0, 10.0])
def test_between_infinite_bounds_the_rate_is_the_square_root_law(current, tau_m):
    cell = QIF(**TEXTBOOK, tau_m=tau_m, v_peak=1e4, v_reset=-1e4)
    # The steps resolve the way up from the reset, where v changes within tau / 1e4.
    run = cell.simulate(
        current, 5 * math.pi * tau_m / math.sqrt(current), 2e-4, initial={"v": -1e4}
    )
    rate = 1.0 / np.diff(run.spike_times).mean()
    assert rate == pytest.approx(math.sqrt(current) / (math.pi * tau_m), rel=2e-3)


@pytest.mark.parametrize("current", [1.0, 4.0])
def test_between_finite_bounds_the_interval_is_the_arc_of_the_tangent(current):
    cell = QIF(**TEXTBOOK, tau_m=10.0, v_peak=20.0, v_reset=-5.0, t_ref=1.5)
    run = cell.simulate(current, 200.0, 0.01)
    expected = 1.5 + interval(current, 10.0, 20.0, -5.0)
    assert np.diff(run.spike_times) == pytest.approx(expected, abs=1e-6)


def test_rest_vanishes_at_the_closed_form_of_the_rheobase():
    cell = QIF()
    rheobase = 1e3 / cell.R * cell.a * (cell.v_crit - cell.v_rest) ** 2 / 4.0
    assert rheobase == pytest.approx(50.0)
    assert cell.simulate(rheobase - 0.1, 3000.0).spike_times.size == 0
    # A tenth of a pA above, the bottleneck takes pi tau / sqrt(a R dI) = 1405 ms.
    assert cell.simulate(rheobase + 0.1, 3000.0).spike_times.size == 2


def test_beyond_the_critical_voltage_it_fires_without_a_current():
    cell = QIF()
    assert cell.simulate(0.0, 200.0, initial={"v": cell.v_crit - 0.1}).spike_times.size == 0
    assert cell.simulate(0.0, 200.0, initial={"v": cell.v_crit + 0.1}).spike_times.size == 1


def test_at_rest_it_leaks_with_its_time_constant():
    cell = QIF()
    run = cell.simulate(0.0, 10.0, initial={"v": cell.v_rest - 0.01})
    assert (run["v"][-1] - cell.v_rest) / -0.01 == pytest.approx(math.exp(-1.0), rel=1e-3)


@pytest.mark.parametrize("method", ["euler", "midpoint", "rk4"])
@pytest.mark.parametrize("current", [-1e6, 1e6])
def test_absurd_currents_overflow_nothing(current, method):
    run = QIF().simulate(current, 20.0, method=method)
    assert run.diverged_at is None
    assert np.isfinite(run["v"]).all()


def test_spike_times_converge_with_fourth_order():
    cell = QIF(**TEXTBOOK, tau_m=10.0, v_peak=20.0, v_reset=-5.0)
    exact = interval(1.0, 10.0, 20.0, -5.0)
    steps = np.array([0.08, 0.04, 0.02])
    errors = [abs(np.diff(cell.simulate(1.0, 65.0, dt).spike_times)[0] - exact) for dt in steps]
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] > 3.5
