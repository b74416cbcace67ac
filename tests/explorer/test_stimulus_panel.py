"""The stimulus editor, without a browser."""

from __future__ import annotations

from dataclasses import replace

import pytest

import models
from explorer import controls
from explorer.controls.stimulus_panel import fresh
from models.stimulus import kinds

from .hand import Hand, opened


@pytest.mark.parametrize("model", models.catalogue)
@pytest.mark.parametrize("kind", kinds)
def test_every_stimulus_can_be_edited_for_every_model(model: str, kind: str) -> None:
    explorer = opened(model)
    explorer.set_stimulus(fresh(kinds[kind], models.catalogue[model]))
    seen = Hand(controls.StimulusPanel(explorer).sheet).sees()
    for name in kinds[kind].setting_names():
        assert f"0.{name}" in seen
    for row in seen.values():
        assert row["unit"] != "current"
        assert row["kind"] != "slider" or row["low"] < row["high"]


def test_another_kind_keeps_what_it_can() -> None:
    explorer = opened()
    explorer.set_stimulus(models.Step(amplitude=17.0, onset=35.0, baseline=2.0))
    hand = Hand(controls.StimulusPanel(explorer).sheet)
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
    explorer = opened()
    hand = Hand(controls.StimulusPanel(explorer).sheet)
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
    explorer = opened()
    hand = Hand(controls.StimulusPanel(explorer).sheet)
    before = explorer.settings.stimulus
    hand.move("0.onset", -5.0)
    assert "`onset` is -5 ms" in hand.sheet.notes["0.onset"]
    assert explorer.settings.stimulus == before
    hand.type_nonsense("0.amplitude", "much")
    assert "`amplitude` is much" in hand.sheet.notes["0.amplitude"]


def test_times_of_a_stimulus_span_the_run() -> None:
    explorer = opened()
    hand = Hand(controls.StimulusPanel(explorer).sheet)
    explorer.set_numerics(duration=120.0)
    assert hand.sees()["0.onset"]["high"] == 120.0


def test_samples_are_shown_as_words() -> None:
    explorer = opened()
    hand = Hand(controls.StimulusPanel(explorer).sheet)
    explorer.show(replace(explorer.settings, stimulus=models.Samples([0.0] * 1500)))
    assert hand.sheet.values["0.samples"] == "Recorded samples, 1,500 steps."
    assert hand.sheet.values["0.kind"] == "Samples"
