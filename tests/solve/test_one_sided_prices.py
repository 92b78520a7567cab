"""Both sides of a shadow price on plants and orders that can be solved in the head."""

import math
import time

import pytest
import toys
from portions import portion

import planner
from planner.solve import solve_program
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.highs_model import HighsModel
from planner.solve.one_sided_prices import one_sided_prices
from planner.solve.solve_program import SolveOptions

THREE = {
    "sites": [{"site": name, "region": "TW"} for name in ("one", "two", "three")],
    "processes": [
        {"site": "one", "item": "unit", "unit_cost": 1},
        {"site": "two", "item": "unit", "unit_cost": 4},
        {"site": "three", "item": "unit", "unit_cost": 9},
    ],
    "lanes": [{"from": "region:TW", "to": "shop"}],
}
MUST = [{"customer": "shop", "item": "unit", "quantity": 10, "must_serve": 1}]


def three(*capacities, demand=None):
    """Three plants, each dearer than the one before, and an order of 10 that costs 100 a unit to lose."""
    rows = [
        {"site": name, "capacity": figure} for name, figure in zip(("one", "two", "three"), capacities, strict=True)
    ]
    return toys.tiny(**THREE, capacities=rows, **({} if demand is None else {"demand": demand}))


def sides(program, cold=False):
    """Of each plant: what one more saves and one less costs."""
    prices = solve_program(program, SolveOptions(cold=cold)).prices
    start, rows = program.family_rows("capacity")
    at = {site: start + number for number, site in enumerate(rows.labels["site"])}
    return {site: (prices.more[row], prices.less[row]) for site, row in at.items()}


@pytest.mark.parametrize("cold", portion([False, True], quick=4))
@pytest.mark.parametrize(
    ("capacities", "expected"),
    [
        # straight: the second plant has room
        ((4, 9, 9), {"one": (3, 3), "two": (0, 0), "three": (0, 0)}),
        # the second plant is exactly full: more of the first spares it, less of the first needs the third
        ((4, 6, 9), {"one": (3, 8), "two": (0, 5), "three": (0, 0)}),
        # all three are exactly full: less of any loses an order
        ((4, 3, 3), {"one": (8, 99), "two": (5, 96), "three": (0, 91)}),
        # the first is exactly enough
        ((10, 6, 9), {"one": (0, 3), "two": (0, 0), "three": (0, 0)}),
        # nothing can be less than nothing
        ((0, 10, 0), {"one": (3, math.nan), "two": (0, 96), "three": (0, math.nan)}),
    ],
)
def test_three_plants(capacities, expected, cold):
    found = sides(toys.program(three(*capacities)), cold)
    assert found == {site: pytest.approx(pair, abs=1e-9, nan_ok=True) for site, pair in expected.items()}


def test_no_plan_with_any_less():
    found = sides(toys.program(three(4, 3, 3, demand=MUST)))
    assert found == {"one": (8, math.inf), "two": (5, math.inf), "three": (0, math.inf)}


def test_a_limit_and_a_promise():
    """At most half of what is made in TW (at 1), room for 4 in the US (at 3), 8 of 10 are promised: nothing is left over.

    A pair of one each costs 4 and spares 5 for lost orders, so that a promise of one unit less would save nothing, and
    one more unit in the US saves 1. The cap is of what is made inside less half of all: one more unit of it is two
    units inside without another elsewhere, which cost 2 and spare 5. One unit less of the US or of the cap breaks the
    promise, and one unit more of that cannot be kept.
    """
    instance = toys.two_plants(
        demand=[{"customer": "shop", "item": "unit", "quantity": 10, "lost_cost": 2.5, "must_serve": 0.8}],
        capacities=[{"site": "west", "capacity": 4}],
    )
    plan = planner.solve(instance, policy=toys.policy({"stage": "make", "of": "TW", "max_share": 0.5}))
    assert plan.service["delivered"].tolist() == [8]
    prices = plan.choke_points.set_index("kind")["shadow_price"]
    assert prices.to_dict() == pytest.approx({"resource": 1, "limit": 3, "must_serve": 0})
    sides = plan.tables["price_sides"].set_index("kind")["one_less_costs"]
    assert sides.to_dict() == {"resource": math.inf, "limit": math.inf, "must_serve": math.inf}


def test_where_nothing_turns_there_is_no_row():
    plan = toys.solve(three(4, 9, 9))
    assert plan.tables["price_sides"].empty
    assert list(plan.tables["price_sides"].columns) == [
        *("kind", "name", "site", "period", "shadow_price", "one_less_costs")
    ]


def test_without_time_what_the_basis_does_not_show_is_left_open():
    program = toys.program(three(4, 6, 9))
    live = HighsModel.of(program.problem)
    assert live.run(Algorithm.SIMPLEX) is Outcome.OPTIMAL
    live.deadline, before = time.perf_counter(), live.values().tolist()
    late = one_sided_prices(program, live)
    assert live.values().tolist() == pytest.approx(before)
    live.deadline = None
    assert live.run(Algorithm.SIMPLEX) is Outcome.OPTIMAL
    whole = one_sided_prices(program, live)
    start, rows = program.family_rows("capacity")
    part = slice(start, start + len(rows))
    for some, all_of in ((late.more, whole.more), (late.less, whole.less)):
        for found, right in zip(some[part], all_of[part], strict=True):
            assert math.isnan(found) or found == pytest.approx(right)
    assert any(map(math.isnan, (*late.more[part], *late.less[part])))


def test_the_model_is_left_as_it_was():
    program = toys.program(three(4, 3, 3))
    live = HighsModel.of(program.problem)
    live.run(Algorithm.SIMPLEX)
    before = [part.tolist() for part in (*live.bounds(), live.values(), live.row_duals())]
    one_sided_prices(program, live)
    assert [part.tolist() for part in (*live.bounds(), live.values(), live.row_duals())] == before
