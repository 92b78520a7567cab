"""Strikes without warning and two-stage plans of random instances, held against the second formulation of both."""

import pytest
from portions import portion

import planner
from oracle.answer import formulated
from oracle.futures import Futures
from oracle.scenarios import RefusedError
from oracle.struck import struck
from oracle.wide import wide
from planner.study.stress.surprise import Undisturbed, stress_one, strike_of

PRICE = 1000.0
POLICIES = (None, "p0", "p1")
CHANCES = {"w0": 0.3, "w1": 0.25}
GAP = 2e-6  # relative; twice the one at which integers count as solved
NO_QUESTION = (planner.InstanceError, planner.UsageError, planner.InfeasibleError, planner.UnboundedError)


def loaded(seed):
    """The mapping and instance of a seed; None where it is no valid instance."""
    mapping = wide(seed)
    try:
        return mapping, planner.load_instance(mapping)
    except planner.InstanceError:
        return mapping, None


def decided(base, flows):
    """{key of the oracle's column: value} of all that a strike can freeze."""
    names = [name for _, name in flows.watches.sites]
    marks = {f"{over}:{name}" if names.count(name) > 1 else name: (over, name) for over, name in flows.watches.sites}
    labels = {
        "make": ("site", "item", "recipe", "period"),
        "ship": ("from", "to", "item", "period"),
        "late": ("customer", "item", "period"),
        "lost": ("customer", "item", "period"),
        "expand": ("option",),
        "open": ("option",),
    }
    found = {}
    for name, table in base.decided.items():
        for row in table.to_dict("records"):
            touched = frozenset(marks[mark] for mark in row.get("touched", "").split("+") if mark)
            key = (name, *(row[label] for label in labels[name]), *((touched,) if name in {"make", "ship"} else ()))
            if name != "ship" or row["from"] in flows.data.sites:  # what is handed over is no decision
                found[key] = row["value"]
    return found


@pytest.mark.parametrize("seed", portion(range(3000, 3040), 3))
def test_the_cost_after_a_strike(seed):
    mapping, instance = loaded(seed)
    if instance is None:
        return
    for policy in POLICIES:
        try:
            base = Undisturbed.of(instance, policy and instance.policy(policy))
        except planner.PlannerError:
            continue
        past = decided(base, formulated(mapping, policy))
        for name in CHANCES:
            scenario = instance.scenario(name)
            try:
                found = stress_one(base, scenario, PRICE)
            except planner.InstanceError:
                continue  # a change that does not fit
            own = struck(mapping, policy, name, PRICE, strike_of(instance, scenario), past).program.solve()
            assert own.status == found.plan.status, (policy, name)
            if own.status == "optimal":
                assert found.plan.objective == pytest.approx(own.cost, rel=GAP, abs=GAP), (policy, name)
                before = base.plan.objective
                assert found.loss == pytest.approx(own.cost - before, rel=1e-5, abs=1e-5 * max(1.0, abs(before)))


@pytest.mark.parametrize("seed", portion(range(9000, 9040), 3))
def test_the_value_of_a_two_stage_plan(seed):
    mapping, instance = loaded(seed)
    if instance is None or any(row.get("min_lot") for row in mapping["processes"]):
        return
    coming = [instance.scenario(name).model_copy(update={"probability": p}) for name, p in CHANCES.items()]
    for policy, weight, alpha in ((None, 0.4, 0.6), ("p0", 0.0, 0.9), ("p1", 0.0, 0.9)):
        if policy and instance.policy(policy).sources:
            continue
        try:
            found = planner.two_stage(instance, policy, coming, weight=weight, alpha=alpha, price=PRICE)
            own = Futures(mapping, policy, CHANCES, PRICE, weight, alpha).program.solve()
        except (*NO_QUESTION, RefusedError):
            continue
        assert own.status == "optimal", policy
        assert found.value == pytest.approx(own.cost, rel=GAP, abs=GAP), policy
