"""Checks of ids: what a row refers to exists, and what identifies it is unique."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from planner.errors import Problem, nearest
from planner.instance.adding import TERMS
from planner.instance.checks.draft import Draft
from planner.instance.fields import REGION_PREFIX
from planner.instance.periods import PeriodError
from planner.instance.records import FIELD_OF, TABLES, Record, Table


def check_ids(draft: Draft) -> Iterator[Problem]:
    """Ids that a row refers to exist."""
    known: dict[str, set[str]] = {
        "site": {row.site for row in draft.records("sites")},
        "item": {row.item for row in draft.records("items")},
        "customer": {row.customer for row in draft.records("customers")},
        "option": {row.option for row in draft.records("expansions")},
    }
    known["component"] = known["item"]
    owners = {"sites": "site", "items": "item", "customers": "customer", "expansions": "option"}
    for table in TABLES:
        for file, number, row in draft.rows.get(table.name, ()):
            for column, names in known.items():
                value = getattr(row, column, None)
                if value is None or value == "*" or owners.get(table.name) == column:
                    continue
                if value not in names:
                    yield Problem(
                        file, number, column, value, f"There is no {column} '{value}'.", nearest(value, names)
                    )


def check_regions(draft: Draft) -> Iterator[Problem]:
    """Regions and groups that a row refers to are used by a site or customer."""
    universe = draft.universe
    file = draft.settings_file
    for group, members in draft.settings.region_groups.items():
        if group in universe.regions:
            yield Problem(
                file,
                None,
                "region_groups",
                group,
                f"The group '{group}' has the id of a region.",
                "Give the group another id.",
            )
        if not members:
            yield Problem(
                file,
                None,
                "region_groups",
                group,
                f"The group '{group}' has no region.",
                "Name its regions, or remove the group.",
            )
        for member in members:
            if member not in universe.regions:
                yield Problem(
                    file,
                    None,
                    "region_groups",
                    member,
                    f"No site or customer stands in '{member}'.",
                    nearest(member, universe.regions),
                )
    for name in draft.settings.regions:
        if name not in universe.regions:
            yield Problem(
                file,
                None,
                "regions",
                name,
                f"No site or customer stands in '{name}'.",
                "Remove the name, or mend it. " + nearest(name, universe.regions),
                "warning",
            )
    names = {*universe.regions, *draft.settings.region_groups}
    for table, columns in (("tariffs", ("from_region", "to_region")),):
        for file_, number, row in draft.rows.get(table, ()):
            for column in columns:
                value = getattr(row, column)
                if value != "*" and value not in names:
                    yield Problem(
                        file_, number, column, value, f"There is no region or group '{value}'.", nearest(value, names)
                    )
    for table in ("stocks", "arrivals"):
        for file_, number, row in draft.rows.get(table, ()):
            for value in row.touched:
                if value not in universe.regions:
                    yield Problem(
                        file_,
                        number,
                        "touched",
                        value,
                        f"There is no region '{value}'.",
                        nearest(value, universe.regions),
                    )


def check_places(draft: Draft) -> Iterator[Problem]:
    """The ends of lanes exist: a site or customer, or a region or group after `region:`."""
    universe = draft.universe
    names = {*universe.regions, *draft.settings.region_groups}
    sites = set(universe.sites)
    places = {"from": sites, "to": sites | set(universe.customers)}
    shared = sites & set(universe.customers)
    for file, number, row in draft.rows.get("customers", ()):
        if row.customer in shared:
            yield Problem(
                file,
                number,
                "customer",
                row.customer,
                "A site has the same id.",
                "Sites and customers share one id space: rename one.",
            )
    for table in ("lanes", "lane_capacities"):
        for file, number, row in draft.rows.get(table, ()):
            for column, known in places.items():
                value: str = getattr(row, FIELD_OF.get(column, column))
                if value.startswith(REGION_PREFIX):
                    region = value.removeprefix(REGION_PREFIX)
                    if region not in names:
                        yield Problem(
                            file,
                            number,
                            column,
                            value,
                            f"There is no region or group '{region}'.",
                            nearest(region, names),
                        )
                elif value not in known:
                    what = "site" if column == "from" else "site or customer"
                    hint = nearest(value, known)
                    if value in names:
                        hint = f"To name a region, write {REGION_PREFIX}{value}."
                    yield Problem(file, number, column, value, f"There is no {what} '{value}'.", hint)
            if row.from_ == row.to and not row.from_.startswith(REGION_PREFIX):
                yield Problem(
                    file,
                    number,
                    "to",
                    row.to,
                    "The lane ends where it starts.",
                    "Remove it: items made at a site can be used there without a lane.",
                )


def check_stages(draft: Draft) -> Iterator[Problem]:
    """Where the settings list stages, items use no other."""
    listed = draft.settings.stages
    for file, number, row in draft.rows.get("items", ()):
        if listed and row.stage not in listed:
            yield Problem(
                file,
                number,
                "stage",
                row.stage,
                f"There is no stage '{row.stage}' in the stages of {draft.settings_file}.",
                nearest(row.stage, listed),
            )


def check_windows(draft: Draft) -> Iterator[Problem]:
    """Windows name planned periods; keys are unique, or their windows do not overlap."""
    for table in TABLES:
        taken: dict[tuple[Any, ...], dict[int, int]] = defaultdict(dict)
        for file, number, row in draft.rows.get(table.name, ()):
            window = range(1)
            if "period" in type(row).model_fields:
                try:
                    window = draft.periods.window(row.period)
                except PeriodError as error:
                    yield Problem(file, number, "period", row.period, error.message, error.remedy)
                    continue
                if table.record.__name__ == "Expansion" and len(window) > 1:
                    yield Problem(
                        file,
                        number,
                        "period",
                        row.period,
                        "An option has one first period.",
                        "Name the first period in which its capacity counts.",
                    )
            yield from _taken(table, file, number, row, window if table.windowed else range(1), taken)


def _taken(
    table: Table, file: str, number: int, row: Record, window: range, taken: dict[tuple[Any, ...], dict[int, int]]
) -> Iterator[Problem]:
    key = table.key_of(row)
    earlier = taken[_resource_key(table, key, row)]
    clash = next((position for position in window if position in earlier), None)
    if clash is None:
        earlier.update(dict.fromkeys(window, number))
        return
    parts = ["+".join(part) if isinstance(part, tuple) else str(part) for part in key if part not in (None, ())]
    shown = ", ".join(parts)
    other = earlier[clash]
    added = table.name in TERMS
    if table.windowed and (getattr(row, "period", "*") != "*" or added):
        yield Problem(
            file,
            number,
            "period",
            getattr(row, "period", None),
            f"The window overlaps that of row {other} with the same key ({shown}).",
            "Let the windows follow one another; only rows of the very same window and terms are added up."
            if added
            else "Let the windows follow one another, or remove one row.",
        )
    else:
        yield Problem(
            file,
            number,
            table.key[0],
            shown,
            f"The key ({shown}) stands in row {other} already.",
            "Keep one of the two rows.",
        )


def _resource_key(table: Table, key: tuple[Any, ...], row: Any) -> tuple[Any, ...]:
    if table.name == "capacities":
        return (row.site, row.resource or row.site)
    return key
