"""Two spellings of one region, stage, operator or cluster: each would be counted by itself, and no limit sees both."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from planner.errors import Problem
from planner.instance.checks.draft import Draft

_KINDS = {"region": ("sites", "customers"), "operator": ("sites",), "cluster": ("sites",), "stage": ("items",)}
_BETWEEN = re.compile(r"[\s_.-]+")


def check_spellings(draft: Draft) -> Iterator[Problem]:
    """Names that differ only in capitals, between words or in how letters are composed; a region's name for its id."""
    for kind, tables in _KINDS.items():
        listed = draft.settings.regions if kind == "region" else {}
        spelt = {_plain(id_): id_ for id_ in listed}
        named = {_plain(name): id_ for id_, name in listed.items() if name and _plain(name) not in spelt}
        seen: set[str] = set()
        for table in tables:
            for file, number, row in draft.rows.get(table, ()):
                value: str = getattr(row, kind)
                if not value or value in seen:
                    continue
                seen.add(value)
                first = spelt.setdefault(_plain(value), value)
                if first != value:
                    message = f"'{value}' and '{first}' are taken for two {kind}s{_why(value, first)}."
                    yield _doubt(file, number, kind, value, message, f"Write both alike if they are one {kind}.")
                elif value not in listed and _plain(value) in named:
                    meant = named[_plain(value)]
                    message = f"'{value}' is taken for a region of its own, beside {meant}, which has it as its name."
                    yield _doubt(file, number, kind, value, message, f"Write {meant} if that is meant.")


def _plain(text: str) -> str:
    """A text without what spellings of it differ in."""
    return _BETWEEN.sub("-", unicodedata.normalize("NFKC", text).strip().casefold())


def _why(text: str, other: str) -> str:
    """By what two spellings differ that look the same."""
    alike = unicodedata.normalize("NFC", text) == unicodedata.normalize("NFC", other)
    return ": in one an accented letter is one sign, in the other two" if alike else ""


def _doubt(file: str, number: int, column: str, value: str, message: str, remedy: str) -> Problem:
    return Problem(file, number, column, value, message, remedy, "warning")
