"""The audit's largest shares free of a region, held against maxima of the second formulation."""

import pytest
from portions import portion

from oracle.free import Free
from oracle.planners import loaded, mixed
from planner.study.audit.largest_free_share import avoidable, free_of

FAILED_ONCE = [2009, 2020]  # orders of a component as well, and units owed from before
CLOSE = {"rel": 1e-6, "abs": 1e-6}


@pytest.mark.parametrize("seed", [*FAILED_ONCE, *portion(mixed(5000), 1)])
def test_what_can_be_free_of_each_region(seed):
    mapping, instance = loaded(seed)
    if instance is None:
        return
    found = free_of(instance, avoidable(instance))
    reported, at = list(instance.report_periods), instance.periods.index
    products = set(found.verdicts["product"]) - {"*"}
    for row in found.verdicts.to_dict("records"):
        free = Free(mapping, row["region"], products if row["product"] == "*" else {row["product"]})
        demand = sum(free.demand(t) for t in reported)
        assert row["demand"] == pytest.approx(demand)
        assert row["units"] == pytest.approx(min(demand, free.units(reported)), **CLOSE)
        assert row["every_period"] == pytest.approx(free.share(reported), **CLOSE)
        periods = found.periods[found.periods["region"].eq(row["region"]) & found.periods["product"].eq(row["product"])]
        for part in periods.to_dict("records")[:2]:
            t = at[part["period"]]
            assert part["units"] == pytest.approx(min(free.demand(t), free.units([t])), **CLOSE)
            if free.demand(t) > 0:
                assert part["lasting"] == pytest.approx(free.share([late for late in reported if late >= t]), **CLOSE)
