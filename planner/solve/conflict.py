"""Why an infeasible program has no plan, in planner words, and the cheapest repairs.

The conflict is the tightest one of the linear program (solve/elastic.py, solve/tightest.py), which does not depend on
the solver. Where only integer decisions make the program infeasible it is found by leaving out rows
(solve/integer_conflict.py). Where no row that a planner can name takes part it is the irreducible infeasible subset
that HiGHS finds. A program can have several conflicts; one of them is named.
"""

from __future__ import annotations

import math
import time
from typing import Any, NamedTuple

import numpy as np

from planner.model.program import Program, write_program
from planner.model.words.amounts import PLAIN, Amounts, digits_for
from planner.model.words.lines import Line
from planner.network import build_network
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.deadline import is_over
from planner.solve.elastic import ElasticModel, Rule
from planner.solve.highs_model import HighsModel
from planner.solve.iis_and_ray import iis_of
from planner.solve.integer_conflict import integer_conflict, widen_starts
from planner.solve.repairs import repairs
from planner.solve.row_sentences import column_line, label_order, row_line
from planner.solve.sentences import one_sentence_each, sentences_in_groups
from planner.solve.tightest import TightestConflict, tightest

PATIENCE = 20.0  # seconds for the conflict of a program with integers, and for its repairs
UNKNOWN = "HiGHS proves that no plan exists, but names no smaller conflict."
TOO_LATE = "No plan exists; the time was up before it was found what cannot hold together."
NOT_ALL_NEEDED = "Fewer of these may be enough: the time was up before each was tried."


class Explanation(NamedTuple):
    """Why no plan exists, and what would make one possible.

    Attributes:
        conflict: a sentence for each row or bound that takes part.
        repair: {"text", "cost", "rows"} of each kind of loosening that makes a plan possible, the cheapest first:
            what is to be written, the cost of the cheapest plan that it allows, and the same a figure each.
        summary: the conflict in groups, over customers, items, places and periods.
        lines: the figures of each repair as values.
    """

    conflict: list[str]
    repair: list[dict[str, Any]]
    summary: list[str]
    lines: list[tuple[Line, ...]]


def explain_infeasibility(
    program: Program, deadline: float | None = None, *, algorithm: Algorithm | None = None, repaired: bool = True
) -> Explanation:
    """The conflict of an infeasible program and its repairs.

    Args:
        program: the program.
        deadline: time.perf_counter() by which to end, with what is found by then.
        algorithm: of HiGHS, for linear programs; by the number of columns where it is not given.
        repaired: whether repairs are looked for, which takes several solves.
    """
    program = _with_unlisted_stock(program)
    chosen = algorithm or Algorithm.faster_for(program.columns)
    elastic = ElasticModel(program, deadline)
    conflict, summary, rules = _named(elastic, chosen)
    if not repaired:
        return Explanation(conflict, [], summary, [])
    with elastic.live.until(_patient_until(deadline) if program.problem.isMIP() else deadline):
        found = repairs(elastic, rules, chosen)
    repair = [{"text": part.text, "cost": part.cost, "rows": list(part.rows)} for part in found]
    return Explanation(conflict, repair, summary, [part.lines for part in found])


def _with_unlisted_stock(program: Program) -> Program:
    """The program with stock that no row lists, at most 0, so that it can be; as it is with rows of a user's own."""
    network = program.network
    if network.instance.settings.stock != "listed" or network.recourse is not None or program.has_own:
        return program
    return write_program(build_network(network.instance, network.policy, unlisted=True))


def conflict_of(program: Program, deadline: float | None = None) -> list[str]:
    """Only the conflict of an infeasible program, in groups and without repairs.

    Args:
        program: the program.
        deadline: time.perf_counter() by which to end.
    """
    return _named(ElasticModel(program, deadline), Algorithm.faster_for(program.columns))[1]


def _named(elastic: ElasticModel, algorithm: Algorithm) -> tuple[list[str], list[str], list[Rule] | None]:
    """The conflict as sentences and in groups; and as rules, or None where it is not one of the linear program."""
    program = elastic.program
    found = tightest(elastic, algorithm)
    tried, lines = _by_solver(elastic) if found is None else (True, [_line(program, rule) for rule in found.rules])
    kept = _most_telling([line for line in lines if line is not None])
    if not kept:
        words = TOO_LATE if is_over(elastic.live.deadline) else UNKNOWN
        return [words], [words], None
    digits, room = (PLAIN, math.inf) if found is None else (_digits(lines, found), _room(lines, found))
    shown = [figure for line in kept for figure in line.figures]
    shares = [round(100.0 * line.figures[number], 9) for line in kept for number in line.rule.shares]
    order, amounts = label_order(program.network), Amounts.apart([*shown, *shares], digits, room)
    rules = None if found is None else found.rules
    notes = list(dict.fromkeys(line.rule.way_out for line in kept if line.rule.way_out))
    notes += [] if tried else [NOT_ALL_NEEDED]
    return (
        [*one_sentence_each(kept, order, amounts), *notes],
        [*sentences_in_groups(kept, order, amounts), *notes],
        rules,
    )


def _digits(lines: list[Line | None], found: TightestConflict) -> int:
    """The number of digits with which the figures, as written, still contradict each other."""
    figures, weights = [], []
    for line, weight in zip(lines, found.weights, strict=True):
        if line is not None and line.figures and 0 not in line.rule.shares:
            figures.append(line.figures[0])
            weights.append(weight)
    return digits_for(figures, weights, found.shortage)


def _room(lines: list[Line | None], found: TightestConflict) -> float:
    """By how many units the orders would have to be smaller; their sums are rounded to a fraction of this."""
    weights = [
        weight for line, weight in zip(lines, found.weights, strict=True) if line is not None and line.rule.added_up
    ]
    return found.shortage / max(weights) if weights else math.inf


def _line(program: Program, rule: Rule) -> Line | None:
    if rule.row >= 0:
        return row_line(program, rule.row, most=rule.most)
    return column_line(program, rule.column, lower=not rule.most)


def _by_solver(elastic: ElasticModel) -> tuple[bool, list[Line | None]]:
    """A conflict from leaving out rows or from HiGHS, where the linear program gives none that can be named.

    Returns:
        whether the time was enough to try each line, and the lines.
    """
    program = elastic.program
    deadline = elastic.live.deadline
    live = HighsModel.of(program.problem, deadline)
    live.set_integrality(np.flatnonzero(elastic.integer), integer=False)
    widen_starts(program, live)
    outcome = live.run_with_retry(Algorithm.SIMPLEX)
    if outcome is Outcome.LIMIT:
        return True, []
    tried = True
    if outcome is Outcome.INFEASIBLE:
        columns, rows = iis_of(live)
    else:
        columns, rows, tried = integer_conflict(program, _patient_until(deadline))
    return tried, [
        *(row_line(program, int(row)) for row in sorted(rows)),
        *(column_line(program, int(column)) for column in sorted(columns)),
    ]


def _patient_until(deadline: float | None) -> float:
    """The deadline for the conflict or repairs of a program with integers: within PATIENCE, or earlier where it is."""
    patience = time.perf_counter() + PATIENCE
    return patience if deadline is None else min(patience, deadline)


def _most_telling(lines: list[Line]) -> list[Line]:
    """The lines without those that hold by nature and have no figures; all lines where nothing else is left."""
    telling = [line for line in lines if not line.rule.by_nature or any(line.figures)]
    return telling or lines
