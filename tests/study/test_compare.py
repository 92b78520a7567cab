"""The two sentences with which a comparison begins, and that what each component costs more adds up to the cost."""

from functools import cache

import pytest
import toys

import planner
from planner.plan.rounding import differences

CAP = {"name": "cap", "stage": "make", "over": "site", "of": "east", "max_share": 0.4}


def test_cost_service_and_what_was_touched():
    """East makes at 1, west at 3: 6 of 10 units in the west cost 12 more."""
    first = toys.solve(toys.two_plants())
    second = toys.solve(toys.two_plants(), toys.policy(CAP))
    found = planner.compare(first, second)
    assert second.objective - first.objective == 12
    assert found.answer == (
        "p costs USD 12 (120.0 %) more than no policy. It delivers 100.0 % of the 10 units ordered and loses none; "
        "40.0 % of what it delivers have touched TW (100.0 %)."
    )
    assert found.as_json()["answer"] == found.answer
    assert found.summary.lines[0] == found.answer


def test_the_same_plan_costs_as_much():
    plan = toys.solve(toys.two_plants())
    assert planner.compare(plan, plan).answer.startswith("The second costs as much as the first: USD 10. It delivers")


def test_other_orders_are_told_with_their_number():
    first = toys.solve(toys.two_plants())
    more = [{"customer": "shop", "item": "unit", "quantity": 20, "price": 200, "lost_cost": 100}]
    second = toys.solve(toys.two_plants(demand=more, capacities=[{"site": "east", "capacity": 5}]))
    words = planner.compare(first, second).answer
    assert "of the 20 units ordered (100.0 % of 10)" in words


def test_differences_have_no_digits_that_a_plan_has_not():
    """0.3 less 0.1 was 0.19999999999999998, and 154.775 less 153.675 was 1.0999999999999943."""
    assert differences([0.1, 153.675, 0.0, 1e6 + 0.1], [0.3, 154.775, 0.0, 1e6 + 0.2]).tolist() == [0.2, 1.1, 0, 0.1]
    found = planner.compare(*(planner.solve("instances/canning", policy) for policy in (None, "balanced")))
    shown = [
        float(figure)
        for table in (found.outputs, found.cost, found.exposure, found.moved)
        for figure in table.select_dtypes("number").to_numpy().ravel()
    ]
    assert len(shown) > 50
    assert [figure for figure in shown if figure != float(f"{figure:.9g}")] == []


@cache
def before_and_after():
    struck = planner.stress("instances/canning", "seattle-half", ["balanced"], price=2.0).runs[0]
    return struck, (planner.solve("instances/canning", "balanced"), struck.plan)


@pytest.mark.parametrize("turned", [False, True])
def test_a_plan_after_a_strike_differs_by_all_that_it_costs_more(turned):
    """Of 900 cases 97.5 cannot be served, at 2 each: a cost that the plan before the strike does not have."""
    struck, plans = before_and_after()
    found = planner.compare(*(reversed(plans) if turned else plans)).cost.set_index("component")
    sign = -1.0 if turned else 1.0
    assert found.loc["broken_promises", "difference"] == pytest.approx(sign * 97.5 * 2)
    assert found.loc["total", "difference"] == pytest.approx(sign * struck.loss)
    effects = found.loc["total", ["quantity_effect", "price_effect"]].sum()
    assert effects == pytest.approx(sign * struck.loss)


def test_that_a_plan_was_struck_is_said():
    """The same scenario known beforehand had the same inputs, and nothing said why its plan costs less."""
    struck = before_and_after()[0].plan
    calm, known = planner.solve("instances/canning"), planner.solve("instances/canning", scenario="growth")

    def strikes(first, second):
        inputs = planner.compare(first, second).inputs
        return inputs.loc[inputs["kind"] == "strike", ["first", "second"]].to_numpy().tolist()

    sudden = "without warning, from 1"
    assert strikes(calm, struck) == [["-", sudden]]
    assert strikes(struck, known) == [[sudden, "known from the first period"]]
    assert strikes(struck, struck) == strikes(calm, known) == []
