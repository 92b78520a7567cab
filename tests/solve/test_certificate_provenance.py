"""The certificate of a plan with pathway limits: no unit can be said to have touched less than it has."""

from functools import cache

import pandas as pd
import pytest
import toys
from portions import portion

import planner
from planner.plan.tables import plan_tables
from planner.solve import certify, solve_program

# Parts of TW and the US, with some of TW in stock, joined in TW or the US with cases of the US; kept over P1.
CASE = {
    "periods": ["P1", "P2"],
    "sites": [
        {"site": "part-tw", "region": "TW"},
        {"site": "part-us", "region": "US"},
        {"site": "join-tw", "region": "TW"},
        {"site": "join-us", "region": "US"},
    ],
    "items": [
        {"item": "part", "stage": "parts", "holding_cost": 0.5},
        {"item": "case", "stage": "parts"},
        {"item": "unit", "stage": "make", "holding_cost": 1},
    ],
    "processes": [
        {"site": "part-tw", "item": "part", "unit_cost": 1},
        {"site": "part-us", "item": "part", "unit_cost": 4},
        {"site": "part-us", "item": "case", "unit_cost": 1},
        {"site": "join-tw", "item": "unit", "unit_cost": 1},
        {"site": "join-us", "item": "unit", "unit_cost": 3},
    ],
    "components": [
        {"item": "unit", "component": "part", "quantity": 1},
        {"item": "unit", "component": "case", "quantity": 2},
    ],
    "lanes": [
        *({"from": start, "to": end} for start in ("part-tw", "part-us") for end in ("join-tw", "join-us")),
        {"from": "join-tw", "to": "shop"},
        {"from": "join-us", "to": "shop"},
    ],
    "capacities": [
        {"site": "part-us", "resource": "part-us", "capacity": 60},
        {"site": "join-tw", "capacity": 12},
        {"site": "join-us", "period": "P1", "capacity": 14},
        {"site": "join-us", "period": "P2", "capacity": 3},
    ],
    "demand": [
        {"customer": "shop", "item": "unit", "period": "P1", "quantity": 10, "price": 100},
        {"customer": "shop", "item": "unit", "period": "P2", "quantity": 20, "price": 100},
    ],
    "stocks": [
        {"site": "join-us", "item": "part", "opening": 4, "touched": "TW"},
        {"site": "join-us", "item": "unit", "maximum": 9},
        {"site": "join-tw", "item": "unit", "maximum": 0},
    ],
}
POLICY = toys.policy(
    {"measure": "pathway", "of": "TW", "max_share": 0.7},
    {"measure": "pathway", "of": "US", "max_share": 1.0},
    {"measure": "pathway", "over": "site", "of": "join-us", "min_free": 0.1, "per": "horizon", "soft_cost": 20},
)
BY_CLASS = ("production", "shipments", "stock", "relabelled")
AMOUNT = {"production": "started", "shipments": "quantity", "stock": "quantity", "relabelled": "quantity"}


@cache
def solved():
    program = planner.formulate(toys.tiny(**CASE), POLICY)
    solution = solve_program(program)
    return program, solution, plan_tables(program, solution)


def passes(**changed):
    """Whether the certificate passes the plan with some tables changed."""
    program, solution, tables = solved()
    return certify(program, solution, {**tables, **changed}).passed


def with_rows(name, rows):
    return {name: pd.DataFrame(rows, columns=solved()[2][name].columns)}


def test_the_plan_itself_passes_with_several_classes_in_each_table():
    program, solution, tables = solved()
    found = certify(program, solution, tables)
    assert found.passed, found.failures
    assert [watch.name for watch in program.network.watches] == ["TW", "US", "join-us"]
    assert {name: len(set(tables[name]["touched"])) > 1 for name in BY_CLASS} == dict.fromkeys(BY_CLASS, True)
    for name in BY_CLASS:  # written anew and in another order it still does
        assert passes(**with_rows(name, tables[name].to_dict("records")[::-1]))


def less(touched):
    """Labels with one watch less."""
    parts = touched.split("+") if touched else []
    return ["+".join(part for part in parts if part != left) for left in parts]


def more(touched):
    """The label with every watch, and one that is none."""
    return [label for label in ("TW+US+join-us", "nowhere") if label != touched]


@pytest.mark.parametrize("name", portion(BY_CLASS, quick=1))
def test_no_row_can_be_of_another_class(name):
    """Every row with the label of a smaller class, of the largest or of none that there is."""
    _, _, tables = solved()
    unseen = []
    for number, row in enumerate(tables[name].to_dict("records")):
        for touched in (*less(row["touched"]), *more(row["touched"])):
            rows = tables[name].to_dict("records")
            rows[number] = {**row, "touched": touched}
            if passes(**with_rows(name, rows)):
                unseen.append((row, touched))
    assert not unseen


@pytest.mark.parametrize("name", portion(BY_CLASS, quick=1))
def test_no_unit_can_move_between_classes(name):
    """One unit less of a row and one more of the same decision in a smaller class, whether that has a row or not."""
    _, _, tables = solved()
    keys = [column for column in tables[name] if tables[name][column].dtype != float and column != "touched"]
    unseen, tried = [], 0
    for number, row in enumerate(tables[name].to_dict("records")):
        for touched in less(row["touched"]):
            rows = tables[name].to_dict("records")
            _move(rows, number, touched, keys, AMOUNT[name])
            tried += 1
            if passes(**with_rows(name, rows)):
                unseen.append((row, touched))
    assert tried
    assert not unseen


def _move(rows, number, touched, keys, amount):
    """Move a unit of a row, with its share of every figure, into a class."""
    row = rows[number]
    part = 1.0 / row[amount]
    moved = {name: value * part for name, value in row.items() if isinstance(value, float)}
    there = [other for other in rows if other["touched"] == touched and all(other[key] == row[key] for key in keys)]
    target = there[0] if there else {**row, **dict.fromkeys(moved, 0.0), "touched": touched}
    if not there:
        rows.append(target)
    for name, value in moved.items():
        rows[number][name] -= value
        target[name] += value


def test_a_unit_of_tw_called_clear_in_every_table_at_once():
    """All that is of TW and of the US loses TW, from the parts to the shop: nothing is out of balance but its source."""
    _, _, tables = solved()
    changed = {}
    for name in BY_CLASS:
        table = tables[name].copy()
        for column in {"touched", "as"} & set(table):
            table[column] = [_without(text, "TW") for text in table[column]]
        keys = [column for column in table if table[column].dtype != float]
        changed[name] = table.groupby(keys, as_index=False, sort=True).sum()[list(table.columns)]
    changed["relabelled"] = changed["relabelled"][changed["relabelled"]["touched"] != changed["relabelled"]["as"]]
    assert not passes(**changed)


def _without(text, watch):
    return "+".join(part for part in text.split("+") if part != watch)


def test_relabelling_downward_is_no_possible_decision():
    program, solution, tables = solved()
    turned = tables["relabelled"].rename(columns={"touched": "as", "as": "touched"})[tables["relabelled"].columns]
    for number in range(len(turned)):
        rows = [*tables["relabelled"].to_dict("records"), turned.iloc[number].to_dict()]
        found = certify(program, solution, {**tables, **with_rows("relabelled", rows)})
        assert not found.passed
        assert any("no possible decision" in text for text in found.failures)


def test_no_relabelling_can_be_left_out():
    _, _, tables = solved()
    assert not passes(relabelled=tables["relabelled"].iloc[:0])
    for number in range(len(tables["relabelled"])):
        assert not passes(relabelled=tables["relabelled"].drop(index=number).reset_index(drop=True))
    program, solution, _ = solved()
    assert not certify(
        program, solution, {name: table for name, table in tables.items() if name != "relabelled"}
    ).passed


@pytest.mark.parametrize("name", portion(BY_CLASS, quick=1))
def test_a_row_that_stands_twice_or_is_missing(name):
    _, _, tables = solved()
    rows = tables[name].to_dict("records")
    for number in range(len(rows)):
        assert not passes(**with_rows(name, [*rows, rows[number]]))
        assert not passes(**with_rows(name, rows[:number] + rows[number + 1 :]))


@pytest.mark.parametrize("column", ["share", "excess", "cost"])
def test_figures_of_the_limits(column):
    _, _, tables = solved()
    assert (tables["limits"]["min_free"].notna() & (tables["limits"]["excess"] >= 0)).any()
    for number in range(len(tables["limits"])):
        table = tables["limits"].copy()
        table.loc[number, column] += 0.01
        assert not passes(limits=table), number


def test_costs_and_balances_without_classes_are_not_enough():
    """The same plan summed over classes, all of it called clear: right in every sum, and rejected."""
    _, _, tables = solved()
    changed = {}
    for name in ("production", "shipments", "stock"):
        table = tables[name].assign(touched="")
        keys = [column for column in table if table[column].dtype != float]
        changed[name] = table.groupby(keys, as_index=False).sum()[list(table.columns)]
    assert not passes(**changed, relabelled=tables["relabelled"].iloc[:0])
