"""`planner sweep` as a person uses it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import children
import pandas as pd
import pytest
import toys

QUESTION = """\
name: plants
policies: [null, capped]
mode: grid
factors:
  - {name: east, change: capacity, where: {site: east}, factor: {grid: [0, 0.5, 1]}}
"""


@pytest.fixture
def instance(tmp_path):
    """East makes units at 1 (ten at most), west at 3; the policy lets the east make half of the ten that are wanted."""
    cap = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}
    rows = {
        **toys.TINY,
        **toys.TWO_PLANTS,
        "capacities": [{"site": "east", "capacity": 10}],
        "policies": [{"name": "capped", "limits": [cap]}],
    }
    path = tmp_path / "plants.json"
    path.write_text(json.dumps(rows))
    return path


@pytest.fixture
def question(tmp_path):
    path = tmp_path / "plants.yaml"
    path.write_text(QUESTION)
    return path


def test_it_writes_a_row_a_run_and_what_they_say_together(run, instance, question, tmp_path):
    code, out, err = run("sweep", instance, question, "--out", "found", "--workers", 1)
    assert code == 0
    assert "How the figures are spread (cost in " in out
    assert "Who beats whom (share of draws)" in out
    assert "runs: 6; 6 with a plan" in err
    runs = pd.read_csv(tmp_path / "found" / "runs.csv")
    assert list(runs["objective"]) == [30, 20, 10, 30, 20, 20]
    summary = json.loads((tmp_path / "found" / "summary.json").read_text())
    assert (summary["schema_version"], summary["sweep"], summary["runs"]) == (1, "plants", 6)
    code, out, _ = run("sweep", instance, question, "--out", "found", "--json")
    assert code == 0
    assert {name: value for name, value in json.loads(out).items() if name != "run"} == summary


@pytest.mark.keeps
def test_the_same_sweep_is_answered_from_the_store(run, instance, question, tmp_path, monkeypatch):
    monkeypatch.setenv("PLANNER_STORE", str(tmp_path / "runs.sqlite"))
    question.write_text(QUESTION.replace("[null, capped]", "[null]"))
    code, out, err = run("sweep", instance, question, "--out", "found", "--workers", 1, "--json")
    assert code == 0
    kept = json.loads(out)["run"]
    assert f"run {kept} kept in" in err
    with monkeypatch.context() as patch:
        patch.setattr("planner.study.sweep.sweep.run_rows", None)  # nothing can be solved
        code, out, err = run("sweep", instance, question, "--out", "again", "--json")
        assert code == 0
        assert json.loads(out)["run"] == kept
        assert f"run {kept}: the answer was there since" in err
        assert "runs: 3, 3 known before" in err
        for name in ("runs.csv", "summary.json", "report.html"):
            assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "found" / name).read_bytes()
        code, out, _ = run("runs", "list", "--json")
        assert [(row["run"], row["kind"]) for row in json.loads(out)["runs"]] == [(kept, "sweep")]
        code, out, _ = run("runs", "show", kept)
        assert code == 0
        assert "How the figures are spread" in out
    question.write_text(question.read_text().replace("0.5, 1]", "1]"))
    code, _, err = run("sweep", instance, question, "--out", "other", "--workers", 1)
    assert code == 0
    assert "kept in" in err


def test_another_sweep_in_the_folder_is_left_alone_without_force(run, instance, question, tmp_path):
    question.write_text(QUESTION.replace("[null, capped]", "[null]"))
    run("sweep", instance, question, "--out", "found", "--workers", 1)
    before = (tmp_path / "found" / "runs.csv").read_bytes()
    question.write_text(question.read_text().replace("0.5, 1]", "1]"))
    code, _, err = run("sweep", instance, question, "--out", "found", "--workers", 1)
    assert code == 2
    assert "--force" in err
    assert (tmp_path / "found" / "runs.csv").read_bytes() == before
    code, _, _ = run("sweep", instance, question, "--out", "found", "--workers", 1, "--force")
    assert code == 0
    assert len(pd.read_csv(tmp_path / "found" / "runs.csv")) == 2


def test_a_scheduler_that_is_not_there_is_said(run, instance, question, monkeypatch):
    pytest.importorskip("distributed", reason="needs Dask")
    monkeypatch.setattr("planner.study.sweep.workers.ANSWERS", "1s")
    code, _, err = run("sweep", instance, question, "--out", "found", "--scheduler", "tcp://127.0.0.1:1")
    assert code == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:1" in err


def many(folder, samples):
    """Write an instance and a question of so many draws; the words of the command, but for its folder."""
    (folder / "tiny.json").write_text(json.dumps(toys.TINY))
    factors = "factors: [{name: orders, change: demand, factor: {uniform: [0.5, 1]}}]"
    (folder / "many.yaml").write_text(f"samples: {samples}\nseed: 1\n{factors}\n")
    return ["sweep", "tiny.json", "many.yaml", "--workers"]


DYING = f"""
import os, signal
from planner.study.sweep.workers import SweepRunner
row, begun = SweepRunner.row, []

def dying(bench, number):
    begun.append(number)
    if len(begun) > 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return row(bench, number)

SweepRunner.row = dying
{children.COMMAND}
"""


def test_a_killed_command_goes_on_to_the_same_bytes(run, tmp_path):
    words = many(tmp_path, 6)
    killed = children.python(DYING, *words, "1", "--out", "found", folder=tmp_path)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "found" / "runs.csv").exists()
    assert_goes_on(run, tmp_path, words, 3, 6)


@pytest.mark.slow
@pytest.mark.parametrize("ended", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_command_goes_on_to_the_same_bytes(run, tmp_path, ended):
    """With two workers, wherever they are: by default one without workers is killed at one place, and loading ones stopped."""
    words = [*many(tmp_path, 16), "2", "--out"]
    command = [sys.executable, "-m", "planner", *words, "found"]
    journal = tmp_path / "found" / "runs.jsonl"
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True) as stopped:
        for _ in range(9000):
            if stopped.poll() is not None or (journal.exists() and len(journal.read_bytes().splitlines()) > 3):
                break
            time.sleep(0.02)
        if ended == signal.SIGINT:
            os.killpg(stopped.pid, signal.SIGINT)  # as a terminal sends it, to the workers too
        else:
            stopped.kill()
        said = stopped.stderr.read().decode()  # ends when the workers have ended too
    assert not (tmp_path / "found" / "runs.csv").exists()
    if ended == signal.SIGINT:
        assert stopped.returncode == 130
        assert "the same command goes on from there" in said
        assert "Traceback" not in said
    kept = len(journal.read_bytes().splitlines()) - 1
    assert 3 <= kept < 16
    assert_goes_on(run, tmp_path, words[:-2], kept, 16)


def assert_goes_on(run, folder, words, kept, samples):
    """The same command solves what is left, and writes what one that was never stopped writes."""
    code, _, err = run(*words, "1", "--out", "found")
    assert code == 0, err
    assert f"runs: {samples}, {kept} known before" in err
    run(*words, "1", "--out", "whole", "--no-store")
    assert steady(folder / "found") == steady(folder / "whole")


def steady(folder: Path):
    """The runs as they are written, without the seconds."""
    return pd.read_csv(folder / "runs.csv", dtype=str).drop(columns="seconds").to_csv()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are looked for in /proc")
def test_workers_that_are_being_loaded_say_nothing_when_they_are_stopped(tmp_path):
    """A terminal sends Ctrl-C to them too; they said tracebacks, and what cleans up after them a warning."""
    (tmp_path / "toy.json").write_text(json.dumps(toys.TOY))
    factors = "factors: [{name: cowos, change: capacity, where: {stage: packaging}, factor: {uniform: [0.5, 1]}}]"
    (tmp_path / "many.yaml").write_text(f"policies: [guarded]\nsamples: 500\nseed: 1\n{factors}\n")
    words = ["sweep", "toy.json", "many.yaml", "--workers", "2", "--no-store", "--out", "found"]
    command = [sys.executable, "-m", "planner", *words]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, start_new_session=True) as stopped:
        while stopped.poll() is None and len(_workers(stopped.pid)) < 2:
            time.sleep(0.01)
        os.killpg(stopped.pid, signal.SIGINT)
        said = stopped.stderr.read().decode()  # ends when the workers have ended too
    assert stopped.returncode == 130
    assert said.splitlines() == [
        "1 warning in toy.json: planner check shows each with its place",
        "",
        "stopped; each run that ended is kept in found, and the same command goes on from there",
    ]


def _workers(parent):
    """The worker processes of a process."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    found = []
    for child in children.read_text().split() if children.exists() else ():
        with contextlib.suppress(OSError):
            if b"popen_loky" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def test_one_policy_is_held_against_no_other(run, instance, question):
    question.write_text(question.read_text().replace("[null, capped]", "[capped]"))
    code, out, _ = run("sweep", instance, question, "--out", "alone", "--workers", 1)
    assert code == 0
    assert "How the figures are spread" in out
    assert "Regret" not in out
    assert "Who beats whom" not in out
