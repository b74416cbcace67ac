"""Atlases against single runs, closed forms and the analyses of single cells."""

from __future__ import annotations

import numpy as np
import pytest

import models
from models import analysis

A_AXIS = ("a", 0.02, 0.1, 3)
D_AXIS = ("d", 2.0, 8.0, 4)


def test_rows_are_y_and_columns_are_x() -> None:
    cell = models.Izhikevich()
    rates = analysis.atlas(cell, A_AXIS, D_AXIS, current=10.0, duration=1000.0)
    assert rates.shape == (4, 3)
    for i, d in enumerate(np.linspace(2.0, 8.0, 4)):
        for j, a in enumerate(np.linspace(0.02, 0.1, 3)):
            spikes = cell.replace(a=a, d=d).simulate(10.0, 1000.0).spike_times
            expected = 1e3 / np.diff(spikes[spikes > 250.0]).mean()
            assert rates[i, j] == pytest.approx(expected, rel=0.008)


def test_the_current_is_an_axis_like_any_other() -> None:
    rates = analysis.atlas(
        models.LIF(), ("current", 150.0, 450.0, 4), ("tau_m", 10.0, 20.0, 2), duration=1000.0
    )
    drive = np.array([250.0, 350.0, 450.0])
    exact = 1e3 / (2.0 + 10.0 * np.log(drive / (drive - 200.0)))
    assert rates[0, 0] == 0.0
    assert np.allclose(rates[0, 1:], exact, rtol=0.001)
    assert (rates[1, 1:] < rates[0, 1:]).all()


@pytest.mark.parametrize("name", models.catalogue)
def test_every_parameter_can_be_an_axis(name: str) -> None:
    cell = models.catalogue[name]()
    low, high = cell.current.softbounds
    currents = np.linspace(low, high, 3)
    settings = {"duration": 60.0, "dt": 0.05, "method": "euler"}
    for parameter, quantity in cell.quantities().items():
        axis = (parameter, *quantity.softbounds, 2)
        found = analysis.atlas(cell, ("current", low, high, 3), axis, **settings)
        for row, value in zip(found, axis[1:3], strict=True):
            try:
                other = cell.replace(**{parameter: value})
            except ValueError:  # these parameters do not go together
                assert np.isnan(row).all()
            else:
                expected = analysis.fi_curve(other, currents, **settings)
                assert row == pytest.approx(expected, rel=1e-3, nan_ok=True), (parameter, value)


def test_latency_is_that_of_the_first_spike_and_undefined_in_silence() -> None:
    found = analysis.atlas(
        models.LIF(), ("current", 100.0, 400.0, 2), ("v_threshold", -60.0, -55.0, 2), "latency"
    )
    assert np.isnan(found[:, 0]).all()
    for v_threshold, latency in zip((-60.0, -55.0), found[:, 1], strict=True):
        exact = 10.0 * np.log(40.0 / (40.0 - (v_threshold + 75.0)))
        assert latency == pytest.approx(exact, abs=0.01)


def test_regular_firing_has_no_variation_and_bursts_have_much() -> None:
    cell = models.Izhikevich(a=0.02, b=0.2)
    cv = analysis.atlas(
        cell, ("c", -65.0, -50.0, 2), ("d", 2.0, 8.0, 2), "CV", current=10.0, duration=1500.0
    )
    assert cv[1, 0] < 0.02  # regular spiking
    assert cv[0, 1] > 0.5  # chattering


@pytest.mark.parametrize("name", ["Izhikevich", "HodgkinHuxley"])
def test_patterns_are_those_of_single_runs(name: str) -> None:
    cell = models.catalogue[name]()
    axis = ("current", *((3.0, 12.0) if name == "Izhikevich" else (0.0, 12.0)), 3)
    other = ("c", -65.0, -50.0, 2) if name == "Izhikevich" else ("g_K", 30.0, 36.0, 2)
    found = analysis.atlas(cell, axis, other, "pattern")
    dt = 0.1 if name == "Izhikevich" else 0.025
    for i, value in enumerate(np.linspace(*other[1:])):
        for j, current in enumerate(np.linspace(*axis[1:])):
            run = cell.replace(**{other[0]: value}).simulate(current, 500.0, dt)
            assert found[i, j] == analysis.pattern(run).label


def test_bursts_are_counted_as_in_a_single_run() -> None:
    cell = models.Izhikevich.from_preset("chattering")
    found = analysis.atlas(cell, ("b", 0.19, 0.2, 2), ("a", 0.019, 0.02, 2), "burst count", 10.0)
    run = cell.simulate(10.0, 500.0)
    assert found[1, 1] == pytest.approx(analysis.pattern(run).evidence["bursts"], abs=1)
    assert found[1, 1] > 3


def test_fixed_point_types_are_those_of_the_fixed_points() -> None:
    cell = models.Izhikevich()
    found = analysis.atlas(
        cell, ("current", -5.0, 5.0, 6), ("b", 0.18, 0.26, 5), "fixed-point type"
    )
    for i, b in enumerate(np.linspace(0.18, 0.26, 5)):
        for j, current in enumerate(np.linspace(-5.0, 5.0, 6)):
            points = analysis.fixed_points(cell.replace(b=b), current)
            assert found[i, j] == (points[0].kind if points else "none")


def test_a_coarse_map_comes_first_and_the_last_is_the_whole() -> None:
    x, y = ("a", 0.02, 0.1, 16), ("d", 2.0, 8.0, 12)
    maps = list(analysis.coarse_to_fine(models.Izhikevich(), x, y, current=10.0))
    assert [one.values.shape for one in maps] == [(3, 4), (6, 8), (12, 16)]
    whole = analysis.atlas(models.Izhikevich(), x, y, current=10.0)
    assert np.array_equal(maps[-1].values, whole)
    assert maps[0].values[0, 0] == pytest.approx(whole[0, 0], rel=1e-6)


def test_impossible_parameters_leave_a_hole_and_not_an_error() -> None:
    found = analysis.atlas(models.Izhikevich(), ("c", -60.0, 20.0, 5), ("v_peak", 10.0, 30.0, 3))
    c, v_peak = np.meshgrid(np.linspace(-60.0, 20.0, 5), np.linspace(10.0, 30.0, 3))
    assert np.array_equal(np.isnan(found), c >= v_peak)


@pytest.mark.parametrize(
    ("x", "y", "measure", "word"),
    [
        (("q", 0.0, 1.0, 3), D_AXIS, "rate", "`x` is 'q'"),
        (A_AXIS, A_AXIS, "rate", "both 'a'"),
        (A_AXIS, ("d", 8.0, 2.0, 3), "rate", "`y` runs from"),
        (("a", 0.0, 99.0, 3), D_AXIS, "rate", "`a`"),
        (A_AXIS, D_AXIS, "colour", "`measure` is 'colour'"),
    ],
)
def test_a_wrong_question_gets_one_sentence(
    x: analysis.Axis, y: analysis.Axis, measure: str, word: str
) -> None:
    with pytest.raises(ValueError, match=word):
        analysis.atlas(models.Izhikevich(), x, y, measure)


@pytest.mark.parametrize(
    ("cell", "axis", "currents"),
    [
        (models.HindmarshRose(), ("d", 8.0, 10.0, 3), (-0.5, 2.0)),
        (models.LIF(), ("R", 100.0, 500.0, 3), (-100.0, 50.0)),
    ],
)
def test_the_kind_of_rest_is_found_as_far_off_as_the_fixed_points_are(cell, axis, currents) -> None:
    found = analysis.atlas(cell, axis, ("current", *currents, 3), "fixed-point-type")
    for row, current in enumerate(np.linspace(*currents, 3)):
        for column, value in enumerate(np.linspace(*axis[1:])):
            points = analysis.fixed_points(cell.replace(**{axis[0]: value}), current)
            assert found[row, column] == (points[0].kind if points else "none")
