"""The report page while the report is being made: written once the policies are planned, and again as studies end."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from planner.report.findings import Runs
from planner.report.studies import Studies

Write = Callable[[Runs, Studies], object]
SELDOM = 20.0  # times the seconds that a page took: the pause before the next one: they cost a twentieth at most


class EarlyPages:
    """Writes the page of what was found so far, in a thread beside the work: one page at a time, each complete.

    A page that is due while another one is being written is skipped, because a later page contains everything in it.
    At the end of the `with` block the last page is waited for. An error in writing a page is raised there, or by the
    next call.
    """

    def __init__(self, write: Write) -> None:
        """Take what writes the report with some runs and studies."""
        self._write = write
        self._own = ThreadPoolExecutor(1, thread_name_prefix="page")
        self._last: Future[None] | None = None
        self._after = -1.0  # time.perf_counter() before which no further one is written

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._own.shutdown(wait=True, cancel_futures=kind is not None)
        if kind is None and self._last is not None:
            self._last.result()

    def first(self, runs: Runs, studies: Studies) -> None:
        """Write the first page, and wait until it is written: beside the work it would take four times as long.

        Args:
            runs: the undisturbed run of each policy.
            studies: the studies, all of which are still `coming`.
        """
        self._written(runs, studies)

    def show(self, runs: Runs, studies: Callable[[], Studies]) -> None:
        """Begin to write a page if one is due, without waiting for it.

        Args:
            runs: the runs made so far; each policy in them has its undisturbed run.
            studies: a function that returns the studies found so far; it is called only if a page is due.
        """
        if self._last is not None:
            if not self._last.done():
                return
            self._last.result()
        if time.perf_counter() >= self._after:
            self._last = self._own.submit(self._written, runs, studies())

    def _written(self, runs: Runs, studies: Studies) -> None:
        begun = time.perf_counter()
        self._write(runs, studies)
        ended = time.perf_counter()
        self._after = ended + SELDOM * (ended - begun)
