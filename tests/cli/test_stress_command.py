"""`planner stress` as a person uses it."""

import contextlib
import io
import json

import pytest
import toys
from portions import portion_of_rows

from planner.cli.main import COMMANDS, main

P4 = ["P1", "P2", "P3", "P4"]
OUT = {"change": "outage", "where": {"site": "east"}, "period": "P2", "recovery": 1}


@pytest.fixture
def chain(tmp_path):
    """Two plants, a policy, a surprise with a probability, a scenario that is known, and an option."""

    def write(**tables):
        instance = toys.two_plants(
            **{
                "periods": P4,
                "capacities": [{"site": "east", "capacity": 20}, {"site": "west", "capacity": 4}],
                "expansions": [{"option": "line", "site": "west", "period": "P2", "capacity": 6, "unit_cost": 5}],
                "policies": [
                    {
                        "name": "split",
                        "limits": [{"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.6}],
                    },
                    {
                        "name": "never",
                        "limits": [{"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.6}],
                        "options": [],
                    },
                ],
                "scenarios": [
                    {"name": "fire", "surprise": "yes", "probability": 0.1, "changes": [OUT]},
                    {"name": "growth", "changes": [{"change": "demand", "period": "P3..", "factor": 1.2}]},
                ],
                **tables,
            }
        )
        path = tmp_path / "chain.json"
        path.write_text(json.dumps(instance.as_mapping()))
        return str(path)

    return write


def run(*words):
    """Exit code, stdout and stderr of `planner stress ...`."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as left:
        main(["stress", *words, "--no-store"])
    return int(left.value.code or 0), out.getvalue().replace("\u00a0", " "), err.getvalue()


def told(*words):
    code, out, err = run(*words, "--json")
    assert code == 0, err
    return json.loads(out)


def test_the_surprises_strike_and_others_do_not(chain):
    code, out, err = run(chain())
    assert code == 0, err
    assert "fire" in out
    assert "growth" not in out
    assert "surprise" not in err
    found = told(chain())
    assert [(row["policy"], row["scenario"], row["strike"]) for row in found["stress"]] == [(None, "fire", "P2")]
    assert found["stress"][0]["loss"] == pytest.approx(6 * 100 + 4 * 2 - 6)
    assert found["lost"] == [
        {"policy": None, "scenario": "fire", "customer": "shop", "item": "unit", "lost_units": pytest.approx(6)}
    ]
    assert found["tariff"][0]["tariff"] > 0
    assert found["failures"] == []


@pytest.mark.slow
def test_with_none_marked_all_strike_and_it_says_so(chain):
    path = chain(scenarios=[{"name": "growth", "changes": [{"change": "demand", "period": "P3..", "factor": 1.2}]}])
    code, out, err = run(path)
    assert code == 0
    assert "No scenario is marked as a surprise" in err
    assert "growth" in out


@pytest.mark.slow
def test_named_scenarios_strike_whether_marked_or_not(chain):
    found = told(chain(), "--scenario", "growth", "--policy", "split")
    assert [(row["policy"], row["scenario"]) for row in found["stress"]] == [("split", "growth")]


@pytest.mark.slow
def test_several_policies_are_compared(chain):
    found = told(chain(), "--policy", "split", "--policy", "never")
    assert [row["policy"] for row in found["premium"]] == ["split", "never"]
    code, out, _ = run(chain(), "--policy", "split", "--policy", "never")
    assert code == 0
    assert "What diversifying may cost" in out


def test_each_site_and_region_in_turn(chain):
    found = told(chain(), "--each", "site", "--each", "region", "--start", "P2", "--periods", "1", "--recovery", "1")
    assert "stress" not in found
    rows = {(row["over"], row["of"]): row for row in found["each"]}
    assert set(rows) == {("site", "east"), ("site", "west"), ("region", "TW"), ("region", "US")}
    assert rows["site", "east"]["loss"] == pytest.approx(6 * 100 + 4 * 2 - 6)
    assert rows["site", "east"]["rank"] == 1
    struck = told(chain())["stress"][0]
    assert rows["site", "east"]["loss"] == pytest.approx(struck["loss"])


def test_time_to_survive_beside_time_to_recover(chain):
    found = told(chain(), "--survive", "--start", "P2", "--recover", "1", "--scenario", "fire")
    rows = {(row["over"], row["of"]): row for row in found["survive"]}
    assert rows["site", "east"]["periods"] == pytest.approx(0.7, abs=1e-4)
    assert rows["site", "east"]["risk"] == "yes"
    assert rows["site", "west"]["risk"] == "no"
    assert (rows["scenario", "fire"]["recover"], rows["scenario", "fire"]["risk"]) == (2, "yes")
    alone = told(chain(), "--survive", "--start", "P2", "--scenario", "fire")["survive"]
    assert {(row["over"], row["of"]): row["risk"] for row in alone if row["risk"]} == {("scenario", "fire"): "yes"}
    assert {row["recover"] for row in alone} == {None, 2}


def test_what_the_studies_print(chain):
    code, out, _ = run(chain(), "--each", "site", "--survive")
    assert code == 0
    assert "each out without warning from P1 for 1 period (loss in" in out
    assert "worst start" in out
    assert "risk" not in out


@pytest.mark.slow
def test_a_scenario_is_back_when_all_that_it_takes_is(chain):
    """Out in P1 and at half until P3; half of P2 and P3; and out for good, of which nobody knows the end."""
    half = {"change": "capacity", "where": {"site": "east"}, "period": "P2..P3", "factor": 0.5}
    out = {"change": "outage", "where": {"site": "east"}}
    changes = {
        "both": [{**out, "period": "P1"}, {**half, "period": "P1..P3"}],
        "half": [half],
        "for-good": [{**out, "period": "P2.."}],
        "demand": [{"change": "demand", "period": "P2", "factor": 2}],
    }
    path = chain(scenarios=[{"name": name, "changes": parts} for name, parts in changes.items()])
    found = told(path, "--survive", "--start", "P2", *(word for name in changes for word in ("--scenario", name)))
    rows = {row["of"]: row for row in found["survive"] if row["over"] == "scenario"}
    assert {name: (row["recover"], row["risk"]) for name, row in rows.items()} == {
        "both": (3, "yes"),
        "half": (2, "perhaps"),
        "for-good": (None, None),
    }


@pytest.mark.slow
def test_the_other_questions(chain):
    found = told(chain(), "--policy", "split", "--leverage", "--decide-by", "--per-dollar")
    assert found["leverage"][0]["of"] in {"US", "two"}  # the policy leans on the west
    assert found["decide_by"] == []
    assert {row["kind"] for row in found["per_dollar"]} == {"buffer", "option", "second source"}
    code, out, _ = run(chain(), "--policy", "split", "--leverage", "--per-dollar")
    assert code == 0
    assert "leverage" in out
    assert "survival in periods, on average over all that can be out from P1" in " ".join(out.split())


@pytest.mark.slow
def test_a_stated_price(chain):
    must = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 1}]
    found = told(chain(demand=must), "--price", "7")
    assert found["stress"][0]["broken_promises"] == pytest.approx(6 * 7)
    assert found["promises"] == [
        {
            "policy": None,
            "scenario": "fire",
            "kind": "unserved",
            "quantity": pytest.approx(6),
            "cost": pytest.approx(42),
        }
    ]


def test_a_stated_price_is_for_leverage_too(chain):
    must = [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "must_serve": 1}]
    east = {
        price: {row["of"]: row for row in told(chain(demand=must), "--leverage", "--price", price)["leverage"]}["TW"]
        for price in ("7", "8")
    }
    assert east["8"]["leverage"] > east["7"]["leverage"]


@pytest.mark.parametrize(
    ("given", "asked"),
    portion_of_rows(
        [
            (("--start", "P1"), "--scenario=fire"),
            (("--price", "7"), "--survive"),
            (("--price", "7"), "--decide-by"),
            (("--start", "P1"), "--leverage"),
            (("--periods", "2"), "--survive"),
            (("--recovery", "1"), "--survive"),
            (("--recover", "1"), "--each=site"),
        ],
        quick=1,
    ),
)
def test_an_option_that_nothing_listens_to_is_refused(chain, given, asked):
    code, out, err = run(chain(), asked, *given)
    assert (code, out) == (2, "")
    assert f"{given[0]} has no say in what is asked: it is for --" in err
    assert run(chain(), asked)[0] == 0


def test_price_is_explained_alike_wherever_it_is_asked():
    said = [part.help for command in COMMANDS for part in command.params if part.name == "price"]
    assert len(said) == 2
    assert len(set(said)) == 1


@pytest.mark.slow
def test_two_of_one_name_are_refused_and_one_named_twice_counts_once(chain, tmp_path):
    for option, name, text in (
        ("--policy", "split", {"name": "split", "options": []}),
        ("--scenario", "fire", {"name": "fire", "changes": [{"change": "demand", "factor": 2}]}),
    ):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(text))
        code, _, err = run(chain(), option, name, option, str(path))
        assert code == 2
        assert f"that differ are both named {name}" in err
    once = told(chain(), "--policy", "split", "--scenario", "fire")
    assert told(chain(), *("--policy", "split") * 2, *("--scenario", "fire") * 2) == once


def test_a_policy_without_a_plan_is_a_row_and_the_exit_is_0(chain):
    must = [{"customer": "shop", "item": "unit", "quantity": 30}]
    found = told(chain(demand=must))
    assert found["stress"][0]["status"] == "infeasible"
    assert len(found["failures"]) == 1
    code, out, _ = run(chain(demand=must), "--each", "site")
    assert code == 0
    assert "no policy" in out


def test_refusals(chain):
    assert run(chain(scenarios=[]))[0] == 2
    code, _, err = run(chain(), "--each", "site", "--start", "P9")
    assert code == 2
    assert "There is no period P9" in err
    assert run(chain(), "--each", "fab")[0] == 2
