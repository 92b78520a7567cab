"""Curves that can be solved in the head, and what is said of them."""

import json
import math
import time

import numpy as np
import pytest
from toys import least_cost, policy, program, tiny, toy, two_plants

import planner
from planner.errors import LimitReachedError, UsageError
from planner.instance.policy import Limit
from planner.solve.conflict import TOO_LATE
from planner.study.frontier import level_solves as frontier_sweep
from planner.study.frontier.levels import Levels
from planner.study.frontier.points_journal import JOURNAL
from planner.study.frontier.price_of_resilience import added_limit, frontier
from planner.study.progress import Effort

FREE = {"measure": "pathway", "of": "TW", "min_free": 0.5, "per": "horizon"}
SOFT = {**FREE, "soft_cost": 20}


def steps(**tables):
    """East (TW) makes at 1, west at 3 up to 4 units, far at 8 up to 3; 10 are ordered at 100."""
    return two_plants(
        sites=[{"site": "east", "region": "TW"}, {"site": "west", "region": "US"}, {"site": "far", "region": "JP"}],
        processes=[
            {"site": site, "item": "unit", "unit_cost": cost} for site, cost in (("east", 1), ("west", 3), ("far", 8))
        ],
        capacities=[{"site": "west", "capacity": 4}, {"site": "far", "capacity": 3}],
        lanes=[{"from": site, "to": "shop"} for site in ("east", "west", "far")],
        **tables,
    )


def pairs(**demand):
    """A unit of a part from TW and one from the US, each at 1 and 10 at most, nothing kept: the share is a half."""
    return tiny(
        stages=["part", "final"],
        stock="listed",
        sites=[{"site": "a", "region": "TW"}, {"site": "b", "region": "US"}, {"site": "c", "region": "US"}],
        items=[{"item": "x", "stage": "part"}, {"item": "y", "stage": "part"}, {"item": "unit", "stage": "final"}],
        processes=[
            {"site": "a", "item": "x", "unit_cost": 1},
            {"site": "b", "item": "y", "unit_cost": 1},
            {"site": "c", "item": "unit"},
        ],
        components=[
            {"item": "unit", "component": "x", "quantity": 1},
            {"item": "unit", "component": "y", "quantity": 1},
        ],
        capacities=[{"site": "a", "capacity": 10}, {"site": "b", "capacity": 10}],
        lanes=[{"from": "a", "to": "c"}, {"from": "b", "to": "c"}, {"from": "c", "to": "shop"}],
        demand=[{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, **demand}],
    )


HALF = policy({"stage": "part", "of": "TW", "max_share": 0.6})


def kinds(found, kind):
    return [float(level) for level in found.points.loc[found.points["kind"] == kind, "level"]]


def at(found, level):
    table = found.points
    [row] = table[np.isclose(table["level"], level)].itertuples()
    return row


def test_two_breakpoints_and_slopes_by_hand():
    """From 0 to 40 % a unit costs 2 more, to 70 % 7 more, then the 20 of a missing one; 10 units are 100 points."""
    found = frontier(steps(), policy(SOFT), ["l1"], Levels(start=0, stop=1))
    assert found.exact
    assert found.error == 0
    assert kinds(found, "breakpoint") == [pytest.approx(0.4), pytest.approx(0.7)]
    for level, cost, price in ((0, 10, 0.2), (0.4, 18, 0.7), (0.5, 25, 0.7), (0.7, 39, 2.0)):
        assert at(found, level).cost == pytest.approx(cost)
        assert at(found, level).price_beyond == pytest.approx(price)
    assert at(found, 1).cost == pytest.approx(99)
    assert at(found, 0.5).kind == "policy"
    assert at(found, 0.5).price_per_point == pytest.approx(0.7)
    assert found.least == pytest.approx(10)
    assert found.solved < 15


@pytest.mark.slow
def test_the_price_here_is_that_of_the_tighter_side():
    """At no floor at all, and at every breakpoint, row duals can be those of either side."""
    found = frontier(steps(), policy(SOFT), ["l1"], Levels(start=0, stop=1, at=[0.4, 0.7]))
    prices = {round(row.level, 9): row.price_per_point for row in found.points.itertuples()}
    assert [prices[level] for level in (0, 0.4, 0.7, 1)] == pytest.approx([0.2, 0.7, 2.0, 2.0])
    cap = frontier(
        steps(), policy({"stage": "make", "of": "TW", "max_share": 0.5}), ["l1"], Levels(start=1, at=[0.6], stop=0.3)
    )
    assert [at(cap, level).price_per_point for level in (1, 0.6)] == pytest.approx([0.2, 0.7])
    ended = frontier(steps(), policy(SOFT), ["l1"], Levels(start=0, stop=0.7, hard=True))
    assert at(ended, 0.7).price_per_point == pytest.approx(0.7)  # nothing is tighter: what the last point cost


@pytest.mark.slow
def test_a_hard_floor_ends_where_no_plan_exists():
    found = frontier(steps(), policy(SOFT), ["l1"], Levels(start=0, stop=1, hard=True))
    assert kinds(found, "breakpoint") == [pytest.approx(0.4)]
    [gap] = found.breaks
    assert (gap.kind, gap.tighter) == ("gap", 1)
    assert gap.looser == pytest.approx(0.7, abs=1e-4)
    assert any("l1" in sentence for sentence in gap.conflict)
    assert found.points["status"].iloc[-1] == "infeasible"
    assert found.tightening["level"].iloc[-1] == gap.looser
    assert 0.7 < found.within(1000).beyond < 0.7001


@pytest.mark.slow
def test_a_range_without_any_plan():
    found = frontier(steps(), policy(FREE), ["l1"], Levels(start=0.8, stop=1))
    assert found.tightening.empty
    assert (found.breaks[0].kind, found.breaks[0].looser, found.breaks[0].tighter) == ("gap", 0.8, 1)
    assert math.isnan(found.within(0.1).level)


def test_a_cap_where_the_total_is_fixed_is_convex_with_its_breakpoint():
    """Above 60 % west's 4 units do not suffice: 7 a unit more, up to 30 %; nothing is lost before."""
    found = frontier(
        steps(), policy({"stage": "make", "of": "TW", "max_share": 0.5}), ["l1"], Levels(start=1, stop=0.3)
    )
    assert not found.exact
    assert [round(level, 6) for level in kinds(found, "breakpoint")] == [0.6]
    assert at(found, 1).cost == pytest.approx(10)
    assert at(found, 0.6).cost == pytest.approx(18)
    assert at(found, 0.5).cost == pytest.approx(25)
    assert at(found, 0.5).price_per_point == pytest.approx(0.7)
    assert at(found, 0.3).cost == pytest.approx(39)
    assert list(found.points["level"]) == sorted(found.points["level"], reverse=True)


def test_a_cap_that_only_lost_sales_can_meet_jumps():
    found = frontier(pairs(), HALF, ["l1"], Levels(start=1, stop=0.2))
    [jump] = found.breaks
    assert jump.kind == "jump"
    assert jump.tighter < 0.5 <= jump.looser
    assert jump.looser - jump.tighter <= 1.001e-4
    assert jump.cost == pytest.approx(1000 - 20)
    prices = found.points.set_index("level")[["price_per_point", "price_beyond"]]
    assert prices.loc[jump.looser].isna().all()  # a point tighter costs 980, and the duals there said less
    assert prices.drop(index=[jump.looser, 0.2]).notna().all(axis=None)
    assert at(found, 1).lost_units == pytest.approx(0, abs=1e-6)
    assert at(found, 0.2).lost_units == pytest.approx(10)


def test_a_cap_that_no_plan_can_meet_has_a_gap():
    found = frontier(pairs(must_serve=0.2), HALF, ["l1"], Levels(start=1, stop=0.2))
    [gap] = found.breaks
    assert gap.kind == "gap"
    assert 0.5 <= gap.looser < 0.5001
    assert gap.tighter == 0.2
    within = found.within(1000)
    assert within.level == gap.looser
    assert 0.4999 < within.beyond < 0.5  # the loosest level without a plan, not the last one with one


def test_a_curve_that_bends_the_other_way():
    """With parts to throw away: 10 of y and 10 s / (1 - s) of x; 1010 - 990 s / (1 - s), which is concave."""
    wasteful = pairs().replace(stocks=planner.load_instance({**pairs().as_mapping(), "stock": "anywhere"}).stocks)
    wasteful = planner.load_instance({**wasteful.as_mapping(), "stock": "anywhere"})
    found = frontier(wasteful, HALF, ["l1"], Levels(start=0.5, stop=0.05))
    table = found.tightening
    levels, costs = table["level"].to_numpy(), table["cost"].to_numpy()
    assert costs == pytest.approx(1010 - 990 * levels / (1 - levels))
    assert not found.breaks
    fine = np.linspace(0.05, 0.5, 2000)
    lines = np.interp(fine, levels[::-1], costs[::-1])
    assert np.abs(lines - (1010 - 990 * fine / (1 - fine))).max() <= 0.001 * (costs.max() - costs.min())
    inner = table[(table["level"] < 0.49) & (table["level"] > 0.06)]
    slope = 0.01 * 990 / (1 - inner["level"]) ** 2
    assert inner["price_per_point"].to_numpy() == pytest.approx(slope.to_numpy())


def test_several_limits_together():
    """Two shops of 10: what one of them is promised the other cannot be."""
    shops = {
        "customers": [{"customer": name, "region": "TW"} for name in ("shop", "store")],
        "demand": [{"customer": name, "item": "unit", "quantity": 10, "price": 100} for name in ("shop", "store")],
    }
    lanes = [{"from": site, "to": name} for site in ("east", "west", "far") for name in ("shop", "store")]
    given = planner.load_instance({**steps().as_mapping(), **shops, "lanes": lanes})
    both = policy(
        {**FREE, "name": "free-shop", "customers": ["shop"], "min_free": 0.1},
        {**FREE, "name": "free-store", "customers": ["store"], "min_free": 0.2},
    )
    found = frontier(given, both, ["free-*"], Levels(start=0, stop=0.35))
    assert found.limits == ("free-shop", "free-store")
    assert found.own is None
    assert kinds(found, "breakpoint") == [pytest.approx(0.2)]
    assert at(found, 0.35).cost == pytest.approx(20 + 4 * 2 + 3 * 7)
    alone = frontier(given, both, ["free-shop"], Levels(start=0, stop=0.35))
    assert at(alone, 0).cost == pytest.approx(20 + 2 * 2)  # the other limit holds


@pytest.mark.slow
def test_ends_and_the_own_level_equal_a_plan():
    given = toy(expansions=[])
    for limit, stop in (({"stage": "packaging", "of": "TW", "max_share": 0.5}, 0.2), ({**SOFT, "min_free": 0.2}, 0.9)):
        found = frontier(given, policy(limit), ["l1"], Levels(stop=stop))
        field = "min_free" if found.floor else "max_share"
        for level in (found.start, found.own, stop):
            cost = planner.solve(given, policy({**limit, field: level})).objective
            assert at(found, level).cost == pytest.approx(cost, rel=1e-6)


def test_near_the_least_cost_both_ways():
    floor = frontier(steps(), policy(SOFT), ["l1"], Levels(start=0, stop=1, within=[0.5, 2], at=[0.55]))
    assert floor.within(0.5).level == floor.within(0.5).beyond == pytest.approx(0.25)  # 10 + 20 x = 15
    assert floor.within(2).level == pytest.approx(0.4 + 12 / 70)
    assert floor.within(100).level == 1
    assert math.isnan(floor.within(100).beyond)
    assert floor.cost_at(0.55) == (pytest.approx(28.5), pytest.approx(28.5))
    assert at(floor, 0.55).kind == "asked"
    cap = frontier(
        steps(), policy({"stage": "make", "of": "TW", "max_share": 0.5}), ["l1"], Levels(within=[0.5], stop=0.3)
    )
    answer = cap.within(0.5)
    assert answer.beyond < 0.75 <= answer.level + 1e-9
    assert answer.level - answer.beyond <= 1.001e-4
    low, high = cap.cost_at(0.45)
    assert low <= 28.5 <= high
    assert all(math.isnan(cost) for cost in cap.cost_at(0.1))


@pytest.mark.slow
def test_integers_are_decided_at_every_level():
    option = {
        "option": "line",
        "site": "west",
        "period": "1",
        "capacity": 10,
        "fixed_cost": 15,
        "all_or_nothing": "yes",
    }
    order = {"customer": "shop", "item": "unit", "quantity": 10, "must_serve": 1}
    given = two_plants(capacities=[{"site": "west", "capacity": 2}], expansions=[option], demand=[order])
    cap = {"stage": "make", "of": "TW", "max_share": 0.9}
    found = frontier(given, policy(cap), ["l1"], Levels(start=0.85, stop=0.7, error=0.05))
    assert found.integer
    assert not found.exact
    [jump] = found.breaks
    assert (jump.kind, jump.looser) == ("jump", pytest.approx(0.8, abs=1e-4))
    assert jump.cost == pytest.approx(15, abs=0.01)
    for row in found.tightening.itertuples():
        expected = least_cost(program(given, policy({**cap, "max_share": row.level})))
        assert row.cost == pytest.approx(expected, rel=2e-6)


@pytest.mark.slow
def test_a_floor_at_zero_in_the_policy_is_swept_as_any_other():
    for own in (0.0, 0.3):
        found = frontier(two_plants(), policy({**FREE, "of": "US", "min_free": own}), ["l1"], Levels(start=0, stop=1))
        assert at(found, 1).cost == pytest.approx(10)
    nowhere = two_plants(sites=[{"site": "east", "region": "TW"}, {"site": "west", "region": "TW"}])
    found = frontier(nowhere, policy({**FREE, "min_free": 0.0}), ["l1"], Levels(start=0, stop=1))
    assert found.breaks[0].kind == "gap"
    assert found.breaks[0].looser < 1e-4


def test_policies_stand_beside_the_curve():
    far = {
        "name": "far",
        "limits": [{"name": "cap", "measure": "stage", "stage": "make", "of": "US", "max_share": 0.1}],
    }
    none = {"name": "none", "limits": []}
    given = planner.load_instance({**steps().as_mapping(), "policies": [far, none, policy(SOFT).model_dump()]})
    found = frontier(given, "p", ["l1"], Levels(start=0, stop=1))
    marks = {mark.policy: (mark.level, mark.cost) for mark in found.marks}
    assert marks == {"far": (0, pytest.approx(10)), "none": (0, pytest.approx(10)), "p": (0.5, pytest.approx(25))}
    given = planner.load_instance({**steps().as_mapping(), "policies": [policy(SOFT).model_dump()]})
    staged = frontier(given, None, [Limit.model_validate(added_limit("stage:make:TW"))], Levels(stop=0.3))
    assert staged.limits == ("make-TW",)
    assert {mark.policy: mark.level for mark in staged.marks}["p"] == pytest.approx(0.5)
    assert not frontier(given, "p", ["l1"], Levels(start=0, stop=1), marks=False).marks


@pytest.mark.slow
def test_floors_with_hundreds_of_breakpoints_can_be_drawn_roughly():
    given, chosen = toy(expansions=[]), policy({**SOFT, "per": "period"})
    whole, rough = (frontier(given, chosen, ["l1"], Levels(stop=1, error=error)) for error in (0, 0.05))
    assert rough.exact
    assert rough.solved < whole.solved
    assert 0 < rough.error <= 0.05 * (whole.points["cost"].max() - whole.points["cost"].min())
    for row in whole.tightening.itertuples():
        low, high = rough.cost_at(row.level)
        assert low - 1e-6 <= row.cost <= high + 1e-6


@pytest.mark.slow
def test_two_models_draw_the_same_curve():
    given, chosen = toy(expansions=[]), policy({"stage": "packaging", "of": "TW", "max_share": 0.5})
    one, two = (frontier(given, chosen, ["l1"], effort=Effort(threads=threads)) for threads in (1, 2))
    assert one.points.equals(two.points)
    assert one.breaks == two.breaks


def test_a_sweep_that_was_stopped_goes_on_and_repeats_nothing(tmp_path):
    chosen = policy({"stage": "make", "of": "TW", "max_share": 0.5})
    whole = frontier(steps(), chosen, ["l1"], Levels(stop=0.2))
    solves = []

    def stop_after_five(done, total, name):
        solves.append(name)
        if len(solves) > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        frontier(
            steps(),
            chosen,
            ["l1"],
            Levels(stop=0.2),
            folder=tmp_path / "f",
            effort=Effort(threads=1, progress=stop_after_five),
        )
    with (tmp_path / "f" / JOURNAL).open("a") as file:
        file.write('{"point": {"level": 0.3')  # cut off in the middle of a line
    again = frontier(steps(), chosen, ["l1"], Levels(stop=0.2), folder=tmp_path / "f")
    assert again.remembered == 5
    assert again.solved == whole.solved - 5
    assert again.points.equals(whole.points)
    assert again.breaks == whole.breaks
    third = frontier(steps(), chosen, ["l1"], Levels(stop=0.2), folder=tmp_path / "f")
    assert third.solved == 0
    assert third.points.equals(whole.points)
    levels = [
        json.loads(line)["point"]["level"]
        for line in (tmp_path / "f" / JOURNAL).read_text().splitlines()[1:]
        if "point" in line
    ]
    assert len(levels) == len(set(levels))


@pytest.mark.slow
def test_a_policy_that_time_did_not_suffice_to_place_is_placed_by_the_next_sweep(tmp_path, monkeypatch):
    given = planner.load_instance({**steps().as_mapping(), "policies": [{"name": "none"}, policy(SOFT).model_dump()]})
    with monkeypatch.context() as patch:

        def limited(*_, **__):
            raise LimitReachedError("The limit was reached before any plan was found (time limit).")

        patch.setattr(frontier_sweep, "plan_program", limited)
        short = frontier(
            given,
            "p",
            ["l1"],
            Levels(start=0, stop=1, hard=True),
            folder=tmp_path / "f",
            effort=Effort(time_limit=1000),
        )
    assert not short.complete
    assert not short.marks
    assert [part.kind for part in short.breaks] == ["gap"]  # the curve itself was finished
    again = frontier(given, "p", ["l1"], Levels(start=0, stop=1, hard=True), folder=tmp_path / "f")
    assert again.complete
    assert again.solved == 0
    assert {mark.policy: mark.cost for mark in again.marks} == {"none": pytest.approx(10), "p": pytest.approx(25)}


def test_an_edited_copy_of_a_policy_does_not_stand_for_the_policy():
    given = planner.load_instance({**steps().as_mapping(), "policies": [policy(SOFT).model_dump()]})
    found = frontier(given, policy({**SOFT, "min_free": 0.2}), ["l1"], Levels(start=0, stop=1))
    [mark] = found.marks
    assert (mark.level, mark.cost) == (pytest.approx(0.5), pytest.approx(25))  # not 20 % at 14


def test_points_of_another_curve_are_refused(tmp_path):
    frontier(steps(), policy(SOFT), ["l1"], folder=tmp_path / "f")
    with pytest.raises(UsageError, match=r"another curve.*content_hash"):
        frontier(two_plants(), policy(SOFT), ["l1"], folder=tmp_path / "f")
    with pytest.raises(UsageError, match="policy differ"):
        frontier(steps(), policy(SOFT), ["l1"], Levels(hard=True), folder=tmp_path / "f")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    with pytest.raises(UsageError, match="left alone"):
        frontier(steps(), policy(SOFT), ["l1"], folder=tmp_path / "mine")


def test_a_limit_on_time_or_levels_is_said():
    found = frontier(steps(), policy(SOFT), ["l1"], effort=Effort(time_limit=1e-9))
    assert not found.complete
    assert found.points.empty
    few = frontier(steps(), policy(SOFT), ["l1"], Levels(most=1))
    assert not few.complete
    assert not few.exact


@pytest.mark.parametrize(
    ("limits", "options", "message"),
    [
        (["l3"], {}, "no limit 'l3'. Did you mean l"),
        ([], {}, "Name a limit"),
        (["l1", "l2"], {}, "is a floor and .* a cap"),
        (["l1"], {"start": 1.5}, "1.5 is not a share"),
        (["l1"], {"start": 0.5, "stop": 0.5}, "nothing to move"),
        (["l1"], {"within": [-0.1]}, "no part of the least cost"),
    ],
)
def test_what_cannot_be_moved_is_said(limits, options, message):
    chosen = policy(FREE, {"stage": "make", "of": "TW", "max_share": 0.5})
    with pytest.raises(UsageError, match=message):
        frontier(steps(), chosen, limits, Levels(**options))


@pytest.mark.parametrize("text", ["TW", "stage:make", "pathway:make:TW", "chain:TW"])
def test_an_added_limit_is_written_in_one_way(text):
    with pytest.raises(UsageError, match="Write stage:STAGE:REGION"):
        added_limit(text)


def test_without_a_limit_it_says_how_to_have_one():
    with pytest.raises(UsageError, match=r"There is no limit to move.*stage:STAGE:REGION"):
        frontier(steps(), None, [])


@pytest.mark.slow
def test_a_policy_without_a_plan_says_why():
    impossible = policy({"stage": "make", "of": "TW", "max_share": 0}, {"stage": "make", "of": "US", "max_share": 0})
    must = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 1}]
    found = frontier(two_plants(demand=must, policies=[impossible.model_dump(mode="json")]), policy(SOFT), ["l1"])
    [mark] = [mark for mark in found.marks if mark.policy == "p"]
    assert mark.note.startswith("No plan: ")
    assert "The limit l1 allows TW at most 0 % of make" in mark.note


@pytest.mark.slow
def test_why_there_is_no_plan_is_remembered_only_where_there_was_time_to_find_it(tmp_path, monkeypatch):
    end = time.perf_counter() + 1000

    def late(*_):
        monkeypatch.setattr(time, "perf_counter", lambda: end + 1)
        return [TOO_LATE]

    def drawn(**options):
        chosen = policy(SOFT)
        return frontier(
            steps(), chosen, ["l1"], Levels(start=0, stop=1, hard=True), marks=False, folder=tmp_path / "f", **options
        )

    with monkeypatch.context() as patch:
        patch.setattr(frontier_sweep, "conflict_of", late)
        short = drawn(effort=Effort(deadline=end))
    assert short.breaks[0].conflict == (TOO_LATE,)
    monkeypatch.undo()
    again = drawn()
    assert again.solved == 0
    assert any("l1" in sentence for sentence in again.breaks[0].conflict)
