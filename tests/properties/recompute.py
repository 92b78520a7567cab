"""Everything that a plan must keep, checked again from the raw rows of its instance and its tables, in plain Python."""

from collections import defaultdict

from raw_reading import Reading

TOLERANCE = 1e-6


class Checked:
    """The tables of a plan as dictionaries, beside the raw rows."""

    def __init__(self, mapping, policy, plan):
        self.data, self.policy, self.plan = Reading(mapping), policy, plan
        self.at = {label: t for t, label in enumerate(self.data.labels)}
        self.make, self.ship, self.kept = {}, {}, {}
        for row in records(plan, "production"):
            self.make[row["site"], row["item"], row["recipe"], self.at[row["period"]]] = row
        for row in records(plan, "shipments"):
            self.ship[row["from"], row["to"], row["item"], self.at[row["period"]]] = row
        for row in records(plan, "stock"):
            self.kept[row["site"], row["item"], self.at[row["period"]]] = row
        self.service = {(row["customer"], row["item"], self.at[row["period"]]): row for row in records(plan, "service")}
        self.bought = {row["option"]: row for row in records(plan, "expansions")}


def records(plan, name):
    return plan.tables[name].to_dict("records")


def same(left, right, parts=(), what=None):
    """Equal within 1e-6 of the largest of the parts."""
    scale = max([1.0, abs(left), abs(right), *(abs(part) for part in parts)])
    assert abs(left - right) <= TOLERANCE * scale, (what, left, right)


def at_most(left, right, what=None):
    assert left <= right + TOLERANCE * max(1.0, abs(left), abs(right)), (what, left, right)


def check_everything(mapping, policy, plan):
    checked = Checked(mapping, policy, plan)
    for check in (
        check_labels,
        check_flow,
        check_demand,
        check_capacity,
        check_lanes,
        check_stock,
        check_commitments,
        check_limits,
        check_costs,
        check_measures,
        check_exposure,
    ):
        check(checked)


def check_labels(c):
    """Only offered processes and lanes are used; regions, stages, finishes and arrivals are right."""
    for key, row in c.make.items():
        part = c.data.process[key]
        assert row["started"] > 0
        same(row["finished"], row["started"] * part["yield"])
        same(row["cost"], row["started"] * part["cost"] * c.data.discount[key[3]])
        assert (row["region"], row["operator"], row["stage"]) == (
            c.data.region[key[0]],
            c.data.operator[key[0]],
            c.data.stage[key[1]],
        )
    for key, row in c.ship.items():
        start, end, item, t = key
        part = c.data.lane[key]
        assert row["quantity"] > 0
        assert c.at[row["arrives"]] == part["arrive"]
        assert (row["from_region"], row["to_region"]) == (c.data.region[start], c.data.region[end])
        same(row["freight"], row["quantity"] * part["cost"] * c.data.discount[t])
        same(
            row["tariff"], row["quantity"] * c.data.duty(start, end, item, t) * c.data.value[item] * c.data.discount[t]
        )


def check_flow(c):
    terms = defaultdict(list)
    for key, quantity in c.data.supply.items():
        terms[key].append(quantity)
    for (site, item, recipe, t), row in c.make.items():
        part = c.data.process[site, item, recipe, t]
        terms[site, item, part["finish"]].append(row["started"] * part["yield"])
        for component, quantity in part["bill"].items():
            terms[site, component, t].append(-quantity * row["started"])
    for (start, end, item, t), row in c.ship.items():
        terms[start, item, t].append(-row["quantity"])
        if end in c.data.sites:
            terms[end, item, c.data.lane[start, end, item, t]["arrive"]].append(row["quantity"])
    for (site, item, t), row in c.kept.items():
        terms[site, item, t].append(-row["quantity"])
        if t + 1 < c.data.count:
            terms[site, item, t + 1].append(row["quantity"])
    for key, parts in terms.items():
        same(sum(parts), 0.0, parts, ("flow", key))


def check_demand(c):
    delivered = defaultdict(float)
    for (start, end, item, t), row in c.ship.items():
        if end in c.data.customers:
            delivered[end, item, c.data.lane[start, end, item, t]["arrive"]] += row["quantity"]
    for customer, item in sorted({key[:2] for key in (*c.data.orders, *delivered)}):
        owed = 0.0
        for t in range(c.data.count):
            key = (customer, item, t)
            order = c.data.orders.get(key, {"quantity": 0.0, "must": 1.0, "price": 0.0, "lost_cost": 0.0})
            row = c.service.get(
                key,
                {
                    "demand": 0.0,
                    "delivered": 0.0,
                    "late": 0.0,
                    "lost": 0.0,
                    "lateness_cost": 0.0,
                    "lost_cost": 0.0,
                    "price": None,
                },
            )
            same(row["demand"], order["quantity"], what=key)
            same(row["delivered"], delivered[key], what=key)
            same(row["delivered"] + row["late"] + row["lost"], order["quantity"] + owed, what=key)
            at_most(row["lost"], (1.0 - order["must"]) * order["quantity"], key)
            if key not in c.data.late_cost:
                assert row["late"] == 0, key
            factor = c.data.discount[t]
            same(row["lateness_cost"], row["late"] * c.data.late_cost.get(key, 0.0) * factor, what=key)
            same(row["lost_cost"], row["lost"] * order["lost_cost"] * factor, what=key)
            if key in c.data.orders and row["price"] is not None:
                same(row["price"], order["price"] * factor, what=key)
            owed = row["late"]
        assert owed == 0


def check_capacity(c):
    used = defaultdict(float)
    for key, row in c.make.items():
        part = c.data.process[key]
        used[(*part["line"], key[3])] += row["started"] * part["use"]
    allowed = c.data.allowed(c.policy)
    for name, row in c.bought.items():
        option = c.data.options[name]
        assert name in allowed
        at_most(row["share"], 1.0)
        same(row["capacity"], row["share"] * float(option["capacity"]))
        whole = option.get("all_or_nothing") == "yes"
        if whole:
            same(row["share"], 1.0)
        start = c.data.window(option["period"])[0]
        fixed, unit = float(option.get("fixed_cost", 0.0)), float(option.get("unit_cost", 0.0))
        same(row["cost"], (fixed + unit * row["capacity"]) * c.data.discount[start], what=name)
    points = {
        (row["site"], row["name"], c.at[row["period"]]): row
        for row in records(c.plan, "choke_points")
        if row["kind"] == "resource"
    }
    for site, line, t in used:
        if (site, line) not in c.data.limited:
            continue
        more = sum(
            size * c.bought[name]["share"] for name, size in c.data.option_capacity((site, line), t) if name in c.bought
        )
        room = c.data.capacity.get((site, line, t), 0.0) + more
        at_most(used[site, line, t], room, (site, line, t))
        same(points[site, line, t]["used"], used[site, line, t])
        same(points[site, line, t]["capacity"], room)
        assert points[site, line, t]["shadow_price"] >= -1e-9


def check_lanes(c):
    for (start, end, item, t), capacity in c.data.lane_limit.items():
        sent = sum(
            row["quantity"]
            for key, row in c.ship.items()
            if key[:2] == (start, end) and key[3] == t and item in {"*", key[2]}
        )
        at_most(sent, capacity, (start, end, item, t))


def check_stock(c):
    for (site, item, t), row in c.kept.items():
        assert c.data.may_keep(site, item)
        same(row["holding_cost"], row["quantity"] * c.data.holding_cost(site, item) * c.data.discount[t])
        assert row["region"] == c.data.region[site]
    for site, item in c.data.stock_row:
        for t in range(c.data.count):
            low, high = c.data.stock_bounds(site, item, t)
            quantity = c.kept.get((site, item, t), {"quantity": 0.0})["quantity"]
            at_most(low, quantity, (site, item, t))
            at_most(quantity, high, (site, item, t))


def check_commitments(c):
    rows = {row["commitment"]: row for row in records(c.plan, "commitments")}
    assert set(rows) == {row["commitment"] for row in c.data.rows("commitments")}
    for given in c.data.rows("commitments"):
        row = rows[given["commitment"]]
        made = sum(
            c.make[key]["started"] * size for key, size in c.data.commitment_uses(given).items() if key in c.make
        )
        same(row["made"], made, what=given)
        same(row["minimum"], float(given["minimum"]))
        at_most(float(given["minimum"]), made + row["shortfall"], given)
        if given.get("shortfall_cost") is None:
            assert row["shortfall"] == 0
            continue
        last = c.data.window(given.get("period", "*"))[-1]
        same(row["cost"], row["shortfall"] * float(given["shortfall_cost"]) * c.data.discount[last], what=given)


def check_limits(c):
    rows = {(row["limit"], row["of"], row["period"]): row for row in records(c.plan, "limits")}
    for key, largest, soft, inside, scope in c.data.limit_rows(c.policy):
        within = sum(c.make[part]["started"] * weight for part, weight in inside.items() if part in c.make)
        total = sum(c.make[part]["started"] * weight for part, weight in scope.items() if part in c.make)
        excess = 0.0
        if key in rows:
            row = rows[key]
            excess = row["excess"]
            same(row["max_share"], largest)
            if total > 1e-6:
                same(row["share"], within / total, what=key)
            same(row["cost"], excess * (soft or 0.0), what=key)
        assert key in rows or within == 0, key
        at_most(within, largest * total + excess, key)
        assert soft is not None or excess == 0, key


def check_costs(c):
    amounts = {row["component"]: row["amount"] for row in records(c.plan, "costs")}
    again = {
        "production": sum(row["cost"] for row in c.make.values()),
        "freight": sum(row["freight"] for row in c.ship.values()),
        "tariff": sum(row["tariff"] for row in c.ship.values()),
        "holding": sum(row["holding_cost"] for row in c.kept.values()),
        "lateness": sum(row["lateness_cost"] for row in c.service.values()),
        "lost_sales": sum(row["lost_cost"] for row in c.service.values()),
        "commitment": sum(row["cost"] for row in records(c.plan, "commitments")),
        "expansion": sum(row["cost"] for row in c.bought.values()),
        "limit_excess": sum(row["cost"] for row in records(c.plan, "limits")),
    }
    assert set(amounts) == set(again)
    for name, amount in again.items():
        same(amounts[name], amount, [c.plan.objective * 1e-3], name)
    same(sum(amounts.values()), c.plan.objective, amounts.values(), "objective")


def check_measures(c):
    revenue = sum(
        order["price"] * c.data.discount[key[2]] * (order["quantity"] - c.service.get(key, {"lost": 0.0})["lost"])
        for key, order in c.data.orders.items()
    )
    amounts = {row["component"]: row["amount"] for row in records(c.plan, "costs")}
    paid = sum(amount for name, amount in amounts.items() if name not in {"lost_sales", "limit_excess"})
    same(c.plan.margin, revenue - paid, [revenue, paid], "margin")
    shown = {key: order for key, order in c.data.orders.items() if key[2] in c.data.reported}
    ordered = sum(order["quantity"] for order in shown.values())
    lost = sum(row["lost"] for key, row in c.service.items() if key[2] in c.data.reported)
    same(c.plan.service_summary["demand"], ordered)
    same(c.plan.service_summary["lost"], lost)
    same(c.plan.service_summary["fill_rate"], 1.0 - lost / ordered if ordered else 1.0, what="fill rate")
    late = sum(row["late"] for key, row in c.service.items() if key[2] in c.data.reported)
    same(c.plan.service_summary["late"], late)


def check_exposure(c):
    names = {
        "region": c.data.region,
        "operator": c.data.operator,
        "site": {site: site for site in c.data.sites},
        "cluster": c.data.cluster,
    }
    shares, sums = {}, defaultdict(float)
    for over, of in names.items():
        amounts, totals = defaultdict(float), defaultdict(float)
        for (site, item, _, t), row in c.make.items():
            stage = c.data.stage[item]
            for label in [c.data.labels[t], *(["horizon"] if t in c.data.reported else [])]:
                totals[stage, label] += row["finished"]
                if of[site]:
                    amounts[stage, of[site], label] += row["finished"]
        for (stage, name, label), amount in amounts.items():
            shares[stage, over, name, label] = amount / totals[stage, label]
            if label == "horizon":
                sums[stage, over] += (100.0 * amount / totals[stage, label]) ** 2
    table = {
        (row["stage"], row["over"], row["of"], row["period"]): row["share"]
        for row in records(c.plan, "exposure")
        if row["measure"] == "stage"
    }
    assert set(table) == set(shares)
    for key, share in shares.items():
        same(table[key], share, what=key)
    found = set()
    for row in c.plan.exposure_summary:
        if row["measure"] != "stage":
            continue
        found.add((row["stage"], row["over"], row["of"], "horizon"))
        same(row["share"], shares[row["stage"], row["over"], row["of"], "horizon"], what=row)
        if row["over"] != "cluster":  # not every site has one: the index is of what is in a cluster
            same(row["hhi"], sums[row["stage"], row["over"]], what=row)
    assert found == {key for key in shares if key[3] == "horizon"}
