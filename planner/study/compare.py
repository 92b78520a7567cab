"""Comparison of two plans: inputs and outputs that differ, quantities that moved, and why the cost changed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from planner.errors import UsageError
from planner.model.catalogue import COSTS
from planner.network.frames import label_rows
from planner.plan.plan import Plan, refuse_no_plan
from planner.plan.rounding import STEADY, differences, rounded, steady
from planner.study.comparison_words import in_words
from planner.study.differing_inputs import differing_inputs
from planner.study.policy_split import COLUMNS
from planner.text.blocks import Block, Summary
from planner.text.html import html_of
from planner.text.json_values import records

_QUANTITIES = {
    "production": (("site", "item", "recipe", "period"), "started"),
    "shipments": (("from", "to", "item", "period"), "quantity"),
    "stock": (("site", "item", "period"), "quantity"),
    "commitments": (("commitment",), "shortfall"),
    "expansions": (("option",), "share"),
    "limits": (("limit", "of", "period"), "excess"),
    "recourse": (("kind", "place", "item", "period"), "quantity"),
}
_OF_ORDERS = {"lateness": "late", "lost_sales": "lost"}
TOTAL = "total"
SPLIT = "What each part of the policies costs, switched on one after another (and in the reverse order)"
SEEN = 5e-4  # smallest change of a share that is shown


@dataclass(frozen=True, eq=False)
class Comparison:
    """The differences of two plans, as tables.

    Attributes:
        first, second: names of the plans.
        answer: what the second costs, delivers and depends on beside the first, in two sentences.
        inputs: kind, key, field, first, second: every setting, row, policy part and scenario that differs, and how
            the scenario comes.
        outputs: figure, first, second, difference: objective, margin and service.
        cost: component, first, second, difference, quantity_effect, price_effect; the last row is the total, which
            the others add up to.
        exposure: stage, over, of, first, second, difference: shares over the reported periods.
        currency: of the money.
        moved: table, place, item, first, second, difference: units over all planned periods, largest change first.
        split: part, cost, other_order, reason: the change of cost by each part in which the policies differ, where
            there are several; the columns of `planner.study.policy_split`; empty where it was not asked for.
    """

    first: str
    second: str
    answer: str
    inputs: pd.DataFrame
    outputs: pd.DataFrame
    cost: pd.DataFrame
    exposure: pd.DataFrame
    moved: pd.DataFrame
    currency: str
    split: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS))

    def __repr__(self) -> str:
        total = self.cost.iloc[-1]
        return f"<Comparison of {self.second} with {self.first}: cost {total['difference']:+,.6g}>"

    def _repr_html_(self) -> str:
        """The comparison in a notebook: its summary."""
        return html_of(self.summary)

    @property
    def summary(self) -> Summary:
        """The summary: the answer, inputs and outputs that differ, why the cost changed, and what moved."""
        cost, shares, money = self.cost, self.exposure, self.currency
        exposed = shares[(shares["over"] == "region") & (shares["difference"].abs() > SEEN)].drop(columns="over")
        every = (
            Block("Inputs that differ", self.inputs, shares=frozenset(), most=25),
            Block("Outputs", self.outputs, f"money in {money}; units of the reported periods", shares=frozenset()),
            Block("Why the cost moved", cost[(cost[["first", "second"]] != 0).any(axis=1)], money, shares=frozenset()),
            Block(SPLIT, self.split.dropna(axis="columns", how="all"), money, shares=frozenset()),
            Block("Exposure that moved, by region", exposed, shares=frozenset({"first", "second", "difference"})),
            Block("What moved, in units over all planned periods", self.moved, shares=frozenset(), most=15),
        )
        same = () if len(self.inputs) else ("The inputs are the same.",)
        blocks = tuple(block for block in every if len(block.table))
        return Summary(f"{self.second} against {self.first}", (self.answer, *same), blocks)

    def as_json(self) -> dict[str, Any]:
        """The names of the plans, the answer, and every table as a list of rows, for JSON output."""
        names = ("inputs", "outputs", "cost", "split", "exposure", "moved")
        words = {"first": self.first, "second": self.second, "answer": self.answer}
        return words | {name: records(getattr(self, name)) for name in names}


def compare(first: Plan, second: Plan) -> Comparison:
    """What differs between two plans, of the same or of different instances.

    >>> import planner
    >>> found = planner.compare(planner.solve("instances/canning"), planner.solve("instances/canning", "balanced"))
    >>> found
    <Comparison of balanced with no policy: cost +1.1>
    >>> print(found.cost.loc[found.cost["difference"] != 0, ["component", "first", "second"]].to_string(index=False))
    component   first  second
    expansion   0.000   1.100
        total 153.675 154.775

    Args:
        first, second: the plans; differences are the second minus the first.

    Returns:
        tables of differences: money in the currency of both, discounted over all planned periods; units in those of the
        items; shares from 0 to 1.

    Raises:
        UsageError: the plans have different currencies, so that their costs cannot be compared; or one is no plan.
    """
    for name, plan in (("first", first), ("second", second)):
        refuse_no_plan(name, plan)
    one, other = first.instance.settings, second.instance.settings
    if one.currency != other.currency:
        raise UsageError(
            f"The first plan (of {one.name}) counts in {one.currency}, the second (of {other.name}) in "
            f"{other.currency}: their costs cannot be compared. Write one of the instances in the other's currency, "
            "and solve it again."
        )
    return Comparison(
        first.name,
        second.name,
        answer=in_words(first, second),
        inputs=differing_inputs(first, second),
        outputs=_outputs(first, second),
        cost=_cost(first, second),
        exposure=_exposure(first, second),
        moved=_moved(first, second),
        currency=one.currency,
    )


def _outputs(first: Plan, second: Plan) -> pd.DataFrame:
    one, other = (
        pd.Series({"objective": plan.objective, "margin": plan.margin, **plan.service_summary})
        for plan in (first, second)
    )
    figures = {name: rounded(part, STEADY) for name, part in (("first", one), ("second", other))}
    return pd.DataFrame({"figure": one.index, **figures, "difference": differences(one, other)})


def _cost(first: Plan, second: Plan) -> pd.DataFrame:
    """The change of the cost by component, each split into a quantity effect and a price effect.

    For every decision with quantities q1, q2 and costs c1, c2 a unit: c2 q2 - c1 q1 = (q2 - q1) c1 + q2 (c2 - c1);
    where one of the plans does not take the decision, the whole change is quantity effect. The same holds for a
    component that only one of the plans has (only a plan made after a strike breaks promises).
    """
    amounts = [dict(zip(plan.costs["component"], plan.costs["amount"], strict=True)) for plan in (first, second)]
    rows: list[dict[str, Any]] = []
    for cost in (cost for cost in COSTS if cost.name in {**amounts[0], **amounts[1]}):
        keys, quantity = _QUANTITIES.get(cost.table, (("customer", "item", "period"), _OF_ORDERS.get(cost.name, "")))
        one, other = (float(amount.get(cost.name, 0.0)) for amount in amounts)
        table, both = cost.table, cost.table in first.tables and cost.table in second.tables
        price = (
            _price_effect(first.tables[table], second.tables[table], list(keys), quantity, cost.column) if both else 0.0
        )
        rows.append(
            {
                "component": cost.name,
                "first": one,
                "second": other,
                "difference": other - one,
                "quantity_effect": other - one - price,
                "price_effect": price,
            }
        )
    names = ["first", "second", "difference", "quantity_effect", "price_effect"]
    rows.append({"component": TOTAL, **{name: math.fsum(float(row[name]) for row in rows) for name in names}})
    table = pd.DataFrame(rows)
    size = np.maximum(table["first"].abs(), table["second"].abs())
    return table.assign(**{name: steady(table[name], size) for name in names})


def _price_effect(first: pd.DataFrame, second: pd.DataFrame, keys: list[str], quantity: str, cost: str) -> float:
    """The part of a cost change that prices cause: q2 * (c2 - c1) over decisions that both plans take."""
    ours, theirs = (_taken(table, keys, quantity, cost) for table in (first, second))
    effects = []
    for key in ours.keys() & theirs.keys():
        (one, paid), (other, pays) = ours[key], theirs[key]
        if one > 0 and other > 0:
            effect = pays - paid / one * other
            effects.append(0.0 if abs(effect) < 1e-7 * abs(pays) else effect)  # below the tables' nine digits
    return math.fsum(effects)


def _taken(
    table: pd.DataFrame, keys: list[str], quantity: str, cost: str
) -> dict[tuple[Any, ...], tuple[float, float]]:
    """The quantity and cost of each decision in a table, of all classes together."""
    found: dict[Any, tuple[float, float]] = {}
    figures = (table[name].fillna(0.0).tolist() for name in (quantity, cost))
    for key, units, money in zip(label_rows(table, keys), *figures, strict=True):
        before = found.get(key, (0.0, 0.0))
        found[key] = before[0] + units, before[1] + money
    return found


def _exposure(first: Plan, second: Plan) -> pd.DataFrame:
    keys = ["stage", "over", "of"]
    shares = [pd.DataFrame(plan.exposure_summary, columns=[*keys, "share"]) for plan in (first, second)]
    both = shares[0].merge(shares[1], on=keys, how="outer", suffixes=("_1", "_2"))
    both = both.rename(columns={"share_1": "first", "share_2": "second"}).fillna({"first": 0.0, "second": 0.0})
    both["difference"] = differences(both["first"], both["second"])
    order = {stage: position for position, stage in enumerate(first.instance.stages)}
    both["_stage"] = both["stage"].map(order)
    return both.sort_values(["_stage", "over", "of"], ignore_index=True).drop(columns="_stage")


def _moved(first: Plan, second: Plan) -> pd.DataFrame:
    parts = []
    for table, place, quantity in (("production", ["site"], "finished"), ("shipments", ["from", "to"], "quantity")):
        keys = [*place, "item"]
        sums = [plan.tables[table].groupby(keys, sort=False)[quantity].sum() for plan in (first, second)]
        both = pd.concat(sums, axis=1, keys=["first", "second"]).fillna(0.0).reset_index()
        both = both.assign(**{name: rounded(both[name], STEADY) for name in ("first", "second")})
        both["place"] = _places(both[name] for name in place)
        parts.append(both.assign(table=table)[["table", "place", "item", "first", "second"]])
    moved = pd.concat(parts, ignore_index=True)
    moved["difference"] = differences(moved["first"], moved["second"])
    size = moved["difference"].abs()
    moved = moved[size > 1e-7 * moved[["first", "second"]].max(axis=1)].copy()
    moved["_size"] = moved["difference"].abs()
    moved = moved.sort_values(
        ["table", "_size", "place", "item"], ascending=[True, False, True, True], ignore_index=True
    )
    return moved.drop(columns="_size")


def _places(columns: Iterable[pd.Series]) -> pd.Series:
    """Columns joined to one text with ` > ` between, e.g. the two ends of a lane."""
    parts = [column.astype(str) for column in columns]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined + " > " + part
    return joined
