"""What is decided before a strike serves more than the orders after it: no bound on what can be used cuts it off.

All is made in P1. In the slump next to nothing is ordered later, in the boom twenty times as much.
"""

import pytest
from portions import portion_of_rows

import planner
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed
from planner.study.two_stage.two_stage_plan import two_stage

ORDERS = (("P1", 1), ("P2", 1000), ("P3", 1000))
LOTS = {"processes": [{"site": "s", "item": "x", "unit_cost": 1, "period": "P1", "min_lot": 1}]}
OPTION = {
    "processes": [{"site": "s", "item": "x", "unit_cost": 1, "period": "P1"}],
    "capacities": [{"site": "s", "capacity": 0}],
    "expansions": [
        {"option": "o", "site": "s", "period": "P1", "capacity": 1e9, "fixed_cost": 100, "all_or_nothing": "yes"}
    ],
}
PART = {**OPTION, "expansions": [{**OPTION["expansions"][0], "all_or_nothing": "no"}]}


def given(**tables):
    factors = {"slump": (0.1, 0.001), "boom": (0.5, 20)}
    return planner.load_instance(
        {
            "name": "futures",
            "periods": ["P1", "P2", "P3"],
            "sites": [{"site": "s", "region": "A"}],
            "items": [{"item": "x", "stage": "make"}],
            "customers": [{"customer": "c", "region": "A"}],
            "lanes": [{"from": "s", "to": "c"}],
            "demand": [{"customer": "c", "item": "x", "period": at, "quantity": q, "price": 10} for at, q in ORDERS],
            "scenarios": [
                {
                    "name": name,
                    "probability": probability,
                    "surprise": True,
                    "changes": [{"change": "demand", "period": "P2..", "factor": factor}],
                }
                for name, (probability, factor) in factors.items()
            ],
            **tables,
        }
    )


@pytest.mark.parametrize(
    ("tables", "fixed"),
    portion_of_rows([(LOTS, 0), (OPTION, 100), (PART, 100)], quick=2, ids=["lots", "option", "part"]),
)
class TestWhatIsMadeBeforeAStrike:
    def test_a_slump_finds_it_made(self, tables, fixed):
        undisturbed = Undisturbed.of(given(**tables), None)
        assert undisturbed.plan.objective == pytest.approx(2001 + fixed)
        found = {scenario.name: stress_one(undisturbed, scenario) for scenario in given(**tables).scenarios}
        assert found["slump"].loss == pytest.approx(0, abs=1e-6)
        assert found["boom"].loss == pytest.approx(10 * 19 * 2000)  # nothing more can be made; it is lost

    def test_a_two_stage_plan_makes_what_the_boom_needs(self, tables, fixed):
        plan = two_stage(given(**tables))
        made = plan.tables["undisturbed"]["production"]["started"]
        assert list(made) == [pytest.approx(1 + 20 * 2000)]
        assert plan.value == pytest.approx(40001 + fixed)
        foresight = 0.4 * (2001 + fixed) + 0.1 * (3 + min(fixed, 27)) + 0.5 * (40001 + fixed)  # 3 units: lost at 30
        assert plan.evpi == pytest.approx(plan.value - foresight)
        assert plan.vss == pytest.approx(0.5 * (380000 + 2001) + 0.5 * 2001 + fixed - plan.value)
