"""Rolling a plan on, by hand: what stands, comes, is owed, bought and promised at the start of a later period."""

import math
import sys
from pathlib import Path

import pytest
from portions import portion

sys.path.insert(0, str(Path(__file__).parents[1]))
import toys

import planner
from planner.instance.policy import Policy
from planner.instance.records import Arrival, Delivery, Outage, Stock
from planner.plan.rounding import ninth_digit_down, ninth_digit_up
from planner.study.roll.actuals import Actuals, read_actuals
from planner.study.roll.roll import roll

PERIODS = ["P1", "P2", "P3"]


def chain(**tables):
    """A fab in TW that takes a period, a packer in the US, a customer whom goods reach a period later."""
    return planner.load_instance(
        {
            "name": "chain",
            "periods": PERIODS,
            "discount_rate": 0.25,
            "sites": [
                {"site": "fab", "region": "TW", "operator": "alpha"},
                {"site": "pack", "region": "US", "operator": "beta"},
            ],
            "items": [
                {"item": "die", "stage": "wafer", "value": 5},
                {"item": "chip", "stage": "packaging", "value": 20, "holding_cost": 1},
            ],
            "processes": [
                {"site": "fab", "item": "die", "unit_cost": 2, "yield": 0.5, "lead_time": 1},
                {"site": "pack", "item": "chip", "unit_cost": 3},
            ],
            "components": [{"item": "chip", "component": "die", "quantity": 1}],
            "customers": [{"customer": "cloud", "region": "US"}],
            "demand": [{"customer": "cloud", "item": "chip", "period": "P3", "quantity": 6, "price": 100}],
            "lanes": [{"from": "fab", "to": "pack", "item": "die"}, {"from": "pack", "to": "cloud", "lead_time": 1}],
            **tables,
        }
    )


def rest(plan, to, actuals=None):
    """What is left at a period, and its plan, whose cost is what the first booked (without actuals)."""
    rolled = roll(plan, to, actuals)
    again = planner.solve(rolled.instance, policy=plan.policy.name if plan.policy else None)
    if actuals is None:
        assert again.objective == pytest.approx(rolled.tail_cost, rel=1e-9, abs=1e-9)
    return rolled.instance, again


def only(rows):
    (row,) = rows
    return row


def test_a_unit_in_process_arrives_when_it_is_finished():
    plan = toys.solve(chain())
    instance, again = rest(plan, "P2")
    row = only(instance.arrivals)
    assert (row.site, row.item, row.period, row.quantity) == ("fab", "die", "P2", 6.0)
    assert (row.touched, row.worked_here) == ((), True)
    assert instance.periods.labels == ("P2", "P3")
    assert instance.settings.elapsed == 1
    assert again.objective == pytest.approx(6 * 3 * 0.8)  # 12 dies were started in P1, which is past


@pytest.mark.slow
def test_goods_on_a_lane_to_a_customer_are_delivered():
    plan = toys.solve(chain())
    instance, again = rest(plan, "P3")
    row = only(instance.arrivals)
    assert (row.site, row.item, row.period, row.quantity) == ("cloud", "chip", "P3", 6.0)
    assert (row.touched, row.worked_here) == (("TW", "US"), False)
    assert list(again.service["delivered"]) == [6.0]
    assert again.objective == 0
    assert list(again.allocation["packaging"]) == ["cloud (on the way)"]
    pathway = again.exposure[(again.exposure["measure"] == "pathway") & (again.exposure["period"] == "P3")]
    assert dict(zip(pathway["of"], pathway["share"], strict=True)) == {"TW": 1.0, "US": 1.0}


def test_goods_on_a_lane_to_a_site_arrive_there():
    lanes = [{"from": "fab", "to": "pack", "item": "die", "lead_time": 1}, {"from": "pack", "to": "cloud"}]
    instance, _ = rest(toys.solve(chain(lanes=lanes)), "P3")
    row = only(instance.arrivals)
    assert (row.site, row.item, row.period, row.quantity) == ("pack", "die", "P3", 6.0)
    assert (row.touched, row.worked_here) == (("TW",), False)


@pytest.mark.slow
def test_more_on_the_way_than_is_owed_counts_for_nothing():
    rolled = roll(toys.solve(chain()), "P3").instance
    fewer = rolled.replace(demand=[row.model_copy(update={"quantity": 4.0}) for row in rolled.demand])
    plan = planner.solve(fewer)
    assert list(plan.service["delivered"]) == [4.0]
    assert plan.certificate.passed


def test_a_late_order_is_owed_at_its_cost():
    demand = [{"customer": "cloud", "item": "chip", "period": "P1", "quantity": 3, "price": 100, "late_cost": 4}]
    lanes = [{"from": "fab", "to": "pack", "item": "die"}, {"from": "pack", "to": "cloud"}]
    plan = toys.solve(chain(demand=demand, lanes=lanes))
    instance, again = rest(plan, "P2")
    row = only(instance.owed)
    assert (row.customer, row.item, row.quantity, row.late_cost, row.lost_cost) == ("cloud", "chip", 3.0, 4.0, 100.0)
    assert list(again.service["demand"]) == [0.0]  # what was ordered in P1 is not ordered twice
    assert list(again.service["delivered"]) == [3.0]
    assert again.margin == pytest.approx(-again.objective)  # its price was booked in P1


@pytest.mark.slow
def test_what_is_owed_can_wait_at_its_cost():
    demand = [
        {"customer": "cloud", "item": "chip", "period": "P1", "quantity": 3, "price": 100, "late_cost": 4},
        {"customer": "cloud", "item": "chip", "period": "P3", "quantity": 1, "price": 100, "late_cost": 4},
    ]
    processes = [
        {"site": "fab", "item": "die", "unit_cost": 2, "lead_time": 1},
        {"site": "pack", "item": "chip", "unit_cost": 3, "period": "P3"},
    ]
    lanes = [{"from": "fab", "to": "pack", "item": "die"}, {"from": "pack", "to": "cloud"}]
    plan = toys.solve(chain(demand=demand, processes=processes, lanes=lanes))
    _, again = rest(plan, "P2")
    assert dict(zip(again.service["period"], again.service["late"], strict=True)) == {"P2": 3.0, "P3": 0.0}
    assert toys.cost_of(again, "lateness") == pytest.approx(3 * 4 * 0.8)


def test_an_option_that_was_bought_is_there_and_paid_for():
    options = [{"option": "line", "site": "fab", "period": "P1", "capacity": 12, "fixed_cost": 7, "unit_cost": 1}]
    plan = toys.solve(chain(capacities=[{"site": "fab", "period": "P1", "capacity": 0}], expansions=options))
    instance, again = rest(plan, "P2")
    row = only(instance.expansions)
    assert (row.period, row.bought, row.fixed_cost, row.unit_cost) == ("P2", 1.0, 0.0, 0.0)
    assert toys.cost_of(again, "expansion") == 0
    assert [row.capacity for row in instance.capacities] == [0.0]  # a resource without rows left stays limited


@pytest.mark.slow
def test_an_option_decided_early_is_bought_as_planned_even_where_a_policy_does_not_name_it():
    options = [
        {"option": "soon", "site": "pack", "period": "P3", "lead_time": 2, "capacity": 9, "unit_cost": 1},
        {"option": "later", "site": "pack", "period": "P3", "lead_time": 1, "capacity": 9, "unit_cost": 5},
    ]
    lanes = [{"from": "fab", "to": "pack", "item": "die"}, {"from": "pack", "to": "cloud"}]
    capacities = [{"site": "pack", "period": "P1", "capacity": 0}]
    plan = toys.solve(chain(capacities=capacities, expansions=options, lanes=lanes))
    instance, again = rest(plan, "P2")
    by_name = {row.option: row for row in instance.expansions}
    assert by_name["soon"].bought == pytest.approx(6 / 9)
    assert by_name["later"].bought is None  # its decision is in P2
    none = planner.solve(instance, policy=Policy(name="none", options=()))
    assert none.objective == pytest.approx(again.objective)
    assert toys.cost_of(none, "expansion") == pytest.approx(6 * 1 * 0.64)


def test_a_commitment_partly_met_asks_for_the_rest():
    contract = {
        "commitment": "dies",
        "site": "fab",
        "item": "die",
        "period": "P1..P2",
        "minimum": 9,
        "shortfall_cost": 1,
    }
    plan = toys.solve(chain(commitments=[contract]))
    instance, again = rest(plan, "P2")
    row = only(instance.commitments)
    assert (row.period, row.minimum) == ("P2", 3.0)
    assert list(again.commitments["shortfall"]) == [3.0]
    assert not roll(plan, "P3").instance.commitments


@pytest.mark.slow
def test_stock_of_two_classes_stands_as_two():
    """The packer in the US holds chips of dies from TW and of dies from its own region."""
    tables = {
        "sites": [
            {"site": "fab", "region": "TW"},
            {"site": "home", "region": "US"},
            {"site": "pack", "region": "US"},
            {"site": "hub", "region": "JP"},
        ],
        "processes": [
            {"site": "fab", "item": "die", "unit_cost": 1, "period": "P1"},
            {"site": "home", "item": "die", "unit_cost": 5, "period": "P1"},
            {"site": "pack", "item": "chip", "unit_cost": 1, "period": "P1"},
        ],
        "lanes": [
            {"from": "region:TW", "to": "pack", "item": "die"},
            {"from": "home", "to": "pack", "item": "die"},
            {"from": "pack", "to": "hub", "item": "chip"},
            {"from": "hub", "to": "cloud"},
        ],
        "items": [{"item": "die", "stage": "wafer"}, {"item": "chip", "stage": "packaging", "holding_cost": 0.1}],
    }
    limit = {"name": "free", "measure": "pathway", "of": "TW", "min_free": 0.5}
    free = Policy.model_validate({"name": "free", "limits": [limit]})
    plan = toys.solve(chain(**tables), free)
    instance, again = rest(plan, "P3")
    stands = {(row.site, row.touched, row.worked_here, row.opening) for row in instance.stocks if row.opening}
    comes = {(row.site, row.touched, row.worked_here, row.period, row.quantity) for row in instance.arrivals}
    (site,) = {row[0] for row in stands}  # at the packer or the hub, which has not worked on them
    worked, beside = site == "pack", () if site == "pack" else ("US",)
    assert len(stands) + len(comes) == 2
    clear = {row[1:3] for row in [*stands, *comes] if "TW" not in row[1]}
    touched = {row[1:3] for row in [*stands, *comes] if "TW" in row[1]}
    assert clear == {(beside, worked)}
    assert touched == {(("TW", *beside), worked)}
    assert float(again.limits["share"].iloc[0]) == pytest.approx(0.5)


def test_a_limit_over_the_horizon_remembers_what_was_used():
    """At most half of all dies from TW: the cheap ones were made first, so the rest comes from elsewhere."""
    mapping = {
        "periods": ["1", "2"],
        "demand": [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100}],
        "capacities": [{"site": "east", "period": "1", "capacity": 6}, {"site": "east", "period": "2", "capacity": 99}],
    }
    half = toys.policy({"stage": "make", "of": "TW", "max_share": 0.5, "per": "horizon"}, name="half")
    plan = planner.solve(toys.two_plants(**mapping), policy=half)
    rolled = roll(plan, "2")
    row = only(rolled.instance.limits_used)
    assert (row.policy, row.limit, row.of, row.inside, row.total) == ("half", "l1", "TW", 6.0, 10.0)
    again = planner.solve(rolled.instance, policy="half")
    assert again.objective == pytest.approx(rolled.tail_cost)
    assert again.share("make", "TW") == pytest.approx(0.4)
    assert float(again.limits["share"].iloc[0]) == pytest.approx(0.5)
    free = rolled.instance.replace(limits_used=())
    assert planner.solve(free, policy="half").objective < again.objective - 1


@pytest.mark.parametrize("to", ["2", "3"])
@pytest.mark.parametrize("first", ["2", "3"])
def test_what_was_used_of_a_limit_whose_window_begins_later_is_carried_on(first, to):
    """8 of 8 were from TW, and with the window half may be: 8 from elsewhere, and what is made before it at TW."""
    limit = {"stage": "make", "of": "TW", "max_share": 0.5, "per": "horizon", "period": f"{first}.."}
    plan = toys.solve(
        toys.two_plants(
            periods=["1", "2", "3"],
            demand=[{"customer": "shop", "item": "unit", "quantity": 10, "price": 100}],
            policies=[toys.policy(limit, name="half").model_dump()],
            limits_used=[{"policy": "half", "limit": "l1", "of": "TW", "inside": 8, "total": 8}],
        ),
        "half",
    )
    rolled = roll(plan, to)
    row = only(rolled.instance.limits_used)
    assert (row.inside, row.total) == (8, 8)
    assert planner.solve(rolled.instance, policy="half").objective == pytest.approx(rolled.tail_cost)


@pytest.mark.parametrize(
    "chosen", portion(["guarded", None, toys.TRACED, toys.SOURCED, "no-options"], quick=1), ids=str
)
@pytest.mark.parametrize("to", portion(["P2", "P3"], quick=1))
def test_the_toy_rolls_on_under_every_policy(chosen, to):
    """One policy in every suite: tests/oracle/test_derived.py rolls plans of random instances under three."""
    rest(toys.solve(toys.toy(), chosen), to)


def test_the_world_of_a_scenario_is_kept_and_what_has_passed_is_left_out():
    scenarios = [
        {"name": "past", "changes": [{"change": "outage", "where": {"site": "fab-b"}, "period": "P1"}]},
        {"name": "both", "changes": [{"change": "demand", "where": {}, "period": "P1..P2", "factor": 1.1}]},
        {"name": "here", "changes": [{"change": "unit_cost", "where": {"site": "mem"}, "factor": 2}]},
    ]
    plan = planner.solve(toys.toy(scenarios=scenarios), scenario="here")
    rolled = roll(plan, "P2")
    assert [row.name for row in rolled.instance.scenarios] == ["both"]
    assert rolled.instance.scenarios[0].changes[0].period == "P2"
    assert {row.unit_cost for row in rolled.instance.processes if row.site == "mem"} == {4.0}
    assert len(rolled.notes) == 2


@pytest.mark.parametrize(
    ("to", "words"), [("P1", "first planned period"), ("P9", "no planned period"), ("2027Q1", "no planned period")]
)
def test_periods_that_cannot_be_rolled_to(to, words):
    with pytest.raises(planner.UsageError, match=words):
        roll(toys.solve(chain()), to)


def test_actual_stock_keeps_what_was_expected_of_its_past():
    lanes = [{"from": "fab", "to": "pack", "item": "die"}, {"from": "pack", "to": "cloud"}]
    processes = [
        {"site": "fab", "item": "die", "unit_cost": 2, "lead_time": 1},
        {"site": "pack", "item": "chip", "unit_cost": 3, "period": "P2"},
    ]
    plan = toys.solve(chain(lanes=lanes, processes=processes))
    rolled = roll(plan, "P3", Actuals(stocks=(Stock(site="pack", item="chip", opening=4),)))
    row = only(row for row in rolled.instance.stocks if row.opening)
    assert (row.site, row.opening, row.touched, row.worked_here) == ("pack", 4.0, ("TW",), True)
    difference = only(rolled.differences.itertuples())
    assert difference[1:] == ("stock", "chip", "pack", "P3", 6.0, 4.0, -2.0)
    assert list(planner.solve(rolled.instance).service["lost"]) == [2.0]


@pytest.mark.slow
def test_actual_arrivals_replace_all_that_was_expected_of_the_item_there():
    demand = [{"customer": "cloud", "item": "chip", "period": "P3", "quantity": 6, "price": 100}]
    lanes = [{"from": "fab", "to": "pack", "item": "die"}, {"from": "pack", "to": "cloud"}]
    plan = toys.solve(chain(demand=demand, lanes=lanes, stocks=[{"site": "fab", "item": "die", "maximum": 0}]))
    expected = only(roll(plan, "P3").instance.arrivals)
    assert (expected.period, expected.quantity) == ("P3", 6.0)
    rolled = roll(plan, "P3", Actuals(arrivals=(Arrival(site="fab", item="die", period="P3", quantity=5),)))
    assert only(rolled.instance.arrivals).quantity == 5.0
    assert only(rolled.differences.itertuples())[1:] == ("arrival", "die", "fab", "P3", 6.0, 5.0, -1.0)


def test_what_was_not_delivered_is_owed_and_what_came_early_counts():
    demand = [
        {"customer": "cloud", "item": "chip", "period": "P2", "quantity": 6, "price": 100, "late_cost": 4},
        {"customer": "cloud", "item": "chip", "period": "P3", "quantity": 2, "price": 100, "late_cost": 4},
    ]
    lanes = [{"from": "fab", "to": "pack", "item": "die"}, {"from": "pack", "to": "cloud"}]
    plan = toys.solve(chain(demand=demand, lanes=lanes))

    def after(units):
        delivery = Delivery(customer="cloud", item="chip", period="P2", quantity=units)
        return roll(plan, "P3", Actuals(deliveries=(delivery,))).instance

    assert [row.quantity for row in after(5).owed] == [1.0]
    assert [row.quantity for row in after(6).owed] == []
    early = after(7)
    assert [(row.site, row.quantity, row.worked_here) for row in early.arrivals if row.site == "cloud"] == [
        ("cloud", 1.0, False)
    ]


def test_an_outage_that_lasts_is_in_the_instance_and_in_the_table():
    lanes = [{"from": "fab", "to": "pack", "item": "die"}, {"from": "pack", "to": "cloud"}]
    processes = [{"site": "fab", "item": "die", "unit_cost": 2}, {"site": "pack", "item": "chip", "unit_cost": 3}]
    items = [
        {"item": "die", "stage": "wafer", "holding_cost": 1},
        {"item": "chip", "stage": "packaging", "holding_cost": 1},
    ]
    plan = toys.solve(chain(lanes=lanes, processes=processes, items=items))
    rolled = roll(plan, "P3", Actuals(outages=(Outage(site="fab", period="P3"),)))
    assert only(rolled.differences.itertuples())[1:] == ("outage", "die", "fab", "P3", 6.0, 0.0, -6.0)
    assert list(planner.solve(rolled.instance).service["lost"]) == [6.0]


@pytest.mark.parametrize(("expected", "really"), [("P2..P3", "P3"), ("P2..P3", "P2..P3"), ("P1..P2", "P2..P3")])
def test_an_outage_that_lasts_otherwise_than_expected_is_the_one_that_is(expected, really):
    """It was refused as two rows of outages of which nobody wrote the first, and could not be told otherwise."""
    plan = toys.solve(chain(outages=[{"site": "fab", "period": expected}]))
    rolled = roll(plan, "P2", Actuals(outages=(Outage(site="fab", period=really),))).instance
    assert [(row.site, row.period) for row in rolled.outages] == [("fab", really)]
    other = roll(plan, "P2", Actuals(outages=(Outage(site="pack", period=really),))).instance
    assert {row.site for row in other.outages} == {"fab", "pack"}


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("stocks.csv", "site,item,opening\nfabb,die,1\n", "stocks.csv, row 2, column site: There is no site 'fabb'"),
        ("stocks.csv", "site,item,opening\nfab,die,x\n", "stocks.csv, row 2, column opening: 'x' is not a number"),
        ("stocks.csv", "site,item,opening\nfab,die,1\nfab,die,2\n", "stocks.csv, row 3"),
        ("arrivals.csv", "site,item,period,quantity\nshop,die,P2,1\n", "There is no site or customer 'shop'"),
        ("arrivals.csv", "site,item,period,quantity\nfab,die,P1,1\n", "arrivals.csv, row 2, column period"),
        ("deliveries.csv", "customer,item,period,quantity\ncloud,chip,P2,1\n", "'P2' has not passed"),
        ("deliveries.csv", "customer,item,period,quantity\nclod,chip,P1,1\n", "There is no customer 'clod'"),
        ("deliveries.csv", "customer;item;period;quantity\ncloud;chop;P1;1\n", "There is no item 'chop'"),
        ("outages.csv", "site,item,period\nfab,chip,P2\n", "fab does not make 'chip'"),
        ("demand.csv", "customer\ncloud\n", "no table of actuals"),
    ],
)
def test_actuals_that_are_wrong_are_named_by_file_and_row(tmp_path, file, text, words):
    (tmp_path / file).write_text(text)
    with pytest.raises(planner.PlannerError) as caught:
        read_actuals(tmp_path, chain(), "P2")
    assert words in str(caught.value)


def test_actuals_are_read_from_a_folder(tmp_path):
    (tmp_path / "stocks.csv").write_text("site,item,opening\nfab,die,1.5\n")
    (tmp_path / "deliveries.csv").write_text("customer,item,period,quantity\ncloud,chip,P1,2\n")
    found = read_actuals(tmp_path, chain(), "P2")
    assert [row.opening for row in found.stocks] == [1.5]
    assert [row.quantity for row in found.deliveries] == [2.0]
    with pytest.raises(planner.UsageError, match="holds none of"):
        read_actuals(_empty(tmp_path), chain(), "P2")
    with pytest.raises(planner.UsageError, match=r"stocks.csv is a file. Give a folder with any of"):
        read_actuals(tmp_path / "stocks.csv", chain(), "P2")
    with pytest.raises(planner.UsageError, match="There is no folder"):
        read_actuals(tmp_path / "nowhere", chain(), "P2")


def _empty(path):
    (path / "empty").mkdir()
    return path / "empty"


def test_the_summary_says_what_was_carried():
    rolled = roll(toys.solve(toys.toy()), "P2")
    assert rolled.summary.title == "toy at the start of P2"
    assert "2 periods are left, from P2 on" in rolled.summary.lines[0]
    assert rolled.tail_cost == pytest.approx(math.fsum(rolled.tail_costs.values()))


@pytest.mark.parametrize(
    ("shown", "more", "less"),
    [
        (6.0, 6.0, 6.0),
        (1.5, 1.5, 1.5),
        (644857.513, 644857.514, 644857.512),
        (99999.9999, 100000.0, 99999.9998),
        (0.476190476, 0.476190477, 0.476190475),
    ],
)
def test_what_tables_cut_is_never_missing(shown, more, less):
    """A figure of nine digits may have been cut; one more in the ninth is never too little, one less never too much."""
    assert (ninth_digit_up(shown), ninth_digit_down(shown)) == (more, less)
