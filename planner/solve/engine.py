"""The one place where HiGHS models are made, single-threaded and silent on stdout."""

from __future__ import annotations

import ctypes
import functools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

import highspy

from planner.solve.algorithms import Algorithm

# what the first model of a process prints from C++ before any option can be set (since HiGHS 1.16)
BANNER = (b"Running HiGHS ", b"Includes third-party software")
COMPLAINTS = ("ERROR", "WARNING")
SMALLEST_ENTRY = 1e-12  # HiGHS drops smaller coefficients; those of 1e-9 and less, where it is not told
_FIRST = Lock()


def new_model() -> Any:
    """An empty HiGHS model that prints nothing and computes in one thread, so that its results are reproducible.

    It must be run by `planner.solve.threads.on_new_thread`: HiGHS fixes the number of threads when it first runs in a
    thread, and fails where a later model there asks for another number.
    """
    with _FIRST:
        _spend_the_banner()
    highs = highspy.Highs()
    highs.setOptionValue("log_to_console", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("small_matrix_value", SMALLEST_ENTRY)
    highs.setOptionValue("mip_ipm_solver", Algorithm.INTERIOR_POINT.value)
    return highs


@functools.cache
def _spend_the_banner() -> None:
    """Make the first model of the process while stdout is redirected, because HiGHS prints a banner with it.

    File descriptor 1 leads elsewhere for that moment. What other threads print meanwhile is printed after it.
    """
    with tempfile.TemporaryFile() as caught:
        try:
            kept = os.dup(1)
        except OSError:  # no stdout at all
            highspy.Highs()
            return
        try:
            os.dup2(caught.fileno(), 1)
            highspy.Highs()
            _flush_c_streams()
        finally:
            os.dup2(kept, 1)
            os.close(kept)
        caught.seek(0)
        others = b"".join(line for line in caught if not line.startswith(BANNER))
    with suppress(OSError):
        while others:
            others = others[os.write(1, others) :]


def _flush_c_streams() -> None:
    """Flush C's own output buffers, so that no earlier text is printed into the redirected stdout."""
    with suppress(AttributeError, OSError, TypeError):  # no such library on this machine
        ctypes.CDLL(None).fflush(None)


@contextmanager
def complaints(highs: Any, said: list[str]) -> Iterator[None]:
    """Add the errors and warnings that HiGHS logs while the block runs to a list, line by line."""

    def hear(event: Any) -> None:
        if event.message.startswith(COMPLAINTS):
            said.append(" ".join(event.message.split()))

    highs.cbLogging.subscribe(hear)
    try:
        yield
    finally:
        highs.cbLogging.unsubscribe(hear)


def ending(highs: Any, status: Any, said: list[str]) -> str:
    """How a run ended, in HiGHS's words: run status, model status, and its last error or warning.

    Args:
        highs: the model.
        status: what the run returned.
        said: errors and warnings of the run.
    """
    model = highs.getModelStatus()
    words = f"run status {status.name}, model status {model.name} ({highs.modelStatusToString(model)})"
    return f"{words}; {said[-1].rstrip('.')}" if said else words
