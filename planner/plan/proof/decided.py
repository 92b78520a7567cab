"""The decisions of a run, read from its tables, and the figures that follow from a single decision."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from planner.model.variable_blocks import Block
from planner.network.frames import positions
from planner.plan.columns import COLUMNS
from planner.plan.proof.claims import Texts
from planner.plan.proof.compared import Finding, Written, table_named
from planner.plan.proof.printed_figures import ZERO, Figures, decimals, printed, unrounded, zeros
from planner.plan.proof.rules import Rules
from planner.plan.rounding import NEGLIGIBLE
from planner.solve.decisions_in_tables import DECISIONS
from planner.solve.solution import Array
from planner.solve.sources_and_lots import started_lots, used_sites
from planner.solve.table_check import PRODUCTS

ROWS_OF_THEIR_OWN = ("service", "commitments", "limits")  # tables whose rows are there whatever is decided
# (table, block, decision): a row for each decision that is not 0
OWN = tuple((table, block, name) for block, table, name in DECISIONS if table not in ROWS_OF_THEIR_OWN)
# (table, block, decision): the table has rows of its own, in which the decision stands
BESIDE = tuple((table, block, name) for block, table, name in DECISIONS if table in ROWS_OF_THEIR_OWN)
# (table, figure, block, column of the block's table): the figure is the decision times that column
FOLLOWS = tuple(product for product in PRODUCTS if product[0] not in ROWS_OF_THEIR_OWN)


@dataclass(frozen=True)
class RunDecisions:
    """The decisions of a run.

    Attributes:
        decisions: the values of all columns of the program; those that no table shows follow from the others.
        absent: for each column the largest figure that a decision without a row may have.
        written: the tables that were read, by name.
    """

    decisions: Figures
    absent: Array
    written: dict[str, Written]


def read_decisions(rules: Rules, tables: Texts, findings: list[Finding]) -> RunDecisions:
    """Read the decisions of a run.

    Args:
        rules: the program of the run.
        tables: the tables of the run.
        findings: the list to which findings are added.
    """
    layout = rules.layout
    values = Figures(zeros(layout.columns), zeros(layout.columns), np.ones(layout.columns, dtype=bool))
    absent = zeros(layout.columns)
    written: dict[str, Written] = {}
    small = Decimal(repr(NEGLIGIBLE)) if layout.units is None else ZERO
    for name, block_name, column in OWN:
        block: Block = getattr(layout, block_name)
        if name == "relabelled" and not layout.network.watches:
            continue
        labels = _labels(rules, block, name)
        table = written[name] = Written(name, table_named(tables, name, COLUMNS[name]), _columns(name, block), findings)
        table.match(labels, block.keys, np.zeros(len(labels), dtype=bool))
        shown = table.figures(column)
        for row in np.flatnonzero((shown.value == ZERO) & shown.known).tolist():
            table.wrong(row, column, "is 0, and what is 0 has no row")
        _put(values, block, table.place, shown)
        absent[block.span] = small * max(shown.value.tolist(), default=ZERO)
    for name, block_name, column in BESIDE:
        block = getattr(layout, block_name)
        texts = table_named(tables, name, COLUMNS[name])
        if not set(block.keys) <= set(texts) or column not in texts or not texts.columns.is_unique:
            continue  # said where the table itself is read
        shown, at = _read(texts, block, column)
        _put(values, block, at, shown)
        absent[block.span] = small * max(shown.value.tolist(), default=ZERO)
    _derive(rules, values)
    return RunDecisions(values, absent, written)


def own_failures(rules: Rules, found: RunDecisions) -> None:
    """Compare what follows from each decision of production, shipments, stock and expansions with what is written."""
    for name, column, block_name, factor in FOLLOWS:
        block: Block = getattr(rules.layout, block_name)
        table = found.written[name]
        table.agree(
            column, part_of(found.decisions, block).times(decimals(block.labelled[factor].to_numpy(dtype=float)))
        )
    expand, opened = rules.layout.expand, rules.layout.network.open
    cost = part_of(found.decisions, expand).times(decimals(expand.labelled["expansion"].to_numpy(dtype=float)))
    fixed = part_of(found.decisions, rules.layout.open).times(decimals(opened["expansion"].to_numpy(dtype=float)))
    cost = cost.plus(fixed.added(opened["row"].to_numpy(dtype=np.int64), len(expand)))
    found.written["expansions"].agree("cost", cost)


def part_of(values: Figures, block: Block) -> Figures:
    """The values of a block's decisions."""
    part = block.span
    return Figures(values.value[part], values.width[part], values.known[part])


def _labels(rules: Rules, block: Block, name: str) -> pd.DataFrame:
    """The texts of every decision of a block, as its table has them."""
    table = block.labelled
    if name == "shipments":
        labels = np.array(rules.layout.network.labels, dtype=object)
        table = table.assign(arrives=labels[table["arrive"].to_numpy(dtype=np.int64)])
    figures = {column for table_name, column, *_ in (*FOLLOWS, *OWN) if table_name == name}
    wanted = [column for column in _columns(name, block) if column in table and column not in figures]
    return table[wanted]


def _columns(name: str, block: Block) -> list[str]:
    own = [column for column in COLUMNS[name] if column in block.keys]
    return [*COLUMNS[name], *(["touched"] if block.is_split and "touched" not in own else [])]


def _put(values: Figures, block: Block, at: Array, shown: Figures) -> None:
    """Set decisions of a block; a row that stands twice counts once, which is said elsewhere."""
    there = at >= 0
    values.value[block.first + at[there]] = shown.value[there]
    values.width[block.first + at[there]] = shown.width[there]


def _read(texts: pd.DataFrame, block: Block, column: str) -> tuple[Figures, Array]:
    shown, _ = printed(texts[column].tolist())
    at = positions(texts[block.keys], block.labelled[block.keys].astype(str), block.keys)
    return shown, at


def _derive(rules: Rules, values: Figures) -> None:
    """Set the decisions that no table has: options opened, totals of limits, sources and lots."""
    layout, network = rules.layout, rules.layout.network
    bought = layout.expand.first + network.open["row"].to_numpy(dtype=np.int64)
    opened = [Decimal(int(value > 0)) for value in values.value[bought].tolist()]
    values.value[layout.open.span] = opened
    keys = ["limit", "period"]
    before = lookup_figures(network.total, network.totals, keys, "before")
    total = Figures(before, zeros(len(before)), np.ones(len(before), dtype=bool))
    for block, counted in ((layout.make, network.limit_totals), (layout.ship, network.pathway_totals)):
        weight = decimals(counted["weight"].to_numpy(dtype=float))
        amounts = part_of(values, block).take(counted["row"].to_numpy(dtype=np.int64)).times(weight)
        total = total.plus(amounts.added(positions(counted, network.total, keys), len(total.value)))
    part = layout.total.span
    values.value[part], values.width[part] = total.value, total.width
    floats = values.floats()
    for block, used in ((layout.use, used_sites(layout, floats)), (layout.lot, started_lots(layout, floats))):  # type: ignore[arg-type]
        values.value[block.span] = [Decimal(int(part)) for part in used.tolist()]


def lookup_figures(keys: pd.DataFrame, table: pd.DataFrame, columns: list[str], name: str) -> Array:
    """For each row of `keys`, the figure of the row of `table` that agrees in `columns`, as a decimal; else 0."""
    if table.empty:
        return zeros(len(keys))
    return unrounded(table[name].to_numpy(dtype=float)).take(positions(keys, table, columns)).value
