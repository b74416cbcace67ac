"""A sheet of controls: tracks, refusals, and what goes to the browser and what does not."""

from __future__ import annotations

from typing import Any

import pytest

import models
from explorer.controls.sheet import Action, Group, Row, Sheet, quantity_row, refusal, track
from models.stimulus import kinds

from .hand import Hand

# --- rows --------------------------------------------------------------------------------------


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


# --- the sheet ---------------------------------------------------------------------------------


def test_a_movement_is_not_sent_back_to_the_browser() -> None:
    sheet = Sheet(lambda name, value: None)
    sheet.arrange([Group("", (Row("x", "X"),))], values={"x": 0.0})
    changes: list[Any] = []
    sheet.param.watch(lambda event: changes.append(event.new), "values")
    Hand(sheet).move("x", 0.5)
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
    Hand(sheet).move("x", 1.0)
    Hand(sheet).move("y", 1.0)
    assert moves == ["y"]


def test_the_same_groups_are_not_drawn_twice() -> None:
    sheet = Sheet(lambda name, value: None)
    drawn: list[Any] = []
    sheet.param.watch(lambda event: drawn.append(event.new), "groups")
    for _ in range(2):
        sheet.arrange([Group("", (Row("x", "X"),))])
    sheet.arrange([Group("", (Row("x", "X", doc="another"),))])
    assert len(drawn) == 2
