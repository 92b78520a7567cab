"""The effort of a study: its time, threads and progress function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

from planner.solve.deadline import seconds_from_now

Progress = Callable[[int, int, str], None]
"""Called with (how many are done, how many there are, the name of the next one)."""


@dataclass(frozen=True)
class Effort:
    """How much time and how many threads a study may use, and the function to which it reports its progress.

    The results do not depend on it, except for parts that a time limit leaves out.

    Attributes:
        time_limit: seconds for all of it, reading an instance included; None for no limit.
        threads: 1, or 2: the solver runs outside Python's lock.
        progress: called with (number of steps done, number of all steps, name of the next one); None for none.
        deadline: the moment of time.perf_counter() at which the time limit ends, where its clock was started before the
            study; None where it starts with the study.
    """

    time_limit: float | None = None
    threads: int = 2
    progress: Progress | None = None
    deadline: float | None = None

    def with_deadline(self) -> Effort:
        """The effort with the deadline of a study that begins now; unchanged where it has a deadline already."""
        return self if self.deadline is not None else replace(self, deadline=seconds_from_now(self.time_limit))


ALONE = Effort(threads=1)
"""One thread, no time limit, no progress."""


class Tally:
    """A counter of steps that reports each one; threads may share it.

    Attributes:
        total: the number of steps.
        progress: called for each step; None for none.
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
