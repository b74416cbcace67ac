"""What only a library could cure: that it is still ill, and that the workaround helps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import panel as pn
import param
import pytest
from bokeh.core.property.bases import Property
from bokeh.document import Document
from bokeh.document.events import ModelChangedEvent
from bokeh.models import ColumnDataSource, Line, LinearAxis, PanTool, Range1d, Title
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


def test_a_default_is_worked_out_once(monkeypatch: pytest.MonkeyPatch):
    looks: list[str] = []
    work_out = Property.themed_default

    def counted(self: Any, cls: Any, name: str, *themed: Any, **also: Any) -> Any:
        looks.append(name)
        return work_out(self, cls, name, *themed, **also)

    monkeypatch.setattr(Property, "themed_default", counted)
    Line().properties_with_values()
    looks.clear()
    other = Line()
    assert other.line_cap == "butt"
    assert "line_cap" not in looks
    other.apply_theme({"line_cap": "round"})
    assert other.line_cap == "round"
    assert Line().line_cap == "butt"


@pytest.mark.parametrize("kind", [Line, Range1d, LinearAxis, Title, PanTool, ColumnDataSource])
def test_defaults_are_those_of_the_library(kind):
    kind().properties_with_values()
    made = kind()
    for name, descriptor in ((name, kind.lookup(name)) for name in kind.properties()):
        if not descriptor.has_unstable_default(made):
            assert getattr(made, name) == descriptor.instance_default(made)
        elif isinstance(getattr(made, name), (list, dict)):
            assert getattr(made, name) is not getattr(kind(), name)
