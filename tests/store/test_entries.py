"""What the list of runs has of a plan, figure by figure."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
import toys

from planner.instance.applying import apply_scenario
from planner.plan.run_options import RunOptions
from planner.store.plans import failure_entry, plan_entry, question_without_plan
from planner.store.run_store import RunStore
from planner.study.failure import Failure


def test_the_figures_of_a_plan():
    """6 of 10 are made at 1 a unit, 4 are lost at 100; a share of the time is the solver's."""
    plan = toys.solve(toys.tiny(capacities=[{"site": "plant", "capacity": 6}]))
    timed = replace(plan, timings={"build": 0.25, "solve": 0.5})
    entry = plan_entry(timed)
    assert entry.figures == {
        "objective": 406,
        "margin": 6 * 99,
        "demand": 10,
        "delivered": 6,
        "late": 0,
        "lost": 4,
        "fill_rate": 0.6,
        "gap": 0,
        "solver_seconds": 0.5,
        "seconds": 0.75,
    }
    assert (entry.kind, entry.instance, entry.policy, entry.scenario, entry.status) == ("plan", "tiny", None, None, "optimal")  # fmt: skip


@pytest.mark.parametrize(("gap", "kept"), [(0.0, 0.0), (0.25, 0.25), (math.inf, None)])
def test_a_gap_that_is_not_known_is_none(gap, kept):
    plan = replace(toys.solve(toys.tiny()), gap=gap)
    assert plan_entry(plan).figures["gap"] == kept


@pytest.mark.parametrize("scenario", [None, toys.scenario({"change": "demand", "factor": 2})])
@pytest.mark.parametrize("policy", [None, toys.policy({"stage": "make", "of": "TW", "max_share": 0.5})])
def test_the_question_of_a_run_without_a_plan(policy, scenario):
    """The instance with its scenario applied, and the policy, as they were asked."""
    instance = toys.tiny()
    failure = Failure("tiny", policy and policy.name, scenario and scenario.name, "infeasible", "it cannot be")
    entry = failure_entry(failure, instance, policy, scenario, RunOptions().as_json())
    found, chosen = question_without_plan(SimpleNamespace(id="x", parts=entry.parts))
    wanted = instance if scenario is None else apply_scenario(instance, scenario)
    assert found.as_mapping() == wanted.as_mapping()
    assert [row.quantity for row in found.demand] == [10 if scenario is None else 20]
    assert chosen == policy
    assert (entry.kind, entry.status) == ("none", "infeasible")


def test_a_store_that_is_closed_lets_go_of_its_database_and_opens_it_again(tmp_path):
    store = RunStore(tmp_path / "runs.sqlite")
    store.keep(toys.solve(toys.tiny()))
    assert store.database._engine is not None
    store.close()
    assert store.database._engine is None
    assert len(store.table) == 1
    assert store.database._engine is not None
    store.close()
