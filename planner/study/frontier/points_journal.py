"""The journal of a frontier: one line for each solved level, so that a stopped run can be resumed."""

from __future__ import annotations

import math
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from planner.instance.instance import Instance
from planner.plan.release import releases
from planner.study.frontier.level_search import Point
from planner.study.frontier.levels import MovedLimits
from planner.study.journal_lines import Lines

JOURNAL = "points.jsonl"
LEVEL_DIGITS = 12  # of a level
_TEXTS = {"status", "policy", "note"}  # fields that are no figures


@dataclass(frozen=True)
class Mark:
    """A policy of the instance, placed beside the curve.

    Attributes:
        policy: its name.
        level: what its plan keeps of the moved limits: the largest share of any of their rows (caps), the smallest
            (floors); NaN where nothing is counted.
        cost: its least cost, money; NaN where it has no plan.
        note: why it could not be placed; empty where it is.
    """

    policy: str
    level: float = math.nan
    cost: float = math.nan
    note: str = ""


def key_of(level: float) -> float:
    """A level rounded to 12 digits, as it is solved and stored."""
    return round(float(level), LEVEL_DIGITS) + 0.0


class Journal:
    """Points, marks and conflicts of one frontier: in memory, and also in a file where a folder is given.

    Attributes:
        points: by level.
        marks: by policy.
        conflicts: why a level has no plan, by level.
        remembered: number of points that the file had at the start.
    """

    def __init__(self, folder: Path | None, header: dict[str, Any]) -> None:
        """Read the file in the folder, if there is one.

        Raises:
            UsageError: the folder has something else in it, or the points of another curve.
        """
        self.points: dict[float, Point] = {}
        self.marks: dict[str, Mark] = {}
        self.conflicts: dict[float, tuple[str, ...]] = {}
        self._lock = threading.Lock()
        self._lines: Lines | None = None
        if folder is not None:
            self._lines = Lines(folder / JOURNAL, "frontier", "the points of another curve")
            self._lines.read_into(self._take, header)
        self.remembered = len(self.points)

    def add(self, entry: Point | Mark) -> None:
        """Store a point or mark, and append it to the file."""
        with self._lock:
            if isinstance(entry, Point):
                self.points[entry.level] = entry
                self._write({"point": asdict(entry)})
            else:
                self.marks[entry.policy] = entry
                self._write({"mark": asdict(entry)})

    def add_conflict(self, level: float, sentences: tuple[str, ...]) -> None:
        """Store why a level has no plan, and append it to the file."""
        with self._lock:
            self.conflicts[level] = sentences
            self._write({"conflict": {"level": level, "sentences": list(sentences)}})

    def _take(self, entry: dict[str, Any]) -> None:
        if "point" in entry:
            point = Point(**_numbers(entry["point"]))
            self.points[point.level] = point
        elif "mark" in entry:
            mark = Mark(**_numbers(entry["mark"]))
            self.marks[mark.policy] = mark
        else:
            self.conflicts[entry["conflict"]["level"]] = tuple(entry["conflict"]["sentences"])

    def _write(self, entry: dict[str, Any]) -> None:
        if self._lines is not None:
            self._lines.add(entry)


def header_of(instance: Instance, moved: MovedLimits) -> dict[str, Any]:
    """Everything that determines the points of a frontier: instance, policy, moved limits, and versions."""
    return {
        "schema_version": 2,
        "instance": instance.settings.name,
        "content_hash": instance.content_hash,
        "policy": moved.policy.model_dump(by_alias=True, exclude_defaults=True, mode="json"),
        "limits": list(moved.names),
        "versions": releases("pulp", "highspy"),
    }


def _numbers(entry: dict[str, Any]) -> dict[str, Any]:
    """The fields of a stored entry, with NaN for null."""
    return {
        name: value if name in _TEXTS else math.nan if value is None else float(value) for name, value in entry.items()
    }
