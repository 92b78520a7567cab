"""A limit is kept with every hard commitment, so an option that only such a commitment makes necessary is told."""

import pytest
import toys

from planner.study.stress.decide_by import decide_by
from planner.study.stress.surprise import Undisturbed

DEAL = {"commitment": "deal", "site": "east", "item": "unit", "minimum": 70}


def told(**deal):
    """50 a period. East (TW) may make 60 % of all, and is committed to 70: so the west has to make 46.7 of its 2 * 20."""
    instance = toys.two_plants(
        periods=["P1", "P2"],
        demand=[{"customer": "shop", "item": "unit", "quantity": 50, "price": 100}],
        capacities=[{"site": "west", "capacity": 20}],
        expansions=[{"option": "line", "site": "west", "period": "P1", "capacity": 10, "unit_cost": 1}],
        commitments=[{**DEAL, **deal}],
    )
    cap = {"stage": "make", "of": "TW", "max_share": 0.6, "per": "horizon"}
    return decide_by(Undisturbed.of(instance, toys.policy(cap)))


def test_a_hard_commitment_is_not_broken_to_keep_a_limit():
    """With the option from P2 on the west makes up to 50, without it 40."""
    rows = told()
    assert rows[["limit", "lever", "in_time"]].values.tolist() == [["l1", "line", "P2"], ["all limits", "line", "P2"]]


@pytest.mark.parametrize("cost", [0.5, 1000])
def test_a_shortfall_that_has_a_price_may_be_paid(cost):
    """Whatever it costs: with 60 in the east the 40 of the west suffice."""
    assert told(shortfall_cost=cost).empty
