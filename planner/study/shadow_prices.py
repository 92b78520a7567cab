"""The highest shadow prices of a plan, checked by re-solves, each with the range over which it holds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from planner.instance.periods import HORIZON
from planner.model.program import Program
from planner.plan.plan import Plan
from planner.plan.price_checks import with_ranges
from planner.plan.rounding import rounded
from planner.solve.ranging import Target, price_ranges
from planner.solve.resolver import Resolver

SHOWN = 8
PRICED = [
    *("kind", "name", "site", "period", "capacity", "shadow_price", "one_less_costs"),
    *("valid_from", "valid_to", "verified", "reason"),
]


def checked_prices(
    program: Program,
    plan: Plan,
    *,
    most: int = SHOWN,
    deadline: float | None = None,
    threads: int = 1,
    resolver: Resolver | None = None,
) -> pd.DataFrame:
    """The highest shadow price of the scarcest resources, lanes and limits of a plan, each checked by re-solves.

    For each of the `most` resources and lanes with the largest rent (shadow price times capacity) over the reported
    periods it is the price in the period with the highest price. For limits it is the same by the larger of what one
    unit more saves and one unit less costs, because a limit that just binds has a price in one direction only.

    Args:
        program: what was planned.
        plan: its plan, proved to be of least cost.
        most: how many resources and lanes, and how many limits.
        deadline: the moment of time.perf_counter() at which to stop; prices that are not checked by then are marked as
            not verified. None for no limit.
        threads: 1, or 2 to use a second model.
        resolver: the program, solved before (with integers: held as the plan has them); None to solve it here.

    Returns:
        `PRICED`: the price as checked (what one more unit saves), what one unit less costs (the same, but where the
        cost turns at today's figure; infinite where no plan would be left), the capacity (or share allowed) and the
        range of it in which the price holds (empty where it is open or was not determined), whether re-solves verified
        it, and what is to be known.
    """
    table = _with_other_side(plan.choke_points.reset_index(drop=True), plan.tables["price_sides"])
    reported = plan.instance.report_labels
    worth = table[["shadow_price", "one_less_costs"]].max(axis=1)
    table = table.assign(worth=worth)[table["period"].isin({*reported, HORIZON}) & (worth > 0)]
    scarce = table[table["kind"].isin(_first_rows(program))]
    rent = (scarce["shadow_price"] * scarce["capacity"]).groupby([scarce["site"], scarce["name"]]).sum()
    largest = rent.sort_values(ascending=False, kind="stable").head(most).index
    scarce = _highest(scarce, "shadow_price")
    scarce = scarce[pd.MultiIndex.from_frame(scarce[["site", "name"]]).isin(largest)]
    limits = _highest(table[table["kind"] == "limit"], "worth").head(most)
    if not len(scarce) and not len(limits):
        return pd.DataFrame(columns=PRICED)
    if resolver is None:
        resolver = Resolver(program, held=plan.values, deadline=deadline)
    resolver.deadline = deadline
    parts = [_of_capacities(resolver, plan, scarce, threads)] if len(scarce) else []
    if len(limits):
        held, checks = with_ranges(limits, program, np.asarray(plan.values), threads=threads, resolver=resolver)
        checked = checks[["verified", "reason"]].set_axis(held.index, axis=0)
        parts.append(held.assign(verified=checked["verified"], reason=checked["reason"]))
    found = pd.concat(parts, ignore_index=True)
    one_less = found["one_less_costs"].where(found["turns"], found["shadow_price"])
    return found.assign(one_less_costs=one_less)[PRICED]


def _with_other_side(table: pd.DataFrame, turning: pd.DataFrame) -> pd.DataFrame:
    """Choke points with what one unit less costs: the price itself, but for those that are known to turn."""
    keys = ["kind", "name", "site", "period"]
    other = table[keys].merge(turning[[*keys, "one_less_costs"]], on=keys, how="left")["one_less_costs"].to_numpy()
    turns = ~np.isnan(other)
    return table.assign(turns=turns, one_less_costs=np.where(turns, other, table["shadow_price"]))


def _highest(table: pd.DataFrame, figure: str) -> pd.DataFrame:
    """The row with the highest figure of each name, the highest first; of equal ones the first period."""
    ordered = table.sort_values(figure, ascending=False, kind="stable")
    return ordered.drop_duplicates(["kind", "site", "name"])


def _first_rows(program: Program) -> dict[str, int]:
    """The first row of each kind of choke point that is a family of rows."""
    return {rows.family.choke_point: start for start, rows in program.by_family() if rows.family.choke_point}


def _of_capacities(resolver: Resolver, plan: Plan, rows: pd.DataFrame, threads: int) -> pd.DataFrame:
    """Rows of resources and lanes with their checked prices; the whole table stands in the order of the program."""
    kinds = plan.choke_points["kind"].to_numpy()
    first = _first_rows(resolver.program)
    place = {kind: np.flatnonzero(kinds == kind) for kind in first}
    targets = [
        Target(int(first[kind] + np.searchsorted(place[kind], number)), least=0.0)
        for number, kind in zip(rows.index, rows["kind"], strict=True)
    ]
    found = price_ranges(resolver, targets, threads=threads)
    more = rows["capacity"].to_numpy(dtype=float) - np.array([part.figure for part in found])  # options bought
    ends = {
        "valid_from": [np.nan if part.valid_from is None else part.valid_from for part in found] + more,
        "valid_to": [np.nan if part.valid_to is None else part.valid_to for part in found] + more,
    }
    prices = [
        old if np.isnan(part.shadow_price) else part.shadow_price
        for old, part in zip(rows["shadow_price"], found, strict=True)
    ]
    return rows.assign(
        shadow_price=rounded(np.array(prices)),
        verified=[part.verified for part in found],
        reason=[part.reason for part in found],
        **{name: rounded(values) for name, values in ends.items()},
    )
