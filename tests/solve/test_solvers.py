"""Solvers: the same plan from each of them, honest limits, infeasibility explained, unboundedness named."""

import time
from functools import cache
from typing import ClassVar

import numpy as np
import pytest
import toys
from portions import portion

import planner
from planner.solve import SolveOptions, Status, solve_program

OTHERS = ["cbc", "scip"]


@cache
def plan(solver, policy=None):
    return planner.solve(toys.program(toys.toy(), policy), solver=solver)


@pytest.mark.parametrize("policy", portion([None, "guarded"], quick=1))
@pytest.mark.parametrize("solver", OTHERS)
def test_solvers_give_byte_identical_tables(solver, policy):
    ours, theirs = plan("HiGHS", policy), plan(solver, policy)
    assert theirs.solver != ours.solver
    assert ours.unique
    for name, table in ours.tables.items():
        assert table.to_csv(index=False) == theirs.tables[name].to_csv(index=False), name


@pytest.mark.parametrize("solver", portion(OTHERS, quick=1))
def test_a_linear_program_as_well(solver):
    program = toys.program(toys.toy(expansions=[]), "guarded")
    ours, theirs = toys.solve(toys.toy(expansions=[]), "guarded"), planner.solve(program, solver=solver)
    for name, table in ours.tables.items():
        assert table.to_csv(index=False) == theirs.tables[name].to_csv(index=False), name


def test_the_toys_optimum_by_an_independent_path():
    program = toys.program(toys.toy(), "guarded")
    assert plan("HiGHS", "guarded").objective == pytest.approx(toys.least_cost(program), rel=1e-9)


def test_every_shadow_price_lies_between_the_one_sided_differences():
    """For every row of the toy (integers fixed): cost rises by the dual, more or less as the optimum is degenerate."""
    program = toys.program(toys.toy(), "guarded")
    solution = solve_program(program)
    fixed = {int(column): float(round(solution.values[column])) for column in np.flatnonzero(program.integer)}
    base = toys.least_cost(program, fixed=fixed)
    step, wrong = 1e-3, []
    for row in range(program.rows):
        up, down = (toys.least_cost(program, {row: sign * step}, fixed) for sign in (1, -1))
        highest = float("inf") if up is None else (up - base) / step
        lowest = -float("inf") if down is None else (base - down) / step
        if not lowest - 1e-6 <= solution.row_duals[row] <= highest + 1e-6:
            wrong.append((toys.row_name(program, row), lowest, float(solution.row_duals[row]), highest))
    assert not wrong


def test_an_unknown_solver_is_named():
    with pytest.raises(planner.UsageError, match="HiGH5"):
        planner.solve(toys.tiny(), solver="HiGH5")


def test_a_solver_that_is_not_here_is_named():
    with pytest.raises(planner.UsageError, match="GUROBI_CMD"):
        planner.solve(toys.tiny(), solver="GUROBI_CMD")


@pytest.mark.parametrize("solver", ["HiGHS", *OTHERS])
def test_a_time_limit_of_nothing_claims_nothing(solver):
    begun = time.perf_counter()
    try:
        found = planner.solve(toys.program(toys.toy()), solver=solver, time_limit=1e-9)
    except planner.LimitReachedError as error:
        assert error.plan is None or (error.plan.status == "feasible" and error.plan.certificate.passed)  # noqa: PT017
    else:
        assert found.status == "optimal"
        assert found.objective == pytest.approx(plan("HiGHS").objective, rel=1e-9)
    assert time.perf_counter() - begun < 20


def test_a_time_limit_that_suffices_changes_nothing():
    found = planner.solve(toys.program(toys.toy()), time_limit=300)
    assert found.status == "optimal"
    for name, table in plan("HiGHS").tables.items():
        assert table.equals(found.tables[name]), name


def test_a_linear_program_without_time_has_no_plan():
    found = solve_program(planner.formulate(toys.tiny()), SolveOptions(deadline=time.perf_counter()))
    assert found.status is Status.LIMIT
    assert found.values is None


def test_a_gap_is_shown():
    """A gap of 100 % may stop at once; what is shown is never better than proved."""
    try:
        found = planner.solve(toys.program(toys.toy()), gap=1.0)
    except planner.LimitReachedError as error:
        found = error.plan
    assert found.certificate.passed
    assert found.objective * (1 + 1e-9) >= plan("HiGHS").objective


class TestUnbounded:
    def test_the_column_is_named(self):
        free = toys.tiny(processes=[{"site": "plant", "item": "unit", "unit_cost": -1}])
        with pytest.raises(planner.UnboundedError, match=r"make \(plant, unit, standard, 1\)"):
            planner.solve(free)

    @pytest.mark.parametrize("solver", OTHERS)
    def test_by_any_solver(self, solver):
        free = toys.tiny(processes=[{"site": "plant", "item": "unit", "unit_cost": -1}])
        with pytest.raises(planner.UnboundedError, match="make"):
            planner.solve(free, solver=solver)

    def test_a_lane_in_a_circle_that_pays(self):
        circle = toys.two_plants(
            lanes=[
                *toys.TWO_PLANTS["lanes"],
                {"from": "east", "to": "west", "unit_cost": -2},
                {"from": "west", "to": "east", "unit_cost": 1},
            ]
        )
        with pytest.raises(planner.UnboundedError, match=r"ship \((east, west|west, east)"):
            planner.solve(circle)


# an order that must be served, and one reason each why it cannot be
MUST = [{"customer": "shop", "item": "unit", "quantity": 10}]
SHORT = {"demand": MUST, "capacities": [{"site": "plant", "capacity": 20 / 3}]}


def conflict(instance, policy=None, **options):
    with pytest.raises(planner.InfeasibleError) as caught:
        planner.solve(toys.program(instance, policy), **options)
    return caught.value


def repair(error, word):
    (found,) = [entry for entry in error.repair if word in entry["text"]]
    return found


def last_figure(text):
    """The last number of a sentence: what a figure should become."""
    return float(text.replace("%", "").split()[-1].replace(",", ""))


class TestInfeasible:
    def test_the_conflict_names_what_clashes(self):
        error = conflict(toys.tiny(**SHORT))
        text = " ".join(error.conflict)
        assert "plant" in text
        assert "6.667" in text
        assert "shop" in text
        assert len(error.conflict) <= 4

    @pytest.mark.parametrize("solver", OTHERS)
    def test_by_any_solver_the_same(self, solver):
        ours, theirs = conflict(toys.tiny(**SHORT)), conflict(toys.tiny(**SHORT), solver=solver)
        assert (ours.conflict, ours.repair) == (theirs.conflict, theirs.repair)

    def test_nothing_that_plays_no_part_is_named(self):
        """The east is slack, and so is the second customer's order."""
        instance = toys.two_plants(
            customers=[{"customer": "shop", "region": "TW"}, {"customer": "mart", "region": "US"}],
            lanes=[{"from": "west", "to": "shop"}, {"from": "east", "to": "mart"}],
            demand=[*MUST, {"customer": "mart", "item": "unit", "quantity": 10}],
            capacities=[{"site": "west", "capacity": 6}, {"site": "east", "capacity": 60}],
        )
        text = " ".join(conflict(instance).conflict)
        assert "west" in text
        assert "east" not in text
        assert "mart" not in text

    def test_raising_a_capacity_as_told_makes_it_feasible(self):
        entry = repair(conflict(toys.tiny(**SHORT)), "capacity")
        enough = last_figure(entry["text"])
        assert enough == pytest.approx(10)
        after = toys.cost(toys.tiny(demand=MUST, capacities=[{"site": "plant", "capacity": enough}]))
        assert after == pytest.approx(entry["cost"], rel=1e-5)

    def test_a_repair_is_rounded_to_the_safe_side(self):
        """10 good units at a yield of 0.7 are 14.2857... starts: told 14.29, not 14.28."""
        tables = {"demand": MUST, "processes": [{"site": "plant", "item": "unit", "unit_cost": 1, "yield": 0.7}]}
        for quantity in (11, 12):
            tables["demand"] = [{**MUST[0], "quantity": quantity}]
            error = conflict(toys.tiny(**tables, capacities=[{"site": "plant", "capacity": 5}]))
            enough = last_figure(repair(error, "capacity")["text"])
            again = toys.cost(toys.tiny(**tables, capacities=[{"site": "plant", "capacity": enough}]))
            assert again is not None, f"for {quantity} a capacity of {enough} was told to be enough"

    def test_a_large_repair_is_rounded_to_the_safe_side_too(self):
        tables = {"demand": [{**MUST[0], "quantity": 10_000.4}]}
        error = conflict(toys.tiny(**tables, capacities=[{"site": "plant", "capacity": 5}]))
        enough = last_figure(repair(error, "capacity")["text"])
        assert toys.cost(toys.tiny(**tables, capacities=[{"site": "plant", "capacity": enough}])) is not None

    def test_losing_as_told_makes_it_feasible(self):
        entry = repair(conflict(toys.tiny(**SHORT)), "to be lost")
        lost = float(entry["text"].split()[1])
        after = toys.tiny(demand=[{**MUST[0], "must_serve": 1 - lost / 10}], capacities=SHORT["capacities"])
        assert toys.cost(after) is not None

    def test_a_lane_limit(self):
        error = conflict(toys.tiny(demand=MUST, lane_capacities=[{"from": "plant", "to": "shop", "capacity": 4}]))
        assert "leave plant for shop" in " ".join(error.conflict)
        entry = repair(error, "limit of the lane")
        assert "from 4 to 10" in entry["text"]
        assert entry["cost"] == pytest.approx(10)

    def test_a_limit_of_a_policy_is_raised_as_told(self):
        """Nine of ten units must come from TW, since west can make one: 90 %, not 60 %."""
        instance = toys.two_plants(demand=MUST, capacities=[{"site": "west", "capacity": 1}])
        error = conflict(instance, toys.policy({"stage": "make", "of": "TW", "max_share": 0.6}))
        assert "60 %" in " ".join(error.conflict)
        entry = repair(error, "cap of TW")
        assert last_figure(entry["text"]) == pytest.approx(90)
        raised = toys.policy({"stage": "make", "of": "TW", "max_share": last_figure(entry["text"]) / 100})
        assert toys.cost(instance, raised) == pytest.approx(entry["cost"], rel=1e-5)

    def test_a_limit_that_no_round_share_meets_is_raised_enough(self):
        instance = toys.two_plants(demand=[{**MUST[0], "quantity": 7}], capacities=[{"site": "west", "capacity": 1}])
        error = conflict(instance, toys.policy({"stage": "make", "of": "TW", "max_share": 0.6}))
        share = last_figure(repair(error, "cap of TW")["text"]) / 100
        assert 6 / 7 <= share < 6 / 7 + 0.001
        assert toys.cost(instance, toys.policy({"stage": "make", "of": "TW", "max_share": share})) is not None

    def test_a_commitment(self):
        error = conflict(
            toys.tiny(
                capacities=[{"site": "plant", "capacity": 6}],
                commitments=[{"commitment": "deal", "site": "plant", "item": "unit", "minimum": 8}],
            )
        )
        assert "deal" in " ".join(error.conflict)
        assert "from 8 to 6" in repair(error, "lower the minimum of the commitment")["text"]

    def test_a_minimum_stock(self):
        error = conflict(
            toys.tiny(
                capacities=[{"site": "plant", "capacity": 6}], stocks=[{"site": "plant", "item": "unit", "minimum": 8}]
            )
        )
        assert "kept at plant" in " ".join(error.conflict)
        assert "from 8 to 6" in repair(error, "minimum stock")["text"]

    def test_an_outage(self):
        base = toys.tiny(demand=MUST)
        with pytest.raises(planner.InfeasibleError) as caught:
            planner.solve(base, scenario=toys.scenario({"change": "outage", "where": {"site": "plant"}}))
        assert "outage" in " ".join(caught.value.conflict)

    def test_an_option_that_the_policy_forbids(self):
        instance = toys.tiny(
            demand=MUST,
            capacities=[{"site": "plant", "capacity": 6}],
            expansions=[{"option": "line", "site": "plant", "period": "1", "capacity": 10, "unit_cost": 1}],
        )
        error = conflict(instance, toys.policy(options=[]))
        entry = repair(error, "allow the option line")
        assert entry["cost"] == pytest.approx(toys.cost(instance), rel=1e-5)

    def test_repairs_are_cheapest_first(self):
        error = conflict(
            toys.two_plants(
                demand=[{**MUST[0], "lost_cost": 50, "must_serve": 1}],
                capacities=[{"site": "east", "capacity": 3}, {"site": "west", "capacity": 3}],
            )
        )
        costs = [entry["cost"] for entry in error.repair]
        assert costs == sorted(costs)
        assert len(costs) >= 2

    def test_options_that_only_fit_whole(self):
        """The linear program has a plan (0.4 of the option), so the all-or-nothing option and the limit clash."""
        instance = toys.two_plants(
            demand=MUST,
            capacities=[{"site": "east", "capacity": 10}, {"site": "west", "capacity": 0}],
            lane_capacities=[{"from": "east", "to": "shop", "capacity": 10}],
            stocks=[{"site": "west", "item": "unit", "maximum": 0}],
            commitments=[{"commitment": "deal", "site": "west", "item": "unit", "minimum": 4}],
            expansions=[{"option": "half", "site": "west", "period": "1", "capacity": 3, "all_or_nothing": "yes"}],
        )
        assert conflict(instance).conflict


class TestStayCloseTo:
    """Two plants at the same cost: only the tie-break decides."""

    SAME: ClassVar = {
        "processes": [
            {"site": "east", "item": "unit", "unit_cost": 1},
            {"site": "west", "item": "unit", "unit_cost": 1},
        ]
    }

    @pytest.mark.parametrize("closed", portion(["east", "west"], quick=1))
    def test_the_plan_stays_where_it_was(self, closed):
        base = toys.two_plants(**self.SAME)
        before = planner.solve(base, scenario=toys.scenario({"change": "outage", "where": {"site": closed}}))
        after = planner.solve(base, stay_close_to=before)
        assert after.objective == before.objective == 10
        assert after.production.equals(before.production)
        assert after.shipments.equals(before.shipments)

    def test_least_cost_comes_first(self):
        base = toys.two_plants()
        before = planner.solve(base, scenario=toys.scenario({"change": "outage", "where": {"site": "east"}}))
        assert planner.solve(base, stay_close_to=before).objective == 10

    @pytest.mark.parametrize("bought", portion(["left", "right"], quick=1))
    def test_an_option_that_was_bought_stays_bought(self, bought):
        """Two options of the same line at the same cost, of which the first plan could use one only."""
        base = toys.tiny(
            capacities=[{"site": "plant", "capacity": 0}],
            expansions=[
                {"option": name, "site": "plant", "period": "1", "capacity": 10, "unit_cost": 1}
                for name in ("left", "right")
            ],
        )
        before = planner.solve(base, policy=toys.policy(options=[bought]))
        after = planner.solve(base, stay_close_to=before)
        assert after.objective == before.objective == 20
        assert after.expansions["option"].tolist() == [bought]

    @pytest.mark.parametrize("spared", portion(["mart", "shop"], quick=1))
    def test_who_loses_stays_the_same(self, spared):
        tables = {
            "customers": [{"customer": "shop", "region": "TW"}, {"customer": "mart", "region": "TW"}],
            "lanes": [{"from": "plant", "to": "shop"}, {"from": "plant", "to": "mart"}],
            "capacities": [{"site": "plant", "capacity": 10}],
        }
        orders = [{"customer": name, "item": "unit", "quantity": 10, "price": 100} for name in ("mart", "shop")]
        promised = [{**order, "must_serve": 1} if order["customer"] == spared else order for order in orders]
        before = planner.solve(toys.tiny(**tables, demand=promised))
        after = planner.solve(toys.tiny(**tables, demand=orders), stay_close_to=before)
        assert after.service["lost"].tolist() == before.service["lost"].tolist()


class TestOnePlan:
    def test_earliest_deliveries_among_plans_of_least_cost(self):
        """Made at any time at the same cost and nothing for holding or lateness: delivered at once."""
        found = planner.solve(
            toys.tiny(
                periods=["P1", "P2", "P3"],
                demand=[
                    {"customer": "shop", "item": "unit", "period": "P1", "quantity": 10, "price": 100, "late_cost": 0}
                ],
            )
        )
        assert found.shipments[["period", "quantity"]].values.tolist() == [["P1", 10]]
        assert found.unique

    def test_one_plan_whatever_the_algorithm(self):
        program = planner.formulate(toys.toy(expansions=[]), "guarded")
        first, again = solve_program(program), solve_program(program, SolveOptions(cold=True))
        assert again.method != first.method
        assert np.allclose(first.values, again.values, rtol=1e-9, atol=1e-9)


class TestOwnRows:
    def test_a_row_of_your_own_is_planned_certified_and_priced(self):
        program = planner.formulate(toys.two_plants())
        program.problem += program.make["west", "unit", "standard", "1"] >= 4, "our own floor"
        found = planner.solve(program)
        assert found.objective == pytest.approx(6 + 12, rel=1e-9)
        assert found.certificate.passed

    def test_it_can_clash_and_is_named(self):
        program = planner.formulate(toys.two_plants(capacities=[{"site": "west", "capacity": 3}]))
        program.problem += program.make["west", "unit", "standard", "1"] >= 4, "our own floor"
        with pytest.raises(planner.InfeasibleError) as caught:
            planner.solve(program)
        assert "own floor" in " ".join(caught.value.conflict).replace("_", " ")


@pytest.mark.parametrize("solver", ["HiGHS", *OTHERS])
def test_a_program_without_a_plan_leaves_no_values(solver):
    """PuLP leaves what a solver tried in its variables; here the same program had a plan before, too."""
    program = planner.formulate(toys.tiny(capacities=[{"site": "plant", "capacity": 10}]))
    assert solve_program(program, SolveOptions(solver=solver)).values.max() == 10
    program.problem += program.make["plant", "unit", "standard", "1"] >= 11, "more than can be made"
    found = solve_program(program, SolveOptions(solver=solver))
    assert (found.status, found.values, found.row_duals) == (Status.INFEASIBLE, None, None)
