"""The gallery in a browser: searched, filtered, and one click from a card to the Explore page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, ViewportSize, expect

from .explore import Explore

PHONE = ViewportSize(width=390, height=844)


def _gallery(open_page: Callable[..., Page], address: str, **context: object) -> Page:
    page = open_page(f"{address}?page=gallery", **context)
    expect(page.get_by_role("status").filter(has_text="176 presets")).to_be_visible()
    return page


def test_a_search_that_finds_nothing_says_so_and_is_undone_in_one_click(
    app_address: str, open_page: Callable[..., Page]
) -> None:
    page = _gallery(open_page, app_address)
    page.get_by_role("combobox", name="Model", exact=True).last.select_option("HindmarshRose")
    page.get_by_label("Search presets").fill("no such thing")
    expect(page.get_by_text("No preset fits all of that.")).to_be_visible()
    expect(page.locator(".card:visible")).to_have_count(0)
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("status").filter(has_text="176 presets")).to_be_visible()
    expect(page.get_by_text("No preset fits all of that.")).to_be_hidden()


def test_a_model_offers_the_behaviours_that_it_has(
    app_address: str, open_page: Callable[..., Page]
) -> None:
    page = _gallery(open_page, app_address)
    behaviours = page.get_by_role("group", name="Behaviour")
    expect(behaviours.get_by_role("button", name="chaotic")).to_be_visible()
    page.get_by_role("combobox", name="Model", exact=True).last.select_option("LIF")
    expect(behaviours.get_by_role("button", name="chaotic")).to_be_hidden()
    behaviours.get_by_role("button", name="silent").click()
    expect(page.locator(".card:visible b")).to_have_text(["Below rheobase"])
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_url("**gallery.model=LIF&gallery.behaviour=silent*")
    again = open_page(page.url)
    expect(again.locator(".card:visible b")).to_have_text(["Below rheobase"])
    pressed = again.get_by_role("group", name="Behaviour").get_by_role("button", pressed=True)
    expect(pressed).to_have_text("silent")
    again.get_by_label("Search presets").fill("no such thing")
    again.get_by_role("button", name="Show all").click()
    expect(again.get_by_role("status").filter(has_text="176 presets")).to_be_visible()


def test_a_card_opens_in_explore_and_the_way_back_leads_to_the_same_place(
    explore: Callable[..., Explore],
) -> None:
    """The first card is of a model with one state: the page must not draw it with another's run."""
    page = explore("theme=light", viewport=PHONE).page
    page.get_by_role("tab", name="Gallery").click()
    expect(page.get_by_role("status").filter(has_text="176 presets")).to_be_visible()
    card = page.locator(".card", has_text="Pushed over the brink")
    card.scroll_into_view_if_needed()
    card.click()
    expect(page.get_by_role("status").filter(has_text="Pushed over the brink")).to_be_visible()
    page.get_by_role("tab", name="Gallery").click()
    expect(card).to_be_in_viewport()


def test_a_page_that_opens_for_the_first_time_says_so_until_it_is_there(
    app_address: str, open_page: Callable[..., Page]
) -> None:
    """The Explore page takes a browser a second: nobody shall look at an empty page."""
    page = _gallery(open_page, app_address)
    page.evaluate(
        """() => {
          window.empty = []
          const all = (root) => [...root.querySelectorAll("*")].flatMap(
            (each) => each.shadowRoot ? [each, ...all(each.shadowRoot)] : [each])
          const seen = (name) => all(document).some(
            (each) => each.classList.contains(name) && each.checkVisibility())
          const look = () => {
            if (!seen("front") && !seen("opening")) { empty.push(performance.now()) }
            window.watched = (window.watched ?? 0) + seen("opening")
            requestAnimationFrame(look)
          }
          look()
        }"""
    )
    page.locator(".card", has_text="Pushed over the brink").click()
    expect(page.get_by_role("status").filter(has_text="Pushed over the brink")).to_be_visible()
    expect(page.get_by_text("Opening …")).to_be_hidden()
    assert page.evaluate("watched > 0")
    assert page.evaluate("empty") == []
