"""What a class costs the server: sessions without a browser, each of which moves a slider.

A student here is a web socket that speaks as the page does: it opens the app, takes its document,
and moves the amplitude to and fro. What the browser would paint costs the student's own machine.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from ..served import processor_time, served, wait_until_idle
from .timing import print_table

STUDENTS = (1, 10, 30)
EVERY = 0.5
"""Seconds between two changes of one student's slider."""
SECONDS = 10.0
_SLIDER, _LOW, _HIGH = "0.amplitude", 4.0, 20.0
"""The amplitude of the first stimulus, and how far it is moved."""
_READY = {"type": "event", "name": "document_ready", "values": {"type": "map", "entries": []}}


class Student:
    """One session of the app.

    Attributes
    ----------
    waits : ms from each change to its redraw.
    """

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._number = 0
        self._socket: WebSocketClientConnection | None = None
        self._sheet = ""

    async def open(self, address: str) -> None:
        """Take the page and its document, as a browser does."""
        page = await AsyncHTTPClient().fetch(HTTPRequest(address, request_timeout=60.0))
        token = re.findall(r'"token":"([^"]+)"', page.body.decode())[0]
        self._socket = await websocket_connect(
            address.partition("?")[0].replace("http", "ws") + "/ws",
            subprotocols=["bokeh", token],
            max_message_size=1 << 28,
        )
        assert self._socket.protocol is not None
        self._socket.protocol.set_nodelay(True)  # as browsers do
        await self._message("ACK")
        await self._send("PULL-DOC-REQ", {})
        document = json.loads(await self._message("PULL-DOC-REPLY"))
        for model in _objects(document):
            named = model["attributes"].get("class_name") == "Sheet"
            if named and f'"{_SLIDER}"' in json.dumps(model):
                self._sheet = model["id"]
        await self._tell(_READY)

    async def move(self, seconds: float, begin: float) -> None:
        """Change the amplitude every now and then, and wait for each redraw."""
        await asyncio.sleep(begin)
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            self._number += 1
            share = 0.5 + 0.5 * math.sin(0.7 * self._number + 9.0 * begin)
            value = _LOW + (_HIGH - _LOW) * share
            moved = {
                "event": "move", "name": _SLIDER, "value": round(value, 3),
                "number": self._number,
            }  # fmt: skip
            await self._tell(
                {
                    "type": "event",
                    "name": "data_event",
                    "values": _map({"model": {"id": self._sheet}, "data": _map(moved)}),
                }
            )
            sent = time.perf_counter()
            await self._message("PATCH-DOC", '"attr":"answered"')
            self.waits.append(1e3 * (time.perf_counter() - sent))
            await asyncio.sleep(max(0.0, EVERY - (time.monotonic() - now)))

    async def _tell(self, event: dict[str, Any]) -> None:
        sent = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}
        await self._send("PATCH-DOC", {"events": [sent]})

    async def _send(self, kind: str, content: dict[str, Any]) -> None:
        assert self._socket is not None
        for part in ({"msgid": os.urandom(8).hex(), "msgtype": kind}, {}, content):
            await self._socket.write_message(json.dumps(part))

    async def _message(self, kind: str, holding: str = "") -> str:
        """The content of the next message of a kind that holds some text; others are dropped."""
        assert self._socket is not None
        while True:
            header = json.loads(str(await self._socket.read_message()))
            await self._socket.read_message()  # no metadata
            content = str(await self._socket.read_message())
            for _ in range(2 * header.get("num_buffers", 0)):
                await self._socket.read_message()
            if header["msgtype"] == kind and holding in content:
                return content


def report() -> None:
    with served() as (address, server):
        wait_until_idle(server.pid)
        rows = [asyncio.run(_class(address, server.pid, count)) for count in STUDENTS]
    print(f"each changes its slider every {EVERY:g} s, for {SECONDS:g} s\n")
    print_table(["students", "changes/s", "of one core", "median", "95 %"], rows)


async def _class(address: str, process: int, count: int) -> list[str]:
    students = [Student() for _ in range(count)]
    for student in students:
        await student.open(address)
    await asyncio.gather(*(each.move(1.0, EVERY * i / count) for i, each in enumerate(students)))
    for student in students:
        student.waits.clear()
    began, before = time.monotonic(), processor_time(process)
    await asyncio.gather(
        *(each.move(SECONDS, EVERY * i / count) for i, each in enumerate(students))
    )
    taken = time.monotonic() - began
    share = (processor_time(process) - before) / taken
    waits = np.concatenate([student.waits for student in students])
    median, late = np.percentile(waits, [50, 95])
    return [
        str(count), f"{waits.size / taken:.0f}", f"{100 * share:.0f} %", f"{median:.0f} ms",
        f"{late:.0f} ms",
    ]  # fmt: skip


def _map(values: dict[str, Any]) -> dict[str, Any]:
    """A dictionary as Bokeh writes it."""
    return {"type": "map", "entries": [[name, value] for name, value in values.items()]}


def _objects(part: Any) -> Iterator[dict[str, Any]]:
    """Every model in a document as it is sent."""
    if isinstance(part, dict):
        if part.get("type") == "object" and "attributes" in part:
            yield part
        for inner in part.values():
            yield from _objects(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _objects(inner)
