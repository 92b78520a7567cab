"""An instance read from its raw rows in plain Python: loops and dictionaries, nothing of the planner's own reading.

Every rule is written again from the format's description, so that a mistake in the planner is not made here too.
"""

from collections import defaultdict
from functools import cached_property

LENGTH = {"month": 12, "quarter": 4, "year": 1}


class Reading:
    """The rows of an instance (a mapping in the file format), by what they mean in each period."""

    def __init__(self, mapping):
        self.mapping = mapping
        self.labels, years = _labels(mapping.get("periods", ["1"]))
        self.count = len(self.labels)
        rate = float(mapping.get("discount_rate", 0.0))
        self.discount = [(1.0 + rate) ** (-t * years) for t in range(self.count)]
        self.reported = self.window(mapping.get("report_periods", "*"))
        self.groups = {name: list(members) for name, members in mapping.get("region_groups", {}).items()}
        self.sites = {row["site"]: row for row in self.rows("sites")}
        self.items = {row["item"]: row for row in self.rows("items")}
        self.customers = {row["customer"]: row for row in self.rows("customers")}
        self.region = {name: row["region"] for name, row in {**self.sites, **self.customers}.items()}
        self.operator = {name: row.get("operator") or name for name, row in self.sites.items()}
        self.cluster = {name: row.get("cluster", "") for name, row in self.sites.items()}
        self.stage = {name: row["stage"] for name, row in self.items.items()}
        self.value = {name: float(row.get("value", 0.0)) for name, row in self.items.items()}
        self._processes()
        self._stocks()
        self._demand()
        self.capacity, self.limited = {}, set()
        for row in self.rows("capacities"):
            line = (row["site"], row.get("resource") or row["site"])
            self.limited.add(line)
            for t in self.window(row.get("period", "*")):
                self.capacity[(*line, t)] = float(row["capacity"])
        self.options = {row["option"]: row for row in self.rows("expansions")}
        self.limited |= {self.line_of(row) for row in self.options.values()}

    def rows(self, table):
        return self.mapping.get(table, [])

    def window(self, text):
        text = str(text)
        if text == "*":
            return list(range(self.count))
        if ".." not in text:
            return [self.labels.index(text)]
        first, last = text.split("..")
        start = self.labels.index(first) if first else 0
        stop = self.labels.index(last) if last else self.count - 1
        return list(range(start, stop + 1))

    @staticmethod
    def line_of(row):
        return (row["site"], row.get("resource") or row["site"])

    def members(self, region):
        return self.groups.get(region, [region])

    def _processes(self):
        self.process = {}
        own, wide = defaultdict(dict), defaultdict(dict)
        for row in self.rows("components"):
            recipe = row.get("recipe", "*")
            (wide if recipe == "*" else own)[row["item"] if recipe == "*" else (row["item"], recipe)][
                row["component"]
            ] = float(row["quantity"])
        for row in self.rows("processes"):
            recipe = row.get("recipe", "standard")
            for t in self.window(row.get("period", "*")):
                finish = t + int(row.get("lead_time", 0))
                if finish >= self.count:
                    continue
                self.process[row["site"], row["item"], recipe, t] = {
                    "finish": finish,
                    "yield": float(row.get("yield", 1.0)),
                    "cost": float(row.get("unit_cost", 0.0)),
                    "use": float(row.get("capacity_use", 1.0)),
                    "line": self.line_of(row),
                    "bill": {**wide[row["item"]], **own[row["item"], recipe]},
                }

    def _stocks(self):
        self.supply = defaultdict(float)
        self.stock_row = {(row["site"], row["item"]): row for row in self.rows("stocks")}
        for key, row in self.stock_row.items():
            self.supply[(*key, 0)] += float(row.get("opening", 0.0))
        for row in self.rows("arrivals"):
            for t in self.window(row["period"]):
                self.supply[row["site"], row["item"], t] += float(row["quantity"])

    def standing(self):
        """The rows of opening stock and of arrivals, where there are units."""
        rows = [*self.rows("stocks"), *self.rows("arrivals")]
        return [row for row in rows if float(row.get("opening", row.get("quantity", 0.0))) > 0]

    def may_keep(self, site, item):
        return self.mapping.get("stock", "anywhere") == "anywhere" or (site, item) in self.stock_row

    def stock_bounds(self, site, item, t):
        row = self.stock_row.get((site, item), {})
        low = float(row.get("minimum", 0.0))
        if t == self.count - 1:
            low = max(low, float(row.get("closing_minimum", 0.0)))
        high = row.get("maximum")
        return low, (float(high) if high is not None else float("inf"))

    def holding_cost(self, site, item):
        own = self.stock_row.get((site, item), {}).get("holding_cost")
        if own is not None:
            return float(own)
        listed = self.items[item].get("holding_cost")
        return float(listed) if listed is not None else self.value[item] * float(self.mapping.get("holding_rate", 0.0))

    def _demand(self):
        """orders[c, i, t]: quantity, price, lost_cost, must_serve; late_cost[c, i, t] where something may be owed."""
        self.orders, written = {}, {}
        for row in self.rows("demand"):
            price, lost = row.get("price"), row.get("lost_cost")
            must = row.get("must_serve")
            if must is None:
                must = 1.0 if price is None and lost is None else 0.0
            for t in self.window(row.get("period", "*")):
                key = (row["customer"], row["item"], t)
                self.orders[key] = {
                    "quantity": float(row["quantity"]),
                    "price": float(price or 0.0),
                    "lost_cost": float(lost if lost is not None else price or 0.0),
                    "must": float(must),
                }
                written[key] = row.get("late_cost")
        self.late_cost = {}
        for customer, item in {key[:2] for key in self.orders}:
            current = None
            for t in range(self.count - 1):
                if (customer, item, t) in written:
                    current = written[customer, item, t]
                if current is not None:
                    self.late_cost[customer, item, t] = float(current)

    def _pairs(self, row):
        """(from, to) of a row of lanes, and how exact each end is: an id beats a region beats a group."""

        def ends(text, places):
            if not text.startswith("region:"):
                return [text], 2
            name = text.split(":", 1)[1]
            return [place for place in places if self.region[place] in self.members(name)], int(name not in self.groups)

        starts, start_rank = ends(row["from"], list(self.sites))
        stops, stop_rank = ends(row["to"], [*self.sites, *self.customers])
        return [(a, b) for a in starts for b in stops if a != b], (start_rank, stop_rank)

    @cached_property
    def lane(self):
        """What a unit pays and when it arrives, by (from, to, item, period)."""
        best = {}
        for row in self.rows("lanes"):
            pairs, exact = self._pairs(row)
            named = row.get("item", "*")
            for item in [named] if named != "*" else list(self.items):
                rank = (*exact, int(named != "*"))
                for pair in pairs:
                    for t in self.window(row.get("period", "*")):
                        key = (*pair, item, t)
                        if key not in best or best[key][0] < rank:
                            best[key] = (rank, row)
        return {
            key: {"cost": float(row.get("unit_cost", 0.0)), "arrive": key[3] + int(row.get("lead_time", 0))}
            for key, (_, row) in best.items()
            if key[3] + int(row.get("lead_time", 0)) < self.count
        }

    @cached_property
    def lane_limit(self):
        """Capacity of a lane, by (from, to, item or *, period)."""
        best = {}
        for row in self.rows("lane_capacities"):
            pairs, exact = self._pairs(row)
            for pair in pairs:
                for t in self.window(row.get("period", "*")):
                    key = (*pair, row.get("item", "*"), t)
                    if key not in best or best[key][0] < exact:
                        best[key] = (exact, float(row["capacity"]))
        return {key: capacity for key, (_, capacity) in best.items()}

    def duty(self, start, end, item, t):
        """Rate of the most exact tariff row: from, then to, then item; a region beats a group beats `*`."""
        start, end = self.region[start], self.region[end]

        def rank(name, region):
            if name == "*":
                return 0
            if name in self.groups:
                return 1 if region in self.groups[name] else None
            return 2 if name == region else None

        found = (-1, -1, -1), 0.0
        for row in self.rows("tariffs"):
            first, second = rank(row["from_region"], start), rank(row["to_region"], end)
            third = {"*": 0, item: 1}.get(row.get("item", "*"))
            if None in (first, second, third) or t not in self.window(row.get("period", "*")):
                continue
            if start == end and (first, second) != (2, 2):
                continue  # groups and * mean crossings of a border only
            found = max(found, ((first, second, third), float(row["rate"])))
        return found[1]

    def option_capacity(self, line, t):
        """(option, capacity) of the options that give a resource capacity in a period."""
        return [
            (name, float(row["capacity"]))
            for name, row in self.options.items()
            if self.line_of(row) == line and self.window(row["period"])[0] <= t
        ]

    def allowed(self, policy):
        listed = (policy or {}).get("options")
        return set(self.options) if listed is None else set(listed)

    def limit_rows(self, policy):
        """Every row of a policy's stage limits: (limit, of, period label), max share, soft cost, inside, scope.

        `inside` and `scope` map (site, item, recipe, t) to the weight of a unit started.
        """
        for limit in (policy or {}).get("limits", []):
            per, over = limit.get("per", "period"), limit.get("over", "region")
            window = self.window(limit.get("period", "*"))
            names = {
                "region": self.region,
                "operator": self.operator,
                "cluster": self.cluster,
                "site": {site: site for site in self.sites},
            }[over]
            for times in [window] if per == "horizon" else [[t] for t in window]:
                scope = {
                    key: self.weight(limit.get("weight", "units"), key)
                    for key in self.process
                    if key[3] in times
                    and self.stage[key[1]] == limit["stage"]
                    and (not limit.get("items") or key[1] in limit["items"])
                }
                label = "horizon" if per == "horizon" else self.labels[times[0]]
                soft = limit.get("soft_cost")
                soft = None if soft is None else float(soft) * self.discount[times[-1]]
                if limit["of"] == "each":
                    wanted = {name: [name] for name in sorted({names[key[0]] for key in scope} - {""})}
                else:
                    wanted = {limit["of"]: self.members(limit["of"]) if over == "region" else [limit["of"]]}
                for of, members in wanted.items():
                    inside = {key: weight for key, weight in scope.items() if names[key[0]] in members}
                    yield (limit["name"], of, label), float(limit["max_share"]), soft, inside, scope

    def weight(self, kind, key):
        process = self.process[key]
        if kind == "capacity":
            return process["use"]
        return process["yield"] * (self.value[key[1]] if kind == "value" else 1.0)

    def commitment_uses(self, row):
        """(site, item, recipe, t) of the starts that count, with what a unit started counts."""
        window = self.window(row.get("period", "*"))
        if row.get("item") is not None:
            return {
                key: part["yield"]
                for key, part in self.process.items()
                if key[0] == row["site"] and key[1] == row["item"] and key[3] in window
            }
        return {
            key: part["use"]
            for key, part in self.process.items()
            if part["line"] == self.line_of(row) and key[3] in window
        }

    def present(self):
        """(place, item, t) at which an item could be, quantities apart."""
        found = {key for key, quantity in self.supply.items() if quantity > 0}
        while True:
            new = {(s, i, t + 1) for s, i, t in found if s in self.sites and t + 1 < self.count and self.may_keep(s, i)}
            new |= {
                (s, i, part["finish"])
                for (s, i, _, t), part in self.process.items()
                if all((s, component, t) in found for component in part["bill"])
            }
            new |= {(b, i, part["arrive"]) for (a, b, i, t), part in self.lane.items() if (a, i, t) in found}
            if new <= found:
                return found
            found |= new

    def useful(self):
        """(place, item) from which an item can get into an order."""
        found = {key[:2] for key in self.orders}
        while True:
            new = {(a, i) for a, b, i, _ in self.lane if (b, i) in found}
            new |= {
                (s, component)
                for (s, i, _, _), part in self.process.items()
                if (s, i) in found
                for component in part["bill"]
            }
            if new <= found:
                return found
            found |= new


def _labels(periods):
    if not isinstance(periods, dict):
        return [str(label) for label in periods], 1.0
    count, length, first = int(periods["count"]), periods["length"], str(periods["first"])
    year, part = {"month": (first[:4], first[5:]), "quarter": (first[:4], first[5:]), "year": (first, "1")}[length]
    start = int(year) * LENGTH[length] + int(part) - 1
    form = {"month": "{:04d}-{:02d}", "quarter": "{:04d}Q{}", "year": "{:04d}"}[length]
    labels = [form.format(index // LENGTH[length], index % LENGTH[length] + 1) for index in range(start, start + count)]
    return labels, 1.0 / LENGTH[length]
