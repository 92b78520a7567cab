"""A second formulation of pathway limits, which knows no classes: every complete way of a unit is a column.

A way says for one delivered unit which site made it and each of its components, when, over which lanes, and from which
stock; so it says what the unit has touched. Capacities, lanes, orders and limits are rows over the ways. All units of a
component in a unit go one way: where they go two, a share of the units going each way does the same and touches less.
Instances are small, and without what only a whole plan can tell (contracts, options, stage limits, stock bounds).
"""

import random
from functools import cache
from itertools import product
from typing import NamedTuple

import highspy
import numpy as np
from raw_reading import Reading

REGIONS = ["TW", "US", "KR"]
STAGES = ["wafer", "memory", "packaging", "test"]
ITEMS = ["die", "hbm", "gpu", "chip"]
GROUP = 5
INFEASIBLE = "infeasible"


class Way(NamedTuple):
    """One unit somewhere: what it cost, what it used (key: amount), where work or stock counted, what else it saw."""

    cost: float
    used: dict
    sites: frozenset
    regions: frozenset


def chain(seed, name=""):
    """A small random chain with a policy `traced` of pathway limits, as a mapping in the file format.

    Chains of one group (seed // GROUP) have the same periods and settings, and watch the same few regions and
    operators, so that they can stand side by side in one instance (`together`).

    Args:
        seed: the same seed gives the same chain.
        name: what the ids of its sites, items, customers and limits begin with.
    """
    return _Chain(random.Random(seed), _Shared(random.Random(-1 - seed // GROUP)), name).mapping()


def together(mappings):
    """One instance of chains that have nothing in common but their settings."""
    whole = dict(mappings[0])
    for table in {name for mapping in mappings for name, value in mapping.items() if isinstance(value, list)}:
        if table not in {"periods", "stages", "policies"}:
            whole[table] = [row for mapping in mappings for row in mapping.get(table, [])]
    limits = [row for mapping in mappings for row in mapping["policies"][0]["limits"]]
    return {**whole, "policies": [{"name": "traced", "limits": limits}]}


class _Shared:
    """What the chains of a group have in common."""

    def __init__(self, rng):
        self.labels = [f"P{t + 1}" for t in range(rng.choice([1, 1, 1, 2, 2, 3]))]
        self.discount = rng.choice([0, 0.25])
        self.stocked = rng.random() < 0.4  # stock and arrivals; what is left of them waits anywhere, for nothing
        self.anywhere = self.stocked or len(self.labels) < 3
        kinds = [("region", "TW"), ("region", "US"), ("region", "asia"), ("operator", "alpha"), ("operator", "beta")]
        self.watches = rng.sample([*kinds, ("region", "KR"), ("cluster", "valley")], 3)
        if rng.random() < 0.2:
            self.watches = [("region", "each"), *self.watches[:1]]


class _Chain:
    def __init__(self, rng, shared, name):
        self.rng, self.shared, self.name = rng, shared, name
        self.longer = len(shared.labels) > 1
        self.stages = STAGES[: rng.choice([3, 3, 4])]
        self.item = {stage: name + item for stage, item in zip(STAGES, ITEMS, strict=True)}
        self.sites, self.processes, self.makers = [], [], {}
        for stage in self.stages:
            self._stage(stage)
        rng.shuffle(self.sites)
        die, hbm, gpu, chip = (self.item[stage] for stage in STAGES)
        self.components = [
            {"item": gpu, "component": die, "quantity": 1},
            {"item": gpu, "component": hbm, "quantity": rng.choice([1, 2, 0.5])},
        ]
        if "test" in self.stages:
            self.components.append({"item": chip, "component": gpu, "quantity": 1})
            if rng.random() < 0.3:  # the same kind of part at two depths
                self.components.append({"item": chip, "component": die, "quantity": 1})
        self.sold = [self.item[self.stages[-1]], *([die] if rng.random() < 0.25 else [])]
        self.customers = [{"customer": f"{name}c{k}", "region": rng.choice(REGIONS)} for k in range(rng.choice([1, 2]))]

    def _stage(self, stage):
        """One to three sites that make an item; now and then one that makes another item already."""
        rng, item = self.rng, self.item[stage]
        self.makers[item] = []
        for k in range(rng.choice([1, 2] if stage in {"memory", "test"} or len(self.shared.labels) > 2 else [2, 2, 3])):
            name = f"{self.name}{stage}-{k}"
            others = sorted({row["site"] for row in self.processes if row["item"] != item} - set(self.makers[item]))
            if others and rng.random() < 0.15:
                name = rng.choice(others)
            else:
                self.sites.append({"site": name, "region": rng.choice(REGIONS)})
                if rng.random() < 0.6:
                    self.sites[-1]["operator"] = rng.choice(["alpha", "beta"])
                if rng.random() < 0.3:
                    self.sites[-1]["cluster"] = "valley"
            self.makers[item].append(name)
            self.processes.append(
                {
                    "site": name,
                    "item": item,
                    "unit_cost": rng.randint(1, 12),
                    "yield": rng.choice([1, 1, 0.8, 0.5]),
                    "capacity_use": rng.choice([1, 1, 2]),
                    "lead_time": rng.choice([0, 0, 1]) if self.longer else 0,
                }
            )

    def mapping(self):
        rng, shared = self.rng, self.shared
        lanes = self._lanes()
        mapping = {
            "schema_version": 1,
            "name": "ways",
            "periods": shared.labels,
            "stages": STAGES,
            "discount_rate": shared.discount,
            "region_groups": {"asia": ["TW", "KR"]},
            "stock": "anywhere" if shared.anywhere else "listed",
            "sites": [
                *self.sites,
                *({"site": f"{self.name}idle-{region}", "region": region} for region in REGIONS),
                {"site": f"{self.name}idle", "region": "US", "operator": "alpha", "cluster": "valley"},
                {"site": f"{self.name}idler", "region": "TW", "operator": "beta"},
            ],
            "items": [
                {
                    "item": self.item[stage],
                    "stage": stage,
                    "value": rng.choice([5, 10, 20]),
                    "holding_cost": 0 if shared.stocked else rng.choice([0, 0.5, 1]),
                }
                for stage in self.stages
            ],
            "processes": self.processes,
            "components": self.components,
            "customers": self.customers,
            "lanes": lanes,
            "capacities": [
                {"site": name, "capacity": rng.randint(10, 60)}
                for name in sorted({row["site"] for row in self.processes})
                if rng.random() < 0.6
            ],
            "lane_capacities": [
                {"from": row["from"], "to": row["to"], "item": row["item"], "capacity": rng.randint(5, 30)}
                for row in rng.sample(lanes, min(len(lanes), rng.choice([0, 0, 1, 2])))
            ],
            "demand": self._demand(),
            "stocks": self._stocks(),
            "arrivals": self._arrivals(),
            "policies": [{"name": "traced", "limits": self._limits()}],
        }
        return {name: value for name, value in mapping.items() if value != []}

    def _lanes(self):
        """From most makers to most that use an item, but never in circles: they have no last way."""
        rng = self.rng
        pairs = set()
        for row in self.processes:
            for part in self.components:
                for start in self.makers[part["component"]] if part["item"] == row["item"] else []:
                    passed_on = row["site"] in self.makers[part["component"]]
                    if start < row["site"] if passed_on else rng.random() < 0.85:
                        pairs.add((start, row["site"], part["component"]))
        for place, row in enumerate(self.customers):
            for item in self.sold if place == 0 else self.sold[:1]:
                pairs |= {(start, row["customer"], item) for start in self.makers[item]}
        die = self.item["wafer"]
        if rng.random() < 0.2:  # a place that only passes on
            hub = f"{self.name}hub"
            self.sites.append({"site": hub, "region": rng.choice(REGIONS)})
            pairs.add((self.makers[die][0], hub, die))
            pairs |= {(hub, site, die) for site in self.makers[self.item["packaging"]] if site not in self.makers[die]}
        return [
            {
                "from": start,
                "to": end,
                "item": item,
                "unit_cost": rng.randint(0, 5),
                "lead_time": rng.choice([0, 0, 0, 1]) if self.longer else 0,
            }
            for start, end, item in sorted(pairs)
        ]

    def _demand(self):
        rng, rows = self.rng, []
        for place, row in enumerate(self.customers):
            for item in self.sold if place == 0 else self.sold[:1]:
                for label in self.shared.labels:
                    order = {
                        "customer": row["customer"],
                        "item": item,
                        "period": label,
                        "quantity": rng.randint(5, 30),
                        "price": rng.choice([25, 60, 150]),
                    }
                    if rng.random() < 0.15:
                        order["must_serve"] = rng.choice([0.3, 0.6])
                    if rng.random() < 0.4:
                        order["late_cost"] = rng.choice([1, 5])
                    if not self.longer or rng.random() < 0.7:
                        rows.append(order)
        last = {"customer": self.customers[0]["customer"], "item": self.sold[0], "period": self.shared.labels[-1]}
        return rows or [{**last, "quantity": 20, "price": 100}]

    def _stocks(self):
        rng = self.rng
        if not self.shared.stocked:
            listed = [] if self.shared.anywhere else self.processes
            return [{"site": row["site"], "item": row["item"]} for row in listed if rng.random() < 0.4]
        return [
            {
                "site": row["site"],
                "item": row["item"],
                "opening": rng.randint(2, 15),
                "touched": rng.choice(["", "", "TW", "KR", "TW+US"]),
            }
            for row in rng.sample(self.processes, rng.choice([0, 1, 2]))
        ]

    def _arrivals(self):
        rng = self.rng
        return [
            {
                "site": row["site"],
                "item": row["item"],
                "period": rng.choice(self.shared.labels),
                "quantity": rng.randint(2, 10),
                "touched": rng.choice(["", "TW", "US"]),
            }
            for row in rng.sample(self.processes, rng.choice([0, 1]) if self.shared.stocked else 0)
        ]

    def _limits(self):
        rng, labels, rows = self.rng, self.shared.labels, []
        for k in range(rng.choice([1, 1, 2, 3])):
            over, of = rng.choice(self.shared.watches)
            row = {
                "name": f"{self.name}limit-{k}",
                "measure": "pathway",
                "over": over,
                "of": of,
                "per": rng.choice(["period", "horizon"]),
                "weight": rng.choice(["units", "units", "value"]),
                "customers": [part["customer"] for part in self.customers],
            }
            if rng.random() < 0.5:
                row["max_share"] = rng.choice([0.0, 0.2, 0.4, 0.6, 0.85, 1.0])
            else:
                row["min_free"] = rng.choice([0.0, 0.1, 0.25, 0.5, 0.9])
            if rng.random() < (0.85 if "min_free" in row else 0.4):
                row["soft_cost"] = rng.choice([1, 6, 40])
            if rng.random() < 0.3:
                row["customers"] = [rng.choice(row["customers"])]
            if rng.random() < 0.2:
                row["items"] = [rng.choice(self.sold)]
            if self.longer and rng.random() < 0.3:
                row["period"] = rng.choice([f"{labels[1]}..", labels[0], f"..{labels[-2]}"])
            rows.append(row)
        return rows


class Ways:
    """Every way in which a unit can come to each order of an instance."""

    def __init__(self, mapping, each=()):
        self.data, self.each = Reading(mapping), each
        self.sources = {}  # (table, row, period): site, item, period, quantity, regions
        for table, window in (("stocks", lambda _: [0]), ("arrivals", lambda row: self.data.window(row["period"]))):
            for number, row in enumerate(self.data.rows(table)):
                quantity = float(row.get("opening", row.get("quantity", 0)))
                seen = frozenset(filter(None, str(row.get("touched", "")).split("+")))
                for t in window(row) if quantity else []:
                    self.sources[table, number, t] = (row["site"], row["item"], t, quantity, seen)
        self.at = cache(self._at)
        self.new = cache(self._new)
        self.deliveries = []  # customer, item, period, way
        for (start, end, item, t), lane in self.data.lane.items():
            if end in self.data.customers and any(key[:2] == (end, item) for key in self.data.orders):
                for way in self.at(start, item, t):
                    self.deliveries.append((end, item, lane["arrive"], self._over(way, start, end, item, t, lane)))

    def _over(self, way, start, end, item, t, lane):
        used = dict(way.used)
        for key in ((start, end, item, t), (start, end, "*", t)):
            used["lane", *key] = used.get(("lane", *key), 0.0) + 1.0
        return way._replace(cost=way.cost + lane["cost"] * self.data.discount[t], used=used)

    def _at(self, site, item, t):
        """A unit at a site in a period: new there, or kept since the period before."""
        ways = list(self.new(site, item, t))
        if t and self.data.may_keep(site, item):
            held = self.data.holding_cost(site, item) * self.data.discount[t - 1]
            ways += [way._replace(cost=way.cost + held) for way in self.at(site, item, t - 1)]
        return ways

    def _new(self, site, item, t):
        """A unit that comes to a site in a period: of stock or on its way there, made, or over a lane."""
        ways = [
            Way(0.0, {("source", key): 1.0}, frozenset({site}), seen)
            for key, (place, what, when, _, seen) in self.sources.items()
            if (place, what, when) == (site, item, t)
        ]
        for (place, what, _, start), part in self.data.process.items():
            if (place, what, part["finish"]) != (site, item, t):
                continue
            each = 1.0 / part["yield"]
            line = ("line", *part["line"], start)
            for parts in product(*(self.at(site, component, start) for component in part["bill"])):
                used = {line: part["use"] * each}
                below = 0.0
                for quantity, way in zip(part["bill"].values(), parts, strict=True):
                    below += quantity * way.cost
                    for key, amount in way.used.items():
                        used[key] = used.get(key, 0.0) + amount * quantity * each
                work = part["cost"] * self.data.discount[start]
                ways.append(
                    Way(
                        (work + below) * each,
                        used,
                        frozenset({site}).union(*(way.sites for way in parts)),
                        frozenset().union(*(way.regions for way in parts)),
                    )
                )
        for (start, end, what, leave), lane in self.data.lane.items():
            if (end, what, lane["arrive"]) == (site, item, t):
                ways += [self._over(way, start, end, item, leave, lane) for way in self.at(start, item, leave)]
        return ways

    def watches(self, limit):
        """{of: (sites, regions)} of a limit."""
        over, data = limit.get("over", "region"), self.data
        group = {"region": data.region, "operator": data.operator, "cluster": data.cluster}.get(over, {})
        group = {site: group.get(site, site) for site in data.sites}
        named = [limit["of"]] if limit["of"] != "each" else self.each
        found = {}
        for of in named:
            members = set(data.members(of)) if over == "region" else {of}
            found[of] = ({site for site in group if group[site] in members}, members if over == "region" else set())
        return found


class Columns:
    """A linear program written column by column and row by row, for HiGHS."""

    def __init__(self):
        self.cost, self.upper, self.rows = [], [], []

    def add(self, cost, upper=np.inf):
        self.cost.append(cost)
        self.upper.append(upper)
        return len(self.cost) - 1

    def require(self, terms, lower, upper):
        merged = {}
        for column, size in terms:
            merged[column] = merged.get(column, 0.0) + size
        self.rows.append((merged, lower, upper))

    def least(self):
        """The least cost, or INFEASIBLE."""
        values = self.solved()
        return INFEASIBLE if values is None else float(np.array(self.cost) @ values)

    def solved(self):
        """The values of an optimum; None where there is none."""
        highs = highspy.Highs()
        highs.silent()
        highs.setOptionValue("threads", 1)
        count = len(self.cost)
        highs.addVars(count, np.zeros(count), np.array(self.upper))
        highs.changeColsCost(count, np.arange(count, dtype=np.int32), np.array(self.cost, dtype=float))
        for merged, lower, upper in self.rows:
            highs.addRow(
                lower,
                upper,
                len(merged),
                np.array(list(merged), dtype=np.int32),
                np.array(list(merged.values()), dtype=float),
            )
        highs.run()
        status = highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        assert status == highspy.HighsModelStatus.kOptimal, status
        return np.array(highs.getSolution().col_value)


def least_by_ways(mapping, limits, *, each=(), exposure=False):
    """The least cost by ways, or INFEASIBLE.

    Args:
        mapping: an instance.
        limits: pathway limits, as in a policy.
        each: the regions that `of: each` names.
        exposure: only what is above the limits is priced, each unit at 1.
    """
    ways, program = Ways(mapping, each), Columns()
    data = ways.data
    price = 0.0 if exposure else 1.0
    sent = [program.add(price * way.cost) for _, _, _, way in ways.deliveries]
    limits_on = {}
    for column, (_, _, _, way) in zip(sent, ways.deliveries, strict=True):
        for key, amount in way.used.items():
            limits_on.setdefault(key, []).append((column, amount))
    for key, terms in limits_on.items():
        room = np.inf
        if key[0] == "source":
            room = ways.sources[key[1]][3]
        elif key[0] == "lane":
            room = data.lane_limit.get(key[1:], np.inf)
        elif key[1:3] in data.limited:
            room = data.capacity.get(key[1:], 0.0)
        if room < np.inf:
            program.require(terms, -np.inf, room)
    for customer, item in sorted({key[:2] for key in data.orders}):
        ordered, served = 0.0, []
        for t in range(data.count):
            served += [
                (column, 1.0)
                for column, delivery in zip(sent, ways.deliveries, strict=True)
                if delivery[:3] == (customer, item, t)
            ]
            order = data.orders.get((customer, item, t))
            if order:
                ordered += order["quantity"]
                most = (1.0 - order["must"]) * order["quantity"]
                served.append((program.add(price * order["lost_cost"] * data.discount[t], most), 1.0))
            late = data.late_cost.get((customer, item, t))
            owed = [] if late is None else [(program.add(price * late * data.discount[t]), 1.0)]
            program.require([*served, *owed], ordered, ordered)
    for limit in limits:
        _add_limit(program, ways, sent, limit, exposure=exposure)
    return program.least()


def _add_limit(program, ways, sent, limit, *, exposure):
    data = ways.data
    window = data.window(limit.get("period", "*"))

    def weight(item):
        return data.value[item] if limit.get("weight") == "value" else 1.0

    def counts(customer, item):
        return customer in limit.get("customers", [customer]) and item in limit.get("items", [item])

    for times in [window] if limit.get("per") == "horizon" else [[t] for t in window]:
        scope = [
            (column, weight(delivery[1]), delivery[3])
            for column, delivery in zip(sent, ways.deliveries, strict=True)
            if delivery[2] in times and counts(*delivery[:2])
        ]
        orders = {key: row for key, row in data.orders.items() if key[2] in times and counts(*key[:2])}
        demand = sum(weight(key[1]) * row["quantity"] for key, row in orders.items())
        for sites, regions in ways.watches(limit).values():
            touched = [(way.sites & sites) or (way.regions & regions) for _, _, way in scope]
            soft = limit.get("soft_cost")
            excess = []
            if soft is not None:
                excess = [(program.add(1.0 if exposure else soft * data.discount[times[-1]]), -1.0)]
            if "min_free" in limit:
                if orders:
                    clear = [(part[0], -part[1]) for part, hit in zip(scope, touched, strict=True) if not hit]
                    program.require([*clear, *excess], -np.inf, -limit["min_free"] * demand)
            else:
                terms = [(part[0], -limit["max_share"] * part[1]) for part in scope]
                terms += [(part[0], part[1]) for part, hit in zip(scope, touched, strict=True) if hit]
                program.require([*terms, *excess], -np.inf, 0.0)
