"""Checks of policies and scenarios: they name what exists, and match something; and of lots, which fit somewhere."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from planner.errors import Problem, nearest
from planner.instance.checks.draft import Draft
from planner.instance.periods import PeriodError
from planner.instance.policy import ROUNDING, Sources
from planner.instance.selecting import selector_problems

NAME_OF_A_BUFFER = re.compile(r"buffer-[0-9]+")


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
                yield Problem(
                    file,
                    number,
                    "options",
                    option,
                    f"There is no expansion option '{option}'.",
                    nearest(option, options),
                )
        for limit in policy.limits:
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
            if limit.stage is not None and limit.stage not in universe.stages:
                yield Problem(
                    file,
                    number,
                    f"{where}.stage",
                    limit.stage,
                    f"There is no stage '{limit.stage}'.",
                    nearest(limit.stage, universe.stages),
                )
                continue
            known = universe.ids_over(limit.over)
            if limit.of != "each" and limit.of not in known:
                yield Problem(
                    file,
                    number,
                    f"{where}.of",
                    limit.of,
                    f"There is no {limit.over} '{limit.of}'.",
                    nearest(limit.of, {*known, "each"}),
                )
            yield from _known(file, number, f"{where}.items", "item", limit.items, universe.items)
            yield from _known(file, number, f"{where}.customers", "customer", limit.customers, universe.customers)
            yield from _window(draft, file, number, f"{where}.period", limit.period)
            made = {process.item for process in draft.records("processes")}
            in_scope = {
                item
                for item, stage in universe.items.items()
                if stage == limit.stage and item in made and (not limit.items or item in limit.items)
            }
            if limit.measure == "stage" and not in_scope:
                yield Problem(
                    file,
                    number,
                    where,
                    limit.name,
                    "The limit matches no item that is made.",
                    "Check its stage and items.",
                )
        for position, buffer in enumerate(policy.buffers):
            where = f"buffers.{position}"
            if buffer.stage is not None and buffer.stage not in universe.stages:
                yield Problem(
                    file,
                    number,
                    f"{where}.stage",
                    buffer.stage,
                    f"There is no stage '{buffer.stage}'.",
                    nearest(buffer.stage, universe.stages),
                )
            yield from _known(file, number, f"{where}.items", "item", buffer.items, universe.items)
            yield from _window(draft, file, number, f"{where}.period", buffer.period)
        for position, source in enumerate(policy.sources):
            if source.stage not in universe.stages:
                yield Problem(
                    file,
                    number,
                    f"sources.{position}.stage",
                    source.stage,
                    f"There is no stage '{source.stage}'.",
                    nearest(source.stage, universe.stages),
                )
                continue
            yield from _too_few_sites(draft, file, number, position, source)


def _too_few_sites(draft: Draft, file: str, number: int, position: int, source: Sources) -> Iterator[Problem]:
    """Items of the stage that fewer sites can make than the policy asks for."""
    sites: dict[str, set[str]] = defaultdict(set)
    for process in draft.records("processes"):
        if draft.universe.items.get(process.item) == source.stage:
            sites[process.item].add(process.site)
    where = f"sources.{position}"
    if not sites:
        yield Problem(
            file, number, f"{where}.stage", source.stage, "No item of this stage is made.", "Check the stage."
        )
    for item, makers in sorted(sites.items()):
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
    count = len(draft.periods)
    capacity: dict[tuple[str, str], list[float]] = {}
    for table in ("capacities", "expansions"):
        for row in draft.records(table):
            room = capacity.setdefault((row.site, row.resource or row.site), [0.0] * count)
            window = draft.window(row.period)
            for period in range(window.start, window.stop if table == "capacities" else count):
                room[period] += row.capacity
    for file, number, row in draft.rows.get("processes", ()):
        resource = (row.site, row.resource or row.site)
        if row.min_lot <= 0 or resource not in capacity:
            continue
        most = max((capacity[resource][period] for period in draft.window(row.period)), default=0.0)
        if row.min_lot * row.capacity_use > most * (1 + ROUNDING):
            yield Problem(
                file,
                number,
                "min_lot",
                f"{row.min_lot:g}",
                f"A lot of {row.min_lot:g} takes {row.min_lot * row.capacity_use:g} of the resource "
                f"{row.resource or row.site}, which never has more than {most:g}: none can start.",
                "Lower min_lot, or check its unit (units started) and the capacity.",
                "warning",
            )


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
        yield Problem(
            "scenarios",
            None,
            "probability",
            f"{total:g}",
            "The probabilities add up to more than 1, but scenarios exclude each other.",
            "Lower them; what is left to 1 is the undisturbed case.",
        )


def _known(
    file: str, number: int, column: str, kind: str, values: Iterable[str], known: Iterable[str]
) -> Iterator[Problem]:
    names = set(known)
    for value in values:
        if value not in names:
            yield Problem(file, number, column, value, f"There is no {kind} '{value}'.", nearest(value, names))


def _window(draft: Draft, file: str, number: int, column: str, text: str) -> Iterator[Problem]:
    try:
        draft.periods.window(text)
    except PeriodError as error:
        yield Problem(file, number, column, text, error.message, error.remedy)
