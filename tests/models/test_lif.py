"""LIF against its closed forms."""

from __future__ import annotations

import numpy as np
import pytest

import models

METHODS = ["euler", "midpoint", "rk4", "exponential-euler"]


def interval(cell: models.LIF, current: float) -> float:
    """Closed form of the interspike interval, ms."""
    drive = 1e-3 * cell.R * current
    above, left = drive - (cell.v_reset - cell.v_rest), drive - (cell.v_threshold - cell.v_rest)
    return cell.t_ref + cell.tau_m * np.log(above / left)


def test_the_membrane_relaxes_exponentially():
    cell = models.LIF()
    for method, accuracy in (("rk4", 1e-9), ("exponential-euler", 1e-11)):
        run = cell.simulate(150.0, 50.0, 0.1, method, initial={"v": -60.0})
        settled = cell.v_rest + 1e-3 * cell.R * 150.0
        exact = settled + (-60.0 - settled) * np.exp(-run.time / cell.tau_m)
        np.testing.assert_allclose(run["v"], exact, atol=accuracy)


def test_exponential_euler_is_exact_at_any_step():
    cell = models.LIF()
    run = cell.simulate(150.0, 50.0, 5.0, "exponential-euler")
    exact = cell.v_rest + 15.0 * (1.0 - np.exp(-run.time / cell.tau_m))
    np.testing.assert_allclose(run["v"], exact, atol=1e-11)


@pytest.mark.parametrize(("current", "rate"), [(250.0, 55.27), (300.0, 77.01), (400.0, 111.96)])
def test_the_published_rates_come_out(current: float, rate: float):
    """Neuronal Dynamics exercises: V_th -55, E_L = V_reset = -75, tau 10, g_L 10 nS, t_ref 2."""
    run = models.LIF().simulate(current, 1000.0, 0.1)
    assert 1e3 / np.diff(run.spike_times).mean() == pytest.approx(rate, abs=0.005)


@pytest.mark.parametrize("t_ref", [0.0, 0.013, 2.0, 2.037, 7.77])
@pytest.mark.parametrize("dt", [0.1, 0.37, 1.0])
def test_intervals_are_exact_though_nothing_falls_on_the_grid(t_ref: float, dt: float):
    """Exponential Euler is exact between events, and the events are located inside the steps."""
    cell = models.LIF(t_ref=t_ref, v_reset=-70.0)
    run = cell.simulate(330.0, 500.0, dt, "exponential-euler")
    assert run.spike_times.size > 10
    np.testing.assert_allclose(np.diff(run.spike_times), interval(cell, 330.0), atol=1e-8)
    first = cell.tau_m * np.log(33.0 / 13.0)
    assert run.spike_times[0] == pytest.approx(first, abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_the_voltage_is_held_while_refractory(method: str):
    cell = models.LIF(t_ref=5.0)
    run = cell.simulate(300.0, 100.0, 0.1, method)
    for spike in run.spike_times[:-1]:
        held = (run.time > spike + 0.1) & (run.time < spike + 5.0)
        assert held.sum() >= 48
        np.testing.assert_array_equal(run["v"][held], cell.v_reset)
        free = (run.time > spike + 5.01) & (run.time < spike + 8.0)
        assert (run["v"][free] > cell.v_reset).all()


def test_nothing_fires_at_or_below_rheobase():
    cell = models.LIF()
    assert cell.simulate(200.0, 2000.0, 0.1).spike_times.size == 0
    assert cell.simulate(200.1, 2000.0, 0.1).spike_times.size > 5


def test_the_rate_saturates_at_the_inverse_refractory_time():
    run = models.LIF(t_ref=4.0).simulate(1e6, 1000.0, 0.1)
    assert 1e3 / np.diff(run.spike_times).mean() == pytest.approx(1e3 / 4.0, rel=1e-3)


def test_a_reset_above_threshold_is_refused():
    with pytest.raises(ValueError, match="`v_reset` is -50 mV but `v_threshold` is -55 mV"):
        models.LIF(v_reset=-50.0)
    cell = models.LIF()
    cell.v_reset = -50.0  # one at a time, as controls set them
    with pytest.raises(ValueError, match="choose `v_reset` below `v_threshold`"):
        cell.simulate(300.0)
