"""How policies break and recover, survival against recovery, the frontier and what buys survival, on two plants."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import toys
from portions import portion

from planner.instance.loading import load_instance
from planner.plan.planning import solve
from planner.report.background import background
from planner.report.findings import Findings
from planner.report.names import Names
from planner.report.pictures.bars import asked_sites, survival_bars
from planner.report.sections.answer import answer_sentence
from planner.report.sections.cards import cards
from planner.report.sections.choke_points import ranking
from planner.report.sections.frontier import frontier_sentence, marks_grid
from planner.report.sections.recovery import loss_grid, lost_grid, recovery_grid, surprise, verdict
from planner.report.sections.resilience import resilience_sections, third_way
from planner.report.sections.survival import ANY_TIME, survival_grid, survival_section
from planner.report.studies import Studies
from planner.report.tables.report import report_tables
from planner.report.tables.strikes import NEVER
from planner.report.write_report import write_report
from planner.study.frontier.levels import Levels
from planner.study.frontier.price_of_resilience import frontier
from planner.study.runs import survey
from planner.study.stress.buffers_against_sources import survival_per_dollar
from planner.study.stress.longest_outages import Outages, longest_outages
from planner.study.stress.stress import stress
from planner.study.stress.strike_choices import (
    capacity_return_of,
    choke_point,
    heaviest,
    strikes,
    survival,
    telling_limits,
)
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed
from planner.text.figures import money

CANNING = Path(__file__).parents[2] / "instances" / "canning"
HALVES = {"name": "halves", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}
OUT = {"change": "outage", "where": {"site": "east"}, "period": "2027Q3..2027Q4"}
NAMED = {
    "sites": {"east": "Eastern works, of old", "west": "Western works"},
    "items": {"unit": "A fine unit"},
    "customers": {"shop": "The corner shop"},
}
HALF = {"change": "capacity", "where": {"site": "east"}, "period": "2027Q3", "factor": 0.5, "recovery": 1}


def instance(**tables):
    """East for 1, 20 a quarter; west for 3 and 6 a quarter, 6 more as an option; 10 wanted in each of six quarters."""
    given = {
        "name": "plants",
        "currency": "USD",
        "periods": {"first": "2027Q1", "count": 6, "length": "quarter"},
        "items": [{"item": "unit", "stage": "make", "value": 50, "holding_cost": 1}],
        "capacities": [{"site": "east", "capacity": 20}, {"site": "west", "capacity": 6}],
        "demand": [{"customer": "shop", "item": "unit", "quantity": 10, "price": 100, "late_cost": 20}],
        "expansions": [{"option": "line", "site": "west", "period": "2027Q2", "capacity": 6, "unit_cost": 5}],
        "policies": [{"name": "cheap"}, {"name": "shared", "limits": [HALVES]}],
        "scenarios": [
            {"name": "out", "surprise": True, "probability": 0.1, "changes": [OUT]},
            {"name": "half", "surprise": True, "changes": [HALF]},
            {"name": "growth", "changes": [{"change": "demand", "factor": 1.1}]},
        ],
    }
    return toys.two_plants(**{**given, **tables})


def made(base, studies=None):
    runs = survey(base, [*base.policies] or [None], [None, *base.scenarios])
    found = Findings(base, runs)
    found = Findings(base, runs, studies or background(base, found.undisturbed))
    return found, report_tables(found)


@pytest.fixture(scope="module")
def cheap(struck):
    """The baseline of the cheapest policy, solved again."""
    return Undisturbed.of(struck[0].instance, struck[0].instance.policy("cheap"))


@pytest.mark.parametrize(
    "keys", portion([[("cheap", "out"), ("shared", "half")], [("cheap", "half"), ("shared", "out")]], 1)
)
def test_losses_are_those_of_the_strikes(struck, cheap, keys):
    """Each policy and each strike once in every suite, the other two pairs with -m slow."""
    found, tables = struck
    assert found.studies.failures == ()
    table = tables["strikes"].set_index(["policy", "scenario"])
    assert set(table.index) == {(policy, name) for policy in ("cheap", "shared") for name in ("out", "half")}
    bases = {"cheap": cheap, "shared": Undisturbed.of(found.instance, found.instance.policy("shared"))}
    for policy, name in keys:
        row = table.loc[(policy, name)]
        alone = stress_one(bases[policy], found.instance.scenario(name))
        assert row["loss"] == pytest.approx(alone.loss, abs=1e-3)
        assert row["lost_units"] == pytest.approx(alone.lost_units, abs=1e-4)
        assert row["delay_weeks"] == pytest.approx(alone.delay)
        assert row["back"] == (alone.back or NEVER)
        known = solve(found.instance, policy, name).objective - bases[policy].plan.objective
        assert row["known_loss"] == pytest.approx(known, abs=1e-3)


@pytest.mark.slow
def test_curves_add_up_to_what_is_lost(struck):
    found, tables = struck
    table = tables["deliveries"]
    assert set(table["period"]) == set(found.periods)
    for (policy, name), rows in table.groupby(["policy", "scenario"]):
        row = tables["strikes"].set_index(["policy", "scenario"]).loc[(policy, name)]
        behind = (rows["undisturbed"] - rows["delivered"]).sum()
        late = stress_one(
            Undisturbed.of(found.instance, found.instance.policy(policy)), found.instance.scenario(name)
        ).plan.service
        owed = late[late["period"] == "2028Q2"]["late"].sum()
        assert behind == pytest.approx(row["lost_units"] + owed, abs=1e-4)
        assert (rows["demand"] == 10).all()


def test_grids_and_the_verdict(struck):
    found, tables = struck
    grid = loss_grid(found, tables)
    assert grid.head == ("scenario", "strikes", "probability", "cheap", "shared")
    assert [row[0] for row in grid.rows] == ["out", "half", "expected loss"]
    expected = 0.1 * tables["strikes"].set_index(["policy", "scenario"])["loss"]["cheap", "out"]
    assert grid.rows[-1][3].split(" ")[0] == f"{expected:.4g}"
    cell = recovery_grid(found, tables).rows[0][1]
    assert "weeks" in cell
    assert "lost" in cell
    losses = tables["strikes"].pivot_table("loss", "scenario", "policy")
    worse = int((losses["shared"] > 1.01 * losses["cheap"]).sum())
    assert f"loses more than cheap in {worse or 'none'}" in verdict(found, tables)
    assert "loses least in" in verdict(found, tables)


def test_a_policy_with_limits_can_lose_more():
    """Half in the east: what is struck is the west, from which the cheapest plan takes nothing."""
    out = {"change": "outage", "where": {"site": "west"}, "period": "2027Q3..2027Q4"}
    base = instance(scenarios=[{"name": "west-out", "surprise": True, "changes": [out]}])
    found, tables = made(base, Studies(stressed=stress(base, base.scenarios, base.policies).runs))
    said = verdict(found, tables)
    losses = {row.policy: money(row.loss, "USD") for row in found.studies.stressed}
    assert said == f"In west-out cheap loses least: {losses['cheap']}, against {losses['shared']} under shared."
    alike = Findings(base, found.runs, Studies(stressed=[replace(row, loss=7.0) for row in found.studies.stressed]))
    assert verdict(alike, report_tables(alike)) == "In west-out cheap and shared lose the same, USD 7."
    assert surprise(found, tables) == ""  # the cheapest plan makes nothing in the west


def test_what_could_be_kept_and_is_not_is_said(struck):
    """A scenario that can be survived, whose strike makes units later all the same: being late costs less."""
    found, tables = struck
    survival = tables["survival"].assign(risk="no", at_least="at least ", periods=2.0, weeks=26.0)
    late = {**tables, "survival": survival, "strikes": tables["strikes"].assign(lost_units=0.0, waiting=1.0)}
    assert "at least cost some units come later" in " ".join(survival_section(found, late).text)
    text = " ".join(survival_section(found, {**late, "strikes": late["strikes"].assign(waiting=0.0)}).text)
    assert "Safe says" not in text
    assert "each of 2 sites can be out for a day; 2 under cheap" in text
    assert "A site has no time to survive" not in text


def test_lost_units_by_product_and_customer(struck):
    tables = struck[1]
    table = tables["strikes_lost"]
    sums = table.groupby(["policy", "scenario"])["lost_units"].sum()
    lost = tables["strikes"].set_index(["policy", "scenario"])["lost_units"]
    assert len(sums)
    for key, units in sums.items():
        assert units == pytest.approx(lost[key], abs=1e-4)
    assert lost_grid(tables, "customer", "customer").head == ("", "shop")


def test_survival_beside_recovery(struck, cheap):
    found, tables = struck
    table = tables["survival"]
    alone = longest_outages(cheap, Outages(starts=[2])).set_index(["over", "of"])
    own = table[table["policy"] == "cheap"].set_index(["over", "of"])
    for key, row in alone.iterrows():
        assert own.loc[key, "periods"] == pytest.approx(row["periods"], abs=2e-3)
    # both strike the east in 2027Q3: two quarters out; half of one quarter, and a quarter of recovery
    assert own.loc[("scenario", "out"), "recover"] == 2
    assert own.loc[("scenario", "half"), "recover"] == 2
    assert own.loc[("scenario", "out"), ["part", "risk"]].tolist() == ["", "yes"]
    assert own.loc[("scenario", "half"), ["part", "risk"]].tolist() == ["yes", "perhaps"]
    assert own.loc[("scenario", "out"), "recover_weeks"] == pytest.approx(26, abs=0.2)
    assert own.loc[("scenario", "out"), "periods"] == own.loc[("site", "east"), "periods"]
    rows = {row[0]: row for row in survival_grid(found, tables).rows}
    assert rows["out"][3:5] == ("all", "26.1 weeks")
    assert rows["out"][5].endswith("at risk")


def test_the_picture_of_survival_has_a_bar_a_site_that_can_be_out_for_a_while(struck):
    found, tables = struck
    names, table = Names.of_instance(instance()), tables["survival"]
    assert "east 10.4 weeks, west at least" in survival_bars(found, table, names).describes
    assert (asked_sites(found, table)["policy"] == "cheap").all()
    none = table.assign(periods=table["periods"].where(table["of"] != "east", ANY_TIME))
    assert "east 10.4 weeks" not in survival_bars(found, none, names).describes
    assert survival_bars(found, table.assign(periods=0.0), names) is None


def test_the_third_ranking(struck):
    found, tables = struck
    grid = ranking(found, tables, "cheap")
    assert grid.head[-2:] == ("time to survive", "place by time")
    rows = {row[0]: row for row in grid.rows}
    assert rows["east"][-1] == "1"
    assert rows["west"][-2].startswith("at least")
    assert "third ranking" in third_way(found, tables)
    table = tables["losses"]
    rent = table["rent"].where((table["of"] != "west") | (table["over"] != "site"), 5.0)
    said = third_way(found, {**tables, "losses": table.assign(rent=rent)})
    assert f"west (rent USD 5, {rows['west'][-2]})" in said  # at least so long, as the table says


def test_the_frontier_is_that_of_the_limits(struck):
    found, tables = struck
    alone = frontier(found.instance, "shared", ["halves"], Levels(stop=0.35))
    curve = tables["frontier"]
    assert curve[curve["policy"] == ""]["cost"].min() == pytest.approx(alone.least, rel=1e-6)
    stands = curve[curve["policy"] != ""].set_index("policy")
    assert stands.loc["cheap", "level"] == pytest.approx(1.0)
    assert stands.loc["shared", "level"] == pytest.approx(0.5)
    assert stands.loc["shared", "cost"] == pytest.approx(solve(found.instance, "shared").objective, rel=1e-6)
    assert {row[-1] for row in marks_grid(found, tables).rows} == {"on it"}
    assert "The level of shared, 50.0 %" in frontier_sentence(found)


@pytest.mark.slow
def test_what_buys_survival_is_one_comparison(struck, cheap):
    found, tables = struck
    table = tables["buys"].set_index("kind")
    assert set(table["site"]) == {"east"}
    assert set(table.index) <= {"buffer", "option", "second source"}
    sure = found.instance.scenario("out").model_copy(update={"probability": 1.0})
    alone = survival_per_dollar(cheap, [sure], Outages((), [2], {("site", "east"): frozenset({"east"})})).set_index(
        "kind"
    )
    for kind, row in alone.iterrows():
        assert table.loc[kind, "extra_cost"] == pytest.approx(row["extra_cost"], abs=1e-3)
        assert table.loc[kind, "survival_gain"] == pytest.approx(row["survival_gain"], abs=2e-3)
        assert table.loc[kind, "loss_avoided"] == pytest.approx(row["loss_avoided"], abs=1e-2)
    assert table.loc["option", "survival_gain"] > 0


def test_measures_of_other_stages_are_left_out(cheap):
    assert survival_per_dollar(cheap, [], Outages(("site",), [2]), stages=["none"]).empty


def test_parts_of_the_page_and_the_first_sentence(struck, tmp_path):
    found, tables = struck
    names = [part.name for part in resilience_sections(found, tables)]
    assert names == ["recovery", "survival", "buffers", "frontier"]
    assert "if out strikes without warning, cheap loses USD" in answer_sentence(found)
    assert "without warning" in cards(found)[0].worst[1]
    folder = write_report(found.instance, found.runs, tmp_path, found.studies)
    page = (folder / "report.html").read_text()
    for name in names:
        assert f'<section id="method-{name}">' in page
    for name in ("losses", "recovery", "survival", "price"):
        assert f'<figure class="picture" id="picture-{name}"' in page
    summary = (folder / "summary.md").read_text()
    assert "## How each policy breaks and recovers" in summary
    assert "## Buffers against sources" in summary
    assert len(pd.read_csv(folder / "tables" / "strikes.csv")) == 4


@pytest.mark.slow
def test_a_surprise_without_a_way_back_has_no_time_to_recover():
    base = instance(
        scenarios=[
            {"name": "for-good", "surprise": True, "changes": [{**OUT, "period": "2027Q3.."}]},
            {"name": "demand", "surprise": True, "changes": [{"change": "demand", "period": "2027Q4", "factor": 2}]},
            {"name": "nothing", "surprise": True, "changes": []},
        ]
    )
    assert [scenario.name for scenario in strikes(base)] == ["demand", "for-good"]
    assert all(capacity_return_of(base, scenario) is None for scenario in base.scenarios)
    found, tables = made(base, Studies(survival={"cheap": survival(Undisturbed.of(base, base.policy("cheap")))}))
    parts = {part.name: part for part in resilience_sections(found, tables)}
    assert "no time to recover" in parts["survival"].text[1]
    assert parts["survival"].grids == ()
    known = tables["survival"]
    assert known.loc[known["over"] == "scenario"].empty


def test_which_limits_tell_most():
    floor = {"name": "free", "measure": "pathway", "of": "TW", "min_free": 0.2}
    base = instance(policies=[{"name": "a", "limits": [HALVES]}, {"name": "b", "limits": [floor]}, {"name": "c"}])
    plans = {name: solve(base, name) for name in ("a", "b", "c")}
    chosen = telling_limits(plans)
    assert (chosen[0].name, chosen[1]) == ("b", ("free",))
    assert telling_limits({"c": plans["c"]}) is None


def test_the_choke_point_is_the_shortest_and_then_the_dearest(struck):
    survived = pd.DataFrame(
        [("site", "a", 0.0, False), ("site", "b", 0.0, False), ("site", "c", 0.5, False), ("region", "r", 0.0, False)],
        columns=["over", "of", "periods", "at_least"],
    ).assign(sites=["a", "b", "c", "a+b"])
    losses = pd.DataFrame({"over": "site", "of": ["a", "b", "c"], "loss": [1.0, 2.0, 9.0]})
    assert choke_point(survived, losses) == ("b", frozenset({"b"}))
    assert choke_point(survived.assign(at_least=True), losses) is None
    base, stressed = struck[0].instance, struck[0].studies.stressed
    assert heaviest(base, stressed, "cheap", frozenset({"east"})).name == "out"
    assert heaviest(base, stressed, "cheap", frozenset({"west"})) is None


def test_survival_asks_each_strike_from_its_own_start():
    late = {"name": "late", "surprise": True, "changes": [{**OUT, "period": "2027Q4"}]}
    base = instance(scenarios=[*(row.model_dump() for row in instance().scenarios), late])
    table = survival(Undisturbed.of(base, None)).set_index("of")
    assert table.loc[["late", "out"], "start"].tolist() == ["2027Q4", "2027Q3"]
    assert set(table.loc[["east"], "start"]) == {"2027Q3"}


@pytest.mark.slow
def test_none_of_it_where_nothing_strikes():
    found, tables = made(load_instance(CANNING))
    assert found.studies.failures == ()
    names = [part.name for part in resilience_sections(found, tables)]
    assert names == ["frontier"]  # one period, and no scenario that strikes; but a limit
    assert tables["strikes"].empty
    assert tables["survival"].empty
    assert "without warning" not in answer_sentence(found)
    found, tables = made(load_instance(CANNING).replace(policies=()))
    assert resilience_sections(found, tables) == ()
