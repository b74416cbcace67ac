"""``python -m tests.screenshots`` makes the pictures of the README from the app as it is now."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from .browser.chromium import launch
from .served import READY, served

FOLDER = Path(__file__).parent.parent / "assets" / "screenshots"

PICTURES = {
    "explore-light": ("model=Izhikevich&preset=chattering&theme=light", 1440, 900),
    "explore-dark": ("model=HodgkinHuxley&theme=dark", 1440, 900),
    "layers": ("model=MorrisLecar&current=90&layers=flow,basins,cycles&theme=light", 1440, 900),
    "dynamics": ("page=dynamics&model=HodgkinHuxley&theme=light", 1440, 900),
    "layer": ("page=layer&model=LIF&theme=dark", 1440, 900),
    "gallery": ("page=gallery&theme=light", 1440, 900),
    "phone": ("model=HodgkinHuxley&theme=light", 390, 844),
}
"""Pictures by name: query of the link, width and height of the window."""

_PATIENCE = 120_000
"""ms; more than a busy machine needs."""


def take(browser: Browser, address: str, name: str) -> Path:
    """Open a link, wait until the picture stands still, and save it."""
    query, width, height = PICTURES[name]
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(_PATIENCE)
    page.goto(f"{address}?{query}")
    if "page=" not in query:
        page.wait_for_function(READY)
    _settle(page)
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    page.close()
    return path


def _settle(page: Page) -> None:
    """Wait until three pictures a second apart are the same: analyses draw when they are done."""
    seen = [b"", b"one", b"two"]
    while len(set(seen)) > 1:
        expect(page.get_by_text("Working …")).to_have_count(0, timeout=_PATIENCE)
        page.wait_for_timeout(1000)
        seen = [*seen[1:], page.screenshot()]


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with served() as (address, _), sync_playwright() as playwright:
        browser = launch(playwright)
        for name in PICTURES:
            print(take(browser, address, name))
        browser.close()


if __name__ == "__main__":
    main()
