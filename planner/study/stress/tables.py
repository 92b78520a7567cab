"""The effects of strikes as tables: by policy and scenario, by customer and product, and broken promises."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from planner.plan.plan import Plan
from planner.study.stress.surprise import Stressed

STRESSED = [
    "policy",
    "scenario",
    "strike",
    "status",
    "undisturbed_cost",
    "loss",
    "lost_units",
    "delay_weeks",
    "waiting",
    "back",
    "broken_promises",
]
LOST = ["policy", "scenario", "customer", "item", "lost_units"]
PROMISES = ["policy", "scenario", "kind", "quantity", "cost"]
GAVE_WAY = {
    "unserved": "order that must be served",
    "cancelled": "owed order cancelled",
    "surplus": "more than was owed",
    "below": "stock below its minimum",
    "over": "stock above its maximum",
}


def stressed_table(stressed: Sequence[Stressed]) -> pd.DataFrame:
    """The table of strikes, one row for each policy and scenario.

    Returns:
        policy, scenario, strike (label), status, undisturbed_cost and loss (money; loss with broken promises in it),
        lost_units (more than undisturbed), delay_weeks (mean over delivered units; NaN where periods have no length),
        waiting (the same in periods), back (label; empty where service never is), broken_promises (money).
    """
    rows = [
        (
            row.policy,
            row.scenario,
            row.strike,
            row.plan.status,
            row.plan.objective - row.loss if isinstance(row.plan, Plan) else float("nan"),
            row.loss,
            row.lost_units,
            row.delay,
            row.waiting,
            row.back,
            row.broken,
        )
        for row in stressed
    ]
    return pd.DataFrame(rows, columns=STRESSED)


def lost_table(stressed: Sequence[Stressed]) -> pd.DataFrame:
    """The units lost more than undisturbed: policy, scenario, customer, item and lost_units; without rows of 0."""
    parts = [
        row.lost.rename(columns={"lost": "lost_units"}).assign(policy=row.policy, scenario=row.scenario)
        for row in stressed
        if row.lost is not None
    ]
    table = pd.concat(parts, ignore_index=True)[LOST] if parts else pd.DataFrame(columns=LOST)
    small = 1e-9 * float(table["lost_units"].abs().max()) if len(table) else 0.0
    return table[table["lost_units"].abs() > small].reset_index(drop=True)


def promises_in_words(promises: pd.DataFrame) -> pd.DataFrame:
    """A table of what gave way with the kinds in words, for people."""
    return promises.assign(kind=[GAVE_WAY.get(kind, kind) for kind in promises["kind"]])


def promises_table(stressed: Sequence[Stressed]) -> pd.DataFrame:
    """What gave way: policy, scenario, kind, quantity (units) and cost (money)."""
    parts = [
        row.promises.assign(policy=row.policy, scenario=row.scenario) for row in stressed if row.promises is not None
    ]
    return pd.concat(parts, ignore_index=True)[PROMISES] if parts else pd.DataFrame(columns=PROMISES)
