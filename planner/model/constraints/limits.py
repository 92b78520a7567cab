"""Limits on dependence: shares of a stage's good output, and of the delivered units by what they touched."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from planner.model.family import Family
from planner.model.loosening import Loosening, ShareOfDemand, ShareOfTotal, Turn
from planner.model.variable_blocks import Array, Decisions, Terms
from planner.model.words.lines import Line, Phrase, Wording
from planner.model.words.names import Labels, named_labels
from planner.network.frames import joined, lookup, narrowed, positions, renamed, with_new_names
from planner.network.network import Network

LIMIT = ("limit", "of", "period")


def _stage_limit(phrase: Phrase) -> str:
    verb = "limits {} allow" if phrase.several("limit") else "limit {} allows"
    head = f"The {verb.format(phrase['limit'])} {phrase['of']}{' each' if phrase.several('of') else ''}"
    return f"{head} at most {phrase.share()} of {phrase['stage']} {phrase.when}."


def _cap(phrase: Phrase) -> str:
    verb = "limits {} let" if phrase.several("limit") else "limit {} lets"
    head = f"The {verb.format(phrase['limit'])} at most {phrase.share()}"
    return f"{head} of what is delivered {phrase.when} have touched {phrase['of']}."


def _floor(phrase: Phrase) -> str:
    verb = "limits {} ask" if phrase.several("limit") else "limit {} asks"
    head = f"The {verb.format(phrase['limit'])} for at least {phrase.span()}{phrase.each}"
    return f"{head} delivered free of {phrase['of']} {phrase.when} ({phrase.share(1)} of the demand)."


def _raise_cap(phrase: Phrase) -> str:
    what = f"raise the {phrase['what']} cap of {phrase['of']} ({phrase['limit']}) {phrase.when}"
    return f"{what} from {phrase.share(0, '..')} to {phrase.furthest(max, share=True)}"


def _lower_floor(phrase: Phrase) -> str:
    what = f"lower the floor of {phrase['limit']} (free of {phrase['of']}) {phrase.when}"
    return f"{what} from {phrase.share(0, '..')} to {phrase.furthest(min, share=True)}"


TOTAL = Wording(
    "total", lambda phrase: f"What the limit {phrase['limit']} counts {phrase.when} is its total.", by_nature=True
)
STAGE_LIMIT = Wording("stage_limit", _stage_limit, over=("period", "of", "limit"), shares=(0,))
PATHWAY_CAP = Wording("pathway_cap", _cap, over=("period", "of", "limit"), shares=(0,))
PATHWAY_FLOOR = Wording("pathway_floor", _floor, over=("period", "of", "limit"), shares=(1,))
RAISE_CAP = Wording("raise_cap", _raise_cap, over=("period", "of", "limit"), shares=(0, 1))
LOWER_FLOOR = Wording("lower_floor", _lower_floor, over=("period", "of", "limit"), shares=(0, 1))


class PolicyLimit(Family):
    """What all limits of a policy have in common: their rows are those rows of the network's limits with their measure.

    Attributes:
        measure: value in the column `measure` of the rows that belong to the family.
    """

    measure: ClassVar[str]
    over = LIMIT
    turn = Turn.LIMITS
    promise = "limit"

    @property
    def priced(self) -> bool:
        """True: the shadow price of every limit of a policy is reported."""
        return True

    def limits(self, network: Network) -> pd.DataFrame:
        """The rows of the network's table of limits that belong to this family."""
        return network.limits[network.limits["measure"] == self.measure]

    def excesses(self, network: Network) -> pd.DataFrame:
        """The soft limits of this family, with the position of their variable in the block `excess` as `row`."""
        rows = network.excess.assign(row=range(len(network.excess)))
        return rows[positions(rows, self.limits(network), list(LIMIT)) >= 0]

    def worth(self, network: Network, labels: pd.DataFrame, duals: Array) -> pd.Series:
        """The worth of one more weighted unit of a limit: the size of its dual, undiscounted at its period."""
        at = lookup(labels, network.limits, list(LIMIT), "position", 0).astype(np.int64)
        return pd.Series(np.abs(duals) / network.discount.to_numpy()[at], index=labels["limit"].to_numpy())


class ShareLimit(PolicyLimit):
    """A limit on a share: at most a share of a total that the plan decides, or at least a share of what is ordered."""

    sense = "<="
    unit = "weighted units"
    figures = ("total",)

    @abstractmethod
    def counted(self, network: Network, x: Decisions) -> Terms:
        """What counts in the limit, in weighted units: what is inside of a cap, minus what is clear of a floor."""

    def left(self, network: Network, x: Decisions) -> Terms:
        """What counts in the limit, minus max_share of the total for a cap, minus the excess where it is soft."""
        share = x.total.sum(list(LIMIT), "max_share", self.shares(network))
        return self.counted(network, x) - share - x.excess.sum(list(LIMIT), through=self.excesses(network))

    def shares(self, network: Network) -> pd.DataFrame:
        """The caps (limits with a max_share), with the position of their variable in the block `total` as `row`."""
        limits = self.limits(network)
        total = network.total.assign(row=range(len(network.total)))
        return joined(limits[limits["max_share"].notna()], total, ["limit", "period"])

    def sizes(self, network: Network, labels: pd.DataFrame, need: Mapping[str, float]) -> Array:
        """The usual size of the total, in weighted units: orders in scope, or what orders take of the stage."""
        counted = network.limit_totals
        make = with_new_names(narrowed(network.make, ["item", "period"]), ["item", "at"])
        made = pd.concat([counted.reset_index(drop=True), make.iloc[counted["row"]].reset_index(drop=True)], axis=1)
        each = made.groupby(["limit", "period", "item", "at"], as_index=False)["weight"].max()
        each["total"] = each["weight"] * each["item"].map(need).fillna(0.0)
        stage = each.groupby(["limit", "period"], as_index=False)["total"].sum()
        ordered = lookup(labels, network.limits, list(LIMIT), "demand", np.nan).astype(float)
        return np.where(ordered > 0, ordered, lookup(labels, stage, ["limit", "period"], "total", 0.0).astype(float))

    def loosenings(self, network: Network, labels: pd.DataFrame, right: Array) -> Iterator[tuple[int, Loosening]]:  # noqa: ARG002
        """Raise max_share or lower min_free; only for hard limits, as soft ones give way at their soft_cost."""
        total = {key: at for at, key in enumerate(zip(network.total["limit"], network.total["period"], strict=True))}
        for row, label in enumerate(labels.itertuples(index=False, name=None)):
            limit = limit_row(network, label)
            if not math.isnan(limit["soft_cost"]):
                continue
            named = dict(zip(LIMIT, map(str, label), strict=True))
            if math.isnan(limit["min_free"]):
                named["what"] = str(limit["stage"]) or "pathway"
                at = total[label[0], label[2]]
                yield row, ShareOfTotal(RAISE_CAP, named, float(limit["max_share"]), total=at)
            else:
                floor, demand = float(limit["min_free"]), float(limit["demand"])
                yield row, ShareOfDemand(LOWER_FLOOR, named, floor, up=False, demand=demand)


class LimitTotal(Family):
    """The total of a limit: a variable of its own, so that a sweep over the share changes one coefficient a row.

    Attributes:
        measure: value in the column `measure` of the totals that belong to the family.
    """

    measure: ClassVar[str]
    over = ("limit", "period")
    sense = "=="
    unit = "weighted units"
    wordings = (TOTAL,)

    @abstractmethod
    def counted(self, network: Network, x: Decisions) -> Terms:
        """The weighted units in the scope of the limit, inside and outside."""

    def left(self, network: Network, x: Decisions) -> Terms:
        """The total of the limit minus the weighted units in its scope."""
        total = network.totals.assign(row=range(len(network.totals)))
        own = total[total["measure"] == self.measure]
        return x.total.sum(["limit", "period"], through=own) - self.counted(network, x)

    def right(self, network: Network) -> pd.DataFrame:
        """What counted before the first period, where the limit is over the horizon; else 0."""
        return renamed(network.totals[network.totals["measure"] == self.measure], {"before": "right"})


class StageTotal(LimitTotal):
    """The total of a limit is all that its scope makes, inside and outside.

    total[b,t] - sum_(p at stage k) w_p * make[p,t] = made before (0, but for a limit over the horizon after a roll)
    w_p = yield_p (units), yield_p * value (value) or capacity_use_p (capacity)

    Good output counts in the period of its start.
    Shadow price: what one more weighted unit in the total saves (money a weighted unit).
    Moved by: nothing; yields change the structure.
    """

    name = "stage_total"
    measure = "stage"

    def counted(self, network: Network, x: Decisions) -> Terms:
        """The weighted good output of the limit's stage."""
        return x.make.sum(["limit", "period"], "weight", network.limit_totals)


class StageLimit(ShareLimit):
    """What is made inside a region, operator, site or cluster is at most the agreed share of a stage's good output.

    sum_(p at stage k, inside) w_p * make[p,t] - max_share_b * total[b,t] - excess[b,t] <= - made inside before

    `of: each` writes one row for each region (operator, ...). Where the total is zero the row holds.
    Shadow price: what one more weighted unit inside saves (money a weighted unit, never negative).
    Moved by: max_share (a coefficient), soft_cost.
    """

    name = "stage_limit"
    measure = "stage"
    wordings = (STAGE_LIMIT,)

    def counted(self, network: Network, x: Decisions) -> Terms:
        """Weighted good output inside."""
        return x.make.sum(list(LIMIT), "weight", network.limit_uses)

    def right(self, network: Network) -> pd.DataFrame:
        """Minus what was made inside before the first period; the cap is a share of a decision, on the left."""
        limits = self.limits(network)
        return limits.assign(right=0.0 - limits["used"])

    def line(self, network: Network, labels: Labels, right: float) -> Line:  # noqa: ARG002
        """The row with the limited stage and the largest share."""
        limit, of, period = map(str, labels)
        row = limit_row(network, labels)
        named = {"limit": limit, "of": of, "stage": str(row["stage"]), "period": period}
        return Line(STAGE_LIMIT, named, (float(row["max_share"]),))


class PathwayTotal(LimitTotal):
    """The total of a pathway cap is all that is delivered in its scope, whatever it has touched.

    total[b,t] - sum_(deliveries in scope, all classes) w * ship[l,i,t,C] = delivered before (as in stage_total)
    w = 1 (units) or the item's value (value)

    A delivery counts in the period of its arrival.
    Shadow price: what one more weighted unit in the total saves (money a weighted unit).
    Moved by: nothing.
    """

    name = "pathway_total"
    measure = "pathway"

    def counted(self, network: Network, x: Decisions) -> Terms:
        """The weighted deliveries in the scope of the limit."""
        return x.ship.sum(["limit", "period"], "weight", network.pathway_totals)


class PathwayLimit(ShareLimit):
    """At most the agreed share of what is delivered has touched a region at any stage, or at least so much is clear.

    cap:   sum_(deliveries in scope, C containing r) w * ship[l,i,t,C] - max_share_b * total[b,t] - excess[b,t] <= 0
    floor: - sum_(deliveries in scope, C without r) w * ship[l,i,t,C] - excess[b,t] <= - min_free_b * demand[b,t]
    Over the horizon, after a roll, the right side also has minus (cap) or plus (floor) what was used before.

    r is a region, a region group, an operator, a cluster or a site; `of: each` writes one row for each. A delivery
    counts in the period of its arrival, demand in its own. A cap can be met by delivering less; a floor cannot.
    Shadow price: what one more weighted unit that has touched r, or one less that must be clear, saves (money a
    weighted unit, never negative).
    Moved by: max_share (a coefficient), min_free and demand (a right-hand side), soft_cost.
    """

    name = "pathway_limit"
    measure = "pathway"
    wordings = (PATHWAY_CAP, PATHWAY_FLOOR)

    def counted(self, network: Network, x: Decisions) -> Terms:
        """Touched deliveries of a cap, minus clear ones of a floor; the weights have the sign."""
        return x.ship.sum(list(LIMIT), "weight", network.pathway_uses)

    def right(self, network: Network) -> pd.DataFrame:
        """Minus what was used before for a cap; for a floor minus what must be clear, less what was clear before."""
        limits = self.limits(network)
        floor = limits["min_free"].notna()
        return limits.assign(
            right=(0.0 - limits["used"]).where(~floor, limits["used"] - limits["min_free"] * limits["demand"])
        )

    def line(self, network: Network, labels: Labels, right: float) -> Line:
        """The row of a cap with its share, of a floor with the units that must be clear and their share."""
        row, named = limit_row(network, labels), named_labels(network, LIMIT, labels)
        if np.isnan(row["min_free"]):
            return Line(PATHWAY_CAP, named, (float(row["max_share"]),))
        return Line(PATHWAY_FLOOR, named, (-right, float(row["min_free"])))


def limit_row(network: Network, labels: Labels) -> Mapping[str, Any]:
    """The row of the network's table of limits that has the labels (limit, of, period)."""
    return network.row("limits", LIMIT, labels)
