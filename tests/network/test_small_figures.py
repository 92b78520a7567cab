"""No figure has to be one at least: with a hundredth of all quantities, or of all money, a network has the same rows."""

import pandas as pd
import pytest
import toys

import planner
from planner.instance.policy import Policy
from planner.network import build_network
from planner.network.gaps import gap_problems
from planner.network.recourse import Recourse

QUANTITIES = frozenset({"capacity", "quantity", "opening", "minimum", "maximum", "closing_minimum", "min_lot", "inside", "total"})  # fmt: skip
MONEY = frozenset({"unit_cost", "price", "late_cost", "lost_cost", "holding_cost", "fixed_cost", "shortfall_cost", "value", "soft_cost"})  # fmt: skip
BUFFERED = {"name": "buffered", "buffers": [{"stage": "packaging", "periods_of_cover": 0.5, "soft_cost": 2}]}


def smaller(given, names):
    """A mapping with a hundredth of the figures of these names, wherever they stand."""
    if isinstance(given, dict):
        return {
            name: part / 100 if name in names and isinstance(part, int | float) else smaller(part, names)
            for name, part in given.items()
        }
    return [smaller(part, names) for part in given] if isinstance(given, list) else given


def labels(network):
    """The labels and flags of every row of every table, and of which figures there are."""
    tables = {name: table for name, table in vars(network).items() if isinstance(table, pd.DataFrame)}
    return {
        name: table.apply(lambda column: column.notna() if column.dtype.kind == "f" else column.astype(str)).to_numpy().tolist()
        for name, table in tables.items()
    }  # fmt: skip


CASES = {
    "limits": (toys.toy, next(policy for policy in toys.TOY["policies"] if policy["name"] == "guarded")),
    "classes": (lambda: toys.toy(expansions=[]), toys.TRACED.model_dump(exclude_none=True)),
    "sources": (toys.toy, toys.SOURCED.model_dump(exclude_none=True)),
    "lots": (toys.toy_in_lots, {"name": "p"}),
    "buffers": (toys.toy, BUFFERED),
    "every table": (lambda: toys.two_plants(**toys.EVERY_TABLE), {"name": "p"}),
}  # fmt: skip


HUNDREDTHS = [*((case, "quantities") for case in CASES), ("limits", "money"), ("every table", "money")]


@pytest.mark.parametrize(("case", "of"), HUNDREDTHS)
def test_a_hundredth_of_all_figures_makes_the_same_rows(case, of):
    names = QUANTITIES if of == "quantities" else MONEY
    make, chosen = CASES[case]
    mapping = make().as_mapping()
    recourse = Recourse(0.5) if case == "every table" else None
    networks = []
    for rows, policy in ((mapping, chosen), (smaller(mapping, names), smaller(chosen, names))):
        instance = planner.load_instance({**rows, "policies": [], "scenarios": []})
        networks.append(labels(build_network(instance, Policy.model_validate(policy), recourse)))
    assert networks[0] == networks[1]
    assert sum(map(len, networks[0].values())) > 40


def test_what_is_of_no_use_is_or_are():
    """A plant that nothing leaves from: a capacity, an option, two options, or both."""
    base = {
        "name": "idle",
        "periods": ["P1", "P2"],
        "sites": [{"site": "plant", "region": "TW"}, {"site": "slow", "region": "TW"}],
        "items": [{"item": "unit", "stage": "make"}],
        "processes": [{"site": "plant", "item": "unit"}, {"site": "slow", "item": "unit", "lead_time": 1, "period": "P2"}],
        "customers": [{"customer": "shop", "region": "TW"}],
        "demand": [{"customer": "shop", "item": "unit", "quantity": 1, "price": 5}],
        "lanes": [{"from": "plant", "to": "shop"}, {"from": "slow", "to": "shop"}],
    }  # fmt: skip
    capacity = [{"site": "slow", "capacity": 9}]
    options = [{"option": name, "site": "slow", "period": "P2", "capacity": 5, "fixed_cost": 1} for name in ("a", "b")]

    def said(**tables):
        return [part.message for part in gap_problems(planner.load_instance({**base, **tables}))]

    words = "Nothing that starts at slow to make unit ends within the planned periods"
    assert said() == [f"{words}."]
    assert said(capacities=capacity) == [f"{words}, and its capacity is of no use."]
    assert said(expansions=options[:1]) == [f"{words}, and the option a is of no use."]
    assert said(expansions=options) == [f"{words}, and the options a and b are of no use."]
    assert said(capacities=capacity, expansions=options[:1]) == [f"{words}, and its capacity and the option a are of no use."]  # fmt: skip
    assert said(capacities=capacity, expansions=options) == [f"{words}, and its capacity and the options a and b are of no use."]  # fmt: skip
