"""Every figure of the audit of the shipped instance, made again by small programs written from the CSV files alone.

All lanes of the instance take no time and join every site that makes an item with every site that uses it, and every
order may wait. So each item is one pool, whatever site it stands at: what has been used of it by the end of a period
is at most what has been finished by then. That is all the second formulation has; the first test checks the premise.
"""

import csv
from collections import defaultdict
from functools import cache

import highspy
import numpy as np
import pytest
from portions import portion
from shipped import FOLDER, shipped

from planner.study.audit.audit import audit

pytestmark = pytest.mark.shipped

QUARTERS = [f"{year}Q{quarter}" for year in (2026, 2027, 2028, 2029) for quarter in (1, 2, 3, 4)]
REPORTED = range(QUARTERS.index("2027Q1"), QUARTERS.index("2028Q4") + 1)
STAGES = ("wafer", "memory", "substrate", "packaging", "test")
GROUPS = {"east-asia": {"TW", "KR", "JP"}, "south-east-asia": {"SG", "MY"}}
PRODUCTS = ("b300", "h200", "mi355x", "rubin", "tpu7", "trn3")
CLOSE = 1e-6


@cache
def rows(table):
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def window(text):
    first, dots, last = text.partition("..")
    if text in {"", "*"}:
        return range(len(QUARTERS))
    start = QUARTERS.index(first)
    return range(start, start + 1) if not dots else range(start, QUARTERS.index(last) + 1 if last else len(QUARTERS))


@cache
def site(name):
    return next(row for row in rows("sites") if row["site"] == name)


@cache
def stage(item):
    return next(row["stage"] for row in rows("items") if row["item"] == item)


@cache
def capacity():
    """Units of each resource by quarter: of the rows, and of all options."""
    own, added = defaultdict(float), defaultdict(float)
    for row in rows("capacities"):
        for t in window(row["period"]):
            own[row["site"], row["resource"] or row["site"], t] = float(row["capacity"])
    for row in rows("expansions"):
        for t in range(QUARTERS.index(row["period"]), len(QUARTERS)):
            added[row["site"], row["resource"] or row["site"], t] += float(row["capacity"])
    return own, added


@cache
def demand(product):
    found = np.zeros(len(QUARTERS))
    for row in rows("demand"):
        if row["item"] == product:
            found[list(window(row["period"]))] += float(row["quantity"])
    return found


class Pool:
    """The most that can be delivered of some products, avoiding regions at some stages; one pool an item."""

    def __init__(self, products, avoided, stages=STAGES):
        self.highs = highspy.Highs()
        self.highs.silent()
        self.highs.setOptionValue("threads", 1)
        self.demand = sum(demand(product) for product in products)
        self.columns = 0
        pool, lines = defaultdict(list), defaultdict(list)
        own, added = capacity()
        used = defaultdict(list)
        for row in rows("components"):
            used[row["item"]].append((row["component"], float(row["quantity"])))
        needed, fresh = set(), set(products)
        while fresh:
            needed |= fresh
            fresh = {component for item in fresh for component, _ in used[item]} - needed
        for row in rows("processes"):
            item, counts = row["item"], stage(row["item"]) in stages
            if item not in needed or (counts and site(row["site"])["region"] in avoided):
                continue
            resource = (row["site"], row["resource"] or row["site"])
            for t in window(row["period"]):
                finish = t + int(row["lead_time"] or 0)
                if finish >= len(QUARTERS):
                    continue
                start = self.column()
                pool[item, finish].append((start, -float(row["yield"] or 1)))
                for component, quantity in used[item]:
                    pool[component, t].append((start, quantity))
                if counts:
                    lines[(*resource, t)].append((start, float(row["capacity_use"] or 1)))
        self.delivered = [[] for _ in QUARTERS]
        for product in products:
            sent = []
            for t in range(len(QUARTERS)):
                column = self.column()
                self.delivered[t].append(column)
                pool[product, t].append((column, 1.0))
                sent.append((column, 1.0))
                self.row(-np.inf, float(demand(product)[: t + 1].sum()), sent)
        for item in needed:
            taken = []
            for t in range(len(QUARTERS)):
                taken += pool[item, t]
                self.row(-np.inf, 0.0, taken)
        for line, terms in lines.items():
            self.row(-np.inf, own[line] + added[line], terms)
        self.share = self.column(1e6)
        self.first = self.highs.getNumRow()
        for t in range(len(QUARTERS)):
            terms = [(column, 1.0) for column in self.delivered[t]]
            self.row(-np.inf, np.inf, [*terms, (self.share, -self.demand[t] / 1e6)])

    def column(self, upper=np.inf):
        self.highs.addCol(0.0, 0.0, upper, 0, np.zeros(0, np.int32), np.zeros(0))
        self.columns += 1
        return self.columns - 1

    def row(self, lower, upper, terms):
        columns, sizes = zip(*terms, strict=True) if terms else ((), ())
        self.highs.addRow(lower, upper, len(terms), np.array(columns, dtype=np.int32), np.array(sizes, dtype=float))

    def most(self, columns):
        cost = np.zeros(self.columns)
        cost[columns] = -1.0
        self.highs.changeColsCost(self.columns, np.arange(self.columns, dtype=np.int32), cost)
        self.highs.clearSolver()
        self.highs.run()
        assert self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return -self.highs.getObjectiveValue()

    def units(self, periods):
        """The most units in these quarters, at most what is ordered in them."""
        found = self.most([column for t in periods for column in self.delivered[t]])
        return min(found, float(self.demand[list(periods)].sum()))

    def lasting(self, periods):
        """The largest share of its orders that can be delivered in each of these quarters."""
        for t in periods:
            self.highs.changeRowBounds(self.first + t, 0.0, np.inf)
        found = self.most([self.share]) / 1e6
        for t in periods:
            self.highs.changeRowBounds(self.first + t, -np.inf, np.inf)
        return found


@pytest.fixture(scope="module", params=portion([("TW",), ("TW", "KR"), ()], 1, ["TW", "TW and KR", "all"]))
def audited(request):
    """The audit of the region that stops most, in every suite; of two regions, and of all and groups, it is slow."""
    return audit(shipped(), request.param)


def test_every_item_is_one_pool():
    """The premise: lanes of no time between every maker and every user, the same for all customers; orders wait."""
    assert not {row["lead_time"] for row in rows("lanes")} - {"", "0"}
    joined = {(row["from"], row["to"], row["item"]) for row in rows("lanes")}
    makers, users, recipes = defaultdict(set), defaultdict(set), {row["recipe"] for row in rows("components")}
    assert recipes == {"*"}
    for row in rows("processes"):
        makers[row["item"]].add(row["site"])
        for part in rows("components"):
            if part["item"] == row["item"]:
                users[part["component"]].add(row["site"])
    for row in rows("demand"):
        users[row["item"]].add(row["customer"])
        assert row["late_cost"]
    for item, places in users.items():
        for maker in makers[item]:
            for place in places - {maker}:
                assert (maker, place, item) in joined
    for table in ("stocks", "arrivals", "lane_capacities", "outages"):
        assert not (FOLDER / f"{table}.csv").exists()


def test_every_region_and_product_is_there(audited, request):
    asked = request.node.callspec.params["audited"]
    making = set(asked) or {site(row["site"])["region"] for row in rows("processes")} | set(GROUPS)
    expected = {(region, product) for region in making for product in (*PRODUCTS, "*")}
    assert set(zip(audited.free_of["region"], audited.free_of["product"], strict=True)) == expected
    assert len(audited.free_of) == len(expected)
    assert len(audited.free_of_periods) == len(making) * len(PRODUCTS) * len(REPORTED)


def pools(table):
    """(row, pool) for each row of a table, one program a region and product."""
    made = {}
    for row in table.itertuples():
        key = (row.region, row.product)
        if key not in made:
            products = PRODUCTS if row.product == "*" else (row.product,)
            made[key] = Pool(products, GROUPS.get(row.region, {row.region}))
        yield row, made[key]


def test_the_most_over_the_reported_quarters(audited):
    for row, pool in pools(audited.free_of):
        ordered = float(pool.demand[list(REPORTED)].sum())
        units = pool.units(REPORTED)
        assert row.demand == pytest.approx(ordered)
        assert row.units == pytest.approx(units, rel=CLOSE, abs=CLOSE * ordered), row
        assert row.share == pytest.approx(units / ordered, abs=CLOSE), row
        assert row.every_period == pytest.approx(pool.lasting(REPORTED), abs=CLOSE), row


def test_the_most_by_quarter(audited):
    table = audited.free_of_periods
    for row, pool in pools(table):
        at = QUARTERS.index(row.period)
        ordered = float(pool.demand[at])
        assert row.demand == pytest.approx(ordered)
        assert row.units == pytest.approx(pool.units([at]), abs=CLOSE * ordered), row
        assert row.share == pytest.approx(row.units / ordered, abs=CLOSE), row
        assert row.lasting == pytest.approx(pool.lasting(range(at, REPORTED.stop)), abs=CLOSE), row


def test_what_each_stage_lets_through(audited):
    table = audited.free_of_stages
    for row in table.itertuples():
        products = PRODUCTS if row.product == "*" else (row.product,)
        pool = Pool(products, GROUPS.get(row.region, {row.region}), (row.stage,))
        ordered = float(pool.demand[list(REPORTED)].sum())
        assert row.units == pytest.approx(pool.units(REPORTED), abs=CLOSE * ordered), row
        assert row.share == pytest.approx(row.units / ordered, abs=CLOSE)


def test_every_product_can_be_made_in_full_with_every_region(audited):
    """So where less can be made, the region is what stands in the way."""
    assert (audited.free_of["any_region"] == 1).all()
    assert Pool(PRODUCTS, set()).lasting(REPORTED) == pytest.approx(1.0)


def test_the_stage_that_stops_it_has_the_lowest_ceiling(audited):
    for row in audited.free_of.itertuples():
        at = audited.free_of_stages
        found = at[(at["region"] == row.region) & (at["product"] == row.product)].set_index("stage")["share"]
        if row.every_period == 1:
            assert found.empty
            assert not row.stopped_by
        elif row.share < 1:
            assert found.idxmin() == row.stopped_by.split("+")[0]
            assert row.share <= found.min() + CLOSE


def test_what_lets_nothing_through_before_the_first_unit(audited):
    table = audited.free_of[audited.free_of["product"] != "*"]
    for row in table[table["every_period"] < 1].itertuples():
        first = QUARTERS.index(row.first) if isinstance(row.first, str) else REPORTED.stop
        before = range(REPORTED.start, first)
        for one in STAGES if before else ():
            pool = Pool((row.product,), GROUPS.get(row.region, {row.region}), (one,))
            assert (pool.units(before) < 1) == (one in row.waits_for.split("+")), (row, one)


def test_findings_for_a_board(audited, request):
    """The sentences that the README of a board paper would quote; that of South Korea where it was asked about."""
    asked = request.node.callspec.params["audited"]
    said = "\n".join(audited.findings)
    assert "Free of Taiwan: at most 5.1 % of rubin over 2027Q1..2028Q4, none until 2028Q1; stopped by packaging" in said
    assert ("Free of South Korea: no rubin at all over 2027Q1..2028Q4; stopped by memory" in said) == (asked != ("TW",))
    assert "5 sites but one operator (tsmc) and one region (Taiwan) for b300-package and rubin-package" in said
    assert audited.findings[0].startswith("Free of Taiwan, all products together: at most 11.9 %")


def reported_capacity(level, kind):
    """Capacity of a stage by region, operator, cluster or site in the quarters in which something may start on it."""
    found = defaultdict(float)
    open_at = defaultdict(set)
    for row in rows("processes"):
        key = (row["site"], row["resource"] or row["site"], stage(row["item"]))
        open_at[key] |= set(window(row["period"])) & set(REPORTED)
    for (name, resource, at_stage), quarters in open_at.items():
        holder = name if level == "site" else site(name)[level] or name
        found[at_stage, holder] += sum(capacity()[kind][name, resource, t] for t in quarters)
    return found


@pytest.mark.parametrize("level", ["region", "operator", "cluster", "site"])
def test_capacity_and_its_concentration(audited, level):
    own, added = reported_capacity(level, 0), reported_capacity(level, 1)
    table = audited.capacity[audited.capacity["over"] == level]
    assert set(zip(table["stage"], table["of"], strict=True)) == set(own)
    for row in table.itertuples():
        total = sum(value for (at, _), value in own.items() if at == row.stage)
        every = total + sum(value for (at, _), value in added.items() if at == row.stage)
        key = (row.stage, row.of)
        assert row.capacity == pytest.approx(own[key], rel=CLOSE)
        assert row.options == pytest.approx(added[key], rel=CLOSE)
        assert row.share == pytest.approx(own[key] / total, rel=CLOSE)
        assert row.share_with_options == pytest.approx((own[key] + added[key]) / every, rel=CLOSE)
    for row in audited.concentration[audited.concentration["over"] == level].itertuples():
        shares = np.array([value for (at, _), value in own.items() if at == row.stage])
        assert row.hhi == pytest.approx(((100 * shares / shares.sum()) ** 2).sum(), rel=CLOSE)
        assert row.holders == (shares > 0).sum()


def test_sources(audited):
    table = audited.sources
    own, _ = capacity()
    for item in {row["item"] for row in rows("processes")}:
        part = table[(table["item"] == item) & (table["recipe"] == "*")]
        covered = [t for row in part.itertuples() for t in window(row.period)]
        assert covered == list(REPORTED)
        for row in part.itertuples():
            for t in window(row.period):
                able = {
                    process["site"]
                    for process in rows("processes")
                    if process["item"] == item
                    and t in window(process["period"])
                    and own[process["site"], process["resource"] or process["site"], t] > 0
                }
                assert set(row.makers.split("+")) == able
                assert row.sites == len(able)
                assert row.operators == len({site(name)["operator"] for name in able})
                assert row.regions == len({site(name)["region"] for name in able})


def test_behind_several_sites(audited):
    table = audited.behind
    counted = defaultdict(set)
    for row in rows("sites"):
        counted["operator", row["operator"]].add(row["site"])
        counted["cluster", row["cluster"]].add(row["site"])
    expected = {key: names for key, names in counted.items() if len(names) > 1}
    found = {(row.over, row.of): set(row.names.split("+")) for row in table.itertuples()}
    assert found == expected
    for row in table.itertuples():
        shares = audited.capacity
        at = (shares["stage"] == row.stage) & (shares["over"] == row.over) & (shares["of"] == row.of)
        assert row.share == pytest.approx(float(shares.loc[at, "share"].iloc[0]))
