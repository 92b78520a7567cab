"""What HiGHS takes for no coefficient or cost: an estimate stays below it, and a program with one is refused.

PuLP went on with a model without rows, which was then solved as if it were the program.
"""

import pytest

import planner

PARTS = [("x", "y", 1000), ("y", "z", 1000)]  # with a yield of 1e-4 each: 1e14 of z for a unit of x


def instance(lot, **tables):
    return planner.load_instance(
        {
            "name": "large",
            "sites": [{"site": "a", "region": "A"}],
            "items": [{"item": item, "stage": stage} for item, stage in (("z", "raw"), ("y", "part"), ("x", "final"))],
            "stages": ["raw", "part", "final"],
            "processes": [
                {"site": "a", "item": "x", "yield": 1e-4},
                {"site": "a", "item": "y", "yield": 1e-4},
                {"site": "a", "item": "z", "unit_cost": 1, "min_lot": lot},
            ],
            "components": [{"item": item, "component": part, "quantity": size} for item, part, size in PARTS],
            "customers": [{"customer": "c", "region": "A"}],
            "demand": [{"customer": "c", "item": "x", "quantity": 100, "lost_cost": 5}],
            "lanes": [{"from": "a", "to": "c"}],
            **tables,
        }
    )


@pytest.mark.parametrize("room", [[], [{"site": "a", "capacity": 9e14}]], ids=["no capacity", "one as large"])
def test_lots_of_which_more_can_be_needed_than_a_solver_takes(room):
    """100 of x would take 1e16 of z at 1 each: they are lost at 5."""
    assert planner.solve(instance(3, capacities=room)).objective == pytest.approx(500)


def test_a_row_of_your_own_that_no_solver_takes_is_refused():
    program = planner.formulate(instance(0))
    program.problem += 1e16 * program.make["a", "z", "standard", "1"] >= 0, "our own"
    with pytest.raises(planner.SolverError, match="does not take the program"):
        planner.solve(program)


def test_a_cost_that_no_solver_takes_is_refused():
    """A holding rate of 1e10 of a value of 1e12: 1e22 a unit a period."""
    items = [
        {"item": item, "stage": stage, "value": 1e12 if item == "z" else 0}
        for item, stage in (("z", "raw"), ("y", "part"), ("x", "final"))
    ]
    stocks = [{"site": "a", "item": "z", "opening": 5}]
    with pytest.raises(planner.SolverError, match="one of its costs is 1e20 or more"):
        planner.solve(instance(0, items=items, stocks=stocks, holding_rate=1e10, periods=["1", "2"]))
