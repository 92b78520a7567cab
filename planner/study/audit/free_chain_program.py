"""The linear program behind the audit: the chain, in which only units that have not touched some regions count.

It contains all that limits such units in any plan: capacities with every expansion option bought, lead times, yields,
the periods in which a process may start, lanes and their limits, outages, maxima of stock, orders, and goods that are
on the way to a customer and fill an order, whatever they have touched. It leaves out costs and obligations (committed
minima, minimum stocks and lots, shares that must be served, units owed from before; surplus may be scrapped). So its
figures are upper bounds for any plan under any policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from planner.instance.instance import Instance
from planner.instance.records import Arrival, Stock
from planner.model.linear_program import LinearProgram, Matrix
from planner.model.program import Program, write_program
from planner.network import build_network
from planner.network.moving import marks_on
from planner.network.orders import handed_over
from planner.solve.repeated_maximum import RepeatedMaximum

Array = np.ndarray[Any, Any]
_BLOCKS = ("make", "ship", "stock", "late", "lost", "expand")


@dataclass(frozen=True)
class Question:
    """A question to the program: what may not be touched, for which products, and which stages count.

    Attributes:
        products: the products whose units count; the chain works for them alone.
        avoided: the regions that no unit may have touched.
        stages: the stages at which touching counts. At all other stages every site counts as clear, wherever it is, in
            the periods in which it may start, and without a limit of its capacity.
    """

    products: tuple[str, ...]
    avoided: frozenset[str]
    stages: frozenset[str]


class Deliveries:
    """The most that can be delivered under one question, up to the last reported period.

    Attributes:
        demand: units ordered of the question's products in each planned period.
    """

    def __init__(self, upper: Array, matrix: Matrix, delivered: Array, demand: Array) -> None:
        """Take bounds and rows, the period in which each column delivers (-1: none), and the demand by period.

        A column is added that is a share (times the largest demand of a period, so that it is of the size of the
        others), and for each period a row that can ask for at least that share.
        """
        self.demand = demand
        self._size = float(demand.max(initial=1.0))
        self._delivered = delivered
        count, share, first = len(demand), len(upper), len(matrix.lower)
        at = np.flatnonzero(delivered >= 0)
        self._promises = np.arange(first, first + count)
        rows = Matrix(
            np.concatenate([matrix.row, first + delivered[at], self._promises]),
            np.concatenate([matrix.column, at, np.full(count, share)]),
            np.concatenate([matrix.coefficient, np.ones(len(at)), -demand / self._size]),
            np.concatenate([matrix.lower, np.full(count, -np.inf)]),
            np.concatenate([matrix.upper, np.full(count, np.inf)]),
        )
        upper = np.append(upper, self._size)
        free, continuous = np.zeros(len(upper)), np.zeros(len(upper), dtype=bool)
        self._most = RepeatedMaximum(LinearProgram(free, upper, free, rows, continuous))

    def units(self, periods: Sequence[int]) -> float:
        """The most units that can be delivered in some periods together."""
        return self._most.maximum(np.append(np.isin(self._delivered, periods).astype(float), 0.0))

    def share(self, periods: Sequence[int]) -> float:
        """The largest share (0-1) of demand that can be delivered in each of some periods at once."""
        rows = self._promises[list(periods)]
        self._most.set_row_lower(rows, np.zeros(len(rows)))
        found = self._most.maximum(np.append(np.zeros(len(self._delivered)), 1.0))
        self._most.set_row_lower(rows, np.full(len(rows), -np.inf))
        return min(1.0, found / self._size)


class Chain:
    """The program of an instance, from which each question takes its part."""

    def __init__(self, instance: Instance) -> None:
        """Write the program of everything that limits deliveries."""
        self.instance = instance
        network = build_network(_unburdened(instance), None)
        program = write_program(network)
        self._columns = _columns(program)
        self._rows, self._entries = _rows(program)
        self._customers = instance.customer_ids
        self._handed = handed_over(instance, network.orders)
        table = network.orders.pivot_table(index="item", columns="period", values="quantity", aggfunc="sum")
        self._demand = table.reindex(columns=range(len(instance.periods))).fillna(0.0)
        self._stage = instance.stage_of

    @property
    def products(self) -> tuple[str, ...]:
        """The items that are ordered, sorted."""
        return tuple(sorted(self._demand.index))

    def demand(self, products: Iterable[str]) -> Array:
        """Units ordered of some products, by planned period."""
        found: Array = self._demand.reindex(list(products)).sum().to_numpy(dtype=float)
        return found

    @cached_property
    def _codes(self) -> dict[str, tuple[Array, pd.Index]]:
        return {name: pd.factorize(self._columns[name]) for name in ("block", "item", "stage", "region")}

    def _of(self, name: str, values: Iterable[str]) -> Array:
        """Which columns of the program have one of some values in a label (block, item, stage or region)."""
        codes, known = self._codes[name]
        found: Array = np.asarray(known.isin(list(values)))[codes]
        return found

    def deliveries(self, question: Question) -> Deliveries:
        """The part of the program that answers a question."""
        columns = self._columns
        asked = self._of("item", question.products)
        part = self._of("item", items_of(self.instance, question.products))
        make, order = self._of("block", ["make"]), self._of("block", ["late", "lost"])
        order |= columns["delivered"].to_numpy(dtype=np.int64) >= 0  # a component may be ordered too, but not here
        bound = make & self._of("stage", question.stages)
        keep = self._of("block", ["expand"]) | np.where(order, asked, part)
        keep &= ~(bound & self._of("region", question.avoided))
        last = self.instance.report_periods[-1]
        keep &= columns["ends"].to_numpy(dtype=np.int64) <= last
        row, column, coefficient = self._entries
        limit = (self._rows["resource"] != "").to_numpy()
        entry = keep[column] & ~(limit[row] & make[column] & ~bound[column])
        entry &= (self._rows["period"].to_numpy(dtype=np.int64) <= last)[row]
        used = np.unique(row[entry])
        right = (self._rows["right"].to_numpy(dtype=float) - self._not_counted(question))[used]
        matrix = Matrix(
            np.searchsorted(used, row[entry]),
            (np.cumsum(keep) - 1)[column[entry]],
            coefficient[entry],
            np.full(len(used), -np.inf),  # at most: surplus may be scrapped, and what is owed need not be served
            right,
        )
        delivered = np.where(asked, columns["delivered"].to_numpy(dtype=np.int64), -1)
        upper = columns["upper"].to_numpy(dtype=float)
        return Deliveries(upper[keep], matrix, delivered[keep], self.demand(question.products))

    @cached_property
    def _supplies(self) -> tuple[tuple[frozenset[str], str, tuple[int, ...], float], ...]:
        """Opening stock and arrivals: regions touched, item, numbers of rows, and quantity.

        Goods that arrive at a customer fill its orders, whatever they have touched; those that exceed what the customer
        is owed at that time do not count.
        """
        flow, order = self._rows[self._rows["balance"]], self._rows[self._rows["customer"] != ""]
        rows: dict[tuple[str, str, int], tuple[int, ...]] = {}
        for table, place in ((flow, "site"), (order, "customer")):
            for row, *key in table[[place, "item", "period"]].itertuples(name=None):
                rows[tuple(key)] = (*rows.get(tuple(key), ()), row)
        given = [
            (row.site, row.item, 0, regions_touched(self.instance, row), row.opening) for row in self.instance.stocks
        ]
        given += [
            (row.site, row.item, period, regions_touched(self.instance, row), row.quantity)
            for row in self.instance.arrivals
            if row.site not in self._customers
            for period in self.instance.periods.window(row.period)
        ]
        given += [
            (customer, item, period, _regions_of(self.instance, touched), quantity)
            for customer, item, period, touched, quantity in self._handed.itertuples(index=False, name=None)
        ]
        return tuple(
            (touched, item, rows[place, item, period], quantity)
            for place, item, period, touched, quantity in given
            if quantity > 0 and (place, item, period) in rows
        )

    def _not_counted(self, question: Question) -> Array:
        """The units of opening stock and arrivals, by row, that have touched an avoided region at a counted stage."""
        found = np.zeros(len(self._rows))
        for touched, item, rows, quantity in self._supplies:
            if touched & question.avoided and self._stage[item] in question.stages:
                found[list(rows)] += quantity
        return found


def regions_touched(instance: Instance, row: Stock | Arrival) -> frozenset[str]:
    """The regions that opening stock or arrivals have touched, one by one; operators and clusters are no regions."""
    return _regions_of(instance, marks_on(row))


def _regions_of(instance: Instance, marks: Iterable[str]) -> frozenset[str]:
    home = {f"site:{site.site}": site.region for site in instance.sites}
    named = (instance.regions_of(home.get(mark, mark)) for mark in marks)
    return frozenset(region for regions in named for region in regions if ":" not in region)


def items_of(instance: Instance, products: Iterable[str]) -> frozenset[str]:
    """Some products and all their components, at every depth."""
    components: dict[str, set[str]] = {}
    for row in instance.components:
        components.setdefault(row.item, set()).add(row.component)
    found: set[str] = set()
    fresh = set(products)
    while fresh:
        found |= fresh
        fresh = set().union(*(components.get(item, set()) for item in fresh)) - found
    return frozenset(found)


def _unburdened(instance: Instance) -> Instance:
    """The instance without costs of options, and without minima and shares that a plan would owe."""
    return instance.replace(
        commitments=(),
        demand=[row.model_copy(update={"must_serve": 0.0}) for row in instance.demand],
        stocks=[row.model_copy(update={"minimum": 0.0, "closing_minimum": 0.0}) for row in instance.stocks],
        processes=[row.model_copy(update={"min_lot": 0.0}) for row in instance.processes],
        expansions=[
            row.model_copy(update={"fixed_cost": 0.0, "unit_cost": 0.0, "all_or_nothing": False})
            for row in instance.expansions
        ],
    )


def _columns(program: Program) -> pd.DataFrame:
    """The columns: block, item, stage and region (of a start), upper bound, last period touched, and of delivery.

    The period of delivery is -1 where a column delivers nothing.
    """
    parts = []
    for block in program.blocks:
        table = pd.DataFrame({"block": [block.spec.name] * len(block)})
        for name in ("item", "stage", "region"):
            known = name in block.labelled and (name == "item" or block.spec.name == "make")
            table[name] = block.labelled[name].to_numpy(dtype=object) if known else ""
        ends = {"make": "finish", "ship": "arrive"}.get(block.spec.name, "position")
        table["ends"] = block.labelled[ends].to_numpy(dtype=np.int64) if ends in block.labelled else -1
        parts.append(table)
    columns = pd.concat(parts, ignore_index=True)
    columns.loc[~columns["block"].isin(_BLOCKS), "item"] = ""
    columns["upper"] = program.numbers.upper
    columns["delivered"] = -1
    deliveries = program.network.deliveries
    at = program.ship.first + deliveries["row"].to_numpy(dtype=np.int64)
    columns.loc[at, "delivered"] = deliveries["period"].to_numpy(dtype=np.int64)
    return columns


def _rows(program: Program) -> tuple[pd.DataFrame, tuple[Array, Array, Array]]:
    """The rows of what is physical (labels, right side, whether they balance) and their entries.

    A row belongs to a place, a lane, an order (with a customer) or a resource; its other labels are empty.
    """
    labels, entries = [], []
    first = 0
    for _, rows in program.by_family():
        if not rows.family.physical:
            continue
        table = pd.DataFrame({"right": rows.right})
        table["period"] = rows.labels["period"].to_numpy(dtype=np.int64)
        for key in ("site", "item", "resource", "customer"):
            table[key] = rows.labels[key].to_numpy(dtype=object) if key in rows.labels else ""
        table["balance"] = np.full(len(rows), rows.family.sense == "==" and "site" in rows.labels)
        labels.append(table)
        entries.append((first + rows.row, rows.column, rows.coefficient))
        first += len(rows)
    row, column, coefficient = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    return pd.concat(labels, ignore_index=True), (row, column, coefficient)
