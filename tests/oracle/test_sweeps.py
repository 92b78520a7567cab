"""What the rows of a sweep say: each is a plan of the changed instance asked for by itself, and costs what the oracle says."""

import random
from copy import deepcopy

import pytest

import planner
from oracle import files
from oracle.answer import least_cost
from oracle.compare import agree
from oracle.crossed import crossed
from oracle.planners import Found
from oracle.scenarios import RefusedError
from planner.plan.measures.exposure import reported_shares_of_regions

CLOSE = {"rel": 1e-6, "abs": 1e-5}
FACTORS = [
    {"name": "room", "change": "capacity", "where": {"stage": "pack"}, "factor": {"uniform": [0.3, 1.2]}},
    {"name": "orders", "change": "demand", "where": {}, "factor": {"uniform": [0.6, 1.5]}, "recovery": 1},
    {"name": "learnt", "change": "yield", "where": {"item": "die"}, "factor": {"uniform": [0.5, 1.0]}},
    {"name": "late", "change": "lead_time", "where": {"from": "hub"}, "add": {"choice": [0, 1]}},
    {"name": "way", "change": "freight", "where": {"to": ["x"]}, "add": {"uniform": [0, 4]}},
    {"name": "worth", "change": "price", "where": {"customer": "x"}, "factor": {"uniform": [0.5, 1.2]}},
]


def drawn(mapping, rng):
    """A sweep over some figures and the level of a limit."""
    labels = planner.load_instance(mapping).periods.labels
    factors = []
    for factor in rng.sample(FACTORS, 2):
        factors.append({**factor, "period": rng.choice([f"{labels[1]}..", labels[0], labels[-1]])})
        if factor["change"] in {"capacity", "lead_time"}:
            factors[-1]["period"] = f"{labels[1]}.."
    policy = rng.choice(mapping["policies"])
    limit = rng.choice(policy["limits"])
    share = "min_free" if "min_free" in limit else "max_share"
    factors.append({"name": "level", "limit": limit["name"], share: {"uniform": [0.1, 0.9]}})
    return {
        "name": "swept",
        "policies": [None, policy["name"]],
        "scenarios": [None, rng.choice(["w0", "w1"])],
        "mode": "sample",
        "samples": 2,
        "seed": rng.randrange(1000),
        "factors": factors,
    }


def changed(mapping, sweep, row):
    """The policy and the scenario of a row, as mappings."""
    scenario = deepcopy(files.named(mapping, "scenarios", row["scenario"])) or {"name": "swept", "changes": []}
    policy = deepcopy(files.named(mapping, "policies", row["policy"]))
    for factor in sweep["factors"]:
        if "change" in factor:
            how = next(word for word in ("factor", "set", "add") if word in factor)
            plain = {name: value for name, value in factor.items() if name != "name"}
            scenario["changes"].append({**plain, how: row[factor["name"]]})
        for limit in policy["limits"] if policy and "limit" in factor else ():
            if limit["name"] == factor["limit"]:
                limit["min_free" if "min_free" in factor else "max_share"] = row[factor["name"]]
    return policy, scenario


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2000, 2040))
def test_a_row_is_the_plan_of_the_changed_instance(seed):
    """Slow, because tests/study/test_sweep.py holds a run against a scenario with the same change in every suite."""
    mapping, rng = crossed(seed), random.Random(seed)
    sweep = drawn(mapping, rng)
    try:
        found = planner.sweep(planner.load_instance(mapping), sweep)
    except planner.PlannerError:
        return
    for row in found.runs.astype(object).where(found.runs.notna(), None).to_dict("records"):
        policy, scenario = changed(mapping, sweep, row)
        try:
            own = least_cost(mapping, policy, scenario)
        except RefusedError:
            assert row["status"] == "error", row
            continue
        if row["status"] == "error":
            continue  # an order that nothing can reach
        told = Found(row["status"], row["objective"])
        assert agree(told, Found(own.status, own.cost if own.status == "optimal" else None)), (row, own)
        if own.status == "optimal":
            alone(mapping, policy, scenario, row)


def alone(mapping, policy, scenario, row):
    """Each figure of the row is that of the same question asked by itself."""
    asked = {**mapping, "policies": [policy] if policy else [], "scenarios": [scenario]}
    asked["limits_used"] = [
        part for part in mapping.get("limits_used", []) if policy and part["policy"] == policy["name"]
    ]
    asked = {name: value for name, value in asked.items() if value != []}
    plan = planner.solve(planner.load_instance(asked), policy and policy["name"], scenario["name"])
    assert row["objective"] == pytest.approx(plan.objective, **CLOSE)
    assert row["margin"] == pytest.approx(plan.margin, **CLOSE)
    for name in ("delivered", "late", "lost", "fill_rate"):
        assert row[name] == pytest.approx(plan.service_summary[name], **CLOSE), name
    shares = reported_shares_of_regions(plan.instance, plan.production)
    for (stage, region), share in shares.items():
        assert row[f"exposure_{stage}_{region}"] == pytest.approx(share, **CLOSE), (stage, region)
    shown = plan.exposure[(plan.exposure["measure"] == "pathway") & (plan.exposure["over"] == "region")]
    shown = shown[shown["period"] == "horizon"]
    for of, share in zip(shown["of"], shown["share"], strict=True):
        if f"touched_{of}" in row and row[f"touched_{of}"] is not None:
            assert row[f"touched_{of}"] == pytest.approx(share, **CLOSE), of
