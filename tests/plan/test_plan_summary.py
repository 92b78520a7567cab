"""What a plan says first: what it delivers, owes and costs, on whom it depends, and what binds."""

import toys

import planner
from planner.plan.plan_summary import choke_points_by_rent, plan_answer, what_binds
from planner.study.comparison_words import in_words


def test_what_is_owed_at_the_end_of_the_reported_periods_is_said():
    """Four a period can be made; of 10 ordered in the first of two reported periods, 8 are served in them."""
    late = toys.tiny(
        periods=["1", "2", "3"],
        report_periods="1..2",
        capacities=[{"site": "plant", "capacity": 4}],
        demand=[{"customer": "shop", "item": "unit", "period": "1", "quantity": 10, "late_cost": 1, "lost_cost": 100}],
    )
    plan = planner.solve(late)
    assert plan_answer(plan).startswith(
        "The plan without a policy delivers 8 of the 10 units ordered for 1 to 2, owes 2 at the end of 2 and loses none"
    )


def late_in_three(report, **tables):
    """10 are ordered in the first and 4 in the second of three periods, in each of which 6 can be made."""
    orders = [
        {"customer": "shop", "item": "unit", "period": period, "quantity": units, "late_cost": 1, "lost_cost": 100}
        for period, units in (("1", 10), ("2", 4))
    ]
    lines = [{"site": "plant", "capacity": 6}]
    return toys.tiny(periods=["1", "2", "3"], report_periods=report, capacities=lines, demand=orders, **tables)


def test_what_was_owed_before_the_reported_periods_is_said():
    """It delivered 8 of the 4 units ordered, and owed less than it did: 4 of the 8 were owed from before."""
    plan = planner.solve(late_in_three("2..3"))
    assert plan_answer(plan).startswith(
        "The plan without a policy delivers 8 of the 4 units ordered for 2 to 3 and the 4 owed from before and loses none"
    )
    owed = [{"customer": "shop", "item": "unit", "quantity": 5, "late_cost": 1}]
    plan = planner.solve(late_in_three("1..2", owed=owed, elapsed=1))
    assert plan_answer(plan).startswith(
        "The plan without a policy delivers 12 of the 14 units ordered for 1 to 2 and the 5 owed from before, "
        "owes 6 at the end of 2 and loses 1"
    )
    assert "It delivers 63.2 % of the 19 units ordered or owed from before" in in_words(plan, plan)


def test_what_binds_is_the_capacity_of_the_largest_rent():
    """One more unit from the east saves 3 - 1; nothing else is short."""
    plan = planner.solve(toys.two_plants(capacities=[{"site": "east", "capacity": 6}]))
    (sentence,) = what_binds(plan)
    assert sentence.startswith("What binds most is the capacity of east (make, ")
    assert sentence.endswith("full; one more unit saves up to USD 2.")


def test_lines_of_one_name_at_two_sites_are_two():
    """Both sites of a region call their line the same; each has its own price and rent."""
    sites = [{"site": name, "region": "TW"} for name in ("east", "west")]
    processes = [
        {"site": "east", "item": "unit", "unit_cost": 1, "resource": "line"},
        {"site": "west", "item": "unit", "unit_cost": 3, "resource": "line"},
    ]
    capacities = [{"site": name, "resource": "line", "capacity": 4} for name in ("east", "west")]
    plan = planner.solve(toys.two_plants(sites=sites, processes=processes, capacities=capacities))
    table = choke_points_by_rent(plan.choke_points[plan.choke_points["kind"] == "resource"])
    assert table[["name", "periods", "rent"]].to_numpy().tolist() == [
        ["line at east", 1, 4 * 99],
        ["line at west", 1, 4 * 97],
    ]
    assert "the capacity of line at east (make, TW)" in what_binds(plan)[0]


def test_a_limit_that_binds_is_said_beside():
    plan = planner.solve(
        toys.two_plants(), toys.policy({"name": "cap", "stage": "make", "over": "site", "of": "east", "max_share": 0.4})
    )
    assert what_binds(plan)[-1] == (
        "Of the policy's limits cap (east) costs most; one more unit inside saves up to USD 2."
    )


def test_where_nothing_binds_nothing_is_said():
    plan = planner.solve(toys.tiny())
    assert (plan.choke_points["shadow_price"] > 0).any() == bool(what_binds(plan))
