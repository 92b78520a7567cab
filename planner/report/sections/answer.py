"""The answer of a report: one sentence derived from its figures."""

from __future__ import annotations

import math

from planner.instance.policy import rules_of
from planner.report.findings import Findings, difference
from planner.report.sections.audit import most_free
from planner.report.sections.pathways import CLOSE, Move, differ, move, moves_text, touched, units_text
from planner.text.figures import count, joined, money, nearly, percent

LARGER = 1.01
NO_MORE = 5e-6  # of the first policy's cost: a smaller change is told as none


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


def answer_sentence(findings: Findings) -> str:
    """The cost of the policy with most limits against the one with fewest, and the effect of limiting a part only."""
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
        moved = _shares_moved(findings, last)
        return f"{found}{moved}{_units_moved(findings, last, moved)}{_worst_of(findings, [last])}."
    front, whole = move(findings, part), move(findings, last)
    if front is not None and whole is not None:
        return f"{_by_units(findings, part, last, front, whole)}{_worst_of(findings, [part, last])}."
    held = _left_behind(findings, part)
    change = cost_change(findings, part)
    dearer = change > CLOSE * abs(_cost(findings, first))
    text = f"{found}; {_subject(findings, part, alone=True)} costs {_against(findings, part, short=True)}"
    if held and not _safer(findings, part):
        text += f" {'and is' if dearer else 'but is'} not enough"
    text += f": it {_moves(findings, part)}" + (f" but leaves {held} there" if held else "")
    return text + _worst_of(findings, [part, last]) + "."


def _by_units(findings: Findings, part: str | None, last: str | None, front: Move, whole: Move) -> str:
    """The effect on a stage and on finished units of limiting the front of the chain, and of limiting all of it."""
    text = f"{_subject(findings, part, alone=True)} {moves_text(findings, front)}"
    text = f"{text[:1].upper()}{text[1:]}, and costs {_against(findings, part)} {findings.label(findings.first)}"
    further = whole.units_after - front.units_after
    if abs(further) <= CLOSE or not differ(front.units_after, whole.units_after):
        wide = f"leaves it at {nearly(whole.units_after)}"
    else:
        wide = f"{'lowers' if further < 0 else 'raises'} that to {nearly(whole.units_after)}"
    text += f"; {_subject(findings, last, alone=True)} {wide} and costs {_against(findings, last, short=True)}"
    most = most_free(findings)
    if not math.isnan(most) and most < 1:
        text += f", and no policy could keep more than {nearly(most)} of the orders free of {findings.concern.title}"
    return text


def _units_moved(findings: Findings, name: str | None, moved: str) -> str:
    """`, the share of finished units that touch Taiwan from 99.8 % to 91 %`, where it is known, after what `moved`."""
    before, after = touched(findings, findings.first), touched(findings, name)
    if before is None or after is None:
        return ""
    text = units_text(findings, before.share, after.share)
    if moved:
        return f", {text}"
    return f" and takes {text}" if differ(before.share, after.share) else f" and leaves {text.replace(' staying', '')}"


def _alone(findings: Findings) -> str:
    name = findings.first
    plan = findings.undisturbed[name]
    service, held = plan.service_summary, findings.shares(name)
    stage = max(held, key=lambda key: held[key], default="")
    older = f" and {count(plan.owed_before)} owed from before" if plan.owed_before else ""
    text = (
        f"{findings.label(name)[:1].upper()}{findings.label(name)[1:]} delivers {count(service['delivered'])} of "
        f"{count(service['demand'])} units ordered{older} at a cost of {money(plan.objective, findings.currency)}"
    )
    if stage:
        text += f", with {nearly(held[stage])} of {stage} in {findings.concern.title}"
    units = touched(findings, name)
    if units is not None:
        text += f"{' and' if stage else ', with'} {nearly(units.share)} of finished units touching "
        text += f"{findings.concern.title} at some stage"
    return f"{text}{_worst_of(findings, [])}."


def _subject(findings: Findings, name: str | None, *, alone: bool = False) -> str:
    stages = findings.limited_stages(name)
    whole = len(stages) == len(findings.instance.stages)
    what = "every stage" if whole else f"the {joined(stages)} stage{'s' if len(stages) > 1 else ''}"
    policy = findings.policy(name)
    if any(limit.measure == "pathway" for limit in rules_of(policy).limits):
        what = f"{what} and the whole pathway of units" if stages else "the whole pathway of units"
        stages, alone_word = stages or ("",), ""
    else:
        alone_word = "" if whole else " alone"
    if not stages:
        return f"the policy {findings.label(name)}" if alone else f"The policy {findings.label(name)}"
    return f"{'limiting' if alone else 'Limiting'} {what}{alone_word if alone else ''} ({findings.label(name)})"


def _cost(findings: Findings, name: str | None) -> float:
    plan = findings.plan(name)
    return plan.objective if plan else math.nan


def cost_change(findings: Findings, name: str | None) -> float:
    """Cost of a policy over the first one, both undisturbed."""
    return difference(_cost(findings, name), _cost(findings, findings.first))


def extra_cost(findings: Findings, change: float) -> str:
    """A change of cost after the word "costs": `USD 4.3 bn more`, `USD 2 less` or `no more`."""
    if math.isnan(change) or abs(change) <= NO_MORE * abs(_cost(findings, findings.first)):
        return "no more"
    return f"{money(abs(change), findings.currency)} {'more' if change > 0 else 'less'}"


def _against(findings: Findings, name: str | None, *, short: bool = False) -> str:
    """`USD 4.3 bn (1.1 %) more than`; `less than` or `as much as` where that fits the figures."""
    change, base = cost_change(findings, name), _cost(findings, findings.first)
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
            parts.append(f"of {stage} from {nearly(one)} to {nearly(two)}")
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
    return joined([f"{nearly(held[stage])} of {stage}" for stage in kept])


def _safer(findings: Findings, name: str | None) -> bool:
    """Whether a policy loses less than the first one in its worst scenario."""
    one, two = findings.worst(findings.first), findings.worst(name)
    return one is not None and two is not None and two.cost < one.cost / LARGER


def worst_strike(findings: Findings) -> str | None:
    """The scenario that takes most from the first policy when it strikes without warning; None where none does."""
    losses = {
        row.scenario: row.loss for row in findings.studies.stressed if row.policy == findings.first and row.loss > 0
    }
    return max(losses, key=lambda name: (losses[name], name), default=None)


def _struck(findings: Findings, names: list[str | None]) -> str:
    """The loss of the first policy and the named ones in the worst surprise, and in the same scenario with warning."""
    wanted = list(dict.fromkeys((findings.first, *names)))
    losses = {(row.scenario, row.policy): row.loss for row in findings.studies.stressed if not math.isnan(row.loss)}
    own = [scenario for scenario, policy in losses if policy == findings.first and losses[scenario, policy] > 0]
    if not own:
        return ""
    worst = findings.worst(findings.first)
    most = max(own, key=lambda scenario: (losses[scenario, findings.first], scenario))
    chosen = worst.scenario if worst is not None and worst.scenario in own else most
    known = [name for name in wanted if (chosen, name) in losses]
    text = f"; if {chosen} strikes without warning, " + joined(
        [f"{findings.label(name)} loses {money(losses[chosen, name], findings.currency)}" for name in known]
    )
    ahead = [findings.cost_change(name, chosen) for name in known]
    if any(map(math.isnan, ahead)):
        return text
    return f"{text} ({joined([money(loss, findings.currency) for loss in ahead])} if known from the first period)"


def _worst_of(findings: Findings, names: list[str | None]) -> str:
    """The worst scenario of the first policy, and its cost to that policy and to the named ones."""
    struck = _struck(findings, names)
    if struck:
        return struck
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
    ends = [
        (stage, nearly(findings.shares(findings.first).get(stage, 0.0)), nearly(findings.shares(name)[stage]))
        for stage in stages
    ]
    moved = [f"{stage} ({one} to {two})" for stage, one, two in ends if one != two]
    kept = [f"of {stage} at {two}" for stage, one, two in ends if one == two]
    if moved:
        return f" and moves {findings.concern.title}'s share of {joined(moved)}"
    return f" and leaves {findings.concern.title}'s share {joined(kept)}" if kept else ""
