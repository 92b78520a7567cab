"""What goes wrong with a machine: a disk that is full, and a process that is killed while it writes."""

import contextlib
import json
import resource
import signal
import sys
import tempfile
from pathlib import Path
from unittest import mock

import children

MEMORY = Path("/dev/shm")
LONGEST = 3600  # seconds of a program that kills hundreds
PROGRAM = "import runpy, sys; del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"


@contextlib.contextmanager
def no_file_above(size):
    """As a full disk: writes beyond a size fail. No bytecode is written then: Python 3.13.0 would keep half of it."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        with mock.patch.object(sys, "dont_write_bytecode", new=True):
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def killed(program, kills):
    """What a program finds that kills its own writers so often, as its last line tells it.

    It works in memory where that can be had as a folder: what a killed process has written is the system's, on a disk
    or not, and thousands of writes need not wait for one.
    """
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        done = children.python(PROGRAM, program, folder, kills, seconds=LONGEST)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
