"""The same question is answered from the store at once, byte for byte; another question, or another release, is not."""

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from portions import portion

from planner.plan import planning, release
from planner.store.run_store import RunStore

CANNING = Path(__file__).parents[2] / "instances" / "canning"
SOLVERS = ("planner.plan.planning.solve_program", "planner.solve.resolver.Resolver.__init__")
ASKED = {
    "solve": ("solve", CANNING, "--policy", "balanced"),
    "solve without a plan": ("solve", CANNING, "--scenario", "seattle-half"),
    "whatif": ("whatif", CANNING, "--scenario", "growth", "--scenario", "seattle-half"),
    "compare": ("compare", "base", "balanced"),
    "compare with two differences": ("compare", "base", "grown"),
    "stress": ("stress", CANNING, "--policy", "balanced", "--scenario", "seattle-half"),
    "stress with all": (
        *("stress", CANNING, "--policy", "balanced", "--scenario", "seattle-half", "--each", "site", "--survive"),
        *("--leverage", "--decide-by", "--per-dollar"),
    ),
    "frontier": (
        "frontier",
        CANNING,
        "--policy",
        "balanced",
        "--limit",
        "any-region",
        "--to",
        "0.5",
        "--within",
        "0.01",
    ),
    "report": ("report", CANNING, "--out", "report", "--figures", "figures"),
}


@pytest.fixture
def run(in_process, monkeypatch, tmp_path):
    """Run a command in an empty folder with a store of its own; exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLANNER_STORE")

    return in_process


def forbid(monkeypatch):
    """From now on nothing can be solved."""

    def fail(*_args, **_named):
        raise AssertionError("solved, though the answer is kept")

    for place in SOLVERS:
        monkeypatch.setattr(place, fail)


def files(*folders):
    return {path: path.read_bytes() for name in folders for path in Path(name).rglob("*") if path.is_file()}


def made(run, words):
    """The runs that a question names, made first."""
    if "base" in words:
        assert run("solve", CANNING, "--out", "base")[0] == 0
        assert run("solve", CANNING, "--policy", "balanced", "--out", "balanced")[0] == 0
        assert run("solve", CANNING, "--policy", "balanced", "--scenario", "growth", "--out", "grown")[0] == 0


QUICK = {"solve", "solve without a plan", "stress"}
CASES = [pytest.param(words, id=name, marks=[] if name in QUICK else pytest.mark.slow) for name, words in ASKED.items()]


@pytest.mark.parametrize("words", CASES)
def test_the_same_question_has_the_same_answer_at_once(run, monkeypatch, words):
    made(run, words)
    code, text, err = run(*words)
    wrote = files("report", "figures")
    assert re.search(r"^runs? [0-9a-f, ]+( and \d+ more)? kept in .planner/runs.sqlite$", err, re.MULTILINE), err
    first = run(*words, "--json")  # an object has more in it than a text: prices of a what-if are computed for it
    forbid(monkeypatch)
    again = run(*words)
    assert again[:2] == (code, text)
    assert "the answer was there" in again[2]
    assert files("report", "figures") == wrote
    objects = first, run(*words, "--json")
    assert objects[0][:2] == objects[1][:2]
    assert objects[0][0] == code
    shown = json.loads(objects[0][1])
    ids = [part["run"] for part in (shown["runs"] if words[0] == "whatif" else [shown])]
    assert all(re.fullmatch("[0-9a-f]{16}", id_) for id_ in ids)
    assert RunStore().find("latest").id == ids[-1], "what was asked last is the latest"


def test_a_kept_report_has_its_pictures_too(run, monkeypatch):
    """They are asked for once the page is read, and nothing is made again for them."""
    small = CANNING.parents[1] / "tests" / "found" / "degenerate-price.yaml"
    assert run("report", small, "--out", "report")[0] == 0
    forbid(monkeypatch)
    assert run("report", small, "--out", "report", "--figures", "figures")[0] == 0
    shown = re.findall(r'id="picture-([^"]+)"', Path("report/report.html").read_text())
    assert [f"{name}.svg" for name in sorted(shown)] == sorted(path.name for path in files("figures"))


@pytest.mark.parametrize(
    "words", portion([ASKED[name] for name in ("solve", "compare", "stress", "frontier")], quick=1)
)
def test_what_is_kept_is_shown_again(run, monkeypatch, words):
    made(run, words)
    _, text, _ = run(*words)
    asked = json.loads(run(*words, "--json")[1])
    forbid(monkeypatch)
    code, out, _ = run("runs", "show", "latest")
    assert code == 0
    tail = [line for line in text.splitlines() if line][-3:]
    if words[0] in {"solve", "stress", "frontier"} and text:
        assert all(line in out for line in tail)
    code, out, _ = run("runs", "show", "latest", "--json")
    shown = json.loads(out)
    if words[0] == "solve":
        del asked["policy"], asked["scenario"], shown["answer"]["policy"], shown["answer"]["scenario"]
        assert shown["answer"] == asked
    elif words[0] == "compare":
        assert shown["answer"] == asked["comparisons"]
    elif words[0] in {"stress", "frontier"}:
        assert {**shown["answer"], "run": asked["run"]} == asked


def test_fresh_solves_anew_and_no_store_keeps_nothing(run):
    words = ASKED["solve"]
    code, out, err = run(*words, "--json", "--no-store")
    assert (code, json.loads(out)["run"], "kept in" in err) == (0, None, False)
    assert not Path(".planner").exists()
    first = json.loads(run(*words, "--json")[1])["run"]
    second = json.loads(run(*words, "--json", "--fresh")[1])["run"]
    assert first != second
    assert {kept.id for kept in RunStore().all()} == {first, second}
    assert json.loads(run(*words, "--json")[1])["run"] == second, "the newest answer"
    assert run(*words, "--no-store", "--fresh")[0] == 2


OTHERS = (
    ("--policy", "balanced", "--scenario", "growth"),
    ("--gap", "1e-5"),
    ("--time-limit", "1000"),
    ("--solver", "cbc"),
    ("--stay-close-to", "base"),
)


@pytest.mark.parametrize("words", portion(OTHERS, quick=1))
def test_another_question_is_solved(run, words):
    if "base" in words:
        assert run("solve", CANNING, "--out", "base")[0] == 0
    assert run(*ASKED["solve"])[0] == 0
    _, _, err = run("solve", CANNING, *words)
    assert "kept in" in err
    assert "was there" not in err
    _, _, err = run("solve", CANNING, *words)
    assert "was there" in err


@pytest.mark.slow
def test_a_plan_to_stay_close_to_is_told_by_what_it_decides(run):
    assert run("solve", CANNING, "--out", "base")[0] == 0
    assert run("solve", CANNING, "--policy", "balanced", "--out", "balanced")[0] == 0
    assert "kept in" in run("solve", CANNING, "--stay-close-to", "base")[2]
    assert "kept in" in run("solve", CANNING, "--stay-close-to", "balanced")[2]
    kept = json.loads(run("solve", CANNING, "--json")[1])["run"]
    assert "was there" in run("solve", CANNING, "--stay-close-to", kept)[2], "the same plan, from the store"


def test_an_instance_with_other_data_is_another(run, tmp_path):
    text = json.dumps(
        {
            "name": "one",
            "sites": [{"site": "plant", "region": "TW"}],
            "items": [{"item": "unit", "stage": "making"}],
            "processes": [{"site": "plant", "item": "unit", "unit_cost": 1}],
            "customers": [{"customer": "shop", "region": "US"}],
            "demand": [{"customer": "shop", "item": "unit", "quantity": 10}],
            "lanes": [{"from": "plant", "to": "shop", "unit_cost": 1}],
        }
    )
    (tmp_path / "one.json").write_text(text)
    assert "kept in" in run("solve", "one.json")[2]
    (tmp_path / "one.json").write_text(text.replace(": 10}", ": 11}"))
    assert "kept in" in run("solve", "one.json")[2]
    (tmp_path / "one.json").write_text(text.replace(": 10}", ": 10.0}"))
    assert "was there" in run("solve", "one.json")[2]


@pytest.mark.parametrize("name", portion(["planner", "python", "pulp", "highspy", "pandas", "code"], quick=1))
def test_another_release_is_asked_again(run, monkeypatch, name):
    kept = json.loads(run(*ASKED["solve"], "--json")[1])["run"]
    run(*ASKED["stress"])
    before = dict(release.versions())
    monkeypatch.setattr(release, "_versions", lambda: {**before, name: "another"})
    forbid(monkeypatch)  # where it is solved anew it fails
    for asked in ("solve", "stress"):
        code, _, err = run(*ASKED[asked])
        assert (code, "solved, though the answer is kept" in err) == (1, True), err
    assert RunStore().read(kept).versions == before, "what an older release made can still be read"


@pytest.mark.slow
def test_runs_of_one_command_answer_another(run, monkeypatch):
    run(*ASKED["whatif"])
    assert "was there" in run("solve", CANNING, "--scenario", "growth")[2]  # and computes its prices
    forbid(monkeypatch)
    assert "was there" in run("solve", CANNING, "--scenario", "growth")[2]
    code, _, err = run("solve", CANNING, "--scenario", "seattle-half", "--all")
    assert (code, "chicago orders 300 cases in 1." in err) == (3, True)


def test_only_what_is_missing_is_solved(run, monkeypatch):
    run("solve", CANNING, "--scenario", "growth")
    first = run(*ASKED["whatif"], "--json")
    assert "the answer was there" in first[2]
    forbid(monkeypatch)
    assert run(*ASKED["whatif"], "--json")[:2] == first[:2]


def test_what_a_limit_stopped_without_a_plan_is_not_kept(run):
    code, out, _ = run(*ASKED["solve"], "--time-limit", "1e-9", "--json")
    assert (code, json.loads(out).get("run")) == (4, None)
    assert RunStore().all() == []


def test_a_plan_that_a_limit_stopped_is_kept_with_its_gap(run, monkeypatch):
    solve = planning.plan_instance

    def stopped(*words):
        raise planning.limit_error(replace(solve(*words), status="feasible", gap=0.25))

    monkeypatch.setattr(planning, "plan_instance", stopped)
    first = run(*ASKED["solve"], "--json")
    assert (first[0], json.loads(first[1])["gap"]) == (4, 0.25)
    forbid(monkeypatch)
    again = run(*ASKED["solve"], "--json")
    assert again[:2] == first[:2]
    assert "planner: A limit was reached with a plan within 25.000% of the proved bound." in again[2]


def test_a_run_is_named_by_folder_id_beginning_tag_or_latest(run):
    first = json.loads(run("solve", CANNING, "--out", "folder", "--json")[1])["run"]
    assert run("runs", "tag", "latest", "agreed")[0] == 0
    wanted = run("explain", "folder", "--order", "chicago/cases/1")
    assert wanted[0] == 0
    for name in (first[:6], "agreed"):
        assert run("explain", name, "--order", "chicago/cases/1") == wanted
    assert {RunStore().find(name).id for name in (first, first[:6], "agreed", "latest")} == {first}
    refused = run("explain", "latest")[2]
    assert "canning / no policy" not in refused
    assert "latest is a run. Say which of its 3 orders" in refused
    assert run("export", first[:6], "--to", "found.csv")[0] == 0
    found = json.loads(run("compare", "folder", "agreed", "--json")[1])
    assert [part["run"] for part in found["runs"]] == ["folder", first]
    assert run("solve", CANNING, "--stay-close-to", first)[0] == 0
    Path("agreed").mkdir()
    assert run("explain", "agreed", "--order", "chicago/cases/1") == wanted, "a folder that is no run hides no tag"
    Path("other").mkdir()
    assert "other is no run: it has no readable run.json" in run("explain", "other", "--order", "x/y/1")[2]
    err = run("export", "agred", "--to", "x.csv")[2]
    assert "There is no run agred" in err
    assert "agreed" in err


@pytest.mark.slow
def test_a_run_stands_for_its_instance_in_a_report(run):
    first = json.loads(run("solve", CANNING, "--json")[1])["run"]
    assert run("report", CANNING, "--out", "one")[0] == 0
    code, _, err = run("report", first[:7], "--out", "other")
    assert (code, "the answer was there" in err) == (0, True), "the same instance is the same question"
    assert {path.name for path in Path("one").iterdir()} == {path.name for path in Path("other").iterdir()}
    run("solve", CANNING, "--scenario", "growth")
    code, _, err = run("report", "latest", "--out", "third")
    assert (code, "under the scenario growth" in err) == (2, True)


@pytest.mark.slow
def test_an_answer_is_no_plan(run):
    run(*ASKED["stress"])
    code, _, err = run("export", "latest", "--to", "x.csv")
    assert code == 2
    assert "(canning / balanced, an answer of stress) has no tables of a plan. No run has." in err
    kept = json.loads(run("solve", CANNING, "--json")[1])["run"]
    run(*ASKED["stress"])
    code, _, err = run("export", "latest", "--to", "x.csv")
    assert (code, f"The latest that has is {kept[:8]} (canning)." in err) == (2, True)


def test_runs_are_listed_marked_and_let_go(run):
    assert run("runs", "list")[1].startswith("No runs are kept in .planner/runs.sqlite yet.")
    assert json.loads(run("runs", "list", "--json")[1])["runs"] == []
    first = json.loads(run("solve", CANNING, "--json")[1])["run"]
    second = json.loads(run(*ASKED["solve"], "--json")[1])["run"]
    code, out, _ = run("runs", "list")
    assert (code, out.index(second[:8]) < out.index(first[:8])) == (0, True)
    [latest, oldest] = json.loads(run("runs", "list", "--json")[1])["runs"]
    assert (latest["run"], latest["policy"], latest["status"]) == (second, "balanced", "optimal")
    assert oldest["objective"] == 153.675
    assert json.loads(run("runs", "tag", first, "base", "--json")[1])["tags"] == ["base"]
    assert f"base was the run {first} before" in run("runs", "tag", second, "base")[2]
    assert json.loads(run("runs", "note", "base", "as agreed", "--json")[1])["note"] == "as agreed"
    assert "as agreed" in run("runs", "list")[1]
    assert run("runs", "untag", "base")[0] == 0
    assert run("runs", "untag", "base")[0] == 2
    assert json.loads(run("runs", "prune", "--keep", "1", "--json")[1])["deleted"] == [first]
    assert run("runs", "delete", second)[1] == f"1 deleted: {second}\n"
    assert run("runs", "delete", second)[0] == 2
    assert json.loads(run("runs", "list", "--json")[1])["runs"] == []


def test_a_name_in_a_note_does_nothing_to_a_terminal(run):
    run("solve", CANNING)
    run("runs", "note", "latest", "[red]=HYPERLINK(1)[/red]\x1b[31m")
    out = run("runs", "list")[1]
    assert "\x1b[31m" not in out
    assert "[red]=HYPERLINK(1)[/red]" in out


EXAMPLES = ("list", "show", "tag", "untag", "note", "delete", "prune")


@pytest.mark.parametrize("name", portion(EXAMPLES, quick=1))
def test_help_of_each_part_ends_with_an_example_that_runs(run, name):
    run("solve", CANNING)
    run("runs", "tag", "latest", "agreed")
    code, out, _ = run("runs", name, "--help")
    example = re.search(r"Example: planner (.*)", out.replace("\n  ", " "))
    assert (code, bool(example)) == (0, True)
    assert run(*shlex.split(example[1]))[0] == 0
