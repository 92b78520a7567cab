"""Allocation: each order traced back through the chain to the sites of every stage.

Exact are the units of each order, and the class of every unit where classes of provenance are written. Everything else
is proportional: within a pool (an item at a site in a period, and of a class) units mix, and everything that leaves
takes the same share of all that came in. So the share of each site in an order follows from the plan alone. A plan does
not say which lots of two components meet in one unit. It is assumed that all units of a component in a unit come from
one lot, and that any lot of one component meets any lot of another in proportion to both, as in the blended exposure of
the pathway. (Where work would have more than 1,000 routes, lots meet in order instead; the share of every lot stays.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from planner.errors import UsageError, nearest
from planner.instance.instance import Instance
from planner.plan.pools import Order, Pools, Rest, read_pools
from planner.plan.rounding import rounded
from planner.plan.tracing import ON_THE_WAY, STOCK, Array, Mix, Routes, delivered_routes, fates

PROPORTIONAL = (
    "Proportional: units of an item at a site in a period mix, and all that leaves takes the same share of what came "
    "in; any lot of one component meets any lot of another in proportion."
)
EXACT = (
    "Exact by class: what each unit has touched of all that the policy watches. Proportional within a class: units of "
    "an item at a site in a period mix, and all that leaves takes the same share of what came in; any lot of one "
    "component meets any lot of another in proportion."
)
SMALLEST = 1e-11  # a smaller share is rounding
_MONEY = ["cost", "freight", "tariff", "holding_cost"]
_FIXED = ("customer", "product", "period", "quantity", "share")


def allocation_table(instance: Instance, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Each order by route: one row for each combination of sites by which units of it came.

    sum of quantity over the rows of (customer, product, period) = delivered of the order

    Args:
        instance: what was planned, the scenario applied.
        tables: production, shipments, stock and service of the plan, and `relabelled` where classes are written.

    Returns:
        customer, product, period (in which the units are delivered), a column for each stage with the site used, and
        quantity (units of the product, nine digits). `a+b` where components of a stage came from several sites;
        `a (stock)` where the unit, or a component of that stage, was in the opening stock of a or among the arrivals
        there, `c (on the way)` where it was sent to the customer c before, and earlier stages are not known; empty
        where nothing of a stage is in the unit. Sorted by order, then sites.

    Raises:
        UsageError: the tables are not of this instance.
    """
    return Trace(instance, tables).allocation


def stage_columns(instance: Instance) -> list[str]:
    """The columns of the allocation that hold sites, one for each stage, in order of the chain.

    A stage with the name of another column of the table gets ` (stage)` appended.
    """
    return [f"{stage} (stage)" if stage in _FIXED else stage for stage in instance.stages]


@dataclass(frozen=True)
class Part:
    """The part of a plan that serves one order, or that is left in stock at the end: its tables with only those units.

    Units lost to yield count for the order that the good units of the same start serve. So over all orders and what is
    left the parts of each row add up to the row.

    Attributes:
        production: as the plan's table, with `started` and `finished` for the order only.
        shipments, stock: as the plan's tables, with `quantity` for the order only.
        supplies: site, item, period (label), touched, quantity: opening stock and arrivals.
    """

    production: pd.DataFrame
    shipments: pd.DataFrame
    stock: pd.DataFrame
    supplies: pd.DataFrame


@dataclass(frozen=True)
class Trace:
    """A plan's units followed in both directions: to the routes of its orders, and back to what each order took.

    Attributes:
        instance: what was planned, the scenario applied.
        tables: the plan's tables.
    """

    instance: Instance
    tables: Mapping[str, pd.DataFrame]

    @cached_property
    def pools(self) -> Pools:
        """The pools of the plan.

        Raises:
            UsageError: the tables are not of this instance.
        """
        return read_pools(self.instance, self.tables)

    @property
    def convention(self) -> str:
        """What is exact and what is proportional, in words."""
        return EXACT if self.pools.by_class else PROPORTIONAL

    @cached_property
    def allocation(self) -> pd.DataFrame:
        """The allocation of every order; see `allocation_table`."""
        routes = Routes(self.instance)
        mixes = delivered_routes(self.pools, routes)
        labels, at = self.instance.periods.labels, self.instance.periods.index
        service = self.tables["service"]
        delivered = {
            Order(customer, item, at[period]): float(quantity)
            for customer, item, period, quantity in zip(
                *(service[name].tolist() for name in ("customer", "item", "period", "delivered")), strict=True
            )
            if quantity > 0
        }
        rows: list[tuple[object, ...]] = []
        for order in sorted({*mixes, *delivered}):
            mix = _scaled(mixes.get(order) or {routes.blank: 1.0}, delivered.get(order))
            named = sorted((routes.sites(route), quantity) for route, quantity in mix.items())
            rows += [(order.customer, order.item, labels[order.period], *sites, quantity) for sites, quantity in named]
        columns = ["customer", "product", "period", *stage_columns(self.instance), "quantity"]
        table = pd.DataFrame(rows, columns=columns)
        return table.assign(quantity=rounded(table["quantity"].astype(float)))

    def order(self, text: str) -> tuple[Order, dict[str, float]]:
        """The order that CUSTOMER/ITEM/PERIOD names, with its demand, delivered, late and lost (units).

        Raises:
            UsageError: it is not written like that, or there is no such customer, item or period.
        """
        words = text.split("/")
        service = self.tables["service"]
        if len(words) != 3:
            known = service.iloc[0] if len(service) else {"customer": "CUSTOMER", "item": "ITEM", "period": "PERIOD"}
            raise UsageError(
                f"'{text}' names no order. Write CUSTOMER/ITEM/PERIOD, such as "
                f"{known['customer']}/{known['item']}/{known['period']}."
            )
        for name, word, what in zip(
            ("customer", "item", "period"),
            words,
            ("No order is from customer '{}'.", "{0} orders no '{1}'.", "{0} neither orders nor gets {1} in '{2}'."),
            strict=True,
        ):
            found = service[service[name] == word]
            if found.empty:
                raise UsageError(f"{what.format(*words)} {nearest(word, service[name])}")
            service = found
        row = service.iloc[0]
        figures = {name: float(row[name]) for name in ("demand", "delivered", "late", "lost")}
        return Order(words[0], words[1], self.instance.periods.index[words[2]]), figures

    def part(self, end: Order | Rest) -> Part:
        """What of the plan is for an order, or (`Rest.KEPT`) is left in stock after the last period.

        started_p(order) = started_p * fate(order) of the pool that p's good units enter     (units; likewise the rest)
        """
        pools = self.pools
        fate = {pool: float(shares[0]) for pool, shares in fates(pools, [end]).items()}
        share: dict[str, Array] = {
            name: np.zeros(len(self.tables[name])) for name in ("production", "shipments", "stock")
        }
        for start in pools.starts:
            share["production"][start.row] = fate[start.target]
        for move in pools.moves:
            if move.table in share:
                target = move.target
                share[move.table][move.row] = float(target == end) if isinstance(target, Order | Rest) else fate[target]
        labels = self.instance.periods.labels
        supplies = pd.DataFrame(
            [
                (pool.site, pool.item, labels[pool.period], pool.touched, quantity * fate[pool])
                for pool, quantity in pools.supplies.items()
                if fate[pool] > SMALLEST
            ],
            columns=["site", "item", "period", "touched", "quantity"],
        )
        production = self.tables["production"]
        return Part(
            production=_parted(production, share["production"], ["started", "finished"]),
            shipments=_parted(self.tables["shipments"], share["shipments"], ["quantity"]),
            stock=_parted(self.tables["stock"], share["stock"], ["quantity"]),
            supplies=supplies,
        )

    def sites(self, order: Order) -> pd.DataFrame:
        """The sites by which an order came, from the last stage to the first, the largest share of an item first.

        share = units of the site / units of the item, in the order

        Returns:
            stage, item, site (`a (stock)` for opening stock and arrivals, `c (on the way)` for what was sent to a
            customer before), region, operator, first and last (labels of the periods in which work started, or in which
            the stock was there), started and units (before and after
            yield, of the item), share (0-1).
        """
        part, at = self.part(order), self.instance.periods.index
        made = part.production[["site", "item", "period", "started", "finished"]]
        made = made.rename(columns={"finished": "units"}).assign(mark="")
        stood = part.supplies[["site", "item", "period", "quantity"]].rename(columns={"quantity": "units"})
        customers = {row.customer: row.region for row in self.instance.customers}  # goods on the way to them
        mark = stood["site"].isin(list(customers)).map({True: ON_THE_WAY, False: STOCK})
        stood = stood.assign(started=stood["units"], mark=mark)
        both = pd.concat([frame for frame in (made, stood) if len(frame)] or [made], ignore_index=True)
        both["position"] = both["period"].map(at)
        found = both.groupby(["item", "site", "mark"], as_index=False).agg(
            first=("position", "min"), last=("position", "max"), started=("started", "sum"), units=("units", "sum")
        )
        whole = found.groupby("item")["units"].transform("sum")
        found["share"] = found["units"] / whole
        found = found[found["share"] > SMALLEST]
        sites = {row.site: row for row in self.instance.sites}
        stage = self.instance.stage_of
        labels = self.instance.periods.labels
        found["region"] = [sites[name].region if name in sites else customers[name] for name in found["site"]]
        found["operator"] = [(sites[name].operator if name in sites else "") or name for name in found["site"]]
        found["stage"] = [stage[name] for name in found["item"]]
        found["site"] = found["site"] + found["mark"]
        for name in ("first", "last"):
            found[name] = [labels[position] for position in found[name].astype(int)]
        for name in ("started", "units", "share"):
            found[name] = rounded(found[name])
        number = {name: -position for position, name in enumerate(self.instance.stages)}
        found["_stage"], found["_share"] = found["stage"].map(number), -found["share"]
        found = found.sort_values(["_stage", "item", "_share", "site"], ignore_index=True)
        return found[["stage", "item", "site", "region", "operator", "first", "last", "started", "units", "share"]]

    def routes(self, order: Order) -> pd.DataFrame:
        """The rows of the allocation of an order, largest first, with the share of each (0-1)."""
        period = self.instance.periods.labels[order.period]
        table = self.allocation
        own = table[
            (table["customer"] == order.customer) & (table["product"] == order.item) & (table["period"] == period)
        ]
        own = own.assign(share=rounded(own["quantity"] / own["quantity"].sum()))
        own = own.sort_values("quantity", ascending=False, kind="stable", ignore_index=True)
        return own[[*stage_columns(self.instance), "quantity", "share"]]

    def touched(self, order: Order) -> pd.DataFrame:
        """What an order's units have touched of what the policy watches: touched (a class), quantity, share (0-1).

        Empty where no class is written.
        """
        sums: dict[str, float] = {}
        if self.pools.by_class:
            for move in self.pools.moves:
                if move.target == order:
                    sums[move.source.touched] = sums.get(move.source.touched, 0.0) + move.quantity
        table = pd.DataFrame(sorted(sums.items()), columns=["touched", "quantity"])
        table["quantity"] = rounded(table["quantity"].astype(float))
        return table.assign(share=rounded(table["quantity"] / table["quantity"].sum()))


def _scaled(mix: Mix, quantity: float | None) -> Mix:
    """The mix with its quantities scaled to a given sum; unchanged for None."""
    if quantity is None:
        return mix
    whole = sum(mix.values())
    return {route: quantity * units / whole for route, units in mix.items()}


def _parted(table: pd.DataFrame, share: Array, figures: list[str]) -> pd.DataFrame:
    """The rows with a share above 0, their figures multiplied by it; without money columns."""
    kept = table.drop(columns=_MONEY, errors="ignore")
    for name in figures:
        kept[name] = kept[name].to_numpy(dtype=float) * share
    return kept[share > SMALLEST].reset_index(drop=True)
