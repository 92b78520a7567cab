"""Threads: each HiGHS run gets a thread of its own, and an interrupt stops the runs in all threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from threading import Event
from types import TracebackType
from typing import Any

_STOP: ContextVar[Event | None] = ContextVar("stop", default=None)  # stop signal of the pool that the thread works for


def apart[R](highs: Any, work: Callable[[], R]) -> R:
    """Run HiGHS on a new thread, and wait for it.

    HiGHS keeps a task scheduler for each thread of the process, with the number of threads of the first model that ran
    there, and fails where a later model asks for another number. A new thread has no scheduler yet, so neither can
    earlier users of HiGHS disturb this run, nor this run later ones; both may run at the same time.

    An interrupt (Ctrl-C) stops the run; the model is free when this function has returned or raised.

    Args:
        highs: the model.
        work: what runs the solver: `highs.run`, or a call that solves something by itself, as `highs.getIis`.
    """
    stop = _STOP.get() or Event()
    _heed(stop)

    def look_up(event: Any) -> None:
        if stop.is_set():
            event.interrupt()

    callbacks = (highs.cbSimplexInterrupt, highs.cbIpmInterrupt, highs.cbMipInterrupt)
    for callback in callbacks:
        callback.subscribe(look_up)
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="HiGHS") as own:
            try:
                found = own.submit(work).result()
            except KeyboardInterrupt:
                stop.set()
                raise
        _heed(stop)
        return found
    finally:
        for callback in callbacks:
            callback.unsubscribe(look_up)


def _heed(stop: Event) -> None:
    """Raise KeyboardInterrupt where the pool that this thread works for was interrupted."""
    if stop.is_set():
        raise KeyboardInterrupt


class Pool(ThreadPoolExecutor):
    """A thread pool whose threads stop at once, even within a solve, when the waiting thread is interrupted."""

    def __init__(self, threads: int) -> None:
        """Start as many threads as there is work for, and at most so many."""
        self._stop = _STOP.get() or Event()
        super().__init__(threads, initializer=_STOP.set, initargs=(self._stop,))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self._stop.set()
        self.shutdown(wait=True, cancel_futures=kind is not None)
        return None
