"""The tables of plans of random instances, put into the rows of the oracle, and their exposure worked out again."""

import pytest
from portions import portion

import planner
from oracle import files, scenarios
from oracle.answer import formulated
from oracle.data import Data
from oracle.planners import loaded, mixed
from oracle.tables import Tables
from oracle.travelled import Travelled

QUESTIONS = [("p0", None), ("p1", "w1")]
READ = ("production", "shipments", "stock", "service", "commitments", "expansions", "limits", "relabelled")


def plans(seed):
    """(policy, scenario, mapping, plan) of the questions to the instance of a seed that have a plan."""
    mapping, instance = loaded(seed)
    if instance is None:
        return
    for policy, scenario in QUESTIONS:
        try:
            yield policy, scenario, mapping, planner.solve(instance, policy, scenario)
        except planner.PlannerError:
            continue


def rows(plan, names):
    return {name: plan.tables[name].to_dict("records") for name in names if name in plan.tables}


@pytest.mark.parametrize("seed", portion(mixed(6000), 1))
def test_a_plan_keeps_every_row_of_the_oracle_and_costs_what_it_says(seed):
    for policy, scenario, mapping, plan in plans(seed):
        own = Tables(formulated(mapping, policy, scenario), rows(plan, READ))
        assert own.broken() == [], (policy, scenario)
        costs, again = dict(zip(plan.costs["component"], plan.costs["amount"], strict=True)), own.costs()
        for name in {*costs, *again}:
            close = 1e-6 * max(1.0, 1e-2 * abs(plan.objective))
            assert costs.get(name, 0.0) == pytest.approx(again.get(name, 0.0), rel=1e-6, abs=close), name


@pytest.mark.parametrize("seed", [1020, *portion(mixed(7000), 0)])  # in 1020 goods are handed over at a customer
def test_exposure_of_what_is_delivered(seed):
    for policy, scenario, mapping, plan in plans(seed):
        data = Data(mapping)
        scenarios.apply(data, files.named(mapping, "scenarios", scenario))
        own = Travelled(data, rows(plan, ("production", "shipments", "stock")))
        shown = plan.exposure[(plan.exposure["measure"] == "pathway") & (plan.exposure["over"] == "region")]
        table = {(row["of"], row["period"]): row for row in shown.to_dict("records")}
        for of in {*data.region.values(), *data.groups}:
            touched = own.blended(of)
            for label in (*data.calendar.labels, "horizon"):
                window = data.reported if label == "horizon" else [data.calendar.labels.index(label)]
                scope = [number for number, _, _, t in own.deliveries if t in window]
                units = sum(own.flows[number][2] for number in scope)
                inside = sum(own.flows[number][2] * touched[number] for number in scope)
                if (of, label) not in table:
                    assert inside <= 1e-6 * max(1.0, units), (policy, scenario, of, label)
                    continue
                row = table[of, label]
                assert row["blended"] == pytest.approx(inside / units, abs=1e-6), (policy, scenario, row)
                assert row["least"] == pytest.approx(own.least(of, scope) / units, abs=2e-5), (policy, scenario, row)
