"""planner frontier as a person uses it."""

import json

import pandas as pd
import pytest
import toys


@pytest.fixture
def run(run):
    """Run a command in an empty folder; exit code, stdout with plain blanks, stderr."""

    def plain(*words):
        code, out, err = run(*words)
        return code, out.replace("\u00a0", " "), err

    return plain


@pytest.fixture
def instance(tmp_path):
    """Half of 10 units free of TW costs 10 more; west can make 6, so that 60 % is the most."""
    limit = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}
    floor = {"name": "free", "measure": "pathway", "of": "TW", "min_free": 0.5, "soft_cost": 50}
    rows = {
        **toys.TINY,
        **toys.TWO_PLANTS,
        "demand": [{"customer": "shop", "item": "unit", "quantity": 10}],
        "capacities": [{"site": "west", "capacity": 6}],
        "policies": [
            {"name": "capped", "title": "<b>50 %</b>", "limits": [limit]},
            {"name": "assured", "limits": [floor]},
            {"name": "none", "limits": []},
        ],
    }
    path = tmp_path / "two.json"
    path.write_text(json.dumps(rows))
    return path


CAP = ("--policy", "capped", "--limit", "cap")


def test_a_table_then_gaps_answers_and_policies(run, instance):
    code, out, err = run("frontier", instance, *CAP, "--within", "0.5")
    assert code == 0
    assert "\x1b" not in out
    assert "least cost against max_share of cap" in out
    for text in ("No plan beyond 40.00 %", "Within 50.0 % of the least cost", "to 75.", "none", "100.0 %"):
        assert text in out, text
    assert "levels: " in err
    assert "lie on straight lines" in out
    assert "lie on straight lines" not in run("frontier", instance, *CAP, "--within", "0.5", "--all")[1]


def test_json_is_one_object(run, instance):
    code, out, _ = run("frontier", instance, "--policy", "assured", "--limit", "fr*", "--to", "1", "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["level"], found["exact"], found["error"], found["soft"]) == ("min_free", True, 0, True)
    shaped = [(row["level"], row["cost"]) for row in found["points"] if row["kind"] != "between"]
    assert shaped == [(0, 10), (0.5, 20), (pytest.approx(0.6), pytest.approx(22)), (1, pytest.approx(222))]
    assert found["points"][-1]["price_beyond"] is None
    assert {mark["policy"]: mark["level"] for mark in found["marks"]} == {"assured": 0.5, "capped": 0.5, "none": 0}


def test_files_are_written_and_gone_on_from(run, instance, tmp_path):
    code, out, err = run("frontier", instance, *CAP, "--out", "f")
    assert code == 0
    assert "wrote f/: frontier.html" in err
    table = pd.read_csv(tmp_path / "f" / "frontier.csv")
    assert list(table.columns)[:3] == ["level", "status", "cost"]
    assert json.loads((tmp_path / "f" / "frontier.json").read_text())["policy"] == "capped"
    page = (tmp_path / "f" / "frontier.html").read_text()
    assert page.count("Plotly.newPlot(name") == 1
    assert '<script src="http' not in page
    again, once_more, err = run("frontier", instance, *CAP, "--out", "f")
    assert (again, once_more) == (0, out)
    assert "levels: 0 solved" in err
    rows = json.loads(instance.read_text())
    rows["demand"][0]["quantity"] = 9
    instance.write_text(json.dumps(rows))
    code, _, err = run("frontier", instance, *CAP, "--out", "f")
    assert code == 2
    assert "another curve" in err


def test_a_limit_on_time_is_an_exit_code(run, instance):
    code, _, err = run("frontier", instance, *CAP, "--no-policies", "--time-limit", "1e-9", "--out", "f")
    assert code == 4
    assert "goes on from here" in err
    code, _, err = run("frontier", instance, *CAP, "--no-policies", "--out", "f")
    assert code == 0


@pytest.mark.slow
def test_a_scenario_can_happen(run, instance, tmp_path):
    growth = tmp_path / "growth.json"
    growth.write_text(json.dumps({"name": "growth", "changes": [{"change": "demand", "factor": 1.2}]}))
    code, out, _ = run("frontier", instance, *CAP, "--scenario", growth, "--out", "f", "--json")
    found = json.loads(out)
    assert (code, found["instance"], found["scenario"]) == (0, "tiny", "growth")
    assert found["least"] == pytest.approx(12)
    assert [row["looser"] for row in found["breaks"]] == [pytest.approx(0.5, abs=1e-4)]  # 6 of 12 from the west
    assert {mark["policy"]: mark["cost"] for mark in found["marks"]}["capped"] == pytest.approx(24)
    assert "tiny in growth" in (tmp_path / "f" / "frontier.html").read_text()
    assert "tiny in growth: capped" in run("frontier", instance, *CAP, "--scenario", growth)[1]
    code, _, err = run("frontier", instance, *CAP, "--out", "f")
    assert code == 2
    assert "another curve (content_hash differ)" in err
    assert run("frontier", instance, *CAP, "--scenario", "grwth")[0] == 2


@pytest.mark.slow
def test_a_scenario_that_leaves_no_plan_is_a_gap(run, instance, tmp_path):
    rows = json.loads(instance.read_text())
    rows["demand"][0] |= {"must_serve": 1}
    changes = [{"change": "lane_capacity", "where": {"to": ["shop"]}, "set": 0}]
    instance.write_text(json.dumps({**rows, "scenarios": [{"name": "cut-off", "changes": changes}]}))
    code, out, _ = run("frontier", instance, *CAP, "--scenario", "cut-off", "--json")
    found = json.loads(out)
    assert (code, found["least"]) == (0, None)
    assert [part["kind"] for part in found["breaks"]] == ["gap"]
    assert found["breaks"][0]["conflict"]
    out = run("frontier", instance, *CAP, "--scenario", "cut-off")[1]
    assert "No plan from 100.00 % to 20.00 %" in out
    assert "straight lines" not in out


@pytest.mark.slow
def test_a_limit_that_the_policy_lacks_can_be_added(run, instance):
    code, out, _ = run("frontier", instance, "--add", "pathway:TW", "--to", "0.5", "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["policy"], found["limits"]) == ("no-policy", ["pathway-TW"])
    assert found["points"][-1]["cost"] == pytest.approx(20)


@pytest.mark.parametrize(
    "words",
    [
        ("--policy", "capped", "--limit", "cup"),
        ("--policy", "caped", "--limit", "cap"),
        ("--policy", "capped"),
        (*CAP, "--to", "2"),
        ("--add", "stage:mkae:TW"),
        ("--add", "TW"),
    ],
)
def test_failures_have_an_exit_code_and_an_object(run, instance, words):
    code, out, err = run("frontier", instance, *words, "--json")
    assert code == 2
    assert json.loads(out)["status"] == "error"
    assert err
