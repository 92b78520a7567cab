"""Steps: what is the same is taken over, what differs is made again, and nothing that looks the same is the same."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from toys import tiny

from planner.network.steps import Steps, same


@dataclass(frozen=True)
class Pair:
    """Two values."""

    one: object
    other: object


def table(**columns):
    return pd.DataFrame({"site": ["a", "b"], "quantity": [1.0, np.nan], **columns})


def counted():
    """A step that counts how often it is done."""

    def step(figures):
        step.done += 1
        return figures.assign(rounded=figures["quantity"].round(0))

    step.done = 0
    return step


def test_a_step_with_equal_arguments_is_not_done_again():
    step, before = counted(), Steps()
    made = before(step, table())
    assert Steps(before)(step, table()) is made
    assert step.done == 1


def test_a_step_with_other_arguments_is_done_again_and_leaves_what_was():
    step, before = counted(), Steps()
    made = before(step, table())
    kept = made.copy()
    other = Steps(before)(step, table(quantity=[2.0, 3.0]))
    assert other["rounded"].tolist() == [2.0, 3.0]
    pd.testing.assert_frame_equal(made, kept)


def test_what_comes_out_the_same_is_taken_over():
    def parts(figures):
        return figures.round(0), figures

    before = Steps()
    first = before(parts, np.array([1.1, 2.0]))
    whole, figures = Steps(before)(parts, np.array([1.2, 2.0]))
    assert whole is first[0]
    assert figures.tolist() == [1.2, 2.0]


def test_the_second_call_of_a_step_looks_back_to_the_second():
    step, before = counted(), Steps()
    made = [before(step, table(quantity=[number, number])) for number in (1.0, 2.0)]
    again = Steps(before)
    assert [
        again(step, table(quantity=[number, number])) is old for number, old in zip((1.0, 2.0), made, strict=True)
    ] == [True] * 2
    assert again(step, table(quantity=[3.0, 3.0]))["rounded"].tolist() == [3.0, 3.0]
    assert step.done == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (table(), table(quantity=[1.0, 2.0])),
        (table(), table().iloc[::-1]),
        (table(), table()[["quantity", "site"]]),
        (table(), table().assign(site=["a", "c"])),
        (table(more=[1, 2]), table(more=[1.0, 2.0])),
        (table(), table().iloc[:1]),
        (np.array([1, 2]), np.array([[1, 2]])),
        (np.array([True]), np.array([1])),
        ((1, 2), (1, 2, 3)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (Pair(1, table()), Pair(1, table(quantity=[0.0, 0.0]))),
        (1, True),
        (None, 0),
        (tiny().only("demand"), tiny().only("lanes")),
    ],
)
def test_what_differs_is_not_the_same(one, other):
    assert not same(one, other)
    assert not same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (table(), table()),
        (np.array([np.nan, 1.0]), np.array([np.nan, 1.0])),
        (Pair((1, "a"), table()), Pair((1, "a"), table())),
        ({"a": table()}, {"a": table()}),
        (pd.Series([1.0, np.nan]), pd.Series([1.0, np.nan])),
        (tiny().only("demand"), tiny().replace(lanes=[]).only("demand")),
    ],
)
def test_what_is_equal_is_the_same(one, other):
    assert same(one, other)


def test_only_names_what_a_step_reads():
    seen = tiny().only("demand")
    assert seen.demand == tiny().demand
    assert seen.sites == tiny().sites
    assert seen.processes == ()
    assert seen.periods == tiny().periods


def test_of_a_step_that_makes_several_tables_those_that_are_equal_are_the_earlier_ones():
    """By name, or by place; a result with other names or of another length is taken as a whole."""

    def named(of, names=("a", "b")):
        return {name: pd.DataFrame({name: [1, of if name == "b" else 0]}) for name in names}

    def placed(of):
        return (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [of]}))

    first = Steps()
    one, pair = first(named, 1), first(placed, 1)
    again = Steps(first)
    other, others = again(named, 2), again(placed, 2)
    assert other["a"] is one["a"]
    assert other["b"] is not one["b"]
    assert others[0] is pair[0]
    assert others[1]["b"].tolist() == [2]
    turned = Steps(first)(named, 1, ("b", "a"))
    assert list(turned) == ["b", "a"], "in another order it is another result"
    assert turned["a"] is not one["a"]
