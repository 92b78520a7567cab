"""Sources and lots against brute force: every pattern of used sites and started lots, each a linear program of its own.

The linear programs are of the instance without min_lot and of the policy without sources: a site that is not used and
a lot that is not started have starts of 0, a started lot has a least start, a used site its least share. No figure for
the most that can be made takes part, so that a wrong one of the planner's would show.
"""

import itertools
import random
from functools import cache

import highspy
import numpy as np
import pytest
from portions import portion

import planner
from planner.plan.tables import plan_tables
from planner.solve import SolveOptions, Status, certify, solve_program

SEEDS = range(50)
FREE = {"name": "free", "measure": "stage", "over": "site", "of": "each", "max_share": 1}  # keeps what it counts


def given(seed):
    """An instance as a mapping, its sources and its limits."""
    rng = random.Random(seed)
    periods = ["P1", "P2"][: rng.choice([1, 1, 2])]
    joined = rng.random() < 0.5
    plants = ["a", "b", "c"][: rng.choice([2, 3]) if len(periods) == 1 else 2]
    sites = [{"site": site, "region": rng.choice(["TW", "US"])} for site in plants]
    processes = [
        {
            "site": site,
            "item": "unit",
            "recipe": recipe,
            "unit_cost": rng.choice([1, 2, 3, 5, 8]),
            "yield": rng.choice([1, 1, 0.8, 0.5]),
            "lead_time": rng.choice([0, 0, 1]) if len(periods) > 1 else 0,
            "capacity_use": rng.choice([1, 1, 0.5, 2]),
            "min_lot": rng.choice([0, 0, 6, 25]),
        }
        for site in plants
        for recipe in (["standard", "lean"] if len(periods) == 1 and rng.random() < 0.2 else ["standard"])
    ]
    capacities = [{"site": site, "capacity": rng.choice([5, 12, 30, 1e6])} for site in plants if rng.random() < 0.6]
    lanes = [{"from": site, "to": "shop", "unit_cost": rng.choice([0, 1, 2])} for site in plants if rng.random() < 0.9]
    lanes.append({"from": plants[0], "to": "lab", "unit_cost": 1})
    items = [{"item": "unit", "stage": "make", "holding_cost": rng.choice([0, 0.5])}]
    components, stocks = [], []
    if joined:
        items.append({"item": "part", "stage": "parts", "holding_cost": 0.25})
        components = [{"item": "unit", "component": "part", "quantity": rng.choice([1, 2])}]
        sites += [{"site": "x", "region": "TW"}, {"site": "y", "region": "US"}]
        processes += [
            {"site": site, "item": "part", "unit_cost": rng.choice([1, 2, 4]), "min_lot": rng.choice([0, 0, 15])}
            for site in ("x", "y")
        ]
        lanes += [{"from": site, "to": plant, "item": "part"} for site in ("x", "y") for plant in plants]
    if rng.random() < 0.3:
        stocks = [{"site": plants[0], "item": "unit", "opening": rng.choice([0, 3]), "maximum": rng.choice([4, 20])}]
    mapping = {
        "name": "sourcing",
        "periods": periods,
        "stages": ["parts", "make"],
        "sites": sites,
        "items": items,
        "processes": processes,
        "capacities": capacities,
        "components": components,
        "customers": [{"customer": "shop", "region": "US"}, {"customer": "lab", "region": "TW"}],
        "demand": [
            {
                "customer": customer,
                "item": "unit",
                "period": period,
                "quantity": rng.choice([4, 7, 10, 18]),
                "price": rng.choice([3, 10, 40]),
                "must_serve": rng.choice([0, 0, 0, 1]),
                **({"late_cost": 1} if rng.random() < 0.3 else {}),
            }
            for customer in ("shop", "lab")
            for period in periods
        ],
        "lanes": lanes,
        "stocks": stocks,
    }
    if rng.random() < 0.3:
        mapping["commitments"] = [
            {
                "commitment": "deal",
                "site": plants[-1],
                "item": "unit",
                "minimum": 9,
                "shortfall_cost": rng.choice([1, 50]),
            }
        ]
    if rng.random() < 0.3:
        site = rng.choice(plants)
        mapping["expansions"] = [{"option": "more", "site": site, "period": "P1", "capacity": 10, "unit_cost": 0.5}]
    ruled = ["make", *(["parts"] if joined and rng.random() < 0.4 else [])]
    rules = [{"stage": stage, **rule} for stage in ruled if (rule := rng.choice(RULES)) is not None]
    limits = [{**FREE, "name": f"free-{stage}", "stage": stage} for stage in ("make", *(["parts"] if joined else []))]
    if rng.random() < 0.3:
        share = rng.choice([0.5, 0.7])
        limits.append({"name": "tw", "measure": "stage", "stage": "make", "of": "TW", "max_share": share})
    if rng.random() < 0.25:
        limits.append({"name": "path", "measure": "pathway", "of": "TW", "max_share": 0.8, "customers": ["shop"]})
    return mapping, rules, limits


RULES = [
    {"max_sources": 1},
    {"max_sources": 2, "min_share_if_used": 0.3},
    {"max_sources": 2, "min_sources": 2, "min_share_if_used": 0.2},
    {"min_sources": 2, "min_share_if_used": 0.5},
    {"min_share_if_used": 0.4},
    None,
]


def policy_of(rules, limits):
    return planner.Policy.model_validate({"name": "p", "sources": rules, "limits": limits})


@cache
def brute(seed):
    """The least cost over all patterns; None where none has a plan; and how many there are."""
    mapping, rules, limits = given(seed)
    lots = {}
    for row in mapping["processes"]:
        if row["min_lot"]:
            key = (row["site"], row["item"], row.get("recipe", "standard"))
            lots |= {(*key, period): row["min_lot"] for period in mapping["periods"]}
    plain = {**mapping, "processes": [{**row, "min_lot": 0} for row in mapping["processes"]]}
    program = planner.formulate(planner.load_instance(plain), policy_of([], limits))
    stages = {row["item"]: row["stage"] for row in mapping["items"]}
    ruled = {rule["stage"]: rule for rule in rules}
    table = program.make.labelled
    starts = {}
    columns = table[["site", "item", "recipe", "period", "yield"]].itertuples(index=False, name=None)
    for column, (*key, good) in enumerate(columns, program.make.first):
        starts.setdefault(tuple(key), []).append((column, good))
    lots = {key: size for key, size in lots.items() if key in starts}
    sites = {}
    for site, item, _, period in starts:
        if stages[item] in ruled:
            sites.setdefault((item, period), set()).add(site)
    model = Patterns(program)
    choices = [
        [
            (key, used)
            for count in range(len(makers) + 1)
            for used in itertools.combinations(sorted(makers), count)
            if allowed(ruled[stages[key[0]]], count)
        ]
        for key, makers in sites.items()
    ]
    rows = {}
    for key, makers in sites.items():
        share = ruled[stages[key[0]]].get("min_share_if_used")
        if share:
            outputs = [
                (site, column, good)
                for (site, item, _, period), parts in starts.items()
                if (item, period) == key
                for column, good in parts
            ]
            for site in makers:
                entries = {column: good * (share - (maker == site)) for maker, column, good in outputs}
                rows[site, *key] = model.add_row(entries)
    lot_rows = {key: model.add_row({column: 1.0 for column, _ in starts[key]}) for key in lots}
    best, tried = None, 0
    for used in itertools.product(*choices):
        chosen = {(site, *key) for key, makers in used for site in makers}
        ruled_out = {key for key in starts if stages[key[1]] in ruled and (key[0], key[1], key[3]) not in chosen}
        open_lots = [key for key in lots if key not in ruled_out]
        for count in range(len(open_lots) + 1):
            for started in itertools.combinations(open_lots, count):
                tried += 1
                closed = ruled_out | (set(lots) - set(started))
                cost = model.cost(
                    [column for key in closed for column, _ in starts[key]],
                    {rows[name]: (-np.inf, 0.0) for name in chosen if name in rows}
                    | {lot_rows[key]: (lots[key], np.inf) for key in started},
                )
                if cost is not None and (best is None or cost < best):
                    best = cost
    return best, tried


def allowed(rule, count):
    """Whether a number of sites may make an item in a period."""
    return not count or rule.get("min_sources", 0) <= count <= rule.get("max_sources", count)


class Patterns:
    """A linear program in HiGHS whose starts can be closed and whose further rows can be switched on."""

    def __init__(self, program):
        matrix, numbers = program.matrix(), program.numbers
        self.highs = highspy.Highs()
        self.highs.silent()
        self.highs.setOptionValue("threads", 1)
        self.upper = numbers.upper
        for column in range(program.columns):
            self.highs.addCol(numbers.cost[column], numbers.lower[column], numbers.upper[column], 0, [], [])
        for row in range(len(matrix.lower)):
            entries = {}
            at = matrix.row == row
            for column, value in zip(matrix.column[at], matrix.coefficient[at], strict=True):
                entries[int(column)] = entries.get(int(column), 0.0) + float(value)
            self.add_row(entries, matrix.lower[row], matrix.upper[row])
        assert not program.integer.any()

    def add_row(self, entries, lower=-np.inf, upper=np.inf):
        """Add a row, free unless it is bounded, and return its number."""
        at = np.array(list(entries), dtype=np.int32)
        self.highs.addRow(lower, upper, len(entries), at, np.array(list(entries.values())))
        return self.highs.getNumRow() - 1

    def cost(self, closed, rows):
        """The least cost with some columns at 0 and some rows bounded; None where there is no plan."""
        for column in closed:
            self.highs.changeColBounds(column, 0.0, 0.0)
        for row, (lower, upper) in rows.items():
            self.highs.changeRowBounds(row, lower, upper)
        self.highs.run()
        found = self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        cost = self.highs.getObjectiveValue() if found else None
        for column in closed:
            self.highs.changeColBounds(column, 0.0, self.upper[column])
        for row in rows:
            self.highs.changeRowBounds(row, -np.inf, np.inf)
        return cost


@cache
def formulated(seed):
    mapping, rules, limits = given(seed)
    return planner.formulate(planner.load_instance(mapping), policy_of(rules, limits))


@cache
def certified(seed, solver="HiGHS"):
    """The certified cost, or None where there is no plan."""
    program = formulated(seed)
    solution = solve_program(program, SolveOptions(solver=solver))
    if solution.status is Status.INFEASIBLE:
        return None
    certificate = certify(program, solution, plan_tables(program, solution))
    assert certificate.passed, certificate.failures
    assert solution.status is Status.OPTIMAL
    return solution.objective


@pytest.mark.parametrize("seed", portion(SEEDS, quick=2))
def test_the_least_cost_is_that_of_the_best_pattern(seed):
    best, _ = brute(seed)
    found = certified(seed)
    assert (found is None) == (best is None)
    if best is not None:
        assert found == pytest.approx(best, rel=2e-6, abs=1e-6)


@pytest.mark.parametrize("seed", portion(list(SEEDS)[::4], quick=2))
def test_solvers_agree(seed):
    found = certified(seed)
    other = certified(seed, solver="cbc")
    assert other == found or other == pytest.approx(found, rel=2e-6, abs=1e-6)


@pytest.mark.slow
def test_the_instances_are_not_all_alike():
    """Both outcomes, and every kind of row, bind in some of them."""
    assert sum(certified(seed) is None for seed in SEEDS) >= 3
    assert sum(certified(seed) is not None for seed in SEEDS) >= 30
    written = {rows.family.name for seed in SEEDS for rows in formulated(seed).families if len(rows)}
    assert written >= {"source_use", "source_count_max", "source_count_min", "source_share", "lot_use", "lot_minimum"}
    assert sum(brute(seed)[1] for seed in SEEDS) > 1000
    assert any(formulated(seed).network.watches and len(formulated(seed).use) for seed in SEEDS)
