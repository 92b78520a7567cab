"""An earlier plan that stays: rows that hold what it does in some periods, or what it makes where.

A frozen zone: what it starts, sends and buys in some periods stays, or changes at a price.

    sum over classes C of x[d,C] - more[d] <= (1 + 1e-7) * planned[d]    for each decision d of the zone
    sum over classes C of x[d,C] + less[d] >= (1 - 1e-7) * planned[d]
    less, more >= 0;  cost + break_cost * discount[t] * (less + more)

x is make (units started, by period of start), ship (units sent, by period of departure) or expand (share of an option,
by the period in which it must be decided). Without a price `less` and `more` are left out. The tables of a plan hold
nine digits, which balance to the ninth alone: held to all of them, what is left over would be started or sent somewhere
else, in amounts too small for a row of a table.

A limit on what is re-sourced: of the good units of the earlier plan at most so many are taken from their sites, and a
change in the tenth digit counts there no more than in the zone.

The rows are added to a program beside those of its families, as a user's own would be, since they depend on a plan.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import pulp

from planner.instance.instance import Instance
from planner.model.program import Program
from planner.model.variable_blocks import Block
from planner.model.words.lines import Line, Wording

FROZEN = Wording(
    "frozen",
    lambda phrase: f"The frozen zone keeps {phrase['decision']}.",
    way_out="What is frozen could change at a price (--break-cost MONEY), and a shorter zone keeps less.",
)
PLANNED_THERE = Wording(
    "planned_there",
    lambda phrase: (
        f"What the earlier plan makes of {phrase['item']} at {phrase['site']} {phrase.when} stays, or is re-sourced."
    ),
    over=("period", "item", "site"),
    by_nature=True,
)
MOST_RESOURCED = Wording(
    "most_resourced",
    lambda _: "No more may be taken from the sites of the earlier plan.",
    way_out="More could be taken from them (--most-resourced UNITS).",
)
PARTS = (("make", "production", "started"), ("ship", "shipments", "quantity"))
ROUNDING_SLACK = 1e-7  # of a planned figure: what nine digits leave open, and a little more


def options_decided(instance: Instance, labels: Collection[str]) -> dict[str, str]:
    """The options that must be decided in some periods, each with the period: lead_time periods before it counts."""
    periods = instance.periods
    at = {row.option: periods.window(row.period).start - row.lead_time for row in instance.expansions}
    return {option: periods.labels[k] for option, k in at.items() if k >= 0 and periods.labels[k] in labels}


def hold_zone(
    program: Program, tables: Mapping[str, pd.DataFrame], window: range, break_cost: float | None = None
) -> list[str]:
    """Add the rows of a frozen zone to a program.

    Args:
        program: what is planned now.
        tables: of the earlier plan (production, shipments, expansions).
        window: positions of the periods of the zone.
        break_cost: cost of a unit started, sent or bought (a whole option) more or less than planned, in money before
            discounting; None where all of it stays.

    Returns:
        what was planned there and is no possible decision any more, in words.
    """
    lost: list[str] = []
    labels = program.network.instance.periods.labels[window.start : window.stop]
    for name, table, figure in PARTS:
        block: Block = getattr(program, name)
        at = (block.labelled["position"] >= window.start) & (block.labelled["position"] < window.stop)
        planned = tables[table]
        if name == "ship":  # what is handed over at its customer was decided before
            at &= block.labelled["from"] != block.labelled["to"]
            planned = planned[planned["from"] != planned["to"]]
        planned = planned[planned["period"].isin(labels)]
        lost += _hold(program, block, block.labelled[at], planned, figure, break_cost)
    decided = program.expand.labelled
    now = decided["option"].isin(list(options_decided(program.network.instance, labels))).to_numpy(dtype=bool)
    bought = tables["expansions"]
    bought = bought[bought["option"].isin(decided["option"][now])]
    lost += _hold(program, program.expand, decided[now].drop(columns="position"), bought, "share", break_cost)
    return lost


def _hold(
    program: Program, block: Block, open_now: pd.DataFrame, planned: pd.DataFrame, figure: str, price: float | None
) -> list[str]:
    """Add a row for each decision of a block in the zone; the planned ones that are no decision now are returned."""
    keys = list(block.spec.keys)
    parts: dict[Any, list[int]] = {}
    for row, label in zip(open_now.index, open_now[keys].itertuples(index=False, name=None), strict=True):
        parts.setdefault(label, []).append(int(row))
    amounts = planned.groupby(keys)[figure].sum() if len(planned) else pd.Series(dtype=float)
    wanted = {label if isinstance(label, tuple) else (label,): float(amount) for label, amount in amounts.items()}
    little = 1e-9 * max(wanted.values(), default=0.0)
    discount = program.network.discount.to_numpy()
    index = program.network.instance.periods.index
    for label, rows in parts.items():
        amount = wanted.get(label, 0.0)
        total = pulp.lpSum(block.variables[row] for row in rows)
        name = "_".join((f"frozen_{block.spec.name}", *map(str, label)))  # the number makes it the only one of its name
        line = Line(FROZEN, {"decision": " ".join((block.spec.name, *map(str, label)))})
        room, cost = ROUNDING_SLACK * amount, None
        if price is not None:
            cost = float(price * (discount[index[label[-1]]] if "period" in keys else 1.0))
        most = total - _change(program, f"{name}_more{rows[0]}", cost)
        _add(program, most <= amount + room, f"{name}_most{rows[0]}", line)
        if amount > 0:
            least = total + _change(program, f"{name}_less{rows[0]}", cost)
            _add(program, least >= amount - room, f"{name}_least{rows[0]}", line)
    return [" ".join(map(str, label)) for label, amount in wanted.items() if label not in parts and amount > little]


def _add(program: Program, row: pulp.LpConstraint, name: str, line: Line) -> None:
    """Add a row to the problem, with what it says."""
    program.lines[program.problem.numConstraints()] = line
    program.problem.addConstraint(row, name)


def _measure(program: Program, name: str) -> pulp.LpVariable:
    """Add a variable that only measures how far a plan is from the earlier one."""
    variable = program.problem.add_variable(name, lowBound=0)
    program.measures.add(variable.id)
    return variable


def _change(program: Program, name: str, cost: float | None) -> pulp.LpAffineExpression:
    """A change from what is planned, at its cost; without one there is none."""
    if cost is None:
        return pulp.lpSum([])
    change = _measure(program, name)
    program.problem.objective += cost * change
    return 1.0 * change


def limit_resourced(program: Program, tables: Mapping[str, pd.DataFrame], most: float) -> None:
    """Add rows that keep what is taken from the sites of an earlier plan, over the periods of both, at or below `most`.

    less[s,i,t] >= (1 - 1e-7) * finished_1[s,i,t] - sum_p yield_p * make[p,t],  less >= 0,  sum less <= most
    (good units; finished_1 has nine digits, rounded up it can be more than there is capacity for)

    Units that another site makes instead, and units that nobody makes any more, both count; so what is re-sourced is
    at most `most`, however demand moves.
    """
    keys = ["site", "item", "period"]
    planned = tables["production"].groupby(keys)["finished"].sum()
    block = program.make
    parts: dict[Any, list[tuple[pulp.LpVariable, float]]] = {label: [] for label in planned.index}
    for row, label in enumerate(block.labelled[keys].itertuples(index=False, name=None)):
        if label in parts:
            parts[label].append((block.variables[row], float(block.labelled["yield"].iloc[row])))
    lost = []
    for number, (label, amount) in enumerate(planned.items()):
        if label[2] not in program.network.instance.periods.index:
            continue
        name = "_".join(("withdrawn", *map(str, label), str(number)))
        less = _measure(program, name)
        least = float(amount) * (1.0 - ROUNDING_SLACK)
        line = Line(PLANNED_THERE, dict(zip(keys, map(str, label), strict=True)))
        _add(program, pulp.lpSum_vars_coefs([*parts[label], (less, 1.0)]) >= least, name, line)
        lost.append(less)
    _add(program, pulp.lpSum(lost) <= most, "most_resourced", Line(MOST_RESOURCED))
