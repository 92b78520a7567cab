"""The network: the sparse tables from which the program is written.

Decision tables (one row for each variable) carry their numbers in the columns `lower`, `upper` and the cost columns;
row tables (one row for each constraint) carry their right-hand side. A scenario that closes or opens something changes
these numbers, not the rows. Periods are positions (0 = first planned period); `labels` gives their labels. Money
columns are discounted to the first period.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.network.recourse import Recourse
from planner.network.watches import Watch


@dataclass(frozen=True)
class Network:
    """Every decision that can be taken under an instance and policy, and every row that binds them.

    Decisions:
        make: site, item, recipe, period, finish, stage, region, operator, cluster, resource, yield, capacity_use,
            production (cost a unit started), upper.
        ship: from, to, item, period, arrive, from_region, to_region, freight, tariff (money a unit), upper.
        stock: site, item, region, period, holding (money a unit), lower, upper.
        late: customer, item, period, lateness (money a unit), upper (all that was ordered by then).
        lost: customer, item, period, lost_sales (money a unit), upper.
        under: commitment, shortfall (money a unit).
        excess: limit, of, period (label), soft (money a weighted unit).
        expand: option, site, resource, period, lower, upper, integer, expansion (money for all of it).
        open: option, expansion (money, once), row (of expand), upper, integer, usable (share of the option that can
            be used at most).
        total: limit, period (label).
        relabel: site, item, period, touched, as: units of a class used as if they were of a larger one.
        use: site, item, period, stage, most (good units), needed (the most that can be needed), estimated (whether
            that is `most`, where there is no capacity), others (`most` of the other sites), max_sources, min_sources,
            min_share (NaN for none).
        lot: site, item, recipe, period, most (units started), needed, estimated, min_lot.
        unserved: customer, item, period, lost_sales, promise (money a unit), upper; with recourse only, as those below.
        cancelled: customer, item, period, lost_sales, promise (money a unit).
        surplus: customer, item, period, upper.
        below, over: site, item, period, promise (money a unit); of the minima and maxima of stock.
        received: customer, item, period, lower: deliveries up to a period; only where something must survive.
        halt: over, of, period, upper: share of a period for which a set of sites is out.

    Where a policy has pathway limits (`watches`), make, ship, stock, uses, receipts, deliveries, carry and flow have a
    column `touched`, the class of the units (names of watches, `+` between; empty for none), and one row a class.

    Links (decisions seen from a row; `row` is the position in the decision table):
        uses: row, site, component, period, quantity; of make.
        receipts, deliveries: row, place, item, period; of ship, by arrival at a site or a customer.
        carry: row, site, item, period (the next one); of stock.
        carried: row, customer, item, period (the next one); of late.
        expand_capacity: row, site, resource, period, capacity, usable (the part of it that can be used at most); of
            expand.
        lane_uses: row, from, to, item, period; of ship, in the words of the lane capacity's row.
        commitment_uses: row, commitment, amount; of make.
        limit_uses: row, limit, of, period, weight; of make inside a stage limit.
        limit_totals: row, limit, period, weight; of make in the limit's scope.
        pathway_uses: row, limit, of, period, weight; of ship: deliveries that have touched what a cap watches, or
            that are clear of what a floor watches (with a negative weight).
        halt_uses: row, site, resource, period, capacity; of halt.
        buffer_uses: row, limit, of (the item), period, weight; of stock.
        pathway_totals: row, limit, period, weight; of ship: deliveries in the scope of a pathway limit.
        source_output: row, site, item, period, yield; of make at a site whose use is counted.
        source_shares: row, site, item, period, weight; of make: a site's least share of what all make, less its own.
        source_peers: row, site, item, period, weight; of use: every site, less the fewest where the site is used.
        lot_starts: row, site, item, recipe, period; of make in lots.

    Rows:
        flow: site, item, period, supply (opening stock and arrivals).
        orders: customer, item, period, quantity, owed (from before the first period), price, must_serve, late_cost,
            lost_cost, discount.
        capacity: site, resource, period, capacity.
        lane_capacity: from, to, item, period, capacity.
        commitments: commitment, site, minimum.
        limits: limit, of, period (label), position, measure (stage, pathway or buffer), stage, over, max_share (NaN
            for a floor), min_free (NaN for a cap), demand (weighted units ordered in the scope of a pathway limit, or
            that a buffer must cover), used (inside, or clear, before the first period).
        totals: limit, period, measure, before (all that counted before the first period).
        opens: option.
        stock_minimum, stock_maximum: site, item, period and the bound; where stock is split by class, or with
            recourse.
        owed: customer, item, period in which what is owed can be cancelled; owed (from before the first period).
    """

    instance: Instance
    policy: Policy | None
    watches: tuple[Watch, ...]
    recourse: Recourse | None
    discount: pd.Series

    make: pd.DataFrame
    ship: pd.DataFrame
    stock: pd.DataFrame
    late: pd.DataFrame
    lost: pd.DataFrame
    under: pd.DataFrame
    excess: pd.DataFrame
    expand: pd.DataFrame
    open: pd.DataFrame
    total: pd.DataFrame
    relabel: pd.DataFrame
    use: pd.DataFrame
    lot: pd.DataFrame
    unserved: pd.DataFrame
    cancelled: pd.DataFrame
    surplus: pd.DataFrame
    below: pd.DataFrame
    over: pd.DataFrame
    received: pd.DataFrame
    halt: pd.DataFrame

    uses: pd.DataFrame
    receipts: pd.DataFrame
    deliveries: pd.DataFrame
    carry: pd.DataFrame
    carried: pd.DataFrame
    expand_capacity: pd.DataFrame
    lane_uses: pd.DataFrame
    commitment_uses: pd.DataFrame
    limit_uses: pd.DataFrame
    limit_totals: pd.DataFrame
    pathway_uses: pd.DataFrame
    pathway_totals: pd.DataFrame
    source_output: pd.DataFrame
    source_shares: pd.DataFrame
    source_peers: pd.DataFrame
    lot_starts: pd.DataFrame
    buffer_uses: pd.DataFrame
    halt_uses: pd.DataFrame

    flow: pd.DataFrame
    orders: pd.DataFrame
    capacity: pd.DataFrame
    lane_capacity: pd.DataFrame
    commitments: pd.DataFrame
    limits: pd.DataFrame
    totals: pd.DataFrame
    opens: pd.DataFrame
    stock_minimum: pd.DataFrame
    stock_maximum: pd.DataFrame
    owed: pd.DataFrame

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of all planned periods, by position."""
        return self.instance.periods.labels

    def row(self, table: str, over: Sequence[str], labels: Sequence[Any]) -> Mapping[str, Any]:
        """The first row of a table that has the labels, by column; the rows are indexed when they are first asked for.

        Args:
            table: its name.
            over: the columns of the labels.
            labels: their values; further ones are not looked at.

        Raises:
            KeyError: no row has them.
        """
        key = (table, tuple(over))
        if key not in self._rows:
            index: dict[tuple[Any, ...], Mapping[str, Any]] = {}
            for row in getattr(self, table).to_dict("records"):
                index.setdefault(tuple(row[name] for name in over), row)
            self._rows[key] = index
        return self._rows[key][tuple(labels[: len(over)])]

    @cached_property
    def _rows(self) -> dict[tuple[str, tuple[str, ...]], dict[tuple[Any, ...], Mapping[str, Any]]]:
        return {}

    @cached_property
    def recipes(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """The recipes by which a site can make an item, by (site, item)."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for site, item, recipe in zip(*(self.make[name] for name in ("site", "item", "recipe")), strict=True):
            found[site, item].add(recipe)
        return {key: frozenset(recipes) for key, recipes in found.items()}

    @property
    def by_class(self) -> list[str]:
        """The columns that distinguish classes: `touched`, or none where nothing is watched."""
        return ["touched"] if self.watches else []
