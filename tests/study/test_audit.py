"""The audit on cases that can be solved in the head."""

import json
import math
from functools import cache

import pytest
import toys
from portions import portion, portion_of_rows

import planner
from planner.instance.records import Outage
from planner.study.audit.audit import audit

CAPPED = [{"site": "east", "capacity": 6}, {"site": "west", "capacity": 4}]
QUARTERS = {"first": "2027Q1", "count": 4, "length": "quarter"}


def verdict(found, region, product="unit"):
    table = found.free_of
    rows = table[(table["region"] == region) & (table["product"] == product)]
    assert len(rows) == 1, table
    return rows.iloc[0]


def by_period(found, region, column, product="unit"):
    table = found.free_of_periods
    return table.loc[(table["region"] == region) & (table["product"] == product), column].tolist()


def ceilings(found, region, product):
    table = found.free_of_stages
    rows = table[(table["region"] == region) & (table["product"] == product)]
    return dict(zip(rows["stage"], rows["units"], strict=True))


def due(quantity, **fields):
    return [{"customer": "shop", "item": "unit", "quantity": quantity, "price": 100, **fields}]


@cache
def capped():
    """The audit of two plants, each of which can make a part; with a name and a group of regions."""
    return audit(given_capped())


def given_capped():
    return toys.two_plants(capacities=CAPPED, region_groups={"both": ["TW", "US"]}, regions={"TW": "Taiwan"})


def test_the_most_without_a_region_is_what_the_other_makes():
    found = capped()
    taiwan, states = verdict(found, "TW"), verdict(found, "US")
    assert (taiwan.units, taiwan.share, taiwan.stopped_by) == (4, 0.4, "make")
    assert (states.units, states.share, states.stopped_by) == (6, 0.6, "make")
    assert taiwan.any_region == 1
    assert found.free_of_stages["makers"].tolist()[:2] == ["west", "east"]
    assert found.findings[0] == (
        "Free of Taiwan: at most 40.0 % of unit in 1; stopped by make, outside Taiwan only west."
    )


def test_no_site_outside():
    found = audit(toys.tiny())
    row = verdict(found, "TW")
    assert (row.units, row.stopped_by, row.waits_for) == (0, "make", "make")
    assert found.findings[0] == "Free of TW: no unit at all in 1; stopped by make, for which there is no site outside."


def test_a_region_that_is_not_needed():
    found = audit(toys.two_plants(capacities=[{"site": "west", "capacity": 4}]))
    assert verdict(found, "US").share == 1
    assert "Free of US: every product in full." in found.findings
    assert found.free_of_stages["region"].unique().tolist() == ["TW"]


def test_a_short_chain_is_not_the_fault_of_a_region():
    """Six of ten at most, with every region: the region that is not needed does not stand in the way."""
    found = audit(toys.two_plants(capacities=[{"site": "east", "capacity": 6}, {"site": "west", "capacity": 0}]))
    row = verdict(found, "US")
    assert (row.share, row.any_region, row.stopped_by) == (0.6, 0.6, "")
    assert verdict(found, "TW").stopped_by == "make"


def qualified():
    """Four quarters, ten due in each, the western plant open from the third and large enough from the fourth."""
    processes = [{"site": "east", "item": "unit"}, {"site": "west", "item": "unit", "period": "2027Q3.."}]
    west = [{"site": "west", "period": "2027Q3", "capacity": 4}, {"site": "west", "period": "2027Q4", "capacity": 20}]
    return toys.two_plants(periods=QUARTERS, processes=processes, capacities=west, demand=due(10))


@cache
def audited():
    """The audit of `qualified`."""
    return audit(qualified())


def test_a_site_that_opens_later():
    found = audited()
    assert by_period(found, "TW", "units") == [0, 0, 4, 10]
    assert by_period(found, "TW", "share") == [0, 0, 0.4, 1]
    assert by_period(found, "TW", "lasting") == [0, 0, 0.4, 1]
    row = verdict(found, "TW")
    assert (row.units, row.share, row.every_period) == (14, 0.35, 0)
    assert (row["first"], row.full_from, row.waits_for) == ("2027Q3", "2027Q4", "make")
    assert found.findings[0] == (
        "Free of TW: at most 35.0 % of unit over 2027Q1..2027Q4, none until 2027Q3, all of what is due from 2027Q4 "
        "on; stopped by make, outside TW only west (from 2027Q3)."
    )


def test_orders_that_may_wait_are_counted_when_they_are_delivered():
    given = qualified()
    given = given.replace(demand=[row.model_copy(update={"late_cost": 1.0}) for row in given.demand])
    found = audit(given)
    assert verdict(found, "TW").units == 24
    assert by_period(found, "TW", "units") == [0, 0, 4, 10], "no more than what is ordered in the period"


def test_what_is_delivered_after_the_report_does_not_count():
    found = audit(toys.planner.load_instance({**qualified().as_mapping(), "report_periods": "2027Q1..2027Q3"}))
    assert verdict(found, "TW").units == 4
    assert found.periods == "2027Q1..2027Q3"
    assert by_period(found, "TW", "period") == ["2027Q1", "2027Q2", "2027Q3"]


def test_one_period_can_be_saved_up_for_but_it_does_not_last():
    """The western plant makes 3 in each of two periods in which 6 are due: 6 in the second, if it makes none before."""
    west = [{"site": "west", "capacity": 3}]
    found = audit(toys.two_plants(periods=["P1", "P2"], capacities=west, demand=due(6)))
    assert by_period(found, "TW", "share") == [0.5, 1]
    assert by_period(found, "TW", "lasting") == [0.5, 1]
    assert (verdict(found, "TW").share, verdict(found, "TW").every_period) == (0.5, 0.5)
    listed = audit(toys.two_plants(periods=["P1", "P2"], capacities=west, demand=due(6), stock="listed"))
    assert by_period(listed, "TW", "share") == [0.5, 0.5], "nothing can be kept"


TOUCHED = [
    ("stocks", "west", None, 7),
    ("stocks", "east", None, 4),
    ("stocks", "west", "TW+US", 4),
    ("arrivals", "west", "US", 7),
    ("arrivals", "west", "TW", 4),
    ("stocks", "west", "TW", 4),
    ("stocks", "west", "US", 7),
    ("arrivals", "west", None, 7),
    ("arrivals", "west", "TW+US", 4),
    ("arrivals", "east", None, 4),
]


@pytest.mark.parametrize(("table", "site", "touched", "units"), portion_of_rows(TOUCHED, quick=5))
def test_stock_counts_the_regions_that_it_has_touched(table, site, touched, units):
    """Each kind in one of the two tables in every suite; the same in the other table is slow."""
    row = {"site": site, "item": "unit", **({"touched": touched} if touched else {})}
    row |= {"opening": 3} if table == "stocks" else {"period": "1", "quantity": 3}
    found = audit(toys.two_plants(capacities=CAPPED, **{table: [row]}))
    assert verdict(found, "TW").units == units


def test_passing_through_does_not_touch():
    lanes = [{"from": "east", "to": "shop"}, {"from": "west", "to": "east"}]
    assert verdict(audit(toys.two_plants(capacities=CAPPED, lanes=lanes)), "TW").units == 4


def test_work_at_any_stage_touches():
    """Dies from the US that are packaged in TW are not free of TW."""
    found = audit(chain(package_site="east"))
    assert verdict(found, "TW").units == 0
    assert verdict(found, "TW").stopped_by == "packaging"
    assert ceilings(found, "TW", "unit") == {"wafer": 5, "packaging": 0}


def chain(package_site="west", **tables):
    """A die made in the west (5) or the east, packaged at one site."""
    return toys.two_plants(
        **{
            "stages": ["wafer", "packaging"],
            "items": [{"item": "die", "stage": "wafer"}, {"item": "unit", "stage": "packaging"}],
            "processes": [
                {"site": "east", "item": "die", "resource": "fab"},
                {"site": "west", "item": "die", "resource": "fab"},
                {"site": package_site, "item": "unit", "recipe": "cowos-l", "resource": "line"},
                {"site": "east", "item": "unit", "recipe": "cowos-l", "resource": "line"},
            ][: 4 if package_site == "west" else 3],
            "components": [{"item": "unit", "component": "die", "quantity": 1}],
            "capacities": [
                {"site": "west", "resource": "fab", "capacity": 5},
                {"site": "west", "resource": "line", "capacity": 3},
            ][: 2 if package_site == "west" else 1],
            "lanes": [{"from": "region:TW", "to": "region:US"}, {"from": "region:US", "to": "region:TW"}, *LANES],
            **tables,
        }
    )


LANES = [{"from": "east", "to": "shop"}, {"from": "west", "to": "shop"}]


def test_the_stage_with_the_lowest_ceiling_stops_it():
    found = audit(chain())
    assert ceilings(found, "TW", "unit") == {"wafer": 5, "packaging": 3}
    assert verdict(found, "TW").stopped_by == "packaging"
    assert "stopped by packaging (cowos-l), outside TW only west" in found.findings[0]


def test_stages_that_stop_it_together():
    """Dies come in the first period only, lines open in the second only, and nothing can be kept."""
    found = audit(
        chain(
            periods=["P1", "P2"],
            stock="listed",
            capacities=[
                {"site": "west", "resource": "fab", "period": "P1", "capacity": 5},
                {"site": "west", "resource": "line", "period": "P2", "capacity": 4},
            ],
        )
    )
    row = verdict(found, "TW")
    assert (row.units, row.stopped_by) == (0, "packaging+wafer")
    assert ceilings(found, "TW", "unit") == {"wafer": 5, "packaging": 4}


@pytest.mark.parametrize("whole", portion(["yes", "no"], quick=1))
def test_options_are_bought_whole(whole):
    option = {
        "option": "more",
        "site": "west",
        "period": "1",
        "capacity": 3,
        "fixed_cost": 1e6,
        "all_or_nothing": whole,
    }
    found = audit(toys.two_plants(capacities=CAPPED, expansions=[option]))
    assert verdict(found, "TW").units == 7
    held = found.capacity[(found.capacity["over"] == "site") & (found.capacity["of"] == "west")].iloc[0]
    assert (held.capacity, held.options) == (4, 3)
    assert held.share == pytest.approx(4 / 10)
    assert held.share_with_options == pytest.approx(7 / 13)


def test_what_a_plan_owes_elsewhere_does_not_matter():
    """A hard minimum at the eastern plant, a least stock, a lot and an order that must be served."""
    found = audit(
        toys.two_plants(
            capacities=CAPPED,
            demand=due(10, must_serve=1),
            stocks=[{"site": "west", "item": "unit", "minimum": 4}],
            commitments=[{"commitment": "c", "site": "west", "minimum": 99}],
            processes=[{"site": "east", "item": "unit"}, {"site": "west", "item": "unit", "min_lot": 50}],
        )
    )
    assert verdict(found, "TW").units == 4


def test_stock_without_use_is_scrapped():
    """Units that came in touched, and more than can be kept: an audit is not a plan that must place them."""
    stock = [{"site": "west", "item": "unit", "opening": 90, "maximum": 90, "touched": "TW"}]
    found = audit(toys.two_plants(capacities=CAPPED, stocks=stock))
    assert verdict(found, "TW").units == 4
    assert verdict(found, "US").units == 6


def test_limits_of_lanes_and_outages_hold():
    limited = audit(toys.two_plants(lane_capacities=[{"from": "west", "to": "shop", "capacity": 2}]))
    assert verdict(limited, "TW").units == 2
    closed = audit(toys.two_plants(outages=[{"site": "west"}]))
    assert verdict(closed, "TW").units == 0
    assert closed.sources["makers"].tolist() == ["east"]


def test_lead_times_and_yields_hold():
    """West: half are good and work takes a period, so that of 4 started in the first of two, 2 are there in time."""
    processes = [{"site": "east", "item": "unit"}, {"site": "west", "item": "unit", "yield": 0.5, "lead_time": 1}]
    found = audit(toys.two_plants(periods=["P1", "P2"], processes=processes, capacities=CAPPED, demand=due(10)))
    assert by_period(found, "TW", "units") == [0, 2]


def two_products():
    """Two products on one western line of 6, ten of each ordered."""
    rows = {"processes": [], "demand": []}
    for item in ("a", "b"):
        rows["demand"].append({"customer": "shop", "item": item, "quantity": 10, "price": 1})
        rows["processes"] += [{"site": site, "item": item} for site in ("east", "west")]
    items = [{"item": "a", "stage": "make"}, {"item": "b", "stage": "make"}]
    return toys.two_plants(items=items, capacities=[{"site": "west", "capacity": 12}], **rows)


def test_products_by_themselves_and_all_together():
    found = audit(two_products())
    assert verdict(found, "TW", "a").share == 1
    assert verdict(found, "TW", "b").share == 1
    together = verdict(found, "TW", "*")
    assert (together.units, together.demand, together.share) == (12, 20, 0.6)
    assert found.findings[0] == (
        "Free of TW, all products together: at most 60.0 % of the 20 units ordered in 1. By itself, each stage lets "
        "through: make 60.0 %."
    )


def test_groups_of_regions():
    found = capped()
    assert found.free_of["region"].tolist() == ["TW", "US", "both"]
    assert verdict(found, "both").units == 0
    assert audit(given_capped(), ["both"]).free_of["region"].tolist() == ["both"]


def test_a_region_that_is_not_there():
    with pytest.raises(planner.UsageError, match="no region 'TWN'"):
        audit(toys.two_plants(), ["TWN"])


def without(given, avoided):
    """The same orders without the sites of some regions, where nothing costs but a lost unit, which costs 1."""
    home = {row.site: row.region for row in given.sites}

    def free(rows, **zero):
        return [row.model_copy(update=zero) for row in rows]

    return given.replace(
        items=free(given.items, holding_cost=0.0),
        processes=free(given.processes, unit_cost=0.0),
        outages=[Outage(site=site) for site in home if home[site] in avoided],
        lanes=free(given.lanes, unit_cost=0.0),
        expansions=free(given.expansions, fixed_cost=0.0, unit_cost=0.0),
        demand=[
            row.model_copy(
                update={
                    "lost_cost": 1.0,
                    "price": 1.0,
                    "must_serve": 0.0,
                    "late_cost": None if row.late_cost is None else 0.0,
                }
            )
            for row in given.demand
        ],
        stocks=free(
            [row for row in given.stocks if home[row.site] not in avoided],
            minimum=0.0,
            closing_minimum=0.0,
            holding_cost=0.0,
        ),
        arrivals=[row for row in given.arrivals if home[row.site] not in avoided],
        tariffs=(),
        commitments=(),
        policies=(),
    )


@pytest.mark.slow
@pytest.mark.parametrize("avoided", [["TW"], ["US"], ["KR"], ["TW", "KR"]])
def test_a_plan_that_loses_least_without_the_region(avoided):
    """A whole plan of an instance without the region, in which only lost units cost, loses the rest.

    Slow, because tests/oracle/test_free.py holds the same shares against a second formulation in every suite.
    """
    given = toys.toy(discount_rate=0.0, holding_rate=0.0)
    found = audit(given, ["asia" if len(avoided) > 1 else avoided[0]]).free_of.iloc[0]
    plan = planner.solve(without(given, avoided))
    ordered = sum(row.quantity for row in given.demand)
    assert found.demand == ordered
    assert found.units == pytest.approx(ordered - plan.objective)


@pytest.mark.parametrize(
    ("per", "period", "share"),
    portion_of_rows(
        [("period", "2027Q3..", 0.4), ("horizon", "*", 0.35), ("period", "2027Q4", 1.0), ("period", "2027Q2..", 0.0)],
        quick=1,
    ),
)
def test_a_policy_can_promise_the_share_and_no_more(per, period, share):
    """A floor at the share of the audit has a plan; a floor a little above it has none."""
    given = qualified()
    floor = {"measure": "pathway", "of": "TW", "per": per, "period": period}
    assert planner.solve(given, toys.policy({**floor, "min_free": share})).status == "optimal"
    if share < 1:
        with pytest.raises(planner.InfeasibleError):
            planner.solve(given, toys.policy({**floor, "min_free": share + 0.01}))


def test_capacity_by_holder():
    found = audit(toys.two_plants(capacities=[{"site": "east", "capacity": 30, "unit": "lots"}, *CAPPED[1:]]))
    by_region = found.capacity[found.capacity["over"] == "region"]
    assert by_region[["of", "capacity"]].to_numpy().tolist() == [["TW", 30], ["US", 4]], "the larger first"
    assert by_region["share"].tolist() == pytest.approx([30 / 34, 4 / 34])
    row = found.concentration.set_index("over").loc["operator"]
    assert (row.holders, row.largest, row.unit) == (2, "one", "lots")
    assert row.hhi == pytest.approx((3000 / 34) ** 2 + (400 / 34) ** 2)


def test_units_that_differ_stand_apart():
    rows = [{"site": "east", "capacity": 30, "unit": "lots"}, {"site": "west", "capacity": 4, "unit": "wafers"}]
    found = audit(toys.two_plants(capacities=rows))
    assert found.concentration.loc[found.concentration["over"] == "region", "hhi"].tolist() == [10000, 10000]
    assert found.capacity.loc[found.capacity["over"] == "region", "unit"].tolist() == ["lots", "wafers"]


def test_an_unlimited_line_has_no_share():
    found = audit(toys.two_plants(capacities=CAPPED[:1]))
    assert found.capacity["share"].isna().all()
    assert any("some of its capacity is unlimited" in finding for finding in found.findings)


def test_capacity_counts_only_when_something_may_start():
    found = audited()
    west = found.capacity[(found.capacity["over"] == "site") & (found.capacity["of"] == "west")].iloc[0]
    assert west.capacity == 24


@pytest.mark.parametrize("idle", [{"period": "P4"}, {"outages": [{"site": "west", "item": "unit", "period": "*"}]}])
def test_an_unlimited_line_on_which_nothing_may_start_has_no_capacity(idle):
    """The west may start after the reported periods, or not at all; so the east has all of its stage."""
    start = {"site": "west", "item": "unit", "period": idle.pop("period", "*")}
    processes = [{"site": "east", "item": "unit"}, start]
    periods = {"periods": ["P1", "P2", "P3", "P4"], "report_periods": "P1..P3"}
    found = audit(toys.two_plants(**periods, processes=processes, capacities=[{"site": "east", "capacity": 4}], **idle))
    own = found.capacity[found.capacity["over"] == "region"].set_index("of")
    assert own["capacity"].to_dict() == {"TW": 12, "US": 0}
    assert own["share"].to_dict() == {"TW": 1, "US": 0}
    assert found.concentration["holders"].tolist() == [1] * 4


def test_single_sources_by_window():
    found = audited()
    table = found.sources[["period", "makers", "sites", "single"]].to_numpy().tolist()
    assert table == [
        ["2027Q1..2027Q2", "east", 1, "site+cluster+operator+region"],
        ["2027Q3..2027Q4", "east+west", 2, ""],
    ]
    assert "One site, east, for unit (make): 2027Q1..2027Q2." in found.findings


def test_one_operator_behind_several_sites():
    sites = [
        {"site": "east", "region": "TW", "operator": "one", "cluster": "fault"},
        {"site": "west", "region": "US", "operator": "one", "cluster": "fault"},
    ]
    found = audit(toys.two_plants(sites=sites, capacities=CAPPED))
    assert found.sources["single"].tolist() == ["cluster+operator"]
    assert "2 sites but one hazard cluster (fault) and one operator (one) for unit (make): 1." in found.findings
    assert "One operator, one, is behind 2 sites in TW and US: 100 % of make capacity." in found.findings
    assert "One event in the cluster fault (TW and US) hits 2 sites: 100 % of make capacity." in found.findings
    assert found.behind[["over", "of", "sites", "share", "sole_maker_of"]].to_numpy().tolist() == [
        ["operator", "one", 2, 1.0, "unit"],
        ["cluster", "fault", 2, 1.0, "unit"],
    ]


def test_a_share_of_one_unit_of_a_stage_is_not_told_as_one_of_the_stage():
    """One operator has both lines that count in units; a third line counts in hours, so nobody has all of the stage."""
    sites = [*toys.TWO_PLANTS["sites"], {"site": "north", "region": "EU"}]
    sites = [{**row, "operator": "one"} if row["site"] != "north" else row for row in sites]
    processes = [*toys.TWO_PLANTS["processes"], {"site": "north", "item": "unit"}]
    capacities = [{**row, "unit": "units"} for row in CAPPED] + [{"site": "north", "capacity": 9, "unit": "hours"}]
    found = audit(toys.two_plants(sites=sites, processes=processes, capacities=capacities))
    assert "One operator, one, is behind 2 sites in TW and US: 100 % of make (in units) capacity." in found.findings
    assert found.behind[["of", "stage", "unit", "share"]].to_numpy().tolist() == [["one", "make", "units", 1.0]]
    [shown] = [block for block in found.summary.blocks if "behind several sites" in block.title]
    assert shown.table["stage"].tolist() == ["make (in units)"]


def test_a_recipe_of_one_site_is_a_row_of_its_own():
    processes = [
        {"site": "east", "item": "unit"},
        {"site": "west", "item": "unit"},
        {"site": "west", "item": "unit", "recipe": "lean"},
    ]
    found = audit(toys.two_plants(processes=processes))
    single = found.sources.set_index("recipe")["single"]
    assert single.to_dict() == {"*": "", "lean": "site+cluster+operator+region", "standard": ""}
    assert "One site, west, for unit by lean (make): 1." in found.findings


def test_a_site_that_only_an_option_would_add():
    option = {"option": "new", "site": "west", "period": "1", "capacity": 3}
    found = audit(toys.two_plants(capacities=CAPPED[:1], expansions=[option]))
    assert found.sources[["makers", "optional"]].to_numpy().tolist() == [["east", "west"]]


@pytest.mark.parametrize(("bought", "optional", "added"), [(0.5, "west", 1.5), (0, "", 0)])
def test_of_a_decided_option_the_share_that_was_bought_counts(bought, optional, added):
    option = {"option": "new", "site": "west", "period": "1", "capacity": 3, "bought": bought}
    found = audit(toys.two_plants(capacities=CAPPED[:1], expansions=[option]))
    assert found.sources["optional"].tolist() == [optional]
    sites = found.capacity[found.capacity["over"] == "site"].set_index("of")
    assert sites["options"].sum() == added


def test_json_has_every_table_and_nothing_that_json_cannot_say():
    found = audit(toys.two_plants(capacities=CAPPED[:1])).as_json()
    assert found["schema_version"] == 1
    again = json.loads(json.dumps(found, allow_nan=False))
    assert again["free_of"][0]["region"] == "TW"
    assert again["capacity"][0]["share"] is None
    assert {"findings", "notes", "free_of_periods", "free_of_stages", "sources", "behind", "concentration"} <= set(
        again
    )


@pytest.mark.slow
def test_the_same_audit_twice():
    first, second = audit(toys.toy()).as_json(), audit(toys.toy()).as_json()
    assert first == second


def test_progress_names_each_region():
    said = []
    audit(toys.two_plants(), effort=toys.planner.Effort(progress=lambda *parts: said.append(parts)))
    assert said == [(0, 2, "TW"), (1, 2, "US")]


def test_a_report_without_orders_has_no_shares():
    found = audit(toys.two_plants(periods=["P1", "P2"], report_periods="P2", demand=due(10, period="P1")))
    assert found.free_of.empty
    assert not math.isnan(found.capacity["capacity"].sum())
