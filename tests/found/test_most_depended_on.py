"""Of regions with equal shares of a stage a plan depends most on the one that most of what is delivered has touched.

A plan was said to depend most on the first of two regions that each make a whole stage, though a part of what is
delivered, from stock, had never been there, and all of it had been in the other.
"""

import toys

import planner
from planner.plan.plan_summary import plan_answer


def test_of_equal_shares_the_one_that_more_units_touched():
    instance = toys.tiny(
        sites=[{"site": "fab", "region": "KR"}, {"site": "plant", "region": "TW"}],
        items=[{"item": "part", "stage": "fab"}, {"item": "unit", "stage": "make"}],
        processes=[{"site": "fab", "item": "part"}, {"site": "plant", "item": "unit"}],
        components=[{"item": "unit", "component": "part", "quantity": 1}],
        stocks=[{"site": "plant", "item": "part", "opening": 4}],
        lanes=[{"from": "fab", "to": "plant"}, {"from": "plant", "to": "shop"}],
    )
    answer = plan_answer(planner.solve(instance))
    assert "It depends most on TW, where 100 % of make is made and which 100 % of the units delivered have" in answer
