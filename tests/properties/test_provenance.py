"""Pathway limits on random instances: against an enumeration of ways, and what must hold between plans."""

from copy import deepcopy
from functools import cache
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import recompute
from classes import check_classes
from planned import given, texts
from portions import portion
from random_instances import seeds, shuffled
from raw_reading import Reading
from routes import GROUP, INFEASIBLE, Columns, chain, least_by_ways, together

import planner
from planner.model import write_program
from planner.network import build_network

CHAINS = 200


def optimum(program, cost=None, shift=None):
    """The values of an optimal plan of a program's matrix, by HiGHS; None where there is none.

    Args:
        program: what to solve; every lower bound is 0, and nothing is integer.
        cost: the cost of each column, if not the program's.
        shift: {row: what is added to both its sides}.
    """
    matrix, numbers = program.matrix(), program.numbers
    assert (numbers.lower == 0).all()
    assert not program.integer.any()
    columns = Columns()
    columns.cost, columns.upper = numbers.cost if cost is None else cost, numbers.upper
    moved = np.zeros(len(matrix.lower))
    for row, amount in (shift or {}).items():
        moved[row] = amount
    order = np.argsort(matrix.row, kind="stable")
    stops = np.searchsorted(matrix.row[order], np.arange(len(matrix.lower)), side="right")
    parts = np.split(np.column_stack([matrix.column, matrix.coefficient])[order], stops[:-1])
    for part, lower, upper in zip(parts, matrix.lower + moved, matrix.upper + moved, strict=True):
        columns.require([(int(column), size) for column, size in part], lower, upper)
    return columns.solved()


def written(mapping, policy="traced"):
    instance = planner.load_instance(mapping)
    return write_program(build_network(instance, instance.policy(policy)))


def touchable(mappings):
    """The regions that units can touch: where something is made or stands at first, and what that has touched."""
    regions = set()
    for mapping in mappings:
        data = Reading(mapping)
        regions |= {data.region[row["site"]] for row in [*data.rows("processes"), *data.standing()]}
        regions |= {region for row in data.standing() for region in str(row.get("touched") or "").split("+") if region}
    return sorted(regions)


def cost_by_chain(program, values, names):
    """What each chain of an instance costs: the first label of each decision begins with the chain's name."""
    paid = program.numbers.cost * values
    found = dict.fromkeys(names, 0.0)
    for block in program.blocks:
        for offset, label in enumerate(block.labels()):
            first = label if isinstance(label, str) else label[0]
            found[first.split(".")[0] + "."] += paid[block.first + offset]
    return found


@pytest.mark.parametrize("first", portion(range(0, CHAINS, 50), quick=1))
def test_classes_and_ways_agree(first):
    """Least cost with hard and soft caps and floors: by classes and by complete ways of units."""
    bound, impossible, wrong = 0, [], []
    for group in range(first, first + 50, GROUP):
        names = {seed: f"x{seed}." for seed in range(group, group + GROUP)}
        chains = {seed: chain(seed, name) for seed, name in names.items()}
        each = touchable(chains.values())
        wanted = {
            seed: least_by_ways(mapping, mapping["policies"][0]["limits"], each=each)
            for seed, mapping in chains.items()
        }
        free = {seed: least_by_ways(mapping, []) for seed, mapping in chains.items()}
        possible = [seed for seed, cost in wanted.items() if cost != INFEASIBLE]
        impossible += [seed for seed in names if seed not in possible]
        bound += sum(wanted[seed] > free[seed] * (1 + 1e-6) + 1e-6 for seed in possible)
        watched_by_all = together(list(chains.values()))
        program = written({**watched_by_all, **_only(watched_by_all, [names[seed] for seed in possible])})
        values = optimum(program)
        assert values is not None, f"chains {group} and following"
        found = cost_by_chain(program, values, names.values())
        wrong += [
            (seed, wanted[seed], found[names[seed]])
            for seed in possible
            if found[names[seed]] != pytest.approx(wanted[seed], rel=1e-7, abs=1e-6)
        ]
    assert not wrong
    assert bound >= 15  # of 50: the limits cost something
    assert len(impossible) <= 20
    for seed in impossible[:4]:
        mapping = chain(seed)
        assert least_by_ways(mapping, mapping["policies"][0]["limits"], each=touchable([mapping])) == INFEASIBLE
        assert optimum(written(mapping)) is None, seed


def _only(mapping, names):
    """The limits and orders of some chains: the others stand idle."""
    limits = [row for row in mapping["policies"][0]["limits"] if row["name"].startswith(tuple(names))]
    demand = [row for row in mapping["demand"] if row["customer"].startswith(tuple(names))]
    return {"policies": [{"name": "traced", "limits": limits}], "demand": demand}


@pytest.mark.parametrize("of", portion(["TW", "asia"], quick=1))
def test_least_possible_exposure(of):
    """The fewest units that must touch a region if every order is served, whatever that costs."""
    exposed = served = 0
    for group in range(1000, 1040, GROUP):
        names = {seed: f"x{seed}." for seed in range(group, group + GROUP)}
        chains = {seed: _all_served(chain(seed, name), name, of) for seed, name in names.items()}
        least = {
            seed: least_by_ways(mapping, mapping["policies"][0]["limits"], exposure=True)
            for seed, mapping in chains.items()
        }
        possible = {names[seed]: cost for seed, cost in least.items() if cost != INFEASIBLE}
        whole = together(list(chains.values()))
        program = written({**whole, **_only(whole, list(possible))})
        touched = np.zeros(program.columns)
        touched[program.excess.span] = 1.0
        values = optimum(program, touched)
        assert values is not None
        found = dict.fromkeys(possible, 0.0)
        for offset, (limit, _, _) in enumerate(program.excess.labels()):
            found[limit.split(".")[0] + "."] += values[program.excess.first + offset]
        assert found == pytest.approx(possible, rel=1e-7, abs=1e-6), group
        exposed += sum(cost > 1e-6 for cost in possible.values())
        served += len(possible)
    assert served >= 20
    assert 5 <= exposed < served


def _all_served(mapping, name, of):
    """A chain with a tenth of its orders, all of which must be served, and a soft cap of nothing that touches `of`."""
    demand = [{**row, "quantity": row["quantity"] / 10, "must_serve": 1} for row in mapping["demand"]]
    customers = [row["customer"] for row in mapping["customers"]]
    limit = {"name": f"{name}all", "measure": "pathway", "of": of, "max_share": 0, "soft_cost": 1}
    policy = {"name": "traced", "limits": [{**limit, "customers": customers}]}
    return {**mapping, "demand": demand, "policies": [policy]}


# ------------------------------------------------------------------------------------------- relations between plans

SEEDS = seeds(6, start=1500, integers=False)


@cache
def traced(seed):
    """A random instance with what its stock has touched, and pathway limits that fit it."""
    mapping = deepcopy(given(seed, integers=False)[0])
    rng = np.random.default_rng(seed)
    data = Reading(mapping)
    there = sorted(set(data.region.values()))
    for table in ("stocks", "arrivals"):
        for row in mapping.get(table, []):
            if rng.random() < 0.5:
                row["touched"] = str(rng.choice(there))
    makes = sorted({data.region[row["site"]] for row in mapping["processes"]})
    first, second = (str(rng.choice(makes)) for _ in range(2))
    cap = {"name": "cap", "measure": "pathway", "of": first, "max_share": float(rng.choice([0.3, 0.5, 0.8]))}
    floor = {
        "name": "floor",
        "measure": "pathway",
        "of": second,
        "min_free": 0.6,
        "per": "horizon",
        "weight": "value",
        "soft_cost": 0.8,
    }
    operators = sorted({data.operator[row["site"]] for row in mapping["processes"]})
    company = {"name": "company", "measure": "pathway", "over": "operator", "of": str(rng.choice(operators))}
    company |= {"max_share": 0.5, "soft_cost": 3.0, "customers": [min(data.customers)]}
    if rng.random() < 0.6:
        cap["soft_cost"] = 15.0
    return mapping, [cap, floor, company]


def loaded(mapping, limits):
    stages = [row for row in mapping["policies"][0]["limits"] if row["name"] == "limit-0"]
    return planner.load_instance({**mapping, "policies": [{"name": "p", "limits": [*stages, *limits]}]})


def plan_of(mapping, limits, **options):
    """The plan under the instance's first stage limit and these; None where there is none."""
    try:
        return planner.solve(loaded(mapping, limits), policy="p", **options)
    except planner.InfeasibleError:
        return None


@cache
def traced_plan(seed):
    return plan_of(*traced(seed))


@cache
def free_plan(seed):
    return plan_of(traced(seed)[0], [])


def cost_of(plan):
    return np.inf if plan is None else plan.objective


KEYS = {
    "production": ["site", "region", "operator", "stage", "item", "recipe", "period"],
    "shipments": ["from", "from_region", "to", "to_region", "item", "period", "arrives"],
    "stock": ["site", "region", "item", "period"],
}


def without_classes(tables):
    """Tables as they are without classes: summed over what units have touched."""
    found = {name: table for name, table in tables.items() if name != "relabelled"}
    for name, keys in KEYS.items():
        if "touched" in found[name]:
            found[name] = found[name].drop(columns="touched").groupby(keys, as_index=False).sum(numeric_only=True)
    return found


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_caps_of_one_and_floors_of_nothing_change_nothing(seed):
    """Not the cost; and of the plans of least cost the one without classes can be kept unit by unit."""
    mapping, limits = traced(seed)
    free = free_plan(seed)
    if free is None:
        pytest.skip("no plan to compare")
    idle = [{**row, "max_share": 1.0} if "max_share" in row else {**row, "min_free": 0.0} for row in limits]
    idle = [{name: value for name, value in row.items() if name != "soft_cost"} for row in idle]
    plan = plan_of(mapping, idle, stay_close_to=free)
    assert plan.objective == pytest.approx(free.objective, rel=1e-9)
    assert "touched" in plan.production
    ours, theirs = without_classes(plan.tables), without_classes(free.tables)
    for name in ("production", "shipments", "stock", "service", "expansions", "commitments"):
        figures = list(theirs[name].select_dtypes("number").columns)
        labels = [column for column in theirs[name] if column not in figures]
        assert ours[name][labels].to_numpy().tolist() == theirs[name][labels].to_numpy().tolist(), name
        scale = float(theirs[name][figures].abs().max(axis=None)) if len(theirs[name]) else 0.0
        assert ours[name][figures].to_numpy() == pytest.approx(
            theirs[name][figures].to_numpy(), rel=1e-6, abs=1e-7 * scale, nan_ok=True
        )


@pytest.mark.slow
@pytest.mark.parametrize("seed", portion(SEEDS[:5], quick=1))
def test_a_tighter_limit_never_costs_less(seed):
    mapping, limits = traced(seed)
    tighter = [
        {**row, "max_share": row["max_share"] / 2} if "max_share" in row else {**row, "min_free": 0.9} for row in limits
    ]
    costs = [cost_of(free_plan(seed)), cost_of(traced_plan(seed)), cost_of(plan_of(mapping, tighter))]
    for cheaper, dearer in pairwise(costs):
        assert cheaper <= dearer + 1e-7 * (1 + abs(cheaper))


@pytest.mark.parametrize("seed", portion(SEEDS[:5], quick=1))
def test_a_further_watch_changes_no_cost(seed):
    """With a cap of 1 on another region and on a cluster there are more classes, and the same cost and prices."""
    mapping, limits = traced(seed)
    plan = traced_plan(seed)
    if plan is None:
        pytest.skip("no plan to compare")
    data = Reading(mapping)
    watched = [*limits, {"name": "world", "measure": "pathway", "of": "world", "max_share": 1.0}]
    if set(data.cluster.values()) - {""}:
        cluster = min(set(data.cluster.values()) - {""})
        watched.append({"name": "zone", "measure": "pathway", "over": "cluster", "of": cluster, "min_free": 0.0})
    more = plan_of(mapping, watched)
    assert more.objective == pytest.approx(plan.objective, rel=1e-9)
    assert more.sizes["columns"] >= plan.sizes["columns"]
    check_classes(mapping, watched, more)


@pytest.mark.slow
@pytest.mark.parametrize("seed", portion(SEEDS[:4], quick=1))
def test_row_order_changes_no_byte(seed):
    mapping, limits = traced(seed)
    if traced_plan(seed) is None:
        pytest.skip("no plan to compare")
    again = plan_of(shuffled(mapping, seed), limits[::-1])
    assert texts(again) == texts(traced_plan(seed))


@pytest.mark.parametrize("seed", portion(SEEDS, quick=1))
def test_shadow_prices_are_between_one_sided_differences(seed):
    """cost(b) - cost(b + h) <= price * h <= cost(b - h) - cost(b), of each row of the limits."""
    plan = traced_plan(seed)
    if plan is None:
        pytest.skip("no plan, no prices")
    program = written_of(*traced(seed))
    now, slack = plan.objective, 1e-6 * (1 + abs(plan.objective))
    start, rows = program.family_rows("pathway_limit")
    assert len(rows)
    prices = plan.limits.set_index(["limit", "of", "period"])["shadow_price"]
    labels = list(rows.labels.itertuples(index=False, name=None))
    for offset in sorted(range(len(rows)), key=lambda offset: -prices[labels[offset]])[:4]:
        price, step = prices[labels[offset]], 0.05
        assert price >= -1e-9
        less, more = (_shifted(program, start + offset, change) for change in (-step, step))
        assert now - more <= price * step + slack, labels[offset]
        assert price * step <= less - now + slack, labels[offset]


def written_of(mapping, limits):
    instance = loaded(mapping, limits)
    return write_program(build_network(instance, instance.policy("p")))


def _shifted(program, row, amount):
    """The least cost with the right-hand side of a row moved."""
    values = optimum(program, shift={row: amount})
    return np.inf if values is None else float(program.numbers.cost @ values)


@pytest.mark.parametrize("seed", portion(SEEDS, quick=2))
def test_every_class_is_balanced_and_the_sum_is_a_plan(seed):
    plan = traced_plan(seed)
    if plan is None:
        pytest.skip("no plan to check")
    mapping, limits = traced(seed)
    check_classes(mapping, limits, plan)
    tables = without_classes(plan.tables)
    tables["limits"] = tables["limits"][tables["limits"]["limit"] == "limit-0"]
    whole = SimpleNamespace(
        tables=tables,
        objective=plan.objective,
        margin=plan.margin,
        service_summary=plan.service_summary,
        exposure_summary=plan.exposure_summary,
    )
    stages = {"limits": [row for row in mapping["policies"][0]["limits"] if row["name"] == "limit-0"]}
    excess = plan.limits["cost"].sum() - tables["limits"]["cost"].sum()
    checked = recompute.Checked(mapping, stages, whole)
    for check in (
        recompute.check_labels,
        recompute.check_flow,
        recompute.check_demand,
        recompute.check_capacity,
        recompute.check_lanes,
        recompute.check_stock,
        recompute.check_commitments,
        recompute.check_limits,
        recompute.check_exposure,
    ):
        check(checked)
    amounts = plan.costs.set_index("component")["amount"]
    recompute.same(amounts.sum(), plan.objective, amounts)
    recompute.same(excess + tables["limits"]["cost"].sum(), amounts["limit_excess"])
