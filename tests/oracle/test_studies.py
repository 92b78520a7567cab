"""What studies tell beside costs: what struck plans lose, steps between policies, prices of a frontier, measures' worth.

Each figure is worked out again from the tables of plans, or from costs of the second formulation. Most are slow; what
was wrong is held by cases done by hand in every suite (tests/study).
"""

import math
import random
from collections import defaultdict
from copy import deepcopy

import pytest
from portions import portion

import planner
from oracle.answer import formulated, least_cost
from oracle.files import named
from oracle.levels import at_level
from oracle.planners import loaded
from oracle.program import OPTIMAL
from oracle.struck import least_after, rows_of, struck, taken
from planner.instance.policy import buffer_name
from planner.study.policy_split import policy_split
from planner.study.stress.buffers_against_sources import survival_per_dollar
from planner.study.stress.longest_outages import Outages
from planner.study.stress.surprise import strike_of
from planner.study.stress.undisturbed import Undisturbed

PRICE = 1000.0
CHANCES = {"w0": 0.3, "w1": 0.25}
POLICIES = (None, "p0", "p1")
SEEDS = [f"{kind} {k}" for kind in ("crossed", "rolled") for k in range(90000, 90015)]


def close(figure, scale=1.0, share=2e-6):
    """Within a few parts of a million of the figure, or of a scale (a cost, say) of which it is a difference."""
    return pytest.approx(figure, rel=share, abs=share * max(1.0, abs(scale)))


def coming(instance):
    """The scenarios of a random instance, with probabilities."""
    return [instance.scenario(name).model_copy(update={"probability": p}) for name, p in CHANCES.items()]


def of(table, policy, scenario):
    """The rows of a policy and scenario."""
    its = table["policy"].isna() if policy is None else table["policy"] == policy
    return table[its & (table["scenario"] == scenario)]


def changes(before, after, figure):
    """How much more of a figure an order has after than before, by customer, item and period."""
    found = defaultdict(float)
    for sign, table in ((-1, before), (1, after)):
        for row in table.to_dict("records"):
            found[row["customer"], row["item"], row["period"]] += sign * row[figure]
    return found


def broken(mapping, policy, plan):
    """{kind: (units, money)} of the promises that gave way in a plan: soft limits and commitments are none."""
    chosen = named(mapping, "policies", policy) or {}
    rows = [(limit["name"], limit) for limit in chosen.get("limits", [])]
    rows += [(buffer_name(number), part) for number, part in enumerate(chosen.get("buffers", []), 1)]
    hard = {name for name, part in rows if part.get("soft_cost") is None}
    firm = {row["commitment"] for row in mapping.get("commitments", []) if row.get("shortfall_cost") is None}
    parts = [(row["kind"], row["quantity"], row["cost"]) for row in plan.tables["recourse"].to_dict("records")]
    for row in plan.limits.to_dict("records"):
        parts += [("limit", row["excess"], row["cost"])] if row["limit"] in hard else []
    for row in plan.commitments.to_dict("records"):
        parts += [("commitment", row["shortfall"], row["cost"])] if row["commitment"] in firm else []
    found = defaultdict(lambda: [0.0, 0.0])
    for kind, units, money in parts:
        found[kind][0] += units
        found[kind][1] += money
    return {kind: tuple(figures) for kind, figures in found.items() if figures[0] > 1e-6}


@pytest.mark.parametrize("seed", portion(SEEDS, 0))
def test_what_strikes_do_to_plans(seed):
    """Loss, lost units, waiting, when service is back, broken promises, and what each policy may cost more."""
    mapping, instance = loaded(seed)
    if instance is None:
        return
    try:
        found = planner.stress(instance, coming(instance), POLICIES, price=PRICE)
    except planner.InstanceError:
        return  # a change that does not fit
    expected, plans = defaultdict(float), {}
    for run, row in zip(found.runs, found.table.to_dict("records"), strict=True):
        if not isinstance(run.plan, planner.Plan):
            expected[run.policy] = math.nan
            continue
        before, after = planner.solve(instance, run.policy), run.plan
        plans[run.policy] = before
        assert row["loss"] == close(after.objective - before.objective, before.objective)
        expected[run.policy] += CHANCES[run.scenario] * max(0.0, row["loss"])
        lost, late = (changes(before.service, after.service, figure) for figure in ("lost", "late"))
        assert row["lost_units"] == close(sum(lost.values()), 10)
        delivered = after.service["delivered"].sum()
        if delivered > 0:
            assert row["waiting"] == close(sum(max(0.0, units) for units in late.values()) / delivered, 10)
        worse = {key[2] for part in (lost, late) for key, units in part.items() if units > 1e-4}
        labels = instance.periods.labels
        first = max([labels.index(row["strike"]), *(labels.index(label) + 1 for label in worse)])
        back = row["back"] if isinstance(row["back"], str) else None
        assert back == (labels[first] if first < len(labels) else None)
        own, told = broken(mapping, run.policy, after), of(found.promises, run.policy, run.scenario)
        assert set(told["kind"]) == set(own)
        for part in told.to_dict("records"):
            assert (part["quantity"], part["cost"]) == close(own[part["kind"]], 100)
        assert row["broken_promises"] == close(sum(money for _, money in own.values()), 100)
    if found.premium is None or not plans:
        return
    first = next(iter(plans))
    for row in found.premium.to_dict("records"):
        if row["policy"] not in plans:
            continue
        cost, units = plans[row["policy"]].objective, plans[row["policy"]].service["delivered"].sum()
        if units > 0 and not math.isnan(expected[first] - expected[row["policy"]]):
            assert row["premium"] * units == close(cost - plans[first].objective, cost)
            assert row["break_even"] * units == close(expected[first] - expected[row["policy"]], cost)


def switched(mapping, chosen, other, part):
    """A policy, as a mapping, that says of one part what another policy says."""
    found = deepcopy(chosen)
    if part.endswith(" limits"):
        stage = None if part == "pathway limits" else part.removesuffix(" limits")
        kept = [limit for limit in found.get("limits", []) if limit.get("stage") != stage]
        found["limits"] = [*kept, *(limit for limit in other.get("limits", []) if limit.get("stage") == stage)]
    else:
        found.pop(part, None)
        found |= {part: other[part]} if part in other else {}
    return found


@pytest.mark.parametrize("seed", portion(SEEDS, 0))
def test_what_each_part_of_a_policy_costs(seed):
    """Each step from one policy to another is a least cost less that of the step before, limits of one name included."""
    mapping, instance = loaded(seed)
    if instance is None:
        return
    mapping.pop("limits_used", None)
    instance = instance.replace(limits_used=())
    for one, other in ((None, "p0"), ("p0", "p1"), ("p1", "p0")):
        try:
            first, second = planner.solve(instance, one), planner.solve(instance, other)
        except planner.PlannerError:
            continue
        table = policy_split(first, second)
        chosen, before = named(mapping, "policies", one) or {"name": "none"}, first.objective
        for row in table.to_dict("records"):
            chosen = switched(mapping, chosen, named(mapping, "policies", other), row["part"])
            limits = [{**limit, "name": f"limit-{number}"} for number, limit in enumerate(chosen.get("limits", []))]
            own = least_cost(mapping, {**chosen, "name": "step", "limits": limits})
            after = own.cost if own.status == OPTIMAL else math.nan
            assert math.isnan(row["cost"]) == math.isnan(after - before), (one, other, row)
            if not math.isnan(after - before):
                assert row["cost"] == close(after - before, first.objective), (one, other, row)
            before = after


@pytest.mark.parametrize("seed", portion(SEEDS, 1))
def test_prices_of_a_point_of_a_frontier(seed):
    """A price lies between what a little tighter costs and a little looser saves, but where the cost leaps."""
    mapping, instance = loaded(seed)
    if instance is None:
        return
    for policy in mapping["policies"]:
        if policy.get("sources"):
            continue
        limit = policy["limits"][0]
        try:
            found = planner.frontier(instance, policy["name"], limit["name"], planner.Levels(error=0.05, most=8))
        except planner.PlannerError:
            continue
        if found.integer:
            continue

        def cost(level, policy=policy):
            own = least_cost(mapping, at_level(policy, level))
            return own.cost if own.status == OPTIMAL and 0 <= level <= 1 else math.nan

        leaps = {part.looser for part in found.breaks if part.kind == "jump"}
        for row in random.Random(seed).sample(found.tightening.to_dict("records"), min(3, len(found.tightening))):
            here, step = cost(row["level"]), 1e-4 if "min_free" in limit else -1e-4
            assert row["cost"] == close(here, here)
            assert math.isnan(row["price_per_point"]) == (row["level"] in leaps)
            sides = [0.01 * abs(cost(row["level"] + by) - here) / abs(by) for by in (step, -step)]
            known = [side for side in sides if not math.isnan(side)]
            if known and not leaps:
                slack = 5e-3 * max(known) + 1e-6 * max(1.0, abs(here))
                assert min(known) - slack <= row["price_per_point"] <= max(known) + slack, (policy["name"], row, sides)


def with_measure(mapping, policy, row, base):
    """The policy with a buffer or a second source added, as a mapping; the name of its limit."""
    values = {item["item"]: item["value"] for item in mapping["items"]}
    stage = row["measure"].split(",")[0]
    at = {item["item"] for item in mapping["items"] if item["stage"] == stage}
    price = max(values[part["item"]] for part in mapping["processes"] if part["item"] in at)
    found = deepcopy(named(mapping, "policies", policy)) or {"name": "none"}
    if row["kind"] == "buffer":
        added = {"stage": stage, "periods_of_cover": 1, "soft_cost": price}
        found["buffers"] = [*found.get("buffers", []), added]
        return found, buffer_name(len(found["buffers"]))
    made = base.plan.production[base.plan.production["stage"] == stage].groupby("operator")["finished"].sum()
    added = {"name": "second", "measure": "stage", "stage": stage, "over": "operator", "of": "each", "per": "horizon"}
    added |= {"max_share": max(0.0, round(made.max() / made.sum() - 0.1, 4)), "soft_cost": price}
    found["limits"] = [*found.get("limits", []), added]
    return found, "second"


@pytest.mark.parametrize("seed", portion([name for name in SEEDS if name.startswith("crossed")], 0))
def test_what_a_measure_costs_and_avoids(seed):
    """Its cost is that of the plan with it less that without, and less what missing the measure alone is charged."""
    mapping, instance = loaded(seed)
    if any(row.get("min_lot") for row in mapping["processes"]):
        return
    for policy in POLICIES:
        if (named(mapping, "policies", policy) or {}).get("sources"):
            continue
        try:
            base = Undisturbed.of(instance, policy and instance.policy(policy))
            table = survival_per_dollar(base, coming(instance), Outages(("region",), [0]), price=PRICE)
        except planner.PlannerError:
            continue
        past, before = taken(rows_of(base), formulated(mapping, policy)), base.plan.objective
        for row in table[(table["kind"] != "option") & (table["status"] == OPTIMAL)].to_dict("records"):
            chosen, limit = with_measure(mapping, policy, row, base)
            others = [part for part in mapping["policies"] if part["name"] != chosen["name"]]
            with_it = {**mapping, "policies": [*others, chosen]}
            other = planner.load_instance(with_it)
            held = Undisturbed.of(other, other.policy(chosen["name"]))
            charged = held.plan.limits.loc[held.plan.limits["limit"] == limit, "cost"].sum()
            own = least_cost(with_it, chosen).cost - charged
            assert row["extra_cost"] == close(own - before, before), (policy, row)
            later, avoided = taken(rows_of(held), formulated(with_it, chosen["name"])), 0.0
            for name, chance in CHANCES.items():
                at = strike_of(instance, instance.scenario(name))
                costs = [least_after(struck(mapping, policy, name, PRICE, at, part)) for part in (past, later)]
                losses = [found.cost - cost for found, cost in zip(costs, (before, own), strict=True)]
                avoided += chance * (max(0.0, losses[0]) - max(0.0, losses[1]))
            if not math.isnan(avoided):
                assert row["loss_avoided"] == close(avoided, 10 * before), (policy, row)
