"""Shadow prices of every kind of choke point, from both sides, and how far they hold, held against the oracle's cost.

Resources, lanes, limits of stages and pathways, buffers and must-serve shares, at degenerate optima as well; with lots,
sources and whole options these are held as the plan has them.
"""

import math
import random

import pytest
from portions import portion

import planner
from oracle.answer import formulated
from oracle.crossed import crossed
from oracle.whole import hold
from planner.plan.price_checks import with_ranges

READ = ("production", "shipments", "stock", "service", "commitments", "expansions", "limits", "relabelled")
NAMES = ["kind", "name", "site", "period"]
STEP = 1e-4  # of a figure
WORTH_NOTHING_ONCE = 17118  # a capacity beside a lot


def with_whole_decisions(seed):
    """A crossed instance with lots, sources or both; from an odd seed as it is."""
    mapping, rng = crossed(seed), random.Random(f"whole {seed}")
    if seed % 2:
        return mapping
    how = rng.choice(["lots", "sources", "both"])
    for row in rng.sample(mapping["processes"], 2) if how != "sources" else ():
        row["min_lot"] = round(rng.uniform(2, 15), 1)
    rules = [{"max_sources": 1}, {"min_sources": 2, "min_share_if_used": 0.2}, {"min_share_if_used": 0.4}]
    for policy in mapping["policies"] if how != "lots" else ():
        policy["sources"] = [{"stage": rng.choice(["pack", "fab"]), **rng.choice(rules)}]
    return mapping


class Figure:
    """A figure of the oracle's program: the side of a row, or the bound of a column; `sign` is that of "one more"."""

    def __init__(self, program, sides, number, sign=1.0):
        self.program, self.sides, self.number, self.sign = program, sides, number, sign
        self.value, self.base = sides[number], program.solve().cost

    def saved(self, more):
        """What so much more of it saves; minus infinite where no plan is left, None where there is no answer."""
        self.sides[self.number] = self.value + self.sign * more
        found = self.program.solve()
        self.sides[self.number] = self.value
        return {"optimal": self.base - found.cost, "infeasible": -math.inf}.get(found.status)


def figure_of(flows, point):
    """The figure of a choke point; None where it has no row, or one that speaks of several."""
    program, when = flows.program, {label: t for t, label in enumerate(flows.data.calendar.labels)}
    kind, name, t = point["kind"], point["name"], when.get(point["period"])
    if kind == "must_serve":
        column = program.at.get(("lost", *name.split("/"), t))
        return None if column is None else Figure(program, program.high, column)
    if kind == "resource":
        key = ("capacity", point["site"], name, t)
    elif kind == "lane":
        start, rest = name.split(" > ")
        end, _, item = rest.partition(" ")
        key = ("lane", start, end, item or "*", t)
    else:
        limit, of = name.removesuffix(")").split(" (")
        key = ("buffer", int(limit[7:]) - 1, of) if limit.startswith("buffer-") else ("limit", limit, of)
        key += () if t is None else (t,)
    rows = [row for row, known in enumerate(program.names) if known[: len(key)] == key]
    if len(rows) != 1:
        return None
    capped = program.highs[rows[0]] < math.inf
    return Figure(program, program.highs, rows[0]) if capped else Figure(program, program.lows, rows[0], -1.0)


def check_price(figure, shown, side, scale):
    """The slope of the oracle's cost on one side, where it is the same over a step and over two."""
    step = STEP * max(1.0, abs(figure.value))
    if figure.value <= 2 * step and side < 0:
        return
    slopes = [None if (saved := figure.saved(side * k * step)) is None else saved / (side * k * step) for k in (1, 2)]
    if None in slopes or abs(slopes[0] - slopes[1]) > 1e-5 * max(1.0, abs(slopes[0])):
        return
    assert shown == pytest.approx(slopes[0], rel=1e-5, abs=3e-9 * scale / step)


@pytest.mark.parametrize("seed", portion([WORTH_NOTHING_ONCE, *range(17200, 17240)], 1))
def test_prices_and_their_ranges(seed):
    mapping = with_whole_decisions(seed)
    instance = planner.load_instance(mapping)
    for policy in (None, "p0", "p1"):
        try:
            plan = planner.solve(instance, policy)
        except planner.PlannerError:
            continue
        flows, scale = formulated(mapping, policy), max(1.0, abs(plan.objective))
        hold(flows, {name: plan.tables[name].to_dict("records") for name in READ if name in plan.tables})
        assert flows.program.solve().cost == pytest.approx(plan.objective, rel=1e-6, abs=1e-6)
        table, checks = with_ranges(plan.choke_points, planner.formulate(instance, policy), plan.values)
        turns = table.merge(plan.tables["price_sides"][[*NAMES, "one_less_costs"]], on=NAMES, how="left")
        for point, check in zip(turns.to_dict("records"), checks.to_dict("records"), strict=True):
            figure = figure_of(flows, point)
            if figure is None or math.isnan(point["used"]):
                continue
            less, price = point["one_less_costs"], point["shadow_price"]
            check_price(figure, price, 1.0, scale)
            check_price(figure, price if math.isnan(less) else less, -1.0, scale)
            for end in ("right_from", "right_to"):
                far = check[end] - check["right"]
                saved = figure.saved(far * (1 - 1e-6)) if check["verified"] and math.isfinite(far) else None
                if saved is not None:
                    assert saved == pytest.approx(price * far, rel=2e-6, abs=3e-6 * scale), (policy, point, end)
