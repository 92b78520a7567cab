"""Pictures of a sweep: how cost and lost units are spread by policy, and what drives them."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from planner.report.page.chart_marks import POLICY_COLOURS
from planner.report.pictures.svg import Drawing, Picture, box, dot, fitted, line, text
from planner.study.sweep.result import Sweep
from planner.text.cases import NO_POLICY, NOTHING_HAPPENS
from planner.text.figures import correlation, count, money, percent

WIDTH, ROW, LEFT, RIGHT = 460, 34, 112, 84  # legible on a phone
BARS, BAR = 300, 22


def policy_name(value: object) -> str:
    """The name of a policy for people."""
    return value if isinstance(value, str) else NO_POLICY


def scenario_name(value: object) -> str:
    """The name of a scenario for people."""
    return value if isinstance(value, str) else NOTHING_HAPPENS


def amounts(found: Sweep, measure: str) -> Callable[[float], str]:
    """How figures of cost or lost units are written."""
    currency = found.asked.instance.settings.currency
    return (lambda amount: money(amount, currency)) if measure == "cost" else count


def spread(found: Sweep, measure: str) -> Picture | None:
    """Quantiles of cost or lost units, a row a policy, a drawing a scenario, to one scale; None where there is none."""
    table = found.quantiles
    table = table[(table["measure"] == measure) & (table["plans"] > 0)]
    if table.empty or (measure == "lost" and table[["p95", "cvar95"]].max(axis=None) == 0):
        return None
    least, most = float(table["p05"].min()), float(table[["p95", "cvar95"]].max(axis=None))
    most = most if most > least else least + max(abs(least), 1.0)
    written, colours = amounts(found, measure), _colours(found)

    def across(amount: float) -> float:
        return LEFT + (amount - least) / (most - least) * (WIDTH - LEFT - RIGHT)

    drawings, said = [], []
    for scenario, group in table.groupby("scenario", sort=False, dropna=False):
        parts = []
        for at, row in enumerate(group.to_dict("records")):
            name, y = policy_name(row["policy"]), at * ROW + 14
            words = (
                f"{name}: half of all draws from {written(row['p25'])} to {written(row['p75'])}, nine tenths from "
                f"{written(row['p05'])} to {written(row['p95'])}; "
                f"the worst twentieth {written(row['cvar95'])} on average"
            )
            colour = colours[name]
            parts += [
                text(0, y + 4, fitted(name, LEFT - 12)),
                line([(across(row["p05"]), y), (across(row["p95"]), y)], colour, width=2, said=words),
                box(across(row["p25"]), y - 8, max(across(row["p75"]) - across(row["p25"]), 2), 16, colour, words),
                line([(across(row["p50"]), y - 8), (across(row["p50"]), y + 8)], "var(--paper)", width=2),
                dot(across(row["cvar95"]), y, 4, colour, words),
                text(across(max(row["cvar95"], row["p95"])) + 9, y + 4, written(row["cvar95"]), size=11),
            ]
            said.append(f"{scenario_name(scenario)}, {words}")
        y = len(group) * ROW
        parts.append(line([(LEFT, y), (WIDTH - RIGHT, y)], "var(--faint)"))
        for amount, anchor in ((least, "start"), (most, "end")):
            parts.append(text(across(amount), y + 15, written(amount), anchor=anchor, size=11, colour="var(--soft)"))
        drawings.append(Drawing(scenario_name(scenario), WIDTH, y + 22, "".join(parts)))
    what = "Cost over all planned periods" if measure == "cost" else "Units lost in the reported periods"
    return Picture(
        f"spread-{measure}",
        f"{what}: half of all draws in the bar, nine tenths on the line, the mean of the worst twentieth at the dot",
        f"{'. '.join(said)}.",
        tuple(drawings),
        columns=2,
    )


def drivers(found: Sweep, measure: str) -> Picture | None:
    """Rank correlations of the factors with cost or lost units, a drawing a policy and scenario; None where none is."""
    table = found.correlations
    table = table[(table["measure"] == measure) & table["rank"].notna()]
    if table.empty:
        return None
    drawings, said = [], []
    middle, half = 190.0, 70.0
    for names, group in table.groupby(["policy", "scenario"], sort=False, dropna=False):
        heading = f"{policy_name(names[0])}, {scenario_name(names[1])}"
        ordered = group.assign(size=group["rank"].abs()).sort_values("size", ascending=False, kind="stable")
        parts, words = [], []
        for at, row in enumerate(ordered.to_dict("records")):
            y, rank = at * BAR + 2, float(row["rank"])
            label = correlation(rank)
            words.append(f"{row['factor']} {label}")
            colour = "var(--touched)" if rank > 0 else "var(--free)"
            end = middle + rank * half
            anchor, beyond = ("start", end + 5) if rank >= 0 else ("end", end - 5)
            parts += [
                text(0, y + 12, fitted(str(row["factor"]), middle - half - 40)),
                box(min(middle, end), y, abs(rank) * half, 15, colour, words[-1]),
                text(beyond, y + 12, label, anchor=anchor, size=11),
            ]
        bottom = len(ordered) * BAR
        parts.append(line([(middle, 0), (middle, bottom)], "var(--soft)"))
        drawings.append(Drawing(fitted(heading, BARS), BARS, bottom + 4, "".join(parts)))
        said.append(f"{heading}: {', '.join(words)}")
    what, them = ("cost", "it") if measure == "cost" else ("lost units", "them")
    return Picture(
        f"drivers-{measure}",
        f"What drives {what}: rank correlation of each factor, from −1 (lowers {them}) to 1 (raises {them})",
        f"Bars by factor. {'. '.join(said)}.",
        tuple(drawings),
        columns=3,
    )


def indices(found: Sweep, measure: str) -> Picture | None:
    """Sobol's indices or Morris's effects, a drawing a policy and scenario; None where nothing can be said.

    Sobol: the bar is the first order, and behind it the total order. Morris: the bar is the size of the effect, and
    behind it size and spread together. The line at the end of the bar is its interval.
    """
    table = found.indices
    mode = found.asked.question.mode
    near, within, far = ("first_order", "first_order_within", "total_order")
    if mode == "morris":
        table = table.assign(both=table["size"] + table["spread"])
        near, within, far = "size", "size_within", "both"
    table = table[(table["measure"] == measure) & table[near].notna()]
    most = 1.0 if mode == "sobol" else float(table[far].max()) if len(table) else 0.0
    if table.empty or most <= 0:
        return None
    written = percent if mode == "sobol" else amounts(found, measure)
    left, room = 120.0, 110.0
    drawings, said = [], []
    for names, group in table.groupby(["policy", "scenario"], sort=False, dropna=False):
        heading = f"{policy_name(names[0])}, {scenario_name(names[1])}"
        ordered = group.sort_values(far, ascending=False, kind="stable")
        parts, words = [], []
        for at, row in enumerate(ordered.to_dict("records")):
            y, bar, back = at * BAR + 2, *(min(max(float(row[name]) / most, 0.0), 1.0) * room for name in (near, far))
            ends = [
                min(max((float(row[near]) + sign * float(row[within])) / most, 0.0), 1.0) * room for sign in (-1, 1)
            ]
            label = written(float(row[near]))
            if mode == "sobol":
                words.append(f"{row['factor']} {label} alone, {written(float(row[far]))} with others")
            else:
                words.append(f"{row['factor']} {label}, spread {written(float(row['spread']))}")
            parts += [
                text(0, y + 12, fitted(str(row["factor"]), left - 10)),
                box(left, y, back, 15, "var(--accent)", words[-1], opacity=0.3),
                box(left, y + 3, bar, 9, "var(--accent)", words[-1]),
                line([(left + ends[0], y + 7.5), (left + ends[1], y + 7.5)], "var(--ink)", width=1.5),
                text(left + max(bar, back, ends[1]) + 5, y + 12, label, size=11),
            ]
        bottom = len(ordered) * BAR
        parts.append(line([(left, 0), (left, bottom)], "var(--soft)"))
        drawings.append(Drawing(fitted(heading, BARS), BARS, bottom + 4, "".join(parts)))
        said.append(f"{heading}: {'; '.join(words)}")
    what = "cost" if measure == "cost" else "lost units"
    title = (
        f"Share of the variance of {what}: by the factor alone in the dark bar, with what it does to others "
        "in the light one, from 0 to 100 %"
        if mode == "sobol"
        else f"By how much each factor moves {what} over its range: the mean size in the dark bar, and with its spread "
        "in the light one"
    )
    return Picture(f"indices-{measure}", title, f"Bars by factor. {'. '.join(said)}.", tuple(drawings), columns=3)


def _colours(found: Sweep) -> dict[str, str]:
    names = [policy_name(name) for name in found.asked.question.policies]
    return {name: POLICY_COLOURS[at % len(POLICY_COLOURS)] for at, name in enumerate(names)}


def mean_regret(found: Sweep, measure: str) -> pd.DataFrame:
    """The rows of regret in cost or lost units, where there are policies to compare."""
    table = found.regret
    return table[table["measure"] == measure] if len(found.asked.question.policies) > 1 else table.iloc[:0]
