"""Tables of several plans, one after the other."""

from __future__ import annotations

import pandas as pd

from planner.instance.periods import HORIZON
from planner.report.findings import Findings


def stacked(findings: Findings, parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Tables of the policies below each other: by policy, stage, region, then what else names a row."""
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True)
    orders: dict[str, dict[str, int]] = {
        "policy": {findings.label(name): at for at, name in enumerate(findings.policies)},
        "stage": {name: at for at, name in enumerate(findings.instance.stages)},
        "period": {**findings.instance.periods.index, HORIZON: len(findings.instance.periods)},
    }
    keys = [name for name in columns if not pd.api.types.is_numeric_dtype(table[name])]
    helpers = {f"_{name}": table[name].map(orders[name]).fillna(-1) if name in orders else table[name] for name in keys}
    return table.assign(**helpers).sort_values(list(helpers), ignore_index=True)[columns]
