"""A page with all controls in a browser, as their tests see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

import panel as pn
from bokeh.document import Document
from playwright.sync_api import Locator, Page, expect
from tornado.ioloop import IOLoop

from explorer import controls
from explorer.state import Explorer, opening_settings


@dataclass
class Room:
    """A page with all controls, and the explorer that they drive."""

    page: Page
    explorer: Explorer
    document: Document
    loop: IOLoop

    def slider(self, label: str) -> Locator:
        return self.page.get_by_role("slider", name=label, exact=True)

    def field(self, label: str) -> Locator:
        return self.page.get_by_role("textbox", name=label, exact=True)

    def note(self, name: str) -> Locator:
        return self.page.locator(f"[data-name='{name}'] [role=alert]")

    def asked(self, **parameters: float) -> None:
        """Wait until Python has been asked for these parameters and has simulated them."""
        for name, value in parameters.items():
            expect(self.page.locator("#parameters")).to_contain_text(f" {name}={float(value)};")

    def in_server(self, change: Callable[[], Any]) -> None:
        """Have the server do something soon, as its own callbacks do."""
        self.loop.add_callback(self.document.add_next_tick_callback, change)

    def drag(self, slider: Locator, shares: list[float], drop: bool = True) -> None:
        """Drag a slider's thumb through places along its track, 0 to 1."""
        box = slider.bounding_box()
        assert box is not None
        # The thumb is 14 px wide and stays within the track.
        places = [box["x"] + 7 + share * (box["width"] - 14) for share in shares]
        height = box["y"] + box["height"] / 2
        self.page.mouse.move(places[0], height)
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(place, height)
        if drop:
            self.page.mouse.up()


class Setting:
    """What a control room is made of, told by the server that makes it."""

    def __init__(self, model: str, level: str) -> None:
        self._model = model
        self._level = level
        self._made: list[tuple[Explorer, Document, IOLoop]] = []
        self._ready = Event()

    def make(self) -> pn.Column:
        """The page: every panel of controls, and the parameters that were simulated last."""
        document = pn.state.curdoc
        explorer = Explorer(opening_settings(self._model), schedule=document.add_next_tick_callback)
        explorer.level = self._level
        panels = (
            controls.ModelPanel(explorer),
            controls.StimulusPanel(explorer),
            controls.ParameterPanel(explorer),
            controls.NumericsPanel(explorer),
        )
        parameters = pn.pane.HTML("")
        explorer.param.watch(
            lambda event: parameters.param.update(object=_written(explorer)), "run"
        )
        self._made.append((explorer, document, IOLoop.current()))
        # Until then Panel takes the page as not yet sent, and changes never reach it.
        pn.state.onload(self._ready.set)
        return pn.Column(*panels, parameters, width=320)

    def room(self, page: Page) -> Room:
        """The room on a page that was opened."""
        assert self._ready.wait(30)
        return Room(page, *self._made[-1])


def _written(explorer: Explorer) -> str:
    values = explorer.run.cell.parameters.items()
    return f"<pre id='parameters'>{''.join(f' {name}={value};' for name, value in values)}</pre>"
