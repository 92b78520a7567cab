"""The tables of making: possible starts, the resources they use, expansion options, and committed minima."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.lines import stopped_starts
from planner.instance.precedence import each_period
from planner.network.frames import (
    by_period,
    distinct,
    frame,
    in_order,
    is_one_of,
    joined,
    label_rows,
    lookup,
    narrowed,
    rows_where,
    table_of_columns,
    table_of_rows,
    text_column,
    values_at,
)
from planner.network.recourse import Recourse

PROCESS = ["site", "item", "recipe", "period"]
RECIPE = ["item", "recipe"]
RESOURCE = ["site", "resource", "period"]


def make_candidates(instance: Instance, discount: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The starts that end within the horizon, and the components that each takes."""
    rows = by_period(instance, "processes")
    finish = rows["period"].to_numpy() + rows["lead_time"].to_numpy()
    rows = in_order(rows_where(rows, finish < len(instance.periods)), PROCESS)
    period = rows["period"].to_numpy(dtype=np.int64)
    sites = {row.site: row for row in instance.sites}
    stages = instance.stage_of
    at = [sites[site] for site in rows["site"].tolist()]
    stopped = stopped_starts(instance)
    closed = np.array([start in stopped for start in label_rows(rows, PROCESS)], dtype=bool) if stopped else False
    make = table_of_columns(
        {
            **{name: rows[name] for name in PROCESS},
            "finish": period + rows["lead_time"].to_numpy(),
            "stage": text_column([stages[item] for item in rows["item"].tolist()]),
            "region": text_column([site.region for site in at]),
            "operator": text_column([site.run_by for site in at]),
            "cluster": text_column([site.cluster for site in at]),
            **{name: rows[name] for name in ("resource", "yield", "capacity_use")},
            "production": rows["unit_cost"].to_numpy() * discount.to_numpy()[period],
            "upper": np.where(closed, np.zeros(len(rows)), np.inf),
        }
    )
    return make, components_taken(instance, make)


def components_taken(instance: Instance, starts: pd.DataFrame) -> pd.DataFrame:
    """The components that some starts take: row (position of the start), site, component, period, quantity.

    A bill row for a recipe replaces the row of the same component for all recipes.
    """
    rows = [
        (item, recipe, component, quantity)
        for item, recipe in label_rows(distinct(starts, RECIPE), RECIPE)
        for component, quantity in instance.bill.taken(item, recipe).items()
    ]
    bill = in_order(
        table_of_rows(rows, [*RECIPE, "component", "quantity"], {"quantity": float}), [*RECIPE, "component"]
    )
    uses = joined(narrowed(starts, PROCESS).assign(row=np.arange(len(starts))), bill, RECIPE)
    return narrowed(uses, ["row", "site", "component", "period", "quantity"])


def capacity_rows(instance: Instance, make: pd.DataFrame) -> pd.DataFrame:
    """The capacity of each limited resource, in resource units, in each period in which something can start on it."""
    limited = {row.line for row in instance.capacities}
    limited |= {row.line for row in instance.expansions}
    used = sorted({key for key in label_rows(make, RESOURCE) if key[:2] in limited})
    keys = table_of_rows(used, RESOURCE, {"period": np.int64})
    keys["capacity"] = lookup(keys, by_period(instance, "capacities"), RESOURCE, "capacity", 0.0).astype(float)
    return keys


def option_tables(
    instance: Instance, chosen: tuple[str, ...] | None, discount: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Expansion options, their openings (where a part can be bought at a fixed cost), and the capacity that they give.

    Args:
        instance: what is planned.
        chosen: the options that may be bought; None for all. What has been bought is there all the same.
        discount: discount factor by period.
    """
    options = frame(instance, "expansions")
    starts = [instance.periods.window(text).start for text in options["period"].tolist()]
    period = np.array(starts, dtype=np.int64)
    factor = discount.to_numpy()[period]
    whole, fixed = options["all_or_nothing"].to_numpy(dtype=bool), options["fixed_cost"].to_numpy()
    capacity = options["capacity"].to_numpy()
    allowed = options["option"].tolist() if chosen is None else chosen
    bought = options["bought"].to_numpy(dtype=float)
    decided = ~np.isnan(bought)
    expand = table_of_columns(
        {
            **{name: options[name] for name in ("option", "site", "resource")},
            "period": period,
            "capacity": capacity,
            "lower": np.where(decided, bought, 0.0),
            "upper": np.where(decided, bought, is_one_of(options["option"], allowed)),
            "integer": whole & ~decided,
            "expansion": (options["unit_cost"].to_numpy() * capacity + fixed * whole) * factor,
        }
    )
    paid = np.flatnonzero(~whole & (fixed > 0))
    opens = table_of_columns(
        {
            "option": values_at(options["option"], paid),
            "expansion": (fixed * factor)[paid],
            "row": paid,
            "upper": np.ones(len(paid)),
            "integer": np.ones(len(paid), dtype=bool),
            "usable": np.ones(len(paid)),
        }
    )
    of, at = each_period(period, len(instance.periods) - period)
    keys = {"option": values_at(options["option"], of), "period": at}
    factors = lookup(keys, by_period(instance, "expansion_factors"), list(keys), "factor", 1.0).astype(float)
    added = capacity[of] * factors
    given = table_of_columns(
        {
            "row": of,
            "option": keys["option"],
            **{name: values_at(options[name], of) for name in ("site", "resource")},
            "capacity": added,
            "period": at,
            "usable": added,
        }
    )
    return expand, opens, given


def commitment_tables(
    instance: Instance, make: pd.DataFrame, discount: pd.Series, recourse: Recourse | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Committed minima, the shortfalls of those that have a price, and the starts that count towards each."""
    rows = frame(instance, "commitments")
    if recourse is not None:
        rows["shortfall_cost"] = rows["shortfall_cost"].fillna(recourse.prices("commitment", rows["commitment"]))
    site, item, resource = (make[name].to_numpy() for name in ("site", "item", "resource"))
    period = make["period"].to_numpy(dtype=np.int64)
    uses: list[tuple[int, str, float]] = []
    last: list[int] = []
    for row in instance.commitments:
        window = instance.periods.window(row.period)
        last.append(window.stop - 1)
        kept = item == row.item if row.item is not None else resource == row.line.resource
        at = np.flatnonzero(kept & (site == row.site) & (period >= window.start) & (period < window.stop))
        amount = make["capacity_use" if row.item is None else "yield"].to_numpy(dtype=float)[at]
        uses += zip(at.tolist(), [row.commitment] * len(at), amount.tolist(), strict=True)
    paid = rows["shortfall_cost"].to_numpy(dtype=float) * discount.to_numpy()[np.array(last, dtype=np.int64)]
    under = rows_where(narrowed(rows, ["commitment"]).assign(shortfall=paid), ~np.isnan(paid))
    counted = table_of_rows(uses, ["row", "commitment", "amount"], {"row": np.int64, "amount": float})
    return narrowed(rows, ["commitment", "site", "minimum"]), under, counted
