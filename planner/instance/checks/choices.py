"""Checks of policies and scenarios: they name what exists, and match something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from planner.errors import Problem, nearest
from planner.instance.checks.draft import Draft
from planner.instance.selecting import selector_problems


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
    except ValueError as error:
        message, _, hint = str(error).partition(". ")
        yield Problem(file, number, column, text, message.rstrip(".") + ".", hint or "Write it as first..last.")
