"""Reading CSV files row by row and strictly: whatever is missing or unclear becomes a problem, never a guess."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from planner.errors import Names, Problem, Problems
from planner.instance.cells import UNKNOWN, UnreadRows, labels_of
from planner.instance.csv_dialect import BOM, LOOKED_AT, PlainCsv, plain_csv
from planner.instance.fields import USERS_OWN
from planner.instance.records import RECORDS
from planner.instance.safe_opening import EncodingError, ReadError, check_text, decoded, opened, unreadable
from planner.instance.syntax import about_unknown_column, csv_fault

LARGEST_FILE = 200_000_000
LONGEST_LINE = 1_000_000
MOST_REWRITTEN = 1_500_000  # cells and rows of a file to be converted, which is held in memory
READ = "read"  # kind of the problems of reading a file
PlacedCells = tuple[str, int, dict[str, str]]


class CsvTable:
    """The rows of a CSV file as (file, row number, {column: text}); each iteration reads the file again.

    Attributes:
        path: the file; its name without `.csv` is the table's.
        problems: takes what is wrong with the file.
        unread: whether the file as a whole could not be read; known after an iteration.
        absent: required columns that its header does not name; likewise.
        lost: rows with too many or too few cells; likewise.
    """

    def __init__(self, path: Path, problems: Problems) -> None:
        self.path, self.problems, self.unread = path, problems, False
        self.absent: set[str] = set()
        self.lost = UnreadRows()

    def __iter__(self) -> Iterator[PlacedCells]:
        try:
            with opened(self.path, LARGEST_FILE) as file:
                text = self._plain(file)
                if text is not None:
                    yield from self._rows(text)
        except (ReadError, OSError) as caught:
            error = caught if isinstance(caught, ReadError) else unreadable(caught)
            self._refuse(error.row, None, None, error.message, error.remedy)

    def _plain(self, file: BinaryIO) -> TextIO | None:
        """The file as plain CSV, converted where a spreadsheet saved it otherwise; None where that is impossible.

        Raises:
            ReadError: it is no text.
        """
        table, sample = self.path.stem, None
        try:
            check_text(file, LARGEST_FILE)
            sample = _ends(file)
        except EncodingError:
            file.seek(0)
        if sample is not None and plain_csv(sample.removeprefix(BOM), table) is None:
            if sample.startswith(BOM):
                self._say_plain(PlainCsv("", ["a byte-order mark"]).sentence)
            return io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        data = file.read(LARGEST_FILE)
        if sum(data.count(sign) for sign in (b"\n", b",", b";", b"\t")) > MOST_REWRITTEN:
            raise ReadError(
                f"The file has more than {MOST_REWRITTEN:,} cells and is not plain CSV.",
                "Save it as UTF-8 with commas, and without empty rows and columns at the end.",
            )
        plain = plain_csv(data, table)
        if plain is None:
            return io.StringIO(decoded(data), newline="")
        for problem in plain.problems:
            self._refuse(*problem)
        if plain.problems:
            return None
        self._say_plain(plain.sentence)
        return io.StringIO(plain.text, newline="")

    def _say_plain(self, sentence: str) -> None:
        remedy = "Look at its figures and names; saved as UTF-8 with commas it is read without a word."
        self.problems.append(Problem(self.path.name, None, None, None, sentence, remedy, "warning"))

    def _rows(self, text: TextIO) -> Iterator[PlacedCells]:
        name = self.path.name
        reader = csv.reader(_lines(text), strict=True)
        start = 1
        try:
            header = self._header(next(reader, None))
            if self.unread and not self.absent:
                return
            known = set(RECORDS[self.path.stem].columns())
            kept = [
                (position, column)
                for position, column in enumerate(header)
                if column in known or column.startswith(USERS_OWN)
            ]
            start, width = reader.line_num + 1, len(header)
            for cells in reader:
                number, start = start, reader.line_num + 1
                if len(cells) != width:
                    if any(cell.strip() for cell in cells):
                        self._uneven(number, len(cells), width)
                        self.lost.add_torn(cells)
                    continue
                row = {
                    column: cells[position]
                    for position, column in kept
                    if cells[position] and not cells[position].isspace()
                }
                if row or any(cell.strip() for cell in cells):
                    yield name, number, row
        except csv.Error as error:
            message, remedy, row_number = csv_fault(error, start)
            self._refuse(row_number, None, None, message, remedy)

    def _header(self, found: list[str] | None) -> list[str]:
        """The column names from the first row; where they are wrong, the table counts as unread."""
        record = RECORDS[self.path.stem]
        known = record.columns()
        if found is None:
            self._refuse(None, None, None, "The file is empty.", f"Give it a header: {', '.join(known)}.")
            return []
        header = [name.strip() for name in found]
        if not any(header):
            self._refuse(1, None, None, "The first row is empty.", f"Let it name the columns: {', '.join(known)}.")
            return []
        if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
            message = "The columns are not separated by commas."
            self._refuse(1, None, header[0], message, "Save the file with commas.")
            return header
        names, count = Names(known), Counter(header)
        for name in count:
            if name.startswith(USERS_OWN):
                continue
            if name not in known:
                message = f"'{name}' is no column of {self.path.stem}."
                self._say(UNKNOWN, 1, name, None, message, about_unknown_column(name, names))
            elif count[name] > 1:
                self._refuse(1, name, None, f"The column {name} stands twice.", "Keep one of the two.")
        for label, field in labels_of(record).items():
            if field.is_required() and label not in count:
                given = ", ".join(header)
                remedy = f"Give the file this column; it has {given}." if given else "Give the file this column."
                self.absent.add(label)
                self._refuse(1, label, None, f"The column {label} is missing.", remedy)
        return header

    def _uneven(self, number: int, found: int, wanted: int) -> None:
        if not self.problems.counted(self.path.name, [(READ, "")]):
            word = "many" if found > wanted else "few"
            self._say(
                READ,
                number,
                None,
                None,
                f"The row has too {word} cells: {found} where the header has {wanted}.",
                "Put a cell that has a comma in it in double quotes, and end every row with the last column.",
            )

    def _refuse(self, row: int | None, column: str | None, value: str | None, message: str, remedy: str) -> None:
        self.unread = True
        self._say(READ, row, column, value, message, remedy)

    def _say(
        self, check: str, row: int | None, column: str | None, value: str | None, message: str, remedy: str
    ) -> None:
        self.problems.add(check, Problem(self.path.name, row, column, value, message, remedy))


def _lines(text: TextIO) -> Iterator[str]:
    """The lines of a file, none of which is longer than any row can be.

    Raises:
        ReadError: one is.
    """
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) >= LONGEST_LINE:
            raise ReadError("The line is longer than a million letters.", "Check the line ends of the file.", number)
        yield line


def _ends(file: BinaryIO) -> bytes:
    """The first line and the last rows of a file, which show whether it is plain CSV; the position is reset."""
    head = file.readline(LONGEST_LINE)
    size = file.seek(0, os.SEEK_END)
    file.seek(max(len(head), size - LOOKED_AT))
    tail = file.read()
    if len(head) + len(tail) < size:
        tail = tail[tail.find(b"\n") + 1 :]
    file.seek(0)
    return head + tail
