"""stdout is for the answer alone; everything else that is said goes to stderr."""

from __future__ import annotations

import codecs
import contextlib
import io
import sys
from collections.abc import Iterator
from typing import TextIO

import click

from planner.errors import UsageError

_KEPT = "planner.cli.answer"  # in the context of the command
_PLAIN = "planner-plain"
_PLAINER = {"\u00a0": " ", "\u2013": "-", "\u2014": "-", "\u00d7": "x", "\u2026": "..."}


class AnswerLostError(UsageError):
    """The answer cannot be written to stdout.

    Attributes:
        unwanted: whether its reader has gone (`planner ... | head`), which is no fault.
    """

    def __init__(self, error: OSError) -> None:
        self.unwanted = isinstance(error, BrokenPipeError)
        super().__init__(f"The answer cannot be written to stdout: {error.strerror or error}. Send it elsewhere.")


class Answer(io.TextIOWrapper):
    """stdout of the process as the answer is written to it."""

    def __init__(self, descriptor: int, encoding: str) -> None:
        """Write to a descriptor; what an encoding does not have is written in plainer characters."""
        codecs.register_error(_PLAIN, _plainer)
        super().__init__(io.BufferedWriter(io.FileIO(descriptor, "w")), encoding=encoding, errors=_PLAIN)

    def write(self, text: str, /) -> int:
        """Write text.

        Raises:
            AnswerLostError: it cannot be written.
        """
        try:
            return super().write(text)
        except OSError as error:
            raise AnswerLostError(error) from error

    def flush(self) -> None:
        """Write what was kept back.

        Raises:
            AnswerLostError: it cannot be written.
        """
        try:
            super().flush()
        except OSError as error:
            raise AnswerLostError(error) from error


class Notes(io.TextIOWrapper):
    """stderr of the process: a note that cannot be written is no reason to end."""

    def __init__(self, descriptor: int, encoding: str) -> None:
        """Write to a descriptor."""
        raw = io.BufferedWriter(io.FileIO(descriptor, "w", closefd=False))
        super().__init__(raw, encoding=encoding, errors="backslashreplace")

    def write(self, text: str, /) -> int:
        """Write text at once, if it can be written."""
        with contextlib.suppress(OSError):
            super().write(text)
        self.flush()
        return len(text)

    def flush(self) -> None:
        """Write what was kept back, if it can be written."""
        try:  # noqa: SIM105, also called when Python ends and has let go of its modules
            super().flush()
        except OSError:
            pass


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that an encoding does not have."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    plain = (_PLAINER.get(sign) or sign.encode("ascii", "backslashreplace").decode("ascii") for sign in missing)
    return "".join(plain), error.end


@contextlib.contextmanager
def only_the_answer() -> Iterator[None]:
    """While a command runs: `answer()` is stdout as it was, and what anything prints by itself goes to stderr."""
    click.get_current_context().meta[_KEPT] = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        yield


def answer() -> TextIO:
    """Where the answer of the command that runs is written."""
    context = click.get_current_context(silent=True)
    kept: TextIO | None = context.meta.get(_KEPT) if context is not None else None
    return kept or sys.stdout
