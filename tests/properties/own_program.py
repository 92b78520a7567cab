"""A second formulation, straight from raw rows: no pruning, no tables, solved by CBC. Its least cost must be the same.

It is written in cumulative form where the planner writes balances period by period: what has been used of an item at
a site up to a period is what was supplied up to it less the stock kept; lateness is what was ordered less delivered
and lost, cumulated.
"""

from collections import defaultdict

import pulp
from raw_reading import Reading

INFEASIBLE = "infeasible"


def least_cost(mapping, policy=None):  # noqa: PLR0915  (one program, from top to bottom)
    """The least cost of an instance given as a mapping, or INFEASIBLE."""
    data = Reading(mapping)
    problem = pulp.LpProblem("own")
    costs, names = [], iter(range(10**9))

    def variable(cost, high=None, kind="Continuous"):
        made = problem.add_variable(f"x{next(names)}", 0, high, kind)
        if cost:
            costs.append((made, cost))
        return made

    def require(terms, sense, right):
        left = pulp.lpSum_vars_coefs(list(terms))
        problem.addConstraint({"<=": left <= right, ">=": left >= right, "==": left == right}[sense], f"r{next(names)}")

    make = {key: variable(part["cost"] * data.discount[key[3]]) for key, part in data.process.items()}
    into, out = defaultdict(list), defaultdict(list)
    for (site, item, recipe, t), part in data.process.items():
        started = make[site, item, recipe, t]
        into[site, item, part["finish"]].append((started, part["yield"]))
        for component, quantity in part["bill"].items():
            out[site, component, t].append((started, quantity))
    departures = defaultdict(list)
    for (start, end, item, t), part in data.lane.items():
        sent = variable((part["cost"] + data.duty(start, end, item, t) * data.value[item]) * data.discount[t])
        out[start, item, t].append((sent, 1.0))
        into[end, item, part["arrive"]].append((sent, 1.0))
        departures[start, end, item, t].append((sent, 1.0))
        departures[start, end, "*", t].append((sent, 1.0))

    for site in data.sites:
        for item in data.items:
            flow, supplied = [], 0.0
            for t in range(data.count):
                supplied += data.supply.get((site, item, t), 0.0)
                flow += into.get((site, item, t), [])
                flow += [(name, -size) for name, size in out.get((site, item, t), [])]
                low, high = data.stock_bounds(site, item, t)
                if not data.may_keep(site, item):
                    high = 0.0
                kept = variable(data.holding_cost(site, item) * data.discount[t])
                require([*_merged(flow), (kept, -1.0)], "==", -supplied)
                if low > 0:
                    require([(kept, 1.0)], ">=", low)
                if high < float("inf"):
                    require([(kept, 1.0)], "<=", high)

    for customer in data.customers:
        for item in data.items:
            ordered, served = 0.0, []
            for t in range(data.count):
                order = data.orders.get((customer, item, t))
                served += into.get((customer, item, t), [])
                if order:
                    ordered += order["quantity"]
                    served.append(
                        (
                            variable(order["lost_cost"] * data.discount[t], (1.0 - order["must"]) * order["quantity"]),
                            1.0,
                        )
                    )
                late_cost = data.late_cost.get((customer, item, t))
                owed = [] if late_cost is None else [(variable(late_cost * data.discount[t]), 1.0)]
                require([*served, *owed], "==", ordered)

    allowed = data.allowed(policy)
    share = {}
    for name, row in data.options.items():
        factor = data.discount[data.window(row["period"])[0]]
        fixed, unit = float(row.get("fixed_cost", 0.0)) * factor, float(row.get("unit_cost", 0.0)) * factor
        whole = str(row.get("all_or_nothing", "no")) in {"yes", "True"}
        high = 1 if name in allowed else 0
        share[name] = variable(unit * float(row["capacity"]), high)
        if whole or fixed:
            bought = variable(fixed, 1, "Integer")
            require([(share[name], 1.0), (bought, -1.0)], "==" if whole else "<=", 0.0)
    work = defaultdict(list)
    for key, part in data.process.items():
        work[(*part["line"], key[3])].append((make[key], part["use"]))
    for (site, line, t), terms in work.items():
        if (site, line) in data.limited:
            bought = [(share[name], -size) for name, size in data.option_capacity((site, line), t)]
            require([*terms, *bought], "<=", data.capacity.get((site, line, t), 0.0))
    for key, capacity in data.lane_limit.items():
        if departures.get(key):
            require(departures[key], "<=", capacity)

    for row in data.rows("commitments"):
        terms = [(make[key], size) for key, size in data.commitment_uses(row).items()]
        if row.get("shortfall_cost") is not None:
            last = data.window(row.get("period", "*"))[-1]
            terms.append((variable(float(row["shortfall_cost"]) * data.discount[last]), 1.0))
        require(terms, ">=", float(row["minimum"]))
    for _, largest, soft, inside, scope in data.limit_rows(policy):
        terms = [(make[key], (weight if key in inside else 0.0) - largest * weight) for key, weight in scope.items()]
        if soft is not None:
            terms.append((variable(soft), -1.0))
        require(terms, "<=", 0.0)

    problem.setObjective(pulp.lpSum_vars_coefs(costs))
    status = problem.solve(pulp.COIN_CMD(msg=False)).status
    if status == pulp.LpSolveStatus.Infeasible:
        return INFEASIBLE
    assert status in {pulp.LpSolveStatus.Optimal, pulp.LpSolveStatus.GapLimit}, status  # CBC's own gap is 1e-10
    return sum(cost * (name.varValue or 0.0) for name, cost in costs)


def _merged(terms):
    sums = {}
    for name, size in terms:
        sums[name.name] = (name, sums.get(name.name, (name, 0.0))[1] + size)
    return list(sums.values())
