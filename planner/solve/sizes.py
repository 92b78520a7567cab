"""The usual size of each figure of a program, in its own unit, so that changes of unlike figures can be compared.

The size of a figure is its absolute value. A figure that is 0, or negligible beside the orders, counts as a hundredth
of what the orders of a period take of it: so opening what is closed is a large change, whatever units are chosen. A
share is measured by the total that it is a share of, as the orders of a period make it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from planner.model.linear_program import Matrix
from planner.model.program import Program
from planner.network.buffers import units_needed
from planner.network.frames import lookup
from planner.network.network import Network
from planner.solve.solution import Array

HUNDREDTH = 0.01


@dataclass(frozen=True)
class Sizes:
    """The size, above 0, of each right-hand side and each bound.

    Attributes:
        rows: of right-hand sides, rows added by hand included.
        columns: of bounds, columns added by hand included.
        need: of each item, what the orders of a period take, as `taken_by_orders` has it.
    """

    rows: Array
    columns: Array
    need: dict[str, float]


def taken_by_orders(network: Network) -> dict[str, float]:
    """Units of each item that the orders of an average period take, through the components at the best yields."""
    ordered = network.orders.groupby("item")["quantity"].sum() / len(network.labels)
    found: defaultdict[str, float] = defaultdict(float)
    for (product, item), units in units_needed(network.instance).items():
        found[item] += units * float(ordered.get(product, 0.0))
    return dict(found)


def sizes_of(program: Program, matrix: Matrix) -> Sizes:
    """The sizes of all figures of a program.

    Args:
        program: the program.
        matrix: its rows.
    """
    network = program.network
    need = taken_by_orders(network)
    count = max(program.columns, int(matrix.column.max(initial=-1)) + 1, len(program.problem.exported_variables()))
    unit = np.zeros(count)
    for block in program.blocks:
        if "item" in block.labelled:
            unit[block.span] = block.labelled["item"].map(need).fillna(0.0)
    right = np.where(np.isfinite(matrix.upper), matrix.upper, matrix.lower)
    rows = np.where(np.isfinite(right), np.abs(right), 0.0)
    taken = np.zeros(len(rows))
    np.maximum.at(taken, matrix.row, np.abs(matrix.coefficient) * unit[matrix.column])
    rows = np.maximum(rows, HUNDREDTH * taken)
    for start, part in program.by_family():
        own = part.family.sizes(network, part.labels, need)
        if own is not None:
            rows[start : start + len(part)] = own
    upper = np.full(count, np.inf)
    upper[: program.columns] = program.numbers.upper
    lower = np.zeros(count)
    lower[: program.columns] = program.numbers.lower
    columns = np.maximum(np.where(np.isfinite(upper), upper, lower), HUNDREDTH * unit)
    for block in (program.make, program.ship):
        switched = block.span
        columns[switched] = unit[switched]
    promised = program.lost.span
    columns[promised] = lookup(network.lost, network.orders, ["customer", "item", "period"], "quantity", 0.0).astype(
        float
    )
    return Sizes(_positive(rows), _positive(columns), need)


def _positive(sizes: Array) -> Array:
    """The sizes, with 1 in place of those that are 0."""
    return np.where(sizes > 0, sizes, 1.0)
