"""Checks of shadow prices: how far each price of a plan's choke points holds, by re-solves of its program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from planner.errors import UsageError
from planner.model.constraints.limits import ShareLimit, limit_row
from planner.model.program import Program
from planner.network.frames import lookup
from planner.plan.lazy_tables import with_table
from planner.plan.plan import Plan
from planner.plan.rounding import rounded
from planner.solve.deadline import is_over
from planner.solve.money import gross_cost
from planner.solve.one_sided_prices import promised_orders
from planner.solve.ranging import PriceRange, Target, price_ranges
from planner.solve.resolver import Resolver
from planner.solve.solution import Array, Status

CHECKS = ["kind", "name", "site", "period", "shadow_price", "verified", "reason", "right", "right_from", "right_to"]
SHARES = "checked over the weighted units inside, and shown as shares of the plan's total"
NO_TOTAL = "no total is made in the limit's scope, so no share says how far it holds"
NO_ROW = "not determined: nothing can be made inside, so the limit has no row"
COVERED = "not determined: how far it holds is not looked for of a buffer, whose row asks for stock"
NOTHING = 1e-12  # relative to the capacity, below which an end is 0
SAME_PRICE = 1e-6


def with_ranges(
    table: pd.DataFrame, program: Program, values: Array, *, threads: int = 1, resolver: Resolver | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The choke points with the range over which each shadow price holds, and how each was checked.

    A shadow price is corrected to what one more unit saves where the solver's dual was another slope (a degenerate
    optimum). `valid_from` and `valid_to` are in the unit of `capacity`, and contain it: resource units with the
    options that the plan buys, units over a lane, units promised. A limit's share is a coefficient, not a right-hand
    side: its price, of one more weighted unit inside, is checked over such units e, and the range is shown as
    max_share + e / total at the plan's total (of a floor, min_free - e / demand). An end is empty where it is open, or
    where nothing was determined (the second table says why). A price of 0 holds from what is used to any larger
    capacity.

    Args:
        table: the choke points of a plan.
        program: what was planned (`formulate` with the same instance, policy and scenario).
        values: the plan's value of each column; with integers, they are held as the plan has them.
        threads: 1, or 2 to use a second model.
        resolver: the program, solved before; None to solve it here, without a deadline. Prices that are not checked by
            its deadline are marked as not verified.

    Returns:
        the table, and the checks: a row for each of its rows, with the range in the unit of the right-hand side (of
        the upper bound of what may be lost, for a promise), whether it was verified by re-solves, and the reason
        where it was not or where something is to be known about it.

    Raises:
        UsageError: table or values are not of this program.
    """
    targets = _targets(program, table)
    if resolver is None:
        resolver = Resolver(program, held=values)
    base, cost = resolver.baseline, float((resolver.cost * values).sum())
    apart = abs(float(base.objective or 0.0) - cost)
    if base.status is Status.OPTIMAL and apart > SAME_PRICE * gross_cost(resolver.cost, values):
        raise UsageError("These choke points are not of an optimal plan of this program.")
    at = [number for number, target in enumerate(targets) if target is not None]
    found = price_ranges(resolver, [target for target in targets if target is not None], threads=threads)
    out = table.copy()
    checks = pd.DataFrame(index=range(len(table)), columns=CHECKS[4:])
    checks["verified"] = False
    checks["reason"] = np.where(table["name"].isin(_names_of_buffers(program)), COVERED, NO_ROW)
    for number, part in zip(at, found, strict=True):
        row = out.iloc[number]
        price = row["shadow_price"]
        if not np.isclose(price, part.shadow_price, rtol=SAME_PRICE, atol=0.0) and not np.isnan(part.shadow_price):
            price = part.shadow_price
        start, end, note = _shown(program, values, row, part)
        start, end = (0.0 if abs(side) <= NOTHING * abs(float(row["capacity"])) else side for side in (start, end))
        reason = "; ".join(text for text in (part.reason, note if part.verified else "") if text)
        out.loc[out.index[number], ["shadow_price", "valid_from", "valid_to"]] = rounded([price, start, end])
        ends = [np.nan if side is None else side for side in (part.valid_from, part.valid_to)]
        checks.loc[number, CHECKS[5:]] = [part.verified, reason, part.figure, *ends]
    named = out[["kind", "name", "site", "period", "shadow_price"]].reset_index(drop=True)
    figures = {"verified": bool, "right": float, "right_from": float, "right_to": float}
    return out, pd.concat([named, checks[CHECKS[5:]].astype(figures)], axis=1)


def plan_with_ranges(plan: Plan, program: Program, deadline: float | None = None) -> Plan:
    """The plan with `valid_from` and `valid_to` in its choke points, each as `with_ranges` finds it.

    Args:
        plan: a plan of least cost, with the values of its columns.
        program: what was planned.
        deadline: the moment of time.perf_counter() at which to stop; the ends that are not found by then stay empty.
    """
    points, values = plan.tables["choke_points"], np.asarray(plan.values, dtype=float)
    if not len(points):
        return plan
    found, _ = with_ranges(points, program, values, resolver=Resolver(program, held=values, deadline=deadline))
    ends = {end: found[end] for end in ("valid_from", "valid_to")}
    return replace(plan, tables=with_table(plan.tables, "choke_points", points.assign(**ends)))


def ranges_missing(plan: Plan, deadline: float | None) -> str:
    """The sentence that says that time ran out while ranges were looked for; empty where it did not."""
    found = plan.choke_points[["valid_from", "valid_to"]].notna().any(axis=1)
    missing = is_over(deadline) and not found.all()
    return "no time was left to find how far every shadow price holds" if missing else ""


def _names_of_buffers(program: Program) -> list[str]:
    """The names of the choke points that are rows of buffers."""
    limits = program.network.limits
    buffers = limits[limits["measure"] == "buffer"]
    return [f"{limit} ({of})" for limit, of in zip(buffers["limit"], buffers["of"], strict=True)]


def _shown(program: Program, values: Array, row: pd.Series, part: PriceRange) -> tuple[float, float, str]:
    """A range in the unit of the table's `capacity`, and what has to be said about it."""
    kind, capacity, used = str(row["kind"]), float(row["capacity"]), float(row["used"])
    if part.verified and not part.resolves:  # a price of 0: this plan stays optimal with no more than it uses
        return (np.nan, used, "") if kind == "must_serve" else (used, np.nan, NO_TOTAL if np.isnan(used) else "")
    start = np.nan if part.valid_from is None else part.valid_from - part.figure
    end = np.nan if part.valid_to is None else part.valid_to - part.figure
    if kind == "must_serve":  # the bound is on lost units, so the range is reversed
        return capacity - end, capacity - start, ""
    if kind != "limit":
        return capacity + start, capacity + end, ""
    _, labels = program.row_label(part.target.number)
    limit = limit_row(program.network, labels)
    if not np.isnan(limit["min_free"]):  # a floor: one more unit means one less that must be clear
        demand = float(limit["demand"])
        low, high = capacity - end / demand, capacity - start / demand
        return low if low >= 0 else np.nan, high if high <= 1 else np.nan, SHARES
    matrix = program.matrix()
    columns = matrix.column[matrix.row == part.target.number]
    totals = columns[program.total.holds(columns)]
    total = float(values[totals].sum())
    if total <= 0:
        return np.nan, np.nan, NO_TOTAL
    low, high = capacity + start / total, capacity + end / total
    return max(low, 0.0), high if high <= 1 else np.nan, SHARES  # a share above 1 does not limit anything: open end


def _targets(program: Program, table: pd.DataFrame) -> list[Target | None]:
    """For each row of a choke point table, the row or column of the program that it prices; None where it has none."""
    targets: list[Target | None] = [None] * len(table)
    lost, promised = program.network.lost, promised_orders(program)
    ordered = lookup(lost, program.network.orders, ["customer", "item", "period"], "quantity", 0.0)
    known: dict[str, list[Target]] = {
        "must_serve": [
            Target(program.lost.first + int(at), bound=True, least=0.0, most=float(ordered[at])) for at in promised
        ]
    }
    for start, rows in program.by_family():
        if rows.family.choke_point:
            known[rows.family.choke_point] = [Target(start + row, least=0.0) for row in range(len(rows))]
    for kind, all_of_kind in known.items():
        at = np.flatnonzero(table["kind"] == kind)
        if len(at) not in {0, len(all_of_kind)}:
            raise UsageError(f"This table has {len(at)} choke points of kind {kind}, the program {len(all_of_kind)}.")
        for number, target in zip(at, all_of_kind, strict=False):
            targets[number] = target
    limits = {
        (f"{row.limit} ({row.of})", row.period): start + row.Index
        for start, rows in program.by_family()
        if isinstance(rows.family, ShareLimit)
        for row in rows.labels.itertuples()
    }
    for number in np.flatnonzero(table["kind"] == "limit"):
        row = limits.get((table["name"].iloc[number], table["period"].iloc[number]))
        targets[number] = None if row is None else Target(row)
    return targets
