"""N-1 without warning: the loss when one site, cluster, operator or region is struck, each by a re-solve.

Unlike `n_minus_one` the outage is not known in advance: decisions before it are frozen, and promises break at a price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner.errors import LimitReachedError, SolverError
from planner.model.constraints.capacities import Capacity
from planner.model.program import Numbers, Program, write_program
from planner.network.building import build_network
from planner.network.frozen_past import frozen
from planner.plan.tables import service_table
from planner.solve.deadline import refuse_when_over
from planner.solve.resolver import Resolver
from planner.solve.solution import Array, Solution, Status
from planner.solve.tie_break import usual_objectives
from planner.solve.two_models import map_cases
from planner.study.outage.n_minus_one import IDLE, OVER, named_sets
from planner.study.progress import ALONE, Effort, Tally
from planner.study.stress.surprise import service_lost
from planner.study.stress.undisturbed import Undisturbed

COLUMNS = ["rank", "over", "of", "sites", "start", "status", "loss", "lost_units", "delay_weeks", "waiting", "back"]
SAME = 1e-6  # of all costs of the undisturbed plan without their signs; two solves of it may differ by so much
BY_ORDER = ["over", "of", "customer", "item", "lost_units"]


@dataclass(frozen=True)
class Outage:
    """The outage that strikes every set of sites in turn: nothing starts there; what is under way finishes.

    Attributes:
        start: position of its first period.
        periods: how many periods it lasts; it ends with the horizon at the latest.
        recovery: periods after it over which capacity comes back, linearly; a line without a limit is back at once.
    """

    start: int
    periods: int = 1
    recovery: int = 0

    def back_at(self, period: int) -> float:
        """The share of capacity in a period after the window: k / (recovery + 1) in the k-th, at most 1.

        The deviation in the k-th period is 1 - k / (recovery + 1), as for a change of a scenario.
        """
        return min(1.0, max(0, period - self.start - self.periods + 1) / (self.recovery + 1))


@dataclass(frozen=True)
class Strikes:
    """The losses from striking each set of sites.

    Attributes:
        table: a row for each set, the greatest loss first: rank; over and of (the set); sites (`+` between); start
            (label); status; loss (cost less the undisturbed cost, money); lost_units (more than undisturbed);
            delay_weeks (mean over delivered units; NaN where periods are plain labels) and waiting (the same in
            periods); back (label of the first period without more lost or late; empty where there is none).
        by_order: over, of, customer, item and lost_units.
        resolves, fallbacks: re-solves, and how many of them were from cold.
    """

    table: pd.DataFrame
    by_order: pd.DataFrame
    resolves: int
    fallbacks: int


@dataclass(frozen=True)
class _Found:
    """The result of striking one set of sites; without a plan only the status."""

    status: str
    loss: float = np.nan
    lost: pd.DataFrame | None = None
    waiting: float = np.nan
    back: str | None = None


def strike_each(
    undisturbed: Undisturbed,
    outage: Outage,
    over: Sequence[str] = OVER,
    price: float | None = None,
    effort: Effort = ALONE,
) -> Strikes:
    """Strike each site, cluster, operator and region in turn without warning, and plan the rest anew.

    loss(S) = least cost with make[s, t] = 0 for s in S, t in the window, the past being frozen - undisturbed cost

    It is the same as `stress` with an outage of the same sites (`pipeline: kept`), found by a re-solve from the
    undisturbed plan's basis; units lost, waiting and the time of being back are those of the unique plan, too.

    Sets of the same sites are solved once. The best plan of the rest if nothing is out is the undisturbed one, or a
    cheaper one where a stated price makes breaking promises pay; where it starts nothing in the window and the
    recovery, it stays the best, and the loss is its own: 0, or what it costs less.

    Args:
        undisturbed: the plan that is struck.
        outage: when, how long, and how it ends.
        over: kinds of sets: site, cluster, operator, region.
        price: what breaking a promise costs, money a unit; see `Undisturbed.terms`.
        effort: threads, of which the second has a model of its own; progress by sets; the deadline of all of it.

    Raises:
        LimitReachedError: the deadline came first.
        SolverError: the undisturbed plan with its past frozen was not found again.
    """
    base, before = undisturbed.program.network, undisturbed.plan
    terms = undisturbed.terms(outage.start, price)
    built = build_network(base.instance, base.policy, terms, holding=base)
    network = frozen(built, undisturbed.decided, outage.start)
    program = write_program(network)
    resolver = Resolver(program, deadline=effort.deadline)
    refuse_when_over(effort.deadline, "the plan with its past frozen was found again")
    if resolver.baseline.status is not Status.OPTIMAL:
        raise SolverError(f"The plan with its past frozen ended with the status {resolver.baseline.status}.")
    objectives = usual_objectives(program, len(resolver.cost))
    named = named_sets(base.make, tuple(over))
    sets = sorted(set(named.values()), key=sorted)
    begin = Tally(len(sets), effort.progress)

    def outcome(solution: Solution) -> _Found:
        if solution.status is not Status.OPTIMAL:
            return _Found(str(solution.status))
        values = np.clip(np.asarray(solution.values)[: program.columns], program.numbers.lower, program.numbers.upper)
        lost = service_lost(before, service_table(program, values), outage.start)
        loss = undisturbed.without_noise(float(solution.objective or 0.0) - before.objective)
        return _Found(str(solution.status), loss, *lost)

    cheaper = before.objective - float(resolver.baseline.objective or 0.0)
    if abs(cheaper) > SAME * undisturbed.gross_cost:
        rest = resolver.resolve(program.numbers, objectives=objectives)
        refuse_when_over(effort.deadline, "the cheaper plan of the rest was found")
        calm, used = outcome(rest), _used(program, rest.values, outage)
    else:
        calm = _Found(str(Status.OPTIMAL), 0.0, *service_lost(before, before.service, outage.start))
        used = _used(undisturbed.program, before.values, outage)
    earlier, colder = resolver.resolves, resolver.fallbacks

    def work(part: Resolver, sites: frozenset[str]) -> _Found:
        begin("+".join(sorted(sites)))
        struck = part.resolve(_struck(part, sites, outage), objectives=objectives) if used & sites else None
        return calm if struck is None else outcome(struck)

    found = dict(zip(sets, map_cases(resolver, sets, work, threads=effort.threads), strict=True))
    if any(part.status == Status.LIMIT for part in found.values()):
        raise LimitReachedError("The time limit was reached before every set of sites was struck.")
    tables = _tables(undisturbed, outage, named, found)
    return Strikes(*tables, resolver.resolves - earlier, resolver.fallbacks - colder)


def _used(program: Program, values: Array | None, outage: Outage) -> frozenset[str]:
    """The sites at which something is started in the window of an outage or the recovery from it."""
    make = program.network.make
    started = np.asarray(values)[program.make.first :][: len(make)]
    last = outage.start + outage.periods + outage.recovery
    busy = (started > IDLE * float(started.max(initial=0.0))) & make["period"].between(outage.start, last)
    return frozenset(make.loc[busy, "site"])


def _struck(resolver: Resolver, sites: frozenset[str], outage: Outage) -> Numbers:
    """The program's numbers with the sites out in the window, and their capacity (options too) returning after it."""
    program, network = resolver.program, resolver.program.network
    upper, right = program.numbers.upper.copy(), program.numbers.right.copy()
    make = network.make
    out = make["site"].isin(sites) & make["period"].between(outage.start, outage.start + outage.periods - 1)
    upper[program.make.first + np.flatnonzero(out)] = 0.0
    first, rows = program.rows_of(Capacity)
    labels = rows.labels
    here = labels["site"].isin(sites).to_numpy(dtype=bool)
    at = labels["period"].to_numpy(dtype=np.int64)
    for period in range(outage.start + outage.periods, len(network.labels)):
        share = outage.back_at(period)
        if share >= 1.0:
            break
        rows_now = np.flatnonzero(here & (at == period))
        whole = right[first + rows_now] + _bought(resolver, rows_now)
        right[first + rows_now] -= (1.0 - share) * whole
    return replace(program.numbers, upper=upper, right=right)


def _bought(resolver: Resolver, rows: Array) -> Array:
    """The capacity of bought options for some rows of the capacity family; the share bought is frozen."""
    program, network = resolver.program, resolver.program.network
    keys = ["site", "resource", "period"]
    share = program.numbers.lower[program.expand.span]
    given = network.expand_capacity
    amount = given["capacity"].to_numpy(dtype=float) * share[given["row"].to_numpy(dtype=np.int64)]
    sums = pd.Series(amount).groupby([given[name].to_numpy() for name in keys]).sum()
    labels = program.rows_of(Capacity)[1].labels.iloc[rows]
    return np.array([float(sums.get(key, 0.0)) for key in labels[keys].itertuples(index=False, name=None)])


def _tables(
    undisturbed: Undisturbed,
    outage: Outage,
    named: dict[tuple[str, str], frozenset[str]],
    found: dict[frozenset[str], _Found],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of strikes, by set of sites, and by set and order."""
    periods = undisturbed.plan.instance.periods
    weeks = periods.weeks_a_period
    rows, parts = [], []
    for (kind, name), sites in named.items():
        part = found[sites]
        rows.append(
            {
                "over": kind,
                "of": name,
                "sites": "+".join(sorted(sites)),
                "start": periods.labels[outage.start],
                "status": part.status,
                "loss": part.loss,
                "lost_units": np.nan if part.lost is None else float(part.lost["lost"].sum()),
                "delay_weeks": part.waiting * weeks,
                "waiting": part.waiting,
                "back": part.back,
            }
        )
        if part.lost is not None:
            parts.append(part.lost.rename(columns={"lost": "lost_units"}).assign(over=kind, of=name)[BY_ORDER])
    table = pd.DataFrame(rows, columns=COLUMNS[1:])
    key = table["loss"].astype(float).where(table["status"] == str(Status.OPTIMAL), np.inf)
    table["rank"] = key.rank(method="min", ascending=False).astype(int)
    order = {kind: number for number, kind in enumerate(OVER)}
    table = table.assign(_order=table["over"].map(order)).sort_values(["rank", "_order", "of"], ignore_index=True)
    by_order = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=BY_ORDER)
    return table[COLUMNS], by_order
