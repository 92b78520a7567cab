"""Journals: the results of a long study, one line each in a file, so that a stopped study can resume from there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.errors import UsageError
from planner.instance.whole_files import append_line, put_file, text_writer, whole_lines
from planner.text.json_values import finite

Entry = dict[str, Any]


@dataclass(frozen=True)
class Lines:
    """The file of a journal: a header, which says what was asked, and a line for each thing that was found.

    Attributes:
        path: of the file, alone in its folder or beside what the study writes.
        what: the study, for people: "sweep".
        holds: what the file holds of another question, for people: "the runs of another sweep".
        replaceable: whether --force begins anew, so that messages may say so.
    """

    path: Path
    what: str
    holds: str
    replaceable: bool = False

    def read_into(self, take: Callable[[Entry], None], header: Mapping[str, Any], *, force: bool = False) -> None:
        """Hand over each entry that is there; a file that is not there, or has no entry, is begun with its header.

        Args:
            take: takes an entry in; for what is none it raises a KeyError, TypeError, ValueError or AttributeError.
            header: everything that determines what is found.
            force: whether the entries of another question, or those that cannot be read, are replaced.

        Raises:
            UsageError: the folder has something else in it, the entries of another question, or what is no entry.
        """
        entries = self._opened(header, force=force)
        try:
            for entry in entries:
                take(entry)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise self._unreadable() from None

    def _opened(self, header: Mapping[str, Any], *, force: bool) -> list[Entry]:
        """The entries that are there, as mappings."""
        folder = self.path.parent
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is a file. Choose another --out.")
        if folder.exists() and any(folder.iterdir()) and not self.path.exists():
            raise UsageError(f"{folder} exists and is no {self.what}, so it is left alone. Choose another --out.")
        try:
            first, *entries = [dict(json.loads(line)) for line in whole_lines(self.path)] or [{}]
        except (ValueError, TypeError, RecursionError):
            if not force:
                raise self._unreadable() from None
            first, entries = {}, []
        differ = sorted(name for name in {*header, *first} if first.get(name) != header.get(name))
        nothing_found = not entries and (not first or first.keys() == header.keys())
        if differ and not nothing_found and not force:
            remedy = "Choose another --out" + (", or replace them with --force." if self.replaceable else ".")
            raise UsageError(
                f"{folder} has {self.holds} ({', '.join(differ)} differ), so nothing of it can be used. {remedy}"
            )
        if differ:
            put_file(self.path, text_writer(_line(header)))
            return []
        return entries

    def add(self, entry: Mapping[str, Any]) -> None:
        """Append an entry; a figure that is no number stands as null."""
        append_line(self.path, _line(entry))

    def _unreadable(self) -> UsageError:
        """The error that says that the file is no journal."""
        remedy = "or begin again with --force." if self.replaceable else "or remove it."
        return UsageError(f"{self.path} cannot be read. Choose another --out, {remedy}")


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps(finite(entry), ensure_ascii=False, allow_nan=False) + "\n"
