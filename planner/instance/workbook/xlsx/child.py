"""The cells of an .xlsx file, read in a process of their own within limits.

It needs nothing but Python:

    main(FILE, CPU_SECONDS, MEMORY_BYTES, CELLS, UNPACKED_BYTES)

It writes one JSON value a line. For each sheet `{"sheet": name, "state": "visible"}`, a list
`[row, hidden, [[column, kind, text, style], ...]]` for each row with values, and `{"merged": ["B2:B4"]}`; at the end
`{"done": true}`. What it will not read ends in `{"refused": sentence, "remedy": sentence}`.
The sheet `settings` comes first, then the others in their order.

Kinds: n number, d date (ISO text), s text, b TRUE or FALSE, e error, f formula without a stored value (its text).
Styles of numbers: `000` (shown with at least so many digits), `E` (shown with an exponent), else empty;
of dates: the number that is stored.
Formulas are never evaluated. A value is what the program that saved the file stored.
"""

from __future__ import annotations

import json
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from .book import Book
from .sheet import Sheet
from .xml import DAMAGED, TOO_LARGE, RefusedError, pieces

_OF_ARCHIVES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, struct.error)


def values_of(path: str, most_cells: int, largest: int) -> Iterator[Any]:
    """Everything that the workbook holds, value by value, as the module says.

    Raises:
        RefusedError: it is no workbook, is damaged, or holds far more than its size lets expect.
    """
    cells = characters = 0
    with zipfile.ZipFile(path) as archive:
        book = Book(archive, largest)
        for name, state, part in book.sheets:
            yield {"sheet": name, "state": state}
            rows: list[Any] = []
            sheet = Sheet(book, rows.append)
            with book.open(part) as stream:
                for _ in pieces(stream, sheet.start, sheet.end, sheet.text):
                    yield from rows
                    cells += sum(len(row[2]) for row in rows)
                    characters += sum(len(cell[2]) for row in rows for cell in row[2])
                    if cells + len(sheet.cells) + len(sheet.merged) > most_cells or characters > largest:
                        raise RefusedError("The workbook holds far more cells than one of its size does.", TOO_LARGE)
                    rows.clear()
            yield {"merged": sheet.merged}
    yield {"done": True}


def keep_within(seconds: int, memory: int) -> None:
    """Limit the CPU time and memory of this process, where the system supports that."""
    try:
        import resource
    except ImportError:  # not on Windows, where the parent's clock remains
        return
    for limit, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, memory)):
        try:
            _, hard = resource.getrlimit(limit)
            resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
        except (ValueError, OSError):  # a system that does not let it
            continue


def why_not(error: Exception) -> RefusedError | None:
    """The refusal for an error while reading a part; None for an error that is not the workbook's fault."""
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, MemoryError):
        return RefusedError("The workbook needs far more memory than one of its size does.", TOO_LARGE)
    if isinstance(error, expat.ExpatError):
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]:
            return why_not(MemoryError())
        return RefusedError(f"A part of the workbook is damaged ({expat.ErrorString(error.code)}).", DAMAGED)
    if isinstance(error, _OF_ARCHIVES):
        return RefusedError(f"The workbook is damaged ({str(error)[:80]}).", DAMAGED)
    return None


def main(path: str, seconds: str, memory: str, most_cells: str, largest: str) -> None:
    """Write the values of a workbook to stdout, or the reason why they cannot be read."""
    keep_within(int(seconds), int(memory))
    try:
        for value in values_of(path, int(most_cells), int(largest)):
            sys.stdout.write(json.dumps(value, separators=(",", ":")) + "\n")
    except Exception as error:
        refused = why_not(error)
        if refused is None:
            raise
        sys.stdout.write(json.dumps({"refused": refused.message, "remedy": refused.remedy}) + "\n")
