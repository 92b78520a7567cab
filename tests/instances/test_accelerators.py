"""The shipped instance is sound: no problem in the data, a source on every row, no artificial dip, policies in reach."""

import re

import pytest
from accelerators import POLICIES, first, made, reported, service_by
from shipped import FOLDER, shipped, undisturbed

import planner
from planner.instance.records import TABLES
from planner.network import build_network, reach_problems

pytestmark = pytest.mark.shipped

SOURCE = re.compile(r"\b[DFHPRSTX]\d\d\b")
NEIGHBOUR = 0.85  # of the next quarter's production
FILL_POINTS = 0.02
LOST_POINTS = 0.01


@pytest.fixture(scope="module")
def plans():
    return {name: undisturbed(name) for name in POLICIES}


@pytest.fixture(scope="module")
def listed_sources():
    text = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    ids = re.findall(r"^\| ([A-Z]\d\d) \|", text, re.MULTILINE)
    assert len(ids) == len(set(ids)) > 80
    return set(ids)


def test_check_finds_nothing():
    checked = planner.check_instance(FOLDER)
    assert checked.problems == ()
    assert list(reach_problems(build_network(checked.instance))) == []


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_rows_have_listed_sources(table, listed_sources):
    for row in getattr(shipped(), table):
        assert row.source.strip(), row
        assert set(SOURCE.findall(row.source)) <= listed_sources, row


def test_sources_of_scenarios_and_of_the_readme_are_listed(listed_sources):
    for path in [FOLDER / "README.md", *sorted((FOLDER / "scenarios").glob("*.yaml"))]:
        text = path.read_text(encoding="utf-8")
        assert path.suffix == ".md" or text.startswith("# source: "), path.name
        assert set(SOURCE.findall(text)) <= listed_sources, path.name


def test_scenarios_exclude_each_other_and_stand_in_the_readme():
    scenarios = shipped().scenarios
    assert sum(scenario.probability or 0.0 for scenario in scenarios) < 1
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| `([\w-]+)` \|[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|$",
        text.partition("## Scenarios")[2].partition("\n## ")[0],
        re.MULTILINE,
    )
    shown = {name: (here.strip(), surprise.strip()) for name, _, here, surprise in rows}
    assert len(rows) == len(shown)
    assert set(shown) == {scenario.name for scenario in scenarios}
    for scenario in scenarios:
        here, surprise = shown[scenario.name]
        assert (None if here == "none" else float(here)) == scenario.probability, scenario.name
        assert surprise == ("yes" if scenario.surprise else ""), scenario.name


def test_every_option_can_still_be_decided():
    for option in shipped().expansions:
        assert first(option) >= option.lead_time, option.option


def test_production_does_not_dip_at_the_ends_of_the_report(plans):
    amounts = made(plans["concentrated"])
    quarters = reported()
    for stage in shipped().stages:
        for at, neighbour in ((0, 1), (1, 0), (1, 2), (-1, -2), (-2, -1), (-2, -3)):
            ratio = amounts.loc[stage, quarters[at]] / amounts.loc[stage, quarters[neighbour]]
            assert ratio >= NEIGHBOUR, (stage, quarters[at], quarters[neighbour])
        assert amounts.loc[stage, quarters[-1]] >= NEIGHBOUR * amounts.loc[stage, "2029Q1"], stage


@pytest.mark.parametrize("name", ["concentrated", "diversified"])
def test_fill_rate_does_not_dip_at_the_ends_of_the_report(plans, name):
    service = service_by(plans[name], "period").loc[reported()]
    fill = 1 - service["lost"] / service["demand"]
    for at in (0, -1):
        assert (fill - fill.iloc[at]).abs().max() <= FILL_POINTS


def test_nothing_is_owed_when_the_horizon_ends(plans):
    for plan in plans.values():
        assert service_by(plan, "period")["late"].iloc[-1] == 0


def test_diversified_is_in_reach_without_losing_orders(plans):
    lost = {name: plan.service_summary["lost"] / plan.service_summary["demand"] for name, plan in plans.items()}
    assert lost["diversified"] <= lost["concentrated"] + LOST_POINTS


def test_policies_differ_in_limits_only_each_with_those_of_the_one_before():
    policies = [shipped().policy(name) for name in (*POLICIES, "end-to-end")]
    assert all((policy.options, policy.buffers, policy.sources) == (None, (), ()) for policy in policies)
    concentrated, front, diversified, whole = (set(policy.limits) for policy in policies)
    assert not concentrated
    assert front == {limit for limit in diversified if limit.stage == "wafer"}
    assert {limit.stage for limit in diversified} == set(shipped().stages)
    assert {limit.measure for limit in whole - diversified} == {"pathway"}
    assert diversified < whole


@pytest.mark.slow
def test_limits_cost_and_us_options_do_not_pay_without_them(plans):
    region = {site.site: site.region for site in shipped().sites}
    bought = plans["concentrated"].expansions
    assert "US" not in set(bought["site"].map(region))
    assert planner.solve(shipped()).objective == pytest.approx(plans["concentrated"].objective, rel=1e-8)
    costs = [plans[name].objective for name in POLICIES]
    assert costs == sorted(costs)  # each has the limits of the one before, and more
