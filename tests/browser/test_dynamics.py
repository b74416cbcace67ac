"""The Dynamics page in a browser: diagrams follow the sliders, and a click goes there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import models
from explorer.views import bifurcation
from models import analysis

from .diagrams import Diagrams
from .test_layout import SIZES, WIDER_THAN_THE_WINDOW

EXPERIMENTS = (
    "Strength and duration",
    "Phase response",
    "Paired pulses",
    "Rebound",
    "Slow and fast ramps",
)


@pytest.fixture
def open_dynamics(app_address: str, open_page: Callable[..., Page]) -> Callable[..., Diagrams]:
    """`open_dynamics(query, **context)` opens the page and waits for its first diagram."""

    def open_one(query: str = "model=LIF", **context) -> Diagrams:
        shown = Diagrams(open_page(f"{app_address}?page=dynamics&{query}", **context))
        shown.filled("fi_curve", "rate")
        shown.filled("bifurcation_rest_stable", "x")
        return shown

    return open_one


@pytest.mark.parametrize("model", ["Izhikevich", "HodgkinHuxley", "LIF"])
def test_the_diagram_in_the_browser_is_that_of_the_analysis(open_dynamics, model):
    shown = open_dynamics(f"model={model}")
    settings = next(iter(models.catalogue[model].presets().values()))
    found = analysis.bifurcation(settings.model())
    made = bifurcation.arrays(found, models.catalogue[model].states[0].name)
    for name in bifurcation.LINES:
        drawn = np.array(shown.values(f"bifurcation_{name}", "x"), float)
        np.testing.assert_allclose(drawn, np.asarray(made[name]["x"], float), rtol=1e-5, atol=1e-5)
    expect(shown.page.get_by_text(found.sentence)).to_be_visible()


def test_a_click_on_the_fi_curve_sets_that_current(open_dynamics):
    shown = open_dynamics()
    shown.click("fi_curve_plot", 500.0, 20.0)
    # About a pixel of the axis, a thousand units over some three hundred pixels.
    expect(shown.field("Amplitude")).not_to_have_value("300")
    assert float(shown.field("Amplitude").input_value()) == pytest.approx(500.0, abs=4.0)


def test_the_cursor_of_every_diagram_follows_the_amplitude(open_dynamics):
    shown = open_dynamics()
    shown.field("Amplitude").fill("450")
    shown.field("Amplitude").press("Enter")
    for name in ("present_current", "present_diagram"):
        shown.until(name, "x", 450.0)


def test_the_curve_follows_a_parameter(open_dynamics):
    """Twice the resistance, half the rheobase: it fires at currents it was silent at."""
    shown = open_dynamics()
    before = np.array(shown.values("fi_curve", "rate"))
    shown.field("Membrane resistance").fill("200")
    shown.field("Membrane resistance").press("Enter")
    shown.page.wait_for_function(
        "(low) => Bokeh.documents[0].get_model_by_name('fi_curve').data.rate.filter(r => r > 0)"
        ".length / Bokeh.documents[0].get_model_by_name('fi_curve').data.rate.length > low",
        arg=float((before > 0).mean()) + 0.05,
    )


def test_a_diagram_over_a_parameter_goes_to_that_parameter(open_dynamics):
    shown = open_dynamics()
    shown.choose("Over", "Membrane resistance")
    shown.until("present_diagram", "x", 100.0)
    expect(shown.page.get_by_text("Working")).to_have_count(0)
    shown.page.wait_for_function(
        "() => Bokeh.documents[0].get_model_by_name('bifurcation_plot').x_range.end === 500"
    )
    shown.click("bifurcation_plot", 300.0, -40.0)
    expect(shown.field("Membrane resistance")).not_to_have_value("100")
    value = float(shown.field("Membrane resistance").input_value())
    assert value == pytest.approx(300.0, abs=3.0)


def test_an_experiment_waits_for_its_button_and_its_picture_sets_the_condition(open_dynamics):
    shown = open_dynamics()
    tile = shown.page.locator(".panel-tile", has_text="Strength and duration")
    tile.get_by_role("button", name="Run").click()
    shown.filled("strength_duration", "width")
    expect(tile).to_contain_text("chronaxie")
    shown.click("strength_duration_plot", 10.0, 500.0)
    expect(shown.field("Pulse width")).to_be_visible()
    assert float(shown.field("Pulse width").input_value()) == pytest.approx(10.0, rel=0.05)


def test_what_was_measured_before_a_change_can_be_measured_again(open_dynamics):
    shown = open_dynamics()
    tile = shown.page.locator(".panel-tile", has_text="Rebound")
    button = tile.get_by_role("button", name="Run")
    button.click()
    shown.filled("rebound", "amplitude")
    expect(button).to_be_hidden()
    shown.field("Membrane resistance").fill("150")
    shown.field("Membrane resistance").press("Enter")
    expect(button).to_be_visible()


def test_every_experiment_has_its_own_button_reached_by_the_keyboard(open_dynamics):
    shown = open_dynamics()
    buttons = shown.page.get_by_role("button", name="Run", exact=True)
    expect(buttons).to_have_count(len(EXPERIMENTS))
    for title in EXPERIMENTS:
        expect(shown.page.get_by_role("heading", name=title)).to_be_visible()
    buttons.first.focus()
    shown.page.keyboard.press("Enter")
    shown.filled("strength_duration", "width")


def test_all_features_are_shown_on_request(open_dynamics):
    shown = open_dynamics()
    expect(shown.page.get_by_role("rowheader").first).to_have_text("Spikecount")
    few = shown.page.get_by_role("rowheader").count()
    shown.page.get_by_role("switch", name="All features").click()
    expect(shown.page.get_by_role("rowheader", name="ISI_log_slope_skip")).to_be_visible()
    assert shown.page.get_by_role("rowheader").count() > 3 * few


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_scrolls_sideways(open_dynamics, size, theme):
    shown = open_dynamics(f"model=Izhikevich&theme={theme}", viewport=SIZES[size])
    assert shown.page.evaluate(WIDER_THAN_THE_WINDOW) == []


@pytest.mark.parametrize("model", ["Izhikevich", "LIF"])
def test_tiles_fill_their_rows_on_a_laptop(open_dynamics, model):
    """With a reset map and without."""
    shown = open_dynamics(f"model={model}", viewport=SIZES["laptop"])
    expect(shown.page.get_by_role("rowheader").first).to_be_visible()
    boxes = [tile.bounding_box() for tile in shown.page.locator(".panel-tile:visible").all()]
    ends: dict[int, float] = {}
    for box in boxes:
        row = round(box["y"])
        ends[row] = max(ends.get(row, 0.0), box["x"] + box["width"])
    assert len({round(end) for end in ends.values()}) == 1
