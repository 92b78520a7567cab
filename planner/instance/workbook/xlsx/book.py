"""The parts of a workbook: their paths, the shared strings, and the meaning of number formats."""

from __future__ import annotations

import posixpath
import re
import zipfile
from typing import Any

from .xml import DAMAGED, TOO_LARGE, Gather, RefusedError, attribute, parse

_UNQUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # built in, by number
_EXPONENT_FORMATS = {11, 48}


class Book:
    """An open workbook: the paths of its parts, its shared strings and number formats."""

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
        """A part of the workbook as a stream; the total size that is unpacked is bounded."""
        try:
            info = self.archive.getinfo(path)
        except KeyError:
            raise RefusedError(f"The workbook lacks its part {path}.", DAMAGED) from None
        self.left -= info.file_size
        if self.left < 0:
            raise RefusedError("The workbook unpacks to far more than a workbook of its size holds.", TOO_LARGE)
        return self.archive.open(info)

    def related(self, part: str) -> list[tuple[str, str]]:
        """The (path, kind) pairs of the parts to which a part refers."""
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
        """For each number style its meaning: date, digits with leading zeros, exponent, or nothing."""
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
    """The meaning of a number format: `date`, `E`, zeros, or nothing."""
    if code is None:
        known = int(number) if number.isascii() and number.isdigit() else 0
        return "date" if known in _DATE_FORMATS else "E" if known in _EXPONENT_FORMATS else ""
    plain = _UNQUOTED.sub("", code.partition(";")[0])
    if re.fullmatch(r"0{2,20}", plain):
        return plain
    if re.search(r"[0#?]E[+-]", plain, re.IGNORECASE):
        return "E"
    return "date" if plain.lower() != "general" and re.search(r"[dmyhs]", plain, re.IGNORECASE) else ""
