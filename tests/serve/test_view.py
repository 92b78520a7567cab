"""A view is a query string, there and back; what is none is refused; and from a view policy and scenario follow."""

import random

import pytest
import toys

import planner
from planner.errors import UsageError
from planner.serve.view import LONGEST, Outage, Repair, View, ViewError
from planner.serve.wishes import NAME, groups_of, wish_of

EVERYTHING = View(
    policy="guarded",
    against="no-options",
    follow="asia",
    scenario="",
    warning=False,
    limits={"wafer-tw": 62.5},
    capacity={("wafer", "TW"): 90.0, ("packaging", ""): 110.0},
    demand={("", ""): 105.0},
    outage=Outage("TW", "P2", 1, "packaging"),
    chances={"halt": 2.5},
    expected=True,
    repairs=(Repair("raise_cap", (("limit", "wafer-tw"), ("of", "TW"), ("period", "P1")), (0.6, 0.7)),),
    kept=("policy=guarded&demand=::120", "policy="),
)


def test_a_view_is_its_query():
    assert View.read(EVERYTHING.query) == EVERYTHING
    assert View.read("") == View()
    assert View.read(View().query) == View()


@pytest.mark.parametrize("seed", range(30))
def test_any_view_is_its_query(seed):
    rng = random.Random(seed)
    names = ["a", "b-1", "c.d", "E_f"]
    factors = {(rng.choice(["", *names]), rng.choice(["", *names])): round(rng.uniform(0, 900), 3) for _ in range(3)}
    view = View(
        policy=rng.choice(["", *names]),
        against=rng.choice([None, "", *names]),
        scenario=rng.choice(["", *names]),
        warning=rng.random() < 0.5,
        limits={name: round(rng.uniform(0, 100), 2) for name in rng.sample(names, 2)},
        capacity=factors,
        outage=rng.choice([None, Outage("a", "P 1&x", 3), Outage("b", "ü", 999, "s")]),
    )
    assert View.read(view.query) == view


@pytest.mark.parametrize(
    "query",
    [
        "limit=a:nan",
        "limit=a:NaN",
        "limit=a:inf",
        "limit=a:1e9",
        "limit=a:-1",
        "limit=a:101",
        "limit=a:1_0",
        "limit=:5",
        "limit=a",
        "capacity=a:b:nan",
        "capacity=a:b:1001",
        "capacity=a:90",
        "capacity=<b>::90",
        "demand=a:b:c:90",
        "chance=a:NaN",
        "outage=TW:P1",
        "outage=TW:P1:-1",
        "outage=TW:P1:1e3",
        "outage=TW:P1:0x1",
        "outage=TW:P1:1:a:b",
        f"outage=TW:{'P' * 65}:1",
        "warning=perhaps",
        "policy=<script>",
        "policy=a&policy=b",
        "who=me",
        "policy",
        "repair=NaN",
        "repair=[]",
        'repair=["raise_cap",{},[NaN]]',
        'repair=["raise_cap",{},[1e999]]',
        'repair=["raise_cap",[],[1]]',
        'repair=[{"a":1},{},[1]]',
        "repair=" + "[" * 5000,
        "keep=policy%3Da%26keep%3Dpolicy%253Db",
        "&".join(["keep=policy%3Da"] * 5),
        "&".join(["repair=1"] * 500),
        "policy=" + "a" * LONGEST,
        "\x00",
    ],
)
def test_what_is_no_view_is_refused(query):
    with pytest.raises(ViewError):
        View.read(query)


def test_limits_that_differ_in_window_and_customer_move_together():
    chosen = toys.policy(
        {"name": "early", "stage": "make", "of": "TW", "max_share": 0.9, "period": "P1"},
        {"name": "late", "stage": "make", "of": "TW", "max_share": 0.7, "period": "P2"},
        {"name": "other", "stage": "make", "of": "US", "max_share": 0.5},
        {"name": "one", "measure": "pathway", "of": "TW", "min_free": 0.1, "customers": ["shop"]},
    )
    instance = toys.tiny(periods=["P1", "P2"], **{key: toys.TWO_PLANTS[key] for key in toys.TWO_PLANTS})
    instance = instance.replace(policies=[chosen])
    groups = groups_of(chosen, instance.periods)
    assert [[limit.name for limit in group.limits] for group in groups] == [["early", "late"], ["other"], ["one"]]
    assert groups[0].shares == (90.0, 70.0)
    moved = wish_of(instance, View("p", limits={"early": 85.0, "one": 30.0})).policy
    assert [limit.max_share for limit in moved.limits[:3]] == [1.0, 0.85, 0.5]
    assert moved.limits[3].min_free == 0.3
    assert moved.name == NAME
    assert moved.title == "p with early and 1 more that move with it at 85 %, one at 30 %"
    assert wish_of(instance, View("p", limits={"early": 70.0})).policy is instance.policy("p")


def test_factors_and_an_outage_are_a_scenario():
    instance = toys.toy()
    wish = wish_of(
        instance, View(capacity={("wafer", "TW"): 90.0}, demand={("", ""): 105.0}, outage=Outage("TW", "P2", 9))
    )
    assert wish.policy is None
    assert wish.strike is None
    outage, capacity, demand = wish.known.changes
    assert (outage.change, outage.period, outage.where.region) == ("outage", "P2..P3", ("TW",))
    assert (capacity.factor, capacity.where.stage, capacity.where.region) == (0.9, ("wafer",), ("TW",))
    assert demand.factor == 1.05


def test_without_warning_only_the_event_strikes():
    wish = wish_of(toys.toy(), View(warning=False, demand={("", ""): 105.0}, outage=Outage("asia", "P3", 1, "memory")))
    assert [change.change for change in wish.known.changes] == ["demand"]
    assert [change.change for change in wish.strike.changes] == ["outage"]
    assert wish_of(toys.toy(), View(warning=False)).strike is None
    assert wish_of(toys.toy(), View(demand={("", ""): 100.0})).known is None


def test_views_with_one_plan_are_planned_once():
    view = View("guarded", against="", follow="TW", chances={"halt": 3.0}, kept=("policy=",), warning=False)
    assert view.planned == View("guarded")
    struck = View("guarded", scenario="halt", warning=False)
    assert struck.planned == struck


def test_a_scenario_alone_stays_what_it_is():
    instance = planner.load_instance("instances/canning")
    assert wish_of(instance, View(scenario="growth")).known is instance.scenario("growth")
    both = wish_of(instance, View(scenario="growth", capacity={("canning", ""): 120.0})).known
    assert (both.name, len(both.changes)) == (NAME, 2)


@pytest.mark.parametrize(
    "view",
    [
        View("nobody"),
        View(limits={"wafer-tw": 50.0}),
        View("guarded", limits={"none": 50.0}),
        View(scenario="nothing-such"),
        View(outage=Outage("TW", "P9", 1)),
        View(outage=Outage("XX", "P1", 1)),
        View(outage=Outage("TW", "P1", 1, "none")),
    ],
)
def test_what_the_instance_does_not_have_is_refused(view):
    with pytest.raises(UsageError):
        wish_of(toys.toy(), view)
