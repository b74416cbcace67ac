"""The phase line of one-state models against their equations."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import analysis

ONE_STATE = [name for name, model in models.catalogue.items() if len(model.states) == 1]


@pytest.mark.parametrize("name", ONE_STATE)
def test_every_one_state_model_has_a_phase_line(name: str) -> None:
    cell = models.catalogue[name]()
    line = analysis.phase_line(cell, cell.current.default)
    assert line.v[[0, -1]] == pytest.approx(cell.states[0].span)
    assert np.isfinite(line.off).all() and np.isfinite(line.on).all()
    assert (line.threshold is not None) == cell.resets()


def test_lif_is_a_straight_line_that_the_current_lifts() -> None:
    cell = models.LIF()
    line = analysis.phase_line(cell, 300.0)
    np.testing.assert_allclose(line.off, (-75.0 - line.v) / 10.0)
    np.testing.assert_allclose(line.on - line.off, 30.0 / 10.0)
    assert (line.threshold, line.reset) == pytest.approx((-55.0, -75.0))
    assert [point.state["v"] for point in line.rest_off] == pytest.approx([-75.0])
    assert line.rest_on == []  # rest would be at -45 mV, above the threshold


def test_qif_loses_both_fixed_points_above_rheobase() -> None:
    cell = models.QIF()
    line = analysis.phase_line(cell, 100.0)
    assert [point.kind for point in line.rest_off] == ["stable", "unstable"]
    assert [point.kind for point in analysis.phase_line(cell, 60.0).rest_on] == []


def test_a_threshold_out_of_view_is_not_drawn() -> None:
    line = analysis.phase_line(models.LIF(), 0.0, xlim=(-90.0, -60.0))
    assert line.threshold is None and line.reset is None


def test_models_with_more_states_are_sent_to_the_nullclines() -> None:
    with pytest.raises(ValueError, match="nullclines"):
        analysis.phase_line(models.Izhikevich())
    with pytest.raises(ValueError, match="`xlim`"):
        analysis.phase_line(models.LIF(), xlim=(0.0, -1.0))
