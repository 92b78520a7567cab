"""Units that touched a set of sites, where lots go round and where nothing is delivered."""

import pandas as pd
import pytest
import toys

from planner.plan.measures.blending import units_touched

P4 = ["P1", "P2", "P3", "P4"]


def plants(**tables):
    """East for 1 and west for 3; 10 a period at 100; west can make 4."""
    return toys.two_plants(**{"periods": P4, "capacities": [{"site": "west", "capacity": 4}], **tables})


def test_lots_that_go_round_within_a_period():
    """Each plant makes and sells one unit, and they swap a thousand: both pools are mixed to the same half.

    c_east = 1000 c_west / 1001 and c_west = (1 + 1000 c_east) / 1001, so that c_east + c_west = 1.
    """
    lanes = [{"from": "east", "to": "west"}, {"from": "west", "to": "east"}]
    sold = [{"from": "east", "to": "shop"}, {"from": "west", "to": "shop"}]
    instance = plants(periods=["P1"], lanes=[*lanes, *sold])
    row = {"item": "unit", "period": "P1"}
    tables = {
        "production": pd.DataFrame(
            [{**row, "site": site, "recipe": "standard", "started": 1.0, "finished": 1.0} for site in ("east", "west")]
        ),
        "shipments": pd.DataFrame(
            [{**row, **lane, "arrives": "P1", "quantity": 1000.0} for lane in lanes]
            + [{**row, **lane, "arrives": "P1", "quantity": 1.0} for lane in sold]
        ),
        "stock": pd.DataFrame(columns=["site", "item", "period", "quantity"]).astype({"quantity": float}),
    }
    assert units_touched(instance, tables, {"east"}) == pytest.approx(1, rel=1e-9)
    assert units_touched(instance, tables, {"east", "west"}) == pytest.approx(2, rel=1e-9)


def test_nothing_delivered_touches_nothing():
    idle = plants(demand=[{"customer": "shop", "item": "unit", "quantity": 0, "price": 100}])
    assert units_touched(idle, toys.solve(idle).tables, {"east"}) == 0
