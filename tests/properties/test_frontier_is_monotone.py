"""On random instances: a frontier never rises as its limit loosens, is convex for floors, and is what fresh solves say.

The costs that it is held against come from the program of the policy at each level, written anew.
"""

import random
from functools import cache

import numpy as np
import pytest
from portions import portion
from random_instances import random_instance, seeds
from toys import least_cost, program

import planner
from planner.instance.policy import Policy
from planner.study.frontier.levels import Levels
from planner.study.frontier.price_of_resilience import frontier

FLOORS, CAPS = seeds(6, start=5000, integers=False), seeds(6, start=5100, integers=False)
INTEGERS = seeds(2, start=5200)
LEVELS = 4  # random levels of a curve
STEP = 1e-3


def limited(seed, *, floor, integers=False):
    """An instance and a policy: a pathway floor of every second seed has a price, a cap is on a stage or a pathway."""
    mapping = random_instance(seed, integers=integers, limits=False)
    rng = random.Random(seed)
    region = rng.choice(sorted({row["region"] for row in mapping["sites"]}))
    limit = {"name": "moved", "measure": "pathway", "of": region, "per": rng.choice(["period", "horizon"])}
    if floor:
        limit["min_free"] = 0.3
    else:
        limit["max_share"] = 0.6
        if rng.random() < 0.6:
            limit |= {"measure": "stage", "stage": rng.choice(mapping["stages"]), "of": rng.choice([region, "each"])}
    if rng.random() < 0.5:
        limit["soft_cost"] = rng.choice([2.0, 20.0])
    return planner.load_instance(mapping), Policy.model_validate({"name": "p", "limits": [limit]})


@cache
def drawn(seed, *, floor, integers=False):
    given, chosen = limited(seed, floor=floor, integers=integers)
    error = 0.02 if integers else None
    start, stop = (0.0, 1.0) if floor else (1.0, 0.1)
    return frontier(given, chosen, ["moved"], Levels(start=start, stop=stop, error=error), marks=False)


def fresh(seed, level, *, floor, integers=False):
    given, chosen = limited(seed, floor=floor, integers=integers)
    [limit] = chosen.limits
    field = "min_free" if floor else "max_share"
    moved = limit.model_copy(update={field: level})
    return least_cost(program(given, chosen.model_copy(update={"limits": (moved,)})))


def tolerance(found):
    return 1e-6 * (1 + abs(float(found.tightening["cost"].max())))


@pytest.mark.parametrize("seed", portion(FLOORS, quick=1))
def test_floors_are_convex_and_equal_fresh_solves(seed):
    found = drawn(seed, floor=True)
    table = found.tightening
    if table.empty:
        assert fresh(seed, 0.0, floor=True) is None
        return
    levels, costs = table["level"].to_numpy(), table["cost"].to_numpy()
    assert (np.diff(costs) >= -tolerance(found)).all()
    prices = table["price_beyond"].to_numpy()[:-1]
    widths = np.diff(levels)
    assert (np.diff(prices) * 100 * np.minimum(widths[1:], widths[:-1]) >= -tolerance(found)).all()
    for level in np.random.default_rng(seed).uniform(levels[0], levels[-1], LEVELS):
        low, high = found.cost_at(level)
        expected = fresh(seed, level, floor=True)
        assert low - tolerance(found) <= expected <= high + tolerance(found)
    _check_end(found, seed, floor=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", portion(FLOORS, quick=1))
def test_the_slope_of_a_floor_is_a_finite_difference(seed):
    found = drawn(seed, floor=True)
    table = found.tightening
    wide = [row for row, width in zip(table.itertuples(), np.diff(table["level"]), strict=False) if width > 3 * STEP]
    for row in wide[:3]:
        before, after = (fresh(seed, row.level + step, floor=True) for step in (STEP, 2 * STEP))
        slack = 2 * found.error + 1e-7 * (1 + abs(before))
        assert after - before == pytest.approx(row.price_beyond * 100 * STEP, rel=1e-6, abs=slack)
        low, high = row.price_per_point, row.price_beyond
        assert low <= high + slack  # row duals: not above the tighter side


@pytest.mark.parametrize("seed", portion(CAPS, quick=1))
def test_caps_never_rise_and_hold_fresh_solves(seed):
    found = drawn(seed, floor=False)
    table = found.tightening
    if table.empty:
        assert fresh(seed, 1.0, floor=False) is None
        return
    levels, costs = table["level"].to_numpy(), table["cost"].to_numpy()
    assert (np.diff(costs) >= -tolerance(found)).all()
    jumps = [(part.tighter, part.looser) for part in found.breaks if part.kind == "jump"]
    for level in np.random.default_rng(seed).uniform(levels[-1], levels[0], LEVELS):
        low, high = found.cost_at(level)
        expected = fresh(seed, level, floor=False)
        assert low - tolerance(found) <= expected <= high + tolerance(found)
        if not any(low <= level <= high for low, high in jumps):
            line = np.interp(level, levels[::-1], costs[::-1])
            assert abs(line - expected) <= found.error + tolerance(found)
    for row in table.iloc[[0, len(table) // 2, -1]].itertuples():
        assert row.cost == pytest.approx(fresh(seed, row.level, floor=False), rel=1e-6, abs=1e-6)
    _check_end(found, seed, floor=False)


@pytest.mark.parametrize("seed", portion(CAPS, quick=1))
def test_the_slope_of_a_cap_is_a_finite_difference(seed):
    found = drawn(seed, floor=False)
    small = 1e-5
    checked = 0
    for row in found.tightening.iloc[1:-1:5].itertuples():
        looser, tighter = (fresh(seed, row.level + step, floor=False) for step in (small, -small))
        if looser is None or tighter is None:
            continue
        checked += 1
        ahead, behind = (0.01 * (tighter - row.cost) / small, 0.01 * (row.cost - looser) / small)
        slack = 1e-3 * (1 + abs(ahead) + abs(behind)) + 1e-4 * (1 + abs(row.cost)) * 0.01
        assert min(ahead, behind) - slack <= row.price_per_point <= max(ahead, behind) + slack
    assert checked


@pytest.mark.parametrize("seed", portion(INTEGERS, quick=0))
def test_integers_never_rise(seed):
    found = drawn(seed, floor=False, integers=True)
    table = found.tightening
    assert (np.diff(table["cost"]) >= -10 * tolerance(found)).all()
    for row in table.iloc[:: max(1, len(table) // 4)].itertuples():
        expected = fresh(seed, row.level, floor=False, integers=True)
        assert row.cost == pytest.approx(expected, rel=3e-6, abs=1e-6)


def _check_end(found, seed, *, floor):
    """Where the curve ends before its range does, there is no plan beyond."""
    gaps = [part for part in found.breaks if part.kind == "gap"]
    for gap in gaps:
        assert gap.conflict
        beyond = gap.looser + (2e-4 if floor else -2e-4)
        if min(gap.looser, gap.tighter) < beyond < max(gap.looser, gap.tighter):
            assert fresh(seed, beyond, floor=floor) is None
