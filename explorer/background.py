"""Long analyses beside the event loop: newest wins, kept once computed, handed back in order.

A page asks a `Slot` for what a picture needs. The work runs on a thread; compiled code releases
Python's lock, so sliders of all visitors stay quick. While the hand moves on, a slot keeps only
its newest request: the one that is running ends at its next result, and that result is still
shown, so that a picture follows a drag however slow it is.
"""

from __future__ import annotations

import logging
import os
import sys
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock, get_native_id
from typing import Any

import panel as pn
from bokeh.document import Document

from .upstream import caller, is_being_built


def give_way() -> None:
    """Put the calling thread behind those that answer a hand; threads it starts inherit that.

    Linux knows the niceness of a thread; elsewhere only that of a process, which stays as it is.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, get_native_id(), _NICE)


_NICE = 10

QUICK = ThreadPoolExecutor(1, thread_name_prefix="quick-analysis", initializer=give_way)
"""For what takes less than a tenth of a second, so that it never waits behind what takes more."""
LONG = ThreadPoolExecutor(3, thread_name_prefix="long-analysis", initializer=give_way)
"""For what takes seconds."""

_log = logging.getLogger(__name__)

_FAILED = "This analysis failed; the log of the server says why."

_KEPT = 200
"""Results kept for all sessions together."""


class Cancelled(Exception):
    """A newer request came."""


class Watch:
    """What a task is given: how to say how far it is, and whether it is still wanted.

    Attributes
    ----------
    cancel : set once a newer request came.
    """

    def __init__(self, told: Callable[[float], None] = lambda part: None) -> None:
        self.cancel = Event()
        self._told = told

    def progress(self, part: float) -> None:
        """Say the part done, 0 to 1; raises `Cancelled` when a newer request came."""
        if self.cancel.is_set():
            raise Cancelled
        self._told(part)


Task = Callable[[Watch], Iterator[Any]]
"""Yields results, each better than the one before; ValueError if there is none."""


@dataclass
class _Job:
    task: Task
    key: Hashable
    watch: Watch
    results: list[Any] = field(default_factory=list)


class Slot:
    """One picture's place in the background. All methods are for the thread of the session.

    Parameters
    ----------
    document : the session; None runs everything at once, in the calling thread.
    pool : where tasks run.
    on_result : called with each result.
    on_problem : called with the sentence of a ValueError.
    on_progress : called with the part done.
    follows : whether a result that a newer request overtook is still shown: right for a picture
        that should move with a drag, wrong for one that is laid over another.
    """

    def __init__(
        self,
        document: Document | None,
        pool: Executor,
        on_result: Callable[[Any], Any],
        on_problem: Callable[[str], Any],
        on_progress: Callable[[float], Any] = lambda part: None,
        follows: bool = True,
    ) -> None:
        self._follows = follows
        self._document = document
        self._pool = pool
        self._on_result = on_result
        self._on_problem = on_problem
        self._on_progress = on_progress
        self._running: _Job | None = None
        self._waiting: _Job | None = None
        self._resting: Any = None
        self._newest: _Job | None = None
        self._mail: deque[tuple[Callable[..., None], _Job, tuple[Any, ...]]] = deque()
        self._stands = self._left = False
        if document is not None:
            self._call_soon = caller(document)
            document.on_session_destroyed(self._leave)
            pn.state.onload(self._stand)

    @property
    def busy(self) -> bool:
        """Whether the newest request is still to be answered in full."""
        return self._newest is not None

    def ask(self, task: Task, key: Hashable = None, rest: float = 0.0) -> None:
        """Ask for the results of a task instead of whatever was asked for before.

        Parameters
        ----------
        task : what to run; it must not touch the session.
        key : what the result depends on: one that is known is shown at once. None keeps nothing.
        rest : ms that the hand must rest before the task starts.
        """
        self.drop()
        kept = _memory.get(key)
        if kept is not None:
            self._on_result(kept)
            return
        job = _Job(task, key, Watch())
        job.watch._told = partial(self._tell, job)
        self._newest = self._waiting = job
        if rest and self._document is not None:
            self._resting = self._document.add_timeout_callback(self._rested, int(rest))
        else:
            self._next()

    def drop(self) -> None:
        """Want nothing more; what is running ends at its next step."""
        self._newest = self._waiting = None
        if self._resting is not None and self._document is not None:
            self._document.remove_timeout_callback(self._resting)
            self._resting = None
        if self._running is not None:
            self._running.watch.cancel.set()

    # --- in the thread of the session ------------------------------------------------------------

    def _leave(self, _context: Any) -> None:
        """The tab was closed: nobody waits for what is running."""
        self._left = True
        self._newest = self._waiting = self._resting = None
        self._mail.clear()
        if self._running is not None:
            self._running.watch.cancel.set()

    def _rested(self) -> None:
        self._resting = None
        self._next()

    def _next(self) -> None:
        if self._running is not None or self._waiting is None or self._resting is not None:
            return
        self._running, self._waiting = self._waiting, None
        if self._document is None:
            self._work(self._running)
        else:
            self._pool.submit(self._work, self._running)

    def _receive(self, job: _Job, result: Any) -> None:
        # Without a newest request nobody looks any more, or what was newest is kept and shown.
        if job is self._newest or (self._follows and self._newest is not None):
            self._on_result(result)

    def _fail(self, job: _Job, sentence: str) -> None:
        if job is self._newest:
            self._on_problem(sentence)

    def _report(self, job: _Job, part: float) -> None:
        if job is self._newest:
            self._on_progress(part)

    def _end(self, job: _Job) -> None:
        if job is self._newest:
            self._newest = None
        self._running = None
        self._next()

    def _stand(self) -> None:
        """The browser has built the page."""
        self._stands = True
        self._deliver()

    def _deliver(self) -> None:
        """Do what was handed over, in its order; one that fails is told and holds up no other.

        While the browser builds the page, what was handed over waits for `_stand`.
        """
        if self._document is not None and not self._stands and is_being_built(self._document):
            return
        while self._mail:
            call, job, arguments = self._mail.popleft()
            try:
                call(job, *arguments)
            except Exception:
                _log.exception("A result could not be shown.")
                if call != self._fail:
                    self._mail.appendleft((self._fail, job, (_FAILED,)))

    # --- in the thread of the work ---------------------------------------------------------------

    def _work(self, job: _Job) -> None:
        try:
            self._compute(job)
        except Cancelled:
            pass
        except ValueError as problem:
            self._hand_over(self._fail, job, str(problem))
        except Exception:
            _log.exception("An analysis failed.")
            self._hand_over(self._fail, job, _FAILED)
        finally:
            self._hand_over(self._end, job)

    def _compute(self, job: _Job) -> None:
        if self._left:
            return
        result = None
        for result in job.task(job.watch):
            self._hand_over(self._receive, job, result)
            if job.watch.cancel.is_set():
                return
        _memory.put(job.key, result)

    def _tell(self, job: _Job, part: float) -> None:
        self._hand_over(self._report, job, part)

    def _hand_over(self, call: Callable[..., None], job: _Job, *arguments: Any) -> None:
        """Have something done in the thread of the session, after all that came before."""
        self._mail.append((call, job, arguments))
        if self._document is None:
            self._deliver()
        else:
            self._call_soon(self._deliver)


class _Memory:
    """The newest results of all sessions by their key."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._results: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable) -> Any:
        with self._lock:
            if key is None or key not in self._results:
                return None
            self._results.move_to_end(key)
            return self._results[key]

    def put(self, key: Hashable, result: Any) -> None:
        if key is None or result is None:
            return
        with self._lock:
            self._results[key] = result
            while len(self._results) > self._size:
                self._results.popitem(last=False)


_memory = _Memory(_KEPT)
