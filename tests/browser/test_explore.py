"""The Explore page: what is drawn is what was computed, once per change, on axes that stay."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

import models
from explorer.picture import Picture
from explorer.state import opening_settings
from explorer.views import current, phase_plane, states, voltage

from .explore import Explore

PLOTS = ("voltage_plot", "states_plot", "current_plot", "phase_plane_plot")


@pytest.mark.parametrize("name", models.catalogue)
def test_every_model_opens_with_all_its_sources_filled(explore: Callable[..., Explore], name: str):
    shown = explore(f"model={name}")
    settings = opening_settings(name)
    picture = Picture(settings.simulate(), settings)
    drawn = voltage.arrays(picture) | {
        "states": states.arrays(picture),
        "current": current.arrays(picture),
    }
    if settings.y:
        drawn["trajectory"] = phase_plane.trajectory_arrays(picture)["trajectory"]
    for source, columns in drawn.items():
        if source != "overlay":
            assert shown.columns(source) == set(columns)
        for column, values in columns.items():
            np.testing.assert_array_equal(shown.column(source, column), values)
    assert shown.column("vector_field", "x").size > 0
    assert shown.column("trajectory", "time").size > 0
    assert {"x", "y", "kind"} <= shown.columns("fixed_points")
    for axis in filter(None, (settings.x, settings.y)):
        assert shown.column(f"nullcline_{axis}", "x").size > 1
    expect(shown.status).to_contain_text(settings.model_class.title)


def test_one_step_of_a_slider_is_one_change_of_the_voltage(explore):
    shown = explore()
    slider = shown.slider("Reset potential")
    slider.focus()
    for step in range(1, 9):
        shown.page.keyboard.press("ArrowRight")
        shown.redrawn(step)
        assert shown.redraws == step
    shown.settled()
    assert shown.redraws == 8


def test_a_drag_draws_the_last_position_and_never_more_often_than_it_moved(explore):
    shown = explore()
    slider = shown.slider("Amplitude")
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    shown.page.mouse.move(box["x"] + box["width"] * 0.45, y)
    shown.page.mouse.down()
    for share in np.linspace(0.45, 0.8, 40):
        shown.page.mouse.move(box["x"] + box["width"] * share, y)
    shown.page.mouse.up()
    last = float(shown.field("Amplitude").input_value())
    shown.page.wait_for_function(
        "(last) => Math.abs(Math.max(...seen.find('current').data.current) - last) < 1e-4 * last",
        arg=last,
    )
    shown.settled()
    assert 1 <= shown.redraws <= 41


def test_a_preset_is_one_redraw(explore):
    shown = explore()
    for count, title in enumerate(["Chattering", "Fast spiking", "Resonator"], start=1):
        shown.preset(title).click()
        shown.redrawn(count)
        expect(shown.status).to_contain_text(title)
        shown.settled()
        assert shown.redraws == count


def test_axes_hold_still_under_a_slider_and_fit_another_preset(explore):
    shown = explore()
    before = {plot: shown.range(plot) for plot in PLOTS}
    slider = shown.slider("Reset potential")
    slider.focus()
    for step in range(1, 6):
        shown.page.keyboard.press("Shift+ArrowRight")
        shown.redrawn(step)
    shown.settled()
    assert {plot: shown.range(plot) for plot in PLOTS} == before
    shown.preset("Inhibition-induced bursting").click()
    shown.redrawn(6)
    shown.settled()
    after = {plot: shown.range(plot) for plot in PLOTS}
    assert after["phase_plane_plot"] != before["phase_plane_plot"]
    assert after["voltage_plot"] != before["voltage_plot"]  # another duration


def test_a_click_in_the_phase_plane_starts_there(explore):
    shown = explore()
    x, y = shown.place("phase_plane_plot", -40.0, 10.0)
    shown.page.mouse.click(x, y)
    shown.redrawn(1)
    assert shown.column("voltage", "v")[0] == pytest.approx(-40.0, abs=1.0)
    assert shown.column("states", "u")[0] == pytest.approx(10.0, abs=0.5)
    assert shown.column("trajectory", "x")[0] == shown.column("voltage", "v")[0].astype(np.float32)
    expect(shown.status).to_contain_text("modified")


def test_a_click_on_the_phase_line_starts_there(explore):
    shown = explore("model=LIF")
    low, high, *_ = shown.range("phase_plane_plot")
    x, y = shown.place("phase_plane_plot", -60.0, 0.0)
    shown.page.mouse.click(x, y)
    shown.redrawn(1)
    assert shown.column("voltage", "v")[0] == pytest.approx(-60.0, abs=(high - low) / 200)


def test_the_status_line_follows(explore):
    shown = explore()
    status = shown.status
    expect(status).to_contain_text("Izhikevich, Regular spiking")
    expect(status).not_to_contain_text("modified")
    before = status.inner_text()
    shown.slider("Amplitude").focus()
    shown.page.keyboard.press("Shift+ArrowRight")
    expect(status).to_contain_text("(modified)")
    assert status.inner_text() != before
    count = shown.column("spikes", "time").size
    expect(status).to_contain_text(f"{count} spikes")


def test_another_model_replaces_everything(explore):
    shown = explore()
    shown.page.get_by_role("combobox", name="Model", exact=True).select_option("HodgkinHuxley")
    expect(shown.status).to_contain_text("Hodgkin-Huxley")
    shown.page.wait_for_function(
        "Object.keys(seen.find('states').data).sort().join() === 'h,m,n,time'"
    )
    assert shown.slider("Sodium conductance").is_visible()
    shown.page.get_by_role("combobox", name="Model", exact=True).select_option("LIF")
    expect(shown.status).to_contain_text("Leaky")
    assert shown.columns("states") == {"time"}
    shown.page.get_by_role("combobox", name="Model", exact=True).select_option("Izhikevich")
    expect(shown.status).to_contain_text("Izhikevich")
    assert shown.columns("states") == {"time", "u"}


def test_the_axes_of_the_phase_plane_can_be_chosen(explore):
    shown = explore("model=HodgkinHuxley")
    shown.page.get_by_role("combobox", name="Horizontal axis").click()
    shown.page.get_by_role("menuitem", name="h", exact=True).click()
    shown.redrawn(1)
    h, n = shown.column("states", "h"), shown.column("states", "n")
    x, y = shown.column("trajectory", "x"), shown.column("trajectory", "y")
    assert (x.min(), x.max()) == pytest.approx((h.min(), h.max()), abs=0.01)
    assert (y.min(), y.max()) == pytest.approx((n.min(), n.max()), abs=0.01)
    assert shown.column("nullcline_h", "x").size > 1


def test_reset_all_is_the_preset_again(explore):
    shown = explore("model=Izhikevich&preset=chattering&c=-60&b=0.25")
    chattering = models.Izhikevich.presets()["chattering"].run()
    expect(shown.status).to_contain_text("(modified)")
    shown.page.get_by_role("button", name="Reset all").click()
    shown.redrawn(1)
    assert shown.column("spikes", "time").size == chattering.spike_times.size
    expect(shown.status).not_to_contain_text("modified")


def test_a_redraw_comes_in_one_message_without_further_frames(explore):
    """Each array in frames of its own made redraws queue up behind a drag."""
    shown = explore()
    shown.settled()
    shown.slider("Recovery rate").focus()
    before = len(shown.traffic.received)
    shown.page.keyboard.press("ArrowRight")
    shown.redrawn(1)
    shown.settled()
    frames = shown.traffic.received[before:]
    assert not [frame for frame in frames if isinstance(frame, bytes) or '"OK"' in frame]
    redraws = [frame for frame in frames if '"ColumnDataChanged"' in frame]
    assert len(redraws) == 1
    assert '"answered"' in redraws[0]


def test_a_redraw_rewrites_no_style_sheet_of_a_plot(explore):
    """The browser would work out the styles of the whole page again for every curve."""
    shown = explore()
    shown.page.evaluate(
        """() => {
          window.written = []
          for (const root of document.querySelectorAll("*")) watch(root)
          function watch(element) {
            if (!element.shadowRoot) return
            for (const inner of element.shadowRoot.querySelectorAll("*")) watch(inner)
            if (!element.closest(".bk-Figure") && !element.matches("[class*=bk-]")) return
            new MutationObserver((changes) => {
              for (const {target} of changes) {
                if (target.closest?.("style")) written.push(target.textContent)
              }
            }).observe(element.shadowRoot, {subtree: true, childList: true, characterData: true})
          }
        }"""
    )
    shown.slider("Recovery rate").focus()
    shown.page.keyboard.press("ArrowRight")
    shown.redrawn(1)
    shown.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert shown.page.evaluate("written") == []


def test_a_redraw_paints_the_curves_alone(explore):
    """Axes stay on their canvas; nothing is prepared for a selection or a pointer that is not."""
    shown = explore()
    shown.slider("Recovery rate").focus()
    shown.page.keyboard.press("ArrowRight")
    shown.redrawn(1)  # the first change on a page finds out once what the further ones spare
    shown.page.evaluate(
        """() => {
          const {AxisView} = Bokeh.require("models/axes/axis")
          const {LineView} = Bokeh.require("models/glyphs/line")
          window.painted = {axes: 0, unseen: 0}
          const {_paint} = AxisView.prototype
          AxisView.prototype._paint = function (ctx) { painted.axes += 1; _paint.call(this, ctx) }
          const {_set_data} = LineView.prototype
          LineView.prototype._set_data = function (...data) {
            if (this.base !== null) painted.unseen += 1
            _set_data.apply(this, data)
          }
        }"""
    )
    shown.page.keyboard.press("ArrowRight")
    shown.redrawn(2)
    shown.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert shown.page.evaluate("painted") == {"axes": 0, "unseen": 0}
    curve = """Bokeh.index.find_one(seen.find("voltage_plot")).computed_renderer_views
      .find((view) => view.model.data_source?.name === "voltage").glyph"""
    assert shown.page.evaluate(f"{curve}.unindexed")


def test_the_pointer_finds_a_fixed_point_after_a_redraw(explore):
    shown = explore("model=FitzHughNagumo")
    shown.slider("Amplitude").focus()
    shown.page.keyboard.press("ArrowRight")
    shown.redrawn(1)
    points = shown.column("fixed_points", "x"), shown.column("fixed_points", "y")
    shown.page.mouse.move(*shown.place("phase_plane_plot", points[0][0], points[1][0]))
    expect(shown.page.locator(".bk-Tooltip")).to_contain_text("eigenvalues")


@pytest.mark.parametrize("name", models.catalogue)
def test_equations_are_typeset_in_the_typeface_of_the_page(explore, name):
    """Roots and tall brackets need the typeface; a glyph that it lacks would be asked for."""
    shown = explore(f"model={name}")
    typeset = shown.page.locator(".katex-html")
    expect(typeset).to_be_visible()
    expect(typeset.locator(".sqrt svg")).to_have_count(
        models.catalogue[name].equations.count("sqrt")
    )
    families = typeset.evaluate(
        """(typeset) => [...new Set([...typeset.querySelectorAll("span")]
          .filter((span) => [...span.childNodes].some((each) => each.nodeType === Node.TEXT_NODE))
          .map((span) => getComputedStyle(span).fontFamily.split(",")[0].replaceAll('"', "")))]"""
    )
    known = shown.page.evaluate("document.fonts.ready.then((f) => [...f].map((e) => e.family))")
    assert set(families) <= {family.replace('"', "") for family in known}
