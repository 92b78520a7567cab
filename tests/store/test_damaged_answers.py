"""What is damaged in a store is no answer: it is said, solved anew and kept whole, without anybody asking for that."""

import json
import sqlite3
from contextlib import closing

import pytest
import toys

import planner
from planner.errors import UsageError
from planner.store.answers import Answer, answer_entry, answer_of, report_of, sweep_answer, sweep_rows
from planner.store.memory import StoreMemory
from planner.store.run_store import RunStore

INSTANCE = toys.two_plants()
QUESTION = "0" * 64


@pytest.fixture
def store(tmp_path):
    return RunStore(tmp_path / "runs.sqlite")


@pytest.fixture(scope="module")
def plan():
    return toys.solve(INSTANCE)


def blank(store, name="%"):
    """Write zeros over contents, all or those of one name."""
    with closing(sqlite3.connect(store.address.file)) as connection, connection:
        held = "SELECT content FROM parts WHERE name LIKE ?"
        connection.execute(f"UPDATE contents SET data = zeroblob(length(data)) WHERE hash IN ({held})", [name])


def test_a_damaged_run_is_solved_anew_and_kept_whole(in_process, store, tmp_path, monkeypatch):
    monkeypatch.setenv("PLANNER_STORE", str(store.address.file))
    (tmp_path / "tiny.json").write_text(json.dumps({**toys.TINY, "name": "tiny"}))
    words = ("solve", tmp_path / "tiny.json", "--json")
    first = json.loads(in_process(*words)[1])["run"]
    blank(store)
    assert in_process("runs", "show", "latest")[2] == (
        f"planner: The run {first[:8]} (tiny) is damaged: its instance is not what was kept. Solve it again.\n"
    )
    code, out, err = in_process(*words)
    second = json.loads(out)["run"]
    assert f"The run {first[:8]} (tiny) is damaged: its instance is not what was kept. It was solved anew." in err
    assert (code, f"run {second} kept in" in err, second != first) == (0, True, True)
    code, out, err = in_process(*words)
    assert (json.loads(out)["run"], "the answer was there" in err) == (second, True)
    assert store.read(second).objective == json.loads(out)["objective"]


def test_an_answer_that_cannot_be_read_is_made_anew_and_kept_beside_it(store):
    """Whole by its hash, but no report: its files are not there."""
    [first] = store.put([answer_entry("report", QUESTION, INSTANCE, (None, None), Answer([1]))], "report")
    memory = StoreMemory("report", store.address.file)
    assert memory.recall_answer(QUESTION, report_of) is None
    assert memory.damaged.startswith(f"The run {first[:8]} (tiny, an answer of report) is not whole (TypeError: ")
    assert (memory.lost, memory.answer, memory.recalled) == ("", None, [])
    memory.keep_answer(QUESTION, INSTANCE, Answer({"a": 1}))
    assert memory.answer != first
    again = StoreMemory("report", store.address.file)
    assert again.recall_answer(QUESTION, report_of) == ({"a": 1}, {}, {})
    assert (again.answer, again.damaged) == (memory.answer, "")


def test_a_damaged_run_answers_nothing_when_another_is_kept(store, plan):
    first = store.keep(plan)
    assert store.keep(plan) == first
    blank(store, "record")
    second = store.keep(plan)
    assert second != first
    assert store.read(second).objective == plan.objective
    assert store.read(first).objective == plan.objective, "the content that both hold was written anew"


def test_a_sweep_comes_back_as_its_runs(store):
    asked = {"name": "s", "mode": "grid", "factors": [{"name": "f", "change": "capacity", "where": {"site": "east"}, "factor": {"grid": [1]}}]}  # fmt: skip
    found = planner.sweep(toys.two_plants(capacities=[{"site": "east", "capacity": 4}]), asked, workers=1)
    [run] = store.put([answer_entry("sweep", QUESTION, INSTANCE, (None, None), sweep_answer(found))], "sweep")
    answer = answer_of(store.get(run))
    assert answer.record["found"] == found.as_json()
    assert [row["objective"] for row in sweep_rows(answer)] == [22]


def test_the_latest_of_a_store_whose_runs_are_gone(store, plan):
    store.delete(store.keep(plan))
    with pytest.raises(UsageError, match=r"^There is no latest run: nothing is kept yet\. `planner solve` keeps its"):
        store.read("latest")
