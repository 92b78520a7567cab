"""The command and the Python that stand on the page give the figures that stand on the page."""

import contextlib
import io
import json
import shlex

import pytest
import toys
from portions import portion

import planner
from planner.plan.plan import Plan
from planner.plan.run_record import instance_text
from planner.serve.live import Planning
from planner.serve.view import View
from planner.serve.written import FILES, written

MUST = [{**row, "must_serve": 1} for row in toys.TOY["demand"]]
SCENARIOS = [{"name": "halt", "changes": [{"change": "outage", "where": {"site": "pack-a"}, "period": "P2"}]}]
VIEWS = [
    "policy=guarded",
    "policy=&demand=::110",
    "policy=guarded&limit=wafer-tw:70&limit=pack-each:80",
    "policy=guarded&scenario=halt",
    "policy=guarded&scenario=halt&capacity=wafer:TW:90&demand=:US:105",
    "policy=&outage=TW:P2:1",
    "policy=guarded&outage=TW:P2:1:packaging&warning=no",
    "policy=guarded&scenario=halt&warning=no",
    "policy=&scenario=halt&warning=no&demand=::95&capacity=packaging::110",
]


@pytest.fixture(scope="module")
def planning():
    return Planning(toys.toy(scenarios=SCENARIOS))


def saved(planning, view, folder):
    """The instance and the files of a view, as a user saves them; what the page writes for it."""
    (folder / "toy.yaml").write_text(instance_text(planning.instance))
    found = written(planning.instance, view)
    for what in found.files:
        (folder / FILES[what]).write_text(found.text(what))
    return found


def command_cost(run, words):
    """What the command prints as the cost; of a strike with the undisturbed cost added."""
    program, command, *arguments = shlex.split(words)
    assert program == "planner"
    code, out, err = run(command, *arguments, "--json")
    assert code == 0, err
    found = json.loads(out)
    return found["objective"] if command == "solve" else found["stress"][0]["loss"]


def python_cost(code):
    names = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, names)
    return names["plan"].objective if "plan" in names else float(names["found"].table["loss"].iloc[0])


@pytest.mark.parametrize("query", portion(VIEWS, quick=1))
def test_command_and_python_do_what_the_page_does(in_process, planning, query, tmp_path, monkeypatch):
    view = View.read(query)
    found = saved(planning, view, tmp_path)
    plan = planning.answer(view).plan
    assert isinstance(plan, Plan), plan
    before = planner.solve(found.instance, found.policy).objective if found.struck else 0.0
    monkeypatch.chdir(tmp_path)
    for cost in (command_cost(in_process, found.command("toy.yaml")), python_cost(found.python("toy.yaml"))):
        assert cost == pytest.approx(plan.objective - before, rel=1e-9, abs=1e-6)
    assert planning.priced(view).objective == pytest.approx(plan.objective, rel=1e-9)


def test_what_needs_no_file_is_named(planning):
    plain = written(planning.instance, View.read("policy=guarded&scenario=halt"))
    assert plain.files == frozenset()
    assert plain.command("my chain") == "planner solve 'my chain' --policy guarded --scenario halt"
    assert written(planning.instance, View()).command("toy.yaml") == "planner solve toy.yaml"
    moved = written(
        planning.instance, View.read("policy=guarded&limit=wafer-tw:70&demand=::110&warning=no&scenario=halt")
    )
    assert moved.files == {"policy", "instance"}
    assert moved.command("toy.yaml") == f"planner stress {FILES['instance']} --policy {FILES['policy']} --scenario halt"


@pytest.mark.slow
def test_a_repaired_view_is_its_files(in_process, tmp_path, monkeypatch):
    planning = Planning(toys.toy(demand=MUST, stocks=[], arrivals=[], scenarios=SCENARIOS))
    view = View.read("policy=guarded&capacity=packaging::20")
    refusal = planning.answer(view).plan
    assert refusal.ways
    repaired = View(view.policy, capacity=view.capacity, repairs=refusal.ways[0])
    found = saved(planning, repaired, tmp_path)
    assert found.files == {"instance", "policy"}
    plan = planning.answer(repaired).plan
    assert plan.objective == pytest.approx(refusal.error.repair[0]["cost"], rel=2e-5)
    monkeypatch.chdir(tmp_path)
    for cost in (command_cost(in_process, found.command("toy.yaml")), python_cost(found.python("toy.yaml"))):
        assert cost == pytest.approx(plan.objective, rel=1e-9)


def test_a_probability_is_saved_with_its_scenario(planning, tmp_path):
    view = View.read("policy=guarded&scenario=halt&chance=halt:5")
    found = saved(planning, view, tmp_path)
    assert "probability: 0.05" in (tmp_path / FILES["scenario"]).read_text()
    assert found.scenario.changes == planning.instance.scenario("halt").changes


@pytest.mark.slow
def test_a_strike_on_a_repaired_view_is_its_files(in_process, tmp_path, monkeypatch):
    planning = Planning(toys.toy(demand=MUST, stocks=[], arrivals=[], scenarios=SCENARIOS))
    capacity = {("packaging", ""): 20.0}
    repairs = planning.answer(View(capacity=capacity)).plan.ways[0]
    view = View(capacity=capacity, repairs=repairs, scenario="halt", warning=False)
    found = saved(planning, view, tmp_path)
    assert found.files == {"instance", "scenario"}
    plan = planning.answer(view).plan
    before = planner.solve(found.instance).objective
    monkeypatch.chdir(tmp_path)
    for cost in (command_cost(in_process, found.command("toy.yaml")), python_cost(found.python("toy.yaml"))):
        assert cost == pytest.approx(plan.objective - before, rel=1e-9, abs=1e-6)
