"""Decide-by: limits that are passed already, by whatever name."""

import pytest
import toys

from planner.study.stress.decide_by import decide_by
from planner.study.stress.undisturbed import Undisturbed

P4 = ["P1", "P2", "P3", "P4"]
HALVES = {"stage": "make", "of": "TW", "max_share": 0.6}


def plants(**tables):
    """East for 1 and west for 3; 10 a period at 100; west can make 4."""
    return toys.two_plants(**{"periods": P4, "capacities": [{"site": "west", "capacity": 4}], **tables})


@pytest.mark.parametrize("name", ["cap", "buffer-east"])
def test_what_a_limit_is_called_does_not_matter(name):
    """The option lets the west make 4 of 10 in P2. A soft cap of half of it in the east is passed by 1, with or without
    the question: it counts as kept where it is passed no further, which takes the option from P2 on.
    """
    option = {"option": "line", "site": "west", "period": "P2", "capacity": 4, "unit_cost": 1}
    instance = plants(capacities=[{"site": "east", "capacity": 10}], expansions=[option])
    cap = {**HALVES, "name": name, "max_share": 0.5, "soft_cost": 20, "period": "P2"}
    base = Undisturbed.of(instance, toys.policy(cap))
    assert base.plan.limits["excess"].tolist() == [pytest.approx(1)]
    rows = decide_by(base).set_index("limit")
    assert rows["lever"].to_dict() == {name: "line", "all limits": "line"}
    assert rows["in_time"].to_dict() == {name: "P2", "all limits": "P2"}
