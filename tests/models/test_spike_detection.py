"""Action potentials of smooth models are found at any height, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import HodgkinHuxley, Ramp, Step
from models.spike_detection import spike_times

axon = HodgkinHuxley()


def late_rate(current: float) -> float:
    """Steady rate in Hz from 200 ms after the onset on; 0 with fewer than two spikes."""
    late = axon.simulate(Step(current, 20.0), 600.0, 0.025).spike_times
    late = late[late > 220.0]
    return 1000.0 / np.diff(late).mean() if late.size > 1 else 0.0


@pytest.mark.parametrize(
    ("current", "rate"),
    [(6.5, 55.1), (8.0, 62.5), (10.0, 68.3), (20.0, 86.5), (50.0, 117.0)],
)
def test_the_axon_fires_at_the_known_rates(current: float, rate: float):
    assert late_rate(current) == pytest.approx(rate, abs=0.6 if rate > 100 else 0.06)


@pytest.mark.parametrize(
    ("current", "peak"), [(10.0, 30.0), (50.0, 7.5), (80.0, -9.7), (100.0, -20.0), (150.0, -39.0)]
)
def test_action_potentials_are_counted_however_small_they_become(current: float, peak: float):
    run = axon.simulate(Step(current, 20.0), 600.0, 0.025)
    late = run.spike_times[run.spike_times > 300.0]
    heights = run["v"][np.rint(late / run.dt).astype(int)]
    # At 10 µA/cm² the figure is given to the whole millivolt.
    assert np.abs(heights - peak).max() < 0.6
    assert late.size >= 18
    assert np.diff(late).std() < 1e-3, "none is missed in between"


@pytest.mark.parametrize("current", [160.0, 200.0])
def test_beyond_the_upper_hopf_point_firing_ends(current: float):
    assert late_rate(current) == 0.0


@pytest.mark.parametrize("current", [2.0, 2.2])
def test_a_failed_spike_is_none(current: float):
    assert axon.simulate(Step(current, 20.0), 120.0, 0.025).spike_times.size == 0


@pytest.mark.parametrize("current", [2.5, 4.0, 5.5])
def test_ringing_after_a_spike_is_no_spike(current: float):
    for duration in (45.0, 70.0, 120.0):  # also if the trace ends amid the ringing
        assert axon.simulate(Step(current, 20.0), duration, 0.025).spike_times.size == 1


def test_a_membrane_without_sodium_channels_does_not_fire():
    assert HodgkinHuxley(g_Na=0.0).simulate(Step(10.0, 20.0), 100.0, 0.025).spike_times.size == 0


def test_a_slow_ramp_back_down_is_no_spike():
    ramp = Ramp(0.0, 12.0, 20.0, 200.0, "return")
    assert axon.simulate(ramp, 300.0, 0.025).spike_times.size == 0


@pytest.mark.parametrize("cut", [0.05, 0.2, 0.5, 1.0, 2.0])
def test_a_spike_counts_even_if_the_trace_ends_on_its_falling_flank(cut: float):
    whole = axon.simulate(Step(10.0, 20.0), 100.0, 0.025)
    third = whole.spike_times[2]
    upto = np.searchsorted(whole.time, third + cut) + 1
    found = spike_times(whole.time[:upto], whole["v"][:upto], axon.spike_prominence)
    assert found.size == 3


def test_what_comes_to_rest_after_a_rebound_has_not_fired():
    # The trace falls to its end, but for long no more than rounding: what it does is to settle.
    cell = models.HindmarshRose(r=0.045, s=6.56, v_rest=-1.533, a=0.5715, b=1.4013, c=1.0, d=9.2894)
    run = cell.simulate(0.424, 100.0, 0.0125)
    assert run["v"].min() < run["v"][-1] - 3.0  # the rebound is from far below
    assert run.spike_times.size == 0
    assert models.analysis.fi_curve(cell, [0.424], dt=0.0125)[0] == 0.0
    time = np.arange(0.0, 80.0, 0.025)
    settling = -65.0 - 40.0 * np.exp(-time / 2.0) + 6.0 * np.exp(-time / 15.0)
    assert spike_times(time, settling, 12.0).size == 0


def test_the_scale_and_the_origin_of_the_voltage_do_not_matter():
    run = axon.simulate(Step(120.0, 20.0), 200.0, 0.025)
    scaled = spike_times(run.time, 0.01 * run["v"] + 3.0, 0.01 * axon.spike_prominence)
    assert np.allclose(scaled, run.spike_times, atol=1e-9)


def test_a_peak_is_located_between_samples():
    time = np.arange(0.0, 100.0, 0.5)
    found = spike_times(time, 50.0 * np.cos(2.0 * np.pi * (time - 7.3) / 20.0), 10.0)
    assert np.allclose(found, [7.3, 27.3, 47.3, 67.3, 87.3], atol=2e-3)


def test_short_and_flat_traces_hold_no_spike():
    for size in (0, 1, 2, 3, 100):
        assert spike_times(np.arange(size) * 0.1, np.full(size, -65.0), 10.0).size == 0
    assert spike_times(np.arange(50) * 0.1, np.arange(50.0), 10.0).size == 0
    assert spike_times(np.arange(50) * 0.1, -np.arange(50.0), 10.0).size == 0


@pytest.mark.parametrize(
    ("name", "preset", "period"),
    [("FitzHughNagumo", "firing", 39.5), ("MorrisLecar", "hopf", 85.3)],
)
def test_relaxation_oscillations_count_once_per_period(name: str, preset: str, period: float):
    run = models.catalogue[name].presets()[preset].run()
    assert np.diff(run.spike_times)[1:] == pytest.approx(period, rel=0.01)


def test_a_burst_of_hindmarsh_rose_counts_each_spike():
    run = models.catalogue["HindmarshRose"].presets()["bursting"].run()
    crossings = np.flatnonzero((run["v"][1:] > 0.5) & (run["v"][:-1] <= 0.5))
    assert run.spike_times.size == crossings.size > 20
