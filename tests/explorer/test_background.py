"""Analyses in the background: the newest wins, what is known is kept, mistakes become sentences."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import Queue
from types import SimpleNamespace

import panel as pn
import pytest

from explorer.background import Cancelled, Slot, Watch

PATIENCE = 20.0


class Session:
    """The part of a document that a slot uses, with a loop that the test turns by hand."""

    def __init__(self):
        self.calls = Queue()
        self.resting = {}
        self.session_context = SimpleNamespace(
            session=SimpleNamespace(connection_count=0),
            server_context=SimpleNamespace(application_context=SimpleNamespace(io_loop=self)),
        )

    def add_callback(self, call, *arguments):
        """What the loop does for any thread."""
        self.calls.put(partial(call, *arguments))

    def add_next_tick_callback(self, call):
        assert threading.current_thread() is threading.main_thread()
        self.calls.put(call)

    def add_timeout_callback(self, call, _ms):
        self.resting[call] = call
        return call

    def remove_timeout_callback(self, call):
        self.resting.pop(call, None)

    def on_session_destroyed(self, call):
        self._leave = call

    def close(self):
        """The tab is closed: the document is taken apart, and then everybody is told."""
        self.session_context = None
        self._leave(None)

    def rest(self):
        """The hand has rested long enough."""
        for call in list(self.resting):
            self.resting.pop(call)()

    def turn(self, slot):
        """Run callbacks until the slot is idle."""
        while slot._running is not None or not self.calls.empty():
            self.calls.get(timeout=PATIENCE)()


@pytest.fixture
def made():
    """A slot on a thread, its session, and what it handed over."""
    session, results, problems, parts = Session(), [], [], []
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield (
            Slot(session, pool, results.append, problems.append, parts.append),
            session,
            (
                results,
                problems,
                parts,
            ),
        )


def counting(*values):
    def task(watch):
        yield from values

    return task


def held_until(gate, *values):
    """A task that waits at a gate before every result."""

    def task(watch):
        for value in values:
            assert gate.acquire(timeout=PATIENCE)
            yield value

    return task


def test_results_arrive_in_order_in_the_thread_of_the_session(made):
    slot, session, (results, _, _) = made
    slot.ask(counting("coarse", "fine"))
    assert results == []
    session.turn(slot)
    assert results == ["coarse", "fine"]
    assert not slot.busy


def test_without_a_session_everything_happens_at_once():
    results = []
    slot = Slot(None, ThreadPoolExecutor(), results.append, results.append)
    slot.ask(counting(1, 2))
    assert results == [1, 2]


def test_a_request_that_is_overtaken_before_it_starts_never_runs(made):
    slot, session, (results, _, _) = made
    gate = threading.Semaphore(0)
    ran = []
    slot.ask(held_until(gate, "first"))
    for name in ("second", "third"):

        def task(watch, name=name):
            ran.append(name)
            yield name

        slot.ask(task)
    gate.release()
    session.turn(slot)
    assert ran == ["third"]
    assert results == ["first", "third"]


def test_a_drag_is_followed_by_the_first_result_of_each_request_that_ran(made):
    """What is overtaken while it runs still shows its next result, but not the one after."""
    slot, session, (results, _, _) = made
    gate = threading.Semaphore(0)
    slot.ask(held_until(gate, "old, coarse", "old, fine"))
    slot.ask(counting("new"))
    gate.release(2)
    session.turn(slot)
    assert results == ["old, coarse", "new"]


def test_what_is_laid_over_another_picture_is_never_out_of_date():
    session, results = Session(), []
    gate = threading.Semaphore(0)
    with ThreadPoolExecutor(max_workers=1) as pool:
        slot = Slot(session, pool, results.append, results.append, follows=False)
        slot.ask(held_until(gate, "old"))
        slot.ask(counting("new"))
        gate.release()
        session.turn(slot)
    assert results == ["new"]


def test_a_task_that_reports_its_progress_is_called_off_there(made):
    slot, session, (results, problems, parts) = made
    gate, reached = threading.Semaphore(0), []

    def long(watch):
        watch.progress(0.5)
        assert gate.acquire(timeout=PATIENCE)
        watch.progress(0.6)
        reached.append("the end")
        yield "old"

    slot.ask(long)
    while not parts:
        session.calls.get(timeout=PATIENCE)()
    assert parts == [0.5]
    slot.ask(counting("new"))
    gate.release()
    session.turn(slot)
    assert (results, problems, reached) == (["new"], [], [])


def test_progress_of_a_task_that_is_not_wanted_raises():
    watch = Watch()
    watch.progress(0.1)
    watch.cancel.set()
    with pytest.raises(Cancelled):
        watch.progress(0.2)


def test_what_is_known_is_shown_at_once(made):
    slot, session, (results, _, _) = made
    ran = []

    def task(watch):
        ran.append(1)
        yield "coarse"
        yield "fine"

    slot.ask(task, key="test_what_is_known")
    session.turn(slot)
    slot.ask(task, key="test_what_is_known")
    assert results == ["coarse", "fine", "fine"]
    assert ran == [1]


def test_what_was_called_off_is_not_kept(made):
    slot, session, (results, _, _) = made
    gate = threading.Semaphore(0)
    slot.ask(held_until(gate, "coarse", "fine"), key="test_called_off")
    slot.ask(counting("other"))
    gate.release(2)
    session.turn(slot)
    slot.ask(counting("again"), key="test_called_off")
    session.turn(slot)
    assert results[-1] == "again"


def test_the_hand_must_rest_before_a_long_task_starts(made):
    slot, session, (results, _, _) = made
    for value in range(3):
        slot.ask(counting(value), rest=200.0)
    assert slot.busy
    assert slot._running is None
    session.rest()
    session.turn(slot)
    assert results == [2]


def test_a_slot_that_is_dropped_shows_nothing_more(made):
    slot, session, (results, _, _) = made
    gate = threading.Semaphore(0)
    slot.ask(held_until(gate, "late"))
    slot.drop()
    gate.release()
    session.turn(slot)
    assert results == []


def test_a_closed_tab_calls_off_what_is_running():
    session, results, reached = Session(), [], []
    gate, started = threading.Semaphore(0), threading.Event()

    def long(watch):
        started.set()
        assert gate.acquire(timeout=PATIENCE)
        watch.progress(0.5)
        reached.append("the end")
        yield 1

    with ThreadPoolExecutor(max_workers=1) as pool:
        slot = Slot(session, pool, results.append, results.append)
        slot.ask(long)
        assert started.wait(PATIENCE)
        session.close()
        gate.release()
    while not session.calls.empty():
        session.calls.get()()
    assert (results, reached) == ([], [])


def test_what_waits_for_a_thread_is_not_begun_for_a_closed_tab():
    session, ran = Session(), []
    gate = threading.Semaphore(0)

    def task(watch):
        ran.append("begun")
        yield 1

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(gate.acquire)
        slot = Slot(session, pool, ran.append, ran.append)
        slot.ask(task)
        session.close()
        gate.release()
    assert ran == []


def test_a_mistake_is_told_in_its_own_sentence(made):
    slot, session, (results, problems, _) = made

    def wrong(watch):
        raise ValueError("`x` is 3: choose 2.")
        yield

    slot.ask(wrong)
    session.turn(slot)
    assert (results, problems) == ([], ["`x` is 3: choose 2."])


def test_what_nobody_foresaw_is_logged_and_the_slot_goes_on(made, caplog):
    slot, session, (results, problems, _) = made

    def broken(watch):
        raise KeyError("lost")
        yield

    slot.ask(broken)
    session.turn(slot)
    assert "lost" in caplog.text
    assert len(problems) == 1
    slot.ask(counting("well"))
    session.turn(slot)
    assert results == ["well"]


@pytest.mark.parametrize("what", ["result", "problem"])
def test_what_cannot_be_shown_is_logged_and_the_slot_goes_on(what, caplog):
    """Whatever a view does, the slot neither stops nor loses what came with it."""
    session, shown = Session(), []

    def refuse(given):
        shown.append(given)
        raise RuntimeError("no room")

    with ThreadPoolExecutor(max_workers=1) as pool:
        handlers = {"result": shown.append, "problem": shown.append, what: refuse}
        slot = Slot(session, pool, handlers["result"], handlers["problem"])

        def task(watch):
            yield "coarse"
            raise ValueError("no more")

        slot.ask(task)
        session.turn(slot)
        assert "no room" in caplog.text
        assert shown[0] == "coarse"
        assert shown[-1] == "no more"
        assert not slot.busy
        slot.ask(counting("next"))
        session.turn(slot)
        assert "next" in shown


def test_who_cannot_see_a_result_reads_why(made):
    slot, session, (results, problems, _) = made
    slot._on_result = lambda result: results.remove("nothing")
    slot.ask(counting(1))
    session.turn(slot)
    assert len(problems) == 1
    assert "log of the server" in problems[0]


def test_what_comes_while_the_browser_builds_the_page_waits_until_it_stands(monkeypatch):
    """Changes of components in that time would never reach the browser."""
    session, results, waiting = Session(), [], []
    monkeypatch.setattr(pn.state, "onload", waiting.append)
    with ThreadPoolExecutor(max_workers=1) as pool:
        slot = Slot(session, pool, results.append, results.append)
        slot.ask(counting("before the browser came"))
        session.turn(slot)
        session.session_context.session.connection_count = 1
        slot.ask(counting("early"))
    while not session.calls.empty():
        session.calls.get()()
    assert results == ["before the browser came"]
    for stand in waiting:
        stand()
    assert results == ["before the browser came", "early"]
    assert not slot.busy
