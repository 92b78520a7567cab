"""Deadlines: a time limit in seconds as a moment of the clock, which all parts of a command share.

A command or public function that is given a time limit in seconds turns it into a deadline once, and hands the deadline
to all that it calls. A function with a deadline stops when it has passed, with what it has found by then, or refuses to
begin. So the times of several steps cannot add up to more than the limit.
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
    """Whether a deadline has passed; never for None."""
    return seconds_until(deadline) == 0


def refuse_when_over(deadline: float | None, what: str) -> None:
    """Raise an error once the deadline has passed.

    Args:
        deadline: a moment of time.perf_counter(); None for never.
        what: what was not done by then, as in "before ... "; it ends the sentence.

    Raises:
        LimitReachedError: it has passed.
    """
    if is_over(deadline):
        raise LimitReachedError(f"The time limit was reached before {what}.")
