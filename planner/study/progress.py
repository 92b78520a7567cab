"""Effort and progress of a study: its time, its threads, and whom it tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

from planner.solve.deadline import seconds_from_now

Progress = Callable[[int, int, str], None]
"""Called with (how many are done, how many there are, the name of the next one)."""


@dataclass(frozen=True)
class Effort:
    """How much time and how many threads a study may use, and whom it tells how far it is.

    The results do not depend on it, apart from what a time limit leaves undone.

    Attributes:
        time_limit: seconds for all of it, reading an instance included; None for no limit.
        threads: 1, or 2: the solver runs outside Python's lock.
        progress: called with (how many are done, how many there are, the name of the next one); None for nobody.
        deadline: the moment of time.perf_counter() at which the time limit ends, where it began before; None where it
            begins with the study.
    """

    time_limit: float | None = None
    threads: int = 2
    progress: Progress | None = None
    deadline: float | None = None

    def with_deadline(self) -> Effort:
        """The effort with the deadline of a study that begins now; unchanged where it has a deadline already."""
        return self if self.deadline is not None else replace(self, deadline=seconds_from_now(self.time_limit))


ALONE = Effort(threads=1)
"""One thread, without an end, and nobody is told."""


class Tally:
    """A counter of steps that reports each one; threads may share it.

    Attributes:
        total: the number of steps.
        progress: called for each step; None for nobody.
    """

    def __init__(self, total: int, progress: Progress | None) -> None:
        """Start a count of `total` steps at 0."""
        self.total, self.progress = total, progress
        self._done, self._lock = 0, Lock()

    def __call__(self, name: str) -> None:
        """Report that the step of this name begins, and count it."""
        with self._lock:
            if self.progress:
                self.progress(self._done, self.total, name)
            self._done += 1
