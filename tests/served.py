"""The app in a process of its own, served as the README serves it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def served(
    target: str = "explorer",
    arguments: Sequence[str] = (),
    environment: dict[str, str] | None = None,
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`panel serve target` on a free port: its address, and the process."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "panel", "serve", target, "--port", str(port), *arguments]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(environment or {})},
    ) as server:
        assert server.stdout is not None
        said = []
        for line in server.stdout:
            said.append(line)
            if "running at" in line:
                break
        else:
            raise RuntimeError("the server did not start:\n" + "".join(said))
        # What it says from now on is read and dropped, so that it never waits for a reader.
        reader = threading.Thread(target=deque, args=(server.stdout, 0), daemon=True)
        reader.start()
        try:
            yield f"http://localhost:{port}/{Path(target).stem}", server
        finally:
            server.terminate()
            reader.join()


READY = """() => {
  const page = window.Bokeh?.documents?.[0]
  const voltage = page?.get_model_by_name("voltage")
  return Boolean(voltage?.data.time.length)
}"""
"""True in the browser once the first voltage is there."""
