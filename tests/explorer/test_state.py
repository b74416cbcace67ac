"""`Explorer`: one simulation per burst of changes, one sentence per mistake, one way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from explorer.state import Explorer, opening_settings, settings_of
from models import Constant, Noise, Step

PRESETS = [
    pytest.param(preset, id=f"{name}-{slug}")
    for name, model in models.catalogue.items()
    for slug, preset in model.presets().items()
]


class Later:
    """A schedule that keeps what is asked for until the test lets it happen."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, call: Callable[[], None]) -> None:
        self.waiting.append(call)

    def happen(self) -> int:
        """Call what waits; how many calls there were."""
        calls, self.waiting = self.waiting, []
        for call in calls:
            call()
        return len(calls)


def seen(explorer: Explorer, name: str) -> list[Any]:
    """A list that grows with every value that a parameter takes from now on."""
    values: list[Any] = []
    explorer.param.watch(lambda event: values.append(event.new), name)
    return values


# --- one simulation however many changes ---------------------------------------------------------


def test_a_new_explorer_has_run_the_first_preset_of_the_opening_model():
    explorer = Explorer()
    first = next(iter(models.Izhikevich.presets().values()))
    assert explorer.settings == settings_of(first)
    np.testing.assert_array_equal(explorer.run["v"], first.run()["v"])


def test_the_first_picture_is_there_at_once_and_a_change_waits_for_the_schedule():
    later = Later()
    explorer = Explorer(schedule=later)
    first = explorer.run
    assert first is not None
    assert later.happen() == 0
    explorer.set_parameter("a", 0.03)
    assert explorer.run is first
    assert later.happen() == 1
    assert explorer.run.cell.a == 0.03


def test_changes_before_the_scheduled_call_share_one_simulation():
    later = Later()
    explorer = Explorer(schedule=later)
    later.happen()
    runs = seen(explorer, "run")
    for value in np.linspace(0.02, 0.1, 30):
        explorer.set_parameter("a", float(value))
    explorer.set_stimulus(Constant(7.0))
    explorer.set_numerics(duration=80.0)
    explorer.start_at(v=-55.0)
    assert len(later.waiting) == 1
    assert later.happen() == 1
    assert len(runs) == 1
    assert runs[0].cell.a == 0.1
    assert runs[0].current[0] == 7.0
    assert runs[0].duration == pytest.approx(80.0)
    assert runs[0]["v"][0] == -55.0


def test_a_change_during_the_scheduled_call_asks_for_another_one():
    """A view that changes settings while it draws must not be forgotten, nor nest."""
    later = Later()
    explorer = Explorer(schedule=later)
    runs = seen(explorer, "run")

    def faster(_event: object) -> None:
        if explorer.run.cell.a < 0.05:
            explorer.set_parameter("a", 0.05)

    explorer.param.watch(faster, "run")
    explorer.set_parameter("a", 0.03)
    assert [later.happen(), later.happen(), later.happen()] == [1, 1, 0]
    assert [run.cell.a for run in runs] == [0.03, 0.05]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_one_assignment_of_run(preset):
    later = Later()
    explorer = Explorer(opening_settings(preset.model_class.__name__), schedule=later)
    later.happen()
    runs = seen(explorer, "run")
    explorer.choose_preset(preset.slug)
    assert later.happen() == 1
    assert explorer.complaints == {}
    assert len(runs) == 1
    assert runs[0].cell.parameters == preset.model().parameters
    assert (runs[0].dt, runs[0].method, runs[0].seed) == (preset.dt, preset.method, preset.seed)
    assert not explorer.modified()


def test_choosing_a_model_shows_its_first_preset():
    explorer = Explorer()
    explorer.choose_model("HodgkinHuxley")
    assert explorer.settings == opening_settings("HodgkinHuxley")
    assert isinstance(explorer.run.cell, models.HodgkinHuxley)


def test_choosing_the_model_on_the_screen_changes_nothing():
    explorer = Explorer()
    explorer.set_parameter("c", -50.0)
    runs = seen(explorer, "run")
    explorer.choose_model("Izhikevich")
    assert runs == []
    assert explorer.settings.parameters["c"] == -50.0


def test_showing_something_else_releases_the_time_cursor():
    explorer = Explorer()
    explorer.cursor = 40.0
    explorer.choose_preset("chattering")
    assert explorer.cursor is None


# --- complaints ----------------------------------------------------------------------------------


def test_a_value_out_of_bounds_is_said_at_its_control_and_the_picture_stays():
    explorer = Explorer()
    good = explorer.run
    explorer.set_parameter("tau_m", -1.0)
    assert list(explorer.complaints) == ["parameter:tau_m"]
    assert "`tau_m` is -1" in explorer.complaints["parameter:tau_m"]
    assert explorer.run is good


def test_the_next_good_change_clears_the_complaint():
    explorer = Explorer()
    explorer.set_parameter("tau_m", -1.0)
    explorer.set_parameter("tau_m", 2.0)
    assert explorer.complaints == {}
    assert explorer.run.cell.tau_m == 2.0


def test_values_that_only_clash_together_are_said_at_the_control_touched_last():
    explorer = Explorer(opening_settings("LIF"))
    good = explorer.run
    explorer.set_parameter("v_reset", -40.0)
    assert list(explorer.complaints) == ["parameter:v_reset"]
    assert "`v_threshold`" in explorer.complaints["parameter:v_reset"]
    assert explorer.run is good
    explorer.set_parameter("v_threshold", -30.0)
    assert explorer.complaints == {}
    assert (explorer.run.cell.v_reset, explorer.run.cell.v_threshold) == (-40.0, -30.0)


def test_a_sentence_that_is_still_true_stays_where_it_is():
    explorer = Explorer()
    explorer.set_parameter("tau_m", -1.0)
    explorer.set_parameter("a", 0.05)
    assert list(explorer.complaints) == ["parameter:tau_m"]


@pytest.mark.parametrize(
    ("changes", "control"),
    [
        ({"dt": 0.0}, "dt"),
        ({"dt": -1.0}, "dt"),
        ({"dt": 1e9}, "dt"),
        ({"dt": 1e-9}, "dt"),
        ({"duration": 0.0}, "duration"),
        ({"duration": 1e12}, "duration"),
        ({"method": "no such method"}, "method"),
        ({"overlay": "no such method"}, "overlay"),
    ],
)
def test_numerics_that_cannot_work_are_said_at_their_control(changes, control):
    explorer = Explorer()
    good = explorer.run
    explorer.set_numerics(**changes)
    assert list(explorer.complaints) == [control]
    assert explorer.run is good


@pytest.mark.parametrize("value", [np.nan, np.inf, "text"])
def test_a_start_that_is_no_number_is_said_at_its_control(value):
    explorer = Explorer()
    good = explorer.run
    explorer.start_at(v=value)
    assert list(explorer.complaints) == ["initial:v"]
    assert explorer.run is good


def test_a_control_may_complain_about_input_that_never_became_a_value():
    explorer = Explorer()
    explorer.complain("parameter:a", "`a` is abc: give a number.")
    assert explorer.complaints == {"parameter:a": "`a` is abc: give a number."}
    explorer.set_parameter("b", 0.25)
    assert explorer.complaints == {}


def test_a_preset_clears_every_complaint():
    explorer = Explorer()
    explorer.set_parameter("tau_m", -1.0)
    explorer.complain("link", "Ignored in the link: everything")
    explorer.choose_preset("chattering")
    assert explorer.complaints == {}


def test_a_diverging_run_is_a_picture_and_no_complaint():
    explorer = Explorer(opening_settings("HodgkinHuxley"))
    explorer.set_numerics(method="euler", dt=0.5)
    assert explorer.complaints == {}
    assert explorer.run.diverged_at is not None


@given(st.sampled_from(list(models.catalogue)), st.data())
def test_no_number_in_any_parameter_raises(name, data):
    explorer = Explorer(opening_settings(name))
    parameter = data.draw(st.sampled_from(list(models.catalogue[name].quantities())))
    value = data.draw(st.floats())
    good = explorer.run
    explorer.set_parameter(parameter, value)
    if explorer.complaints:
        assert list(explorer.complaints) == [f"parameter:{parameter}"]
        assert explorer.run is good
    else:
        assert getattr(explorer.run.cell, parameter) == value


# --- the way back --------------------------------------------------------------------------------


def test_reset_of_a_parameter_group_leaves_the_others():
    explorer = Explorer(opening_settings("HodgkinHuxley"))
    explorer.set_parameter("g_Na", 100.0)
    explorer.set_parameter("g_K", 40.0)
    explorer.set_parameter("E_K", -80.0)
    explorer.set_stimulus(Constant(20.0))
    runs = seen(explorer, "run")
    explorer.reset("Conductances")
    origin = opening_settings("HodgkinHuxley").parameters
    now = explorer.settings.parameters
    assert (now["g_Na"], now["g_K"]) == (origin["g_Na"], origin["g_K"])
    assert now["E_K"] == -80.0
    assert explorer.settings.stimulus == Constant(20.0)
    assert len(runs) == 1


def test_reset_of_stimulus_numerics_and_initial_state_touches_nothing_else():
    origin = opening_settings("Izhikevich")
    start = replace(
        origin,
        parameters={**origin.parameters, "a": 0.1, "c": -50.0},
        stimulus=Step(1.0) + Noise(2.0),
        duration=origin.duration + 1.0,
        seed=5,
        initial={"v": -50.0},
    )
    back = {
        "Stimulus": {"stimulus": origin.stimulus},
        "Numerics": {"duration": origin.duration, "seed": origin.seed},
        "Initial state": {"initial": origin.initial},
    }
    for group, expected in back.items():
        explorer = Explorer(start)
        explorer.reset(group)
        assert explorer.settings == replace(start, **expected)


def test_reset_of_everything_is_the_preset_again_in_one_redraw():
    explorer = Explorer()
    explorer.choose_preset("chattering")
    explorer.set_parameter("c", -60.0)
    explorer.set_axes("u", "v")
    explorer.set_numerics(overlay="euler")
    runs = seen(explorer, "run")
    explorer.reset()
    assert explorer.settings == settings_of(models.Izhikevich.presets()["chattering"])
    assert len(runs) == 1


def test_modified_says_whether_the_simulation_differs_from_the_presets():
    explorer = Explorer()
    assert not explorer.modified()
    explorer.set_parameter("a", 0.03)
    assert explorer.modified()
    explorer.set_parameter("a", 0.02)
    assert not explorer.modified()


def test_other_axes_or_a_second_method_are_no_modification():
    explorer = Explorer(opening_settings("HodgkinHuxley"))
    explorer.set_axes("m", "h")
    explorer.hold_others("cursor")
    explorer.set_numerics(overlay="euler")
    assert not explorer.modified()


def test_without_a_preset_the_origin_is_the_models_opening():
    explorer = Explorer(replace(opening_settings("LIF"), preset=None))
    assert explorer.origin() == opening_settings("LIF")


# --- axes, starts, overlays ----------------------------------------------------------------------


def test_choosing_the_other_axis_swaps_both():
    explorer = Explorer(opening_settings("HodgkinHuxley"))
    assert (explorer.settings.x, explorer.settings.y) == ("v", "n")
    explorer.set_axes("n", "n")
    assert (explorer.settings.x, explorer.settings.y) == ("n", "v")


def test_a_start_replaces_the_models_own_and_none_gives_it_back():
    explorer = Explorer()
    own = float(explorer.run.cell.simulate(0.0)["v"][0])
    explorer.start_at(v=-40.0, u=3.0)
    assert (explorer.run["v"][0], explorer.run["u"][0]) == (-40.0, 3.0)
    explorer.start_at(v=None)
    assert (explorer.run["v"][0], explorer.run["u"][0]) == (own, 3.0)


def test_a_second_method_is_laid_over_the_first():
    explorer = Explorer(opening_settings("LIF"))
    explorer.set_numerics(overlay="euler")
    assert explorer.overlay.method == "euler"
    assert explorer.overlay.cell.parameters == explorer.run.cell.parameters
    explorer.set_numerics(overlay="")
    assert explorer.overlay is None


def test_the_same_method_is_not_laid_over_itself():
    explorer = Explorer(opening_settings("LIF"))
    explorer.set_numerics(overlay=explorer.settings.method)
    assert explorer.overlay is None


def test_the_run_is_new_only_when_its_overlay_is():
    """A view that draws `run` must find the overlay that belongs to it."""
    explorer = Explorer(opening_settings("LIF"))
    pairs = []
    explorer.param.watch(lambda _: pairs.append((explorer.run, explorer.overlay)), "run")
    explorer.set_numerics(overlay="euler")
    explorer.set_parameter("tau_m", 12.0)
    assert [run.cell.tau_m for run, _ in pairs] == [over.cell.tau_m for _, over in pairs]


def test_settings_say_which_class_they_are_about():
    settings = opening_settings("MorrisLecar")
    assert settings.model_class is models.MorrisLecar
    assert settings.cell().parameters == dict(settings.parameters)


@pytest.mark.parametrize("name", models.catalogue)
def test_every_model_opens_on_what_it_is_known_for(name):
    """Not on a flat line: spikes, or a rate that moves."""
    run = opening_settings(name).simulate()
    assert run.spike_times.size >= 3 or np.ptp(run[run.cell.state_names()[0]]) > 0.5
