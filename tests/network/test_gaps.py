"""What nothing joins to the rest of an instance is named: one line a place and cause, and no line where nothing is amiss."""

import copy
import random

import pytest
import toys
from portions import portion

import planner
from planner.network import build_network, outline
from planner.network.gaps import gap_problems, too_large
from planner.network.unreached import reach_problems

PLANTS = {
    "name": "plants",
    "periods": ["P1", "P2", "P3"],
    "sites": [{"site": name, "region": "TW"} for name in ("fab", "pack", "depot")],
    "items": [{"item": "die", "stage": "wafer"}, {"item": "chip", "stage": "packaging"}],
    "processes": [{"site": "fab", "item": "die"}, {"site": "pack", "item": "chip"}],
    "components": [{"item": "chip", "component": "die", "quantity": 1}],
    "capacities": [{"site": "fab", "capacity": 9}, {"site": "pack", "resource": "line", "capacity": 9}],
    "customers": [{"customer": "shop", "region": "TW"}, {"customer": "mall", "region": "TW"}],
    "demand": [{"customer": "shop", "item": "chip", "quantity": 1, "price": 5, "late_cost": 1}],
    "lanes": [{"from": "fab", "to": "pack"}, {"from": "pack", "to": "shop"}, {"from": "pack", "to": "mall"}],
}
PLANTS["processes"][1]["resource"] = "line"
IDLE = ", and its capacity of line is of no use."


def said(**changes):
    """(severity, file, value, message) of the gaps of the plants with some tables changed."""
    mapping = copy.deepcopy(PLANTS) | changes
    return [
        (problem.severity, problem.file, problem.value, problem.message)
        for problem in gap_problems(planner.load_instance(mapping))
    ]


def lanes(*more, without=()):
    return [row for row in PLANTS["lanes"] if (row["from"], row["to"]) not in without] + list(more)


@pytest.mark.parametrize("given", [toys.toy, toys.tiny, toys.two_plants], ids=lambda given: given.__name__)
def test_nothing_is_said_where_nothing_is_amiss(given):
    assert [str(problem) for problem in gap_problems(given())] == []


def test_the_plants_are_joined():
    assert said() == []


def test_a_component_that_no_lane_brings():
    """The dies that are there at first keep the orders possible at depot; pack is cut off."""
    found = said(
        lanes=[{"from": "fab", "to": "depot"}, {"from": "depot", "to": "shop"}, {"from": "pack", "to": "shop"}, {"from": "depot", "to": "mall"}],
        processes=[*PLANTS["processes"], {"site": "depot", "item": "chip"}],
    )  # fmt: skip
    assert found == [
        ("warning", "processes", "pack", f"No lane brings die to pack, so chip can never start there{IDLE}")
    ]


def test_what_follows_from_a_cause_is_not_named_too():
    """Three stages: the first is cut off from its raw material, and the line says so once."""
    found = said(
        items=[*PLANTS["items"], {"item": "raw", "stage": "raw"}],
        components=[*PLANTS["components"], {"item": "die", "component": "raw", "quantity": 1}],
        processes=[*PLANTS["processes"], {"site": "depot", "item": "raw"}, {"site": "depot", "item": "chip"}],
        stocks=[{"site": "depot", "item": "die", "opening": 9}],
        lanes=lanes({"from": "depot", "to": "shop", "item": "chip"}, {"from": "depot", "to": "pack", "item": "raw"}),
    )
    assert [(value, message) for _, _, value, message in found] == [
        ("fab", "No lane brings raw to fab, so die can never start there, and its capacity is of no use."),
        ("raw", "What depot makes of raw can get to no order and to no process that uses it."),
    ]


def test_a_component_that_comes_too_late():
    found = said(
        lanes=lanes({"from": "fab", "to": "depot"}, {"from": "depot", "to": "pack", "lead_time": 2}, {"from": "depot", "to": "shop"}, without=[("fab", "pack")]),
        processes=[{"site": "fab", "item": "die", "lead_time": 1}, PLANTS["processes"][1], {"site": "depot", "item": "chip"}],
    )  # fmt: skip
    assert [(value, message) for _, _, value, message in found] == [
        ("pack", f"The lanes bring die to pack too late, so chip can never start there{IDLE}")
    ]


def test_lanes_of_what_is_never_made_in_time_are_there():
    """In the last periods of a rolled plan `No lane brings die to pack` was said besides, though there is one."""
    found = said(
        processes=[{"site": "fab", "item": "die", "lead_time": 2, "period": "P2.."}, PLANTS["processes"][1]],
        stocks=[{"site": "depot", "item": "chip", "opening": 9}],
        lanes=lanes({"from": "depot", "to": "shop"}),
    )
    assert [message for _, _, _, message in found] == [
        "Nothing that starts at fab to make die ends within the planned periods, and its capacity is of no use."
    ]


def test_components_that_are_there_when_nothing_may_start():
    found = said(
        processes=[{"site": "fab", "item": "die", "period": "P3"}, PLANTS["processes"][1] | {"period": "P1..P2"}],
        stocks=[{"site": "depot", "item": "chip", "opening": 9}],
        lanes=lanes({"from": "depot", "to": "shop"}),
    )
    assert [message for _, _, value, message in found if value == "pack"] == [
        f"die can be at pack only when it may not start, so chip can never start there{IDLE}"
    ]


def test_a_process_that_never_ends_in_time():
    found = said(
        processes=[*PLANTS["processes"], {"site": "depot", "item": "chip", "lead_time": 2, "period": "P2.."}],
        lanes=lanes({"from": "fab", "to": "depot"}, {"from": "depot", "to": "shop"}),
        expansions=[{"option": "more", "site": "depot", "period": "P1", "capacity": 1}],
    )
    assert [message for _, _, _, message in found] == [
        "Nothing that starts at depot to make chip ends within the planned periods, and the option more is of no use."
    ]


def test_a_site_that_nothing_leaves():
    found = said(
        processes=[*PLANTS["processes"], {"site": "depot", "item": "chip"}], lanes=lanes({"from": "fab", "to": "depot"})
    )
    assert [(file, value, message) for _, file, value, message in found] == [
        ("lanes", "depot", "Nothing can leave depot: no lane takes chip from there.")
    ]


def test_what_is_made_where_nobody_wants_it():
    found = said(
        processes=[*PLANTS["processes"], {"site": "depot", "item": "die"}],
        lanes=lanes(
            {"from": "depot", "to": "fab"},
            {"from": "depot", "to": "shop"},
            {"from": "fab", "to": "pack", "item": "chip"},
            without=[("fab", "pack")],
        ),
        stocks=[{"site": "pack", "item": "die", "opening": 9}],
    )
    assert [(value, message) for _, _, value, message in found] == [
        ("fab", "Nothing can leave fab: no lane takes die from there."),
        ("die", "What depot makes of die can get to no order and to no process that uses it."),
    ]


def test_an_item_that_nothing_uses_and_a_customer_without_a_lane():
    found = said(
        items=[*PLANTS["items"], {"item": "toy", "stage": "wafer"}, {"item": "tray", "stage": "wafer"}],
        customers=[*PLANTS["customers"], {"customer": "moon", "region": "MO"}],
    )
    assert found == [
        ("warning", "customers", "moon", "No lane goes to moon, who can order nothing."),
        ("warning", "items", "toy, tray", "Nothing uses or orders toy or tray."),
    ]


def test_orders_of_a_customer_that_nothing_reaches_are_one_line():
    orders = [{"customer": "mall", "item": item, "quantity": 1, "price": 5} for item in ("die", "chip")]
    found = said(lanes=lanes(without=[("pack", "mall")]), demand=[*PLANTS["demand"], *orders])
    assert found == [
        (
            "error",
            "demand",
            "chip, die",
            "No chain of lanes and processes brings chip or die to mall within the planned periods.",
        )
    ]


def test_orders_that_come_too_early_are_one_line_a_customer_and_item():
    found = said(
        processes=[{"site": "fab", "item": "die", "lead_time": 2}, PLANTS["processes"][1]],
        demand=[
            {"customer": "shop", "item": "chip", "quantity": 1, "price": 5},
            {"customer": "mall", "item": "chip", "period": "P1", "quantity": 1, "must_serve": 1},
            {"customer": "mall", "item": "chip", "period": "P3", "quantity": 1, "must_serve": 1},
        ],
    )
    assert [(severity, value) for severity, _, value, _ in found] == [("error", "P1"), ("warning", "P1..P2")]
    assert found[1][3].endswith("by P1..P2, so these orders will be lost.")


def test_many_names_are_shortened():
    names = [f"toy-{k}" for k in range(30)]
    found = said(items=[*PLANTS["items"], *({"item": name, "stage": "wafer"} for name in names)])
    assert [message for _, _, _, message in found] == [
        "Nothing uses or orders toy-0, toy-1, toy-10, toy-11, toy-12 and 25 more."
    ]


TOYS = {"toy": toys.TOY, "plants": PLANTS, "two plants": {**toys.TINY, **toys.TWO_PLANTS}}


def torn(name, seed):
    """A toy with some rows of lanes, processes and stocks left out, more customers and other periods, by chance."""
    chance = random.Random(seed)
    mapping = copy.deepcopy(TOYS[name])
    for table in ("lanes", "processes"):
        mapping[table] = [row for row in mapping[table] if chance.random() < 0.8] or mapping[table][:1]
    made = {row["item"] for row in mapping["processes"]}
    mapping["stocks"] = [
        {"site": mapping["sites"][0]["site"], "item": row["item"], "opening": 1}
        for row in mapping["items"]
        if row["item"] not in made
    ]
    sold = mapping["demand"][0]["item"]
    region = mapping["customers"][0]["region"]
    for number in range(3):
        mapping["customers"].append({"customer": f"more-{number}", "region": region})
        late = {"late_cost": 1} if chance.random() < 0.5 else {}
        mapping["demand"].append(
            {"customer": f"more-{number}", "item": sold, "quantity": chance.randint(0, 3), "price": 9, **late}
        )
        if chance.random() < 0.4:
            start = chance.choice(mapping["sites"])["site"]
            mapping["lanes"].append({"from": start, "to": f"more-{number}", "lead_time": chance.randint(0, 1)})
    if chance.random() < 0.5:
        mapping["lanes"].append({"from": f"region:{region}", "to": f"region:{region}"})
    if name != "two plants":
        mapping["processes"][-1]["period"] = "P2.."
    for table in ("capacities", "commitments", "scenarios", "policies", "expansions"):
        mapping.pop(table, None)
    return mapping


@pytest.mark.parametrize("name", portion(TOYS, quick=1))
def test_customers_that_the_same_lanes_reach_are_judged_as_one_and_named_each(name, monkeypatch):
    """What is said is what would be said if each customer were looked at by itself; and what a plan would say."""
    seen = set()
    for seed in range(6):
        checked = planner.check_instance(torn(name, seed))
        if checked.instance is None:
            continue
        found = [str(problem) for problem in gap_problems(checked.instance)]
        with monkeypatch.context() as patch:
            patch.setattr(
                outline, "customers_alike", lambda given: {row.customer: row.customer for row in given.customers}
            )
            assert [str(problem) for problem in gap_problems(checked.instance)] == found
        planned = [str(problem) for problem in reach_problems(build_network(checked.instance))]
        assert [text for text in found if text.startswith("demand")] == planned
        seen.update(found)
    assert len(seen) >= 3
    assert any(text.startswith("demand") for text in seen)


def test_many_customers_of_a_wide_lane_are_few_rows():
    """A thousand shops in the region of the plants; what is looked through does not grow with them."""
    shops = [f"shop-{number}" for number in range(1000)]
    instance = planner.load_instance(
        copy.deepcopy(PLANTS)
        | {
            "customers": [{"customer": shop, "region": "TW"} for shop in shops],
            "demand": [{"customer": shop, "item": "chip", "quantity": 1, "price": 5} for shop in shops],
            "lanes": [{"from": "region:TW", "to": "region:TW"}],
        }
    )
    assert len(outline.outline_of(instance).found.departures) < 100
    assert list(gap_problems(instance)) == []


def test_an_instance_too_large_to_look_through(monkeypatch):
    instance = toys.tiny(periods=["P1", "P2", "P3"])
    assert list(too_large(instance)) == []
    monkeypatch.setattr("planner.network.gaps.MOST_ROWS", 5)
    [problem] = too_large(instance)
    assert problem.severity == "warning"
    assert "are 9 rows when each period is counted" in problem.message


@pytest.mark.parametrize(
    ("row", "unused"), [({"minimum": 0}, True), ({"minimum": 1}, False), ({"closing_minimum": 1}, False)]
)
def test_stock_that_must_be_kept_is_a_use_and_stock_that_need_not_is_none(row, unused):
    stocks = [{"site": PLANTS["sites"][0]["site"], "item": "toy", "opening": 5, **row}]
    found = said(items=[*PLANTS["items"], {"item": "toy", "stage": "wafer"}], stocks=stocks)
    assert (("warning", "items", "toy", "Nothing uses or orders toy.") in found) == unused


OWED = {"customer": "mall", "item": "die", "quantity": 2}


def test_what_is_owed_from_before_is_wanted_as_what_is_ordered():
    """Spares that are owed are of use, and the customer to whom they are owed is one."""
    more = {"item": "spare", "stage": "wafer"}
    tables = {
        "items": [*PLANTS["items"], more],
        "processes": [*PLANTS["processes"], {"site": "depot", "item": "spare"}],
        "lanes": lanes({"from": "depot", "to": "mall"}, without=[("pack", "mall")]),
    }
    assert [problem[1:3] for problem in said(**tables)] == [("items", "spare")]
    assert said(**tables, owed=[{**OWED, "item": "spare"}]) == []


def test_what_is_owed_and_nothing_reaches_is_an_error():
    chips = lanes({"from": "pack", "to": "mall", "item": "chip"}, without=[("pack", "mall")])
    instance = planner.load_instance({**PLANTS, "lanes": chips, "owed": [OWED]})
    words = "No chain of lanes and processes brings die to mall, to whom it is owed, within the planned periods."
    assert [problem.message for problem in gap_problems(instance)] == [words]
    with pytest.raises(planner.InstanceError, match=words):
        planner.solve(instance)
    without = lanes(without=[("pack", "mall")])
    assert [problem[3] for problem in said(lanes=without, owed=[{**OWED, "item": "chip"}])] == [
        "No chain of lanes and processes brings chip to mall, to whom it is owed, within the planned periods."
    ]
