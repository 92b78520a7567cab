"""Reading a plan back from its tables: the decisions, and whether every derived figure follows from them.

Independent of the code that wrote the tables: each figure is computed again from the decisions and the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.model.blocks import Block
from planner.model.catalogue import COSTS
from planner.model.program import Program
from planner.network.frames import added, lookup, positions
from planner.solve.solution import Array
from planner.solve.sources_and_lots import estimate_failures, source_failures, started_lots, used_sites
from planner.solve.tolerances import LEAST, RELATIVE, dropped_in, label_of, values_of, wrong_figures

Tables = Mapping[str, pd.DataFrame]
GIVES_WAY = ("unserved", "cancelled", "surplus", "below", "over")
DECISIONS = (
    ("make", "production", "started"),
    ("ship", "shipments", "quantity"),
    ("stock", "stock", "quantity"),
    ("late", "service", "late"),
    ("lost", "service", "lost"),
    ("under", "commitments", "shortfall"),
    ("expand", "expansions", "share"),
    ("excess", "limits", "excess"),
    ("relabel", "relabelled", "quantity"),
)
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


def decisions_of(program: Program, tables: Tables, failures: list[str] | None = None) -> Array:
    """The value of each column, read back from the plan's tables (a row that is not there is 0).

    Args:
        program: the program whose columns are wanted.
        tables: the plan's tables.
        failures: gets a sentence for each row that stands twice or is no possible decision; without it such rows
            are left out (the plan may be of another program).
    """
    values = np.zeros(program.columns)
    tables = {**tables, "service": _lost_at_once(tables)}
    for name, table_name, column in DECISIONS:
        block: Block = getattr(program, name)
        table = tables.get(table_name)
        if table is None or table.empty:  # `relabelled` stands only where a policy watches
            continue
        table = table[table[column] != 0]
        keys = block.keys
        at = positions(table, block.labelled, keys)
        if failures is not None:
            failures += [
                f"{table_name} has a row for {label_of(table, keys, int(row))}, which is no possible decision"
                for row in np.flatnonzero(at < 0)
            ]
        values[block.first + at[at >= 0]] = table[column].to_numpy(dtype=float)[at >= 0]
    _give_way(program, tables, values)
    bought = program.expand.first + program.network.open["row"].to_numpy(dtype=np.int64)
    values[program.open.first : program.open.first + len(program.open)] = values[bought] > 0
    values[program.total.first : program.total.first + len(program.total)] = _totals(program, values)
    values[program.use.first : program.use.first + len(program.use)] = used_sites(program, values)
    values[program.lot.first : program.lot.first + len(program.lot)] = started_lots(program, values)
    return values


def _give_way(program: Program, tables: Tables, values: Array) -> None:
    """Read back the decisions that exist only after a strike (unserved, cancelled, surplus, below, over)."""
    table = tables.get("recourse")
    if table is None:
        return
    for name in GIVES_WAY:
        block: Block = getattr(program, name)
        rows = table[table["kind"] == name].rename(columns={"place": block.keys[0]})
        at = positions(rows, block.labelled, block.keys)
        values[block.first + at[at >= 0]] = rows["quantity"].to_numpy(dtype=float)[at >= 0]


def _lost_at_once(tables: Tables) -> pd.DataFrame:
    """The service table with the units lost at once, without those that were unserved or cancelled after a strike."""
    service, table = tables["service"], tables.get("recourse")
    if table is None:
        return service
    keys = ["customer", "item", "period"]
    later = table[table["kind"].isin(["unserved", "cancelled"])].rename(columns={"place": "customer"})
    sums = later.groupby(keys, as_index=False)["quantity"].sum()
    left = service["lost"] - lookup(service, sums, keys, "quantity", 0.0).astype(float)
    return service.assign(lost=left.where(left > RELATIVE * service["lost"], 0.0))


@dataclass(frozen=True)
class Target:
    """The decisions of another plan, summed over classes, to which a plan can be asked to stay close.

    Attributes:
        group: for each column of the program, the number of the decision that it is a part of; -1 where it is none.
        amount: the other plan's value of each decision.
    """

    group: Array
    amount: Array


def target_of(program: Program, tables: Tables) -> Target:
    """The decisions in a plan's tables as a target for a program that may have other decisions and classes."""
    group = np.full(program.columns, -1, dtype=np.int64)
    amounts: list[Array] = []
    count = 0
    for name, table_name, column in DECISIONS:
        if name == "relabel":
            continue
        block: Block = getattr(program, name)
        keys = list(block.spec.keys)
        decisions = block.labelled[keys].drop_duplicates(ignore_index=True)
        group[block.first : block.first + len(block)] = count + positions(block.labelled, decisions, keys)
        amount = np.zeros(len(decisions))
        at = positions(tables[table_name], decisions, keys)
        np.add.at(amount, at[at >= 0], tables[table_name][column].to_numpy(dtype=float)[at >= 0])
        amounts.append(amount)
        count += len(decisions)
    return Target(group, np.concatenate(amounts))


def _totals(program: Program, values: Array) -> Array:
    """The total of each row of `total`: what the scope of the limit makes or is delivered, in weighted units."""
    network = program.network
    found = lookup(network.total, network.totals, ["limit", "period"], "before", 0.0).astype(float)
    for block, counted in ((program.make, network.limit_totals), (program.ship, network.pathway_totals)):
        rows = positions(counted, network.total, ["limit", "period"])
        amounts = values_of(block, values)[counted["row"].to_numpy(dtype=np.int64)] * counted["weight"].to_numpy(
            dtype=float
        )
        np.add.at(found, rows, amounts)
    return found


def table_failures(program: Program, tables: Tables, values: Array) -> list[str]:
    """Sentences on what in the tables does not follow from the decisions: derived figures, sums, repeated rows."""
    failures = [
        f"{table_name} has two rows for {label_of(table, keys, int(row))}"
        for name, table_name, _ in DECISIONS
        if table_name in tables
        for table, keys in [(tables[table_name], getattr(program, name).keys)]
        if len(table)
        for row in np.flatnonzero(table.duplicated(keys).to_numpy())[:1]
    ]
    products = [
        (table_name, column, name, values_of(block, values) * block.labelled[factor].to_numpy(dtype=float))
        for table_name, column, name, factor in PRODUCTS
        for block in [getattr(program, name)]
    ]
    failures += _differing(
        program, tables, [*products, ("expansions", "cost", "expand", _option_costs(program, values))]
    )
    failures += _service_failures(program, tables["service"], values)
    failures += _commitment_failures(program, tables["commitments"], values)
    failures += _limit_failures(program, tables["limits"], values)
    failures += source_failures(program, tables.get("sources"), values)
    failures += estimate_failures(program, values)
    return failures + _cost_failures(tables, dropped_in(program))


def _differing(program: Program, tables: Tables, products: list[tuple[str, str, str, Array]]) -> list[str]:
    """A sentence for each (table, column) whose figures are not decision * coefficient of the network."""
    failures: list[str] = []
    at: dict[str, Array] = {}
    for name, column, block_name, figures in products:
        table, block = tables[name], getattr(program, block_name)
        if table.empty:
            continue
        if name not in at:
            at[name] = positions(table, block.labelled, block.keys)
        wanted = np.where(at[name] >= 0, figures[at[name]], 0.0) if len(figures) else np.zeros(len(table))
        shown = table[column].to_numpy(dtype=float)
        failures += wrong_figures(table, block.keys, f"{name}.{column}", shown, wanted, dropped_in(program))
    return failures


def _option_costs(program: Program, values: Array) -> Array:
    cost: Array = values_of(program.expand, values) * program.network.expand["expansion"].to_numpy(dtype=float)
    opened = program.network.open
    np.add.at(
        cost,
        opened["row"].to_numpy(dtype=np.int64),
        values_of(program.open, values) * opened["expansion"].to_numpy(dtype=float),
    )
    return cost


def _lost_costs(program: Program, values: Array) -> pd.DataFrame:
    """The cost of the lost units of each order, including cancelled and unserved ones."""
    parts = [
        block.labelled[block.keys].assign(
            figure=values_of(block, values) * block.labelled["lost_sales"].to_numpy(dtype=float)
        )
        for block in (program.lost, program.unserved, program.cancelled)
        if len(block)
    ]
    keys = program.lost.keys
    return added(pd.concat(parts), keys, ["figure"]) if parts else pd.DataFrame(columns=keys)


def _service_failures(program: Program, service: pd.DataFrame, values: Array) -> list[str]:
    """Sentences on figures of the service table that do not follow from the decisions."""
    network = program.network
    keys = ["customer", "item", "period"]
    labels = np.array(network.labels, dtype=object)
    orders = network.orders.assign(period=labels[network.orders["period"].to_numpy(dtype=np.int64)])
    arriving = network.deliveries
    sent = values_of(program.ship, values)[arriving["row"].to_numpy(dtype=np.int64)]
    delivered = np.bincount(
        positions(arriving.rename(columns={"place": "customer"}), network.orders, keys),
        weights=sent,
        minlength=len(orders),
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
    amount = values_of(program.make, values)[uses["row"].to_numpy(dtype=np.int64)] * uses["amount"].to_numpy(
        dtype=float
    )
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
        amounts = values_of(block, values)[uses["row"].to_numpy(dtype=np.int64)] * uses["weight"].to_numpy(dtype=float)
        np.add.at(inside, positions(uses, limits, keys), amounts)
    totals = network.total.assign(figure=values_of(program.total, values))
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
