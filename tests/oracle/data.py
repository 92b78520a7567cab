"""What an instance says of each single period: every window, default and precedence resolved, in dictionaries."""

from collections import defaultdict

from .calendar import Calendar


def number(value, default=0.0):
    """A cell as a number; empty is the default."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return default
    return float(value)


def text(value, default=""):
    """A cell as text; empty is the default."""
    value = "" if value is None else str(value).strip()
    return value or default


def yes(value, default=False):
    """A cell as yes or no; empty is the default."""
    if isinstance(value, bool):
        return value
    written = text(value).lower()
    return written in {"yes", "true"} if written else default


def listed(value):
    """A value or a list, as a list of texts."""
    if value is None:
        return []
    return [str(part) for part in value] if isinstance(value, list | tuple) else [str(value)]


class Data:
    """Figures by id and period.

    start[s, i, r, t], room[s, q, t], factor[option, t], order[c, i, t], lane[a, b, i, t], lane_room[a, b, i or *, t],
    duty[region, region, i, t], opening[s, i, touched, worked here], arrival[place, i, t, touched, worked here].
    """

    def __init__(self, mapping):
        self.mapping = mapping
        self.calendar = Calendar(mapping.get("periods") or ["1"])
        self.T = self.calendar.count
        elapsed = number(mapping.get("elapsed"))
        rate = number(mapping.get("discount_rate"))
        self.discount = [(1.0 + rate) ** (-(t + elapsed) * self.calendar.years) for t in range(self.T)]
        self.reported = self.calendar.window(mapping.get("report_periods"))
        self.groups = {str(name): listed(parts) for name, parts in (mapping.get("region_groups") or {}).items()}
        self.sites = {text(row["site"]): row for row in self.rows("sites")}
        self.items = {text(row["item"]): row for row in self.rows("items")}
        self.customers = {text(row["customer"]): row for row in self.rows("customers")}
        self.region = {name: text(row["region"]) for name, row in {**self.sites, **self.customers}.items()}
        self.operator = {name: text(row.get("operator"), name) for name, row in self.sites.items()}
        self.cluster = {name: text(row.get("cluster")) for name, row in self.sites.items()}
        self.stage = {name: text(row["stage"]) for name, row in self.items.items()}
        self.value = {name: number(row.get("value")) for name, row in self.items.items()}
        self.held = set()  # (site, t): nothing leaves
        self.stopped = set()  # (site, item, recipe, t): no starts
        self._making()
        self._rooms()
        self._orders()
        self._moving()
        self._duties()
        self._standing()
        self._outages()

    def rows(self, table):
        return self.mapping.get(table) or []

    def window(self, row):
        return self.calendar.window(row.get("period"))

    @staticmethod
    def line(row):
        """(site, resource) of a row; the resource is the site's own where none is named."""
        return text(row["site"]), text(row.get("resource"), text(row["site"]))

    def members(self, name):
        return self.groups.get(name, [name])

    def _making(self):
        self.start = {}
        for row in self.rows("processes"):
            key = (text(row["site"]), text(row["item"]), text(row.get("recipe"), "standard"))
            for t in self.window(row):
                self.start[(*key, t)] = {
                    "cost": number(row.get("unit_cost")),
                    "yield": number(row.get("yield"), 1.0),
                    "lead": int(number(row.get("lead_time"))),
                    "use": number(row.get("capacity_use"), 1.0),
                    "lot": number(row.get("min_lot")),
                    "line": self.line(row),
                }
        self.bill_rows = defaultdict(dict)
        for row in self.rows("components"):
            recipe = text(row.get("recipe"), "*")
            self.bill_rows[text(row["item"]), recipe][text(row["component"])] = number(row["quantity"])

    def bill(self, item, recipe):
        """Quantity of each component for a unit started."""
        return {**self.bill_rows.get((item, "*"), {}), **self.bill_rows.get((item, recipe), {})}

    def _rooms(self):
        self.room, self.limited, self.rowed = {}, set(), set()
        for row in self.rows("capacities"):
            self.limited.add(self.line(row))
            self.rowed.add(self.line(row))
            for t in self.window(row):
                self.room[(*self.line(row), t)] = number(row["capacity"])
        self.options = {text(row["option"]): row for row in self.rows("expansions")}
        self.limited |= {self.line(row) for row in self.options.values()}
        self.factor = {}
        for row in self.rows("expansion_factors"):
            for t in self.window(row):
                self.factor[text(row["option"]), t] = number(row["factor"])

    def option_room(self, option, t):
        """Capacity that an option gives in a period, bought whole."""
        row = self.options[option]
        if t < self.calendar.window(row["period"])[0]:
            return 0.0
        return number(row["capacity"]) * self.factor.get((option, t), 1.0)

    def _orders(self):
        self.order = {}
        for row in self.rows("demand"):
            price, lost, must = (number(row.get(name), None) for name in ("price", "lost_cost", "must_serve"))
            if must is None:
                must = 1.0 if price is None and lost is None else 0.0
            for t in self.window(row):
                key = (text(row["customer"]), text(row["item"]), t)
                found = self.order.setdefault(key, {"quantity": 0.0})
                found.update(price=price, lost=lost, must=must, late=number(row.get("late_cost"), None))
                found["quantity"] += number(row["quantity"])
        self.owed = {(text(row["customer"]), text(row["item"])): row for row in self.rows("owed")}

    def late_cost(self, customer, item):
        """Cost of owing a unit at the end of each period; None where nothing may be owed."""
        row = self.owed.get((customer, item))
        current = number(row.get("late_cost"), None) if row else None
        costs = []
        for t in range(self.T):
            if (customer, item, t) in self.order:
                current = self.order[customer, item, t]["late"]
            costs.append(current)
        return [*costs[:-1], None]

    def _ends(self, name, places):
        """(places, how exact) of an end of a lane."""
        if not name.startswith("region:"):
            return [name], 3
        region = name.removeprefix("region:")
        exact = 1 if region in self.groups else 2
        return [place for place in places if self.region[place] in self.members(region)], exact

    def _by_precedence(self, table, items):
        """{(from, to, item, t): row}: the most exact row of each; `items(row)` are the items that it speaks of."""
        best = {}
        for row in self.rows(table):
            starts, first = self._ends(text(row["from"]), self.sites)
            stops, second = self._ends(text(row["to"]), {**self.sites, **self.customers})
            exact = (first, second, text(row.get("item"), "*") != "*")
            for t in self.window(row):
                for a in starts:
                    for b in stops:
                        for item in items(row):
                            if a != b and best.get((a, b, item, t), ((),))[0] < exact:
                                best[a, b, item, t] = exact, row
        return {key: row for key, (_, row) in best.items()}

    def _moving(self):
        def every(row):
            item = text(row.get("item"), "*")
            return list(self.items) if item == "*" else [item]

        found = self._by_precedence("lanes", every)
        self.lane = {
            key: {"cost": number(row.get("unit_cost")), "lead": int(number(row.get("lead_time")))}
            for key, row in found.items()
        }
        found = self._by_precedence("lane_capacities", lambda row: [text(row.get("item"), "*")])
        self.lane_room = {key: number(row["capacity"]) for key, row in found.items()}

    def _duties(self):
        self.duty, exact = defaultdict(float), {}
        regions = sorted(set(self.region.values()))
        for row in self.rows("tariffs"):
            first, second = text(row["from_region"]), text(row["to_region"])
            item = text(row.get("item"), "*")
            ranks = [0 if name == "*" else 1 if name in self.groups else 2 for name in (first, second)]
            rank = (*ranks, item != "*")
            for a in regions if first == "*" else self.members(first):
                for b in regions if second == "*" else self.members(second):
                    if a == b and ranks != [2, 2]:
                        continue  # groups and * mean crossings of a border only
                    for i in self.items if item == "*" else [item]:
                        for t in self.window(row):
                            if exact.get((a, b, i, t), ()) < rank:
                                exact[a, b, i, t] = rank
                                self.duty[a, b, i, t] = number(row["rate"])

    def _standing(self):
        self.stock = {(text(row["site"]), text(row["item"])): row for row in self.rows("stocks")}
        self.opening = {key: number(row.get("opening")) for key, row in self.stock.items()}
        self.arrivals = [
            (text(row["site"]), text(row["item"]), t, number(row["quantity"]), row)
            for row in self.rows("arrivals")
            for t in self.window(row)
        ]

    def may_keep(self, site, item):
        return text(self.mapping.get("stock"), "anywhere") == "anywhere" or (site, item) in self.stock

    def stock_bounds(self, site, item, t):
        row = self.stock.get((site, item), {})
        low = number(row.get("minimum"))
        if t == self.T - 1:
            low = max(low, number(row.get("closing_minimum")))
        return low, number(row.get("maximum"), float("inf"))

    def holding_cost(self, site, item):
        for row in (self.stock.get((site, item), {}), self.items[item]):
            own = number(row.get("holding_cost"), None)
            if own is not None:
                return own
        return self.value[item] * number(self.mapping.get("holding_rate"))

    def _outages(self):
        for row in self.rows("outages"):
            site, item, recipe = text(row["site"]), text(row.get("item"), "*"), text(row.get("recipe"), "*")
            for t in self.window(row):
                self.stop(site, item, recipe, t, held=yes(row.get("held")))

    def stop(self, site, item, recipe, t, *, held):
        """No starts of an item and recipe (`*`: all) at a site in a period; held: nothing leaves the site either."""
        for key in self.start:
            if key[0] == site and key[3] == t and item in {"*", key[1]} and recipe in {"*", key[2]}:
                self.stopped.add(key)
        if held:
            self.held.add((site, t))
