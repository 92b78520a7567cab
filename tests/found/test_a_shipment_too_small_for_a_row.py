"""What is delivered is the sum of what is sent, of which a part may be too small for a row: `verify` accepts the sum.

`a` makes all but 3e-7 of the 4.3 that `y` orders; beside the 400 of `x` the rest, which `b` sends, is no figure. Found
with a plan of crossed 19212, rolled, whose goods on the way have nine digits.
"""

from dataclasses import replace

import pytest

import planner
from planner.plan.proof.claims import Claims
from planner.plan.proof.verify import verify


def test_the_sum_counts_what_has_no_row():
    plan = planner.solve(
        {
            "name": "small",
            "sites": [{"site": "a", "region": "A"}, {"site": "b", "region": "B"}],
            "items": [{"item": "good", "stage": "make"}],
            "processes": [{"site": "a", "item": "good", "unit_cost": 1}, {"site": "b", "item": "good", "unit_cost": 2}],
            "capacities": [{"site": "a", "capacity": 4.2999997}],
            "customers": [{"customer": "x", "region": "A"}, {"customer": "y", "region": "A"}],
            "demand": [
                {"customer": "x", "item": "good", "quantity": 400, "price": 50},
                {"customer": "y", "item": "good", "quantity": 4.3, "price": 50},
            ],
            "lanes": [{"from": "a", "to": "y"}, {"from": "b", "to": "x"}, {"from": "b", "to": "y"}],
        }
    )
    sent = plan.shipments[plan.shipments["to"] == "y"]
    assert sent["quantity"].tolist() == [4.2999997]
    assert plan.service["delivered"].tolist() == pytest.approx([400, 4.3], abs=1e-12)
    claims = Claims.of(plan)
    assert verify(claims).holds
    service = claims.tables["service"].replace("4.3", "4.300001")
    assert not verify(replace(claims, tables={**claims.tables, "service": service})).holds
