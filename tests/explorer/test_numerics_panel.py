"""Method, time step, duration, seed and initial state, without a browser."""

from __future__ import annotations

from dataclasses import replace

import pytest

import models
from explorer import controls
from explorer.state import Explorer, opening_settings

from .hand import Hand, opened


@pytest.mark.parametrize("model", models.catalogue)
def test_every_method_of_a_model_can_be_chosen_and_laid_over(model: str) -> None:
    hand = Hand(controls.NumericsPanel(opened(model)).sheet)
    offered = [option["value"] for option in hand.sees()["method"]["options"]]
    assert offered == list(models.methods(models.catalogue[model]))
    overlays = [option["value"] for option in hand.sees()["overlay"]["options"]]
    assert overlays == ["none", *offered]


def test_the_numerics_reach_the_settings_and_come_back() -> None:
    explorer = opened()
    hand = Hand(controls.NumericsPanel(explorer).sheet)
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
    explorer = opened()
    hand = Hand(controls.NumericsPanel(explorer).sheet)
    assert "seed" not in hand.sees()
    explorer.set_stimulus(models.Constant(5.0) + models.Noise())
    assert "seed" in hand.sees()
    assert "New noise" in hand.buttons()
    before = explorer.settings.seed
    hand.press("noise")
    assert explorer.settings.seed != before
    assert "seed" in Hand(controls.NumericsPanel(opened("LeakyNoise")).sheet).sees()


def test_the_initial_state_is_where_the_run_starts() -> None:
    explorer = Explorer(replace(opening_settings("Izhikevich"), initial={}))
    hand = Hand(controls.NumericsPanel(explorer).sheet)
    assert hand.sheet.values["initial:v"] == explorer.run["v"][0]
    explorer.set_parameter("b", 0.25)
    assert hand.sheet.values["initial:u"] == explorer.run["u"][0]
    hand.move("initial:u", -3)
    assert explorer.run["u"][0] == -3.0
    hand.ask_default("initial:u")
    assert "u" not in explorer.settings.initial
    assert hand.sheet.values["initial:u"] == explorer.run["u"][0] != -3.0


def test_numerics_that_cannot_work_are_said_at_the_control() -> None:
    explorer = opened("LIF")
    hand = Hand(controls.NumericsPanel(explorer).sheet)
    hand.move("dt", 50.0)
    assert "overshoots" in hand.sheet.notes["dt"]
    hand.type_nonsense("duration", "long")
    assert "`duration` is long: give a number in ms." in hand.sheet.notes["duration"]
    hand.move("dt", 0.1)
    assert hand.sheet.notes == {}
