"""Ctrl-C: once stops the command where it is, and cleans up; twice, or while a module is loaded, ends it at once."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130  # exit code, as shells have it for a command that was interrupted


def heed() -> None:
    """Take charge of the interrupts of this process, unless they are ignored, as those of one in the background are."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
        sys.unraisablehook = _lost


def over() -> None:
    """Let no interrupt disturb the end of the process: what is done by now is done."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def leave(*_: object) -> NoReturn:
    """End the process at once, whatever its threads are doing."""
    with contextlib.suppress(OSError):
        os.write(2, b"stopped\n")
    os._exit(INTERRUPTED)


def _stop(_number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, but not into libraries that are being loaded: they make errors of their own of it."""
    signal.signal(signal.SIGINT, leave)
    if _is_loading(frame):
        leave()
    raise KeyboardInterrupt


def _lost(found: sys.UnraisableHookArgs) -> None:
    """What is done where Python cannot pass an exception on, as in `__del__`: an interrupt must not be lost."""
    if issubclass(found.exc_type, KeyboardInterrupt):
        leave()
    sys.__unraisablehook__(found)


def _is_loading(frame: FrameType | None) -> bool:
    """Whether a module is being loaded in a frame or in those that called it."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
