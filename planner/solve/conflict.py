"""Why no plan exists, in planner words, and the cheapest ways to make one possible.

The conflict is an irreducible infeasible subset from HiGHS, said row by row. A repair loosens one kind of thing
(limits, capacities, ...): first by as little as possible, then at least cost of the plan that it allows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.model.program import Program
from planner.solve.live import Algorithm, Array, Live, Outcome
from planner.solve.words import TOLERATED, amount_of, at_least, at_most, column_words, limit_row, row_words

SHOWN = 5


LONGEST_CONFLICT = 40


def explain_infeasibility(program: Program) -> tuple[list[str], list[dict[str, Any]]]:
    """The conflict of an infeasible program and its repairs.

    Returns:
        sentences, one a row or bound that takes part; and {"text", "cost"} of each kind of loosening that makes a
        plan possible, cheapest first. `cost` is the cost of the cheapest plan that it allows.
    """
    conflict = _conflict(program)
    repairs = [repair for kind in _KINDS if (repair := _repair(program, kind)) is not None]
    if not repairs:
        together = _repair(program, _EVERYTHING)
        repairs = [together] if together is not None else []
    return conflict, sorted(repairs, key=lambda repair: (_gives_up_for_free(program, repair), repair["cost"]))


def _gives_up_for_free(program: Program, repair: dict[str, Any]) -> bool:
    """Whether a repair loses orders that carry no cost of losing them: its cost then says too little."""
    return " to be lost" in repair["text"] and bool((program.network.lost["lost_sales"] == 0).any())


def _conflict(program: Program) -> list[str]:
    integer = np.flatnonzero(_integers(program))
    live = Live.of(program.problem)
    if len(integer):  # a conflict of the linear program, where it has one
        live.highs.changeColsIntegrality(len(integer), integer.astype(np.int32), np.zeros(len(integer), dtype=np.uint8))
    if live.run_surely(Algorithm.SIMPLEX) is not Outcome.INFEASIBLE:
        return ["The all-or-nothing options cannot be combined so that every row holds."]
    columns, rows = live.conflict()
    said = [row_words(program, int(row)) for row in sorted(rows)]
    said += [words for column in sorted(columns) if (words := column_words(program, int(column)))]
    kinds = _most_telling(said)
    return kinds[:LONGEST_CONFLICT] or ["HiGHS proves that no plan exists, but names no smaller conflict."]


def _most_telling(said: list[str]) -> list[str]:
    """Each sentence once, without the balances, which hold by nature; with them where nothing else is left."""
    unique = list(dict.fromkeys(said))
    return [text for text in unique if not text.startswith("What ") or "arriving" in text] or unique


def _integers(program: Program) -> Array:
    found = np.zeros(len(program.problem.exported_variables()), dtype=bool)
    found[: program.columns] = program.integer
    return found


@dataclass(frozen=True)
class _Kind:
    """A kind of loosening: which rows and bounds it may move.

    Attributes:
        families: families whose rows may be passed.
        bounds: (block, side) pairs that may be passed.
    """

    families: tuple[str, ...] = ()
    bounds: tuple[tuple[str, str], ...] = ()


_KINDS = (
    _Kind(families=("stage_limit",)),
    _Kind(families=("pathway_limit",)),
    _Kind(families=("buffer",)),
    _Kind(families=("capacity",)),
    _Kind(families=("lane_capacity",)),
    _Kind(families=("commitment",)),
    _Kind(bounds=(("lost", "upper"),)),
    _Kind(families=("stock_minimum",), bounds=(("stock", "lower"),)),
    _Kind(families=("stock_maximum",), bounds=(("stock", "upper"),)),
    _Kind(bounds=(("make", "upper"), ("ship", "upper"))),
    _Kind(bounds=(("expand", "upper"),)),
)


_EVERYTHING = _Kind(
    families=tuple(name for kind in _KINDS for name in kind.families),
    bounds=tuple(pair for kind in _KINDS for pair in kind.bounds),
)


@dataclass(frozen=True)
class _Slack:
    """A column that loosens a row or bound: where it stands, and what it loosens."""

    column: int
    row: int | None
    moved: int | None
    size: float


def _repair(program: Program, kind: _Kind) -> dict[str, Any] | None:
    """The least loosening of a kind, and the cheapest plan that it allows; None where the kind cannot help."""
    live = Live.of(program.problem)
    cost = np.array(live.lp.col_cost_)
    slacks = _add_slacks(program, live, kind)
    if not slacks:
        return None
    weights = np.zeros(int(live.highs.getNumCol()))
    for slack in slacks:
        weights[slack.column] = 1.0 / slack.size
    live.set_costs(weights)
    live.scale()
    if live.run_surely(Algorithm.CHOOSE) is not Outcome.OPTIMAL:
        return None
    least = live.values()
    columns = np.array([slack.column for slack in slacks])
    ceiling = np.maximum(least[columns], 0.0) * (1 + 1e-7) + 1e-9
    live.set_column_bounds(columns, np.zeros(len(columns)), ceiling)
    wide = np.zeros(int(live.highs.getNumCol()))
    wide[: len(cost)] = cost
    live.set_costs(wide)
    values = live.values() if live.run_surely(Algorithm.CHOOSE) is Outcome.OPTIMAL else least
    texts = [_loosening(program, slack, values) for slack in slacks if least[slack.column] > 1e-7 * slack.size]
    if not texts:
        return None
    more = len(texts) - SHOWN
    text = "; ".join(texts[:SHOWN]) + (f"; and {more} more like these" if more > 0 else "")
    return {"text": text, "cost": float(f"{float(cost @ values[: len(cost)]):.6g}")}


def _add_slacks(program: Program, live: Live, kind: _Kind) -> list[_Slack]:
    slacks: list[_Slack] = []
    for name in kind.families:
        start, rows = program.family_rows(name)
        sign = 1.0 if rows.family.sense == ">=" else -1.0
        for offset in range(len(rows)):
            size = max(1.0, abs(float(rows.right[offset])))
            column = live.add_column(0.0, 0.0, np.inf, np.array([start + offset]), np.array([sign]))
            slacks.append(_Slack(column, start + offset, None, size))
    for name, side in kind.bounds:
        block = getattr(program, name)
        numbers = program.numbers.upper if side == "upper" else program.numbers.lower
        for offset in range(len(block)):
            column = block.first + offset
            bound = float(numbers[column])
            if (
                not np.isfinite(bound)
                or (side == "lower" and bound == 0)
                or program.numbers.upper[column] == program.numbers.lower[column] != 0
            ):
                continue
            slacks.append(_loosen_bound(program, live, column, side))
    return slacks


def _loosen_bound(program: Program, live: Live, column: int, side: str) -> _Slack:
    """Turn a bound into a row with a slack: x - s <= upper, or x + s >= lower."""
    lower, upper = float(program.numbers.lower[column]), float(program.numbers.upper[column])
    row = int(live.highs.getNumRow())
    at = np.array([column])
    if side == "upper":
        live.set_column_bounds(at, np.array([lower]), np.array([np.inf]))
        live.add_row(-np.inf, upper, at, np.ones(1))
        slack = live.add_column(0.0, 0.0, np.inf, np.array([row]), np.array([-1.0]))
        return _Slack(slack, None, column, max(1.0, abs(upper)))
    live.set_column_bounds(at, np.zeros(1), np.array([upper]))
    live.add_row(lower, np.inf, at, np.ones(1))
    slack = live.add_column(0.0, 0.0, lower, np.array([row]), np.array([1.0]))
    return _Slack(slack, None, column, max(1.0, abs(lower)))


def _loosening(program: Program, slack: _Slack, values: Array) -> str:
    """What a slack that is used means, as an instruction."""
    amount = float(values[slack.column])
    network = program.network
    if slack.row is not None:
        name, labels = program.row_label(slack.row)
        start, rows = program.family_rows(name)
        right = float(rows.right[slack.row - start])
        if name in {"stage_limit", "pathway_limit"}:
            return _loosened_limit(program, labels, values, amount)
        if name == "buffer":
            have = at_most(right - amount)
            return f"lower {labels[0]} of {labels[1]} in {labels[2]} from {amount_of(right)} to {have}"
        if name in {"stock_minimum", "stock_maximum"}:
            return _loosened_stock(labels[0], labels[1], network.labels[int(labels[2])], right, name, amount)
        if name == "capacity":
            return (
                f"raise the capacity of {labels[1]} at {labels[0]} in {network.labels[int(labels[2])]} from "
                f"{amount_of(right)} to {at_least(right + amount)}"
            )
        if name == "lane_capacity":
            return (
                f"raise the limit of the lane {labels[0]} > {labels[1]} in {network.labels[int(labels[3])]} from "
                f"{amount_of(right)} to {at_least(right + amount)}"
            )
        return f"lower the minimum of the commitment {labels[0]} from {amount_of(right)} to {at_most(right - amount)}"
    column = slack.moved if slack.moved is not None else 0
    name, labels = program.column_label(column)
    upper, lower = float(program.numbers.upper[column]), float(program.numbers.lower[column])
    if name == "lost":
        return f"allow {at_least(upper + amount)} {labels[1]} of {labels[0]} in {labels[2]} to be lost"
    if name == "stock":
        kind, bound = ("stock_minimum", lower) if lower > 0 else ("stock_maximum", upper)
        return _loosened_stock(labels[0], labels[1], labels[2], bound, kind, amount)
    if name == "expand":
        return f"allow the option {labels[0]}" if upper == 0 else f"allow {at_least(amount + upper)} times {labels[0]}"
    return (
        f"let {labels[0]} start {at_least(amount)} {labels[1]} in {labels[3]} in spite of the outage"
        if name == "make"
        else f"let {at_least(amount)} {labels[2]} leave {labels[0]} in {labels[3]} in spite of the outage"
    )


def _loosened_stock(site: str, item: str, period: str, bound: float, kind: str, amount: float) -> str:
    """What moving a bound of stock means, as an instruction."""
    if kind == "stock_minimum":
        change = f"from {amount_of(bound)} to {at_most(bound - amount)}"
        return f"lower the minimum stock of {item} at {site} in {period} {change}"
    change = f"from {amount_of(bound)} to {at_least(bound + amount)}"
    return f"raise the maximum stock of {item} at {site} in {period} {change}"


def _loosened_limit(program: Program, labels: tuple[Any, ...], values: Array, amount: float) -> str:
    network = program.network
    row = limit_row(network, labels)
    floor = float(row["min_free"])
    if not math.isnan(floor):
        needed = max(0.0, floor - amount / float(row["demand"]))
        return (
            f"lower the floor of {labels[0]} (free of {labels[1]}) in {labels[2]} from {floor * 100:.4g} % to "
            f"{math.floor(needed * 1000 * (1 + 10 * TOLERATED)) / 10:.4g} %"
        )
    what = row["stage"] or "pathway"
    total = float(
        values[
            program.total.first
            + int(np.flatnonzero((network.total["limit"] == labels[0]) & (network.total["period"] == labels[2]))[0])
        ]
    )
    share = float(row["max_share"])
    needed = min(1.0, share + amount / total) if total > 0 else 1.0
    return (
        f"raise the {what} cap of {labels[1]} ({labels[0]}) in {labels[2]} from {share * 100:.4g} % to "
        f"{math.ceil(needed * 1000 * (1 - 10 * TOLERATED)) / 10:.4g} %"
    )
