"""Comparing a written table with the rows and figures that it must have: findings are missing, wrong or extra ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from planner.network.frames import positions
from planner.plan.proof.printed_figures import INFINITY, ZERO, Figures, printed
from planner.plan.rounding import NEGLIGIBLE
from planner.solve.solution import Array

SMALL = Decimal(repr(NEGLIGIBLE)) * Decimal("1.001")  # of a column's largest: below it a figure is printed as 0


@dataclass(frozen=True)
class Finding:
    """Something in a run that is wrong.

    Attributes:
        table: the table, or run.json.
        row: the number of the row below the header, from 1; 0 where the finding is not about one row.
        column: the column, or columns; empty where the finding is about a whole row.
        label: the labels of the row.
        text: what is wrong.
    """

    table: str
    row: int
    column: str
    label: str
    text: str

    @property
    def words(self) -> str:
        """The finding as a line."""
        row = f" row {self.row}" if self.row else ""
        column = f", {self.column}" if self.column else ""
        return f"{self.table}{row}{f' ({self.label})' if self.label else ''}{column}: {self.text}"

    def as_json(self) -> dict[str, object]:
        """The finding as JSON can hold it."""
        return {
            "table": self.table,
            "row": self.row or None,
            "column": self.column,
            "of": self.label,
            "text": self.text,
        }


class Written:
    """A table as it is written, compared with the rows that it must have.

    Attributes:
        name: the name of the table.
        texts: its cells.
        findings: the findings so far.
        place: for each row the position of the required row that it stands for; -1 where it stands for none.
    """

    def __init__(self, name: str, texts: pd.DataFrame, columns: Iterable[str], findings: list[Finding]) -> None:
        """Take a table; columns that it should not have, or lacks, are findings.

        Args:
            name: the name of the table.
            texts: its cells; a missing column is added with empty cells.
            columns: the columns that it should have.
            findings: the list to which findings are added.
        """
        wanted = list(columns)
        self.name, self.findings = name, findings
        for column in wanted:
            if column not in texts:
                self._say(-1, column, "the column is missing")
        for column in dict.fromkeys(texts.columns):
            if column not in wanted:
                self._say(-1, str(column), "the planner writes no such column")
        self.texts = texts.reindex(columns=wanted, fill_value="") if texts.columns.is_unique else texts.iloc[:0]
        if not texts.columns.is_unique:
            self._say(-1, "", "a column stands twice")
            self.texts = pd.DataFrame(columns=wanted, dtype=object)
        self.place: Array = np.zeros(0, dtype=np.int64)
        self.keys: list[str] = []

    def _say(self, row: int, column: str, text: str) -> None:
        self.findings.append(Finding(self.name, row + 1, column, self._label(row), text))

    def _label(self, row: int) -> str:
        if row < 0 or not getattr(self, "keys", None):
            return ""
        return "/".join(self.texts[self.keys].iloc[row])

    def match(self, wanted: pd.DataFrame, keys: Sequence[str], required: Array) -> None:
        """Find the row that each row of the table stands for; extra, repeated and missing rows are findings.

        Args:
            wanted: the possible rows, with their label columns.
            keys: the columns that identify a row.
            required: the positions of the possible rows that must be in the table.
        """
        self.keys = list(keys)
        labels = wanted[self.keys].astype(str)
        self.place = positions(self.texts[self.keys], labels, self.keys)
        first: dict[int, int] = {}
        for row, at in enumerate(self.place.tolist()):
            if at < 0:
                self._say(row, ", ".join(self.keys), "no such row can be in this plan")
            elif at in first:
                self._say(row, "", f"stands twice; it is row {first[at] + 1} too")
            else:
                first[at] = row
        for at in np.flatnonzero(required).tolist():
            if at not in first:
                label = "/".join(labels.iloc[at])
                self.findings.append(Finding(self.name, 0, "", label, "the row is missing"))
        others = [column for column in wanted if column in self.texts and column not in self.keys]
        for column in others:
            should = wanted[column].astype(str).to_numpy(dtype=object)
            shown = self.texts[column].to_numpy(dtype=object)
            for row in np.flatnonzero((self.place >= 0) & (shown != should[self.place])).tolist():
                self._say(
                    row, column, f"is {shown[row] or 'empty'}, but {should[self.place[row]] or 'nothing'} follows"
                )

    def figures(self, column: str, *, empty: bool = False) -> Figures:
        """The figures of a column; texts that are no figures are findings.

        Args:
            column: the name of the column.
            empty: whether a cell may be empty.
        """
        found, wrong = printed(self.texts[column].tolist())
        for row, text in wrong.items():
            self._say(row, column, f"'{self.texts[column].iloc[row]}' {text}")
        if not empty:
            for row in np.flatnonzero(self.texts[column].to_numpy(dtype=object) == "").tolist():
                self._say(row, column, "is empty")
        return found

    def read(self, column: str) -> Figures:
        """The figures of a column; texts that are no figures are ignored."""
        return printed(self.texts[column].tolist())[0]

    def agree(self, column: str, follows: Figures, slack: Array | None = None, *, small: bool = True) -> Figures:
        """Compare a column with computed figures; a difference of more than the last printed digit is a finding.

        Args:
            column: the name of the column.
            follows: the computed figures, by position of the required rows; an unknown figure means an empty cell.
            slack: a further difference that is allowed; None for none.
            small: whether a figure that is negligible in its column is printed as 0.
        """
        unknown = bool((~follows.known).any())
        shown, cells = self.figures(column, empty=unknown), self.texts[column].tolist()
        wanted = follows.take(self.place)
        least = SMALL * max(map(abs, follows.value.tolist()), default=ZERO) if small else ZERO
        for row in np.flatnonzero(self.place >= 0).tolist():
            text = cells[row]
            if not wanted.known[row]:
                if shown.known[row]:
                    self._say(row, column, f"is {text}, but no figure follows")
            elif not shown.known[row]:
                if text == "" and unknown:
                    self._say(row, column, f"is empty, but {short(wanted.value[row])} follows")
            else:
                apart = abs(shown.value[row] - wanted.value[row])
                allowed = shown.width[row] + wanted.width[row] + (ZERO if slack is None else slack[self.place[row]])
                dropped = not shown.value[row] and abs(wanted.value[row]) <= least
                if apart > allowed and not dropped:
                    self._say(row, column, f"is {text}, but {short(wanted.value[row])} follows")
        return shown

    def wrong(self, row: int, column: str, text: str) -> None:
        """Add the finding that a cell is wrong."""
        self._say(row, column, text)


def short(figure: Decimal) -> str:
    """A decimal for people."""
    return "inf" if figure == INFINITY else f"{float(figure):.9g}"


def table_named(table: Mapping[str, pd.DataFrame], name: str, columns: Iterable[str]) -> pd.DataFrame:
    """A table by its name, or one without rows."""
    return table[name] if name in table else pd.DataFrame(columns=list(columns), dtype=object)
