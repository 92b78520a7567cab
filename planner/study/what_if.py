"""What-if: many runs as a table of differences against the first."""

from __future__ import annotations

from typing import Any

import pandas as pd

from planner.plan.plan import Plan
from planner.study.runs import Run

COLUMNS = [
    "policy",
    "scenario",
    "status",
    "cost",
    "cost_change",
    "margin_change",
    "delivered",
    "delivered_change",
    "late_change",
    "lost_change",
    "fill_rate",
]


def whatif_table(runs: list[Run]) -> pd.DataFrame:
    """One row a run: cost over all planned periods, service over the reported ones, and changes against the first.

    A change is empty where the run or the first one has no plan.
    """
    base = runs[0] if runs and isinstance(runs[0], Plan) else None
    rows: list[dict[str, Any]] = []
    for run in runs:
        if not isinstance(run, Plan):
            rows.append({"policy": run.policy, "scenario": run.scenario, "status": run.status})
            continue
        service = run.service_summary
        row: dict[str, Any] = {
            "policy": run.policy.name if run.policy else None,
            "scenario": run.scenario.name if run.scenario else None,
            "status": run.status,
            "cost": run.objective,
            "delivered": service["delivered"],
            "fill_rate": service["fill_rate"],
        }
        if base is not None:
            first = base.service_summary
            row |= {
                "cost_change": run.objective - base.objective,
                "margin_change": run.margin - base.margin,
                **{f"{name}_change": service[name] - first[name] for name in ("delivered", "late", "lost")},
            }
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def whatif_json(run: Run) -> dict[str, Any]:
    """The object that `planner whatif --json` prints for a run: as of a solve, and how it was made.

    `method` is how its cost was found; `rebuilt` why it was built anew (null for a live re-solve). A run without a plan
    has neither.
    """
    if not isinstance(run, Plan):
        return run.as_json()
    return {**run.as_json(), "method": run.method, "rebuilt": run.rebuilt or None}


def rebuilds(runs: list[Run]) -> list[str]:
    """A sentence for each reason why runs were built anew, the runs named."""
    named: dict[str, list[str]] = {}
    for run in runs:
        if isinstance(run, Plan) and run.rebuilt:
            named.setdefault(run.rebuilt, []).append(run.name)
    return [f"built anew, {reason} ({', '.join(names)})" for reason, names in named.items()]
