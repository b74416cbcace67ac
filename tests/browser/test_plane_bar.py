"""The bar over the phase plane: layers, orbits of clicks, runs that are kept, axes fitted again."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .explore import Explore

_FILLED = "([name, gaps]) => seen.find(name).data.x.filter((x) => Number.isNaN(x)).length >= gaps"
"""Whether a source has so many lines, each with a gap behind it."""


def filled(shown: Explore, source: str, lines: int = 1) -> None:
    shown.page.wait_for_function(_FILLED, arg=[source, lines])


def emptied(shown: Explore, source: str) -> None:
    shown.page.wait_for_function("(name) => seen.find(name).data.x.length === 0", arg=source)


def test_everything_on_the_bar_does_what_it_says(explore: Callable[..., Explore]) -> None:
    shown = explore("model=FitzHughNagumo")
    page = shown.page
    bar = page.locator(".planebar")

    bar.get_by_role("button", name="Keep run").click()
    filled(shown, "kept_paths")
    shown.slider("Amplitude").press("Shift+ArrowRight")
    shown.redrawn(1)
    bar.get_by_role("button", name="Clear kept").click()
    emptied(shown, "kept_paths")
    expect(bar.get_by_role("button", name="Clear kept")).to_be_hidden()

    bar.get_by_role("button", name="Streamlines").click()
    filled(shown, "streamlines")
    bar.get_by_role("button", name="Flow").click()
    page.wait_for_function(
        """() => {
          const {renderers} = seen.find("phase_plane_plot")
          return !renderers.find((each) => each.data_source.name === "vector_field").visible
        }"""
    )
    bar.get_by_role("button", name="Orbits").click()
    shown.settled()  # a click on the plane would else be a new start
    places = [shown.place("phase_plane_plot", *at) for at in ((-1.0, 0.5), (1.0, 1.5))]
    for place in places:  # as quick as a hand can: Bokeh takes the second for a double click
        page.mouse.click(*place)
    for source in ("forward_orbits", "backward_orbits"):
        filled(shown, source, len(places))
    bar.get_by_role("button", name="Clear kept").click()
    for source in ("forward_orbits", "backward_orbits"):
        emptied(shown, source)

    before = shown.range("phase_plane_plot")
    page.evaluate("seen.find('phase_plane_plot').x_range.setv({start: 0, end: 1})")
    bar.get_by_role("button", name="Fit axes").click()
    page.wait_for_function(
        "(start) => seen.find('phase_plane_plot').x_range.start === start", arg=before[0]
    )
