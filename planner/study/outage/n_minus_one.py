"""N-1 known in advance: the cost of losing each site, cluster, operator and region, each by a re-solve.

The outage is known in advance, and the plan is made anew for it. By default it lasts for all planned periods: then
no stock can be built up before it, so that the loss is what the sites are worth to the chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from planner.errors import InfeasibleError, LimitReachedError, SolverError
from planner.model.program import Program
from planner.solve.deadline import seconds_from_now
from planner.solve.resolver import Resolver
from planner.solve.solution import Array, Solution, Status
from planner.solve.tie_break import usual_objectives
from planner.solve.two_models import map_cases
from planner.study.progress import Progress, Tally

OVER = ("site", "cluster", "operator", "region")
COLUMNS = ["rank", "over", "of", "sites", "status", "cost", "loss", "lost_units", "late_units"]
BY_PRODUCT = ["over", "of", "item", "lost_units", "late_units"]
IDLE = 1e-9  # relative to the largest start; smaller ones count as 0


@dataclass(frozen=True)
class Losses:
    """The losses from putting each set of sites out.

    Attributes:
        table: a row for each set of sites, the greatest loss first (those without any plan before all others):
            rank; over (site, cluster, operator or region) and of (its id); sites (ids, with a plus between);
            status; cost (money); loss (cost minus the undisturbed cost, money); lost_units (units never served,
            more than undisturbed) and late_units (units owed at the ends of periods, more than undisturbed), both
            over all planned periods and products. Figures are empty where there is no plan; units also where they
            were not asked for.
        by_product: over, of, item, lost_units and late_units of each product; without rows where units were not asked
            for.
        cost: the undisturbed cost, money.
        resolves, fallbacks: re-solves, and how many of them were from cold.
    """

    table: pd.DataFrame
    by_product: pd.DataFrame
    cost: float
    resolves: int
    fallbacks: int


@dataclass(frozen=True)
class _Outcome:
    """The status and cost of a solution, and its lost and late units by product."""

    status: str
    cost: float
    lost: Array
    late: Array


def n_minus_one(
    program: Program,
    *,
    period: str = "*",
    over: tuple[str, ...] = OVER,
    time_limit: float | None = None,
    threads: int = 1,
    progress: Progress | None = None,
    resolver: Resolver | None = None,
    units: bool = True,
) -> Losses:
    """Put each site, cluster, operator and region out in turn, and plan anew.

    Out means: nothing is started at its sites in the window, on capacity options neither. What is under way
    finishes, and stock and lanes stay usable. It is the same as an `outage` change with `pipeline: kept`. Sets of the
    same sites are solved once and listed under each name; sites that can make nothing are left out, and where the
    undisturbed plan starts nothing in the window, it stays the best plan and the loss is 0.

    loss(S) = least cost with make[s, i, t] = 0 for s in S, t in the window  -  least cost

    Plans of least cost may differ in what is lost and late: units are those of the unique plan, which `planner.solve`
    shows too (solve/tie_break.py).

    Args:
        program: what is planned, with rows of your own if any (`formulate`).
        period: the window of the outage, as scenarios write it; all planned periods by default.
        over: what is put out: some of site, cluster, operator, region.
        time_limit: seconds for everything; sets that are not done by then have the status `limit`.
        threads: 1, or 2 for another model beside.
        progress: called with (sets done, all sets, a name of the next one) before each re-solve.
        resolver: the program, solved before; None to solve it here.
        units: whether units lost and late are wanted, for which each set takes a tie-break besides.

    Raises:
        InfeasibleError: there is no plan even undisturbed.
        LimitReachedError: the time limit ended before the undisturbed program was solved.
        SolverError: the undisturbed program was not solved.
        ValueError: the window names no planned periods.
    """
    window = program.network.instance.periods.window(period)
    deadline = seconds_from_now(time_limit)
    if resolver is None:
        resolver = Resolver(program, deadline=deadline)
    resolver.deadline = deadline
    base, objectives = _proved(resolver.baseline), []
    if units:
        objectives = usual_objectives(program, len(resolver.cost))
        base = _proved(resolver.resolve(program.numbers, objectives=objectives))
    before, colder = resolver.resolves, resolver.fallbacks
    undisturbed = _outcome(program, base)
    named = named_sets(program.network.make, over)
    sets = sorted(set(named.values()), key=sorted)
    started = np.asarray(base.values)[program.make.span]
    busy = started > IDLE * float(started.max(initial=0.0))
    begin = Tally(len(sets), progress)

    def work(part: Resolver, sites: frozenset[str]) -> _Outcome:
        begin("+".join(sorted(sites)))
        make = program.network.make
        out = make["site"].isin(sites) & make["period"].between(window.start, window.stop - 1)
        at = np.flatnonzero(out)
        if not busy[at].any():
            return undisturbed
        upper = program.numbers.upper.copy()
        upper[program.make.first + at] = 0.0
        return _outcome(program, part.resolve(replace(program.numbers, upper=upper), objectives=objectives))

    found = dict(zip(sets, map_cases(resolver, sets, work, threads=threads), strict=True))
    products = sorted(set(program.network.orders["item"]))
    table, by_product = _tables(named, found, undisturbed, products)
    if not units:
        table, by_product = table.assign(lost_units=np.nan, late_units=np.nan), by_product.iloc[:0]
    return Losses(table, by_product, undisturbed.cost, resolver.resolves - before, resolver.fallbacks - colder)


def _proved(base: Solution) -> Solution:
    """The undisturbed answer; raises the errors of `n_minus_one` where there is none."""
    if base.status is Status.INFEASIBLE:
        raise InfeasibleError(["no plan exists even with every site at work; `planner solve` names the conflict"])
    if base.status is Status.LIMIT:
        raise LimitReachedError("The time limit was reached before the undisturbed program was solved.")
    if base.status is not Status.OPTIMAL:
        raise SolverError(f"The undisturbed program ended with the status {base.status}.")
    return base


def _tables(
    named: Mapping[tuple[str, str], frozenset[str]],
    found: Mapping[frozenset[str], _Outcome],
    undisturbed: _Outcome,
    products: Sequence[str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of losses, by set of sites, and by set and product."""
    rows, parts = [], []
    for (kind, name), sites in named.items():
        outcome = found[sites]
        lost, late = outcome.lost - undisturbed.lost, outcome.late - undisturbed.late
        rows.append(
            {
                "over": kind,
                "of": name,
                "sites": "+".join(sorted(sites)),
                "status": outcome.status,
                "cost": outcome.cost,
                "loss": outcome.cost - undisturbed.cost,
                "lost_units": lost.sum(),
                "late_units": late.sum(),
            }
        )
        parts += [
            {"over": kind, "of": name, "item": item, "lost_units": lost[k], "late_units": late[k]}
            for k, item in enumerate(products)
        ]
    return _ranked(rows), pd.DataFrame(parts, columns=BY_PRODUCT)


def named_sets(make: pd.DataFrame, over: tuple[str, ...]) -> dict[tuple[str, str], frozenset[str]]:
    """The sites of each site, cluster, operator and region, by (over, of); only sites that can make something."""
    places = make[["site", *(kind for kind in over if kind != "site")]].drop_duplicates()
    named: dict[tuple[str, str], frozenset[str]] = {}
    for kind in over:
        for name, part in places[places[kind] != ""].groupby(kind):
            named[kind, str(name)] = frozenset(part["site"])
    return named


def _outcome(program: Program, solution: Solution) -> _Outcome:
    """Status, cost and service of a solution; NaN where there is no plan."""
    network = program.network
    products = sorted(set(network.orders["item"]))
    if solution.status is not Status.OPTIMAL:
        nothing = np.full(len(products), np.nan)
        return _Outcome(str(solution.status), np.nan, nothing, nothing)
    values = np.asarray(solution.values)

    def units(table: pd.DataFrame, first: int) -> Array:
        amounts = pd.Series(values[first : first + len(table)]).groupby(table["item"].to_numpy()).sum()
        return np.asarray(amounts.reindex(products, fill_value=0.0), dtype=float)

    return _Outcome(
        str(solution.status),
        float(solution.objective or 0.0),
        units(network.lost, program.lost.first),
        units(network.late, program.late.first),
    )


def _ranked(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows with their rank, the greatest loss first; equal losses have an equal rank, no plan is the greatest.

    Sets that a time limit left undone stand last.
    """
    table = pd.DataFrame(rows, columns=COLUMNS)
    key = table["loss"].astype(float).where(table["status"] == str(Status.OPTIMAL), np.inf)
    key = key.mask(table["status"] == str(Status.LIMIT), -np.inf)
    table["rank"] = key.rank(method="min", ascending=False).astype(int)
    order = {kind: number for number, kind in enumerate(OVER)}
    table["_order"] = table["over"].map(order)
    return table.sort_values(["rank", "_order", "of"], ignore_index=True)[COLUMNS]
