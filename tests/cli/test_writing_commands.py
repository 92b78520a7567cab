"""What commands write: nothing of another's is lost, nothing is half there, and the words say what stands where."""

import contextlib
import json
import resource
import signal
from pathlib import Path

import pytest
import toys

from planner.cli.main import main

CANNING = Path(__file__).parents[2] / "instances" / "canning"
LIMIT = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.8}


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder; exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def command(*words):
        with pytest.raises(SystemExit) as left:
            main(list(map(str, words)))
        found = capsys.readouterr()
        return int(left.value.code or 0), found.out, found.err

    return command


@pytest.fixture
def write(tmp_path):
    """Write an instance of two plants; the path of its file."""

    def written(name="two", **further):
        rows = {
            **toys.TINY,
            **toys.TWO_PLANTS,
            "name": name,
            "capacities": [{"site": "east", "capacity": 40}, {"site": "west", "capacity": 40}],
            "demand": [{"customer": "shop", "item": "unit", "quantity": 30}],
            "policies": [{"name": "capped", "limits": [LIMIT]}],
            **further,
        }
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(rows))
        return path

    return written


@contextlib.contextmanager
def no_file_above(size):
    """As a full disk: writes beyond a size fail."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_run_of_the_same_instance_is_replaced(run, write, tmp_path):
    instance = write()
    assert run("solve", instance, "--out", "r")[0] == 0
    assert run("solve", instance, "--policy", "capped", "--out", "r")[0] == 0
    assert json.loads((tmp_path / "r" / "run.json").read_text())["policy"]["name"] == "capped"


def test_a_run_of_another_instance_is_replaced_by_force_alone(run, write, tmp_path):
    assert run("solve", write("two"), "--out", "r")[0] == 0
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
    [
        ("r/letter.txt", "letter.txt, which is no part of a run"),
        ("r/tables/mine.csv", "mine.csv, which is no part"),
        ("r/tables/costs.csv.bak", "costs.csv.bak, which is no part"),
    ],
)
def test_what_is_no_part_of_a_run_is_never_removed(run, write, tmp_path, name, words, force):
    assert run("solve", write(), "--out", "r")[0] == 0
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


def test_a_full_disk_loses_no_run_and_no_answer(run, write, tmp_path):
    instance = write()
    assert run("solve", instance, "--out", "r")[0] == 0
    before = contents(tmp_path)
    with no_file_above(200):
        code, out, err = run("solve", instance, "--policy", "capped", "--out", "r")
    assert code == 2
    assert "Choose another place" in err
    assert "capped: optimal" in out
    assert contents(tmp_path) == before
    with no_file_above(200):
        code, out, err = run("solve", instance, "--policy", "capped", "--out", "r", "--json")
    assert (code, json.loads(out)["status"]) == (2, "error")


@pytest.mark.parametrize("target", ["out.xlsx", "out", "out.csv", "out.parquet"])
def test_a_full_disk_loses_no_export(run, write, tmp_path, target):
    run("solve", write(), "--out", "r")
    for times in range(2):
        before = contents(tmp_path)
        with no_file_above(30):
            code, _, err = run("export", "r", "--to", target)
        assert code == 2, times
        assert f"{target}: " in err
        assert "Choose another place" in err
        assert contents(tmp_path) == before
        assert run("export", "r", "--to", target)[0] == 0


def test_a_full_disk_loses_no_model(run, write, tmp_path):
    run("solve", write(), "--out", "r")
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
    assert "Choose another place" in err
    after = contents(tmp_path / "f")
    assert {name: text for name, text in after.items() if name != "points.jsonl"} == {
        name: text for name, text in before.items() if name != "points.jsonl"
    }
    assert run(*words, "--at", "0.5")[0] == 0
    json.loads((tmp_path / "f" / "frontier.json").read_text())


@pytest.mark.parametrize(
    "spoilt",
    [b"\xff\xfe\n", b"[1]\n", b"7\n", b'{"point": 5}\n', b'{"point": {"level": 1}}\n', b'{"mark": {"x": 1}}\n', b"{\n"],
    ids=["bytes", "list", "number", "no-point", "part-of-a-point", "strange-mark", "half"],
)
def test_a_journal_that_cannot_be_read_is_said_to_be(run, write, tmp_path, spoilt):
    words = ("frontier", write(), "--policy", "capped", "--limit", "cap", "--to", "0.2", "--no-policies", "--out", "f")
    assert run(*words)[0] == 0
    path = tmp_path / "f" / "points.jsonl"
    path.write_bytes(path.read_bytes() + spoilt)
    code, _, err = run(*words)
    assert code == 2
    assert "points.jsonl cannot be read" in err


def test_a_journal_without_its_last_end_goes_on(run, write, tmp_path):
    words = ("frontier", write(), "--policy", "capped", "--limit", "cap", "--to", "0.2", "--no-policies", "--out", "f")
    assert run(*words)[0] == 0
    path = tmp_path / "f" / "points.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    code, _, err = run(*words)
    assert (code, "levels: 1 solved" in err) == (0, True), err
    assert sorted(path.read_bytes().splitlines()) == sorted(whole.splitlines())


def test_unlike_currencies_are_not_subtracted(run, write):
    assert run("solve", write("two"), "--out", "a")[0] == 0
    assert run("solve", write("three", currency="EUR"), "--out", "b")[0] == 0
    code, out, err = run("compare", "a", "b")
    assert (code, out) == (2, "")
    assert "counts in USD" in err
    assert "in EUR" in err
    code, out, _ = run("compare", "a", "a", "b", "--json")
    assert (code, json.loads(out)["status"]) == (2, "error")
