"""Realistic instances of any size, from a seed and nothing else: a chain of five stages over several regions.

Wafers and memory are made from nothing, substrates too; a package takes dies, memory and a substrate; a product is a
tested package. Every stage has its sites spread over the regions, most of them in the first; lanes are sparse, lots take
time, work has a yield, and the limits on shares bind. Orders have a price, so that what cannot be made is lost at a
finite cost: every instance has a plan.
"""

import random
from dataclasses import dataclass

REGIONS = ("TW", "KR", "US", "JP", "MY", "DE")
WEIGHTS = (8, 4, 4, 3, 2, 2)  # how many sites stand where
STAGES = ("wafer", "memory", "substrate", "packaging", "test")
PARTS = {"wafer": 0.25, "memory": 0.2, "substrate": 0.15, "packaging": 0.2, "test": 0.2}  # of the sites
COST = {"wafer": 300.0, "memory": 120.0, "substrate": 60.0, "packaging": 200.0, "test": 40.0}
YIELD = {"wafer": 0.8, "memory": 0.9, "substrate": 0.97, "packaging": 0.95, "test": 0.98}
BEFORE = {"packaging": ("wafer", "memory", "substrate"), "test": ("packaging",)}
LEAD = {"wafer": 1, "memory": 1, "substrate": 0, "packaging": 1, "test": 0}
PRICE = 12_000.0
ROOM = 1.2  # capacity of a stage, in what the orders need


@dataclass(frozen=True)
class Size:
    """How large an instance is: numbers of sites, products, customers and periods (quarters)."""

    sites: int
    products: int
    customers: int
    periods: int


def generated(size: Size, seed: int = 1) -> dict[str, object]:
    """An instance in the file format, with a policy `shares`: stage limits on every region.

    Args:
        size: how large it is.
        seed: the same seed gives the same instance.
    """
    rng = random.Random(seed)
    chain = _Chain(rng, size)
    demand = chain.demand()
    capacities = chain.capacities(sum(row["quantity"] for row in demand) / size.periods)
    return {
        "schema_version": 1,
        "name": f"generated-{seed}",
        "title": f"Generated: {size}",
        "currency": "USD",
        "periods": {"first": "2027Q1", "count": size.periods, "length": "quarter"},
        "stages": list(STAGES),
        "holding_rate": 0.03,
        "sites": chain.sites,
        "items": chain.items,
        "processes": chain.processes,
        "components": chain.components,
        "capacities": capacities,
        "customers": chain.customers,
        "demand": demand,
        "lanes": chain.lanes(),
        "tariffs": [{"from_region": "*", "to_region": "US", "item": "*", "rate": 0.05}],
        "policies": [_policy()],
    }


def _policy() -> dict[str, object]:
    """No region makes more than an agreed share of a stage, in any period."""
    shares = {"wafer": 0.45, "memory": 0.5, "packaging": 0.4, "test": 0.5}
    limits = [
        {"name": f"{stage}-any-region", "measure": "stage", "stage": stage, "of": "each", "max_share": share}
        for stage, share in shares.items()
    ]
    return {"name": "shares", "title": "No region above its share of a stage", "limits": limits}


class _Chain:
    """Who makes what from what, for whom."""

    def __init__(self, rng: random.Random, size: Size) -> None:
        self.rng, self.size = rng, size
        self.at = {stage: self._places(stage) for stage in STAGES}
        self.sites = [row for rows in self.at.values() for row in rows]
        self.customers = [
            {"customer": f"customer-{number}", "region": rng.choice(REGIONS)} for number in range(size.customers)
        ]
        self.made = {stage: [f"{stage}-{number}" for number in range(size.products)] for stage in STAGES}
        self.made["memory"] = self.made["memory"][: max(2, size.products // 3)]
        self.items = [
            {"item": item, "stage": stage, "value": round(2 * COST[stage] * rng.uniform(0.8, 1.2), 2)}
            for stage, items in self.made.items()
            for item in items
        ]
        self.makers: dict[str, list[str]] = {}
        self.processes = [row for stage in STAGES for row in self._processes(stage)]
        self.components = self._bills()

    def _places(self, stage: str) -> list[dict[str, object]]:
        count = max(3, round(PARTS[stage] * self.size.sites))
        rows = []
        for number in range(count):
            region = self.rng.choices(REGIONS, WEIGHTS)[0] if number >= 3 else REGIONS[number]
            operator = f"{stage}-operator-{self.rng.randrange(max(2, count // 3))}"
            rows.append({"site": f"{stage}-site-{number}", "region": region, "operator": operator})
        return rows

    def _processes(self, stage: str) -> list[dict[str, object]]:
        """Each item at about two thirds of the sites of its stage, three at least."""
        rows = []
        for item in self.made[stage]:
            places = self.at[stage]
            chosen = places[:3] + [place for place in places[3:] if self.rng.random() < 0.6]
            self.makers[item] = [str(place["site"]) for place in chosen]
            rows += [
                {
                    "site": place["site"],
                    "item": item,
                    "unit_cost": round(COST[stage] * self.rng.uniform(0.8, 1.4), 2),
                    "yield": round(YIELD[stage] * self.rng.uniform(0.95, 1.02), 3),
                    "lead_time": LEAD[stage],
                }
                for place in chosen
            ]
        return rows

    def _bills(self) -> list[dict[str, object]]:
        rows = []
        for number in range(self.size.products):
            memory = self.rng.choice(self.made["memory"])
            parts = ((f"wafer-{number}", self.rng.choice([1, 2])), (memory, self.rng.choice([4, 6, 8])))
            for component, quantity in (*parts, (f"substrate-{number}", 1)):
                rows.append({"item": f"packaging-{number}", "component": component, "quantity": quantity})
            rows.append({"item": f"test-{number}", "component": f"packaging-{number}", "quantity": 1})
        return rows

    def demand(self) -> list[dict[str, object]]:
        """About two thirds of the customers want each product, more from quarter to quarter."""
        rows = []
        for item in self.made["test"]:
            wanting = [row for row in self.customers if self.rng.random() < 0.65] or self.customers[:1]
            price = round(PRICE * self.rng.uniform(0.8, 1.2), 2)
            for customer in wanting:
                level = self.rng.uniform(50, 500)
                rows += [
                    {
                        "customer": customer["customer"],
                        "item": item,
                        "period": _quarter(period),
                        "quantity": round(level * (1 + 0.04 * period) * self.rng.uniform(0.8, 1.2), 1),
                        "price": price,
                        "late_cost": round(0.05 * price, 2),
                    }
                    for period in range(min(4, self.size.periods - 1), self.size.periods)
                ]
        return rows

    def capacities(self, demand: float) -> list[dict[str, object]]:
        """Room for what the orders need of each stage, in unequal parts; the first region has most of it."""
        needed = {"test": demand, "packaging": demand / YIELD["test"]}
        needed["substrate"] = needed["packaging"] / YIELD["packaging"]
        needed["wafer"], needed["memory"] = 1.5 * needed["substrate"], 6.0 * needed["substrate"]
        rows = []
        for stage, places in self.at.items():
            parts = [self.rng.uniform(0.5, 1.5) * (1.5 if row["region"] == REGIONS[0] else 1.0) for row in places]
            room = ROOM * needed[stage] / YIELD[stage]
            rows += [
                {"site": row["site"], "capacity": round(room * part / sum(parts), 1)}
                for row, part in zip(places, parts, strict=True)
            ]
        return rows

    def lanes(self) -> list[dict[str, object]]:
        """From each maker of a component to a few of its users, and from testers to a few customers."""
        pairs: dict[tuple[str, str], dict[str, object]] = {}
        links = [
            (user, [str(place["site"]) for place in self.at[before]])
            for stage, befores in BEFORE.items()
            for before in befores
            for user in (str(row["site"]) for row in self.at[stage])
        ]
        links += [(str(row["customer"]), [str(place["site"]) for place in self.at["test"]]) for row in self.customers]
        region = {str(row["site"]): row["region"] for row in self.sites}
        region |= {str(row["customer"]): row["region"] for row in self.customers}
        for user, makers in links:
            for maker in sorted({*makers[:3], *self.rng.sample(makers, max(1, len(makers) // 3))}):
                far = region[maker] != region[user]
                pairs[maker, user] = {
                    "from": maker,
                    "to": user,
                    "unit_cost": round(self.rng.uniform(2, 6) * (3 if far else 1), 2),
                    "lead_time": int(far and self.rng.random() < 0.3),
                }
        return [pairs[key] for key in sorted(pairs)]


def _quarter(period: int) -> str:
    return f"{2027 + period // 4}Q{period % 4 + 1}"
