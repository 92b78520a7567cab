"""A worksheet's XML: its rows of cells, each handed on as soon as it ends, and its merged ranges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from .book import Book
from .xml import DAMAGED, Gather, RefusedError, unescaped

_MIDNIGHT = dt.time()
MOST_COLUMNS = 16384
LONGEST = 32767  # characters in a cell


class Sheet:
    """XML handlers of a worksheet; each row is emitted as soon as it ends."""

    def __init__(self, book: Book, emit: Callable[[Any], None]) -> None:
        self.book, self.emit = book, emit
        self.columns: dict[str, int] = {}
        self.row, self.column, self.hidden = 0, 0, False
        self.cells: list[list[Any]] = []
        self.merged: list[str] = []
        self.kind, self.style, self.formula, self.stored = "n", "", "", False
        self.value: list[str] = []
        self.listening = ""
        self.has_formula = False
        self.inline = Gather()

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """XML handler for the start of an element."""
        if tag == "c":
            reference = attributes.get("r")
            if reference is None:
                self.column += 1
            else:
                letters = reference.rstrip("0123456789")
                self.column = self.columns.get(letters) or self._column(letters)
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "")
            self.has_formula = self.stored = False
            self.value.clear()
            self.formula = ""
        elif tag == "v":
            self.listening, self.stored = "v", True
        elif tag == "f":
            self.listening, self.has_formula = "f", True
        elif tag == "row":
            number = attributes.get("r", "")
            self.row = int(number) if number.isascii() and number.isdigit() else self.row + 1
            self.column, self.hidden = 0, attributes.get("hidden") in {"1", "true"}
            self.cells = []
        elif tag == "mergeCell":
            self.merged.append(attributes.get("ref", ""))
        elif self.kind == "inlineStr":
            self.inline.start(tag)

    def _column(self, letters: str) -> int:
        number = column_number(letters)
        if not number:
            raise RefusedError(f"A cell of row {self.row} is called {letters[:20]!r}.", DAMAGED)
        self.columns[letters] = number
        return number

    def text(self, data: str) -> None:
        """XML handler for characters of a value, formula or inline string."""
        if self.listening == "v":
            self.value.append(data)
        elif self.listening == "f":
            self.formula += data[:200]
        else:
            self.inline.text(data)

    def end(self, tag: str) -> None:
        """XML handler for the end of an element; at the end of a row it is emitted."""
        if tag in {"v", "f"}:
            self.listening = ""
        elif tag == "c":
            cell = self._cell()
            if cell is not None:
                self.cells.append([self.column, *cell])
            self.kind = "n"
        elif tag == "row":
            if self.cells:
                self.emit([self.row, self.hidden, self.cells])
                self.cells = []
        elif self.kind == "inlineStr":
            self.inline.end(tag)

    def _cell(self) -> tuple[str, str, str] | None:
        """(kind, text, style) of the cell that ends; None where it is empty."""
        text = "".join(self.value)
        kind = self.kind
        if kind == "inlineStr":
            return _text(self.inline.take())
        if self.has_formula and (not self.stored or (not text and kind != "str")):
            return "f", f"={self.formula}"[:60], ""
        if not text:
            return None
        if kind == "s":
            position = int(text) if text.isascii() and text.isdigit() else -1
            if not 0 <= position < len(self.book.texts):
                raise RefusedError(f"A cell of row {self.row} names a text that the workbook lacks.", DAMAGED)
            return _text(self.book.texts[position])
        if kind == "str":
            return _text(unescaped(text))
        if kind == "b":
            return "b", "TRUE" if text in {"1", "true"} else "FALSE", ""
        if kind == "e":
            return "e", text, ""
        if kind == "d":
            return "d", text.partition("T")[0] if text.endswith("T00:00:00") else text.replace("T", " "), ""
        return self._number(text)

    def _number(self, text: str) -> tuple[str, str, str]:
        number = int(self.style) if self.style.isascii() and self.style.isdigit() else 0
        style = self.book.styles[number] if number < len(self.book.styles) else ""
        if style == "date":
            date = date_text(text, from_1904=self.book.from_1904)
            return ("d", date, text) if date is not None else ("n", text, "")
        return "n", text, style


def _text(text: str) -> tuple[str, str, str] | None:
    if len(text) > LONGEST:
        raise RefusedError("A cell holds more text than a cell of a spreadsheet can.", DAMAGED)
    return ("s", text, "") if text.strip() else None


def column_number(letters: str) -> int:
    """The number of a column by its letters: 1 for A, 27 for AA; 0 where they name no column."""
    number = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            return 0
        number = number * 26 + ord(letter) - 64
    return number if number <= MOST_COLUMNS else 0


def date_text(serial: str, *, from_1904: bool) -> str | None:
    """A stored date (or date and time, or time) as ISO text; None for a number that is no date."""
    try:
        days = float(serial)
        if days < 0 or days >= 2_958_466:  # 10000-01-01
            return None
        # 1900 counts as a leap year there (day 60 never was), and day 0 holds plain times
        start = dt.date(1904, 1, 1) if from_1904 else dt.date(1899, 12, 31 if days < 60 else 30)
        seconds = round(days * 86400)
        time = (dt.datetime.combine(start, _MIDNIGHT) + dt.timedelta(seconds=seconds % 86400)).time()
        if seconds < 86400 and not from_1904:
            return time.isoformat("seconds")
        date = start + dt.timedelta(days=seconds // 86400)
    except (ValueError, OverflowError):
        return None
    return date.isoformat() if time == _MIDNIGHT else f"{date.isoformat()} {time.isoformat('seconds')}"
