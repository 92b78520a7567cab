"""The error boundary: every error that ends a command becomes a sentence with a remedy, and an exit code."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import traceback
from pathlib import Path

import click

from planner.cli.answer import AnswerLostError
from planner.cli.interrupts import INTERRUPTED, last_words
from planner.errors import (
    InfeasibleError,
    InstanceError,
    LimitReachedError,
    PlannerError,
    UnboundedError,
    UsageError,
    visible,
)

DONE, BUG, WRONG_INPUT, NO_PLAN, LIMIT = 0, 1, 2, 3, 4
TRACEBACK = "PLANNER_TRACEBACK"
_OS_ERROR = re.compile(r"\(os error (\d+)\)")  # as Rust writes it
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def report_end(error: BaseException) -> int:
    """Print what ended a command, and return its exit code."""
    if _was_interrupted(error):
        _say(last_words())
        return INTERRUPTED
    if isinstance(error, AnswerLostError) and error.unwanted:
        return DONE
    if isinstance(error, click.ClickException):
        words = io.StringIO()
        error.show(words)
        _say(words.getvalue().rstrip("\n"))
        return WRONG_INPUT
    refusal = as_refusal(error)
    _say(f"planner: {bug_words(error) if refusal is None else refusal}")
    if os.environ.get(TRACEBACK):
        _say("".join(traceback.format_exception(error)))
    return BUG if refusal is None else exit_code(refusal)


def exit_code(error: PlannerError) -> int:
    """The exit code that a failure ends with."""
    if isinstance(error, InstanceError | UsageError):
        return WRONG_INPUT
    if isinstance(error, InfeasibleError | UnboundedError):
        return NO_PLAN
    return LIMIT if isinstance(error, LimitReachedError) else BUG


def as_refusal(error: BaseException) -> PlannerError | None:
    """The error that ended a command, with a message for the user; None where it is a bug.

    Files that cannot be read or written, files that are not text, and too little memory are no bugs.
    """
    if isinstance(error, PlannerError):
        return error
    if isinstance(error, MemoryError):
        return LimitReachedError("The memory does not suffice. Close other programs, or plan fewer periods or items.")
    if isinstance(error, UnicodeError):
        return UsageError(f"Some text is not UTF-8 ({error}). Save the files that are read as UTF-8.")
    of_system = _of_the_system(error)
    if of_system is None:
        return None
    remedy = "Make room there, or choose another place." if of_system.errno in _FULL else "Choose another place."
    return UsageError(f"{of_system.filename or 'A file'}: {of_system.strerror or of_system}. {remedy}")


def _of_the_system(error: BaseException) -> OSError | None:
    """The error of the operating system behind an error: libraries wrap it, or pass on only its text."""
    for part in (error, *error.args, error.__cause__):
        if isinstance(part, OSError):
            return part
    said = _OS_ERROR.search(str(error))
    return OSError(int(said[1]), os.strerror(int(said[1]))) if said else None


def bug_words(error: BaseException) -> str:
    """The message for an unexpected error."""
    hidden = error.__cause__ or error.__context__ if isinstance(error, click.Abort) else None
    cause = hidden or error
    what = " ".join(f"{type(cause).__name__}: {cause}".split())
    own = Path(__file__).parents[1]
    places = [part for part in traceback.extract_tb(cause.__traceback__) if Path(part.filename).is_relative_to(own)]
    where = f" (planner/{Path(places[-1].filename).relative_to(own)}, line {places[-1].lineno})" if places else ""
    return (
        f"this is a fault of the planner, not of what it was given: {what}{where}. Please report it with the command "
        f"and its input; with {TRACEBACK}=1 in the environment the whole way to it is shown."
    )


def _was_interrupted(error: BaseException) -> bool:
    """Whether an error is an interrupt, or was caused by one."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, KeyboardInterrupt):
            return True
        found = found.__cause__ or found.__context__
    return False


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        click.echo(visible(text), err=True)
