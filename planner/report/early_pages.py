"""A report shown while it is made: written when the policies are planned, and again as its parts are found."""

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
    """Writes what was found so far, beside the work, one page at a time and each of them whole.

    A page that is due while another is written is left out: a later one has all of it. Leaving the block waits for the
    last; what went wrong with one is raised there, or by the next.
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
        """Write the first page, and wait for it: beside the work it would take four times as long.

        Args:
            runs: the undisturbed run of each policy.
            studies: what is `coming`.
        """
        self._written(runs, studies)

    def show(self, runs: Runs, studies: Callable[[], Studies]) -> None:
        """Write a page if one is due, and go on meanwhile.

        Args:
            runs: those made so far; a policy has its undisturbed run.
            studies: gives what is known of them, with what is `coming`; it is asked if a page is due.
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
