"""Effort: what a study may take; and telling how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock

from planner.solve.deadline import seconds_from_now

Progress = Callable[[int, int, str], None]
"""Called with (how many are done, how many there are, the name of the next one)."""


@dataclass(frozen=True)
class Effort:
    """What a study may take, and whom it tells how far it is.

    What is found does not depend on it, but for what a time limit leaves no time for.

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

    def begun(self) -> Effort:
        """The same, its time limit running from now unless it runs already."""
        return self if self.deadline is not None else replace(self, deadline=seconds_from_now(self.time_limit))


class Tally:
    """Counts what is begun and tells of each; threads may share it.

    Attributes:
        total: how many there are.
        progress: whom it tells; None for nobody.
    """

    def __init__(self, total: int, progress: Progress | None) -> None:
        """Nothing is begun yet."""
        self.total, self.progress = total, progress
        self._done, self._lock = 0, Lock()

    def __call__(self, name: str) -> None:
        """Begin the next one, of that name."""
        with self._lock:
            if self.progress:
                self.progress(self._done, self.total, name)
            self._done += 1
