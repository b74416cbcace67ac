"""The Layer page in a browser: it follows the hand, plays, and opens a cell where one clicks."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from explorer.feature_colours import SHADES

from .conftest import DESK, PHONE
from .explore import BARE

_DRAWN = """() => {
  const wins = window.Bokeh?.documents?.[0]?.get_model_by_name("winners")
  const plot = wins && Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name("raster_plot"))
  return Boolean(wins?.data.time.length && plot?.frame?.bbox.width > 0
    && Bokeh.documents[0].is_idle)
}"""
_WATCH = """() => {
  const find = (name) => Bokeh.documents[0].get_model_by_name(name)
  const seen = window.seen = {redraws: 0, find}
  find("winners").properties.data.change.connect(() => { seen.redraws += 1 })
}"""
_PLACE = """([name, x, y]) => {
  const view = Bokeh.index.find_one(seen.find(name))
  const {left, top} = view.canvas_view.el.getBoundingClientRect()
  return [left + view.frame.x_scale.compute(x), top + view.frame.y_scale.compute(y)]
}"""
SMALL = "page=layer&model=LIF&duration=100"


@pytest.fixture
def open_layer(app_address: str, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """`open_layer(query, **context)` opens the page and waits for its first picture."""

    def open_one(query: str = SMALL, **context) -> Page:
        page = open_page(f"{app_address}?{query}", **context)
        page.wait_for_function(_DRAWN)
        page.evaluate(_WATCH)
        return page

    return open_one


def column(page: Page, source: str, name: str) -> np.ndarray:
    values = page.evaluate("([s, n]) => Array.from(seen.find(s).data[n])", [source, name])
    return np.array(values)


def picture(page: Page) -> np.ndarray:
    """The winner map as it stands in the browser."""
    return np.array(page.evaluate("Array.from(seen.find('winner_map').data.image[0])"))


def redrawn(page: Page, times: int) -> None:
    page.wait_for_function("(times) => seen.redraws >= times", arg=times)


def zoom(page: Page, low: float, high: float) -> None:
    """Show some cells of the raster, as a tool would."""
    page.evaluate(
        """([start, end]) => {
          const plot = seen.find("raster_plot")
          plot.y_range.setv({start, end})
          Bokeh.index.find_one(plot).trigger_ranges_update_event()
        }""",
        [low, high],
    )


def visible_status(page: Page):
    return page.locator("[role=status]:visible")


def test_the_page_draws_the_layer_that_its_status_tells_of(open_layer):
    page = open_layer()
    expect(visible_status(page)).to_contain_text("400 cells (4 × 10 × 10)")
    assert column(page, "cell_rates", "cell").size == 400
    assert column(page, "population_rate", "rate").max() > 0
    assert column(page, "winners", "place").max() < 100
    assert np.count_nonzero(page.evaluate("Array.from(seen.find('raster').data.image[0])")) > 100


def test_a_slider_is_followed_and_its_group_reset(open_layer):
    page = open_layer()
    before = column(page, "cell_rates", "value").max()
    slider = page.get_by_role("slider", name="Highest value", exact=True)
    slider.focus()
    page.keyboard.press("Shift+ArrowRight")
    redrawn(page, 1)
    assert column(page, "cell_rates", "value").max() > before
    page.get_by_role("button", name="Reset Differences").click()
    redrawn(page, 2)
    assert column(page, "cell_rates", "value").max() == before
    firing = {}
    for kind in ("feature", "layer", "none"):
        page.get_by_role("combobox", name="Inhibition", exact=True).select_option(kind)
        redrawn(page, 3 + len(firing))
        firing[kind] = column(page, "cell_rates", "rate").sum()
    assert firing["layer"] < firing["feature"] < firing["none"]


def test_a_slider_of_the_cell_is_followed_too(open_layer):
    page = open_layer()
    page.get_by_role("slider", name="Amplitude", exact=True).focus()
    page.keyboard.press("Home")
    redrawn(page, 1)
    expect(visible_status(page)).to_contain_text("no spike")


def test_what_cannot_be_simulated_is_said_at_its_control_and_the_picture_stays(open_layer):
    page = open_layer()
    expect(visible_status(page)).to_contain_text("400 cells")
    status = visible_status(page).inner_text()
    field = page.get_by_role("textbox", name="Lowest value", exact=True)
    field.fill("90")
    field.press("Enter")
    expect(page.locator("[data-name=low] [role=alert]")).to_contain_text("low is 90")
    assert visible_status(page).inner_text() == status
    field.fill("8")
    field.press("Enter")
    redrawn(page, 1)
    expect(page.locator("[data-name=low] [role=alert]")).to_have_text("")


def test_time_is_scrubbed_and_played_in_the_browser(open_layer):
    page = open_layer()
    end = picture(page)
    time = page.get_by_role("slider", name="Time in the layer")
    time.focus()
    page.keyboard.press("Home")
    assert column(page, "layer_cursor", "time")[0] == 0.0
    assert not picture(page).any()
    time.fill("60")
    at, places = column(page, "winners", "time"), column(page, "winners", "place")
    drawn = picture(page)
    assert set(np.flatnonzero(drawn)) == set(places[at <= 60.0].astype(int))
    page.get_by_role("button", name="Play the layer").click()
    page.wait_for_function("seen.find('layer_cursor').data.time[0] > 62")
    page.get_by_role("button", name="Pause the layer").click()
    expect(page.get_by_role("button", name="Play the layer")).to_be_visible()
    time.focus()
    page.keyboard.press("End")
    np.testing.assert_array_equal(picture(page), end)


def test_the_map_shows_the_latest_winner_of_each_place_and_follows_every_redraw(open_layer):
    page = open_layer()
    maps = []
    for redraws in range(3):
        redrawn(page, redraws)
        places, colours = column(page, "winners", "place"), column(page, "winners", "colour")
        latest = dict(zip(places.astype(int), colours.astype(int), strict=True))
        drawn = picture(page)
        assert set(np.flatnonzero(drawn)) == set(latest)
        for place, colour in latest.items():
            assert (drawn[place] - 1) // SHADES == colour
        maps.append(drawn)
        page.get_by_role("slider", name="Highest value", exact=True).focus()
        page.keyboard.press("Shift+ArrowRight")
    assert (maps[0] != maps[1]).any()
    assert (maps[1] != maps[2]).any()


def test_a_click_in_the_raster_opens_that_cell_in_explore(open_layer):
    """Alone there as here, where nobody competes: it fires as often."""
    page = open_layer()
    page.get_by_role("slider", name="Winners per step", exact=True).press("Home")
    expect(visible_status(page)).to_contain_text("no competition")
    cell = 217
    rate = column(page, "cell_rates", "rate")[column(page, "cell_rates", "cell") == cell][0]
    own = column(page, "cell_rates", "value")[column(page, "cell_rates", "cell") == cell][0]
    zoom(page, 200, 240)
    place = page.evaluate(_PLACE, ["raster_plot", 50.0, cell + 0.5])
    page.wait_for_function(BARE, arg=place)
    page.mouse.click(*place)
    tab = page.get_by_role("tab", name="Explore")
    expect(tab).to_have_attribute("aria-selected", "true")
    field = page.get_by_role("textbox", name="Membrane time constant", exact=True)
    assert float(field.input_value()) == pytest.approx(own, rel=1e-5)
    page.wait_for_function("seen.find('voltage')?.data.time.length > 0")
    spikes = column(page, "spikes", "time")
    assert 0 < spikes.size == pytest.approx(0.1 * rate)  # of 100 ms
    expect(page.get_by_text("Regular firing (modified)")).to_be_visible()
    page.get_by_role("tab", name="Layer").click()
    expect(field).to_have_value("10")
    expect(page.get_by_text("Regular firing (modified)")).to_be_hidden()
    expect(visible_status(page)).to_contain_text("400 cells")


def test_a_copied_link_opens_the_same_layer(open_layer):
    page = open_layer()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for redraws, (label, key) in enumerate(
        [("Highest value", "Shift+ArrowRight"), ("Winners per step", "ArrowRight")], start=1
    ):
        page.get_by_role("slider", name=label, exact=True).focus()
        page.keyboard.press(key)
        redrawn(page, redraws)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    copied = urlsplit(page.evaluate("navigator.clipboard.readText()")).query
    assert "layer.winners=2" in copied
    again = open_layer(copied)
    for source, name in (("winners", "time"), ("cell_rates", "value"), ("cell_rates", "rate")):
        np.testing.assert_array_equal(column(again, source, name), column(page, source, name))
    expect(visible_status(again)).to_contain_text("400 cells")
    said = visible_status(again).inner_text()
    expect(visible_status(page)).to_have_text(said, use_inner_text=True)


def test_one_page_is_seen_at_a_time(open_layer):
    page = open_layer()
    for title in ("Explore", "Layer", "Explore"):
        page.get_by_role("tab", name=title, exact=True).click()
        words = "400 cells (" if title == "Layer" else "Leaky integrate-and-fire, Regular firing"
        expect(page.get_by_text(words)).to_be_visible()
        expect(visible_status(page)).to_have_count(1)


def test_zooming_into_the_raster_parts_cells_that_shared_a_row(open_layer):
    page = open_layer()
    zoom(page, 100, 140)
    page.wait_for_function("seen.find('raster').data.dh[0] <= 42")
    assert page.evaluate("seen.find('raster').data.image[0].shape[0]") == 40


def test_another_model_brings_its_own_layer(open_layer):
    page = open_layer()
    page.get_by_role("combobox", name="Model", exact=True).select_option("LeakyNoise")
    expect(visible_status(page)).to_contain_text("gain 0.9")
    expect(page.get_by_role("slider", name="Gain", exact=True)).to_be_visible()
    expect(page.get_by_role("slider", name="Winners per step")).to_have_count(0)
    page.get_by_role("slider", name="Gain", exact=True).press("Home")
    expect(visible_status(page)).to_contain_text("no recurrence")


def test_a_published_layer_says_what_it_does_differently(open_layer):
    page = open_layer()
    page.get_by_role("combobox", name="Layer method").select_option("spyketorch")
    expect(page.get_by_text("ghost spikes").first).to_be_visible()
    redrawn(page, 1)


def test_on_a_phone_the_settings_of_the_layer_are_in_the_drawer(open_layer):
    """And the raster stays in sight above them; on a screen that became wide they are beside it."""
    page = open_layer(viewport=PHONE, has_touch=True, is_mobile=True)
    winners = page.get_by_role("slider", name="Winners per step", exact=True)
    expect(winners).not_to_be_in_viewport()
    page.get_by_role("button", name="Open drawer").tap()
    winners.scroll_into_view_if_needed()
    winners.press("ArrowRight")
    redrawn(page, 1)
    left, top = page.evaluate(_PLACE, ["raster_plot", 50.0, 200.0])
    assert top < winners.bounding_box()["y"]
    assert page.evaluate(BARE, [left, top])
    page.get_by_role("tab", name="Explore").tap()
    expect(winners).to_have_count(0)
    page.get_by_role("tab", name="Layer").tap()
    expect(winners).to_have_attribute("aria-valuetext", "2")
    page.set_viewport_size(DESK)
    page.wait_for_function(
        """() => {
          const raster = Bokeh.index.find_one(seen.find("raster_plot")).el
          return raster.getBoundingClientRect().right < innerWidth - 400
        }"""
    )
    expect(winners).to_be_in_viewport()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "size", [DESK, ViewportSize(width=1024, height=768), PHONE], ids=lambda size: str(size["width"])
)
def test_the_page_fits_the_width_of_every_screen(open_layer, size, theme):
    page = open_layer(f"{SMALL}&theme={theme}", viewport=size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    for name in ("raster_plot", "population_rate_plot", "winner_map_plot"):
        box = page.evaluate(
            """(name) => {
              const view = Bokeh.index.find_one(seen.find(name))
              const {left, right, height} = view.el.getBoundingClientRect()
              return [left, right, height]
            }""",
            name,
        )
        assert 0 <= box[0] < box[1] <= size["width"]
        assert box[2] >= 100


def test_the_columns_of_the_winner_map_are_numbered_at_its_lower_edge(open_layer):
    page = open_layer()
    page.wait_for_function("""() => {
      const {start, end} = seen.find("winner_map_plot").y_range
      return Math.max(start, end) < 10.6
    }""")
