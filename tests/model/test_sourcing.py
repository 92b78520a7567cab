"""Sources and lots as rows: golden rows, points by hand, the figures for the most, and what is written only where asked for.

After a change that is meant, `python -m pytest tests/model/test_sourcing.py --regenerate` writes tests/golden/sourcing
anew; read the difference line by line before you keep it.
"""

import re
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import toys
from golden_rows import assert_golden, column_lines

import planner
from planner.model.catalogue import BLOCKS, FAMILIES
from planner.network.needed import most_needed, start_rooms
from planner.solve import solve_program

GOLDEN = Path(__file__).parents[1] / "golden" / "sourcing"
SOURCING = ["source_use", "source_count_max", "source_count_min", "source_share", "lot_use", "lot_minimum"]
STEP = 0.25


@cache
def sourced():
    return toys.program(toys.toy_in_lots(), toys.SOURCED)


class TestGolden:
    @pytest.mark.parametrize("family", SOURCING)
    def test_rows(self, family, regenerate):
        assert_golden(GOLDEN / f"{family}.txt", toys.rows_of(sourced(), family), regenerate)

    @pytest.mark.parametrize("name", ["use", "lot"])
    def test_columns(self, name, regenerate):
        assert_golden(GOLDEN / "columns" / f"{name}.txt", column_lines(sourced(), name), regenerate)

    def test_all_else_is_as_without(self):
        plain = toys.program(toys.toy())
        for family in FAMILIES:
            if family.name not in SOURCING:
                assert toys.rows_of(sourced(), family.name) == toys.rows_of(plain, family.name), family.name
        for spec in BLOCKS:
            if spec.name not in {"use", "lot"}:
                assert getattr(sourced(), spec.name).labels() == getattr(plain, spec.name).labels()


class TestWrittenWhereAskedFor:
    def test_nothing_without_sources_and_lots(self):
        program = toys.program(toys.toy(), "guarded")
        assert (len(program.use), len(program.lot)) == (0, 0)
        assert not [rows.family.name for rows in program.families if rows.family.name in SOURCING and len(rows)]

    @pytest.mark.parametrize(
        ("rule", "count"),
        [
            ({"max_sources": 2}, 0),
            ({"max_sources": 1}, 2),
            ({"min_sources": 1, "min_share_if_used": 0.1}, 2),
            ({"min_share_if_used": 0.1}, 2),
        ],
    )
    def test_a_count_that_cannot_bind_brings_no_decision(self, rule, count):
        program = toys.program(toys.two_plants(), toys.policy(sources=[{"stage": "make", **rule}]))
        assert len(program.use) == count

    def test_only_lots_of_some_size(self):
        program = toys.program(toys.two_plants(processes=plants({"min_lot": 4}, {})))
        assert program.lot.labels() == [("east", "unit", "standard", "1")]
        assert not program.problem.isMIP() or program.integer.sum() == 1

    def test_classes_count_together(self):
        """A pathway limit splits what is made; a use and a lot are of the site and the process."""
        limit = {"measure": "pathway", "of": "TW", "max_share": 0.5}
        policy = toys.policy(limit, sources=[{"stage": "packaging", "max_sources": 1}])
        split = toys.program(toys.toy_in_lots(), policy)
        whole = toys.program(toys.toy_in_lots(), toys.policy(sources=[{"stage": "packaging", "max_sources": 1}]))
        assert split.make.is_split
        assert split.use.labels() == whole.use.labels()
        assert split.lot.labels() == whole.lot.labels()
        for family in SOURCING:
            own, other = ([without_class(line) for line in toys.rows_of(part, family)] for part in (split, whole))
            assert own == other, family


def without_class(line):
    """A row with each term once, whatever its class."""
    return re.sub(r"((?:[\d.]+ )?\w+\[[^]]*\]) \+ (?=\1)", "", re.sub(r", \{[^}]*\}", "", line))


def plants(east, west):
    return [
        {"site": "east", "item": "unit", "unit_cost": 1, **east},
        {"site": "west", "item": "unit", "unit_cost": 3, **west},
    ]


def two(rule, **tables):
    return toys.program(toys.two_plants(**tables), toys.policy(sources=[{"stage": "make", **rule}]))


def made(east, west, used, **blocks):
    """A point at which the two plants make, send and are sources."""
    return {
        "make": {("east", "unit", "standard", "1"): east, ("west", "unit", "standard", "1"): west},
        "ship": {("east", "shop", "unit", "1"): east, ("west", "shop", "unit", "1"): west},
        "lost": {("shop", "unit", "1"): 10 - east - west},
        "use": {(site, "unit", "1"): 1 for site in used},
        **blocks,
    }


class TestPoints:
    def test_source_use(self):
        program = two({"max_sources": 1})
        assert toys.broken(program, toys.point(program, **made(10, 0, ["east"]))) == []
        assert toys.broken(program, toys.point(program, **made(10, 0, []))) == ["source_use[east, unit, 1]"]

    def test_source_count_max(self):
        program = two({"max_sources": 1})
        assert toys.broken(program, toys.point(program, **made(6, 4, ["east", "west"]))) == [
            "source_count_max[unit, 1]"
        ]

    def test_source_count_min(self):
        program = two({"min_sources": 2, "min_share_if_used": 0.2})
        assert toys.broken(program, toys.point(program, **made(6, 4, ["east", "west"]))) == []
        assert toys.broken(program, toys.point(program, **made(0, 0, []))) == []
        assert toys.broken(program, toys.point(program, **made(10, 0, ["east"]))) == ["source_count_min[east, unit, 1]"]

    def test_source_share(self):
        program = two({"min_share_if_used": 0.2})
        assert toys.broken(program, toys.point(program, **made(8, 2, ["east", "west"]))) == []
        assert toys.broken(program, toys.point(program, **made(10, 0, ["east"]))) == []
        short = toys.point(program, **made(8.5, 1.5, ["east", "west"]))
        assert toys.broken(program, short) == ["source_share[west, unit, 1]"]

    def test_lots(self):
        program = toys.program(toys.two_plants(processes=plants({"min_lot": 4}, {})))
        lot = {("east", "unit", "standard", "1"): 1}
        assert toys.broken(program, toys.point(program, **made(4, 6, [], lot=lot))) == []
        assert toys.broken(program, toys.point(program, **made(0, 10, []))) == []
        assert toys.broken(program, toys.point(program, **made(4, 6, []))) == ["lot_use[east, unit, standard, 1]"]
        assert toys.broken(program, toys.point(program, **made(3, 7, [], lot=lot))) == [
            "lot_minimum[east, unit, standard, 1]"
        ]


def marginal(program, family, *labels):
    """The shadow price of a row with the integers fixed, by its dual and by solving again."""
    solution = solve_program(program)
    fixed = {int(column): float(solution.values[column]) for column in np.flatnonzero(program.integer)}
    row = toys.row_number(program, family, *labels)
    again = toys.least_cost(program, {row: STEP}, fixed)
    dual = -solution.row_duals[row]
    assert (solution.objective - again) / STEP == pytest.approx(dual, abs=1e-7)
    return dual


class TestShadowPrices:
    def test_a_unit_less_of_the_least_share(self):
        """West makes 2 of 10 at 3 instead of 1; one less saves 2."""
        program = two({"min_sources": 2, "min_share_if_used": 0.2})
        assert marginal(program, "source_share", "west", "unit", "1") == pytest.approx(2, rel=1e-9)

    def test_a_unit_more_of_a_lot(self):
        """50 are started where 30 are ordered; the 51st costs 1 and serves nobody."""
        program = toys.program(big_lot(100))
        assert marginal(program, "lot_minimum", "plant", "unit", "standard", "1") == pytest.approx(-1, rel=1e-9)


def big_lot(price):
    return toys.tiny(
        processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "min_lot": 50}],
        demand=[{"customer": "shop", "item": "unit", "quantity": 30, "price": price}],
    )


def most_of(program):
    return {key: float(most) for key, most in zip(program.use.labels(), program.network.use["most"], strict=True)}


class TestTheMost:
    SHARE: ClassVar = {"min_share_if_used": 0.1}

    def test_capacity_times_yield_over_its_use(self):
        program = two(
            self.SHARE,
            processes=plants({"yield": 0.8, "capacity_use": 0.5}, {"recipe": "lean"}),
            capacities=[{"site": "east", "capacity": 10}, {"site": "west", "capacity": 7}],
        )
        assert most_of(program) == {("east", "unit", "1"): 16, ("west", "unit", "1"): 7}
        assert program.network.use["others"].tolist() == [7, 16]

    def test_recipes_on_one_line_share_it_and_on_two_lines_add_up(self):
        processes = [
            {"site": "east", "item": "unit", "unit_cost": 1},
            {"site": "east", "item": "unit", "recipe": "lean", "yield": 0.5},
            {"site": "east", "item": "unit", "recipe": "new", "resource": "line-2", "yield": 0.9},
            {"site": "west", "item": "unit"},
        ]
        capacities = [
            {"site": "east", "capacity": 10},
            {"site": "east", "resource": "line-2", "capacity": 5},
            {"site": "west", "capacity": 1},
        ]
        found = most_of(two(self.SHARE, processes=processes, capacities=capacities))
        assert found["east", "unit", "1"] == pytest.approx(10 + 4.5)

    @pytest.mark.parametrize(("options", "most"), [(None, 18), ([], 10)])
    def test_options_that_the_policy_allows(self, options, most):
        instance = toys.two_plants(
            capacities=[{"site": "east", "capacity": 10}],
            expansions=[{"option": "more", "site": "east", "period": "1", "capacity": 8, "fixed_cost": 1}],
        )
        policy = toys.policy(sources=[{"stage": "make", **self.SHARE}], options=options)
        assert most_of(toys.program(instance, policy))["east", "unit", "1"] == most

    def test_an_outage_closes_starts_and_leaves_the_rows(self):
        """So that an outage changes numbers only."""
        closed = toys.two_plants(outages=[{"site": "west", "item": "unit", "period": "1"}])
        policy = toys.policy(sources=[{"stage": "make", **self.SHARE}])
        for family in SOURCING:
            assert toys.rows_of(toys.program(closed, policy), family) == toys.rows_of(
                toys.program(toys.two_plants(), policy), family
            )

    def test_without_a_capacity_twice_what_can_be_needed(self):
        program = two({"max_sources": 1})
        assert most_of(program)["east", "unit", "1"] == 2 * 10
        assert program.network.use["estimated"].all()

    def test_a_capacity_far_beyond_what_can_be_needed_is_none(self):
        program = two(
            {"max_sources": 1}, capacities=[{"site": "east", "capacity": 1e9}, {"site": "west", "capacity": 90}]
        )
        assert most_of(program) == {("east", "unit", "1"): 20, ("west", "unit", "1"): 90}


def needed(instance, policy=None):
    network = toys.network(instance, policy)
    return {item: pytest.approx(amount) for item, amount in most_needed(network, start_rooms(network)).items()}


class TestWhatCanBeNeeded:
    CHAIN: ClassVar = {
        "items": [{"item": "unit", "stage": "make", "value": 2}, {"item": "part", "stage": "parts"}],
        "processes": [
            {"site": "east", "item": "unit", "yield": 0.5},
            {"site": "west", "item": "unit", "yield": 0.8},
            {"site": "east", "item": "part"},
        ],
        "components": [{"item": "unit", "component": "part", "quantity": 3}],
        "lanes": [{"from": "east", "to": "shop"}, {"from": "west", "to": "shop"}, {"from": "east", "to": "west"}],
    }

    def test_orders_through_the_components_at_the_worst_yields(self):
        assert needed(toys.two_plants(**self.CHAIN)) == {"unit": 10, "part": 10 / 0.5 * 3}

    def test_stock_that_must_be_kept_commitments_and_lots(self):
        chain = {**self.CHAIN, "processes": [{**row, "min_lot": 4} for row in self.CHAIN["processes"]]}
        instance = toys.two_plants(
            **chain,
            stocks=[{"site": "west", "item": "part", "minimum": 7}],
            commitments=[{"commitment": "deal", "site": "west", "item": "unit", "minimum": 5}],
        )
        unit = 10 + 5 + 4 * 0.5 + 4 * 0.8
        assert needed(instance) == {"unit": unit, "part": unit / 0.5 * 3 + 7 + 4}

    def test_a_cap_may_ask_for_more_elsewhere(self):
        """A quarter of the stage in TW, all orders met from there: three times as much in the US beside it."""
        policy = toys.policy({"stage": "make", "of": "TW", "max_share": 0.25})
        assert needed(toys.two_plants(), policy) == {"unit": 40}

    def test_a_least_share_may_ask_for_units_of_no_use(self):
        policy = toys.policy(sources=[{"stage": "make", "min_sources": 2, "min_share_if_used": 0.2}])
        assert needed(toys.two_plants(), policy) == {"unit": 50}

    def test_components_that_cannot_be_kept_are_worked_up(self):
        instance = toys.two_plants(
            **self.CHAIN,
            stocks=[{"site": "west", "item": "part", "maximum": 0}],
            arrivals=[{"site": "west", "item": "part", "period": "1", "quantity": 30}],
        )
        assert needed(instance)["unit"] == 10 + 30 / 3 * 0.8

    def test_what_earns_money_has_only_its_capacity(self):
        earning = plants({"unit_cost": -1, "min_lot": 5}, {})
        capped = toys.two_plants(
            processes=earning, capacities=[{"site": "east", "capacity": 1e7}, {"site": "west", "capacity": 3}]
        )
        assert needed(capped) == {"unit": 1e7 + 3}
        assert toys.network(capped).lot["most"].tolist() == [1e7]
        with pytest.raises(planner.UsageError, match="give its resource a capacity"):
            planner.formulate(toys.two_plants(processes=earning))
