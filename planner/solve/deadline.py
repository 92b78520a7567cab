"""Deadlines: a limit in seconds as a moment of the clock, so that all parts of a run share it."""

from __future__ import annotations

import time


def seconds_from_now(seconds: float | None) -> float | None:
    """The deadline that a time limit in seconds means, as a moment of time.perf_counter(); None for no limit."""
    return None if seconds is None else time.perf_counter() + seconds


def seconds_until(deadline: float | None) -> float | None:
    """The seconds that a deadline leaves, at least 0; None for no limit."""
    return None if deadline is None else max(deadline - time.perf_counter(), 0.0)
