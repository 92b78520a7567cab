"""The places of a workbook: the sheet and cell in which a problem stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from planner.errors import Problem
from planner.instance.workbook.sheet_layout import SETTINGS


def column_letters(number: int) -> str:
    """The letters of a column by its number: A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass
class Places:
    """The columns of a workbook's sheets, and the rows that parts of settings, policies and scenarios come from.

    Attributes:
        book: name of the workbook's file.
        columns: letters of each column, by sheet and column name.
        titles: the sheets' names as the workbook writes them.
        parts: (sheet, row) of a part, by (file, row, path) of problems: ("policies", 2, "limits.0").
        left: what is the user's own and has no place in other forms, in words.
        kept: places of problems that reading found; what is said of the same cells later follows from them.
    """

    book: str
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    parts: dict[tuple[str, int | None, str], tuple[str, int]] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)
    kept: set[tuple[str, int, str]] = field(default_factory=set)

    def settle(self, read: Iterable[Problem], later: Iterable[Problem]) -> Iterator[Problem]:
        """The problems with their cells; later problems of a cell that reading reported already are dropped."""
        for problem in read:
            yield self._at_cell(problem)
        for problem in later:
            sheet, row, column = self._place(problem)
            if row is None or column is None or (sheet, row, column) not in self.kept:
                yield self._at_cell(problem)

    def _at_cell(self, problem: Problem) -> Problem:
        sheet, row, column = self._place(problem)
        if sheet not in self.titles:
            return problem
        title = self.titles[sheet]
        title = title if title.replace("_", "").isalnum() else f"'{title}'"
        letters = self.columns.get(sheet, {}).get(column or "", "A")
        return dataclasses.replace(problem, cell=title if row is None else f"{title}!{letters}{row}")

    def _place(self, problem: Problem) -> tuple[str, int | None, str | None]:
        """(sheet, row, column) of a problem: of the part of a policy, scenario or the settings that it is in."""
        path = (problem.column or "").split(".")
        for length in range(len(path), 0, -1):
            part = self.parts.get((problem.file, problem.row, ".".join(path[:length])))
            if part is not None:
                known = self.columns.get(part[0], {})
                inside = [name for name in path[length:] if name in known]
                value = "value" if part[0] == "settings" and path[0] in SETTINGS else None  # an unknown key: the key
                return (*part, inside[0] if inside else value)
        if problem.file == "settings" and problem.row is None:
            return ("settings", None, None)
        column = path[0] or None
        renamed = {"policies": "policy", "scenarios": "scenario"}.get(problem.file)
        return (problem.file, problem.row, renamed if column == "name" and renamed else column)
