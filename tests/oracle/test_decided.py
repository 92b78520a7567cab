"""By when to decide, for options and qualifications of random instances, held against the second formulation."""

import pytest
from portions import portion

import planner
from oracle.decided import Kept, levers
from oracle.planners import loaded
from planner.study.stress.decide_by import TOGETHER, decide_by
from planner.study.stress.undisturbed import Undisturbed

FAILED_ONCE = "crossed 11042"  # a hard buffer was broken to keep a limit
SEEDS = [FAILED_ONCE, *(f"crossed {k}" for k in range(11000, 11040)), *range(11000, 11020)]


@pytest.mark.parametrize("seed", portion(SEEDS, 1))
def test_by_when_to_decide(seed):
    mapping, instance = loaded(seed)
    if instance is None:
        return
    labels = instance.periods.labels
    for policy in mapping["policies"]:
        if not policy.get("limits") or policy.get("sources"):  # branch and bound for every question takes too long
            continue
        try:
            base = Undisturbed.of(instance, instance.policy(policy["name"]))
        except planner.PlannerError:
            continue
        tables = {name: base.plan.tables[name].to_dict("records") for name in ("limits", "service")}
        asked, found = Kept(mapping, policy["name"], tables), {}
        names = sorted(limit["name"] for limit in policy["limits"])
        for limit, counted in [*((name, [name]) for name in names), (TOGETHER, names)]:
            assert asked.kept(counted)
            for (kind, name), start in levers(mapping, policy["name"]).items():
                last = asked.last(counted, (kind, name), start)
                if last is not None:
                    found[limit, kind, name] = labels[last]
        rows = decide_by(base)
        told = {(row["limit"], row["kind"], row["lever"]): row["in_time"] for row in rows.to_dict("records")}
        assert told == found, policy["name"]
