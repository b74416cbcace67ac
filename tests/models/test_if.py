"""The perfect integrator against arithmetic: charge in, spikes out."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import IF, Constant, Pulses


@pytest.mark.parametrize("current", [5.0, 100.0, 1000.0])
@pytest.mark.parametrize("t_ref", [0.0, 2.0])
@pytest.mark.parametrize("method", ["euler", "rk4", "exponential-euler"])
def test_the_rate_is_the_current_over_the_charge_of_a_spike(current, t_ref, method):
    cell = IF(C=80.0, v_reset=-70.0, v_threshold=-50.0, t_ref=t_ref)
    interval = t_ref + 80.0 * 20.0 / current
    run = cell.simulate(current, duration=4.5 * interval + 400.0, dt=0.1, method=method)
    assert np.diff(run.spike_times) == pytest.approx(interval, abs=1e-7)


def test_the_first_spike_comes_when_the_charge_from_rest_is_in():
    run = IF(C=80.0, v_rest=-65.0, v_threshold=-50.0).simulate(100.0, duration=50.0)
    assert run.spike_times[0] == pytest.approx(80.0 * 15.0 / 100.0, abs=1e-9)


def test_charge_counts_whenever_it_comes():
    for period in (10.0, 300.0):
        pulses = Pulses(amplitude=450.0, onset=20.0, width=2.0, period=period, count=2)
        run = IF(C=100.0).simulate(pulses, duration=500.0)
        assert run["v"][-1] == pytest.approx(-75.0 + 2 * 450.0 * 2.0 / 100.0)


def test_the_floor_stops_inhibition_and_nothing_else():
    pulse = Constant(100.0) + Pulses(amplitude=-400.0, onset=30.0, width=30.0, count=1)
    held = IF(v_floor=-80.0).simulate(pulse, duration=100.0)
    assert held["v"].min() == -80.0
    assert held.spike_times == pytest.approx([20.0, 60.0 + 25.0 * 100.0 / 100.0])
    free = IF().simulate(pulse, duration=100.0)
    assert free["v"].min() < -140.0
    assert IF(v_floor=-80.0).simulate(100.0).spike_times == pytest.approx(
        IF().simulate(100.0).spike_times
    )


def test_a_reset_above_threshold_is_refused():
    with pytest.raises(ValueError, match="`v_reset` is -40 mV but `v_threshold` is -55 mV"):
        IF(v_reset=-40.0)
    with pytest.raises(ValueError, match="`v_floor`"):
        models.LIF(v_floor=-50.0)


def test_a_leaky_cell_keeps_to_its_floor_too():
    run = models.LIF(v_floor=-80.0).simulate(-200.0, duration=50.0)
    assert run["v"].min() == -80.0
