"""The app with a page `/live` that counts what its sessions keep in memory.

``python -m tests.benchmarks.counted_server PORT``; sessions end a second after their tab.
"""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path

import panel as pn
from bokeh.server.session import ServerSession
from tornado.web import RequestHandler

import explorer
from explorer.state import Explorer


class Live(RequestHandler):
    """Numbers of living sessions and explorers, as JSON."""

    def get(self) -> None:
        gc.collect()
        kinds = [type(each) for each in gc.get_objects()]
        self.write(
            json.dumps({"sessions": kinds.count(ServerSession), "explorers": kinds.count(Explorer)})
        )


def main(port: int) -> None:
    server = pn.io.server.get_server(
        {"explorer": str(Path(explorer.__file__).with_name("main.py"))},
        port=port,
        extra_patterns=[("/live", Live)],
        unused_session_lifetime_milliseconds=1000,
        check_unused_sessions_milliseconds=500,
    )
    server.start()
    print("running at", port, flush=True)
    server.io_loop.start()


if __name__ == "__main__":
    main(int(sys.argv[1]))
