"""What a frontier says of its ends, of tightness within a part of the least cost, and between points: by the oracle."""

import random

import pytest
from portions import portion

import planner
from oracle.answer import least_cost
from oracle.compare import agree, oracle
from oracle.levels import at_level
from oracle.planners import Found, loaded
from oracle.program import OPTIMAL

PARTS = [0.0, 0.03, 0.2]


@pytest.mark.parametrize("seed", portion([f"crossed {k}" for k in range(4000, 4040)], 1))
def test_ends_and_levels_within(seed):
    mapping, instance = loaded(seed)
    rng = random.Random(f"frontier {seed}")
    for policy, scenario in zip(mapping["policies"], rng.choice([(None, "w1"), ("w0", None)]), strict=True):
        if policy.get("sources"):  # a branch and bound for every level takes too long
            continue
        limit = policy["limits"][0]
        floor, hard = "min_free" in limit, rng.random() < 0.5
        levels = planner.Levels(within=PARTS, error=rng.choice([0.01, 0.05]), most=14, hard=hard)
        try:
            found = planner.frontier(instance, policy["name"], limit["name"], levels, scenario=scenario, marks=True)
        except planner.PlannerError:
            continue

        def cost(level, policy=policy, hard=hard, scenario=scenario):
            own = least_cost(mapping, at_level(policy, level, hard=hard), scenario)
            return Found(own.status, own.cost if own.status == OPTIMAL else None)

        first, last = (0.0, 0.8) if floor else (1.0, 0.2)
        assert (found.start, found.stop) == pytest.approx((first, last))
        ends = found.points.set_index("level")
        for level in (first, last):
            own = cost(level)
            if own.status == OPTIMAL and level in ends.index:
                assert agree(Found(OPTIMAL, ends.loc[level, "cost"]), own), (policy["name"], level)
        own = cost(first)
        assert (
            (found.least == pytest.approx(own.cost, rel=1e-6, abs=1e-6))
            if own.cost is not None
            else found.least != found.least
        )
        scale = max(1.0, abs(found.least))
        for ratio in PARTS:
            within = found.within(ratio)
            if within.level == within.level:
                assert cost(within.level).cost <= within.ceiling + 2e-6 * scale, (policy["name"], within)
            if within.beyond == within.beyond:
                step = 1e-3 if found.exact else 0.0  # a little tighter than where the line meets the ceiling
                tighter = within.beyond + (step if floor else -step)
                own = cost(min(1.0, max(0.0, tighter)))
                flat = found.exact and own.cost is not None and abs(own.cost - within.ceiling) < 1e-5 * scale
                assert own.cost is None or own.cost > within.ceiling - 2e-6 * scale or flat, (
                    policy["name"],
                    within,
                    own,
                )
        solved = found.tightening["level"].tolist()
        if len(solved) > 1:
            level = rng.uniform(solved[0], solved[-1])
            least, most = found.cost_at(level)
            own = cost(level)
            if own.cost is not None and not found.breaks:
                assert least - 2e-6 * scale <= own.cost <= most + 2e-6 * scale, (
                    policy["name"],
                    level,
                    own,
                    least,
                    most,
                )
        for mark in found.marks:
            own = oracle(mapping, mark.policy, scenario)
            if mark.note == "":
                assert agree(Found(OPTIMAL, mark.cost), own), (policy["name"], mark, own)
            elif mark.note.startswith("No plan: "):
                assert own.status == "infeasible", (mark, own)
