"""Notes that must be read with the figures of the first screen, and what happens in each scenario."""

from __future__ import annotations

import math
from collections.abc import Mapping

from planner.report.findings import Findings, difference
from planner.report.left_out import coming_sentence, left_out_sentence
from planner.report.sections.answer import cost_change, partial_policy
from planner.report.sections.pathways import move, view_sentence, view_title, views
from planner.report.sections.recovery import verdict
from planner.report.tables.strikes import strikes
from planner.text.figures import first_of, joined, money, percent

MOST_CHANGED = 12  # options that a line names
SCENARIO_LINES = "What happens, and options that the policies then buy otherwise than undisturbed (share bought)"


def notes(findings: Findings) -> tuple[str, ...]:
    """The notes that must be read with the figures of the first screen."""
    studies = findings.studies
    found = [text for text in (coming_sentence(studies.coming), left_out_sentence(studies.left_out)) if text]
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
    said = verdict(findings, {"strikes": strikes(findings)})
    if said:
        found.append(f"Struck without warning, the past frozen: {said}")
    found += [f"{title}: {text}" for title, text in view_lines(findings, brief=True)[1:]]
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


def view_lines(findings: Findings, *, brief: bool = False) -> tuple[tuple[str, str], ...]:
    """For each view of what binds its title and its sentence; the undisturbed view first.

    Empty where no policy limits only the front of the chain.
    """
    part, last = partial_policy(findings), findings.policies[-1]
    if part is None or findings.first in {part, last} or move(findings, part) is None:
        return ()
    return tuple(
        (view_title(findings, view), view_sentence(findings, view, part, last, brief=brief)) for view in views(findings)
    )


def _worth(findings: Findings, name: str | None, saved: float) -> str:
    extra, label = cost_change(findings, name), findings.label(name)
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
            plan, usual = findings.plan(name, scenario), cost_change(findings, name)
            change = difference(plan.objective, base.objective) if plan and base else 0.0
            if usual * change < 0:
                word = "less" if change < 0 else "more"
                parts.append(f"{findings.label(name)} costs {money(abs(change), findings.currency)} {word}")
        if parts:
            found.append(f"in {scenario} {joined(parts)} than {findings.label(findings.first)}")
    return found


def scenario_lines(findings: Findings) -> tuple[tuple[str, str], ...]:
    """For each scenario what happens, and which options its plan buys in other shares than the undisturbed plan."""
    found = []
    for scenario in findings.scenarios:
        parts = []
        for name in findings.policies:
            changed = findings.option_changes(name, scenario)
            if changed:
                parts.append(f"{findings.label(name)}: {_options_changed(changed)}")
        none = [findings.label(name) for name in findings.policies if findings.plan(name, scenario) is None]
        parts += [f"{joined(none)}: no plan"] if none else []
        title = findings.scenario_titles[scenario].rstrip(".")
        same = "no policy buys other options" if findings.instance.expansions else ""
        found.append((scenario, f"{title}. {('; '.join(parts) or same)}".strip()))
    return tuple(found)


def _options_changed(changed: Mapping[str, tuple[float, float]]) -> str:
    """`a 0 % → 50 %, b 100 % → 0 %`: of many options those of which most changes, and how many more there are."""
    options = list(changed)
    if len(options) > MOST_CHANGED:
        options.sort(key=lambda option: -abs(changed[option][1] - changed[option][0]))
    shares = {option: [percent(share, 0) for share in changed[option]] for option in options}
    return first_of([f"{option} {one} → {two}" for option, (one, two) in shares.items()], MOST_CHANGED)
