"""Spreadsheet dialects of CSV, converted to plain CSV for the strict reader; every conversion is reported.

Accepted are `;` or tabs between columns, decimal commas together with them, a byte-order mark, Windows encoding
(cp1252), and empty columns and rows at the end. A figure that can be read in two ways is a problem that names both.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from planner.instance.fields import USERS_OWN
from planner.instance.kinds import Kind, kinds_of
from planner.instance.records import RECORDS

BOM = b"\xef\xbb\xbf"
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
MOST_SHOWN = 20
LONGEST = 60  # characters of a figure
LOOKED_AT = 100_000  # bytes of the end in which empty rows are looked for


def _certain(sign: str, group: str) -> re.Pattern[str]:
    """Figures in which `sign` can only be the decimal sign, or `group` only the sign between thousands."""
    lead, groups = "[1-9][0-9]{0,2}", f"(?:{group}[0-9]{{3}})"
    unlike_a_group = rf"(?:0[0-9]*|[0-9]{{4,}})?{sign}[0-9]*|[0-9]+{sign}(?:[0-9]{{0,2}}|[0-9]{{4,}})"
    return re.compile(
        rf"[+-]?(?:{lead}{groups}+{sign}[0-9]*|{lead}{groups}{{2,}}|{unlike_a_group}"
        rf"|[0-9]+{sign}[0-9]+[eE][+-]?[0-9]+){_EXPONENT}"
    )


_COMMA, _POINT = _certain(",", r"\."), _certain(r"\.", ",")
_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2}[,.][0-9]{3}")


@dataclass
class PlainCsv:
    """A file converted to plain CSV.

    Attributes:
        text: the same rows with commas between columns and decimal points; line numbers are those of the file.
        said: what was converted, in a few words each.
        problems: (row, column, value, message, remedy) of figures that cannot be told.
    """

    text: str
    said: list[str] = field(default_factory=list)
    problems: list[tuple[int, str | None, str | None, str, str]] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """The warning's sentence that lists everything that was converted."""
        return f"The file was read as spreadsheets save it: {', '.join(self.said)}."


def plain_csv(data: bytes, table: str) -> PlainCsv | None:
    """A table's file as plain CSV; None where it is plain already, or no text that can be read.

    Args:
        data: the bytes of the file.
        table: name of the table.
    """
    if b"\0" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    said = ["a byte-order mark"] if data.startswith(BOM) else []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            return None
        said.append("letters of Windows-1252")
    header = re.split("[\r\n]", text, maxsplit=1)[0]
    separator = _separator(header, table)
    trailing = header.rstrip(" ").endswith(separator) or any(
        line and not line.strip(f"{separator} \r") for line in text[-LOOKED_AT:].rsplit("\n", 2)[-2:]
    )
    if separator == "," and not trailing:
        return PlainCsv(text, said) if said else None
    if separator != ",":
        said.append(f"{_SEPARATORS[separator]} between columns")
    return _rewritten(text, table, separator, said)


def _separator(header: str, table: str) -> str:
    """The sign that splits the first line into most names of the table's columns."""
    known = set(RECORDS[table].columns())

    def names(separator: str) -> int:
        cells = next(csv.reader([header], delimiter=separator), [])
        return sum(cell.strip() in known or cell.startswith(USERS_OWN) for cell in cells)

    return max(_SEPARATORS, key=names)


def _rewritten(text: str, table: str, separator: str, said: list[str]) -> PlainCsv:
    plain = PlainCsv("", said)
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    start = 1
    try:
        for cells in reader:
            rows.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        message = f"The row cannot be read ({error})."
        plain.problems.append((reader.line_num, None, None, message, "Check the double quotes."))
        return plain
    _without_ends(rows, said)
    if separator != "," and rows:
        _with_points(rows, table, plain)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(cells for _, cells in rows)
    plain.text = out.getvalue()
    return plain


def _without_ends(rows: list[tuple[int, list[str]]], said: list[str]) -> None:
    """Remove empty rows and columns at the end, in place."""
    count = len(rows)
    while rows and not any(cell.strip() for cell in rows[-1][1]):
        rows.pop()
    if len(rows) < count:
        said.append(_counted(count - len(rows), "empty row"))
    if not rows:
        return
    header = rows[0][1]
    width = len(header)
    while width and not header[width - 1].strip():
        width -= 1
    end = len(header)
    if width == end or any(cell.strip() for _, cells in rows for cell in cells[width:end]):
        return  # the strict reader reports values in a column without a name
    for _, cells in rows:
        del cells[width:end]
    said.append(_counted(end - width, "empty column"))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''} at the end"


def _with_points(rows: Sequence[tuple[int, list[str]]], table: str, plain: PlainCsv) -> None:
    """Convert decimal commas to points, if the file shows that it has them."""
    kinds = kinds_of(RECORDS[table])
    names = [name.strip() for name in rows[0][1]]
    figures = [number for number, name in enumerate(names) if kinds.get(name) in (Kind.NUMBER, Kind.COUNT)]
    found = [
        (row, number, cells[number].strip())
        for row, cells in rows[1:]
        for number in figures
        if number < len(cells) and len(cells[number]) < LONGEST and {",", "."} & set(cells[number])
    ]
    commas = [entry for entry in found if _COMMA.fullmatch(entry[2])]
    points = [entry for entry in found if _POINT.fullmatch(entry[2])]
    if commas and points:
        fewer, more = sorted((commas, points), key=len)
        (row, number, text), other = fewer[0], more[0]
        message = f"'{text}' and '{other[2]}' in row {other[0]} have different decimal signs."
        plain.problems.append((row, names[number], text, message, "Write all figures with the same decimal sign."))
    elif commas:
        plain.said.append("decimal commas")
        _convert(rows, figures, plain)
    elif not points:
        either = [entry for entry in found if _EITHER.fullmatch(entry[2])]
        for row, number, text in either[:MOST_SHOWN]:
            plain.problems.append((row, names[number], text, *_two_readings(text)))


def _convert(rows: Sequence[tuple[int, list[str]]], figures: Iterable[int], plain: PlainCsv) -> None:
    """Convert decimal commas to points, and remove points between thousands."""
    grouped = False
    for _, cells in rows[1:]:
        for number in figures:
            if number >= len(cells):
                continue
            text = cells[number].strip()
            if len(text) < LONGEST and (_COMMA.fullmatch(text) or _EITHER.fullmatch(text)):
                grouped = grouped or "." in text
                cells[number] = text.replace(".", "").replace(",", ".")
    if grouped:
        plain.said.append("points between thousands")


def _two_readings(text: str) -> tuple[str, str]:
    whole, fraction = re.split("[,.]", text)
    message = f"'{text}' can be {whole}.{fraction} or {whole}{fraction}, and no other figure of the file tells which."
    return message, f"Write {whole}{fraction}, or {whole}.{fraction}0."
