"""The streams of a command: stdout gets only the answer, stderr everything else."""

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
        unwanted: whether its reader has closed the pipe (`planner ... | head`), which is no error.
    """

    def __init__(self, error: OSError) -> None:
        self.unwanted = isinstance(error, BrokenPipeError)
        super().__init__(f"The answer cannot be written to stdout: {error.strerror or error}. Send it elsewhere.")


class Answer(io.TextIOWrapper):
    """The stdout of the process, to which the answer is written."""

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
        """Write buffered text.

        Raises:
            AnswerLostError: it cannot be written.
        """
        try:
            super().flush()
        except OSError as error:
            raise AnswerLostError(error) from error


class Notes(io.TextIOWrapper):
    """The stderr of the process: a note that cannot be written does not end the command."""

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
        """Write buffered text, if it can be written."""
        try:  # noqa: SIM105, also called when Python ends and has let go of its modules
            super().flush()
        except OSError:
            pass


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """The replacement for characters that an encoding does not have."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    plain = (_PLAINER.get(sign) or sign.encode("ascii", "backslashreplace").decode("ascii") for sign in missing)
    return "".join(plain), error.end


@contextlib.contextmanager
def only_the_answer() -> Iterator[None]:
    """A context for a command, in which `answer()` is the original stdout, and all other output goes to stderr."""
    click.get_current_context().meta[_KEPT] = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        yield


def answer() -> TextIO:
    """The stream to which the answer of the running command is written."""
    context = click.get_current_context(silent=True)
    kept: TextIO | None = context.meta.get(_KEPT) if context is not None else None
    return kept or sys.stdout
