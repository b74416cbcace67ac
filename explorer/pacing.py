"""When things are drawn: a redraw in one message, words at the pace of reading, not of the hand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import panel as pn
from bokeh.document import Document
from panel.io import hold
from panel.io.state import set_curdoc

from .upstream import replied

EVERY = 200
"""ms between two changes of a text while the hand moves.

A screen reader would be flooded by more, and every changed line makes the browser lay out the page
again before it can paint the next frame.
"""


def soon(document: Document) -> Callable[[Callable[[], None]], Any]:
    """How to call something in a session after the events that are waiting, in one message.

    All that the call changes on the page travels together, so that each plot is painted once.
    """

    def schedule(call: Callable[[], None]) -> None:
        async def held() -> None:
            await replied(document)
            with set_curdoc(document), together(document):
                call()

        document.add_next_tick_callback(held)

    return schedule


def together(document: Document | None) -> AbstractContextManager[None]:
    """Within it, all changes of the page are gathered and sent as one message.

    While the page is still opening they are sent as they come: Panel would throw them away.
    """
    return hold(document) if document is not None and pn.state.loaded else nullcontext()


class Paced:
    """Calls a function soon after it was asked for, and at most once in `EVERY` ms.

    Parameters
    ----------
    document : the session; None calls at once.
    call : what to call; it looks up by itself what is newest.
    """

    def __init__(self, document: Document | None, call: Callable[[], Any]) -> None:
        self._document = document
        self._call = call
        self._waiting = False

    def ask(self) -> None:
        """Have the function called within `EVERY` ms."""
        if self._document is None:
            self._call()
        elif not self._waiting:
            self._waiting = True
            self._document.add_timeout_callback(self._run, EVERY)

    def _run(self) -> None:
        self._waiting = False
        self._call()
