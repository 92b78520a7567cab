"""A shadow price is what one more unit saves: one-sided differences of the least cost bracket it.

The differences come from the second formulation, so that a price cannot confirm itself.
"""

from copy import deepcopy

import pytest
from own_program import INFEASIBLE, least_cost
from planned import given, planned
from portions import portion
from random_instances import seeds
from recompute import records

STEP = 0.5
SEEDS = seeds(12, start=1000, integers=False)
LIMITED_LANES = [1100, 1101, 1102, 1103, 1104, 1106]
MOST = 3  # rows of a kind and instance


def cost(mapping, policy):
    found = least_cost(mapping, policy)
    return float("inf") if found == INFEASIBLE else found


def by_period(rows, labels, window):
    """Rows with one period each."""
    return [{**row, "period": labels[t]} for row in rows for t in window(row.get("period", "*"))]


def bracket(now, less, more, price, step):
    """cost(b) - cost(b + h) <= price * h <= cost(b - h) - cost(b)."""
    slack = 1e-6 * (1 + abs(now))
    assert now - more <= price * step + slack, (now, more, price)
    assert price * step <= less - now + slack, (now, less, price)


def moved(mapping, table, row, column, figure):
    out = deepcopy(mapping)
    out[table] = [{**part, column: figure} if part == row else part for part in out[table]]
    return out


def spelled_out(seed):
    mapping, instance, policy = given(seed, integers=False)
    out = deepcopy(mapping)
    for table in ("capacities", "lane_capacities", "demand"):
        if table in out:
            out[table] = by_period(out[table], instance.periods.labels, instance.periods.window)
    return out, policy


def points(seed, kind):
    """Choke points of a kind, those with a price first."""
    plan = planned(seed, integers=False)
    if plan is None:
        pytest.skip("no plan, no prices")
    found = [row for row in records(plan, "choke_points") if row["kind"] == kind]
    return plan, sorted(found, key=lambda row: -row["shadow_price"])[:MOST]


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_price_of_a_capacity(seed):
    mapping, policy = spelled_out(seed)
    plan, found = points(seed, "resource")
    for point in found:
        rows = [
            row
            for row in mapping["capacities"]
            if row["site"] == point["site"]
            and row.get("resource", row["site"]) == point["name"]
            and row["period"] == point["period"]
        ]
        if not rows:
            continue  # 0 where no row covers the period
        step = min(STEP, rows[0]["capacity"])
        less, more = (
            cost(moved(mapping, "capacities", rows[0], "capacity", rows[0]["capacity"] + change), policy)
            for change in (-step, step)
        )
        bracket(plan.objective, less, more, point["shadow_price"], step)


@pytest.mark.parametrize("seed", portion(LIMITED_LANES, quick=1))
def test_price_of_a_lane(seed):
    mapping, policy = spelled_out(seed)
    assert mapping["lane_capacities"]
    plan, found = points(seed, "lane")
    for point in found:
        rows = [
            row
            for row in mapping["lane_capacities"]
            if point["period"] == row["period"]
            and f"{row['from']} > {row['to']}" + ("" if row["item"] == "*" else f" {row['item']}") == point["name"]
        ]
        if not rows:
            continue  # a wide row
        step = min(STEP, rows[0]["capacity"])
        less, more = (
            cost(moved(mapping, "lane_capacities", rows[0], "capacity", rows[0]["capacity"] + change), policy)
            for change in (-step, step)
        )
        bracket(plan.objective, less, more, point["shadow_price"], step)


@pytest.mark.parametrize("seed", portion(SEEDS, quick=4))
def test_price_of_a_promise(seed):
    """What one unit less of what must be served would save."""
    mapping, policy = spelled_out(seed)
    plan, found = points(seed, "must_serve")
    for point in found:
        row = next(
            row
            for row in mapping["demand"]
            if f"{row['customer']}/{row['item']}" == point["name"] and row["period"] == point["period"]
        )
        if row.get("must_serve") is None or row["quantity"] < 2 * STEP:
            continue
        share = STEP / row["quantity"]
        if not share <= row["must_serve"] <= 1 - share:
            continue
        looser, tighter = (
            cost(moved(mapping, "demand", row, "must_serve", row["must_serve"] + change), policy)
            for change in (-share, share)
        )
        bracket(plan.objective, tighter, looser, point["shadow_price"], STEP)


@pytest.mark.parametrize("seed", portion(SEEDS[:8], quick=3))
def test_price_of_a_soft_limit_is_its_cost_where_it_is_passed(seed):
    mapping, instance, policy = given(seed, integers=False)
    plan = planned(seed, integers=False)
    if plan is None or policy is None:
        pytest.skip("no limits here")
    soft = {limit["name"]: limit.get("soft_cost") for limit in policy["limits"]}
    rate = mapping["discount_rate"]
    for row in records(plan, "limits"):
        assert row["shadow_price"] >= -1e-9
        if soft[row["limit"]] is None:
            continue
        limit = next(part for part in policy["limits"] if part["name"] == row["limit"])
        window = instance.periods.window(limit.get("period", "*"))
        t = window[-1] if row["period"] == "horizon" else instance.periods.index[row["period"]]
        price = soft[row["limit"]] * (1 + rate) ** (-t * instance.periods.years_a_period)
        assert row["shadow_price"] <= price * (1 + 1e-6)
        if row["excess"] > 1e-6:
            assert row["shadow_price"] == pytest.approx(price, rel=1e-6)
