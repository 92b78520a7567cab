"""The command line as a person uses it: exit codes, stdout and stderr apart, JSON that can be parsed."""

import json

import numpy as np
import pytest
import toys
from portions import portion_of_rows

import planner
from planner.instance.policy import Policy
from planner.solve.noise import _without_idle_openings


@pytest.fixture
def instance(tmp_path):
    """A file with two plants and a shop; `short` asks for more than they can make."""
    rows = {
        **toys.TINY,
        **toys.TWO_PLANTS,
        "capacities": [{"site": "east", "capacity": 40}, {"site": "west", "capacity": 40}],
        "demand": [{"customer": "shop", "item": "unit", "quantity": 30}],
        "scenarios": [{"name": "short", "changes": [{"change": "demand", "factor": 9}]}],
    }
    path = tmp_path / "two.json"
    path.write_text(json.dumps(rows))
    return path


@pytest.mark.keeps
def test_solve_prints_one_object(run, instance):
    code, out, err = run("solve", instance, "--json", "--out", "run")
    found = json.loads(out)
    assert (code, found["status"]) == (0, "optimal")
    assert f"run {found['run']} kept in " in err
    assert {"objective", "margin", "costs", "reported_costs", "service", "exposure", "certificate", "timings"} <= set(
        found
    )
    assert {"load", "network", "build", "solve", "certify"} <= set(found["timings"])
    assert "wrote run" in err


@pytest.mark.parametrize(
    ("words", "expected", "status"),
    [
        (("solve", "INSTANCE", "--scenario", "short", "--json"), 3, "infeasible"),
        (("solve", "INSTANCE", "--policy", "nope", "--json"), 2, "error"),
        (("solve", "nowhere", "--json"), 2, "error"),
        (("check", "nowhere", "--json"), 2, "error"),
        (("solve", "INSTANCE", "--gap", "2", "--json"), 2, "error"),
        (("whatif", "INSTANCE", "--json"), 2, "error"),
        (("solve", "INSTANCE", "--out", "/proc/nope/x", "--json"), 2, "error"),
    ],
)
def test_failures_have_an_exit_code_and_an_object(run, instance, words, expected, status):
    code, out, err = run(*(instance if word == "INSTANCE" else word for word in words))
    assert code == expected
    assert json.loads(out)["status"] == status
    assert err


def test_whatif_shows_an_infeasible_run_as_a_row(run, instance):
    code, out, _ = run("whatif", instance, "--scenario", "short", "--json")
    runs = json.loads(out)["runs"]
    assert code == 0
    assert [found["status"] for found in runs] == ["optimal", "infeasible"]
    assert runs[1]["conflict"]
    assert runs[1]["repair"]


@pytest.mark.parametrize(
    ("option", "what", "parts"),
    portion_of_rows(
        [
            ("--scenario", "scenarios", [{"changes": [{"change": "demand", "factor": factor}]} for factor in (2, 0.5)]),
            ("--policy", "policies", [{"title": "one"}, {"title": "other"}]),
        ],
        quick=1,
    ),
)
def test_whatif_refuses_two_that_differ_under_one_name(run, instance, tmp_path, option, what, parts):
    words = []
    for number, part in enumerate(parts):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps({"name": "half", **part}))
        words += [option, path]
    code, out, err = run("whatif", instance, "--scenario", "short", *words, "--json")
    assert code == 2
    assert f"Two {what} that differ are both named half" in err
    assert json.loads(out)["status"] == "error"
    assert run("whatif", instance, "--scenario", "short", *words[:2], *words[:2])[0] == 0


def test_whatif_refuses_an_instance_that_check_refuses(run, instance):
    rows = json.loads(instance.read_text())
    rows["lanes"] = [{"from": "east", "to": "west"}]
    instance.write_text(json.dumps(rows))
    assert run("check", instance)[0] == 2
    assert run("whatif", instance, "--scenario", "short")[0] == 2


def test_a_folder_that_is_no_run_is_left_alone(run, instance, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    code, _, err = run("solve", instance, "--out", "mine")
    assert code == 2
    assert "left alone" in err
    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep me"


def test_a_policy_made_in_python_is_checked():
    given = toys.two_plants()
    limit = {"name": "q", "measure": "stage", "stage": "zzz", "of": "TW", "max_share": 0.5}
    with pytest.raises(planner.InstanceError, match="no stage 'zzz'"):
        planner.solve(given, Policy(name="x", limits=[limit]))


def test_a_program_takes_no_second_policy():
    program = planner.formulate(toys.two_plants())
    with pytest.raises(planner.UsageError, match="formulate"):
        planner.solve(program, scenario="anything")


def test_an_unbounded_plan_names_the_decision():
    processes = [{"site": "east", "item": "unit", "unit_cost": -1}, {"site": "west", "item": "unit"}]
    with pytest.raises(planner.UnboundedError, match=r"make \(east, unit, standard"):
        planner.solve(toys.two_plants(processes=processes, capacities=[]))


def test_a_fixed_cost_is_not_paid_for_nothing():
    """A solver that was stopped may leave an option open without buying any of it."""
    option = {"option": "line", "site": "east", "period": "*", "capacity": 5, "fixed_cost": 7}
    program = planner.formulate(toys.two_plants(expansions=[option]))
    values = np.zeros(program.columns)
    values[program.open.first] = 1
    assert _without_idle_openings(program, values)[program.open.first] == 0
    values[program.expand.first] = 0.5
    assert _without_idle_openings(program, values)[program.open.first] == 1


def test_warnings_are_counted_wherever_an_instance_is_read(tmp_path, in_process):
    """Rows that are added up, and figures that could be read otherwise, are not passed over where only a plan is asked."""
    order = {"customer": "shop", "item": "unit", "quantity": 5}
    path = tmp_path / "twice.json"
    path.write_text(json.dumps({**toys.TINY, "name": "twice", "demand": [order, order]}))
    for words in (("solve",), ("audit",), ("stress", "--survive")):
        code, _, err = in_process(words[0], path, *words[1:])
        assert code == 0
        assert f"1 warning in {path}: planner check shows each with its place" in err
    path.write_text(json.dumps({**toys.TINY, "name": "twice", "demand": [order]}))
    assert "warning" not in in_process("solve", path)[2]
