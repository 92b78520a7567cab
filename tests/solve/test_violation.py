"""Violations by hand: each row relative to its largest part, each column relative to its value, none of it below 1."""

import numpy as np
import pytest

from planner.model.linear_program import Matrix
from planner.model.units import Units
from planner.solve.violation import LEAST, largest_violation, side_sizes, violations

FREE = np.inf


def matrix(rows, lower, upper):
    """A matrix from dense rows."""
    entries = [(i, j, value) for i, row in enumerate(rows) for j, value in enumerate(row) if value]
    row, column, value = (np.array(part) for part in zip(*entries, strict=True))
    return Matrix(row, column, value.astype(float), np.array(lower, dtype=float), np.array(upper, dtype=float))


# 2 x + 3 y is at most 12, x - y exactly 1, y free of any side
ROWS = matrix([[2, 3], [1, -1], [0, 1]], [-FREE, 1, -FREE], [12, 1, FREE])


@pytest.mark.parametrize(
    ("values", "rows", "columns"),
    [
        ((3.0, 2.0), (0, 0, 0), (0, 0)),  # 12 and 1: both rows hold at their sides
        ((4.0, 2.0), (2 / 12, 1 / 4, 0), (0, 0)),  # 14 is 2 above 12; 2 is 1 above 1, whose largest part is 4
        ((0.5, 0.0), (0, 0.5, 0), (0, 0)),  # 0.5 is 0.5 below 1: sizes below 1 count as 1
        ((10.0, -3.0), (0, 12 / 10, 0), (3 / 10, 3 / 3)),  # 11 and 13; x is 3 above 7, y 3 below 0
    ],
)
def test_each_row_and_column(values, rows, columns):
    found = violations(ROWS, np.zeros(2), np.array([7.0, FREE]), np.array(values), side_sizes(ROWS))
    assert found[0] == pytest.approx(rows)
    assert found[1] == pytest.approx(columns)
    largest = largest_violation(ROWS, np.zeros(2), np.array([7.0, FREE]), np.array(values))
    without_sides = violations(ROWS, np.zeros(2), np.array([7.0, FREE]), np.array(values), np.zeros(3))
    assert largest == max(*without_sides[0], *without_sides[1])


def test_the_size_of_a_row_is_that_of_its_larger_side():
    sides = matrix([[1], [1], [1], [1]], [-9, 2, -FREE, -FREE], [4, FREE, -3, FREE])
    assert side_sizes(sides).tolist() == [9, 2, 3, 0]
    rows, _ = violations(sides, np.zeros(1), np.array([FREE]), np.array([6.0]), side_sizes(sides))
    assert rows == pytest.approx([2 / 9, 0, 9 / 6, 0])


def test_where_figures_are_far_apart_sizes_are_those_of_the_units_inside():
    """A row in units of 4 and a column in units of 8: each counts as 2^-20 of its unit at least."""
    rows = matrix([[1, 1]], [1e-9], [FREE])
    units = Units(np.array([8.0]), np.array([0.25]), 1.0)
    values = np.array([0.0, -1e-6])
    found = violations(rows, np.zeros(2), np.full(2, FREE), values, np.zeros(1), units)
    assert found[0] == pytest.approx([(1e-9 + 1e-6) / (4 * LEAST)])
    assert found[1] == pytest.approx([0, 1e-6]), "a column of the user's own has no unit"
    scaled = violations(rows, np.array([2e-6, 0.0]), np.full(2, FREE), values, np.zeros(1), units)
    assert scaled[1] == pytest.approx([2e-6 / (8 * LEAST), 1e-6])
    assert largest_violation(rows, np.zeros(2), np.full(2, FREE), values, units) == pytest.approx(found[0][0])


def test_no_number_is_a_violation_without_end():
    for value in (np.nan, np.inf, -np.inf):
        assert largest_violation(ROWS, np.zeros(2), np.full(2, FREE), np.array([1.0, value])) == np.inf


def test_nothing_to_violate():
    nothing = np.zeros(0, dtype=np.int64)
    empty = Matrix(nothing, nothing, np.zeros(0), np.zeros(0), np.zeros(0))
    assert largest_violation(empty, np.zeros(0), np.zeros(0), np.zeros(0)) == 0
