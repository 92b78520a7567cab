"""Units delivered that touched a set of sites anywhere in their making, with lots mixed in each pool."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

import pandas as pd

from planner.instance.instance import Instance

Pool = tuple[str, str, int]  # site, item, period
ROUNDS = 200
STILL = 1e-12


class _Inflow(NamedTuple):
    """Units that enter a pool: clear where `clear` says so (1 or 0) and every pool that they come from is."""

    units: float
    clear: float
    sources: tuple[Pool, ...] = ()


def units_touched(instance: Instance, tables: Mapping[str, pd.DataFrame], sites: Collection[str]) -> float:
    """Units delivered over all planned periods that touched any of some sites; lots mix in each pool.

    e_pool = sum_(inflows) units * e / sum units;  e of finished work = 1 inside, else 1 - prod_j (1 - e_(pool of j))

    Opening stock and arrivals count as touched where they stand inside, or where their column `touched` names a
    region whose sites are all inside. Work touches; standing in stock or passing through does not.
    Source: MODEL.md, section 4 (blended exposure).

    Args:
        instance: what was planned.
        tables: production, shipments and stock of the plan; classes are added up.
        sites: the sites.

    Returns:
        units.
    """
    at, customers = instance.periods.index, {row.customer for row in instance.customers}
    inside = frozenset(sites)
    into: dict[Pool, list[_Inflow]] = defaultdict(list)
    delivered: list[tuple[float, Pool]] = []
    for row in tables["shipments"].to_dict("records"):
        source = (row["from"], row["item"], at[row["period"]])
        if row["to"] in customers:
            delivered.append((row["quantity"], source))
        else:
            into[row["to"], row["item"], at[row["arrives"]]].append(_Inflow(row["quantity"], 1.0, (source,)))
    for row in tables["stock"].to_dict("records"):
        source = (row["site"], row["item"], at[row["period"]])
        into[row["site"], row["item"], source[2] + 1].append(_Inflow(row["quantity"], 1.0, (source,)))
    lead = {
        (row.site, row.item, row.recipe, period): row.lead_time
        for row in instance.processes
        for period in instance.periods.window(row.period)
    }
    bills: dict[tuple[str, str], set[str]] = defaultdict(set)
    for component in instance.components:
        bills[component.item, component.recipe].add(component.component)
    for row in tables["production"].to_dict("records"):
        site, item, period = row["site"], row["item"], at[row["period"]]
        parts = tuple((site, part, period) for part in sorted(bills[item, "*"] | bills[item, row["recipe"]]))
        target = (site, item, period + lead[site, item, row["recipe"], period])
        into[target].append(_Inflow(row["finished"], float(site not in inside), parts))
    whole = {row.region for row in instance.sites} - {row.region for row in instance.sites if row.site not in inside}
    for stock in instance.stocks:
        clear = float(stock.site not in inside and not whole.intersection(stock.touched))
        into[stock.site, stock.item, 0].append(_Inflow(stock.opening, clear))
    for arrival in instance.arrivals:
        clear = float(arrival.site not in inside and not whole.intersection(arrival.touched))
        for period in instance.periods.window(arrival.period):
            into[arrival.site, arrival.item, period].append(_Inflow(arrival.quantity, clear))
    clear_share = _mixed(into)
    return sum(units * (1.0 - clear_share.get(pool, 1.0)) for units, pool in delivered)


def _mixed(into: Mapping[Pool, list[_Inflow]]) -> dict[Pool, float]:
    """The share of each pool that is clear; pools in a circle within a period settle by rounds."""
    share = dict.fromkeys(into, 1.0)
    order = sorted(into, key=lambda pool: pool[2])
    for _ in range(ROUNDS):
        moved = 0.0
        for pool in order:
            total = now = 0.0
            for inflow in into[pool]:
                clear = inflow.clear
                for source in inflow.sources:
                    clear *= share.get(source, 1.0)
                total += inflow.units
                now += inflow.units * clear
            if total > 0:
                moved = max(moved, abs(now / total - share[pool]))
                share[pool] = now / total
        if moved <= STILL:
            break
    return share
