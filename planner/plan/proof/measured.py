"""The tables of a run that are measures of its other tables: exposure, allocation, choke points and price sides.

They are computed again from these by the same functions, and compared. Figures that need a solver are not computed
again: for the least exposure and for shadow prices it is only checked that they are possible.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import cast

import numpy as np
import pandas as pd

from planner.model.constraints.limits import PolicyLimit
from planner.model.program import Program
from planner.network.frames import positions
from planner.plan.allocation import allocation_table, stage_columns
from planner.plan.choke_points import SAME, SIDES, choke_point_tables
from planner.plan.columns import COLUMNS
from planner.plan.from_solution import limits_in_force
from planner.plan.measures import exposure_table, pathway_exposure
from planner.plan.proof.claims import Texts, texts_of
from planner.plan.proof.compared import Finding, Written, table_named
from planner.plan.proof.decided import RunDecisions
from planner.plan.proof.printed_figures import ZERO, Figures, printed
from planner.plan.proof.rules import Rules
from planner.solve.solution import Array, Prices, Solution, Status

FIGURES = (
    *("started", "finished", "cost", "quantity", "freight", "tariff", "holding_cost"),
    *("demand", "delivered", "late", "lost", "price", "lateness_cost", "lost_cost"),
    *("share", "max_share", "min_free", "excess", "shadow_price"),
)
MEASURED = ("exposure", "allocation", "choke_points", "price_sides")
POINT = ["kind", "name", "site", "period"]
NOISE = 1e-8  # of the largest dual; smaller differences between prices are a solver's
UNKNOWN = "inf"


@dataclass(frozen=True)
class Measures:
    """The measures of a run's decisions, made again.

    Attributes:
        exposure, allocation, choke_points: the tables; least exposures are empty, and prices those of the kept duals.
        wide: choke points with all decisions as large as they may be, for the widths of their figures.
        largest: the largest dual, without its sign.
    """

    exposure: pd.DataFrame
    allocation: pd.DataFrame
    choke_points: pd.DataFrame
    wide: pd.DataFrame
    largest: float


def measures_of(rules: Rules, tables: Texts, found: RunDecisions, duals: Array | None) -> Measures:
    """Make the measures of a run again.

    Args:
        rules: the program of the run.
        tables: the tables of the run, of which those with decisions have been found right.
        found: its decisions.
        duals: the duals of the rows, stored with the run; None where there are none.
    """
    network = rules.layout.network
    own = {name: _floats(tables[name]) for name in tables if name not in MEASURED}
    instance, limits = network.instance, limits_in_force(network)
    by_stage = exposure_table(instance, own["production"], limits[limits["measure"] == "stage"])
    paths = pathway_exposure(instance, own, network.watches, limits[limits["measure"] == "pathway"], segregated=False)
    prices = _prices(rules, duals)
    priced = own["limits"].assign(shadow_price=_of_limits(rules, own["limits"], prices))
    program, values = cast("Program", rules.layout), found.decisions.floats()
    absent = found.absent.copy()  # what may be too small for a row of its own
    absent[found.decisions.value != ZERO] = ZERO
    width = found.decisions.width + absent
    points, wide = (
        choke_point_tables(program, Solution(Status.OPTIMAL, values=point, prices=prices), priced)[0]
        for point in (values, values + width.astype(float))
    )
    return Measures(
        exposure=pd.concat([by_stage, paths], ignore_index=True) if len(paths) else by_stage,
        allocation=allocation_table(instance, own),
        choke_points=points,
        wide=wide,
        largest=0.0 if duals is None else float(np.abs(duals).max(initial=0.0)),
    )


def measure_failures(
    rules: Rules, tables: Texts, again: Measures, findings: list[Finding], *, ranged: bool = False
) -> None:
    """Compare the measures of a run with the written tables; differences are added to `findings`.

    Args:
        rules: the program of the run.
        tables: of the run.
        again: the measures.
        findings: gets what is wrong.
        ranged: whether the run was asked for the ranges over which its prices hold.
    """
    _exposure(again.exposure, tables, findings)
    _allocation(rules, again.allocation, tables, findings)
    points = _choke_points(again, tables, findings, ranged=ranged)
    _price_sides(points, again.choke_points, tables, findings)


def _floats(texts: pd.DataFrame) -> pd.DataFrame:
    """A table of texts as the plan has it."""
    figures = {
        name: pd.to_numeric(texts[name].mask(texts[name] == "")).astype(float) for name in FIGURES if name in texts
    }
    return texts.assign(**figures)


def _again(table: pd.DataFrame, name: str) -> Figures:
    """A column that was made again, as it would be printed."""
    return printed(texts_of(table[[name]])[name].tolist())[0]


def _exposure(again: pd.DataFrame, tables: Texts, findings: list[Finding]) -> None:
    keys = ["measure", "stage", "over", "of", "period"]
    table = Written("exposure", table_named(tables, "exposure", COLUMNS["exposure"]), COLUMNS["exposure"], findings)
    table.match(again[keys], keys, np.ones(len(again), dtype=bool))
    for column in ("share", "blended", "limit"):
        table.agree(column, _again(again, column))
    least, cells = table.figures("least", empty=True), table.texts["least"].tolist()
    pathway = (again["measure"] == "pathway").to_numpy(dtype=bool)
    most = [_again(again, column) for column in ("share", "blended")]
    for row, at in enumerate(table.place.tolist()):
        if at < 0 or (cells[row] == "" and not pathway[at]):
            continue
        if not least.known[row]:
            if cells[row] == "":
                table.wrong(row, "least", "is empty")
        elif not pathway[at]:
            table.wrong(row, "least", f"is {cells[row]}, but stages have no least share")
        elif not ZERO <= least.value[row] <= min(part.value[at] + part.width[at] for part in most) + least.width[row]:
            table.wrong(row, "least", f"is {cells[row]}, but must be between 0 and both other shares")


def _allocation(rules: Rules, again: pd.DataFrame, tables: Texts, findings: list[Finding]) -> None:
    instance = rules.layout.network.instance
    keys = ["customer", "product", "period", *stage_columns(instance)]
    table = Written("allocation", table_named(tables, "allocation", [*keys, "quantity"]), [*keys, "quantity"], findings)
    table.match(again[keys], keys, np.ones(len(again), dtype=bool))
    table.agree("quantity", _again(again, "quantity"))


def _prices(rules: Rules, duals: Array | None) -> Prices:
    """What one more unit saves by the duals; NaN without them."""
    layout = rules.layout
    lost = np.full(len(layout.lost), np.nan)
    if duals is None:
        rows = np.full(layout.rows, np.nan)
        return Prices(rows, rows, lost, lost)
    matrix = rules.matrix
    weights = matrix.coefficient * duals[matrix.row]
    reduced = layout.numbers.cost - np.bincount(matrix.column, weights=weights, minlength=layout.columns)
    lost = np.maximum(-reduced[layout.lost.span], 0.0)
    return Prices(-duals, -duals, lost, lost)


def _choke_points(measures: Measures, tables: Texts, findings: list[Finding], *, ranged: bool) -> Written:
    """Compare the choke points, and return them as they are written; ranges of prices are a solver's word."""
    again, wide = measures.choke_points, measures.wide
    table = Written(
        "choke_points", table_named(tables, "choke_points", COLUMNS["choke_points"]), COLUMNS["choke_points"], findings
    )
    table.match(again[[*POINT, "region", "stage"]], POINT, np.ones(len(again), dtype=bool))
    parts = {}
    for column in ("used", "capacity"):
        part, more = _again(again, column), _again(wide, column)
        width = np.abs(more.value - part.value) + 2 * part.width + more.width  # both are printed
        parts[column] = Figures(part.value, width, part.known)
        table.agree(column, parts[column], small=False)
    _utilisation(table, parts["used"], parts["capacity"])
    for column in () if ranged else ("valid_from", "valid_to"):
        for row in np.flatnonzero(table.texts[column].to_numpy(dtype=object) != "").tolist():
            table.wrong(row, column, "is filled, but the run was not asked for ranges of prices")
    _shadow_prices(table, again, _floats(tables["limits"]), measures.largest)
    return table


def _of_limits(rules: Rules, limits: pd.DataFrame, prices: Prices) -> Array:
    keys = ["limit", "of", "period"]
    price = np.full(len(limits), np.nan)
    for start, rows in rules.layout.by_family():
        if isinstance(rows.family, PolicyLimit):
            at = positions(rows.labels, limits, keys)
            price[at[at >= 0]] = prices.more[start : start + len(rows)][at >= 0]
    return price


def _utilisation(table: Written, used: Figures, capacity: Figures) -> None:
    column = "utilisation"
    cells = table.texts[column].tolist()
    finite = printed([("" if cell == UNKNOWN else cell) for cell in cells])[0]
    for row, at in enumerate(table.place.tolist()):
        if at < 0:
            continue
        room, part = capacity.value[at], used.value[at]
        if not used.known[at] or not capacity.known[at]:
            if cells[row] not in {"", "0.0"}:
                table.wrong(row, column, f"is {cells[row]}, but nothing is known of which it is the ratio")
        elif room <= 0:
            if cells[row] not in ({"0.0", "0"} if not part else {UNKNOWN}):
                table.wrong(row, column, f"is {cells[row] or 'empty'}, but there is no capacity")
        elif not finite.known[row]:
            table.wrong(row, column, f"'{cells[row]}' is no finite figure")
        else:
            apart = abs(finite.value[row] * room - part)
            allowed = finite.width[row] * (room + capacity.width[at]) + used.width[at]
            if apart > allowed + abs(finite.value[row]) * capacity.width[at] and (
                finite.value[row] or part > room * Decimal("1e-9")
            ):
                table.wrong(row, column, f"is {cells[row]}, but {float(part) / float(room):.9g} follows")


def _shadow_prices(table: Written, again: pd.DataFrame, limits: pd.DataFrame, largest: float) -> None:
    """Find impossible prices: of the wrong sign, above the dual, or other than in the table of limits."""
    column = "shadow_price"
    shown, cells = table.figures(column, empty=True), table.texts[column].tolist()
    dual = again[column].to_numpy(dtype=float)
    kinds = again["kind"].tolist()
    of_limits = limits["limit"] + " (" + limits["of"] + ")"
    same = dict(zip(zip(of_limits, limits["period"], strict=True), limits[column].tolist(), strict=True))
    for row, at in enumerate(table.place.tolist()):
        if at < 0:
            continue
        price = float(shown.value[row]) if shown.known[row] else np.nan
        if kinds[at] == "limit":
            key = (again["name"].iloc[at], again["period"].iloc[at])
            if not (price == same[key] or (np.isnan(price) and np.isnan(same[key]))):
                table.wrong(row, column, f"is {cells[row] or 'empty'}, but the table limits has {same[key]:.9g}")
        elif price < 0:
            table.wrong(row, column, f"is {cells[row]}; what one more unit saves is never below 0")
        if price > dual[at] + SAME * abs(dual[at]) + NOISE * largest:
            table.wrong(row, column, f"is {cells[row]}, but the kept duals allow at most {dual[at]:.9g}")


def _price_sides(points: Written, again: pd.DataFrame, tables: Texts, findings: list[Finding]) -> None:
    if "price_sides" not in tables:
        findings.append(Finding("price_sides", 0, "", "", "the table is missing"))
        return
    table = Written("price_sides", tables["price_sides"], SIDES, findings)
    table.match(again[POINT], POINT, np.zeros(len(again), dtype=bool))
    stands = {at: row for row, at in enumerate(points.place.tolist())}
    prices, cells = points.texts["shadow_price"].tolist(), table.texts["shadow_price"].tolist()
    less = printed([("" if cell == UNKNOWN else cell) for cell in table.texts["one_less_costs"].tolist()])[0]
    shown = table.figures("shadow_price")
    dual = again["shadow_price"].to_numpy(dtype=float)
    for row, at in enumerate(table.place.tolist()):
        if at < 0:
            continue
        text = table.texts["one_less_costs"].iloc[row]
        should = prices[stands[at]] if at in stands else ""
        if shown.known[row] and cells[row] != should:
            table.wrong(row, "shadow_price", f"is {cells[row]}, but the table choke_points has {should or 'none'}")
        if text == UNKNOWN:
            continue
        if not less.known[row]:
            table.wrong(row, "one_less_costs", f"'{text}' is no figure")
        elif float(less.value[row]) <= float(shown.value[row]) + SAME * abs(float(shown.value[row])):
            table.wrong(row, "one_less_costs", f"is {text}, and must be above what one more saves")
        elif float(less.value[row]) < dual[at] - SAME * abs(dual[at]):
            table.wrong(row, "one_less_costs", f"is {text}, but the kept duals allow no less than {dual[at]:.9g}")
