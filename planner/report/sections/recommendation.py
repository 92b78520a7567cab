"""What to decide and by when: options that every policy buys, those that the widest policy adds, and their worth."""

from __future__ import annotations

import math
import re
from datetime import timedelta

from planner.instance.labels import read_span
from planner.report.calendar_parts import spoken
from planner.report.findings import Findings
from planner.report.names import MORE_AT, Names
from planner.report.sections.answer import cost_change, extra_cost
from planner.text.figures import joined, money, percent

BOUGHT = 0.02  # share of an option from which it counts as bought
MOST_NAMED = 16  # options that a line names
Lines = tuple[tuple[str, str], ...]


def recommendation(findings: Findings, names: Names) -> Lines:
    """(what, words), the first line first."""
    if not findings.undisturbed:
        return ()
    worth, chosen = _worth(findings)
    found = [line for line in (worth, *_decisions(findings, names, chosen)) if line is not None]
    return tuple(found)


def expected_losses(findings: Findings) -> dict[str | None, float]:
    """By policy, sum of probability x loss without warning (gains count as none); NaN where a loss is not known."""
    chance = findings.probability
    found: dict[str | None, float] = {}
    for row in findings.studies.stressed:
        part = chance.get(row.scenario, 0.0)
        if part > 0 and row.policy in findings.undisturbed:
            loss = row.loss if math.isnan(row.loss) else max(0.0, row.loss)
            found[row.policy] = found.get(row.policy, 0.0) + part * loss
    return found


def _worth(findings: Findings) -> tuple[tuple[str, str] | None, str | None]:
    """The sentence on which policy is best at the given probabilities, or would be if strikes were likelier; and it."""
    first, last = findings.first, [*findings.undisturbed][-1]
    losses = expected_losses(findings)
    if first == last or any(math.isnan(losses.get(name, math.nan)) for name in findings.undisturbed):
        return None, last
    extra = {name: cost_change(findings, name) for name in findings.undisturbed}
    saved = {name: losses[first] - losses[name] for name in extra}
    best = min(extra, key=lambda name: (extra[name] - saved[name], list(extra).index(name)))
    label, currency = findings.label, findings.currency
    if best != first:
        words = f"it costs {extra_cost(findings, extra[best])} and {_saved(saved[best], currency)}"
        return (f"Choose {label(best)}", words), best
    worth = {name: extra[name] / saved[name] for name in extra if saved[name] > 0 and extra[name] > 0}
    if not worth:
        return (f"Stay with {label(first)}", "no policy with limits lowers the expected loss of the strikes"), last
    cheapest = min(worth, key=lambda name: worth[name])
    words = f"it costs {extra_cost(findings, extra[cheapest])} and {_saved(saved[cheapest], currency)}"
    most = math.fsum(
        findings.probability.get(row.scenario, 0.0) for row in findings.studies.stressed if row.policy == first
    )
    if worth[cheapest] * most > 1.0:  # scenarios exclude each other, so that they cannot be as likely as that
        rest = f"strikes cannot be {_times(worth[cheapest])} as likely as assumed, as it would take for that to pay"
        return (f"Stay with {label(first)}", f"{label(cheapest)} {words.removeprefix('it ')}; {rest}"), last
    what = f"Choose {label(cheapest)} only if strikes are at least {_times(worth[cheapest])} as likely as assumed"
    return (what, f"{words}; else {label(first)}"), cheapest


def _saved(amount: float, currency: str) -> str:
    """`saves USD 2 of expected loss`; `adds USD 2 to the expected loss` where it is less than nothing."""
    if amount < 0:
        return f"adds {money(-amount, currency)} to the expected loss"
    return f"saves {money(amount, currency)} of expected loss"


def _times(ratio: float) -> str:
    return f"{ratio:.1f} times".replace(".0 times", " times")


def _decisions(findings: Findings, names: Names, chosen: str | None) -> list[tuple[str, str] | None]:
    """The options with their dates: those of every policy, and those that the chosen and the widest policy add."""
    bought = {
        name: dict(zip(plan.expansions["option"], map(float, plan.expansions["share"]), strict=True))
        for name, plan in findings.undisturbed.items()
    }
    last = [*findings.undisturbed][-1]
    options = still_open(findings)
    always = [name for name in options if all(part.get(name, 0.0) >= BOUGHT for part in bought.values())]
    lines: list[tuple[str, str] | None] = []
    if always:
        lines.append(("Whatever the policy", _by_date(findings, names, always, {})))
    for policy in dict.fromkeys((chosen, last)):
        added = [name for name in options if bought[policy].get(name, 0.0) >= BOUGHT and name not in always]
        if added and policy != findings.first:
            also = " also" if always else ""
            lines.append((f"For {findings.label(policy)}{also}", _by_date(findings, names, added, bought[policy])))
            lines += [_latest(findings, names)] if policy == last else []
    return lines


def still_open(findings: Findings) -> dict[str, None]:
    """The options that are not decided yet, in order; of the others the bought share is known."""
    return dict.fromkeys(row.option for row in findings.instance.expansions if row.bought is None)


def latest_decision(findings: Findings, option: str) -> str:
    """The label of the last period in which an option can be decided so that it counts when the plan first uses it."""
    periods = findings.instance.periods
    row = next(row for row in findings.instance.expansions if row.option == option)
    at = periods.window(row.period).start - row.lead_time
    return periods.labels[at] if at >= 0 else f"before {periods.labels[0]}"


def _by_date(findings: Findings, names: Names, options: list[str], shares: dict[str, float]) -> str:
    """`before 2027Q1 A and B; by 2027Q2 C`: the options by date, those that come first, and how many more there are."""
    latest = {option: latest_decision(findings, option) for option in options}
    place = findings.instance.periods.index
    soonest = sorted(options, key=lambda option: place.get(latest[option], -1))
    dates: dict[str, list[str]] = {}
    for option in soonest[:MOST_NAMED]:
        share = shares.get(option, 1.0)
        part = f" ({percent(share, 0)})" if share < 0.995 else ""
        dates.setdefault(latest[option], []).append(f"{names(option)}{part}")
    parts = [f"{_by(findings, date)} {_together(named)}" for date, named in dates.items()]
    more = len(soonest) - MOST_NAMED
    return "; ".join([*parts, f"{more:,} more, which the table of options has"] if more > 0 else parts)


def _by(findings: Findings, label: str) -> str:
    """`by 2027Q1`, `before 2027Q1`; `now (was due by 2026Q1)` where that period had ended on the date of the data."""
    instance = findings.instance
    text = label if label.startswith("before") else f"by {spoken(label)}"
    at = instance.periods.index.get(label)
    span = instance.periods.spans[at or 0]
    data = read_span(re.split("[,;(]", instance.settings.as_of, maxsplit=1)[0])
    if span is None or data is None:
        return text
    over = span.first if at is None else span.last + timedelta(days=1)  # before the first period, or the label's own
    return f"now (was due {text})" if over <= data.first else text


def _together(options: list[str]) -> str:
    """The names of some options in one phrase, in which their common beginning is written once."""
    if all(option.startswith(MORE_AT) for option in options):
        return f"more capacity at {joined([option.removeprefix(MORE_AT) for option in options])}"
    return joined(options)


def _latest(findings: Findings, names: Names) -> tuple[str, str] | None:
    """Options without which, or later than which, the widest policy's limits cannot be kept."""
    table = findings.studies.decide
    if table is None or table.empty:
        return None
    rows = table[table["lever"] != ""]
    if rows.empty:
        return ("Its limits", "cannot all be kept without more late or lost units, whatever is decided")
    decided = {row.option for row in findings.instance.expansions} - set(still_open(findings))
    rows = rows[~rows["lever"].isin(decided)]
    if rows.empty:
        return None
    first = findings.instance.periods.labels[0]
    dates = [str(date).replace("before", f"before {first}") for date in rows["decide_by"]]
    parts = [f"{names(str(lever))} {_by(findings, date)}" for lever, date in zip(rows["lever"], dates, strict=True)]
    return ("Later than this its limits cannot be kept", joined(parts, "and", MOST_NAMED))
