"""One plan: the same bytes from any order of rows, either solver, and from a plan that is close to itself."""

import csv
import random
from pathlib import Path
from shutil import copytree

import pandas as pd
import pulp
import pytest
from planned import cost_of, given, planned, texts
from portions import portion
from random_instances import seeds, shuffled

import planner

INSTANCES = Path(__file__).parents[2] / "instances"


@pytest.mark.parametrize("seed", portion(seeds(8), quick=1))
def test_row_order_changes_no_byte(seed):
    mapping, instance, policy = given(seed)
    other = planner.load_instance(shuffled(mapping, seed + 1))
    assert other == instance
    assert other.content_hash == instance.content_hash
    if planned(seed) is None:
        pytest.skip("no plan to compare")
    assert texts(planner.solve(other, policy=policy["name"] if policy else None)) == texts(planned(seed))


@pytest.mark.parametrize("case", portion([("canning", "balanced"), ("accelerators", "diversified")], quick=1))
def test_row_order_of_files_changes_no_byte(case, tmp_path):
    name, policy = case
    copy = tmp_path / name
    copytree(INSTANCES / name, copy)
    rng = random.Random(7)
    for file in copy.glob("*.csv"):
        with file.open(newline="", encoding="utf-8-sig") as stream:
            header, *rows = list(csv.reader(stream))
        rng.shuffle(rows)
        with file.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([header, *rows])
    first, second = planner.load_instance(INSTANCES / name), planner.load_instance(copy)
    assert first == second
    assert texts(planner.solve(first, policy=policy)) == texts(planner.solve(second, policy=policy))


@pytest.mark.parametrize("seed", portion(seeds(8, start=100, integers=False), quick=1))
def test_cbc_finds_the_same_plan(seed):
    _, instance, policy = given(seed, integers=False)
    name = policy["name"] if policy else None
    if planned(seed, integers=False) is None:
        with pytest.raises(planner.InfeasibleError):
            planner.solve(instance, policy=name, solver="cbc")
        return
    plan = planner.solve(instance, policy=name, solver="cbc")
    assert plan.objective == pytest.approx(planned(seed, integers=False).objective, rel=1e-9)
    assert texts(plan) == texts(planned(seed, integers=False))


@pytest.mark.parametrize("seed", portion([2, 7, 9, 10], quick=1))
def test_cbc_finds_the_same_cost_with_integers(seed):
    mapping, instance, policy = given(seed)
    assert any(row.get("fixed_cost") for row in mapping["expansions"])
    if planned(seed) is None:
        pytest.skip("no plan to compare")
    plan = planner.solve(instance, policy=policy["name"] if policy else None, solver="cbc")
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(planned(seed).objective, rel=2e-6)


@pytest.mark.parametrize("seed", portion(seeds(5, start=200), quick=1))
def test_presolve_changes_no_cost(seed):
    _, instance, policy = given(seed)
    if planned(seed) is None:
        pytest.skip("no plan to compare")
    problem = planner.formulate(instance, policy["name"] if policy else None).problem
    for presolve in ("on", "off"):
        problem.solve(pulp.HiGHS(msg=False, threads=1, presolve=presolve, gapRel=1e-9))
        assert problem.objective.value() == pytest.approx(planned(seed).objective, rel=2e-6)


UNITS = {"production": "started", "shipments": "quantity", "stock": "quantity", "expansions": "share"}


@pytest.mark.parametrize("seed", portion(seeds(5, start=300, integers=False), quick=1))
def test_staying_close_to_a_plan_of_least_cost_returns_it(seed):
    _, instance, policy = given(seed, integers=False)
    name = policy["name"] if policy else None
    plan = planned(seed, integers=False)
    if plan is None:
        pytest.skip("no plan to compare")
    decisions = ("production", "shipments", "stock", "service", "expansions")
    near = planner.solve(instance, policy=name, stay_close_to=plan)
    assert near.objective == pytest.approx(plan.objective, rel=1e-9)
    for table in decisions:  # figures to the nine digits that the tables hand on
        stays, was = (part.tables[table] for part in (near, plan))
        if (figure := UNITS.get(table)) is not None:  # rows of less than the nine digits tell are none
            stays, was = (part[part[figure] > 1e-7].reset_index(drop=True) for part in (stays, was))
        pd.testing.assert_frame_equal(stays, was, check_exact=False, rtol=1e-8, atol=1e-7)


def test_staying_close_keeps_the_late_one_of_two_plans_of_equal_cost():
    """Two sites tie; the plan that the tie-break would not choose stays when it is the one to stay close to."""
    base = {
        "name": "tie",
        "sites": [{"site": "a", "region": "TW"}, {"site": "b", "region": "US"}],
        "items": [{"item": "x", "stage": "test"}],
        "customers": [{"customer": "c", "region": "US"}],
        "processes": [{"site": "a", "item": "x", "unit_cost": 1}, {"site": "b", "item": "x", "unit_cost": 1}],
        "lanes": [{"from": "a", "to": "c"}, {"from": "b", "to": "c"}],
        "demand": [{"customer": "c", "item": "x", "quantity": 10}],
        "scenarios": [
            {"name": f"only-{site}", "changes": [{"change": "outage", "where": {"site": other}}]}
            for site, other in (("a", "b"), ("b", "a"))
        ],
    }
    instance = planner.load_instance(base)
    for site in ("a", "b"):
        forced = planner.solve(instance, scenario=f"only-{site}")
        near = planner.solve(instance, stay_close_to=forced)
        assert near.objective == pytest.approx(10)
        assert list(near.production["site"]) == [site]
        assert near.production["started"].tolist() == [10]


@pytest.mark.parametrize("seed", portion(seeds(4, start=400), quick=1))
def test_an_instance_written_out_and_read_again_gives_the_same_plan(seed):
    _, instance, policy = given(seed)
    again = planner.load_instance(instance.as_mapping())
    assert again == instance
    assert again.content_hash == instance.content_hash
    if planned(seed) is None:
        assert cost_of(instance.as_mapping(), policy["name"] if policy else None) == float("inf")
    else:
        assert texts(planner.solve(again, policy=policy["name"] if policy else None)) == texts(planned(seed))
