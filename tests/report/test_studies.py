"""What a report says beside its runs, on the toy; and runs made two at a time."""

import pandas as pd
import pytest
from toys import toy as whole_toy
from toys import two_plants

import planner.study.runs
from planner.errors import InstanceError, Problem, SolverError
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.planning import formulate, solve
from planner.report import study_makers as studies_of
from planner.report.background import background
from planner.study.failure import Failure
from planner.study.runs import survey
from planner.study.shadow_prices import PRICED, checked_prices
from planner.study.stress.surprise import stress_one
from planner.study.stress.undisturbed import Undisturbed

CAP = {"name": "cap", "measure": "stage", "stage": "packaging", "of": "TW", "max_share": 0.5, "soft_cost": 10}
FREE = {"name": "free", "measure": "pathway", "of": "TW", "min_free": 0.1, "soft_cost": 10}
POLICIES = [None, Policy(name="capped", limits=[CAP]), Policy(name="followed", limits=[CAP, FREE])]
OPTION = {"option": "more-pack", "site": "pack-b", "period": "P2", "capacity": 5, "unit_cost": 20}
HALF = Scenario(
    name="half", changes=[{"change": "capacity", "where": {"site": "pack-a"}, "period": "P2", "factor": 0.5}]
)


def toy(**tables):
    """The toy with an option that may be bought in part: no study has integers in it."""
    return whole_toy(expansions=[OPTION], **tables)


@pytest.fixture
def made(studied):
    return studied[:3]


def test_every_study_is_made(made):
    plans, found, steps = made
    assert found.failures == ()
    assert set(found.losses) == set(found.prices) == set(plans)
    assert set(found.region_losses) == {(name, view) for name in plans for view in (None, "half")}
    assert set(found.sizes) == {"followed"}
    assert found.audit is not None
    assert [step[0] for step in steps] == list(range(len(steps)))


def test_without_a_surprise_nothing_strikes(made):
    _, found, steps = made
    assert found.stressed == ()
    assert not [step for step in steps if step[2].endswith("struck")]
    assert set(found.survival) == {None, "capped"}  # the first, and the last that follows no units
    assert set(found.survival["capped"]["start"]) == {"P1"}
    assert set(found.survival["capped"]["risk"]) == {""}
    assert (found.frontier.policy, found.frontier.limits) == ("followed", ("free",))
    sites = found.survival[None].query("over == 'site'")
    assert set(sites.loc[~sites["at_least"], "of"]) == {"mem", "test"}  # they alone make what they make
    assert found.buys.site in {"mem", "test"}


@pytest.mark.slow
def test_a_surprise_strikes_every_policy():
    change = {"change": "capacity", "where": {"site": "east"}, "period": "P2", "factor": 0.5}
    sudden = Scenario(name="half", surprise=True, changes=[change])
    instance = two_plants(
        periods=["P1", "P2", "P3"],
        capacities=[{"site": "east", "capacity": 8}, {"site": "west", "capacity": 4}],
        scenarios=[sudden.model_dump(exclude_none=True)],
    )
    capped = Policy(name="capped", limits=[{**CAP, "stage": "make"}])
    plans = {policy.name if policy else None: solve(instance, policy) for policy in (None, capped)}
    found = background(instance, plans)
    assert found.failures == ()
    assert [(row.policy, row.scenario, row.strike) for row in found.stressed] == [
        (None, "half", "P2"),
        ("capped", "half", "P2"),
    ]
    for row in found.stressed:
        alone = stress_one(Undisturbed.of(instance, plans[row.policy].policy), sudden)
        assert row.loss == pytest.approx(alone.loss, abs=1e-6)
    rows = found.survival[None].set_index("over")
    assert rows.loc["scenario", ["of", "recover", "part", "start"]].tolist() == ["half", 1.0, "yes", "P2"]


def test_policies_with_the_same_options_share_their_losses(made):
    _, found, _ = made
    assert found.losses[None] is found.losses["capped"] is found.losses["followed"]


def test_losses_have_no_limits_and_regions_have_them(made):
    plans, found, _ = made
    assert found.losses["capped"].cost == pytest.approx(plans[None].objective)
    assert found.region_losses["capped", None].cost == pytest.approx(plans["capped"].objective)
    assert set(found.region_losses[None, None].table["over"]) == {"region"}


def test_sizes_with_and_without(made):
    plans, found, _ = made
    followed, bare = found.sizes["followed"]
    assert followed.columns > bare.columns
    assert followed.rows > bare.rows
    assert bare.cost == pytest.approx(plans["capped"].objective)


def test_prices_hold_where_they_say(made):
    plans, found, _ = made
    table = found.prices["capped"]
    assert list(table.columns) == PRICED
    assert len(table)
    assert table["verified"].all()
    assert (table["shadow_price"] > 0).all()
    held = table[table["kind"] == "resource"]
    assert (held["valid_from"].fillna(-1) <= held["capacity"]).all()
    known = plans["capped"].choke_points.set_index(["site", "name", "period"])["shadow_price"]
    for row in held.itertuples():
        assert known.loc[row.site, row.name, row.period] == pytest.approx(row.shadow_price)


def test_no_prices_no_rows():
    plan = solve(whole_toy())
    none = plan.choke_points.assign(shadow_price=0.0)
    plan.tables["choke_points"] = none
    assert checked_prices(formulate(whole_toy()), plan).empty


def test_a_study_that_fails_is_named(monkeypatch):
    def fail(*_, **__):
        raise SolverError("it stopped")

    monkeypatch.setattr(studies_of, "audit", fail)
    found = background(two_plants(), {None: solve(two_plants())})
    assert found.audit is None
    assert found.failures == ("audit: it stopped",)
    assert set(found.losses) == {None}


@pytest.mark.slow
def test_runs_two_at_a_time_are_the_runs_one_at_a_time():
    done = []
    two = survey(whole_toy(), POLICIES, [None, HALF], lambda *step: done.append(step))
    one = survey(whole_toy(), POLICIES, [None, HALF], threads=1)
    assert list(two) == list(one) == [(name, view) for name in (None, "capped", "followed") for view in (None, "half")]
    for key, plan in one.items():
        assert plan.objective == two[key].objective
        for name, table in plan.tables.items():
            pd.testing.assert_frame_equal(table, two[key].tables[name])
    assert [step[:2] for step in done] == [(number, 6) for number in range(1, 7)]


def test_an_instance_that_is_wrong_ends_the_survey(monkeypatch):
    def attempt(instance, policy, scenario, *_):
        problem = Problem("sites", 1, "site", policy.name if policy else "", "wrong", "mend it")
        error = InstanceError([problem])
        return Failure("toy", None, scenario.name if scenario else None, "error", "wrong", error=error)

    monkeypatch.setattr(planner.study.runs, "attempt", attempt)
    with pytest.raises(InstanceError) as caught:
        survey(whole_toy(), POLICIES, [None, HALF])
    assert caught.value.problems[0].value == ""  # the first run's, whichever ended first
    assert survey(whole_toy(), POLICIES, [HALF])[None, "half"].status == "error"
