"""The app needs no other host, not even for a session that begins with its web socket."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from bokeh.util.token import generate_jwt_token
from playwright.sync_api import Browser, Page, Route, expect

from .explore import Explore


def test_the_page_works_when_every_other_host_is_out_of_reach(
    browser: Browser, app_address: str
) -> None:
    """Foreign requests fail every test already; here the network refuses them too."""
    context = browser.new_context()
    host = urlsplit(app_address).netloc
    refused: list[str] = []

    def pass_on(route: Route) -> None:
        if urlsplit(route.request.url).netloc == host:
            route.continue_()
        else:
            refused.append(route.request.url)
            route.abort()

    context.route(re.compile("^https?://"), pass_on)
    page = context.new_page()
    page.goto(app_address)
    expect(page.get_by_role("status")).to_contain_text("Izhikevich")
    context.close()
    assert refused == []


def test_a_session_that_begins_with_its_web_socket_stays_on_this_host(
    open_page: Callable[..., Page], app_address: str
) -> None:
    """As after a restart of the server under an open tab: no page request came before.

    The web socket asks for a session that the server has never seen.
    """
    token = generate_jwt_token("fresh")
    script = f"""
        window.WebSocket = class extends WebSocket {{
          constructor(url, [protocol]) {{ super(url, [protocol, "{token}"]) }}
        }}
    """
    page = open_page(app_address, lambda page: page.add_init_script(script))
    expect(page.get_by_role("status")).to_contain_text("Izhikevich")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_typefaces_come_with_the_page(explore: Callable[..., Explore], theme: str) -> None:
    shown = explore(f"theme={theme}")
    shown.page.evaluate("document.fonts.ready.then(() => true)")
    loaded = shown.page.evaluate(
        "[...document.fonts].filter((f) => f.status === 'loaded').map((f) => f.family)"
    )
    assert any("Inter" in family for family in loaded)
