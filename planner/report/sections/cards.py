"""The cards of the first screen: the four figures of each policy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from planner.instance.policy import Policy, rules_of
from planner.plan.plan import Plan
from planner.report.findings import Findings, difference
from planner.report.names import Names
from planner.report.sections.answer import cost_change, worst_strike
from planner.report.sections.pathways import Touched, touched
from planner.report.sections.service_words import service_figure, service_line, service_of
from planner.text.figures import count, count_change, joined, money, money_change, nearly, points


@dataclass(frozen=True)
class Bar:
    """A small bar: the share of the region of concern at a stage, or of finished units that touched it at any."""

    stage: str
    share: float
    text: str
    change: str
    limited: bool
    units: bool = False


@dataclass(frozen=True)
class Card:
    """The card of a policy: four figures, each with a line under it, and bars for the shares.

    Attributes:
        name, title: the id and the name of the policy.
        about: its limits and options in a few words.
        cost, delivered, touched, worst: (figure, line under it).
        bars: the shares of the region of concern, stage by stage.
        failure: why there is no plan; "" where there is one.
    """

    name: str
    title: str
    about: str
    cost: tuple[str, str]
    delivered: tuple[str, str]
    touched: tuple[str, str]
    worst: tuple[str, str]
    bars: tuple[Bar, ...]
    failure: str = ""


def cards(findings: Findings) -> tuple[Card, ...]:
    """The four figures of every policy, in order."""
    return tuple(_card(findings, name) for name in findings.policies)


def _rules(policy: Policy | None, stages: Sequence[str]) -> str:
    """How many limits, rules on sources and buffers a policy has, in words; `stages` are those that are limited."""
    if policy is None:
        return "no limits"
    measures = [limit.measure for limit in policy.limits]
    counted = [
        (measures.count("stage"), "limit", f" on {joined(list(stages))}" if stages else ""),
        (measures.count("pathway"), "limit", " on whole pathways"),
        (len(policy.sources), "rule", " on sources"),
        (len(policy.buffers), "buffer", ""),
    ]
    said = [f"{number} {what}{'s' if number > 1 else ''}{where}" for number, what, where in counted if number]
    return ", ".join(said) or "no limits"


def _card(findings: Findings, name: str | None) -> Card:
    policy, plan, label = findings.policy(name), findings.plan(name), findings.label(name)
    title, about = policy.title if policy else "", _about(findings, name)
    if plan is None:
        none = ("–", "")
        return Card(label, title, about, none, none, none, none, (), _no_plan(findings, name))
    units, usual = touched(findings, name), touched(findings, findings.first)
    if units is None:
        shown = ("–", "not followed" if plan.service_summary["delivered"] > 0 else "nothing delivered")
    else:
        first = findings.label(findings.first)
        beside = f"; {nearly(usual.share)} under {first}" if usual and name != findings.first else ""
        shown = (nearly(units.share), f"of finished units at some stage{beside}")
    orders = service_of(plan)
    return Card(
        label,
        title,
        about,
        (money(plan.objective, findings.currency), _cost_line(findings, name, plan)),
        (service_figure(orders), service_line(findings, orders)),
        shown,
        _struck(findings, name) or _worst(findings, name),
        _bars(findings, name, units, usual),
    )


def _about(findings: Findings, name: str | None) -> str:
    """The rules of a policy, and how many of the options it may buy."""
    rules = _rules(findings.policy(name), findings.limited_stages(name))
    number, every = len(findings.allowed(name)), len(findings.instance.expansions)
    return rules if not every else f"{rules}; {number} of {every} option{'s' if every > 1 else ''} allowed"


def _no_plan(findings: Findings, name: str | None) -> str:
    """Why a policy has no undisturbed plan."""
    failure = findings.failure(name)
    status, message = (failure.status, failure.message) if failure else ("not run", "")
    return f"No plan: {status}. {message[:1].upper()}{message[1:]}"


def _cost_line(findings: Findings, name: str | None, plan: Plan) -> str:
    """The line under the cost: the change against the first policy, and whether the cost is not proved."""
    if name != findings.first:
        change = money_change(cost_change(findings, name), findings.currency)
        line = f"{change} against {findings.label(findings.first)}"
    else:
        line = "the one the others are held against" if len(findings.policies) > 1 else ""
    return line if plan.status == "optimal" else "; ".join(["not proved to be the least", *filter(None, [line])])


def _bars(findings: Findings, name: str | None, units: Touched | None, usual: Touched | None) -> tuple[Bar, ...]:
    """The shares of the region of concern by stage, and of the finished units; with changes against the first policy.

    Args:
        findings: the runs.
        name: the policy.
        units: what its finished units touched; None where that is not known.
        usual: the same of the first policy.
    """
    is_first, base = name == findings.first, findings.shares(findings.first)
    stages = findings.limited_stages(name)
    bars = []
    for stage, share in findings.shares(name).items():
        change = "" if is_first else points(difference(share, base.get(stage, 0.0), scale=1.0))
        bars.append(Bar(stage, share, nearly(share), change, stage in stages))
    if units is not None:
        change = "" if is_first else points(difference(units.share, usual.share if usual else units.share, scale=1.0))
        followed = any(limit.measure == "pathway" for limit in rules_of(findings.policy(name)).limits)
        bars.append(Bar("any stage", units.share, nearly(units.share), change, followed, units=True))
    return tuple(bars)


def _struck(findings: Findings, name: str | None) -> tuple[str, str] | None:
    """The loss of this policy from the strike that costs the first policy most, without warning."""
    scenario = worst_strike(findings)
    rows = [row for row in findings.studies.stressed if (row.policy, row.scenario) == (name, scenario)]
    if scenario is None or not rows:
        return None
    what = Names.of_instance(findings.instance).short(scenario)
    if math.isnan(rows[0].loss):
        return ("no plan", f"when it strikes without warning: {what}")
    return (money(rows[0].loss, findings.currency), f"when it strikes without warning: {what}")


def _worst(findings: Findings, name: str | None) -> tuple[str, str]:
    names = Names.of_instance(findings.instance)
    worst, none = findings.worst(name), findings.without_plan(name)
    lines = [f"no plan exists: {joined([names.short(scenario) for scenario in none])}"] if none else []
    nothing = "no scenario planned" if findings.instance.scenarios else "no scenarios"
    if worst is None:
        return ("no plan" if none else "–", "; ".join(lines) or nothing)
    plan = findings.plan(name, worst.scenario)
    total = plan.service_summary["lost"] if plan else math.nan
    lost = f"{count_change(worst.lost)} units lost" if worst.lost else "no more units lost"
    lost += f", {count(total)} in all, " if total > worst.lost > 0 else ", "
    return (
        money_change(worst.cost, findings.currency),
        "; ".join([f"{lost}known in advance: {names.short(worst.scenario)}", *lines]),
    )
