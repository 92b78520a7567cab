"""Promises carried on: owed orders, commitments partly met, options bought, and limits over the horizon partly used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Limit, Policy
from planner.instance.records import Commitment, Demand, Expansion, LimitUsed, Owed
from planner.network.frames import by_period, lookup
from planner.network.orders import order_rows
from planner.network.provenance import class_of, classes_of
from planner.network.watches import Watch, watched_by, watches_of
from planner.plan.plan import Plan
from planner.plan.pools import Order, Pool, Pools
from planner.plan.rounding import ninth_digit_down, ninth_digit_up
from planner.study.roll.calendar import Shift
from planner.study.roll.touched import Marks


def owed_terms(plan: Plan, at: int) -> dict[tuple[str, str], tuple[float | None, float]]:
    """For each customer and item, the late cost (None: never late) and lost cost in force just before a period."""
    instance = plan.instance
    orders = order_rows(instance.only("demand", "owed"), pd.Series(1.0, index=range(len(instance.periods))))
    rows = orders[orders["period"] == at - 1]
    figures = zip(*(rows[name] for name in ("customer", "item", "late_cost", "lost_cost")), strict=True)
    return {
        (customer, item): (None if pd.isna(late) else float(late), 0.0 if pd.isna(lost) else float(lost))
        for customer, item, late, lost in figures
    }


def owed_at(plan: Plan, at: int, source: str) -> list[Owed]:
    """What customers are owed at the start of a period: late[c,i,t-1], at the costs that were in force then."""
    terms = owed_terms(plan, at)
    service = plan.service[plan.service["period"] == plan.instance.periods.labels[at - 1]]
    service = service[service["late"] > 0]
    found = []
    for customer, item, late in zip(service["customer"], service["item"], service["late"], strict=True):
        late_cost, lost_cost = terms[customer, item]
        row = {"customer": customer, "item": item, "quantity": ninth_digit_down(float(late)), "source": source}
        found.append(Owed.model_validate({**row, "late_cost": late_cost, "lost_cost": lost_cost}))
    return found


def commitments_left(plan: Plan, shift: Shift) -> list[Commitment]:
    """Commitments with what is left of their windows and minima.

    minimum left = max(0, minimum - sum_(p, u < t in the window) amount_p * make[p,u])
    """
    made = _made(plan).query("position < @shift.gone")
    found = []
    for row in plan.instance.commitments:
        window, left = plan.instance.periods.window(row.period), shift.window(row.period)
        if left is None:
            continue
        own = made[(made["site"] == row.site) & made["position"].between(window.start, window.stop - 1)]
        if row.item is not None:
            met = own.loc[own["item"] == row.item, "finished"]
        else:
            met = own.loc[own["resource"] == row.line.resource, "used"]
        found.append(
            row.model_copy(update={"period": left, "minimum": max(0.0, row.minimum - sum(map(ninth_digit_up, met)))})
        )
    return found


def options_left(plan: Plan, shift: Shift) -> list[Expansion]:
    """Options: what had to be decided before the period is decided, as the plan has it; the rest is open.

    An option is decided lead_time periods before it counts. One that counts already has been paid for.
    """
    share = dict(zip(plan.expansions["option"], map(float, plan.expansions["share"]), strict=True))
    found = []
    for row in plan.instance.expansions:
        counts = plan.instance.periods.window(row.period).start
        if counts - row.lead_time >= shift.gone and row.bought is None:
            found.append(row)
            continue
        bought = row.bought if row.bought is not None else min(1.0, ninth_digit_up(share.get(row.option, 0.0)))
        paid = {"period": shift.first, "fixed_cost": 0.0, "unit_cost": 0.0} if counts < shift.gone else {}
        found.append(row.model_copy(update={"bought": bought, **paid}))
    return found


def demand_left(instance: Instance, shift: Shift, owed: Iterable[Owed]) -> list[Demand]:
    """The orders that are left; where there are none, one of 0 units in the last period, as the table needs a row."""
    left = shift.rows(instance.demand)
    if left:
        return left
    pair = next(iter(owed), None) or instance.demand[0]
    return [Demand(customer=pair.customer, item=pair.item, period=shift.after.labels[-1], quantity=0.0, price=0.0)]


def limits_used(
    plan: Plan, policies: Iterable[Policy], pools: Pools, marks: dict[Pool, Marks], shift: Shift, source: str
) -> list[LimitUsed]:
    """What of each limit over the horizon was used before the period, in weighted units.

    stage:   inside = sum_(p inside, u < t) w_p * make[p,u],  total = the same over all p of the stage
    pathway: inside = sum of what arrived before t and has touched it (floor: is clear of it), total = all that arrived
             (floor: all that was ordered)

    Figures of the plan's tables are rounded. So those inside are moved down by one in their ninth digit, and those that
    are clear or count towards the total are moved up: then rounding cannot make a limit impossible to keep later.

    For another policy than the plan's, units count as having touched all that they may have touched (see touched.py).
    What the instance says of a limit's use stays, also where its window begins later.
    """
    made, delivered = _made(plan), _delivered(pools, marks)
    found = []
    for policy in policies:
        for limit in policy.limits:
            window = plan.instance.periods.window(limit.period)
            if limit.per != "horizon" or window.stop <= shift.gone:
                continue
            before = range(window.start, shift.gone)
            if limit.measure == "stage":
                used = list(_stage_used(plan.instance, limit, made, before))
            else:
                used = list(_pathway_used(plan, limit, delivered, before))
            earlier = {
                row.of: row for row in plan.instance.limits_used if (row.policy, row.limit) == (policy.name, limit.name)
            }
            used += [(of, 0.0, used[0][2] if used else 0.0) for of in earlier if of not in {of for of, _, _ in used}]
            past = max((row.total for row in earlier.values()), default=0.0)
            for of, inside, total in used:
                both = inside + (earlier[of].inside if of in earlier else 0.0)
                if total + past > 0:
                    row = {"policy": policy.name, "limit": limit.name, "of": of, "inside": both, "source": source}
                    found.append(LimitUsed.model_validate({**row, "total": total + past}))
    return found


def _made(plan: Plan) -> pd.DataFrame:
    """The production of a plan with position, resource, used (resource units), and the clusters of its sites."""
    table = plan.production.assign(position=plan.production["period"].map(plan.instance.periods.index).astype(int))
    known = by_period(plan.instance, "processes").rename(columns={"period": "position"})
    keys = ["site", "item", "recipe", "position"]
    table["resource"] = lookup(table, known, keys, "resource", None)
    table["used"] = table["started"] * lookup(table, known, keys, "capacity_use", 0.0).astype(float)
    return table.assign(cluster=table["site"].map(plan.instance.group_of("cluster")))


def _stage_used(
    instance: Instance, limit: Limit, made: pd.DataFrame, before: range
) -> Iterator[tuple[str, float, float]]:
    """The of, inside and total of a stage limit in some periods."""
    at = (made["stage"] == limit.stage) & made["position"].isin(before)
    if limit.items:
        at &= made["item"].isin(limit.items)
    scope = made[at]
    made_there = scope["used" if limit.weight == "capacity" else "finished"].astype(float)
    worth = scope["item"].map(instance.value_of).astype(float) if limit.weight == "value" else 1.0
    total, inside = float((made_there.map(ninth_digit_up) * worth).sum()), made_there.map(ninth_digit_down) * worth
    if limit.of == "each":
        sums = inside.groupby(scope[limit.over]).sum()
        yield from ((str(of), float(units), total) for of, units in sums.items() if of)
        return
    members = instance.regions_of(limit.of) if limit.over == "region" else (limit.of,)
    yield limit.of, float(inside[scope[limit.over].isin(members)].sum()), total


def _delivered(pools: Pools, marks: dict[Pool, Marks]) -> list[tuple[Order, float, str, Marks]]:
    """What customers receive: the order, units, class in the plan, and marks."""
    return [
        (move.target, move.quantity, move.source.touched, marks[move.source])
        for move in pools.moves
        if isinstance(move.target, Order)
    ]


def _pathway_used(
    plan: Plan, limit: Limit, delivered: list[tuple[Order, float, str, Marks]], before: range
) -> Iterator[tuple[str, float, float]]:
    """The of, inside and total of a pathway limit in some periods."""
    instance = plan.instance
    value = {row.item: row.value if limit.weight == "value" else 1.0 for row in instance.items}
    own = {(watch.over, watch.of): watch for watch in watches_of(instance, plan.policy)}
    needed = Policy(name="one", limits=(limit,))
    watches = {(watch.over, watch.of): watch for watch in watches_of(instance, needed)}

    def counts(customer: str, item: str, period: int) -> bool:
        inside = not limit.customers or customer in limit.customers
        return inside and period in before and (not limit.items or item in limit.items)

    def touches(watch: Watch, touched: str, carried: Marks) -> bool:
        known = own.get((watch.over, watch.of))
        if known is not None:
            return known.name in classes_of(touched)
        return bool(class_of((watch,), tuple(carried)))

    scope = [row for row in delivered if counts(*row[0])]
    ordered: defaultdict[str, float] = defaultdict(float)
    for row in instance.demand:
        for period in instance.periods.window(row.period):
            if counts(row.customer, row.item, period):
                ordered[row.item] += row.quantity
    floor = limit.min_free is not None
    total = sum(value[order.item] * ninth_digit_up(units) for order, units, _, _ in scope)
    asked = sum(value[item] * units for item, units in ordered.items())
    cut = ninth_digit_up if floor else ninth_digit_down
    for of in watched_by(instance, limit):
        watch = watches[limit.over, of]
        used = sum(
            value[order.item] * cut(units)
            for order, units, touched, carried in scope
            if touches(watch, touched, carried) != floor
        )
        yield of, used, asked if floor else total
