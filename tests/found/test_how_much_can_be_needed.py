"""What bounds a decision of 0 or 1 where no capacity does is no less than a rule, or an earlier plan, asks for.

A bound on what can be needed that is too small had no plan where there is one, refused the plan, or gave one that costs
more: an option that seemed to give too little to be worth its cost. Each plan is counted by hand: a unit costs 1 at `a`
and 3 at `b`, and one of 10 ordered is worth 50. What no estimate can know is refused, and not called infeasible.
"""

import pytest
import toys

import planner
from planner.plan.closeness import Closeness
from planner.plan.proof.claims import Claims
from planner.plan.proof.verify import verify
from planner.study.stress.undisturbed import Undisturbed

LOTS = [{"site": "a", "item": "x", "unit_cost": 1, "min_lot": 2}, {"site": "b", "item": "x", "unit_cost": 3}]
NO_LOTS = [{**LOTS[0], "min_lot": 0}, LOTS[1]]
ONE_SITE = [{"stage": "make", "max_sources": 1}]
WHOLE = {"option": "o", "site": "a", "period": "1", "capacity": 100, "fixed_cost": 7}


def instance(policy=None, **tables):
    mapping = {
        "name": "needed",
        "periods": ["1"],
        "sites": [{"site": "a", "region": "A"}, {"site": "b", "region": "B"}],
        "items": [{"item": "x", "stage": "make"}],
        "processes": LOTS,
        "customers": [{"customer": "c", "region": "A"}],
        "demand": [{"customer": "c", "item": "x", "quantity": 10, "price": 50}],
        "lanes": [{"from": "a", "to": "c"}, {"from": "b", "to": "c"}],
        "policies": [{"name": "p", **(policy or {})}],
    }
    return planner.load_instance({**mapping, **tables})


@pytest.mark.parametrize("soft", [{}, {"soft_cost": 10}])
@pytest.mark.parametrize(
    ("policy", "tables", "fixed"),
    [
        ({}, {}, 0),
        ({"sources": ONE_SITE}, {}, 0),
        ({}, {"capacities": [{"site": "a", "capacity": 5}], "processes": LOTS[:1], "expansions": [WHOLE]}, 7),
        (
            {},
            {
                "capacities": [{"site": "a", "capacity": 5}],
                "processes": NO_LOTS[:1],
                "expansions": [{**WHOLE, "all_or_nothing": "yes"}],
            },
            7,
        ),
    ],
    ids=["lots", "sources", "an option in part", "a whole option"],
)
def test_what_a_buffer_holds(policy, tables, fixed, soft):
    """Of 10 ordered five times as much is kept: 60 at 1, and what the option costs."""
    buffers = [{"items": ["x"], "periods_of_cover": 5, **soft}]
    assert planner.solve(instance({**policy, "buffers": buffers}, **tables), "p").objective == pytest.approx(60 + fixed)


@pytest.mark.parametrize("processes", [LOTS, [LOTS[0], {**LOTS[1], "min_lot": 1}]], ids=["lots of a", "lots of both"])
def test_what_a_limit_has_counted_before_a_roll(processes):
    """Half may be of A, and all 1,000 were: b makes 1,000 at 3, or there is no plan."""
    half = {"name": "half", "measure": "stage", "stage": "make", "of": "A", "max_share": 0.5, "per": "horizon"}
    used = [{"policy": "p", "limit": "half", "of": "A", "inside": 1000, "total": 1000}]
    found = planner.solve(instance({"limits": [half]}, processes=processes, limits_used=used), "p")
    assert found.objective == pytest.approx(3000)


@pytest.mark.parametrize("room", [[], [{"site": "a", "capacity": 100}]], ids=["no capacity", "far more than needed"])
@pytest.mark.parametrize("stays", [{"freeze": "1"}, {"most_resourced": 0.0}], ids=["frozen", "not re-sourced"])
def test_what_an_earlier_plan_makes(stays, room):
    """100 were made at 1 in the first period; 2 are ordered now."""
    demand = [{"customer": "c", "item": "x", "period": "2", "quantity": 100, "price": 50}]
    tables = {"periods": ["1", "2"], "processes": [{**LOTS[0], "period": "1"}], "capacities": room}
    before = toys.solve(instance(demand=demand, **tables))
    now = instance(demand=[{**demand[0], "quantity": 2}], **tables)
    found = planner.solve(now, stay_close_to=Closeness(before, **stays))
    assert found.objective == pytest.approx(100)
    assert verify(Claims.of(found)).holds


def test_a_row_of_your_own_asks_for_more():
    program = planner.formulate(instance())
    program.problem += program.make["a", "x", "standard", "1"] >= 5000, "our own"
    with pytest.raises(planner.SolverError, match=r"there is one beyond it.*your own rows"):
        planner.solve(program)


@pytest.mark.parametrize("room", [None, 2000, 700])
def test_one_limit_asks_for_more_of_what_another_asked_for(room):
    """10 of i (A) are a tenth of i and j, so that 90 of j (B) are made, a tenth of j and k: 810 of k (C), in lots."""
    limits = [
        {"name": of, "measure": "stage", "stage": "make", "items": items, "of": of, "max_share": 0.1}
        for of, items in (("A", ["i", "j"]), ("B", ["j", "k"]))
    ]
    made = [{"site": site, "item": item, "unit_cost": 1} for site, item in ("ai", "bj", "ck")]
    found = instance(
        {"limits": limits},
        sites=[{"site": site, "region": site.upper()} for site in "abc"],
        items=[{"item": item, "stage": "make"} for item in "ijk"],
        processes=[*made[:2], {**made[2], "min_lot": 1}],
        demand=[{"customer": "d", "item": "i", "quantity": 10, "must_serve": 1}],
        customers=[{"customer": "d", "region": "A"}],
        lanes=[{"from": "a", "to": "d"}],
        capacities=[] if room is None else [{"site": "c", "capacity": room}],
    )
    if room == 700:
        with pytest.raises(planner.InfeasibleError):
            planner.solve(found, "p")
        return
    plan = planner.solve(found, "p")
    assert plan.objective == pytest.approx(910)
    assert verify(Claims.of(plan)).holds


OPTION = {"option": "o", "site": "c", "period": "1", "capacity": 10_000, "fixed_cost": 5000}
PLACES = {"a": ("A", "one"), "b": ("B", "one"), "c": ("C", "two"), "d": ("A", "two")}  # region, operator


def with_option(made, *limits, site="c", whole="yes", **tables):
    """10 of i cost 1,000 each to lose; a site has no capacity but that of an option for 5,000."""
    return instance(
        {"limits": limits},
        sites=[{"site": name, "region": region, "operator": one} for name, (region, one) in PLACES.items()],
        items=[{"item": item, "stage": "make"} for item in "ij"],
        processes=[{"site": where, "item": item, "unit_cost": 1} for where, item in made.split()],
        demand=[{"customer": "shop", "item": "i", "quantity": 10, "lost_cost": 1000}],
        customers=[{"customer": "shop", "region": "A"}],
        lanes=[{"from": "a", "to": "shop"}],
        capacities=[{"site": site, "capacity": 0}],
        expansions=[{**OPTION, "site": site, "all_or_nothing": whole}],
        **tables,
    )


def share(name, most, **of):
    return {"name": name, "measure": "stage", "stage": "make", "max_share": most, **of}


@pytest.mark.parametrize("whole", ["yes", "no"])
def test_an_option_gives_what_two_limits_ask_for_together(whole):
    """10 of i at a are a tenth of 100 of i (a and b), which are a tenth of all: 900 of j, so that nothing is lost."""
    limits = share("of-i", 0.1, items=["i"], of="A"), share("of-all", 0.1, over="operator", of="one")
    plan = planner.solve(with_option("ai bi cj", *limits, whole=whole), "p")
    assert plan.objective == pytest.approx(5000 + 1000)
    assert verify(Claims.of(plan)).holds


def test_plans_that_are_struck_and_levels_of_a_frontier_know_it_too():
    limits = share("of-i", 0.1, items=["i"], of="A"), share("of-all", 0.1, over="operator", of="one")
    asked = with_option("ai bi cj", *limits)
    assert Undisturbed.of(asked, asked.policy("p")).plan.objective == pytest.approx(5000 + 1000)
    curve = planner.frontier(asked, "p", "of-i", planner.Levels(start=0.1, stop=0.2, error=0.5), marks=False)
    ends = curve.points.set_index("level")["cost"]
    assert (ends.loc[0.1], ends.loc[0.2]) == (pytest.approx(5000 + 1000), pytest.approx(5000 + 500))


def test_two_limits_of_which_each_asks_for_more_of_what_the_other_limits():
    """x of j at b and y at d: 10 + y <= 0.51 (10 + x + y) of region A, 10 + x <= 0.51 (10 + x + y) of operator one.

    Both are 245, so that 500 are made; what each limit asks for by itself is less than 20.
    """
    limits = share("of-region", 0.51, of="A"), share("of-operator", 0.51, over="operator", of="one")
    plan = planner.solve(with_option("ai bj dj", *limits, site="b"), "p")
    assert plan.objective == pytest.approx(5000 + 500)
    assert verify(Claims.of(plan)).holds


def test_a_row_of_your_own_makes_it_worth_while_to_make_more():
    """For each unit of i at a there are 100 of j at c: 10 are served at 6,010, or lost at 10,000."""
    deal = [{"commitment": "deal", "site": "c", "item": "j", "minimum": 1, "shortfall_cost": 0}]
    program = planner.formulate(with_option("ai cj", commitments=deal))
    made = {(site, item): program.make[site, item, "standard", "1"] for site, item in ("ai", "cj")}
    program.problem += made["c", "j"] >= 100 * made["a", "i"], "our own"
    with pytest.raises(planner.SolverError, match=r"costs less that makes more"):
        planner.solve(program)
