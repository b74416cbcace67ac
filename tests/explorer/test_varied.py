"""What an axis can stand for: names, present values, ranges, and going there."""

from __future__ import annotations

import pytest

import models
from explorer import varied
from explorer.state import Explorer, opening_settings
from models import Chirp, Constant, Noise, Poisson, Pulses, Ramp, Samples, Sine, Step


@pytest.mark.parametrize("model", models.catalogue)
def test_every_quantity_can_be_varied_over_the_range_of_its_slider(model):
    found = varied.varied_of(models.catalogue[model])
    assert list(found) == ["current", *models.catalogue[model].quantities()]
    for quantity in found.values():
        assert quantity.low < quantity.high
        assert quantity.symbol
        assert "\\" not in quantity.axis
    assert len({quantity.title for quantity in found.values()}) == len(found)


@pytest.mark.parametrize("model", models.catalogue)
def test_going_somewhere_is_being_there(model):
    explorer = Explorer(opening_settings(model))
    for name, quantity in varied.varied_of(models.catalogue[model]).items():
        goal = varied.rounded(0.6 * quantity.low + 0.4 * quantity.high, quantity.low, quantity.high)
        varied.go_to(explorer, name, goal)
        assert varied.present(explorer.settings, name) == goal


@pytest.mark.parametrize(
    ("stimulus", "level"),
    [
        (Constant(3.0), 3.0),
        (Step(4.0, 10.0, 1.0), 4.0),
        (Pulses(5.0), 5.0),
        (Ramp(0.0, 6.0), 6.0),
        (Sine(1.0, 10.0, 7.0), 7.0),
        (Chirp(1.0, baseline=8.0), 8.0),
        (Noise(2.0, 5.0, 9.0), 9.0),
        (Poisson(200.0, 1.0, 2.0, 10.0), 10.0),
        (Samples([1.0, 2.0, 3.0]), 2.0),
        (Step(4.0) + Noise(1.0), 4.0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, models.Stimulus) else "",
)
def test_the_current_of_a_stimulus_is_what_a_hand_would_call_so(stimulus, level):
    explorer = Explorer()
    explorer.set_stimulus(stimulus)
    assert varied.present(explorer.settings, "current") == level
    varied.go_to(explorer, "current", 11.0)
    assert varied.present(explorer.settings, "current") == 11.0
    assert len(explorer.settings.stimulus.parts()) == len(stimulus.parts())


def test_an_axis_widens_for_a_value_typed_beyond_the_slider():
    current = varied.varied_of(models.LIF)["current"]
    assert varied.around(current, 100.0) == (-200.0, 800.0)
    low, high = varied.around(current, 2000.0)
    assert low == -200.0
    assert high > 2000.0
    low, high = varied.around(current, -500.0)
    assert low < -500.0
    assert high == 800.0


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (12.34567, 0.0, 200.0, 12.3),
        (0.0123456, 0.0, 0.2, 0.0123),
        (7.0, 0.0, 5.0, 5.0),
        (-1234.56, -2000.0, 0.0, -1235.0),
    ],
)
def test_a_click_means_about_a_thousandth_of_the_axis(value, low, high, expected):
    assert varied.rounded(value, low, high) == expected


def test_a_value_is_written_with_its_symbol_and_unit():
    current = varied.varied_of(models.LIF)["current"]
    assert current.axis == "I (pA)"
    assert current.value(10.0) == "I = 10 pA"
