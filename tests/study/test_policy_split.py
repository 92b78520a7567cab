"""What each part of two policies costs: cases done by hand, and that the parts add up whatever the order."""

import pytest
import toys
from toys import solve

import planner
from planner.plan.closeness import Closeness
from planner.study.policy_split import content_of, differing_parts, policy_split
from planner.study.progress import Effort

HALVES = {"name": "halves", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}
FLOOR = {"name": "free", "measure": "pathway", "of": "TW", "min_free": 0.6}
LINE = {"option": "line", "site": "east", "period": "1", "capacity": 5, "unit_cost": 1}


def plants(*policies, **tables):
    """10 ordered at 100; east makes 10 for 1, west 10 for 3."""
    return toys.two_plants(policies=list(policies), **tables)


def three():
    """Without limits, with one, and with two of different kinds."""
    return plants({"name": "none"}, {"name": "halves", "limits": [HALVES]}, {"name": "both", "limits": [FLOOR, HALVES]})


def split(instance, one, other, **more):
    return policy_split(solve(instance, one), solve(instance, other), **more).set_index("part")


@pytest.mark.slow
def test_two_limits_of_which_the_second_does_the_work_of_the_first():
    """Half in the west costs 5 x 2; six tenths of the units 6 x 2. So the floor is 12 alone, and 2 after the halves."""
    instance = plants({"name": "none"}, {"name": "both", "limits": [HALVES, FLOOR]})
    table = split(instance, "none", "both")
    assert list(table.index) == ["make limits", "pathway limits"]
    assert table["cost"].tolist() == pytest.approx([10.0, 2.0])
    assert table["other_order"].tolist() == pytest.approx([0.0, 12.0])
    assert (table["reason"] == "").all()


@pytest.mark.slow
def test_orders_that_agree_are_told_once():
    """East makes 6 and an option adds 4 at 1 each, so that 4 need not cost 3: 4 x (3 - 1 - 1), in either order."""
    lone = {"name": "lone", "options": []}
    wide = {"name": "wide", "buffers": [{"stage": "make", "periods_of_cover": 0.0}]}
    instance = plants(
        lone,
        wide,
        capacities=[{"site": "east", "capacity": 6}, {"site": "west", "capacity": 10}],
        expansions=[{**LINE, "capacity": 4}],
    )
    table = split(instance, "lone", "wide")
    assert list(table.index) == ["options", "buffers"]
    assert table["cost"].tolist() == pytest.approx([-4.0, 0.0])
    assert table["other_order"].isna().all()


def test_one_difference_needs_no_split():
    assert split(three(), "none", "halves").empty
    assert policy_split(solve(three()), solve(three(), "none")).empty


def test_data_is_a_part_too():
    """West at 4 instead of 3: 5 units of it cost 5 more, and only with the limit are there any."""
    instance = plants({"name": "halves", "limits": [HALVES]})
    dearer = instance.replace(
        processes=[
            row.model_copy(update={"unit_cost": row.unit_cost + (row.site == "west")}) for row in instance.processes
        ]
    )
    table = policy_split(solve(instance), solve(dearer, "halves")).set_index("part")
    assert table["cost"].to_dict() == pytest.approx({"data and scenario": 0.0, "make limits": 15.0})
    assert table["other_order"].to_dict() == pytest.approx({"data and scenario": 5.0, "make limits": 10.0})


@pytest.mark.slow
def test_a_step_without_a_plan_says_why():
    """Half must be made in the west, where all capacity is the option's: without it there is no plan with the limit."""
    instance = plants(
        {"name": "halves", "limits": [HALVES]},
        {"name": "free", "options": []},
        demand=[{"customer": "shop", "item": "unit", "quantity": 10, "must_serve": 1}],
        capacities=[{"site": "east", "capacity": 10}, {"site": "west", "capacity": 0}],
        expansions=[{**LINE, "site": "west"}],
    )
    table = split(instance, "halves", "free")
    assert table["cost"].isna().all()
    assert all("no plan" in reason.lower() for reason in table["reason"])
    assert table["other_order"].to_dict() == pytest.approx({"options": 0.0, "make limits": -15.0})


def test_parts_add_up_and_known_plans_are_not_solved_again():
    instance = three()
    one, half, other = (planner.solve(instance, name) for name in ("none", "halves", "both"))
    asked = []
    known = {content_of(half.policy, instance): half}
    effort = Effort(progress=lambda done, every, name: asked.append((done, every, name)))
    table = policy_split(one, other, known, effort)
    assert table["cost"].sum() == pytest.approx(other.objective - one.objective)
    assert [part.name for part in differing_parts(one, other)] == ["make limits", "pathway limits"]
    assert [name for _, _, name in asked] == ["make limits", "pathway limits"]
    poisoned = {content_of(half.policy, instance): one}
    assert policy_split(one, other, poisoned)["cost"].iloc[0] == 0.0  # so it is the known plan that was taken


def test_the_order_of_limits_says_nothing():
    instance = plants({"name": "a", "limits": [HALVES, FLOOR]}, {"name": "b", "limits": [FLOOR, HALVES]})
    assert policy_split(solve(instance, "a"), solve(instance, "b")).empty


def test_limits_of_two_stages_that_have_one_name_stand_side_by_side():
    """Half made in the west costs 5 x 2; eight tenths packed there 8 x 4. A step has both limits, in either order.

    What was used of each stays its own: of 10 made and 10 packed before, all were in the west.
    """
    processes = [
        *({"site": site, "item": "raw", "unit_cost": cost} for site, cost in (("east", 1), ("west", 3))),
        *({"site": site, "item": "unit", "unit_cost": cost} for site, cost in (("east", 1), ("west", 5))),
    ]
    made = {"name": "made", "limits": [{**HALVES, "per": "horizon"}]}
    packed = {"name": "packed", "limits": [{**HALVES, "stage": "pack", "max_share": 0.2, "per": "horizon"}]}
    instance = plants(
        made,
        packed,
        stages=["make", "pack"],
        items=[{"item": "raw", "stage": "make"}, {"item": "unit", "stage": "pack"}],
        processes=processes,
        components=[{"item": "unit", "component": "raw", "quantity": 1}],
        lanes=[
            {"from": start, "to": end} for start in ("east", "west") for end in ("east", "west", "shop") if start != end
        ],
        capacities=[],
    )
    table = split(instance, "made", "packed")
    assert table["cost"].to_dict() == pytest.approx({"make limits": -5 * 2, "pack limits": 8 * 4})
    assert (table["reason"] == "").all()
    assert table["other_order"].isna().all()
    used = [{"policy": name, "limit": "halves", "of": "TW", "inside": 0, "total": 10} for name in ("made", "packed")]
    rolled = split(planner.load_instance({**instance.as_mapping(), "limits_used": used}), "made", "packed")
    assert rolled["cost"].to_dict() == pytest.approx({"make limits": 0, "pack limits": 6 * 4})


def test_what_a_frozen_zone_costs_is_no_part_of_a_policy():
    """Half of 20 made in the west, for 3 in the first period and 5 later: 10 x 2; a floor of 8 is kept then already.

    In the zone of the first period all stays in the east, so that the 10 are made later, for 10 x 2 more.
    """
    processes = [{"site": "east", "item": "unit", "unit_cost": 1}]
    processes += [
        {"site": "west", "item": "unit", "unit_cost": cost, "period": at} for cost, at in ((3, "P1"), (5, "P2"))
    ]
    both = {"name": "both", "limits": [{**HALVES, "per": "horizon"}, {**FLOOR, "min_free": 0.4, "per": "horizon"}]}
    instance = plants({"name": "none"}, both, periods=["P1", "P2"], processes=processes, capacities=[])
    first = solve(instance, "none")
    second = planner.solve(instance, "both", stay_close_to=Closeness(first, freeze="P1"))
    table = policy_split(first, second).set_index("part")
    assert table["cost"].to_dict() == pytest.approx(
        {"make limits": 10 * 2, "pathway limits": 0, "re-optimisation": 10 * 2}
    )
    assert table["other_order"].drop("re-optimisation").to_dict() == pytest.approx(
        {"make limits": 2 * 2, "pathway limits": 8 * 2}
    )
    turned = policy_split(second, first).set_index("part")
    assert turned["cost"].to_dict() == pytest.approx(
        {"make limits": -2 * 2, "pathway limits": -8 * 2, "re-optimisation": -10 * 2}
    )
    zone = policy_split(solve(instance, "both"), second)
    assert zone.empty


def test_a_strike_without_warning_is_told_beside_what_it_costs_when_it_is_known():
    """Known before, 10 are made ahead in the east for 1 each; else in the west for 3."""
    strike = {"change": "outage", "where": {"site": "east"}, "period": "P2"}
    instance = plants(periods=["P1", "P2"], capacities=[], scenarios=[{"name": "out", "changes": [strike]}])
    table = policy_split(solve(instance), planner.stress(instance, "out").runs[0].plan).set_index("part")
    assert table["cost"].to_dict() == pytest.approx({"data and scenario": 0, "re-optimisation": 10 * 2})
