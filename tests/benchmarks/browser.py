"""From the hand to the painted frame, in headless Chromium, beside a naive page of the same plots.

The app is served by its own process and driven with real keys and a real mouse; times are taken
inside the page, from the event's own time stamp to the frame in which its value was painted.
"""

from __future__ import annotations

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import explorer

from ..browser.chromium import launch
from ..served import wait_until_idle
from .timing import print_table

MODELS = ("Izhikevich", "HodgkinHuxley")
PRESSES = 60
DRAG_SECONDS = 3.0
MOVES_PER_SECOND = 60.0
TABS = 5
DESK = {"width": 1440, "height": 900}

_ROOT = Path(explorer.__file__).parents[1]
_PROBE = (Path(__file__).with_name("browser_probe.js")).read_text(encoding="utf-8")
_LONG = 120_000


class Served:
    """A served page: its process, its address, and how its amplitude slider is driven.

    Parameters
    ----------
    target : what `panel serve` is given.
    slider : selector of the part of the amplitude slider that takes keys and the mouse.
    value : JavaScript expression for the slider's value, given `doc` and `slider`.
    assign : JavaScript that gives it the value `wanted`, given `doc` and `slider`.
    """

    def __init__(self, target: str, slider: str, value: str, assign: str) -> None:
        self.target, self.slider, self.value, self.assign = target, slider, value, assign
        self.address = ""
        self.process: subprocess.Popen[str] | None = None

    @contextmanager
    def running(self, counted: bool = False, **environment: str) -> Iterator[Served]:
        """Serve until the block ends; `counted` with a page that counts its sessions."""
        with socket.socket() as free:
            free.bind(("localhost", 0))
            port = free.getsockname()[1]
        panel = ["panel", "serve", self.target, "--port", str(port)]
        command = ["tests.benchmarks.counted_server", str(port)] if counted else panel
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=_ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        said = []
        try:
            for line in self.process.stdout:
                said.append(line)
                if "running at" in line:
                    break
            else:
                raise RuntimeError("the page did not start:\n" + "".join(said))
            rest = self.process.stdout
            threading.Thread(target=lambda: deque(rest, maxlen=0), daemon=True).start()
            self.address = f"http://localhost:{port}/{Path(self.target).stem}"
            yield self
        finally:
            self.process.kill()
            self.process.wait()

    def open(self, browser: Browser, model: str = MODELS[0]) -> Page:
        """A page of its own, once its voltage is painted and the probe is in place."""
        page = browser.new_context(viewport=DESK).new_page()
        page.goto(f"{self.address}?model={model}")
        page.evaluate(_PROBE)
        page.wait_for_function("probe.ready()", timeout=_LONG)
        return page

    def memory(self) -> float:
        """Resident memory of the server, MB."""
        assert self.process is not None
        said = subprocess.check_output(["ps", "-o", "rss=", "-p", str(self.process.pid)], text=True)
        return int(said) / 1024.0

    def living(self) -> dict[str, int]:
        """How many sessions and explorers the counted server keeps."""
        port = re.findall(r":(\d+)/", self.address)[0]
        with urllib.request.urlopen(f"http://localhost:{port}/live") as answer:
            return dict(json.load(answer))


OURS = Served(
    "explorer",
    "input[type=range][aria-label=Amplitude]",
    "parseFloat(slider.getAttribute('aria-valuetext'))",
    "slider.value = wanted; slider.dispatchEvent(new Event('input', {bubbles: true}))",
)
NAIVE = Served(
    str(Path(__file__).with_name("naive_page.py")),
    ".noUi-handle >> nth=0",
    "[...doc.all_models].find((model) => model.title === 'Amplitude').value",
    "const named = [...doc.all_models].find((model) => model.title === 'Amplitude'); "
    "named.value = wanted",
)


def report() -> None:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        print_table(
            ["ms from the hand to the frame", "median", "p95", "n", "redraws/s", "moves/s", "last"],
            _hands(browser),
        )
        print()
        print_table(["opening and keeping", "value"], [*_openings(browser), *_memory(browser)])
        browser.close()


# --- the hand ------------------------------------------------------------------------------------


def _hands(browser: Browser) -> list[list[str]]:
    rows = []
    medians: dict[tuple[str, str], float] = {}
    for name, served in (("ours", OURS), ("naive", NAIVE)):
        with served.running():
            served.open(browser).context.close()
            _warm(served)  # what it compiles beside the first visitor is done
            for model in MODELS:
                for how, measure in _WAYS.items():
                    page = served.open(browser, model)
                    _listen(page, served)
                    times, pace = measure(page, served)
                    page.context.close()
                    medians[name, f"{model} {how}"] = statistics.median(times)
                    rows.append([f"{model}, {how}, {name}", *_spread(times), *pace])
    for key in [key for who, key in medians if who == "ours"]:
        ratio = medians["naive", key] / medians["ours", key]
        rows.append([f"{key}: naive/ours", f"{ratio:.1f}", "", "", "", "", ""])
    return rows


def _listen(page: Page, served: Served) -> None:
    """Let the probe know the slider: how to find it and how to read its value."""
    page.locator(served.slider).first.evaluate(
        f"""(slider) => {{
          const doc = Bokeh.documents[0]
          probe.listen(slider, () => ({served.value}))
        }}"""
    )


def _keys(page: Page, served: Served) -> tuple[list[float], list[str]]:
    """One press after another, each painted before the next."""
    page.locator(served.slider).first.focus()
    for press in range(PRESSES):
        page.keyboard.press("ArrowRight" if press % 20 < 10 else "ArrowLeft")
        page.wait_for_function("(n) => probe.painted.length >= n", arg=press + 1, timeout=_LONG)
    return _ages(page), ["", "", ""]


def _drag(page: Page, served: Served) -> tuple[list[float], list[str]]:
    """Along a quarter of the track and back, for three seconds."""
    box = page.locator(served.slider).first.bounding_box()
    assert box is not None
    wide = box["width"] > 100.0  # a whole track; else a handle to be pulled
    grip = _grip(page) if wide else box["x"] + box["width"] / 2
    reach = 0.15 * (box["width"] if wide else 300.0)
    height = box["y"] + box["height"] / 2
    page.mouse.move(grip, height)
    page.mouse.down()
    begin = time.perf_counter()
    moves = 0
    while (now := time.perf_counter() - begin) < DRAG_SECONDS:
        page.mouse.move(grip + reach * _to_and_fro(now), height)
        moves += 1
        time.sleep(max(0.0, moves / MOVES_PER_SECOND - (time.perf_counter() - begin)))
    took = time.perf_counter() - begin
    page.mouse.move(grip + 0.8 * reach, height)
    page.wait_for_function("probe.quiet()", timeout=_LONG)
    page.mouse.up()
    during = page.evaluate("probe.duringMoves()")
    last = page.evaluate("probe.lag()")
    return _ages(page), [f"{during / took:.0f}", f"{moves / took:.0f}", f"{last:.0f}"]


def _script(page: Page, served: Served) -> tuple[list[float], list[str]]:
    """The value set by script, each painted before the next: without what a hand costs."""
    slider = page.locator(served.slider).first
    first = page.evaluate("probe.value()")
    step = 1.0
    for press in range(PRESSES):
        wanted = first + step * (1 + press % 10)
        slider.evaluate(
            f"""(slider, wanted) => {{
              const doc = Bokeh.documents[0]
              probe.asked(performance.now(), wanted);
              {served.assign}
            }}""",
            wanted,
        )
        page.wait_for_function("(n) => probe.painted.length >= n", arg=press + 1, timeout=_LONG)
    return _ages(page), ["", "", ""]


_WAYS: dict[str, Callable[[Page, Served], tuple[list[float], list[str]]]] = {
    "keys": _keys,
    "drag": _drag,
    "script": _script,
}


def _grip(page: Page) -> float:
    """Where the thumb of our slider is; it is 14 px wide and stays within the track."""
    return float(
        page.locator(OURS.slider).first.evaluate(
            """(range) => {
              const box = range.getBoundingClientRect()
              const share = (range.value - range.min) / (range.max - range.min)
              return box.left + 7 + share * (box.width - 14)
            }"""
        )
    )


def _to_and_fro(seconds: float) -> float:
    """A place between 0 and 1 that goes there and back once per 1.5 s."""
    phase = (seconds / 0.75) % 2.0
    return phase if phase < 1.0 else 2.0 - phase


def _ages(page: Page) -> list[float]:
    return [float(age) for age in page.evaluate("probe.painted.map((frame) => frame.age)")]


def _spread(times: list[float]) -> list[str]:
    high = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    return [f"{statistics.median(times):.0f}", f"{high:.0f}", str(len(times))]


# --- opening and keeping -------------------------------------------------------------------------


def _openings(browser: Browser) -> list[list[str]]:
    rows = []
    for name, served in (("ours", OURS), ("naive", NAIVE)):
        with served.running():
            served.open(browser).context.close()
            taken = [_opening(browser, served) for _ in range(5)]
        rows.append(
            [f"navigation to first plot, warm server, {name}", f"{statistics.median(taken):.2f} s"]
        )
    with tempfile.TemporaryDirectory() as cache:
        for state in ("cold", "warm"):
            begin = time.perf_counter()
            with OURS.running(XDG_CACHE_HOME=cache):
                OURS.open(browser).context.close()
                taken_s = time.perf_counter() - begin
                if state == "cold":
                    _warm(OURS)
            rows.append([f"`panel serve` to first plot, {state} compile cache", f"{taken_s:.1f} s"])
    return rows


def _opening(browser: Browser, served: Served) -> float:
    """Seconds from the start of the navigation to the first painted voltage."""
    page = served.open(browser)
    taken = float(page.evaluate("probe.first")) / 1e3
    page.context.close()
    return taken


def _warm(served: Served) -> None:
    """Wait until the server has warmed up."""
    assert served.process is not None
    wait_until_idle(served.process.pid)


def _memory(browser: Browser) -> list[list[str]]:
    with OURS.running(counted=True) as served:
        for _ in range(2):  # what the first sessions leave belongs to the process
            served.open(browser).context.close()
            _emptied(served)
        _warm(served)
        before = served.memory()
        pages = [served.open(browser) for _ in range(TABS)]
        during = served.memory()
        for page in pages:
            page.context.close()
        left = _emptied(served)
        after = served.memory()
    return [
        ["memory per open session", f"{(during - before) / TABS:.1f} MB"],
        [f"left after closing {TABS}", ", ".join(f"{n} {kind}" for kind, n in left.items())],
        [f"left after closing {TABS}: memory", f"{after - before:.1f} MB of {after:.0f} MB"],
    ]


def _emptied(served: Served) -> dict[str, int]:
    """Wait until nothing of a session is left, half a minute at most; what is."""
    end = time.perf_counter() + 30.0
    while any((left := served.living()).values()) and time.perf_counter() < end:
        time.sleep(0.2)
    return left
