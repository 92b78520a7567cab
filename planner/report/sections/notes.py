"""Notes that must be read with the figures of the first screen, and what happens in each scenario."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

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
    return tuple(text for kind in NOTES for text in kind(findings) if text)


def _not_there(findings: Findings) -> Iterator[str]:
    studies = findings.studies
    yield coming_sentence(studies.coming)
    yield left_out_sentence(studies.left_out)


def _not_proved(findings: Findings) -> Iterator[str]:
    plans = [(name, findings.plan(name)) for name in findings.undisturbed]
    gaps = [
        f"{percent(plan.gap)} for {findings.label(name)}" for name, plan in plans if plan and plan.status != "optimal"
    ]
    if gaps:
        yield (
            f"Not proved: a limit stopped the search, and the cost may be above the least by up to {joined(gaps)}. "
            "The sentence and figures above are of the plans found so far."
        )


def _options_differ(findings: Findings) -> Iterator[str]:
    every = len(findings.instance.expansions)
    allowed = {findings.label(name): len(findings.allowed(name)) for name in findings.undisturbed}
    fewer = [f"{label} may buy {count} of {every}" for label, count in allowed.items() if count < every]
    if fewer and len(findings.policies) > 1:
        yield (
            f"The policies differ in options as well as in limits: {joined(fewer)}. "
            "So a difference in cost is that of the whole policy, not of its limits alone."
        )


def _foresight(findings: Findings) -> Iterator[str]:
    if findings.scenarios:
        yield (
            "Scenario runs are planned anew and know the scenario from the first period: a surprise costs at "
            "least this under the same limits."
        )


def _struck(findings: Findings) -> Iterator[str]:
    if said := verdict(findings, {"strikes": strikes(findings)}):
        yield f"Struck without warning, the past frozen: {said}"


def _views(findings: Findings) -> Iterator[str]:
    for title, words in view_lines(findings, brief=True)[1:]:  # the undisturbed view is the summary's own sentence
        yield f"{title}: {words}"


def _order_turns(findings: Findings) -> Iterator[str]:
    if turned := _turned(findings):
        yield f"The order by cost turns in some scenarios: {'; '.join(turned)}."


def _expected_losses(findings: Findings) -> Iterator[str]:
    expected = {name: findings.expected_change(name) for name in findings.undisturbed}
    if not any(findings.probability.values()) or len(expected) < 2 or any(map(math.isnan, expected.values())):
        return
    first = findings.first
    losses = [f"{money(value, findings.currency)} for {findings.label(name)}" for name, value in expected.items()]
    worth = [_worth(findings, name, expected[first] - loss) for name, loss in expected.items() if name != first]
    yield (
        "Expected loss over the scenarios with a probability, with the same foresight: "
        f"{joined(losses)}. {' '.join(worth)}"
    )


NOTES = (_not_there, _not_proved, _options_differ, _foresight, _struck, _views, _order_turns, _expected_losses)


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
