"""From month to month: the bridge adds up, frozen zones stay or break at their price, and what moved is counted."""

import dataclasses
import math
import sys
from pathlib import Path

import pytest
from portions import portion, portion_of_rows

sys.path.insert(0, str(Path(__file__).parents[1]))
import toys
from test_rolled_year import year

import planner
from planner.instance.records import Stock
from planner.plan.closeness import Closeness, changes_in_zone
from planner.study.roll.actuals import Actuals
from planner.study.roll.bridge import bridge, bridge_table
from planner.study.roll.nervousness import moved_between
from planner.study.roll.roll import roll

CAP = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.7}


def plants():
    """East makes 8 a period for 1, west 6 for 3; 10 are ordered."""
    return toys.two_plants(
        periods=["P1", "P2", "P3"],
        capacities=[{"site": "east", "capacity": 8}, {"site": "west", "capacity": 6}],
        policies=[{"name": "capped", "limits": [CAP]}],
    )


def last_month(chosen=None):
    """The plan of the two plants, which many tests look at."""
    return toys.solve(plants(), chosen)


def next_month(plan, stock, *, packer, capacity, freight=0.0, dearer=0.0):
    """The instance at P2 with a worse count, more demand and less of one line; dearer lanes and east if asked for."""
    mapping = roll(plan, "P2", Actuals(stocks=(Stock(**stock),))).instance.as_mapping()
    for row in mapping["demand"]:
        row["quantity"] *= 1.1
    for row in mapping["capacities"]:
        row["capacity"] = capacity if row["site"] == packer else row["capacity"]
    for row in mapping["lanes"]:
        row["unit_cost"] = row.get("unit_cost", 0) + freight
    for row in mapping["processes"]:
        row["unit_cost"] += dearer if row["site"] == "east" else 0
    return planner.load_instance(mapping)


def months(chosen=None, capacity=3, **changes):
    """The plan of the two plants, and what it is a month later."""
    plan = last_month(chosen)
    stock = {"site": "east", "item": "unit", "opening": 1}
    return plan, next_month(plan, stock, packer="west", capacity=capacity, **changes)


def months_of_toy(chosen=None, capacity=6, **changes):
    """The same of the toy."""
    plan = toys.solve(toys.toy(), chosen)
    stock = {"site": "pack-a", "item": "die", "opening": 1}
    changes.pop("dearer", None)
    return plan, next_month(plan, stock, packer="pack-b", capacity=capacity, **changes)


def solved(instance, plan, **how):
    policy = plan.policy.name if plan.policy else None
    return planner.solve(instance, policy=policy, stay_close_to=Closeness(plan, **how))


def adds_up(made):
    assert math.fsum(made.steps["change"].iloc[1:]) == pytest.approx(made.change, rel=1e-12, abs=1e-9)
    return dict(zip(made.steps["because"], made.steps["change"], strict=True))


def named(part):
    """A case in the name of a test: an address in memory would differ between workers."""
    return getattr(part, "__name__", None) or str(getattr(part, "name", part))


EACH = [(months, "capped"), (months_of_toy, "guarded"), (months_of_toy, None), (months_of_toy, toys.TRACED)]


@pytest.mark.parametrize(("given", "chosen"), portion_of_rows(EACH, quick=1), ids=named)
def test_every_reason_has_its_step_and_all_add_up(given, chosen):
    """Two plants in every suite; the toy under three policies is slow."""
    plan, instance = given(chosen, freight=0.5)
    now = solved(instance, plan)
    made = bridge(plan, now)
    found = adds_up(made)
    assert list(found) == ["last plan", "actuals", "demand", "capacity", "other figures", "re-optimisation"]
    assert made.steps["cost"].iloc[0] == pytest.approx(roll(plan, "P2").tail_cost)
    assert made.steps["cost"].iloc[-1] == pytest.approx(now.objective)
    assert found["demand"] > 1
    assert found["capacity"] > 0
    assert found["other figures"] > 0
    assert found["re-optimisation"] == pytest.approx(0, abs=1e-6)


def test_words_are_no_figures():
    """Sources, names and a title that were written anew were told as other figures, with a change of 0."""
    plan = last_month()
    mapping = roll(plan, "P2").instance.as_mapping() | {"title": "As it stands in May", "regions": {"TW": "Taiwan"}}
    mapping["lanes"] = [{**row, "source": "asked again in May"} for row in mapping["lanes"]]
    mapping["items"] = [{**row, "name": "Unit"} for row in mapping["items"]]
    mapping["capacities"] = [{**row, "capacity": row["capacity"] + 1} for row in mapping["capacities"]]
    found = adds_up(bridge(plan, planner.solve(planner.load_instance(mapping))))
    assert list(found) == ["last plan", "capacity", "re-optimisation"]
    assert found["capacity"] == pytest.approx(-4)


def test_what_we_choose_is_no_actual():
    """A minimum stock that is raised was told as what had been counted."""
    plan = two_plants_of(stock="anywhere", stocks=[{"site": "east", "item": "unit", "opening": 1, "minimum": 1}])
    mapping = roll(plan, "2").instance.as_mapping()
    counted = {"site": "east", "item": "unit", "opening": 0.5}
    mapping["stocks"] = [{**row, "minimum": 4} for row in mapping["stocks"]]
    found = adds_up(bridge(plan, planner.solve(planner.load_instance(mapping))))
    assert list(found) == ["last plan", "other figures", "re-optimisation"]
    assert found["other figures"] == pytest.approx(3)  # a unit is made in the east for 1
    mapping["stocks"] = [{**row, **counted} for row in mapping["stocks"]]
    found = adds_up(bridge(plan, planner.solve(planner.load_instance(mapping))))
    assert list(found) == ["last plan", "actuals", "other figures", "re-optimisation"]
    assert found["actuals"] == pytest.approx(0.5)  # a unit more is made in the east, for 1, where half is missing


def test_a_contract_that_is_agreed_anew_is_no_actual():
    """The west makes none of the 12 that are promised: a unit short costs 1, and 1.5 by the new contract."""
    contract = {"commitment": "deal", "site": "west", "item": "unit", "minimum": 12, "shortfall_cost": 1}
    plan = two_plants_of(commitments=[contract])
    mapping = roll(plan, "2").instance.as_mapping()
    [left] = mapping["commitments"]
    mapping["commitments"] = [{**left, "shortfall_cost": 1.5}]
    found = adds_up(bridge(plan, planner.solve(planner.load_instance(mapping))))
    assert list(found) == ["last plan", "contracts", "re-optimisation"]
    assert found["contracts"] == pytest.approx(0.5 * left["minimum"])


@pytest.mark.parametrize(("first", "second", "change"), [(None, "capped", 2 * 0.6), ("capped", None, -2 * 0.6)])
def test_another_policy_is_one_of_the_other_figures(first, second, change):
    """Of 11 in each of two periods the cap has 0.3 more made in the west, for 3 instead of 1.

    One more ordered is made in the west, for 3; under the cap 0.7 of it in the east, for 1.
    """
    plan = last_month(first)
    mapping = roll(plan, "P2").instance.as_mapping()
    found = adds_up(bridge(plan, planner.solve(planner.load_instance(mapping), second)))
    assert list(found) == ["last plan", "other figures", "re-optimisation"]
    mapping["demand"] = [{**row, "quantity": 11} for row in mapping["demand"]]
    found = adds_up(bridge(plan, planner.solve(planner.load_instance(mapping), second)))
    assert list(found) == ["last plan", "demand", "other figures", "re-optimisation"]
    assert found["demand"] == pytest.approx(2 * (3 if first is None else 0.7 + 0.3 * 3))
    assert found["other figures"] == pytest.approx(change)


def test_nothing_changed_is_a_bridge_without_steps():
    plan = last_month()
    made = bridge(plan, planner.solve(roll(plan, "P2").instance, stay_close_to=plan))
    assert list(made.steps["because"]) == ["last plan", "re-optimisation"]
    assert adds_up(made)["re-optimisation"] == pytest.approx(0, abs=1e-9)
    assert made.moved.units == 0
    assert made.moved.orders.empty


@pytest.mark.slow
def test_figures_that_leave_no_plan_alone_count_with_the_next():
    """Twice as much is promised as could be made, and the lines that make it stand in another table."""
    lines = [{"site": "east", "capacity": 10}, {"site": "west", "capacity": 2}]
    plan = two_plants_of(capacities=lines)
    mapping = roll(plan, "2").instance.as_mapping()
    mapping["demand"] = [{**row, "must_serve": 1, "quantity": 20} for row in mapping["demand"]]
    mapping["capacities"] = [{**row, "capacity": 30} for row in mapping["capacities"]]
    found = adds_up(bridge(plan, planner.solve(planner.load_instance(mapping))))
    assert found["demand and capacity"] == pytest.approx(10)


def test_figures_that_leave_the_cost_without_an_end_alone_count_with_the_next():
    """Starts earn as long as lines are full; this month no line is limited, and starts cost."""
    mapping = plants().as_mapping()
    for row in mapping["processes"]:
        row["unit_cost"] = -1.0
    plan = planner.solve(planner.load_instance(mapping))
    later = roll(plan, "P2").instance.as_mapping()
    later["capacities"] = []
    later["processes"] = [{**row, "unit_cost": 1.0} for row in later["processes"]]
    found = adds_up(bridge(plan, planner.solve(planner.load_instance(later))))
    assert list(found) == ["last plan", "capacity and other figures", "re-optimisation"]


def test_a_plan_that_does_not_follow_is_refused():
    plan = last_month()
    with pytest.raises(planner.UsageError, match="does not follow"):
        bridge(plan, plan)


@pytest.mark.parametrize("given", portion([months, months_of_toy], quick=1))
def test_a_frozen_zone_stays(given):
    """Two plants in every suite; the toy is slow."""
    plan, instance = given(capacity=10, dearer=5.0)
    free = planner.solve(instance)
    kept = solved(instance, plan, freeze="P2", break_cost=1e5)
    zone = Closeness(plan, "P2")
    broken = changes_in_zone(kept, zone)
    assert len(broken) < len(changes_in_zone(free, zone))
    assert kept.certificate.passed
    assert kept.objective == pytest.approx(math.fsum(kept.costs["amount"]))  # the price steers, and is no cost
    assert kept.objective > free.objective
    found = adds_up(bridge(plan, kept))
    assert found["re-optimisation"] == pytest.approx(kept.objective - free.objective, rel=1e-6)


DEARER = [(months, None), (months_of_toy, None), (months_of_toy, toys.TRACED)]


@pytest.mark.parametrize(("given", "chosen"), portion_of_rows(DEARER, quick=1), ids=named)
def test_the_dearer_a_break_the_fewer(given, chosen):
    """Two plants in every suite; the toy is slow."""
    plan, instance = given(chosen, dearer=5.0)
    units, costs = [], []
    for price in (0, 10, 1000):
        now = solved(instance, plan, freeze="P2", break_cost=price)
        units.append(changes_in_zone(now, Closeness(plan, "P2"))["change"].abs().sum())
        costs.append(now.objective)
    assert units == sorted(units, reverse=True)
    assert costs == pytest.approx(sorted(costs))
    assert units[-1] < units[0]


@pytest.mark.slow
def test_without_a_price_nothing_in_the_zone_changes():
    """Where all came as planned, last month's zone can stay as it is, whatever is ordered after it."""
    plan = planner.solve(toys.toy(), policy=toys.TRACED)
    mapping = roll(plan, "P2").instance.as_mapping()
    mapping["demand"] = [
        {**row, "quantity": row["quantity"] * (1.3 if row["period"] == "P3" else 1)} for row in mapping["demand"]
    ]
    now = solved(planner.load_instance(mapping), plan, freeze="P2")
    assert changes_in_zone(now, Closeness(plan, "P2")).empty


def test_a_zone_that_cannot_stay_says_why():
    plan, instance = months(capacity=1)
    with pytest.raises(planner.InfeasibleError) as caught:
        solved(instance, plan, freeze="P2")
    assert any(line.startswith("The frozen zone keeps ") for line in caught.value.conflict)
    assert str(caught.value).count("(--break-cost MONEY)") == 1  # the way out, which no repair of a table is
    lanes = [row for row in instance.lanes if row.from_ != "west"]
    with pytest.raises(planner.PlannerError, match="break-cost"):
        solved(instance.replace(lanes=lanes), plan, freeze="P2")


@pytest.mark.parametrize(("how", "words"), [({"break_cost": 3.0}, "name its window"), ({"freeze": "P7"}, "P7")])
def test_a_zone_has_periods(how, words):
    plan = last_month()
    with pytest.raises(planner.UsageError, match=words):
        planner.solve(plants(), stay_close_to=Closeness(plan, **how))


def two_plants_of(plan=None, **tables):
    mapping = {"periods": ["1", "2"], "stock": "listed", **tables}
    return planner.solve(toys.two_plants(**mapping), stay_close_to=plan)


@pytest.mark.slow
def test_units_made_elsewhere_count_once():
    first = two_plants_of()
    outage = [{"site": "east", "period": "2"}]
    second = two_plants_of(outages=outage)
    moved = moved_between(first, second)
    assert moved.units == 10
    assert moved.share == pytest.approx(0.5)
    row = moved.orders.iloc[0]
    assert (row["customer"], row["resourced"], row["later"], row["earlier"], row["more"]) == ("shop", 10, 0, 0, 0)
    more = [{"customer": "shop", "item": "unit", "quantity": 15, "price": 100}]
    assert moved_between(first, two_plants_of(demand=more)).units == 0  # more of the same is nothing moved


def test_orders_that_move_in_date_are_counted_as_such():
    order = {"customer": "shop", "item": "unit", "period": "1", "quantity": 10, "price": 100, "late_cost": 1}
    first = two_plants_of(demand=[order])
    second = two_plants_of(demand=[order], outages=[{"site": "east", "period": "1"}, {"site": "west", "period": "1"}])
    row = moved_between(first, second).orders.iloc[0]
    assert (row["later"], row["earlier"], row["resourced"]) == (10, 0, 0)
    row = moved_between(second, first).orders.iloc[0]
    assert (row["later"], row["earlier"], row["resourced"]) == (0, 10, 0)


@pytest.mark.slow
def test_what_is_resourced_can_be_limited():
    first = two_plants_of()
    dear = [{"site": "east", "item": "unit", "unit_cost": 4}, {"site": "west", "item": "unit", "unit_cost": 3}]
    instance = toys.two_plants(periods=["1", "2"], processes=dear)
    assert moved_between(first, planner.solve(instance)).units == 20
    held = planner.solve(instance, stay_close_to=Closeness(first, most_resourced=7))
    assert moved_between(first, held).units == pytest.approx(7)
    assert held.objective == pytest.approx(20 * 4 - 7)
    none = planner.solve(instance, stay_close_to=Closeness(first, most_resourced=0))
    assert none.objective == pytest.approx(80)


@pytest.mark.slow
def test_a_plan_can_stay_close_where_figures_are_far_apart():
    """The refined optimum of such a program has one figure for each row, also for those that measure the change."""
    plan = planner.solve(toys.toy())
    program = planner.formulate(toys.toy())
    for number, row in enumerate(plan.production.head(3).itertuples()):
        made = program.make[row.site, row.item, row.recipe, row.period]
        program.problem += made <= row.started + 1e-8 * (number + 1), f"own_{number}"
        program.problem += 1e-8 * made >= 1e-8 * row.started - 1e-12, f"other_{number}"
    again = planner.solve(program, stay_close_to=plan)
    assert again.certificate.passed
    assert again.objective == pytest.approx(plan.objective)


def test_what_costs_nothing_is_no_step_of_its_own():
    """Each least cost is that of its solve: 2e-10 of it between two of them looked like a reason."""
    plan = planner.solve(planner.load_instance(year()), policy="half")
    mapping = roll(plan, "2027-02").instance.as_mapping()
    mapping["demand"] = [{**row, "price": row["price"] * 1.01} for row in mapping["demand"]]
    mapping["capacities"] = [
        {**row, "capacity": row["capacity"] * (1.5 if row["site"] == "pack-b" else 1)} for row in mapping["capacities"]
    ]
    made = bridge(plan, planner.solve(planner.load_instance(mapping), policy="half", stay_close_to=plan))
    found = dict(zip(made.steps["because"], made.steps["change"], strict=True))
    assert found["demand"] == found["re-optimisation"] == 0
    assert found["capacity"] == pytest.approx(made.change, rel=1e-8)  # costs are told with twelve digits
    assert made.change < -1


def test_steps_without_their_noise_add_up():
    steps = bridge_table(100.0, 90.0, [("demand", 3e-8), ("capacity", 5.0), ("re-optimisation", -2e-8)], 1e-7)
    assert steps["change"].tolist()[1:] == pytest.approx([0, 5 + 1e-8, 0], abs=1e-12)
    assert steps["cost"].tolist() == pytest.approx([100, 90, 95 + 1e-8, 105 + 1e-8], abs=1e-12)
    assert bridge_table(100.0, 90.0, [("re-optimisation", 3e-8)], 1e-7)["cost"].tolist() == [100, 100]


def test_what_nine_digits_leave_is_no_move():
    """Three thirds of 100 in nine digits are 1e-7 less than the 100 that come at once: nobody gets more."""
    order = [{"customer": "shop", "item": "unit", "period": "1", "quantity": 100, "price": 100, "late_cost": 1}]
    labels = ["1", "2", "3", "4"]

    def made(*capacities):
        each = zip(labels, capacities, strict=True)
        rows = [{"site": "east", "period": label, "capacity": units} for label, units in each]
        return two_plants_of(periods=labels, demand=order, capacities=[*rows, {"site": "west", "capacity": 0}])

    [row] = moved_between(made(*[100 / 3] * 3, 0), made(0, 0, 0, 100)).orders.itertuples()
    assert (row.later, row.earlier, row.more) == (pytest.approx(100), 0, 0)


def test_a_small_change_of_a_large_cost_is_said_and_what_stays_is_not_counted():
    """Two costs that are written alike would read as none, and `0 good units (0.0%)` as some."""
    plan = last_month()
    found = bridge(plan, toys.solve(roll(plan, "P2").instance))
    assert found.summary.lines[0].startswith("For P2 to P3 the last plan said USD")
    assert found.summary.lines[1].endswith(" nothing is made at another site in the same period.")
    steps = found.steps.assign(cost=[1.91e6 if at else 1.93e6 for at in range(len(found.steps))])
    said = dataclasses.replace(found, steps=steps).summary.lines[0]
    assert said == "For P2 to P3 the last plan said USD 1.9 M, this one says USD 20,000 less."
