"""Stock and goods on the way when a period begins: stock at sites, work in process, goods on lanes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from planner.instance.instance import Instance
from planner.instance.records import Arrival, Stock
from planner.network.watches import Watch
from planner.plan.pools import Order, Pool, Pools
from planner.plan.rounding import TABLE_DIGITS, ninth_digit_up
from planner.study.roll.calendar import Shift
from planner.study.roll.touched import SITE, Marks, written

FEW = 6  # digits: figures of no more are exact


class Goods(NamedTuple):
    """Units of an item that are in stock at a place or arrive there.

    Attributes:
        place: site, or customer to whom they are on the way.
        item: the item.
        period: position, in the old calendar, of the period in which they can be used.
        touched, worked_here: as the tables stocks and arrivals have them.
    """

    place: str
    item: str
    period: int
    touched: tuple[str, ...]
    worked_here: bool


@dataclass(frozen=True)
class Standing:
    """Stock and goods on the way at the start of a period.

    Attributes:
        stock: units in stock at sites.
        coming: units on the way: work in process, goods on lanes, and later arrivals of the instance.
    """

    stock: dict[Goods, float]
    coming: dict[Goods, float]

    def with_more(self, arrivals: Iterable[Arrival], shift: Shift) -> Standing:
        """The same with more on the way, in periods that are left."""
        coming = dict(self.coming)
        for row in arrivals:
            for number in shift.after.window(row.period):
                goods = Goods(row.site, row.item, number + shift.gone, row.touched, row.worked_here)
                coming[goods] = coming.get(goods, 0.0) + row.quantity
        return Standing(self.stock, coming)


def standing_at(
    instance: Instance, pools: Pools, marks: dict[Pool, Marks], watches: tuple[Watch, ...], at: int
) -> Standing:
    """Stock and goods on the way at the start of a period, if the plan is followed until then.

    stock[s,i]    = stock[s,i,t-1] of the plan
    coming[s,i,u] = sum_p yield_p * make[p, u - lead_p] + sum_l ship[l,i, u - lead_l] + arrivals[s,i,u],
                    over starts and departures before t, for u >= t

    Args:
        instance: as it was solved.
        pools: of the plan.
        marks: of each pool.
        watches: what the plan's classes follow.
        at: position t of the period.
    """
    stock: dict[Goods, float] = defaultdict(float)
    coming: dict[Goods, float] = defaultdict(float)

    def goods(place: str, item: str, period: int, carried: Marks, touched: str) -> Goods:
        return Goods(place, item, period, *written(instance, place, carried, touched, watches))

    for move in pools.moves:
        source, target = move.source, move.target
        if move.table == "stock" and source.period == at - 1:
            stock[goods(source.site, source.item, at, marks[source], source.touched)] += ninth_digit_up(move.quantity)
        if move.table == "shipments" and source.period < at and isinstance(target, Pool | Order):
            place = target.customer if isinstance(target, Order) else target.site
            if target.period >= at:
                coming[goods(place, source.item, target.period, marks[source], source.touched)] += ninth_digit_up(
                    move.quantity
                )
    for start in pools.starts:
        target = start.target
        if start.period < at <= target.period:
            carried = frozenset({SITE + target.site}).union(*(marks[pool] for pool, _ in start.components))
            coming[goods(target.site, target.item, target.period, carried, target.touched)] += ninth_digit_up(
                start.finished
            )
    for row in instance.arrivals:
        for period in instance.periods.window(row.period):
            if period >= at and row.quantity > 0:
                coming[Goods(row.site, row.item, period, tuple(sorted(row.touched)), row.worked_here)] += row.quantity
    return Standing(dict(stock), dict(coming))


def tables_of(instance: Instance, standing: Standing, shift: Shift, source: str) -> tuple[list[Stock], list[Arrival]]:
    """Opening stock and arrivals as rows of the instance.

    The table of stocks has one row for each place and item. Where units there have touched different things, the
    largest part becomes the opening stock, and the other parts become arrivals in the first period: they can be used in
    the same period.

    Figures of a plan's tables are carried with one more in the ninth digit (`ninth_digit_up`). At a place where the
    goods cannot be kept, the units that this adds may be kept all the same (`_rests`): otherwise components that arrive
    for the same work would not fit together.

    Args:
        instance: as it was solved.
        standing: what there is.
        shift: the calendar moved on.
        source: where the figures come from, for the column source.
    """
    parts: dict[tuple[str, str], list[tuple[Goods, float]]] = defaultdict(list)
    for goods, quantity in sorted(standing.stock.items(), key=lambda pair: (-pair[1], pair[0])):
        parts[goods.place, goods.item].append((goods, quantity))
    listed = {(row.site, row.item): row for row in instance.stocks}
    coming = dict(standing.coming)
    rest = _rests(instance, standing)
    stocks: list[Stock] = []
    for place, item in sorted({*listed, *parts, *rest}):
        row = listed.get((place, item)) or Stock(site=place, item=item)
        row = row.model_copy(update={"maximum": rest[place, item]}) if (place, item) in rest else row
        (first, quantity), *others = parts.get((place, item)) or [(Goods(place, item, 0, (), True), 0.0)]
        moved = {"opening": quantity, "touched": first.touched, "worked_here": first.worked_here}
        stocks.append(row.model_copy(update={**moved, "source": source if quantity else row.source}))
        for goods, more in others:
            coming[goods] = coming.get(goods, 0.0) + more
    return stocks, list(_arrivals(coming, shift, source))


def _rests(instance: Instance, standing: Standing) -> dict[tuple[str, str], float]:
    """Units that may be kept beyond the maximum at each place and item, because rounding up has added them.

    Two in the ninth digit of each figure; nothing where all figures of a site have few digits and are exact.
    """
    most = {(row.site, row.item): row.maximum for row in instance.stocks}
    unlisted = None if instance.settings.stock == "anywhere" else 0.0  # the maximum where the table has no row
    every = [*standing.stock.items(), *standing.coming.items()]
    rounded = {goods.place for goods, units in every if units != float(f"{units:.{FEW}g}")} & instance.site_ids
    found: defaultdict[tuple[str, str], float] = defaultdict(float)
    for goods, units in every:
        place = (goods.place, goods.item)
        if goods.place in rounded and units > 0:
            found[place] += 2 * 10.0 ** (math.floor(math.log10(units)) - TABLE_DIGITS + 1)
    kept = {place: most.get(place, unlisted) for place in found}
    return {place: rest for place, rest in found.items() if (top := kept[place]) is not None and 2 * top < rest}


def _arrivals(coming: dict[Goods, float], shift: Shift, source: str) -> Iterator[Arrival]:
    for goods, quantity in sorted(coming.items()):
        yield Arrival(
            site=goods.place,
            item=goods.item,
            period=shift.before.labels[goods.period],
            quantity=quantity,
            touched=goods.touched,
            worked_here=goods.worked_here,
            source=source,
        )
