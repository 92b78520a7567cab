"""Sources and lots that cannot be meant: refused where they contradict themselves, warned of where they stop the work."""

import pytest
import toys

import planner
from planner.errors import InstanceError
from planner.instance.loading import check_instance


def problems(**tables):
    return list(check_instance({**toys.TINY, **toys.TWO_PLANTS, **tables}).problems)


def of_sources(*rules):
    return problems(policies=[{"name": "p", "sources": list(rules)}])


@pytest.mark.parametrize(
    ("rule", "message", "remedy"),
    [
        ({}, "counts nothing", "Give max_sources"),
        ({"max_sources": 0}, "nothing could be made", "1 or more"),
        ({"min_sources": 2}, "needs min_share_if_used", "min_share_if_used, e.g. 0.1"),
        (
            {"max_sources": 1, "min_sources": 2, "min_share_if_used": 0.1},
            "At most 1 sites cannot be at least 2",
            "Raise",
        ),
        ({"min_share_if_used": 1.5}, "1.5 is not a share", "up to 1"),
        ({"min_sources": 3, "min_share_if_used": 0.4}, "3 sites with at least 40 % each", "Lower"),
        ({"max_sources": 2, "stage": "nowhere"}, "There is no stage 'nowhere'", ""),
        ({"max_sources": -1}, "not a whole number", ""),
    ],
)
def test_a_rule_that_contradicts_itself(rule, message, remedy):
    found = [part for part in of_sources({"stage": "make", **rule}) if part.severity == "error"]
    assert len(found) == 1
    assert message in found[0].message
    assert remedy in found[0].remedy


def test_a_stage_is_counted_once():
    rule = {"stage": "make", "max_sources": 2}
    assert ["counted twice" in part.message for part in of_sources(rule, rule)] == [True]


def test_three_equal_shares_are_the_whole():
    rule = {"stage": "make", "min_sources": 3, "min_share_if_used": 1 / 3}
    assert [part.severity for part in of_sources(rule)] == ["warning"]  # two sites only


def test_fewer_sites_than_sources():
    (found,) = of_sources({"stage": "make", "min_sources": 3, "min_share_if_used": 0.1})
    assert found.severity == "warning"
    assert "unit is made at 2 sites only (east, west)" in found.message
    assert found.column == "sources.0.min_sources"


def test_a_stage_at_which_nothing_is_made():
    given = {"items": [{"item": "unit", "stage": "make"}, {"item": "case", "stage": "cases"}]}
    found = problems(**given, policies=[{"name": "p", "sources": [{"stage": "cases", "max_sources": 1}]}])
    assert ["No item of this stage is made." in part.message for part in found] == [True]


class TestLots:
    @staticmethod
    def found(capacities, **tables):
        processes = [{"site": "east", "item": "unit", "min_lot": 30, "capacity_use": 0.5, "period": "P2.."}]
        return problems(
            periods=["P1", "P2", "P3"],
            processes=[*processes, {"site": "west", "item": "unit"}],
            capacities=[{"site": "east", **row} for row in capacities],
            **tables,
        )

    def test_a_lot_that_never_fits(self):
        (part,) = self.found([{"period": "P1", "capacity": 20}, {"period": "P2..", "capacity": 14}])
        assert (part.severity, part.column, part.row) == ("warning", "min_lot", 1)
        assert "takes 15 of the resource east, which never has more than 14" in part.message

    @pytest.mark.parametrize(
        "capacities",
        [
            [],
            [{"capacity": 15}],
            [{"period": label, "capacity": most} for label, most in (("P1", 5), ("P2", 0), ("P3", 15))],
        ],
    )
    def test_a_lot_that_fits_in_some_period(self, capacities):
        assert self.found(capacities) == []

    def test_with_an_option(self):
        option = {"option": "more", "site": "east", "period": "P3", "capacity": 2, "unit_cost": 1}
        assert self.found([{"capacity": 14}], expansions=[option]) == []


def test_a_policy_object_is_checked_as_well():
    policy = toys.policy(sources=[{"stage": "nowhere", "max_sources": 1}])
    with pytest.raises(InstanceError, match="nowhere"):
        planner.solve(toys.two_plants(), policy)
