"""Problems in the data: the record of one, lists of them that stay short, and suggestions for misspelt names."""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

LISTED = 50  # problems of a kind that are listed; the rest are counted
MOST_KINDS = 50  # distinct kinds kept for each check and file; further ones count as one
PLACES = 4  # of problems that say the same, each place or run of rows
LONGEST_VALUE, LONGEST_SENTENCE = 60, 600
_CELL = re.compile(r"(.*![A-Z]+)(\d+)")
_LONG_WORD = re.compile(r"\S{121,}")
MANY_NAMES = 1000  # among more names only those that begin or end like the text are compared with it


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem in an instance: where it is, what it is, and how to mend it.

    Texts are shortened here, in one place, so that no cell or name of any length floods a message.

    Attributes:
        file: the file (or inline table) in which the problem stands.
        row: the row's number as an editor shows it (the header of a CSV file is row 1); None for a whole file.
        column: the column or field; None for a whole row.
        value: the offending text; None where something is missing.
        message: what is wrong, in one sentence.
        remedy: how to mend it, in one sentence.
        severity: "error" (the instance cannot be used) or "warning" (it can, but look).
        cell: of a workbook, sheet and cell (`demand!D17`), which say where it is by themselves.
    """

    file: str
    row: int | None
    column: str | None
    value: str | None
    message: str
    remedy: str
    severity: str = "error"
    cell: str | None = None

    def __post_init__(self) -> None:
        for name, most in (("file", 200), ("column", 100), ("value", LONGEST_VALUE)):
            text = getattr(self, name)
            if text is not None and len(text) > most:
                object.__setattr__(self, name, text[: most - 3] + "...")
        for name in ("message", "remedy"):
            text = getattr(self, name)
            if len(text) > LONGEST_VALUE:
                object.__setattr__(self, name, shortened(text))

    @property
    def place(self) -> str:
        """Where it is: file and row, or sheet and cell."""
        if self.cell is not None:
            return self.cell
        return self.file if self.row is None else f"{self.file}, row {self.row}"

    def as_json(self) -> dict[str, Any]:
        """The fields file, row, column, value, message and remedy, as `problems` in JSON output has them."""
        return {
            "file": self.cell or self.file,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "message": self.message,
            "remedy": self.remedy,
        }

    def __str__(self) -> str:
        return self.at(self.place)

    def at(self, place: str) -> str:
        """The problem as one sentence, with a place of it and of others alike."""
        column = "" if self.column is None else f", column {self.column}"
        return f"{place}{column}: {self.message} {self.remedy}"


@dataclass(frozen=True)
class LeftOut:
    """Problems of a kind that are counted but not listed.

    Attributes:
        file, column, severity, message: of the first problem of the kind.
        count: how many there are beside those that are listed.
    """

    file: str
    column: str | None
    severity: str
    message: str
    count: int

    def as_json(self) -> dict[str, Any]:
        """The fields file, column, message (of the first such problem) and count, for JSON output."""
        return {"file": self.file, "column": self.column, "message": self.message, "count": self.count}

    def __str__(self) -> str:
        column = f" [{self.column}]" if self.column else ""
        return f"{self.count:,} more of this kind in {self.file}{column}, like: {self.message}"


def alike(problems: Iterable[Problem]) -> list[tuple[Problem, ...]]:
    """Problems that say the same of a column, put together, in the order of the first of them."""
    found: dict[tuple[str | None, ...], list[Problem]] = {}
    for problem in problems:
        key = (problem.severity, problem.column, problem.message, problem.remedy)
        found.setdefault(key, []).append(problem)
    return [tuple(group) for group in found.values()]


def places(problems: Sequence[Problem], row: str = ", row ") -> str:
    """Where all of some problems are: `demand!D2:D50, D60`, `demand.csv, row 2-50`, with at most `PLACES` of them.

    Args:
        problems: at least one.
        row: what stands between a file and a row.
    """
    runs: list[tuple[str, list[int]]] = []  # where, up to the row; the first and the last row
    for problem in problems:
        cell = _CELL.fullmatch(problem.cell or "")
        where, number = (cell[1], int(cell[2])) if cell else (problem.cell or problem.file, problem.row or 0)
        if runs and number and runs[-1][0] == where and runs[-1][1][-1] == number - 1:
            runs[-1][1][1:] = [number]
        else:
            runs.append((where, [number]))
    said = []
    for where, rows in runs[:PLACES]:
        if "!" in where:
            column = where.rpartition("!")[2]
            said.append(f"{where}{rows[0]}" + (f":{column}{rows[-1]}" if len(rows) > 1 else "") if rows[0] else where)
        else:
            said.append(f"{where}{row}{'-'.join(map(str, rows))}" if rows[0] else where)
    more = len(problems) - sum(rows[-1] - rows[0] + 1 for _, rows in runs[:PLACES])
    return ", ".join(said) + (f" and {more:,} more" if more else "")


class Problems:
    """A list of problems that stays short however bad the data is.

    Problems are of one kind where one check finds them in one column of one file. Of each kind the first ones are kept,
    and the rest are counted.
    """

    def __init__(self, most: int | None = LISTED) -> None:
        self.most = most
        self._listed: list[Problem] = []
        self._seen: Counter[tuple[str, ...]] = Counter()
        self._first: dict[tuple[str, ...], Problem] = {}
        self._kinds: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._apart: set[tuple[str, ...]] = set()
        self._many: Counter[tuple[str, str]] = Counter()

    def add(self, check: str, problem: Problem, place: str | None = None) -> None:
        """Add a problem that a check has found; `place` makes problems of several files count as one kind."""
        kind = self._kind(check, problem.file if place is None else place, problem.severity, problem.column)
        self._seen[kind] += 1
        if self.most is not None and self._seen[kind] > self.most:
            return
        self._first.setdefault(kind, problem)
        self._listed.append(problem)

    def extend(self, check: str, problems: Iterable[Problem]) -> None:
        """Add all problems that a check has found."""
        for problem in problems:
            self.add(check, problem)

    def counted(self, file: str, faults: Sequence[tuple[str, str]]) -> bool:
        """Count an error for each (check, column) if all of these kinds are listed in full already.

        Returns whether they were counted. Where they were not, the caller has to make the problems and add them.
        """
        kinds = [self._kind(check, file, "error", column) for check, column in faults]
        if self.most is None or any(self._seen[kind] < self.most for kind in kinds):
            return False
        self._seen.update(kinds)
        return True

    def append(self, problem: Problem) -> None:
        """Add a problem that was found while reading, before any check."""
        self.add("read", problem)

    def listed(self) -> tuple[Problem, ...]:
        """The problems that are kept: errors, then warnings, each in the order in which they were found."""
        return tuple(sorted(self._listed, key=lambda problem: problem.severity != "error"))

    def left_out(self) -> tuple[LeftOut, ...]:
        """How many more there are of each kind of which some are not kept; errors first."""
        found = [
            LeftOut(first.file, first.column, first.severity, first.message, self._seen[kind] - self.most)
            for kind, first in self._first.items()
            if self.most is not None and self._seen[kind] > self.most
        ]
        return tuple(sorted(found, key=lambda kind: kind.severity != "error"))

    @property
    def errors(self) -> bool:
        """Whether any problem makes the instance unusable."""
        return any(problem.severity == "error" for problem in self._first.values())

    def _kind(self, check: str, file: str, severity: str, column: str | None) -> tuple[str, ...]:
        """The kind of a problem; nested columns count by first and last name, files in a folder by the folder."""
        place = file.partition("/")[0]
        key = (check, place, severity, column or "")
        kind = self._kinds.get(key)
        if kind is None:
            parts = [part for part in key[-1].split(".") if not part.isdigit()] or [""]
            kind = (check, place, severity, parts[0], parts[-1])
            if kind not in self._apart:
                if self._many[check, place] >= MOST_KINDS:
                    return (check, place, severity)
                self._many[check, place] += 1
                self._apart.add(kind)
            if len(self._kinds) < 100 * MOST_KINDS:
                self._kinds[key] = kind
        return kind


def nearest(text: str, known: Iterable[str]) -> str:
    """A sentence naming the known ids that are spelt most like `text`, for the remedy of a problem."""
    return Names(known).nearest(text)


class Names:
    """Known ids, among which misspelt ones are looked up.

    Only the first `LISTED` texts are looked up: where more are unknown, the list of ids helps better than any guess.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self.known = known
        self._found: dict[str, str] = {}

    def nearest(self, text: str) -> str:
        """A sentence naming the known ids that are closest to `text`, else some of them."""
        text = text[:LONGEST_VALUE]
        if text not in self._found:
            if len(self._found) >= LISTED:
                return self._some
            self._found[text] = self._search(text)
        return self._found[text]

    def _search(self, text: str) -> str:
        """The sentence that names the most similar ids, else some of the known ones."""
        some = self._alike(text)
        same = [name for name in some if _squashed(name) == _squashed(text)]
        if same and _squashed(text):
            return f"Did you mean {' or '.join(same[:3])}?"
        close = difflib.get_close_matches(text, some, n=3, cutoff=0.5)
        if not close:
            lowered = {name.lower(): name for name in some}
            close = [
                lowered[match] for match in difflib.get_close_matches(text.lower(), list(lowered), n=3, cutoff=0.5)
            ]
        return f"Did you mean {' or '.join(close)}?" if close else self._some

    @cached_property
    def _some(self) -> str:
        shown = ", ".join(self._sorted[:8])
        return f"Known: {shown}{', ...' if len(self._sorted) > 8 else '.'}" if shown else "None is defined."

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted({str(name) for name in self.known})

    @cached_property
    def _turned(self) -> list[str]:
        """The names spelt backwards, sorted, to find neighbours that agree at the end."""
        return sorted(name[::-1] for name in self._sorted)

    def _alike(self, text: str) -> list[str]:
        """The names to compare with a text: all of them, or where there are many only its neighbours in sorted order.

        Neighbours are taken in the order of the names and of the reversed names: a typing error leaves one of the two
        ends of a name intact.
        """
        if len(self._sorted) <= MANY_NAMES:
            return self._sorted
        front, back = bisect_left(self._sorted, text), bisect_left(self._turned, text[::-1])
        half = MANY_NAMES // 4
        some = {*self._sorted[max(front - half, 0) : front + half]}
        some.update(name[::-1] for name in self._turned[max(back - half, 0) : back + half])
        return sorted(some)


def _squashed(text: str) -> str:
    """Letters and figures alone, in small letters: `Late cost` and `late_cost` are the same."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def shortened(sentence: str) -> str:
    """A sentence with overlong words cut and, where it is still too long, its middle left out."""
    text = _LONG_WORD.sub(lambda word: word[0][: LONGEST_VALUE - 3] + "...", sentence)
    return text if len(text) <= LONGEST_SENTENCE else text[: LONGEST_SENTENCE - 200] + " ... " + text[-190:]
