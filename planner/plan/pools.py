"""Pools of a plan: units that mix, and the moves and starts between them, in order of time.

A pool is all units of an item that are at a site in a period (of one class, where a policy watches regions). Opening
stock, arrivals, carried stock, finished work and shipments enter it and mix; starts, shipments, carried stock and
deliveries leave it, each with the same share of everything in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from planner.errors import UsageError
from planner.instance.instance import Instance


class Pool(NamedTuple):
    """Units of an item at a site in a period (a position), of a class where there are classes; they mix."""

    site: str
    item: str
    period: int
    touched: str = ""


class Order(NamedTuple):
    """What a customer is delivered of an item in a period (a position, the one of delivery)."""

    customer: str
    item: str
    period: int


class Rest(Enum):
    """Where units end that are never delivered: KEPT is the stock after the last period."""

    KEPT = "kept"


End = Order | Rest


class Move(NamedTuple):
    """Units that leave a pool as they are: shipped, kept into the next period, or used as another class.

    Attributes:
        table, row: the table of the plan and the row in it that says so.
        source: the pool that they leave.
        target: the pool or end that they reach.
        quantity: units.
    """

    table: str
    row: int
    source: Pool
    target: Pool | End
    quantity: float


class Start(NamedTuple):
    """Work that starts in a period.

    Attributes:
        row: row of the production table.
        period: position of the period in which it starts.
        target: the pool that the good units enter.
        finished: good units.
        components: the pools that components leave, and how many units.
    """

    row: int
    period: int
    target: Pool
    finished: float
    components: tuple[tuple[Pool, float], ...]


@dataclass
class Step:
    """Starts and groups of pools that can be traced once all earlier steps are.

    Attributes:
        starts: work whose good units enter a later step.
        groups: pools of one item, period and class. Most groups are a single pool; within a larger one units can go in
            circles, so that its pools have to be traced together.
    """

    starts: list[Start] = field(default_factory=list)
    groups: list[list[Pool]] = field(default_factory=list)


@dataclass(frozen=True)
class Pools:
    """The pools of a plan, and what flows between them.

    Attributes:
        supplies: units of opening stock and arrivals that enter each pool.
        moves, starts: all other flows.
        depth: for each item, the length of the longest chain of components below it.
        by_class: whether the plan tells classes of units apart.
    """

    supplies: Mapping[Pool, float]
    moves: Sequence[Move]
    starts: Sequence[Start]
    depth: Mapping[str, int]
    by_class: bool

    @cached_property
    def leaving(self) -> dict[Pool, list[Move]]:
        """For each pool, the moves out of it."""
        found: dict[Pool, list[Move]] = defaultdict(list)
        for move in self.moves:
            found[move.source].append(move)
        return dict(found)

    @cached_property
    def steps(self) -> list[Step]:
        """All starts and pools in an order in which every flow comes from an earlier step."""
        steps: dict[tuple[int, int, int], Step] = defaultdict(Step)
        for start in self.starts:
            steps[start.period, self.depth[start.target.item], -1].starts.append(start)
        groups: dict[tuple[int, str, str], list[Pool]] = defaultdict(list)
        for pool in sorted(self._pools()):
            groups[pool.period, pool.item, pool.touched].append(pool)
        for (period, item, touched), pools in groups.items():
            watches = touched.count("+") + bool(touched)
            steps[period, self.depth[item], watches].groups += self._in_order(pools)
        return [steps[key] for key in sorted(steps)]

    @cached_property
    def orders(self) -> list[Order]:
        """The orders that receive any delivery, sorted."""
        return sorted({move.target for move in self.moves if isinstance(move.target, Order)})

    def _in_order(self, pools: Sequence[Pool]) -> list[list[Pool]]:
        """Pools in the order of the moves between them; those in or after a circle come last, as one group."""
        inside = set(pools)
        links = {
            pool: [
                move.target
                for move in self.leaving.get(pool, ())
                if isinstance(move.target, Pool) and move.target in inside
            ]
            for pool in pools
        }
        waiting = Counter(target for targets in links.values() for target in targets)
        ready = [pool for pool in pools if not waiting[pool]]
        for pool in ready:  # the list grows during the loop
            for target in links[pool]:
                waiting[target] -= 1
                if not waiting[target]:
                    ready.append(target)
        done = set(ready)
        left = [pool for pool in pools if pool not in done]
        return [[pool] for pool in ready] + ([left] if left else [])

    def _pools(self) -> set[Pool]:
        found = set(self.supplies)
        for move in self.moves:
            found.add(move.source)
            if isinstance(move.target, Pool):
                found.add(move.target)
        for start in self.starts:
            found.add(start.target)
            found.update(pool for pool, _ in start.components)
        return found


def read_pools(instance: Instance, tables: Mapping[str, pd.DataFrame]) -> Pools:
    """The pools of a plan, from its tables.

    Args:
        instance: what was planned, the scenario applied.
        tables: production, shipments and stock, and `relabelled` where classes are written.

    Raises:
        UsageError: something was started that the instance does not know.
    """
    at, count = instance.periods.index, len(instance.periods)
    customers = instance.customer_ids
    lead = _lead_times(instance)
    moves: list[Move] = []
    starts: list[Start] = []
    for number, row in _rows(tables, "production"):
        period, touched, site, item = at[row["period"]], row.get("touched", ""), row["site"], row["item"]
        key = (site, item, row["recipe"], period)
        if key not in lead:
            raise UsageError(f"The plan starts {item} at {site} in {row['period']}, which the instance does not know.")
        components = tuple(
            (Pool(site, component, period, touched), quantity * row["started"])
            for component, quantity in sorted(instance.bill.taken(item, row["recipe"]).items())
        )
        starts.append(Start(number, period, Pool(site, item, period + lead[key], touched), row["finished"], components))
    for number, row in _rows(tables, "shipments"):
        touched, arrives, to = row.get("touched", ""), at[row["arrives"]], row["to"]
        source = Pool(row["from"], row["item"], at[row["period"]], touched)
        target = Order(to, row["item"], arrives) if to in customers else Pool(to, row["item"], arrives, touched)
        moves.append(Move("shipments", number, source, target, row["quantity"]))
    for number, row in _rows(tables, "stock"):
        source = Pool(row["site"], row["item"], at[row["period"]], row.get("touched", ""))
        after = source._replace(period=source.period + 1)
        moves.append(Move("stock", number, source, after if after.period < count else Rest.KEPT, row["quantity"]))
    for number, row in _rows(tables, "relabelled"):
        source = Pool(row["site"], row["item"], at[row["period"]], row["touched"])
        moves.append(Move("relabelled", number, source, source._replace(touched=row["as"]), row["quantity"]))
    supplies = _supplies(instance, moves, starts)
    return Pools(supplies, moves, starts, instance.bill.depth, "touched" in tables["production"])


def _rows(tables: Mapping[str, pd.DataFrame], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """(position, row) of a table that may be absent."""
    if name not in tables:
        return
    columns = {column: tables[name][column].tolist() for column in tables[name]}
    for number, row in enumerate(zip(*columns.values(), strict=True)):
        yield number, dict(zip(columns, row, strict=True))


def _lead_times(instance: Instance) -> dict[tuple[str, str, str, int], int]:
    return {
        (row.site, row.item, row.recipe, period): row.lead_time
        for row in instance.processes
        for period in instance.periods.window(row.period)
    }


def _supplies(instance: Instance, moves: Iterable[Move], starts: Iterable[Start]) -> dict[Pool, float]:
    """Opening stock and arrivals by pool; split over classes in proportion to what each pool lacks without them."""
    total: dict[tuple[str, str, int], float] = defaultdict(float)
    for row in instance.stocks:
        total[row.site, row.item, 0] += row.opening
    for arrival in instance.arrivals:
        for period in instance.periods.window(arrival.period):
            total[arrival.site, arrival.item, period] += arrival.quantity
    lacking: dict[Pool, float] = defaultdict(float)
    for move in moves:
        lacking[move.source] += move.quantity
        if isinstance(move.target, Pool):
            lacking[move.target] -= move.quantity
    for start in starts:
        lacking[start.target] -= start.finished
        for pool, quantity in start.components:
            lacking[pool] += quantity
    classes: dict[tuple[str, str, int], dict[Pool, float]] = defaultdict(dict)
    for pool, quantity in sorted(lacking.items()):
        if quantity > 0:
            classes[pool[:3]][pool] = quantity
    supplies: dict[Pool, float] = {}
    for key, quantity in sorted(total.items()):
        if quantity > 0:
            short = classes.get(key) or {Pool(*key): 1.0}
            whole = sum(short.values())
            supplies |= {pool: quantity * part / whole for pool, part in short.items()}
    return supplies
