"""Words that follow a drag at the pace of reading, not of the hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bokeh.document import Document

EVERY = 200
"""ms between two changes of a text while the hand moves.

A screen reader would be flooded by more, and every changed line makes the browser lay out the page
again before it can paint the next frame.
"""


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
