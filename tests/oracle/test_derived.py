"""What the planner derives from plans, held against the oracle's cost of the same question asked outright."""

import pytest
from portions import portion, portion_of_rows

import planner
from oracle.answer import formulated, least_cost
from oracle.compare import agree, oracle
from oracle.levels import at_level
from oracle.planners import Found, loaded
from oracle.program import OPTIMAL
from planner.model.program import write_program
from planner.network.building import build_network
from planner.study.outage.n_minus_one import n_minus_one

SEEDS = range(500, 620)
POLICIES = (None, "p0", "p1")
STEP = 1e-4  # of a figure


def name(part):
    """The name of a policy or scenario; None for none."""
    return getattr(part, "name", part)


def told(run):
    """Status and cost of a plan or failure."""
    return Found(str(run.status), getattr(run, "objective", None) if run.status == OPTIMAL else None)


def plan_of(instance, policy):
    """The plan, or None where there is none to look at."""
    try:
        return planner.solve(instance, policy)
    except planner.PlannerError:
        return None


SCENARIOS = ("w0", "w1")


@pytest.mark.parametrize(
    ("seed", "scenarios"), portion_of_rows([(500, SCENARIOS[:1]), *((seed, SCENARIOS) for seed in SEEDS)], 1)
)
def test_live_what_ifs(seed, scenarios):
    """One scenario of one seed in every suite; two of each of 120 are slow."""
    mapping, instance = loaded(seed)
    if instance is None:
        return
    for scenario in scenarios:
        try:
            runs = planner.what_if(instance, [scenario], POLICIES).runs
        except planner.InstanceError:
            continue  # an order out of reach, or a change that does not fit
        for run in runs:
            if run.status == "error":  # an order out of reach, say: no question to answer
                continue
            own = oracle(mapping, name(run.policy), name(run.scenario))
            assert agree(told(run), own), (run.policy, run.scenario, run, own)


@pytest.mark.parametrize("seed", portion(SEEDS, 1))
def test_rolled_plans(seed):
    _, instance = loaded(seed)
    if instance is None:
        return
    for policy in POLICIES:
        plan = plan_of(instance, policy)
        for to in instance.periods.labels[1:] if plan else ():
            rolled = planner.roll(plan, to)
            own = least_cost(rolled.instance.as_mapping(), policy)
            assert own.status == OPTIMAL, (policy, to)
            assert own.cost == pytest.approx(rolled.tail_cost, rel=1e-6, abs=1e-6 * max(1.0, 1e-3 * plan.objective))


def slope(program, side, row, step):
    """What the cost falls by a unit when a side of a row moves by a step and by two; None where the slopes differ."""
    sides = getattr(program, side)
    before, base = sides[row], program.solve().cost
    slopes = []
    for times in (1, 2):
        sides[row] = before + times * step
        found = program.solve()
        slopes.append((base - found.cost) / (times * step) if found.status == OPTIMAL else None)
    sides[row] = before
    if None in slopes or abs(slopes[0] - slopes[1]) > 1e-5 * max(1.0, abs(slopes[0])):
        return None
    return slopes[0]


@pytest.mark.parametrize("seed", portion(SEEDS, 1))
def test_shadow_prices_of_capacity(seed):
    """What one more unit of capacity saves, and one less costs, are the slopes of the oracle's cost."""
    mapping, instance = loaded(seed)
    if instance is None:
        return
    for policy in POLICIES:
        flows = formulated(mapping, policy)
        program = flows.program
        if program.choices or any(program.whole):  # prices are then those of the linear program with these fixed
            continue
        plan = plan_of(instance, policy)
        if plan is None:
            continue
        at = {label: t for t, label in enumerate(flows.data.calendar.labels)}
        points = plan.choke_points[plan.choke_points["kind"] == "resource"]
        names = ["kind", "name", "site", "period"]
        turns = plan.tables["price_sides"][[*names, "one_less_costs"]]
        for point in points.merge(turns, on=names, how="left").to_dict("records"):
            key = ("capacity", point["site"], point["name"], at[point["period"]])
            row, scale = program.names.index(key), max(1.0, abs(plan.objective))
            step = STEP * max(1.0, point["capacity"])
            close = 1e-5 * scale / max(1.0, point["capacity"])
            more = slope(program, "highs", row, step)
            if more is not None:
                assert point["shadow_price"] == pytest.approx(more, rel=1e-5, abs=close), (policy, key)
            straight = point["one_less_costs"] != point["one_less_costs"]
            costs = point["shadow_price" if straight else "one_less_costs"]
            if point["capacity"] > 2 * step:
                less = slope(program, "highs", row, -step)
                if less is not None:
                    assert costs == pytest.approx(less, rel=1e-5, abs=close), (policy, key)


@pytest.mark.parametrize("seed", portion(SEEDS, 1))
def test_each_site_cluster_operator_and_region_out(seed):
    mapping, instance = loaded(seed)
    if instance is None:
        return
    for policy in POLICIES:
        try:
            program = write_program(build_network(instance, policy and instance.policy(policy)))
            losses = n_minus_one(program)
        except planner.PlannerError:
            continue
        for row in losses.table.to_dict("records"):
            strike = {"change": "outage", "where": {"site": row["sites"].split("+")}}
            own = oracle(mapping, policy, {"name": "out", "changes": [strike]})
            cost = row["cost"] if row["status"] == OPTIMAL else None
            assert agree(Found(row["status"], cost), own), (policy, row, own)


@pytest.mark.parametrize("seed", portion(SEEDS, 1))
def test_points_of_a_frontier(seed):
    mapping, instance = loaded(seed)
    if instance is None:
        return
    for policy in mapping["policies"]:
        for limit in policy["limits"][:1]:
            levels = planner.Levels(error=0.05, most=8)
            try:
                found = planner.frontier(instance, policy["name"], limit["name"], levels, marks=False)
            except planner.PlannerError:
                continue
            for point in found.points.to_dict("records"):
                own = oracle(mapping, at_level(policy, point["level"]), None)
                cost = point["cost"] if point["status"] == OPTIMAL else None
                assert agree(Found(point["status"], cost), own), (policy["name"], point, own)
