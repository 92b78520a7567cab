"""What moved between two plans over the periods that they share: units re-sourced, and orders by date and source.

    re-sourced = sum over item i, period t of min(sum_s more[s,i,t], sum_s less[s,i,t])
    more[s,i,t] = max(0, finished_2 - finished_1),  less[s,i,t] = max(0, finished_1 - finished_2)   (good units started)

So a unit counts once where another site makes it in the same period; that more or less is made in all does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from planner.plan.allocation import stage_columns
from planner.plan.plan import Plan
from planner.plan.rounding import rounded
from planner.plan.tracing import SUPPLIES
from planner.text.figures import percent

LEAST = 1e-7  # of the larger figure; a smaller change is the tables' nine digits


@dataclass(frozen=True)
class Moved:
    """What moved.

    Attributes:
        periods: labels of the periods that both plans have.
        resourced: item, units (re-sourced), made (good units of the first plan), share (0-1); the most units first.
        orders: customer, product, delivered (units of the first plan), later and earlier (units that arrive in another
            period), resourced (units that are last worked on elsewhere in the same period), more (net change of what is
            delivered); only those of which something moved.
    """

    periods: tuple[str, ...]
    resourced: pd.DataFrame
    orders: pd.DataFrame

    @property
    def units(self) -> float:
        """Units re-sourced, of all items."""
        return float(self.resourced["units"].sum())

    @property
    def share(self) -> float:
        """Units re-sourced of all that the first plan makes in those periods (0-1)."""
        made = float(self.resourced["made"].sum())
        return self.units / made if made > 0 else 0.0

    @property
    def sentence(self) -> str:
        """How much moved, in words."""
        span = f"{self.periods[0]} to {self.periods[-1]}" if len(self.periods) > 1 else self.periods[0]
        what = f"Of what the earlier plan makes in {span}"
        if self.units == 0:
            return f"{what}, nothing is made at another site in the same period."
        share = percent(self.share)
        return f"{what}, {self.units:,.6g} good units ({share}) are made at another site in the same period."


def moved_between(first: Plan, second: Plan) -> Moved:
    """What moved from one plan to another, over the periods that both have."""
    shared = tuple(label for label in first.instance.periods.labels if label in second.instance.periods.index)
    return Moved(shared, _resourced(first, second, shared), _orders(first, second, shared))


def _changes(
    first: pd.DataFrame, second: pd.DataFrame, keys: Sequence[str], figure: str, shared: Sequence[str]
) -> pd.DataFrame:
    """The keys with `one` and `other`, `more` and `less` of a figure, in some periods."""
    sums = [
        table[table["period"].isin(shared)].groupby(list(keys), as_index=False)[figure].sum()
        for table in (first, second)
    ]
    both = sums[0].merge(sums[1], on=list(keys), how="outer", suffixes=("_1", "_2")).fillna(0.0)
    both["one"], both["other"] = both.pop(f"{figure}_1"), both.pop(f"{figure}_2")
    change = both["other"] - both["one"]
    change = change.where(change.abs() > LEAST * both[["one", "other"]].max(axis=1), 0.0)
    return both.assign(more=change.clip(lower=0.0), less=(-change).clip(lower=0.0))


def _resourced(first: Plan, second: Plan, shared: Sequence[str]) -> pd.DataFrame:
    changes = _changes(first.production, second.production, ["item", "period", "site"], "finished", shared)
    by_period = changes.groupby(["item", "period"], as_index=False)[["one", "more", "less"]].sum()
    by_period["units"] = by_period[["more", "less"]].min(axis=1)
    table = by_period.groupby("item", as_index=False)[["units", "one"]].sum().rename(columns={"one": "made"})
    table["share"] = (table["units"] / table["made"]).where(table["made"] > 0, 0.0)
    for name in ("units", "made", "share"):
        table[name] = rounded(table[name].astype(float))
    return table.sort_values(["units", "item"], ascending=[False, True], ignore_index=True)


def _orders(first: Plan, second: Plan, shared: Sequence[str]) -> pd.DataFrame:
    """The orders of which something moved, by customer and product."""
    keys = ["customer", "product"]
    changes = _changes(_delivered(first), _delivered(second), [*keys, "period"], "quantity", shared)
    at = {label: number for number, label in enumerate(shared)}
    rows = []
    for (customer, product), own in changes.groupby(keys):
        dated = own.assign(at=own["period"].map(at)).sort_values("at")
        later, earlier = _shifted(dated["less"].to_numpy(dtype=float), dated["more"].to_numpy(dtype=float))
        rows.append((customer, product, own["one"].sum(), later, earlier, (own["more"] - own["less"]).sum()))
    table = pd.DataFrame(rows, columns=[*keys, "delivered", "later", "earlier", "more"])
    sources = _changes(_sourced(first), _sourced(second), [*keys, "period", "source"], "quantity", shared)
    made = ~sources["source"].str.endswith(
        SUPPLIES
    )  # what comes from stock or was on the way, nobody makes elsewhere now
    sources["more"] = sources["more"].where(made, 0.0)
    by_period = sources.groupby([*keys, "period"], as_index=False)[["more", "less"]].sum()
    by_period["resourced"] = by_period[["more", "less"]].min(axis=1)
    table = table.merge(by_period.groupby(keys, as_index=False)["resourced"].sum(), on=keys, how="left")
    figures = ["delivered", "later", "earlier", "resourced", "more"]
    table["resourced"] = table["resourced"].fillna(0.0)
    size = table[figures].abs().max(axis=1)
    for name in figures:
        moved = table[name].astype(float)
        table[name] = rounded(moved.where(moved.abs() > LEAST * size, 0.0))  # what is left of others is none
    table = table[(table[figures[1:]] != 0).any(axis=1)]
    size = table[["later", "earlier", "resourced"]].sum(axis=1)
    order = size.sort_values(ascending=False, kind="stable").index
    return table.loc[order, [*keys, *figures]].reset_index(drop=True)


def _shifted(less: list[float], more: list[float]) -> tuple[float, float]:
    """Units that go to a later period, and to an earlier one: each lost unit is matched to the nearest gained one."""
    later = earlier = missing = spare = 0.0
    for lost, gained in zip(less, more, strict=True):
        if gained:
            taken = min(gained, missing)
            later, missing, spare = later + taken, missing - taken, spare + gained - taken
        else:
            taken = min(lost, spare)
            earlier, spare, missing = earlier + taken, spare - taken, missing + lost - taken
    return later, earlier


def _delivered(plan: Plan) -> pd.DataFrame:
    service = plan.service.rename(columns={"item": "product", "delivered": "quantity"})
    return service[["customer", "product", "period", "quantity"]]


def _sourced(plan: Plan) -> pd.DataFrame:
    """What customers receive by the site that worked on it last, or by where it was before (`Routes.supplied`)."""
    stage = plan.instance.stage_of
    columns = dict(zip(plan.instance.stages, stage_columns(plan.instance), strict=True))
    table = plan.allocation
    source = [
        str(site)
        for site in (table[columns[stage[product]]].iloc[row] for row, product in enumerate(table["product"].tolist()))
    ]
    return table[["customer", "product", "period", "quantity"]].assign(source=source)
