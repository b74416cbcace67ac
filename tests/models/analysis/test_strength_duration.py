"""Strength-duration curves against Lapicque's law and the published squid axon."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

import models
from models import analysis


@pytest.mark.parametrize("tau_m", [10.0, 25.0])
def test_lif_follows_lapicque(tau_m: float) -> None:
    widths = np.array([0.5, 2.0, 5.0, 10.0, 50.0])
    found = analysis.strength_duration(models.LIF(tau_m=tau_m), widths)
    assert np.allclose(found.thresholds, 200.0 / -np.expm1(-widths / tau_m), rtol=1e-5)
    assert found.rheobase == pytest.approx(200.0, rel=1e-6)
    assert found.chronaxie == pytest.approx(tau_m * np.log(2.0), rel=1e-3)


def test_a_slow_quadratic_cell_needs_what_takes_it_past_its_critical_voltage() -> None:
    cell = models.QIF(tau_m=20.0, a=0.03)
    widths = np.array([0.5, 2.0, 10.0, 30.0])
    found = analysis.strength_duration(cell, widths)
    middle, fold = 0.5 * (cell.v_rest + cell.v_crit), 0.03 * 20.0**2 / 4.0 / 0.1

    def width(current: float) -> float:
        """ms from rest to the critical voltage, in closed form."""
        drive = 0.1 * (current - fold)
        away = np.arctan((np.array([cell.v_crit, cell.v_rest]) - middle) / np.sqrt(drive / 0.03))
        return float(20.0 / np.sqrt(0.03 * drive) * (away[0] - away[1]))

    exact = [brentq(lambda x, w=w: width(x) - w, fold * 1.0000001, fold * 1e4) for w in widths]
    assert np.allclose(found.thresholds, exact, rtol=5e-4)
    assert found.rheobase == pytest.approx(fold, rel=0.02)  # of 2000 ms
    assert found.rheobase == analysis.rheobase(cell)
    assert found.chronaxie == pytest.approx(width(2.0 * found.rheobase), rel=1e-3)


def test_a_width_between_two_steps_keeps_its_charge() -> None:
    widths = np.array([0.13, 0.77])
    found = analysis.strength_duration(models.LIF(), widths)
    assert np.allclose(found.thresholds, 200.0 / -np.expm1(-widths / 10.0), rtol=0.01)


def test_the_squid_axon_has_the_published_thresholds_and_both_chronaxies() -> None:
    widths = np.array([0.1, 0.5, 2.0, 10.0, 20.0])
    found = analysis.strength_duration(models.HodgkinHuxley(), widths)
    assert np.allclose(found.thresholds, [65.1, 13.3, 3.86, 2.24, 2.24], rtol=0.003)
    assert found.chronaxie == pytest.approx(1.66, abs=0.01)
    assert found.weiss_chronaxie == pytest.approx(2.9, abs=0.15)


def test_a_cell_that_follows_weiss_has_one_chronaxie() -> None:
    brief = analysis.strength_duration(models.LIF(), [0.01, 0.02])
    # The charge of a brief pulse is tau_m times the rheobase.
    assert brief.weiss_chronaxie == pytest.approx(10.0, rel=0.01)


def test_widths_must_be_positive() -> None:
    with pytest.raises(ValueError, match="`widths`"):
        analysis.strength_duration(models.LIF(), [1.0, 0.0])
