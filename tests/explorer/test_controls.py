"""The parameters, models and presets that the controls ask for, without a browser."""

from __future__ import annotations

import pytest

import models
from explorer import controls
from explorer.controls.model_panel import chips_of
from explorer.state import Explorer

from .hand import Hand, opened


def runs_of(explorer: Explorer) -> list[models.Run]:
    """A list that grows by every simulation from now on."""
    runs: list[models.Run] = []
    explorer.param.watch(lambda event: runs.append(event.new), "run")
    return runs


# --- parameters --------------------------------------------------------------------------------


@pytest.mark.parametrize("model", models.catalogue)
def test_every_parameter_of_a_model_has_a_row(model: str) -> None:
    explorer = opened(model)
    explorer.level = "all"
    seen = Hand(controls.ParameterPanel(explorer).sheet).sees()
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


def test_a_movement_is_one_simulation() -> None:
    explorer = opened()
    panels = [
        controls.ModelPanel(explorer),
        controls.StimulusPanel(explorer),
        controls.ParameterPanel(explorer),
        controls.NumericsPanel(explorer),
    ]
    runs = runs_of(explorer)
    Hand(panels[2].sheet).move("c", -50)
    assert [run.cell.parameters["c"] for run in runs] == [-50.0]
    Hand(panels[3].sheet).move("dt", 0.05)
    Hand(panels[1].sheet).move("0.amplitude", 12)
    Hand(panels[0].sheet).move("preset", "chattering")
    Hand(panels[0].sheet).move("model", "HodgkinHuxley")
    assert len(runs) == 5


def test_basic_shows_what_is_basic_and_what_the_preset_changes() -> None:
    panel = controls.ParameterPanel(opened(preset="regular-spiking"))
    basic = {n for n, q in models.Izhikevich.quantities().items() if q.level == "basic"}
    assert set(Hand(panel.sheet).sees()) == basic | {"level"}
    explorer = opened(preset="class-1")
    shown = set(Hand(controls.ParameterPanel(explorer).sheet).sees())
    changed = {
        name
        for name, quantity in models.Izhikevich.quantities().items()
        if explorer.settings.parameters[name] != quantity.default
    }
    assert {"k0", "k1"} <= changed
    assert shown == basic | changed | {"level"}


def test_a_row_does_not_vanish_under_the_hand() -> None:
    explorer = opened(preset="class-1")
    hand = Hand(controls.ParameterPanel(explorer).sheet)
    hand.move("k1", models.Izhikevich.quantities()["k1"].default)
    assert "k1" in hand.sees()
    explorer.choose_preset("regular-spiking")
    assert "k1" not in hand.sees()


def test_the_level_is_the_explorers() -> None:
    explorer = opened()
    hand = Hand(controls.ParameterPanel(explorer).sheet)
    hand.move("level", "all")
    assert explorer.level == "all"
    assert set(hand.sees()) == {*models.Izhikevich.quantities(), "level"}
    explorer.level = "basic"
    assert hand.sheet.values["level"] == "basic"
    assert "k0" not in hand.sees()


def test_a_double_click_goes_to_the_value_of_the_preset() -> None:
    explorer = opened(preset="chattering")
    sheet = controls.ParameterPanel(explorer).sheet
    assert sheet.defaults["c"] == -50.0
    explorer.choose_preset("regular-spiking")
    assert sheet.defaults["c"] == -65.0


def test_what_was_typed_in_vain_is_said_and_then_forgotten() -> None:
    explorer = opened()
    hand = Hand(controls.ParameterPanel(explorer).sheet)
    hand.type_nonsense("a", "fast")
    assert hand.sheet.notes == {"a": "`a` is fast: give a number in 1/ms."}
    assert explorer.settings.parameters["a"] == 0.02
    hand.move("a", 0.03)
    assert hand.sheet.notes == {}


def test_parameters_that_do_not_go_together_are_said_once_and_the_picture_stays() -> None:
    explorer = opened()
    hand = Hand(controls.ParameterPanel(explorer).sheet)
    runs = runs_of(explorer)
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
    explorer = opened()
    hand = Hand(controls.ParameterPanel(explorer).sheet)
    hand.move("a", 0.1)
    hand.move("c", -50.0)
    assert "Reset Recovery" in hand.buttons()
    hand.press("Recovery")
    assert (explorer.settings.parameters["a"], explorer.settings.parameters["c"]) == (0.02, -50.0)
    assert hand.sheet.values["a"] == 0.02


# --- model and presets -------------------------------------------------------------------------


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
    explorer = opened(preset="chattering")
    hand = Hand(controls.ModelPanel(explorer).sheet)
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
