"""Random small instances that look real: a chain of stages over regions, from a seed and nothing else."""

import random
from copy import deepcopy
from itertools import count as count_from
from itertools import islice

from raw_reading import Reading
from windows import window_of

REGIONS = ["TW", "US", "KR", "JP", "MY"]
STAGES = ["wafer", "memory", "packaging", "test"]
CALENDARS = [("month", "2027-01"), ("quarter", "2027Q1"), ("year", "2027"), (None, None)]


def random_instance(seed, *, integers=True, limits=True, wide=None, calm=False):
    """An instance in the file format, as a mapping of text and numbers.

    Args:
        seed: the same seed gives the same instance.
        integers: whether options may bring fixed costs and all-or-nothing purchases.
        limits: whether a policy `limited` with stage limits stands in it.
        wide: whether lanes are written by region (None: as the seed has it).
        calm: only what can never make more demand cheaper: no stock, arrivals or commitments, all demand served.
    """
    rng = random.Random(seed)
    build = _Build(rng, integers=integers, calm=calm, wide=rng.random() < 0.4 if wide is None else wide)
    mapping = build.mapping()
    if not calm:
        mapping = _without_hopeless_orders(mapping)
    if limits:
        mapping["policies"] = [_policy(rng, mapping)]
    return mapping


class _Build:
    def __init__(self, rng, *, integers, calm, wide):
        self.rng, self.integers, self.calm, self.wide = rng, integers, calm, wide
        self.count = rng.choice([1, 2, 3, 4, 5, 6])
        self.regions = rng.sample(REGIONS, rng.randint(2, 5))
        self.stages = STAGES[-rng.randint(2, 4) :]
        length, first = rng.choice(CALENDARS)
        self.periods = {"first": first, "count": self.count, "length": length}
        if length is None:
            self.periods = [f"week-{k + 1}" for k in range(self.count)]
        self.labels = Reading({"periods": self.periods}).labels
        self.round_figures = rng.random() < 0.3  # ties on purpose
        self.longest = min(2, self.count - 1)

    def figure(self, low, high):
        if self.round_figures:
            return float(self.rng.choice([low, (low + high) // 2, high]))
        return round(self.rng.uniform(low, high), 2)

    def window(self):
        """A window, or all periods."""
        if self.count == 1 or self.rng.random() < 0.6:
            return "*"
        return window_of(self.rng, self.labels)

    def split(self):
        """Windows that follow one another and cover every period."""
        if self.count == 1 or self.rng.random() < 0.7:
            return ["*"]
        cut = self.rng.randrange(1, self.count)
        return [f"..{self.labels[cut - 1]}", f"{self.labels[cut]}.."]

    def mapping(self):
        rng = self.rng
        items = self._items()
        sites = self._sites()
        processes = self._processes(sites, items)
        customers = [{"customer": f"c{k}", "region": rng.choice(self.regions)} for k in range(rng.randint(1, 4))]
        mapping = {
            "schema_version": 1,
            "name": "random",
            "periods": self.periods,
            "stages": self.stages,
            "region_groups": {"world": sorted({row["region"] for row in [*sites, *customers]})},
            "discount_rate": rng.choice([0.0, 0.08, 0.2]),
            "holding_rate": rng.choice([0.0, 0.02]),
            "stock": rng.choice(["anywhere", "anywhere", "listed"]),
            "sites": sites,
            "items": [item for part in items.values() for item in part],
            "processes": processes,
            "components": self.components,
            "customers": customers,
        }
        if self.count > 2 and rng.random() < 0.5:
            mapping["report_periods"] = f"{self.labels[1]}..{self.labels[-1]}"
        mapping["capacities"] = self._capacities(processes)
        mapping["demand"] = self._demand(customers, items)
        mapping["lanes"], mapping["lane_capacities"] = self._lanes(mapping)
        mapping["tariffs"] = self._tariffs(mapping)
        mapping["expansions"] = self._options(mapping["capacities"])
        if not self.calm:
            mapping["stocks"], mapping["arrivals"] = self._stocks(mapping)
            mapping["commitments"] = self._commitments(processes)
        return {name: value for name, value in mapping.items() if value not in ([], None)}

    def _items(self):
        rng, found = self.rng, {}
        self.components = []
        for depth, stage in enumerate(self.stages):
            found[stage] = []
            for k in range(rng.choice([1, 1, 2])):
                item = {"item": f"{stage}-{k}", "stage": stage, "value": self.figure(5, 40) * (depth + 1)}
                if rng.random() < 0.4:
                    item["holding_cost"] = self.figure(0, 2)
                found[stage].append(item)
                if not depth:
                    continue
                earlier = [part["item"] for part in found[self.stages[depth - 1]]]
                used = {rng.choice(earlier)}
                if rng.random() < 0.5:  # a join
                    used.add(rng.choice([part["item"] for name in self.stages[:depth] for part in found[name]]))
                self.components += [
                    {"item": item["item"], "component": component, "quantity": rng.choice([1, 1, 2, 0.5])}
                    for component in sorted(used)
                ]
        return found

    def _sites(self):
        rng = self.rng
        count = rng.randint(max(3, len(self.stages)), 12)
        sites = []
        for k in range(count):
            site = {"site": f"s{k}", "region": rng.choice(self.regions)}
            if rng.random() < 0.6:
                site["operator"] = rng.choice(["alpha", "beta"])
            if rng.random() < 0.3:
                site["cluster"] = rng.choice(["north", "south"])
            sites.append(site)
        self.stage_of = {
            site["site"]: self.stages[k] if k < len(self.stages) else rng.choice([*self.stages, None])
            for k, site in enumerate(sites)
        }
        return sites

    def _processes(self, sites, items):
        rng, rows, recipes = self.rng, [], set()
        for site in sites:
            stage = self.stage_of[site["site"]]
            if stage is None:
                continue
            for item in items[stage]:
                if len(items[stage]) > 1 and site["site"] not in self.first_of_stage() and rng.random() < 0.3:
                    continue
                recipe = "standard" if rng.random() < 0.8 else "quick"
                recipes.add((item["item"], recipe))
                line = f"line-{rng.randint(1, 2)}" if rng.random() < 0.3 else None
                lead = rng.randint(0, self.longest) if rng.random() < 0.4 else 0
                for window in self.split() if site["site"] in self.first_of_stage() else [self.window()]:
                    row = {
                        "site": site["site"],
                        "item": item["item"],
                        "recipe": recipe,
                        "period": window,
                        "unit_cost": self.figure(1, 20),
                        "yield": rng.choice([1, 1, 0.9, 0.75]),
                        "lead_time": lead,
                        "capacity_use": rng.choice([1, 1, 0.5, 2]),
                    }
                    if line:
                        row["resource"] = line
                    rows.append(row)
        for item, recipe in sorted(recipes):
            bill = [row for row in self.components if row["item"] == item]
            if bill and recipe == "quick" and rng.random() < 0.6:
                self.components.append({**bill[0], "recipe": recipe, "quantity": rng.choice([0.8, 1.5])})
        return rows

    def first_of_stage(self):
        return {f"s{k}" for k in range(len(self.stages))}

    def _capacities(self, processes):
        rows = []
        for site, line in sorted({(row["site"], row.get("resource", "")) for row in processes}):
            if self.rng.random() < 0.15:
                continue  # unlimited
            for window in self.split() if self.rng.random() < 0.8 else [self.window()]:
                row = {"site": site, "period": window, "capacity": self.figure(30, 250)}
                if line:
                    row["resource"] = line
                rows.append(row)
        return rows

    def _demand(self, customers, items):
        rng, rows = self.rng, []
        products = [item["item"] for item in items[self.stages[-1]]]
        for customer in customers:
            for item in products:
                if rows and rng.random() < 0.3:
                    continue
                late = self.figure(1, 10) if rng.random() < 0.5 else None
                for window in self.split():
                    row = {
                        "customer": customer["customer"],
                        "item": item,
                        "period": window,
                        "quantity": rng.choice([0, self.figure(5, 60), self.figure(5, 60), self.figure(5, 60)]),
                    }
                    row.update(
                        rng.choice(
                            [
                                {"price": self.figure(100, 400)},
                                {"lost_cost": self.figure(60, 300)},
                                {"price": self.figure(100, 400), "lost_cost": self.figure(60, 500)},
                                {"price": self.figure(100, 400)},
                                {"lost_cost": self.figure(60, 300)},
                                {"lost_cost": self.figure(60, 300), "must_serve": 0.3},
                                {"price": 200.0, "must_serve": 0.1},
                            ]
                        )
                        if not self.calm
                        else {"lost_cost": 10_000.0, "must_serve": 1}
                    )
                    if late is not None and rng.random() < 0.9:
                        row["late_cost"] = late
                    rows.append(row)
        if all(row["quantity"] == 0 for row in rows):
            rows[0]["quantity"] = 20.0
        return rows

    def _lanes(self, mapping):
        rng, lanes, limits = self.rng, {}, {}
        places = [row["site"] for row in mapping["sites"]]
        customers = [row["customer"] for row in mapping["customers"]]

        def lane(start, end, item):
            row = {
                "from": start,
                "to": end,
                "item": item,
                "unit_cost": self.figure(0, 8),
                "lead_time": rng.randint(0, self.longest) if rng.random() < 0.3 else 0,
            }
            lanes.setdefault((start, end, item), row)

        if self.wide:
            lane("region:world", "region:world", "*")
            for _ in range(rng.randint(0, 4)):
                lane(
                    f"region:{rng.choice(mapping['region_groups']['world'])}",
                    rng.choice([f"region:{rng.choice(mapping['region_groups']['world'])}", *places, *customers]),
                    "*",
                )
        makers = {}
        for row in mapping["processes"]:
            makers.setdefault(row["item"], []).append(row["site"])
        needs = {
            (row["site"], part["component"])
            for row in mapping["processes"]
            for part in self.components
            if part["item"] == row["item"]
        }
        needs |= {(row["customer"], row["item"]) for row in mapping["demand"]}
        for place, item in sorted(needs):
            sources = sorted(set(makers[item]) - {place})
            for source in rng.sample(sources, min(len(sources), rng.randint(1, 3))):
                if not self.wide or rng.random() < 0.3:
                    lane(source, place, rng.choice([item, item, "*"]))
        hubs = [site for site in places if self.stage_of[site] is None]
        for hub in hubs:
            lane(rng.choice(makers[mapping["demand"][0]["item"]]), hub, "*")
            lane(hub, rng.choice(customers), "*")
        for start, end, item in rng.sample(sorted(lanes), min(len(lanes), rng.randint(0, 3))):
            window = self.window()
            limits[start, end, item] = {
                "from": start,
                "to": end,
                "item": item,
                "period": window,
                "capacity": self.figure(10, 80),
            }
        return list(lanes.values()), list(limits.values())

    def _tariffs(self, mapping):
        rng, world = self.rng, mapping["region_groups"]["world"]
        rows = {}
        for _ in range(rng.randint(0, 4)):
            start, end = rng.choice(["*", "world", *world]), rng.choice(["*", *world])
            item = rng.choice(["*", "*", mapping["demand"][0]["item"]])
            rows.setdefault(
                (start, end, item),
                {
                    "from_region": start,
                    "to_region": end,
                    "item": item,
                    "rate": rng.choice([0.05, 0.1, 0.25]),
                    "period": self.window(),
                },
            )
        return list(rows.values())

    def _stocks(self, mapping):
        rng, stocks, arrivals = self.rng, {}, {}
        made = sorted({(row["site"], row["item"]) for row in mapping["processes"]} & Reading(mapping).useful())
        for site, item in rng.sample(made, min(len(made), rng.randint(0, 5))):
            row = {"site": site, "item": item}
            if rng.random() < 0.6:
                row["opening"] = self.figure(5, 60)
            if "opening" in row and rng.random() < 0.3:
                row["closing_minimum"] = round(0.5 * row["opening"], 2)
            if "opening" in row and rng.random() < 0.3:
                row["minimum"] = round(0.3 * row["opening"], 2)
            if rng.random() < 0.3:
                row["maximum"] = self.figure(60, 200)
            if rng.random() < 0.3:
                row["holding_cost"] = rng.choice([0.0, 0.1])  # dearer, and moving it away would pay: a test of its own
            stocks[site, item] = row
        if mapping["stock"] == "listed":  # what is made must be able to wait somewhere
            for site, item in made:
                if rng.random() < 0.7:
                    stocks.setdefault((site, item), {"site": site, "item": item})
        for site, item in rng.sample(made, min(len(made), rng.randint(0, 2))):
            if mapping["stock"] == "anywhere":
                arrivals[site, item] = {
                    "site": site,
                    "item": item,
                    "period": rng.choice(self.labels),
                    "quantity": self.figure(5, 40),
                }
        return list(stocks.values()), list(arrivals.values())

    def _commitments(self, processes):
        rng, rows = self.rng, []
        for k in range(rng.choice([0, 0, 1, 2])):
            process = rng.choice(processes)
            row = {
                "commitment": f"contract-{k}",
                "site": process["site"],
                "period": self.window(),
                "minimum": self.figure(5, 80),
                "shortfall_cost": self.figure(1, 15),
            }
            if rng.random() < 0.5:
                row["item"] = process["item"]
            elif "resource" in process:
                row["resource"] = process["resource"]
            rows.append(row)
        return rows

    def _options(self, capacities):
        rng, rows = self.rng, []
        kinds = [{}, {}, {"fixed_cost": 150.0}, {"fixed_cost": 400.0, "all_or_nothing": "yes"}]
        for k in range(rng.randint(0, 2) if capacities else 0):
            line = rng.choice(capacities)
            row = {
                "option": f"option-{k}",
                "site": line["site"],
                "period": rng.choice(self.labels),
                "capacity": self.figure(20, 120),
                "unit_cost": self.figure(1, 12),
            }
            row.update(rng.choice(kinds) if self.integers else {})
            if "resource" in line:
                row["resource"] = line["resource"]
            rows.append(row)
        return rows


def _without_hopeless_orders(mapping):
    """The instance without orders that nothing can ever reach, and without promises that come too early to keep."""
    data = Reading(mapping)
    present = data.present()
    rows = []
    for row in mapping["demand"]:
        where = (row["customer"], row["item"])
        if not any((*where, t) in present for t in range(data.count)):
            continue
        late_ever = any(key[:2] == where for key in data.late_cost)
        in_time = all((*where, t) in present for t in data.window(row.get("period", "*")))
        if not in_time and (not late_ever or "late_cost" not in row):
            rows.append({key: value for key, value in row.items() if key != "must_serve"})
        else:
            rows.append(row)
    if not rows:
        raise HopelessError
    return {**mapping, "demand": rows}


class HopelessError(Exception):
    """No order of the instance can be reached; the seed gives none."""


def _policy(rng, mapping):
    data = Reading(mapping)
    stages = sorted({data.stage[row["item"]] for row in mapping["processes"]})
    rows = []
    for k in range(rng.randint(1, 3)):
        stage = rng.choice(stages)
        over = rng.choice(["region", "region", "operator", "site", "cluster"])
        known = {
            "region": {*data.region.values(), "world"} & {*(data.region[s] for s in data.sites), "world"},
            "operator": set(data.operator.values()),
            "site": set(data.sites),
            "cluster": set(data.cluster.values()) - {""},
        }[over]
        row = {
            "name": f"limit-{k}",
            "measure": "stage",
            "stage": stage,
            "over": over,
            "of": rng.choice(["each", *sorted(known)]),
            "max_share": rng.choice([0.4, 0.5, 0.6, 0.75, 0.9]),
            "per": rng.choice(["period", "horizon"]),
            "weight": rng.choice(["units", "value", "capacity"]),
        }
        if rng.random() < 0.4 or row["of"] == "world":  # everything is in the world: only a soft limit can hold
            row["soft_cost"] = rng.choice([2.0, 10.0, 50.0])
        if data.count > 2 and rng.random() < 0.3:
            row["period"] = f"{data.labels[1]}.."
        rows.append(row)
    policy = {"name": "limited", "limits": rows}
    if data.options and rng.random() < 0.3:
        policy["options"] = sorted(data.options)[:1]
    return policy


HOPELESS = {
    True: {110, 154, 304, 333, 1012, 1033, 1109, 1192, 1291, 1341, 1373, 1469, 1500, 1504, 1521}
    | {2020, 2035, 2108, 2239, 5002, 5044, 5060, 5296, 5368, 5383, 5394},
    False: {102, 110, 160, 333, 1012, 1033, 1041, 1093, 1109, 1192, 1220, 1241, 1310, 1373, 1469, 1500, 1504, 1521}
    | {1559, 2020, 2023, 2035, 2108, 2173, 2239, 5002, 5060, 5191, 5210, 5246, 5247, 5296, 5324, 5331, 5368, 5378}
    | {5385, 5394, 5404, 5411},
}  # seeds without an order that can be met, by whether there are integers; test_seeds.py finds them


def seeds(count, start=0, *, integers=True, **_options):
    """The first seeds from `start` on that give an instance."""
    return list(islice((seed for seed in count_from(start) if seed not in HOPELESS[integers]), count))


def labels_of(seed):
    """The periods of an instance, without making the rest of it."""
    rng = random.Random(seed)
    return _Build(rng, integers=True, calm=False, wide=rng.random() < 0.4).labels


def shuffled(mapping, seed):
    """The same instance with the rows of every table, policy and scenario in another order."""
    rng = random.Random(seed)
    out = deepcopy(mapping)
    for value in out.values():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rng.shuffle(value)
    return out
