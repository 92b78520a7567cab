"""A time limit bounds the command: what is done by then is shown, the rest is said to be left out, and the exit is 4.

The clock stands still but where a test moves it, so that nothing here depends on how fast the machine is.
"""

import json
import time

import pandas as pd
import pytest
import toys
from portions import portion

import planner.study.runs
from planner.plan.live_planning import Replanner
from planner.report import background as report_studies
from planner.report import study_makers
from planner.solve.threads import Pool

EAST = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.6}
FREE = {"name": "free", "measure": "pathway", "of": "TW", "min_free": 0.2, "soft_cost": 50}
STRIKE = {"change": "outage", "where": {"site": "east"}, "period": "P2"}
ROWS = {
    **toys.TINY,
    **toys.TWO_PLANTS,
    "periods": ["P1", "P2", "P3"],
    "capacities": [{"site": "west", "capacity": 6}],
    "expansions": [{"option": "line", "site": "west", "period": "P2", "capacity": 6, "unit_cost": 5}],
    "policies": [{"name": "capped", "limits": [EAST]}, {"name": "followed", "limits": [EAST, FREE]}],
    "scenarios": [
        {"name": "fire", "surprise": "yes", "probability": 0.1, "changes": [STRIKE]},
        {"name": "growth", "changes": [{"change": "demand", "factor": 1.2}]},
    ],
}


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.now = 1000.0

    def later(self, function, times=0, seconds=1e6):
        """The function; when it was called more than so many times, time has gone by."""
        calls = []

        def called(*words, **named):
            found = function(*words, **named)
            calls.append(1)
            self.now += seconds if len(calls) > times else 0
            return found

        return called


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(time, "perf_counter", lambda: made.now)
    monkeypatch.setattr(planner.study.runs, "Pool", lambda _: Pool(1))
    monkeypatch.setattr(report_studies, "Pool", lambda _: Pool(1))
    return made


@pytest.fixture
def instance(tmp_path):
    path = tmp_path / "plants.json"
    path.write_text(json.dumps(ROWS))
    return path


STRESSED = ("stress", "INSTANCE", "--policy", "capped")
COMMANDS = (
    ("solve", "INSTANCE"),
    ("whatif", "INSTANCE", "--scenario", "growth"),
    ("frontier", "INSTANCE", "--policy", "capped", "--limit", "cap"),
    ("two-stage", "INSTANCE"),
    ("audit", "INSTANCE"),
    ("report", "INSTANCE"),
    STRESSED,
    (*STRESSED, "--each", "site"),
)


@pytest.mark.parametrize("words", portion(COMMANDS, quick=2))
def test_every_command_ends_at_once_with_exit_4_and_an_object(run, instance, words):
    asked = [instance if word == "INSTANCE" else word for word in words]
    code, out, err = run(*asked, "--time-limit", "1e-9", "--json")
    json.loads(out)
    assert code == 4
    assert "limit was reached" in err or "was stopped" in err or "stopped before" in err
    code, _, _ = run(*asked, "--time-limit", "1e-9")
    assert code == 4


@pytest.mark.parametrize("words", portion(COMMANDS[:5], quick=1))
def test_a_limit_that_suffices_changes_nothing(run, instance, clock, words):
    asked = [instance if word == "INSTANCE" else word for word in words]
    plain, limited = run(*asked), run(*asked, "--time-limit", "1000")
    assert limited[:2] == plain[:2]
    assert plain[0] == 0
    talk = [[line for line in said.splitlines() if not line.startswith("run")] for _, _, said in (plain, limited)]
    assert talk[0] == talk[1]  # but for the ids of the runs


def test_reading_counts(run, instance, clock, monkeypatch):
    from planner.instance import loading

    monkeypatch.setattr(loading, "check_instance", clock.later(loading.check_instance))
    code, _, err = run("solve", instance, "--time-limit", "1000")
    assert code == 4
    assert "before planning began" in err


def test_whatif_shows_what_is_done(run, instance, clock, monkeypatch):
    monkeypatch.setattr(Replanner, "plan", clock.later(Replanner.plan, times=1))
    words = ("whatif", instance, "--scenario", "fire", "--scenario", "growth", "--time-limit", "1000")
    code, out, err = run(*words, "--json")
    assert code == 4
    assert [part["status"] for part in json.loads(out)["runs"]] == ["optimal", "optimal", "limit"]
    assert "runs not done or not proved by then: no policy / growth" in err


@pytest.fixture
def reported(run, instance, tmp_path):
    """Make a report; exit code, its object, stderr, the summary and the table of runs."""

    def report(*words):
        code, out, err = run("report", instance, "--out", "r", "--time-limit", "1000", "--json", *words)
        found, folder = json.loads(out), tmp_path / "r"
        runs = pd.read_csv(folder / "tables" / "runs.csv", keep_default_na=False)
        return code, found, err, (folder / "summary.md").read_text(), (folder / "report.html").read_text(), runs

    return report


@pytest.mark.slow
def test_a_report_leaves_out_scenarios_that_are_not_done(reported, clock, monkeypatch):
    monkeypatch.setattr(Replanner, "plan", clock.later(Replanner.plan, times=4))  # both undisturbed, all of `fire`, ...
    code, found, err, summary, page, runs = reported()
    assert code == 4
    assert sorted(set(runs["scenario"])) == ["", "fire"]
    assert set(runs["status"]) == {"optimal"}
    assert found["left_out"][0] == "the scenario growth"
    assert "audit" in found["left_out"]
    for text in (err, summary, page):
        assert "the scenario growth" in text
    assert "The time limit ended this report early" in summary
    assert "no plan" not in summary.lower()


def test_a_report_leaves_out_policies_that_are_not_planned(reported, clock, monkeypatch):
    monkeypatch.setattr(Replanner, "plan", clock.later(Replanner.plan))
    code, found, _, summary, _, runs = reported()
    assert code == 4
    assert set(runs["policy"]) == {"capped"}
    assert found["left_out"][:3] == ["the policy followed", "the scenario fire", "the scenario growth"]
    assert "the policy followed" in summary


@pytest.mark.slow
def test_a_report_leaves_out_studies_that_are_not_done(reported, clock, monkeypatch):
    monkeypatch.setattr(study_makers, "checked_prices", clock.later(study_makers.checked_prices))
    code, found, err, summary, page, runs = reported()
    assert code == 4
    assert len(runs) == 6
    assert "capped, one out" not in found["left_out"]
    assert "followed, shadow prices" in found["left_out"]  # which time ran out in
    assert {"audit", "capped, shadow prices"} <= set(found["left_out"])  # shorter, so that they were to come
    assert not {"frontier", "followed, struck"} & set(found["left_out"])
    assert "capped, shadow prices" in summary
    assert "capped, shadow prices" in page
    assert "answers" not in err


@pytest.mark.slow
def test_without_any_plan_no_report_is_written(run, instance, tmp_path, clock, monkeypatch):
    monkeypatch.setattr(Replanner, "plan", clock.later(Replanner.plan))
    assert run("report", instance, "--out", "r", "--time-limit", "1000")[0] == 4
    before = {path: path.read_bytes() for path in (tmp_path / "r").rglob("*") if path.is_file()}
    code, _, err = run("report", instance, "--out", "r", "--time-limit", "1e-9")
    assert code == 4
    assert "nothing is written" in err
    assert {path: path.read_bytes() for path in (tmp_path / "r").rglob("*") if path.is_file()} == before


def test_stress_answers_what_it_can(run, instance, clock, monkeypatch):
    from planner.study.outage import n_minus_one_without_warning as strikes

    monkeypatch.setattr(strikes, "strike_each", clock.later(strikes.strike_each))
    words = (*STRESSED[:1], instance, *STRESSED[2:], "--each", "site", "--survive", "--decide-by", "--leverage")
    code, out, err = run(*words, "--per-dollar", "--time-limit", "1000", "--json")
    found = json.loads(out)
    assert code == 4
    assert {row["of"] for row in found["each"]} == {"east", "west"}
    assert {row["run"] for row in found["failures"]} == {
        f"capped, {question}" for question in ("--survive", "--leverage", "--decide-by", "--per-dollar")
    }
    assert "answers not done or not proved by then: capped, --survive" in err


@pytest.mark.slow
def test_strikes_that_are_not_begun_are_rows_that_say_so(run, instance, clock, monkeypatch):
    from planner.study.stress import surprise

    monkeypatch.setattr(surprise, "stress_one", clock.later(surprise.stress_one))
    monkeypatch.setattr("planner.cli.stress_answers.TWO", 1)
    words = (*STRESSED[:1], instance, *STRESSED[2:], "--scenario", "fire", "--scenario", "growth")
    code, out, _ = run(*words, "--time-limit", "1000", "--json")
    assert code == 4
    assert [row["status"] for row in json.loads(out)["stress"]] == ["optimal", "limit"]
