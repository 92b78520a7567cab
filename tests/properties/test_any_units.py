"""An instance with its items counted in other units has the same plan, whatever figures that leads to.

Units are of a stage, so that a share of the units of a stage stays what it is. The tie-break counts in the units given,
so the plans are the same where no two plans cost the same; in all others cost and service are.
"""

import random
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import toys
from planned import given
from portions import portion
from units import counted_back, counted_in, differences

import planner
from planner.instance.records import Stock
from planner.instance.scenario import Scenario
from planner.network.building import build_network
from planner.plan.live_planning import Replanner
from planner.solve.conflict import explain_infeasibility
from planner.solve.ranging import Target, price_ranges
from planner.solve.resolver import Resolver
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed
from planner.study.two_stage.two_stage_plan import two_stage

SEEDS = range(60)
ACCELERATORS = Path(__file__).parents[2] / "instances" / "accelerators"


def factors(instance, seed, low=-3.0, high=9.0):
    """For each item how many of the new units one is: by stage; the same for all where a lane is limited for all."""
    rng = random.Random(f"units of {seed}")
    together = any(row.item == "*" for row in instance.lane_capacities)
    one = 10 ** rng.uniform(low, high)
    of_stage = {stage: one if together else 10 ** rng.uniform(low, high) for stage in instance.stages}
    return {item.item: of_stage[item.stage] for item in instance.items}


def in_units(policy, instance, factor):
    """A policy whose prices of a unit are those of the new units."""
    of_stage = {item.stage: factor[item.item] for item in instance.items}
    last = {factor[row.item] for row in instance.demand}
    limits = []
    for limit in policy.limits:
        by = of_stage[limit.stage] if limit.stage else max(last)
        soft = limit.soft_cost
        scaled = soft is not None and limit.weight == "units"
        limits.append(limit.model_copy(update={"soft_cost": soft / by}) if scaled else limit)
    return policy.model_copy(update={"limits": tuple(limits)})


def solved(instance, policy):
    try:
        plan = planner.solve(instance, policy)
    except planner.InfeasibleError:
        return None
    assert plan.certificate.passed
    return plan


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_the_least_cost_of_random_instances(seed):
    _, instance, chosen = given(seed)
    policy = instance.policy(chosen["name"]) if chosen else None
    factor = factors(instance, seed)
    one = solved(instance, policy)
    two = solved(counted_in(instance, factor), policy and in_units(policy, instance, factor))
    assert (one is None) == (two is None)
    if one is None:
        return
    assert two.objective == pytest.approx(
        one.objective, rel=3e-6 if "integers" in one.certificate.method else 1e-9, abs=1e-9
    )
    assert two.unique == one.unique


FAR_APART = {"die": 1e9, "hbm": 1e-3, "package": 1e6, "chip": 3e4}
SCENARIOS = [
    {"change": "demand", "period": "P2..", "factor": 1.3},
    {"change": "capacity", "where": {"site": "fab-a"}, "period": "P2..", "factor": 0.4},
    {"change": "outage", "where": {"site": "fab-b"}, "period": "P2"},
]


class TestStudies:
    """The toy chain with dies by the billion, memory by the thousandth."""

    base = toys.toy(expansions=[], lane_capacities=[])
    other = counted_in(base, FAR_APART)

    def test_it_has_units_inside(self):
        assert planner.formulate(self.base).units is None
        units = planner.formulate(self.other).units
        assert units is not None
        for part in (units.column, units.row):
            assert (np.log2(part) == np.round(np.log2(part))).all()

    @pytest.mark.parametrize("change", portion(SCENARIOS, 1, [change["change"] for change in SCENARIOS]))
    def test_a_live_what_if(self, change):
        scenario = toys.scenario(change)
        replanner = Replanner(self.other)
        live, anew = replanner.plan(scenario), planner.solve(self.other, scenario=scenario)
        assert not live.rebuilt
        assert replanner.fallbacks == 0
        assert live.objective == pytest.approx(planner.solve(self.base, scenario=scenario).objective, rel=1e-12)
        for name, table in anew.tables.items():
            assert live.tables[name].to_csv(index=False) == table.to_csv(index=False), name

    @pytest.mark.slow
    def test_a_strike_and_a_two_stage_plan(self):
        made = {"probability": 0.2, "surprise": True}
        scenarios = [
            Scenario.model_validate({"name": change["change"], **made, "changes": [change]}) for change in SCENARIOS
        ]
        one, two = (Undisturbed.of(instance, None) for instance in (self.base, self.other))
        for scenario in scenarios:
            ours, theirs = stress_one(one, scenario), stress_one(two, scenario)
            assert theirs.loss == pytest.approx(ours.loss, abs=1e-9)
            assert theirs.lost_units == pytest.approx(ours.lost_units * FAR_APART["chip"])
        ours, theirs = (two_stage(instance, scenarios=scenarios) for instance in (self.base, self.other))
        for figure in ("value", "vss", "evpi"):
            assert getattr(theirs, figure) == pytest.approx(getattr(ours, figure), abs=1e-9)

    def test_prices_of_capacity_and_where_they_hold(self):
        found = []
        for instance in (self.base, self.other):
            program = planner.formulate(instance)
            start, rows = program.family_rows("capacity")
            found.append(price_ranges(Resolver(program), [Target(start + k, least=0.0) for k in range(len(rows))]))
        for ours, theirs in zip(*found, strict=True):
            assert theirs.verified
            assert theirs.shadow_price == pytest.approx(ours.shadow_price, abs=1e-9)
            for end in ("valid_from", "valid_to"):
                assert getattr(theirs, end) == pytest.approx(getattr(ours, end), abs=1e-6)

    def test_repairs(self):
        demand = [
            row.model_copy(update={"must_serve": 1.0, "late_cost": None, "quantity": 5 * row.quantity})
            for row in self.base.demand
        ]
        hopeless = self.base.replace(demand=demand)
        ours, theirs = (
            explain_infeasibility(planner.formulate(instance))[1]
            for instance in (hopeless, counted_in(hopeless, FAR_APART))
        )
        assert [repair["cost"] for repair in theirs] == [repair["cost"] for repair in ours]
        assert [_lost(row) * 30_000 for row in ours[0]["rows"]] == pytest.approx(
            [_lost(row) for row in theirs[0]["rows"]]
        )


def _lost(row):
    """How many chips a repair allows to be lost; a chip of the first is 30,000 of the other."""
    return float(re.match(r"allow ([\d.,]+) chip ", row)[1].replace(",", ""))


@cache
def without_ties(policy=None):
    """The shipped instance with costs that differ a little from row to row, so that one plan alone costs least."""
    instance, rng = planner.load_instance(ACCELERATORS), random.Random(7)
    value = {item.item: item.value for item in instance.items}

    def dearer(rows):
        by = [value[row.item] * 1e-3 * rng.random() for row in rows]
        return [row.model_copy(update={"unit_cost": row.unit_cost + more}) for row, more in zip(rows, by, strict=True)]

    kept = build_network(instance).stock[["site", "item"]].drop_duplicates().sort_values(["site", "item"])
    usual = {item.item: item.holding_cost for item in instance.items}
    rate = instance.settings.holding_rate
    stocks = [
        Stock(
            site=site, item=item, holding_cost=(usual[item] or rate * value[item]) + value[item] * 1e-3 * rng.random()
        )
        for site, item in kept.itertuples(index=False)
    ]
    assert not instance.stocks
    assert all(row.item in value for row in instance.lanes)
    instance = instance.replace(processes=dearer(instance.processes), lanes=dearer(instance.lanes), stocks=stocks)
    return instance, planner.solve(instance, policy)


@pytest.mark.slow
@pytest.mark.parametrize("policy", [None, "diversified", "end-to-end"])
def test_the_plan_of_the_shipped_instance(policy):
    """Each item's unit changed by a thousandth to a billion, and its figures with it."""
    instance, plan = without_ties(policy)
    for seed in (1, 2):
        factor = factors(instance, seed)
        chosen = in_units(instance.policy(policy), instance, factor) if policy else None
        other = planner.solve(counted_in(instance, factor), chosen)
        assert other.certificate.passed
        assert other.unique
        assert other.objective == pytest.approx(plan.objective, rel=1e-12)
        same = counted_back(plan.tables, dict.fromkeys(factor, 1.0)), counted_back(other.tables, factor)
        assert not len(differences(*same, tolerance=1e-8))
        for name, figure in (("costs", "amount"), ("exposure", "share")):
            assert other.tables[name][figure].to_numpy() == pytest.approx(
                plan.tables[name][figure].to_numpy(), rel=1e-7
            )
