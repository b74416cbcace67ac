"""A tile in a browser: what takes long is told, can be stopped, and nothing empty is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event

from bokeh.models import Range1d
from bokeh.plotting import figure
from playwright.sync_api import Page, expect

from explorer.background import LONG, Watch
from explorer.canvas import plot as axes
from explorer.pages.tile import Tile


def _plot() -> figure:
    made = axes(Range1d(0, 1), Range1d(0, 1))
    made.line([0, 1], [0, 1])
    return made


def test_work_is_stopped_and_started_again_and_no_empty_axes_are_seen(
    serve: Callable[..., str], open_page: Callable[..., Page]
) -> None:
    ready = Event()

    def task(watch: Watch) -> Iterator[str]:
        while not ready.wait(0.02):
            watch.progress(0.3)
        yield "It is done"

    def make():
        tile = Tile("A tile", [(_plot(), 120)], LONG, lambda words: f"{words}.", "wide")
        tile.follow(task, "key")
        return tile.layout

    page = open_page(serve(make))
    plot = page.locator(".bk-Figure")
    stop = page.get_by_role("button", name="Stop", exact=True)
    expect(page.get_by_text("Working … 30 %")).to_be_visible()
    expect(plot).to_be_hidden()
    stop.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Stopped.")).to_be_visible()
    expect(stop).to_be_hidden()
    expect(plot).to_be_hidden()

    page.get_by_role("button", name="Start again").click()
    expect(stop).to_be_visible()
    ready.set()
    expect(page.get_by_text("It is done.")).to_be_visible()
    expect(plot).to_be_visible()
    expect(stop).to_be_hidden()


def test_a_picture_that_is_there_before_the_page_is_seen(
    serve: Callable[..., str], open_page: Callable[..., Page]
) -> None:
    def make():
        tile = Tile("A tile", [(_plot(), 120)], LONG, lambda words: f"{words}.", "wide")
        tile.show("At once")
        return tile.layout

    page = open_page(serve(make))
    expect(page.get_by_text("At once.")).to_be_visible()
    expect(page.locator(".bk-Figure")).to_be_visible()
