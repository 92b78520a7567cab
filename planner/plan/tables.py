"""The tables of a plan, from the values and duals of a solution: with labels, sorted, in nine significant digits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.instance.policy import rules_of
from planner.model.catalogue import COSTS
from planner.model.constraints.limits import PolicyLimit
from planner.model.layout import Layout
from planner.model.program import Program
from planner.model.variable_blocks import Block
from planner.network.frames import lookup, narrowed, positions, renamed, rows_where, table_of_columns
from planner.network.network import Network
from planner.plan.columns import COLUMNS
from planner.plan.rounding import NEGLIGIBLE, cleaned, tidy
from planner.solve.decisions_in_tables import GIVES_WAY
from planner.solve.solution import Array, Solution
from planner.solve.table_check import is_made, limit_use
from planner.solve.tolerances import RELATIVE

TABLE_NAMES = (
    "production",
    "shipments",
    "stock",
    "service",
    "allocation",
    "exposure",
    "limits",
    "commitments",
    "expansions",
    "choke_points",
    "costs",
)
FURTHER_TABLES = ("relabelled", "sources", "recourse", "price_sides")  # classes, counted sources, strikes, corners


def plan_tables(program: Program, solution: Solution, negligible: float | None = None) -> dict[str, pd.DataFrame]:
    """The tables of a plan except exposure, allocation and choke points, which are computed from these.

    Args:
        program: what was solved.
        solution: its answer, with values.
        negligible: the part of its column's largest below which a figure is left out; None for `negligible_in`.
    """
    negligible = negligible_in(program) if negligible is None else negligible
    values = within_bounds(program, np.asarray(solution.values, dtype=float))
    told = _with_rows(program, values, negligible)
    network = program.network
    tables = {
        "production": _production(program.make, values[program.make.span], negligible),
        "shipments": _shipments(network, program.ship, values[program.ship.span], negligible),
        "stock": _stock(program.stock, values[program.stock.span], negligible),
        "service": service_table(program, values, negligible),
        "limits": _limits(program, told, None if solution.prices is None else solution.prices.more, negligible),
        "commitments": _commitments(program, values, negligible),
        "expansions": _expansions(program, values, negligible),
    }
    if rules_of(network.policy).sources:
        tables["sources"] = _sources(program, values, negligible)
    if network.watches:
        relabelled = program.relabel.labelled.assign(quantity=values[program.relabel.span])
        tables["relabelled"] = tidy(relabelled[list(COLUMNS["relabelled"])], ["quantity"], "quantity", negligible)
    if network.recourse is not None:
        tables["recourse"] = _recourse(program, values, negligible)
    tables["costs"] = _costs(program, values, tables, negligible)
    return tables


def within_bounds(program: Program, values: Array) -> Array:
    """Values of the columns of a program, those that are outside of their bounds by a solver's noise at them."""
    found: Array = np.clip(values[: program.columns], program.numbers.lower, program.numbers.upper)
    return found


def _with_rows(program: Program, values: Array, negligible: float) -> Array:
    """Values that are 0 where they are too small for a row of their table.

    The share of a limit follows from the decisions that a reader sees, as other shares of it may all be 0.
    """
    told = values.copy()
    for block in program.blocks:
        part = told[block.span]
        part[np.abs(part) < negligible * np.abs(part).max(initial=0.0)] = 0.0
    return told


def negligible_in(program: Layout) -> float:
    """The part of its column's largest below which a figure is a solver's noise; 0 where figures are far apart."""
    return NEGLIGIBLE if program.units is None else 0.0


def _taken(table: pd.DataFrame, values: Array) -> tuple[pd.DataFrame, Array]:
    """The decisions that are not 0, and their values."""
    at = np.flatnonzero(values)
    return table.take(at), values[at]


def _production(block: Block, made: Array, negligible: float) -> pd.DataFrame:
    table, made = _taken(block.labelled, made)
    table = table.assign(started=made, finished=made * table["yield"], cost=made * table["production"])
    return _by_class("production", table, block, ["started", "finished", "cost"], negligible)


def _shipments(network: Network, block: Block, sent: Array, negligible: float) -> pd.DataFrame:
    labels = np.array(network.labels, dtype=object)
    arrives = labels[block.labelled["arrive"].to_numpy(dtype=np.int64)]
    table, sent = _taken(block.labelled.assign(arrives=arrives), sent)
    table = table.assign(quantity=sent, freight=sent * table["freight"], tariff=sent * table["tariff"])
    return _by_class("shipments", table, block, ["quantity", "freight", "tariff"], negligible)


def _stock(block: Block, kept: Array, negligible: float) -> pd.DataFrame:
    table, kept = _taken(block.labelled, kept)
    table = table.assign(quantity=kept, holding_cost=kept * table["holding"])
    return _by_class("stock", table, block, ["quantity", "holding_cost"], negligible)


def _by_class(name: str, table: pd.DataFrame, block: Block, figures: list[str], negligible: float) -> pd.DataFrame:
    """A table of decisions in its columns, with `touched` before the figures where the block is split by class.

    Args:
        name: of the table.
        table: a row for each decision that is taken.
        block: of the decisions.
        figures: the columns with figures, the decision first.
        negligible: as in `tidy`.
    """
    labels = [column for column in COLUMNS[name] if column not in figures]
    columns = [*labels, *(["touched"] if block.is_split else []), *figures]
    return tidy(narrowed(table, columns), figures, figures[0], negligible)


def service_table(program: Program, values: Array, negligible: float | None = None) -> pd.DataFrame:
    """Every order, and every later period in which something of it was still owed.

    Args:
        program: what was solved.
        values: value of each column, within its bounds.
        negligible: as of `plan_tables`.
    """
    negligible = negligible_in(program) if negligible is None else negligible
    network = program.network
    orders = network.orders.reset_index(drop=True)
    keys = ["customer", "item", "period"]
    deliveries = renamed(network.deliveries, {"place": "customer"})
    at = positions(deliveries, orders, keys)
    sent = values[program.ship.span][deliveries["row"].to_numpy(dtype=np.int64)]
    delivered = np.bincount(at, weights=sent, minlength=len(orders))
    late, lost = (np.zeros(len(orders)) for _ in range(2))
    late[positions(network.late, orders, keys)] = values[program.late.span]
    for block, table in ((program.lost, network.lost), (program.unserved, network.unserved)):
        lost[positions(table, orders, keys)] += values[block.span]
    lost[positions(network.cancelled, orders, keys)] += values[program.cancelled.span]
    late_cost = np.where(orders["late_cost"].isna(), 0.0, orders["late_cost"])
    labels = np.array(network.labels, dtype=object)
    table = table_of_columns(
        {
            "customer": orders["customer"],
            "item": orders["item"],
            "period": labels[orders["period"].to_numpy(dtype=np.int64)],
            "demand": orders["quantity"],
            "delivered": delivered,
            "late": late,
            "lost": lost,
            "price": orders["price"] * orders["discount"],
            "lateness_cost": late * late_cost * orders["discount"],
            "lost_cost": lost * orders["lost_cost"] * orders["discount"],
        }
    )
    figures = ["demand", "delivered", "late", "lost", "price", "lateness_cost", "lost_cost"]
    table = tidy(table, figures, negligible=negligible)
    amounts = narrowed(table, ["demand", "delivered", "late", "lost"]).to_numpy(dtype=float)
    return rows_where(table, (amounts != 0).any(axis=1))


def _limits(program: Program, values: Array, shadow: Array | None, negligible: float) -> pd.DataFrame:
    """Each limit in each period: the share that is used, and what one more weighted unit inside would save.

    The share of a floor is what is clear, as a share of the demand that it promises to serve; that of a buffer is
    what is held, as a share of what it must cover.
    """
    network = program.network
    limits = network.limits
    keys = ["limit", "of", "period"]
    inside, total = limit_use(program, values, limits)
    excess = lookup(limits, network.excess.assign(value=values[program.excess.span]), keys, "value", 0.0)
    soft = lookup(limits, network.excess, keys, "soft", 0.0)
    price = np.full(len(limits), np.nan)
    for start, rows in program.by_family():
        if isinstance(rows.family, PolicyLimit) and shadow is not None:
            price[positions(rows.labels, limits, keys)] = shadow[start : start + len(rows)]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(is_made(program, total), inside / total, np.nan)
    table = table_of_columns(
        {
            "limit": limits["limit"],
            "of": limits["of"],
            "period": limits["period"],
            "share": share.astype(float),
            "max_share": limits["max_share"].astype(float),
            "min_free": limits["min_free"].astype(float),
            "excess": excess.astype(float),
            "cost": (excess * soft).astype(float),
            "shadow_price": price,
        }
    )
    figures = ["share", "max_share", "min_free", "excess", "cost", "shadow_price"]
    return tidy(table, figures, negligible=negligible)


def _commitments(program: Program, values: Array, negligible: float) -> pd.DataFrame:
    network = program.network
    rows = network.commitments
    uses = network.commitment_uses
    made = values[program.make.span][uses["row"].to_numpy(dtype=np.int64)] * uses["amount"].to_numpy(dtype=float)
    total = (
        np.bincount(positions(uses, rows, ["commitment"]), weights=made, minlength=len(rows))
        if len(uses)
        else np.zeros(len(rows))
    )
    under = network.under.assign(value=values[program.under.span])
    short = lookup(rows, under, ["commitment"], "value", 0.0).astype(float)
    cost = short * lookup(rows, under, ["commitment"], "shortfall", 0.0).astype(float)
    table = table_of_columns(
        {"commitment": rows["commitment"], "minimum": rows["minimum"], "made": total, "shortfall": short, "cost": cost}
    )
    return tidy(table, ["minimum", "made", "shortfall", "cost"], negligible=negligible)


def _expansions(program: Program, values: Array, negligible: float) -> pd.DataFrame:
    block = program.expand
    share = values[block.span]
    table = block.labelled
    fixed = np.zeros(len(table))
    opened = program.network.open
    paid = opened["expansion"].to_numpy(dtype=float)
    fixed[opened["row"].to_numpy(dtype=np.int64)] = values[program.open.span] * paid
    table = table.assign(share=share, cost=share * table["expansion"] + fixed, capacity=share * table["capacity"])
    return tidy(narrowed(table, COLUMNS["expansions"]), ["share", "capacity", "cost"], "share", negligible)


def _sources(program: Program, values: Array, negligible: float) -> pd.DataFrame:
    """Each site that makes an item of a stage whose sources are counted: good units started, and their share."""
    network = program.network
    stages = {rule.stage for rule in rules_of(network.policy).sources}
    made = program.make.labelled
    made = made.assign(quantity=values[program.make.span] * made["yield"])
    made = made[made["stage"].isin(stages)]
    keys = ["stage", "item", "position", "period", "site"]
    table = made.groupby(keys, as_index=False)["quantity"].sum()
    largest = table.groupby("item")["quantity"].transform("max")
    table = table[table["quantity"] > RELATIVE * largest]
    total = table.groupby(["item", "period"])["quantity"].transform("sum")
    table = table.assign(share=table["quantity"] / total)
    rank = table["stage"].map({stage: number for number, stage in enumerate(network.instance.stages)})
    table = table.assign(rank=rank).sort_values(["rank", "item", "position", "site"], ignore_index=True)
    columns = ["stage", "item", "period", "site", "quantity", "share"]
    return tidy(table[columns], ["quantity", "share"], "quantity", negligible)


def _recourse(program: Program, values: Array, negligible: float) -> pd.DataFrame:
    """What gave way after a strike: kind, place (site or customer), item, period, quantity, cost of broken promises."""
    parts = []
    for name in GIVES_WAY:
        block: Block = getattr(program, name)
        table, quantity = block.labelled, values[block.span]
        promise = table["promise"].to_numpy(dtype=float) if "promise" in table else np.zeros(len(table))
        parts.append(
            table_of_columns(
                {
                    "kind": name,
                    "place": table[block.keys[0]],
                    "item": table["item"],
                    "period": table["period"],
                    "quantity": quantity,
                    "cost": quantity * promise,
                }
            )
        )
    return tidy(pd.concat(parts, ignore_index=True), ["quantity", "cost"], "quantity", negligible)


def _costs(program: Program, values: Array, tables: dict[str, pd.DataFrame], negligible: float) -> pd.DataFrame:
    shown = [cost for cost in COSTS if cost.table in tables]
    amounts = []
    for cost in shown:
        amount = 0.0
        for name, column in cost.parts:
            block: Block = getattr(program, name)
            amount += float((values[block.span] * block.labelled[column].to_numpy(dtype=float)).sum())
        amounts.append(amount)
    figures = cleaned(pd.Series(amounts, dtype=float), negligible)
    return table_of_columns({"component": [cost.name for cost in shown], "amount": figures})
