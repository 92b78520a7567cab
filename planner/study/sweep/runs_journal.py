"""The journal of a sweep: a line a run that ended, so that a stopped sweep can be resumed."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from planner.plan.release import releases
from planner.study.journal_lines import Lines
from planner.study.sweep.indices import versions_of
from planner.study.sweep.reading import ResolvedSweep
from planner.study.sweep.records import Mode
from planner.study.sweep.runs import Row, columns_of

JOURNAL = "runs.jsonl"
TEXTS = {"policy", "scenario", "status", "reason"}


class Journal:
    """The runs of one sweep that ended: in memory, and also in a file where a folder is given.

    Attributes:
        rows: by number of the run.
        remembered: how many the file had at the start.
    """

    def __init__(self, folder: Path | None, asked: ResolvedSweep, *, force: bool = False) -> None:
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
        self._lines: Lines | None = None
        if folder is not None:
            self._lines = Lines(folder / JOURNAL, "sweep", "the runs of another sweep", replaceable=True)
            self._lines.read_into(self._take, header_of(asked), force=force)
        self.remembered = len(self.rows)

    def add(self, row: Row) -> None:
        """Store the row of a run, and append it to the file."""
        self.rows.setdefault(int(row["run"]), row)
        if self._lines is not None:
            self._lines.add(row)

    def recall(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Store the rows of runs that were made before and kept elsewhere; what is missing in them is None.

        Raises:
            KeyError, TypeError, ValueError: they are no rows of this sweep.
        """
        for row in rows:
            if int(row["run"]) not in self.rows:
                self._take(row)
                if self._lines is not None:
                    self._lines.add(row)
        self.remembered = len(self.rows)

    def _take(self, entry: Mapping[str, Any]) -> None:
        """A run as a file or store has it."""
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


def header_of(asked: ResolvedSweep) -> dict[str, Any]:
    """Everything that determines the runs of a sweep: instance, question, and versions."""
    return {
        "schema_version": 1,
        "instance": asked.instance.settings.name,
        "content_hash": asked.instance.content_hash,
        "sweep": question_record(asked),
        "versions": versions(asked.question.mode),
    }


def question_record(asked: ResolvedSweep) -> dict[str, Any]:
    """What was asked of the instance, as JSON can hold it."""
    return asked.question.model_dump(by_alias=True, exclude_defaults=True, mode="json")


def versions(mode: Mode) -> dict[str, str]:
    """The versions on which the figures of a run of a sweep of this mode may depend.

    Raises:
        UsageError: SALib is not installed, and the mode needs it.
    """
    return {**releases("pulp", "highspy", "numpy"), **versions_of(mode)}


def fingerprint(asked: ResolvedSweep) -> str:
    """A hash of everything that determines the runs of a sweep."""
    return hashlib.sha256(json.dumps(header_of(asked), sort_keys=True).encode()).hexdigest()
