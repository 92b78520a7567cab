"""Checks of tables that were read from files, before anything is computed from them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from planner.instance.instance import Instance
from planner.model.catalogue import COSTS
from planner.plan.columns import COLUMNS

# the tables whose labels are looked up in the instance
_LABELLED = ("production", "shipments", "stock", "service", "allocation", "relabelled")


def refuse_damaged(instance: Instance, tables: Mapping[str, pd.DataFrame]) -> None:
    """Raise where a table lacks a column, names what the instance does not have, or leaves out a part of the cost.

    Args:
        instance: as it was solved.
        tables: by name, as they were read.

    Raises:
        ValueError: naming the table and what is wrong with it.
    """
    sites, items = instance.site_ids, {part.item for part in instance.items}
    customers = instance.customer_ids
    known = {
        "site": sites,
        "from": sites | customers,  # goods on the way to a customer are handed over there
        "to": sites | customers,
        "item": items,
        "product": items,
        "customer": customers,
        "period": set(instance.periods.labels),
    }
    for name, columns in ((name, columns) for name, columns in COLUMNS.items() if name in tables):
        table = tables[name]
        wanted = [*columns, *(instance.stages if name == "allocation" else ())]
        missing = [column for column in wanted if column not in table]
        if missing:
            raise ValueError(f"tables/{name}.csv has no column {missing[0]}")
        for column in known if name in _LABELLED else ():
            strangers = set(table[column]) - known[column] if column in table else set()
            if strangers:
                raise ValueError(
                    f"tables/{name}.csv has a {column} {min(map(str, strangers))!r} that its instance does not have"
                )
    unsaid = [
        cost.name for cost in COSTS if cost.table in tables and cost.name not in set(tables["costs"]["component"])
    ]
    if unsaid:
        raise ValueError(f"tables/costs.csv has no row {unsaid[0]}")
