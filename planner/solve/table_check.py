"""Whether every figure in the tables of a plan follows from its decisions.

Independent of the code that wrote the tables: each figure is computed again from the decisions and the network.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.model.catalogue import COSTS
from planner.model.program import Program
from planner.network.frames import lookup, narrowed, positions, renamed, summed
from planner.solve.decisions_in_tables import DECISIONS, Places, Tables
from planner.solve.solution import Array
from planner.solve.sources_and_lots import estimate_failures, source_failures
from planner.solve.tolerances import LEAST, RELATIVE, dropped_in, label_of, wrong_figures

# (table, column, block, column of the block's table): the figure is the decision times that column
PRODUCTS = (
    ("production", "finished", "make", "yield"),
    ("production", "cost", "make", "production"),
    ("shipments", "freight", "ship", "freight"),
    ("shipments", "tariff", "ship", "tariff"),
    ("stock", "holding_cost", "stock", "holding"),
    ("service", "lateness_cost", "late", "lateness"),
    ("expansions", "capacity", "expand", "capacity"),
    ("commitments", "cost", "under", "shortfall"),
    ("limits", "cost", "excess", "soft"),
)


def table_failures(program: Program, tables: Tables, values: Array, places: Places) -> list[str]:
    """Sentences on what in the tables does not follow from the decisions: derived figures, sums, repeated rows.

    Args:
        program: what was solved.
        tables: the plan's tables.
        values: the decisions, read back from them.
        places: which decision each row of the tables is (`places_of`).
    """
    failures = [
        f"{table_name} has two rows for {label_of(tables[table_name], getattr(program, name).keys, int(row))}"
        for name, table_name, _ in DECISIONS
        if name in places
        for row in np.flatnonzero(_again(tables[table_name], getattr(program, name).keys, places[name]))[:1]
    ]
    products = [
        (table_name, column, name, values[block.span] * block.labelled[factor].to_numpy(dtype=float))
        for table_name, column, name, factor in PRODUCTS
        for block in [getattr(program, name)]
    ]
    products.append(("expansions", "cost", "expand", _option_costs(program, values)))
    failures += _differing(program, tables, places, products)
    failures += _service_failures(program, tables["service"], values)
    failures += _commitment_failures(program, tables["commitments"], values)
    failures += _limit_failures(program, tables["limits"], values)
    failures += source_failures(program, tables.get("sources"), values)
    failures += estimate_failures(program, values)
    return failures + _cost_failures(tables, dropped_in(program))


def _again(table: pd.DataFrame, keys: list[str], at: Array) -> Array:
    """Which rows of a table have the labels of an earlier one, given which decision each is (-1 for none)."""
    again = np.ones(len(at), dtype=bool)
    again[np.unique(at, return_index=True)[1]] = False
    stray = np.flatnonzero(at < 0)
    if len(stray):
        again[stray] = table.iloc[stray].duplicated(keys).to_numpy()
    return again


def _differing(
    program: Program, tables: Tables, places: Places, products: list[tuple[str, str, str, Array]]
) -> list[str]:
    """A sentence for each (table, column) whose figures are not decision * coefficient of the network."""
    failures: list[str] = []
    for name, column, block_name, figures in products:
        table, at, keys = tables[name], places[block_name], getattr(program, block_name).keys
        wanted = np.where(at >= 0, figures[at], 0.0) if len(figures) else np.zeros(len(table))
        shown = table[column].to_numpy(dtype=float)
        failures += wrong_figures(table, keys, f"{name}.{column}", shown, wanted, dropped_in(program))
    return failures


def _option_costs(program: Program, values: Array) -> Array:
    cost: Array = values[program.expand.span] * program.network.expand["expansion"].to_numpy(dtype=float)
    opened = program.network.open
    np.add.at(
        cost,
        opened["row"].to_numpy(dtype=np.int64),
        values[program.open.span] * opened["expansion"].to_numpy(dtype=float),
    )
    return cost


def _lost_costs(program: Program, values: Array) -> pd.DataFrame:
    """The cost of the lost units of each order, including cancelled and unserved ones."""
    parts = [
        narrowed(block.labelled, block.keys).assign(
            figure=values[block.span] * block.labelled["lost_sales"].to_numpy(dtype=float)
        )
        for block in (program.lost, program.unserved, program.cancelled)
        if len(block)
    ]
    keys = program.lost.keys
    return summed(pd.concat(parts), keys, ["figure"]) if parts else pd.DataFrame(columns=keys)


def _service_failures(program: Program, service: pd.DataFrame, values: Array) -> list[str]:
    """Sentences on figures of the service table that do not follow from the decisions."""
    network = program.network
    keys = ["customer", "item", "period"]
    labels = np.array(network.labels, dtype=object)
    orders = network.orders.assign(period=labels[network.orders["period"].to_numpy(dtype=np.int64)])
    arriving = network.deliveries
    sent = values[program.ship.span][arriving["row"].to_numpy(dtype=np.int64)]
    delivered = np.bincount(
        positions(renamed(arriving, {"place": "customer"}), network.orders, keys), weights=sent, minlength=len(orders)
    )
    figures = {
        "demand": orders["quantity"].to_numpy(dtype=float),
        "delivered": delivered,
        "price": (orders["price"] * orders["discount"]).to_numpy(dtype=float),
    }
    failures = []
    at = positions(service, orders, keys)
    for column, wanted in figures.items():
        expected = np.where(at >= 0, wanted[at], np.nan)
        shown = service[column].to_numpy(dtype=float)
        failures += wrong_figures(service, keys, f"service.{column}", shown, expected, dropped_in(program))
    lost = lookup(service, _lost_costs(program, values), keys, "figure", 0.0).astype(float)
    shown = service["lost_cost"].to_numpy(dtype=float)
    return failures + wrong_figures(service, keys, "service.lost_cost", shown, lost, dropped_in(program))


def _commitment_failures(program: Program, table: pd.DataFrame, values: Array) -> list[str]:
    """Sentences on figures of the table of commitments that do not follow from the decisions."""
    uses = program.network.commitment_uses
    rows = program.network.commitments
    if not len(rows) and not len(table):
        return []
    amount = values[program.make.span][uses["row"].to_numpy(dtype=np.int64)] * uses["amount"].to_numpy(dtype=float)
    made = np.bincount(positions(uses, rows, ["commitment"]), weights=amount, minlength=len(rows))
    failures = []
    for column, figures in (("minimum", rows["minimum"].to_numpy(dtype=float)), ("made", made)):
        wanted = lookup(table, rows[["commitment"]].assign(figure=figures), ["commitment"], "figure", np.nan)
        shown, name = table[column].to_numpy(dtype=float), f"commitments.{column}"
        failures += wrong_figures(table, ["commitment"], name, shown, wanted.astype(float), dropped_in(program))
    return failures


def is_made(program: Program, total: Array, times: float = 1.0) -> Array:
    """Where the total of a limit is more than `times` the numerical noise, so that a share of it means something."""
    least = 0.0 if program.units is not None else times * RELATIVE * float(np.max(total, initial=0.0))
    return np.asarray(total > least)


def limit_use(program: Program, values: Array, limits: pd.DataFrame) -> tuple[Array, Array]:
    """The used amount of each limit and the total that it is measured against, in weighted units.

    For a floor these are the clear units and the demand; for a buffer the stock held and the units it must cover.

    Args:
        program: the program.
        values: value of each column.
        limits: rows with limit, of and period.
    """
    network = program.network
    keys = ["limit", "of", "period"]
    inside = np.zeros(len(limits))
    counted = (
        (program.make, network.limit_uses),
        (program.ship, network.pathway_uses),
        (program.stock, network.buffer_uses),
    )
    for block, uses in counted:
        amounts = values[block.span][uses["row"].to_numpy(dtype=np.int64)] * uses["weight"].to_numpy(dtype=float)
        np.add.at(inside, positions(uses, limits, keys), amounts)
    totals = network.total.assign(figure=values[program.total.span])
    total = lookup(limits, totals, ["limit", "period"], "figure", 0.0).astype(float)
    capped = ~np.isnan(lookup(limits, network.limits, keys, "max_share", np.nan).astype(float))
    demand = lookup(limits, network.limits, keys, "demand", 0.0).astype(float)
    used = lookup(limits, network.limits, keys, "used", 0.0).astype(float)
    return np.abs(inside) + used, np.where(capped, total, demand)


def _limit_failures(program: Program, table: pd.DataFrame, values: Array) -> list[str]:
    """Sentences on wrong shares of limits; a limit whose total is about 0 may have no share."""
    keys = ["limit", "of", "period"]
    inside, total = limit_use(program, values, table)
    shown = table["share"].to_numpy(dtype=float)
    known = is_made(program, total) & ~(np.isnan(shown) & ~is_made(program, total, times=10))
    wanted = np.divide(inside, total, out=np.zeros(len(table)), where=known)
    return wrong_figures(table, keys, "limits.share", np.where(known, shown, 0.0), wanted, dropped_in(program))


def _cost_failures(tables: Tables, part: float) -> list[str]:
    """Sentences on cost components that are not the sum of their rows."""
    failures = []
    amounts = dict(zip(tables["costs"]["component"], tables["costs"]["amount"], strict=True))
    dropped = part * float(np.abs(tables["costs"]["amount"]).sum()) + LEAST
    for cost in (cost for cost in COSTS if cost.table in tables):
        added = float(tables[cost.table][cost.column].sum())
        if not abs(added - amounts[cost.name]) <= RELATIVE * abs(added) + dropped:
            failures.append(f"{cost.name} is {amounts[cost.name]:.9g}, but its rows add up to {added:.9g}")
    return failures
