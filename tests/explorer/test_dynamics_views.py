"""What the diagrams draw is what the analysis found."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import models
from explorer import varied
from explorer.branches import stretches
from explorer.pages.experiments import rebound_currents
from explorer.views import (
    accommodation,
    bifurcation,
    features,
    fi_curve,
    interval_histogram,
    paired_pulse,
    period,
    phase_response,
    rebound,
    reset_map,
    return_map,
    strength_duration,
)
from models import analysis
from models.analysis import Accommodation, PairedPulse, PhaseResponse, Rebound, Rheobase

from .pictures import EVERY, picture

LIF_CURRENT = varied.varied_of(models.LIF)["current"]


@cache
def diagram(model: str):
    return analysis.bifurcation(models.catalogue[model]())


# --- branches ------------------------------------------------------------------------------------


def test_a_branch_is_cut_where_its_stability_changes_and_no_piece_is_lost():
    x = np.arange(6.0)
    stable = np.array([True, True, True, False, False, True])
    kept = [part[:, 0].tolist() for part in stretches(x, x, stable, True)]
    others = [part[:, 0].tolist() for part in stretches(x, x, stable, False)]
    assert kept == [[0.0, 1.0, 2.0]]
    assert others == [[2.0, 3.0, 4.0, 5.0]]


def test_a_branch_of_one_point_has_no_line():
    one = np.zeros(1)
    for wanted in (True, False):
        assert list(stretches(one, one, np.array([True]), wanted)) == []


# --- bifurcation diagram -------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["HodgkinHuxley", "MorrisLecar", "Izhikevich", "LIF"])
def test_every_source_of_a_diagram_has_columns_of_one_length(model):
    made = bifurcation.arrays(diagram(model), models.catalogue[model].states[0].name)
    assert set(made) == {*bifurcation.LINES, "bistable", "special"}
    for columns in made.values():
        assert len({len(column) for column in columns.values()}) == 1


def test_the_squid_axon_is_drawn_with_its_published_hopf_points_and_bistability():
    """Hopf points at 9.78 and 154.5 µA/cm², rest beside firing from 6.26 (Rinzel & Miller 1980)."""
    made = bifurcation.arrays(diagram("HodgkinHuxley"), "v")
    places = dict(zip(made["special"]["what"], made["special"]["x"], strict=True))
    (hard,) = [x for what, x in places.items() if what.startswith("subcritical Hopf")]
    (soft,) = [x for what, x in places.items() if what.startswith("supercritical Hopf")]
    assert hard == pytest.approx(9.775, abs=0.01)
    assert soft == pytest.approx(154.52, abs=0.05)
    assert made["bistable"]["left"][0] == pytest.approx(6.26, abs=0.01)
    assert made["bistable"]["right"][0] == pytest.approx(9.775, abs=0.01)
    filled = dict(zip(made["special"]["what"], made["special"]["fill"], strict=True))
    assert {what: fill for what, fill in filled.items() if "Hopf" in what} == {
        what: float("supercritical" in what) for what in filled if "Hopf" in what
    }


def test_special_points_are_told_in_words_to_those_who_cannot_point_at_them():
    said = bifurcation.special_in_words(diagram("HodgkinHuxley"), "v").replace("\xa0", " ")
    assert "○ fold of cycles at 6.2" in said
    assert "○ subcritical Hopf (93.3 Hz) at 9.775; " in said
    assert said.endswith("● supercritical Hopf (169 Hz) at 154.5.")
    assert bifurcation.special_in_words(diagram("LIF"), "v") == ""


def test_what_happens_along_a_family_of_orbits_is_named_on_its_line():
    made = bifurcation.arrays(diagram("HodgkinHuxley"), "v")
    drawn = np.concatenate(
        [np.stack([made[name]["x"], made[name]["y"]], axis=1) for name in bifurcation.LINES[2:]]
    )
    special = list(zip(*(made["special"][name] for name in ("what", "x", "y")), strict=True))
    for what, count in (("fold of cycles", 3), ("period doubling", 2)):
        places = [place for name, *place in special if name == what]
        assert len(places) == count
        for place in places:
            assert np.isclose(drawn, place, rtol=1e-5).all(axis=1).any()


def test_rest_of_the_integrator_is_a_straight_line_up_to_its_threshold():
    """v = v_rest + R I below threshold: the line of a leaky integrator, by hand."""
    cell = models.LIF()
    line = bifurcation.arrays(diagram("LIF"), "v")["rest_stable"]
    x, y = (np.asarray(line[axis]) for axis in "xy")
    sound = np.isfinite(x)
    np.testing.assert_allclose(y[sound], cell.v_rest + 1e-3 * cell.R * x[sound], atol=1e-3)


@pytest.mark.parametrize("model", ["HodgkinHuxley", "MorrisLecar", "Izhikevich"])
def test_the_range_of_a_diagram_holds_everything_that_is_stable(model):
    found, state = diagram(model), models.catalogue[model].states[0].name
    low, high = bifurcation.span(found, models.catalogue[model])
    made = bifurcation.arrays(found, state)
    for name in ("rest_stable", "cycle_stable"):
        y = np.asarray(made[name]["y"])
        y = y[np.isfinite(y)]
        assert low <= y.min()
        assert y.max() <= high


def test_periods_are_positive_and_drawn_at_the_place_of_their_orbit():
    made = period.arrays(diagram("HodgkinHuxley"))
    drawn = np.concatenate([np.asarray(columns["y"]) for columns in made.values()])
    assert np.nanmin(drawn) > 0.0
    low, high = period.span(diagram("HodgkinHuxley"))
    assert low < np.nanmin(drawn)
    assert np.nanmax(drawn) < high


def test_a_model_without_cycles_has_an_empty_plot_of_periods():
    made = period.arrays(analysis.bifurcation(models.LeakyNoise()))
    assert all(column.size == 0 for columns in made.values() for column in columns.values())


# --- f-I curve -----------------------------------------------------------------------------------


def rates(**known):
    currents = np.linspace(0.0, 100.0, 11)
    return fi_curve.Rates(currents, np.maximum(0.0, currents - 50.0), **known)


def test_marks_ascend_and_a_root_near_zero_is_zero():
    """A perfect integrator loses rest at zero; a step of finite length needs more."""
    marks = fi_curve.landmarks(Rheobase(1.0, 2.002, 2.4e-7))
    assert [value for value, _ in marks] == [0.0, 1.0, 2.002]
    assert marks[0][1] == "rest is lost"


def test_marks_of_an_integrator_are_one_mark():
    (mark,) = fi_curve.landmarks(Rheobase(200.0, 200.00001, 199.9999))
    assert mark == (200.0, "a step gives a spike, firing goes on, rest is lost")


def test_marks_of_the_squid_axon_are_three():
    marks = fi_curve.landmarks(Rheobase(2.24, 6.26, 9.775))
    assert [value for value, _ in marks] == [2.24, 6.26, 9.775]


@pytest.mark.parametrize("nothing", [None, Rheobase(float("nan"))])
def test_without_a_rheobase_nothing_is_marked(nothing):
    assert fi_curve.landmarks(nothing) == []


def test_the_sentence_of_an_fi_curve_tells_its_top_and_the_rheobase():
    assert fi_curve.sentence(rates(), LIF_CURRENT) == "Up to 50 Hz at 100 pA."
    said = fi_curve.sentence(rates(rheobase=Rheobase(50.0)), LIF_CURRENT)
    assert said == "Up to 50 Hz at 100 pA. Rheobase 50 pA."
    silent = fi_curve.Rates(np.linspace(0, 1, 3), np.zeros(3))
    assert fi_curve.sentence(silent, LIF_CURRENT).startswith("No repetitive firing")
    assert fi_curve.top(silent) == fi_curve.LEAST


def test_before_the_sweep_only_the_curve_is_drawn():
    made = fi_curve.arrays(rates())
    assert made["fi_curve"]["rate"].size == 11
    assert made["fi_up"]["rate"].size == made["fi_down"]["rate"].size == 0


def test_the_rate_axis_holds_what_the_sweep_found():
    found = rates(swept=np.arange(2.0), up=np.array([0.0, 70.0]), down=np.array([90.0, 20.0]))
    assert fi_curve.top(found) >= 90.0


# --- intervals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "preset"), EVERY[::5])
def test_every_interval_is_counted_once(model, preset):
    run = picture(model, preset).run
    made = interval_histogram.arrays(run)
    assert made["count"].sum() == max(run.spike_times.size - 1, 0)
    assert (made["right"] >= made["left"]).all()
    pairs = return_map.arrays(run)
    assert pairs["interval"].size == pairs["next"].size == max(run.spike_times.size - 2, 0)


def test_equal_intervals_make_one_bar():
    assert interval_histogram.bins(np.full(30, 12.0)).size == 2


def test_two_kinds_of_interval_make_two_bars_apart():
    intervals = np.array([2.0] * 20 + [50.0] * 5)
    count, _ = np.histogram(intervals, interval_histogram.bins(intervals))
    assert count[count > 0].tolist() == [20, 5]
    bursts = np.tile([14.0, 20.0, 95.0], 16)  # a third of them are pauses
    assert np.diff(interval_histogram.bins(bursts)).max() < 5.0


# --- reset map -----------------------------------------------------------------------------------


def test_the_orbit_of_a_burst_steps_between_the_map_and_the_diagonal():
    x, y = reset_map.cobweb(np.array([1.0, 2.0, 3.0]))
    assert list(zip(x, y, strict=True)) == [
        (1.0, 1.0), (1.0, 2.0), (2.0, 2.0), (2.0, 3.0), (3.0, 3.0), (3.0, 1.0), (1.0, 1.0)
    ]  # fmt: skip


def test_a_jump_of_the_map_is_a_gap():
    cell = models.Izhikevich.from_preset("chattering")
    found = analysis.reset_map(cell, 10.0)
    made = reset_map.arrays(found)
    assert np.isnan(made["map"]["y"]).any()
    reach = np.nanmax(found.next) - np.nanmin(found.next)
    assert np.nanmax(np.abs(np.diff(made["map"]["y"]))) < 0.1 * reach


# --- features ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Spikecount", ""), ("mean_frequency", "Hz"), ("time_to_first_spike", "ms"),
        ("inv_time_to_first_spike", "Hz"), ("ISI_CV", ""), ("ISI_values", "ms"),
        ("inv_first_ISI", "Hz"), ("adaptation_index2", ""), ("burst_mean_freq", "Hz"),
        ("AP_amplitude", "mV"), ("AP_duration_half_width", "ms"), ("AP_rise_rate", "mV/ms"),
        ("AP_rise_time", "ms"), ("AP_begin_voltage", "mV"), ("AP_peak_upstroke", "mV/ms"),
        ("AHP_depth", "mV"), ("AHP_time_from_peak", "ms"), ("sag_ratio1", ""),
        ("steady_state_voltage_stimend", "mV"), ("voltage_base", "mV"), ("AP1_width", "ms"),
        ("min_AHP_indices", ""), ("phaseslope_max", "mV/ms"), ("single_burst_ratio", ""),
        ("AP_amplitude_from_voltagebase", "mV"), ("AP_duration", "ms"), ("ISI_log_slope", ""),
    ],
)  # fmt: skip
def test_features_have_the_units_that_efel_documents(name, expected):
    assert features.unit(name, "mV") == expected


def test_a_feature_of_every_spike_is_shown_as_a_mean_with_their_number():
    assert features.value(np.array([1.0, 3.0, np.nan])) == "2"
    assert features.many(np.array([1.0, 3.0, np.nan])) == "mean of 2"
    assert features.value(None) == features.value(np.empty(0)) == "–"
    assert features.value(-1e-15) == "0"
    assert features.value(-64.75) == "−64.75"


def test_all_features_are_shown_on_request():
    found = analysis.features(picture("Izhikevich").run)
    few, everything = (features.rows(found, "mV", kind) for kind in (False, True))
    assert [row[0] for row in few] == list(features.MAIN)
    assert {row[0] for row in everything} == (set(found) | set(features.MAIN)) - {"pattern"}


# --- experiments ---------------------------------------------------------------------------------


def test_strength_and_duration_of_an_integrator_say_both_chronaxies():
    """A leaky integrator follows Lapicque's law: chronaxie tau ln 2."""
    cell = models.LIF()
    found = analysis.strength_duration(cell, np.geomspace(0.1, 100.0, 9))
    said = strength_duration.sentence(found, LIF_CURRENT)
    assert f"chronaxie {cell.tau_m * np.log(2.0):.3g} ms (width at twice the rheobase)" in said
    assert "Weiss" in said
    mark = strength_duration.arrays(found)["chronaxie"]
    assert mark["amplitude"] == [2.0 * found.rheobase]


def test_the_phase_response_names_its_type_and_method():
    phase = np.linspace(0.0, 1.0, 5)
    found = PhaseResponse(phase, np.sin(phase), 12.5, "type II", "adjoint")
    said = phase_response.sentence(found)
    assert said.startswith("Type II: early kicks delay")
    assert "12.5 ms" in said
    assert "adjoint" in said


@pytest.mark.parametrize(
    ("ratios", "refractory", "recovered"),
    [
        ([np.nan, np.nan, 5.0, 2.0, 1.05, 1.0], 2.0, 5.0),
        ([3.0, 1.0, 1.0, 1.0, 1.0, 1.0], 0.0, 2.0),
        ([np.nan] * 6, 6.0, np.nan),
    ],
)
def test_recovery_is_told_by_where_the_second_spike_comes_back(ratios, refractory, recovered):
    found = PairedPulse(np.arange(1.0, 7.0), np.array(ratios), 10.0, 1.0)
    assert paired_pulse.refractory(found) == refractory
    np.testing.assert_equal(paired_pulse.recovered(found), recovered)
    assert "10 pA" in paired_pulse.sentence(found, LIF_CURRENT)


def test_rebound_tells_the_weakest_release_that_gives_a_spike():
    amplitudes = np.array([-3.0, -2.0, -1.0, 0.0])
    latency = np.array([4.0, 6.0, np.nan, np.nan])
    found = Rebound(amplitudes, np.array([2, 1, 0, 0]), latency, 50.0)
    said = rebound.sentence(found, LIF_CURRENT)
    assert "at -2 pA or below" in said
    assert "up to 2 spikes" in said
    assert "6 ms later" in said
    found = Rebound(amplitudes, np.array([0, 1, 1, 0]), latency, 50.0)
    assert "after 50 ms between -2 and -1 pA, the cell" in rebound.sentence(found, LIF_CURRENT)
    silent = Rebound(amplitudes, np.zeros(4, int), np.full(4, np.nan), 50.0)
    assert rebound.sentence(silent, LIF_CURRENT).startswith("No rebound")


def test_the_resting_axon_rebounds_from_every_strong_pulse_of_its_slider():
    """Anode break: sodium has recovered and potassium has shut, the more the stronger the pulse."""
    currents = rebound_currents(models.HodgkinHuxley())
    found = analysis.rebound(models.HodgkinHuxley(), currents, 50.0)
    assert (found.spikes[currents < -5.0] == 1).all()


@pytest.mark.parametrize(
    ("thresholds", "begins"),
    [
        ([20.0, 9.5, 9.5], "No accommodation: slow ramps need no more than 9.5 pA, a step 9 pA"),
        ([40.0, 30.0, 20.0], "No accommodation: the longer the ramp the less it needs, 20 pA"),
        ([20.0, 12.0, 12.5], "The cell accommodates a little: every ramp must reach 12 pA or"),
        ([20.0, 10.0, 15.0], "The cell accommodates"),
        ([20.0, 10.0, np.nan], "Ramps longer than 10 ms never"),
        ([np.nan] * 3, "No ramp in reach"),
    ],
)
def test_ramps_tell_whether_the_cell_accommodates(thresholds, begins):
    found = Accommodation(np.array([1.0, 10.0, 100.0]), np.array(thresholds), 9.0)
    assert accommodation.sentence(found, LIF_CURRENT).startswith(begins)
