"""What only a library could cure: that it is still ill, and that the workaround helps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import panel as pn
import param
import pytest
from bokeh.document import Document
from bokeh.document.events import ModelChangedEvent
from panel.custom import JSComponent
from panel.models.esm import DataEvent

from explorer.upstream import Direct


class Plain(JSComponent):
    """A component as Panel has it."""

    number = param.Integer(default=0)
    _esm = "export function render() {}"

    def _handle_msg(self, data: Any) -> None:
        self.heard = data


class Held(Direct, Plain):
    """The same one, held by the hand."""


@pytest.fixture
def busy() -> Iterator[list[Any]]:
    """Every change of the state of being busy that all pages are told of."""
    heard: list[Any] = []
    watcher = pn.state.param.watch(heard.append, "busy")
    yield heard
    pn.state.param.unwatch(watcher)


@pytest.mark.parametrize(("kind", "told"), [(Held, False), (Plain, True)])
def test_a_message_to_one_page_is_heard_by_that_page_alone(kind, told, busy):
    document = Document()
    component = kind()
    model = component.get_root(document)
    component._process_bokeh_event(document, DataEvent(model=model, data=3))
    assert component.heard == 3
    assert bool(busy) == told


@pytest.mark.parametrize(("way", "sent"), [(Held.tell, [7]), (Held.keep, [])])
def test_what_the_browser_has_is_not_sent_and_what_it_lacks_is_sent_once(
    way: Callable[..., None], sent: list[int]
):
    document = Document()
    held = Held()
    model = held.get_root(document)
    document.add_root(model)
    changes: list[int] = []

    def note(event: Any) -> None:
        if isinstance(event, ModelChangedEvent) and event.attr == "number":
            changes.append(event.new)

    document.on_change_dispatch_to(
        type("Receiver", (), {"_document_patched": staticmethod(note)})()
    )
    way(held, number=7)
    assert held.number == model.data.number == 7
    assert changes == sent
