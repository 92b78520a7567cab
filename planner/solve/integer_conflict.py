"""The conflict of a program that only its integer decisions make infeasible.

Rows and bounds are left out, many at once and then fewer, as long as the program stays infeasible; what cannot be left
out is the conflict. Rows that hold by nature (balances, totals, rows that tie starts to a decision of 0 or 1) always
stay. Families with a low `named_last` are left out first, so that counts of sources and lots are named where they take
part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.model.linear_program import Array
from planner.model.program import Program
from planner.model.variable_blocks import Block
from planner.network.usable import needed_with_any_capacity
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.highs_model import Bounds, HighsModel
from planner.solve.live_numbers import free_rows
from planner.solve.row_sentences import column_words


@dataclass(frozen=True)
class _Part:
    """Rows, or columns whose bounds, that are left out together."""

    numbers: Array
    are_rows: bool


def integer_conflict(program: Program, deadline: float) -> tuple[Array, Array, bool]:
    """Columns (by their bounds) and rows that cannot hold together with integer decisions; whether each is needed.

    Args:
        program: an infeasible program with integers.
        deadline: time.perf_counter() after which nothing more is left out, so that more is named than is needed.
    """
    live = HighsModel.of(program.problem, deadline)
    live.set_costs(np.zeros(int(live.highs.getNumCol())))
    widen_starts(program, live)
    live.scale()
    bounds = live.bounds()
    kept: list[_Part] = []
    tried = True
    waiting = _parts(program)[::-1]
    while waiting:
        part = waiting.pop()
        _leave_out(live, part)
        outcome = live.run_with_retry(Algorithm.CHOOSE)
        if outcome is Outcome.INFEASIBLE:
            continue
        tried &= outcome is not Outcome.LIMIT
        _put_back(live, part, bounds)
        if len(part.numbers) > 1:
            middle = len(part.numbers) // 2
            waiting += [_Part(part.numbers[middle:], part.are_rows), _Part(part.numbers[:middle], part.are_rows)]
        else:
            kept.append(part)
    columns, rows = (
        np.array([int(part.numbers[0]) for part in kept if part.are_rows is wanted], dtype=np.int64)
        for wanted in (False, True)
    )
    return columns, rows, tried


def widen_starts(program: Program, live: HighsModel) -> None:
    """Let decisions of 0 or 1 allow all starts that can be needed, not only those that today's capacities allow.

    Otherwise a repair that raises a capacity or allows an option would be held back by these rows.
    """
    network = needed_with_any_capacity(program.network)
    for start, rows in program.by_family():
        wide = rows.family.widest(network)
        if wide is None:
            continue
        at = start + np.arange(len(rows))
        block: Block = getattr(program, wide.block)
        live.set_coefficients(at, block.first + wide.position, wide.coefficient)
        if wide.right is not None:
            live.set_row_bounds(at, np.full(len(rows), -np.inf), wide.right)


def _parts(program: Program) -> list[_Part]:
    """The rows and bounds that can be left out, grouped by kind, in the order in which they are tried."""
    blamed = [(start, rows) for start, rows in program.by_family() if not rows.family.by_nature]
    blamed.sort(key=lambda found: found[1].family.named_last)
    parts = [_Part(np.arange(start, start + len(rows)), are_rows=True) for start, rows in blamed]
    own = len(program.problem.constraints()) - program.rows
    parts.insert(0, _Part(program.rows + np.arange(own), are_rows=True))
    lower, upper = program.numbers.lower, program.numbers.upper
    for block in program.blocks:
        if block.spec.name in {"open", "use", "lot"}:
            continue
        at = block.first + np.arange(len(block))
        bound = at[(lower[at] > 0) | np.isfinite(upper[at])]
        parts.insert(
            0, _Part(np.array([column for column in bound if column_words(program, int(column))], int), are_rows=False)
        )
    return [part for part in parts if len(part.numbers)]


def _leave_out(live: HighsModel, part: _Part) -> None:
    """Make some rows free, or let some columns take any value of 0 or more."""
    if part.are_rows:
        free_rows(live, part.numbers)
    else:
        live.set_column_bounds(part.numbers, np.zeros(len(part.numbers)), np.full(len(part.numbers), np.inf))


def _put_back(live: HighsModel, part: _Part, bounds: Bounds) -> None:
    """Restore the bounds of rows or columns that were left out."""
    lower, upper, row_lower, row_upper = bounds
    if part.are_rows:
        live.set_row_bounds(part.numbers, row_lower[part.numbers], row_upper[part.numbers])
    else:
        live.set_column_bounds(part.numbers, lower[part.numbers], upper[part.numbers])
