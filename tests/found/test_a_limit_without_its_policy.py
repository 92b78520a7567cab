"""A frontier of a limit whose policy is not named: the policies that have it are named.

It was said that the policy no-policy, which nobody had named, has no such limit.
"""

import pytest
import toys

import planner
from planner.errors import UsageError


def test_a_limit_without_its_policy():
    cap = {"measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}
    policies = [{"name": name, "limits": [{"name": limit, **cap}]} for name, limit in [("a", "cap"), ("b", "other")]]
    instance = toys.two_plants(policies=policies)
    for named in ("cap", "c*"):
        with pytest.raises(UsageError) as told:
            planner.frontier(instance, None, [named])
        assert str(told.value) == (
            f"Without a policy there is no limit '{named}' to move. Name the policy that has it: a."
        )
    with pytest.raises(UsageError, match="No policy has one"):
        planner.frontier(instance, None, ["none"])
