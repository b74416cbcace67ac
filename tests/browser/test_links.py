"""Links in both directions: what was on the screen comes back; a bad link opens and says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import models
from explorer.theme import GROUND

from .explore import Explore

SOURCES = [("voltage", "v"), ("states", "u"), ("current", "current"), ("trajectory", "x")]


def test_the_documented_link_opens_what_it_says(explore: Callable[..., Explore]) -> None:
    shown = explore("model=Izhikevich&preset=chattering&c=-48&current=12")
    preset = models.Izhikevich.presets()["chattering"]
    stimulus = type(preset.stimulus)(**{**preset.stimulus.settings, "amplitude": 12.0})
    run = (
        preset.model()
        .replace(c=-48.0)
        .simulate(stimulus, preset.duration, preset.dt, preset.method, initial=preset.initial)
    )
    np.testing.assert_array_equal(
        shown.column("spikes", "time"), run.spike_times.astype(np.float32)
    )
    expect(shown.status).to_contain_text("Chattering (modified)")
    assert shown.field("Reset potential").input_value() == "-48"
    assert shown.field("Amplitude").input_value() == "12"


def test_a_copied_link_opens_the_same_picture(explore: Callable[..., Explore]) -> None:
    first = explore("model=Izhikevich&preset=chattering")
    first.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for count, (label, key) in enumerate(
        [("Reset potential", "ArrowRight"), ("Amplitude", "Shift+ArrowLeft")], start=1
    ):
        first.slider(label).focus()
        first.page.keyboard.press(key)
        first.redrawn(count)
    first.page.get_by_role("button", name="Copy link").click()
    expect(first.page.get_by_role("button", name="Link copied")).to_be_visible()
    copied = first.page.evaluate("navigator.clipboard.readText()")
    assert copied == first.page.url
    again = explore(urlsplit(copied).query)
    for source, column in SOURCES:
        np.testing.assert_array_equal(again.column(source, column), first.column(source, column))
    expect(again.status).to_have_text(first.status.inner_text(), use_inner_text=True)


def test_a_copied_link_has_the_start_the_axes_and_what_is_laid_over(
    explore: Callable[..., Explore],
) -> None:
    """A published step is called by its title on the page and by its name in the link."""
    first = explore("model=HodgkinHuxley")
    page = first.page
    page.get_by_role("combobox", name="Lay over", exact=True).select_option(
        label="ngc-learn's Runge-Kutta step (RK4)"
    )
    first.redrawn(1)
    expect(page.get_by_text("Grey: ngc-learn's Runge-Kutta step (RK4)")).to_be_visible()
    expect(page.get_by_text("worse than Euler's.")).to_be_visible()
    laid = first.column("overlay", "v")
    field = first.field("Initial membrane potential")
    field.fill("-50")
    field.press("Enter")
    first.redrawn(2)
    assert not np.array_equal(first.column("overlay", "v"), laid)
    page.get_by_role("combobox", name="Horizontal axis", exact=True).click()
    page.get_by_role("listbox").locator("li", has_text="h").click()
    first.redrawn(3)
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_url("**overlay=ngc-learn:rk4*")
    again = explore(urlsplit(page.url).query)
    for source, column in [("voltage", "v"), ("overlay", "v"), ("trajectory", "x")]:
        np.testing.assert_array_equal(again.column(source, column), first.column(source, column))
    assert again.range("phase_plane_plot") == first.range("phase_plane_plot")
    expect(again.field("Initial membrane potential")).to_have_value("-50")
    expect(again.page.get_by_text("Grey: ngc-learn's Runge-Kutta step (RK4)")).to_be_visible()


def test_a_copied_link_has_the_pinned_time_and_the_orbits(explore: Callable[..., Explore]) -> None:
    first = explore("model=FitzHughNagumo&layers=orbits")
    page = first.page
    page.mouse.click(*first.place("voltage_plot", 40.0, 0.0))
    page.mouse.click(*first.place("phase_plane_plot", -1.0, 0.5))
    page.wait_for_function("() => seen.find('forward_orbits').data.x.length > 1")
    pinned = first.cursor()
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_url("**explore.orbits=*")
    again = explore(urlsplit(page.url).query)
    again.page.wait_for_function("() => seen.find('forward_orbits').data.x.length > 1")
    assert again.cursor() == pytest.approx(pinned, rel=1e-5)
    for way in ("forward_orbits", "backward_orbits"):
        np.testing.assert_allclose(again.column(way, "x"), first.column(way, "x"), atol=1e-3)


def test_without_a_clipboard_the_address_bar_has_the_link(explore: Callable[..., Explore]) -> None:
    shown = explore("model=LIF")
    shown.page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('none')) }"
    )
    shown.page.get_by_role("button", name="Copy link").click()
    expect(shown.page.get_by_role("button", name="Link is in the address bar")).to_be_visible()
    assert urlsplit(shown.page.url).query == "model=LIF&preset=regular"


@pytest.mark.parametrize(
    ("query", "opened", "said"),
    [
        ("model=Nobody", "Izhikevich", "model=Nobody: there is no such model"),
        ("model=LIF&preset=chattering", "Leaky", "preset=chattering"),
        ("model=Izhikevich&a=abc&b=0.25", "Izhikevich", "a=abc: this is no number"),
        ("model=Izhikevich&dt=-1", "Izhikevich", "dt is -1"),
        ("model=LIF&v_reset=-40", "Leaky", "v_reset is -40 mV"),
        ("stimulus=<img src=x onerror=alert(1)>", "Izhikevich", "<img src=x"),
        ("a=%00%FF%22%3E%3Cscript%3E", "Izhikevich", "a="),
    ],
)
def test_a_bad_link_opens_the_nearest_state_and_says_what_it_ignored(
    explore: Callable[..., Explore], query: str, opened: str, said: str
) -> None:
    shown = explore(query)
    expect(shown.status).to_have_text(re.compile(rf"^\s*{opened}"))
    assert shown.column("voltage", "time").size > 100
    notice = shown.page.get_by_role("alert").filter(has_text="Ignored in the link")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text(said)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("a=" + "9" * 5000, "a=999"),
        ("a=%C2%B2", "a=²"),
        ("a=1?b=2", "a=1?b=2"),
        ("?a=x", "a=x"),
        ("a=" + "[" * 5000, "a=[[["),
        ("seed=" + "9" * 5000, "seed=999"),
        ("theme=%FF", "theme=�"),
        ("bokeh-token=abc", "bokeh-token=abc"),
        ("bokeh-absolute-url=http://elsewhere/", "bokeh-absolute-url=http://elsewhere/"),
        ("bokeh-session-id=abc", "bokeh-session-id=abc"),
        ("&".join(f"q{number}=1" for number in range(900)), "and 894 more"),
        ("a=" + "".join(f"{number:04x}" for number in range(12_000)), "the link is too long"),
    ],
    ids=lambda text: text[:24],
)
def test_a_hostile_link_still_opens(explore: Callable[..., Explore], query: str, said: str) -> None:
    """What the libraries below would stumble over before the app has read the link."""
    shown = explore(query)
    notice = shown.page.get_by_role("alert").filter(has_text="Ignored in the link")
    expect(notice).to_contain_text(said)


def test_what_a_link_says_wrong_of_another_page_is_told_over_that_page(
    app_address: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{app_address}?page=layer&layer.rows={'9' * 5000}")
    notice = page.get_by_role("alert").filter(has_text="Ignored in the link")
    expect(notice).to_contain_text("layer.rows=999")
    page.get_by_role("tab", name="Explore").click()
    expect(notice).to_have_count(0)


@pytest.mark.parametrize("theme", ["foo", "%FF"])
def test_with_a_theme_that_is_none_the_visitor_has_their_own(
    explore: Callable[..., Explore], theme: str
) -> None:
    shown = explore(f"theme={theme}", color_scheme="dark")
    shown.page.wait_for_function(
        "getComputedStyle(document.body).getPropertyValue('--panel-background-color')"
        f".trim().toUpperCase() === '{GROUND['dark']}'"
    )


def test_the_word_on_a_bad_link_goes_with_the_next_change(explore: Callable[..., Explore]) -> None:
    shown = explore("model=Izhikevich&a=abc")
    notice = shown.page.get_by_role("alert").filter(has_text="Ignored in the link")
    expect(notice).to_be_visible()
    shown.preset("Chattering").click()
    expect(notice).to_have_count(0)
