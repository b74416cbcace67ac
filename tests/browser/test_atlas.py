"""The Atlas page in a browser: a map that follows the sliders and takes one where one clicks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .diagrams import Diagrams
from .test_layout import SIZES, WIDER_THAN_THE_WINDOW


@pytest.fixture
def open_atlas(app_address: str, open_page: Callable[..., Page]) -> Callable[..., Diagrams]:
    """`open_atlas(query, **context)` opens the page and waits for its first map."""

    def open_one(query: str = "model=LIF", **context) -> Diagrams:
        shown = Diagrams(open_page(f"{app_address}?page=atlas&{query}", **context))
        shown.filled("atlas", "image")
        return shown

    return open_one


def test_a_click_goes_to_both_values(open_atlas):
    shown = open_atlas()
    shown.click("atlas_plot", 500.0, 25.0)
    expect(shown.field("Membrane time constant")).not_to_have_value("10")
    assert float(shown.field("Amplitude").input_value()) == pytest.approx(500.0, abs=3.0)
    constant = float(shown.field("Membrane time constant").input_value())
    assert constant == pytest.approx(25.0, abs=0.2)
    shown.until("atlas_present", "y", constant)


def test_a_map_follows_a_slider_that_is_on_neither_axis(open_atlas):
    shown = open_atlas()
    shown.page.evaluate("""() => {
      const source = Bokeh.documents[0].get_model_by_name("atlas")
      window.maps = 0
      source.properties.data.change.connect(() => { window.maps += 1 })
    }""")
    slider = shown.page.get_by_role("slider", name="Membrane resistance", exact=True)
    slider.focus()
    shown.page.keyboard.press("ArrowRight")
    shown.page.wait_for_function("() => window.maps > 0")


def test_everything_that_can_be_shown_is_and_a_look_at_a_point_says_what_is_there(open_atlas):
    shown = open_atlas()
    words = shown.page.locator(".swatches")
    for title in (
        "Firing pattern",
        "Irregularity (CV of intervals)",
        "Latency of the first spike",
        "Number of bursts",
        "Kind of rest",
    ):
        shown.choose("Show", title)
        expect(shown.page.get_by_text(f"{title} at I")).to_be_visible()
        shown.hover("atlas_plot", 500.0, 25.0)
        tooltip = shown.page.locator(".bk-Tooltip")
        expect(tooltip).to_contain_text(title)
        expect(tooltip).to_contain_text("I (pA)")
        shown.page.mouse.move(0, 0)
        if title == "Firing pattern":
            expect(words).to_contain_text("silent")
            expect(words).to_contain_text("tonic")
        elif title != "Kind of rest":
            expect(words).to_be_empty()


def test_another_range_is_another_map_and_one_out_of_bounds_is_told_in_one_sentence(open_atlas):
    shown = open_atlas()
    field = shown.page.get_by_role("textbox", name="x to", exact=True)
    field.fill("400")
    field.press("Enter")
    shown.page.wait_for_function(
        "() => Bokeh.documents[0].get_model_by_name('atlas_plot').x_range.end === 400"
    )
    field = shown.page.get_by_role("textbox", name="y from", exact=True)
    field.fill("-5")
    field.press("Enter")
    expect(shown.page.get_by_role("alert")).to_contain_text("tau_m is -5")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_scrolls_sideways(open_atlas, size, theme):
    shown = open_atlas(f"model=Izhikevich&theme={theme}", viewport=SIZES[size])
    assert shown.page.evaluate(WIDER_THAN_THE_WINDOW) == []
