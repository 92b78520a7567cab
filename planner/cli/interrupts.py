"""Ctrl-C: once stops the command where it is, and cleans up; twice ends it at once."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130  # exit code, as shells have it for a command that was interrupted
AGAIN = 0.05  # seconds until an interrupt that came at a bad moment is looked at again
_CAN_WAIT = hasattr(signal, "setitimer")  # not everywhere


class Interrupts:
    """The interrupts of a process.

    A KeyboardInterrupt is not raised while a module is loaded: libraries turn it into errors of their own there, and
    are left half loaded. Nor is one lost that was raised where Python cannot pass it on, as in `__del__`.
    """

    def __init__(self) -> None:
        self._asked = False

    def heed(self) -> None:
        """Take charge of interrupts, unless they are ignored, as those of a command in the background are."""
        if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            return
        signal.signal(signal.SIGINT, self._interrupt)
        if _CAN_WAIT:
            signal.signal(signal.SIGALRM, self._stop)
            sys.unraisablehook = self._raised_in_vain

    @staticmethod
    def over() -> None:
        """Let no interrupt disturb the end of the process: what is done by now is done."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if _CAN_WAIT:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            leave()
        self._asked = True
        self._stop(number, frame)

    def _stop(self, _number: int, frame: FrameType | None) -> None:
        if _CAN_WAIT and _is_loading(frame):
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
            return
        raise KeyboardInterrupt

    def _raised_in_vain(self, found: sys.UnraisableHookArgs) -> None:
        if issubclass(found.exc_type, KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
        else:
            sys.__unraisablehook__(found)


def leave() -> NoReturn:
    """End the process at once, whatever its threads are doing."""
    with contextlib.suppress(OSError):
        os.write(2, b"stopped\n")
    os._exit(INTERRUPTED)


def _is_loading(frame: FrameType | None) -> bool:
    """Whether a module is being loaded in a frame or in those that called it."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False
