"""The parts of a proof by hand: bounds of small programs in exact decimals, and each comparison at its very edge."""

from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from planner.model.linear_program import Matrix
from planner.plan.proof.bound import Bound, lower_bound
from planner.plan.proof.compared import SMALL, Finding, Written, short, table_named
from planner.plan.proof.follows import _shares
from planner.plan.proof.printed_figures import HALF, Figures, decimals, exact_arithmetic, printed, unrounded, zeros
from planner.plan.proof.rules import Rules, summed
from planner.plan.proof.upper import UpperBounds

FREE = np.inf


class Small(Rules):
    """The rules of a program given as dense rows, without an instance."""

    def __init__(self, cost, lower, upper, rows, least, most):
        entries = [(i, j, value) for i, row in enumerate(rows) for j, value in enumerate(row) if value]
        row, column, value = (np.array(part) for part in zip(*entries, strict=True))
        sides = (np.array(side, dtype=float) for side in (least, most))
        matrix = Matrix(row, column, value.astype(float), *sides)
        figures = {"cost": cost, "lower": lower, "upper": upper}
        numbers = SimpleNamespace(**{name: np.array(part, dtype=float) for name, part in figures.items()})
        self.layout = SimpleNamespace(
            numbers=numbers, columns=len(cost), rows=len(rows), matrix=lambda: matrix, units=None
        )


def bound(rules, weights, enough, ceiling=None):
    return lower_bound(rules, np.array(weights, dtype=float), Decimal(enough), None if ceiling is None else Decimal(ceiling))  # fmt: skip


# min 2 x + 3 y  with  x + y >= 4,  x <= 3: x = 3, y = 1 costs 9
COSTS = Small([2, 3], [0, 0], [FREE, FREE], [[1, 1], [1, 0]], [4, -FREE], [FREE, 3])


@pytest.mark.parametrize(
    ("weights", "value"),
    [
        ((3, -1), 9),  # 3 * 4 - 1 * 3, reduced costs (0, 0)
        ((2, 0), 8),  # reduced costs (0, 1), at their lower bounds of 0
        ((2, 5), 8),  # the second row has no lower side: 5 counts as 0
        ((-2, 0), 0),  # the first has no upper side
        ((0, -1), -3),  # reduced costs (3, 3)
    ],
)
def test_what_weights_of_rows_prove(weights, value):
    found = bound(COSTS, weights, 100, 9)
    assert (found.value, found.implied) == (value, 0)


def test_reduced_costs_are_paid_at_the_bounds_of_their_columns():
    """min 2 x - y with 1 <= x <= 5, 0 <= y <= 7: the bounds alone prove 2 - 7; with 1 on the first row 4 + 1 - 14."""
    rules = Small([2, -1], [1, 0], [5, 7], [[1, 1], [1, 0]], [4, -FREE], [FREE, 3])
    assert bound(rules, (0, 0), 100, 0).value == 2 - 7
    assert bound(rules, (1, 0), 100, 0).value == 4 + 1 - 14


def test_what_costs_prove_is_no_proof_that_no_plan_exists():
    """Without a ceiling costs are left out: the duals of a least cost of 9 add up to no contradiction."""
    assert bound(COSTS, (3, -1), 100).value is None, "columns without a bound would have to pay 2 and 3"
    closed = Small([2, 3], [0, 0], [5, 5], [[1, 1], [1, 0]], [4, -FREE], [FREE, 3])
    assert bound(closed, (3, -1), 100, 9).value == 9
    assert bound(closed, (3, -1), 100).value == 9 - 2 * 5 - 3 * 5
    impossible = Small([2, 3], [0, 0], [FREE, 1], [[1, 1], [1, 0]], [5, -FREE], [FREE, 3])
    assert bound(impossible, (1, -1), 100).value == 5 - 3 - 1, "x <= 3 and y <= 1 never make 5"


def test_a_column_without_a_bound_is_paid_at_what_the_ceiling_implies():
    """Weights (4, 0): reduced costs (-2, -1). By cost x <= 9 / 2, y <= 9 / 3; by the second row x <= 3."""
    found = bound(COSTS, (4, 0), 100, 9)
    assert (found.value, found.implied) == (16 - 2 * 3 - 1 * 3, 2)
    assert bound(COSTS, (4, 0), 100, 12).value == 16 - 2 * 3 - 1 * 4


def limits(rules, ceiling=None, passes=20):
    """The upper bounds of columns after all passes; None where there is none."""
    with exact_arithmetic():
        upper = UpperBounds(rules, None if ceiling is None else Decimal(ceiling))
        while passes and upper.tighten():
            passes -= 1
    return [most if known else None for most, known in zip(upper.most, upper.known, strict=True)]


def test_bounds_that_a_ceiling_implies():
    """12 in all, of which the others take their least: 2 x <= 2 + 12 - (2 + 3 - 4), 3 y the same beside 3."""
    rules = Small([2, 3, -1, 0], [1, 1, 0, 0], [FREE, FREE, 4, 5], [[1, 1, 1, 1]], [0], [FREE])
    third = Decimal(11) / Decimal(3)
    found = limits(rules, 12)
    assert found[0] == 1 + Decimal("5.5")
    assert 0 <= found[1] - (1 + third) <= Decimal("1e-18"), "rounded up"
    assert found[2:] == [4, 5]
    assert limits(Small([2, 3], [1, 1], [FREE, FREE], [[1, 1]], [0], [FREE]), 4) == [1, 1], "no room is left"


def test_a_ceiling_says_nothing_where_a_cost_can_fall_without_end():
    earns = Small([1, -1], [0, 0], [FREE, FREE], [[2, 1]], [-FREE], [6])
    assert limits(earns, 0) == [3, 6], "by the row alone"
    below = Small([1, 1], [-FREE, 0], [FREE, FREE], [[0, 1]], [-FREE], [6])
    assert limits(below, 5) == [None, 6], "x may be as far below 0 as it likes, so y is not bounded by its cost"
    closed = Small([1, -1], [0, 0], [FREE, 5], [[1, -1]], [-5], [FREE])
    assert limits(closed, 0) == [5, 5], "5 is earned at most, so x is 5 at most"


def test_bounds_that_rows_imply_one_after_another():
    """x <= 3; y <= 2 x; 5 >= z - y by its lower side: z <= 5 + y. Nothing has a cost."""
    rows = [[1, 0, 0], [-2, 1, 0], [0, 1, -1]]
    rules = Small([0] * 3, [0] * 3, [FREE] * 3, rows, [-FREE, -FREE, -5], [3, 0, FREE])
    assert limits(rules) == [3, 6, 11]
    assert limits(rules, passes=0) == [None] * 3
    backwards = Small([0] * 3, [0] * 3, [FREE] * 3, rows[::-1], [-5, -FREE, -FREE], [FREE, 0, 3])
    assert limits(backwards) == [3, 6, 11]


def test_lower_bounds_leave_less_room_in_a_row():
    """x + 2 y <= 10 where y is 3 at least: x <= 4; and y <= (10 - 1) / 2 where x is 1 at least."""
    assert limits(Small([0, 0], [1, 3], [FREE, FREE], [[1, 2]], [-FREE], [10])) == [4, Decimal("4.5")]
    assert limits(Small([0, 0], [1, 6], [FREE, FREE], [[1, 2]], [-FREE], [10])) == [0, Decimal("4.5")], "never below 0"
    own = Small([0, 0], [0, 0], [9, FREE], [[1, 2]], [-FREE], [10])
    assert limits(own) == [9, 5], "a bound of a column's own is not brought down"
    mirrored = Small([0, 0], [1, 3], [FREE, FREE], [[-1, -2]], [-10], [FREE])
    assert limits(mirrored) == [4, Decimal("4.5")], "the same row with its signs turned"
    below = Small([0, 0], [-FREE, 0], [FREE, FREE], [[1, 2]], [-FREE], [10])
    assert limits(below) == [None, None], "a row says nothing where a column may be as far below 0 as it likes"


def test_a_circle_has_no_bound():
    circle = Small([0, 0], [0, 0], [FREE, FREE], [[1, -1]], [0], [0])
    assert limits(circle, 30) == [None, None]
    assert bound(circle, (1,), 0, 30).value is None
    assert bound(circle, (0,), 0, 30).value == 0


def test_the_better_of_two_bounds():
    none, one, two = (Bound(value, 0, np.zeros(0)) for value in (None, Decimal(1), Decimal(2)))
    assert two.above(one)
    assert one.above(none)
    assert not one.above(two)
    assert not one.above(one)
    assert not none.above(one)
    assert not none.above(none)


def test_what_is_proved_is_no_less_for_digits_that_do_not_cancel():
    """Weights a little off 3 and -1 leave columns that pay; rounded to fewer digits they are exact."""
    off = (3 + 3e-13, -1 - 2e-13)
    with exact_arithmetic():
        assert bound(COSTS, off, 100, 9).value == 9
        assert bound(COSTS, off, 1, 9).value < 9, "what is enough is not improved"


def test_weights_far_from_one_are_rounded_below_the_largest():
    """The same in money of which a unit is a millionth, or a million: digits count from the largest weight on."""
    for unit in (1e-6, 1e6):
        rules = Small([2 * unit, 3 * unit], [0, 0], [FREE, FREE], [[1, 1], [1, 0]], [4, -FREE], [FREE, 3])
        found = bound(rules, (3 * unit * (1 + 1e-13), -unit * (1 + 2e-13)), 1e9, 9 * unit)
        assert float(found.value) == pytest.approx(9 * unit, rel=1e-12)


# --- tables -----------------------------------------------------------------------------------------------------------


def written(cells, columns=("id", "figure"), findings=None):
    """A table of two columns whose rows a, b, c, ... have some texts."""
    rows = [(chr(ord("a") + at), text) for at, text in enumerate(cells)]
    return Written("t", pd.DataFrame(rows, columns=["id", "figure"], dtype=object), columns, [] if findings is None else findings)  # fmt: skip


def agreed(text, value, width="0", slack=None, *, known=True, others=(), small=True):
    """What is said where a text stands for a figure; others are the figures of the rows beside it, as printed."""
    table = written([text, *(str(other) for other in others)])
    count = 1 + len(others)
    wanted = pd.DataFrame({"id": [chr(ord("a") + at) for at in range(count)]})
    table.match(wanted, ["id"], np.ones(count, dtype=bool))
    follows = Figures(
        np.array([Decimal(value), *map(Decimal, others)], dtype=object),
        np.array([Decimal(width), *[Decimal(0)] * len(others)], dtype=object),
        np.array([known, *[True] * len(others)], dtype=bool),
    )
    spare = None if slack is None else np.array([Decimal(slack)] + [Decimal(0)] * len(others), dtype=object)
    table.agree("figure", follows, spare, small=small)
    return [finding.text for finding in table.findings]


@pytest.mark.parametrize(
    ("text", "value", "width", "slack", "said"),
    [
        ("1.0", "1", "0", None, None),
        ("1.0", "1.00000000501", "0", None, None),  # half a unit of the ninth digit
        ("1.0", "0.99999999499", "0", None, None),
        ("1.0", "1.00000000502", "0", None, "is 1.0, but 1.00000001 follows"),
        ("1.0", "0.99999999498", "0", None, "is 1.0, but 0.999999995 follows"),
        ("1.0", "1.00000000504", "3e-11", None, None),  # and the width of what follows
        ("1.0", "1.00000000505", "3e-11", None, "is 1.0, but 1.00000001 follows"),
        ("1.0", "1.1", "0", "0.1", None),  # and what is allowed besides
        ("1.0", "1.2", "0.1", "0.05", "is 1.0, but 1.2 follows"),
        ("-1.0", "1", "0", None, "is -1.0, but 1 follows"),
        ("0.0", "1", "0", None, "is 0.0, but 1 follows"),
        ("", "1", "0", None, "is empty"),
        ("x", "1", "0", None, "'x' is no finite figure"),
        ("1.0000000001", "1", "0", None, "'1.0000000001' has more than 9 digits"),
        ("123456789.0", "123456789", "0", None, None),
        ("0.000123456789", "0.000123456789", "0", None, None),
    ],
)
def test_a_figure_agrees_within_half_a_unit_of_its_last_digit(text, value, width, slack, said):
    assert agreed(text, value, width, slack) == ([] if said is None else [said])


def test_a_figure_that_is_not_known_has_an_empty_cell():
    assert agreed("", "0", known=False) == []
    assert agreed("1.0", "0", known=False) == ["is 1.0, but no figure follows"]
    table = written(["", ""])
    table.match(pd.DataFrame({"id": ["a", "b"]}), ["id"], np.ones(2, dtype=bool))
    table.agree("figure", unrounded(np.array([2.0, np.nan])))
    assert [finding.text for finding in table.findings] == ["is empty, but 2 follows"]


def test_what_is_negligible_beside_the_largest_is_printed_as_nothing():
    least = SMALL * 7
    assert agreed("0.0", str(least), others=[7]) == []
    assert agreed("0.0", str(-least), others=[-7]) == []
    assert agreed("0.0", str(least * 2), others=[7]) == [f"is 0.0, but {float(least * 2):.9g} follows"]
    assert agreed("0.0", str(least), others=[7], small=False) == [f"is 0.0, but {float(least):.9g} follows"]
    assert agreed("1e-12", str(least), others=[7]) == [f"is 1e-12, but {float(least):.9g} follows"]


def test_rows_that_are_none_twice_missing_or_labelled_otherwise():
    texts = pd.DataFrame(
        [("a", "x", "1.0"), ("z", "x", "1.0"), ("b", "", "1.0"), ("a", "y", "1.0")],
        columns=["id", "name", "figure"],
        dtype=object,
    )
    findings = []
    table = Written("t", texts, ["id", "name", "figure"], findings)
    wanted = pd.DataFrame({"id": ["a", "b", "c", "d"], "name": ["x", "x", "x", "x"]})
    table.match(wanted, ["id"], np.array([True, False, True, False]))
    assert table.place.tolist() == [0, -1, 1, 0]
    assert [finding.words for finding in findings] == [
        "t row 2 (z), id: no such row can be in this plan",
        "t row 4 (a): stands twice; it is row 1 too",
        "t (c): the row is missing",
        "t row 3 (b), name: is empty, but x follows",
        "t row 4 (a), name: is y, but x follows",
    ]
    assert (findings[0].row, findings[2].row) == (2, 0)
    table.wrong(0, "figure", "is odd")
    assert findings[-1] == Finding("t", 1, "figure", "a", "is odd")


def test_columns_of_a_table():
    findings = []
    table = written(["1.0"], ("id", "figure", "more"), findings)
    assert [finding.words for finding in findings] == ["t, more: the column is missing"]
    assert table.texts["more"].tolist() == [""]
    findings = []
    assert list(written(["1.0"], ("id",), findings).texts) == ["id"]
    assert [finding.words for finding in findings] == ["t, figure: the planner writes no such column"]
    assert written(["1.5", "x", ""]).read("figure").value.tolist() == [Decimal("1.5"), 0, 0]
    assert table_named({}, "t", ["a"]).columns.tolist() == ["a"]
    assert short(Decimal("Infinity")) == "inf"
    assert short(Decimal("0.1234567891")) == "0.123456789"


def share(text, part, total, *, others=(), units=None, width="0"):
    """What is said of a share of a total; others are (text, part, total) of the rows beside it."""
    rows = [(text, part, total), *others]
    table = written([cell for cell, _, _ in rows])
    table.match(pd.DataFrame({"id": [chr(ord("a") + at) for at in range(len(rows))]}), ["id"], np.ones(len(rows), dtype=bool))  # fmt: skip

    def figures(at):
        value = np.array([Decimal(row[at]) for row in rows], dtype=object)
        return Figures(value, np.array([Decimal(width)] * len(rows), dtype=object), np.ones(len(rows), dtype=bool))

    _shares(SimpleNamespace(layout=SimpleNamespace(units=units)), table, "figure", figures(1), figures(2))
    return [finding.text for finding in table.findings if finding.row == 1]


EMPTY = "is empty, but something is made or ordered of which it is a share"
NOTHING = "is {}, but there is nothing of which it could be a share"


@pytest.mark.parametrize(
    ("text", "part", "total", "said"),
    [
        ("0.25", "5", "20", None),
        ("0.25", "6", "20", "is 0.25, but 0.3 follows"),
        ("0.0", "5", "20", "is 0.0, but 0.25 follows"),
        ("0.25", "0", "20", "is 0.25, but 0 follows"),
        ("", "5", "20", EMPTY),
        ("x", "5", "20", "'x' is no finite figure"),
        ("0.25", "5.0000000100", "20", None),  # 20 * half a unit of 0.25's ninth digit
        ("0.25", "5.0000000101", "20", "is 0.25, but 0.250000001 follows"),
        # beside 1000, of which 1e-7 is noise: 1e-4. What is below ten times that may have no share, what is a tenth has none
        ("", "0.0005", "0.001", None),
        ("", "0.0005", "0.0011", EMPTY),
        ("0.5", "0.000005", "0.00001", NOTHING.format("0.5")),
        ("0.5", "0.0000055", "0.000011", None),
    ],
)
def test_a_share_at_its_edges(text, part, total, said):
    assert share(text, part, total, others=[("1.0", "1000", "1000")]) == ([] if said is None else [said])


def test_a_share_where_figures_are_far_apart_is_one_of_anything():
    units = object()
    assert share("", "1", "1e-30", units=units, others=[("1.0", "1000", "1000")]) == [EMPTY]
    assert share("", "0", "0", units=units) == []
    assert share("0.5", "0", "0", units=units) == [NOTHING.format("0.5")]
    assert share("0.5", "5e-31", "1e-30", units=units, others=[("1.0", "1000", "1000")]) == []


def test_a_share_is_nothing_where_it_is_negligible_beside_the_largest_share():
    beside = [("0.5", "500", "1000")]
    assert share("0.0", "5e-7", "1000", others=beside) == [], "1e-9 of 0.5, of 1000"
    assert share("0.0", "6e-7", "1000", others=beside) == ["is 0.0, but 6e-10 follows"]


def test_a_share_of_rounded_figures_may_be_off_by_what_they_are():
    assert share("0.25", "5.1", "20", width="0.1") == []
    assert share("0.25", "5.13", "20", width="0.1") == ["is 0.25, but 0.2565 follows"], "0.1 + 0.25 * 0.1"
    assert share("0.25", "5.125", "20", width="0.1") == []


def test_figures_are_taken_multiplied_added_and_known():
    value, width = (np.array([Decimal(part) for part in parts], dtype=object) for parts in (("2", "-3", "5"), ("0.1", "0.2", "0.3")))  # fmt: skip
    found = Figures(value, width, np.array([True, True, False]))
    taken = found.take(np.array([2, -1, 0]))
    assert (taken.value.tolist(), taken.width.tolist(), taken.known.tolist()) == (
        [5, 0, 2],
        [Decimal("0.3"), 0, Decimal("0.1")],
        [False, True, True],
    )
    times = found.times(decimals(np.array([-2.0, 2.0, 0.0])))
    assert (times.value.tolist(), times.width.tolist()) == ([-4, -6, 0], [Decimal("0.2"), Decimal("0.4"), 0])
    both = found.plus(times)
    assert (both.value.tolist(), both.known.tolist()) == ([-2, -9, 5], [True, True, False])
    assert both.width.tolist() == [Decimal("0.3"), Decimal("0.6"), Decimal("0.3")]
    added = found.added(np.array([1, 1, -1]), 3)
    assert (added.value.tolist(), added.width.tolist(), added.known.tolist()) == ([0, -1, 0], [0, Decimal("0.3"), 0], [True] * 3)  # fmt: skip
    assert found.floats()[:2].tolist() == [2, -3]
    assert np.isnan(found.floats()[2])
    assert zeros(2).tolist() == [0, 0]


def test_the_width_of_a_figure_is_that_of_its_ninth_digit_whatever_its_size():
    figures, wrong = printed(["1", "9.99", "10", "0.001", "-250", "0", "", "1e-30"])
    assert not wrong
    assert figures.width.tolist() == [HALF.scaleb(at) if at else 0 for at in (-8, -8, -7, -11, -6, 0, 0, -38)]
    assert figures.known.tolist() == [True] * 6 + [False, True]


def test_the_left_side_of_a_row_and_its_width():
    rules = Small([0, 0], [0, 0], [1, 1], [[2, -3], [0, 1]], [0, 0], [1, 1])
    values = Figures(decimals(np.array([5.0, 7.0])), decimals(np.array([0.5, 0.25])), np.ones(2, dtype=bool))
    found = rules.activity(values)
    assert (found.value.tolist(), found.width.tolist()) == ([10 - 21, 7], [1 + Decimal("0.75"), Decimal("0.25")])
    assert found.known.all()
    terms = decimals(np.array([1.0, 2.0, 4.0]))
    assert rules.by_row(terms).tolist() == [3, 4]
    assert rules.by_column(terms).tolist() == [1, 6]
    assert summed(terms, np.array([2, 0, 2]), 4).tolist() == [2, 0, 5, 0]
