"""Deadlines: a limit in seconds as a moment of the clock, so that all parts of a command share it.

Who sets the limit makes the deadline and hands it down; what is handed one ends with what it has by then, or refuses to
begin. Nothing below makes a limit of its own from it, so that the parts cannot add up to more.
"""

from __future__ import annotations

import time

from planner.errors import LimitReachedError


def seconds_from_now(seconds: float | None) -> float | None:
    """The deadline that a time limit in seconds means, as a moment of time.perf_counter(); None for no limit."""
    return None if seconds is None else time.perf_counter() + seconds


def seconds_until(deadline: float | None) -> float | None:
    """The seconds that a deadline leaves, at least 0; None for no limit."""
    return None if deadline is None else max(deadline - time.perf_counter(), 0.0)


def is_over(deadline: float | None) -> bool:
    """Whether a deadline has come."""
    return seconds_until(deadline) == 0


def refuse_when_over(deadline: float | None, what: str) -> None:
    """Go no further once the deadline has come.

    Args:
        deadline: a moment of time.perf_counter(); None for never.
        what: what was not done by then, as in "before ... "; it ends the sentence.

    Raises:
        LimitReachedError: it has come.
    """
    if is_over(deadline):
        raise LimitReachedError(f"The time limit was reached before {what}.")
