"""How fast an answer is on its way: no part of it waits for another message."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import panel as pn
import pytest
from bokeh.protocol.message import Message
from bokeh.server.connection import ServerConnection
from playwright.sync_api import Page, expect

from explorer import controls
from explorer.pacing import soon
from explorer.state import Explorer, opening_settings

Sockets = list[tuple[bool, int]]
"""Of each socket of a session: whether a message is half sent, and TCP_NODELAY."""


@pytest.fixture
def press(serve: Callable[..., str], open_page: Callable[..., Page]) -> Callable[[], Sockets]:
    """`press()` moves a slider by a key, and gives the sockets as the simulation found them."""

    def press_one() -> Sockets:
        seen: Sockets = []

        def make() -> pn.Column:
            document = pn.state.curdoc
            explorer = Explorer(opening_settings("LIF"), schedule=soon(document))
            words = pn.pane.HTML("<p>as opened</p>")

            def note(_event: object) -> None:
                for connection in document.session_context.session._subscribed_connections:
                    handler = connection._socket
                    wire = handler.ws_connection.stream.socket
                    delay = wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                    seen.append((handler.write_lock._block._value == 0, delay))
                words.object = f"<p>simulated {len(seen)}</p>"

            explorer.param.watch(note, "run")
            return pn.Column(controls.ParameterPanel(explorer), words, width=320)

        page = open_page(serve(make))
        page.get_by_role("slider", name="Membrane resistance", exact=True).press("ArrowRight")
        expect(page.get_by_text("simulated 1")).to_be_visible()
        return seen

    return press_one


def test_no_message_is_half_sent_when_a_simulation_starts(
    press: Callable[[], Sockets], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is changed in between would be held up. Here the server replies to every change."""

    def reply(connection: ServerConnection, message: Message[Any]) -> Any:
        return connection.protocol.create("OK", message.header["msgid"])

    monkeypatch.setattr(ServerConnection, "ok", reply)
    assert [half_sent for half_sent, _ in press()] == [False]


def test_each_part_of_a_message_is_sent_when_it_is_made(press: Callable[[], Sockets]) -> None:
    assert all(at_once for _, at_once in press())
