"""One of them was said in the plural: `1 periods are left`, `1 changes of the scenario`, `1 periods before`."""

import toys

import planner
from planner.instance.loading import check_instance

TWICE = [{"change": "demand", "period": period, "where": {"customer": "shop"}, "factor": 2} for period in ("a", "b")]


def test_what_is_left_after_a_roll():
    instance = toys.tiny(periods=["a", "b"], scenarios=[{"name": "boom", "changes": TWICE}])
    rolled = planner.roll(planner.solve(instance), "b")
    assert rolled.summary.lines[0].startswith("1 period is left, b. Carried on: ")
    assert "1 change of the scenario boom has passed." in rolled.summary.lines


def test_an_option_that_had_to_be_decided_before():
    option = {"option": "line", "site": "plant", "period": "a", "lead_time": 1, "capacity": 5}
    problems = check_instance({**toys.TINY, "periods": ["a", "b"], "expansions": [option]}).problems
    assert "The option line would have to be decided 1 period before the first planned one." in [
        problem.message for problem in problems
    ]
