"""Stress and time to survive on random instances: what must hold whatever the instance is."""

import random
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pulp
import pytest
from planned import given
from portions import portion

from planner.instance.applying import apply_scenario
from planner.instance.records import Arrival
from planner.instance.scenario import Scenario
from planner.model.program import write_program
from planner.network.building import build_network
from planner.network.frozen_past import frozen
from planner.network.recourse import Recourse
from planner.plan.plan import Plan
from planner.plan.planning import solve
from planner.study.progress import ALONE
from planner.study.stress.longest_outages import Outages, longest_outages
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed

TOLERANCE = 3e-6  # twice the gap at which integer decisions count as solved


SEEDS = [1000, 1002, 1003, 1004, 1005, 1006, 1007, 1010]  # these and those below have several periods, and a plan


@cache
def undisturbed(seed):
    _, instance, policy = given(seed)
    return Undisturbed.of(instance, instance.policy(policy["name"]) if policy else None)


def outage_of(seed, **fields):
    """An outage of one to two sites that make something, from some period on or for some."""
    rng = random.Random(seed)
    mapping, instance, _ = given(seed)
    sites = sorted({row["site"] for row in mapping["processes"]})
    labels = instance.periods.labels
    first = rng.randrange(1, len(labels))
    last = rng.randrange(first, len(labels))
    change = {
        "change": "outage",
        "where": {"site": rng.sample(sites, min(len(sites), rng.randint(1, 2)))},
        "period": f"{labels[first]}..{labels[last]}",
        "pipeline": rng.choice(["kept", "held"]),
        **fields,
    }
    return Scenario.model_validate({"name": "out", "changes": [change]})


def size(plan):
    return 1 + abs(plan.objective)


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_an_outage_never_gains_and_is_always_planned(seed):
    base = undisturbed(seed)
    found = stress_one(base, outage_of(seed))
    assert isinstance(found.plan, Plan), found.plan
    assert found.loss >= -TOLERANCE * size(base.plan)
    assert found.broken >= -TOLERANCE * size(base.plan)


@pytest.mark.parametrize("seed", portion([1100, 1101, 1102, 1103, 1104, 1106], quick=1))
def test_a_surprise_never_costs_less_than_full_foresight_with_the_same_slacks(seed):
    base, scenario = undisturbed(seed), outage_of(seed)
    _, instance, _ = given(seed)
    found = stress_one(base, scenario)
    terms = base.terms(instance.periods.index[found.strike])
    struck = apply_scenario(instance, scenario)
    foresight = solve(write_program(build_network(struck, base.program.network.policy, terms)))
    assert foresight.objective <= found.plan.objective + TOLERANCE * size(foresight)


@pytest.mark.parametrize("seed", portion([1200, 1203, 1204, 1206, 1208, 1210, 1212, 1213], quick=1))
def test_a_strike_that_changes_nothing_gives_the_same_plan(seed):
    base = undisturbed(seed)
    _, instance, _ = given(seed)
    strike = random.Random(seed).randrange(len(instance.periods))
    neutral = {"change": "demand", "period": instance.periods.labels[strike], "factor": 1.0}
    found = stress_one(base, Scenario.model_validate({"name": "neutral", "changes": [neutral]}))
    assert isinstance(found.plan, Plan), found.plan
    assert abs(found.loss) <= TOLERANCE * size(base.plan)
    for name in ("production", "shipments", "stock", "service", "expansions"):
        before, after = base.plan.tables[name], found.plan.tables[name]
        pd.testing.assert_frame_equal(after, before, check_exact=False, rtol=1e-7, atol=1e-6, obj=name)


def short_by(base, instance, start, sites, periods, scale):
    """Units by which deliveries fall behind where sites are out from a start for a time; another program altogether.

    Whole periods are outages; the rest of the time is a share of capacity. What falls behind is reckoned as rows of
    PuLP added by hand to the recourse program.
    """
    labels = instance.periods.labels
    whole, part = int(periods + 1e-7), max(0.0, periods - int(periods + 1e-7))
    changes = []
    if whole:
        window = f"{labels[start]}..{labels[start + whole - 1]}"
        changes.append({"change": "outage", "where": {"site": sorted(sites)}, "period": window})
    if part > 0:
        lines = {(row.site, row.resource or row.site) for row in (*instance.capacities, *instance.expansions)}
        made = {(row.site, row.resource or row.site) for row in instance.processes}
        changes += [
            {
                "change": "capacity",
                "where": {"site": site, "resource": line},
                "period": labels[start + whole],
                "factor": 1.0 - part,
            }
            for site, line in sorted(lines & made)
            if site in sites
        ]
    struck = apply_scenario(instance, Scenario.model_validate({"name": "out", "changes": changes}))
    network = build_network(struck, base.program.network.policy, Recourse.of(instance))
    program = write_program(frozen(network, base.decided, start))
    ordered = base.program.network
    block = base.program.ship
    amounts = np.asarray(base.plan.values)[block.span]
    due = ordered.deliveries.assign(amount=amounts[ordered.deliveries["row"].to_numpy(dtype=int)])
    shorts = []
    for (customer, item), rows in due.groupby(["place", "item"]):
        now = network.deliveries
        now = now[(now["place"] == customer) & (now["item"] == item)]
        for period in range(start, len(labels)):
            floor = float(rows.loc[rows["period"] <= period, "amount"].sum())
            arrived = [program.ship.variables[row] for row in now.loc[now["period"] <= period, "row"]]
            short = program.problem.add_variable(f"short_{len(shorts)}", lowBound=0)
            program.problem += pulp.lpSum(arrived) + short >= floor
            shorts.append(short)
    program.problem.setObjective(pulp.lpSum(shorts))
    program.problem.solve(pulp.HiGHS(msg=False, threads=1))
    return float(program.problem.objective.value()) / scale


@pytest.mark.parametrize("seed", portion([1300, 1301, 1303, 1304, 1305], quick=1))
def test_survival_is_a_true_answer(seed):
    """An outage as long as found delays nothing; one a twentieth of a period longer does, by another program."""
    base = undisturbed(seed)
    _, instance, _ = given(seed)
    start = random.Random(seed).randrange(len(instance.periods) - 1)
    table = longest_outages(base, Outages(("site", "region"), [start]), ALONE)
    scale = 1 + float(base.plan.service["delivered"].max())
    lines = {(row.site, row.resource or row.site) for row in (*instance.capacities, *instance.expansions)}
    unlimited = {row.site for row in instance.processes if (row.site, row.resource or row.site) not in lines}
    longer = 0
    for row in table.drop_duplicates("sites").itertuples():
        sites = set(row.sites.split("+"))
        periods = min(row.periods, len(instance.periods) - start)
        assert short_by(base, instance, start, sites, max(0.0, periods - 1e-3), scale) < 1e-4, row
        if row.at_least or start + periods + 0.05 > len(instance.periods):
            continue
        if sites & unlimited:  # lines without a limit are out for whole periods only
            if periods == int(periods) and start + periods + 1 <= len(instance.periods):
                assert short_by(base, instance, start, sites, periods + 1, scale) > 1e-6, row
            continue
        until = periods + 0.05
        assert short_by(base, instance, start, sites, until, scale) > 1e-7, row
        longer += 1


@pytest.mark.parametrize("seed", portion([1400, 1401, 1404, 1405], quick=1))
def test_more_stock_at_the_strike_never_shortens_survival(seed):
    base = undisturbed(seed)
    mapping, instance, _ = given(seed)
    rng = random.Random(seed)
    start = rng.randrange(len(instance.periods) - 1)
    label = instance.periods.labels[start]
    made = sorted({(row["site"], row["item"]) for row in mapping["processes"]})
    there = {(row.site, row.item) for row in instance.arrivals}
    extra = [
        Arrival(site=site, item=item, period=label, quantity=rng.choice([5.0, 40.0]))
        for site, item in rng.sample(made, min(len(made), 3))
        if (site, item) not in there
    ]
    richer = instance.replace(arrivals=[*instance.arrivals, *extra])
    rich = replace(base, program=replace(base.program, network=replace(base.program.network, instance=richer)))
    over = ("site", "operator")
    first = longest_outages(base, Outages(over, [start]), ALONE)
    second = longest_outages(rich, Outages(over, [start]), ALONE)
    merged = first.merge(second, on=["over", "of", "start"], suffixes=("", "_rich"))
    assert len(merged) == len(first)
    assert (merged["periods_rich"] >= merged["periods"] - 1e-4).all(), merged


@pytest.mark.slow
def test_there_are_instances_in_each_of_the_cases():
    """So that the properties above say something: some strikes lose units, some break promises."""
    found = [stress_one(undisturbed(seed), outage_of(seed)) for seed in SEEDS[:6]]
    assert any(part.lost_units > 1 for part in found)
    assert any(part.loss > 1 for part in found)
