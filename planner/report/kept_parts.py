"""Parts of a report, stored in a folder beside it, so that the next report makes only the parts whose inputs changed.

The file name of a part is the hash of all its inputs: data, policies and scenarios as the part sees them, options, and
the code and libraries that made it. So a stored part is never taken for the answer to another question. It is read as
data (tables, figures and the few types of values listed here); a damaged file counts as missing.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from planner.errors import UsageError
from planner.instance.whole_files import put_file, text_writer
from planner.plan.release import versions
from planner.report.studies import Buys
from planner.study.audit.audit import Audit
from planner.study.frontier.curve import Frontier
from planner.study.frontier.points import Break
from planner.study.frontier.points_journal import Mark
from planner.study.outage.n_minus_one import Losses

FOLDER = ".kept"
VALUES = {made.__name__: made for made in (Audit, Break, Buys, Frontier, Losses, Mark)}
MOST = 500  # entries; the oldest are removed beyond
DTYPES = ("bool", "float64", "int64", "object", "str")

Question = Mapping[str, Any]


class KeptParts:
    """The parts that are stored in a folder beside a report; without a folder nothing is stored.

    Attributes:
        reused: the number of parts that were found.
    """

    def __init__(self, report: Path | None) -> None:
        """Take the folder of a report, which need not be there yet."""
        self.folder = None if report is None else report / FOLDER
        self.reused = 0

    def found(self, question: Question) -> Any | None:
        """The stored answer to a question; None where none is stored, or it cannot be read."""
        if self.folder is None:
            return None
        path = self.folder / _name_of(question)
        try:
            head, body = path.read_text(encoding="utf-8").split("\n", 1)
            answer = _decoded(json.loads(body)) if head == _hash(body) else None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        if answer is not None:
            self.reused += 1
            with suppress(OSError):  # only the order in which entries are removed depends on it
                os.utime(path)
        return answer

    def keep(self, question: Question, answer: Any) -> None:
        """Store an answer, if that is possible without loss; errors of the disk are ignored."""
        if self.folder is None:
            return
        try:
            body = json.dumps(_encoded(answer), separators=(",", ":"))
            if json.dumps(_encoded(_decoded(json.loads(body))), separators=(",", ":")) != body:
                return
            put_file(self.folder / ".gitignore", text_writer("*\n"))
            put_file(self.folder / _name_of(question), text_writer(f"{_hash(body)}\n{body}"))
            _make_room(self.folder)
        except (OSError, TypeError, UsageError):
            return


def made_by() -> dict[str, str]:
    """What a part was made with: the planner's code, its libraries, Python and the type of machine."""
    return {**versions(), "numpy": version("numpy"), "machine": platform.machine()}


def _name_of(question: Question) -> str:
    asked = json.dumps({**question, "made by": made_by()}, sort_keys=True, separators=(",", ":"))
    return f"{_hash(asked)}.json"


def _make_room(folder: Path) -> None:
    """Remove the files that were not used for the longest time, where there are too many."""
    entries = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in entries[: max(0, len(entries) - MOST)]:
        path.unlink(missing_ok=True)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _encoded(value: Any) -> Any:
    """A value as JSON: numbers, texts and booleans as they are, other values as a pair of their type and content.

    Raises:
        TypeError: a part of the value has a type that is not stored.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, pd.DataFrame):
        if not isinstance(value.index, pd.RangeIndex) or any(str(part) not in DTYPES for part in value.dtypes):
            raise TypeError("a table with labels or columns of another kind")
        columns = [[name, str(value[name].dtype), _column(value[name])] for name in value.columns]
        return {"table": columns, "rows": len(value)}
    if isinstance(value, tuple):
        return {"tuple": [_encoded(part) for part in value]}
    if is_dataclass(value) and type(value).__name__ in VALUES:
        parts = {part.name: _encoded(getattr(value, part.name)) for part in fields(value)}
        return {"value": type(value).__name__, "parts": parts}
    raise TypeError(f"{type(value).__name__} is not kept")


def _column(column: pd.Series) -> list[Any]:
    if str(column.dtype) == "str":
        return [None if part is None or part != part else part for part in column]  # noqa: PLR0124 - no text is NaN
    return [_encoded(part) for part in column.tolist()]


def _decoded(value: Any) -> Any:
    """The value that `_encoded` wrote."""
    if not isinstance(value, dict):
        return value
    if "table" in value:
        made = {name: pd.Series(column, dtype=dtype) for name, dtype, column in value["table"]}
        return pd.DataFrame(made, index=pd.RangeIndex(value["rows"]), columns=[part[0] for part in value["table"]])
    if "tuple" in value:
        return tuple(_decoded(part) for part in value["tuple"])
    return VALUES[value["value"]](**{name: _decoded(part) for name, part in value["parts"].items()})
