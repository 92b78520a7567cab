"""The traced allocation adds up again: to what is delivered, and every order's part to production, shipments and stock.

The rules are written again here, from the raw rows and in plain Python: balances of each order, and the share of each
site in it by going round all flows until nothing changes.
"""

from collections import defaultdict
from functools import cache

import pandas as pd
import pytest
from planned import given, planned
from portions import portion
from random_instances import seeds, shuffled
from recompute import Checked, records, same

import planner
from planner.instance.policy import Policy
from planner.plan.allocation import Trace, allocation_table
from planner.plan.measures import pathway_table
from planner.plan.pools import Order, Rest

SEEDS = seeds(20, start=2100)
CLASS_SEEDS = seeds(8, start=2200, integers=False)
STOCK = " (stock)"
FIGURES = {"production": ["started", "finished"], "shipments": ["quantity"], "stock": ["quantity"]}


@cache
def traced(seed):
    """The trace of a seed's plan, the plan as dictionaries, and what each end has of it."""
    mapping, instance, policy = given(seed)
    plan = planned(seed)
    if plan is None:
        pytest.skip("no plan to trace")
    trace = Trace(instance, plan.tables)
    parts = {end: trace.part(end) for end in [*trace.pools.orders, Rest.KEPT]}
    return trace, Checked(mapping, policy, plan), parts


def keys_of(table, name):
    return [
        column
        for column in table.columns
        if column not in {*FIGURES[name], "cost", "freight", "tariff", "holding_cost"}
    ]


@pytest.mark.parametrize("seed", portion(SEEDS, quick=2))
def test_routes_add_up_to_what_is_delivered(seed):
    trace, checked, _ = traced(seed)
    at = checked.at
    sums = defaultdict(float)
    for row in trace.allocation.to_dict("records"):
        assert row["quantity"] > 0
        sums[row["customer"], row["product"], at[row["period"]]] += row["quantity"]
    for key, row in checked.service.items():
        assert sums.pop(key, 0.0) == pytest.approx(row["delivered"], rel=1e-6, abs=1e-9)
    assert not sums


@pytest.mark.parametrize("seed", portion(SEEDS, quick=3))
def test_parts_of_all_orders_and_of_what_is_left_add_up_to_every_row(seed):
    trace, checked, parts = traced(seed)
    at = checked.at
    for name, figures in FIGURES.items():
        table = trace.tables[name]
        keys = keys_of(table, name)
        added = pd.concat([getattr(part, name) for part in parts.values()]).groupby(keys)[figures].sum()
        whole = table.set_index(keys)[figures]
        assert set(added.index) == set(whole.index)
        for key, row in whole.iterrows():
            for figure in figures:
                same(added.loc[key, figure], row[figure], what=(name, key))
    supplied = defaultdict(float)
    for part in parts.values():
        for row in part.supplies.to_dict("records"):
            supplied[row["site"], row["item"], at[row["period"]]] += row["quantity"]
    for key, quantity in checked.data.supply.items():
        same(supplied[key], quantity, what=key)


@pytest.mark.parametrize("seed", portion(SEEDS, quick=4))
def test_the_part_of_each_order_is_a_plan_of_its_own(seed):
    """All that comes into a pool for an order leaves it for the order, down the bill of materials and through yields."""
    _, checked, parts = traced(seed)
    at = checked.at
    data, count = checked.data, checked.data.count
    for end, part in parts.items():
        terms = defaultdict(list)
        for row in part.supplies.to_dict("records"):
            terms[row["site"], row["item"], at[row["period"]]].append(row["quantity"])
        for row in part.production.to_dict("records"):
            site, item, t = row["site"], row["item"], at[row["period"]]
            process = data.process[site, item, row["recipe"], t]
            same(row["finished"], row["started"] * process["yield"])
            terms[site, item, process["finish"]].append(row["started"] * process["yield"])
            for component, quantity in process["bill"].items():
                terms[site, component, t].append(-quantity * row["started"])
        arrived = 0.0
        for row in part.shipments.to_dict("records"):
            terms[row["from"], row["item"], at[row["period"]]].append(-row["quantity"])
            if row["to"] in data.sites:
                terms[row["to"], row["item"], at[row["arrives"]]].append(row["quantity"])
            else:
                assert (row["to"], row["item"], at[row["arrives"]]) == tuple(end)
                arrived += row["quantity"]
        for row in part.stock.to_dict("records"):
            t = at[row["period"]]
            terms[row["site"], row["item"], t].append(-row["quantity"])
            if t + 1 < count:
                terms[row["site"], row["item"], t + 1].append(row["quantity"])
            else:
                assert end is Rest.KEPT
        if end is not Rest.KEPT:
            same(arrived, checked.service[tuple(end)]["delivered"], what=end)
        for key, amounts in terms.items():
            same(sum(amounts), 0.0, amounts, (end, key))


def flows_of(checked):
    """(pool or order, site that is added, quantity, parts): of everything that enters a pool; parts are pools."""
    data, at = checked.data, checked.at
    for (site, item, t), quantity in data.supply.items():
        yield (site, item, t), (item, site + STOCK), quantity, ()
    for (site, item, recipe, t), row in checked.make.items():
        process = data.process[site, item, recipe, t]
        parts = tuple((site, component, t) for component in process["bill"])
        yield (site, item, process["finish"]), (item, site), row["finished"], parts
    for (start, end, item, _), row in checked.ship.items():
        yield ((end, item, at[row["arrives"]]), None, row["quantity"], ((start, item, at[row["period"]]),))
    for (site, item, t), row in checked.kept.items():
        if t + 1 < data.count:
            yield (site, item, t + 1), None, row["quantity"], ((site, item, t),)


def clear_shares(checked, added):
    """For each pool and order, the share of units into which no flow that adds one of `added` has gone.

    One product of shares a start, as any lot of one component meets any lot of another.
    """
    into = defaultdict(list)
    for pool, site, quantity, parts in flows_of(checked):
        into[pool].append((site in added, quantity, parts))
    clear = dict.fromkeys(into, 1.0)
    for _ in range(1000):
        moved = 0.0
        for pool, flows in into.items():
            total = amount = 0.0
            for adds, quantity, parts in flows:
                share = 0.0 if adds else 1.0
                for part in parts:
                    share *= clear.get(part, 1.0)
                total += quantity
                amount += quantity * share
            found = amount / total if total else 1.0
            moved = max(moved, abs(found - clear[pool]))
            clear[pool] = found
        if moved < 1e-12:
            return clear
    raise AssertionError("the shares do not settle")


@pytest.mark.parametrize("seed", portion(SEEDS, quick=4))
def test_each_site_has_its_share_of_each_order(seed):
    """The units of an order that came by a site at a stage: by its routes, and by the flows gone round."""
    trace, checked, _ = traced(seed)
    at = checked.at
    data = checked.data
    stages = trace.instance.stages
    by_site = defaultdict(lambda: defaultdict(float))
    for row in trace.allocation.to_dict("records"):
        order = (row["customer"], row["product"], at[row["period"]])
        for stage in stages:
            for site in filter(None, row[stage].split("+")):
                by_site[stage, site][order] += row["quantity"]
    pairs = {(data.stage[site[0]], site[1]) for _, site, _, _ in flows_of(checked) if site}
    assert set(by_site) <= pairs
    for stage, site in sorted(pairs):
        added = {(item, site) for item in data.items if data.stage[item] == stage}
        clear = clear_shares(checked, added)
        for order, row in checked.service.items():
            if row["delivered"] > 0:
                same(by_site[stage, site][order], row["delivered"] * (1.0 - clear[order]), what=(stage, site, order))


@pytest.mark.parametrize("seed", portion(SEEDS, quick=4))
def test_routes_through_a_region_are_the_blended_exposure_of_the_pathway(seed):
    trace, checked, _ = traced(seed)
    touching = defaultdict(float)
    for row in trace.allocation.to_dict("records"):
        sites = [site for stage in trace.instance.stages for site in filter(None, row[stage].split("+"))]
        for region in {checked.data.region[site.removesuffix(STOCK)] for site in sites}:
            touching[row["customer"], row["product"], row["period"], region] += row["quantity"]
    table = pathway_table(trace.instance, trace.tables)
    table = table[(table["over"] == "region") & (table["customer"] != "") & (table["item"] != "")]
    table = table[table["of"].isin(trace.instance.regions) & (table["period"] != "horizon")]
    for row in table.to_dict("records"):
        found = touching[row["customer"], row["item"], row["period"], row["of"]]
        same(found, row["blended"] * row["delivered"], what=row)


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_row_order_changes_no_byte(seed):
    trace, _, _ = traced(seed)
    mapping, _, policy = given(seed)
    other = planner.load_instance(shuffled(mapping, seed + 1))
    plan = planner.solve(other, policy=policy["name"] if policy else None)
    assert allocation_table(other, plan.tables).to_csv(index=False) == trace.allocation.to_csv(index=False)


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_sites_of_an_order_have_all_of_it(seed):
    trace, checked, parts = traced(seed)
    for order in parts:
        if not isinstance(order, Order):
            continue
        found = trace.sites(order)
        for (_, item), group in found.groupby(["stage", "item"]):
            same(group["share"].sum(), 1.0)
            if item == order.item:
                same(group["units"].sum(), checked.service[tuple(order)]["delivered"])
        assert trace.routes(order)["share"].sum() == pytest.approx(1.0)


@pytest.mark.slow
def test_the_properties_are_not_empty():
    """Among the seeds are joins, stock at the end, opening stock, losses by yield and lots of several sites."""
    seen = set()
    for seed in SEEDS:
        plan = planned(seed)
        if plan is None:
            continue
        trace, checked, parts = traced(seed)
        kept = parts[Rest.KEPT]
        seen |= {"left"} if len(kept.stock) else set()
        seen |= {"work left"} if len(kept.production) else set()
        seen |= {"stock"} if any(checked.data.supply.values()) else set()
        seen |= {"yield"} if any(row["finished"] < row["started"] for row in records(plan, "production")) else set()
        texts = trace.allocation[list(trace.instance.stages)].to_numpy().ravel()
        seen |= {"join"} if any("+" in text for text in texts) else set()
        seen |= {"from stock"} if any(STOCK in text for text in texts) else set()
        seen |= {"several"} if len(trace.allocation) > 2 * len(parts) else set()
    assert seen == {"left", "work left", "stock", "yield", "join", "from stock", "several"}


@cache
def traced_by_class(seed):
    """The trace of a plan under soft pathway limits on two regions."""
    _, instance, _ = given(seed, integers=False)
    regions = sorted({site.region for site in instance.sites})[:2]
    limits = [
        {"name": f"l-{region}", "measure": "pathway", "of": region, "max_share": 0.3, "soft_cost": 5}
        for region in regions
    ]
    try:
        plan = planner.solve(instance, policy=Policy.model_validate({"name": "watching", "limits": limits}))
    except planner.InfeasibleError:
        pytest.skip("no plan to trace")
    return Trace(instance, plan.tables), regions


@pytest.mark.parametrize("seed", portion(CLASS_SEEDS, quick=1))
def test_classes_are_kept_apart(seed):
    """Parts of rows add up by class, and what is clear of a region by class is clear of it by its sites."""
    trace, regions = traced_by_class(seed)
    assert "touched" in trace.tables["production"]
    parts = {end: trace.part(end) for end in [*trace.pools.orders, Rest.KEPT]}
    for name, figures in FIGURES.items():
        table = trace.tables[name]
        keys = keys_of(table, name)
        added = pd.concat([getattr(part, name) for part in parts.values()]).groupby(keys)[figures].sum()
        for key, row in table.set_index(keys)[figures].iterrows():
            for figure in figures:
                same(added.loc[key, figure], row[figure], what=(name, key))
    region_of = {site.site: site.region for site in trace.instance.sites}
    for order in trace.pools.orders:
        touched = trace.touched(order)
        routes = trace.routes(order)
        same(touched["quantity"].sum(), routes["quantity"].sum(), what=order)
        for region in regions:
            clear = sum(row.quantity for row in touched.itertuples() if region not in row.touched.split("+"))
            for row in routes.to_dict("records"):
                sites = [site for stage in trace.instance.stages for site in filter(None, row[stage].split("+"))]
                if region not in {region_of[site.removesuffix(STOCK)] for site in sites}:
                    clear -= row["quantity"]
            assert clear <= 1e-6 * max(1.0, routes["quantity"].sum()), (order, region)


@pytest.mark.slow
def test_some_classes_have_rows():
    found = {
        touched
        for seed in CLASS_SEEDS[:4]
        if planned(seed, integers=False) is not None
        for touched in traced_by_class(seed)[0].tables["shipments"]["touched"]
    }
    assert len(found) > 1
