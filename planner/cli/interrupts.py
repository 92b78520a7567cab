"""Ctrl-C: once stops the command where it is, and cleans up; twice, or while a module is loaded, ends it at once.

What cleans up has a moment for it: threads that are deep in a model may need seconds until they hear of the interrupt,
and the process does not wait for them. What is left then is what a process leaves that is killed: nothing half written.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from _thread import start_new_thread
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import NoReturn

from planner.errors import visible

INTERRUPTED = 130  # exit code, as shells have it for a command that was interrupted
GRACE = 0.6  # seconds to clean up in
_places: dict[str, str] = {}  # what the command of this process has done to each place, for its last words


def begin() -> None:
    """A command begins: it has written nothing."""
    _places.clear()


@contextlib.contextmanager
def writing(place: Path | None, meanwhile: str = "") -> Iterator[None]:
    """Keep in mind that something is written, for what is said if the command is stopped.

    Args:
        place: what is written; None for nothing.
        meanwhile: what holds of the place until it is done; without it, that it is never half written.
    """
    if place is None:
        yield
        return
    _places[str(place)] = meanwhile or f"{place} was about to be written: it is as it was, or new and whole"
    yield
    _places[str(place)] = f"{place} is written"


def last_words() -> str:
    """That the command was stopped, and what is kept."""
    return f"stopped; {'; '.join(_places.values()) or 'nothing was written'}"


def heed(catcher: CodeType | None = None) -> None:
    """Take charge of the interrupts of this process, unless they are ignored, as those of one in the background are.

    Args:
        catcher: the code of a function whose caller catches KeyboardInterrupt: before and after it runs nobody does,
            and the process ends at once.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, partial(_stop, catcher))
        sys.unraisablehook = _lost


def over() -> None:
    """Let no interrupt disturb the end of the process: what is done by now is done."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def leave(*_: object) -> NoReturn:
    """End the process at once, whatever its threads are doing."""
    with contextlib.suppress(OSError):
        os.write(2, f"{visible(last_words())}\n".encode(errors="replace"))
    os._exit(INTERRUPTED)


def _stop(catcher: CodeType | None, _number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, but not into libraries that are being loaded: they make errors of their own of it."""
    signal.signal(signal.SIGINT, leave)
    running = [part.f_code for part in _frames(frame)]
    loading = any(code.co_filename.startswith("<frozen importlib") for code in running)
    if loading or (catcher is not None and catcher not in running):
        leave()
    start_new_thread(_leave_soon, ())  # takes no lock that the interrupted code may hold, as threading would
    raise KeyboardInterrupt


def _leave_soon() -> None:
    """End the process if it has not ended by then."""
    time.sleep(GRACE)
    leave()


def _lost(found: sys.UnraisableHookArgs) -> None:
    """What is done where Python cannot pass an exception on, as in `__del__`: an interrupt must not be lost."""
    if issubclass(found.exc_type, KeyboardInterrupt):
        leave()
    sys.__unraisablehook__(found)


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    """A frame and those that called it."""
    while frame is not None:
        yield frame
        frame = frame.f_back
