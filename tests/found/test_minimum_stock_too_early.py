"""A minimum that holds before anything can be made: what is said can be written into the table, and then a plan exists."""

from pathlib import Path

import pytest
import toys

import planner

INPUT = Path(__file__).with_name("minimum-stock-too-early.yaml")


def mapping():
    return planner.load_instance(INPUT).as_mapping()


def failed(rows):
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(planner.load_instance(rows))
    return caught.value


def with_stock(**fields):
    rows = mapping()
    (row,) = rows["stocks"]
    return {**rows, "stocks": [{**row, **fields}]}


def test_both_ways_out_are_figures_of_the_table():
    error = failed(mapping())
    assert error.conflict == ["At least 10 x must be kept at s in p1."]
    texts = {part["text"]: part["cost"] for part in error.repair}
    assert set(texts) == {
        "lower the minimum stock of x at s from 10 to 0",
        "raise the opening stock of x at s from 0 to 10",
    }
    for text, fields in (("lower", {"minimum": 0}), ("raise", {"opening": 10})):
        (cost,) = [cost for said, cost in texts.items() if said.startswith(text)]
        assert planner.solve(planner.load_instance(with_stock(**fields))).objective == pytest.approx(cost, rel=1e-5)


def test_a_figure_of_one_period_is_never_asked_for():
    """A minimum that only some periods cannot keep is still lowered in all of them, as far as the worst one needs."""
    error = failed(with_stock(opening=4))
    assert [part["text"] for part in error.repair] == [
        "lower the minimum stock of x at s from 10 to 4",
        "raise the opening stock of x at s from 4 to 10",
    ]


def test_what_can_be_made_in_time_needs_no_opening_stock():
    """A minimum that capacity is too small for: more opening stock is one way, more capacity another."""
    error = failed(
        toys.tiny(
            capacities=[{"site": "plant", "capacity": 6}], stocks=[{"site": "plant", "item": "unit", "minimum": 8}]
        ).as_mapping()
    )
    assert [part["text"] for part in error.repair] == [
        "lower the minimum stock of unit at plant from 8 to 6",
        "raise the capacity of plant in 1 from 6 to 8",
        "raise the opening stock of unit at plant from 0 to 2",
    ]


def test_opening_stock_is_no_way_out_of_anything_else():
    error = failed(
        toys.tiny(
            demand=[{"customer": "shop", "item": "unit", "quantity": 10, "must_serve": 1}],
            capacities=[{"site": "plant", "capacity": 6}],
            stocks=[{"site": "plant", "item": "unit", "opening": 1}],
        ).as_mapping()
    )
    assert not any("opening" in part["text"] for part in error.repair)
