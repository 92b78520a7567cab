"""The journal of a sweep: a line a run that ended, so that a stopped sweep can be resumed."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import Any

from planner.errors import UsageError
from planner.instance.whole_files import append_line, put_file, text_writer, whole_lines
from planner.plan.release import releases
from planner.study.sweep.reading import Asked
from planner.study.sweep.runs import Row, columns_of

JOURNAL = "runs.jsonl"
TEXTS = {"policy", "scenario", "status", "reason"}


class Journal:
    """The runs of one sweep that ended: in memory, and also in a file where a folder is given.

    Attributes:
        rows: by number of the run.
        remembered: how many the file had at the start.
    """

    def __init__(self, folder: Path | None, asked: Asked, *, force: bool = False) -> None:
        """Read the file in the folder, if there is one.

        Args:
            folder: where the file is; None for memory alone.
            asked: the sweep whose runs they are.
            force: whether the runs of another sweep are replaced.

        Raises:
            UsageError: the folder has something else in it, or the runs of another sweep.
        """
        self.rows: dict[int, Row] = {}
        self._columns = [name for name in columns_of(asked) if name != "run"]
        self._runs = asked.question.runs
        self._file = None if folder is None else folder / JOURNAL
        if folder is not None:
            self._open(folder, header_of(asked), force=force)
        self.remembered = len(self.rows)

    def add(self, row: Row) -> None:
        """Store the row of a run, and append it to the file."""
        self.rows.setdefault(int(row["run"]), row)
        if self._file is not None:
            append_line(self._file, _line(row))

    def _open(self, folder: Path, header: dict[str, Any], *, force: bool) -> None:
        """Read the file in the folder, after a check that it belongs to this sweep."""
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is a file. Choose another --out.")
        path = folder / JOURNAL
        if folder.exists() and any(folder.iterdir()) and not path.exists():
            raise UsageError(f"{folder} exists and is no sweep, so it is left alone. Choose another --out.")
        unreadable = UsageError(f"{path} cannot be read. Choose another --out, or begin again with --force.")
        try:
            lines = whole_lines(path)
            first, *entries = [dict(json.loads(line)) for line in lines] or [{}]
        except (ValueError, TypeError, RecursionError):
            if not force:
                raise unreadable from None
            first, entries, lines = {}, [], []
        differ = sorted(name for name in {*header, *first} if first.get(name) != header.get(name))
        if lines and differ and not force:
            raise UsageError(
                f"{folder} has the runs of another sweep ({', '.join(differ)} differ), so nothing of it can be used. "
                "Choose another --out, or replace them with --force."
            )
        if differ:
            put_file(path, text_writer(_line(header)))
            return
        try:
            for entry in entries:
                self._take(entry)
        except (KeyError, TypeError, ValueError):
            raise unreadable from None

    def _take(self, entry: dict[str, Any]) -> None:
        """A run as the file has it."""
        number = int(entry["run"])
        if not 1 <= number <= self._runs:
            raise ValueError(number)
        found: Row = {"run": number}
        for name in self._columns:
            value = entry.get(name)
            if name not in TEXTS:
                found[name] = math.nan if value is None else float(value)
            elif value is not None:
                found[name] = str(value)
        self.rows.setdefault(number, found)


def header_of(asked: Asked) -> dict[str, Any]:
    """Everything that determines the runs of a sweep: instance, question, and versions."""
    return {
        "schema_version": 1,
        "instance": asked.instance.settings.name,
        "content_hash": asked.instance.content_hash,
        "sweep": asked.question.model_dump(by_alias=True, exclude_defaults=True, mode="json"),
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """The versions on which the figures of a run may depend."""
    return releases("pulp", "highspy", "numpy")


def fingerprint(asked: Asked) -> str:
    """A hash of everything that determines the runs of a sweep."""
    return hashlib.sha256(json.dumps(header_of(asked), sort_keys=True).encode()).hexdigest()


def _line(entry: dict[str, Any]) -> str:
    plain = {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in entry.items()
    }
    return json.dumps(plain, ensure_ascii=False, allow_nan=False) + "\n"
