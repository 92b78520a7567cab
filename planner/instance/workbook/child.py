"""The cells of an .xlsx file, read in a process of their own within limits.

Run as a script it needs nothing but Python:

    python child.py FILE CPU_SECONDS MEMORY_BYTES CELLS UNPACKED_BYTES

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

import datetime as dt
import json
import posixpath
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

DAMAGED = "Open it in a spreadsheet program and save it again as .xlsx."
TOO_LARGE = "Put long tables into CSV files of an instance folder."
_SPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # as "Strict Open XML" is saved
    "http://schemas.openxmlformats.org/package/2006/relationships",
)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_UNQUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # built in, by number
_EXPONENT_FORMATS = {11, 48}
_MIDNIGHT = dt.time()
MOST_COLUMNS = 16384
_OF_ARCHIVES = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, struct.error)
PIECE = 65536
LONGEST = 32767  # characters in a cell


class RefusedError(Exception):
    """The file is not read, with a sentence and its remedy."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message, self.remedy = message, remedy
        super().__init__(message)


def pieces(
    stream: Any,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Run an XML part through handlers, piece by piece; tags come without their namespace, foreign ones as `-`."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    names: dict[str, str] = {}

    def plain(tag: str) -> str:
        space, _, name = tag.rpartition(" ")
        names[tag] = name if not space or space in _SPACES else "-"
        return names[tag]

    parser.StartElementHandler = lambda tag, attributes: start(names.get(tag) or plain(tag), attributes)
    if end is not None:
        parser.EndElementHandler = lambda tag: end(names.get(tag) or plain(tag))
    if text is not None:
        parser.CharacterDataHandler = text

    def refuse_doctype(*_: object) -> None:
        raise RefusedError("The workbook declares XML entities, which no spreadsheet program does.", DAMAGED)

    parser.StartDoctypeDeclHandler = refuse_doctype
    while piece := stream.read(PIECE):
        parser.Parse(piece, False)
        yield
    parser.Parse(b"", True)
    yield


def parse(stream: Any, start: Callable[[str, dict[str, str]], None], **further: Any) -> None:
    """Run an XML part through handlers, all of it."""
    for _ in pieces(stream, start, **further):
        pass


def attribute(attributes: dict[str, str], name: str) -> str | None:
    """An attribute by its name without namespace."""
    return attributes.get(name) or next((value for key, value in attributes.items() if key.endswith(f" {name}")), None)


class Book:
    """An open workbook: where its parts are, its shared texts and the styles of its numbers."""

    def __init__(self, archive: zipfile.ZipFile, largest: int) -> None:
        self.archive = archive
        self.left = largest
        main = next((path for path, kind in self.related("") if kind == "officeDocument"), "xl/workbook.xml")
        if main not in archive.namelist():
            raise RefusedError("The file is no workbook.", "Save it as an Excel workbook (.xlsx).")
        parts = self.related(main)
        self.texts = self._texts(next((path for path, kind in parts if kind == "sharedStrings"), None))
        self.styles = self._styles(next((path for path, kind in parts if kind == "styles"), None))
        self.from_1904 = False
        self.sheets: list[tuple[str, str, str]] = []
        places = {key: (path, kind) for key, path, kind in self._relations(main)}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "workbookPr":
                self.from_1904 = attributes.get("date1904") in {"1", "true", "on"}
            elif tag == "sheet":
                path, kind = places.get(attribute(attributes, "id") or "", ("", ""))
                if kind == "worksheet":
                    self.sheets.append((attributes.get("name", ""), attributes.get("state", "visible"), path))

        with self.open(main) as stream:
            parse(stream, start=start)
        self.sheets.sort(key=lambda sheet: sheet[0].strip().lower() != "settings")

    def open(self, path: str) -> Any:
        """A part of the workbook; what is unpacked in all is bounded."""
        try:
            info = self.archive.getinfo(path)
        except KeyError:
            raise RefusedError(f"The workbook lacks its part {path}.", DAMAGED) from None
        self.left -= info.file_size
        if self.left < 0:
            raise RefusedError("The workbook unpacks to far more than a workbook of its size holds.", TOO_LARGE)
        return self.archive.open(info)

    def related(self, part: str) -> list[tuple[str, str]]:
        """(path, kind) of the parts that a part names."""
        return [(path, kind) for _, path, kind in self._relations(part)]

    def _relations(self, part: str) -> list[tuple[str, str, str]]:
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        found: list[tuple[str, str, str]] = []
        if path not in self.archive.namelist():
            return found

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                target = attributes.get("Target", "").replace("\\", "/")
                full = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                found.append((attributes.get("Id", ""), full, posixpath.basename(attributes.get("Type", ""))))

        with self.open(path) as stream:
            parse(stream, start=start)
        return found

    def _texts(self, path: str | None) -> list[str]:
        texts: list[str] = []
        if path is None or path not in self.archive.namelist():
            return texts
        gather = Gather()

        def end(tag: str) -> None:
            gather.end(tag)
            if tag == "si":
                texts.append(gather.take())

        with self.open(path) as stream:
            parse(stream, start=lambda tag, _: gather.start(tag), end=end, text=gather.text)
        return texts

    def _styles(self, path: str | None) -> list[str]:
        """What the style of each number means: date, digits with leading zeros, exponent, or nothing."""
        codes: dict[str, str] = {}
        styles: list[str] = []
        if path is None or path not in self.archive.namelist():
            return styles
        inside = False

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            if tag == "numFmt":
                codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif tag == "cellXfs":
                inside = True
            elif tag == "xf" and inside:
                number = attributes.get("numFmtId", "0")
                styles.append(style_of(number, codes.get(number)))

        def end(tag: str) -> None:
            nonlocal inside
            inside = inside and tag != "cellXfs"

        with self.open(path) as stream:
            parse(stream, start=start, end=end)
        return styles


def style_of(number: str, code: str | None) -> str:
    """`date`, `E`, zeros, or nothing, of a number format."""
    if code is None:
        known = int(number) if number.isascii() and number.isdigit() else 0
        return "date" if known in _DATE_FORMATS else "E" if known in _EXPONENT_FORMATS else ""
    plain = _UNQUOTED.sub("", code.partition(";")[0])
    if re.fullmatch(r"0{2,20}", plain):
        return plain
    if re.search(r"[0#?]E[+-]", plain, re.IGNORECASE):
        return "E"
    return "date" if plain.lower() != "general" and re.search(r"[dmyhs]", plain, re.IGNORECASE) else ""


class Gather:
    """The text of a shared or inline string: its runs joined, without phonetic guides."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.listening = False
        self.guides = 0

    def start(self, tag: str) -> None:
        """An element begins."""
        self.guides += tag == "rPh"
        self.listening = tag == "t" and not self.guides

    def end(self, tag: str) -> None:
        """An element ends."""
        self.guides -= tag == "rPh"
        self.listening = False

    def text(self, data: str) -> None:
        """Characters inside it."""
        if self.listening:
            self.parts.append(data)

    def take(self) -> str:
        """What was gathered since the last time."""
        text = "".join(self.parts)
        self.parts.clear()
        return unescaped(text)


def unescaped(text: str) -> str:
    """Text with `_x000A_` and the like as the characters they stand for."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def column_number(letters: str) -> int:
    """1 for A, 27 for AA; 0 for what is no column."""
    number = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            return 0
        number = number * 26 + ord(letter) - 64
    return number if number <= MOST_COLUMNS else 0


def date_text(serial: str, *, from_1904: bool) -> str | None:
    """A date (or date and time, or time) as ISO text; None for a number that is none."""
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


class Sheet:
    """Handlers for a worksheet; rows are handed on as they end."""

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
        """An element begins."""
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
        """Characters of a value, formula or inline text."""
        if self.listening == "v":
            self.value.append(data)
        elif self.listening == "f":
            self.formula += data[:200]
        else:
            self.inline.text(data)

    def end(self, tag: str) -> None:
        """An element ends."""
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
    """Bound this process, where the system can."""
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
    """What to say where a part of the workbook cannot be read; None for an error that is none of the workbook's."""
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
    """Write the values of a workbook to stdout, or why not."""
    keep_within(int(seconds), int(memory))
    try:
        for value in values_of(path, int(most_cells), int(largest)):
            sys.stdout.write(json.dumps(value, separators=(",", ":")) + "\n")
    except Exception as error:
        refused = why_not(error)
        if refused is None:
            raise
        sys.stdout.write(json.dumps({"refused": refused.message, "remedy": refused.remedy}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
