"""A frozen zone: what an earlier plan starts, sends and buys in some periods stays, or changes at a price.

    sum over classes C of x[d,C] + less[d] - more[d] = planned[d]    for each decision d of the zone
    less, more >= 0;  cost + break_cost * discount[t] * (less + more)

x is make (units started, by period of start), ship (units sent, by period of departure) or expand (share of an option,
by the period in which it must be decided). Without a price `less` and `more` are left out. The tables of a plan hold
nine digits, so what is planned may differ in the tenth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from planner.errors import UsageError
from planner.instance.periods import PeriodError
from planner.model.blocks import Block, added
from planner.model.program import Program
from planner.plan.plan import Plan
from planner.plan.rounding import rounded

PARTS = (("make", "production", "started"), ("ship", "shipments", "quantity"))
DIGITS = 1e-7  # of a planned figure: what nine digits leave open, and a little more
COLUMNS = ["kind", "label", "period", "planned", "decided", "change"]


@dataclass(frozen=True)
class Hold:
    """What of an earlier plan stays as it is.

    Attributes:
        window: label of a period, or window first..last, of the new instance: the frozen zone; None for none.
        break_cost: cost of a unit started or sent, or an option bought, more or less than planned, in money before
            discounting; None where all of it stays. It steers, and is no part of a plan's cost.
        most_resourced: good units that may be taken from the sites of the earlier plan; None for any number.

    Raises:
        UsageError: a break cost without a frozen zone.
    """

    window: str | None = None
    break_cost: float | None = None
    most_resourced: float | None = None

    def __post_init__(self) -> None:
        """Refuse a price of what does not stay."""
        if self.break_cost is not None and self.window is None:
            raise UsageError("A break cost is of a frozen zone: name its window (--freeze).")


def add_hold(program: Program, before: Plan, hold: Hold) -> None:
    """Add the rows of what stays of an earlier plan to a program.

    Raises:
        UsageError: as `add_frozen_zone`.
    """
    if hold.window is not None:
        add_frozen_zone(program, before, hold.window, hold.break_cost)
    if hold.most_resourced is not None:
        limit_resourced(program, before, hold.most_resourced)


def add_frozen_zone(program: Program, before: Plan, zone: str, break_cost: float | None) -> None:
    """Add the rows of a frozen zone to a program.

    Raises:
        UsageError: its window is wrong; or what was planned there is no possible decision any more, and has no price
            at which it breaks.
    """
    instance = program.network.instance
    try:
        window = instance.periods.window(zone)
    except PeriodError as error:
        raise UsageError(f"The frozen zone: {error.message} {error.remedy}") from None
    lost: list[str] = []
    for name, table, figure in PARTS:
        block: Block = getattr(program, name)
        at = (block.labelled["position"] >= window.start) & (block.labelled["position"] < window.stop)
        planned = before.tables[table]
        if name == "ship":  # what is handed over at its customer was decided before
            at &= block.labelled["from"] != block.labelled["to"]
            planned = planned[planned["from"] != planned["to"]]
        planned = planned[planned["period"].isin(instance.periods.labels[window.start : window.stop])]
        lost += _hold(program, block, block.labelled[at], planned, figure, break_cost)
    early = {row.option: instance.periods.window(row.period).start - row.lead_time for row in instance.expansions}
    decided = program.expand.labelled
    now = decided["option"].map(early).isin(window).to_numpy(dtype=bool) if len(decided) else np.zeros(0, dtype=bool)
    bought = before.expansions
    bought = bought[bought["option"].isin(decided["option"][now])]
    lost += _hold(program, program.expand, decided[now].drop(columns="position"), bought, "share", break_cost)
    if lost and break_cost is None:
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        raise UsageError(
            f"What was planned in {zone} cannot stay: {'; '.join(lost[:3])}{more} can no longer be decided. "
            "Give a price at which it breaks (--break-cost)."
        )


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
        total = added([block.variables[row] for row in rows])
        name = "frozen_" + "_".join((block.spec.name, *map(str, label)))
        if price is None:
            room = DIGITS * amount
            program.problem.addConstraint(total <= amount + room, f"{name}_most")
            if amount > 0:
                program.problem.addConstraint(total >= amount - room, f"{name}_least")
            continue
        less, more = (program.problem.add_variable(f"{name}_{side}", lowBound=0) for side in ("less", "more"))
        program.problem.addConstraint(total + less - more == amount, name)
        factor = discount[index[label[-1]]] if "period" in keys else 1.0
        program.problem.objective += float(price * factor) * (less + more)
    return [" ".join(map(str, label)) for label, amount in wanted.items() if label not in parts and amount > little]


def limit_resourced(program: Program, before: Plan, most: float) -> None:
    """Add rows that keep what is taken from the sites of an earlier plan, over the periods of both, at or below `most`.

    less[s,i,t] >= finished_1[s,i,t] - sum_p yield_p * make[p,t],  less >= 0,  sum less <= most    (good units)

    Units that another site makes instead, and units that nobody makes any more, both count; so what is re-sourced is
    at most `most`, however demand moves.
    """
    keys = ["site", "item", "period"]
    planned = before.production.groupby(keys)["finished"].sum()
    block = program.make
    parts: dict[Any, list[tuple[Any, float]]] = {label: [] for label in planned.index}
    for row, label in enumerate(block.labelled[keys].itertuples(index=False, name=None)):
        if label in parts:
            parts[label].append((block.variables[row], float(block.labelled["yield"].iloc[row])))
    lost = []
    for label, amount in planned.items():
        if label[2] not in program.network.instance.periods.index:
            continue
        name = "withdrawn_" + "_".join(map(str, label))
        less = program.problem.add_variable(name, lowBound=0)
        made = [good * variable for variable, good in parts[label]]
        program.problem.addConstraint(added([*made, less]) >= float(amount), name)
        lost.append(less)
    program.problem.addConstraint(added(lost) <= most, "most_resourced")


def changes_in_zone(before: Plan, plan: Plan, zone: str) -> pd.DataFrame:
    """What changed in a frozen zone: kind, label, period, planned, decided, change (units); none but what broke."""
    window = plan.instance.periods.window(zone)
    labels = plan.instance.periods.labels[window.start : window.stop]
    found = []
    for kind, table, figure, keys in (
        ("started", "production", "started", ["site", "item", "recipe"]),
        ("sent", "shipments", "quantity", ["from", "to", "item"]),
    ):
        sums = []
        for tables in (before.tables, plan.tables):
            own = tables[table][tables[table]["period"].isin(labels)]
            own = own[own["from"] != own["to"]] if kind == "sent" else own
            sums.append(own.groupby([*keys, "period"], as_index=False)[figure].sum())
        both = sums[0].merge(sums[1], on=[*keys, "period"], how="outer", suffixes=("_1", "_2")).fillna(0.0)
        both["label"] = [" ".join(map(str, label)) for label in both[keys].itertuples(index=False)]
        both = both.rename(columns={f"{figure}_1": "planned", f"{figure}_2": "decided"}).assign(kind=kind)
        found.append(both)
    table = pd.concat(found, ignore_index=True)
    table["change"] = table["decided"] - table["planned"]
    size = table[["planned", "decided"]].abs().max(axis=1)
    table = table[table["change"].abs() > DIGITS * size + 1e-9 * float(size.max() if len(size) else 0.0)]
    for name in COLUMNS[3:]:
        table[name] = rounded(table[name].astype(float))
    return table[COLUMNS].sort_values(COLUMNS[:3], ignore_index=True)
