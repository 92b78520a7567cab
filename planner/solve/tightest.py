"""The tightest conflict of an infeasible linear program: found by one further program, independent of the solver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from planner.model.linear_program import Array
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.elastic import SURE, ElasticModel, Rule
from planner.solve.live_numbers import free_rows, restore_bounds
from planner.solve.tie_break import fixed_weight

LATER = 1 / 8  # rules of the last period give way by so much more than those of the first: early ones are named
SPREAD = 1 / 64  # further spread of the factors, by labels, so that no two conflicts tie
NOTHING = 1e-10  # relative to the total; a rule with a smaller weight is not part of the conflict
PROVED = 1e-7  # relative to the terms of the proof; a smaller surplus proves nothing
NOISE = 1e-12  # relative to the largest weight
SMALL = 30  # conflicts of at most so many rules are reduced one by one; larger ones are said in groups
QUICK = 300_000  # rules * columns up to which reducing is quick enough


@dataclass(frozen=True)
class TightestConflict:
    """Rules that cannot hold together.

    Attributes:
        rules: the rules.
        weights: factor of each rule in the sum, signed by its side, that proves the conflict.
        shortage: by how much that sum passes what is allowed.
    """

    rules: list[Rule]
    weights: list[float]
    shortage: float


def tightest(elastic: ElasticModel, algorithm: Algorithm) -> TightestConflict | None:
    """The rules of a linear program that are furthest from holding together, relative to their sizes.

    min g  such that each rule holds but for g times its size

    By duality the rules with a price are a conflict, the one with the largest shortage as a share of all its figures,
    and with the signs of the decisions it is irreducible (Gleeson and Ryan 1990). Sizes grow a little with the period
    and with a hash of the labels, so that the conflict is the same whatever the solver, its release, and the order of
    the rows. A small conflict is then reduced further, until no rule can be left out even without the signs.

    Args:
        elastic: the model of a program.
        algorithm: of HiGHS.

    Returns:
        None where the linear program has a plan, or the conflict is not among what can be named.
    """
    live = elastic.live
    whole = np.flatnonzero(elastic.integer)
    live.set_integrality(whole, integer=False)
    before = live.bounds()
    try:
        found = _weighed(elastic, algorithm)
        if found is None or len(found.rules) > SMALL or len(found.rules) * len(elastic.cost) > QUICK:
            return found
        kept = _none_too_many(elastic, found.rules)
        if len(kept) == len(found.rules):
            return found
        _free(elastic, set(elastic.rules) - set(kept))
        return _weighed(elastic, algorithm) or found
    finally:
        restore_bounds(live, before)
        live.set_integrality(whole, integer=True)


def _weighed(elastic: ElasticModel, algorithm: Algorithm) -> TightestConflict | None:
    """The tightest conflict, with the rules in their present state."""
    live, count = elastic.live, len(elastic.rules)
    at = np.array([rule.at for rule in elastic.rules], dtype=np.int64)
    sizes = np.array([rule.size for rule in elastic.rules]) * _spread(elastic)
    typical = float(np.median(sizes))
    give = np.where([rule.most for rule in elastic.rules], -sizes, sizes) / typical
    column = live.add_column(float(count), 0.0, np.inf, at, give)
    costs = np.zeros(column + 1)
    costs[column] = float(count)
    live.set_costs(costs)
    try:
        live.start_from(None)
        outcome = live.run_with_retry(algorithm)
        if outcome is not Outcome.OPTIMAL or live.objective() <= SURE * count:
            return None
        duals = live.row_duals()
        found = np.flatnonzero(np.abs(duals[at]) * sizes / typical / count > NOTHING)
        if not _proves(elastic, duals, at, found, column):
            return None
        chosen = [elastic.rules[number] for number in found.tolist()]
        return TightestConflict(chosen, np.abs(duals[at[found]]).tolist(), live.objective())
    finally:
        live.set_column_bounds(np.array([column]), np.zeros(1), np.zeros(1))


def _spread(elastic: ElasticModel) -> Array:
    """A factor a little above 1 for each rule, from its period and labels, so that no two conflicts tie."""
    last = max(len(elastic.program.network.labels) - 1, 1)
    return np.array(
        [1.0 + LATER * period / last + SPREAD * (fixed_weight(*label) - 1.0) for label, period in elastic.labels()]
    )


def _proves(elastic: ElasticModel, duals: Array, at: Array, found: Array, give: int) -> bool:
    """Whether the prices of some rules, with those of all balances, prove that they cannot hold together.

    sum_i y_i * side_i + sum_j min (d_j * l_j, d_j * u_j) > 0, where d = - y A and nothing gives way
    """
    kept = duals.copy()
    kept[np.setdiff1d(at, at[found])] = 0.0
    row, column, value = elastic.live.entries()
    lower, upper, row_lower, row_upper = elastic.live.bounds()
    terms = np.where(kept > 0, row_lower, row_upper)
    shown = kept != 0
    bound = float((kept[shown] * terms[shown]).sum())
    reduced = -np.bincount(column, weights=kept[row] * value, minlength=len(lower))
    scale = np.bincount(column, weights=np.abs(kept[row] * value), minlength=len(lower))
    steepest = np.zeros(len(lower))
    np.maximum.at(steepest, column, np.abs(value))
    noise = NOISE * float(np.abs(kept).max(initial=0.0))
    reduced[np.abs(reduced) <= np.maximum(PROVED * scale, noise * steepest)] = 0.0
    reduced[give] = 0.0
    sides = np.where(reduced > 0, lower, upper)
    used = reduced != 0
    proof = bound + float((reduced[used] * sides[used]).sum())
    return proof > PROVED * float(np.abs(kept[shown] * terms[shown]).sum())


def _none_too_many(elastic: ElasticModel, rules: list[Rule]) -> list[Rule]:
    """An irreducible part of the rules: each is left out for good where the rest stay infeasible, the latest first."""
    live = elastic.live
    _free(elastic, set(elastic.rules) - set(rules))
    live.set_costs(np.zeros(int(live.highs.getNumCol())))
    place = dict(zip(elastic.rules, elastic.labels(), strict=True))
    _, _, low, high = live.bounds()
    kept = list(rules)
    for rule in sorted(rules, key=lambda rule: (-place[rule][1], *map(str, place[rule][0]))):
        at = np.array([rule.at])
        _free(elastic, [rule])
        if live.run_with_retry(Algorithm.SIMPLEX) is Outcome.INFEASIBLE:
            kept.remove(rule)
        else:
            live.set_row_bounds(at, low[at], high[at])
    return kept


def _free(elastic: ElasticModel, rules: Iterable[Rule]) -> None:
    """Make the rows of some rules free, so that they bound nothing."""
    free_rows(elastic.live, np.array([rule.at for rule in rules], dtype=np.int64))
