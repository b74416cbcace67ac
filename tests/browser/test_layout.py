"""Light and dark, wide and narrow: nothing is cut off, nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import ViewportSize, expect

from .explore import BARE, Explore

SIZES = {
    "desk": ViewportSize(width=1440, height=900),
    "laptop": ViewportSize(width=1024, height=768),
    "phone": ViewportSize(width=390, height=844),
}
WIDER_THAN_THE_WINDOW = """() => {
  const wide = []
  const visit = (root) => {
    for (const element of root.querySelectorAll("*")) {
      const style = getComputedStyle(element)
      const scrolls = /(auto|scroll)/.test(style.overflowX)
      if (scrolls && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0
          && !element.closest(".katex-display")) {
        wide.push(`${element.localName}.${element.className}: ${element.scrollWidth}`)
      }
      if (element.shadowRoot) { visit(element.shadowRoot) }
    }
  }
  visit(document)
  const root = document.scrollingElement
  if (root.scrollWidth > root.clientWidth) { wide.push(`page: ${root.scrollWidth}`) }
  return wide
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("model", ["Izhikevich", "HodgkinHuxley", "LIF"])
def test_nothing_scrolls_sideways(
    explore: Callable[..., Explore], model: str, size: str, theme: str
) -> None:
    shown = explore(f"model={model}&theme={theme}", viewport=SIZES[size])
    assert shown.page.evaluate(WIDER_THAN_THE_WINDOW) == []


@pytest.mark.parametrize("model", ["Izhikevich", "HodgkinHuxley", "LIF"])
def test_the_whole_page_is_seen_at_a_desk(explore: Callable[..., Explore], model: str) -> None:
    shown = explore(f"model={model}", viewport=SIZES["desk"])
    parts = ("[role=status]", ".readout", ".play", ".side")
    for part in parts:
        box = shown.page.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] >= 0.0
        assert box["y"] + box["height"] <= 900.0, part


def test_plots_make_room_for_what_is_said_of_an_overlay(explore: Callable[..., Explore]) -> None:
    shown = explore("model=Izhikevich", viewport=SIZES["laptop"])
    plot = "Bokeh.index.find_one(seen.find('phase_plane_plot'))"
    for method in ("izhikevich-2003", "ngc-learn:rk2"):  # the second has more said of it
        before = shown.page.evaluate(f"{plot}.el.clientHeight")
        shown.page.get_by_role("combobox", name="Lay over").select_option(method)
        shown.page.wait_for_function(f"(before) => {plot}.el.clientHeight < before - 2", arg=before)
        shown.page.wait_for_function(
            f"Math.abs({plot}.canvas_view.bbox.height - {plot}.el.clientHeight) < 2"
        )


def test_on_a_phone_the_picture_comes_first_and_the_controls_on_request(
    explore: Callable[..., Explore],
) -> None:
    shown = explore(viewport=SIZES["phone"])
    top = shown.page.evaluate(
        "Bokeh.index.find_one(seen.find('voltage_plot')).el.getBoundingClientRect().top"
    )
    assert 0.0 < top < 844.0
    expect(shown.slider("Reset potential")).not_to_be_in_viewport()


def test_on_a_phone_the_trace_is_in_sight_while_a_slider_moves(
    explore: Callable[..., Explore],
) -> None:
    shown = explore(viewport=SIZES["phone"], has_touch=True, is_mobile=True)
    shown.page.get_by_role("button", name="Open drawer").tap()
    slider = shown.slider("Reset potential")
    slider.scroll_into_view_if_needed()
    before = shown.redraws
    slider.press("ArrowRight")
    shown.redrawn(before + 1)
    expect(shown.field("Reset potential")).to_have_value("-64.5")
    box = slider.bounding_box()
    assert box is not None
    trace = shown.page.evaluate(
        """() => {
          const {top, bottom} = Bokeh.index.find_one(seen.find("voltage_plot")).el
            .getBoundingClientRect()
          return {top, bottom}
        }"""
    )
    assert 0.0 < trace["top"] < trace["bottom"] < box["y"]
    middle = (trace["top"] + trace["bottom"]) / 2
    assert shown.page.evaluate(BARE, [200.0, middle]), "nothing lies over the trace"


def test_the_toggle_darkens_the_page_and_the_plots(explore: Callable[..., Explore]) -> None:
    shown = explore("theme=light")
    ink = "seen.find('voltage_plot').yaxis?.[0]?.major_label_text_color ?? null"
    ink = """() => {
      const plot = seen.find("voltage_plot")
      return [...plot.left].find((axis) => axis.major_label_text_color).major_label_text_color
    }"""
    ground = "getComputedStyle(document.body).backgroundColor"
    before = shown.page.evaluate(ink), shown.page.evaluate(ground)
    shown.page.get_by_role("button", name="Toggle theme").click()
    shown.page.wait_for_function(f"(before) => ({ground}) !== before", arg=before[1])
    shown.page.wait_for_function(f"(before) => ({ink})() !== before", arg=before[0])


def test_a_system_in_dark_opens_a_dark_page(explore: Callable[..., Explore]) -> None:
    shown = explore(color_scheme="dark")
    shown.page.wait_for_function(
        """() => {
          const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g)
          return Number(r) + Number(g) + Number(b) < 150
        }"""
    )


@pytest.mark.parametrize("size", ["desk", "laptop"])
def test_words_however_many_push_no_picture_about(
    explore: Callable[..., Explore], size: str
) -> None:
    tops = set()
    for query in ("model=LIF", "model=MorrisLecar&preset=homoclinic-stopped&phi=0.22"):
        shown = explore(query, viewport=SIZES[size])
        tops.add(
            shown.page.evaluate(
                "Bokeh.index.find_one(seen.find('voltage_plot')).el.getBoundingClientRect().top"
            )
        )
    assert len(tops) == 1


@pytest.mark.parametrize("model", ["Izhikevich", "HodgkinHuxley", "LIF"])
def test_traces_plane_and_time_are_seen_together_on_a_laptop(
    explore: Callable[..., Explore], model: str
) -> None:
    shown = explore(f"model={model}", viewport=SIZES["laptop"])
    for plot in ("voltage_plot", "current_plot", "phase_plane_plot"):
        box = shown.page.evaluate(
            """(name) => {
              const {top, bottom, width} = Bokeh.index.find_one(seen.find(name)).el
                .getBoundingClientRect()
              return {top, bottom, width}
            }""",
            plot,
        )
        assert 0.0 <= box["top"] < box["bottom"] <= 768.0, plot
        assert box["width"] > 300.0, plot
    assert shown.page.locator(".play").bounding_box()["y"] < 730.0
    layers = shown.page.locator(".planebar .MuiToggleButton-root")
    heights = {round(each.bounding_box()["y"]) for each in layers.all()}
    assert len(heights) <= 1, "the layers stand in one line"
