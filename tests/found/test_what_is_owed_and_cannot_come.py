"""What is owed from before can be too much for the periods that are left: the conflict says so, and a repair mends it.

Rolled on to its last months after an outage, a plan could not deliver what was owed. It was told as an order of this
month, with no way out: an order can be lost, what is owed from before cannot.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "properties"))
from test_repairs_written_down import check_done, formulated, found_repairs, tiny

import planner
from planner.serve.repairing import repaired
from planner.serve.view import Repair

ORDER = [{"customer": "shop", "item": "unit", "quantity": 3, "price": 100, "must_serve": 1, "late_cost": 1}]


def owing(units, **tables):
    """Two periods in which 4 a period can be made, 6 are ordered, and some are owed from before."""
    owed = [{"customer": "shop", "item": "unit", "quantity": units, "late_cost": 1, "lost_cost": 50}]
    lines = [{"site": "plant", "capacity": 4}]
    return tiny(**{"periods": ["P1", "P2"], "capacities": lines, "demand": ORDER, "owed": owed, "elapsed": 3, **tables})


@pytest.mark.parametrize("must", [1, 0])
def test_it_is_named_and_has_a_repair(must):
    mapping = owing(20, demand=[{**ORDER[0], "must_serve": must}])
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(planner.load_instance(mapping))
    assert any("(20 of them owed from before)" in line for line in caught.value.conflict)
    texts = [repair["text"] for repair in caught.value.repair]
    assert f"lower what shop is owed of unit from 20 to {2 if must else 8}" in texts
    check_done(mapping, None, found_repairs(formulated(mapping, None)))


def test_what_says_too_little_of_its_cost_comes_last():
    """To be owed less costs nothing in a plan; a line that costs something stands first."""
    found = found_repairs(formulated(owing(3), None))
    assert [repair.lines[0].rule.name for repair in found] == ["raise_capacity", "lose", "lower_owed"]
    assert [repair.free for repair in found] == [False, False, True]


def test_the_page_carries_it_out():
    instance = planner.load_instance(owing(20))
    repair = Repair("lower_owed", (("customer", "shop"), ("item", "unit")), (20.0, 2.0))
    mended, _ = repaired(instance, None, (repair,))
    assert [row.quantity for row in mended.owed] == [2]
    assert planner.solve(mended).status == "optimal"
