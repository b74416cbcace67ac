"""What the controls show and do in a browser: names, groups, presets, stimuli, numerics, looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import panel_material_ui as pmui
import pytest
from playwright.sync_api import Page, expect

import models
from explorer import controls
from explorer.state import Explorer

from .conftest import PHONE
from .control_room import Room

# --- names -------------------------------------------------------------------------------------


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


# --- groups, presets, models -------------------------------------------------------------------


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


# --- stimulus and numerics ---------------------------------------------------------------------


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


# --- looks -------------------------------------------------------------------------------------


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
