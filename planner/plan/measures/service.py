"""Service: what was ordered, delivered, late and lost."""

from __future__ import annotations

import pandas as pd

from planner.instance.instance import Instance
from planner.plan.rounding import rounded


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
