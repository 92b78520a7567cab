"""What really is in place of what was expected, and the difference of the two as a table."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from planner.instance.records import Arrival, Owed, Stock
from planner.plan.plan import Plan
from planner.plan.rounding import rounded
from planner.study.roll.actuals import Actuals
from planner.study.roll.calendar import Shift
from planner.study.roll.promises import owed_terms
from planner.study.roll.standing import Goods, Standing
from planner.text.figures import count

COLUMNS = ["kind", "item", "place", "period", "expected", "actual", "difference"]
ROUNDED = 1e-3  # of what was delivered: a smaller difference is one of figures rounded to whole units
Row = tuple[str, str, str, str, float, float]


def differences(rows: list[Row]) -> pd.DataFrame:
    """The table of differences: kind, item, place, period, expected, actual, difference (units); sorted."""
    table = pd.DataFrame(rows, columns=COLUMNS[:-1])
    for name in ("expected", "actual"):
        table[name] = rounded(table[name].astype(float))
    table["difference"] = rounded(table["actual"] - table["expected"])
    return table.sort_values(COLUMNS[:4], ignore_index=True)


def really_there(standing: Standing, actuals: Actuals, shift: Shift) -> tuple[Standing, list[Row]]:
    """What stands and comes by the actuals, and a row for each place and period that they name."""
    stock, coming = dict(standing.stock), dict(standing.coming)
    rows: list[Row] = []
    for row in actuals.stocks:
        here = {goods: units for goods, units in stock.items() if (goods.place, goods.item) == (row.site, row.item)}
        rows.append(("stock", row.item, row.site, shift.first, sum(here.values()), row.opening))
        stock = {goods: units for goods, units in stock.items() if goods not in here}
        stock |= _as_touched(row, here, shift.gone, row.opening)
    named: dict[tuple[str, str], list[Arrival]] = defaultdict(list)
    for arrival in actuals.arrivals:
        named[arrival.site, arrival.item].append(arrival)
    for (place, item), arrivals in named.items():
        expected = {goods: units for goods, units in coming.items() if (goods.place, goods.item) == (place, item)}
        coming = {goods: units for goods, units in coming.items() if goods not in expected}
        by_period: dict[int, float] = defaultdict(float)
        for arrival in arrivals:
            for number in shift.after.window(arrival.period):
                period = number + shift.gone
                by_period[period] += arrival.quantity
                for goods, units in _as_touched(arrival, expected, period, arrival.quantity).items():
                    coming[goods] = coming.get(goods, 0.0) + units
        for goods in expected:
            by_period.setdefault(goods.period, 0.0)
        for period, quantity in by_period.items():
            before = sum(units for goods, units in expected.items() if goods.period == period)
            rows.append(("arrival", item, place, shift.before.labels[period], before, quantity))
    return Standing(stock, coming), rows


def _as_touched(row: Stock | Arrival, expected: dict[Goods, float], period: int, units: float) -> dict[Goods, float]:
    """Units by what they have touched: as the row says, else as what was expected there, in its proportions."""
    place, whole = row.site, sum(expected.values())
    if units <= 0:
        return {}
    if not whole or row.model_fields_set & {"touched", "worked_here"}:
        return {Goods(place, row.item, period, tuple(sorted(row.touched)), row.worked_here): units}
    found: dict[Goods, float] = defaultdict(float)
    for goods, part in expected.items():
        found[goods._replace(period=period)] += units * part / whole
    return dict(found)


def really_owed(
    plan: Plan, actuals: Actuals, owed: list[Owed], shift: Shift, source: str
) -> tuple[list[Owed], list[Arrival], list[Row]]:
    """What is owed by what was really delivered, and what was delivered ahead.

    owed = max(0, owed in the plan + sum (delivered in the plan - really delivered)), over the periods that are named

    Where nothing may be late, what was not delivered is lost. Units beyond what was owed were delivered ahead: they
    count for the first period that is left.

    Returns:
        what is owed, what was delivered ahead, and a row for each delivery that is named.
    """
    expected = {
        (customer, item, period): float(quantity)
        for customer, item, period, quantity in zip(
            *(plan.service[name] for name in ("customer", "item", "period", "delivered")), strict=True
        )
    }
    actual: dict[tuple[str, str, str], float] = defaultdict(float)
    for row in actuals.deliveries:
        actual[row.customer, row.item, row.period] += row.quantity
    rows: list[Row] = []
    missed: dict[tuple[str, str], float] = defaultdict(float)
    for key, quantity in sorted(actual.items()):
        customer, item, period = key
        rows.append(("delivery", item, customer, period, expected.get(key, 0.0), quantity))
        missed[customer, item] += expected.get(key, 0.0) - quantity
    terms = owed_terms(plan, shift.gone)
    known = {(row.customer, row.item): row for row in owed}
    ahead = []
    for (customer, item), units in missed.items():
        before = known.get((customer, item))
        now = (before.quantity if before else 0.0) + units
        late_cost, lost_cost = terms.get((customer, item), (None, 0.0))
        if now > 0 and (before or late_cost is not None):
            record = before or Owed(
                customer=customer, item=item, quantity=0.0, late_cost=late_cost, lost_cost=lost_cost
            )
            known[customer, item] = record.model_copy(update={"quantity": now, "source": source})
        else:
            known.pop((customer, item), None)
        if now < 0:
            first = {"site": customer, "item": item, "period": shift.first, "quantity": -now, "worked_here": False}
            ahead.append(Arrival.model_validate({**first, "source": source}))
    return [known[key] for key in sorted(known)], ahead, rows


def goods_that_stay_nowhere(rows: Iterable[Row], actuals: Actuals) -> Iterator[str]:
    """Sentences on items of which other amounts were delivered than planned, without actual stock or arrivals.

    A place without a row has the stock that the plan expected, so that what was not delivered is nowhere, and what was
    delivered beyond the plan is still in stock.

    Args:
        rows: the rows of `really_owed`.
        actuals: what really is.
    """
    known = {row.item for row in actuals.stocks} | {row.item for row in actuals.arrivals}
    delivered: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for _, item, _, _, expected, actual in rows:
        delivered[item].append((expected, actual))
    for item, parts in delivered.items():
        units = math.fsum(actual - expected for expected, actual in parts)
        if item not in known and abs(units) > ROUNDED * math.fsum(max(part) for part in parts):
            fewer, gone = ("fewer", "gone") if units < 0 else ("more", "still in stock")
            yield (
                f"Of {item}, {count(abs(units))} units {fewer} were delivered than planned, and the actuals name no "
                f"stock or arrival of it: they count as {gone}. Say in stocks.csv or arrivals.csv what is there."
            )


def outage_rows(plan: Plan, actuals: Actuals, shift: Shift) -> Iterator[Row]:
    """What the plan would have started where something is out, by item, site and period; nothing is started there."""
    made = plan.production.assign(at=plan.production["period"].map(plan.instance.periods.index))
    starts = list(zip(*(made[name] for name in ("site", "item", "recipe")), strict=True))
    for row in actuals.outages:
        stopped = np.array([row.stops(*start) for start in starts], dtype=bool)
        for number in shift.after.window(row.period):
            own = made[stopped & (made["at"] == number + shift.gone)]
            for item, units in own.groupby("item")["started"].sum().items():
                yield ("outage", str(item), row.site, shift.after.labels[number], float(units), 0.0)
