"""Checks across tables: ids that exist, keys that are unique, windows that do not overlap, a chain without a cycle.

Each check is a generator of problems over a `Draft`; `CHECKS` lists them all.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from planner.errors import Problem, nearest
from planner.instance.fields import REGION_PREFIX
from planner.instance.instance import Settings
from planner.instance.periods import Periods
from planner.instance.policy import Policy
from planner.instance.precedence import resolve_lane_capacities, resolve_lanes, resolve_tariffs
from planner.instance.records import FIELD_OF, TABLE, TABLES, Record, Table
from planner.instance.scenario import Scenario
from planner.instance.selecting import Universe, selector_problems

Rows = Mapping[str, Sequence[tuple[str, int, Any]]]
UNIT_SLIP = 1000.0


@dataclass(frozen=True)
class Draft:
    """Records with the places they come from, before they are an instance."""

    settings: Settings
    rows: Rows
    policies: Sequence[tuple[str, int, Policy]]
    scenarios: Sequence[tuple[str, int, Scenario]]

    @cached_property
    def periods(self) -> Periods:
        """The planned periods."""
        return self.settings.periods

    def records(self, table: str) -> list[Any]:
        """The rows of a table without their places."""
        return [record for _, _, record in self.rows.get(table, ())]

    @cached_property
    def universe(self) -> Universe:
        """The ids and what they belong to."""
        return Universe.of(self.settings.region_groups, self.settings.stages, self.records)


def find_problems(settings: Settings, rows: Rows, policies: Sequence[tuple[str, int, Policy]],
                  scenarios: Sequence[tuple[str, int, Scenario]]) -> list[Problem]:
    """Everything that is wrong or doubtful across the tables of a draft."""
    draft = Draft(settings, rows, policies, scenarios)
    return [problem for check in CHECKS for problem in check(draft)]


def table_problems(rows: Rows) -> list[Problem]:
    """What can be said of the tables where the settings could not be read."""
    draft = Draft(Settings(name="unread"), rows, (), ())
    return [problem for check in CHECKS_OF_TABLES for problem in check(draft)]


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
                    yield Problem(file, number, column, value, f"There is no {column} '{value}'.",
                                  nearest(value, names))


def check_regions(draft: Draft) -> Iterator[Problem]:
    """Regions and groups that a row refers to are used by a site or customer."""
    universe = draft.universe
    file = "instance.yaml"
    for group, members in draft.settings.region_groups.items():
        if group in universe.regions:
            yield Problem(file, None, "region_groups", group, f"The group '{group}' has the id of a region.",
                          "Give the group another id.")
        for member in members:
            if member not in universe.regions:
                yield Problem(file, None, "region_groups", member, f"No site or customer stands in '{member}'.",
                              nearest(member, universe.regions))
    for name in draft.settings.regions:
        if name not in universe.regions:
            yield Problem(file, None, "regions", name, f"No site or customer stands in '{name}'.",
                          "Remove the name, or mend it. " + nearest(name, universe.regions), "warning")
    names = {*universe.regions, *draft.settings.region_groups}
    for table, columns in (("tariffs", ("from_region", "to_region")),):
        for file_, number, row in draft.rows.get(table, ()):
            for column in columns:
                value = getattr(row, column)
                if value != "*" and value not in names:
                    yield Problem(file_, number, column, value, f"There is no region or group '{value}'.",
                                  nearest(value, names))
    for table in ("stocks", "arrivals"):
        for file_, number, row in draft.rows.get(table, ()):
            for value in row.touched:
                if value not in universe.regions:
                    yield Problem(file_, number, "touched", value, f"There is no region '{value}'.",
                                  nearest(value, universe.regions))


def check_places(draft: Draft) -> Iterator[Problem]:
    """The ends of lanes exist: a site or customer, or a region or group after `region:`."""
    universe = draft.universe
    names = {*universe.regions, *draft.settings.region_groups}
    sites = set(universe.sites)
    places = {"from": sites, "to": sites | set(universe.customers)}
    shared = sites & set(universe.customers)
    for file, number, row in draft.rows.get("customers", ()):
        if row.customer in shared:
            yield Problem(file, number, "customer", row.customer, "A site has the same id.",
                          "Sites and customers share one id space: rename one.")
    for table in ("lanes", "lane_capacities"):
        for file, number, row in draft.rows.get(table, ()):
            for column, known in places.items():
                value: str = getattr(row, FIELD_OF.get(column, column))
                if value.startswith(REGION_PREFIX):
                    region = value.removeprefix(REGION_PREFIX)
                    if region not in names:
                        yield Problem(file, number, column, value, f"There is no region or group '{region}'.",
                                      nearest(region, names))
                elif value not in known:
                    what = "site" if column == "from" else "site or customer"
                    hint = nearest(value, known)
                    if value in names:
                        hint = f"To name a region, write {REGION_PREFIX}{value}."
                    yield Problem(file, number, column, value, f"There is no {what} '{value}'.", hint)
            if row.from_ == row.to and not row.from_.startswith(REGION_PREFIX):
                yield Problem(file, number, "to", row.to, "The lane ends where it starts.",
                              "Remove it: items made at a site can be used there without a lane.")


def check_stages(draft: Draft) -> Iterator[Problem]:
    """Where the settings list stages, items use no other."""
    listed = draft.settings.stages
    for file, number, row in draft.rows.get("items", ()):
        if listed and row.stage not in listed:
            yield Problem(file, number, "stage", row.stage, f"There is no stage '{row.stage}' in instance.yaml.",
                          nearest(row.stage, listed))


def check_windows(draft: Draft) -> Iterator[Problem]:
    """Windows name planned periods; keys are unique, or their windows do not overlap."""
    for table in TABLES:
        taken: dict[tuple[Any, ...], dict[int, int]] = defaultdict(dict)
        for file, number, row in draft.rows.get(table.name, ()):
            window = range(1)
            if "period" in type(row).model_fields:
                try:
                    window = draft.periods.window(row.period)
                except ValueError as error:
                    message, _, hint = str(error).partition(". ")
                    yield Problem(file, number, "period", row.period, message.rstrip(".") + ".",
                                  hint or "Write it as first..last.")
                    continue
                if table.record.__name__ == "Expansion" and len(window) > 1:
                    yield Problem(file, number, "period", row.period, "An option has one first period.",
                                  "Name the first period in which its capacity counts.")
            yield from _taken(table, file, number, row, window if table.windowed else range(1), taken)


def _taken(table: Table, file: str, number: int, row: Record, window: range,
           taken: dict[tuple[Any, ...], dict[int, int]]) -> Iterator[Problem]:
    key = table.key_of(row)
    earlier = taken[_resource_key(table, key, row)]
    clash = next((position for position in window if position in earlier), None)
    if clash is None:
        earlier.update(dict.fromkeys(window, number))
        return
    parts = ["+".join(part) if isinstance(part, tuple) else str(part) for part in key if part not in (None, ())]
    shown = ", ".join(parts)
    other = earlier[clash]
    if table.windowed and getattr(row, "period", "*") != "*":
        yield Problem(file, number, "period", getattr(row, "period", None),
                      f"The window overlaps that of row {other} with the same key ({shown}).",
                      "Let the windows follow one another, or remove one row.")
    else:
        yield Problem(file, number, table.key[0], shown, f"The key ({shown}) stands in row {other} already.",
                      "Keep one of the two rows.")


def _resource_key(table: Table, key: tuple[Any, ...], row: Any) -> tuple[Any, ...]:
    if table.name == "capacities":
        return (row.site, row.resource or row.site)
    return key


def check_chain(draft: Draft) -> Iterator[Problem]:
    """The bill of materials has no cycle, and recipes in it exist."""
    recipes: dict[str, set[str]] = defaultdict(set)
    for row in draft.records("processes"):
        recipes[row.item].add(row.recipe)
    uses: dict[str, set[str]] = defaultdict(set)
    place: dict[tuple[str, str], tuple[str, int]] = {}
    for file, number, row in draft.rows.get("components", ()):
        uses[row.item].add(row.component)
        place.setdefault((row.item, row.component), (file, number))
        if row.recipe != "*" and row.recipe not in recipes[row.item]:
            yield Problem(file, number, "recipe", row.recipe, f"No site makes {row.item} by recipe '{row.recipe}'.",
                          nearest(row.recipe, recipes[row.item]))
    cycle = _cycle(uses)
    if cycle:
        file, number = place[cycle[0], cycle[1]]
        yield Problem(file, number, "component", cycle[1],
                      "The bill of materials runs in a circle: " + " needs ".join(cycle) + ".",
                      "Remove one of these rows.")


def _cycle(uses: Mapping[str, set[str]]) -> list[str] | None:
    done: set[str] = set()
    for start in sorted(uses):
        path: list[str] = []
        stack: list[Iterator[str]] = []
        if start in done:
            continue
        path.append(start)
        stack.append(iter(sorted(uses.get(start, ()))))
        while stack:
            part = next(stack[-1], None)
            if part is None:
                done.add(path.pop())
                stack.pop()
            elif part in path:
                return [*path[path.index(part):], part]
            elif part not in done:
                path.append(part)
                stack.append(iter(sorted(uses.get(part, ()))))
    return None


def check_sources(draft: Draft) -> Iterator[Problem]:
    """Every item that is ordered or used is made, kept or arriving somewhere."""
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
                yield Problem(file, number, column, value, f"No site makes '{value}' and none has a stock of it.",
                              "Add a process, an opening stock or an arrival.")
    if draft.rows.get("demand") and not any(row.quantity > 0 for row in draft.records("demand")):
        yield Problem("demand", None, "quantity", None, "All quantities ordered are 0.", "Give at least one order.",
                      "warning")


def check_resources(draft: Draft) -> Iterator[Problem]:
    """Capacities, options and commitments name a resource that some process uses."""
    used: dict[str, set[str]] = defaultdict(set)
    made: dict[str, set[str]] = defaultdict(set)
    for row in draft.records("processes"):
        used[row.site].add(row.resource or row.site)
        made[row.site].add(row.item)
    sites = {row.site for row in draft.records("sites")}
    for table in ("capacities", "expansions", "commitments"):
        for file, number, row in draft.rows.get(table, ()):
            if row.site not in sites or getattr(row, "item", None) is not None:
                continue
            resource = row.resource or row.site
            if resource not in used[row.site]:
                severity = "error" if row.resource or table != "capacities" else "warning"
                yield Problem(file, number, "resource", row.resource, f"No process at {row.site} uses the resource "
                              f"'{resource}'.", nearest(resource, used[row.site]), severity)
    for file, number, row in draft.rows.get("commitments", ()):
        if row.item is not None and row.site in sites and row.item not in made[row.site]:
            yield Problem(file, number, "item", row.item, f"{row.site} does not make '{row.item}'.",
                          nearest(row.item, made[row.site]))
    for file, number, row in draft.rows.get("outages", ()):
        if row.site in sites and row.item != "*" and row.item not in made[row.site]:
            yield Problem(file, number, "item", row.item, f"{row.site} does not make '{row.item}'.",
                          nearest(row.item, made[row.site]))


def check_bounds(draft: Draft) -> Iterator[Problem]:
    """Stock bounds are in order; values that a tariff or holding rate needs are there."""
    for file, number, row in draft.rows.get("stocks", ()):
        if row.maximum is not None and row.maximum < max(row.minimum, row.closing_minimum):
            yield Problem(file, number, "maximum", f"{row.maximum:g}", "The maximum is below the minimum.",
                          "Raise the maximum or lower the minimum.")
    if any(row.rate > 0 for row in draft.records("tariffs")):
        valued = {row.item for row in draft.records("items") if row.value > 0}
        named = {row.item for row in draft.records("tariffs") if row.item != "*" and row.rate > 0}
        for file, number, row in draft.rows.get("items", ()):
            if row.item in named and row.item not in valued:
                yield Problem(file, number, "value", None, f"A tariff names {row.item}, which has no value.",
                              "Give it a value, else its duty is 0.", "warning")


def check_lead_times(draft: Draft) -> Iterator[Problem]:
    """A lead time ends within the horizon."""
    count = len(draft.periods)
    for table in ("processes", "lanes"):
        for file, number, row in draft.rows.get(table, ()):
            if row.lead_time >= count > 1 or (count == 1 and row.lead_time >= 1):
                yield Problem(file, number, "lead_time", str(row.lead_time),
                              f"Nothing that starts here ends within the {count} planned periods.",
                              "Plan more periods, or check the lead time's unit (periods).")
    for file, number, row in draft.rows.get("expansions", ()):
        try:
            first = draft.periods.window(row.period).start
        except ValueError:
            continue
        if first < row.lead_time:
            yield Problem(file, number, "lead_time", str(row.lead_time),
                          f"The option {row.option} would have to be decided {row.lead_time - first} periods before "
                          "the first planned one.", "Let it start later, unless that decision is still open.",
                          "warning")


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
                    yield Problem(file, number, name.rstrip("_"), f"{value:g}",
                                  f"{value:g} is {abs(value) / median:,.0f} times the median of its column.",
                                  "Check its unit.", "warning")


def _figure_columns(table: Table) -> list[str]:
    skipped = {"latitude", "longitude"}
    return [name for name, field in table.record.model_fields.items()
            if "float" in str(field.annotation) and name not in skipped]


def check_precedence(draft: Draft) -> Iterator[Problem]:
    """Of two rows that are equally exact for the same lane or border, the figures agree."""
    resolvers = {"lanes": resolve_lanes, "lane_capacities": resolve_lane_capacities, "tariffs": resolve_tariffs}
    for table, resolver in resolvers.items():
        rows = draft.rows.get(table, ())
        try:
            clashes = resolver([row for _, _, row in rows], draft.universe, draft.periods).clashes
        except (KeyError, ValueError):
            continue  # an unknown id or period, which another check reports
        ignored = {"source", "period", *(FIELD_OF.get(name, name) for name in TABLE[table].key)}
        for first, second in clashes:
            file, number, row = rows[second]
            figures = [part.model_dump(exclude=ignored) for part in (rows[first][2], row)]
            same_key = TABLE[table].key_of(rows[first][2]) == TABLE[table].key_of(row)
            if figures[0] != figures[1] and not same_key:
                yield Problem(file, number, TABLE[table].key[0], None, f"Row {rows[first][1]} is equally exact for the "
                              "same places in the same period, with other figures.",
                              "Write one more exact row, or make the figures agree.")


def check_policies(draft: Draft) -> Iterator[Problem]:
    """Limits, buffers and options of a policy name what exists and match something."""
    universe = draft.universe
    names = [policy.name for _, _, policy in draft.policies]
    options = {row.option for row in draft.records("expansions")}
    for file, number, policy in draft.policies:
        if names.count(policy.name) > 1:
            yield Problem(file, number, "name", policy.name, "Two policies have this name.", "Rename one.")
        for option in policy.options or ():
            if option not in options:
                yield Problem(file, number, "options", option, f"There is no expansion option '{option}'.",
                              nearest(option, options))
        for limit in policy.limits:
            where = f"limits.{limit.name}"
            if limit.stage is not None and limit.stage not in universe.stages:
                yield Problem(file, number, f"{where}.stage", limit.stage, f"There is no stage '{limit.stage}'.",
                              nearest(limit.stage, universe.stages))
                continue
            known = universe.ids_over(limit.over)
            if limit.of != "each" and limit.of not in known:
                yield Problem(file, number, f"{where}.of", limit.of, f"There is no {limit.over} '{limit.of}'.",
                              nearest(limit.of, {*known, "each"}))
            yield from _known(file, number, f"{where}.items", "item", limit.items, universe.items)
            yield from _known(file, number, f"{where}.customers", "customer", limit.customers, universe.customers)
            yield from _window(draft, file, number, f"{where}.period", limit.period)
            made = {process.item for process in draft.records("processes")}
            in_scope = {item for item, stage in universe.items.items()
                        if stage == limit.stage and item in made and (not limit.items or item in limit.items)}
            if limit.measure == "stage" and not in_scope:
                yield Problem(file, number, where, limit.name, "The limit matches no item that is made.",
                              "Check its stage and items.")
        for position, buffer in enumerate(policy.buffers):
            where = f"buffers.{position}"
            if buffer.stage is not None and buffer.stage not in universe.stages:
                yield Problem(file, number, f"{where}.stage", buffer.stage, f"There is no stage '{buffer.stage}'.",
                              nearest(buffer.stage, universe.stages))
            yield from _known(file, number, f"{where}.items", "item", buffer.items, universe.items)
            yield from _window(draft, file, number, f"{where}.period", buffer.period)
        for position, source in enumerate(policy.sources):
            if source.stage not in universe.stages:
                yield Problem(file, number, f"sources.{position}.stage", source.stage,
                              f"There is no stage '{source.stage}'.", nearest(source.stage, universe.stages))


def check_scenarios(draft: Draft) -> Iterator[Problem]:
    """Selectors of a scenario match something; probabilities add up to at most 1."""
    names = [scenario.name for _, _, scenario in draft.scenarios]
    for file, number, scenario in draft.scenarios:
        if names.count(scenario.name) > 1:
            yield Problem(file, number, "name", scenario.name, "Two scenarios have this name.", "Rename one.")
        for position, change in enumerate(scenario.changes):
            where = f"changes.{position}"
            yield from _window(draft, file, number, f"{where}.period", change.period)
            for column, value, message, remedy in selector_problems(change, draft.universe, draft.records):
                yield Problem(file, number, f"{where}.{column}", value, message, remedy)
    total = sum(scenario.probability or 0.0 for _, _, scenario in draft.scenarios)
    if total > 1 + 1e-9:
        yield Problem("scenarios", None, "probability", f"{total:g}", "The probabilities add up to more than 1, but "
                      "scenarios exclude each other.", "Lower them; what is left to 1 is the undisturbed case.")


def _known(file: str, number: int, column: str, kind: str, values: Iterable[str],
           known: Iterable[str]) -> Iterator[Problem]:
    names = set(known)
    for value in values:
        if value not in names:
            yield Problem(file, number, column, value, f"There is no {kind} '{value}'.", nearest(value, names))


def _window(draft: Draft, file: str, number: int, column: str, text: str) -> Iterator[Problem]:
    try:
        draft.periods.window(text)
    except ValueError as error:
        message, _, hint = str(error).partition(". ")
        yield Problem(file, number, column, text, message.rstrip(".") + ".", hint or "Write it as first..last.")


Check = Callable[[Draft], Iterator[Problem]]
CHECKS_OF_TABLES: tuple[Check, ...] = (
    check_ids,
    check_chain,
    check_sources,
    check_resources,
    check_bounds,
    check_units,
)
CHECKS: tuple[Check, ...] = (
    *CHECKS_OF_TABLES,
    check_regions,
    check_places,
    check_stages,
    check_windows,
    check_lead_times,
    check_precedence,
    check_policies,
    check_scenarios,
)
