"""A scenario that cannot happen does not pass the check: its changes are tried on the instance."""

import pytest
import toys

import planner
from planner.instance.changes.catalogue import CHANGES

PERIODS = ["P1", "P2", "P3"]
TABLES = {
    "periods": PERIODS,
    "lanes": [{"from": "east", "to": "shop", "unit_cost": 10}, {"from": "west", "to": "shop"}],
    "capacities": [{"site": "east", "capacity": 40}],
    "lane_capacities": [{"from": "east", "to": "shop", "capacity": 5}],
    "stocks": [{"site": "east", "item": "unit", "opening": 3}],
    "expansions": [{"option": "more", "site": "east", "period": "P2", "capacity": 10}],
}


def checked(*changes, **more):
    rows = {**toys.TINY, **toys.TWO_PLANTS, **TABLES, **more}
    rows["scenarios"] = [{"name": "calm"}, {"name": "odd", "changes": [{"change": "demand", "factor": 1.1}, *changes]}]
    return planner.check_instance(rows), rows


REFUSED = [
    ({"change": "yield", "factor": 1.2}, "A yield would become 1.2."),
    ({"change": "yield", "set": 0}, "A yield would become 0."),
    ({"change": "demand", "add": -50}, "quantity would become -39, below 0."),
    ({"change": "price", "add": -101}, "price would become -1, below 0."),
    (
        {"change": "freight", "where": {"from": "east"}, "factor": 1e14},
        "unit_cost would become 1e+15, which is too large.",
    ),
    ({"change": "unit_cost", "factor": 9e14}, "unit_cost would become 2.7e+15, which is too large."),
    ({"change": "tariff", "add": -0.5}, "rate would become -0.5, below 0."),
    ({"change": "lead_time", "add": -1}, "lead_time would become -1, below 0."),
    ({"change": "stock", "add": -4}, "opening would become -1, below 0."),
    ({"change": "capacity", "where": {"site": "east"}, "add": -41}, "capacity would become -1, below 0."),
    ({"change": "capacity", "factor": 0.5}, "has no capacity rows, so it is unlimited"),
    ({"change": "lane_capacity", "add": -6}, "capacity would become -1, below 0."),
    ({"change": "lane_capacity", "where": {"from": "west"}, "factor": 2}, "None of the selected lanes has a capacity"),
    ({"change": "outage", "where": {"site": "west"}, "period": "P1", "recovery": 1}, "it is unlimited"),
]


@pytest.mark.parametrize(
    ("change", "words"), REFUSED, ids=lambda part: part["change"] if isinstance(part, dict) else ""
)
def test_a_change_that_cannot_be_is_a_problem(change, words):
    found, rows = checked(change)
    (problem,) = found.problems
    assert found.instance is None
    assert words in problem.message
    assert (problem.severity, problem.file, problem.row, problem.column) == (
        "error",
        "instance: scenarios",
        2,
        "changes.1",
    )
    assert problem.remedy
    planner.load_instance(rows)  # other scenarios of it can be planned; this one is refused in the same words
    with pytest.raises(planner.InstanceError) as caught:
        planner.solve(rows, scenario="odd")
    assert caught.value.problems[0].message == problem.message


def test_every_kind_of_change_is_tried():
    assert {change["change"] for change, _ in REFUSED} == set(CHANGES)


def test_changes_that_follow_one_another_are_judged_together():
    halved = {"change": "yield", "factor": 0.5}
    assert checked(halved, {"change": "yield", "factor": 2})[0].problems == ()
    assert checked({"change": "yield", "factor": 2}, halved)[0].problems != ()


def test_the_line_of_the_change_is_named(tmp_path):
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "instance.yaml").write_text("schema_version: 1\nname: tiny\n")
    for table in ("sites", "items", "processes", "customers", "demand", "lanes"):
        rows = toys.TINY[table]
        lines = [",".join(rows[0]), *(",".join(str(value) for value in row.values()) for row in rows)]
        (tmp_path / f"{table}.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "scenarios" / "better.yaml").write_text(
        "title: Better\nchanges:\n  - {change: demand, factor: 2}\n  - {change: yield, factor: 1.5}\n"
    )
    (problem,) = planner.check_instance(tmp_path).problems
    assert (problem.file, problem.row) == ("scenarios/better.yaml", 4)
    assert problem.message == "A yield would become 1.5."
