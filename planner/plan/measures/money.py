"""Money: the margin of a plan, and the costs of its reported periods."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.network.network import HORIZON
from planner.plan.figures import rounded

_BOOKED = {
    "production": ("production", "cost"),
    "freight": ("shipments", "freight"),
    "tariff": ("shipments", "tariff"),
    "holding": ("stock", "holding_cost"),
    "lateness": ("service", "lateness_cost"),
    "lost_sales": ("service", "lost_cost"),
    "expansion": ("expansions", "cost"),
}
_NOT_IN_MARGIN = {"lost_sales", "limit_excess"}


def margin(service: pd.DataFrame, costs: pd.DataFrame) -> float:
    """What is left of the revenue, in discounted money over all planned periods.

    margin = sum discount * price * (demand - lost) - every cost component but lost_sales and limit_excess

    Revenue is booked in the demand's period; `price` of the service table is discounted already.
    """
    revenue = float((service["price"] * (service["demand"] - service["lost"])).sum())
    paid = float(costs.loc[~costs["component"].isin(_NOT_IN_MARGIN), "amount"].sum())
    return float(rounded([revenue - paid])[0])


def reported_costs(instance: Instance, policy: Policy | None,
                   tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Cost components booked in the reported periods, in discounted money.

    reported(component) = sum of its amounts booked in t, over t in report_periods

    Work is booked at its start, freight and duty at departure, an option in its first period, commitments and
    horizon limits in the last period of their window.
    """
    reported = {instance.periods.labels[position] for position in instance.report_periods}
    totals: dict[str, float] = {}
    for component in tables["costs"]["component"]:
        if component in _BOOKED:
            name, column = _BOOKED[component]
            table = tables[name]
            amount = float(table.loc[table["period"].isin(reported), column].sum())
        elif component == "commitment":
            amount = _commitments(instance, tables["commitments"])
        else:
            amount = _excess(instance, policy, tables["limits"])
        totals[str(component)] = float(rounded([amount])[0])
    return totals


def _commitments(instance: Instance, table: pd.DataFrame) -> float:
    last = {row.commitment: instance.periods.window(row.period).stop - 1 for row in instance.commitments}
    booked = table["commitment"].map(last).isin(set(instance.report_periods))
    return float(table.loc[booked, "cost"].sum())


def _excess(instance: Instance, policy: Policy | None, limits: pd.DataFrame) -> float:
    labels = instance.periods.labels
    last = {limit.name: labels[instance.periods.window(limit.period).stop - 1]
            for limit in (policy.limits if policy else ())}
    booked = limits["period"].where(limits["period"] != HORIZON, limits["limit"].map(last))
    reported = {labels[position] for position in instance.report_periods}
    return float(limits.loc[booked.isin(reported), "cost"].sum())
