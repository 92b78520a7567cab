"""Checks of structure and figures: the chain, its sources and resources, bounds, lead times, units, precedence."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping

from planner.errors import LISTED, Names, Problem
from planner.instance.checks.draft import Draft
from planner.instance.records import TABLES, Table

UNIT_SLIP = 1000.0


def check_chain(draft: Draft) -> Iterator[Problem]:
    """The bill of materials has no cycle, and recipes in it exist."""
    recipes: dict[str, set[str]] = defaultdict(set)
    for row in draft.records("processes"):
        recipes[row.item].add(row.recipe)
    hints = _Hints()
    judged = draft.whole("processes")
    uses: dict[str, set[str]] = defaultdict(set)
    place: dict[tuple[str, str], tuple[str, int]] = {}
    for file, number, row in draft.rows.get("components", ()):
        uses[row.item].add(row.component)
        place.setdefault((row.item, row.component), (file, number))
        if judged and row.recipe != "*" and row.recipe not in recipes[row.item]:
            message = f"No site makes {row.item} by recipe '{row.recipe}'."
            hint = hints.nearest(row.item, recipes[row.item], row.recipe)
            yield Problem(file, number, "recipe", row.recipe, message, hint)
    cycle = _cycle(uses)
    if cycle:
        file, number = place[cycle[0], cycle[1]]
        yield Problem(
            file,
            number,
            "component",
            cycle[1],
            "The bill of materials runs in a circle: " + " needs ".join(cycle) + ".",
            "Remove one of these rows.",
        )


def _cycle(uses: Mapping[str, set[str]]) -> list[str] | None:
    """Items that need each other in a circle, in order; None where there are none."""
    done: set[str] = set()
    for start in sorted(uses):
        if start in done:
            continue
        path, stack = {start: None}, [iter(sorted(uses[start]))]
        while stack:
            part = next(stack[-1], None)
            if part is None:
                done.add(path.popitem()[0])
                stack.pop()
            elif part in path:
                items = list(path)
                return [*items[items.index(part) :], part]
            elif part not in done:
                path[part] = None
                stack.append(iter(sorted(uses.get(part, ()))))
    return None


def check_sources(draft: Draft) -> Iterator[Problem]:
    """Every item that is ordered or used is made, in stock or arriving somewhere, or was before a roll or scenario."""
    if (
        draft.whole("demand")
        and draft.rows.get("demand")
        and not any(row.quantity > 0 for row in draft.records("demand"))
    ):
        message = "All quantities ordered are 0."
        yield Problem("demand", None, "quantity", None, message, "Give at least one order.", "warning")
    if not (draft.settings.as_written and draft.whole("processes", "stocks", "arrivals")):
        return
    made = {row.item for row in draft.records("processes")}
    made |= {row.item for row in draft.records("stocks") if row.opening > 0}
    made |= {row.item for row in draft.records("arrivals")}
    items = {row.item for row in draft.records("items")}
    for table, column in (("demand", "item"), ("components", "component")):
        reported: set[str] = set()
        for file, number, row in draft.rows.get(table, ()):
            value = getattr(row, column)
            if value in items and value not in made and value not in reported:
                reported.add(value)
                message = f"No site makes '{value}' and none has a stock of it."
                yield Problem(file, number, column, value, message, "Add a process, an opening stock or an arrival.")


def check_resources(draft: Draft) -> Iterator[Problem]:
    """Capacities, options and commitments name a resource that some process uses."""
    if not draft.whole("processes", "sites"):
        return
    used: dict[str, set[str]] = defaultdict(set)
    made: dict[str, set[str]] = defaultdict(set)
    for row in draft.records("processes"):
        used[row.site].add(row.line.resource)
        made[row.site].add(row.item)
    sites = {row.site for row in draft.records("sites")}
    hints, items = _Hints(), _Hints()
    for table in ("capacities", "expansions", "commitments"):
        for file, number, row in draft.rows.get(table, ()):
            resource = row.line.resource
            if row.site in sites and getattr(row, "item", None) is None and resource not in used[row.site]:
                severity = "error" if row.resource or table != "capacities" else "warning"
                message = f"No process at {row.site} uses the resource '{resource}'."
                hint = hints.nearest(row.site, used[row.site], resource)
                yield Problem(file, number, "resource", row.resource, message, hint, severity)
    for table in ("commitments", "outages"):
        for file, number, row in draft.rows.get(table, ()):
            if row.site in sites and row.item not in {None, "*"} and row.item not in made[row.site]:
                message, hint = (
                    f"{row.site} does not make '{row.item}'.",
                    items.nearest(row.site, made[row.site], row.item),
                )
                yield Problem(file, number, "item", row.item, message, hint)


class _Hints:
    """Suggestions of ids of a site or item for misspelt ones; only for the first sites or items that ask."""

    def __init__(self) -> None:
        self._names: dict[str, Names] = {}

    def nearest(self, owner: str, known: set[str], text: str) -> str:
        """A sentence naming the ids of `owner` that are spelt most like `text`."""
        if owner not in self._names and len(self._names) >= LISTED:
            return f"See the processes of {owner}."
        return self._names.setdefault(owner, Names(known)).nearest(text)


def check_bounds(draft: Draft) -> Iterator[Problem]:
    """Minima of stock are not above maxima; items have a value where a tariff or holding rate needs one."""
    for file, number, row in draft.rows.get("stocks", ()):
        if row.maximum is not None and row.maximum < max(row.minimum, row.closing_minimum):
            yield Problem(
                file,
                number,
                "maximum",
                f"{row.maximum:g}",
                "The maximum is below the minimum.",
                "Raise the maximum or lower the minimum.",
            )
    if any(row.rate > 0 for row in draft.records("tariffs")):
        valued = {row.item for row in draft.records("items") if row.value > 0}
        named = {row.item for row in draft.records("tariffs") if row.item != "*" and row.rate > 0}
        for file, number, row in draft.rows.get("items", ()):
            if row.item in named and row.item not in valued:
                yield Problem(
                    file,
                    number,
                    "value",
                    None,
                    f"A tariff names {row.item}, which has no value.",
                    "Give it a value, else its duty is 0.",
                    "warning",
                )


def check_lead_times(draft: Draft) -> Iterator[Problem]:
    """Every lead time is shorter than the planned horizon, unless it is the rest of a longer one or a scenario's."""
    count = len(draft.periods)
    for table in ("processes", "lanes") if draft.settings.as_written else ():
        for file, number, row in draft.rows.get(table, ()):
            if row.lead_time >= count:
                yield Problem(
                    file,
                    number,
                    "lead_time",
                    str(row.lead_time),
                    f"Nothing that starts here ends within the {count} planned periods.",
                    "Plan more periods, or check the lead time's unit (periods).",
                )
    for file, number, row in draft.rows.get("expansions", ()):
        window = draft.window(row.period)
        if not window:
            continue
        first = window.start
        early = row.lead_time - first
        if early > 0 and row.bought is None:
            yield Problem(
                file,
                number,
                "lead_time",
                str(row.lead_time),
                f"The option {row.option} would have to be decided {early} period{'s' if early > 1 else ''} before the "
                "first planned one.",
                "Let it start later, unless that decision is still open.",
                "warning",
            )


def check_units(draft: Draft) -> Iterator[Problem]:
    """A figure a thousand times its column's median is probably in another unit (warning)."""
    for table in TABLES:
        if table.name in {"expansion_factors", "outages"}:
            continue
        rows = draft.rows.get(table.name, ())
        for name in _figure_columns(table):
            values = [getattr(row, name) for _, _, row in rows]
            figures = [abs(value) for value in values if value]
            if len(figures) < 5:
                continue
            median = statistics.median(figures)
            for (file, number, _), value in zip(rows, values, strict=True):
                if value and abs(value) >= UNIT_SLIP * median:
                    yield Problem(
                        file,
                        number,
                        name.rstrip("_"),
                        f"{value:g}",
                        f"{value:g} is {abs(value) / median:,.0f} times the median of its column.",
                        "Check its unit.",
                        "warning",
                    )


def _figure_columns(table: Table) -> list[str]:
    skipped = {"latitude", "longitude"}
    return [
        name
        for name, field in table.record.model_fields.items()
        if "float" in str(field.annotation) and name not in skipped
    ]
