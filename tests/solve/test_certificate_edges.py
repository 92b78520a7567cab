"""How far a plan may be off before its certificate says so, to the last unit, by a plan of two plants by hand.

The first plant makes 6 at 1 a unit, 4 of an order of 10 are lost at 100: 406; the second would cost 200 a unit.
"""

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import toys

from planner.plan.tables import plan_tables
from planner.solve import Status, certify, solve_program
from planner.solve.decisions_in_tables import places_of
from planner.solve.sources_and_lots import estimate_failures, source_failures, source_output, started_lots, used_sites
from planner.solve.table_check import _cost_failures, is_made, limit_use, table_failures
from planner.solve.tolerances import DROPPED, RELATIVE, label_of, wrong_figures

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import corruptions


@cache
def solved():
    processes = [{"site": "east", "item": "unit", "unit_cost": 1}, {"site": "west", "item": "unit", "unit_cost": 200}]
    capacities = [{"site": "east", "capacity": 6}, {"site": "west", "capacity": 100}]
    program = toys.program(toys.two_plants(processes=processes, capacities=capacities))
    solution = solve_program(program)
    return program, solution, plan_tables(program, solution)


def with_cell(table, row, column, figure):
    other = table.copy()
    other[column] = other[column].astype(float)
    other.loc[row, column] = figure
    return other


def certified(changes=(), **fields):
    """The certificate where cells, given as (table, row, column, figure), or fields of the solution are others."""
    program, solution, tables = solved()
    for name, row, column, figure in changes:
        tables = {**tables, name: with_cell(tables[name], row, column, figure)}
    return certify(program, replace(solution, **fields), tables)


def test_the_plan():
    found = certified()
    assert (found.passed, found.largest_violation, found.cost_error) == (True, 0, 0)
    assert solved()[1].objective == 406
    assert found.method == "feasibility and costs from the tables; dual bound from clipped row duals"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (9e-7, None),
        (-9e-7, None),
        (1.1e-6, "cost components add up to 406, not 406.0004466"),
        (-1.1e-6, "cost components add up to 406, not 405.9995534"),
    ],
)
def test_the_cost_that_a_solver_says_is_that_of_the_tables_to_a_millionth(part, words):
    """Where it says too much the bound is too far from it as well."""
    found = certified(objective=406 * (1 + part))
    assert found.cost_error == pytest.approx(abs(part), rel=1e-4)
    far = ["the proved bound leaves a gap of 1.1e-06"] if part > 1e-6 else []
    assert list(found.failures) == ([] if words is None else [words, *far])
    assert found.passed == (words is None)
    assert found.relative_gap == pytest.approx(max(part, 0), rel=1e-4)


@pytest.mark.parametrize(
    ("part", "status", "claimed", "passed"),
    [
        (9e-7, Status.OPTIMAL, 0.0, True),
        (1.1e-6, Status.OPTIMAL, 0.0, False),
        (1.1e-6, Status.OPTIMAL, 1.2e-6, True),
        (1.1e-6, Status.FEASIBLE, 0.0, True),
        (0.5, Status.FEASIBLE, 0.0, True),
        (0.5, Status.OPTIMAL, 0.0, False),
    ],
)
def test_a_gap_of_a_millionth_is_the_most_of_what_is_called_optimal(part, status, claimed, passed):
    """Duals a little too small prove 406 less that part of it."""
    found = certified(row_duals=solved()[1].row_duals * (1 - part), status=status, gap=claimed)
    assert found.relative_gap == pytest.approx(part, rel=1e-4)
    assert found.failures == (() if passed else (f"the proved bound leaves a gap of {part:.3g}",))


@pytest.mark.parametrize(
    ("changes", "size", "words"),
    [
        ([("production", 0, "started", 6 * (1 + 9e-7))], 9e-7, None),
        (
            [("production", 0, "started", 6 * (1 + 1.1e-6))],
            1.1e-6,
            "flow_balance (east, unit, 1) is violated by 1.1e-06",
        ),
        ([("service", 0, "lost", 4.00002)], 2e-6, "demand_balance (shop, unit, 1) is violated by 2e-06"),
        (
            [("service", 0, "lost", 11.0), ("shipments", 0, "quantity", -1.0), ("production", 0, "started", -1.0)],
            1.0,
            "the bound of make (east, unit, standard, 1) is violated by 1",
        ),
        (
            [("service", 0, "lost", 20.0), ("shipments", 0, "quantity", -10.0), ("production", 0, "started", -4.0)],
            1.0,
            "the bound of make (east, unit, standard, 1) is violated by 1",
        ),
        ([("production", 0, "started", np.nan)], np.inf, "a figure that is no number is violated by inf"),
    ],
)
def test_the_largest_violation_is_named(changes, size, words):
    found = certified(changes)
    assert found.largest_violation == pytest.approx(size, rel=1e-4)
    told = [text for text in found.failures if "violated" in text]
    assert told == ([] if words is None else [f"{words} of its size"])


def test_a_row_for_what_cannot_be_is_told_in_every_table():
    """A plan with every table lends a row of each to one that has none of these decisions."""
    program, solution, tables = solved()
    every = corruptions.solved("late")[0].tables
    for name in ("production", "shipments", "stock", "service", "expansions", "commitments", "limits"):
        stray = every[name].iloc[[0]]
        spoiled = {**tables, name: pd.concat([tables[name], stray], ignore_index=True)[list(tables[name].columns)]}
        failures = table_failures(program, spoiled, np.zeros(program.columns), places_of(program, spoiled))
        assert [text for text in failures if text.startswith(f"{name}.")], name
        assert not certify(program, solution, spoiled).passed, name


KEYS = pd.DataFrame({"site": ["a", "b", "c"], "item": ["x", "y", "z"]})


@pytest.mark.parametrize(
    ("shown", "dropped", "wrong"),
    [
        ((100, 1, 0), 0.0, None),
        ((100 * (1 + 0.9 * RELATIVE), 1, 0), 0.0, None),
        ((100 * (1 + 1.1 * RELATIVE), 1, 0), 0.0, "it of a/x is 100.000011, but 100 follows"),
        ((100, 1 - 1.1 * RELATIVE, 0), 0.0, "it of b/y is 0.99999989, but 1 follows"),
        ((100, 1, 1e-13), 0.0, "it of c/z is 1e-13, but 0 follows"),  # far apart: nothing is negligible
        ((100, 1, 0.9e-12), 1e-30, None),
        ((100, 1, 1.1e-12), 1e-30, "it of c/z is 1.1e-12, but 0 follows"),
        ((100, 1, 0.9 * 100 * DROPPED), DROPPED, None),
        ((100, 1, 1.1 * 100 * DROPPED), DROPPED, "it of c/z is 2.2e-07, but 0 follows"),
        ((100, np.nan, 0), DROPPED, "it of b/y is nan, but 1 follows"),
        ((0, 0, 0), 0.0, "it of a/x is 0, but 100 follows"),  # the first of two
    ],
)
def test_a_figure_that_follows_to_seven_digits(shown, dropped, wrong):
    found = wrong_figures(KEYS, ["site", "item"], "it", np.array(shown, dtype=float), np.array([100.0, 1.0, 0.0]), dropped)  # fmt: skip
    assert found == ([] if wrong is None else [wrong])
    assert wrong_figures(KEYS.iloc[:0], ["site"], "it", np.zeros(0), np.zeros(0), dropped) == []
    assert label_of(KEYS, ["item", "site"], 1) == "y/b"


@pytest.mark.parametrize(
    ("amount", "part", "wrong"),
    [
        (6, 0.0, False),
        (6 * (1 + 0.9 * RELATIVE), 0.0, False),
        (6 * (1 + 1.1 * RELATIVE), 0.0, True),
        (6 * (1 - 1.1 * RELATIVE), 0.0, True),
        (6 + 0.9 * 406 * DROPPED + 5e-7, DROPPED, False),
        (6 + 1.1 * 406 * DROPPED + 6e-7, DROPPED, True),
        (np.nan, DROPPED, True),
    ],
)
def test_a_component_of_the_cost_is_the_sum_of_its_rows(amount, part, wrong):
    tables = solved()[2]
    costs = tables["costs"]
    row = int(np.flatnonzero(costs["component"] == "production")[0])
    found = _cost_failures({**tables, "costs": with_cell(costs, row, "amount", amount)}, part)
    assert found == ([f"production is {amount:.9g}, but its rows add up to 6"] if wrong else [])


def test_what_is_made_is_more_than_noise():
    program = solved()[0]
    total = np.array([1e3, 1e3 * RELATIVE, 1.01e3 * RELATIVE, 10e3 * RELATIVE, 10.1e3 * RELATIVE, 0.0])
    assert is_made(program, total).tolist() == [True, False, True, True, True, False]
    assert is_made(program, total, times=10).tolist() == [True, False, False, False, True, False]
    assert is_made(program, np.zeros(0)).tolist() == []


def test_what_a_limit_counts_is_inside_and_its_total():
    """4 in the east and 2 of 8 in the west, in a cap of 0.5 of all; nothing of the floor's 30 % of 10 is clear."""
    instance = toys.two_plants()
    caps = [{"of": "TW", "stage": "make", "max_share": 0.5}, {"of": "each", "stage": "make", "max_share": 0.9}]
    program = toys.program(instance, toys.policy(*caps))
    values = toys.point(program, make={("east", "unit", "standard", "1"): 4, ("west", "unit", "standard", "1"): 2})
    values[program.total.span] = 6
    limits = program.network.limits
    inside, total = limit_use(program, values, limits)
    assert dict(zip(zip(limits["limit"], limits["of"], strict=True), inside.tolist(), strict=True)) == {
        ("l1", "TW"): 4,
        ("l2", "TW"): 4,
        ("l2", "US"): 2,
    }
    assert total.tolist() == [6, 6, 6]
    floor = toys.program(instance, toys.policy({"measure": "pathway", "of": "TW", "min_free": 0.3}))
    values = np.zeros(floor.columns)
    for at, label in enumerate(floor.ship.labels()):
        values[floor.ship.first + at] = 3.0 if label[0] == "west" and not label[-1] else 0.0
    assert [part.tolist() for part in limit_use(floor, values, floor.network.limits)] == [[3], [10]]


# --- sources and lots -------------------------------------------------------------------------------------------------


def test_a_site_is_a_source_from_more_than_noise_on():
    program = toys.program(toys.toy(), toys.SOURCED)
    use = program.network.use
    values = np.zeros(program.columns)
    assert not used_sites(program, values).any()
    labels = program.make.labels()

    def made(site, item, period, figure):
        values[program.make.first + labels.index((site, item, "standard", period))] = figure

    made("fab-a", "die", "P1", 20)  # of which half are good
    made("fab-b", "die", "P1", 10 * RELATIVE)
    made("pack-a", "package", "P3", 1e-9)  # the most of its item
    output = source_output(program, values)
    assert output[use["site"].eq("fab-a") & use["period"].eq(0)].tolist() == [10]
    used = use[used_sites(program, values)]
    assert used[["site", "period"]].to_numpy().tolist() == [["fab-a", 0], ["pack-a", 2]]
    made("fab-b", "die", "P1", 10.1 * RELATIVE)
    assert used_sites(program, values).sum() == 3
    assert used_sites(solved()[0], np.zeros(solved()[0].columns)).tolist() == []


def test_a_lot_is_started_from_more_than_noise_of_it_on():
    program = toys.program(toys.tiny(processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "min_lot": 4}]))
    for figure, started in ((0, False), (4 * RELATIVE, False), (4.1 * RELATIVE, True), (4, True)):
        values = toys.point(program, make={("plant", "unit", "standard", "1"): figure})
        assert started_lots(program, values).tolist() == [started]
    most = float(program.network.lot["most"].iloc[0])
    words = "plant makes as much unit in 1 as was taken for the most that can be needed: give its resource a capacity"
    for part, told in ((0.9989, []), (0.999, [words]), (1.0, [words])):
        values = toys.point(program, make={("plant", "unit", "standard", "1"): part * most})
        assert estimate_failures(program, values) == told
    limited = toys.program(
        toys.tiny(
            processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "min_lot": 4}],
            capacities=[{"site": "plant", "capacity": 12}],
        )
    )
    assert estimate_failures(limited, toys.point(limited, make={("plant", "unit", "standard", "1"): 12})) == []


def sourced(change):
    """What is said of the table of sources with a change, of a run that counts them."""
    program, solution = corruptions.program("sources")
    tables = plan_tables(program, solution)
    return source_failures(program, change(tables["sources"].reset_index(drop=True)), np.asarray(solution.values))


def test_the_table_of_sources_has_each_source_once_with_its_share():
    assert sourced(lambda table: table) == []
    assert sourced(lambda _: None) == ["the table of sources is missing"]
    table = corruptions.solved("sources")[0].tables["sources"].reset_index(drop=True)
    label = "/".join(table.loc[0, ["item", "period", "site"]])
    assert sourced(lambda rows: rows.iloc[1:]) == [f"sources has no row for {label}"]
    twice = sourced(lambda rows: rows.iloc[[0, *range(len(rows))]].reset_index(drop=True))
    assert twice == [f"sources has two rows for {label}"]
    quantity, share = table.loc[0, "quantity"], table.loc[0, "share"]
    assert sourced(lambda rows: with_cell(rows, 0, "quantity", quantity * 1.01)) == [
        f"sources.quantity of {label} is {quantity * 1.01:.9g}, but {quantity:.9g} follows"
    ]
    assert sourced(lambda rows: with_cell(rows, 0, "share", share / 2)) == [
        f"sources.share of {label} is {share / 2:.9g}, but {share:.9g} follows"
    ]
    stray = sourced(lambda rows: pd.concat([rows, rows.iloc[[0]].assign(site="nowhere")], ignore_index=True))
    assert len(stray) == 2


def test_of_what_nobody_makes_no_source_is_wanted():
    """Nothing is made at all: a table of sources without rows is right."""
    program, _ = corruptions.program("sources")
    nothing = corruptions.solved("sources")[0].tables["sources"].iloc[:0]
    assert source_failures(program, nothing, np.zeros(program.columns)) == []
    assert source_failures(solved()[0], None, np.zeros(solved()[0].columns)) == []
