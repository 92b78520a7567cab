"""Parsing XML parts of a workbook piece by piece while they are unpacked."""

from __future__ import annotations

import re
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
PIECE = 65536


class RefusedError(Exception):
    """The file cannot be read; with a sentence that says why, and a remedy."""

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
        _feed(parser, piece)
        yield
    _feed(parser, b"", last=True)
    yield


def _feed(parser: Any, piece: bytes, *, last: bool = False) -> None:
    try:
        parser.Parse(piece, last)
    except (LookupError, ValueError) as error:  # from the codec that the part asks for
        if isinstance(error, UnicodeError) or "encoding" in str(error):
            raise RefusedError("A part of the workbook is written in an encoding that is not read.", DAMAGED) from None
        raise


def parse(stream: Any, start: Callable[[str, dict[str, str]], None], **further: Any) -> None:
    """Parse an XML part to its end, calling the handlers."""
    for _ in pieces(stream, start, **further):
        pass


def attribute(attributes: dict[str, str], name: str) -> str | None:
    """The value of an attribute, with any namespace; None where there is none."""
    return attributes.get(name) or next((value for key, value in attributes.items() if key.endswith(f" {name}")), None)


class Gather:
    """Collects the text of a shared or inline string: its runs joined, without phonetic guides."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.listening = False
        self.guides = 0

    def start(self, tag: str) -> None:
        """Handle the start of an element within the string."""
        self.guides += tag == "rPh"
        self.listening = tag == "t" and not self.guides

    def end(self, tag: str) -> None:
        """Handle the end of an element within the string."""
        self.guides -= tag == "rPh"
        self.listening = False

    def text(self, data: str) -> None:
        """Handle characters, which count only inside text elements."""
        if self.listening:
            self.parts.append(data)

    def take(self) -> str:
        """The text collected since the last call."""
        text = "".join(self.parts)
        self.parts.clear()
        return unescaped(text)


def unescaped(text: str) -> str:
    """The text with escapes such as `_x000A_` replaced by the characters they stand for."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
