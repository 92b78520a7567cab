"""Small instances in which rules that seldom meet stand together on purpose: each half of the time, and all can bind.

A join (two dies' worth of parts with yields and lead times), a part that is ordered as well as used, goods handed over
at customers, lanes that take longer than there is time, stock that has touched regions, transit through a third region,
one item made by several recipes, lines and sites, options from a later period, units late and lost under one order,
commitments and limits over several periods, soft floors, strikes across all of these.
"""

import random

from .calendar import Calendar

CALENDARS = [
    lambda count: {"first": "2027Q2", "count": count, "length": "quarter"},
    lambda count: {"first": "2027-11", "count": count, "length": "month"},
    lambda count: [f"t{k}" for k in range(count)],
]
STAGES = {"die": "fab", "sub": "fab", "pack": "pack", "chip": "test"}


class Crossed:
    """Builds one mapping in the file format; `mapping` is the result."""

    def __init__(self, seed):
        self.rng = rng = random.Random(f"crossed {seed}")
        count = rng.choice([2, 3, 3, 4])
        periods = rng.choice(CALENDARS)(count)
        self.labels = Calendar(periods).labels
        self.T = count
        self.tested = self.half()  # a third stage
        self.product = "chip" if self.tested else "pack"
        self.mapping = {"name": "crossed", "periods": periods, "discount_rate": rng.choice([0.0, 0.1])}
        self.mapping |= {
            "stock": rng.choice(["anywhere", "anywhere", "listed"]),
            "holding_rate": rng.choice([0.0, 0.01]),
        }
        self._places()
        self._chain()
        self._making()
        self._lanes()
        self._orders()
        self._standing()
        self._promises()
        self.mapping["policies"] = [self._policy("p0"), self._policy("p1")]
        self.mapping["scenarios"] = [self._strike("w0"), self._turn("w1")]
        self.mapping = {name: value for name, value in self.mapping.items() if value not in ([], {}, None)}

    def half(self):
        return self.rng.random() < 0.5

    def rarely(self):
        return self.rng.random() < 0.2

    def figure(self, low, high):
        return round(self.rng.uniform(low, high), 1)

    def later(self):
        """A window that leaves out the first period, or the last."""
        return self.rng.choice([f"{self.labels[1]}..", f"..{self.labels[-2]}", self.labels[-1], self.labels[1]])

    def window(self):
        return self.later() if self.half() else "*"

    def lead(self):
        return self.rng.choice([0, 0, 0, 1, 1, self.T - 1])

    def _places(self):
        sites = [
            {"site": "a", "region": "A", "operator": "one", "cluster": "bay"},
            {"site": "b", "region": "B", "operator": "two"},
            {"site": "c", "region": self.rng.choice("AB"), "operator": "one", "cluster": "bay"},
            {"site": "hub", "region": "C"},
        ]
        customers = [{"customer": "x", "region": "A"}, {"customer": "y", "region": self.rng.choice("BC")}]
        self.mapping |= {"sites": sites, "customers": customers, "region_groups": {"near": ["A", "C"]}}

    def _chain(self):
        values = {"die": 6.0, "sub": 2.0, "pack": 15.0, "chip": 20.0}
        names = [name for name in STAGES if name != "chip" or self.tested]
        items = [{"item": name, "stage": STAGES[name], "value": values[name]} for name in names]
        for item in items:
            if self.half():
                item["holding_cost"] = self.figure(0, 1)
        bill = [
            {"item": "pack", "component": "die", "quantity": self.rng.choice([1, 2, 0.5])},
            {"item": "pack", "component": "sub", "quantity": self.rng.choice([1, 3])},
        ]
        self.lean = self.half()
        if self.lean:
            bill.append({"item": "pack", "recipe": "lean", "component": "sub", "quantity": 0.5})
        if self.tested:
            bill.append({"item": "chip", "component": "pack", "quantity": 1})
            if self.half():  # a part that skips a stage
                bill.append({"item": "chip", "component": "sub", "quantity": 0.25})
        self.mapping |= {"stages": [*dict.fromkeys(STAGES[name] for name in names)], "items": items, "components": bill}

    def _making(self):
        rng, rows = self.rng, []

        def able(site, item, cost, **more):
            row = {"site": site, "item": item, "unit_cost": round(cost * rng.uniform(0.7, 1.3), 2)}
            row |= {"yield": rng.choice([1, 0.9, 0.8, 0.5]), "lead_time": self.lead() if self.half() else 0}
            rows.append({**row, **more})

        able("a", "die", 4)
        able("b", "die", 3, resource="fab", capacity_use=2)
        if self.half():
            able("b", "die", 2, recipe="old", resource="fab", period=self.later())
        able("b", "sub", 1, resource=rng.choice(["fab", "subs"]))
        if self.half():
            able("hub", "sub", 2)
        able("a", "pack", 2, resource="line")
        able("c", "pack", 1)
        if self.lean:
            able("c", "pack", 1.5, recipe="lean", capacity_use=0.5)
        if self.rarely():
            rows[-1]["min_lot"] = self.figure(2, 15)
        if self.tested:
            able("c", "chip", 1, resource="line")
            able("hub", "chip", 2)
        for row in rows:
            if row["yield"] < 1 and self.rarely() and self.T > 1 and "period" not in row:  # a yield that is learnt
                rows.append({**row, "period": f"{self.labels[1]}..", "yield": min(1.0, row["yield"] + 0.1)})
                row["period"] = self.labels[0]
        lines = sorted({(row["site"], row.get("resource")) for row in rows}, key=str)
        capacities = []
        for site, line in lines:
            if self.rarely():
                continue
            row = {"site": site, "capacity": self.figure(15, 70)} | ({"resource": line} if line else {})
            if self.rarely():
                row["period"] = self.later()
            capacities.append(row)
        options = []
        for name in ("more", "most")[: rng.choice([0, 1, 1, 2])]:
            row = dict(rng.choice(capacities or [{"site": "a"}]))
            row = {"option": name, "site": row["site"], "capacity": self.figure(5, 40)} | (
                {"resource": row["resource"]} if "resource" in row else {}
            )
            row |= {
                "period": rng.choice(self.labels[1:]),
                "unit_cost": self.figure(0, 3),
                "lead_time": rng.choice([0, 1]),
            }
            if self.rarely():
                row |= rng.choice([{"fixed_cost": 30.0}, {"fixed_cost": 20.0, "all_or_nothing": "yes"}])
            if self.rarely():
                row["bought"] = 1
            options.append(row)
        self.options = [row["option"] for row in options]
        self.mapping |= {"processes": rows, "capacities": capacities, "expansions": options}

    def _lanes(self):
        rng = self.rng

        def lane(start, stop, **more):
            lead = self.lead() if self.half() else 0
            return {"from": start, "to": stop, "unit_cost": self.figure(0, 2), "lead_time": lead, **more}

        parts = [lane("b", "hub"), lane("hub", "c"), lane("hub", "a")]  # from b all goes through the hub
        if self.half():
            parts.append(lane("a", "c", item=rng.choice(["die", "*"])))
        if self.half():
            parts.append(lane("region:B", "region:near", item="die"))
        out = [lane("a", "x"), lane("c", "x", item=self.product), lane("hub", "region:C")]
        out += [lane("c", "y"), lane("hub", "y", period=self.window())]
        if self.half():
            out.append(lane("b", "y", item="die", lead_time=self.T - 1))  # one departure arrives
        if self.half():
            out.append(lane("a", "y", item="*", lead_time=0, unit_cost=6.0))
        self.mapping["lanes"] = list(
            {(row["from"], row["to"], row.get("item", "*")): row for row in [*parts, *out]}.values()
        )
        room = []
        if self.half():
            room.append(
                {"from": "hub", "to": "c", "item": rng.choice(["*", "die", "sub"]), "capacity": self.figure(5, 40)}
            )
        if self.half():
            room.append(
                {"from": "region:near", "to": "x", "item": "*", "capacity": self.figure(5, 30), "period": self.window()}
            )
        duties = []
        if self.half():
            duties.append({"from_region": "*", "to_region": "near", "rate": 0.2})
            duties.append({"from_region": "B", "to_region": "A", "item": "die", "rate": 0.05, "period": self.window()})
        self.mapping |= {"lane_capacities": room, "tariffs": duties}

    def _orders(self):
        rng, rows = self.rng, []

        def order(customer, item, size, price):
            row = {"customer": customer, "item": item, "price": price}
            if self.half():
                row["late_cost"] = self.figure(0, 6)
            if self.half():
                row["lost_cost"] = self.figure(20, 90)
            if self.rarely():
                row["must_serve"] = rng.choice([0.1, 0.3])
            if self.half():  # what is ordered changes, and sometimes nothing is
                first, rest = f"..{self.labels[0]}", f"{self.labels[1]}.."
                rows.append({**row, "period": first, "quantity": rng.choice([0, self.figure(2, size)])})
                if self.half():
                    row["late_cost"] = 1.5
                rows.append({**row, "period": rest, "quantity": self.figure(2, size)})
            else:
                rows.append(
                    {**row, "period": self.window() if self.rarely() else "*", "quantity": self.figure(2, size)}
                )

        order("x", self.product, 25, 80.0)
        order("y", self.product, 15, 70.0)
        if self.half():
            order(rng.choice("xy"), "die", 12, 20.0)
        if self.tested and self.half():
            order("y", "pack", 8, 40.0)
        self.ordered = sorted({(row["customer"], row["item"]) for row in rows})
        self.mapping["demand"] = rows
        if self.rarely():
            customer, item = rng.choice(self.ordered)
            self.mapping["owed"] = [
                {"customer": customer, "item": item, "quantity": self.figure(1, 5), "late_cost": 2.0}
            ]

    def _touched(self):
        found = {}
        if self.half():
            found["touched"] = self.rng.choice(["A", "B", "B+C", "A+C"])
        if self.half():
            found["worked_here"] = "no"
        return found

    def _standing(self):
        rng, stocks, arrivals = self.rng, [], []
        listed = self.mapping["stock"] == "listed"
        for site in "abc":
            for item in [row["item"] for row in self.mapping["items"]]:
                if rng.random() < (0.7 if listed else 0.25):
                    row = {"site": site, "item": item}
                    if self.half():
                        row |= {"opening": self.figure(1, 25), **self._touched()}
                    if self.rarely():
                        row["maximum"] = 30.0
                    if self.rarely():
                        row |= rng.choice([{"closing_minimum": 2.0}, {"minimum": 0.5}])
                    stocks.append(row)
        known = {(row["site"], row["item"]) for row in stocks}
        for site, item in (("c", "die"), ("hub", "sub"), ("a", self.product)):
            if self.rarely() and (not listed or (site, item) in known):
                row = {"site": site, "item": item, "period": rng.choice(self.labels), "quantity": self.figure(1, 20)}
                arrivals.append({**row, **self._touched()})
        if self.half():  # handed over at a customer
            customer, item = rng.choice(self.ordered)
            row = {"site": customer, "item": item, "period": rng.choice(self.labels), "quantity": self.figure(1, 12)}
            arrivals.append({**row, **({"touched": rng.choice("ABC")} if self.half() else {})})
        self.mapping |= {"stocks": stocks, "arrivals": arrivals}

    def _promises(self):
        rows = []
        for name in ("deal", "pact")[: self.rng.choice([0, 0, 1, 2])]:
            process = self.rng.choice(self.mapping["processes"])
            row = {"commitment": name, "site": process["site"], "period": self.window(), "minimum": self.figure(2, 40)}
            row |= {"item": process["item"]} if self.half() else {"resource": process.get("resource", process["site"])}
            rows.append({**row, "shortfall_cost": self.figure(1, 8)})
        self.mapping["commitments"] = rows

    def _policy(self, name):
        rng, limits = self.rng, []
        spans = {"per": rng.choice(["period", "horizon", "horizon"]), "period": self.window()}
        of = rng.choice([("region", "A"), ("region", "B"), ("region", "near"), ("region", "each"), ("operator", "one")])
        over, names = rng.choice([of, ("cluster", "bay"), ("site", "c")])
        way = rng.choice([{"min_free": rng.choice([0.2, 0.5, 0.8])}, {"max_share": rng.choice([0.2, 0.5, 0.7])}])
        pathway = {"name": "way", "measure": "pathway", "over": over, "of": names, **way, **spans}
        pathway["weight"] = rng.choice(["units", "value"])
        if "min_free" in way or self.half():
            pathway["soft_cost"] = rng.choice([1.0, 8.0, 40.0])
        if self.half():
            pathway |= rng.choice([{"customers": ["x"]}, {"items": [self.product]}])
        limits.append(pathway)
        if self.half():
            row = {"name": "step", "measure": "stage", "stage": rng.choice(["fab", "pack"])}
            row |= rng.choice([{"of": "each"}, {"of": "A"}, {"over": "operator", "of": "one"}])
            row |= {"max_share": rng.choice([0.3, 0.6, 0.9]), "weight": rng.choice(["units", "value", "capacity"])}
            row |= {"per": rng.choice(["period", "horizon"]), "period": self.window()}
            limits.append(row | ({"soft_cost": 3.0} if self.half() else {}))
        policy = {"name": name, "limits": limits}
        if self.half():
            held = rng.choice([{"items": ["die"]}, {"stage": "fab"}, {"items": [self.product, "sub"]}])
            policy["buffers"] = [{**held, "periods_of_cover": rng.choice([0.5, 1, 1.5]), "period": self.window()}]
            if self.half():
                policy["buffers"][0]["soft_cost"] = rng.choice([0.5, 10.0])
        if self.rarely():
            policy["sources"] = [{"stage": "pack", "max_sources": rng.choice([1, 2]), "min_share_if_used": 0.25}]
        if self.options and self.half():
            policy["options"] = self.options[:1]
        for limit in limits:
            if limit["per"] == "horizon" and limit["of"] != "each" and self.rarely():
                total = self.figure(1, 30)
                used = {"policy": name, "limit": limit["name"], "of": limit["of"], "total": total}
                used["inside"] = round(total * rng.choice([0, 0.4, 1]), 1)
                self.mapping.setdefault("limits_used", []).append(used)
        return policy

    def _strike(self, name):
        rng = self.rng
        where = rng.choice(
            [{"region": "B"}, {"cluster": "bay"}, {"operator": "one"}, {"site": "hub"}, {"region": "near"}]
        )
        out = {"change": "outage", "where": where, "period": rng.choice(self.labels[:-1] or self.labels)}
        out["pipeline"] = rng.choice(["kept", "held"])
        changes = [out]
        if self.half():
            changes.append(
                {"change": "demand", "where": {"customer": rng.choice("xy")}, "factor": rng.choice([0.5, 1.5])}
            )
            changes[-1]["period"] = self.window()
        return {"name": name, "changes": changes}

    def _turn(self, name):
        rng = self.rng
        kinds = [
            {"change": "lead_time", "where": {"from": "hub"}, "add": 1},
            {"change": "lead_time", "where": {"stage": "pack"}, "add": 1},
            {"change": "yield", "where": {"item": rng.choice(["die", "pack"])}, "factor": 0.7},
            {"change": "lane_capacity", "where": {"from": "hub", "to": "c"}, "set": rng.choice([0, 6])},
            {"change": "tariff", "where": {"to_region": "A"}, "add": 0.5},
            {"change": "price", "where": {"customer": "x"}, "factor": 0.6},
            {"change": "freight", "where": {"to": ["x", "y"]}, "add": 3},
        ]
        changes = rng.sample(kinds, 2)
        for change in changes:
            change["period"] = self.window()
        return {"name": name, "changes": changes}


def crossed(seed):
    """The instance of a seed, as a mapping."""
    return Crossed(seed).mapping


def crossed_cases(_mapping):
    """(policy, scenario) of the questions that are put to it."""
    return [(None, None), ("p0", None), ("p1", None), ("p0", "w0"), ("p1", "w1")]
