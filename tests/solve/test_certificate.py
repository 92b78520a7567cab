"""The certificate: it passes what is right, and rejects every plan with one figure changed."""

import dataclasses
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import toys
from portions import portion_of_rows

import planner
from planner.plan.tables import plan_tables
from planner.solve import SolveOptions, certify, solve_program
from planner.solve.certificate import dual_bound

POLICY = toys.policy({"stage": "make", "of": "TW", "max_share": 0.8, "soft_cost": 1})


@cache
def solved():
    program = planner.formulate(toys.two_plants(**toys.EVERY_TABLE), POLICY)
    solution = solve_program(program)
    return program, solution, plan_tables(program, solution)


def test_a_plan_that_is_right_passes():
    program, solution, tables = solved()
    found = certify(program, solution, tables)
    assert found.passed, found.failures
    assert found.largest_violation <= 1e-9
    assert found.relative_gap <= 1e-9
    assert found.as_json().keys() == {"passed", "largest_violation", "relative_gap", "method"}


def test_a_cost_that_is_not_the_sum_of_its_components():
    program, solution, tables = solved()
    cost = solution.objective
    found = certify(program, replace(solution, objective=cost * (1 - 1e-5)), tables)
    assert not found.passed
    assert found.failures[0] == f"cost components add up to {cost:.10g}, not {cost * (1 - 1e-5):.10g}"


def test_every_table_has_rows_to_spoil():
    _, _, tables = solved()
    assert not [name for name, table in tables.items() if table.empty]


# what the certificate vouches for: every figure of these columns, in every row
SPOILED = [
    ("production", "started"),
    ("production", "finished"),
    ("production", "cost"),
    ("shipments", "quantity"),
    ("shipments", "freight"),
    ("shipments", "tariff"),
    ("stock", "quantity"),
    ("stock", "holding_cost"),
    ("service", "demand"),
    ("service", "delivered"),
    ("service", "late"),
    ("service", "lost"),
    ("service", "lateness_cost"),
    ("service", "lost_cost"),
    ("expansions", "share"),
    ("expansions", "capacity"),
    ("expansions", "cost"),
    ("commitments", "minimum"),
    ("commitments", "made"),
    ("commitments", "shortfall"),
    ("commitments", "cost"),
    ("limits", "share"),
    ("limits", "excess"),
    ("limits", "cost"),
    ("costs", "amount"),
]


def verdict(name, column, row, figure):
    """Whether the certificate passes the plan with one figure changed; refusing the table outright is no pass."""
    program, solution, tables = solved()
    spoiled = tables[name].copy()
    spoiled.loc[row, column] = figure
    try:
        return certify(program, solution, {**tables, name: spoiled}).passed
    except (planner.PlannerError, ValueError):
        return False


@pytest.mark.parametrize(
    ("name", "column"), portion_of_rows(SPOILED, quick=4, ids=[".".join(pair) for pair in SPOILED])
)
def test_one_figure_changed_is_rejected(name, column):
    _, _, tables = solved()
    passed = []
    for row in range(len(tables[name])):
        figure = float(tables[name].loc[row, column])
        changes = [figure + 0.5, figure * 1.001 if figure else 0.01]
        passed += [(row, figure, change) for change in changes if verdict(name, column, row, change)]
    assert not passed, f"{name}.{column} was changed unseen (row, from, to): {passed}"


@pytest.mark.parametrize(
    ("name", "column"),
    portion_of_rows(
        [
            ("production", "started"),
            ("shipments", "quantity"),
            ("stock", "quantity"),
            ("service", "late"),
            ("service", "lost"),
            ("costs", "amount"),
        ],
        quick=2,
    ),
)
@pytest.mark.parametrize("figure", [float("nan"), -3.0, float("inf")])
def test_no_number_and_negative_figures_are_rejected(name, column, figure):
    _, _, tables = solved()
    assert not [row for row in range(len(tables[name])) if verdict(name, column, row, figure)]


@pytest.mark.parametrize("name", ["production", "shipments", "stock", "service", "expansions"])
def test_a_missing_row_is_rejected(name):
    program, solution, tables = solved()
    for row in range(len(tables[name])):
        left = tables[name].drop(index=row).reset_index(drop=True)
        assert not certify(program, solution, {**tables, name: left}).passed, f"{name} row {row}"


@pytest.mark.parametrize("name", ["production", "shipments", "stock", "service", "expansions"])
def test_a_row_that_stands_twice_is_rejected(name):
    """A plan that shows a row twice claims twice the units."""
    program, solution, tables = solved()
    twice = tables[name].iloc[[0, *range(len(tables[name]))]].reset_index(drop=True)
    try:
        assert not certify(program, solution, {**tables, name: twice}).passed
    except (planner.PlannerError, ValueError):
        return


def test_a_row_for_no_possible_decision_is_a_failure_not_a_crash():
    program, solution, tables = solved()
    stray = tables["production"].copy()
    stray.loc[0, "site"] = "nowhere"
    found = certify(program, solution, {**tables, "production": stray})
    assert not found.passed


def test_failures_are_in_planner_words():
    program, solution, tables = solved()
    spoiled = tables["production"].copy()
    spoiled.loc[0, "started"] = 40.0
    (text, *_) = certify(program, solution, {**tables, "production": spoiled}).failures
    assert "P1" in text, "periods by their label, not their position"


def test_wrong_duals_only_weaken_the_bound():
    program, solution, _ = solved()
    arrays = program.linear_program
    ceiling = solution.objective + 1e-3
    exact, _ = dual_bound(arrays, solution.row_duals, ceiling)
    assert exact == pytest.approx(solution.objective, rel=1e-9)
    generator = np.random.default_rng(7)
    for scale in (0.01, 1.0, 100.0):
        for _ in range(20):
            wrong = solution.row_duals + scale * generator.normal(size=len(solution.row_duals))
            bound, _ = dual_bound(arrays, wrong, ceiling)
            assert bound <= solution.objective * (1 + 1e-9)
    for wrong in (np.zeros(program.rows), -solution.row_duals, 2 * solution.row_duals):
        assert dual_bound(arrays, wrong, ceiling)[0] <= solution.objective * (1 + 1e-9)


def test_a_plan_that_is_feasible_but_not_the_best_fails_by_its_gap():
    """Nothing made, all lost: feasible at a cost of 1000 where the best is 10; the duals prove the gap."""
    program = planner.formulate(toys.tiny())
    best = solve_program(program)
    values = toys.point(program, lost={("shop", "unit", "1"): 10})
    worse = dataclasses.replace(best, values=values, objective=1000.0)
    found = certify(program, worse, plan_tables(program, worse))
    assert not found.passed
    assert found.largest_violation == 0
    assert found.relative_gap == pytest.approx(0.99, rel=1e-2)


def test_the_bound_by_hand():
    """min x + 100 l with x + l = 10, x <= 6: duals 100 on the order, -99 on the capacity: 1000 - 594 = 406."""
    program = planner.formulate(toys.tiny(capacities=[{"site": "plant", "capacity": 6}]))
    duals = np.zeros(program.rows)
    duals[toys.row_number(program, "demand_balance", "shop", "unit", "1")] = 100
    duals[toys.row_number(program, "flow_balance", "plant", "unit", "1")] = -100  # outflow less inflow
    duals[toys.row_number(program, "capacity", "plant", "plant", "1")] = -99
    bound, _ = dual_bound(program.linear_program, duals, 406 + 1e-3)
    assert bound == pytest.approx(406, rel=1e-12)
    assert toys.least_cost(program) == pytest.approx(406, rel=1e-12)


def test_a_dual_of_the_wrong_sign_is_clipped():
    """A positive dual on a capacity row claims that less capacity is cheaper: it counts as 0."""
    program = planner.formulate(toys.tiny(capacities=[{"site": "plant", "capacity": 6}]))
    duals = np.zeros(program.rows)
    duals[toys.row_number(program, "capacity", "plant", "plant", "1")] = 1000
    assert dual_bound(program.linear_program, duals, 407)[0] == 0


def test_with_integers_the_bound_is_the_solvers_and_said_to_be():
    case = {**toys.EVERY_TABLE, "expansions": [{**toys.EVERY_TABLE["expansions"][0], "all_or_nothing": "yes"}]}
    plan = planner.solve(toys.two_plants(**case), policy=POLICY)
    assert plan.certificate.passed
    assert "solver's" in plan.certificate.method
    assert plan.expansions["share"].tolist() == [1]


def test_the_toy_is_certified():
    program = planner.formulate(toys.toy(expansions=[]), "guarded")
    solution = solve_program(program, SolveOptions())
    found = certify(program, solution, plan_tables(program, solution))
    assert found.passed, found.failures
    assert solution.objective == pytest.approx(toys.least_cost(program), rel=1e-9)
