"""A frozen zone past the horizon of the earlier run let nothing start there, as if that run had meant it so."""

import pytest
import toys

import planner
from planner.errors import UsageError


@pytest.mark.parametrize("break_cost", [None, 1.0])
def test_it_is_refused(break_cost):
    earlier = planner.solve(toys.tiny(periods=["a", "b"]))
    longer = toys.tiny(periods=["a", "b", "c"])
    with pytest.raises(UsageError, match=r"has c, but the earlier run plans a to b: .* Freeze periods that it plans"):
        planner.solve(longer, stay_close_to=planner.Closeness(earlier, "b..", break_cost))
    kept = planner.solve(longer, stay_close_to=planner.Closeness(earlier, "b", break_cost))
    assert kept.service_summary["lost"] == 0
