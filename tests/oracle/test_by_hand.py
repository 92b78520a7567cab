"""Small instances whose least cost is worked out on paper, in corners that tests seldom touch: planner, oracle, paper.

What paper says stands in each docstring; where no cost, lead time or capacity is named there is none.
"""

import pytest

import planner
from oracle.answer import formulated, least_cost
from oracle.free import Free
from oracle.futures import Futures
from oracle.struck import rows_of, struck, taken
from oracle.survival import Survival
from planner.study.audit.largest_free_share import avoidable, free_of
from planner.study.progress import ALONE
from planner.study.stress.longest_outages import Outages, longest_outages
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed

CLOSE = {"rel": 1e-9, "abs": 1e-7}


def one_stage(sites, periods, demand, **more):
    """One item, `good`; sites {name: region}, each with a lane to the customer `x` unless lanes are given."""
    found = {
        "name": "by-hand",
        "periods": periods,
        "sites": [{"site": site, "region": region} for site, region in sites.items()],
        "items": [{"item": "good", "stage": "make"}],
        "customers": [{"customer": "x", "region": "home"}],
        "demand": [{"customer": "x", "item": "good", **row} for row in demand],
        "lanes": [{"from": site, "to": "x"} for site in sites],
    }
    return found | more


def made(site, cost, item="good", **more):
    return {"site": site, "item": item, "unit_cost": cost, **more}


def agree(mapping, paper, policy=None, scenario=None):
    """The planner's plan, after it and the oracle cost what paper says; a paper of None is infeasible."""
    own = least_cost(mapping, policy, scenario)
    if paper is None:
        assert own.status == "infeasible"
        with pytest.raises(planner.InfeasibleError):
            planner.solve(planner.load_instance(mapping), policy, scenario)
        return None
    assert own.cost == pytest.approx(paper, **CLOSE)
    plan = planner.solve(planner.load_instance(mapping), policy, scenario)
    assert plan.objective == pytest.approx(paper, **CLOSE)
    assert plan.certificate.passed
    return plan


def test_a_join_with_yields_leads_a_minimum_late_orders_and_commitments_that_overlap():
    """F starts 30 dies a period at 2, half are good a period later; a start of P takes 2 dies and 1 sub, 0.8 are good.

    Of P's 3 dies 1 must stay, at 0.1 a period. 2 + 15 dies in t1 are 8.5 starts, 6.8 units in t2; 15 in t2 are 7.5
    starts, 6 units in t3: 12.8 of 16. A unit of t2 (worth 100) waits for 4 rather than one of t3 (50) being lost, so
    that 1.2 wait and 3.2 are lost. 60 starts of dies 120, their freight 15, 16 subs sent 4, 16 starts of P 48, 12.8
    delivered 12.8, lateness 4.8, lost 160, dies kept 0.3 + 3 * 0.1.

    Subs cost 1. 8.5 are made in t0 (they arrive in t1) and 7.5 in t1. One more counts for both contracts in t1 and t2,
    0.8 + 0.3, until the second has its 10: 2.5 more. The first is short of 20 by 1.5, at 0.8, which making would not
    save: 18.5 + 1.2. In all 384.9.
    """
    mapping = {
        "name": "join",
        "periods": ["t0", "t1", "t2", "t3"],
        "sites": [{"site": "F", "region": "A"}, {"site": "G", "region": "B"}, {"site": "P", "region": "A"}],
        "items": [
            {"item": "die", "stage": "fab", "holding_cost": 0.1},
            {"item": "sub", "stage": "fab"},
            {"item": "pack", "stage": "pack"},
        ],
        "components": [
            {"item": "pack", "component": "die", "quantity": 2},
            {"item": "pack", "component": "sub", "quantity": 1},
        ],
        "processes": [
            {"site": "F", "item": "die", "unit_cost": 2, "yield": 0.5, "lead_time": 1},
            {"site": "G", "item": "sub", "unit_cost": 1},
            {"site": "P", "item": "pack", "unit_cost": 3, "yield": 0.8, "lead_time": 1},
        ],
        "capacities": [{"site": "F", "capacity": 30}],
        "stocks": [{"site": "P", "item": "die", "opening": 3, "minimum": 1}],
        "customers": [{"customer": "x", "region": "A"}],
        "demand": [
            {"customer": "x", "item": "pack", "period": "t2", "quantity": 8, "price": 100, "late_cost": 4},
            {"customer": "x", "item": "pack", "period": "t3", "quantity": 8, "price": 50, "late_cost": 4},
        ],
        "lanes": [
            {"from": "F", "to": "P", "unit_cost": 0.5},
            {"from": "G", "to": "P", "unit_cost": 0.25, "lead_time": 1},
            {"from": "P", "to": "x", "unit_cost": 1},
        ],
        "commitments": [
            {"commitment": "deal", "site": "G", "item": "sub", "period": "..t2", "minimum": 20, "shortfall_cost": 0.8},
            {"commitment": "pact", "site": "G", "item": "sub", "period": "t1..", "minimum": 10, "shortfall_cost": 0.3},
        ],
    }
    plan = agree(mapping, 384.9)
    assert plan.service_summary["lost"] == pytest.approx(3.2)
    assert plan.costs.set_index("component")["amount"]["commitment"] == pytest.approx(1.2)


def groups_that_overlap(measure, **more):
    limits = [("ga", 0.6), ("gb", 0.7), ("gc", 0.8)]
    return [{"name": of, "measure": measure, "of": of, "max_share": share, **more} for of, share in limits]


def test_limits_of_stages_and_pathways_on_groups_that_overlap():
    """Four regions at 1, 2, 4 and 9; the first and second make 0.6 at most, second and third 0.7, first and third 0.8.

    So third and fourth make 0.4, second and fourth 0.2: 0.4, 0.2, 0.4 and nothing, 2.4 a unit. With floors the same:
    what is free of a group is what is left to the others. A soft limit of 1 a unit on the first two: a unit moved from
    the third to the first saves 3, to its limit with the third: 0.8 and 0.2, 0.8 * 1 + 0.2 * 2 + (1 - 0.6) = 1.6.
    """
    costs = {"tw": 1, "kr": 2, "jp": 4, "us": 9}
    groups = {"ga": ["tw", "kr"], "gb": ["kr", "jp"], "gc": ["tw", "jp"]}
    soft = groups_that_overlap("pathway")
    soft[0]["soft_cost"] = 1
    floors = [
        {"name": of, "measure": "pathway", "of": of, "min_free": free}
        for of, free in (("ga", 0.4), ("gb", 0.3), ("gc", 0.2))
    ]
    policies = {
        "stages": groups_that_overlap("stage", stage="make"),
        "paths": groups_that_overlap("pathway", per="horizon"),
        "floors": floors,
        "soft": soft,
    }
    mapping = one_stage(
        {name: name for name in costs},
        ["t0"],
        [{"quantity": 100, "price": 50}],
        processes=[made(name, cost) for name, cost in costs.items()],
        region_groups=groups,
        policies=[{"name": name, "limits": limits} for name, limits in policies.items()],
    )
    for policy, paper in (("stages", 240), ("paths", 240), ("floors", 240), ("soft", 160)):
        agree(mapping, paper, policy)


def test_two_stages_and_groups_that_overlap():
    """Dies of tw (1) or us (5), packed in kr (1) or jp (3): 2, 4, 6 and 8 a unit for tw-kr, tw-jp, us-kr and us-jp.

    Half may have touched {tw, kr}, so half is us-jp; three quarters may have touched {tw, jp}, so a quarter is us-kr:
    a quarter is left to tw-kr. 4 + 1.5 + 0.5 a unit. Limits of each stage alone would not see it.
    """
    mapping = {
        "name": "two-stages",
        "sites": [{"site": name, "region": name} for name in ("tw", "us", "kr", "jp")],
        "items": [{"item": "die", "stage": "fab"}, {"item": "pack", "stage": "pack"}],
        "components": [{"item": "pack", "component": "die", "quantity": 1}],
        "processes": [made("tw", 1, "die"), made("us", 5, "die"), made("kr", 1, "pack"), made("jp", 3, "pack")],
        "customers": [{"customer": "x", "region": "home"}],
        "demand": [{"customer": "x", "item": "pack", "quantity": 100, "price": 50}],
        "lanes": [{"from": a, "to": b} for a, b in (("tw", "kr"), ("tw", "jp"), ("us", "kr"), ("us", "jp"))]
        + [{"from": "kr", "to": "x"}, {"from": "jp", "to": "x"}],
        "region_groups": {"ga": ["tw", "kr"], "gb": ["tw", "jp"]},
        "policies": [
            {
                "name": "paths",
                "limits": [
                    {"name": "a", "measure": "pathway", "of": "ga", "max_share": 0.5},
                    {"name": "b", "measure": "pathway", "of": "gb", "max_share": 0.75},
                ],
            }
        ],
    }
    agree(mapping, 600, "paths")
    agree(mapping, 200)


def far_and_near():
    """`far` makes 15 a period at 1, two periods away; `near` makes at 10; 10 are ordered in each of t0 to t4."""
    out = [
        {"name": how, "changes": [{"change": "outage", "where": {"site": "far"}, "period": "t1", "pipeline": how}]}
        for how in ("kept", "held")
    ]
    return one_stage(
        {"far": "F", "near": "N"},
        ["t0", "t1", "t2", "t3", "t4"],
        [{"quantity": 10, "price": 50, "late_cost": 1}],
        processes=[made("far", 1), made("near", 10)],
        capacities=[{"site": "far", "capacity": 15}],
        lanes=[{"from": "far", "to": "x", "lead_time": 2}, {"from": "near", "to": "x"}],
        scenarios=out,
    )


def test_a_lane_longer_than_the_outage():
    """What starts in t0 to t2 arrives: 45 of 50, and 5 from near at once; 5, 15, 10 and 5 wait: 45 + 50 + 35.

    Out in t1 (known): far makes 30, near 20. By t3 at most 15 + 20 of 40 can have come, so that 5 wait, and no more do
    where 10 leave far in t0 and 5 in t1: 30 + 200 + 5. Where nothing leaves in t1, the 5 leave in t0 (and near makes 5
    less before t3, so that 5 wait in t1) or in t2 (5 more wait in t3): 5 more.
    """
    mapping = far_and_near()
    agree(mapping, 130)
    agree(mapping, 235, scenario="kept")
    agree(mapping, 240, scenario="held")


@pytest.mark.parametrize("how", ["kept", "held"])
def test_the_same_outage_without_warning(how):
    """15 have left far in t0 and 5 came from near: 5, 5 and 5 wait in t0, t1 and t3: 30 + 200 + 15."""
    mapping = far_and_near()
    instance = planner.load_instance(mapping)
    base = Undisturbed.of(instance, None)
    assert base.plan.objective == pytest.approx(130)
    past = taken(rows_of(base), formulated(mapping))
    own = struck(mapping, None, how, 1000.0, 1, past).program.solve()
    found = stress_one(base, instance.scenario(how), 1000.0)
    assert (own.cost, found.plan.objective, found.loss) == pytest.approx((245, 245, 115))


def test_discounts_of_the_last_periods():
    """Factors 1, 0.8, 0.64. `a` starts in t0 and sends in t1: 10 + 5 * 0.8 = 14; `b` makes in t2: 22 * 0.64 = 14.08.

    The limit over the horizon is priced in t2: a unit above costs 0.64 * 1, so that half goes to b: 140.4; at 0.1 a
    unit nothing moves: 140 + 5 * 0.064. The contract of b's ends with t1 (0.8): made then a unit costs 16 + 1.28,
    which is 3.2 more than in t2 and 3.28 more than in a. At 3 a unit (2.4) it is not kept, at 5 (4) it is.
    """

    def asked(soft, price):
        return one_stage(
            {"a": "A", "b": "B"},
            ["t0", "t1", "t2"],
            [{"period": "t2", "quantity": 10, "price": 100}],
            discount_rate=0.25,
            processes=[made("a", 10, lead_time=1), made("b", 20)],
            lanes=[{"from": "a", "to": "x", "unit_cost": 5, "lead_time": 1}, {"from": "b", "to": "x", "unit_cost": 2}],
            commitments=[
                {
                    "commitment": "c",
                    "site": "b",
                    "item": "good",
                    "period": "..t1",
                    "minimum": 4,
                    "shortfall_cost": price,
                }
            ],
            policies=[
                {
                    "name": "half",
                    "limits": [
                        {"name": "a", "measure": "stage", "stage": "make", "of": "A", "max_share": 0.5}
                        | {"per": "horizon", "soft_cost": soft}
                    ],
                }
            ],
        )

    agree(asked(1, 3), 140 + 4 * 2.4)
    agree(asked(1, 3), 70 + 70.4 + 4 * 2.4, "half")
    agree(asked(0.1, 3), 140 + 5 * 0.064 + 4 * 2.4, "half")
    agree(asked(1, 5), 70 + 4 * 17.28 + 14.08, "half")


def test_an_option_with_a_fixed_cost_bought_in_part_or_whole():
    """10 a period can be made, and 8 more from t1 with the option (2 a unit of it, and 5); 16 are ordered, worth 9.

    In t1 and t2 three quarters of it would do; the last quarter (4) serves 4 of t0's orders late (2 * 1 + 2 * 2) and
    saves 36. So 46 are made, 4 and 2 wait, 2 are lost: 46 + 18 + 6 + 21. Of an option of which half was bought: 10, 14
    and 14 are made, 10 are lost, and the 5 are paid: 38 + 90 + 13. Without it 30 are made: 30 + 162.
    """

    def asked(**more):
        return one_stage(
            {"a": "A"},
            ["t0", "t1", "t2"],
            [{"quantity": 16, "price": 9, "late_cost": 1}],
            processes=[made("a", 1)],
            capacities=[{"site": "a", "capacity": 10}],
            expansions=[
                {"option": "o", "site": "a", "period": "t1", "capacity": 8, "unit_cost": 2, "fixed_cost": 5} | more
            ],
            policies=[{"name": "none", "options": []}],
        )

    agree(asked(), 91)
    agree(asked(all_or_nothing="yes"), 91)
    agree(asked(bought=0.5), 141)
    agree(asked(), 192, "none")


def test_lots_with_a_yield_and_two_sources():
    """`a` starts lots of 6 at 1, half are good; `b` makes at 3. 4 are ordered in t0 and 1 in t1; a unit kept costs 0.5.

    10 starts in t0, one unit kept: 10.5. With two sources of at least 0.3: 5 are made in t0, 1.5 of them by b (4.5) and
    3.5 by a (7), one is kept: 12. Two sources in each period would need a lot of 3 units in t1 as well.
    """
    mapping = one_stage(
        {"a": "A", "b": "B"},
        ["t0", "t1"],
        [{"period": "t0", "quantity": 4, "price": 50}, {"period": "t1", "quantity": 1, "price": 50}],
        items=[{"item": "good", "stage": "make", "holding_cost": 0.5}],
        processes=[made("a", 1, **{"yield": 0.5, "min_lot": 6}), made("b", 3)],
        policies=[
            {"name": "one", "sources": [{"stage": "make", "max_sources": 1}]},
            {"name": "two", "sources": [{"stage": "make", "min_sources": 2, "min_share_if_used": 0.3}]},
        ],
    )
    agree(mapping, 10.5)
    agree(mapping, 10.5, "one")
    agree(mapping, 12, "two")


def test_owed_from_before_late_over_a_hole_and_promised_in_part():
    """3 are owed and 4 ordered in t0, 6 in t2; 5 can be made in t0, nothing in t1 (no row covers it), 8 in t2.

    2 wait for two periods at 1 (the cost of t0's order goes on over t1): 13 made and 4. At 4 a period two units are
    lost instead, 6 each, half of the order at most: 11 + 12. With three quarters promised 1 is lost and 1 waits:
    12 + 6 + 8.
    """

    def asked(late, must):
        return one_stage(
            {"a": "A"},
            ["t0", "t1", "t2"],
            [
                {"period": "t0", "quantity": 4, "price": 6, "late_cost": late, "must_serve": must},
                {"period": "t2", "quantity": 6, "price": 60},
            ],
            processes=[made("a", 1)],
            capacities=[{"site": "a", "period": "t0", "capacity": 5}, {"site": "a", "period": "t2", "capacity": 8}],
            owed=[{"customer": "x", "item": "good", "quantity": 3, "late_cost": 2}],
        )

    agree(asked(1, 0.5), 17)
    agree(asked(4, 0.5), 23)
    agree(asked(4, 0.75), 26)


def test_what_stands_and_what_is_handed_over_under_a_floor_and_a_cap():
    """Of 10 ordered 2 are handed over (made in A); 6 stand in A but have touched B; A makes at 3, B at 1.

    Half free of B: 3 more of A, the rest from what stands: 9. Nine tenths: 7 of A: 21. At most half of what is
    delivered may have touched B: the same 9. Goods of A or B that must be free of both: none, but for 0 of 10.
    """
    limits = {"half": {"min_free": 0.5}, "most": {"min_free": 0.9}, "cap": {"max_share": 0.5}}
    policies = [
        {"name": name, "limits": [{"name": "b", "measure": "pathway", "of": "B", **way}]}
        for name, way in limits.items()
    ]
    policies.append({"name": "never", "limits": [{"name": "ab", "measure": "pathway", "of": "both", "min_free": 0.1}]})
    mapping = one_stage(
        {"a": "A", "b": "B"},
        ["t0"],
        [{"quantity": 10, "price": 50, "must_serve": 1}],
        processes=[made("a", 3), made("b", 1)],
        stocks=[{"site": "a", "item": "good", "opening": 6, "touched": "B"}],
        arrivals=[{"site": "x", "item": "good", "period": "t0", "quantity": 2, "touched": "A"}],
        region_groups={"both": ["A", "B"]},
        policies=policies,
    )
    for policy, paper in ((None, 2), ("half", 9), ("most", 21), ("cap", 9), ("never", None)):
        agree(mapping, paper, policy)


def test_a_yield_that_is_learnt_and_a_hard_buffer():
    """8 can be started a period at 1; half are good in t0, all from t1; 10 are ordered in t2; a unit kept costs 0.3.

    8 in t2 and 2 in t1, kept for a period: 10.6. With the orders of the next period in stock at the end of t1: 8 in
    t1 and 4 started in t0, 2 kept over t0 and 10 over t1: 12 + 0.6 + 3.
    """
    mapping = one_stage(
        {"a": "A"},
        ["t0", "t1", "t2"],
        [{"period": "t2", "quantity": 10, "price": 50}],
        items=[{"item": "good", "stage": "make", "holding_cost": 0.3}],
        processes=[made("a", 1, period="t0", **{"yield": 0.5}), made("a", 1, period="t1..")],
        capacities=[{"site": "a", "capacity": 8}],
        policies=[{"name": "cover", "buffers": [{"items": ["good"], "periods_of_cover": 1, "period": "..t1"}]}],
    )
    agree(mapping, 10.6)
    agree(mapping, 15.6, "cover")


def test_the_time_to_survive():
    """8 are ordered in each of 5 periods; `a` (10 a period, at 1) and `b` (3, at 2), and 10 stand in a at 0.1 a period.

    The plan makes 30 in a, as late as it can: 30 + 2 * 0.1. Without a from t0: 10 + 3 - 8 = 5 are left, then 0, and in t2
    5 of a's 10 are needed: 2.5 periods. From t1: 2 and 3 of 8, so 3 of a's 10 are needed: 0.7. Without b: to the end.
    """
    mapping = one_stage(
        {"a": "A", "b": "B"},
        ["t0", "t1", "t2", "t3", "t4"],
        [{"quantity": 8, "price": 50}],
        items=[{"item": "good", "stage": "make", "holding_cost": 0.1}],
        processes=[made("a", 1), made("b", 2)],
        capacities=[{"site": "a", "capacity": 10}, {"site": "b", "capacity": 3}],
        stocks=[{"site": "a", "item": "good", "opening": 10}],
    )
    base = Undisturbed.of(planner.load_instance(mapping), None)
    assert base.plan.objective == pytest.approx(30.2)
    flows = formulated(mapping)
    past = taken(rows_of(base), flows)
    table = longest_outages(base, Outages(("site",), [0, 1]), ALONE)
    told = {(row["of"], row["start"]): row["periods"] for row in table.to_dict("records")}
    for (site, start), paper in {("a", "t0"): 2.5, ("a", "t1"): 0.7, ("b", "t0"): 5, ("b", "t1"): 4}.items():
        t = int(start[1:])
        assert told[site, start] == pytest.approx(paper, abs=1e-3), (site, start)
        assert Survival(mapping, None, t, past, flows, {site}).periods(5) == pytest.approx(paper, abs=2e-3)


def test_the_largest_share_free_of_a_region():
    """A pack takes 2 dies, of A (10 a period) or B (4); 3 dies stand at C; 6 are ordered in each of two periods.

    Free of A: (3 + 8) / 2 = 5.5 of 12, and half of it in each period; free of B: (3 + 20) / 2 = 11.5, likewise; free of
    C, which packs: none.
    """
    mapping = {
        "name": "free",
        "periods": ["t0", "t1"],
        "sites": [{"site": name, "region": name.upper()} for name in "abc"],
        "items": [{"item": "die", "stage": "fab"}, {"item": "pack", "stage": "pack"}],
        "components": [{"item": "pack", "component": "die", "quantity": 2}],
        "processes": [made("a", 1, "die"), made("b", 1, "die"), made("c", 1, "pack")],
        "capacities": [{"site": "a", "capacity": 10}, {"site": "b", "capacity": 4}],
        "stocks": [{"site": "c", "item": "die", "opening": 3}],
        "customers": [{"customer": "x", "region": "home"}],
        "demand": [{"customer": "x", "item": "pack", "quantity": 6, "price": 50}],
        "lanes": [{"from": "a", "to": "c"}, {"from": "b", "to": "c"}, {"from": "c", "to": "x"}],
    }
    instance = planner.load_instance(mapping)
    told = free_of(instance, avoidable(instance)).verdicts.set_index("region")
    for region, units in (("A", 5.5), ("B", 11.5), ("C", 0)):
        own = Free(mapping, region, {"pack"})
        assert (told.loc[region, "units"], own.units([0, 1])) == pytest.approx((units, units))
        assert (told.loc[region, "every_period"], own.share([0, 1])) == pytest.approx((units / 12, units / 12))


def test_an_option_bought_for_a_future_that_may_come():
    """10 can be made, and 10 more with an option for 30; with probability p twice as many are ordered in t1, worth 10.

    The option saves p * 100: at 0.5 it is bought (30), at 0.2 it is not (0.2 * 100).
    """
    mapping = one_stage(
        {"a": "A"},
        ["t0", "t1"],
        [{"quantity": 10, "price": 10}],
        processes=[made("a", 0)],
        capacities=[{"site": "a", "capacity": 10}],
        expansions=[{"option": "o", "site": "a", "period": "t1", "capacity": 10, "unit_cost": 3}],
        scenarios=[{"name": "more", "changes": [{"change": "demand", "where": {}, "period": "t1", "factor": 2}]}],
    )
    instance = planner.load_instance(mapping)
    for chance, paper in ((0.5, 30), (0.2, 20)):
        more = instance.scenario("more").model_copy(update={"probability": chance})
        found = planner.two_stage(instance, None, [more], weight=0.0, alpha=0.9, price=1000.0)
        own = Futures(mapping, None, {"more": chance}, 1000.0).program.solve()
        assert (found.value, own.cost) == pytest.approx((paper, paper))
