"""Workarounds for libraries: each with its symptom and the test that says when it can go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel_material_ui as pmui
from bokeh.document import Document

AT_ONCE = ":host > div { visibility: visible !important; }"
"""A style sheet for panes of text.

Symptom: Panel 1.9.4 hides an HTML pane until all of its linked style sheets have told that they are
loaded; on a busy machine a status line stayed blank for seconds after the plots stood.
Guard: `tests/browser/test_explore.py` expects the status line with the first plot.
"""


def releaser(page: pmui.Page) -> Callable[[Any], None]:
    """A callback for the end of a session that lets go of its page.

    Symptom: `panel_material_ui.Page` 0.16.6 binds its `busy` parameter to the process-wide
    `pn.state.busy`; that watcher keeps the page, and with it the whole session, alive for ever.
    Guard: `tests/browser/test_sessions.py` opens and closes sessions and counts what is left;
    when it passes without this callback, the callback can go.
    """

    def release(_context: Any) -> None:
        for _, watcher in page._param__private.ref_watchers:
            watcher.inst.param.unwatch(watcher)

    return release


def serve_own_files(document: Document) -> None:
    """Take style sheets from this server, also in a session that starts with its web socket.

    Symptom: Panel 1.9 notes where its files are while it answers the page request. A session made
    anew when the web socket opens (the first one expired on a slow machine, or the server was
    restarted under an open tab) has no such note and asks a CDN for style sheets.
    Guard: `tests/browser/test_offline.py` opens a web socket without a page request.
    """
    document.template_variables.setdefault("dist_url", "static/extensions/panel/")
