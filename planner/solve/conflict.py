"""Why no plan exists, in planner words, and the cheapest ways to make one possible.

The conflict is an irreducible infeasible subset from HiGHS, said row by row; where the linear program has a plan and
only the integers have none, one found by leaving out rows (solve/integer_conflict.py). A repair loosens one kind of
thing (limits, capacities, ...): first by as little as possible, then at least cost of the plan that it allows.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.model.program import Program
from planner.solve.deadline import is_over
from planner.solve.highs_model import Algorithm, Array, Live, Outcome
from planner.solve.integer_conflict import integer_conflict, widen_starts
from planner.solve.repair_sentences import Slack, loosening
from planner.solve.row_sentences import column_words, row_words

SHOWN = 5
PATIENCE = 20.0  # seconds for a repair of a program with integers, and for its conflict
LONGEST_CONFLICT = 40
NO_TIME = "HiGHS proves that no plan exists; the time limit was reached before it could be said why."


def explain_infeasibility(program: Program, deadline: float | None = None) -> tuple[list[str], list[dict[str, Any]]]:
    """The conflict of an infeasible program and its repairs.

    Args:
        program: the program.
        deadline: time.perf_counter() by which to end, with what is found by then.

    Returns:
        sentences, one a row or bound that takes part; and {"text", "cost"} of each kind of loosening that makes a
        plan possible, cheapest first. `cost` is the cost of the cheapest plan that it allows.
    """
    if is_over(deadline):
        return [NO_TIME], []
    conflict = _conflict(program, deadline)
    repairs = [repair for kind in _KINDS if (repair := _repair(program, kind, deadline)) is not None]
    if not repairs:
        together = _repair(program, _EVERYTHING, deadline)
        repairs = [together] if together is not None else []
    return conflict, sorted(repairs, key=lambda repair: (_gives_up_for_free(program, repair), repair["cost"]))


def _gives_up_for_free(program: Program, repair: dict[str, Any]) -> bool:
    """Whether a repair loses orders that carry no cost of losing them: its cost then says too little."""
    return " to be lost" in repair["text"] and bool((program.network.lost["lost_sales"] == 0).any())


def _conflict(program: Program, deadline: float | None) -> list[str]:
    integer = np.flatnonzero(_integers(program))
    live = Live.of(program.problem, deadline)
    if len(integer):  # a conflict of the linear program, where it has one
        live.highs.changeColsIntegrality(len(integer), integer.astype(np.int32), np.zeros(len(integer), dtype=np.uint8))
    widen_starts(program, live)
    live.scale()
    outcome = live.run_surely(Algorithm.SIMPLEX)
    if outcome is Outcome.LIMIT:
        return [NO_TIME]
    if outcome is Outcome.INFEASIBLE:
        columns, rows = live.conflict()
    else:
        columns, rows = integer_conflict(program, _patient(deadline))
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
    _Kind(families=("source_count_max",)),
    _Kind(families=("source_count_min",)),
    _Kind(families=("source_share",)),
    _Kind(families=("lot_minimum",)),
)


_EVERYTHING = _Kind(
    families=tuple(name for kind in _KINDS for name in kind.families),
    bounds=tuple(pair for kind in _KINDS for pair in kind.bounds),
)


def _patient(deadline: float | None) -> float:
    patience = time.perf_counter() + PATIENCE
    return patience if deadline is None else min(patience, deadline)


def _repair(program: Program, kind: _Kind, deadline: float | None) -> dict[str, Any] | None:
    """The least loosening of a kind, and the cheapest plan that it allows; None where the kind cannot help."""
    integer = bool(program.problem.isMIP())
    live = Live.of(program.problem, _patient(deadline) if integer else deadline)
    cost = live.costs()
    widen_starts(program, live)
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
    texts = [loosening(program, slack, values) for slack in slacks if least[slack.column] > 1e-7 * slack.size]
    if not texts or not all(texts):
        return None
    texts = list(dict.fromkeys(texts))
    more = len(texts) - SHOWN
    text = "; ".join(texts[:SHOWN]) + (f"; and {more} more like these" if more > 0 else "")
    return {"text": text, "cost": float(f"{float(cost @ values[: len(cost)]):.6g}")}


def _add_slacks(program: Program, live: Live, kind: _Kind) -> list[Slack]:
    slacks: list[Slack] = []
    for name in kind.families:
        start, rows = program.family_rows(name)
        sign = 1.0 if rows.family.sense == ">=" else -1.0
        for offset in range(len(rows)):
            size = max(1.0, abs(float(rows.right[offset])))
            column = live.add_column(0.0, 0.0, np.inf, np.array([start + offset]), np.array([sign]))
            slacks.append(Slack(column, start + offset, None, size))
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


def _loosen_bound(program: Program, live: Live, column: int, side: str) -> Slack:
    """Turn a bound into a row with a slack: x - s <= upper, or x + s >= lower."""
    lower, upper = float(program.numbers.lower[column]), float(program.numbers.upper[column])
    row = int(live.highs.getNumRow())
    at = np.array([column])
    if side == "upper":
        live.set_column_bounds(at, np.array([lower]), np.array([np.inf]))
        live.add_row(-np.inf, upper, at, np.ones(1))
        slack = live.add_column(0.0, 0.0, np.inf, np.array([row]), np.array([-1.0]))
        return Slack(slack, None, column, max(1.0, abs(upper)))
    live.set_column_bounds(at, np.zeros(1), np.array([upper]))
    live.add_row(lower, np.inf, at, np.ones(1))
    slack = live.add_column(0.0, 0.0, lower, np.array([row]), np.array([1.0]))
    return Slack(slack, None, column, max(1.0, abs(lower)))
