"""What has been solved of a frontier, a line each, so that a sweep that was stopped goes on where it was."""

from __future__ import annotations

import json
import math
import os
import platform
import threading
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from planner.errors import UsageError
from planner.instance.instance import Instance
from planner.study.frontier.level_search import Point
from planner.study.frontier.levels import Lever

JOURNAL = "points.jsonl"
DIGITS = 12  # of a level
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
    """A level as it is asked for and remembered."""
    return round(float(level), DIGITS) + 0.0


class Journal:
    """Points, marks and conflicts of one curve: in memory, and in a file where a folder is given.

    Attributes:
        points: by level.
        marks: by policy.
        conflicts: why a level has no plan, by level.
        remembered: how many points the file had.
    """

    def __init__(self, folder: Path | None, header: dict[str, Any]) -> None:
        """Read what the folder has, if any.

        Raises:
            UsageError: the folder has something else in it, or the points of another curve.
        """
        self.points: dict[float, Point] = {}
        self.marks: dict[str, Mark] = {}
        self.conflicts: dict[float, tuple[str, ...]] = {}
        self._lock = threading.Lock()
        self._file = None if folder is None else folder / JOURNAL
        if folder is not None:
            self._open(folder, header)
        self.remembered = len(self.points)

    def add(self, entry: Point | Mark) -> None:
        """Remember a point or mark."""
        with self._lock:
            if isinstance(entry, Point):
                self.points[entry.level] = entry
                self._write({"point": asdict(entry)})
            else:
                self.marks[entry.policy] = entry
                self._write({"mark": asdict(entry)})

    def add_conflict(self, level: float, sentences: tuple[str, ...]) -> None:
        """Remember why a level has no plan."""
        with self._lock:
            self.conflicts[level] = sentences
            self._write({"conflict": {"level": level, "sentences": list(sentences)}})

    def _open(self, folder: Path, header: dict[str, Any]) -> None:
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is a file. Choose another --out.")
        path = folder / JOURNAL
        if folder.exists() and any(folder.iterdir()) and not path.exists():
            raise UsageError(f"{folder} exists and is no frontier, so it is left alone. Choose another --out.")
        try:
            whole = path.read_text(encoding="utf-8") if path.exists() else ""
        except UnicodeDecodeError:
            raise _unreadable(path) from None
        lines = whole[: whole.rfind("\n") + 1].splitlines()  # a last line without an end was cut off
        if not lines:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(_line(header), encoding="utf-8")
            return
        try:
            first, *entries = [dict(json.loads(line)) for line in lines]
        except (ValueError, TypeError, RecursionError):
            raise _unreadable(path) from None
        differ = sorted(name for name in {*header, *first} if first.get(name) != header.get(name))
        if differ:
            raise UsageError(
                f"{folder} has the points of another curve ({', '.join(differ)} differ), so nothing of it can be used. "
                "Choose another --out."
            )
        if not whole.endswith("\n"):
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        for entry in entries:
            try:
                self._take(entry)
            except (AttributeError, KeyError, TypeError, ValueError):
                raise _unreadable(path) from None

    def _take(self, entry: dict[str, Any]) -> None:
        if "point" in entry:
            point = Point(**_numbers(entry["point"]))
            self.points[point.level] = point
        elif "mark" in entry:
            mark = Mark(**_numbers(entry["mark"]))
            self.marks[mark.policy] = mark
        elif "conflict" in entry:
            self.conflicts[entry["conflict"]["level"]] = tuple(entry["conflict"]["sentences"])

    def _write(self, entry: dict[str, Any]) -> None:
        if self._file is None:
            return
        with self._file.open("a", encoding="utf-8") as file:
            file.write(_line(entry))
            file.flush()
            os.fsync(file.fileno())


def _unreadable(path: Path) -> UsageError:
    return UsageError(f"{path} cannot be read. Remove it, or choose another --out.")


def header_of(instance: Instance, lever: Lever) -> dict[str, Any]:
    """What decides every point of a curve: the instance, the policy, what is moved, and the versions."""
    return {
        "schema_version": 1,
        "instance": instance.settings.name,
        "content_hash": instance.content_hash,
        "policy": lever.policy.model_dump(by_alias=True, exclude_defaults=True, mode="json"),
        "limits": list(lever.names),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("planner", "pulp", "highspy")},
        },
    }


def _line(entry: dict[str, Any]) -> str:
    return json.dumps(_without_nan(entry), ensure_ascii=False, allow_nan=False) + "\n"


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nan(part) for name, part in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _numbers(entry: dict[str, Any]) -> dict[str, Any]:
    """The fields of an entry; what is null was no number."""
    return {
        name: value if name in _TEXTS else math.nan if value is None else float(value) for name, value in entry.items()
    }
