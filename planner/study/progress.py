"""Progress: telling how far a study is."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

Progress = Callable[[int, int, str], None]
"""Called with (how many are done, how many there are, the name of the next one)."""


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
