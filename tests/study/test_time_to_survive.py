"""Time to survive, in cases that can be solved in the head."""

import math
from functools import cache

import pandas as pd
import pytest
import toys
from portions import portion

from planner.errors import LimitReachedError, SolverError
from planner.instance.scenario import Scenario
from planner.solve.checked_solves import CheckedSolves
from planner.solve.resolver import Resolver
from planner.solve.solution import Solution, Status
from planner.study.progress import Effort
from planner.study.stress.longest_outages import Outages, longest_outages
from planner.study.stress.surprise import stress_one
from planner.study.stress.time_to_survive import TimeToSurvive, time_to_survive
from planner.study.stress.undisturbed import Undisturbed

P8 = [f"P{number}" for number in range(1, 9)]


def survives(instance, policy=None, over=("site",), starts=None, threads=2):
    """{(over, of, start): (periods, at_least)}."""
    return survived(Undisturbed.of(instance, policy), over, starts, threads)


def survived(base, over, starts, threads=2):
    """The same from an undisturbed plan."""
    table = longest_outages(base, Outages(over, starts), Effort(threads=threads))
    return {
        (row.over, row.of, row.start): (pytest.approx(row.periods, abs=1e-5), row.at_least)
        for row in table.itertuples()
    }


def stocked(units, **tables):
    """A plant that makes what is ordered, 10 a period, with a stock that it always has to keep."""
    return toys.tiny(
        **{
            "periods": P8,
            "capacities": [{"site": "plant", "capacity": 10}],
            "stocks": [{"site": "plant", "item": "unit", "opening": units, "minimum": units}],
            **tables,
        }
    )


@pytest.mark.parametrize("units", portion([25, 0, 4, 20], quick=2))
def test_stock_for_two_and_a_half_periods_lasts_exactly_so_long(units):
    """2.5 periods out of 10 a period each are 25 units: the stock, wherever the outage starts. Two stocks are slow."""
    found = survives(stocked(units), starts=[0, 1, 4])
    assert found == {("site", "plant", P8[start]): (units / 10, False) for start in (0, 1, 4)}


@pytest.mark.slow
def test_a_buffer_of_two_and_a_half_periods_of_cover_lasts_exactly_so_long():
    instance = toys.tiny(
        periods=P8,
        capacities=[{"site": "plant", "capacity": 10}],
        stocks=[{"site": "plant", "item": "unit", "opening": 25}],
    )
    cover = toys.policy(buffers=[{"stage": "make", "periods_of_cover": 2.5}])
    assert survives(instance, cover, starts=[2]) == {("site", "plant", "P3"): (2.5, False)}
    assert survives(instance, None, starts=[2]) == {("site", "plant", "P3"): (0.5, False)}  # 20 are sold before


@cache
def two_sources():
    """East makes all, 10 a period; west could make 4."""
    lines = [{"site": "east", "capacity": 10}, {"site": "west", "capacity": 4}]
    return Undisturbed.of(toys.two_plants(periods=P8, capacities=lines), None)


def test_a_second_source_carries_a_share():
    """West can make 4 of the 10: four tenths of the capacity of east can be out, for ever so short a time."""
    found = survived(two_sources(), ("site", "region"), [0])
    assert found["site", "east", "P1"] == (0.4, False)
    assert found["region", "TW", "P1"] == (0.4, False)
    assert found["site", "west", "P1"] == (8, True)  # the plan does without it


@pytest.mark.slow
def test_capacity_to_spare_after_the_stock_is_used_up_does_not_help():
    """What was due in the outage cannot be made afterwards, however fast the plant is then."""
    fast = stocked(20, capacities=[{"site": "plant", "capacity": 1000}])
    # out for 2 periods on 20 of stock; then 99 % of a period still leaves the 10 that are needed
    assert survives(fast, starts=[1]) == {("site", "plant", "P2"): (2.99, False)}


def test_a_line_without_a_limit_makes_up_for_any_part_of_a_period():
    """In any open moment it makes all that is due in the period; a whole further period is noticed, and not survived."""
    found = survives(stocked(20, capacities=[]), starts=[1])
    assert found == {("site", "plant", "P2"): (2.999, False)}


UNLIMITED = {"capacities": []}
NO_CAPACITY_USED = {"processes": [{"site": "plant", "item": "unit", "unit_cost": 1, "capacity_use": 0}]}


@pytest.mark.parametrize("tables", portion([NO_CAPACITY_USED, UNLIMITED], quick=1))
@pytest.mark.parametrize("units", portion([0, 20], quick=1))
def test_a_whole_period_counts_where_all_lines_can_stand_still(tables, units):
    """Nothing in stock is no whole period, 20 are two; from the last period on one is all that can be told.

    One of four in every suite; that a line without a limit is one of these the next test shows.
    """
    found = survives(stocked(units, **tables), starts=[1, 7])
    assert found == {
        ("site", "plant", "P2"): (units / 10 + 0.999, False),
        ("site", "plant", "P8"): (1 if units else 0.999, units > 0),
    }


@pytest.mark.parametrize("tables", portion([UNLIMITED, NO_CAPACITY_USED], quick=1))
def test_a_strike_of_one_period_is_noticed_where_no_whole_one_is_survived(tables):
    change = {"change": "outage", "where": {"site": "plant"}, "period": "P2"}
    base = Undisturbed.of(stocked(0, **tables), None)
    assert stress_one(base, Scenario.model_validate({"name": "out", "changes": [change]})).lost_units == pytest.approx(
        10
    )


@pytest.mark.slow
def test_nearly_a_whole_period_is_none():
    """3 of 10,000 are needed: 0.9997 of the capacity can be out, not all of it, up to the last period too."""
    demand = [{"customer": "shop", "item": "unit", "quantity": 3, "price": 100}]
    for capacity in (10_000, 1e9):
        wide = stocked(0, capacities=[{"site": "plant", "capacity": capacity}], demand=demand)
        assert survives(wide, starts=[0, 7]) == {
            ("site", "plant", "P1"): (0.999, False),
            ("site", "plant", "P8"): (0.999, False),
        }


@pytest.mark.slow
def test_a_line_without_a_limit_beside_one_that_has_one():
    """Of 10 the west can make 4. A fast line beside the old one in the east: any part of a period, never a whole one."""
    instance = toys.two_plants(
        periods=P8,
        processes=[
            {"site": "east", "item": "unit", "unit_cost": 1, "resource": "old"},
            {"site": "east", "item": "unit", "recipe": "fast", "unit_cost": 2, "resource": "fast"},
            {"site": "west", "item": "unit", "unit_cost": 3},
        ],
        capacities=[{"site": "east", "resource": "old", "capacity": 10}, {"site": "west", "capacity": 4}],
    )
    found = survives(instance, over=("site",), starts=[0])
    assert found == {("site", "east", "P1"): (0.999, False), ("site", "west", "P1"): (8, True)}


def answering(status):
    """Resolve as one who always says so."""
    return lambda *_, **__: Solution(status, method="for a test")


@pytest.mark.parametrize("status", portion([Status.ERROR, Status.LIMIT, Status.UNBOUNDED], quick=1))
def test_no_answer_is_not_nothing_survived(monkeypatch, status):
    monkeypatch.setattr(Resolver, "resolve", answering(status))
    limit = status is Status.LIMIT  # which is the user's, and no fault of a solver
    words = "time limit was reached before time to survive" if limit else f"time to survive.*{status}"
    with pytest.raises(LimitReachedError if limit else SolverError, match=words):
        survives(stocked(20), starts=[1])


@pytest.mark.parametrize("status", portion([Status.ERROR, Status.INFEASIBLE], quick=1))
def test_a_baseline_without_an_answer(monkeypatch, status):
    """Where even with nothing out nothing is shown to go on, there is no time to survive."""
    base = Undisturbed.of(stocked(20), None)
    monkeypatch.setattr(CheckedSolves, "cold", answering(status))
    with pytest.raises(SolverError, match="From P2 on"):
        longest_outages(base, Outages(("site",), [1]))


def test_work_under_way_and_on_the_lane_still_arrives():
    """Two periods of lead time do not help: what is not started is missing two periods later."""
    instance = stocked(
        20,
        processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "lead_time": 1}],
        lanes=[{"from": "plant", "to": "shop", "lead_time": 1}],
        demand=[{"customer": "shop", "item": "unit", "period": "P3..", "quantity": 10, "price": 100}],
    )
    assert survives(instance, starts=[2]) == {("site", "plant", "P3"): (2, False)}


def test_as_far_as_the_horizon_can_tell():
    """Outages that reach the last period less the length of the chain are survived at least so long."""
    found = survives(stocked(1000), starts=[0, 5])
    assert found == {("site", "plant", "P1"): (8, True), ("site", "plant", "P6"): (3, True)}
    slow = stocked(
        1000,
        processes=[{"site": "plant", "item": "unit", "unit_cost": 1, "lead_time": 2}],
        lanes=[{"from": "plant", "to": "shop", "lead_time": 1}],
    )
    assert survives(slow, starts=[1, 6]) == {("site", "plant", "P2"): (4, True), ("site", "plant", "P7"): (0, True)}


@pytest.mark.parametrize("periods", [8, 12])
def test_lanes_one_after_the_other_are_all_of_the_chain(periods):
    """Stock at a hub between two lanes lasts 3 periods: what starts in the last two periods never arrives."""
    labels = [f"P{number}" for number in range(1, periods + 1)]
    hub = {"site": "hub", "item": "unit", "opening": 30, "minimum": 30}
    lanes = [{"from": "plant", "to": "hub", "lead_time": 1}, {"from": "hub", "to": "shop", "lead_time": 1}]
    instance = stocked(
        0,
        periods=labels,
        sites=[{"site": "plant", "region": "TW"}, {"site": "hub", "region": "US"}],
        stocks=[hub],
        lanes=lanes,
        demand=[{"customer": "shop", "item": "unit", "period": "P3..", "quantity": 10, "price": 100}],
    )
    found = survives(instance, starts=[0, 3, 4])
    lasting = [(3, False), (3, periods == 8), (2, True) if periods == 8 else (3, False)]
    assert found == {("site", "plant", labels[at]): figures for at, figures in zip((0, 3, 4), lasting, strict=True)}


def test_a_plan_that_is_short_already_is_held_to_what_it_delivers():
    """12 are ordered and 10 delivered: to survive is to deliver 10."""
    short = stocked(15, demand=[{"customer": "shop", "item": "unit", "quantity": 12, "price": 100}])
    assert survives(short, starts=[3]) == {("site", "plant", "P4"): (1.5, False)}


@pytest.mark.slow
def test_options_that_are_bought_are_out_with_their_site():
    option = {"option": "more", "site": "plant", "period": "P1", "capacity": 5, "unit_cost": 1}
    instance = stocked(20, capacities=[{"site": "plant", "capacity": 5}], expansions=[option])
    assert survives(instance, starts=[1]) == {("site", "plant", "P2"): (2, False)}


def test_sites_of_a_cluster_are_out_together_and_equal_sets_are_alike():
    instance = toys.two_plants(
        periods=P8,
        sites=[
            {"site": "east", "region": "TW", "operator": "one", "cluster": "fault"},
            {"site": "west", "region": "TW", "operator": "two", "cluster": "fault"},
        ],
        capacities=[{"site": "east", "capacity": 10}, {"site": "west", "capacity": 10}],
        stocks=[{"site": "east", "item": "unit", "opening": 30, "minimum": 30}],
    )
    base, over = Undisturbed.of(instance, None), ("site", "cluster", "operator", "region")
    found = survived(base, over, [0], threads=1)
    assert found["site", "east", "P1"] == found["operator", "one", "P1"] == (8, True)
    # 30 of stock, then half of the 20 that both can make
    assert found["cluster", "fault", "P1"] == found["region", "TW", "P1"] == (3.5, False)
    assert survived(base, over, [0], threads=2) == found


@pytest.mark.slow
def test_weeks_where_periods_have_a_length():
    months = {"first": "2027-01", "count": 8, "length": "month"}
    table = longest_outages(Undisturbed.of(stocked(25, periods=months), None), Outages(("site",), [0]))
    assert table["weeks"].tolist() == [pytest.approx(2.5 * 52.1775 / 12, abs=1e-4)]
    labels = longest_outages(Undisturbed.of(stocked(25), None), Outages(("site",), [0]))
    assert math.isnan(labels["weeks"].iloc[0])


@pytest.mark.slow
def test_progress_counts_sets_and_starts():
    said = []
    base = Undisturbed.of(stocked(5), None)
    longest_outages(base, Outages(("site",), [0, 1]), Effort(progress=lambda *line: said.append(line)))
    assert said == [(0, 2, "P1 plant"), (1, 2, "P2 plant")]


def questions(monkeypatch):
    """A list that grows by the status of each re-solve."""
    asked, resolve = [], Resolver.resolve

    def counted(resolver, *given, **named):
        found = resolve(resolver, *given, **named)
        asked.append(found.status)
        return found

    monkeypatch.setattr(Resolver, "resolve", counted)
    return asked


def test_what_stands_still_in_a_plan_that_keeps_up_is_not_asked_about(monkeypatch):
    """East alone makes all, so that west can be out in each of eight periods without a question."""
    base, asked = two_sources(), questions(monkeypatch)
    found = survived(base, ("site",), [0])
    assert found["site", "west", "P1"] == (8, True)
    assert found["site", "east", "P1"] == (0.4, False)
    assert len(asked) == 1  # for east


@pytest.mark.parametrize("threads", portion([2, 1], quick=1))
def test_whatever_has_a_site_that_is_missed_at_once_is_not_asked_about(monkeypatch, threads):
    """Neither plant can miss anything: so nor can the cluster, operator and region of both."""
    asked = questions(monkeypatch)
    sites = [
        {"site": "east", "region": "TW", "cluster": "A", "operator": "one"},
        {"site": "west", "region": "TW", "cluster": "A", "operator": "one"},
    ]
    capacities = [{"site": "east", "capacity": 6}, {"site": "west", "capacity": 4}]
    instance = toys.two_plants(sites=sites, periods=P8, capacities=capacities)
    found = survives(instance, over=("site", "cluster", "operator", "region"), starts=[0], threads=threads)
    assert len(found) == 5
    assert all(answer == (0.0, False) for answer in found.values())
    assert len(asked) <= 3 if threads == 2 else len(asked) == 2  # a thread may not know yet what the other finds


def test_a_start_that_the_horizon_cuts_off_is_not_the_worst():
    """With two periods of lead time the last two starts tell nothing (`at least 0`); stock for 1.5 periods does."""
    site, item = toys.tiny().sites[0].site, toys.tiny().items[0].item
    instance = stocked(15, processes=[{"site": site, "item": item, "unit_cost": 1, "lead_time": 2}])
    found = time_to_survive(instance, over=["site"])
    cut = found.table[found.table["at_least"].astype(bool)]
    assert cut["periods"].min() == 0
    [worst] = found.worst.to_dict("records")
    assert not worst["at_least"]
    assert worst["periods"] == found.table.loc[~found.table["at_least"].astype(bool), "periods"].min() > 0


def test_of_sets_that_are_never_missed_the_longest_time_that_the_horizon_shows_is_told():
    table = pd.DataFrame(
        [("site", "spare", 6.0, True), ("site", "spare", 0.0, True), ("site", "only", 0.5, False)],
        columns=["over", "of", "periods", "at_least"],
    )
    worst = TimeToSurvive("toy", None, table).worst
    assert worst["of"].tolist() == ["only", "spare"]
    assert worst["periods"].tolist() == [0.5, 6.0]


@pytest.mark.parametrize(
    ("west", "risk"),
    [
        ({"change": "capacity", "factor": 0.5}, "perhaps"),
        ({"change": "outage", "where": {"item": "other"}}, "perhaps"),
        ({"change": "capacity", "factor": 0}, "yes"),
        ({"change": "outage"}, "yes"),
    ],
)
def test_a_strike_that_takes_all_of_one_site_and_a_part_of_another_may_be_survived(west, risk):
    """East is out for a period, and with all of west half of one is survived; with a part of west it may be more."""
    west = {**west, "where": {"site": "west", **west.get("where", {})}, "period": "P2"}
    strike = {"name": "s", "changes": [{"change": "outage", "where": {"site": "east"}, "period": "P2"}, west]}
    instance = toys.two_plants(
        periods=P8[:4],
        items=[{"item": "unit", "stage": "make"}, {"item": "other", "stage": "make"}],
        processes=[*toys.TWO_PLANTS["processes"], {"site": "west", "item": "other"}],
        capacities=[{"site": "east", "capacity": 10}, {"site": "west", "capacity": 10}],
        scenarios=[strike],
    )
    [row] = (
        time_to_survive(instance, over=["site"], start="P2", scenarios=["s"])
        .table.query("over == 'scenario'")
        .to_dict("records")
    )
    assert (row["periods"], row["recover"], row["risk"]) == (0.5, 1, risk)
