"""A real Chromium for the tests here, and pages that must stay quiet: no error, no foreign host.

An installed Chromium or Chrome is used if there is one, else Playwright's own. Without either the
tests are skipped with the reason, except where the environment variable `CI` is set: there they
fail, so that a green run always means that a browser was driven.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import panel as pn
import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from .chromium import launch
from .control_room import Room, Setting
from .explore import Explore, Traffic

_START_SECONDS = 90
_PATIENCE = 60_000
"""ms until something awaited counts as missing: far more than a busy machine needs."""

expect.set_options(timeout=_PATIENCE)
DESK = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once for all tests."""
    with sync_playwright() as playwright:
        try:
            found = launch(playwright)
        except Error as problem:
            reason = f"no Chromium can be started: {str(problem).splitlines()[0]}"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        yield found
        found.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page(address, **context)` opens a page; what goes wrong there fails the test.

    Errors, warnings of Bokeh and foreign requests do. `before(page)` is called before the page goes
    to the address.
    """
    pages: list[Page] = []
    troubles: list[str] = []

    def open_one(
        address: str, before: Callable[[Page], Any] = lambda page: None, **context: Any
    ) -> Page:
        page = browser.new_context(**{"viewport": DESK, **context}).new_page()
        pages.append(page)
        page.set_default_timeout(_PATIENCE)
        host = urlsplit(address).netloc
        page.on("pageerror", lambda error: troubles.append(f"JavaScript error: {error}"))
        page.on("console", lambda said: _is_trouble(said) and troubles.append(said.text))
        page.on("request", lambda request: _check_host(request.url, host, troubles))
        page.on("websocket", lambda socket: _check_host(socket.url, host, troubles))
        before(page)
        page.goto(address)
        return page

    yield open_one
    for page in pages:
        page.context.close()
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """`serve(make)` serves what `make` returns in this process and gives its address.

    `make` may also be the path of a script; further arguments are settings of the server.
    """
    servers: list[_ServerThread] = []

    def serve_one(make: Callable[[], Any] | str, **settings: Any) -> str:
        servers.append(_ServerThread(make, settings))
        return servers[-1].address()

    yield serve_one
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def app_address() -> Iterator[str]:
    """Address of the whole app, served once for all tests as the README serves it."""
    port = _free_port()
    command = [sys.executable, "-m", "panel", "serve", "explorer", "--port", str(port)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, **pipes) as server:  # type: ignore[call-overload]
        said = []
        for line in server.stdout:
            said.append(line)
            if "running at" in line:
                break
        else:
            pytest.fail("the app did not start:\n" + "".join(said))
        # What it says from now on is read and dropped, so that it never waits for a reader.
        rest = threading.Thread(target=lambda: deque(server.stdout, maxlen=0), daemon=True)
        rest.start()
        yield f"http://localhost:{port}/explorer"
        server.terminate()
        rest.join(_START_SECONDS)


@pytest.fixture
def explore(app_address: str, open_page: Callable[..., Page]) -> Callable[..., Explore]:
    """`explore(query, **context)` opens the app with a link's query."""

    def open_one(query: str = "", **context: Any) -> Explore:
        traffic: list[Traffic] = []
        page = open_page(
            f"{app_address}?{query}", lambda page: traffic.append(Traffic(page)), **context
        )
        return Explore(page, traffic[0])

    return open_one


@pytest.fixture
def enter(serve: Callable[..., str], open_page: Callable[..., Page]) -> Callable[..., Room]:
    """`enter(model, level, **context)` opens the controls of a model."""

    def enter_one(model: str = "Izhikevich", level: str = "basic", **context: Any) -> Room:
        setting = Setting(model, level)
        return setting.room(open_page(serve(setting.make), **context))

    return enter_one


class _ServerThread(threading.Thread):
    """A Panel server with an event loop of its own."""

    def __init__(self, make: Callable[[], Any] | str, settings: dict[str, Any]) -> None:
        super().__init__(daemon=True)
        self._make = make
        self._settings = settings
        self._listening = threading.Event()
        self.start()

    def run(self) -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        self._server = pn.io.server.get_server({"app": self._make}, port=0, **self._settings)
        self._server.start()  # its housekeeping: sessions without a tab are thrown away
        self._listening.set()
        self._server.io_loop.start()
        # A message to a page that is closed just now may wait for its first turn.
        for _ in range(3):
            self._server.io_loop.run_sync(partial(asyncio.sleep, 0))
        self._server.io_loop.close()

    def address(self) -> str:
        assert self._listening.wait(_START_SECONDS), "no server came up"
        return f"http://localhost:{self._server.port}/app"

    def stop(self) -> None:
        loop = self._server.io_loop
        loop.add_callback(self._server.stop)
        loop.add_callback(loop.stop)
        self.join(_START_SECONDS)


def _is_trouble(said: ConsoleMessage) -> bool:
    """Whether the console has an error, or Bokeh something that it stumbled over."""
    return said.type == "error" or (said.type == "warning" and said.text.startswith("[bokeh"))


def _check_host(url: str, host: str, troubles: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != host:
        troubles.append(f"request to a foreign host: {url}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])
