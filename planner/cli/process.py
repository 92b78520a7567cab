"""The process around the command line: its streams, its interrupts and its end."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import NoReturn

from planner.cli import interrupts


def start() -> NoReturn:
    """Run the command that the process was started with, and leave with its exit code."""
    interrupts.heed(_run.__code__)
    try:
        try:
            code = _run()
        finally:
            interrupts.over()
    except KeyboardInterrupt:
        interrupts.leave()
    _close()
    if code == interrupts.INTERRUPTED:
        os._exit(code)  # threads may still be at work, and nothing waits for what they do
    sys.exit(code)


def _run() -> int:
    _open()
    from planner.cli.main import main

    try:
        main()
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 0


def _open() -> None:
    """Reserve stdout for the answer; what a library prints to descriptor 1, also from C, goes to stderr.

    Closed descriptors are opened on the null device, so that no file that is opened later gets their numbers.
    """
    while (lowest := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(lowest, True)
    os.close(lowest)
    from planner.cli.answer import Answer, Notes

    kept = os.dup(1)
    os.dup2(2, 1)
    encodings = [getattr(stream, "encoding", None) or "utf-8" for stream in (sys.stdout, sys.stderr)]
    sys.stdout, sys.stderr = Answer(kept, encodings[0]), Notes(2, encodings[1])
    sys.__stdout__ = sys.stdout  # type: ignore[misc]  # where libraries ask for the width of the terminal


def _close() -> None:
    """Write the rest of the answer; where that fails, the command has reported it already."""
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
