"""Ctrl-C: the first stops the command and cleans up; a second one, or one while a module is loaded, ends it at once.

Cleaning up has a short time limit: a thread inside the solver may need seconds until it notices the interrupt, and the
process does not wait for it. What is then left on disk is what a killed process leaves, and no file is half written.
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
_advice: list[str] = []  # what its user could do instead of stopping it


def begin() -> None:
    """Note that a command begins, which has written nothing yet."""
    _places.clear()
    advise()


def advise(*sentences: str) -> None:
    """Note what the user could do instead of stopping the command, for its last words, in place of what was noted."""
    _advice[:] = sentences


@contextlib.contextmanager
def writing(place: Path | None, meanwhile: str = "") -> Iterator[None]:
    """Note what is being written, for the message if the command is stopped.

    Args:
        place: the file or folder; None for none.
        meanwhile: the sentence about the state of the place until it is complete; by default that it is never half
            written.
    """
    if place is None:
        yield
        return
    _places[str(place)] = meanwhile or f"{place} was about to be written: it is as it was, or new and whole"
    yield
    _places[str(place)] = f"{place} is written"


def last_words() -> str:
    """The message that the command was stopped, and what has been kept."""
    return f"stopped; {'; '.join([*(_places.values() or ['nothing was written']), *_advice])}"


def heed(catcher: CodeType | None = None) -> None:
    """Handle the interrupts of this process, unless it ignores them, as a background process does.

    Args:
        catcher: the code object of the function whose caller catches KeyboardInterrupt. Before it runs and after it has
            ended nobody would catch it, so the process ends at once.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, partial(_stop, catcher))
        sys.unraisablehook = _lost


def over() -> None:
    """Ignore interrupts from now on, while the process ends."""
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
    """Wait for the time limit of cleaning up, then end the process."""
    time.sleep(GRACE)
    leave()


def _lost(found: sys.UnraisableHookArgs) -> None:
    """The hook for exceptions that Python cannot raise, as in `__del__`: an interrupt among them must not be lost."""
    if issubclass(found.exc_type, KeyboardInterrupt):
        leave()
    sys.__unraisablehook__(found)


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    """A frame and those that called it."""
    while frame is not None:
        yield frame
        frame = frame.f_back
