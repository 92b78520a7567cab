"""One mistake in many cells is said once, with where all of them are."""

import pytest

from planner.errors import InstanceError, Problem, alike, nearest, places


def formulas(*cells, message="No value."):
    return [Problem("demand", None, "quantity", None, message, "Write it.", cell=cell) for cell in cells]


def rows(*numbers, file="demand.csv"):
    return [Problem(file, number, "quantity", None, "No value.", "Write it.") for number in numbers]


@pytest.mark.parametrize(
    ("problems", "said"),
    [
        (formulas("demand!D2"), "demand!D2"),
        (formulas("demand!D2", "demand!D3", "demand!D4"), "demand!D2:D4"),
        (formulas("demand!D2", "demand!D4", "demand!D5", "a!D6"), "demand!D2, demand!D4:D5, a!D6"),
        (formulas("a!D1", "a!D3", "a!D5", "a!D7", "a!D9", "a!D10"), "a!D1, a!D3, a!D5, a!D7 and 2 more"),
        (formulas("settings"), "settings"),
        (rows(2), "demand.csv:2"),
        (rows(2, 3, 4, 9), "demand.csv:2-4, demand.csv:9"),
        (rows(None), "demand.csv"),
        ([*rows(None), *rows(None, file="lanes.csv")], "demand.csv, lanes.csv"),
    ],
)
def test_where_some_problems_are(problems, said):
    assert places(problems, ":") == said


def test_what_says_the_same_of_a_column_is_put_together_in_order():
    problems = [*formulas("a!D2"), *formulas("a!D3", message="Too large."), *formulas("a!D4")]
    assert [[each.cell for each in group] for group in alike(problems)] == [["a!D2", "a!D4"], ["a!D3"]]


def test_an_error_of_an_instance_counts_all_of_them():
    text = str(InstanceError([*rows(*range(2, 51)), *formulas("a!D3", message="Too large.")]))
    assert text.splitlines() == [
        "50 problems in the instance",
        "  demand.csv, row 2-50, column quantity: No value. Write it.",
        "  a!D3, column quantity: Too large. Write it.",
    ]


@pytest.mark.parametrize(
    ("text", "known", "said"),
    [
        ("late cost", ["late_cost", "lost_cost"], "Did you mean late_cost?"),
        ("Fab-Tainan", ["fab_tainan", "fab_taiwan"], "Did you mean fab_tainan?"),
        ("late_cots", ["late_cost", "lost_cost"], "Did you mean late_cost or lost_cost?"),
        ("??", ["-a", "_"], "Known: -a, _."),
    ],
)
def test_a_name_that_differs_in_signs_alone_is_the_one_that_was_meant(text, known, said):
    assert nearest(text, known) == said
