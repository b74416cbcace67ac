"""Everything has a name and can be reached without a mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .explore import Explore

NAMELESS = """() => {
  const nameless = []
  const wanted = "button, input, select, textarea, a[href], [role=slider], [role=button], " +
    "[role=combobox], [role=radio], [role=tab]"
  const visit = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches(wanted) && element.type !== "hidden" && element.checkVisibility()
          && element.getAttribute("aria-hidden") !== "true") {
        const labelled = (element.getAttribute("aria-labelledby") ?? "").split(" ")
          .map((id) => id && element.getRootNode().getElementById(id)?.textContent).join("")
        const name = element.getAttribute("aria-label") || labelled || element.title
          || [...(element.labels ?? [])].map((label) => label.textContent).join("")
          || element.textContent.trim()
        if (!name) { nameless.push(element.outerHTML.slice(0, 200)) }
      }
      if (element.shadowRoot) { visit(element.shadowRoot) }
    }
  }
  visit(document)
  return nameless
}"""
FOCUS = """() => {
  let element = document.activeElement
  while (element?.shadowRoot?.activeElement) { element = element.shadowRoot.activeElement }
  if (!element || element === document.body) { return null }
  const box = element.getBoundingClientRect()
  const {outlineStyle, outlineWidth} = getComputedStyle(element)
  return {
    tag: element.localName,
    name: element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 60),
    seen: box.width > 0 && box.height > 0,
    // The thumb of a slider has a ring of its own, which no script can read.
    outlined: element.type === "range"
      || (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1),
  }
}"""


@pytest.mark.parametrize("model", ["LIF", "Izhikevich", "HodgkinHuxley", "LeakyNoise"])
def test_every_control_has_a_name(explore: Callable[..., Explore], model: str) -> None:
    shown = explore(f"model={model}")
    assert shown.page.evaluate(NAMELESS) == []


def test_what_a_screen_reader_finds_on_the_page(explore: Callable[..., Explore]) -> None:
    """Landmarks, a language, one polite status, sliders named by their label alone.

    Symbol and unit stand beside the label, not in the name.
    """
    shown = explore()
    page = shown.page
    assert page.get_by_role("banner").count() == 1
    assert page.get_by_role("main").count() == 1
    assert page.evaluate("document.documentElement.lang") == "en"
    assert [
        name for name in page.get_by_role("heading").all_inner_texts() if not name.strip()
    ] == []
    status = page.get_by_role("status")
    expect(status).to_have_count(1)
    expect(status).to_have_attribute("aria-live", "polite")
    for label in ("Recovery rate", "Recovery sensitivity", "Reset potential", "Amplitude"):
        expect(shown.slider(label)).to_have_count(1)
        expect(shown.field(label)).to_have_count(1)


@pytest.mark.parametrize(
    ("page", "plots"),
    [
        ("explore", ["Voltage", "States", "Current", "Phase plane"]),
        ("dynamics", ["Bifurcation", "Period", "Fi curve", "Interval histogram", "Return map"]),
        ("atlas", ["Atlas"]),
        ("layer", ["Raster", "Winner map"]),
    ],
)
def test_every_plot_has_a_name_and_every_page_one_status(
    app_address: str, open_page: Callable[..., Page], page: str, plots: list[str]
) -> None:
    shown = open_page(f"{app_address}?page={page}&model=Izhikevich")
    for plot in plots:
        expect(shown.get_by_role("figure", name=plot, exact=True)).to_be_visible()
    status = shown.get_by_role("status")
    expect(status).to_have_count(1)
    expect(status).to_contain_text("Izhikevich")
    assert shown.evaluate(NAMELESS) == []


def test_the_tab_key_reaches_every_control_and_what_it_reached_is_outlined(
    explore: Callable[..., Explore],
) -> None:
    shown = explore()
    shown.page.evaluate("document.activeElement.blur()")
    names: list[str] = []
    for _ in range(200):
        shown.page.keyboard.press("Tab")
        focus = shown.page.evaluate(FOCUS)
        if focus is None:
            break
        assert focus["seen"], focus
        assert focus["outlined"], focus
        names.append(focus["name"])
    wanted = [
        "Copy link", "Model", "Regular spiking", "Reset all", "Kind", "Amplitude", "Onset",
        "Add stimulus", "Recovery rate", "Recovery sensitivity", "Reset potential", "Method",
        "Time step", "Duration", "Lay over", "Play", "Time", "Fit axes",
    ]  # fmt: skip
    assert [name for name in wanted if name not in names] == []


def test_a_neuron_is_driven_by_keys_alone(explore: Callable[..., Explore]) -> None:
    """Another preset, another value, the value of the preset again."""
    shown = explore()
    shown.preset("Regular spiking").focus()
    shown.page.keyboard.press("ArrowRight")
    shown.redrawn(1)
    expect(shown.status).to_contain_text("Intrinsically bursting")
    shown.slider("Reset potential").focus()
    shown.page.keyboard.press("PageUp")
    shown.redrawn(2)
    expect(shown.status).to_contain_text("modified")
    shown.page.keyboard.press("Delete")
    shown.redrawn(3)
    expect(shown.status).not_to_contain_text("modified")
