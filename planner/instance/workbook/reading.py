"""Running the child process that reads a workbook's cells; whatever goes wrong in it becomes a refusal."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# the child finds its modules in this folder, and imports nothing else of the planner
CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from xlsx.child import main; main(*sys.argv[2:])"
LARGEST_WORKBOOK = 100_000_000
# What an honest workbook needs grows with the size of its file; a bomb is small.
SECONDS, SECONDS_A_MB = 3, 2
MEMORY, MEMORY_A_MB = 250_000_000, 10_000_000
CELLS, CELLS_A_MB = 250_000, 300_000
UNPACKED, UNPACKED_A_MB = 40_000_000, 25_000_000
_FAILED = 1  # how Python ends where the child failed; a limit ends it by a signal
PATIENCE = 10  # seconds of the clock for a second of work, on a busy machine
_OLD = b"\xd0\xcf\x11\xe0"  # compound files: .xls, and workbooks with a password


class WorkbookRefusedError(Exception):
    """The workbook cannot be read, with a sentence and its remedy."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message, self.remedy = message, remedy
        super().__init__(message)


def read_values(path: Path) -> Iterator[Any]:
    """The values that `xlsx.child` writes about a workbook, one by one, without its final mark.

    Raises:
        WorkbookRefusedError: it is no workbook, is damaged, or needs more than its size lets expect.
    """
    size = path.stat().st_size
    if size > LARGEST_WORKBOOK:
        raise WorkbookRefusedError(
            f"The workbook is larger than {LARGEST_WORKBOOK // 1_000_000} MB.",
            "Put long tables into CSV files of an instance folder.",
        )
    refuse_other_files(path)
    megabytes = size / 1_000_000
    seconds = SECONDS + round(SECONDS_A_MB * megabytes)
    limits = [
        seconds,
        MEMORY + round(MEMORY_A_MB * megabytes),
        CELLS + round(CELLS_A_MB * megabytes),
        UNPACKED + round(UNPACKED_A_MB * megabytes),
    ]
    # -I and -S: nothing of the user's environment, no site packages; the child needs Python alone
    command = [sys.executable, "-I", "-S", "-c", CHILD, str(Path(__file__).parent), str(path), *map(str, limits)]
    done = False
    with subprocess.Popen(  # noqa: S603 - our own file, by its path
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        clock = threading.Timer(PATIENCE * seconds, process.kill)
        clock.daemon = True
        clock.start()
        try:
            for line in process.stdout or ():
                value = _value(line)
                if isinstance(value, dict) and "refused" in value:
                    raise WorkbookRefusedError(value["refused"], value["remedy"])
                done = isinstance(value, dict) and "done" in value
                if not done:
                    yield value
            ended = process.wait()
        finally:
            clock.cancel()
            process.kill()
    if not done and ended == _FAILED:
        raise WorkbookRefusedError(
            "The workbook cannot be understood.", "Open it in a spreadsheet program and save it again as .xlsx."
        )
    if not done:
        raise WorkbookRefusedError(
            f"Reading the workbook took more than a workbook of {megabytes:.1f} MB should "
            f"({seconds} s, {limits[1] // 1_000_000} MB of memory).",
            "Put long tables into CSV files of an instance folder.",
        )


def _value(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:  # cut off where the child was ended
        return None


def refuse_other_files(path: Path) -> None:
    """Refuse what is plainly no .xlsx file, and say what it is."""
    with path.open("rb") as file:
        head = file.read(4)
    if head == _OLD:
        raise WorkbookRefusedError(
            "The workbook has a password, or is of the old kind (.xls).", "Save it as .xlsx without a password."
        )
    if head[:2] != b"PK" or not zipfile.is_zipfile(path):
        raise WorkbookRefusedError("The file is no workbook, or is cut off.", "Save it as an Excel workbook (.xlsx).")
