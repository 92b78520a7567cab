"""Several plans side by side: kept runs, and the scenarios by their probability."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from planner.instance.instance import Instance
from planner.plan.plan import Plan
from planner.report.findings import difference
from planner.report.names import Names
from planner.report.sections.pathways import share_touched
from planner.report.sections.service_words import service_figure, service_of
from planner.serve.live import Answer
from planner.serve.pair import NOW, Pair
from planner.serve.titles import run_title
from planner.serve.view import View
from planner.study.failure import Run
from planner.text.figures import NONE, count, count_change, joined, money, money_change, nearly, percent

Known = Callable[[View], Answer | None]
SCENARIOS_WEIGHED = 24  # more are not planned at once


@dataclass(frozen=True)
class Column:
    """A run among others.

    Attributes:
        title: what is chosen and what happens in it.
        cost, change, delivered, lost, touched: its figures; "" where it is not planned yet.
        show: query of the view that shows it; "" for the present one and the baseline.
        without: query of the present view without it; "" where it is not kept.
    """

    title: str
    cost: str = ""
    change: str = ""
    delivered: str = ""
    lost: str = ""
    touched: str = ""
    show: str = ""
    without: str = ""


@dataclass(frozen=True)
class Weighed:
    """A scenario by its probability.

    Attributes:
        title: what happens.
        chance: its probability.
        change, lost: more cost and units lost than without it; "" where it is not planned yet.
    """

    title: str
    chance: str
    change: str = ""
    lost: str = ""


@dataclass(frozen=True)
class Expected:
    """The scenarios by their probability, and what follows.

    Attributes:
        rows: the scenarios.
        said: what is expected, in a sentence; "" while some are not planned.
    """

    rows: tuple[Weighed, ...]
    said: str


def kept_views(view: View) -> tuple[View, ...]:
    """The runs that stand beside a view."""
    return tuple(View.read(query) for query in view.kept)


def columns(instance: Instance, view: View, pair: Pair, known: Known) -> tuple[Column, ...]:
    """The baseline, the present run and those kept beside it; none where there are no kept ones."""
    if not view.kept:
        return ()
    names = Names.of_instance(instance)
    plans: dict[str, Plan] = {pair.names[0]: pair.baseline}
    titles: dict[str, Column] = {pair.names[0]: Column(pair.names[0])}
    if not pair.same:
        plans[NOW] = pair.now
        titles[NOW] = Column(f"{NOW}: {run_title(instance, names, view)}")
    for number, (query, own) in enumerate(zip(view.kept, kept_views(view), strict=True), 1):
        name, rest = f"run {number}", tuple(other for other in view.kept if other != query)
        answer = known(own)
        found = answer.plan if answer else None
        show = replace(own, kept=rest).query
        titles[name] = Column(run_title(instance, names, own), show=show, without=replace(view, kept=rest).query)
        if isinstance(found, Plan):
            plans[name] = found
        elif found is not None:
            titles[name] = replace(titles[name], cost="no plan")
    runs: dict[tuple[str | None, str | None], Run] = {(name, None): plan for name, plan in plans.items()}
    every = Pair(instance, runs, names=tuple(plans), followed=pair.concern.name)
    return tuple(_column(every, name, column) if name in plans else column for name, column in titles.items())


def _column(every: Pair, name: str, column: Column) -> Column:
    plan, first = every.undisturbed[name], every.baseline
    service, units = service_of(plan), share_touched(every, name)
    change = difference(plan.objective, first.objective)
    return replace(
        column,
        cost=money(plan.objective, every.currency),
        change=money_change(change, every.currency) if plan is not first else NONE,
        delivered=service_figure(service).removesuffix(" delivered"),
        lost=count(service.lost) if service.lost > 0 else "none",
        touched=NONE if units is None else nearly(units),
    )


def scenario_views(instance: Instance, view: View) -> dict[str, View]:
    """The view of each scenario under the policy of a view, by its name; under "" the one in which nothing happens."""
    if not view.expected:
        return {}
    plain = replace(view.planned, scenario="", outage=None)
    happens = _that_change(instance)[:SCENARIOS_WEIGHED]
    return {"": plain} | {name: replace(plain, scenario=name) for name in happens}


def _that_change(instance: Instance) -> list[str]:
    """The scenarios in which something happens."""
    return [scenario.name for scenario in instance.scenarios if scenario.changes]


def expected(instance: Instance, view: View, known: Known) -> Expected | None:
    """What the scenarios cost, by their probability; None where that is not asked for.

    expected cost = cost when nothing happens + sum of probability * (cost in the scenario - cost when nothing happens)
    """
    views = scenario_views(instance, view)
    if not views:
        return None
    names, currency = Names.of_instance(instance), instance.settings.currency
    usual = _plan(known, views[""])
    written = {scenario.name: scenario.probability or 0.0 for scenario in instance.scenarios}
    every: Mapping[str, float] = {
        name: view.chances.get(name, 100.0 * written[name]) / 100.0 for name in _that_change(instance)
    }
    chances = {name: chance for name, chance in every.items() if name in views}
    rows: list[Weighed] = []
    sums: list[float] = []
    without: list[str] = []
    pending = known(views[""]) is None
    for name, chance in chances.items():
        answer = known(views[name])
        if answer is None:
            words, pending = ("", ""), pending or chance > 0.0
        elif not isinstance(answer.plan, Plan):
            words = ("no plan", NONE)
            without += [names.short(name)] if chance > 0.0 else []
        elif usual is None:
            words = (NONE, NONE)
        else:
            change = difference(answer.plan.objective, usual.objective)
            lost = difference(answer.plan.service_summary["lost"], usual.service_summary["lost"], scale=1.0)
            sums.append(chance * change)
            words = (money_change(change, currency), count_change(lost))
        rows.append(Weighed(names.short(name), percent(chance), *words))
    if pending:
        return Expected(tuple(rows), "")
    if usual is None:
        return Expected(tuple(rows), "No expected cost: there is no plan even where none of them happens.")
    if without:
        return Expected(tuple(rows), f"No expected cost: under this policy there is no plan in {joined(without)}.")
    said = _expected_words(usual, sums, sum(chances.values()), currency)
    return Expected(tuple(rows), f"{said}{_left_out(every, chances)}")


def _left_out(every: Mapping[str, float], weighed: Mapping[str, float]) -> str:
    """That some scenarios are not weighed, as there are more than are planned at once."""
    if len(weighed) == len(every):
        return ""
    rest = math.fsum(chance for name, chance in every.items() if name not in weighed)
    number = len(every) - len(weighed)
    verb = "is" if number == 1 else "are"
    return f" {number} of {len(every)} scenarios, with {percent(rest)}, {verb} not planned and left out of it."


def _expected_words(usual: Plan, sums: list[float], chance: float, currency: str) -> str:
    if chance > 1 + 1e-9:
        return f"The probabilities add up to {percent(chance)}, but scenarios exclude each other: at most 100 %."
    if not chance:
        return "No expected cost: none of them has a probability yet."
    more = math.fsum(sums)
    return (
        f"Expected cost {money(usual.objective + more, currency)}: {money_change(more, currency)} for what may happen, "
        f"of which something does with {percent(chance)}."
    )


def _plan(known: Known, view: View) -> Plan | None:
    answer = known(view)
    return answer.plan if answer and isinstance(answer.plan, Plan) else None
