"""Choke points: resources, lanes, limits and promises that can bind, and what one more unit of each would save."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.model.constraints.limits import LIMIT, PolicyLimit
from planner.model.family import FamilyRows
from planner.model.program import Program
from planner.network.frames import empty, label_rows, lookup, narrowed, positions, rows_where, table_of_columns
from planner.plan.columns import COLUMNS
from planner.plan.rounding import tidy
from planner.plan.tables import negligible_in, within_bounds
from planner.solve.one_sided_prices import promised_orders
from planner.solve.solution import Array, Prices, Solution

SIDES = ["kind", "name", "site", "period", "shadow_price", "one_less_costs"]
SAME = 1e-6  # relative


def choke_point_tables(program: Program, solution: Solution, limits: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Use and shadow price of every resource, limited lane, limit and must-serve share; and prices that differ by side.

    Shadow price: what one more unit of the capacity (or one more weighted unit inside a limit, or one unit less that
    must be served) would save, in discounted money; 0 where it does not bind. With integers it is that of the linear
    program in which they are fixed. It is empty where there was no time to compute it. The range over which it holds is
    empty here; `with_ranges` fills it.

    Returns:
        the choke points; and those of them at which one unit less costs another amount than one unit more saves
        (`one_less_costs`, infinite where no plan would be left), because the cost curve bends at the present figure.
    """
    values = within_bounds(program, np.asarray(solution.values, dtype=float))
    parts = [
        *(
            _rows(program, values, solution.prices, start, rows)
            for start, rows in program.by_family()
            if rows.family.choke_point
        ),
        _limits(program, limits, solution.prices),
        _must_serve(program, values, solution.prices),
    ]
    figures = ["used", "capacity", "utilisation", "shadow_price", "one_less_costs"]
    found = [
        tidy(part, figures, negligible=negligible_in(program)) for part in parts if len(part)
    ]  # each kind has figures of its own size
    table = (
        pd.concat(found, ignore_index=True) if found else empty([*COLUMNS["choke_points"], "one_less_costs"], figures)
    )
    table["valid_from"], table["valid_to"] = np.nan, np.nan
    return narrowed(table, COLUMNS["choke_points"]), _sides(table)


def _sides(table: pd.DataFrame) -> pd.DataFrame:
    """The choke points whose price differs between one unit more and one unit less."""
    more, less = table["shadow_price"].to_numpy(), table["one_less_costs"].to_numpy()
    known = ~(np.isnan(more) | np.isnan(less))
    turns = known & ~np.isclose(more, less, rtol=SAME, atol=0.0)
    return rows_where(narrowed(table, SIDES), turns)


def _prices_of(prices: Prices | None, start: int, rows: FamilyRows) -> tuple[Array, Array]:
    """What one more unit of each row saves, and what one less costs."""
    if prices is None:
        return np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    part = slice(start, start + len(rows))
    return prices.more[part], prices.less[part]


def _label_periods(program: Program, labels: pd.DataFrame) -> pd.Series:
    names = np.array(program.network.labels, dtype=object)
    return pd.Series(names[labels["period"].to_numpy(dtype=np.int64)])


def _rows(program: Program, values: Array, prices: Prices | None, start: int, rows: FamilyRows) -> pd.DataFrame:
    """The rows of a family that are choke points, in their order, with use, capacity and prices."""
    if not len(rows):
        return pd.DataFrame()
    table = rows.family.choke_points(program.network, program, rows.labels, values)
    more, less = _prices_of(prices, start, rows)
    return table.assign(
        kind=rows.family.choke_point,
        period=_label_periods(program, rows.labels),
        utilisation=_ratio(table["used"].to_numpy(dtype=float), table["capacity"].to_numpy(dtype=float)),
        shadow_price=more,
        one_less_costs=less,
    )


def _limits(program: Program, limits: pd.DataFrame, prices: Prices | None) -> pd.DataFrame:
    """Limits: used and capacity are the share, and the largest share (of a floor the least that must be clear)."""
    if limits.empty:
        return pd.DataFrame()
    rule = ["limit", "of"]  # a buffer of items of several stages has one stage for each item
    stages = lookup(limits, program.network.limits.drop_duplicates(rule, ignore_index=True), rule, "stage", "")
    over = dict(zip(program.network.limits["limit"], program.network.limits["over"], strict=True))
    by_region = limits["limit"].map(over) == "region"
    less = np.full(len(limits), np.nan)
    for start, rows in program.by_family():
        if isinstance(rows.family, PolicyLimit):
            less[positions(rows.labels, limits, list(LIMIT))] = _prices_of(prices, start, rows)[1]
    allowed = limits["max_share"].fillna(limits["min_free"]).fillna(1.0)  # a buffer's share is of its cover
    return table_of_columns(
        {
            "kind": "limit",
            "name": limits["limit"] + " (" + limits["of"].astype(str) + ")",
            "site": "",
            "region": limits["of"].where(by_region, ""),
            "stage": stages,
            "period": limits["period"],
            "used": limits["share"],
            "capacity": allowed,
            "utilisation": _ratio(limits["share"].to_numpy(dtype=float), allowed.to_numpy(dtype=float)),
            "shadow_price": limits["shadow_price"],
            "one_less_costs": less,
        }
    )


def _must_serve(program: Program, values: Array, prices: Prices | None) -> pd.DataFrame:
    """Orders that must be served: what one unit less of the promise would save, and one unit more would cost."""
    network = program.network
    lost = network.lost
    at = promised_orders(program)
    if not len(at) or prices is None:
        return pd.DataFrame()
    columns = program.lost.first + at
    promised = lost.iloc[at].reset_index(drop=True)
    quantity = lookup(promised, network.orders, ["customer", "item", "period"], "quantity", 0.0).astype(float)
    served = quantity - values[columns]
    regions = {customer.customer: customer.region for customer in network.instance.customers}
    stages = network.instance.stage_of
    floor = quantity - program.numbers.upper[columns]
    return table_of_columns(
        {
            "kind": "must_serve",
            "name": [f"{customer}/{item}" for customer, item in label_rows(promised, ["customer", "item"])],
            "site": "",
            "region": [regions[customer] for customer in promised["customer"].tolist()],
            "stage": [stages[item] for item in promised["item"].tolist()],
            "period": _label_periods(program, promised),
            "used": served,
            "capacity": floor,
            "utilisation": _ratio(served, floor),
            "shadow_price": prices.lost_more[at],
            "one_less_costs": prices.lost_less[at],
        }
    )


def _ratio(used: Array, capacity: Array) -> Array:
    """Used divided by capacity; infinite where something is used without capacity, 0 where nothing is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(capacity > 0, used / capacity, np.where(used > 1e-9, np.inf, 0.0)), dtype=float)
