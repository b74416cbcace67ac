"""Rheobases against closed forms and published thresholds."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import analysis


@pytest.mark.parametrize(("R", "v_threshold"), [(100.0, -55.0), (40.0, -60.0)])
def test_lif_needs_what_takes_its_rest_to_threshold(R: float, v_threshold: float) -> None:
    found = analysis.rheobase(models.LIF(R=R, v_threshold=v_threshold))
    expected = 1e3 * (v_threshold + 75.0) / R
    assert found == pytest.approx(expected, rel=1e-6)
    assert found.repetitive == pytest.approx(expected, rel=1e-6)
    assert found.rest_ends == pytest.approx(expected, rel=1e-6)


def test_eif_needs_what_takes_it_over_the_peak_of_its_curve() -> None:
    cell = models.EIF()
    expected = cell.g_L * (cell.v_T - cell.v_rest - cell.delta_T)
    found = analysis.rheobase(cell)
    # Just above, the ghost of the fold holds the cell for longer than any run; still it fires.
    assert found == found.repetitive == found.rest_ends == pytest.approx(expected, rel=1e-6)
    # With two seconds to fire in, it takes a little more.
    assert expected < analysis.rheobase(cell, duration=1999.0) < expected * 1.0005


def test_a_perfect_integrator_fires_under_any_current() -> None:
    cell = models.IF()
    found = analysis.rheobase(cell)
    assert found == found.repetitive == found.rest_ends == 0.0
    # In T ms it needs the charge that takes it to threshold.
    charge = cell.C * (cell.v_threshold - cell.v_rest)
    assert analysis.rheobase(cell, duration=400.0) == pytest.approx(charge / 400.0, rel=1e-3)
    curve = analysis.strength_duration(cell, [1.0, 10.0])
    assert curve.thresholds == pytest.approx([charge, charge / 10.0], rel=1e-6)
    assert curve.rheobase == 0.0
    assert np.isnan(curve.chronaxie)


def test_hodgkin_huxley_tells_one_spike_from_repetitive_firing() -> None:
    found = analysis.rheobase(models.HodgkinHuxley())
    assert found == pytest.approx(2.25, abs=0.011)
    assert found.repetitive == pytest.approx(6.26, abs=0.005)
    assert found.rest_ends == pytest.approx(9.775, abs=0.001)


@pytest.mark.parametrize(("a", "b"), [(0.02, 0.2), (0.02, 0.25)])
def test_izhikevich_keeps_its_rest_up_to_the_closed_form(a: float, b: float) -> None:
    v = (a - 5.0) / 0.08
    found = analysis.rheobase(models.Izhikevich(a=a, b=b))
    assert found.rest_ends == pytest.approx(b * v - 0.04 * v * v - 5.0 * v - 140.0, abs=1e-4)
    assert found < found.repetitive < found.rest_ends


def test_a_step_at_the_rheobase_decides_between_spike_and_silence() -> None:
    cell = models.Izhikevich()
    found = analysis.rheobase(cell)
    rest = dict(analysis.fixed_points(cell, 0.0)[0].state)
    assert cell.simulate(found * 0.999, 2000.0, initial=rest).spike_times.size == 0
    assert cell.simulate(found * 1.001, 2000.0, initial=rest).spike_times.size == 1


def test_a_rate_unit_has_no_rheobase() -> None:
    assert np.isnan(analysis.rheobase(models.LeakyNoise()))


def test_steps_that_blow_up_are_said_to_be_too_long() -> None:
    hot = models.HodgkinHuxley(temperature=65.0, g_Na=400.0, g_K=0.8, g_L=2.0, v_offset=67.0)
    with pytest.raises(ValueError, match="too long for these parameters"):
        analysis.rheobase(hot)


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.5), (1.2, 2.0)])
def test_a_cell_that_only_ever_fires_once_does_not_fire_on_at_huge_currents(a, b) -> None:
    # Its rest is stable at every current; steps too long for it look like firing.
    found = analysis.rheobase(models.FitzHughNagumo(a=a, b=b))
    assert 0.4 < found < 0.8
    assert found.repetitive is None and found.rest_ends is None


def test_a_pacemaker_is_held_by_a_current_that_leaves_it_within_reach() -> None:
    cell = models.HodgkinHuxley.from_preset("ngc-learn-pacemaker")
    found = analysis.rheobase(cell)
    (fold, hopf), *_ = [(b.low, b.high) for b in analysis.bifurcation(cell).bistable]
    assert fold - 1.0 < found < hopf
    assert found.rest_ends == pytest.approx(hopf, abs=0.01)
