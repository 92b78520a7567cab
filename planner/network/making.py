"""The tables of making: possible starts, the resources they use, expansion options, and committed minima."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.lines import stopped_starts
from planner.network.frames import (
    by_period,
    distinct,
    flagged,
    frame,
    in_order,
    is_one_of,
    joined,
    label_rows,
    lookup,
    narrowed,
    of_rows,
    taken,
    words,
)
from planner.network.recourse import Recourse

PROCESS = ["site", "item", "recipe", "period"]
RECIPE = ["item", "recipe"]
RESOURCE = ["site", "resource", "period"]


def make_candidates(instance: Instance, discount: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The starts that end within the horizon, and the components that each takes."""
    make = by_period(instance, "processes")
    make["finish"] = make["period"] + make["lead_time"]
    make = in_order(flagged(make, make["finish"].to_numpy() < len(instance.periods)), PROCESS)
    sites = {row.site: row for row in instance.sites}
    stages = instance.stage_of
    at = [sites[site] for site in make["site"].tolist()]
    make["region"] = words([site.region for site in at])
    make["operator"] = words([site.run_by for site in at])
    make["cluster"] = words([site.cluster for site in at])
    make["stage"] = words([stages[item] for item in make["item"].tolist()])
    make["production"] = make["unit_cost"] * discount.to_numpy()[make["period"].to_numpy(dtype=np.int64)]
    make["upper"] = np.inf
    if stopped := stopped_starts(instance):
        make.loc[[start in stopped for start in label_rows(make, PROCESS)], "upper"] = 0.0
    columns = [
        "site",
        "item",
        "recipe",
        "period",
        "finish",
        "stage",
        "region",
        "operator",
        "cluster",
        "resource",
        "yield",
        "capacity_use",
        "production",
        "upper",
    ]
    return narrowed(make, columns), components_taken(instance, make)


def components_taken(instance: Instance, starts: pd.DataFrame) -> pd.DataFrame:
    """The components that some starts take: row (position of the start), site, component, period, quantity.

    A bill row for a recipe replaces the row of the same component for all recipes.
    """
    rows = [
        (item, recipe, component, quantity)
        for item, recipe in label_rows(distinct(starts, RECIPE), RECIPE)
        for component, quantity in instance.bill.taken(item, recipe).items()
    ]
    bill = in_order(of_rows(rows, [*RECIPE, "component", "quantity"], {"quantity": float}), [*RECIPE, "component"])
    uses = joined(narrowed(starts, PROCESS).assign(row=np.arange(len(starts))), bill, RECIPE)
    return narrowed(uses, ["row", "site", "component", "period", "quantity"])


def capacity_rows(instance: Instance, make: pd.DataFrame) -> pd.DataFrame:
    """The capacity of each limited resource, in resource units, in each period in which something can start on it."""
    limited = {row.line for row in instance.capacities}
    limited |= {row.line for row in instance.expansions}
    used = sorted({key for key in label_rows(make, RESOURCE) if key[:2] in limited})
    keys = of_rows(used, RESOURCE, {"period": np.int64})
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
    options["period"] = [instance.periods.window(text).start for text in options["period"]]
    factor = discount.to_numpy()[options["period"].to_numpy(dtype=np.int64)]
    whole = options["all_or_nothing"].to_numpy(dtype=bool)
    options["expansion"] = (options["unit_cost"] * options["capacity"] + options["fixed_cost"] * whole) * factor
    options["integer"] = whole
    allowed = options["option"].tolist() if chosen is None else chosen
    bought = options["bought"].to_numpy(dtype=float)
    decided = ~np.isnan(bought)
    options["lower"] = np.where(decided, bought, 0.0)
    options["upper"] = np.where(decided, bought, is_one_of(options["option"], allowed))
    options["integer"] &= ~decided
    columns = ["option", "site", "resource", "period", "capacity", "lower", "upper", "integer", "expansion"]
    expand = narrowed(options, columns)
    paid = np.flatnonzero(~whole & (options["fixed_cost"].to_numpy() > 0))
    opens = taken(narrowed(options, ["option"]), paid).assign(
        expansion=(options["fixed_cost"].to_numpy() * factor)[paid], row=paid, upper=1.0, integer=True, usable=1.0
    )
    count = len(instance.periods)
    length = (count - options["period"]).to_numpy(dtype=np.int64)
    of = np.repeat(np.arange(len(options)), length)
    offset = np.arange(len(of)) - np.repeat(np.cumsum(length) - length, length)
    given = taken(narrowed(options, ["option", "site", "resource", "capacity", "period"]), of)
    given["period"] = given["period"].to_numpy(dtype=np.int64) + offset
    given.insert(0, "row", of)
    factors = by_period(instance, "expansion_factors")
    given["capacity"] = given["capacity"] * lookup(given, factors, ["option", "period"], "factor", 1.0).astype(float)
    given["usable"] = given["capacity"]
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
    under = flagged(narrowed(rows, ["commitment"]).assign(shortfall=paid), ~np.isnan(paid))
    counted = of_rows(uses, ["row", "commitment", "amount"], {"row": np.int64, "amount": float})
    return narrowed(rows, ["commitment", "site", "minimum"]), under, counted
