"""A price where the cost turns: what one more unit saves, and beside it what one less costs, whichever was solved first."""

from pathlib import Path

import pytest

import planner
from planner.cli.main import main
from planner.plan.price_checks import with_ranges
from planner.solve import solve_program
from planner.solve.solve_program import SolveOptions
from planner.study.shadow_prices import checked_prices

INPUT = Path(__file__).with_name("degenerate-price.yaml")


def of(table, name):
    (row,) = table[table["name"] == name].to_dict("records")
    return row


def test_one_more_unit_saves_nothing_and_one_less_costs_five():
    plan = planner.solve(INPUT)
    assert plan.objective == pytest.approx(500)
    assert of(plan.choke_points, "s")["shadow_price"] == 0
    (turns,) = plan.tables["price_sides"].to_dict("records")
    assert turns == {
        "kind": "resource",
        "name": "s",
        "site": "s",
        "period": "1",
        "shadow_price": 0,
        "one_less_costs": pytest.approx(5),
    }


@pytest.mark.parametrize("cold", [False, True])
def test_any_basis_ends_with_the_same_prices(cold):
    program = planner.formulate(INPUT)
    prices = solve_program(program, SolveOptions(cold=cold)).prices
    start, rows = program.family_rows("capacity")
    assert rows.labels["site"].tolist() == ["s", "t"]
    assert prices.more[start : start + 2].tolist() == [0, 0]
    assert prices.less[start : start + 2] == pytest.approx([5, 0])
    assert prices.lost_more.tolist() == [0]


def test_the_range_is_of_what_one_more_unit_saves():
    program, plan = planner.formulate(INPUT), planner.solve(INPUT)
    table, _ = with_ranges(plan.choke_points, program, plan.values)
    row = of(table, "s")
    assert row["shadow_price"] == of(plan.choke_points, "s")["shadow_price"] == 0
    assert row["valid_from"] == pytest.approx(100)


def test_the_report_says_which_price_holds_for_more_and_which_for_less():
    whole = planner.load_instance(INPUT)
    sixty = planner.load_instance({**whole.as_mapping(), "capacities": [{"site": "s", "capacity": 60}]})
    just = planner.Policy(
        name="just", limits=[{"name": "half", "measure": "stage", "stage": "make", "of": "A", "max_share": 0.6}]
    )
    plan = planner.solve(sixty, just)
    assert plan.objective == pytest.approx(60 * 5 + 40 * 10)
    table = checked_prices(planner.formulate(sixty, just), plan)
    told = table.set_index("kind")[["shadow_price", "one_less_costs"]].to_dict("index")
    both = {"shadow_price": pytest.approx(0, abs=1e-9), "one_less_costs": pytest.approx(5)}
    assert told == {"resource": both, "limit": both}  # either is held by the other
    assert table["verified"].all()


def test_the_terminal_shows_both_sides(capsys):
    with pytest.raises(SystemExit):
        main(["solve", str(INPUT)])
    said = capsys.readouterr().out
    assert "Where the cost turns" in said
    (line,) = [line for line in said.splitlines() if line.startswith("resource")]
    assert line.split() == ["resource", "s", "s", "1", "0", "5"]
