"""The first screen: one line that readers can repeat, and the basis of its figures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.plan.plan import Plan
from planner.report.calendar_parts import spoken_window
from planner.report.findings import Findings
from planner.report.sections.answer import answer_sentence, cost_change, extra_cost, partial_policy
from planner.report.sections.data_sources import ASSUMED, MISSING, MIXED, sources
from planner.report.sections.pathways import CLOSE, differ, touched
from planner.text.cases import as_subject
from planner.text.figures import counted, joined, money, nearly, percent

MOST_WORDS = 25


def word_count(text: str) -> int:
    """The number of words in a text; punctuation between them does not count."""
    return len(re.findall(r"[^\s;:,.()–]*\w[^\s;:,.()–]*(?:[.,]\d+)*", text))


def headline(findings: Findings) -> str:
    """A sentence of at most 25 words that a board member can repeat: the most complete one that fits."""
    shortest = ""
    for found in _candidates(findings):
        text = found[:1].upper() + found[1:]
        if word_count(text) <= MOST_WORDS:
            return text
        shortest = text if not shortest or word_count(text) < word_count(shortest) else shortest
    cut = " ".join(shortest.split()[: MOST_WORDS - 1])
    return cut.rstrip(" ,;:") + " …"


def _candidates(findings: Findings) -> Iterator[str]:
    if not findings.undisturbed:
        yield answer_sentence(findings)
        yield "No policy has a plan."
        return
    first, last = findings.first, [*findings.undisturbed][-1]
    if last == first:
        yield from _alone(findings)
        return
    part = partial_policy(findings)
    base, whole = touched(findings, first), touched(findings, last)
    where, extra = findings.concern.title, _costs(findings, last)
    name = findings.label(last)
    if base is None or whole is None:
        yield f"{name} costs {extra} than {findings.label(first)}."
        return
    front = touched(findings, part) if part not in {None, first, last} else None
    if front is not None:
        stages = joined(list(findings.limited_stages(part)))
        own = _costs(findings, part)
        yield from _two(
            findings, (stages, own, front.share), (extra, whole.share), moved=base.share - front.share > CLOSE
        )
    if differ(base.share, whole.share):
        shares = f"from {nearly(base.share)} to {nearly(whole.share)}"
        yield f"{name} costs {extra} and takes units touching {where} {shares}."
    else:
        yield f"{name} costs {extra} and leaves {nearly(whole.share)} of units touching {where}."
    yield f"{name} costs {extra}; {nearly(whole.share)} of units touch {where}."


def _two(findings: Findings, front: tuple[str, str, float], whole: tuple[str, float], *, moved: bool) -> Iterator[str]:
    """Limits on the front of the chain (stages, cost, share of units touched), and on all of it (cost, share)."""
    (stages, own, share), (extra, left), where = front, whole, findings.concern.title
    rest = f"frees {nearly(1 - left)} for {extra}"
    if moved:
        one = f"Limiting {stages} alone frees {nearly(1 - share)} of units from {where} for {own}"
        yield f"{one}; limiting the whole chain {rest}."
        yield f"{one}; the whole chain {rest}."
    else:
        one = f"Limiting {stages} alone leaves {nearly(share)} of units touching {where} and costs {own}"
        yield f"{one}; limiting the whole chain {rest}."
        yield f"{one}; the whole chain {rest}."


def _costs(findings: Findings, name: str | None) -> str:
    return extra_cost(findings, cost_change(findings, name))


def _alone(findings: Findings) -> Iterator[str]:
    plan, label = findings.undisturbed[findings.first], as_subject(findings.label(findings.first))
    fill = nearly(plan.service_summary["fill_rate"])
    units = touched(findings, findings.first)
    text = f"{label} serves {fill} of what is ordered for {money(plan.objective, findings.currency)}"
    if units is not None:
        yield f"{text}; {nearly(units.share)} of units touch {findings.concern.title}."
    yield f"{text}."


def basis(findings: Findings) -> tuple[tuple[str, str], ...]:
    """The basis of the figures on the first screen, as pairs (subject, sentence)."""
    instance = findings.instance
    counts = [count for table in sources(instance).values() for count in table.items()]
    rows = sum(number for _, number in counts)
    weak = sum(number for kind, number in counts if kind in {ASSUMED, MIXED, MISSING})
    plans = [run for run in findings.runs.values() if isinstance(run, Plan)]
    good = sum(plan.certificate.passed for plan in plans)
    under = f" and under {counted(len(findings.scenarios), 'scenario')}" if findings.scenarios else ""
    checked = "the one plan was" if good == len(plans) == 1 else f"{good} of {len(plans)} plans"
    return (
        (
            "Data",
            (
                f"{instance.settings.name}, as of {instance.settings.as_of or 'a date not given'}, "
                f"content {instance.content_hash[:12]}; {rows:,} rows, "
                f"{percent(weak / rows if rows else 0, 0)} of them assumed or without source, at least in part"
            ),
        ),
        (
            "Runs",
            (f"{len(findings.runs)}: every policy, undisturbed{under}; orders of {spoken_window(findings.periods)}"),
        ),
        ("Checked", f"{checked} re-added outside the solver and passed"),
    )
