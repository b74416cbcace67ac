"""Which browser is driven, and how it is started: the same for tests and benchmarks."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    """An installed Chromium or Chrome, else Playwright's own; its Error if there is neither."""
    return playwright.chromium.launch(executable_path=_installed(), args=_FLAGS)


def _installed() -> str | None:
    """Path of an installed browser; None leaves the choice to Playwright."""
    on_path = [found for name in INSTALLED if (found := shutil.which(name))]
    elsewhere = [path for path in _APPLICATIONS if Path(path).exists()]
    return next(iter(on_path + elsewhere), None)
