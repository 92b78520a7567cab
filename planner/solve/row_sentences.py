"""Rows and bounds of a program as lines in planner words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from planner.model.constraints.balances import ORDER, ORDER_MOST
from planner.model.constraints.stock import MINIMUM, maximum_line
from planner.model.program import Program
from planner.model.words.amounts import Amounts
from planner.model.words.lines import Line
from planner.model.words.names import named_labels
from planner.network.frames import ORDER as ORDERED
from planner.network.frames import PLACED
from planner.network.network import Network
from planner.solve.sentences import (
    HELD,
    LOST,
    OPTION_NOT_ALLOWED,
    OPTION_ONCE,
    OUTAGE,
    OWN_COLUMN,
    OWN_ROW,
    one_sentence_each,
)


def column_words(program: Program, column: int) -> str:
    """The sentence that says what a bound of a column means; empty where it only says that nothing is negative."""
    line = column_line(program, column)
    return "" if line is None else one_sentence_each([line], label_order(program.network), Amounts())[0]


def label_order(network: Network) -> dict[str, Sequence[str]]:
    """For the labels of sentences, all their values in the order in which sentences name them."""
    instance = network.instance
    return {
        "period": network.labels,
        "customer": sorted(row.customer for row in instance.customers),
        "item": sorted(row.item for row in instance.items),
    }


def row_line(program: Program, row: int, *, most: bool = False) -> Line:
    """The line of a row.

    Args:
        program: the program.
        row: its row, those added by hand included.
        most: of an order, whether no more than it can be delivered (else it must be).
    """
    _, labels = program.row_label(row)
    if row >= program.rows:
        return program.lines.get(row) or Line(OWN_ROW, {"name": str(labels[0])})
    start, rows = program.family_of(row)
    line = rows.family.line(program.network, labels, float(rows.right[row - start]))
    return Line(ORDER_MOST, line.labels, line.figures) if most and line.rule is ORDER else line


def column_line(program: Program, column: int, *, lower: bool = False) -> Line | None:
    """The line of a column's bound; None where the bound means nothing to a planner.

    Args:
        program: the program.
        column: its column, those added by hand included.
        lower: whether the lower bound is meant; of stock the minimum is, where there is one.
    """
    name, labels = program.column_label(column)
    if column >= program.columns:
        return None if column in program.measures else Line(OWN_COLUMN, {"name": str(labels[0])})
    low, high = float(program.numbers.lower[column]), float(program.numbers.upper[column])
    if name == "stock":
        if low > 0 and (lower or not np.isfinite(high)):
            return Line(MINIMUM, named_labels(program.network, PLACED, labels), (low,))
        return maximum_line(program.network, labels, high) if np.isfinite(high) else None
    if lower or not np.isfinite(high):
        return None
    if name == "lost":
        period = program.network.labels.index(str(labels[2]))
        quantity = float(program.network.row("orders", ORDERED, (labels[0], labels[1], period))["quantity"])
        return Line(LOST, named_labels(program.network, ORDERED, labels), (high, quantity))
    if name == "make" and high == 0:
        return Line(OUTAGE, {"site": str(labels[0]), "item": str(labels[1]), "period": str(labels[3])})
    if name == "ship" and high == 0:
        return Line(HELD, {"from": str(labels[0]), "to": str(labels[1]), "period": str(labels[3])})
    if name == "expand":
        return Line(OPTION_ONCE if high > 0 else OPTION_NOT_ALLOWED, {"option": str(labels[0])})
    return None
