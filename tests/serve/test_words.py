"""What the page says: sliders that hold what is written, names instead of ids, late orders that are delivered."""

import pytest
import toys

import planner
from planner.report.names import Names
from planner.serve.controls import Choices, Controls, Slider
from planner.serve.figures import headline, moved_options
from planner.serve.pair import pair_of
from planner.serve.titles import repair_title, run_title
from planner.serve.view import Outage, Repair, View


@pytest.fixture(scope="module")
def canning():
    return planner.load_instance("instances/canning")


@pytest.mark.parametrize(
    ("value", "usual", "step"), [(15.0, 15.0, 0.5), (11.25, 11.25, 0.25), (12.0, 11.3, 0.1), (100 / 3, 1.0, 1e-9)]
)
def test_a_slider_has_a_step_on_which_its_values_are(value, usual, step):
    """A browser moves a value that is not on a step, which then counts as moved by a hand."""
    assert Slider("chance", "s", "s", "", round(value, 9), usual, 0, 100, 0.5).step == step


def test_a_probability_between_two_steps_is_not_moved():
    base = toys.tiny(scenarios=[{"name": "slip", "probability": 0.1125}])
    [slider] = Controls(Choices(base), View()).chances
    assert (slider.value, slider.moved) == (11.25, False)
    assert slider.value / slider.step == pytest.approx(round(slider.value / slider.step), abs=1e-9)


def test_what_is_delivered_late_is_not_called_in_time():
    """10 are ordered in each of two quarters, 8 made in the first and 12 in the second: all are delivered, 2 late."""
    base = toys.two_plants(
        periods={"first": "2027Q3", "count": 2, "length": "quarter"},
        demand=[{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "late_cost": 1}],
        capacities=[
            {"site": "east", "period": "2027Q3", "capacity": 8},
            {"site": "east", "period": "2027Q4", "capacity": 12},
            {"site": "west", "capacity": 0},
        ],
    )
    plan = planner.solve(base)
    assert plan.service["late"].sum() == pytest.approx(2)
    said = headline(pair_of(base, "no policy", plan, plan))
    assert said.startswith("Without a policy the plan costs ")
    assert "delivers 100.0 % of the orders by end 2027, none lost" in said
    assert "in time" not in said


def test_a_view_is_called_by_names(canning):
    names = Names.of_instance(canning)
    view = View("balanced", outage=Outage("NW", "1", 1), capacity={("canning", "SW"): 88.0})
    assert run_title(canning, names, view) == (
        "balanced; Northwest out from 1 for 1 period; canning capacity in Southwest at 88 %"
    )


def test_a_limit_that_was_moved_is_called_by_what_it_limits(canning):
    [group] = Controls(Choices(canning), View("balanced")).limits
    said = run_title(canning, Names.of_instance(canning), View("balanced", limits={group.key: 60.0}))
    assert said == f"balanced; {group.words} 60 %"


@pytest.mark.parametrize(
    ("repair", "said"),
    [
        (
            Repair("lose", (("customer", "chicago"), ("item", "cases"), ("period", "1")), (47.0, 0.843, 1.0)),
            "Chicago, Canned goods, 1: up to 47 may be lost",
        ),
        (
            Repair("raise_capacity", (("period", "1"), ("resource", "san-diego")), (528.0, 900.0)),
            "San Diego, 1: capacity 528 → 900",
        ),
        (
            Repair("end_outage", (("period", "1"), ("process", "cases at seattle")), ()),
            "Canned goods at Seattle, 1: no outage",
        ),
        (
            Repair("raise_cap", (("limit", "l"), ("of", "NW"), ("period", "1")), (0.55, 0.6)),
            "l, Northwest, 1: limit 55.0 % → 60.0 %",
        ),
    ],
)
def test_a_repair_says_what_it_changed(canning, repair, said):
    assert repair_title(Names.of_instance(canning), repair) == said


def test_an_option_that_only_this_run_buys_is_told(canning):
    """Seattle fills 405 of 900 cases under the policy, and has room for 350: 55 of 100 of its second shift."""
    pair = pair_of(canning, "no policy", planner.solve(canning), planner.solve(canning, "balanced"))
    [(_, share, change, cost)] = moved_options(pair).rows
    assert (share, change, cost) == ("55.0 %", "+55.0 pp", "+kUSD 1.1")


def test_scenarios_that_begin_alike_or_as_a_region_does_are_told_apart():
    out = {"change": "outage", "where": {"region": "TW"}}
    titles = ("Taiwan: out for a year", "Korea: a quake", "Korea: a strike", "Orders: a tenth more")
    scenarios = [{"name": f"s{at}", "title": title, "changes": [out]} for at, title in enumerate(titles)]
    instance = toys.tiny(regions={"TW": "Taiwan"}, scenarios=scenarios)
    controls = Controls(Choices(instance), View())
    shown = [option.words for option in controls.scenarios][1:]
    assert shown == [*titles[:3], "Orders"]
    assert [slider.words for slider in controls.chances] == shown


@pytest.mark.parametrize(
    ("quantity", "said"),
    [(10, "delivers the same;"), (12, "delivers the same share of 20.0 % more orders"), (8, "of 20.0 % fewer orders")],
)
def test_the_same_share_of_other_orders_is_not_the_same(quantity, said):
    """A fifth more was ordered and delivered, which was told as the same."""
    before, now = (
        planner.solve(toys.two_plants(demand=[{"customer": "shop", "item": "unit", "quantity": ordered, "price": 100}]))
        for ordered in (10, quantity)
    )
    told = headline(pair_of(now.instance, "no policy", before, now))
    assert said in told
