"""Pathway exposure of random plans: in order, and equal to a plain reading of the definitions."""

import random
from collections import defaultdict
from copy import deepcopy
from functools import cache

import pulp
import pytest
from planned import given, planned
from portions import portion
from random_instances import seeds
from raw_reading import Reading

import planner
from planner.instance.policy import Policy
from planner.network.watches import watches_of
from planner.plan.measures import pathway_exposure, pathway_table

SEEDS = seeds(24)
SMALL = 1e-6


@cache
def travelled(seed):
    """The mapping and instance of a seed, some of whose opening stock and arrivals have touched other regions."""
    rng, mapping = random.Random(seed), deepcopy(given(seed)[0])
    regions = sorted({row["region"] for row in mapping["sites"]})
    for row in [*mapping.get("stocks", []), *mapping.get("arrivals", [])]:
        row["touched"] = "+".join(rng.sample(regions, min(rng.choice([0, 1, 1, 2]), len(regions))))
    return mapping, planner.load_instance(mapping)


@cache
def measured(seed):
    _, instance = travelled(seed)
    plan = planned(seed)
    if plan is None:
        pytest.skip("no plan to measure")
    table = pathway_table(instance, plan.tables)
    if table.empty:
        pytest.skip("nothing is delivered")
    return table


def figures(table):
    keys = ["customer", "item", "period"]
    return {of: rows.set_index(keys) for of, rows in table[table["over"] == "region"].groupby("of")}


class Raw:
    """The flows of a plan from the raw rows: (what it takes, where it goes, units there, regions that it touches)."""

    def __init__(self, mapping, plan):
        self.data = Reading(mapping)
        at = {label: t for t, label in enumerate(self.data.labels)}
        self.flows = []
        self.deliveries = defaultdict(list)
        for row in plan.production.to_dict("records"):
            part = self.data.process[row["site"], row["item"], row["recipe"], at[row["period"]]]
            takes = {
                (row["site"], component, at[row["period"]]): quantity * row["started"]
                for component, quantity in part["bill"].items()
            }
            goal = (row["site"], row["item"], part["finish"])
            self.flows.append((takes, goal, row["finished"], {self.data.region[row["site"]]}))
        for row in plan.shipments.to_dict("records"):
            takes = {(row["from"], row["item"], at[row["period"]]): row["quantity"]}
            goal = (row["to"], row["item"], at[row["arrives"]])
            if row["to"] in self.data.customers:
                self.deliveries[goal].append(len(self.flows))
                goal = None
            self.flows.append((takes, goal, row["quantity"], set()))
        for row in plan.stock.to_dict("records"):
            t = at[row["period"]]
            goal = (row["site"], row["item"], t + 1) if t + 1 < self.data.count else None
            self.flows.append(({(row["site"], row["item"], t): row["quantity"]}, goal, row["quantity"], set()))
        for table, window in (("stocks", lambda _: [0]), ("arrivals", lambda row: self.data.window(row["period"]))):
            for row in self.data.rows(table):
                units = float(row.get("opening", row.get("quantity", 0)) or 0)
                if units:
                    touched = {self.data.region[row["site"]], *filter(None, str(row.get("touched", "")).split("+"))}
                    self.flows += [({}, (row["site"], row["item"], t), units, touched) for t in window(row)]

    def blended(self, regions):
        """The touched share of every flow, by passing over the flows until nothing moves."""
        exposed = defaultdict(float)
        shares = []
        for _ in range(2000):
            shares = []
            total, inside = defaultdict(float), defaultdict(float)
            for takes, goal, units, touched in self.flows:
                clear = 0.0 if touched & regions else 1.0
                for pool in takes:
                    clear *= 1 - exposed[pool]
                shares.append(1 - clear)
                if goal is not None:
                    total[goal] += units
                    inside[goal] += units * (1 - clear)
            new = {pool: inside[pool] / total[pool] for pool in total}
            if all(abs(new[pool] - exposed[pool]) < 1e-13 for pool in new):
                return shares
            exposed.update(new)
        raise AssertionError("no end")

    def least(self, regions, scope):
        """The smallest touched units of some deliveries, as an LP over the two classes."""
        problem = pulp.LpProblem("least", pulp.LpMaximize)
        clear = [
            problem.add_variable(f"clear_{number}", 0, 0 if touched & regions else 1)
            for number, (_, _, _, touched) in enumerate(self.flows)
        ]
        problem += pulp.lpSum(self.units(number) * clear[number] for number in scope)
        rows = defaultdict(list)
        for number, (takes, goal, units, _) in enumerate(self.flows):
            for pool, taken in takes.items():
                rows[pool].append(taken * clear[number])
            if goal is not None:
                rows[goal].append(-units * clear[number])
        for terms in rows.values():
            problem += pulp.lpSum(terms) <= SMALL
        problem.solve(pulp.HiGHS(msg=False, threads=1))
        return sum(self.units(number) for number in scope) - pulp.value(problem.objective)

    def units(self, number):
        return next(iter(self.flows[number][0].values()))


@pytest.mark.parametrize("seed", portion(SEEDS, quick=2))
def test_least_is_below_and_everything_between_0_and_1(seed):
    table = measured(seed)
    assert (table["least"] <= table["blended"]).all()
    assert (table["share"] == table["blended"]).all()  # no class is written
    assert (table[["share", "blended", "least"]] >= 0).all(axis=None)
    assert (table[["share", "blended", "least"]] <= 1).all(axis=None)
    assert (table["delivered"] > 0).all()


@pytest.mark.parametrize("seed", portion(SEEDS, quick=4))
def test_a_group_is_exposed_at_least_as_its_members_and_the_world_wholly(seed):
    mapping, _ = travelled(seed)
    tables = figures(measured(seed))
    world = tables["world"]
    for region in mapping["region_groups"]["world"]:
        if region in tables:
            for name in ("blended", "least"):
                assert (tables[region][name] <= world[name] + 1e-9).all()
    assert (world[["share", "blended", "least"]] == 1).all(axis=None)


@pytest.mark.parametrize("seed", portion(SEEDS, quick=4))
def test_wholes_are_made_of_their_parts(seed):
    for table in figures(measured(seed)).values():
        for level in (("customer", "item"), ("customer",), ("item",)):
            whole = table.xs(("", ""), level=("customer", "item"))
            parts = table.reset_index()
            for name in ("customer", "item"):
                parts = parts[(parts[name] != "") if name in level else (parts[name] == "")]
            units = parts["delivered"].groupby(parts["period"]).sum()
            assert units.to_dict() == pytest.approx(whole["delivered"].to_dict(), rel=1e-7)
            blended = (parts["delivered"] * parts["blended"]).groupby(parts["period"]).sum() / units
            assert blended.to_dict() == pytest.approx(whole["blended"].to_dict(), rel=1e-7, abs=1e-9)
            least = (parts["delivered"] * parts["least"]).groupby(parts["period"]).sum() / units
            assert (least <= whole["least"].reindex(least.index) + 1e-7).all()


@pytest.mark.parametrize("seed", portion(SEEDS, quick=4))
def test_exposure_rows_are_those_of_everything_together(seed):
    _, instance = travelled(seed)
    table = measured(seed)
    rows = pathway_exposure(instance, planned(seed).tables)
    whole = table[(table["customer"] == "") & (table["item"] == "")].reset_index(drop=True)
    for name in ("over", "of", "period", "blended", "share"):
        assert list(rows[name]) == list(whole[name])
    assert list(rows["least"]) == pytest.approx(list(whole["least"]), rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("seed", portion(SEEDS[:10], quick=4))
def test_both_are_what_a_plain_reading_gives(seed):
    mapping, _ = travelled(seed)
    tables = figures(measured(seed))
    raw = Raw(mapping, planned(seed))
    labels = raw.data.labels
    for of, table in tables.items():
        regions = set(raw.data.members(of))
        exposed = raw.blended(regions)
        for (customer, item, period), row in table.iterrows():
            scope = [
                number
                for (to, what, t), numbers in raw.deliveries.items()
                for number in numbers
                if customer in ("", to)
                and item in ("", what)
                and (t in raw.data.reported if period == "horizon" else labels[t] == period)
            ]
            units = sum(raw.units(number) for number in scope)
            assert row["delivered"] == pytest.approx(units, rel=1e-8)
            blended = sum(exposed[number] * raw.units(number) for number in scope) / units
            assert row["blended"] == pytest.approx(blended, abs=1e-7)
            if item == "" or period == "horizon":  # the others are as many again
                assert row["least"] * units == pytest.approx(raw.least(regions, scope), abs=1e-4), (of, period)


@pytest.mark.parametrize("seed", portion(SEEDS[:6], quick=1))
def test_classes_say_no_less_than_the_least_and_what_the_limit_says(seed):
    mapping = {**travelled(seed)[0], "report_periods": "*"}
    instance, region = planner.load_instance(mapping), mapping["sites"][0]["region"]
    limit = {"name": "l", "measure": "pathway", "of": region, "max_share": 0.5, "per": "horizon", "soft_cost": 20}
    policy = Policy.model_validate({"name": "watching", "limits": [limit]})
    try:
        plan = planner.solve(instance, policy=policy)
    except planner.InfeasibleError:
        pytest.skip("no plan to measure")
    table = pathway_table(instance, plan.tables, watches_of(instance, policy))
    if table.empty:
        pytest.skip("nothing is delivered")
    assert (table["least"] <= table["share"]).all()
    assert (table["least"] <= table["blended"]).all()
    other = table[table["of"] != region]
    assert (other["share"] == other["blended"]).all()
    whole = figures(table)[region].loc[("", "", "horizon")] if region in set(table["of"]) else {"share": 0.0}
    assert whole["share"] == pytest.approx(plan.limits.set_index("limit").loc["l", "share"], rel=1e-7, abs=1e-9)
