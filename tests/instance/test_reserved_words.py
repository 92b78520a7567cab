"""Words that tables need for something else, and lists that select nothing, are refused with a remedy."""

import pytest
import toys

import planner
from planner.errors import InstanceError
from planner.instance.scenario import Scenario


def problem_of(**tables):
    with pytest.raises(InstanceError) as caught:
        toys.tiny(**tables)
    [problem] = caught.value.problems
    return problem


@pytest.mark.parametrize("label", ["horizon", "w1..w3"])
def test_a_period_is_not_called_what_tables_call_a_window(label):
    problem = problem_of(periods=["w1", label, "w3"])
    assert (problem.column, problem.remedy) == ("periods", "Give the period another label.")
    assert f"'{label}'" in problem.message


def test_a_group_has_a_region():
    problem = problem_of(region_groups={"nobody": []})
    assert (problem.column, problem.value) == ("region_groups", "nobody")


@pytest.mark.parametrize("where", [{"site": []}, {"site": ["plant"], "from": []}])
def test_an_empty_list_does_not_select_everything(where):
    changes = [{"change": "capacity", "where": where, "factor": 0}]
    problem = problem_of(scenarios=[{"name": "s", "changes": changes}])
    assert "An empty list selects nothing." in problem.message
    with pytest.raises(InstanceError, match="An empty list selects nothing"):
        Scenario.model_validate({"name": "s", "changes": changes})


def test_a_recovery_ends():
    change = {"change": "demand", "factor": 0.5, "recovery": 10**9}
    assert "1200" in problem_of(scenarios=[{"name": "s", "changes": [change]}]).message
    change["recovery"] = 1200
    instance = toys.tiny(scenarios=[{"name": "s", "changes": [change]}])
    assert planner.solve(instance, scenario="s").objective == pytest.approx(5)
