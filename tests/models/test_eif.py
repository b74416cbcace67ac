"""The exponential model against its rheobase, its quadrature and its leaky limit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from models import EIF, LIF, analysis


def interval(cell: EIF, current: float) -> float:
    """Time from reset to peak by quadrature of 1/(dv/dt), the exponential uncapped."""

    def pace(v: float) -> float:
        drive = cell.g_L * (cell.v_rest - v) + current
        drive += cell.g_L * cell.delta_T * math.exp((v - cell.v_T) / cell.delta_T)
        return cell.C / drive

    bends = [cell.v_T, cell.v_T + 5 * cell.delta_T]
    rise, _ = quad(pace, cell.v_reset, cell.v_peak, points=bends, limit=500, epsabs=1e-11)
    return cell.t_ref + rise


@pytest.mark.parametrize(
    "cell", [EIF(), EIF(delta_T=0.5), EIF(v_T=-50.0, delta_T=4.0, g_L=20.0, C=300.0)]
)
def test_rest_vanishes_at_the_closed_form_of_the_rheobase(cell: EIF):
    rheobase = cell.g_L * (cell.v_T - cell.v_rest - cell.delta_T)
    assert cell.simulate(rheobase - 0.2, 1500.0).spike_times.size == 0
    assert cell.simulate(rheobase + 0.2, 1500.0).spike_times.size >= 1


@pytest.mark.parametrize("current", [200.0, 300.0, 800.0])
@pytest.mark.parametrize("delta_T", [1.0, 3.48])
def test_the_rate_is_that_of_the_uncapped_quadrature(current, delta_T):
    cell = EIF(delta_T=delta_T)
    expected = interval(cell, current)
    run = cell.simulate(current, 5 * expected, 0.001)
    assert np.diff(run.spike_times) == pytest.approx(expected, abs=1e-3)


def test_the_cap_on_the_exponent_moves_no_spike_that_anybody_could_see():
    cell = EIF(v_peak=100.0)

    def pace(v: float) -> float:
        return 1.0 / float(cell.derivatives(np.array([v]), 300.0, cell.p)[0])

    capped = [
        quad(pace, low, high, epsabs=1e-13)[0]
        for low, high in zip(
            (-75, -55, -45, -30, -15, 0), (-55, -45, -30, -15, 0, 100), strict=True
        )
    ]
    # From the cap at z = 20 slope factors to the peak at 77.5 it takes tau e^-20 for each of them,
    # against tau e^-20 in all.
    late = cell.C / cell.g_L * math.exp(-20.0) * (77.5 - 20.0 - 1.0)
    assert late < 2e-6
    assert cell.t_ref + sum(capped) - interval(cell, 300.0) == pytest.approx(late, rel=0.05)


def test_with_a_sharp_onset_it_is_the_leaky_model():
    sharp = EIF(delta_T=0.01).simulate(300.0, 100.0, 0.002)
    leaky = LIF().simulate(300.0, 100.0, 0.002)
    assert sharp.spike_times.size == leaky.spike_times.size
    # Past the threshold the spike still takes a few delta_T / (dv/dt), 0.01 ms each.
    assert np.diff(sharp.spike_times) == pytest.approx(np.diff(leaky.spike_times), abs=0.1)


@pytest.mark.parametrize("method", ["euler", "midpoint", "rk4", "exponential-euler"])
@pytest.mark.parametrize("current", [-1e6, 1e4, 1e6])
@pytest.mark.parametrize("delta_T", [0.01, 2.0])
def test_absurd_currents_overflow_nothing(current, method, delta_T):
    run = EIF(delta_T=delta_T).simulate(current, 20.0, method=method)
    assert np.isfinite(run["v"]).all()
    assert run.diverged_at is None


@pytest.mark.parametrize("dt", [0.2, 0.1, 0.05, 0.01])
@pytest.mark.parametrize("current", [185.0, 250.0, 400.0, 800.0])
def test_an_explosive_upstroke_is_timed_far_below_the_step(current: float, dt: float):
    # From rest to the peak it takes less time than a step: nothing in it is resolved by steps.
    for cell in (EIF(), EIF(delta_T=4.0, v_peak=-30.0)):
        expected = interval(cell, current)
        spikes = cell.simulate(current, 5 * expected, dt).spike_times
        assert np.diff(spikes)[1:] == pytest.approx(expected, abs=1e-4 * (dt / 0.1) ** 2 + 1e-5)


@pytest.mark.parametrize("current", [185.0, 250.0, 400.0, 800.0])
def test_a_sweep_times_an_explosive_upstroke_as_well(current: float):
    for delta_T in (0.5, 2.0, 4.0):
        cell = EIF(delta_T=delta_T)
        (rate,) = analysis.fi_curve(cell, [current + 20.0], dt=0.1)
        assert rate == pytest.approx(1e3 / interval(cell, current + 20.0), rel=4e-4)


def test_a_peak_below_the_soft_threshold_is_refused():
    with pytest.raises(ValueError, match="`v_T` is -55 mV but `v_peak` is -60 mV"):
        EIF(v_peak=-60.0, v_reset=-80.0)
