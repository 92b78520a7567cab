"""The problem that `peers.py` gives to every modelling library: sourcing in three stages, as tables made from a seed.

    min  sum_(j,t) cost_j make_jt + sum_(r,t) freight_r ship_rt + sum_(j,t) holding_j keep_jt + sum_(w,t) price_w lost_wt
    make_jt + keep_j,t-1 = keep_jt + sum_(r from j) ship_rt                      what is made is kept or shipped
    sum_(r to j) ship_rt = quantity_j make_jt                        (stages 2, 3)  what is made takes its part
    sum_(r to w) ship_rt + lost_wt = demand_wt                                   orders are served or lost
    sum_(j at site s) make_jt <= capacity_s                                      each site has its hours
    sum_(j of stage k in region g) make_jt <= share_k sum_(j of stage k) make_jt no region makes more than its share
    make, ship, keep >= 0, 0 <= lost_wt <= demand_wt

j is a process (an item at a site), r a route (a lane for an item), w a wish (a product of a customer), t a period. Item p
of a stage takes item p of the stage before. Every instance has a plan, because orders can be lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

REGIONS = ("TW", "KR", "US", "JP")
STAGES = ("wafer", "packaging", "test")
TAKES = {"packaging": 2.0, "test": 1.0}  # units of the part in a unit
COST = {"wafer": 30.0, "packaging": 50.0, "test": 10.0}
SHARE = {"wafer": 0.5, "packaging": 0.45, "test": 0.6}
ROOM = 1.1  # capacity of a stage, in what the orders need


@dataclass(frozen=True)
class Size:
    """Sites of each stage, customers, products and periods."""

    sites: int
    customers: int
    products: int
    periods: int


SIZES = {10_000: Size(7, 12, 8, 9), 100_000: Size(14, 30, 17, 13), 500_000: Size(22, 60, 32, 14)}


@dataclass(frozen=True)
class Tables:
    """The tables; a row's position is its number where another table names it.

    Attributes:
        processes: site, item, stage, region, cost, holding, quantity (of the part; 0 in the first stage).
        routes: from, to (places), item, freight, source (process), process (that takes it; -1), wish (that it serves;
            -1).
        wishes: customer, item, price.
        demand: by wish and period.
        capacities: site, capacity.
        lanes: from, to, unit_cost.
        customers: customer, region.
    """

    processes: pd.DataFrame
    routes: pd.DataFrame
    wishes: pd.DataFrame
    demand: np.ndarray
    capacities: pd.DataFrame
    lanes: pd.DataFrame
    customers: pd.DataFrame

    @property
    def periods(self) -> int:
        """How many periods there are."""
        return self.demand.shape[1]

    @property
    def columns(self) -> int:
        """How many decisions there are."""
        return (2 * len(self.processes) + len(self.routes) + len(self.wishes)) * self.periods

    @property
    def shares(self) -> pd.DataFrame:
        """Stage, region and share of each limit, without regions in which nothing of the stage can be made."""
        found = self.processes[["stage", "region"]].drop_duplicates(ignore_index=True)
        return found.assign(share=found["stage"].map(SHARE))


def tables(size: Size, seed: int = 1) -> Tables:
    """The tables of a size, the same from the same seed."""
    rng = np.random.default_rng(seed)
    places = {stage: [f"{stage}-{number}" for number in range(size.sites)] for stage in STAGES}
    region = {
        site: REGIONS[int(rng.integers(4)) if n >= 4 else n] for row in places.values() for n, site in enumerate(row)
    }
    customers = [f"customer-{number}" for number in range(size.customers)]
    lanes = [
        {"from": start, "to": end, "unit_cost": round(float(rng.uniform(1, 9)), 2)}
        for starts, ends in zip(places.values(), [*list(places.values())[1:], customers], strict=True)
        for end in ends
        for start in rng.permutation(starts)[: max(4, size.sites // 2)]
    ]
    processes = pd.DataFrame(
        [
            {
                "site": site,
                "item": f"{stage}-item-{product}",
                "stage": stage,
                "region": region[site],
                "cost": round(COST[stage] * float(rng.uniform(0.7, 1.4)), 2),
                "holding": round(0.02 * COST[stage] * float(rng.uniform(0.8, 1.2)), 3),
                "quantity": TAKES.get(stage, 0.0),
                "product": product,
                "depth": depth,
            }
            for depth, stage in enumerate(STAGES)
            for site in places[stage]
            for product in range(size.products)
        ]
    )
    wishes = pd.DataFrame(
        [
            {"customer": customer, "item": f"test-item-{product}", "price": round(float(rng.uniform(400, 900)), 2)}
            for customer in customers
            for product in range(size.products)
            if rng.random() < 0.7
        ]
    )
    level = rng.uniform(20, 120, len(wishes))[:, None] * (1 + 0.05 * np.arange(size.periods))
    demand = np.round(level * rng.uniform(0.7, 1.3, level.shape), 1)
    wanted = demand.sum() / size.periods
    needed = {"wafer": 2.0 * wanted, "packaging": wanted, "test": wanted}
    capacities = [
        {"site": site, "capacity": round(ROOM * needed[stage] * part, 1)}
        for stage, sites in places.items()
        for site, part in zip(sites, rng.dirichlet(np.full(size.sites, 8.0)), strict=True)
    ]
    lane_table = pd.DataFrame(lanes)
    return Tables(
        processes.drop(columns=["product", "depth"]),
        _routes(lane_table, processes, wishes),
        wishes,
        demand,
        pd.DataFrame(capacities),
        lane_table,
        pd.DataFrame({"customer": customers, "region": [REGIONS[int(rng.integers(4))] for _ in customers]}),
    )


def _routes(lanes: pd.DataFrame, processes: pd.DataFrame, wishes: pd.DataFrame) -> pd.DataFrame:
    """A row for each lane and item that can be made at its start and is needed at its end."""
    made = processes.assign(source=np.arange(len(processes)))[["site", "item", "source", "product", "depth"]]
    sent = lanes.merge(made.rename(columns={"site": "from"}), on="from")
    takers = processes.assign(process=np.arange(len(processes)), depth=processes["depth"] - 1)
    takers = takers.rename(columns={"site": "to"})[["to", "product", "depth", "process"]]
    served = wishes.assign(wish=np.arange(len(wishes))).rename(columns={"customer": "to"})[["to", "item", "wish"]]
    found = sent.merge(takers, on=["to", "product", "depth"], how="left").merge(served, on=["to", "item"], how="left")
    found = found[found["process"].notna() | found["wish"].notna()].fillna({"process": -1, "wish": -1})
    found = found.astype({"process": np.int64, "wish": np.int64}).rename(columns={"unit_cost": "freight"})
    return found[["from", "to", "item", "freight", "source", "process", "wish"]].reset_index(drop=True)


def whatif(number: int, given: Tables) -> tuple[str, float]:
    """A site whose capacity changes, and by what factor."""
    return str(given.capacities["site"].iloc[number % len(given.capacities)]), 0.5 + 0.01 * (number % 90)


def instance_of(given: Tables) -> dict[str, object]:
    """The same tables as an instance of the planner, with a policy `shares`."""
    labels = [f"t{period}" for period in range(given.periods)]
    processes = given.processes
    sites = processes[["site", "region"]].drop_duplicates()
    items = processes[["item", "stage"]].drop_duplicates()
    parts = [
        {"item": f"{stage}-item-{item.rsplit('-', 1)[1]}", "component": item, "quantity": TAKES[stage]}
        for before, stage in pairwise(STAGES)
        for item in items.loc[items["stage"] == before, "item"]
    ]
    rows, periods = np.indices(given.demand.shape)
    orders = given.wishes.iloc[rows.ravel()].assign(
        period=np.array(labels, dtype=object)[periods.ravel()], quantity=given.demand.ravel()
    )
    limits = [
        {"name": f"{stage}-any", "measure": "stage", "stage": stage, "of": "each", "max_share": SHARE[stage]}
        for stage in STAGES
    ]
    return {
        "schema_version": 1,
        "name": "peers",
        "periods": labels,
        "stages": list(STAGES),
        "stock": "listed",
        "sites": sites.to_dict("records"),
        "items": items.to_dict("records"),
        "processes": processes[["site", "item", "cost"]].rename(columns={"cost": "unit_cost"}).to_dict("records"),
        "components": parts,
        "capacities": given.capacities.to_dict("records"),
        "stocks": processes[["site", "item", "holding"]].rename(columns={"holding": "holding_cost"}).to_dict("records"),
        "customers": given.customers.to_dict("records"),
        "demand": orders[["customer", "item", "period", "quantity", "price"]].to_dict("records"),
        "lanes": given.lanes.to_dict("records"),
        "policies": [{"name": "shares", "limits": limits}],
    }
