"""Buffers against sources: which measure buys the most survival for a unit of money."""

from __future__ import annotations

import math

import pandas as pd

from planner.report.findings import Findings
from planner.report.page.grids import Grid, Tables, made_grid
from planner.report.page.part import Section
from planner.text.cases import under
from planner.text.figures import NONE, joined, money, money_change

NO_GAIN = "no gain"
KINDS = {"buffer": "stock", "option": "capacity option", "second source": "second source"}


def buys_grid(findings: Findings, tables: Tables) -> Grid:
    """Each measure: what it costs, how much longer the site can be out, and the loss that it avoids."""
    table, scenario = tables["buys"], _scenario(tables)
    scale, unit = _weeks(findings)
    rows = []
    for _, row in table.iterrows():
        if row["status"] != "optimal":
            rows.append(
                [
                    str(row["measure"]),
                    KINDS[str(row["kind"])],
                    f"no plan ({row['status']})",
                    *[NONE] * (4 if scenario else 2),
                ]
            )
            continue
        gain, price = float(row["survival_gain"]), float(row["cost_of_a_period"])
        cells = [
            str(row["measure"]),
            KINDS[str(row["kind"])],
            money_change(float(row["extra_cost"]), findings.currency),
            f"{'+' if gain > 0 else ''}{scale * gain:.2f} {unit}".replace("-", "−") if gain else NO_GAIN,
            money(price / scale, findings.currency) if gain > 0 else NONE,
        ]
        if scenario:
            avoided, ratio = float(row["loss_avoided"]), float(row["avoided_per_money"])
            cells += [money_change(avoided, findings.currency) if avoided else NONE, _ratio(ratio)]
        rows.append(cells)
    return made_grid(
        f"Each measure by itself, added to {_first(table, 'policy')}: what it costs (all planned periods, charges for "
        "missing it left out), how much longer the site can be out"
        + (f", and how much less {scenario} costs if it strikes without warning" if scenario else ""),
        [
            *("measure", "it is a", "extra cost", "survives longer", f"cost of a {unit.removesuffix('s')}"),
            *(["loss avoided if it strikes", "avoided for each 1 spent"] if scenario else []),
        ],
        rows,
        texts=(0, 1),
    )


def _first(table: pd.DataFrame, column: str) -> str:
    return str(table[column].iloc[0]) if len(table) else ""


def _scenario(tables: Tables) -> str:
    return _first(tables["buys"], "scenario")


def _weeks(findings: Findings) -> tuple[float, str]:
    """How many weeks a period has, and the word; 1 where periods have no length."""
    periods = findings.instance.periods
    return (1.0, "periods") if periods.length is None else (periods.weeks_a_period, "weeks")


def _ratio(value: float) -> str:
    return NONE if math.isnan(value) else f"{value:.2f}".replace("-", "−")


def buys_sentence(findings: Findings, tables: Tables) -> str:
    """The best measure, the best of each other kind beside it, and whether it pays at the probability of the strike."""
    table, scenario = tables["buys"], _scenario(tables)
    scale, unit = _weeks(findings)
    done = table[table["status"] == "optimal"]
    gains = done[done["survival_gain"] > 0].sort_values("cost_of_a_period", kind="stable")
    site = _first(table, "site")
    if gains.empty:
        text = f"None of them lets {site} be out for longer: capacity is short, and the plan already uses all of it."
    else:
        best = gains.drop_duplicates("kind")
        parts = [
            f"{KINDS[str(row.kind)]} ({row.measure}) at {money(float(row.cost_of_a_period) / scale, findings.currency)}"
            for row in best.itertuples()
        ]
        others = [
            word for kind, word in KINDS.items() if (done["kind"] == kind).any() and kind not in set(best["kind"])
        ]
        text = f"A {unit.removesuffix('s')} more of survival of {site} is cheapest with {joined(parts)}"
        text += f"; no {' and no '.join(others)} lengthens it." if others else "."
    paid = done[(done["avoided_per_money"] > 0)].sort_values("avoided_per_money", ascending=False, kind="stable")
    if scenario and len(paid):
        row = paid.iloc[0]
        chance, ratio = findings.probability.get(scenario, 0.0), float(row["avoided_per_money"])
        text += (
            f" By loss avoided one {findings.currency} goes furthest with {row['measure']} "
            f"({KINDS[str(row['kind'])]}): "
            f"{ratio:.2f} if {scenario} strikes"
        )
        if chance:
            verdict = "pays for it by itself" if chance * ratio >= 1 else "does not pay for it by itself"
            text += f", which at its probability of {chance:.4g} is {chance * ratio:.2f} and {verdict}"
        text += "."
    free = done[(done["extra_cost"] <= 0) & ((done["loss_avoided"] > 0) | (done["survival_gain"] > 0))]
    if len(free):
        text += f" {joined([str(name) for name in free['measure']])} cost{'s' if len(free) == 1 else ''} nothing."
    return text


def buys_section(findings: Findings, tables: Tables) -> Section | None:
    """Stock, a second source and capacity options side by side for one site; None where that was not computed."""
    found = findings.studies.buys
    if found is None or tables["buys"].empty:
        return None
    about = (
        f"For {found.site}, {under(findings.label(found.policy))} the site that can be done without the shortest (of "
        f"equals the one with the largest loss when out), from {found.start}: stock of one period's needs at its "
        "stage, a tenth of the stage taken from its largest operator to others, and each option at the stage bought "
        "whole, each by itself beside the same policy."
    )
    binds = (
        "Stock and second source are soft: a missing unit is charged the value of the stage's dearest item, which is "
        "left out of the cost; once struck they are given up: stock is used, and any operator may make more. Where "
        "capacity binds, stock is built from units that somebody waits for, and that cost is in it. Survival is held "
        "against what the plan with the measure delivers: capacity that this plan uses up lengthens nothing, though it "
        "makes the loss smaller."
    )
    return Section(
        "buffers",
        "Buffers against sources: where money buys the most survival",
        (about, buys_sentence(findings, tables), binds),
        (buys_grid(findings, tables),),
    )
