"""planner audit as a person uses it."""

import json

import pytest
import toys


@pytest.fixture
def instance(tmp_path):
    rows = {
        **toys.TINY,
        **toys.TWO_PLANTS,
        "regions": {"TW": "Taiwan"},
        "capacities": [{"site": "east", "capacity": 6}, {"site": "west", "capacity": 4, "source": "A: a guess"}],
    }
    path = tmp_path / "two.json"
    path.write_text(json.dumps(rows))
    return path


def test_findings_first_then_tables(run, instance):
    code, out, err = run("audit", instance)
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert out.index("- Free of Taiwan: at most 40.0 % of unit in 1; stopped by make") < out.index("Capacity by region")
    for title in (
        "Free of a region",
        "lasts from that period on",
        "each stage by itself",
        "Concentration",
        "What this",
    ):
        assert title in out


def test_json_is_one_object(run, instance):
    code, out, err = run("audit", instance, "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["schema_version"], found["instance"]) == (1, "tiny")
    shares = {row["region"]: row["share"] for row in found["free_of"]}
    assert shares == {"TW": 0.4, "US": 0.6}
    assert any("No company has confirmed" in note for note in found["notes"])


def test_an_instance_without_sources_makes_no_claim_about_them(run, instance):
    rows = json.loads(instance.read_text())
    del rows["capacities"][1]["source"]
    instance.write_text(json.dumps(rows))
    assert not any("company" in note for note in json.loads(run("audit", instance, "--json")[1])["notes"])


def test_only_some_regions(run, instance):
    _, out, _ = run("audit", instance, "--region", "US", "--json")
    assert [row["region"] for row in json.loads(out)["free_of"]] == ["US"]


@pytest.mark.parametrize("words", [("nowhere",), ("INSTANCE", "--region", "TWN")])
def test_failures_have_an_exit_code_and_an_object(run, instance, words):
    code, out, err = run("audit", *(instance if word == "INSTANCE" else word for word in words), "--json")
    assert code == 2
    assert json.loads(out)["status"] == "error"
    assert err


def test_an_invalid_instance_is_refused(run, instance):
    rows = json.loads(instance.read_text())
    rows["processes"][0]["site"] = "nowhere"
    instance.write_text(json.dumps(rows))
    code, _, err = run("audit", instance)
    assert code == 2
    assert "nowhere" in err


def test_nothing_in_the_data_is_read_as_markup(run, instance):
    rows = json.loads(instance.read_text())
    rows["regions"] = {"TW": "[red]Taiwan[/red]"}
    instance.write_text(json.dumps(rows))
    assert "Free of [red]Taiwan[/red]" in run("audit", instance)[1]


def test_a_report_without_orders_is_shown(run, instance):
    rows = json.loads(instance.read_text())
    rows |= {"periods": ["P1", "P2"], "report_periods": "P2"}
    rows["demand"][0]["period"] = "P1"
    instance.write_text(json.dumps(rows))
    code, out, _ = run("audit", instance)
    assert code == 0
    assert "Free of" not in out
    assert "Capacity by region" in out
