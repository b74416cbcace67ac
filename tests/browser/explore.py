"""The Explore page in a browser, as its tests see it: sources, redraws, messages, plots."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page, WebSocket

_READY = """() => {
  const voltage = window.Bokeh?.documents?.[0]?.get_model_by_name("voltage")
  const plot = voltage && Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name("voltage_plot"))
  return Boolean(voltage?.data.time.length && plot?.frame?.bbox.width > 0
    && document.readyState === "complete" && Bokeh.documents[0].is_idle)
}"""
_WATCH = """() => {
  const find = (name) => Bokeh.documents[0].get_model_by_name(name)
  const seen = window.seen = {redraws: 0, moves: 0, find}
  find("voltage").change.connect(() => { seen.redraws += 1 })
  find("cursor").properties.data.change.connect(() => { seen.moves += 1 })
}"""
_PLACE = """([name, x, y]) => {
  const view = Bokeh.index.find_one(seen.find(name))
  const {left, top} = view.canvas_view.el.getBoundingClientRect()
  return [left + view.frame.x_scale.compute(x), top + view.frame.y_scale.compute(y)]
}"""

BARE = """([x, y]) => {
  let element = document.elementFromPoint(x, y)
  for (;;) {
    const inner = element?.shadowRoot?.elementFromPoint(x, y)
    if (!inner || inner === element) { return Boolean(element?.closest(".bk-events")) }
    element = inner
  }
}"""
"""Whether a plot is in front: no veil over the page that still loads."""


class Traffic:
    """The messages a page sends over its web socket, from the first one on, and what it is sent."""

    def __init__(self, page: Page) -> None:
        self.sent: list[dict[str, Any]] = []
        self.received: list[str | bytes] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", self._note)
        socket.on("framereceived", lambda frame: self.received.append(frame))

    def _note(self, frame: str | bytes) -> None:
        # A message is a header, metadata and the content; changes of the document have events.
        if isinstance(frame, str) and '"events"' in frame:
            self.sent.append(json.loads(frame))


class Explore:
    """The page, ready to be driven."""

    def __init__(self, page: Page, traffic: Traffic) -> None:
        self.page = page
        self.traffic = traffic
        page.wait_for_function(_READY)
        page.evaluate(_WATCH)
        left, right, bottom, top = self.range("voltage_plot")
        middle = self.place("voltage_plot", (left + right) / 2, (bottom + top) / 2)
        page.wait_for_function(BARE, arg=middle)

    # --- what is drawn ---------------------------------------------------------------------------

    def column(self, source: str, name: str) -> np.ndarray:
        """A column of a named source as it is in the browser."""
        values = self.page.evaluate(
            "([source, name]) => Array.from(seen.find(source).data[name])", [source, name]
        )
        return np.array(values)

    def columns(self, source: str) -> set[str]:
        return set(self.page.evaluate("(source) => Object.keys(seen.find(source).data)", source))

    def range(self, plot: str) -> list[float]:
        """x and y range of a plot: four ends."""
        return self.page.evaluate(
            """(name) => {
              const plot = seen.find(name)
              return [plot.x_range.start, plot.x_range.end, plot.y_range.start, plot.y_range.end]
            }""",
            plot,
        )

    @property
    def status(self) -> Locator:
        """The line in words; it may follow the picture, so it is waited for."""
        return self.page.get_by_role("status")

    # --- what happens ----------------------------------------------------------------------------

    @property
    def redraws(self) -> int:
        return self.page.evaluate("seen.redraws")

    def redrawn(self, times: int) -> None:
        """Wait until there have been so many redraws."""
        self.page.wait_for_function("(times) => seen.redraws >= times", arg=times)

    def settled(self) -> None:
        """Wait until the server has dealt with everything asked for so far.

        The link is asked for twice: its first answer may overtake a simulation that is scheduled
        for after the events that are waiting, the second one cannot.
        """
        for _ in range(2):
            button = self.page.locator("button.copy")
            self.page.evaluate("history.replaceState(null, '', location.pathname)")
            button.click()
            self.page.wait_for_function("location.search !== ''")

    def cursor(self) -> float:
        return float(self.column("cursor", "time")[0])

    def marker(self) -> tuple[float, float]:
        return float(self.column("marker", "x")[0]), float(self.column("marker", "y")[0])

    # --- where to put the hand -------------------------------------------------------------------

    def slider(self, label: str) -> Locator:
        return self.page.get_by_role("slider", name=label, exact=True)

    def field(self, label: str) -> Locator:
        return self.page.get_by_role("textbox", name=label, exact=True)

    def preset(self, title: str) -> Locator:
        """The first chip of a preset with a title, whatever heading it stands under."""
        name = re.compile(rf"^{re.escape(title)}( \(.*\))?$")
        return self.page.get_by_role("radio", name=name).first

    def place(self, plot: str, x: float, y: float) -> tuple[float, float]:
        """Where a point of a plot is on the screen, after the plot was scrolled into view."""
        at = self.page.evaluate(_PLACE, [plot, x, y])
        return float(at[0]), float(at[1])
