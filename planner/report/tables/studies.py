"""Tables of the results of studies, and of what finished units touched."""

from __future__ import annotations

import pandas as pd

from planner.instance.periods import HORIZON
from planner.report.findings import Findings
from planner.report.sections.audit import audit_tables
from planner.report.sections.choke_points import losses, prices, region_losses
from planner.report.sections.pathways import pathways as pathways_of
from planner.report.tables.strikes import STRIKE_TABLES

ALL = "all"


def pathways(findings: Findings) -> pd.DataFrame:
    """Share of units that touched the region of concern: by customer and product, and by product and period."""
    columns = ["policy", "region", "customer", "item", "period", "delivered", "share", "blended", "least"]
    parts = []
    for name in findings.undisturbed:
        table = pathways_of(findings, name)
        table = table[
            (table["period"] == HORIZON) | (table["period"].isin(findings.periods) & (table["customer"] == ""))
        ]
        named = {column: table[column].where(table[column] != "", ALL) for column in ("customer", "item")}
        parts.append(table.assign(policy=findings.label(name), region=table["of"], **named))
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def sizes(findings: Findings) -> pd.DataFrame:
    """Programs of policies with pathway limits, and of the same policies without; seconds differ and are left out."""
    rows = [
        {
            "policy": findings.label(name),
            "pathway_limits": words,
            "rows": size.rows,
            "columns": size.columns,
            "nonzeros": size.nonzeros,
            "cost": size.cost,
        }
        for name, pair in findings.studies.sizes.items()
        for words, size in zip(("with", "without"), pair, strict=True)
    ]
    return pd.DataFrame(rows, columns=["policy", "pathway_limits", "rows", "columns", "nonzeros", "cost"])


def study_tables(findings: Findings) -> dict[str, pd.DataFrame]:
    """Every table of the studies by name; those of the audit only where it was made."""
    made = (pathways, losses, region_losses, prices, sizes)
    return {**{table.__name__: table(findings) for table in (*made, *STRIKE_TABLES)}, **audit_tables(findings)}
