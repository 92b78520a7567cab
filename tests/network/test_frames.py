"""The joins on which every table rests."""

import numpy as np
import pandas as pd
import toys

import planner
from planner.network import frames
from planner.network.frames import (
    distinct,
    group_numbers,
    in_order,
    joined,
    lookup,
    narrowed,
    positions,
    renamed,
    summed,
    table_of_columns,
    text_column,
    with_new_names,
)

LANES = pd.DataFrame({"from": ["b", "a", "b"], "to": ["x", "x", "y"], "cost": [3.0, 1.0, 2.0]})
ITEMS = pd.DataFrame({"from": ["a", "b", "a", "c"], "item": ["q", "q", "p", "p"]})


def test_rows_that_agree_have_one_number_in_order_of_appearance():
    first, second = group_numbers(LANES, ITEMS, columns=["from"])
    assert first.tolist() == [0, 1, 0]
    assert second.tolist() == [1, 0, 1, 2]


def test_positions_are_those_of_the_first_row_that_agrees_in_every_column():
    keys = pd.DataFrame({"from": ["a", "b", "c"], "to": ["x", "y", "x"]})
    assert positions(keys, LANES, ["from", "to"]).tolist() == [1, 2, -1]
    assert positions(keys, LANES, ["from"]).tolist() == [1, 0, -1]
    assert positions(keys, LANES.iloc[:0], ["from"]).tolist() == [-1, -1, -1]
    assert lookup(keys, LANES, ["from", "to"], "cost", 9.0).tolist() == [1.0, 2.0, 9.0]


def test_labels_of_many_kinds_agree_only_where_they_are_equal():
    table = pd.DataFrame({"item": ["a", "b"], "period": [1, 2]})
    keys = pd.DataFrame({"item": pd.Series(["b", "a", "b"], dtype=object), "period": [2, 2, 1]})
    assert positions(keys, table, ["item", "period"]).tolist() == [1, -1, -1]


def test_joined_is_the_inner_join_in_the_order_of_the_left_table_then_the_right():
    found = joined(LANES, ITEMS, ["from"])
    assert found[["from", "to", "item"]].to_numpy().tolist() == [
        ["b", "x", "q"],
        ["a", "x", "q"],
        ["a", "x", "p"],
        ["b", "y", "q"],
    ]
    wanted = LANES.merge(ITEMS, on="from")
    pd.testing.assert_frame_equal(found[wanted.columns], wanted, check_dtype=False)
    assert joined(LANES.iloc[:0], ITEMS, ["from"]).empty
    assert joined(LANES, ITEMS.iloc[:0], ["from"]).empty


def test_joined_equals_pandas_on_random_tables():
    rng = np.random.default_rng(3)
    for size in (1, 7, 60):
        left = pd.DataFrame({"a": rng.integers(0, 4, size), "b": rng.integers(0, 3, size), "x": np.arange(size)})
        right = pd.DataFrame({"a": rng.integers(0, 4, size), "b": rng.integers(0, 3, size), "y": np.arange(size)})
        wanted = left.merge(right, on=["a", "b"])
        pd.testing.assert_frame_equal(joined(left, right, ["a", "b"])[wanted.columns], wanted)


def test_each_combination_once_sorted_and_added_up():
    assert distinct(LANES, ["from"])["from"].tolist() == ["b", "a"]
    assert in_order(LANES, ["to", "from"])["cost"].tolist() == [1.0, 3.0, 2.0]
    found = summed(LANES, ["from"], ["cost"])
    assert found["from"].tolist() == ["a", "b"]
    assert found["cost"].tolist() == [1.0, 5.0]
    assert list(narrowed(LANES, ["cost", "from"])) == ["cost", "from"]


def test_short_and_long_tables_are_numbered_alike(monkeypatch):
    """By a dictionary and by pandas, what is missing included."""
    rng = np.random.default_rng(5)
    places, items = np.array(["b", "a", "c"], dtype=object), np.array(["x", "y", None], dtype=object)
    one, two = (
        pd.DataFrame(
            {
                "place": places[rng.integers(0, 3, size)],
                "item": items[rng.integers(0, 3, size)],
                "share": np.array([0.5, np.nan])[rng.integers(0, 2, size)],
                "period": rng.integers(0, 3, size),
            }
        )
        for size in (40, 25)
    )
    for columns in (["place"], ["item", "period"], ["place", "item", "share", "period"]):
        short = group_numbers(one, two, columns=columns)
        with monkeypatch.context() as patch:
            patch.setattr(frames, "SHORT", 0)
            long = group_numbers(one, two, columns=columns)
        assert [part.tolist() for part in short] == [part.tolist() for part in long]


def test_labels_of_columns_are_strings_of_python_in_every_table():
    """Arrow's, which pandas takes for short lists too, made a solve of the toy take a third longer."""
    network = planner.formulate(toys.toy()).network
    tables = {name: table for name, table in vars(network).items() if isinstance(table, pd.DataFrame)}
    assert {table.columns.dtype.storage for table in tables.values()} == {"python"}
    assert len(tables) > 20


def test_new_names_leave_the_table_as_it_was():
    table = table_of_columns({"item": text_column(["a", "b"]), "units": np.array([1.0, 2.0])})
    other = renamed(table, {"units": "right"})
    other["right"] = 0.0
    assert list(with_new_names(other, ["one", "two"])) == ["one", "two"]
    assert list(other) == ["item", "right"]
    assert table["units"].tolist() == [1.0, 2.0]
