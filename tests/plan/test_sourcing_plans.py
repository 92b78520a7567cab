"""Sources and lots solved in the head, their table, and a certificate that catches what is not so."""

import json

import pytest
import toys
from portions import portion_of_rows

import planner
from planner.cli.main import main
from planner.plan.planning import formulate
from planner.plan.tables import plan_tables
from planner.solve import SolveOptions, certify, solve_program

TWO = {"stage": "make", "min_sources": 2, "min_share_if_used": 0.2}
ONE = {"stage": "make", "max_sources": 1}
MUST = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 1}]


def sources(*rules, limits=()):
    return toys.policy(*limits, sources=list(rules))


def rows(plan):
    table = plan.tables["sources"]
    return [(row.item, row.period, row.site, row.quantity, pytest.approx(row.share)) for row in table.itertuples()]


class TestMaxSources:
    CAPACITIES = ({"site": "east", "capacity": 6}, {"site": "west", "capacity": 20})

    def test_one_source_is_the_dear_one_that_can_make_it_all(self):
        """6 at 1 and 4 at 3 cost 18; one site alone 30 (the cheap one would lose 4 orders of 100)."""
        instance = toys.two_plants(capacities=list(self.CAPACITIES))
        assert toys.cost(instance) == pytest.approx(18, rel=1e-9)
        plan = toys.solve(instance, sources(ONE))
        assert plan.objective == pytest.approx(30, rel=1e-9)
        assert rows(plan) == [("unit", "1", "west", 10, 1)]
        assert (plan.status, plan.gap) == ("optimal", 0)

    def test_where_orders_are_cheap_the_cheap_site_alone(self):
        demand = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 2}]
        plan = toys.solve(toys.two_plants(capacities=list(self.CAPACITIES), demand=demand), sources(ONE))
        assert plan.objective == pytest.approx(6 + 4 * 2, rel=1e-9)
        assert rows(plan) == [("unit", "1", "east", 6, 1)]

    def test_each_period_by_itself(self):
        """East has a capacity in P1 only, west in P2 only: one source a period is enough."""
        instance = toys.two_plants(
            periods=["P1", "P2"],
            capacities=[
                {"site": "east", "period": "P1", "capacity": 10},
                {"site": "west", "period": "P2", "capacity": 10},
            ],
        )
        plan = toys.solve(instance, sources(ONE))
        assert plan.objective == pytest.approx(10 + 30, rel=1e-9)
        assert rows(plan) == [("unit", "P1", "east", 10, 1), ("unit", "P2", "west", 10, 1)]

    def test_each_item_by_itself(self):
        instance = toys.two_plants(
            items=[{"item": "unit", "stage": "make"}, {"item": "case", "stage": "make"}],
            processes=[
                {"site": "east", "item": "unit"},
                {"site": "east", "item": "case"},
                {"site": "west", "item": "unit"},
                {"site": "west", "item": "case"},
            ],
            capacities=[{"site": "east", "capacity": 10}, {"site": "west", "capacity": 10}],
            demand=[{"customer": "shop", "item": item, "quantity": 10} for item in ("unit", "case")],
        )
        plan = toys.solve(instance, sources(ONE))
        assert {row[2] for row in rows(plan)} == {"east", "west"}
        assert [row[3] for row in rows(plan)] == [10, 10]


class TestMinSources:
    def test_the_dear_site_makes_its_least_share(self):
        """8 at 1 and 2 at 3."""
        plan = toys.solve(toys.two_plants(), sources(TWO))
        assert plan.objective == pytest.approx(14, rel=1e-9)
        assert rows(plan) == [("unit", "1", "east", 8, 0.8), ("unit", "1", "west", 2, 0.2)]

    def test_nothing_is_asked_for_where_nothing_is_made(self):
        instance = toys.two_plants(
            periods=["P1", "P2"],
            stocks=[{"site": "east", "item": "unit", "opening": 10}],
            processes=[
                {"site": "east", "item": "unit", "unit_cost": 1},
                {"site": "west", "item": "unit", "unit_cost": 3, "period": "P2"},
            ],
        )
        plan = toys.solve(instance, sources(TWO))
        assert plan.objective == pytest.approx(14, rel=1e-9)
        assert rows(plan) == [("unit", "P2", "east", 8, 0.8), ("unit", "P2", "west", 2, 0.2)]

    def test_where_one_site_alone_can_make_it_none_may(self):
        plan = toys.solve(toys.tiny(), sources(TWO))
        assert plan.production.empty
        assert plan.tables["sources"].empty
        assert plan.objective == pytest.approx(1000, rel=1e-9)

    def test_an_outage_of_one_of_two_sources_stops_the_other(self):
        """That is what the policy asks for; the conflict and its repairs say so where the order must be served."""
        outage = toys.scenario({"change": "outage", "where": {"site": "west"}, "period": "1"})
        assert planner.solve(toys.two_plants(), sources(TWO), outage).objective == pytest.approx(1000, rel=1e-9)
        with pytest.raises(planner.InfeasibleError) as failed:
            planner.solve(toys.two_plants(demand=MUST), sources(TWO), outage)
        assert "At least 2 sites must make unit in 1 if any does; east, west can." in failed.value.conflict
        assert "west cannot start unit in 1 (outage)." in failed.value.conflict
        texts = {part["text"]: part["cost"] for part in failed.value.repair}
        assert texts["lower min_sources of make from 2 to 1"] == 10

    def test_a_source_without_a_way_out_is_waste_that_counts(self):
        """West has no lane: a fifth of all units are made there and stay (12.5 in all)."""
        instance = toys.two_plants(lanes=[{"from": "east", "to": "shop"}])
        plan = toys.solve(instance, sources(TWO))
        assert plan.objective == pytest.approx(10 + 2.5 * 3, rel=1e-9)
        assert plan.stock[["site", "quantity"]].values.tolist() == [["west", 2.5]]

    def test_a_site_that_is_used_makes_its_share_whatever_the_count(self):
        """East has 9; the tenth alone would be 10 % at west, so it makes 2."""
        instance = toys.two_plants(capacities=[{"site": "east", "capacity": 9}])
        plan = toys.solve(instance, sources({"stage": "make", "min_share_if_used": 0.2}))
        assert plan.objective == pytest.approx(8 + 6, rel=1e-9)


class TestLots:
    @staticmethod
    def instance(price=100, **tables):
        return toys.tiny(
            processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "min_lot": 50}],
            demand=[{"customer": "shop", "item": "unit", "quantity": 30, "price": price}],
            **tables,
        )

    def test_a_lot_is_started_and_the_rest_stays(self):
        plan = toys.solve(self.instance())
        assert plan.objective == pytest.approx(50, rel=1e-9)
        assert plan.production["started"].tolist() == [50]
        assert plan.stock["quantity"].tolist() == [20]
        assert plan.certificate.passed
        assert "integers fixed" in plan.certificate.method
        assert "sources" not in plan.tables

    def test_or_none_where_the_orders_are_worth_less(self):
        plan = toys.solve(self.instance(price=1.5))
        assert plan.production.empty
        assert plan.objective == pytest.approx(45, rel=1e-9)

    def test_more_than_a_lot_is_as_it_is(self):
        plan = toys.solve(self.instance(stocks=[{"site": "plant", "item": "unit", "closing_minimum": 45}]))
        assert plan.production["started"].tolist() == [75]

    def test_one_lot_for_two_periods(self):
        """A lot of 8 at 1 in P1 keeps 3 for P2 (0.5 each); 5 and 3 bought of the dear site cost 3 each."""
        instance = toys.two_plants(
            periods=["P1", "P2"],
            items=[{"item": "unit", "stage": "make", "holding_cost": 0.5}],
            processes=[
                {"site": "east", "item": "unit", "unit_cost": 1, "min_lot": 8},
                {"site": "west", "item": "unit", "unit_cost": 3},
            ],
            demand=[
                {"customer": "shop", "item": "unit", "period": period, "quantity": quantity, "price": 100}
                for period, quantity in (("P1", 5), ("P2", 3))
            ],
        )
        plan = toys.solve(instance)
        assert plan.objective == pytest.approx(8 + 1.5, rel=1e-9)

    def test_lots_sources_and_classes_together(self):
        """At most half has touched TW, a lot there is 6: 5 are not a lot; so all is made in the US, or 6 and 6."""
        limit = {"measure": "pathway", "of": "TW", "max_share": 0.5}
        processes = [
            {"site": "east", "item": "unit", "unit_cost": 1, "min_lot": 6},
            {"site": "west", "item": "unit", "unit_cost": 3},
        ]
        loose = toys.solve(toys.two_plants(processes=processes), sources(TWO, limits=[limit]))
        assert loose.objective == pytest.approx(6 + 5 * 3, rel=1e-9)
        assert loose.stock["touched"].tolist() == ["TW"]
        kept = [{"site": "east", "item": "unit", "maximum": 0}, {"site": "west", "item": "unit", "maximum": 0}]
        tight = toys.solve(toys.two_plants(processes=processes, stocks=kept), sources(limits=[limit]))
        assert tight.objective == pytest.approx(30, rel=1e-9)
        assert tight.production["site"].tolist() == ["west"]


class TestSolversAndStatus:
    @pytest.mark.parametrize("solver", ["cbc", "scip"])
    def test_other_solvers_find_the_same_plan(self, solver):
        program = toys.program(toys.toy_in_lots(), toys.SOURCED)
        ours, theirs = toys.solve(toys.toy_in_lots(), toys.SOURCED), planner.solve(program, solver=solver)
        assert theirs.objective == pytest.approx(ours.objective, rel=1e-9)
        assert ours.objective == pytest.approx(toys.least_cost(program), rel=1e-6)

    def test_a_site_that_makes_nothing_is_fixed_as_no_source(self):
        """Whatever the solver left its decision at: the values of a plan say what its tables say."""
        program = toys.program(toys.two_plants(), sources({"stage": "make", "min_share_if_used": 0.2}))
        solution = solve_program(program)
        used = dict(zip(program.use.labels(), solution.values[program.use.first : program.use.first + 2], strict=True))
        assert used == {("east", "unit", "1"): 1, ("west", "unit", "1"): 0}

    def test_a_wide_gap_is_what_the_plan_says_it_is(self):
        """The gap is that of the plan that is shown, against the solver's bound."""
        program = toys.program(toys.toy_in_lots(), toys.SOURCED)
        best = toys.solve(toys.toy_in_lots(), toys.SOURCED).objective
        rough = solve_program(program, SolveOptions(gap=0.3))
        assert rough.bound <= best * (1 + 1e-9)
        assert rough.gap == pytest.approx(max(0, (rough.objective - rough.bound) / rough.objective), abs=1e-9)

    @pytest.mark.parametrize(
        ("units", "money"), portion_of_rows([(1e9, 1), (1, 1e9), (1e9, 1e6), (0.01, 0.01)], quick=2)
    )
    def test_large_and_small_figures(self, units, money):
        """In whatever unit: lots of 2 at 1 and of 5 at 3, capacities of 6 and 9, one source: 9 at 3 and 1 lost at 100."""
        instance = toys.two_plants(
            demand=[{"customer": "shop", "item": "unit", "quantity": 10 * units, "price": 100 * money}],
            capacities=[{"site": "east", "capacity": 6 * units}, {"site": "west", "capacity": 9 * units}],
            processes=[
                {"site": "east", "item": "unit", "unit_cost": money, "min_lot": 2 * units},
                {"site": "west", "item": "unit", "unit_cost": 3 * money, "min_lot": 5 * units},
            ],
        )
        plan = planner.solve(instance, sources(ONE))
        assert plan.objective == pytest.approx(127 * units * money, rel=1e-9)
        assert (plan.status, plan.gap) == ("optimal", pytest.approx(0, abs=1e-6))
        assert plan.certificate.passed

    def test_the_command_line_says_what_shadow_prices_are(self, tmp_path, capsys):
        path = tmp_path / "plan.json"
        instance = toys.two_plants(policies=[{"name": "two", "sources": [TWO]}])
        path.write_text(json.dumps(instance.as_mapping()))
        with pytest.raises(SystemExit) as left:
            main(["solve", str(path), "--policy", "two", "--verbose"])
        assert not left.value.code
        said = " ".join(capsys.readouterr().out.split())
        assert "relative gap" in said
        assert "duals of the linear program with the integers fixed" in said

    def test_a_plan_as_large_as_what_was_taken_for_the_most_is_not_shown(self):
        """Nothing bounds the plant but what was taken for the most that can be needed: here it was taken too small."""
        program = formulate(TestLots.instance())
        program.network.lot["most"] = 50.0
        solution = solve_program(program)
        found = certify(program, solution, plan_tables(program, solution))
        assert not found.passed
        assert "give its resource a capacity" in found.failures[0]


class TestCertificate:
    @staticmethod
    def certified():
        instance = toys.two_plants(
            processes=[
                {"site": "east", "item": "unit", "unit_cost": 1, "min_lot": 4},
                {"site": "west", "item": "unit", "unit_cost": 3},
            ]
        )
        program = formulate(instance, sources({**TWO, "max_sources": 2}))
        solution = solve_program(program)
        tables = plan_tables(program, solution)
        assert certify(program, solution, tables).passed
        return program, solution, tables

    @pytest.mark.parametrize("column", ["quantity", "share"])
    def test_a_changed_figure_of_a_source(self, column):
        program, solution, tables = self.certified()
        table = tables["sources"].copy()
        table.loc[0, column] *= 1.001
        found = certify(program, solution, {**tables, "sources": table})
        assert not found.passed
        assert any(f"sources.{column} of unit/1/east" in text for text in found.failures)

    def test_a_source_that_is_missing_twice_or_invented(self):
        program, solution, tables = self.certified()
        table = tables["sources"]
        for wrong in (table.drop(index=1), table.iloc[[0, *range(len(table))]], table.assign(site=["east", "north"])):
            assert not certify(program, solution, {**tables, "sources": wrong.reset_index(drop=True)}).passed
        assert not certify(program, solution, {name: part for name, part in tables.items() if name != "sources"}).passed

    def test_a_share_below_the_least(self):
        """One unit moved from west to east, in every table: all balances hold, the least share does not."""
        program, solution, tables = self.certified()
        moved = self.moved(tables, 1)
        found = certify(program, solution, moved)
        assert any(text.startswith("source_share (west, unit, 1)") for text in found.failures), found.failures

    def test_one_source_where_two_are_the_fewest(self):
        program, solution, tables = self.certified()
        found = certify(program, solution, self.moved(tables, 2))
        assert any(text.startswith("source_count_min (east, unit, 1)") for text in found.failures), found.failures

    def test_less_than_a_lot(self):
        program, solution, tables = self.certified()
        found = certify(program, solution, self.moved(tables, -5))
        assert any(text.startswith("lot_minimum (east, unit, standard, 1)") for text in found.failures), found.failures

    def test_more_sources_than_the_most(self):
        program = formulate(toys.two_plants(), sources(ONE))
        solution = solve_program(program)
        other = formulate(toys.two_plants(), sources(TWO))
        both = plan_tables(other, solve_program(other))
        found = certify(program, solution, both)
        assert any(text.startswith("source_count_max (unit, 1)") for text in found.failures), found.failures

    @staticmethod
    def moved(tables, amount):
        """The plan with some units made at and sent from east instead of west."""
        new = {name: table.copy() for name, table in tables.items()}
        for name, site, columns in (
            ("production", "site", {"started": 1, "finished": 1}),
            ("shipments", "from", {"quantity": 1}),
            ("sources", "site", {"quantity": 1, "share": 0.1}),
        ):
            table = new[name]
            for place, sign in (("east", 1), ("west", -1)):
                at = (table[site] == place) & (table["period"] == "1")
                for column, factor in columns.items():
                    table.loc[at, column] += sign * amount * factor
            decision = next(iter(columns))
            new[name] = table[table[decision].abs() > 1e-12].reset_index(drop=True)
        at = new["production"].set_index("site")["started"]
        new["production"]["cost"] = [amount * {"east": 1, "west": 3}[site] for site, amount in at.items()]
        return new
