"""What the report says: the order of the policies, the region of concern, the sentence and how it turns."""

import math
from types import SimpleNamespace

import pandas as pd
import pytest
from toys import toy

from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.plan import Plan
from planner.report.findings import Findings, difference
from planner.report.sections.answer import answer_sentence, partial_policy
from planner.report.sections.data_sources import ASSUMED, CITED, COMMON, DERIVED, MISSING, MIXED, kind_of
from planner.report.sections.notes import notes, scenario_lines
from planner.study.failure import Failure
from planner.text.figures import count, joined, money, money_change, percent, points


def limit(stage, share=0.5, of="TW"):
    return {"name": f"{stage}-{of}", "measure": "stage", "stage": stage, "of": of, "max_share": share}


POLICIES = {
    "free": Policy(name="free"),
    "front": Policy(name="front", limits=[limit("wafer")]),
    "wide": Policy(name="wide", limits=[limit("wafer"), limit("packaging")]),
}
QUAKE = Scenario(name="quake", probability=0.1, changes=[])


def plan(policy, cost, wafer, packaging, lost=0.0, scenario=None):
    """A plan with the figures that the sentence reads."""
    production = pd.DataFrame(
        [
            ("fab-a", "TW", "wafer", "die", wafer),
            ("fab-b", "US", "wafer", "die", 1 - wafer),
            ("pack-a", "TW", "packaging", "package", packaging),
            ("pack-b", "US", "packaging", "package", 1 - packaging),
        ],
        columns=["site", "region", "stage", "item", "finished"],
    ).assign(period="P1", operator="o")
    service = pd.DataFrame(
        [{"period": "P1", "demand": 100.0, "delivered": 100.0 - lost, "late": 0.0, "lost": lost, "price": 1.0}]
    )
    tables = {
        "production": production,
        "service": service,
        "costs": pd.DataFrame(columns=["component", "amount"]),
        "expansions": pd.DataFrame(columns=["option", "share"]),
    }
    return Plan(
        instance=toy(),
        policy=POLICIES[policy],
        scenario=scenario,
        base_hash="",
        status="optimal",
        objective=cost,
        gap=0.0,
        tables=tables,
        certificate=SimpleNamespace(passed=True),
        unique=True,
        solver="",
        method="",
    )


def findings(front=(110, 0.6, 0.9), wide=(105, 0.6, 0.5), quake=(150, 170, 120)):
    base = toy().replace(policies=list(POLICIES.values()), scenarios=[QUAKE])
    undisturbed = {"wide": plan("wide", *wide), "free": plan("free", 100, 0.9, 0.9), "front": plan("front", *front)}
    runs = {(name, None): run for name, run in undisturbed.items()}
    shaken = zip(("free", "front", "wide"), quake, strict=True)
    runs |= {(name, "quake"): plan(name, cost, 0.5, 0.5, lost=20, scenario=QUAKE) for name, cost in shaken}
    return Findings(base, runs)


def test_fewest_limits_first():
    assert findings().policies == ("free", "front", "wide")
    assert partial_policy(findings()) == "front"


def test_region_of_concern_is_the_one_that_limits_name_most():
    assert findings().concern.name == "TW"


def test_region_of_concern_without_limits_has_the_largest_share():
    base = toy()
    assert Findings(base, {(None, None): plan("free", 1, 0.2, 0.3)}).concern.name == "US"


def test_sentence():
    assert answer_sentence(findings()) == (
        "Limiting the wafer and packaging stages (wide) costs USD 5 (5.0 %) more than free; limiting the wafer stage "
        "alone (front) costs USD 10 (10.0 %) more and is not enough: it takes Taiwan's share of wafer from 90 % to "
        "60 % but leaves 90 % of packaging there; in quake cost rises by USD 50 for free, USD 60 for front and USD 15 "
        "for wide."
    ).replace("Taiwan", "TW")


def test_sentence_turns_when_the_later_stages_follow():
    assert "not enough" not in answer_sentence(findings(front=(110, 0.6, 0.4)))
    assert "leaves" not in answer_sentence(findings(front=(110, 0.6, 0.4)))


def test_sentence_turns_when_the_first_stage_alone_helps():
    assert "not enough" not in answer_sentence(findings(quake=(150, 120, 120)))


def test_sentence_turns_when_diversifying_is_cheaper_or_equal():
    assert "costs USD 5 (5.0 %) less than free" in answer_sentence(findings(wide=(95, 0.6, 0.5)))
    assert "costs about as much as free" in answer_sentence(findings(wide=(100.001, 0.6, 0.5)))


def test_sentence_without_a_plan_of_the_widest():
    found = findings()
    runs = {**found.runs, ("wide", None): Failure("toy", "wide", None, "infeasible", "cannot")}
    assert answer_sentence(Findings(found.instance, runs)).endswith("wide has no plan.")


def test_notes_weigh_expected_loss_against_extra_cost():
    text = " ".join(notes(findings()))
    assert "USD 5 for free, USD 6 for front and USD 1.5 for wide" in text
    assert "What wide saves there, USD 3.5, does not pay for its extra cost of USD 5." in text
    assert "front saves nothing there." in text
    assert "in quake wide costs USD 30 less than free" in text


def test_options_bought_with_foresight_are_named():
    found = findings()
    before, after = found.runs["wide", None], found.runs["wide", "quake"]
    before.tables["expansions"] = pd.DataFrame({"option": ["line"], "share": [0.25]})
    after.tables["expansions"] = pd.DataFrame({"option": ["line"], "share": [1.0]})
    assert found.option_changes("wide", "quake") == {"line": (0.25, 1.0)}
    assert scenario_lines(found) == (("quake", "quake. wide: line 25 % → 100 %"),)


def test_of_many_options_that_change_the_largest_changes_are_told():
    found = findings()
    bought = {name: [f"o-{at:02d}" for at in range(40)] for name in ("before", "after")}
    shares = {"before": [0.0] * 40, "after": [(at + 1) / 40 for at in range(40)]}
    tables = {name: pd.DataFrame({"option": bought[name], "share": shares[name]}) for name in bought}
    for scenario, name in ((None, "before"), ("quake", "after")):
        found.runs["wide", scenario].tables["expansions"] = tables[name]
    ((_, words),) = scenario_lines(found)
    assert words.startswith("quake. wide: o-39 0 % → 100 %, o-38 0 % → 98 %, ")
    assert words.endswith("o-28 0 % → 72 % and 28 more")


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("A: freight, air 7 days", ASSUMED),
        ("A/D: 15 USD a wafer", ASSUMED),
        ("A", ASSUMED),
        ("D: arithmetic", DERIVED),
        ("D13 (6 stacks)", CITED),
        ("GK", COMMON),
        ("", MISSING),
        ("cost F09; lead A (20 weeks)", MIXED),
        ("price D20; late cost A", MIXED),
        ("2500 miles", CITED),
        ("A survey of ports", CITED),
    ],
)
def test_kind_of_source(source, kind):
    assert kind_of(source) == kind


def test_words_for_figures():
    assert money(399.01e9, "USD") == "USD 399.0 bn"
    assert money_change(-46.5e6, "USD") == "−USD 46.5 M"
    assert money_change(0.0, "USD") == "±0"
    assert money(math.nan, "USD") == "–"
    assert count(41367847) == "41.4 M"
    assert count(12345) == "12,345"
    assert count(999_999_999) == "1.0 bn"
    assert percent(0.9222) == "92.2 %"
    assert points(-0.045) == "−4.5 pp"
    assert joined(["a", "b", "c"]) == "a, b and c"


def test_noise_is_no_difference():
    assert difference(1e9 + 1, 1e9) == 0.0
    assert difference(1e9 + 1e4, 1e9) == 1e4
