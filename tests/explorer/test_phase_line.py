"""The phase line's arrays: dv/dt with and without current, where it vanishes, which way v goes."""

from __future__ import annotations

import numpy as np
import pytest

import models
from explorer.views import phase_line
from models import Constant, analysis

from .pictures import EVERY, picture

LINES = [(name, slug) for name, slug in EVERY if len(models.catalogue[name].states) == 1]
XLIM, YLIM = (-90.0, -40.0), (-3.0, 3.0)
LEAKY = {"p_tau_m": 10.0, "p_R": 100.0, "p_v_rest": -75.0, "p_v_threshold": -55.0}


def test_a_leaky_membrane_is_two_straight_lines_a_current_apart():
    """tau dv/dt = -(v - v_rest) + R I, with R I in mV for MΩ and pA."""
    made = picture("LIF", stimulus=Constant(150.0), **LEAKY)
    roles = phase_line.landscape_arrays(made, XLIM, YLIM)
    v = roles["x_nullcline"]["x"]
    np.testing.assert_allclose(roles["x_nullcline"]["y"], (-(v + 75.0) + 15.0) / 10.0, atol=1e-5)
    np.testing.assert_allclose(roles["y_nullcline"]["y"], -(v + 75.0) / 10.0, atol=1e-5)
    points = roles["fixed_points"]
    assert points["x"] == pytest.approx([-60.0])
    assert (points["y"], points["kind"], points["fill"]) == ([0.0], ["stable"], [1.0])
    assert points["eigenvalues"] == ["-0.1 /ms"]


def test_arrows_point_to_the_resting_potential_from_both_sides():
    made = picture("LIF", stimulus=Constant(0.0), **LEAKY)
    arrows = phase_line.landscape_arrays(made, XLIM, YLIM)["vector_field"]
    tail, tip = arrows["x"][0::6], arrows["x"][1::6]
    way, middle = tip - tail, 0.5 * (tail + tip)
    assert (way[middle < -75.5] > 0.0).all()
    assert (way[middle > -74.5] < 0.0).all()


def test_upright_lines_stand_at_reset_and_threshold_and_a_flat_one_at_zero():
    made = picture("LIF", p_v_reset=-70.0, **LEAKY)
    levels = phase_line.landscape_arrays(made, XLIM, YLIM)["levels"]
    lines = np.stack([levels["x"], levels["y"]], axis=1)[: 3 * 3].reshape(3, 3, 2)[:, :2]
    np.testing.assert_allclose(lines[0], [[-90.0, 0.0], [-40.0, 0.0]])
    assert {float(line[0, 0]) for line in lines[1:]} == {-70.0, -55.0}
    for line in lines[1:]:
        np.testing.assert_allclose(line[:, 1], YLIM)


def test_the_path_lies_on_the_line_and_breaks_at_each_reset():
    """Between spikes v moves as the line says, to the half step by which differences lag."""
    made = picture("LIF", stimulus=Constant(300.0), p_t_ref=0.0, **LEAKY)
    path = phase_line.trajectory_arrays(made)["trajectory"]
    moving = np.isfinite(path["y"])
    expected = (-(path["x"][moving] + 75.0) + 30.0) / 10.0
    np.testing.assert_allclose(path["y"][moving], expected, atol=0.02)
    assert np.count_nonzero(~moving) >= made.run.spike_times.size


@pytest.mark.parametrize(("model", "preset"), LINES)
def test_every_preset_has_columns_of_equal_length_and_sorted_time(model, preset):
    made = picture(model, preset)
    xlim, ylim = phase_line.window(made)
    assert ylim[0] < 0.0 < ylim[1]
    roles = phase_line.landscape_arrays(made, xlim, ylim) | phase_line.trajectory_arrays(made)
    for columns in roles.values():
        assert len({len(column) for column in columns.values()}) == 1
    assert (np.diff(roles["trajectory"]["time"]) >= 0.0).all()


def test_the_reset_is_marked_also_where_the_spike_level_is_out_of_sight():
    made = picture("EIF")
    xlim, ylim = phase_line.window(made)
    marks = phase_line.landscape_arrays(made, xlim, ylim)["levels"]["x"]
    assert made.run.cell.v_reset in marks
    assert xlim[1] < made.run.cell.v_peak


@pytest.mark.parametrize(("model", "preset"), LINES)
def test_the_window_shows_rest_and_take_off_and_the_line_between_is_not_flat(model, preset):
    """An exponential model is a billion times faster at its spike level than at its threshold."""
    made = picture(model, preset)
    xlim, ylim = phase_line.window(made)
    line = analysis.phase_line(made.run.cell, made.injected, phase_line.span(made))
    for point in line.rest_off + line.rest_on:
        assert xlim[0] < point.state[made.settings.x] < xlim[1]
    if line.reset is not None:
        assert xlim[0] <= line.reset < xlim[1]
    roles = phase_line.landscape_arrays(made, xlim, ylim)
    lines = np.stack([roles["x_nullcline"]["y"], roles["y_nullcline"]["y"]])
    inside = (lines >= ylim[0]) & (lines <= ylim[1])
    assert np.mean(inside) > 0.4
    if np.ptp(lines, axis=1).max() > 1e-6:  # without a leak the line is level anyway
        assert np.ptp(lines[inside]) > 0.2 * (ylim[1] - ylim[0])
