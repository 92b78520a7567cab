"""From the sheets of a workbook to the rows of text that every form of an instance gives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from planner.errors import Names, Problem, Problems, nearest
from planner.instance.cells import COORDINATES
from planner.instance.fields import USERS_OWN
from planner.instance.files import Raw
from planner.instance.kinds import Kind
from planner.instance.records import TABLE
from planner.instance.syntax import about_unknown_column
from planner.instance.workbook.cells import Trouble, cell_text
from planner.instance.workbook.folding import take_parts, take_settings
from planner.instance.workbook.places import Places, column_letters
from planner.instance.workbook.reading import WorkbookRefusedError, read_values
from planner.instance.workbook.sheet_layout import OURS, SETTINGS, SHEETS

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})")


def read_workbook(path: Path) -> Raw:
    """An instance that stands in a workbook, as text; problems name its sheets and cells."""
    places = Places(path.name)
    raw = Raw(settings_file="settings", places=places)
    reader = Reader(raw, places)
    try:
        for value in read_values(path):
            reader.take(value)
    except WorkbookRefusedError as error:
        raw.problems = Problems()
        raw.problems.append(Problem(path.name, None, None, None, error.message, error.remedy))
        raw.unread.update(SHEETS)
        return raw
    reader.finish(path.name)
    return raw


class Reader:
    """Takes the values that the child process writes, sheet by sheet.

    Attributes:
        rows: rows of each sheet as (row, {column: text}); empty cells are left out.
    """

    def __init__(self, raw: Raw, places: Places) -> None:
        self.raw, self.places = raw, places
        self.rows: dict[str, list[tuple[int, dict[str, str]]]] = {}
        self.labels: tuple[str, ...] = ()
        self.sheet: Sheet | None = None
        self.visible = True
        self.title = ""

    def take(self, value: Any) -> None:
        """Handle one value of the child process: the begin of a sheet, a row, or merged ranges."""
        if isinstance(value, list):
            if self.sheet is not None:
                self.sheet.take(*value)
            elif self.title:
                self._stranger()
        elif "sheet" in value:
            self._begin(value["sheet"], visible=value["state"] == "visible")
        elif self.sheet is not None:
            self.sheet.finish(value["merged"])
            if self.sheet.name == "settings":
                self.labels = take_settings(self.raw, self.places, self.rows["settings"])

    def finish(self, name: str) -> None:
        """Handle the end of the workbook: assemble settings, policies and scenarios."""
        if "settings" not in self.rows:
            remedy = "Add a sheet `settings` with the columns key and value, and the key name at least."
            self.raw.problems.append(Problem(name, None, None, None, "The workbook has no sheet `settings`.", remedy))
            self.raw.unread.add("settings")
        for table in TABLE:
            if self.rows.get(table):
                self.raw.tables[table] = [(table, row, dict(cells)) for row, cells in self.rows[table]]
        take_parts(self.raw, self.places, self.rows)

    def _begin(self, title: str, *, visible: bool) -> None:
        self.sheet, self.title, self.visible = None, "", visible
        name = title.strip().lower()
        if title.startswith(USERS_OWN):
            if title not in OURS:
                self.places.left.add(f"the sheet {title}")
            return
        self.title = title
        if name not in SHEETS:
            return
        if name in self.rows:
            message = f"Two sheets are called {name}."
            self.raw.problems.append(Problem(title, None, None, None, message, "Put their rows into one."))
            self.title = ""
            return
        self.places.titles[name] = title
        self.rows[name] = []
        self.sheet = Sheet(name, self.raw, self.places, self.rows[name], self.labels)
        if not visible:
            message = "The sheet is hidden, and is read all the same."
            remedy = f"Show it; or, where it is not meant, delete it or let its name begin with {USERS_OWN}."
            self.raw.problems.append(Problem(name, None, None, None, message, remedy, "warning"))

    def _stranger(self) -> None:
        """Report a sheet with rows whose name is not known."""
        title, self.title = self.title, ""
        name = title.strip().lower()
        remedy = f"{nearest(name, SHEETS)} Let the name of a sheet of your own begin with {USERS_OWN}."
        message = f"'{title[:40]}' is no sheet of the format."
        if not self.visible:
            message = f"'{title[:40]}' is no sheet of the format, and hidden; it is passed over."
        severity = "error" if self.visible else "warning"
        self.raw.problems.append(Problem(title, None, None, None, message, remedy, severity))


class Sheet:
    """One sheet of the format: its first row names the columns, all others are rows of text."""

    def __init__(
        self, name: str, raw: Raw, places: Places, rows: list[tuple[int, dict[str, str]]], labels: Sequence[str]
    ) -> None:
        self.name, self.raw, self.places, self.rows, self.labels = name, raw, places, rows, labels
        self.known = SHEETS[name]
        self.header: dict[int, str] | None = None
        self.ignored: set[int] = set()
        self.hidden = self.first = self.last = 0

    def take(self, row: int, hidden: bool, cells: Sequence[Sequence[Any]]) -> None:  # noqa: FBT001  (as the child sends it)
        """Handle a row with its cells as [column, kind, text, style]."""
        if self.header is None:
            self.first = row
            self._take_header(row, cells)
            return
        self.hidden += hidden
        self.last = row
        if not self.header:
            return
        kinds = self.known
        if self.name == "settings":
            key = next((str(cell[2]).strip().lower() for cell in cells if self.header.get(cell[0]) == "key"), "")
            kinds = {**kinds, "value": SETTINGS.get(key, Kind.TEXT)}
        found: dict[str, str] = {}
        for column, *cell in cells:
            name = self.header.get(column)
            if name is None:
                self._stray(row, column, str(cell[1]))
                continue
            text = cell_text(kinds.get(name, Kind.TEXT), cell, self.labels, plain=name not in COORDINATES)
            if isinstance(text, Trouble):
                if name.startswith(USERS_OWN):
                    continue
                self._problem(row, name, text.shown, text.message, text.remedy)
                self.places.kept.add((self.name, row, name))
                text = text.shown
            if text.strip():
                found[name] = text
        if any(not name.startswith(USERS_OWN) for name in found):
            self.rows.append((row, found))

    def finish(self, merged: Sequence[str]) -> None:
        """Handle the end of the sheet, with its merged ranges."""
        if self.hidden:
            message = f"{self.hidden} of the rows are hidden (by a filter, it may be), and are read all the same."
            self._problem(None, None, None, message, "Delete the rows that are not meant.", "warning")
        for text in merged:
            self._merged(text)

    def _take_header(self, row: int, cells: Sequence[Sequence[Any]]) -> None:
        names: dict[int, str] = {}
        for column, kind, text, _ in cells:
            name = str(text).strip()
            names[column] = name if name.startswith(USERS_OWN) else name.lower()
            if kind in {"e", "f"}:
                self._problem(row, name, name, "The name of the column cannot be read.", "Write it as text.")
        self.places.columns[self.name] = {name: column_letters(column) for column, name in reversed(names.items())}
        if not any(name in self.known for name in names.values()):
            shown = ", ".join(names.values())[:60]
            remedy = f"Let it name the columns, with no title above them: {', '.join(self.known)}."
            self._problem(row, None, shown, f"The first row names no column of {self.name}.", remedy)
            self.raw.unread.add(self.name)
            self.header = {}
            return
        self.header = names
        own = list(names.values())
        for column, name in list(names.items()):
            if name.startswith(USERS_OWN):
                continue
            if name not in self.known:
                remedy = about_unknown_column(name, Names(self.known), self.labels)
                self._problem(row, name, name[:60], f"'{name[:60]}' is no column of {self.name}.", remedy)
                del names[column]
                self.ignored.add(column)
            elif own.count(name) > 1:
                self._problem(row, name, None, f"The column {name} stands twice.", "Keep one of the two.")

    def _stray(self, row: int, column: int, text: str) -> None:
        """Report a cell with a value in a column without a name."""
        if column in self.ignored:
            return
        self.ignored.add(column)
        letters = column_letters(column)
        self.places.columns[self.name].setdefault(letters, letters)
        message = f"The column {letters} has values and no name."
        remedy = f"Name it in row {self.first}; a name that begins with {USERS_OWN} makes it your own."
        self._problem(row, letters, text[:60], message, remedy)

    def _merged(self, text: str) -> None:
        match = _RANGE.fullmatch(text)
        if match is None or not self.header:
            return
        letters = {name: column for name, column in self.places.columns[self.name].items() if name in self.known}
        low, high = int(match[2]), int(match[4])
        inside = [name for name, column in letters.items() if _order(match[1]) <= _order(column) <= _order(match[3])]
        inside.sort(key=lambda name: _order(letters[name]))
        if inside and low <= max(self.last, self.first) and high >= self.first:
            message = f"The cells {text} are merged, so only {match[1]}{match[2]} has a value."
            self._problem(low, inside[0], text, message, "Unmerge them and fill in each.")
            self.places.kept.update(
                (self.name, row, name) for row in range(low, min(high, self.last) + 1) for name in inside
            )

    def _problem(
        self, row: int | None, column: str | None, value: str | None, message: str, remedy: str, severity: str = "error"
    ) -> None:
        self.raw.problems.append(Problem(self.name, row, column, value, message, remedy, severity))


def _order(letters: str) -> tuple[int, str]:
    return len(letters), letters
