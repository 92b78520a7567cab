"""Goods that arrive where `stock: listed` has no row had a conflict and no repair: a row in stocks is one.

Five of 15 units that arrive at the dock are more than the shop orders in the period; they can be kept for the next one.
"""

import pytest
import toys

import planner
from planner.model.words.lines import Line
from planner.serve.repairing import can_be_written, repaired
from planner.serve.view import Repair

LISTED = {
    **toys.TINY,
    "periods": ["1", "2"],
    "stock": "listed",
    "sites": [{"site": "plant", "region": "TW"}, {"site": "dock", "region": "US"}],
    "items": [{"item": "unit", "stage": "make", "value": 10, "holding_cost": 0.5}],
    "demand": [{"customer": "shop", "item": "unit", "period": "*", "quantity": 10, "price": 100}],
    "lanes": [{"from": "plant", "to": "shop"}, {"from": "dock", "to": "shop", "unit_cost": 1}],
    "arrivals": [{"site": "dock", "item": "unit", "period": "1", "quantity": 15}],
}
CAPPED = {
    "name": "capped",
    "limits": [{"name": "us", "measure": "pathway", "of": "US", "max_share": 0.9, "per": "horizon"}],
}
COST = 15 * 1 + 5 * 0.5 + 5 * 1  # freight from the dock, five units kept for a period, and five made


@pytest.mark.parametrize("policy", [None, CAPPED], ids=["no policy", "by class"])
def test_a_row_in_stocks_is_a_repair(policy):
    instance = planner.load_instance(LISTED)
    chosen = policy and planner.Policy.model_validate(policy)
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(instance, chosen)
    assert "No unit can be kept at dock in 1: stocks has no row for it." in caught.value.conflict
    [repair] = caught.value.repair
    assert repair["text"] == "add a row to stocks for unit at dock (a maximum of 5 is enough)"
    assert repair["cost"] == COST
    [[line]] = caught.value.lines
    assert isinstance(line, Line)
    done = Repair(line.rule.name, tuple(sorted(line.labels.items())), line.figures)
    assert can_be_written(done)
    assert planner.solve(*repaired(instance, chosen, (done,))).objective == pytest.approx(COST)


def test_it_is_not_told_where_rows_of_a_users_own_say_what_can_be():
    program = planner.formulate(LISTED)
    program.problem += program.ship["plant", "shop", "unit", "1"] >= 1, "our own floor"
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(program)
    assert caught.value.conflict
    assert not caught.value.repair
