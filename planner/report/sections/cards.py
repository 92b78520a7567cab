"""The cards of the first screen: the four figures of each policy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from planner.instance.policy import Policy, rules_of
from planner.report.findings import Findings, difference
from planner.report.names import Names
from planner.report.sections.answer import cost_change, worst_strike
from planner.report.sections.pathways import nearly, touched
from planner.report.sections.service_words import service_figure, service_line, service_of
from planner.text.figures import count, count_change, joined, money, money_change, percent, points


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
    policy, plan, failure = findings.policy(name), findings.plan(name), findings.failure(name)
    number, every = len(findings.allowed(name)), len(findings.instance.expansions)
    stages = findings.limited_stages(name)
    about = _rules(policy, stages)
    if every:
        about += f"; {number} of {every} option{'s' if every > 1 else ''} allowed"
    title = policy.title if policy else ""
    if plan is None:
        status, none = failure.status if failure else "not run", ("–", "")
        message = failure.message if failure else ""
        return Card(
            findings.label(name),
            title,
            about,
            none,
            none,
            none,
            none,
            (),
            f"No plan: {status}. {message[:1].upper()}{message[1:]}",
        )
    held = findings.shares(name)
    change = cost_change(findings, name)
    cost_line = "the one the others are held against" if name == findings.first and len(findings.policies) > 1 else ""
    if name != findings.first:
        cost_line = f"{money_change(change, findings.currency)} against {findings.label(findings.first)}"
    if plan.status != "optimal":
        cost_line = "; ".join(["not proved to be the least", *filter(None, [cost_line])])
    base = findings.shares(findings.first)
    bars = tuple(
        Bar(
            stage,
            share,
            percent(share, 0),
            "" if name == findings.first else points(difference(share, base.get(stage, 0.0), scale=1.0)),
            stage in stages,
        )
        for stage, share in held.items()
    )
    units, usual = touched(findings, name), touched(findings, findings.first)
    if units is not None:
        change_of_units = difference(units.share, usual.share if usual else units.share, scale=1.0)
        followed = any(limit.measure == "pathway" for limit in rules_of(policy).limits)
        text = "" if name == findings.first else points(change_of_units)
        bars += (Bar("any stage", units.share, nearly(units.share), text, followed, units=True),)
    orders = service_of(plan)
    usual_share = usual.share if usual is not None else math.nan
    from_first = f"; {nearly(usual_share)} under {findings.label(findings.first)}" if name != findings.first else ""
    return Card(
        findings.label(name),
        title,
        about,
        (money(plan.objective, findings.currency), cost_line),
        (service_figure(orders), service_line(findings, orders)),
        (nearly(units.share), f"of finished units at some stage{from_first if units and usual else ''}")
        if units is not None
        else ("–", "not followed" if plan.service_summary["delivered"] > 0 else "nothing delivered"),
        _struck(findings, name) or _worst(findings, name),
        bars,
    )


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
    worst, none = findings.worst(name), findings.without_plan(name)
    lines = [f"no plan exists in {joined(none)}"] if none else []
    nothing = "no scenario planned" if findings.instance.scenarios else "no scenarios"
    if worst is None:
        return ("no plan" if none else "–", "; ".join(lines) or nothing)
    plan = findings.plan(name, worst.scenario)
    total = plan.service_summary["lost"] if plan else math.nan
    lost = f"{count_change(worst.lost)} units lost" if worst.lost else "no more units lost"
    lost += f", {count(total)} in all, " if total > worst.lost > 0 else ", "
    return (
        money_change(worst.cost, findings.currency),
        "; ".join([f"{lost}in {worst.scenario}, known in advance", *lines]),
    )
