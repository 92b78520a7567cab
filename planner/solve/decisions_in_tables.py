"""The decisions of a plan, read back from its tables.

Which table and column holds which decision is written here a second time, apart from the code that wrote the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.model.program import Program
from planner.model.variable_blocks import Block
from planner.network.frames import lookup, positions, renamed
from planner.solve.solution import Array
from planner.solve.sources_and_lots import started_lots, used_sites
from planner.solve.tolerances import RELATIVE, label_of

Tables = Mapping[str, pd.DataFrame]
Places = Mapping[str, Array]
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


def places_of(program: Program, tables: Tables) -> Places:
    """Which decision each row of the plan's tables is, by the name of the decision's block.

    Returns:
        for each row of the block's table its position in the block; -1 where it is no possible decision.
    """
    found = {}
    for name, table_name, _ in DECISIONS:
        block: Block = getattr(program, name)
        if table_name in tables:  # `relabelled` stands only where a policy watches
            found[name] = positions(tables[table_name], block.labelled, block.keys)
    return found


def decisions_of(program: Program, tables: Tables, places: Places, failures: list[str] | None = None) -> Array:
    """The value of each column, read back from the plan's tables (a row that is not there is 0).

    Args:
        program: the program whose columns are wanted.
        tables: the plan's tables.
        places: which decision each of their rows is (`places_of`).
        failures: gets a sentence for each row that is no possible decision; without it such rows are left out (the
            plan may be of another program).
    """
    values = np.zeros(program.columns)
    tables = {**tables, "service": _lost_at_once(tables)}
    for name, table_name, column in DECISIONS:
        if name not in places:
            continue
        block: Block = getattr(program, name)
        figures, at = tables[table_name][column].to_numpy(dtype=float), places[name]
        taken = figures != 0
        if failures is not None:
            failures += [
                f"{table_name} has a row for {label_of(tables[table_name], block.keys, int(row))}, "
                "which is no possible decision"
                for row in np.flatnonzero(taken & (at < 0))
            ]
        taken &= at >= 0
        values[block.first + at[taken]] = figures[taken]
    _give_way(program, tables, values)
    bought = program.expand.first + program.network.open["row"].to_numpy(dtype=np.int64)
    values[program.open.span] = values[bought] > 0
    values[program.total.span] = _totals(program, values)
    values[program.use.span] = used_sites(program, values)
    values[program.lot.span] = started_lots(program, values)
    return values


def _give_way(program: Program, tables: Tables, values: Array) -> None:
    """Read back the decisions that exist only after a strike (unserved, cancelled, surplus, below, over)."""
    table = tables.get("recourse")
    if table is None:
        return
    for name in GIVES_WAY:
        block: Block = getattr(program, name)
        rows = renamed(table[table["kind"] == name], {"place": block.keys[0]})
        at = positions(rows, block.labelled, block.keys)
        values[block.first + at[at >= 0]] = rows["quantity"].to_numpy(dtype=float)[at >= 0]


def _lost_at_once(tables: Tables) -> pd.DataFrame:
    """The service table with the units lost at once, without those that were unserved or cancelled after a strike."""
    service, table = tables["service"], tables.get("recourse")
    if table is None:
        return service
    keys = ["customer", "item", "period"]
    later = renamed(table[table["kind"].isin(["unserved", "cancelled"])], {"place": "customer"})
    sums = later.groupby(keys, as_index=False)["quantity"].sum()
    left = service["lost"] - lookup(service, sums, keys, "quantity", 0.0).astype(float)
    return service.assign(lost=left.where(left > RELATIVE * service["lost"], 0.0))


@dataclass(frozen=True)
class ClosenessTarget:
    """The decisions of another plan, summed over classes, to which a plan can be asked to stay close.

    Attributes:
        group: for each column of the program, the number of the decision that it is a part of; -1 where it is none.
        amount: the other plan's value of each decision.
    """

    group: Array
    amount: Array


def closeness_target(program: Program, tables: Tables) -> ClosenessTarget:
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
        group[block.span] = count + positions(block.labelled, decisions, keys)
        amount = np.zeros(len(decisions))
        at = positions(tables[table_name], decisions, keys)
        np.add.at(amount, at[at >= 0], tables[table_name][column].to_numpy(dtype=float)[at >= 0])
        amounts.append(amount)
        count += len(decisions)
    return ClosenessTarget(group, np.concatenate(amounts))


def _totals(program: Program, values: Array) -> Array:
    """The total of each row of `total`: what the scope of the limit makes or is delivered, in weighted units."""
    network = program.network
    found = lookup(network.total, network.totals, ["limit", "period"], "before", 0.0).astype(float)
    for block, counted in ((program.make, network.limit_totals), (program.ship, network.pathway_totals)):
        rows = positions(counted, network.total, ["limit", "period"])
        amounts = values[block.span][counted["row"].to_numpy(dtype=np.int64)] * counted["weight"].to_numpy(dtype=float)
        np.add.at(found, rows, amounts)
    return found
