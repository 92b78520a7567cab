"""Two-stage plans of random instances: what must hold whatever can happen."""

import random
from functools import cache
from itertools import pairwise

import pytest
from planned import given
from portions import portion, portion_of_rows

from planner.errors import InstanceError
from planner.instance.applying import apply_scenario
from planner.instance.scenario import Scenario
from planner.model.extensive import NOTHING, OWN, links_of
from planner.network.frozen_past import BEFORE
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed
from planner.study.two_stage.scenario_paths import path_of
from planner.study.two_stage.two_stage_plan import UNDISTURBED, two_stage

TOLERANCE = 1e-5  # three answers, each within 1e-6 of all that is paid and earned


@cache
def undisturbed(seed):
    _, instance, policy = given(seed)
    return Undisturbed.of(instance, instance.policy(policy["name"]) if policy else None)


def scenarios_of(seed):
    """One to three scenarios of one or two changes each, which strike anywhere in the horizon."""
    rng = random.Random(seed)
    mapping, instance, _ = given(seed)
    labels = instance.periods.labels
    sites = sorted({row["site"] for row in mapping["processes"]})
    items = sorted({row["item"] for row in mapping["processes"]})
    found, left = [], 1.0
    while len(found) < rng.randint(1, 3):
        changes = []
        for _ in range(rng.randint(1, 2)):
            first = rng.randrange(len(labels))
            window = f"{labels[first]}..{labels[rng.randrange(first, len(labels))]}"
            changes.append(
                rng.choice(
                    [
                        {
                            "change": "outage",
                            "where": {"site": rng.choice(sites)},
                            "pipeline": rng.choice(["kept", "held"]),
                        },
                        {"change": "demand", "factor": rng.choice([0.0, 0.6, 1.5])},
                        {"change": "yield", "where": {"item": rng.choice(items)}, "factor": rng.choice([0.5, 0.9])},
                        {"change": "lead_time", "where": {"item": rng.choice(items)}, "add": 1},
                        {"change": "unit_cost", "where": {"site": rng.choice(sites)}, "factor": 3.0},
                    ]
                )
                | {"period": window}
            )
        p = round(rng.uniform(0.02, left * 0.6), 3)
        left -= p
        scenario = Scenario.model_validate({"name": f"s{len(found)}", "probability": p, "changes": changes})
        try:
            apply_scenario(instance, scenario)
        except InstanceError:
            continue
        found.append(scenario)
    return found


@cache
def answered(seed):
    rng = random.Random(-seed)
    base = undisturbed(seed)
    network = base.program.network
    scenarios = scenarios_of(seed)
    weight, alpha = rng.choice([0.0, 0.3, 0.8]), rng.choice([0.5, 0.9])
    return two_stage(network.instance, network.policy, scenarios, weight=weight, alpha=alpha), base, scenarios


def size(found):
    """All that is paid and earned, roughly: what a tolerance is relative to."""
    return 1 + found.scenarios[["two_stage", "undisturbed_plan", "foresight"]].abs().to_numpy().max()


SEEDS = [3000, 3002, 3003, 3004, 3005, 3006, 3009, 3010]  # of several periods, and with a plan


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_values_stand_in_their_order(seed):
    found, _, _ = answered(seed)
    room = TOLERANCE * size(found)
    assert found.certificate.passed
    assert found.vss >= 0
    assert found.evpi >= 0
    two, surprised, perfect = found.values["value"]
    assert perfect - room <= two <= surprised + room
    for row in found.values.itertuples():
        assert row.expected <= row.cvar + room
    worst = found.scenarios["two_stage"].max()
    assert found.expected - room <= found.cvar <= worst + room


@pytest.mark.parametrize("seed", portion(SEEDS, quick=2))
def test_no_path_costs_less_than_foresight(seed):
    found, base, _ = answered(seed)
    room = TOLERANCE * size(found)
    assert (found.scenarios["two_stage"] >= found.scenarios["foresight"] - room).all()
    assert (found.scenarios["undisturbed_plan"] >= found.scenarios["foresight"] - room).all()
    assert found.scenarios["foresight"][0] == pytest.approx(base.plan.objective)


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_the_undisturbed_plan_costs_what_stress_says(seed):
    found, base, scenarios = answered(seed)
    costs = found.scenarios.set_index("scenario")["undisturbed_plan"]
    for scenario in scenarios:
        struck = stress_one(base, scenario).plan
        assert costs[scenario.name] == pytest.approx(struck.objective, abs=TOLERANCE * size(found))


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_paths_share_what_is_decided_before_the_strike(seed):
    found, base, scenarios = answered(seed)
    index = base.program.network.instance.periods.index
    first = found.tables[UNDISTURBED]
    for scenario in scenarios:
        strike = path_of(base, scenario).strike
        tables = found.tables[scenario.name]
        assert tables["expansions"].equals(first["expansions"])
        for name, figure in (("production", "started"), ("shipments", "quantity"), ("service", "lost")):
            parts = [
                table[table["period"].map(index) < strike].sort_values(list(table.columns), ignore_index=True)[figure]
                for table in (tables[name], first[name])
            ]
            assert parts[0].to_list() == pytest.approx(parts[1].to_list(), rel=1e-6, abs=1e-6), name


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_every_early_decision_can_be_told_on_every_path(seed):
    _, base, scenarios = answered(seed)
    for scenario in scenarios:
        path = path_of(base, scenario)
        link = links_of(base.program, path)
        for name in BEFORE:
            block, known = getattr(path.program, name), getattr(base.program, name)
            early = known.labelled["position"].to_numpy() < path.strike
            told = link[block.span]
            assert sorted(told[(told != OWN) & (told != NOTHING)] - known.first) == early.nonzero()[0].tolist(), name


@pytest.mark.parametrize("seed", portion([3300, 3301, 3304, 3305], quick=1))
def test_without_scenarios_the_plan_is_reproduced(seed):
    base = undisturbed(seed)
    network = base.program.network
    found = two_stage(network.instance, network.policy, [], weight=0.5)
    assert found.value == pytest.approx(base.plan.objective, rel=1e-9)
    assert (found.vss, found.evpi) == (0, 0)
    if not found.integer:
        for name in ("production", "shipments", "stock", "expansions"):
            assert found.tables[UNDISTURBED][name].to_csv() == base.plan.tables[name].to_csv(), name


WEIGHED = [(3400, (0.0, 0.95)), *((seed, (0.0, 0.5, 0.95)) for seed in (3400, 3401, 3402))]


@pytest.mark.parametrize(("seed", "weights"), portion_of_rows(WEIGHED, quick=1))
def test_more_weight_on_the_tail_never_lowers_the_expected_cost_or_raises_the_tail(seed, weights):
    base = undisturbed(seed)
    network, scenarios = base.program.network, scenarios_of(seed)
    steps = [two_stage(network.instance, network.policy, scenarios, weight=w, alpha=0.8) for w in weights]
    room = TOLERANCE * 50 * max(map(size, steps))  # an error of the value is divided by a difference of weights
    for light, heavy in pairwise(steps):
        assert heavy.expected >= light.expected - room
        assert heavy.cvar <= light.cvar + room
