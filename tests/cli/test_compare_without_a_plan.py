"""A run that is kept without a plan can be compared: it is told with its reason, and the exit code is 0."""

import contextlib
import io
import json
import shutil
from pathlib import Path

import pytest

from planner.cli.main import main

CANNING = Path(__file__).parents[2] / "instances" / "canning"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A store with two runs, and their ids: one with a plan, one without."""
    file, ids = tmp_path_factory.mktemp("filled") / "runs.sqlite", []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANNER_STORE", str(file))
        for words, code in (((), 0), (("--scenario", "seattle-half"), 3)):
            said = io.StringIO()
            with contextlib.redirect_stdout(said), pytest.raises(SystemExit) as left:
                main(["solve", str(CANNING), *words, "--json"])
            assert int(left.value.code or 0) == code
            ids.append(json.loads(said.getvalue())["run"])
    return file, ids


@pytest.fixture
def kept(filled, monkeypatch, tmp_path):
    """The ids of two runs of the store: one with a plan, one without."""
    file, ids = filled
    monkeypatch.setenv("PLANNER_STORE", str(shutil.copy(file, tmp_path / "kept.sqlite")))
    return ids


def test_it_is_told_with_its_reason(run, kept):
    base, none = kept
    code, out, _ = run("compare", base, none, base)
    assert code == 0
    assert f"no policy / seattle-half ({none}): infeasible" in out
    assert "raise the capacity of san-diego in 1 from 600 to 675" in " ".join(out.split())
    assert out.count("The inputs are the same.") == 1, "the run that has a plan is compared"


def test_comparisons_stand_in_the_order_of_the_runs(run, kept):
    base, none = kept
    code, out, _ = run("compare", base, none, base, none, base, "--json")
    found = json.loads(out)
    assert code == 0
    assert [made["status"] for made in found["runs"]] == ["optimal", *("infeasible", "optimal") * 2]
    assert [made["run"] for made in found["runs"]] == [base, none, base, none, base]
    assert found["runs"][1]["conflict"]
    assert [made and made["inputs"] for made in found["comparisons"]] == [None, [], None, []]


def test_nothing_is_held_against_a_run_without_a_plan(run, kept):
    for other in kept:
        code, out, _ = run("compare", kept[1], other, "--json")
        assert code == 0
        assert json.loads(out)["comparisons"] == [None]
        assert json.loads(out)["run"] is None
