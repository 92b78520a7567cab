"""Checks of policies and scenarios (what they name exists and matches something), and of smallest lots."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from planner.errors import Names, Problem
from planner.instance.checks.draft import Draft
from planner.instance.lines import line_capacities
from planner.instance.periods import PeriodError
from planner.instance.policy import NAME_OF_A_BUFFER, ROUNDING, Limit, Policy, Sources
from planner.instance.records import TABLES
from planner.instance.selecting import selector_problems

LIMITING = ("capacities", "expansions", "expansion_factors")  # tables that say what a line can give


def check_policies(draft: Draft) -> Iterator[Problem]:
    """Limits, buffers and options of a policy name what exists and match something."""
    names = Counter(policy.name for _, _, policy in draft.policies)
    for file, number, policy in draft.policies:
        if names[policy.name] > 1:
            yield Problem(file, number, "name", policy.name, "Two policies have this name.", "Rename one.")
    known = _Known(draft)
    for file, number, policy in draft.policies:
        for problem in known.unknown(file, number, "options", "expansion option", policy.options or ()):
            none = "Where none may be used, write options: [] in a file, - in a workbook."
            yield replace(problem, remedy=f"{problem.remedy} {none}")
        for limit in policy.limits:
            yield from _limit(draft, known, file, number, policy, limit)
        for position, buffer in enumerate(policy.buffers):
            where = f"buffers.{position}"
            yield from known.unknown(file, number, f"{where}.stage", "stage", [buffer.stage] if buffer.stage else [])
            yield from known.unknown(file, number, f"{where}.items", "item", buffer.items)
            yield from _window(draft, file, number, f"{where}.period", buffer.period)
        for position, source in enumerate(policy.sources):
            if source.stage not in known.ids["stage"]:
                yield from known.unknown(file, number, f"sources.{position}.stage", "stage", [source.stage])
            elif draft.whole("items", "processes"):
                yield from _too_few_sites(known, file, number, position, source)


class _Known:
    """The ids that policies can name, by kind, and the sites that make each item."""

    def __init__(self, draft: Draft) -> None:
        universe = draft.universe
        self.draft = draft
        self.makers: dict[str, set[str]] = defaultdict(set)
        for process in draft.records("processes"):
            self.makers[process.item].add(process.site)
        self.ordered = {(row.customer, row.item) for row in draft.records("demand")}
        self.by_stage: dict[str, list[str]] = defaultdict(list)
        for item, stage in universe.items.items():
            if item in self.makers:
                self.by_stage[stage].append(item)
        self.ids: dict[str, Collection[str]] = {
            "expansion option": {row.option for row in draft.records("expansions")},
            "stage": frozenset(universe.stages),
            "item": universe.items,
            "customer": universe.customers,
            **{over: universe.ids_over(over) | {"each"} for over in ("region", "operator", "site", "cluster")},
        }
        self.names = {kind: Names(ids) for kind, ids in self.ids.items()}

    def delivers(self, limit: Limit) -> bool:
        """Whether a limit counts some order; one of a stage counts what is made instead."""
        return limit.measure == "stage" or any(
            (not limit.customers or customer in limit.customers) and (not limit.items or item in limit.items)
            for customer, item in self.ordered
        )

    def unknown(self, file: str, number: int, column: str, kind: str, values: Iterable[str]) -> Iterator[Problem]:
        """A problem for each value that is not an id of its kind."""
        for value in values:
            if value not in self.ids[kind] and not self.draft.may_be_lost(value):
                message = f"There is no {kind} '{value}'."
                yield Problem(file, number, column, value, message, self.names[kind].nearest(value))


def _limit(draft: Draft, known: _Known, file: str, number: int, policy: Policy, limit: Limit) -> Iterator[Problem]:
    """Problems of a limit: ids that do not exist, or a scope without anything to count."""
    where = f"limits.{limit.name}"
    if policy.buffers and NAME_OF_A_BUFFER.fullmatch(limit.name):
        yield Problem(
            file,
            number,
            f"{where}.name",
            limit.name,
            "A policy with buffers shows them among its limits as buffer-1, buffer-2, ..., so that no limit "
            "of it can have such a name.",
            "Rename the limit.",
        )
    if limit.stage is not None and limit.stage not in known.ids["stage"]:
        yield from known.unknown(file, number, f"{where}.stage", "stage", [limit.stage])
        return
    yield from known.unknown(file, number, f"{where}.of", limit.over, [limit.of])
    yield from known.unknown(file, number, f"{where}.items", "item", limit.items)
    yield from known.unknown(file, number, f"{where}.customers", "customer", limit.customers)
    yield from _window(draft, file, number, f"{where}.period", limit.period)
    scope = limit.items or known.by_stage.get(limit.stage or "", ())
    made = (item in known.makers and draft.universe.items.get(item) == limit.stage for item in scope)
    if limit.measure == "stage" and draft.whole("items", "processes") and not any(made):
        message = "The limit matches no item that is made."
        yield Problem(file, number, where, limit.name, message, "Check its stage and items.")
    if draft.settings.as_written and draft.whole("demand") and not known.delivers(limit):
        message = "The limit matches no order, so it holds nothing."
        yield Problem(file, number, where, limit.name, message, "Check its customers and items.", "warning")
    if (limit.over, limit.of) == ("cluster", "each") and draft.whole("sites") and not draft.universe.clusters:
        message = "No site names a cluster, so the limit holds nothing."
        remedy = "Fill the column cluster of sites, or remove the limit."
        yield Problem(file, number, f"{where}.over", "cluster", message, remedy, "warning")


def _too_few_sites(known: _Known, file: str, number: int, position: int, source: Sources) -> Iterator[Problem]:
    """Problems of items that fewer sites can make than the policy asks for."""
    where = f"sources.{position}"
    items = known.by_stage.get(source.stage, [])
    if not items:
        message = "No item of this stage is made."
        yield Problem(file, number, f"{where}.stage", source.stage, message, "Check the stage.")
    for item in sorted(items):
        makers = known.makers[item]
        if len(makers) < (source.min_sources or 0):
            yield Problem(
                file,
                number,
                f"{where}.min_sources",
                str(source.min_sources),
                f"{item} is made at {len(makers)} site{'s' if len(makers) > 1 else ''} only "
                f"({', '.join(sorted(makers))}), so under this policy it cannot be made.",
                "Lower min_sources, or add a process at another site.",
                "warning",
            )


def check_lots(draft: Draft) -> Iterator[Problem]:
    """The smallest lot of a process fits the capacity of its resource in some period in which it may start."""
    if not draft.whole(*LIMITING):
        return
    lots = [found for found in draft.rows.get("processes", ()) if found[2].min_lot > 0]
    rows, options, factors = (draft.records(table) for table in LIMITING)
    capacities = line_capacities(rows, options, factors, draft.window, len(draft.periods))
    for file, number, row in lots:
        room, window = capacities.most(row.line), draft.window(row.period)
        if room is None:
            continue
        most = float(room[window.start : window.stop].max()) if window else 0.0
        if row.min_lot * row.capacity_use > most * (1 + ROUNDING):
            yield Problem(
                file,
                number,
                "min_lot",
                f"{row.min_lot:g}",
                f"A lot of {row.min_lot:g} takes {row.min_lot * row.capacity_use:g} of the resource "
                f"{row.line.resource}, which never has more than {most:g}: none can start.",
                "Lower min_lot, or check its unit (units started) and the capacity.",
                "warning",
            )


def check_scenarios(draft: Draft) -> Iterator[Problem]:
    """Selectors of a scenario match something; probabilities add up to at most 1."""
    names = Counter(scenario.name for _, _, scenario in draft.scenarios)
    judged = draft.whole(*(table.name for table in TABLES))
    for file, number, scenario in draft.scenarios:
        if names[scenario.name] > 1:
            yield Problem(file, number, "name", scenario.name, "Two scenarios have this name.", "Rename one.")
        for position, change in enumerate(scenario.changes):
            where = f"changes.{position}"
            yield from _window(draft, file, number, f"{where}.period", change.period)
            for column, value, message, remedy in selector_problems(change, draft.universe, draft.records):
                if judged or (column != "where" and not draft.may_be_lost(value)):
                    yield Problem(file, number, f"{where}.{column}", value, message, remedy)
    total = sum(scenario.probability or 0.0 for _, _, scenario in draft.scenarios)
    if total > 1 + 1e-9:
        yield Problem(
            "scenarios",
            None,
            "probability",
            f"{total:g}",
            "The probabilities add up to more than 1, but scenarios exclude each other.",
            "Lower them; what is left to 1 is the undisturbed case.",
        )


def _window(draft: Draft, file: str, number: int, column: str, text: str) -> Iterator[Problem]:
    """The problem of a window that names no planned periods."""
    if draft.window(text):
        return
    try:
        draft.periods.window(text)
    except PeriodError as error:
        yield Problem(file, number, column, text, error.message, error.remedy)
