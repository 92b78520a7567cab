"""The bound that duals prove, and the bounds that cost and rows imply, on programs of two or three columns by hand."""

import numpy as np
import pytest

from planner.model.linear_program import LinearProgram, Matrix
from planner.solve.certificate import ASSUMED, IMPLIED, SOLVERS, Certificate, dual_bound, implied_bounds

FREE = np.inf


def matrix(rows, lower, upper):
    """A matrix from dense rows."""
    entries = [(i, j, value) for i, row in enumerate(rows) for j, value in enumerate(row) if value]
    row, column, value = (np.array(part) for part in zip(*entries, strict=True))
    return Matrix(row, column, value.astype(float), np.array(lower, dtype=float), np.array(upper, dtype=float))


def program(cost, lower, upper, rows):
    """A program of its columns and rows."""
    figures = (np.array(part, dtype=float) for part in (lower, upper, cost))
    return LinearProgram(*figures, rows, np.zeros(len(cost), dtype=bool))


# min 2 x + 3 y  with  x + y >= 4,  x <= 3: x = 3, y = 1 costs 9
ROWS = matrix([[1, 1], [1, 0]], [4, -FREE], [FREE, 3])
COSTS = program([2, 3], [0, 0], [FREE, FREE], ROWS)


@pytest.mark.parametrize(
    ("duals", "bound"),
    [
        ((3, -1), 9),  # 3 * 4 - 1 * 3, reduced costs (0, 0)
        ((2, 0), 8),  # reduced costs (0, 1), at their lower bounds of 0
        ((2, 5), 8),  # the second row has no lower side: 5 counts as 0
        ((-2, 0), 0),  # the first has no upper side
        ((0, -1), -3),  # reduced costs (3, 3)
    ],
)
def test_the_bound_of_given_duals(duals, bound):
    assert dual_bound(COSTS, np.array(duals, dtype=float), 9.0) == (bound, "")


def test_reduced_costs_are_priced_at_the_bounds_of_their_columns():
    """min 2 x - y with 1 <= x <= 5, 0 <= y <= 7: the bounds alone prove 2 - 7."""
    bounded = program([2, -1], [1, 0], [5, 7], ROWS)
    assert dual_bound(bounded, np.zeros(2), 0.0)[0] == 2 - 7
    # with 1 on the first row: 4 + (2 - 1) * 1 + (-1 - 1) * 7
    assert dual_bound(bounded, np.array([1.0, 0.0]), 0.0)[0] == 4 + 1 - 14


def test_a_column_without_a_bound_is_priced_at_what_the_cost_implies():
    """Duals (4, 0): reduced costs (-2, -1) on columns without bounds. By cost x <= 9 / 2, y <= 9 / 3."""
    bound, words = dual_bound(COSTS, np.array([4.0, 0.0]), 9.0)
    assert bound == 16 - 2 * 4.5 - 1 * 3
    assert words == IMPLIED
    bound, _ = dual_bound(COSTS, np.array([4.0, 0.0]), 12.0)
    assert bound == 16 - 2 * 6 - 1 * 4


def test_bounds_that_costs_imply():
    """At most 12 in all, of which the others take their least: 2 x <= 12 - 3 * 1 - 4, 3 y <= 12 - 2 * 1 + ..."""
    found, proved = implied_bounds(
        program([2, 3, -1, 0], [1, 1, 0, 0], [FREE, FREE, 4, 5], matrix([[1, 1, 1, 1]], [0], [FREE])), 12.0
    )
    room = 12 - (2 + 3 - 4)
    assert found.tolist() == [1 + room / 2, 1 + room / 3, 4, 5]
    assert proved.all()
    found, _ = implied_bounds(program([2, 3], [1, 1], [FREE, FREE], matrix([[1, 1]], [0], [FREE])), 4.0)
    assert found.tolist() == [1, 1], "no room below the least of all"


def test_a_ceiling_says_nothing_where_a_cost_can_fall_without_end():
    """x costs 1 and z earns without a bound: the ceiling bounds neither, the row bounds both."""
    found, proved = implied_bounds(program([1, -1], [0, 0], [FREE, FREE], matrix([[2, 1]], [-FREE], [6])), 0.0)
    assert found.tolist() == [3, 6]
    assert proved.all()


def test_bounds_that_rows_imply_one_after_another():
    """x <= 3; y <= 2 x; 5 >= z - y by its lower side: z <= 5 + y. Nothing has a cost."""
    rows = matrix([[1, 0, 0], [-2, 1, 0], [0, 1, -1]], [-FREE, -FREE, -5], [3, 0, FREE])
    found, proved = implied_bounds(program([0, 0, 0], [0, 0, 0], [FREE] * 3, rows), 1.0)
    assert found.tolist() == [3, 6, 11]
    assert proved.all()


def test_lower_bounds_leave_less_room_in_a_row():
    """x + 2 y <= 10 where y is 3 at least: x <= 4; and y <= (10 - 1) / 2 where x is 1 at least."""
    found, _ = implied_bounds(program([0, 0], [1, 3], [FREE, FREE], matrix([[1, 2]], [-FREE], [10])), 0.0)
    assert found.tolist() == [4, 4.5]
    found, _ = implied_bounds(program([0, 0], [1, 6], [FREE, FREE], matrix([[1, 2]], [-FREE], [10])), 0.0)
    assert found.tolist() == [0, 4.5], "never below 0"


def test_flows_in_a_circle_are_held_to_a_bound_that_is_said_to_be_assumed():
    """x - y = 0 bounds neither: the sum of all sides times the spread of coefficients is taken, and is no proof."""
    rows = matrix([[1, -1, 0], [0, 0, 4]], [0, -FREE], [0, 20])
    free = program([0, 0, 1], [0, 0, 1], [FREE, FREE, FREE], rows)
    found, proved = implied_bounds(free, 30.0)
    assert found.tolist() == [(20 + 0 + 0 + 1) * 4, (20 + 0 + 0 + 1) * 4, 5]
    assert proved.tolist() == [False, False, True]
    _, words = dual_bound(free, np.array([1.0, 0.0]), 30.0)
    assert words == IMPLIED + ASSUMED
    _, words = dual_bound(free, np.array([0.0, 0.0]), 30.0)
    assert words == ""


def test_rows_without_entries_bound_nothing():
    nothing = np.zeros(0, dtype=np.int64)
    empty = Matrix(nothing, nothing, np.zeros(0), np.array([0.0]), np.array([7.0]))
    found, proved = implied_bounds(program([0], [2], [FREE], empty), 1.0)
    assert (found.tolist(), proved.tolist()) == ([9.0], [False])


WORDS = {"passed": True, "largest_violation": 3e-9, "relative_gap": 6e-11, "method": "dual bound"}


@pytest.mark.parametrize(
    ("fields", "status", "gap", "words"),
    [
        ({}, "optimal", 0, "to 1e-08; within 1e-10 of the least possible cost"),
        ({"method": f"x; {SOLVERS}"}, "optimal", 0, "of the least possible cost, by the solver's own bound"),
        ({"method": f"x{ASSUMED}"}, "optimal", 0, "of the least possible cost, if free flows in a circle stay bounded"),
        ({}, "feasible", 0.0321, "not proved to be the least: the cost may be above it by up to 3.21 %"),
        ({"passed": False, "failures": ("a is broken", "b")}, "optimal", 0, "NOT right when checked: a is broken; b"),
        ({"passed": False}, "optimal", 0, "NOT right when checked: see its certificate"),
    ],
)
def test_a_certificate_in_words(fields, status, gap, words):
    certificate = Certificate(**{**WORDS, **fields})
    assert certificate.in_words(status, gap).endswith(words)
    assert (certificate.by_the_solver, certificate.assumed) == (
        SOLVERS in certificate.method,
        ASSUMED in certificate.method,
    )
