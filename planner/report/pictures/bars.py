"""Pictures of bars: what each part of a policy costs, what strikes take, how long sites can be out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import pandas as pd

from planner.report.findings import Findings
from planner.report.names import Names
from planner.report.pictures.policies import colours
from planner.report.pictures.svg import PHONE, Drawing, Picture, box, fitted, fitted_apart, line, text
from planner.report.sections.survival import in_weeks, within_a_day
from planner.study.stress.longest_outages import rows_within_horizon
from planner.text.figures import money, money_change

WIDTH, SPLIT, ROW = 640, 480, 26  # of bars with long names, and with short ones, which are read on a phone too
LONGEST = 14  # sites at most
BOLD = 7.2  # pixels of a bold letter of 11 pixels, in a wide font
TALL_ROW = 40  # of bars with their names above them


@dataclass(frozen=True)
class Bar:
    """A bar: its name, its length, the words at its end, and its colour."""

    name: str
    length: float
    word: str
    colour: str


def split_bars(findings: Findings) -> Picture | None:
    """A waterfall: what each part of the widest policy adds to the cost of the first; None where it is not split."""
    table = findings.studies.split
    if table.empty or table["cost"].isna().any():
        return None
    last = findings.label([*findings.undisturbed][-1])
    costs = [(str(name), float(cost)) for name, cost in zip(table["part"], table["cost"], strict=True)]
    total = money_change(_total(costs), findings.currency)
    words = ", ".join(f"{name} {money_change(cost, findings.currency)}" for name, cost in costs)
    drawing = replace(
        _waterfall(costs, findings.currency, SPLIT, 150), narrow=_waterfall(costs, findings.currency, PHONE, 112)
    )
    return Picture(
        "parts",
        f"What each part of {last} costs, switched on one after another",
        f"Bars one after another, from {findings.label(findings.first)} to {last}: {words}; together {total}.",
        (drawing,),
    )


def _total(costs: Sequence[tuple[str, float]]) -> float:
    return reduce(lambda before, part: before + part[1], costs, 0.0)


def _waterfall(costs: Sequence[tuple[str, float]], currency: str, width: float, left: float) -> Drawing:
    """Bars from one sum to the next, with names up to `left`, and all together as the last bar."""
    ends = [_total(costs[: at + 1]) for at in range(len(costs))]
    low, high = min(0.0, *ends), max(0.0, *ends)
    high = high if high > low else low + 1.0
    room = width - left - 110

    def across(amount: float) -> float:
        return left + (amount - low) / (high - low) * room

    parts, before = [], 0.0
    for at, (name, cost) in enumerate(costs):
        y, after = at * ROW, before + cost
        said = money_change(cost, currency)
        parts += [
            text(0, y + 14, fitted(name, left - 4)),
            box(
                across(min(before, after)),
                y + 2,
                max(across(max(before, after)) - across(min(before, after)), 1.5),
                17,
                "var(--accent)",
                f"{name}: {said}",
            ),
            text(across(max(before, after)) + 6, y + 15, said, weight=600),
            line([(across(after), y + 2), (across(after), y + ROW + 4)], "var(--soft)"),
        ]
        before = after
    y = len(costs) * ROW
    parts += [
        text(0, y + 16, "together", weight=600),
        box(across(min(0.0, before)), y + 4, across(max(0.0, before)) - across(min(0.0, before)), 17, "var(--ink)"),
        text(across(max(0.0, before)) + 6, y + 17, money_change(before, currency), weight=600),
    ]
    return Drawing("", width, y + 30, "".join(parts))


def loss_bars(findings: Findings, table: pd.DataFrame, names: Names) -> Picture | None:
    """Loss of every policy when a scenario strikes without warning, a drawing a scenario; None where none does."""
    known = table[table["loss"].notna()]
    if known.empty:
        return None
    policies = [name for name in colours(findings) if (known["policy"] == name).any()]
    order = known.groupby("scenario")["loss"].max().sort_values(ascending=False, kind="stable")
    drawings, said, paint = [], [], colours(findings)
    titles = fitted_apart([names.short(str(scenario)) for scenario in order.index], 284)
    widest = max(len(money(float(loss), findings.currency)) for loss in known["loss"])
    left, room = 102, max(284 - 102 - 5 - BOLD * widest, 30)
    for title, (scenario, most) in zip(titles, order.items(), strict=True):
        own = known[known["scenario"] == scenario].set_index("policy")
        parts = []
        for at, policy in enumerate(policies):
            y = 20 * at
            parts.append(text(0, y + 13, fitted(policy, left - 4)))
            if policy not in own.index:
                parts.append(text(left, y + 13, "no plan", colour="var(--soft)"))
                continue
            loss = float(own.loc[policy, "loss"])
            amount = money(loss, findings.currency)
            length = room * max(loss, 0.0) / float(most) if most > 0 else 0
            parts += [
                box(left, y + 2, length, 14, paint[policy], f"{policy}: {amount}"),
                text(left + 5 + length, y + 13, amount, size=11, weight=600),
            ]
        drawings.append(Drawing(title, 284, 20 * len(policies) + 8, "".join(parts)))
        said.append(
            f"{names.short(str(scenario))}: "
            + ", ".join(
                f"{policy} {money(float(own.loc[policy, 'loss']), findings.currency)}"
                for policy in policies
                if policy in own.index
            )
        )
    return Picture(
        "losses",
        "Loss when it strikes without warning, against the same policy undisturbed",
        f"Bars by policy, a drawing a scenario, each to its own scale. {'; '.join(said)}.",
        tuple(drawings),
        columns=3,
    )


def survival_bars(findings: Findings, table: pd.DataFrame, names: Names) -> Picture | None:
    """How long each site can be out before a customer gets less; sites with less than a day are named in the text."""
    own = asked_sites(findings, table)
    own = own[rows_within_horizon(own) & ~within_a_day(own)]
    if own.empty:
        return None
    weeks = in_weeks(own)
    column, unit = ("weeks", "weeks") if weeks else ("periods", f"{findings.period_word}s")
    own = own.sort_values([column, "of"], kind="stable").head(LONGEST)
    rows = own.to_dict("records")
    inside = [_region(findings, str(row["of"])) in findings.concern.regions for row in rows]
    bars = [
        Bar(
            names.short(str(row["of"])),
            float(row[column]),
            f"{'at least ' if row['at_least'] else ''}{float(row[column]):.1f} {unit}",
            f"var(--{'touched' if within else 'free'})",
        )
        for row, within in zip(rows, inside, strict=True)
    ]
    return Picture(
        "survival",
        f"How long a site can be out before any customer gets less, from {own['start'].iloc[0]}",
        f"Bars, the shortest first: {', '.join(f'{bar.name} {bar.word}' for bar in bars)}.",
        (replace(_bars_beside(bars), narrow=_bars_below(bars)),),
        ((f"in {findings.concern.title}", "var(--touched)"), ("elsewhere", "var(--free)")),
    )


def _bars_beside(bars: Sequence[Bar]) -> Drawing:
    """Bars with their names on the left."""
    most, parts = max(bar.length for bar in bars), []
    for at, (bar, name) in enumerate(zip(bars, fitted_apart([bar.name for bar in bars], 240), strict=True)):
        y, wide = at * ROW, 230 * bar.length / most
        parts += [
            text(0, y + 14, name),
            box(250, y + 2, wide, 17, bar.colour, f"{bar.name}: {bar.word}"),
            text(256 + wide, y + 15, bar.word, weight=600),
        ]
    return Drawing("", WIDTH, len(bars) * ROW + 4, "".join(parts))


def _bars_below(bars: Sequence[Bar]) -> Drawing:
    """Bars with their names above them, for narrow screens."""
    most, parts = max(bar.length for bar in bars), []
    room = PHONE - 8 - BOLD * 12 / 11 * max(len(bar.word) for bar in bars)
    for at, (bar, name) in enumerate(zip(bars, fitted_apart([bar.name for bar in bars], PHONE), strict=True)):
        y, wide = at * TALL_ROW, room * bar.length / most
        parts += [
            text(0, y + 12, name),
            box(0, y + 17, wide, 13, bar.colour, f"{bar.name}: {bar.word}"),
            text(wide + 6, y + 28, bar.word, weight=600),
        ]
    return Drawing("", PHONE, len(bars) * TALL_ROW, "".join(parts))


def asked_sites(findings: Findings, table: pd.DataFrame) -> pd.DataFrame:
    """The sites whose time to survive is known, under the first policy for which it was computed."""
    own = table[table["over"] == "site"]
    asked = [findings.label(name) for name in findings.undisturbed if (own["policy"] == findings.label(name)).any()]
    return own[own["policy"] == asked[0]] if asked else own


def _region(findings: Findings, site: str) -> str:
    return next((row.region for row in findings.instance.sites if row.site == site), "")
