"""Why sources and lots leave no plan, and the cheapest ways out: also where only whole decisions have none."""

import re
from typing import ClassVar

import pytest
import toys

import planner
from planner.model.catalogue import FAMILIES
from planner.solve import conflict as conflicts
from planner.solve import explain_infeasibility

MUST = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 1}]
TWO = {"stage": "make", "min_sources": 2, "min_share_if_used": 0.2}
ALL = "All of the order of unit for shop in 1 must be served."
ORDER = "shop orders 10 unit in 1."


def explained(instance, *rules):
    program = planner.formulate(instance, toys.policy(sources=list(rules)) if rules else None)
    conflict, repair, *_ = explain_infeasibility(program)
    return conflict, {part["text"]: part["cost"] for part in repair}


def plants(east=None, west=None, **tables):
    """Two plants and an order of 10 that must be served; capacities where they are given."""
    capacities = [{"site": site, "capacity": amount} for site, amount in (("east", east), ("west", west)) if amount]
    return toys.two_plants(demand=MUST, capacities=capacities, **tables)


class TestConflicts:
    def test_more_sites_than_there_are(self):
        conflict, repair = explained(toys.tiny(demand=MUST), TWO)
        assert conflict == [ORDER, "At least 2 sites must make unit in 1 if any does; plant can.", ALL]
        assert repair == {
            "lower min_sources of make from 2 to 1": 10,
            "allow 10 unit of shop in 1 to be lost (must_serve 0)": 1000,
        }

    def test_one_source_that_is_too_small(self):
        conflict, repair = explained(plants(6, 7), {"stage": "make", "max_sources": 1})
        assert conflict == [
            ORDER,
            "The resource east has 6 in 1.",
            "The resource west has 7 in 1.",
            "At most 1 site can make unit in 1.",
            ALL,
        ]
        assert repair == {
            "raise the capacity of west in 1 from 7 to 10": 30,
            "raise max_sources of make from 1 to 2": 6 + 4 * 3,
            "allow 3 unit of shop in 1 to be lost (must_serve 0.7)": 7 * 3 + 300,
        }

    def test_a_conflict_that_is_not_tried_out_says_so(self, monkeypatch):
        """Without any patience nothing is left out: every row and bound is named, and that fewer may be enough."""
        monkeypatch.setattr(conflicts, "PATIENCE", 0.0)
        conflict, repair = explained(plants(6, 7), {"stage": "make", "max_sources": 1})
        assert conflict[-1] == conflicts.NOT_ALL_NEEDED
        assert "At most 1 site can make unit in 1." in conflict
        assert repair == {}

    def test_a_share_that_a_source_cannot_make(self):
        conflict, repair = explained(plants(None, 1), TWO)
        assert "If west makes unit in 1, it makes at least 20 % of it." in conflict
        assert "The resource west has 1 in 1." in conflict
        assert "At least 2 sites must make unit in 1 if any does; east, west can." in conflict
        assert repair == {
            "lower min_sources of make from 2 to 1": 10,
            "lower min_share_if_used of make from 20 % to 10 %": 12,
            "raise the capacity of west in 1 from 1 to 2": 14,
            "allow 5 unit of shop in 1 to be lost (must_serve 0.5)": 4 + 3 + 500,
        }

    def test_a_lot_that_does_not_fit(self):
        processes = [{"site": "east", "item": "unit", "min_lot": 8}, {"site": "west", "item": "unit", "unit_cost": 3}]
        conflict, repair = explained(plants(6, 6, processes=processes))
        assert "A lot of unit at east in 1 is at least 8." in conflict
        assert "The resource west has 6 in 1." in conflict
        assert repair["lower the smallest lot of unit at east in 1 from 8 to 6"] == 12
        assert repair["raise the capacity of east in 1 from 6 to 8"] == 6

    def test_a_lot_that_cannot_be_kept(self):
        instance = toys.tiny(
            demand=MUST,
            processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "min_lot": 50}],
            stocks=[{"site": "plant", "item": "unit", "maximum": 5}],
        )
        conflict, repair = explained(instance)
        assert conflict == [
            ORDER,
            "A lot of unit at plant in 1 is at least 50.",
            "At most 5 unit can be kept at plant in 1.",
            ALL,
        ]
        assert repair == {
            "lower the smallest lot of unit at plant in 1 from 50 to 15": 15,
            "raise the maximum stock of unit at plant from 5 to 40": 50,
            "allow 10 unit of shop in 1 to be lost (must_serve 0)": 1000,
        }

    def test_options_that_come_whole(self):
        """The policy allows one of two options; the order needs both, and neither can be bought in part."""
        whole = {"fixed_cost": 1, "all_or_nothing": "yes", "site": "plant", "period": "1"}
        instance = toys.tiny(
            demand=MUST,
            expansions=[{"option": "six", "capacity": 6, **whole}, {"option": "seven", "capacity": 7, **whole}],
            commitments=[{"commitment": "idle", "site": "plant", "item": "unit", "minimum": 10}],
            stocks=[{"site": "plant", "item": "unit", "maximum": 0}],
        )
        policy = toys.policy(options=["six"])
        program = planner.formulate(instance, policy)
        conflict, repair, *_ = explain_infeasibility(program)
        assert "The policy does not allow the option seven." in conflict
        assert "allow the option seven" in [part["text"] for part in repair]


class TestRepairsAreEnough:
    """What a repair asks for, done: the plan costs what the repair says."""

    RULE: ClassVar = {"stage": "make", "max_sources": 1}

    def test_more_sources(self):
        again = planner.solve(plants(6, 7), toys.policy(sources=[{**self.RULE, "max_sources": 2}]))
        assert again.objective == pytest.approx(18, rel=1e-9)

    def test_more_capacity(self):
        again = planner.solve(plants(6, 10), toys.policy(sources=[self.RULE]))
        assert again.objective == pytest.approx(30, rel=1e-9)

    def test_a_smaller_lot(self):
        processes = [{"site": "east", "item": "unit", "min_lot": 6}, {"site": "west", "item": "unit", "unit_cost": 3}]
        assert planner.solve(plants(6, 6, processes=processes)).objective == pytest.approx(12, rel=1e-9)


def test_every_kind_of_row_has_its_sentence():
    program = toys.program(toys.toy_in_lots(), toys.SOURCED)
    said = {}
    for family in FAMILIES:
        start, rows = program.family_rows(family.name)
        if len(rows):
            said[family.name] = toys.row_words(program, start)
    assert said["source_count_max"] == "At most 2 sites can make die in P1."
    assert said["source_count_min"] == "At least 2 sites must make die in P1 if any does; fab-a, fab-b can."
    assert said["source_share"] == "If fab-a makes die in P1, it makes at least 25 % of it."
    assert said["lot_minimum"] == "A lot of die at fab-a in P1 is at least 8."
    start, _ = program.family_rows("lot_minimum")
    assert toys.row_words(program, start + 2) == "A lot of package at pack-b (lean) in P2 is at least 4."
    assert all(re.fullmatch(r"[A-Za-z].*\.", text) for text in said.values())
