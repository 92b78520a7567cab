"""Service: what was ordered, delivered, late and lost."""

from __future__ import annotations

import pandas as pd

from planner.instance.instance import Instance
from planner.plan.rounding import rounded

NOISE = 1e-6  # of what is ordered; less is not told


def service_summary(instance: Instance, service: pd.DataFrame) -> dict[str, float]:
    """Units ordered, delivered, late and lost over the reported periods.

    fill_rate = 1 - lost / demand     (1 where nothing is ordered); late is in unit-periods owed

    Returns:
        demand, delivered, late, lost (units) and fill_rate (0-1).
    """
    reported = instance.report_labels
    shown = service[service["period"].isin(reported)]
    names = ("demand", "delivered", "late", "lost")
    total = {name: float(rounded([shown[name].sum()])[0]) for name in names}
    rate = 1.0 - total["lost"] / total["demand"] if total["demand"] > 0 else 1.0
    return {**total, "fill_rate": float(rounded([rate])[0])}


def owed_before(instance: Instance, service: pd.DataFrame) -> float:
    """Units owed when the reported periods begin; what is delivered in them serves these too.

    owed = sum over c, i of late[c,i,t-1]    (t the first reported period; what the instance says is owed, where t = 0)

    Less than a millionth of what is ordered in the reported periods is 0.
    """
    labels, window = instance.periods.labels, instance.report_periods
    if window.start:
        owed = float(service.loc[service["period"] == labels[window.start - 1], "late"].sum())
    else:
        owed = float(sum(row.quantity for row in instance.owed))
    ordered = service_summary(instance, service)["demand"]
    return float(rounded([owed])[0]) if owed > NOISE * ordered else 0.0
