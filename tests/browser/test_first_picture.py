"""What is ready at an awkward moment of a page's opening is shown all the same.

The moments are held open until the thread that computes has handed over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import panel as pn
import param
import pytest
from bokeh.server import session as bokeh_session
from bokeh.server.session import ServerSession
from panel.custom import JSComponent
from panel.io import resources
from playwright.sync_api import Page, expect

from explorer.background import Slot, Watch

PATIENCE = 30.0


class Moment:
    """A moment of the server, in which a thread shall hand over what it has."""

    def __init__(self) -> None:
        self._here = threading.Event()
        self._done = threading.Event()

    def is_here(self) -> None:
        """Called by the server: waits until the thread is done; later times pass at once."""
        if not self._here.is_set():
            self._here.set()
            assert self._done.wait(PATIENCE)

    def comes(self) -> None:
        """The moment is here and nobody waits for the thread."""
        self._here.set()

    def task(self, _watch: Watch) -> Iterator[str]:
        """Yields in the moment, and then lets the server go on."""
        assert self._here.wait(PATIENCE)
        yield "here it is"
        self._done.set()


class Words(JSComponent):
    """A component whose text Panel must send when it changes."""

    text = param.String()

    _esm = """
    export function render({model, el}) {
      const show = () => { el.textContent = model.text }
      model.on("text", show)
      show()
    }
    """


@pytest.fixture
def app() -> Iterator[Callable[[Moment], Callable[[], Any]]]:
    """`app(moment)` is a page with what a slot shows of the task that waits for the moment."""
    with ThreadPoolExecutor(1) as pool:

        def of(moment: Moment) -> Callable[[], Any]:
            def make() -> pn.viewable.Viewable:
                words = Words()
                pane = pn.pane.HTML("")

                def show(text: str) -> None:
                    pane.object = f"<p>pane: {text}</p>"
                    words.text = f"component: {text}"

                slot = Slot(pn.state.curdoc, pool, show, show)
                slot.ask(moment.task)
                return pn.Column(pane, words)

            return make

        yield of


def is_shown(page: Page) -> None:
    for kind in ("pane", "component"):
        expect(page.get_by_text(f"{kind}: here it is")).to_be_visible(timeout=1000 * PATIENCE)


def test_while_the_page_is_written(
    app: Any, serve: Any, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment, patch = Moment(), resources.patch_stylesheet

    def held(*arguments: Any) -> None:
        moment.is_here()
        patch(*arguments)

    monkeypatch.setattr(resources, "patch_stylesheet", held)
    is_shown(open_page(serve(app(moment))))


def test_while_the_session_is_made(
    app: Any, serve: Any, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment, group = Moment(), bokeh_session.DocumentCallbackGroup

    def held(*arguments: Any) -> Any:
        moment.is_here()
        return group(*arguments)

    monkeypatch.setattr(bokeh_session, "DocumentCallbackGroup", held)
    is_shown(open_page(serve(app(moment))))


def test_while_the_browser_builds_the_page(
    app: Any, serve: Any, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment, pull = Moment(), ServerSession.pull

    def noted(message: Any, connection: Any) -> Any:
        moment.comes()
        return pull(message, connection)

    monkeypatch.setattr(ServerSession, "pull", noted)
    is_shown(open_page(serve(app(moment))))


_EARLY = """
  window.early = []
  const all = (root) => [...root.querySelectorAll("*")].flatMap(
    (each) => each.shadowRoot ? [each, ...all(each.shadowRoot)] : [each])
  const watch = () => {
    const page = window.Bokeh?.documents?.[0]
    if (page?.is_idle) { window.watched = true; return }
    for (const each of document.body ? all(document.body) : []) {
      if (!each.matches("input, select, button")) { continue }
      const {left, top, width, height} = each.getBoundingClientRect()
      const hit = document.elementFromPoint(left + width / 2, top + height / 2)
      each.focus()
      if (each.getRootNode().activeElement === each) { early.push(`key: ${each.ariaLabel}`) }
      if (hit?.shadowRoot?.contains(each)) { early.push(`click: ${each.ariaLabel}`) }
    }
    requestAnimationFrame(watch)
  }
  requestAnimationFrame(watch)
"""


def test_no_control_can_be_reached_before_its_changes_count(
    app_address: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(app_address, lambda page: page.add_init_script(_EARLY))
    page.wait_for_function("window.watched")
    assert page.evaluate("early") == []
    chip = page.get_by_role("radio", name="Chattering", exact=True)
    chip.focus()
    expect(chip).to_be_focused()
