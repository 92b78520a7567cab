"""What a scenario may do to tables is no error where they are read again: a run, a repaired instance, a saved view."""

import pytest
import toys

import planner
from planner.instance.applying import apply_scenario
from planner.network.gaps import gap_problems
from planner.report.run_folder import read_run, write_run
from planner.serve.repairing import repaired
from planner.serve.view import Repair

TOO_LONG = {"change": "lead_time", "where": {"from": "east", "to": "shop"}, "set": 4}
SOLD = {"change": "stock", "where": {"site": "west"}, "set": 0}
SCENARIOS = {
    "a lead time past the last period": (
        {
            "demand": [{"customer": place, "item": "unit", "quantity": 5, "price": 100} for place in ("shop", "other")],
            "customers": [{"customer": place, "region": "US"} for place in ("shop", "other")],
            "lanes": [{"from": "east", "to": "shop"}, {"from": "east", "to": "other"}],
        },
        TOO_LONG,
    ),
    "a stock that is gone": (
        {
            "items": [{"item": "unit", "stage": "make"}, {"item": "old", "stage": "make"}],
            "stocks": [{"site": "west", "item": "old", "opening": 5}],
            "demand": [{"customer": "shop", "item": item, "quantity": 5, "price": 100} for item in ("unit", "old")],
        },
        SOLD,
    ),
}


@pytest.fixture(params=SCENARIOS)
def struck(request):
    tables, change = SCENARIOS[request.param]
    return toys.two_plants(**tables, policies=[], scenarios=[{"name": "hit", "changes": [change]}])


def test_a_run(struck, tmp_path):
    """It could not be compared, explained or exported: an error named a lead time that the scenario had made."""
    plan = planner.solve(struck, scenario="hit")
    write_run(plan, tmp_path / "run")
    again = read_run(tmp_path / "run")
    assert again.instance == plan.instance
    assert again.objective == plan.objective
    assert planner.solve(tmp_path / "run" / "instance.yaml").objective == plan.objective


def test_a_check_of_it(struck, tmp_path):
    """It was told to add the lane or source that the scenario had taken."""
    write_run(planner.solve(struck, scenario="hit"), tmp_path / "run")
    again = planner.load_instance(tmp_path / "run" / "instance.yaml")
    assert list(gap_problems(again)) == []
    without = again.replace(again.settings.model_copy(update={"after_scenario": False}))
    assert next(gap_problems(without)).column == "item"


def test_a_repair_of_it(struck):
    """Each repair was refused, in an instance in which only the scenario was at fault."""
    must = [row.model_copy(update={"must_serve": 1.0}) for row in struck.demand]
    hit = apply_scenario(struck.replace(demand=must), struck.scenario("hit"))
    labels = [{"customer": row.customer, "item": row.item, "period": "1"} for row in must]
    lose = tuple(Repair("lose", tuple(sorted(each.items())), (5.0, 0.0, 1.0)) for each in labels)
    plan = planner.solve(*repaired(hit, None, lose))
    assert plan.objective == pytest.approx(planner.solve(struck, scenario="hit").objective)


def test_what_somebody_wrote_is_still_refused(struck):
    """The same figures in tables are most likely a mistake."""
    mapping = apply_scenario(struck, struck.scenario("hit")).as_mapping()
    assert mapping.pop("after_scenario")
    with pytest.raises(planner.InstanceError):
        planner.load_instance(mapping)


def test_other_scenarios_leave_the_settings_alone(struck):
    change = {"change": "demand", "where": {}, "factor": 2}
    scenario = planner.Scenario.model_validate({"name": "more", "changes": [change]})
    assert apply_scenario(struck, scenario).settings == struck.settings
