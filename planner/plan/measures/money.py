"""Money: the margin of a plan, and the costs of its reported periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from planner.instance.instance import Instance
from planner.instance.periods import HORIZON
from planner.instance.policy import Policy, rules_of
from planner.model.catalogue import COSTS
from planner.plan.lazy_tables import unpriced
from planner.plan.rounding import rounded

_NOT_IN_MARGIN = {"lost_sales", "limit_excess"}


def margin(service: pd.DataFrame, costs: pd.DataFrame) -> float:
    """What is left of the revenue, in discounted money over all planned periods.

    margin = sum discount * price * (demand - lost) - every cost component but lost_sales and limit_excess

    Revenue is booked in the demand's period; `price` of the service table is discounted already.
    """
    revenue = float((service["price"] * (service["demand"] - service["lost"])).sum())
    paid = float(costs.loc[~costs["component"].isin(_NOT_IN_MARGIN), "amount"].sum())
    return float(rounded([revenue - paid])[0])


def reported_costs(instance: Instance, policy: Policy | None, tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Cost components booked in the reported periods, in discounted money.

    reported(component) = sum of its amounts booked in t, over t in report_periods

    Work is booked at its start, freight and duty at departure, an option in its first period, commitments and
    horizon limits in the last period of their window.
    """
    return costs_booked(instance, policy, tables, instance.report_periods)


def costs_booked(
    instance: Instance, policy: Policy | None, tables: Mapping[str, pd.DataFrame], periods: Iterable[int]
) -> dict[str, float]:
    """Cost components booked in some periods (positions), in discounted money; as `reported_costs`."""
    reported = {instance.periods.labels[position] for position in periods}
    totals: dict[str, float] = {}
    for cost in (cost for cost in COSTS if cost.table in tables):
        table = unpriced(tables, cost.table)
        booked = _booked(instance, policy, cost.table, table).isin(reported)
        totals[cost.name] = float(rounded([float(table.loc[booked, cost.column].sum())])[0])
    return totals


def _booked(instance: Instance, policy: Policy | None, name: str, table: pd.DataFrame) -> pd.Series:
    """The period in which each row of a table is booked."""
    labels = instance.periods.labels
    if name == "commitments":
        last = {row.commitment: labels[instance.periods.window(row.period).stop - 1] for row in instance.commitments}
        return table["commitment"].map(last)
    if name == "limits":
        last = {limit.name: labels[instance.periods.window(limit.period).stop - 1] for limit in rules_of(policy).limits}
        return table["period"].where(table["period"] != HORIZON, table["limit"].map(last))
    return table["period"]
