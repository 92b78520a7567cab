"""`wide` with what it draws rarely: selectors of every key, outages that recover, rules side by side, odd tables."""

import random
from copy import deepcopy

from windows import window_of

from .calendar import Calendar
from .wide import wide

SITE = ("region", "operator", "cluster", "site")


class Wider:
    """Adds policy p2 and scenarios w2 and w3 to an instance of `wide`, and changes its tables."""

    def __init__(self, seed):
        self.rng = rng = random.Random(f"wider {seed}")
        self.mapping = mapping = deepcopy(wide(seed))
        self.labels = Calendar(mapping["periods"]).labels
        self.sites, self.items = mapping["sites"], mapping["items"]
        self.groups = sorted(mapping.get("region_groups") or {})
        self.regions = sorted({row["region"] for row in [*self.sites, *mapping["customers"]]})
        self.stage = {row["item"]: row["stage"] for row in self.items}
        for change in (self._closed, self._parts_ordered, self._second_option, self._full, self._no_order, self._far):
            if rng.random() < 0.35:
                change()
        mapping["policies"].append(self._policy())
        mapping["scenarios"] += [self._scenario("w2"), self._scenario("w3")]

    def some(self, values):
        values = sorted(set(values))
        return self.rng.sample(values, self.rng.choice([1, 1, min(2, len(values))]))

    def window(self):
        return window_of(self.rng, self.labels) if len(self.labels) > 1 else "*"

    def _closed(self):
        """A line has no capacity in one period, the last or the first."""
        for row in self.mapping.get("capacities", []):
            if row.get("period", "*") == "*" and len(self.labels) > 1 and self.rng.random() < 0.5:
                rest, gone = (
                    (f"{self.labels[1]}..", self.labels[0])
                    if self.rng.random() < 0.5
                    else (f"..{self.labels[-2]}", self.labels[-1])
                )
                row["period"] = rest
                if self.rng.random() < 0.7:
                    self.mapping["capacities"].append({**row, "period": gone, "capacity": 0})
                return

    def _parts_ordered(self):
        """A component is ordered as well."""
        parts = sorted({row["component"] for row in self.mapping.get("components", [])})
        if parts:
            item, customer = self.rng.choice(parts), self.rng.choice(self.mapping["customers"])["customer"]
            if (customer, item) not in {(row["customer"], row["item"]) for row in self.mapping["demand"]}:
                made = sorted({row["site"] for row in self.mapping["processes"] if row["item"] == item})
                row = {"customer": customer, "item": item, "quantity": round(self.rng.uniform(1, 30), 2), "price": 90.0}
                self.mapping["demand"].append({**row, **self.rng.choice([{}, {"late_cost": 1.5}])})
                ends = [(row["from"], row["to"], row["item"]) for row in self.mapping["lanes"]]
                if made and (made[0], customer, item) not in ends:
                    self.mapping["lanes"].append({"from": made[0], "to": customer, "item": item, "unit_cost": 1.25})

    def _second_option(self):
        """One more option on a line that has one."""
        for row in self.mapping.get("expansions", [])[:1]:
            more = {**row, "option": "again", "period": self.rng.choice(self.labels), "capacity": 17.5}
            more |= {"unit_cost": 3.25, "lead_time": 1}
            more.pop("bought", None)
            self.mapping["expansions"].append(more)

    def _full(self):
        """A stock that must grow by the end, and one that can never be kept."""
        for row in self.mapping.get("stocks", [])[:2]:
            odd = [{"closing_minimum": 6.5}, {"maximum": row.get("opening", 0.0)}, {"minimum": 1.5}]
            row.update(self.rng.choice(odd))

    def _no_order(self):
        """Some rows of demand ask for nothing."""
        row = self.rng.choice(self.mapping["demand"])
        row["quantity"] = 0

    def _far(self):
        """Lanes to customers take several periods, in some of them."""
        if len(self.labels) > 2:
            for row in self.mapping["lanes"]:
                if self.rng.random() < 0.4:
                    row["lead_time"] = self.rng.randint(1, len(self.labels) - 1)

    def _policy(self):
        rng = self.rng
        made = sorted({self.stage[row["item"]] for row in self.mapping["processes"]})
        ordered = sorted({(row["customer"], row["item"]) for row in self.mapping["demand"]})
        limits = []
        for k in range(rng.choice([1, 2, 3])):
            over = rng.choice(["region", "operator", "cluster", "site"])
            known = {
                "region": [*self.regions, *self.groups, *self.groups],
                "operator": [row.get("operator") or row["site"] for row in self.sites],
                "cluster": [row["cluster"] for row in self.sites if "cluster" in row],
                "site": [row["site"] for row in self.sites],
            }[over]
            row = {"name": f"wider{k}", "over": over, "of": rng.choice([*sorted(set(known)), "each"])}
            if rng.random() < 0.5:
                row |= {"measure": "pathway", "weight": rng.choice(["units", "value"])}
                row |= rng.choice([{"max_share": rng.choice([0.1, 0.6])}, {"min_free": rng.choice([0.2, 0.7])}])
                if rng.random() < 0.4:
                    row |= {"customers": self.some(c for c, _ in ordered), "items": self.some(i for _, i in ordered)}
            else:
                row |= {"measure": "stage", "stage": rng.choice(made), "max_share": rng.choice([0.2, 0.4, 0.75])}
                row["weight"] = rng.choice(["units", "value", "capacity"])
            row |= {"per": rng.choice(["period", "horizon"]), "period": self.window()}
            if rng.random() < 0.7:
                row["soft_cost"] = rng.choice([0.5, 4.0, 60.0])
            limits.append(row)
        policy = {"name": "p2", "limits": limits}
        if rng.random() < 0.3:
            policy["sources"] = [{"stage": stage, **self._count()} for stage in self.some(made)]
        if rng.random() < 0.4:
            policy["buffers"] = [
                {"stage": stage, "periods_of_cover": rng.choice([0.75, 2]), "period": self.window(), "soft_cost": 1.75}
                for stage in self.some(self.stage.values())
            ]
        return policy

    def _count(self):
        row = {"max_sources": self.rng.choice([1, 2, 3])}
        if self.rng.random() < 0.6:
            row |= {"min_share_if_used": self.rng.choice([0.2, 0.35])}
            row |= {"min_sources": self.rng.choice([1, row["max_sources"]])}
        return row

    def _sites(self, rows):
        """A selector of sites by some keys of the site of one of some rows."""
        name, found = self.rng.choice(rows)["site"], {}
        site = next(row for row in self.sites if row["site"] == name)
        for key in self.rng.sample(SITE, self.rng.choice([1, 1, 2])):
            groups = [name for name in self.groups if site["region"] in self.mapping["region_groups"][name]]
            if key == "region" and groups and self.rng.random() < 0.4:
                found[key] = self.rng.choice(groups)
            elif key == "operator" or key in site:
                others = [row[key] for row in self.sites if key in row] if self.rng.random() < 0.4 else []
                found[key] = self.some([site.get(key, site["site"]), *others])
            else:
                found["site"] = site["site"]
        return found

    def _processes(self):
        row = self.rng.choice(self.mapping["processes"])
        found = self._sites([row])
        for key in ("stage", "item", "recipe", "resource"):
            if self.rng.random() < 0.2:
                value = self.stage[row["item"]] if key == "stage" else row.get(key, row["site"])
                found[key] = value
        return found

    def _lanes(self):
        rng, lane, found = self.rng, self.rng.choice(self.mapping["lanes"]), {}
        for end in ("from", "to"):
            name = lane[end].removeprefix("region:")
            if rng.random() < 0.6:
                region = lane[end].startswith("region:")
                if region and name not in {row["region"] for row in self.sites}:
                    continue
                found[f"{end}_region" if region else end] = name
        if rng.random() < 0.4:
            found["item"] = self.some(self.stage)
        return found or {"to_region": self.mapping["customers"][0]["region"]}

    def _change(self):
        rng = self.rng
        kind = rng.choice(["capacity", "outage", "outage", "yield", "unit_cost", "lead_time", "freight"])
        kind = rng.choice([kind, kind, "lane_capacity", "tariff", "demand", "price", "stock"])
        if (kind == "stock" and not self.mapping.get("stocks")) or (
            kind == "capacity" and not self.mapping.get("capacities")
        ):
            kind = "demand"
        change = {"change": kind, "period": self.window()}
        if kind == "capacity":
            change["where"] = self._sites(self.mapping["capacities"])
        elif kind in {"outage", "yield", "unit_cost"} or (kind == "lead_time" and rng.random() < 0.5):
            change["where"] = self._processes()
        elif kind in {"lead_time", "freight", "lane_capacity"}:
            change["where"] = self._lanes()
        elif kind == "tariff":
            ends = {key: self.some([*self.regions, *self.groups]) for key in ("from_region", "to_region")}
            change["where"] = {key: value for key, value in ends.items() if rng.random() < 0.7}
            change["where"] |= {"item": self.some(self.stage)} if rng.random() < 0.4 else {}
        elif kind == "stock":
            change.pop("period")
            row = rng.choice(self.mapping["stocks"])
            change["where"] = rng.choice(
                [self._sites([row]), {"item": row["item"]}, {"stage": self.stage[row["item"]]}]
            )
        else:
            row = rng.choice(self.mapping["demand"])
            region = next(c["region"] for c in self.mapping["customers"] if c["customer"] == row["customer"])
            change["where"] = rng.choice([{"region": region}, {"region": region, "item": row["item"]}, {}])
        if kind != "outage":
            how, figure = rng.choice([("factor", 0.6), ("factor", 1.4), ("add", 1), ("set", 2)])
            if kind == "yield":
                how, figure = rng.choice([("factor", 0.7), ("set", 0.8), ("add", -0.01)])
            elif kind == "tariff":
                how, figure = rng.choice([("add", 0.3), ("factor", 3), ("set", 0.05)])
            change[how] = figure
        else:
            change["pipeline"] = rng.choice(["kept", "held"])
        if kind != "stock" and rng.random() < 0.4:
            change["recovery"] = rng.choice([1, 2])
        return change

    def _scenario(self, name):
        return {"name": name, "changes": [self._change() for _ in range(self.rng.choice([1, 1, 2, 3]))]}


def wider(seed):
    """The instance of a seed, as `wide`, with more."""
    return Wider(seed).mapping


def wider_cases(_mapping):
    """(policy, scenario) of the questions that are put to it."""
    return [(None, None), ("p2", None), (None, "w2"), ("p2", "w3"), ("p0", "w2")]
