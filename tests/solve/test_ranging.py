"""Shadow prices and where they hold, against programs solved by hand."""

import math
import time

import pytest
from portions import portion_of_rows
from toys import policy, program, row_number, tiny, toy, two_plants

from planner.solve.ranging import INTEGERS_HELD, TIME, Target, price_ranges
from planner.solve.resolver import Resolver


def plants(east, west=None, **fields):
    """East makes at 1, west at 3, an order of 10 that costs 100 a unit to lose (unless fields say otherwise)."""
    rows = [{"site": "east", "capacity": east}]
    if west is not None:
        rows.append({"site": "west", "capacity": west})
    return program(two_plants(capacities=rows, **fields))


def of_east(asked, **options):
    row = row_number(asked, "capacity", "east", "east", "1")
    (found,) = price_ranges(Resolver(asked, **options), [Target(row, least=0.0)])
    return found


def check(found, price, start, end):
    assert found.shadow_price == pytest.approx(price, abs=1e-9)
    for side, expected in ((found.valid_from, start), (found.valid_to, end)):
        assert side == (None if expected is None else pytest.approx(expected, abs=1e-6))
    assert found.verified
    assert found.reason == ""


@pytest.mark.parametrize(
    ("east", "west", "price", "start", "end"),
    portion_of_rows(
        [
            (6, None, 2, 0, 10),
            (0, None, 2, 0, 10),
            (5, 3, 99, 0, 7),
            (8, 3, 2, 7, 10),
            (12, 3, 0, 10, None),  # not binding: from what is used
            # corners: what one more unit saves, not one less
            (10, None, 0, 10, None),
            (7, 3, 2, 7, 10),
        ],
        quick=3,
    ),
)
def test_capacity_of_the_cheap_plant(east, west, price, start, end):
    check(of_east(plants(east, west)), price, start, end)


@pytest.mark.parametrize("east", [5, 6])
def test_an_end_beyond_which_there_is_no_plan(east):
    """All must be served: with less than 5 in the east there is no plan."""
    served = [{"customer": "shop", "item": "unit", "quantity": 10, "must_serve": 1}]
    check(of_east(plants(east, 5, demand=served)), 2, 5, 10)


def test_many_pieces():
    """The cost of n plants, each dearer: the row of one more unit in the order of their costs."""
    count = 6
    sites = [{"site": f"s{k}", "region": "TW"} for k in range(count)]
    asked = program(
        tiny(
            sites=sites,
            processes=[{"site": f"s{k}", "item": "unit", "unit_cost": 1 + k * k} for k in range(count)],
            capacities=[{"site": f"s{k}", "capacity": 3 if k else 4} for k in range(count)],
            lanes=[{"from": "region:TW", "to": "shop"}],
        )
    )
    # 4 + 3 + 3: the last plant at work is s2 (cost 5), exactly full; a unit more in s0 idles s2
    row = row_number(asked, "capacity", "s0", "s0", "1")
    (found,) = price_ranges(Resolver(asked), [Target(row, least=0.0)])
    check(found, 5 - 1, 4, 7)


def test_a_promise():
    """Losing a unit costs 0.5, making it 1: each unit promised costs 0.5, whatever is promised."""
    order = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 9, "lost_cost": 0.5, "must_serve": 0.6}]
    asked = program(tiny(demand=order))
    (found,) = price_ranges(Resolver(asked), [Target(asked.lost.first, bound=True, least=0.0, most=10.0)])
    assert found.figure == pytest.approx(4)
    check(found, 0.5, 0, 10)


@pytest.mark.parametrize(("rows", "start"), [(7, 6), (6, 6)])
def test_capacity_that_an_option_adds_to(rows, start):
    """An option gives up to 4 more at 1 a unit: below 6 of its own it is full, and west makes the rest."""
    option = {"option": "more", "site": "east", "period": "1", "capacity": 4, "unit_cost": 1}
    check(of_east(plants(rows, expansions=[option])), 1, start, 10)


def test_a_limit_over_units_inside():
    """Half of 10 in TW: one more unit inside saves 2, until all or nothing is made there."""
    asked = program(two_plants(), policy({"stage": "make", "of": "TW", "max_share": 0.5}))
    row = row_number(asked, "stage_limit", "l1", "TW", "1")
    (found,) = price_ranges(Resolver(asked), [Target(row)])
    check(found, 2, -5, 5)


def test_what_is_not_done_in_time_is_said():
    asked = plants(6)
    resolver = Resolver(asked)
    resolver.deadline = time.perf_counter() - 1
    row = row_number(asked, "capacity", "east", "east", "1")
    (found,) = price_ranges(resolver, [Target(row, least=0.0)])
    assert not found.verified
    assert found.reason == TIME
    assert math.isnan(found.shadow_price)


def test_without_a_baseline_every_price_is_unknown():
    found = of_east(plants(6), deadline=time.perf_counter() - 1)
    assert (found.verified, found.reason) == (False, TIME)


def test_held_integers_are_said():
    asked = program(toy())
    resolver = Resolver(asked, held=Resolver(asked).baseline.values)
    start, rows = asked.family_rows("capacity")
    found = price_ranges(resolver, [Target(start + row, least=0.0) for row in range(len(rows))])
    assert {part.reason for part in found} == {INTEGERS_HELD}
    assert all(part.verified for part in found)


def test_two_models_answer_as_one():
    asked = program(toy(expansions=[]))
    start, rows = asked.family_rows("capacity")
    targets = [Target(start + row, least=0.0) for row in range(len(rows))]
    assert price_ranges(Resolver(asked), targets) == price_ranges(Resolver(asked), targets, threads=2)


def test_a_corner_that_no_solve_can_tell_from_noise_is_none():
    """One more unit from the east idles mid (saves 2.000002), from 7 on west (saves 2), from 10 on nothing."""
    asked = program(
        tiny(
            sites=[{"site": site, "region": "TW"} for site in ("east", "west", "mid")],
            processes=[
                {"site": site, "item": "unit", "unit_cost": cost}
                for site, cost in (("east", 1), ("west", 3), ("mid", 3.000002))
            ],
            capacities=[{"site": site, "capacity": most} for site, most in (("east", 4), ("west", 3), ("mid", 9))],
            lanes=[{"from": "region:TW", "to": "shop"}],
        )
    )
    row = row_number(asked, "capacity", "east", "east", "1")
    (found,) = price_ranges(Resolver(asked), [Target(row, least=0.0)])
    check(found, 2.000002, 0, 10)
