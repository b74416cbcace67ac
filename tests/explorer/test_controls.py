"""What the controls declare and ask for, without a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import models
from explorer import controls
from explorer.controls.model_panel import chips_of
from explorer.controls.sheet import Action, Group, Row, Sheet, quantity_row, refusal, track
from explorer.controls.stimulus_panel import fresh
from explorer.state import Explorer, opening_settings, settings_of
from models.stimulus import kinds


class _Hand:
    """Stands for the browser: sends the messages that sheet.js sends."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def move(self, name: str, value: Any) -> None:
        self.sheet._handle_msg({"event": "move", "name": name, "value": value, "number": 1})

    def type_nonsense(self, name: str, text: str) -> None:
        self.sheet._handle_msg({"event": "refuse", "name": name, "text": text})

    def press(self, name: str) -> None:
        self.sheet._handle_msg({"event": "press", "name": name})

    def ask_default(self, name: str) -> None:
        self.sheet._handle_msg({"event": "default", "name": name})

    def sees(self) -> dict[str, dict[str, Any]]:
        """The rows on the screen by name."""
        rows = [row for group in self.sheet.groups for row in group["rows"]]
        return {row["name"]: row for row in rows if row["name"] not in self.sheet.hidden}

    def buttons(self) -> set[str]:
        return {action["label"] for group in self.sheet.groups for action in group["actions"]}


def _runs(explorer: Explorer) -> list[models.Run]:
    """A list that grows by every simulation from now on."""
    runs: list[models.Run] = []
    explorer.param.watch(lambda event: runs.append(event.new), "run")
    return runs


def _explorer(model: str = "Izhikevich", preset: str | None = None) -> Explorer:
    if preset is None:
        return Explorer(opening_settings(model))
    return Explorer(settings_of(models.catalogue[model].presets()[preset]))


# --- rows ------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", models.catalogue)
def test_every_parameter_of_a_model_has_a_row(model: str) -> None:
    explorer = _explorer(model)
    explorer.level = "all"
    seen = _Hand(controls.ParameterPanel(explorer).sheet).sees()
    declared = models.catalogue[model]
    for name, quantity in declared.quantities().items():
        row = seen[name]
        assert (row["label"], row["unit"], row["doc"]) == (
            quantity.label,
            quantity.unit,
            quantity.doc,
        )
        assert (row["least"], row["most"]) == quantity.bounds
        assert row["low"] < row["high"]
        assert row["step"] > 0
    for name, choice in declared.choices().items():
        assert [option["value"] for option in seen[name]["options"]] == list(choice.objects)


@pytest.mark.parametrize("model", models.catalogue)
@pytest.mark.parametrize("kind", kinds)
def test_every_stimulus_can_be_edited_for_every_model(model: str, kind: str) -> None:
    explorer = _explorer(model)
    explorer.set_stimulus(fresh(kinds[kind], models.catalogue[model]))
    seen = _Hand(controls.StimulusPanel(explorer).sheet).sees()
    for name in kinds[kind].setting_names():
        assert f"0.{name}" in seen
    for row in seen.values():
        assert row["unit"] != "current"
        assert row["kind"] != "slider" or row["low"] < row["high"]


@pytest.mark.parametrize(
    ("low", "high", "log", "starts"),
    [
        (1.0, 99.0, False, 1.0),
        (1.0, 100.0, True, 1.0),
        (0.0, 1e6, False, 0.0),
        (-1.0, 1e6, False, -1.0),
        (1e-6, 10.0, True, 1e-3),
    ],
)
def test_a_track_is_logarithmic_over_two_decades_and_spans_four_at_most(
    low: float, high: float, log: bool, starts: float
) -> None:
    row = track("x", "X", low, high)
    assert row.log is log
    assert row.low == pytest.approx(starts)
    assert row.high == high


@pytest.mark.parametrize(("span", "step"), [(500.0, 2.0), (1.0, 0.005), (80.0, 0.2), (3e5, 1e3)])
def test_a_step_not_declared_is_a_round_two_hundredth_of_the_track(
    span: float, step: float
) -> None:
    assert track("x", "X", 0.0, span).step == step


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("fast", "`a` is fast: give a number in 1/ms."),
        ("  ", "`a` is empty: give a number in 1/ms."),
        ("nan", "`a` is nan: give a number in 1/ms."),
        ("9", "`a` is 9 1/ms: choose 5 or less."),
        ("-1,5", "`a` is -1.5 1/ms: choose -1 or more."),
    ],
)
def test_a_refusal_names_the_value_and_the_way_out(text: str, sentence: str) -> None:
    row = quantity_row("a", models.Izhikevich.quantities()["a"])
    assert refusal(row, text) == sentence


def test_a_whole_number_is_asked_for_where_one_is_needed() -> None:
    row = quantity_row("0.count", kinds["Pulses"].quantities()["count"])
    assert refusal(row, "2.5") == "`count` is 2.5: give a whole number."
    assert row.taken(2.0) == 2
    assert isinstance(row.taken(2.0), int)


def test_numbers_from_the_browser_are_floats_and_words_stay() -> None:
    assert isinstance(Row("x", "X").taken(-50), float)
    assert Row("x", "X", "choice").taken("tanh") == "tanh"


# --- the sheet -------------------------------------------------------------------------------


def test_a_movement_is_not_sent_back_to_the_browser() -> None:
    sheet = Sheet(lambda name, value: None)
    sheet.arrange([Group("", (Row("x", "X"),))], values={"x": 0.0})
    changes: list[Any] = []
    sheet.param.watch(lambda event: changes.append(event.new), "values")
    _Hand(sheet).move("x", 0.5)
    assert sheet.values == {"x": 0.5}
    sheet.update(values={"x": 0.5})
    assert changes == []
    sheet.update(values={"x": 0.0})
    assert changes == [{"x": 0.0}]


def test_messages_about_rows_that_are_gone_are_dropped() -> None:
    moves: list[str] = []
    sheet = Sheet(lambda name, value: moves.append(name))
    sheet.arrange([Group("", (Row("x", "X"),), (Action("go", "Go", "Go"),))])
    sheet.arrange([Group("", (Row("y", "Y"),))])
    _Hand(sheet).move("x", 1.0)
    _Hand(sheet).move("y", 1.0)
    assert moves == ["y"]


def test_the_same_groups_are_not_drawn_twice() -> None:
    sheet = Sheet(lambda name, value: None)
    drawn: list[Any] = []
    sheet.param.watch(lambda event: drawn.append(event.new), "groups")
    for _ in range(2):
        sheet.arrange([Group("", (Row("x", "X"),))])
    sheet.arrange([Group("", (Row("x", "X", doc="another"),))])
    assert len(drawn) == 2


# --- parameters ------------------------------------------------------------------------------


def test_a_movement_is_one_simulation() -> None:
    explorer = _explorer()
    panels = [
        controls.ModelPanel(explorer),
        controls.StimulusPanel(explorer),
        controls.ParameterPanel(explorer),
        controls.NumericsPanel(explorer),
    ]
    runs = _runs(explorer)
    _Hand(panels[2].sheet).move("c", -50)
    assert [run.cell.parameters["c"] for run in runs] == [-50.0]
    _Hand(panels[3].sheet).move("dt", 0.05)
    _Hand(panels[1].sheet).move("0.amplitude", 12)
    _Hand(panels[0].sheet).move("preset", "chattering")
    _Hand(panels[0].sheet).move("model", "HodgkinHuxley")
    assert len(runs) == 5


def test_basic_shows_what_is_basic_and_what_the_preset_changes() -> None:
    panel = controls.ParameterPanel(_explorer(preset="regular-spiking"))
    basic = {n for n, q in models.Izhikevich.quantities().items() if q.level == "basic"}
    assert set(_Hand(panel.sheet).sees()) == basic | {"level"}
    explorer = _explorer(preset="class-1")
    shown = set(_Hand(controls.ParameterPanel(explorer).sheet).sees())
    changed = {
        name
        for name, quantity in models.Izhikevich.quantities().items()
        if explorer.settings.parameters[name] != quantity.default
    }
    assert {"k0", "k1"} <= changed
    assert shown == basic | changed | {"level"}


def test_a_row_does_not_vanish_under_the_hand() -> None:
    explorer = _explorer(preset="class-1")
    hand = _Hand(controls.ParameterPanel(explorer).sheet)
    hand.move("k1", models.Izhikevich.quantities()["k1"].default)
    assert "k1" in hand.sees()
    explorer.choose_preset("regular-spiking")
    assert "k1" not in hand.sees()


def test_the_level_is_the_explorers() -> None:
    explorer = _explorer()
    hand = _Hand(controls.ParameterPanel(explorer).sheet)
    hand.move("level", "all")
    assert explorer.level == "all"
    assert set(hand.sees()) == {*models.Izhikevich.quantities(), "level"}
    explorer.level = "basic"
    assert hand.sheet.values["level"] == "basic"
    assert "k0" not in hand.sees()


def test_a_double_click_goes_to_the_value_of_the_preset() -> None:
    explorer = _explorer(preset="chattering")
    sheet = controls.ParameterPanel(explorer).sheet
    assert sheet.defaults["c"] == -50.0
    explorer.choose_preset("regular-spiking")
    assert sheet.defaults["c"] == -65.0


def test_what_was_typed_in_vain_is_said_and_then_forgotten() -> None:
    explorer = _explorer()
    hand = _Hand(controls.ParameterPanel(explorer).sheet)
    hand.type_nonsense("a", "fast")
    assert hand.sheet.notes == {"a": "`a` is fast: give a number in 1/ms."}
    assert explorer.settings.parameters["a"] == 0.02
    hand.move("a", 0.03)
    assert hand.sheet.notes == {}


def test_parameters_that_do_not_go_together_are_said_once_and_the_picture_stays() -> None:
    explorer = _explorer()
    hand = _Hand(controls.ParameterPanel(explorer).sheet)
    runs = _runs(explorer)
    hand.move("c", 35.0)
    hand.move("a", 0.03)
    assert list(hand.sheet.notes) == ["c"]
    assert runs == []
    hand.move("v_peak", 34.0)
    assert list(hand.sheet.notes) == ["v_peak"]
    hand.move("v_peak", 40.0)
    assert hand.sheet.notes == {}
    assert runs[-1].cell.parameters["c"] == 35.0


def test_reset_of_a_group_leaves_the_others() -> None:
    explorer = _explorer()
    hand = _Hand(controls.ParameterPanel(explorer).sheet)
    hand.move("a", 0.1)
    hand.move("c", -50.0)
    assert "Reset Recovery" in hand.buttons()
    hand.press("Recovery")
    assert (explorer.settings.parameters["a"], explorer.settings.parameters["c"]) == (0.02, -50.0)
    assert hand.sheet.values["a"] == 0.02


# --- model and presets -----------------------------------------------------------------------


def test_presets_are_named_by_their_titles() -> None:
    for model in models.catalogue.values():
        chips = {chip.value: chip for chip in chips_of(model)}
        assert list(chips) == list(model.presets())
        for slug, preset in model.presets().items():
            assert (chips[slug].label or chips[slug].text) == preset.title


def test_a_shared_remark_becomes_a_heading() -> None:
    chips = {chip.value: chip for chip in chips_of(models.Izhikevich)}
    tonic = chips["tonic-spiking"]
    assert (tonic.text, tonic.heading) == ("Tonic spiking", "2004")
    assert tonic.label == "Tonic spiking (2004, A)"
    assert chips["chattering"].heading == ""


def test_the_model_panel_says_which_preset_and_whether_it_is_modified() -> None:
    explorer = _explorer(preset="chattering")
    hand = _Hand(controls.ModelPanel(explorer).sheet)
    assert hand.sheet.values["preset"] == "chattering"
    assert hand.sheet.values["note"] == models.Izhikevich.presets()["chattering"].note
    assert hand.sheet.marks == {}
    explorer.set_parameter("a", 0.03)
    assert hand.sheet.marks == {"preset": "modified"}
    hand.press("all")
    assert hand.sheet.marks == {}
    hand.move("model", "LIF")
    assert explorer.settings.model == "LIF"
    assert hand.sheet.values["preset"] == explorer.settings.preset
    assert [option["value"] for option in hand.sees()["preset"]["options"]] == list(
        models.LIF.presets()
    )


# --- stimulus --------------------------------------------------------------------------------


def test_another_kind_keeps_what_it_can() -> None:
    explorer = _explorer()
    explorer.set_stimulus(models.Step(amplitude=17.0, onset=35.0, baseline=2.0))
    hand = _Hand(controls.StimulusPanel(explorer).sheet)
    hand.move("0.kind", "Pulses")
    assert explorer.settings.stimulus.settings["amplitude"] == 17.0
    assert explorer.settings.stimulus.settings["onset"] == 35.0
    hand.move("0.kind", "Ramp")
    assert explorer.settings.stimulus.settings["stop"] == 17.0
    assert explorer.settings.stimulus.settings["onset"] == 35.0
    hand.move("0.kind", "Chirp")
    assert explorer.settings.stimulus.settings["amplitude"] == 17.0
    assert explorer.settings.stimulus.settings["stop"] == 100.0  # Hz, another thing


@pytest.mark.parametrize("model", models.catalogue)
@pytest.mark.parametrize("kind", kinds)
def test_a_fresh_stimulus_is_in_the_range_of_the_models_current(model: str, kind: str) -> None:
    made = fresh(kinds[kind], models.catalogue[model])
    low, high = models.catalogue[model].current.softbounds
    for name, quantity in made.quantities().items():
        if quantity.unit == "current":
            assert low <= made.settings[name] <= high


def test_stimuli_are_added_and_removed() -> None:
    explorer = _explorer()
    hand = _Hand(controls.StimulusPanel(explorer).sheet)
    before = explorer.settings.stimulus
    hand.press("add")
    assert [type(part) for part in explorer.settings.stimulus.parts()] == [
        type(before),
        models.Pulses,
    ]
    assert {"Remove Stimulus 1", "Remove Stimulus 2"} <= hand.buttons()
    hand.move("1.width", 12)
    assert explorer.settings.stimulus.parts()[1].settings["width"] == 12.0
    hand.press("remove:1")
    assert explorer.settings.stimulus == before
    assert "Remove Stimulus 1" not in hand.buttons()
    hand.move("0.amplitude", 1)
    hand.press("reset")
    assert explorer.settings.stimulus == before


def test_a_stimulus_that_cannot_be_is_said_at_its_row() -> None:
    explorer = _explorer()
    hand = _Hand(controls.StimulusPanel(explorer).sheet)
    before = explorer.settings.stimulus
    hand.move("0.onset", -5.0)
    assert "`onset` is -5 ms" in hand.sheet.notes["0.onset"]
    assert explorer.settings.stimulus == before
    hand.type_nonsense("0.amplitude", "much")
    assert "`amplitude` is much" in hand.sheet.notes["0.amplitude"]


def test_times_of_a_stimulus_span_the_run() -> None:
    explorer = _explorer()
    hand = _Hand(controls.StimulusPanel(explorer).sheet)
    explorer.set_numerics(duration=120.0)
    assert hand.sees()["0.onset"]["high"] == 120.0


def test_samples_are_shown_as_words() -> None:
    explorer = _explorer()
    hand = _Hand(controls.StimulusPanel(explorer).sheet)
    explorer.show(replace(explorer.settings, stimulus=models.Samples([0.0] * 1500)))
    assert hand.sheet.values["0.samples"] == "Recorded samples, 1,500 steps."
    assert hand.sheet.values["0.kind"] == "Samples"


# --- numerics --------------------------------------------------------------------------------


@pytest.mark.parametrize("model", models.catalogue)
def test_every_method_of_a_model_can_be_chosen_and_laid_over(model: str) -> None:
    hand = _Hand(controls.NumericsPanel(_explorer(model)).sheet)
    offered = [option["value"] for option in hand.sees()["method"]["options"]]
    assert offered == list(models.methods(models.catalogue[model]))
    overlays = [option["value"] for option in hand.sees()["overlay"]["options"]]
    assert overlays == ["none", *offered]


def test_the_numerics_reach_the_settings_and_come_back() -> None:
    explorer = _explorer()
    hand = _Hand(controls.NumericsPanel(explorer).sheet)
    origin = explorer.settings
    for name, value in [
        ("method", "midpoint"),
        ("dt", 0.05),
        ("duration", 90),
        ("overlay", "euler"),
    ]:
        hand.move(name, value)
        assert getattr(explorer.settings, name) == value
    assert explorer.overlay is not None
    hand.move("overlay", "none")
    assert explorer.settings.overlay == ""
    hand.press("Numerics")
    assert explorer.settings == origin


def test_the_seed_is_there_when_something_is_random() -> None:
    explorer = _explorer()
    hand = _Hand(controls.NumericsPanel(explorer).sheet)
    assert "seed" not in hand.sees()
    explorer.set_stimulus(models.Constant(5.0) + models.Noise())
    assert "seed" in hand.sees()
    assert "New noise" in hand.buttons()
    before = explorer.settings.seed
    hand.press("noise")
    assert explorer.settings.seed != before
    assert "seed" in _Hand(controls.NumericsPanel(_explorer("LeakyNoise")).sheet).sees()


def test_the_initial_state_is_where_the_run_starts() -> None:
    explorer = Explorer(replace(opening_settings("Izhikevich"), initial={}))
    hand = _Hand(controls.NumericsPanel(explorer).sheet)
    assert hand.sheet.values["initial:v"] == explorer.run["v"][0]
    explorer.set_parameter("b", 0.25)
    assert hand.sheet.values["initial:u"] == explorer.run["u"][0]
    hand.move("initial:u", -3)
    assert explorer.run["u"][0] == -3.0
    hand.ask_default("initial:u")
    assert "u" not in explorer.settings.initial
    assert hand.sheet.values["initial:u"] == explorer.run["u"][0] != -3.0


def test_numerics_that_cannot_work_are_said_at_the_control() -> None:
    explorer = _explorer("LIF")
    hand = _Hand(controls.NumericsPanel(explorer).sheet)
    hand.move("dt", 50.0)
    assert "overshoots" in hand.sheet.notes["dt"]
    hand.type_nonsense("duration", "long")
    assert "`duration` is long: give a number in ms." in hand.sheet.notes["duration"]
    hand.move("dt", 0.1)
    assert hand.sheet.notes == {}
