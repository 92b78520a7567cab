"""Threads: each HiGHS run gets a thread of its own, and an interrupt stops the runs in all threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar
from threading import Event
from types import TracebackType
from typing import Any

LOOK = 0.1  # seconds between two looks at whether the waiting thread was interrupted
_STOP: ContextVar[Event | None] = ContextVar("stop", default=None)  # stop signal of the pool that the thread works for


def on_new_thread[R](highs: Any, work: Callable[[], R]) -> R:
    """Run HiGHS on a new thread, and wait for it.

    HiGHS keeps a task scheduler for each thread of the process, with the number of threads of the first model that ran
    there, and fails where a later model asks for another number. A new thread has no scheduler yet, so neither can
    earlier users of HiGHS disturb this run, nor this run later ones; both may run at the same time.

    An interrupt (Ctrl-C) stops the run; the model is free when this function has returned or raised. HiGHS would ask
    Python in every iteration whether to go on, and wait for Python's lock each time; so it is told to ask only once
    the interrupt has come.

    Args:
        highs: the model.
        work: what runs the solver: `highs.run`, or a call that solves something by itself, as `highs.getIis`.
    """
    stop = _STOP.get() or Event()
    _heed(stop)
    with ThreadPoolExecutor(1, thread_name_prefix="HiGHS") as own:
        run = own.submit(work)
        try:
            while not wait([run], LOOK).done:
                if stop.is_set():
                    _halt(highs, run)
        except KeyboardInterrupt:
            stop.set()
            _halt(highs, run)
            raise
    _heed(stop)
    return run.result()


def _halt(highs: Any, run: Future[Any]) -> None:
    """End a run that goes on, through the callbacks in which HiGHS asks whether to."""

    def end(event: Any) -> None:
        event.interrupt()

    callbacks = (highs.cbSimplexInterrupt, highs.cbIpmInterrupt, highs.cbMipInterrupt)
    for callback in callbacks:
        callback.subscribe(end)
    wait([run])
    for callback in callbacks:
        callback.unsubscribe(end)


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
