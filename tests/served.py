"""The app in a process of its own, served as the README serves it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

IDLE = 0.1
"""Seconds of processor time within two that an idle server takes at most: its housekeeping."""


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


def wait_until_idle(process: int) -> None:
    """Wait until a server has compiled what it compiles at its start, two minutes at most."""
    for _ in range(60):
        before = processor_time(process)
        time.sleep(2.0)
        if processor_time(process) - before < IDLE:
            return


def processor_time(process: int) -> float:
    """Seconds of processor time that a process has taken; where there is no /proc, as ps says."""
    told = Path(f"/proc/{process}/stat")
    if told.exists():
        after_name = told.read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
    said = subprocess.check_output(["ps", "-o", "time=", "-p", str(process)], text=True)
    seconds = 0.0
    for part in said.strip().split(":"):
        seconds = 60.0 * seconds + float(part)
    return seconds


READY = """() => {
  const page = window.Bokeh?.documents?.[0]
  const voltage = page?.get_model_by_name("voltage")
  return Boolean(voltage?.data.time.length)
}"""
"""True in the browser once the first voltage is there."""
