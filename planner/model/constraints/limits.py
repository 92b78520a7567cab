"""Limits on dependence: the share of a stage's output that one region, operator, site or cluster makes."""

from __future__ import annotations

import pandas as pd

from planner.model.blocks import Decisions, Terms
from planner.model.family import Family
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
        return x.total.sum(["limit", "period"]) - x.make.sum(["limit", "period"], "weight", network.limit_totals)

    def right(self, network: Network) -> pd.DataFrame:
        """Zero."""
        return network.totals.assign(right=0.0)


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
        shares = network.limits.merge(network.total.assign(row=range(len(network.total))), on=["limit", "period"])
        return x.make.sum(row, "weight", network.limit_uses) - x.total.sum(row, "max_share", shares) - x.excess.sum(row)

    def right(self, network: Network) -> pd.DataFrame:
        """Zero."""
        return network.limits.assign(right=0.0)
