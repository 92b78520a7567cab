"""Reading decisions back from tables: what was written is what is read, after a strike too, and every figure is held."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import toys

import planner
from planner.model import write_program
from planner.network import build_network
from planner.network.recourse import Recourse
from planner.network.usable import capacity_bought
from planner.plan.tables import plan_tables
from planner.solve import Solution, Status, certify, solve_program
from planner.solve.decisions_in_tables import DECISIONS, GIVES_WAY, closeness_target, decisions_of, places_of
from planner.solve.sources_and_lots import estimate_failures
from planner.solve.table_check import table_failures


def read(program, tables, failures=None):
    """The decisions of tables."""
    return decisions_of(program, tables, places_of(program, tables), failures)


def told_of(program, tables, values):
    """What in tables does not follow from decisions."""
    return table_failures(program, tables, values, places_of(program, tables))


@cache
def struck():
    """The toy where everything may give way, and a plan of it in which everything does."""
    policy = toys.policy(
        {"stage": "wafer", "of": "TW", "max_share": 0.6}, buffers=[{"stage": "test", "periods_of_cover": 0.5}]
    )
    on_the_way = (
        toys.network(toys.toy()).orders.query("period == 2")[["customer", "item", "period"]].assign(quantity=3.0)
    )
    program = write_program(build_network(toys.toy(), policy, Recourse(50.0, on_the_way)))
    values = np.zeros(program.columns)
    derived = {"open", "total", "use", "lot", "received", "halt"}
    for block in program.blocks:
        if block.spec.name not in derived:
            values[block.span] = np.arange(1, len(block) + 1) / 2
    values[program.expand.span] = [0.0, 0.5][: len(program.expand)]
    values = read(program, plan_tables(program, Solution(Status.OPTIMAL, values=values, objective=0.0)))
    return program, values, plan_tables(program, Solution(Status.OPTIMAL, values=values, objective=0.0))


def test_what_gives_way_is_read_back():
    program, values, tables = struck()
    for name in (*(part[0] for part in DECISIONS if part[0] != "relabel"), *GIVES_WAY):
        block = getattr(program, name)
        wanted = np.arange(1, len(block) + 1) / 2
        if name == "expand":
            wanted = np.array([0.0, 0.5])
        assert len(block), name
        assert values[block.span].tolist() == wanted.tolist(), name
    assert told_of(program, tables, values) == []


def test_an_option_that_is_bought_is_open_and_totals_are_sums():
    program, values, _ = struck()
    opened = program.network.open
    bought = values[program.expand.first + opened["row"].to_numpy(dtype=np.int64)] > 0
    assert values[program.open.span].tolist() == bought.tolist()
    made = program.make.labelled.assign(value=values[program.make.span])
    wafers = made[made["stage"] == "wafer"].assign(good=lambda rows: rows["value"] * rows["yield"])
    by_period = wafers.groupby("period")["good"].sum()
    totals = values[program.total.span]
    limits = program.network.total
    assert len(limits) == 2
    assert totals.tolist() == pytest.approx(by_period[by_period > 0].tolist())


def test_units_lost_at_once_are_those_that_are_neither_unserved_nor_cancelled():
    program, values, tables = struck()
    service = tables["service"].set_index(["customer", "item", "period"])["lost"]
    sums = service * 0
    for name in ("lost", "unserved", "cancelled"):
        block = getattr(program, name)
        for label, value in zip(block.labels(), values[block.span], strict=True):
            sums[label] += value
    assert service.to_dict() == pytest.approx(sums.to_dict())


FIGURES = [
    ("service", "lost_cost"), ("service", "delivered"), ("service", "demand"), ("service", "price"),
    ("service", "lateness_cost"), ("limits", "share"), ("limits", "cost"), ("costs", "amount"), ("expansions", "cost"),
    ("expansions", "capacity"), ("commitments", "made"), ("commitments", "minimum"), ("commitments", "cost"),
    ("stock", "holding_cost"), ("shipments", "tariff"), ("shipments", "freight"), ("production", "finished"),
]  # fmt: skip


@pytest.mark.parametrize("rows", [pytest.param(2, id="two rows"), pytest.param(None, id="all", marks=pytest.mark.slow)])
@pytest.mark.parametrize(("name", "column"), FIGURES)
def test_a_figure_that_does_not_follow_is_told_with_both(name, column, rows):
    """In the suite in the first and the last row that has a figure; run by hand (slow) in every row."""
    program, values, tables = struck()
    filled = tables[name].index[tables[name][column].notna()]
    for row in filled if rows is None else {filled[0], filled[-1]}:
        figure = float(tables[name].loc[row, column])
        part = 1e-3 if name == "costs" else 1e-6  # costs may differ by a part of all costs together
        for other in (figure + 1.0, figure * (1 + part) if figure else 1e-3):
            changed = tables[name].copy()
            changed.loc[row, column] = other
            told = told_of(program, {**tables, name: changed}, values)
            where = tables[name].iloc[row, 0] if name != "costs" else changed.loc[row, "component"]
            assert any(f"{other:.9g}" in text and str(where) in text for text in told), (row, other, told)


def test_a_row_that_stands_twice_is_told():
    program, values, tables = struck()
    twice = tables["stock"].iloc[[0, 1, 1]].reset_index(drop=True)
    told = told_of(program, {**tables, "stock": twice}, values)
    assert any(text.startswith("stock has two rows for ") for text in told)


def test_a_row_of_no_decision_that_stands_twice_is_told():
    program, values, tables = struck()
    twice = tables["stock"].iloc[[0, 1, 2, 2]].reset_index(drop=True)
    twice.loc[1, "site"], twice.loc[2:, "site"] = "nowhere", "elsewhere"
    told = told_of(program, {**tables, "stock": twice}, values)
    label = "/".join(twice.loc[3, ["site", "item", "period"]])
    assert [text for text in told if "two rows" in text] == [f"stock has two rows for {label}"]


def test_a_row_of_another_program_is_left_out_unless_it_is_to_be_told():
    program, _, tables = struck()
    stray = tables["production"].copy()
    stray.loc[0, "site"] = "nowhere"
    failures = []
    left = read(program, {**tables, "production": stray})
    assert read(program, {**tables, "production": stray}, failures).tolist() == left.tolist()
    assert failures == ["production has a row for nowhere/die/standard/P1, which is no possible decision"]
    made = left[program.make.span]
    assert made.tolist() == [0.0, *(np.arange(2, len(program.make) + 1) / 2)]


def test_the_decisions_of_another_plan_are_summed_over_classes():
    """A plan of units that follow what they touched, as the target of a program without classes."""
    program = toys.program(toys.toy(expansions=[]))
    traced = toys.solve(toys.toy(expansions=[]), toys.TRACED)
    target = closeness_target(program, traced.tables)
    names = [part for part in DECISIONS if part[0] != "relabel"]
    blocks = [getattr(program, name) for name, _, _ in names]
    assert len(target.amount) == sum(len(block) for block in blocks)
    for (_, table, column), block in zip(names, blocks, strict=True):
        at = target.group[block.span]
        if not len(block):
            continue
        assert sorted(at.tolist()) == list(range(at.min(), at.min() + len(block)))
        rows = traced.tables[table]
        labels = block.labelled[block.keys].astype(str).to_numpy()
        for label, amount in zip(labels, target.amount[at], strict=True):
            same = (rows[block.keys].astype(str).to_numpy() == label).all(axis=1)
            assert amount == pytest.approx(float(rows.loc[same, column].sum())), label
    outside = np.setdiff1d(
        np.arange(program.columns),
        np.concatenate([np.arange(block.first, block.first + len(block)) for block in blocks]),
    )
    assert set(target.group[outside].tolist()) <= {-1}
    assert target.amount.sum() > 0


def test_classes_of_a_decision_are_one_group_of_the_target():
    plain = toys.solve(toys.toy(expansions=[]))
    program = toys.program(toys.toy(expansions=[]), toys.TRACED)
    target = closeness_target(program, plain.tables)
    ship = target.group[program.ship.span]
    names = program.ship.labelled[list(program.ship.spec.keys)].astype(str).agg("/".join, axis=1)
    assert names.nunique() == len(set(ship.tolist())) < len(ship)
    assert program.ship.labelled.assign(group=ship).groupby(list(program.ship.spec.keys))["group"].nunique().max() == 1


def test_variables_of_the_users_own_count_in_rows_and_cost():
    """A fee of 5 for what is made in the west above 2: its variable has no table, its rows are checked all the same."""
    program = planner.formulate(toys.two_plants())
    own = program.problem.add_variable("fee", lowBound=0)
    program.problem += program.make["west", "unit", "standard", "1"] - own <= 2, "our own ceiling"
    program.problem += program.make["west", "unit", "standard", "1"] >= 4, "our own floor"
    program.problem.objective += 5 * own
    solution = solve_program(program)
    tables = plan_tables(program, solution)
    values = np.asarray(solution.values)[program.columns :]
    found = certify(program, solution, tables, values)
    assert found.passed, found.failures
    assert solution.objective == pytest.approx(6 + 12 + 10)
    assert found.method == "feasibility from the tables; variables of your own: the bound is the solver's"
    found = certify(program, solution, tables, values / 2)
    assert [text.split(" is violated")[0] for text in found.failures] == ["own (our_own_ceiling)"]


def test_a_solution_without_duals_has_the_solvers_bound():
    program = toys.program(toys.tiny())
    solution = solve_program(program)
    tables = plan_tables(program, solution)
    bare = replace(solution, row_duals=None)
    found = certify(program, bare, tables)
    assert (found.passed, found.relative_gap) == (True, 0.0)
    assert found.method == "feasibility from the tables; the bound is the solver's"
    wide = certify(program, replace(bare, gap=0.5), tables)
    assert (wide.passed, wide.relative_gap) == (True, 0.5), "a gap that is said is allowed"


def test_as_much_of_an_option_as_was_taken_for_the_most_is_no_proof():
    """An option of a million where orders need 10: what is counted of it is an estimate, which a plan must not reach."""
    option = {
        "option": "line",
        "site": "east",
        "period": "1",
        "capacity": 1e6,
        "fixed_cost": 5,
        "all_or_nothing": "yes",
    }
    capacities = [{"site": "east", "capacity": 0}]
    program = toys.program(toys.two_plants(expansions=[option], capacities=capacities))
    [row] = capacity_bought(program.network).to_dict("records")
    assert row["usable"] < 0.999 * row["capacity"]
    values = toys.point(program, expand={program.expand.labels()[0]: 1.0})
    at = program.make.first + program.make.labels().index(("east", "unit", "standard", "1"))
    for part, told in ((0.99, 0), (0.9995, 1), (1.0, 1)):
        values[at] = part * row["usable"]
        found = estimate_failures(program, values)
        assert len(found) == told
    words = "east uses as much of east in 1 as was taken for the most that can be used of the option line"
    assert found == [f"{words}: make its capacity smaller"]
    values[program.expand.first] = 0.0
    assert estimate_failures(program, values) == [], "nothing of the option is used"
    small = toys.program(toys.two_plants(expansions=[{**option, "capacity": 12}], capacities=capacities))
    values = np.full(small.columns, 12.0)
    assert estimate_failures(small, values) == [], "its own capacity is the most"
