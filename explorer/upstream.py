"""Workarounds for libraries: each with its symptom and the test that says when it can go."""

from __future__ import annotations

import gzip
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import panel.io.document
import panel_material_ui as pmui
import param
from bokeh.core.has_props import HasProps
from bokeh.core.property.descriptors import PropertyDescriptor
from bokeh.core.serialization import Serializer
from bokeh.document import Document
from bokeh.events import Event
from bokeh.protocol.message import Message
from bokeh.server.connection import ServerConnection
from bokeh.server.views.ws import WSHandler
from panel.custom import JSComponent
from panel.io.model import apply_changes_without_dispatch
from panel.io.server import DocHandler
from panel.io.state import set_curdoc

AT_ONCE = ":host > div { visibility: visible !important; }"
"""A style sheet for panes of text.

Symptom: Panel 1.9.4 hides an HTML pane until all of its linked style sheets have told that they are
loaded; on a busy machine a status line stayed blank for seconds after the plots stood.
Guard: `tests/browser/test_explore.py` expects the status line with the first plot.
"""


class Painting(JSComponent):
    """Has the browser paint what changed, and spares it what nobody would see.

    Symptom: at every paint Bokeh 3.9 writes a style sheet for each axis, grid and glyph, most with
    the text that they have, and asks for the computed style of every tick label, so that the
    browser works out the styles of the whole page a dozen times per frame, which took half of the
    time from a change to its frame. For every curve that changes it sets up four more views, in
    case something is selected, builds an index of all points, in case the pointer comes near, and
    measures every tick label, in case an axis needs more room: a quarter of what was left.
    Guard: `tests/browser/test_explore.py` watches all of these during a redraw.

    Symptom: a new label of an axis is made in its own time, and no paint is asked for when it is
    there: a plot kept the unit of the model before, mV/ms at a current in pA.
    Guard: `tests/browser/test_axis_labels.py` chooses another model.

    Symptom: a plot that becomes smaller because a neighbour grows keeps its picture as large as it
    was, if what holds both has asked first how large its parts are: an axis label lay over the line
    below the plot.
    Guard: `tests/browser/test_layout.py` lays a method over of which much is said.
    """

    _esm = Path(__file__).with_suffix(".js")


class Direct(JSComponent):
    """A component that the hand holds: its messages go straight in, its answers straight out.

    Symptom: Panel 1.9.4 counts for each message whether the process is busy, which every page of
    every visitor hears of, and what a parameter sends takes several callbacks and a message of
    its own. That took as long as a simulation. What the browser told is also sent back to it.
    Guard: `tests/explorer/test_upstream.py` looks who hears of a message.
    """

    def _process_bokeh_event(self, doc: Document, event: Event) -> None:
        with set_curdoc(doc):
            self._process_event(event)

    def tell(self, **values: Any) -> None:
        """Set parameters here and in the browsers, and nowhere else."""
        with param.parameterized.discard_events(self):
            self.param.update(**values)
        for model, _ in self._models.values():
            model.data.update(**values)

    def keep(self, **values: Any) -> None:
        """Set parameters to what the browser has already."""
        with param.parameterized.discard_events(self):
            self.param.update(**values)
        for model, _ in self._models.values():
            if model.document is not None:
                apply_changes_without_dispatch(model.document, model.data, values)


def release(page: pmui.Page) -> None:
    """Part a page from the process-wide busy state.

    Symptom: `panel_material_ui.Page` 0.16.6 binds its `busy` parameter to `pn.state.busy`. That
    watcher keeps the page, and with it the whole session, alive for ever; and every event of every
    visitor sends two messages to the page, which it answers by rendering itself anew.
    Guard: `tests/browser/test_sessions.py` opens and closes sessions and counts what is left;
    when it passes without this call, the call can go.
    """
    for _, watcher in page._param__private.ref_watchers:
        watcher.inst.param.unwatch(watcher)


def serve_own_files(document: Document) -> None:
    """Take style sheets from this server, also in a session that starts with its web socket.

    Symptom: Panel 1.9 notes where its files are while it answers the page request. A session made
    anew when the web socket opens (the first one expired on a slow machine, or the server was
    restarted under an open tab) has no such note and asks a CDN for style sheets.
    Guard: `tests/browser/test_offline.py` opens a web socket without a page request.
    """
    document.template_variables.setdefault("dist_url", "static/extensions/panel/")


def query_of(document: Document) -> str:
    """The query of the address that a session was opened with, "" without one; never raises.

    Symptom: `pn.state.location` of Panel 1.9.4 takes a query apart by itself, and a link with two
    question marks, five thousand digits or a superscript two ends in a ValueError: the visitor sees
    a page that loads for ever. The page has no such location (`servable(location=False)`).
    Guard: `tests/browser/test_links.py` opens such links.
    """
    context = document.session_context
    return str(context.request.query) if context is not None and context.request else ""


async def _without_arguments(handler: DocHandler) -> None:
    """Leave the query of a request to `query_of`, all but the theme.

    Symptom: Bokeh 3.9 takes keys like `bokeh-token` from any link, Panel 1.9.4 fails at a theme
    that is no UTF-8, and both put all arguments into the token of the session: links of 30 kB made
    the header of the web socket's request too long for Tornado, and the page loaded for ever.
    Guard: `tests/browser/test_links.py` opens such links.
    """
    await super(DocHandler, handler).prepare()
    themes = handler.request.arguments.get("theme", [])[:1]
    handler.request.arguments = {"theme": themes} if themes in ([b"dark"], [b"default"]) else {}


DocHandler.prepare = _without_arguments  # type: ignore[method-assign]


def caller(document: Document) -> Callable[[Callable[[], None]], None]:
    """What any thread may use to have something called in the thread of a session.

    Nothing is called once the tab is closed. The thread asks the event loop, and the loop asks the
    document in its own thread: a thread that asks the document itself races with three things.

    Symptoms: Panel 1.9.4 puts the style sheets of a page in place while it answers the page request
    (`patch_model_css`), and then throws away whatever was added to the document meanwhile: a
    picture that was ready just then never came, without a word. Bokeh 3.9 listens to a document
    before it can take what it hears of (`ServerSession.__init__`) and takes it apart when its
    session ends; a thread that adds a callback in between gets an AttributeError.
    Guard: `tests/browser/test_first_picture.py` hands over in the first two moments,
    `tests/browser/test_diagram_sessions.py` closes tabs while they compute.
    """
    loop = document.session_context.server_context.application_context.io_loop

    def add(call: Callable[[], None]) -> None:
        if document.session_context is not None:
            document.add_next_tick_callback(call)

    def call_soon(call: Callable[[], None]) -> None:
        loop.add_callback(add, call)

    return call_soon


def is_being_built(document: Document) -> bool:
    """Whether the browser has a session's document, or takes it now: true until its end.

    Symptom: from then on until the browser says that the page stands (`pn.state.onload`), Panel
    1.9.4 throws away what it should send of components (`_drain_unconnected_events`), in the belief
    that the browser has yet to ask for the document. A winner map stayed empty.
    Guard: `tests/browser/test_first_picture.py` changes a component in that time.
    """
    session = document.session_context.session
    return session is not None and session.connection_count > 0


async def replied(document: Document) -> None:
    """Return once no message to the browsers of a session is half sent.

    Symptom: a message of Bokeh 3.9 has three parts. What a callback changes between two of them is
    held up by Panel 1.9.4 until 10 ms later (`_dispatch_msgs` sleeps so long).
    Guard: `tests/browser/test_pace.py` looks for half sent messages when a simulation starts.
    """
    session = document.session_context.session
    for connection in session._subscribed_connections.copy():
        (await connection._socket.write_lock.acquire()).__exit__(None, None, None)


class Inline(np.ndarray):
    """Numbers that travel within their message.

    Symptom: Bokeh 3.9 sends each array in two web socket frames of its own, thirty for a redraw.
    Chromium hands a page one frame per task, and while a mouse button is down only a few tasks per
    animation frame: redraws queued up, and the picture was seconds behind the hand.
    Guard: `tests/browser/test_explore.py` counts the frames of a redraw.
    """


def inline(values: np.ndarray) -> np.ndarray:
    """The same numbers, to be sent within their message."""
    return np.ascontiguousarray(values).view(Inline)


def _encoded(values: Inline, _serializer: Serializer) -> Any:
    # The browser expects zipped bytes. Level 0 wraps them without searching for repetitions.
    data = b64encode(gzip.compress(values.tobytes(), compresslevel=0, mtime=0)).decode("ascii")
    return {
        "type": "ndarray",
        "array": {"type": "bytes", "data": data},
        "shape": list(values.shape),
        "dtype": values.dtype.name,
        "order": sys.byteorder,
    }


Serializer.register(Inline, _encoded)


def _ok(
    connection: ServerConnection,
    message: Message[Any],
    ok: Callable[[ServerConnection, Message[Any]], Any] = ServerConnection.ok,
) -> Any:
    return None if message.msgtype == "PATCH-DOC" else ok(connection, message)


ServerConnection.ok = _ok
"""Leaves changes unconfirmed, as the browser does.

Symptom: Bokeh 3.9 confirms each change that the browser tells of in three frames, which the browser
drops; they stand in the way of the redraw.
Guard: `tests/browser/test_explore.py` counts the frames of a redraw.
"""


def _open_at_once(handler: WSHandler, open_: Callable[[WSHandler], None] = WSHandler.open) -> None:
    handler.set_nodelay(True)
    open_(handler)


WSHandler.open = _open_at_once
"""Sends each web socket frame when it is made.

Symptom: Bokeh 3.9 leaves it to the system to gather small packets: the second frame of a message
waits until the browser has confirmed the first, which takes up to 40 ms.
Guard: `tests/browser/test_pace.py` asks the sockets of a session.
"""


def _search_nothing() -> None:
    """`upkeep` searches for garbage."""


panel.io.document._garbage_collect = _search_nothing
"""Leaves it to `upkeep` when to search for the garbage of a session.

Symptom: some seconds after a tab was closed Panel 1.9.4 searches through all objects of the
process, for a third of a second in which no slider of anybody moves.
Guard: `tests/browser/test_sessions.py` counts the searches after tabs were closed.
"""


_defaults: WeakKeyDictionary[type, dict[str, Any]] = WeakKeyDictionary()


def _default(
    descriptor: PropertyDescriptor[Any],
    model: HasProps,
    work_out: Callable[[PropertyDescriptor[Any], HasProps], Any] = PropertyDescriptor._get_default,
) -> Any:
    if descriptor.name in (model.themed_values() or ()):
        return work_out(descriptor, model)
    known = _defaults.setdefault(type(model), {})
    if descriptor.name in known:
        return known[descriptor.name]
    value = work_out(descriptor, model)
    if not descriptor.has_unstable_default(model):
        known[descriptor.name] = value
    return value


PropertyDescriptor._get_default = _default  # type: ignore[method-assign]
"""Works out what a property is by default once for each class of models.

Symptom: Bokeh 3.9 works it out and validates it anew at every look at a property that was never
set. Without that a page is built in an eighth less time, in which all other visitors wait.
Guard: `tests/explorer/test_upstream.py` counts how often.
"""
