"""Random small instances with every feature of the format together, and odd figures on purpose, from a seed alone."""

from .calendar import Calendar
from .draws import Draws
from .questions import policy, scenario

CALENDARS = [
    lambda count: {"first": "2027-11", "count": count, "length": "month"},
    lambda count: {"first": "2027Q3", "count": count, "length": "quarter"},
    lambda count: {"first": "2027", "count": count, "length": "year"},
    lambda count: {"first": "2026-W51", "count": count, "length": "week"},
    lambda count: [f"part-{k}" for k in range(count)],
    lambda count: f"2027Q4..2028Q{count}" if count < 5 else "2027-09..2028-02",
]


class Wide(Draws):
    """Builds one mapping in the file format; `mapping` is the result."""

    def __init__(self, seed):
        super().__init__(seed)
        rng = self.rng
        self.mapping = {"name": "wide", "periods": rng.choice(CALENDARS)(rng.choice([1, 2, 3, 3, 4, 5]))}
        self.labels = Calendar(self.mapping["periods"]).labels
        self.T = len(self.labels)
        self.whole = rng.random() < 0.3  # round figures: ties on purpose
        self._places()
        self._settings()
        self._chain()
        self._making()
        self._orders()
        self._lanes()
        self._standing()
        self._contracts()
        self.mapping["policies"] = [policy(self, k) for k in range(2)]
        self.mapping["scenarios"] = [scenario(self, k) for k in range(2)]
        self.mapping = {name: value for name, value in self.mapping.items() if value not in ([], None)}

    def _settings(self):
        rng = self.rng
        two = self.regions[:2]
        self.groups = rng.choice([{}, {"east": two}, {"east": two, "all": self.regions}])
        self.mapping |= {
            "region_groups": self.groups,
            "discount_rate": rng.choice([0.0, 0.08, 0.3]),
            "holding_rate": rng.choice([0.0, 0.0, 0.02]),
            "stock": rng.choice(["anywhere", "anywhere", "listed"]),
        }
        if self.T > 1 and self.chance(0.2):
            self.mapping["report_periods"] = f"{self.labels[1]}.."
        if self.chance(0.1):
            self.mapping["elapsed"] = rng.randint(1, 3)

    def _chain(self):
        rng = self.rng
        self.stages = ["die", "pack", "test"][-rng.choice([1, 2, 2, 3]) :]
        self.items, self.bill = [], []
        for stage in self.stages:
            before = list(self.items)
            for k in range(rng.choice([1, 1, 2])):
                item = {"item": f"{stage}{k}", "stage": stage, "value": self.figure(0, 40)}
                if self.chance(0.4):
                    item["holding_cost"] = self.figure(0, 2)
                self.items.append(item)
                for part in rng.sample(before, min(len(before), rng.choice([1, 1, 2]))):
                    row = {
                        "item": item["item"],
                        "component": part["item"],
                        "quantity": rng.choice([1, 1, 2, 0.5, 0.01]),
                    }
                    self.bill.append(row)
                    if self.chance(0.2):
                        self.bill.append({**row, "recipe": "quick", "quantity": rng.choice([0.8, 3])})
        self.stage_of = {item["item"]: item["stage"] for item in self.items}
        self.names = list(self.stage_of)
        self.mapping |= {"stages": self.stages, "items": self.items, "components": self.bill}

    def _places(self):
        rng = self.rng
        self.sites, wished = [], rng.choice(["AB", "AB", "ABC", "ABC", "A"])
        for k in range(rng.choice([1, 2, 3, 3, 4])):
            site = {"site": f"s{k}", "region": rng.choice(wished)}
            if self.chance(0.5):
                site["operator"] = rng.choice(["op", "other"])
            if self.chance(0.3):
                site["cluster"] = rng.choice(["north", "south"])
            self.sites.append(site)
        self.site_names = [site["site"] for site in self.sites]
        self.customers = [{"customer": f"c{k}", "region": rng.choice(wished)} for k in range(rng.choice([1, 1, 2]))]
        self.regions = sorted({row["region"] for row in [*self.sites, *self.customers]})
        self.mapping |= {"sites": self.sites, "customers": self.customers}

    def _making(self):
        rng, rows = self.rng, []
        self.lines = set()
        for item in self.names:
            chosen = self.some(self.site_names)
            for site in chosen:
                for recipe in rng.choice([["standard"], ["standard"], ["quick"], ["standard", "quick"]]):
                    line = rng.choice([None, None, "line"])
                    self.lines.add((site, line))
                    lead, lot = self.lead(), rng.choice([0] * 8 + [self.figure(1, 30)])
                    for window in self.split():
                        row = {
                            "site": site,
                            "item": item,
                            "recipe": recipe,
                            "period": window,
                            "unit_cost": rng.choice([0, self.figure(1, 20), self.figure(1, 20), self.figure(1, 20)]),
                            "yield": rng.choice([1, 1, 0.9, 0.5, 0.02]),
                            "lead_time": lead if self.chance(0.8) else self.lead(),
                            "capacity_use": rng.choice([1, 1, 0.5, 2, 0]),
                        }
                        row |= {"resource": line} if line else {}
                        row |= {"min_lot": lot} if lot else {}
                        if self.chance(0.01):
                            row["unit_cost"] = -1.0
                        rows.append(row)
        known = {(row["item"], row["recipe"]) for row in rows}
        self.mapping["components"] = self.bill = [
            row for row in self.bill if row.get("recipe", "*") == "*" or (row["item"], row["recipe"]) in known
        ]
        capacities = []
        for site, line in sorted(self.lines, key=str):
            if self.chance(0.3):
                continue  # unlimited
            for window in self.split():
                row = {
                    "site": site,
                    "period": window,
                    "capacity": rng.choice([0, *(self.figure(5, 200) for _ in "1234")]),
                }
                capacities.append(row | ({"resource": line} if line else {}))
        options = []
        for k in range(rng.choice([0, 0, 1, 2])):
            site, line = rng.choice(sorted(self.lines, key=str))
            row = {
                "option": f"o{k}",
                "site": site,
                "period": rng.choice(self.labels),
                "capacity": rng.choice([0, self.figure(5, 120), self.figure(5, 120)]),
                "unit_cost": self.figure(0, 12),
                "fixed_cost": rng.choice([0, 0, 50.0, 400.0]),
                "all_or_nothing": rng.choice(["no", "no", "yes"]),
            }
            row |= {"resource": line} if line else {}
            row |= {"bought": rng.choice([0, 0.5, 1])} if self.chance(0.1) else {}
            if row.get("bought") == 0.5:
                row["all_or_nothing"] = "no"
            options.append(row)
        self.options = [row["option"] for row in options]
        self.mapping |= {"processes": rows, "capacities": capacities, "expansions": options}
        if options and self.chance(0.15):
            self.mapping["expansion_factors"] = [
                {"option": rng.choice(self.options), "period": self.window(), "factor": rng.choice([0, 0.5, 2])}
            ]
        if self.chance(0.1):
            row = rng.choice(rows)
            held = rng.choice(["yes", "no", "no"])
            self.mapping["outages"] = [
                {"site": row["site"], "item": rng.choice(["*", row["item"]]), "period": self.window(), "held": held}
            ]
            if held == "no" and self.chance(0.3):
                self.mapping["outages"][0] |= {"item": row["item"], "recipe": row["recipe"]}

    def _orders(self):
        rng, rows = self.rng, []
        final = [item for item in self.names if self.stage_of[item] == self.stages[-1]]
        for customer in self.customers:
            for item in self.names:
                if not self.chance(0.8 if item in final else 0.15):
                    continue
                late = self.figure(0, 8)
                for window in self.split():
                    row = {
                        "customer": customer["customer"],
                        "item": item,
                        "period": window,
                        "quantity": rng.choice([0, 0.01, *(self.figure(1, 60) for _ in "123456")]),
                    }
                    row |= rng.choice(
                        [
                            {"price": self.figure(50, 400)},
                            {"price": self.figure(50, 400)},
                            {"lost_cost": self.figure(20, 300)},
                            {"lost_cost": self.figure(20, 300)},
                            {"price": 100.0, "lost_cost": self.figure(0, 300)},
                            {"price": self.figure(50, 400), "must_serve": rng.choice([0, 0, 0, 0.1, 0.3])},
                            {"lost_cost": self.figure(50, 400), "must_serve": rng.choice([0, 0, 0.2])},
                            {"price": self.figure(50, 400)} if self.chance(0.7) else {},
                        ]
                    )
                    row |= {"late_cost": late} if self.chance(0.5) else {}
                    rows.append(row)
                    if self.chance(0.05):
                        rows.append({**row, "quantity": self.figure(1, 9)})
        if not rows:
            rows = [{"customer": "c0", "item": final[0], "quantity": 10.0, "price": 200.0}]
        self.ordered = sorted({(row["customer"], row["item"]) for row in rows})
        self.mapping["demand"] = rows
        if self.chance(0.1):
            customer, item = rng.choice(self.ordered)
            row = {"customer": customer, "item": item, "quantity": self.figure(1, 10)}
            self.mapping["owed"] = [row | ({"late_cost": self.figure(0, 9)} if self.chance(0.7) else {})]

    def _ends(self):
        places = [*self.site_names, *(row["customer"] for row in self.customers)]
        wide = [f"region:{name}" for name in [*self.regions, *self.groups]]
        start = self.rng.choice([*self.site_names, *wide])
        stop = self.rng.choice([*places, *wide])
        return (start, stop) if start != stop or start in wide else (start, "c0")

    def _lanes(self):
        rng, rows = self.rng, {}
        keys = []
        for customer, item in self.ordered:
            makers = sorted({row["site"] for row in self.mapping["processes"] if row["item"] == item})
            keys += [(site, customer, rng.choice([item, "*"])) for site in self.some(makers, 2)]
        keys += [(*self._ends(), rng.choice(["*", "*", rng.choice(self.names)])) for _ in range(rng.randint(0, 6))]
        if self.chance(0.3):
            keys += [(f"region:{a}", f"region:{b}", "*") for a in self.regions for b in self.regions]
        for start, stop, item in keys:
            rows.setdefault((start, stop, item), []) or rows[start, stop, item].extend(
                {
                    "from": start,
                    "to": stop,
                    "item": item,
                    "period": window,
                    "unit_cost": rng.choice([0, self.figure(0, 8), self.figure(0, 8)]),
                    "lead_time": self.lead(),
                }
                for window in (self.split() if self.chance(0.4) else ["*"])
            )
        self.mapping["lanes"] = [row for part in rows.values() for row in part]
        if self.chance(0.05):
            rng.choice(self.mapping["lanes"])["unit_cost"] = -1.0
        limits = {}
        for _ in range(rng.choice([0, 0, 1, 2, 3])):
            start, stop, item = rng.choice([*keys, (*self._ends(), rng.choice(["*", *self.names]))])
            row = {"from": start, "to": stop, "item": item, "period": self.window()}
            limits[start, stop, item] = row | {"capacity": rng.choice([0, self.figure(2, 80), self.figure(2, 80)])}
        self.mapping["lane_capacities"] = list(limits.values())
        rates = {}
        for _ in range(rng.choice([0, 0, 1, 2, 4])):
            start, stop = (rng.choice(["*", *self.groups, *self.regions]) for _ in "12")
            item = rng.choice(["*", *self.names])
            row = {"from_region": start, "to_region": stop, "item": item, "period": self.window()}
            rates[start, stop, item] = row | {"rate": rng.choice([0, 0.1, 0.25, 1.5])}
        self.mapping["tariffs"] = list(rates.values())

    def _touched(self):
        row = {}
        if self.chance(0.3):
            row["touched"] = "+".join(sorted(self.some(self.regions)))
        if self.chance(0.2):
            row["worked_here"] = "no"
        return row

    def _standing(self):
        rng, stocks, arrivals = self.rng, {}, {}
        listed = self.mapping["stock"] == "listed"
        for site in self.site_names:
            for item in self.names:
                if not self.chance(0.6 if listed else 0.2):
                    continue
                row = {"site": site, "item": item}
                if self.chance(0.5):
                    row |= {"opening": self.figure(1, 60)} | self._touched()
                if self.chance(0.25):
                    row["maximum"] = self.figure(20, 100) + row.get("opening", 0.0)
                if self.chance(0.15):
                    row["minimum"] = round(rng.choice([0.2, 0.5]) * row.get("opening", 0.0), 2)
                if self.chance(0.03):
                    row["closing_minimum"] = 4.0
                if self.chance(0.15):
                    row["closing_minimum"] = round(rng.choice([0.5, 0.9]) * row.get("opening", 0.0), 2)
                if self.chance(0.3):
                    row["holding_cost"] = rng.choice([0.0, 0.1, 3.0])
                stocks[site, item] = row
        for _ in range(rng.choice([0, 0, 0, 1, 2])):
            site, item = rng.choice(self.site_names), rng.choice(self.names)
            if listed and (site, item) not in stocks:
                continue
            row = {"site": site, "item": item, "period": rng.choice(self.labels), "quantity": self.figure(0, 30)}
            arrivals[site, item] = row | self._touched()
        if self.chance(0.03):
            customer, item = rng.choice(self.ordered)
            row = {"site": customer, "item": item, "period": rng.choice(self.labels), "quantity": 1.0}
            arrivals[customer, item] = row | ({"touched": rng.choice(self.regions)} if self.chance(0.5) else {})
        self.mapping |= {"stocks": list(stocks.values()), "arrivals": list(arrivals.values())}

    def _contracts(self):
        rng, rows = self.rng, []
        for k in range(rng.choice([0, 0, 1, 2])):
            process = rng.choice(self.mapping["processes"])
            row = {
                "commitment": f"deal{k}",
                "site": process["site"],
                "period": self.window(),
                "minimum": rng.choice([0, self.figure(1, 20), self.figure(50, 300)]),
            }
            if self.chance(0.9) or row["minimum"] > 20:
                row["shortfall_cost"] = self.figure(0, 15)
            if self.chance(0.5):
                row["item"] = process["item"]
            elif "resource" in process:
                row["resource"] = process["resource"]
            rows.append(row)
        self.mapping["commitments"] = rows


def wide(seed):
    """The instance of a seed, as a mapping of text and numbers; what no planner could read may be among them."""
    return Wide(seed).mapping


def cases(mapping):
    """(policy, scenario) of the questions that are put to an instance, by name or None."""
    first, second = (policy["name"] for policy in mapping["policies"])
    hit, other = (scenario["name"] for scenario in mapping["scenarios"])
    return [(None, None), (first, None), (second, None), (None, hit), (first, other)]
