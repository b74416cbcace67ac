"""Sliders under real hands: keys, a dragged mouse, typed text, double clicks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

import models

from .control_room import Room

# --- keys --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ArrowRight", -64.5),
        ("ArrowUp", -64.5),
        ("ArrowLeft", -65.5),
        ("ArrowDown", -65.5),
        ("Shift+ArrowRight", -60.0),
        ("Control+ArrowRight", -64.95),
        ("PageDown", -70.0),
        ("Home", -80.0),
        ("End", -40.0),
    ],
)
def test_keys_step_a_slider(key: str, value: float, enter: Callable[..., Room]) -> None:
    room = enter()
    room.slider("Reset potential").press(key)
    room.asked(c=value)
    expect(room.field("Reset potential")).to_have_value(f"{value:g}")
    expect(room.slider("Reset potential")).to_have_attribute("aria-valuetext", f"{value:g} mV")


def test_arrow_keys_step_beyond_the_track_up_to_what_is_valid(enter: Callable[..., Room]) -> None:
    room = enter()
    field = room.field("Recovery rate")
    field.fill("4.995")
    field.press("Enter")
    room.asked(a=4.995)
    slider = room.slider("Recovery rate")
    slider.press("Shift+ArrowRight")
    room.asked(a=5.0)
    expect(field).to_have_value("5")


def test_keys_on_a_logarithmic_track_step_in_the_second_digit(enter: Callable[..., Room]) -> None:
    room = enter()
    slider, field = room.slider("Time step"), room.field("Time step")
    for key, value in [
        ("ArrowRight", "0.11"),
        ("ArrowLeft", "0.1"),
        ("ArrowLeft", "0.099"),
        ("Shift+ArrowLeft", "0.089"),
        ("Control+ArrowRight", "0.0891"),
    ]:
        slider.press(key)
        expect(field).to_have_value(value)


# --- mouse -------------------------------------------------------------------------------------


def test_a_drag_ends_where_the_hand_stops(enter: Callable[..., Room]) -> None:
    room = enter()
    room.drag(room.slider("Reset potential"), [0.375, 0.5, 0.6, 0.75])
    room.asked(c=-50.0)
    expect(room.field("Reset potential")).to_have_value("-50")


def test_a_slider_that_goes_ahead_of_the_frame_goes_where_the_browser_will_put_it(
    enter: Callable[..., Room],
) -> None:
    """Once without what the page does ahead of the browser, once without what the browser does."""
    ways = {
        "the browser": "(range) => { range.onpointerrawupdate = null }",
        "the page": "(range) => range.addEventListener("
        "'mousemove', (event) => event.preventDefault(), {capture: true})",
    }
    reached: dict[str, list[str]] = {}
    for who, way in ways.items():
        room = enter()
        slider, field = room.slider("Reset potential"), room.field("Reset potential")
        slider.evaluate(way)
        reached[who] = []
        for begin, end in ((0.375, 0.81), (0.81, 0.213), (0.213, 0.0), (0.0, 1.0), (1.0, 0.5)):
            room.drag(slider, [begin, end])
            reached[who].append(field.input_value())
    assert reached["the page"] == reached["the browser"]
    assert len(set(reached["the page"])) == 5


def test_movements_within_a_frame_share_a_message_and_the_last_is_kept(
    enter: Callable[..., Room],
) -> None:
    room = enter()
    asked: list[float] = []
    room.explorer.param.watch(lambda event: asked.append(event.new.parameters["c"]), "settings")
    room.slider("Reset potential").evaluate(
        """(slider) => {
            for (let c = -64; c <= -45; c += 1) {
                slider.value = c
                slider.dispatchEvent(new Event("input"))
            }
        }"""
    )
    room.asked(c=-45)
    assert asked == [-64, -45]


def test_a_value_from_python_does_not_fight_the_hand(enter: Callable[..., Room]) -> None:
    room = enter()
    slider, field = room.slider("Reset potential"), room.field("Reset potential")
    room.drag(slider, [0.375, 0.5], drop=False)
    expect(field).to_have_value("-60")
    room.asked(c=-60)
    room.in_server(lambda: room.explorer.set_parameter("c", -55.0))
    room.asked(c=-55)
    expect(field).to_have_value("-60")
    room.page.mouse.up()
    expect(field).to_have_value("-55")
    assert slider.input_value() == "-55"


def test_a_double_click_returns_to_the_value_of_the_preset(enter: Callable[..., Room]) -> None:
    room = enter()
    room.page.get_by_role("radio", name="Chattering", exact=True).click()
    room.asked(c=-50.0)
    room.drag(room.slider("Reset potential"), [0.75, 0.25])
    room.asked(c=-70)
    room.slider("Reset potential").dblclick()
    room.asked(c=-50.0)
    field = room.field("Reset potential")
    field.fill("-61")
    field.press("Enter")
    room.asked(c=-61)
    field.dblclick()
    room.asked(c=-50.0)


# --- typing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "value"), [("-58.25", -58.25), ("−62", -62), ("-5e1", -50)])
@pytest.mark.parametrize("key", ["Enter", "Tab"])
def test_a_typed_value_is_taken(
    text: str, value: float, key: str, enter: Callable[..., Room]
) -> None:
    room = enter()
    room.field("Reset potential").fill(text)
    room.field("Reset potential").press(key)
    room.asked(c=value)


def test_a_typed_value_may_lie_beyond_the_track(enter: Callable[..., Room]) -> None:
    room = enter()
    field = room.field("Recovery rate")
    field.fill("0.5")
    field.press("Enter")
    room.asked(a=0.5)
    expect(field).to_have_value("0.5")
    assert room.slider("Recovery rate").input_value() == "0.2"  # its end
    expect(room.slider("Recovery rate")).to_have_attribute("aria-valuetext", "0.5 1/ms")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("fast", "a is fast: give a number in 1/ms."),
        ("", "a is empty: give a number in 1/ms."),
        ("7", "a is 7 1/ms: choose 5 or less."),
    ],
)
def test_text_that_is_no_value_stays_beside_a_sentence(
    text: str, sentence: str, enter: Callable[..., Room]
) -> None:
    room = enter()
    field = room.field("Recovery rate")
    field.fill(text)
    field.press("Enter")
    expect(room.note("a")).to_have_text(sentence)
    expect(field).to_have_value(text)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        f"{models.Izhikevich.quantities()['a'].doc} {sentence}"
    )
    assert room.explorer.settings.parameters["a"] == 0.02
    field.fill("0.03")
    field.press("Enter")
    room.asked(a=0.03)
    expect(room.note("a")).to_be_empty()
    expect(field).to_have_attribute("aria-invalid", "false")


def test_escape_takes_typed_text_back(enter: Callable[..., Room]) -> None:
    room = enter()
    field = room.field("Recovery rate")
    field.fill("0.1")
    field.press("Escape")
    expect(field).to_have_value("0.02")
    field.fill("nonsense")
    field.press("Enter")
    expect(room.note("a")).not_to_be_empty()
    field.press("Escape")
    expect(field).to_have_value("0.02")
    expect(room.note("a")).to_be_empty()


def test_values_that_do_not_go_together_are_said_at_the_control_that_was_touched(
    enter: Callable[..., Room],
) -> None:
    room = enter()
    field = room.field("Reset potential")
    field.fill("35")
    field.press("Enter")
    expect(room.note("c")).to_contain_text("c is 35 mV but the spike peak v_peak is 30 mV")
    room.slider("Recovery rate").press("ArrowRight")
    expect(room.field("Recovery rate")).to_have_value("0.021")
    expect(room.note("a")).to_be_empty()
    expect(room.note("c")).not_to_be_empty()
    room.slider("Reset potential").press("Home")
    expect(room.note("c")).to_be_empty()
    room.asked(a=0.021, c=-80)
