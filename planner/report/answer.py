"""The answer: a sentence, the four figures of each policy, and the notes that keep them honest."""

from __future__ import annotations

import math
from dataclasses import dataclass

from planner.report.findings import Findings, difference
from planner.report.wording import count, count_change, joined, money, money_change, percent, points

CLOSE = 0.0005
LARGER = 1.01
SCENARIO_LINES = "What happens, and options that the policies then buy otherwise than undisturbed (share bought)"


@dataclass(frozen=True)
class Bar:
    """A small bar: the share of the region of concern at a stage."""

    stage: str
    share: float
    text: str
    change: str
    limited: bool


@dataclass(frozen=True)
class Card:
    """The four figures of a policy: (figure, what it says) each, bars for the shares.

    Attributes:
        name, title: of the policy.
        about: limits and options in a few words.
        cost, delivered, worst: a figure and a line under it.
        bars: the third figure.
        failure: what happened where there is no plan; "" otherwise.
    """

    name: str
    title: str
    about: str
    cost: tuple[str, str]
    delivered: tuple[str, str]
    worst: tuple[str, str]
    bars: tuple[Bar, ...]
    failure: str = ""


def partial_policy(findings: Findings) -> str | None:
    """A policy that limits some of the stages that the widest policy limits, nearest to the start of the chain."""
    widest = set(findings.limited_stages(findings.policies[-1]))
    order = findings.instance.stages
    found = [
        name for name in findings.undisturbed if (stages := set(findings.limited_stages(name))) and stages < widest
    ]
    return min(
        found,
        key=lambda name: (
            len(findings.limited_stages(name)),
            [order.index(stage) for stage in findings.limited_stages(name)],
        ),
        default=None,
    )


def sentence(findings: Findings) -> str:
    """What the policy with most limits costs against the one with fewest, and what limiting part of the chain does."""
    first, last = findings.first, findings.policies[-1]
    if not findings.undisturbed:
        return (
            "No policy has a plan: "
            + joined(
                [
                    f"{findings.label(name)} is {failure.status}"
                    for name in findings.policies
                    if (failure := findings.failure(name))
                ]
            )
            + "."
        )
    if last == first:
        return _alone(findings)
    if findings.plan(last) is None:
        return f"{_alone(findings)[:-1]}; {findings.label(last)} has no plan."
    found = f"{_subject(findings, last)} costs {_against(findings, last)} {findings.label(first)}"
    part = partial_policy(findings)
    if part is None or part == first:
        return f"{found}{_shares_moved(findings, last)}{_worst_of(findings, [last])}."
    held = _left_behind(findings, part)
    change = _cost_change(findings, part)
    dearer = change > CLOSE * abs(_cost(findings, first))
    text = f"{found}; {_subject(findings, part, alone=True)} costs {_against(findings, part, short=True)}"
    if held and not _safer(findings, part):
        text += f" {'and is' if dearer else 'but is'} not enough"
    text += f": it {_moves(findings, part)}" + (f" but leaves {held} there" if held else "")
    return text + _worst_of(findings, [part, last]) + "."


def _alone(findings: Findings) -> str:
    name = findings.first
    plan = findings.undisturbed[name]
    service, held = plan.service_summary, findings.shares(name)
    stage = max(held, key=lambda key: held[key], default="")
    text = (
        f"{findings.label(name)[:1].upper()}{findings.label(name)[1:]} delivers {count(service['delivered'])} of "
        f"{count(service['demand'])} units ordered at a cost of {money(plan.objective, findings.currency)}"
    )
    if stage:
        text += f", with {percent(held[stage], 0)} of {stage} in {findings.concern.title}"
    return f"{text}{_worst_of(findings, [])}."


def _subject(findings: Findings, name: str | None, *, alone: bool = False) -> str:
    stages = findings.limited_stages(name)
    whole = len(stages) == len(findings.instance.stages)
    what = "every stage" if whole else f"the {joined(stages)} stage{'s' if len(stages) > 1 else ''}"
    if not stages:
        return f"the policy {findings.label(name)}" if alone else f"The policy {findings.label(name)}"
    return f"{'limiting' if alone else 'Limiting'} {what}{' alone' if alone else ''} ({findings.label(name)})"


def _cost(findings: Findings, name: str | None) -> float:
    plan = findings.plan(name)
    return plan.objective if plan else math.nan


def _cost_change(findings: Findings, name: str | None) -> float:
    return difference(_cost(findings, name), _cost(findings, findings.first))


def _against(findings: Findings, name: str | None, *, short: bool = False) -> str:
    """`USD 4.3 bn (1.1 %) more than`, or with other words where the figures say so."""
    change, base = _cost_change(findings, name), _cost(findings, findings.first)
    if abs(change) <= CLOSE * abs(base):
        return "about as much" if short else "about as much as"
    share = f" ({percent(abs(change / base))})" if base else ""
    word = "more" if change > 0 else "less"
    return f"{money(abs(change), findings.currency)}{share} {word}{'' if short else ' than'}"


def _moves(findings: Findings, name: str | None) -> str:
    """What happens to the limited stages."""
    parts = []
    for stage in findings.limited_stages(name):
        one, two = (findings.shares(policy).get(stage, math.nan) for policy in (findings.first, name))
        if not math.isnan(one + two):
            parts.append(f"of {stage} from {percent(one, 0)} to {percent(two, 0)}")
    return f"takes {findings.concern.title}'s share {joined(parts)}"


def _left_behind(findings: Findings, name: str | None) -> str:
    """Later stages, limited by the widest policy, whose share does not fall below the first policy's."""
    own, widest = findings.limited_stages(name), findings.limited_stages(findings.policies[-1])
    after = findings.instance.stages.index(own[-1])
    base, held = findings.shares(findings.first), findings.shares(name)
    kept = [
        stage
        for stage in widest
        if stage not in own
        and findings.instance.stages.index(stage) > after
        and held.get(stage, 0.0) >= max(base.get(stage, 0.0) - 0.005, 0.5)
    ]
    return joined([f"{percent(held[stage], 0)} of {stage}" for stage in kept])


def _safer(findings: Findings, name: str | None) -> bool:
    """Whether a policy loses less than the first one in its worst scenario."""
    one, two = findings.worst(findings.first), findings.worst(name)
    return one is not None and two is not None and two.cost < one.cost / LARGER


def _worst_of(findings: Findings, names: list[str | None]) -> str:
    """The worst scenario of the first policy, and what it takes from that policy and the named ones."""
    worst = findings.worst(findings.first)
    if worst is None or worst.cost <= 0:
        return ""
    known = [name for name in names if not math.isnan(findings.cost_change(name, worst.scenario))]
    if not known:
        return f"; {worst.scenario} would add {money(worst.cost, findings.currency)}"
    return f"; in {worst.scenario} cost rises by " + joined(
        [
            f"{money(findings.cost_change(name, worst.scenario), findings.currency)} for {findings.label(name)}"
            for name in (findings.first, *known)
        ]
    )


def _shares_moved(findings: Findings, name: str | None) -> str:
    stages = [stage for stage in findings.limited_stages(name) if stage in findings.shares(name)]
    parts = [
        f"{stage} ({percent(findings.shares(findings.first).get(stage, 0.0), 0)} to "
        f"{percent(findings.shares(name)[stage], 0)})"
        for stage in stages
    ]
    return f" and moves {findings.concern.title}'s share of {joined(parts)}" if parts else ""


def cards(findings: Findings) -> tuple[Card, ...]:
    """The four figures of every policy, in order."""
    return tuple(_card(findings, name) for name in findings.policies)


def _card(findings: Findings, name: str | None) -> Card:
    policy, plan, failure = findings.policy(name), findings.plan(name), findings.failure(name)
    number, every = len(findings.allowed(name)), len(findings.instance.expansions)
    limits = len(policy.limits) if policy else 0
    stages = findings.limited_stages(name)
    about = f"{limits} limits on {joined(stages)}" if stages else ("no limits" if not limits else f"{limits} limits")
    if limits == 1:
        about = about.replace("limits", "limit")
    if every:
        about += f"; {number} of {every} option{'s' if every > 1 else ''} allowed"
    title = policy.title if policy else ""
    if plan is None:
        status = failure.status if failure else "not run"
        return Card(
            findings.label(name),
            title,
            about,
            ("–", ""),
            ("–", ""),
            ("–", ""),
            (),
            f"No plan: {status}. {failure.message if failure else ''}",
        )
    service, held = plan.service_summary, findings.shares(name)
    change = _cost_change(findings, name)
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
    late = f"; {count(service['late'])} unit-{findings.period_word}s late" if service["late"] else ""
    return Card(
        findings.label(name),
        title,
        about,
        (money(plan.objective, findings.currency), cost_line),
        (
            f"{percent(service['delivered'] / service['demand'])}" if service["demand"] else "–",
            (f"{count(service['delivered'])} of {count(service['demand'])} units; {count(service['lost'])} lost{late}"),
        ),
        _worst(findings, name),
        bars,
    )


def _worst(findings: Findings, name: str | None) -> tuple[str, str]:
    worst, none = findings.worst(name), findings.without_plan(name)
    lines = [f"no plan exists in {joined(none)}"] if none else []
    if worst is None:
        return ("no plan" if none else "–", "; ".join(lines) or "no scenarios")
    plan = findings.plan(name, worst.scenario)
    total = plan.service_summary["lost"] if plan else math.nan
    lost = f"{count_change(worst.lost)} units lost" if worst.lost else "no more units lost"
    lost += f", {count(total)} in all, " if total > worst.lost > 0 else ", "
    return (money_change(worst.cost, findings.currency), "; ".join([f"{lost}in {worst.scenario}", *lines]))


def notes(findings: Findings) -> tuple[str, ...]:
    """What must stand beside the first figures."""
    found = []
    unproved = {
        name: plan.gap for name in findings.undisturbed if (plan := findings.plan(name)) and plan.status != "optimal"
    }
    if unproved:
        found.append(
            "Not proved: a limit stopped the search, and the cost may be above the least by up to "
            + joined([f"{percent(gap)} for {findings.label(name)}" for name, gap in unproved.items()])
            + ". The sentence and figures above are of the plans found so far."
        )
    short = [name for name in findings.undisturbed if len(findings.allowed(name)) < len(findings.instance.expansions)]
    if short and len(findings.policies) > 1:
        found.append(
            "The policies differ in options as well as in limits: "
            + joined(
                [
                    f"{findings.label(name)} may buy {len(findings.allowed(name))} of "
                    f"{len(findings.instance.expansions)}"
                    for name in short
                ]
            )
            + ". So a difference in cost is that of the whole policy, not of its limits alone."
        )
    if findings.scenarios:
        found.append(
            "Scenario runs are planned anew and know the scenario from the first period: a surprise costs at "
            "least this under the same limits."
        )
    turned = _turned(findings)
    if turned:
        found.append("The order by cost turns in some scenarios: " + "; ".join(turned) + ".")
    expected = {name: findings.expected_change(name) for name in findings.undisturbed}
    first = findings.first
    if any(findings.probability.values()) and len(expected) > 1 and not any(map(math.isnan, expected.values())):
        found.append(
            "Expected loss over the scenarios with a probability, with the same foresight: "
            + joined(
                [f"{money(value, findings.currency)} for {findings.label(name)}" for name, value in expected.items()]
            )
            + ". "
            + " ".join(_worth(findings, name, expected[first] - expected[name]) for name in expected if name != first)
        )
    return tuple(found)


def _worth(findings: Findings, name: str | None, saved: float) -> str:
    extra, label = _cost_change(findings, name), findings.label(name)
    if saved <= 0 or extra <= 0:
        return f"{label} saves nothing there." if saved <= 0 else f"{label} saves there and costs no more."
    verdict = "pays for" if saved >= extra else "does not pay for"
    return (
        f"What {label} saves there, {money(saved, findings.currency)}, {verdict} its extra cost of "
        f"{money(extra, findings.currency)}."
    )


def _turned(findings: Findings) -> list[str]:
    """Scenarios in which a policy is cheaper than the first one though it is dearer undisturbed, or the reverse."""
    found = []
    for scenario in findings.scenarios:
        base = findings.plan(findings.first, scenario)
        parts = []
        for name in findings.undisturbed:
            plan, usual = findings.plan(name, scenario), _cost_change(findings, name)
            change = difference(plan.objective, base.objective) if plan and base else 0.0
            if usual * change < 0:
                word = "less" if change < 0 else "more"
                parts.append(f"{findings.label(name)} costs {money(abs(change), findings.currency)} {word}")
        if parts:
            found.append(f"in {scenario} {joined(parts)} than {findings.label(findings.first)}")
    return found


def scenario_lines(findings: Findings) -> tuple[tuple[str, str], ...]:
    """Per scenario, what happens, and which options a re-solved plan buys otherwise than the undisturbed one."""
    found = []
    for scenario in findings.scenarios:
        parts = []
        for name in findings.policies:
            changed = findings.option_changes(name, scenario)
            if changed:
                parts.append(
                    f"{findings.label(name)}: "
                    + ", ".join(
                        f"{option} {percent(one, 0)} → {percent(two, 0)}" for option, (one, two) in changed.items()
                    )
                )
        none = [findings.label(name) for name in findings.policies if findings.plan(name, scenario) is None]
        parts += [f"{joined(none)}: no plan"] if none else []
        title = findings.scenario_titles[scenario].rstrip(".")
        same = "no policy buys other options" if findings.instance.expansions else ""
        found.append((scenario, f"{title}. {('; '.join(parts) or same)}".strip()))
    return tuple(found)
