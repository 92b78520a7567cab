"""Limits on dependence: on shares of a stage's output, and of what is delivered by what it has touched."""

from __future__ import annotations

import pandas as pd

from planner.model.blocks import Decisions, Terms
from planner.model.family import Family
from planner.network.frames import joined, positions
from planner.network.network import Network


class StageTotal(Family):
    """The total of a limit is all that its scope makes, inside and outside.

    total[b,t] - sum_(p at stage k) w_p * make[p,t] = 0
    w_p = yield_p (units), yield_p * value (value) or capacity_use_p (capacity)

    Good output counts in the period of its start.
    A variable of its own, so that a sweep over the share changes one coefficient a row.
    Shadow price: what one more weighted unit in the total saves (money a weighted unit).
    Moved by: nothing; yields change the structure.
    """

    name = "stage_total"
    over = ("limit", "period")
    sense = "=="
    unit = "weighted units"

    def left(self, network: Network, x: Decisions) -> Terms:
        """Total, less what is made."""
        total = network.totals.assign(row=range(len(network.totals)))
        return x.total.sum(["limit", "period"], through=total[total["measure"] == "stage"]) - x.make.sum(
            ["limit", "period"], "weight", network.limit_totals
        )

    def right(self, network: Network) -> pd.DataFrame:
        """Zero."""
        return network.totals[network.totals["measure"] == "stage"].assign(right=0.0)


class StageLimit(Family):
    """What is made inside a region, operator, site or cluster is at most the agreed share of a stage's good output.

    sum_(p at stage k, inside) w_p * make[p,t] - max_share_b * total[b,t] - excess[b,t] <= 0

    `of: each` writes one row for each region (operator, ...). Where the total is zero the row holds.
    Shadow price: what one more weighted unit inside saves (money a weighted unit, never negative).
    Moved by: max_share (a coefficient), soft_cost.
    """

    name = "stage_limit"
    over = ("limit", "of", "period")
    sense = "<="
    unit = "weighted units"

    def left(self, network: Network, x: Decisions) -> Terms:
        """What is inside, less the share of the total and the priced excess."""
        row = ["limit", "of", "period"]
        return (
            x.make.sum(row, "weight", network.limit_uses)
            - x.total.sum(row, "max_share", _shares(network, "stage"))
            - x.excess.sum(row, through=_excesses(network, "stage"))
        )

    def right(self, network: Network) -> pd.DataFrame:
        """Zero."""
        return network.limits[network.limits["measure"] == "stage"].assign(right=0.0)


class PathwayTotal(Family):
    """The total of a pathway cap is all that is delivered in its scope, whatever it has touched.

    total[b,t] - sum_(deliveries in scope, all classes) w * ship[l,i,t,C] = 0
    w = 1 (units) or the item's value (value)

    A delivery counts in the period of its arrival. A variable of its own, as the total of a stage limit.
    Shadow price: what one more weighted unit in the total saves (money a weighted unit).
    Moved by: nothing.
    """

    name = "pathway_total"
    over = ("limit", "period")
    sense = "=="
    unit = "weighted units"

    def left(self, network: Network, x: Decisions) -> Terms:
        """Total, less what is delivered."""
        total = network.totals.assign(row=range(len(network.totals)))
        return x.total.sum(["limit", "period"], through=total[total["measure"] == "pathway"]) - x.ship.sum(
            ["limit", "period"], "weight", network.pathway_totals
        )

    def right(self, network: Network) -> pd.DataFrame:
        """Zero."""
        return network.totals[network.totals["measure"] == "pathway"].assign(right=0.0)


class PathwayLimit(Family):
    """At most the agreed share of what is delivered has touched a region at any stage, or at least so much is clear.

    cap:   sum_(deliveries in scope, C containing r) w * ship[l,i,t,C] - max_share_b * total[b,t] - excess[b,t] <= 0
    floor: - sum_(deliveries in scope, C without r) w * ship[l,i,t,C] - excess[b,t] <= - min_free_b * demand[b,t]

    r is a region, a region group, an operator, a cluster or a site; `of: each` writes one row for each. A delivery
    counts in the period of its arrival, demand in its own. A cap can be met by delivering less; a floor cannot.
    Shadow price: what one more weighted unit that has touched r, or one less that must be clear, saves (money a
    weighted unit, never negative).
    Moved by: max_share (a coefficient), min_free and demand (a right-hand side), soft_cost.
    """

    name = "pathway_limit"
    over = ("limit", "of", "period")
    sense = "<="
    unit = "weighted units"

    def left(self, network: Network, x: Decisions) -> Terms:
        """What counts, less the share of the total and the priced excess."""
        row = ["limit", "of", "period"]
        return (
            x.ship.sum(row, "weight", network.pathway_uses)
            - x.total.sum(row, "max_share", _shares(network, "pathway"))
            - x.excess.sum(row, through=_excesses(network, "pathway"))
        )

    def right(self, network: Network) -> pd.DataFrame:
        """Zero for a cap; minus what must be clear for a floor."""
        limits = network.limits[network.limits["measure"] == "pathway"]
        return limits.assign(right=-(limits["min_free"] * limits["demand"]).fillna(0.0))


class Buffer(Family):
    """The stock of an item over all sites covers the demand of some periods ahead.

    sum_s stock[s,i,t] + excess[b,i,t] >= needed[b,i,t]
    needed = the demand for products of the next periods_of_cover periods, taken through the components at the best
    yields; past the horizon the last period repeats

    `excess` (the units that are missing) exists only where a soft_cost is given.
    Shadow price: minus what one more unit that must be held costs (money a unit, never positive).
    Moved by: the demand change, periods_of_cover (a right-hand side), soft_cost.
    """

    name = "buffer"
    over = ("limit", "of", "period")
    sense = ">="
    unit = "units of the item"

    def left(self, network: Network, x: Decisions) -> Terms:
        """Stock, and what is missing."""
        row = ["limit", "of", "period"]
        return x.stock.sum(row, "weight", network.buffer_uses) + x.excess.sum(row, through=_excesses(network, "buffer"))

    def right(self, network: Network) -> pd.DataFrame:
        """What must be held."""
        limits = network.limits[network.limits["measure"] == "buffer"]
        return limits.rename(columns={"demand": "right"})


def _shares(network: Network, measure: str) -> pd.DataFrame:
    """The caps of a measure, with the row of their total."""
    limits = network.limits[(network.limits["measure"] == measure) & network.limits["max_share"].notna()]
    return joined(limits, network.total.assign(row=range(len(network.total))), ["limit", "period"])


def _excesses(network: Network, measure: str) -> pd.DataFrame:
    """The soft limits of a measure, with the row of their excess."""
    rows = network.excess.assign(row=range(len(network.excess)))
    return rows[positions(rows, network.limits[network.limits["measure"] == measure], ["limit", "of", "period"]) >= 0]
