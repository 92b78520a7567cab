"""Survival per dollar: measures that are added keep clear of what is there by name."""

import pandas as pd
import pytest
import toys
from portions import portion

import planner
from planner.study.stress import buffers_against_sources
from planner.study.stress.buffers_against_sources import survival_per_dollar
from planner.study.stress.longest_outages import Outages
from planner.study.stress.undisturbed import Undisturbed

P4 = ["P1", "P2", "P3", "P4"]
HALVES = {"stage": "make", "of": "TW", "max_share": 0.6}


def plants(**tables):
    """East for 1 and west for 3; 10 a period at 100; west can make 4."""
    return toys.two_plants(**{"periods": P4, "capacities": [{"site": "west", "capacity": 4}], **tables})


def per_dollar(instance, *limits):
    """The table of a site policy's measures, from the second period on."""
    return survival_per_dollar(Undisturbed.of(instance, toys.policy(*limits)), (), Outages(("site",), [1]))


NAMED = [(name, per) for name in ("second-source", "second-source-make", "buffer-1") for per in ("horizon", "period")]


@pytest.mark.parametrize("case", portion([*NAMED, ("cap", "horizon")], quick=1), ids="-".join)
def test_measures_keep_clear_of_the_names_of_limits(case):
    """A soft cap of 0.8 over the horizon in the plant `unit`, whatever the cap's name: 2 of 10 in the west.

    The second source comes on top: 0.7, so 1 of 10 more in the west, for 3 instead of 1 in 2 periods.
    """
    instance = plants(
        periods=["P1", "P2"],
        sites=[
            {"site": "unit", "region": "TW", "operator": "one"},
            {"site": "west", "region": "US", "operator": "two"},
        ],
        processes=[{"site": "unit", "item": "unit", "unit_cost": 1}, {"site": "west", "item": "unit", "unit_cost": 3}],
        lanes=[{"from": "unit", "to": "shop"}, {"from": "west", "to": "shop"}],
        capacities=[{"site": "unit", "capacity": 20}, {"site": "west", "capacity": 4}],
    )
    name, per = case
    cap = {"stage": "make", "over": "site", "of": "unit", "max_share": 0.8, "soft_cost": 5, "per": per}
    found = per_dollar(instance, {**cap, "name": name})
    assert found["status"].tolist() == ["optimal", "optimal"]
    assert found.set_index("kind")["extra_cost"]["second source"] == pytest.approx(2 * 2)
    if name == "cap":  # the dearest comparison, which is slow
        for other, others_per in NAMED:
            alike = per_dollar(instance, {**cap, "name": other, "per": others_per})
            pd.testing.assert_frame_equal(alike, per_dollar(instance, {**cap, "per": others_per, "name": "cap"}))


def test_what_was_used_of_a_limit_with_the_name_of_a_buffer():
    """Of 10 before, all were made in the east: of 30 in all at most 18, so 8 of the 20. A buffer gave it 12."""
    used = [{"policy": "p", "limit": "buffer-1", "of": "TW", "inside": 10, "total": 10}]
    cap = {"stage": "make", "of": "TW", "max_share": 0.6, "per": "horizon"}
    instance = plants(periods=["P1", "P2"], capacities=[], limits_used=used)
    found = per_dollar(instance, {**cap, "name": "buffer-1"})
    named = instance.replace(limits_used=[row.model_copy(update={"limit": "cap"}) for row in instance.limits_used])
    pd.testing.assert_frame_equal(found, per_dollar(named, {**cap, "name": "cap"}))


@pytest.mark.slow
def test_a_stage_of_the_longest_name():
    stage = "s" * 64
    base = Undisturbed.of(plants(items=[{"item": "unit", "stage": stage, "value": 50}]), None)
    table = survival_per_dollar(base, (), Outages(("site",), [1]))
    assert table["status"].tolist() == ["optimal", "optimal"]


def test_what_is_decided_of_options_stays():
    """Half of one option has been bought, for 2, and is of no use: neither another measure nor its own undoes that."""
    decided = {"option": "decided", "site": "west", "period": "P1", "capacity": 4, "unit_cost": 1}
    still = {"option": "open", "site": "west", "period": "P1", "capacity": 2, "unit_cost": 3}
    for bought in (0.5, 0):
        table = per_dollar(plants(periods=["P1", "P2"], expansions=[{**decided, "bought": bought}, still]))
        options = table[table["kind"] == "option"]
        assert options["measure"].tolist() == ["open"]
        assert options["status"].tolist() == ["optimal"]
        assert options["extra_cost"].tolist() == [pytest.approx(6)]


def test_a_measure_without_a_plan_is_told_by_the_status_of_its_run(monkeypatch):
    def without_plan(*_, **__):
        raise planner.InfeasibleError([])

    base = Undisturbed.of(plants(), None)
    monkeypatch.setattr(buffers_against_sources, "plan_program", without_plan)
    table = survival_per_dollar(base, (), Outages(("site",), [1]))
    assert set(table["status"]) == {"infeasible"}
    assert table["extra_cost"].isna().all()


def test_what_the_policy_charges_for_missing_its_own_limits_is_a_cost_of_a_measure():
    """Half of 40 may be made in the east for 1, instead of 3 in the west; a unit more there is charged 1, and pays.

    A buffer has 10 more made in the east: 10, and 5 that the cap is missed by more. A second source has 4 made in the
    west for 8 more, and the cap is missed by 4 less. What the buffer itself is missed by is no cost.
    """
    found = per_dollar(plants(capacities=[]), {**HALVES, "max_share": 0.5, "soft_cost": 1}).set_index("kind")
    assert found["extra_cost"].to_dict() == pytest.approx({"buffer": 10 + 5, "second source": 8 - 4})
