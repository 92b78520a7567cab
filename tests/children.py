"""Processes of their own: what is true of a whole process cannot be seen from within the suite's.

`python` and `planner` fork a server that has loaded the planner and its libraries and done nothing with them: a child
costs what its command costs. `started` starts an interpreter, which takes seconds to load; it is for what is true of
a start: what is loaded, what loading prints, and what the environment says of streams.
"""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from multiprocessing import forkserver, reduction
from pathlib import Path
from threading import Timer
from unittest import mock

TESTS = Path(__file__).parent
COMMAND = "from planner.cli.process import start; start()"  # as the console script does
SECONDS = 300
STORE = "PLANNER_STORE"


def python(code, *words, folder=None, stdout=None, stderr=None, seconds=SECONDS):
    """Run Python code in a fork that has loaded the planner; its streams are returned, or go to a file that is given."""
    kept = [os.pipe() if stream is None else (None, os.dup(stream)) for stream in (_number(stdout), _number(stderr))]
    child = begun(code, *words, folder=folder, streams=[end for _, end in kept])
    for _, end in kept:
        os.close(end)
    watch = Timer(seconds, child.kill)
    watch.start()
    with ThreadPoolExecutor(2) as readers:
        said = list(readers.map(_read, [end for end, _ in kept]))
    child.join()
    watch.cancel()
    return subprocess.CompletedProcess(words, child.exitcode, *said)


def begun(code, *words, folder=None, streams):
    """Begin Python code in such a fork, with descriptors as its stdout and stderr; the process, which goes on."""
    child = _server().Process(
        target=_run, args=(code, words, folder, os.environ.get(STORE), [_Descriptor(end) for end in streams])
    )
    child.start()
    return child


def planner(*words, folder=None, **streams):
    """Run a command as its console script does, in a process of its own."""
    return python(COMMAND, *words, folder=folder, **streams)


def started(code, *words, folder=None, env=None):
    """Run Python code in an interpreter that is started for it, with the modules of tests/ at hand."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(TESTS), **(env or {})},
        text=True,
        check=False,
        timeout=SECONDS,
        capture_output=True,
    )


class _Descriptor:
    """An open file that is handed to a child."""

    def __init__(self, number):
        self.number = number

    def __getstate__(self):
        return reduction.DupFd(self.number)

    def __setstate__(self, duplicate):
        self.number = duplicate.detach()


@cache
def _server():
    """Where children fork from."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["preloaded", __name__])
    with mock.patch.dict(os.environ, PYTHONPATH=str(TESTS)):  # Python 3.13.0 does not hand its path on, in silence
        forkserver.ensure_running()
    return context


def _run(code, words, folder, store, streams):
    """What a child does: it takes the given streams and run store for its own, and runs as `python -c` would."""
    os.environ[STORE] = store or ""
    for number, stream in enumerate(streams, 1):
        os.dup2(stream.number, number)
        os.close(stream.number)
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__ = [
        os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2)
    ]
    if folder:
        os.chdir(folder)
    sys.argv = ["-c", *map(str, words)]
    exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})


def _number(stream):
    return stream.fileno() if hasattr(stream, "fileno") else stream


def _read(end):
    """All that comes out of a pipe."""
    if end is None:
        return None
    with os.fdopen(end, encoding="utf-8") as stream:
        return stream.read()
