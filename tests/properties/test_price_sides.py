"""What one more unit saves and one less costs are one-sided differences of the least cost, whatever basis was found.

The costs that they are held against come from the program's matrix, handed to HiGHS anew and solved from cold. Between
two small steps the cost is straight, and a price must be its slope; or it turns there, and a price must bracket it.
"""

import math
from functools import cache
from itertools import pairwise

import highspy
import numpy as np
import pytest
import toys
from planned import given
from portions import portion
from random_instances import seeds

from planner.instance.policy import Policy
from planner.solve import solve_program
from planner.solve.one_sided_prices import promised_orders
from planner.solve.solve_program import SolveOptions

NO_LESS = 2215  # an instance with limits of which nothing can be less
SEEDS = sorted(seeds(60, start=2200, integers=False), key=lambda seed: seed != NO_LESS)
PRICED = ("capacity", "lane_capacity", "stage_limit", "pathway_limit", "buffer")  # families
QUICK = 8
STEP = 4e-3  # of the size of a figure
CLOSE = 0.25  # of a step


class Matrix:
    """A program's matrix as a HiGHS model, with one side of a row or column moved at a time."""

    def __init__(self, program):
        matrix, numbers = program.matrix(), program.numbers
        self.lower, self.upper = numbers.lower, numbers.upper
        self.row_lower, self.row_upper = matrix.lower, matrix.upper
        self.highs = highspy.Highs()
        self.highs.silent()
        self.highs.setOptionValue("threads", 1)
        none = np.zeros(0, dtype=np.int32)
        for cost, lower, upper in zip(numbers.cost, self.lower, self.upper, strict=True):
            self.highs.addCol(cost, lower, upper, 0, none, np.zeros(0))
        order = np.argsort(matrix.row, kind="stable")
        starts = np.searchsorted(matrix.row[order], np.arange(len(matrix.lower) + 1))
        for row, (first, end) in enumerate(pairwise(starts)):
            at = order[first:end]
            columns, where = np.unique(matrix.column[at], return_inverse=True)
            values = np.bincount(where, weights=matrix.coefficient[at], minlength=len(columns))
            self.highs.addRow(self.row_lower[row], self.row_upper[row], len(columns), columns.astype(np.int32), values)
        self.now = self.cost()

    def cost(self):
        self.highs.clearSolver()
        self.highs.run()
        optimal = self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return self.highs.getInfo().objective_function_value if optimal else math.inf

    def with_row(self, row, by):
        self.highs.changeRowBounds(row, self.row_lower[row] + by, self.row_upper[row] + by)
        found = self.cost()
        self.highs.changeRowBounds(row, self.row_lower[row], self.row_upper[row])
        return found

    def with_bound(self, column, by):
        self.highs.changeColBounds(column, self.lower[column], self.upper[column] + by)
        found = self.cost()
        self.highs.changeColBounds(column, self.lower[column], self.upper[column])
        return found


@cache
def asked(seed):
    _, instance, chosen = given(seed, integers=False)
    return toys.program(instance, None if chosen is None else Policy.model_validate(chosen))


@cache
def solved(seed, *, cold=False):
    return solve_program(asked(seed), SolveOptions(cold=cold))


def figures(program, prices):
    """Of each priced figure: how to move it, its size, what it can be less, and its two prices."""
    numbers = program.numbers
    for name in PRICED:
        start, rows = program.family_rows(name)
        for row in range(start, start + len(rows)):
            figure = float(numbers.right[row])
            room = figure if name in {"capacity", "lane_capacity"} else math.inf
            yield (Matrix.with_row, row), abs(figure), room, prices.more[row], prices.less[row]
    for at in promised_orders(program):
        column = program.lost.first + int(at)
        upper = float(numbers.upper[column])
        more, less = prices.lost_more[at], prices.lost_less[at]
        yield (Matrix.with_bound, column), upper, upper, more, less


def hold(matrix, move, sign, step, price):
    """Check a price against the cost a step away, and a part of it; whether the cost was straight that far."""
    method, number = move
    far, near = (sign * (method(matrix, number, sign * at) - matrix.now) for at in (step, CLOSE * step))
    slack = 1e-9 * (1 + abs(matrix.now)) / (CLOSE * step)
    # what more saves, what less costs: both are minus the slope, and change to its disadvantage further on
    if math.isinf(far):
        return False
    here, beyond = -near / (CLOSE * step), -far / step
    assert sign * (price - beyond) >= -slack - 1e-7 * abs(price), (move, sign, price, here, beyond)
    if math.isinf(near) or abs(here - beyond) > slack:
        return False
    assert price == pytest.approx(here, abs=slack, rel=1e-6), (move, sign, here, beyond)
    return True


@cache
def counted(seed):
    """Prices that are slopes, prices that turn, and prices beyond which there is no plan, of a seed; checked."""
    solution = solved(seed)
    if solution.prices is None:
        return 0, 0, 0
    matrix, straight, turning, last = Matrix(asked(seed)), 0, 0, 0
    assert solution.objective == pytest.approx(matrix.now, rel=1e-8)
    for move, size, room, more, less in figures(asked(seed), solution.prices):
        step = STEP * (size or 1.0)
        assert not math.isnan(more)
        assert math.isnan(less) == (room <= 0 and less != 0.0), (move, less)
        straight += hold(matrix, move, 1.0, step, more)
        if math.isinf(less):
            last += 1
            assert math.isinf(move[0](matrix, move[1], -step))
        elif not math.isnan(less):
            straight += hold(matrix, move, -1.0, min(step, room), less)
            turning += not math.isclose(more, less, rel_tol=1e-6)
            assert more <= less + 1e-9 * abs(less)
    return straight, turning, last


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_a_price_is_the_one_sided_slope_of_the_cost(seed):
    if solved(seed).prices is None:
        pytest.skip("no plan, no prices")
    assert counted(seed)[0] > 0


@pytest.mark.slow
def test_enough_prices_are_slopes_and_enough_of_them_turn():
    straight, turning, last = np.sum([counted(seed) for seed in SEEDS[:QUICK]], axis=0)
    assert straight >= 100
    assert turning >= 3
    assert last >= 1


@pytest.mark.parametrize("seed", portion(SEEDS, quick=4))
def test_simplex_and_interior_point_end_with_the_same_prices(seed):
    one, other = solved(seed).prices, solved(seed, cold=True).prices
    if one is None:
        pytest.skip("no plan, no prices")
    for name in ("more", "less", "lost_more", "lost_less"):
        first, second = getattr(one, name), getattr(other, name)
        slack = 1e-9 * float(np.abs(first[np.isfinite(first)]).max(initial=1.0))
        np.testing.assert_allclose(first, second, rtol=1e-7, atol=slack, err_msg=name)
