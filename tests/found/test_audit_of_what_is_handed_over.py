"""The audit counted an order as open that goods on the way fill, and failed where more comes than anybody is owed.

Found by the second formulation on crossed instances 5009 and 5015 (tests/oracle/test_free.py).
"""

import pytest
import toys

from planner.study.audit.audit import audit


def free_of_korea(*arrivals):
    """The share of 10 ordered units that can be free of Korea, where a plant in Taiwan could make them all."""
    coming = [{"site": "shop", "item": "unit", "period": "1", **row} for row in arrivals]
    instance = toys.tiny(arrivals=coming, customers=[{"customer": "shop", "region": "KR"}])
    return audit(instance, ["KR"]).free_of["share"].tolist()


def test_an_order_that_is_filled_is_not_open_to_others():
    """4 of 10 come from Korea in any plan; a promise of more than 0.6 could not be kept."""
    assert free_of_korea({"quantity": 4, "touched": "KR"}) == pytest.approx([0.6])


def test_more_than_is_owed():
    """Of what comes beyond the order nobody takes any; ended as a failure of the solver."""
    assert free_of_korea({"quantity": 12, "touched": "KR"}) == pytest.approx([0.0])
    mixed = free_of_korea({"quantity": 12, "touched": "KR"}, {"quantity": 8, "touched": "TW"})
    assert mixed == pytest.approx([0.4])  # 20 come where 10 are owed: half of each counts
