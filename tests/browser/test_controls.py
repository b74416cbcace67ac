"""The controls under real hands: keys, a dragged mouse, typed text, double clicks, fingers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import panel as pn
import panel_material_ui as pmui
import pytest
from bokeh.document import Document
from playwright.sync_api import Locator, Page, expect
from tornado.ioloop import IOLoop

import models
from explorer import controls
from explorer.state import Explorer, opening_settings

from .conftest import PHONE


@dataclass
class Room:
    """A page with all controls, and the explorer that they drive."""

    page: Page
    explorer: Explorer
    document: Document
    loop: IOLoop

    def slider(self, label: str) -> Locator:
        return self.page.get_by_role("slider", name=label, exact=True)

    def field(self, label: str) -> Locator:
        return self.page.get_by_role("textbox", name=label, exact=True)

    def note(self, name: str) -> Locator:
        return self.page.locator(f"[data-name='{name}'] [role=alert]")

    def asked(self, **parameters: float) -> None:
        """Wait until Python has been asked for these parameters and has simulated them."""
        for name, value in parameters.items():
            expect(self.page.locator("#parameters")).to_contain_text(f" {name}={float(value)};")

    def in_server(self, change: Callable[[], Any]) -> None:
        """Have the server do something soon, as its own callbacks do."""
        self.loop.add_callback(self.document.add_next_tick_callback, change)


@pytest.fixture
def enter(serve: Callable[..., str], open_page: Callable[..., Page]) -> Callable[..., Room]:
    """`enter(model, **context)` opens the controls of a model."""

    def enter_one(model: str = "Izhikevich", level: str = "basic", **context: Any) -> Room:
        made: list[tuple[Explorer, Document, IOLoop]] = []
        ready = Event()

        def make() -> pn.Column:
            document = pn.state.curdoc
            explorer = Explorer(opening_settings(model), schedule=document.add_next_tick_callback)
            explorer.level = level
            panels = (
                controls.ModelPanel(explorer),
                controls.StimulusPanel(explorer),
                controls.ParameterPanel(explorer),
                controls.NumericsPanel(explorer),
            )
            parameters = pn.pane.HTML("")
            explorer.param.watch(
                lambda event: parameters.param.update(object=_written(explorer)), "run"
            )
            made.append((explorer, document, IOLoop.current()))
            # Until then Panel takes the page as not yet sent, and changes never reach it.
            pn.state.onload(ready.set)
            return pn.Column(*panels, parameters, width=320)

        page = open_page(serve(make), **context)
        assert ready.wait(30)
        return Room(page, *made[-1])

    return enter_one


def _written(explorer: Explorer) -> str:
    values = explorer.run.cell.parameters.items()
    return f"<pre id='parameters'>{''.join(f' {name}={value};' for name, value in values)}</pre>"


def _drag(room: Room, slider: Locator, shares: list[float], drop: bool = True) -> None:
    """Drag a slider's thumb through places along its track, 0 to 1."""
    box = slider.bounding_box()
    assert box is not None
    # The thumb is 14 px wide and stays within the track.
    places = [box["x"] + 7 + share * (box["width"] - 14) for share in shares]
    height = box["y"] + box["height"] / 2
    room.page.mouse.move(places[0], height)
    room.page.mouse.down()
    for place in places[1:]:
        room.page.mouse.move(place, height)
    if drop:
        room.page.mouse.up()


# --- names -----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", models.catalogue)
def test_every_setting_of_a_model_has_controls_of_its_name(
    model: str, enter: Callable[..., Room]
) -> None:
    room = enter(model, level="all")
    declared = models.catalogue[model]
    for name, quantity in declared.quantities().items():
        row = room.page.locator(f"[data-name='{name}']")
        slider = row.get_by_role("slider", name=quantity.label, exact=True)
        expect(slider).to_be_visible()
        expect(row.get_by_role("textbox", name=quantity.label, exact=True)).to_be_visible()
        expect(slider).to_have_accessible_description(quantity.doc)
        expect(row.get_by_title(quantity.doc)).to_have_text(quantity.label)
        assert slider.get_attribute("aria-valuetext").endswith(quantity.unit)
    for name, choice in declared.choices().items():
        row = room.page.locator(f"[data-name='{name}']")
        expect(row.get_by_role("combobox", name=choice.label, exact=True)).to_be_visible()


def test_symbol_and_unit_stand_beside_the_label(enter: Callable[..., Room]) -> None:
    room = enter("HodgkinHuxley")
    row = room.page.locator("[data-name='g_Na']")
    expect(row.locator(".head")).to_have_text("Sodium conductancegNamS/cm²")
    assert row.locator(".symbol").inner_html() == "<i>g</i><sub>Na</sub>"


# --- keys ------------------------------------------------------------------------------------


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


# --- mouse -----------------------------------------------------------------------------------


def test_a_drag_ends_where_the_hand_stops(enter: Callable[..., Room]) -> None:
    room = enter()
    _drag(room, room.slider("Reset potential"), [0.375, 0.5, 0.6, 0.75])
    room.asked(c=-50.0)
    expect(room.field("Reset potential")).to_have_value("-50")


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
    _drag(room, slider, [0.375, 0.5], drop=False)
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
    _drag(room, room.slider("Reset potential"), [0.75, 0.25])
    room.asked(c=-70)
    room.slider("Reset potential").dblclick()
    room.asked(c=-50.0)
    field = room.field("Reset potential")
    field.fill("-61")
    field.press("Enter")
    room.asked(c=-61)
    field.dblclick()
    room.asked(c=-50.0)


# --- typing ----------------------------------------------------------------------------------


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


# --- groups, presets, models -----------------------------------------------------------------


def test_reset_puts_back_one_group(enter: Callable[..., Room]) -> None:
    room = enter()
    room.slider("Recovery rate").press("ArrowRight")
    room.slider("Reset potential").press("ArrowRight")
    room.asked(a=0.021, c=-64.5)
    room.page.get_by_role("button", name="Reset Recovery", exact=True).click()
    room.asked(a=0.02, c=-64.5)
    expect(room.field("Recovery rate")).to_have_value("0.02")


def test_a_group_closes_and_opens_by_keyboard(enter: Callable[..., Room]) -> None:
    room = enter()
    heading = room.page.get_by_role("group", name="Recovery", exact=True).locator("summary")
    heading.press("Enter")
    expect(room.slider("Recovery rate")).to_be_hidden()
    heading.press("Enter")
    expect(room.slider("Recovery rate")).to_be_visible()


def test_level_all_shows_what_basic_reserves(enter: Callable[..., Room]) -> None:
    room = enter()
    expect(room.slider("Quadratic coefficient")).to_be_hidden()
    room.page.get_by_role("radio", name="All", exact=True).click()
    expect(room.slider("Quadratic coefficient")).to_be_visible()
    room.page.get_by_role("radio", name="Basic", exact=True).click()
    expect(room.slider("Quadratic coefficient")).to_be_hidden()


def test_presets_are_chosen_with_arrow_keys_and_say_when_modified(
    enter: Callable[..., Room],
) -> None:
    room = enter()
    presets = room.page.get_by_role("radiogroup", name="Preset", exact=True)
    first, second = list(models.Izhikevich.presets().values())[:2]
    expect(presets.get_by_role("radio", checked=True)).to_have_text(first.title)
    presets.get_by_role("radio", checked=True).press("ArrowRight")
    expect(presets.get_by_role("radio", checked=True)).to_have_text(second.title)
    expect(presets.get_by_role("radio", checked=True)).to_be_focused()
    expect(room.page.get_by_text(second.note)).to_be_visible()
    expect(room.page.get_by_text("modified")).to_have_count(0)
    room.slider("Recovery rate").press("ArrowRight")
    expect(room.page.get_by_text("modified")).to_be_visible()
    room.page.get_by_role("button", name="Reset all", exact=True).click()
    expect(room.page.get_by_text("modified")).to_have_count(0)


def test_another_model_brings_its_own_controls(enter: Callable[..., Room]) -> None:
    room = enter()
    menu = room.page.get_by_role("combobox", name="Model", exact=True)
    menu.select_option("HodgkinHuxley")
    expect(room.slider("Sodium conductance")).to_be_visible()
    expect(room.slider("Recovery rate")).to_have_count(0)
    expect(menu).to_have_value("HodgkinHuxley")
    room.asked(g_Na=120.0)


# --- stimulus and numerics -------------------------------------------------------------------


def test_stimuli_are_added_changed_and_removed(enter: Callable[..., Room]) -> None:
    room = enter()
    room.page.get_by_role("button", name="Add stimulus", exact=True).click()
    second = room.page.get_by_role("group", name="Stimulus 2", exact=True)
    expect(second.get_by_role("slider", name="Pulse width", exact=True)).to_be_visible()
    kind = second.get_by_role("combobox", name="Kind", exact=True)
    kind.focus()
    kind.select_option("Noise")
    expect(second.get_by_role("slider", name="Standard deviation", exact=True)).to_be_visible()
    expect(kind).to_be_focused()
    expect(room.field("Seed")).to_be_visible()
    room.page.get_by_role("button", name="Remove Stimulus 2", exact=True).click()
    expect(second).to_have_count(0)
    expect(room.field("Seed")).to_have_count(0)


def test_the_numerics_are_changed(enter: Callable[..., Room]) -> None:
    room = enter()
    room.page.get_by_role("combobox", name="Method", exact=True).select_option("midpoint")
    room.page.get_by_role("combobox", name="Lay over", exact=True).select_option("euler")
    field = room.field("Duration")
    field.fill("120")
    field.press("Enter")
    room.slider("Initial membrane potential").press("End")
    room.slider("Recovery rate").press("ArrowRight")
    room.asked(a=0.021)
    settings = room.explorer.settings
    assert (settings.method, settings.overlay, settings.duration) == ("midpoint", "euler", 120)
    assert settings.initial["v"] == 40.0
    room.page.get_by_role("button", name="Reset Numerics", exact=True).click()
    expect(field).to_have_value(f"{room.explorer.origin().duration:g}")
    expect(room.page.get_by_role("combobox", name="Lay over", exact=True)).to_have_value("none")


def test_a_preset_chosen_in_python_is_shown_and_simulated_once(enter: Callable[..., Room]) -> None:
    room = enter()
    runs: list[object] = []
    room.explorer.param.watch(lambda event: runs.append(event.new), "run")
    room.in_server(lambda: room.explorer.choose_preset("chattering"))
    expect(room.field("Reset potential")).to_have_value("-50")
    chosen = room.page.get_by_role("radio", name="Chattering", exact=True)
    expect(chosen).to_have_attribute("aria-checked", "true")
    room.slider("Recovery rate").press("ArrowRight")
    room.asked(a=0.021)
    assert len(runs) == 2


def test_a_drawer_closed_and_opened_shows_what_the_hand_left(
    serve: Callable[..., str], open_page: Callable[..., Page]
) -> None:
    def make() -> pmui.Page:
        return pmui.Page(sidebar=[controls.ParameterPanel(Explorer())], sidebar_open=False)

    page = open_page(serve(make), viewport=PHONE)
    field = page.get_by_role("textbox", name="Reset potential", exact=True)
    page.get_by_role("button", name="Open drawer").click()
    page.get_by_role("slider", name="Reset potential", exact=True).press("ArrowRight")
    expect(field).to_have_value("-64.5")
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    page.get_by_role("button", name="Open drawer").click()
    expect(field).to_have_value("-64.5")


# --- looks -----------------------------------------------------------------------------------


def test_everything_touched_on_a_phone_is_large_enough(enter: Callable[..., Room]) -> None:
    room = enter(viewport=PHONE, has_touch=True, is_mobile=True)
    parts = room.page.locator("input:visible, select:visible, button:visible, summary:visible")
    small = parts.evaluate_all(
        """(parts) => parts.filter((part) => part.getBoundingClientRect().height < 44)
            .map((part) => part.ariaLabel ?? part.textContent)"""
    )
    assert small == []
    for sheet in room.page.locator(".sheet").all():
        assert sheet.evaluate("(sheet) => sheet.scrollWidth <= sheet.clientWidth")


def test_a_tap_on_a_label_says_what_it_means(enter: Callable[..., Room]) -> None:
    room = enter(viewport=PHONE, has_touch=True, is_mobile=True)
    label = room.page.get_by_text("Recovery rate", exact=True)
    doc = room.page.locator("[data-name='a'] .doc")
    expect(doc).to_be_hidden()
    label.tap()
    expect(doc).to_be_visible()
    label.tap()
    expect(doc).to_be_hidden()


def test_the_keyboard_brings_up_what_a_slider_means(enter: Callable[..., Room]) -> None:
    room = enter()
    room.field("Recovery rate").focus()
    room.page.keyboard.press("Shift+Tab")
    expect(room.slider("Recovery rate")).to_be_focused()
    expect(room.page.locator("[data-name='a'] .doc")).to_be_visible()


def test_samples_are_described_in_words(enter: Callable[..., Room]) -> None:
    room = enter()
    samples = replace(room.explorer.settings, stimulus=models.Samples([0.0] * 1500))
    room.in_server(lambda: room.explorer.show(samples))
    expect(room.page.get_by_text("Recorded samples, 1,500 steps.")).to_be_visible()
