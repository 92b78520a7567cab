"""Lines gathered over labels: exact groups first, one for all of a rule at last; and how names and periods are said."""

import itertools

import pytest

from planner.model.words.grouping import gathered
from planner.model.words.lines import Group, Line, Wording
from planner.model.words.lists import named, windows

QUARTERS = [f"2027Q{k}" for k in range(1, 5)] + [f"2028Q{k}" for k in range(1, 5)]
ORDERED = Wording("order", str, over=("period", "item", "customer"))
AT_ONCE = Wording("order", str, over=("period", "item", "customer"), added_up=True)
CAPACITY = Wording("capacity", str, over=("period", "resource"))
COMMITMENT = Wording("commitment", str)
ORDER = {"period": QUARTERS, "customer": ["cloud", "lab"], "item": ["ctl", "npu"]}


def orders(customers, items, periods, quantity=1.0, *, rule=ORDERED):
    return [
        Line(rule, {"customer": customer, "item": item, "period": period}, (quantity,))
        for customer, item, period in itertools.product(customers, items, periods)
    ]


def capacity(resource, period, figure=5.0):
    return Line(CAPACITY, {"resource": resource, "period": period}, (figure,))


def labels(groups):
    return [dict(group.labels) for group in groups]


def test_a_whole_block_is_one_group():
    lines = orders(["cloud", "lab"], ["ctl", "npu"], QUARTERS[:4], rule=AT_ONCE)
    (group,) = gathered(lines, ORDER, most=0)
    assert group.exact
    assert group.labels == {"customer": ("cloud", "lab"), "item": ("ctl", "npu"), "period": tuple(QUARTERS[:4])}
    assert sum(group.figures(0)) == 16


def test_values_stand_in_their_order_whatever_the_order_of_the_lines():
    lines = orders(["lab", "cloud"], ["npu", "ctl"], reversed(QUARTERS), rule=AT_ONCE)
    first, second = (gathered(part, ORDER, most=0) for part in (lines, lines[::-1]))
    assert labels(first) == labels(second)


def test_periods_are_gathered_always_and_other_labels_only_where_there_are_too_many():
    lines = [capacity(f"line-{k}", period) for k in range(3) for period in QUARTERS]
    assert labels(gathered(lines, ORDER, most=3)) == [
        {"resource": (f"line-{k}",), "period": tuple(QUARTERS)} for k in range(3)
    ]
    (group,) = gathered(lines, ORDER, most=2)
    assert group.labels["resource"] == ("line-0", "line-1", "line-2")
    assert group.exact


def test_what_does_not_fit_stays_apart():
    """The lab orders no npu in the last quarter: three blocks, all exact."""
    lines = orders(["cloud", "lab"], ["ctl", "npu"], QUARTERS[:2], rule=AT_ONCE)
    lines.remove(Line(AT_ONCE, {"customer": "lab", "item": "npu", "period": "2027Q2"}, (1.0,)))
    groups = gathered(lines, ORDER, most=5)
    assert all(group.exact for group in groups)
    assert labels(groups) == [
        {"customer": ("cloud",), "item": ("ctl", "npu"), "period": ("2027Q1", "2027Q2")},
        {"customer": ("lab",), "item": ("ctl",), "period": ("2027Q1", "2027Q2")},
        {"customer": ("lab",), "item": ("npu",), "period": ("2027Q1",)},
    ]


def test_what_would_be_a_wall_is_one_group_that_says_so():
    lines = [capacity(f"line-{k}", QUARTERS[k]) for k in range(6)]
    (group,) = gathered(lines, ORDER, most=3)
    assert not group.exact
    assert (len(group.lines), len(group.labels["resource"]), len(group.labels["period"])) == (6, 6, 6)


def test_a_line_that_came_before_is_passed_over():
    assert len(gathered([capacity("a", "2027Q1"), capacity("a", "2027Q1")], ORDER, most=3)[0].lines) == 1


def test_lines_that_differ_in_a_figure_alone_stay_apart():
    contract = [Line(COMMITMENT, {"commitment": name}, (figure,)) for name, figure in (("a", 1.0), ("a", 2.0))]
    assert len(gathered(contract, {}, most=3)) == 2


def test_rules_come_in_the_order_of_their_first_lines():
    lines = [capacity("a", "2027Q1"), *orders(["lab"], ["ctl"], QUARTERS[:1]), capacity("a", "2027Q2")]
    assert [group.rule for group in gathered(lines, ORDER, most=3)] == [CAPACITY, ORDERED]


def test_nothing_is_lost_or_doubled():
    lines = orders(["cloud", "lab"], ["ctl", "npu"], QUARTERS)[::3] + [
        capacity("a", period) for period in QUARTERS[::2]
    ]
    for most in (0, 1, 3, 20):
        groups = gathered(lines, ORDER, most=most)
        kept = [line for group in groups for line in group.lines]
        assert sorted(map(repr, kept)) == sorted(map(repr, lines))


def test_a_line_by_itself_is_a_group():
    group = Group.of(capacity("a", "2027Q1", 7.0))
    assert group.exact
    assert group.labels == {"resource": ("a",), "period": ("2027Q1",)}
    assert group.figures(0) == [7.0]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (["2027Q1"], "2027Q1"),
        (QUARTERS, "2027Q1..2028Q4"),
        (["2027Q2", "2027Q1"], "2027Q1..2027Q2"),
        (["2027Q1", "2027Q3"], "2027Q1 and 2027Q3"),
        (["2027Q1", "2027Q2", "2027Q4", "2028Q2"], "2027Q1..2027Q2, 2027Q4 and 2028Q2"),
        (QUARTERS[::2], "4 periods of 2027Q1..2028Q3"),
        (["horizon"], "horizon"),
    ],
)
def test_windows(values, text):
    assert windows(values, QUARTERS) == text


@pytest.mark.parametrize(
    ("values", "known", "text"),
    [
        (["a"], 1, "a"),
        (["a", "b"], 2, "a and b"),
        (["a", "b", "c", "d"], 9, "a, b, c and d"),
        (["a", "b", "c", "d", "e"], 9, "a, b, c and 2 more"),
        (["a", "b", "c", "d", "e"], 5, "all 5 items"),
        ([], 0, ""),
    ],
)
def test_names(values, known, text):
    assert named(values, "items", known) == text
