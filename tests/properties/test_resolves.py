"""On random instances: a live re-solve equals a rebuild, and a shadow price is a finite difference that holds as said.

The costs that prices are held against come from the program's matrix, written anew for HiGHS row by row.
"""

import random
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from planned import given
from portions import portion
from random_instances import seeds
from toys import least_cost, program

from planner.errors import InfeasibleError
from planner.instance.policy import Policy
from planner.plan.columns import COLUMNS
from planner.plan.planning import solve
from planner.plan.price_checks import with_ranges
from planner.solve.ranging import Target, price_ranges
from planner.solve.resolver import Resolver
from planner.solve.solution import Status

SEEDS = seeds(10, start=2000, integers=False)
INTEGER_SEEDS = seeds(4, start=2100)
MOST = 4  # priced figures of an instance
INSIDE, OUTSIDE = 1e-3, 1e-2  # of the length of a range, and of the figure


@cache
def asked(seed, **options):
    _, instance, chosen = given(seed, **options)
    return program(instance, None if chosen is None else Policy.model_validate(chosen))


@cache
def resolver_of(seed):
    return Resolver(asked(seed, integers=False))


def disturbed(numbers, made, seed):
    """Some costs, bounds of starts and right-hand sides changed, in one of several ways."""
    rng = np.random.default_rng(seed)
    cost, upper, right = numbers.cost.copy(), numbers.upper.copy(), numbers.right.copy()
    kind = seed % 4
    if kind in {0, 3}:
        cost *= rng.uniform(0.7, 1.4, len(cost))
    if kind in {1, 3}:
        upper[made][rng.random(len(upper[made])) < 0.2] = 0.0
    if kind in {2, 3}:
        right *= rng.uniform(0.9, 1.2, len(right))
    return replace(numbers, cost=cost, upper=upper, right=right)


@pytest.mark.parametrize("seed", portion(SEEDS, quick=3))
def test_live_equals_rebuild(seed):
    base = asked(seed, integers=False)
    resolver = resolver_of(seed)
    made = base.make.span
    order = list(range(8))
    random.Random(seed).shuffle(order)
    for number in order:
        numbers = disturbed(base.numbers, made, number)
        found = resolver.resolve(numbers)
        expected = least_cost(rebuilt(base, numbers))
        if expected is None:
            assert found.status is Status.INFEASIBLE
        else:
            assert found.objective == pytest.approx(expected, rel=1e-8, abs=1e-6)
    again = resolver.resolve(base.numbers)
    assert again.status is resolver.baseline.status
    if again.status is Status.OPTIMAL:
        assert again.objective == pytest.approx(resolver.baseline.objective, rel=1e-10)


def rebuilt(base, numbers):
    """The same program with other numbers, in which its rows are written anew."""
    start, families = 0, []
    for rows in base.families:
        families.append(replace(rows, right=numbers.right[start : start + len(rows)]))
        start += len(rows)
    return replace(base, numbers=numbers, families=tuple(families))


def targets(base):
    found = [Target(base.lost.first + at, bound=True, least=0.0) for at in range(len(base.lost))]
    for name in ("capacity", "lane_capacity", "stage_limit"):
        start, rows = base.family_rows(name)
        least = -np.inf if name == "stage_limit" else 0.0
        found += [Target(start + row, least=least) for row in range(len(rows))]
    return found


def cost_at(base, target, figure):
    if target.bound:
        upper = base.numbers.upper.copy()
        upper[target.number] = figure
        return least_cost(rebuilt(base, replace(base.numbers, upper=upper)))
    return least_cost(base, shift={target.number: figure - base.numbers.right[target.number]})


@pytest.mark.parametrize("seed", portion(SEEDS, quick=3))
def test_prices_are_finite_differences_and_hold_as_far_as_said(seed):
    base = asked(seed, integers=False)
    resolver = resolver_of(seed)
    if resolver.baseline.status is not Status.OPTIMAL:
        pytest.skip("no plan, no prices")
    now = resolver.baseline.objective
    found = price_ranges(resolver, targets(base))
    assert all(part.verified for part in found)
    largest = sorted(found, key=lambda part: -part.shadow_price)
    level = [part for part in found if part.shadow_price == 0][:2]
    for part in [*largest[:MOST], *level]:
        slack = 1e-9 * (1 + abs(now))
        start = part.target.least if part.valid_from is None else part.valid_from
        end = part.figure + 10 * (1 + abs(part.figure)) if part.valid_to is None else part.valid_to
        assert start <= part.figure + 1e-9
        assert part.figure <= end + 1e-9
        span = end - max(start, part.figure - 1e3)
        for figure in (max(start, part.figure - 1e3) + INSIDE * span, end - INSIDE * span):
            line = now - part.shadow_price * (figure - part.figure)
            assert cost_at(base, part.target, figure) == pytest.approx(line, abs=slack + 1e-7 * abs(line - now)), part
        step = OUTSIDE * (1 + abs(part.figure))
        if part.shadow_price > 0 and part.valid_to is not None:
            line = now - part.shadow_price * (end + step - part.figure)
            assert cost_at(base, part.target, end + step) > line, part
        if part.shadow_price > 0 and part.valid_from is not None and part.valid_from - step >= part.target.least:
            line = now - part.shadow_price * (start - step - part.figure)
            beyond = cost_at(base, part.target, start - step)
            assert beyond is None or beyond > line, part


@pytest.mark.parametrize("seed", portion(SEEDS[:6], quick=2))
def test_the_table_contains_its_capacity(seed):
    base = asked(seed, integers=False)
    if resolver_of(seed).baseline.status is not Status.OPTIMAL:
        pytest.skip("no plan, no prices")
    plan = solve(base)
    table, checks = with_ranges(plan.choke_points, base, plan.values)
    assert list(table.columns) == list(COLUMNS["choke_points"])
    assert len(table) == len(checks) == len(plan.choke_points)
    assert table.drop(columns=["shadow_price", "valid_from", "valid_to"]).equals(
        plan.choke_points.drop(columns=["shadow_price", "valid_from", "valid_to"])
    )
    slack = 1e-6 * (1 + table["capacity"].abs())
    assert not (table["valid_from"] > table["capacity"] + slack).any()
    assert not (table["valid_to"] < table["capacity"] - slack).any()
    assert (checks["verified"] | (checks["reason"] != "")).all()
    # the plan itself says what one unit more saves
    assert table["shadow_price"].tolist() == pytest.approx(
        plan.choke_points["shadow_price"].tolist(), rel=1e-6, abs=1e-6
    )


@pytest.mark.parametrize("seed", portion(INTEGER_SEEDS, quick=1))
def test_with_integers_prices_are_of_the_program_that_holds_them(seed):
    base = asked(seed)
    try:
        plan = solve(base)
    except InfeasibleError:
        pytest.skip("no plan, no prices")
    table, checks = with_ranges(plan.choke_points, base, plan.values)
    assert (checks["verified"] | (checks["reason"] != "")).all()
    assert (table["shadow_price"] >= 0).all()
