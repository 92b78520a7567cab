"""Checks of ids: what a row refers to exists, and what identifies it is unique."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

from planner.errors import LISTED, Names, Problem
from planner.instance.adding import TERMS
from planner.instance.checks.draft import Draft
from planner.instance.fields import REGION_PREFIX
from planner.instance.periods import PeriodError
from planner.instance.records import FIELD_OF, TABLES, Record, Site, Table

OWNERS = {"site": "sites", "item": "items", "customer": "customers", "option": "expansions", "component": "items"}


def check_ids(draft: Draft) -> Iterator[Problem]:
    """Every id that a row refers to exists in its table."""
    ids = {column: draft.ids(owner, "item" if column == "component" else column) for column, owner in OWNERS.items()}
    for table in TABLES:
        for column, known in ids.items():
            if known is None or column not in table.record.model_fields or OWNERS[column] == table.name:
                continue
            if (table.name, column) == ("arrivals", "site"):  # or a customer: see check_arrivals
                continue
            names = Names(known)
            for file, number, row in draft.rows.get(table.name, ()):
                value = getattr(row, column)
                if value not in known and value is not None and value != "*":
                    message = f"There is no {column} '{value}'."
                    yield Problem(file, number, column, value, message, names.nearest(value))


def check_regions(draft: Draft) -> Iterator[Problem]:
    """Regions and groups that a row refers to are used by a site or customer."""
    regions = _regions(draft)
    if regions is None:
        return
    file = draft.settings_file
    known = Names(regions)
    for group, members in draft.settings.region_groups.items():
        if group in regions:
            message = f"The group '{group}' has the id of a region."
            yield Problem(file, None, "region_groups", group, message, "Give the group another id.")
        if not members:
            message = f"The group '{group}' has no region."
            yield Problem(file, None, "region_groups", group, message, "Name its regions, or remove the group.")
        for member in members:
            if member not in regions and member not in draft.settings.regions:  # one that is named has a warning
                message = f"No site or customer stands in '{member}'."
                yield Problem(file, None, "region_groups", member, message, known.nearest(member))
    for name in draft.settings.regions:
        if name not in regions:
            message, remedy = f"No site or customer stands in '{name}'.", "Remove the name, or mend it. "
            yield Problem(file, None, "regions", name, message, remedy + known.nearest(name), "warning")
    names = {*regions, *draft.settings.region_groups}
    either = Names(names)
    for column in ("from_region", "to_region"):
        for file_, number, row in draft.rows.get("tariffs", ()):
            value = getattr(row, column)
            if value != "*" and value not in names:
                message = f"There is no region or group '{value}'."
                yield Problem(file_, number, column, value, message, either.nearest(value))
    yield from _touched(draft, names, known)


def _touched(draft: Draft, areas: set[str], known: Names) -> Iterator[Problem]:
    """What opening stock and arrivals have touched exists: a region or group, or `site:`, `operator:`, `cluster:` X."""
    marks = {mark for row in draft.records("sites") for mark in marks_of_site(row)}
    for table in ("stocks", "arrivals"):
        for file, number, row in draft.rows.get(table, ()):
            for value in row.touched:
                kind, colon, name = value.partition(":")
                if colon and value not in marks and draft.whole("sites"):
                    owned = Names(mark.partition(":")[2] for mark in marks if mark.startswith(f"{kind}:"))
                    message = f"There is no {kind} '{name}'."
                    yield Problem(file, number, "touched", value, message, owned.nearest(name))
                elif not colon and value not in areas:
                    message = f"There is no region '{value}'."
                    yield Problem(file, number, "touched", value, message, known.nearest(value))


def marks_of_site(site: Site) -> tuple[str, ...]:
    """How the column `touched` can name a site beside its region: itself, its operator and its cluster."""
    operator, cluster = f"operator:{site.run_by}", f"cluster:{site.cluster}"
    return (f"site:{site.site}", operator, *((cluster,) if site.cluster else ()))


def check_arrivals(draft: Draft) -> Iterator[Problem]:
    """Arrivals go to a site or a customer."""
    sites, customers = draft.ids("sites", "site"), draft.ids("customers", "customer")
    if sites is None or customers is None:
        return
    known = Names(sites | customers)
    for file, number, row in draft.rows.get("arrivals", ()):
        if row.site not in sites | customers:
            message = f"There is no site or customer '{row.site}'."
            yield Problem(file, number, "site", row.site, message, known.nearest(row.site))


def _regions(draft: Draft) -> set[str] | None:
    """The regions of sites and customers; None where they are not all known."""
    sites, customers = draft.ids("sites", "region"), draft.ids("customers", "region")
    return None if sites is None or customers is None else sites | customers


def check_places(draft: Draft) -> Iterator[Problem]:
    """The ends of lanes exist: a site or customer, or a region or group after `region:`."""
    sites, customers, regions = draft.ids("sites", "site"), draft.ids("customers", "customer"), _regions(draft)
    if sites is None or customers is None or regions is None:
        return
    shared = sites & customers
    for file, number, row in draft.rows.get("customers", ()):
        if row.customer in shared:
            message, remedy = "A site has the same id.", "Sites and customers share one id space: rename one."
            yield Problem(file, number, "customer", row.customer, message, remedy)
    names = {*regions, *draft.settings.region_groups}
    for table in ("lanes", "lane_capacities"):
        for column, known, what in (("from", sites, "site"), ("to", sites | customers, "site or customer")):
            yield from _ends(draft, table, column, known, what, names)
        for file, number, row in draft.rows.get(table, ()):
            if row.from_ == row.to and not row.from_.startswith(REGION_PREFIX):
                remedy = "Remove it: items made at a site can be used there without a lane."
                yield Problem(file, number, "to", row.to, "The lane ends where it starts.", remedy)


def _ends(draft: Draft, table: str, column: str, known: set[str], what: str, regions: set[str]) -> Iterator[Problem]:
    """Problems of lane ends that are not a known site, customer or region."""
    field = FIELD_OF.get(column, column)
    places, areas = Names(known), Names(regions)
    for file, number, row in draft.rows.get(table, ()):
        value: str = getattr(row, field)
        if value in known:
            continue
        if value.startswith(REGION_PREFIX):
            region = value.removeprefix(REGION_PREFIX)
            if region not in regions:
                message = f"There is no region or group '{region}'."
                yield Problem(file, number, column, value, message, areas.nearest(region))
            continue
        hint = f"To name a region, write {REGION_PREFIX}{value}." if value in regions else places.nearest(value)
        yield Problem(file, number, column, value, f"There is no {what} '{value}'.", hint)


def check_stages(draft: Draft) -> Iterator[Problem]:
    """Where the settings list stages, items use no other."""
    listed = set(draft.settings.stages)
    names = Names(draft.settings.stages)
    for file, number, row in draft.rows.get("items", ()):
        if listed and row.stage not in listed:
            message = f"There is no stage '{row.stage}' in the stages of {draft.settings_file}."
            yield Problem(file, number, "stage", row.stage, message, names.nearest(row.stage))


def check_windows(draft: Draft) -> Iterator[Problem]:
    """Windows name planned periods; keys are unique, or their windows do not overlap."""
    words = _Words(draft)
    for table in TABLES:
        dated, option = "period" in table.record.model_fields, table.name == "expansions"
        key_of = _key_of(table)
        taken: dict[Any, tuple[str, int, Any] | list[_Span]] = {}  # the row of each key, or the spans of its rows
        for placed in draft.rows.get(table.name, ()):
            file, number, row = placed
            window = draft.window(row.period) if dated else range(1)
            if not window:
                message, remedy = words.about(row.period)
                yield Problem(file, number, "period", row.period, message, remedy)
                continue
            if option and len(window) > 1:
                remedy = "Name the first period in which its capacity counts."
                yield Problem(file, number, "period", row.period, "An option has one first period.", remedy)
            key = key_of(row)
            earlier = taken.setdefault(key, placed)
            if earlier is placed:
                continue
            if isinstance(earlier, tuple):
                earlier = taken[key] = [_span(draft, table, *earlier[1:])]
            other = _overlap(earlier, _span(draft, table, number, row))
            if other is not None:
                yield _twice(table, file, number, row, other)


_Span = tuple[int, int, int]


def _span(draft: Draft, table: Table, number: int, row: Any) -> _Span:
    """The first period of a row, the one after its last, and its number."""
    window = draft.window(row.period) if table.windowed else range(1)
    return (window.start, window.stop, number)


def _key_of(table: Table) -> Callable[[Any], Any]:
    """The function that gives the key of a table's rows; a resource without a name has the site's id."""
    if table.name == "capacities":
        return lambda row: row.line
    return attrgetter(*(FIELD_OF.get(name, name) for name in table.key))


def _overlap(spans: list[_Span], span: _Span) -> int | None:
    """The number of the first row whose periods overlap a span; without one the span is inserted, and None returned.

    Args:
        spans: in order of their periods, none overlapping another.
        span: of another row.
    """
    at = bisect_right(spans, span)
    for first, last, number in spans[max(at - 1, 0) : at + 1]:
        if first < span[1] and span[0] < last:
            return number
    spans.insert(at, span)
    return None


class _Words:
    """Messages about wrong windows; only the first ones get a suggestion, because comparing labels takes long."""

    def __init__(self, draft: Draft) -> None:
        self._periods = draft.periods
        self._found: dict[str, tuple[str, str]] = {}

    def about(self, text: str) -> tuple[str, str]:
        """Message and remedy of a wrong window."""
        if text not in self._found:
            if len(self._found) >= LISTED:
                return f"'{text}' names no planned periods.", "Write it as first..last."
            try:
                self._periods.window(text)
            except PeriodError as error:
                self._found[text] = (error.message, error.remedy)
        return self._found[text]


def _twice(table: Table, file: str, number: int, row: Record, other: int) -> Problem:
    """The problem of a row whose key and period an earlier row has already."""
    parts = ["+".join(part) if isinstance(part, tuple) else str(part) for part in table.key_of(row) if part]
    shown = ", ".join(parts)
    period, added = getattr(row, "period", "*"), table.name in TERMS
    if table.windowed and (period != "*" or added):
        message = f"The window overlaps that of row {other} with the same key ({shown})."
        remedy = "Let the windows follow one another, or remove one row."
        if added:
            remedy = "Let the windows follow one another; only rows of the very same window and terms are added up."
        return Problem(file, number, "period", period, message, remedy)
    message = f"The key ({shown}) stands in row {other} already."
    remedy = "Keep one of the two rows."
    if len(table.key) == 1:
        remedy = f"Keep one of the two rows, or give one {table.key[0]} another id if both are meant."
    return Problem(file, number, table.key[0], shown, message, remedy)
