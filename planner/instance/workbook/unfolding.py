"""From a document to the rows of a workbook's sheets: the inverse of `folding`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.instance.document import NOTE, Document
from planner.instance.fields import USERS_OWN
from planner.instance.kinds import number_text
from planner.instance.periods import Periods
from planner.instance.workbook.sheet_layout import LISTS, NO_OPTIONS, POLICY_PARTS
from planner.instance.workbook.where import list_text, where_text

Rows = list[dict[str, str]]
_SHEETS_OF_SETTINGS = ("regions", "region_groups", "stages")


def sheet_rows(document: Document) -> dict[str, Rows]:
    """The rows of each sheet that has any, as text by column."""
    settings = document.settings
    sheets: dict[str, Rows] = {
        "settings": _settings(settings),
        "regions": [
            {"region": region, **({"name": name} if name else {})}
            for region, name in settings.get("regions", {}).items()
        ],
        "region_groups": [
            {"group": group, "region": region}
            for group, regions in settings.get("region_groups", {}).items()
            for region in regions
        ],
        "stages": [{"stage": stage} for stage in settings.get("stages", ())],
        **document.tables,
        "policies": [_row("policies", "policy", part, POLICY_PARTS) for part in document.policies],
    }
    for name in POLICY_PARTS:
        sheets[name] = _parts(document.policies, name, "policy")
    sheets["scenarios"] = [_row("scenarios", "scenario", part, ("changes",)) for part in document.scenarios]
    sheets["changes"] = _parts(document.scenarios, "changes", "scenario")
    return {name: rows for name, rows in sheets.items() if rows}


def _settings(settings: Mapping[str, Any]) -> Rows:
    notes = {name: text for name, text in settings.items() if name.startswith(USERS_OWN)}
    rows: Rows = []
    for name, value in settings.items():
        if name in _SHEETS_OF_SETTINGS or name.startswith(USERS_OWN):
            continue
        note = notes.pop(f"{USERS_OWN}{name}", "")
        text = _periods(value) if name == "periods" else _text(value)
        rows.append({"key": name, "value": text, **({NOTE: note} if note else {})})
    return rows + [{"key": name, "value": text} for name, text in notes.items()]


def _periods(value: Any) -> str:
    """`2027Q1..2028Q4`, or plain labels with commas between them."""
    if isinstance(value, Mapping):
        labels = Periods.calendar(value["first"], value["count"], value["length"]).labels
        return f"{labels[0]}..{labels[-1]}"
    return ", ".join(value)


def _parts(parts: Sequence[Mapping[str, Any]], name: str, key: str) -> Rows:
    """The rows of a sheet that holds parts of policies or scenarios."""
    return [{key: str(part["name"]), **_cells(name, row)} for part in parts for row in part.get(name, ())]


def _row(sheet: str, key: str, part: Mapping[str, Any], inside: Sequence[str]) -> dict[str, str]:
    """The row of a policy or scenario itself, without the parts that have sheets of their own."""
    own = {name: value for name, value in part.items() if name not in {"name", *inside}}
    return {key: str(part["name"]), **_cells(sheet, own)}


def _cells(sheet: str, mapping: Mapping[str, Any]) -> dict[str, str]:
    cells = {}
    for name, value in mapping.items():
        if name == "where":
            text = where_text(value)
        elif name == "options" and not value:
            text = NO_OPTIONS
        elif name in LISTS.get(sheet, ()):
            text = list_text(value)
        else:
            text = _text(value)
        if text:
            cells[name] = text
    return cells


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number_text(repr(value)) if isinstance(value, int | float) else str(value)
