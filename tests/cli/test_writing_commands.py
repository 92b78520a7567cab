"""What commands write: nothing of another's is lost, nothing is half there, and the words say what stands where."""

import json
import shutil
from pathlib import Path

import pytest
import toys
from crashes import no_file_above
from portions import portion, portion_of_rows

import planner
from planner.instance.loading import load_instance
from planner.report.run_folder import write_run
from planner.report.write_report import refuse_to_replace_report
from planner.solve.certificate import ASSUMED, SOLVERS, Certificate

CANNING = Path(__file__).parents[2] / "instances" / "canning"
LIMIT = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.8}
ROWS = {
    **toys.TINY,
    **toys.TWO_PLANTS,
    "capacities": [{"site": "east", "capacity": 40}, {"site": "west", "capacity": 40}],
    "demand": [{"customer": "shop", "item": "unit", "quantity": 30}],
    "policies": [{"name": "capped", "limits": [LIMIT]}],
}


@pytest.fixture
def write(tmp_path):
    """Write an instance of two plants; the path of its file."""

    def written(name="two", **further):
        rows = {**ROWS, "name": name, **further}
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(rows))
        return path

    return written


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """The folder of a run of the instance of two plants, made once."""
    folder = tmp_path_factory.mktemp("two")
    return write_run(planner.solve(load_instance({**ROWS, "name": "two"})), folder / "r")


@pytest.fixture
def solved(two, tmp_path):
    """The same as r, where commands run."""
    shutil.copytree(two, tmp_path / "r")


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_run_of_the_same_instance_is_replaced(run, write, tmp_path):
    instance = write()
    assert run("solve", instance, "--out", "r")[0] == 0
    assert run("solve", instance, "--policy", "capped", "--out", "r")[0] == 0
    assert json.loads((tmp_path / "r" / "run.json").read_text())["policy"]["name"] == "capped"


@pytest.mark.usefixtures("solved")
def test_a_run_of_another_instance_is_replaced_by_force_alone(run, write, tmp_path):
    before = contents(tmp_path / "r")
    code, out, err = run("solve", write("three"), "--out", "r")
    assert (code, out) == (2, "")
    assert "r is a run of the instance two, not of three" in err
    assert "--force" in err
    assert contents(tmp_path / "r") == before
    assert run("solve", write("three"), "--out", "r", "--force")[0] == 0
    assert json.loads((tmp_path / "r" / "run.json").read_text())["instance"] == "three"


@pytest.mark.parametrize("force", [(), ("--force",)])
@pytest.mark.parametrize(
    ("name", "words"),
    portion_of_rows(
        [
            ("r/letter.txt", "letter.txt, which is no part of a run"),
            ("r/tables/mine.csv", "mine.csv, which is no part"),
            ("r/tables/costs.csv.bak", "costs.csv.bak, which is no part"),
        ],
        quick=1,
    ),
)
@pytest.mark.usefixtures("solved")
def test_what_is_no_part_of_a_run_is_never_removed(run, write, tmp_path, name, words, force):
    (tmp_path / name).write_text("keep me")
    before = contents(tmp_path / "r")
    code, _, err = run("solve", write(), "--out", "r", *force)
    assert code == 2
    assert words in err
    assert contents(tmp_path / "r") == before


@pytest.mark.parametrize("text", ["{}", "[]", "not json", '{"name": "some other tool"}'])
def test_another_tools_run_json_is_no_run(run, write, tmp_path, text):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "run.json").write_text(text)
    assert run("solve", write(), "--out", "r", "--force")[0] == 2
    assert (tmp_path / "r" / "run.json").read_text() == text


@pytest.mark.usefixtures("solved")
def test_a_full_disk_loses_no_run_and_no_answer(run, write, tmp_path):
    instance = write()
    before = contents(tmp_path)
    with no_file_above(200):
        code, out, err = run("solve", instance, "--policy", "capped", "--out", "r")
    assert code == 2
    assert "choose another place" in err.lower()
    assert "capped: optimal" in out
    assert contents(tmp_path) == before
    with no_file_above(200):
        code, out, err = run("solve", instance, "--policy", "capped", "--out", "r", "--json")
    assert (code, json.loads(out)["status"]) == (2, "error")


@pytest.mark.parametrize("target", portion(["out.xlsx", "out", "out.csv", "out.parquet", "out.duckdb"], quick=1))
@pytest.mark.usefixtures("solved")
def test_a_full_disk_loses_no_export(run, tmp_path, target):
    for times in range(2):
        before = contents(tmp_path)
        with no_file_above(30):
            code, _, err = run("export", "r", "--to", target)
        assert code == 2, times
        assert f"{target}: " in err
        assert "choose another place" in err.lower()
        assert contents(tmp_path) == before
        assert run("export", "r", "--to", target)[0] == 0


@pytest.mark.usefixtures("solved")
def test_an_export_of_two_is_refused_before_the_first_is_written(run, tmp_path):
    before = contents(tmp_path)
    for target, model, words in (("x", "m.txt", "'.txt' is no format of a program"), ("x.ods", "m.lp", "no kind of")):
        code, _, err = run("export", "r", "--to", target, "--model", model)
        assert (code, words in err) == (2, True)
        assert contents(tmp_path) == before


@pytest.mark.slow
@pytest.mark.usefixtures("solved")
def test_a_full_disk_loses_no_model(run, tmp_path):
    before = contents(tmp_path)
    with no_file_above(30):
        assert run("export", "r", "--model", "m.lp")[0] == 2
    assert contents(tmp_path) == before


def test_a_full_disk_tears_no_frontier(run, write, tmp_path):
    words = ("frontier", write(), "--policy", "capped", "--limit", "cap", "--to", "0.2", "--out", "f")
    assert run(*words)[0] == 0
    before = contents(tmp_path / "f")
    assert {"frontier.html", "frontier.csv", "frontier.json", "points.jsonl"} == set(before)
    with no_file_above(max(len(text) for name, text in before.items() if name != "frontier.html")):
        code, _, err = run(*words, "--at", "0.5")
    assert code == 2
    assert "choose another place" in err.lower()
    after = contents(tmp_path / "f")
    assert {name: text for name, text in after.items() if name != "points.jsonl"} == {
        name: text for name, text in before.items() if name != "points.jsonl"
    }
    assert run(*words, "--at", "0.5")[0] == 0
    json.loads((tmp_path / "f" / "frontier.json").read_text())


@pytest.mark.parametrize(
    "spoilt",
    portion(
        [
            b"\xff\xfe\n",
            b"[1]\n",
            b"7\n",
            b'{"point": 5}\n',
            b'{"point": {"level": 1}}\n',
            b'{"mark": {"x": 1}}\n',
            b"{\n",
        ],
        quick=1,
        ids=["bytes", "list", "number", "no-point", "part-of-a-point", "strange-mark", "half"],
    ),
)
def test_a_journal_that_cannot_be_read_is_said_to_be(run, write, tmp_path, spoilt):
    words = ("frontier", write(), "--policy", "capped", "--limit", "cap", "--to", "0.2", "--no-policies", "--out", "f")
    assert run(*words)[0] == 0
    path = tmp_path / "f" / "points.jsonl"
    path.write_bytes(path.read_bytes() + spoilt)
    code, _, err = run(*words)
    assert code == 2
    assert "points.jsonl cannot be read" in err


@pytest.mark.slow
def test_a_journal_without_its_last_end_goes_on(run, write, tmp_path):
    words = ("frontier", write(), "--policy", "capped", "--limit", "cap", "--to", "0.2", "--no-policies", "--out", "f")
    assert run(*words)[0] == 0
    path = tmp_path / "f" / "points.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    code, _, err = run(*words)
    assert (code, "levels: 1 solved" in err) == (0, True), err
    assert sorted(path.read_bytes().splitlines()) == sorted(whole.splitlines())


@pytest.mark.slow
def test_unlike_currencies_are_not_subtracted(run, write):
    assert run("solve", write("two"), "--out", "a")[0] == 0
    assert run("solve", write("three", currency="EUR"), "--out", "b")[0] == 0
    code, out, err = run("compare", "a", "b")
    assert (code, out) == (2, "")
    assert "counts in USD" in err
    assert "in EUR" in err
    code, out, _ = run("compare", "a", "a", "b", "--json")
    assert (code, json.loads(out)["status"]) == (2, "error")


@pytest.mark.parametrize(
    ("target", "words"),
    portion_of_rows(
        [
            ("out.csv", "wrote out.csv/: a folder of 12 tables, a CSV file each"),
            ("out", "wrote out/: a folder of 12 tables, a CSV file each"),
            ("out.parquet", "wrote out.parquet/: a folder of 12 tables, a Parquet file each"),
            ("out.xlsx", "wrote out.xlsx: a workbook of a summary and 12 tables"),
        ],
        quick=1,
    ),
)
def test_an_export_says_what_stands_where(run, write, tmp_path, target, words):
    assert "wrote r/: run.json, instance.yaml, tables/*.csv" in run("solve", write(), "--out", "r")[2]
    code, _, err = run("export", "r", "--to", target)
    assert (code, err.strip()) == (0, words)
    assert (tmp_path / target).is_dir() == ("folder" in words)
    code, _, err = run("export", "r", "--model", "m.lp")
    assert "wrote m.lp: the program, with m.names.csv: what each of its names stands for" in err
    assert (tmp_path / "m.names.csv").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("solved")
def test_an_export_leaves_other_files_alone(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.csv").write_text("keep me")
    code, _, err = run("export", "r", "--to", "out")
    assert (code, "mine.csv" in err) == (2, True)
    assert (tmp_path / "out" / "mine.csv").read_text() == "keep me"
    assert run("export", "r", "--to", "r")[0] == 2
    assert run("export", "r", "--to", "r/run.json/x.xlsx")[0] == 2
    assert json.loads((tmp_path / "r" / "run.json").read_text())["instance"] == "two"


@pytest.mark.usefixtures("solved")
def test_a_run_without_an_order_is_told_what_is_missing(run):
    code, _, err = run("explain", "r")
    assert code == 2
    assert "r is a run" in err
    assert "--order CUSTOMER/ITEM/PERIOD, for example shop/unit/1." in err
    assert run("explain", "r", "--order", "shop/unit/1")[0] == 0
    for name, known in (("policies", "policy"), ("limit", "limits"), ("sweeps", "sweep")):
        assert run("explain", name)[1] == run("explain", known)[1] != ""
    assert "There is nothing to explain under 'nowhere'" in run("explain", "nowhere")[2]


def test_the_figures_of_the_certificate_are_for_those_who_ask(run, write):
    instance = write()
    _, out, _ = run("solve", instance)
    words = "checked: every balance, limit and cost re-added, to 1e-12; within 1e-12 of the least possible cost"
    assert words in out
    assert "certificate" not in out
    _, out, _ = run("solve", instance, "--verbose")
    assert words in out
    assert "certificate passed: largest violation 0.0e+00, relative gap" in out
    assert json.loads(run("solve", instance, "--json")[1])["certificate"]["passed"]


@pytest.mark.parametrize(
    ("fields", "status", "gap", "words"),
    [
        ({}, "optimal", 0, "to 1e-08; within 1e-10 of the least possible cost"),
        ({"largest_violation": 0.0, "relative_gap": 0.0}, "optimal", 0, "to 1e-12; within 1e-12 of the"),
        ({"method": f"x; {SOLVERS}"}, "optimal", 0, "least possible cost, by the solver's own bound"),
        ({"method": f"x{ASSUMED}"}, "optimal", 0, "least possible cost, if free flows in a circle stay bounded"),
        ({}, "feasible", 0.0321, "not proved to be the least: the cost may be above it by up to 3.21 %"),
        ({"passed": False, "failures": ("a row is broken",)}, "optimal", 0, "NOT right when checked: a row is broken"),
    ],
)
def test_what_was_checked_is_said_as_it_is(fields, status, gap, words):
    certificate = Certificate(
        **{"passed": True, "largest_violation": 3e-9, "relative_gap": 6e-11, "method": "dual bound", **fields}
    )
    assert words in certificate.in_words(status, gap)


def test_an_integer_plan_names_whose_bound_it_is(run, write):
    option = {"option": "line", "site": "east", "period": "1", "capacity": 5, "fixed_cost": 7, "all_or_nothing": "yes"}
    _, out, _ = run("solve", write(expansions=[option]))
    assert "least possible cost, by the solver's own bound" in out


@pytest.mark.slow
def test_a_report_of_another_instance_is_replaced_by_force_alone(run, write, tmp_path):
    code, _, err = run("report", write("two"), "--out", "p")
    assert code == 0
    assert "wrote p/: report.html, summary.md, tables/*.csv" in err
    before = contents(tmp_path / "p")
    code, out, err = run("report", write("three"), "--out", "p")
    assert (code, out) == (2, "")
    assert "p has the report of the instance two, not of three" in err
    assert contents(tmp_path / "p") == before
    assert run("report", write("three"), "--out", "p", "--force")[0] == 0
    assert b'content="three"' in (tmp_path / "p" / "report.html").read_bytes()


@pytest.mark.parametrize("name", ["report.html", "summary.md"])
def test_a_page_that_is_no_report_is_left_alone(run, write, tmp_path, name):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / name).write_text("mine")
    code, _, err = run("report", write(), "--out", "p")
    assert (code, f"{name} that is no report of the planner" in err) == (2, True)
    assert (tmp_path / "p" / name).read_text() == "mine"


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_report_is_not_written_into_a_run(run, write, tmp_path, force):
    """Its tables took the places of those of the run, which could then not be read."""
    assert run("solve", write(), "--out", "p", "--no-store")[0] == 0
    before = contents(tmp_path / "p")
    code, _, err = run("report", write(), "--out", "p", "--no-store", *force)
    assert (code, "p holds a run, so it is left alone" in err) == (2, True)
    assert contents(tmp_path / "p") == before


def test_a_report_from_before_is_replaced(tmp_path):
    (tmp_path / "report.html").write_text("<title>an older page</title>")
    (tmp_path / "summary.md").write_text("...; `planner report` makes this page and `report.html`, with charts.\n")
    refuse_to_replace_report(tmp_path, "two")
    (tmp_path / "summary.md").write_text("mine")
    with pytest.raises(planner.UsageError, match="no report of the planner"):
        refuse_to_replace_report(tmp_path, "two")
