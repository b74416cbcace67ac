"""Paired pulses, rebound and ramps against single runs and what is known of the models."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import analysis


def test_the_squid_axon_recovers_through_refractoriness_to_its_threshold() -> None:
    found = analysis.paired_pulse(models.HodgkinHuxley(), [3.0, 8.0, 12.0, 20.0, 80.0])
    assert np.isnan(found.ratios[0])  # absolutely refractory
    assert found.ratios[1] > found.ratios[2] > 1.0  # relatively refractory
    assert found.ratios[3] < 1.0  # supernormal: the axon rings
    assert found.ratios[4] == pytest.approx(1.0, abs=0.01)


def test_an_integrator_has_forgotten_a_spike_once_it_is_reset() -> None:
    cell = models.LIF(t_ref=3.0)  # v_reset is the resting potential
    found = analysis.paired_pulse(cell, [2.0, 6.0, 20.0], width=1.0)
    assert np.isnan(found.ratios[0])
    assert np.allclose(found.ratios[1:], 1.0, atol=1e-5)
    assert found.threshold == pytest.approx(200.0 / -np.expm1(-0.1), rel=1e-5)


def test_hyperpolarisation_releases_a_rebound_spike_in_the_squid_axon() -> None:
    found = analysis.rebound(models.HodgkinHuxley(), [-0.5, -3.0, -5.0], width=20.0)
    assert list(found.spikes) == [0, 1, 1]
    assert np.isnan(found.latency[0])
    step = models.Pulses(amplitude=-5.0, onset=50.0, width=20.0, count=1)
    run = models.HodgkinHuxley().simulate(step, 150.0, 0.01)
    assert found.latency[2] == pytest.approx(run.spike_times[0] - 70.0, abs=0.1)


def test_a_leaky_integrator_does_not_rebound() -> None:
    assert not analysis.rebound(models.LIF(), [-100.0, -500.0]).spikes.any()


def test_a_slow_ramp_fails_where_a_fast_one_fires() -> None:
    cell = models.HodgkinHuxley()
    fast, slow = analysis.accommodation(cell, [5.0, 200.0]).thresholds
    assert fast < 4.5
    assert slow > 12.0
    for top, width, spikes in ((4.5, 5.0, 1), (12.0, 200.0, 0)):
        ramp = models.Ramp(start=0.0, stop=top, onset=20.0, width=width, after="return")
        assert cell.simulate(ramp, 300.0, 0.025).spike_times.size == spikes


def test_an_integrator_accommodates_to_nothing_and_fires_at_its_rheobase() -> None:
    tops = analysis.accommodation(models.LIF(), [50.0, 500.0]).thresholds
    # v lags a ramp by tau_m: top (1 - tau/T (1 - exp(-T/tau))) is the rheobase of 200 pA.
    durations = np.array([50.0, 500.0])
    lag = 10.0 / durations * -np.expm1(-durations / 10.0)
    assert np.allclose(tops, 200.0 / (1.0 - lag), rtol=1e-3)


def test_gaps_must_be_longer_than_the_pulse() -> None:
    with pytest.raises(ValueError, match=r"`gaps` go down to 0\.5 ms"):
        analysis.paired_pulse(models.LIF(), [0.5, 5.0])
    with pytest.raises(ValueError, match="`durations`"):
        analysis.accommodation(models.LIF(), [-5.0])


def test_a_rebound_burst_has_the_spikes_of_a_single_run() -> None:
    # Izhikevich 2004, panel N. Nothing is added to u at a spike, and what ends the burst is slight.
    cell = models.Izhikevich(a=0.03, b=0.25, c=-52.0, d=0.0)
    rest = dict(analysis.fixed_points(cell, 0.0)[0].state)
    for amplitude, width in ((-15.0, 5.0), (-25.0, 5.0), (-6.0, 40.0), (-10.0, 40.0)):
        found = analysis.rebound(cell, [amplitude], width=width)
        pulse = models.Pulses(amplitude=amplitude, onset=0.0, width=width, count=1)
        alone = cell.simulate(pulse, width + 120.0, 0.001, initial=rest).spike_times
        assert list(found.spikes) == [alone.size]
        assert found.latency[0] == pytest.approx(alone[0] - width, abs=1e-3)


def test_a_pulse_too_strong_for_usual_steps_is_computed_in_shorter_ones() -> None:
    axon = models.HodgkinHuxley()
    found = analysis.rebound(axon, [-25.0], width=50.0)
    pulse = models.Pulses(amplitude=-25.0, onset=20.0, width=50.0, count=1)
    assert axon.simulate(pulse, 150.0, 0.025).diverged_at is not None
    run = axon.simulate(pulse, 150.0, 0.002)
    assert list(found.spikes) == [run.spike_times.size]
    assert found.latency[0] == pytest.approx(run.spike_times[0] - 70.0, abs=0.05)
    with pytest.raises(ValueError, match="give weaker ones"):
        analysis.rebound(axon, [-60.0], width=50.0)
