"""Drop-down lists that follow the tables as they grow: named ranges over ids, and a hidden sheet that joins them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.instance.fields import REGION_PREFIX
from planner.instance.workbook import sheet_layout

ROOM = 300  # rows that a joined list can grow by
# names of ranges over the ids of a sheet: (sheet, column letter)
NAMES: Mapping[str, tuple[str, str]] = {
    "site_ids": ("sites", "A"),
    "item_ids": ("items", "A"),
    "customer_ids": ("customers", "A"),
    "region_ids": ("regions", "A"),
    "stage_ids": ("stages", "A"),
    "option_ids": ("expansions", "A"),
    "policy_ids": ("policies", "A"),
    "scenario_ids": ("scenarios", "A"),
}


@dataclass(frozen=True)
class Joined:
    """A list of several: words that always stand in it, then the ids of ranges, each behind a prefix."""

    words: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]


_REGIONS = (REGION_PREFIX, "region_ids")
JOINED: Mapping[str, Joined] = {
    "starts": Joined((), (("", "site_ids"), _REGIONS)),
    "ends": Joined((), (("", "site_ids"), ("", "customer_ids"), _REGIONS)),
    "items_or_all": Joined(("*",), (("", "item_ids"),)),
    "regions_or_all": Joined(("*",), (("", "region_ids"),)),
}
_BY_COLUMN: Mapping[str, str] = {
    "site": "site_ids",
    "customer": "customer_ids",
    "component": "item_ids",
    "stage": "stage_ids",
    "region": "region_ids",
    "from": "starts",
    "to": "ends",
    "from_region": "regions_or_all",
    "to_region": "regions_or_all",
    "option": "option_ids",
    "policy": "policy_ids",
    "scenario": "scenario_ids",
}
_WITH_ALL = {"lanes", "lane_capacities", "tariffs", "outages"}


def list_of(sheet: str, column: str) -> str | None:
    """The name of the list that a column's drop-down shows; None where it defines the ids itself, or takes any text."""
    if NAMES.get(_BY_COLUMN.get(column, ""), ("", ""))[0] == sheet:
        return None
    if column == "item":
        return "items_or_all" if sheet in _WITH_ALL else None if sheet == "items" else "item_ids"
    return _BY_COLUMN.get(column)


def define_names(book: Any, filled: Mapping[str, int]) -> list[str]:
    """Name the ranges of ids; a sheet without rows gets no name and no list, as it has nothing to show.

    Returns:
        The names that were defined.
    """
    names = [name for name, (sheet, _) in NAMES.items() if filled.get(sheet)]
    for name in names:
        sheet, letter = NAMES[name]
        column = f"{sheet}!${letter}:${letter}"
        book.define_name(name, f"={sheet}!${letter}$2:INDEX({column},MAX(2,COUNTA({column})))")
    return names


def write_joined(book: Any, names: Sequence[str], ids: Mapping[str, Sequence[str]]) -> list[str]:
    """Write the hidden sheet of joined lists, and name them.

    Args:
        book: the workbook.
        names: the named ranges of the workbook.
        ids: the ids that each of them contains at the moment.

    Returns:
        The names that were defined.
    """
    sheet = book.add_worksheet(sheet_layout.JOINED)
    sheet.hide()
    done = []
    for number, (name, joined) in enumerate(JOINED.items()):
        parts = [(prefix, part) for prefix, part in joined.parts if part in names]
        if not parts:
            continue
        letter = chr(65 + number)
        now = [*joined.words, *(prefix + label for prefix, part in parts for label in ids[part])]
        sheet.write_string(0, number, name)
        for row in range(len(now) + ROOM):
            value = now[row] if row < len(now) else ""
            sheet.write_formula(row + 1, number, _formula(joined.words, parts), None, value)
        count = "+".join([str(len(joined.words)), *(f"COUNTA({part})" for _, part in parts)])
        top = f"'{sheet_layout.JOINED}'!${letter}"
        book.define_name(name, f"={top}$2:INDEX('{sheet_layout.JOINED}'!${letter}:${letter},1+{count})")
        done.append(name)
    return done


def _formula(words: Sequence[str], parts: Sequence[tuple[str, str]]) -> str:
    """The entry of a joined list in its row: its place among the words, else among the ranges one after the other."""
    text, place = '""', f"ROW()-{1 + len(words)}"
    places = [place]
    for _, part in parts:
        places.append(f"{places[-1]}-COUNTA({part})")
    for (prefix, part), place in reversed(list(zip(parts, places, strict=False))):
        entry = f'"{prefix}"&INDEX({part},{place})' if prefix else f"INDEX({part},{place})"
        text = f"IF({place}<=COUNTA({part}),{entry},{text})"
    for number, word in reversed(list(enumerate(words, start=1))):
        text = f'IF(ROW()-1={number},"{word}",{text})'
    return f"={text}"
