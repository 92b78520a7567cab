"""Opening files from users safely: only ordinary files, of bounded size, that hold text.

A device, a pipe or a folder in place of a file is reported as a problem, and never waited for.
"""

from __future__ import annotations

import os
import stat
from codecs import getincrementaldecoder
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class ReadError(Exception):
    """A file cannot be read as what it claims to be."""

    def __init__(self, message: str, remedy: str, row: int | None = None) -> None:
        self.message, self.remedy, self.row = message, remedy, row
        super().__init__(message)


class EncodingError(ReadError):
    """A file is text in another encoding than UTF-8."""


def opened(path: Path, most: int) -> BinaryIO:
    """An ordinary file of at most `most` bytes, open for reading.

    Raises:
        ReadError: it is something else, larger, or cannot be opened.
    """
    try:
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise unreadable(error) from None
    status = os.fstat(number)
    if stat.S_ISREG(status.st_mode) and status.st_size <= most:
        return os.fdopen(number, "rb")
    os.close(number)
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise ReadError(f"This is {kind}, not a file.", "Put an ordinary file in its place.")
    raise ReadError(f"The file is larger than {_size(most)}.", "Split it, or leave out what is not planned.")


def check_text(file: BinaryIO, most: int) -> None:
    """Read a file to its end and see that it is UTF-8 text of at most `most` bytes; then go back to its start.

    Raises:
        ReadError: it is not, with the row where it fails.
    """
    decoder, row, read = getincrementaldecoder("utf-8")(), 1, 0
    while chunk := file.read(CHUNK):
        if not read and chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise ReadError("The file is UTF-16.", "Save it as UTF-8.")
        read += len(chunk)
        if read > most:  # the file has grown, or the system did not report its size
            raise ReadError(f"The file is larger than {_size(most)}.", "Split it, or leave out what is not planned.")
        nul = chunk.find(b"\0")
        if nul >= 0:
            raise ReadError(
                "The file has NUL bytes in it, so it is not text.",
                "Save it as UTF-8 text.",
                row + chunk.count(b"\n", 0, nul),
            )
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            at = max(error.start - waiting, 0)
            raise EncodingError(
                "The file is not UTF-8.", "Save it as UTF-8.", row + chunk.count(b"\n", 0, at)
            ) from None
        row += chunk.count(b"\n")
    if decoder.getstate()[0]:
        raise EncodingError("The file is not UTF-8: it ends within a letter.", "Save it as UTF-8.", row)
    file.seek(0)


def unreadable(error: OSError) -> ReadError:
    """The error for a file that the system cannot open or read to its end."""
    return ReadError(f"The file cannot be read ({error.strerror or error}).", "Check that it is there and may be read.")


def text_of(path: Path, most: int) -> str:
    """The text of a file of at most `most` bytes, without a byte-order mark.

    Raises:
        ReadError: it cannot be read as that.
    """
    with opened(path, most) as file:
        try:
            check_text(file, most)
            return decoded(file.read(most))
        except OSError as error:
            raise unreadable(error) from None


def decoded(data: bytes) -> str:
    """UTF-8 text, without a byte-order mark.

    Raises:
        ReadError: it is no such text.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise EncodingError("The file is not UTF-8.", "Save it as UTF-8.", row) from None


def _size(most: int) -> str:
    return f"{most // 1_000_000} MB"
