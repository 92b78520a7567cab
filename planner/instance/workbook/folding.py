"""Settings, policies and scenarios, assembled from the several sheets that hold their parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.errors import InstanceError, Problem, nearest
from planner.instance.fields import USERS_OWN
from planner.instance.files import Raw
from planner.instance.labels import read_span, split_window
from planner.instance.settings import Settings
from planner.instance.workbook.places import Places
from planner.instance.workbook.sheet_layout import LISTS, NO_OPTIONS, POLICY_PARTS
from planner.instance.workbook.where import parse_where

Rows = Mapping[str, Sequence[tuple[int, dict[str, str]]]]


def take_settings(raw: Raw, places: Places, rows: Sequence[tuple[int, dict[str, str]]]) -> tuple[str, ...]:
    """Copy the sheet `settings` into the settings; returns the labels of the planned periods, where they are known."""
    places.columns.setdefault("settings", {})
    for row, cells in rows:
        key = cells.get("key", "").strip()
        key = key if key.startswith(USERS_OWN) else key.lower()  # as names of columns
        if key.startswith(USERS_OWN):
            raw.settings[key] = cells.get("value")
        elif not key:
            raw.problems.append(Problem("settings", row, "key", None, "The row has no key.", "Name the setting."))
        elif key in raw.settings:
            message = f"The key {key} stands twice."
            raw.problems.append(Problem("settings", row, "key", key, message, "Keep one of the two."))
        else:
            value = cells.get("value")
            listed = key == "periods" and value is not None and not names_ends(value)
            raw.settings[key] = split_list(value) if listed and value else value
            places.parts["settings", None, key] = ("settings", row)
            note = "; ".join(text for name, text in cells.items() if name.startswith(USERS_OWN))
            if note:
                raw.settings[f"{USERS_OWN}{key}"] = note
    try:
        return Settings.model_validate({"name": "unread", "periods": raw.settings["periods"]}).periods.labels
    except (InstanceError, KeyError):
        return ()


def names_ends(text: str) -> bool:
    """Whether a text is meant as the first and the last of the periods, however it is written, and not as labels."""
    ends = split_window(text)
    return ".." in text or (ends is not None and all(read_span(end) is not None for end in ends))


def take_parts(raw: Raw, places: Places, rows: Rows) -> None:
    """Add regions, groups and stages to the settings, and assemble policies and scenarios."""
    for sheet in ("regions", "region_groups", "stages"):
        own = {name for _, cells in rows.get(sheet, ()) for name in cells if name.startswith(USERS_OWN)}
        places.left.update(f"{name} of the sheet {sheet}" for name in own)
    _take_regions(raw, places, rows)
    policies = _named(raw, places, rows, "policies", "policy", POLICY_PARTS)
    for mapping in policies.values():
        if mapping.get("options") == NO_OPTIONS:
            mapping["options"] = []
        elif "options" in mapping:
            mapping["options"] = split_list(mapping["options"])
    _named(raw, places, rows, "scenarios", "scenario", ("changes",))


def split_list(text: str) -> list[str]:
    """The values of a cell that are separated by commas, without blanks around them."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _take_regions(raw: Raw, places: Places, rows: Rows) -> None:
    names: dict[str, str] = {}
    groups: dict[str, list[str]] = {}
    stages: list[str] = []

    def wanted(sheet: str, row: int, cells: dict[str, str], *columns: str) -> bool:
        missing = [column for column in columns if not cells.get(column)]
        for column in missing:
            raw.problems.append(Problem(sheet, row, column, None, f"{column} is missing.", "Give it a value."))
        return not missing

    for row, cells in rows.get("regions", ()):
        if not wanted("regions", row, cells, "region"):
            continue
        region = cells["region"]
        if region in names:
            message = f"The region {region} stands twice."
            raw.problems.append(Problem("regions", row, "region", region, message, "Keep one of the two."))
        names[region] = cells.get("name", "")
        places.parts["settings", None, f"regions.{region}"] = ("regions", row)
    for row, cells in rows.get("region_groups", ()):
        if wanted("region_groups", row, cells, "group", "region"):
            members = groups.setdefault(cells["group"], [])
            path = f"region_groups.{cells['group']}"
            places.parts.setdefault(("settings", None, path), ("region_groups", row))
            places.parts["settings", None, f"{path}.{len(members)}"] = ("region_groups", row)
            members.append(cells["region"])
    for row, cells in rows.get("stages", ()):
        if wanted("stages", row, cells, "stage"):
            places.parts["settings", None, f"stages.{len(stages)}"] = ("stages", row)
            stages.append(cells["stage"])
    for name, value in (("regions", names), ("region_groups", groups), ("stages", stages)):
        if not value:
            continue
        if name in raw.settings:
            message = f"{name} has a sheet of its own too."
            raw.problems.append(Problem("settings", None, name, None, message, "Keep the sheet."))
        raw.settings[name] = value


def _named(
    raw: Raw, places: Places, rows: Rows, sheet: str, key: str, parts: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Policies or scenarios by name, each with the rows that belong to it in other sheets."""
    found: dict[str, dict[str, Any]] = {}
    rows_of: dict[str, int] = {}
    for row, cells in rows.get(sheet, ()):
        mapping: dict[str, Any] = {("name" if name == key else name): text for name, text in cells.items()}
        getattr(raw, sheet).append((sheet, row, mapping))
        if cells.get(key):
            found.setdefault(cells[key], mapping)
            rows_of.setdefault(cells[key], row)
    for part in parts:
        for row, cells in rows.get(part, ()):
            name = cells.get(key, "")
            if name not in found:
                message = f"There is no {key} '{name}'." if name else f"{key} is missing."
                remedy = f"{nearest(name, found)} Each {key} has a row in the sheet {sheet}."
                raw.problems.append(Problem(part, row, key, name or None, message, remedy))
                continue
            listed = found[name].setdefault(part, [])
            where = (sheet, rows_of[name])
            places.parts[*where, f"{part}.{len(listed)}"] = (part, row)
            if part == "limits" and cells.get("name"):
                places.parts.setdefault((*where, f"{part}.{cells['name']}"), (part, row))
            listed.append(_part(raw, places, part, row, {name: text for name, text in cells.items() if name != key}))
    return found


def _part(raw: Raw, places: Places, part: str, row: int, cells: dict[str, str]) -> dict[str, Any]:
    """A limit, buffer, source count or change, with its lists and selector parsed."""
    mapping: dict[str, Any] = dict(cells)
    for name in LISTS.get(part, ()):
        if name in mapping:
            mapping[name] = split_list(mapping[name])
    if "where" in mapping:
        try:
            mapping["where"] = parse_where(mapping["where"])
        except ValueError as error:
            remedy = "Write stage=packaging; region=TW,KR with text that has , ; or = in it in double quotes."
            raw.problems.append(Problem(part, row, "where", cells["where"][:60], str(error), remedy))
            places.kept.add((part, row, "where"))
            del mapping["where"]
    return mapping
