"""Sites through which an item only passes: one stands for the others, at the same least cost."""

import random

import portions
import pytest
import toys

import planner
from planner.errors import InstanceError, PlannerError
from planner.instance.applying import apply_scenario
from planner.model import write_program
from planner.network import build_network
from planner.network.frozen_past import frozen
from planner.network.gaps import gap_problems
from planner.network.passing import stood_for
from planner.plan.proof.claims import Claims
from planner.plan.proof.verify import verify

REGIONS = ("A", "B", "C")
LIMITED = {
    "name": "limited",
    "limits": [
        {"name": "makers", "measure": "stage", "stage": "part", "of": "each", "max_share": 0.8, "soft_cost": 3},
        {"name": "clear", "measure": "pathway", "of": "A", "min_free": 0.5, "per": "horizon", "soft_cost": 5},
    ],
    "buffers": [{"items": ["part"], "periods_of_cover": 1, "soft_cost": 0.4}],
}


def wide(seed, each=4, **changes):
    """An instance whose lanes join regions: parts made and used at a few of its sites, products ordered in two regions.

    What may tell sites apart stands in some instances and not in others: lanes and limits of single sites, stocks with
    a maximum or a holding cost, sites that are closed, lanes that take time or earn money.
    """
    rng = random.Random(seed)
    sites = [f"{region.lower()}{number}" for region in REGIONS for number in range(each)]
    lanes = [
        {
            "from": f"region:{start}",
            "to": f"region:{end}",
            "unit_cost": rng.choice([0, 1, 2, 6]),
            "lead_time": rng.choice([0, 0, 0, 1]) if start == end else rng.choice([0, 1, 2]),
        }
        for start in REGIONS
        for end in REGIONS
        if rng.random() < 0.8
    ]
    if rng.random() < 0.3:
        lanes.append({"from": "region:A", "to": "region:A", "item": "part", "unit_cost": -0.25, "lead_time": 1})
    if rng.random() < 0.5:
        one, other = rng.sample(sites, 2)
        lanes.append({"from": one, "to": other, "unit_cost": 0.5})
    if rng.random() < 0.3:
        lanes.append({"from": "region:all", "to": rng.choice(sites), "item": "part", "unit_cost": 0.1})
    stocks = [
        {"site": site, "item": item, **rng.choice([{"opening": 9}, {"maximum": 4}, {"holding_cost": 0.01}])}
        for site in sites
        for item in ("part", "product")
        if rng.random() < 0.1
    ]
    mapping = {
        "name": "wide",
        "periods": ["1", "2", "3", "4"],
        "stages": ["part", "whole"],
        "holding_rate": 0.1,
        "discount_rate": 0.05,
        "stock": rng.choice(["anywhere", "anywhere", "listed"]),
        "region_groups": {"all": [*REGIONS]},
        "sites": [{"site": site, "region": site[0].upper()} for site in sites],
        "items": [{"item": "part", "stage": "part", "value": 3}, {"item": "product", "stage": "whole", "value": 10}],
        "processes": [
            {"site": site, "item": item, "unit_cost": rng.randint(1, 4), "lead_time": rng.choice([0, 1])}
            for item in ("part", "product")
            for site in rng.sample(sites, 2)
        ],
        "components": [{"item": "product", "component": "part", "quantity": 2}],
        "customers": [{"customer": "near", "region": "A"}, {"customer": "far", "region": "C"}],
        "demand": [
            {
                "customer": customer,
                "item": "product",
                "period": str(period),
                "quantity": 10,
                "price": 90,
                "late_cost": 1,
            }
            for customer in ("near", "far")
            for period in range(1, 5)
        ],
        "lanes": lanes,
        "tariffs": [
            {"from_region": "A", "to_region": "C", "rate": 0.4},
            {"from_region": "*", "to_region": "C", "rate": 0.1},
        ],
        "stocks": stocks,
        "policies": [LIMITED],
    }
    mapping["capacities"] = [
        {"site": site, "capacity": rng.randint(5, 30)} for site in {row["site"] for row in mapping["processes"]}
    ]
    if rng.random() < 0.3:
        mapping["lane_capacities"] = [{"from": "region:B", "to": rng.choice(["region:A", "region:C"]), "capacity": 3}]
    if rng.random() < 0.3:
        mapping["outages"] = [{"site": rng.choice(sites), "period": "2..3", "held": True}]
    if rng.random() < 0.3:
        mapping["arrivals"] = [{"site": rng.choice(sites), "item": "part", "period": "2", "quantity": 6}]
    return mapping | changes


@pytest.mark.parametrize("seed", portions.portion(range(60), 2))
def test_the_least_cost_is_that_of_every_way_through_every_site(seed):
    """One with a policy and one without in every suite, 58 more are slow."""
    instance = planner.load_instance(wide(seed))
    policy = instance.policies[0] if seed % 2 else None
    short, whole = (build_network(instance, policy, every_way=way) for way in (False, True))
    assert len(short.ship) <= len(whole.ship)
    plan, every = (planner.solve(write_program(network)) for network in (short, whole))
    assert plan.status == every.status
    assert plan.objective == pytest.approx(every.objective, rel=1e-8, abs=1e-7)


def test_decisions_grow_with_the_sites_that_work_and_not_with_those_that_could_be_passed():
    few, many = (build_network(planner.load_instance(plain(each))) for each in (4, 24))
    assert len(many.ship) == len(few.ship)
    assert len(many.stock) == len(few.stock)
    whole = build_network(planner.load_instance(plain(24)), every_way=True)
    assert len(whole.ship) > 50 * len(many.ship)


def plain(each, **changes):
    """Two makers of parts, two of products, all lanes within the period; `each` sites in every region."""
    lanes = [{"from": f"region:{a}", "to": f"region:{b}", "unit_cost": 1 + (a != b)} for a in REGIONS for b in REGIONS]
    at = {"part": ("a0", "b0"), "product": ("a1", "c0")}
    given = {
        "processes": [{"site": site, "item": item} for item, sites in at.items() for site in sites],
        "capacities": [{"site": site, "capacity": 20} for sites in at.values() for site in sites],
        "lanes": lanes,
        "stocks": [],
    }
    none = {table: [] for table in ("lane_capacities", "outages", "arrivals")}
    return wide(0, each) | {"stock": "anywhere"} | given | none | changes


def left(**changes):
    """Where nothing goes, in an instance with four sites a region."""
    return stood_for(planner.load_instance(plain(4, **changes)))


def test_a_site_that_makes_takes_or_keeps_an_item_is_never_left_out():
    assert left() == {
        *((site, "part") for site in ("a2", "a3", "b1", "b2", "b3", "c1", "c2", "c3")),
        *((site, "product") for site in ("a0", "a2", "a3", "b1", "b2", "b3", "c1", "c2", "c3")),
    }
    kept = [{"site": "b3", "item": "part", "opening": 1}, {"site": "c2", "item": "product", "maximum": 5}]
    assert left() - left(stocks=kept) == {("b3", "part"), ("c2", "product")}
    coming = [{"site": "b2", "item": "part", "period": "2", "quantity": 1}]
    assert left() - left(arrivals=coming) == {("b2", "part")}


def test_what_a_stock_of_its_own_tells_apart_stands_for_nobody():
    for figure in ({"maximum": 3}, {"holding_cost": 2}):
        bounded = [{"site": site, "item": "part", **figure} for site in ("b0", "c0")]
        assert left() - left(stocks=bounded) == {("b1", "part"), ("c1", "part")}


def test_two_stand_for_the_others_where_going_round_a_region_takes_time_or_earns():
    for figure in ({"lead_time": 1}, {"unit_cost": -1}):
        lanes = [{**row, **figure} if row["from"] == row["to"] == "region:B" else row for row in plain(4)["lanes"]]
        assert left() - left(lanes=lanes) == {("b1", "part"), ("b2", "part"), ("b1", "product")}


def test_a_site_with_a_lane_a_limit_or_a_stop_of_its_own_is_apart():
    lanes = plain(4)["lanes"]
    own = [{"from": "b2", "to": "c3", "unit_cost": 0}]
    apart = {(site, item) for site in ("b2", "c3") for item in ("part", "product")}
    assert left() - left(lanes=[*lanes, *own]) == apart
    assert left() - left(lane_capacities=[{"from": "b2", "to": "c3", "capacity": 1}]) == apart
    assert left() - left(outages=[{"site": "b2", "period": "2", "held": True}]) == {
        place for place in apart if place[0] == "b2"
    }
    assert left() == left(outages=[{"site": "b2", "period": "2"}])
    limited = [{"from": "region:all", "to": "a0", "capacity": 3}]
    assert left(lane_capacities=limited) == set()


def test_rows_of_ones_own_can_name_every_site():
    program = planner.formulate(planner.load_instance(plain(4)))
    assert ("a0", "b3", "part", "1") in program.ship


def test_a_run_is_proved_again_whichever_sites_it_could_pass():
    instance = planner.load_instance(plain(4))
    for plan in (planner.solve(instance), planner.solve(planner.formulate(instance))):
        assert verify(Claims.of(plan)).holds


STRIKES = (
    {"change": "outage", "where": {"region": "A"}, "period": "3", "pipeline": "held"},
    {"change": "freight", "where": {"from_region": "B"}, "period": "3..", "factor": 0.1},
    {"change": "freight", "where": {"from": "b0", "to_region": "C"}, "period": "3..", "factor": 0.1},
    {"change": "lane_capacity", "where": {"to_region": "C"}, "period": "3..", "set": 4},
    {"change": "lead_time", "where": {"from_region": "A", "to_region": "A"}, "period": "3..", "add": 1},
)


UNREACHED = {0, 2, 4, 17, 22, 34, 56}  # have an order that nothing can ever reach


@pytest.mark.parametrize("seed", portions.portion([seed for seed in range(60) if seed not in UNREACHED], 4))
def test_after_a_strike_too_and_nothing_that_was_decided_before_is_missing(seed):
    instance = planner.load_instance(wide(seed))
    change = toys.scenario(STRIKES[seed % len(STRIKES)])
    undisturbed = toys.undisturbed(instance, instance.policies[0] if seed % 2 else None)
    base, strike = undisturbed.program.network, 2
    try:
        struck = apply_scenario(instance, change)
    except PlannerError:
        pytest.skip("no such lane")
    costs = []
    for ways in ({"holding": base}, {"every_way": True}):
        terms = undisturbed.terms(strike, 500.0)
        built = build_network(struck, base.policy, terms, elsewhere=undisturbed.needed, **ways)
        costs.append(planner.solve(write_program(frozen(built, undisturbed.decided, strike))).objective)
    assert costs[0] == pytest.approx(costs[1], rel=1e-8, abs=1e-7)


def test_more_departures_than_memory_holds_are_refused_by_name(monkeypatch):
    instance = planner.load_instance(plain(4))
    monkeypatch.setattr("planner.network.departures.MOST", 40)
    with pytest.raises(InstanceError, match="more than 10 ways in each of 4 periods"):
        planner.solve(instance)
    [found] = gap_problems(instance)
    assert (found.file, found.column, found.severity) == ("lanes", "from", "error")
