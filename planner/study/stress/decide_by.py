"""Decide-by: the latest period in which an option or a qualification can be started so that a limit is still kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from planner.errors import LimitReachedError, SolverError
from planner.instance.instance import Instance
from planner.model.constraints.capacities import Capacity
from planner.model.program import Numbers, Program, write_program
from planner.model.variable_blocks import Block, added
from planner.network.building import build_network
from planner.network.frames import positions
from planner.network.network import Network
from planner.network.steps import Steps
from planner.solve.deadline import refuse_when_over
from planner.solve.resolver import Resolver
from planner.solve.solution import Array, Solution, Status
from planner.solve.two_models import map_cases
from planner.study.progress import ALONE, Effort, Tally
from planner.study.stress.undisturbed import Undisturbed

COLUMNS = ["limit", "kind", "lever", "starts", "in_time", "decide_by"]
TOGETHER = "all limits"
OPTION, QUALIFICATION = "option", "qualification"
KINDS = (OPTION, QUALIFICATION)
KEPT = 1e-6  # relative to the plan's excess and to the orders: a limit still counts as kept
ROOM = 1e-7  # relative; tolerance on the units lost beyond the plan's


@dataclass(frozen=True)
class DatedLever:
    """An option or qualification that starts after the first period, and could start later still.

    Attributes:
        kind: option or qualification.
        name: the option, or site/item/recipe.
        start: position of the first period in which it counts.
        lead: periods from the decision to that.
        columns: columns of the program that are closed before it starts.
        rows, capacity: rows of the program that have less capacity before it starts, and by how much.
        column_periods, row_periods: the period of each.
    """

    kind: str
    name: str
    start: int
    lead: int
    columns: Array
    column_periods: Array
    rows: Array
    row_periods: Array
    capacity: Array


def decide_by(
    undisturbed: Undisturbed, effort: Effort = ALONE, *, together: bool = False, kinds: Sequence[str] = KINDS
) -> pd.DataFrame:
    """For each limit of the policy, by when each option and qualification has to be started to keep it.

    A limit is kept where some plan, whatever it costs, passes it no further than the undisturbed plan does (not at
    all, where it is hard), and loses no more units and owes no more unit-periods in all than that:

        sum excess[b] <= undisturbed  subject to every row of the plan but other limits, every allowed option bought,
                                      sum lost <= undisturbed, sum late <= undisturbed

    Hard commitments, must-serve shares and hard buffers are kept too. All limits together are kept where each is.

    It is asked again with the start of an option or qualification put off (bisection, as a later start never helps).
    Any objective would do; it is least cost, because each answer is then close to the undisturbed plan and its basis.

    Args:
        undisturbed: the plan, with its policy.
        effort: threads, of which the second has a model of its own; progress by levers; the deadline of all of it.
        together: ask for all limits together alone, not for each by itself as well.
        kinds: the kinds of levers that are asked about.

    Returns:
        limit (or `all limits` together); kind (option or qualification); lever; starts (label of its first period as
        given); in_time (label of the last first period with which the limit is kept); decide_by (the same less the
        option's lead time; `before` where that is before the horizon, `decided` for an option of which it is known what
        is bought, so that only in_time says how late it may come). Levers that a limit can do without have no
        row; a limit that cannot be kept as things are has one without a lever.

    Raises:
        LimitReachedError: the deadline came first.
        SolverError: the solver could not say whether a limit is kept.
    """
    network = undisturbed.program.network
    limits = sorted(_limits(network))
    if not limits:
        return pd.DataFrame(columns=COLUMNS)
    refuse_when_over(effort.deadline, "decide-by was begun")
    labels = network.labels
    decided = {row.option for row in network.instance.expansions if row.bought is not None}
    built = _with_every_option(undisturbed)
    found: list[tuple[str, str, str, str | None, str | None, str | None]] = []
    levers: list[DatedLever] | None = None
    for limit in [TOGETHER] if together else [TOGETHER, *limits]:
        resolver = _question(undisturbed, built, limit, effort.deadline)
        if levers is None:
            levers = [lever for lever in _levers(resolver.program) if lever.kind in kinds]
        if not _is_kept(resolver.baseline, limit):
            found.append((limit, "", "", None, None, None))
            continue
        begin = Tally(len(levers), effort.progress)
        last = map_cases(resolver, levers, partial(_last_start, limit, begin), threads=effort.threads)
        needed = [(lever, start) for lever, start in zip(levers, last, strict=True) if start is not None]
        for lever, good in needed:
            by = labels[good - lever.lead] if good >= lever.lead else "before"
            by = "decided" if lever.kind == OPTION and lever.name in decided else by
            found.append((limit, lever.kind, lever.name, labels[lever.start], labels[good], by))
        if limit == TOGETHER:  # what all limits together can do without, each of them can
            levers = [lever for lever, _ in needed]
    table = pd.DataFrame(found, columns=COLUMNS)
    order = {limit: number for number, limit in enumerate([*limits, TOGETHER])}
    table = table.assign(_order=table["limit"].map(order)).sort_values(["_order", "kind", "lever"], ignore_index=True)
    return table[COLUMNS]


def _last_start(limit: str, begin: Tally, resolver: Resolver, lever: DatedLever) -> int | None:
    """The last period in which a lever may start for a limit to be kept; None where the limit can do without it."""
    begin(lever.name)

    def kept(first: int) -> bool:
        return _is_kept(resolver.resolve(_with(resolver.program, lever, first), proof=False), limit)

    good, bad = lever.start, len(resolver.program.network.labels)  # never, that is after the last period
    if kept(bad):
        return None
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if kept(middle) else (good, middle)
    return good


def _is_kept(solution: Solution, limit: str) -> bool:
    """Whether a limit is kept, which it is where there is a plan.

    Raises:
        LimitReachedError, SolverError: there is no answer.
    """
    if solution.status is Status.LIMIT:
        raise LimitReachedError("The time limit was reached before it was found by when to decide.")
    if solution.status not in {Status.OPTIMAL, Status.INFEASIBLE}:
        raise SolverError(f"Whether {limit} is kept has no answer: {solution.method or solution.status}.")
    return solution.status is Status.OPTIMAL


def _with_every_option(undisturbed: Undisturbed) -> Network:
    """The network with limits that can be exceeded at a price, and with every allowed option bought.

    Nothing else gives way: orders that must be served, hard commitments and hard buffers are as they were.
    """
    network = undisturbed.program.network
    terms, steps = undisturbed.terms(0), Steps(undisturbed.steps)
    built = build_network(network.instance, network.policy, terms, steps=steps, holding=network)
    expand = built.expand.assign(lower=built.expand["upper"], integer=False)
    opened = built.open.assign(lower=1.0, integer=False)
    closed = {name: getattr(built, name).assign(upper=0.0) for name in ("unserved", "cancelled", "below", "over")}
    hard = {row.commitment for row in network.instance.commitments if row.shortfall_cost is None}
    under = built.under.assign(upper=np.where(built.under["commitment"].isin(hard), 0.0, np.inf))
    buffers = network.limits[(network.limits["measure"] == "buffer") & network.limits["soft_cost"].isna()]
    held = positions(built.excess, buffers, ["limit", "of", "period"]) >= 0
    excess = built.excess.assign(upper=np.where(held, 0.0, np.inf))
    return replace(built, expand=expand, open=opened, under=under, excess=excess, **closed)


def _question(undisturbed: Undisturbed, built: Network, limit: str, deadline: float | None) -> Resolver:
    """The program in which a limit is exceeded no further, and no more is lost or late, than undisturbed."""
    program = write_program(built)
    service = undisturbed.plan.service
    room = ROOM * float(service["demand"].sum())
    sums = [(name, getattr(program, name).variables, float(service[name].sum()) + room) for name in ("lost", "late")]
    for number, name in enumerate(sorted(_limits(built)) if limit == TOGETHER else [limit]):
        counted = built.excess["limit"] == name
        excess = [part for part, yes in zip(program.excess.variables, counted, strict=True) if yes]
        sums.append((f"excess_{number}", excess, _allowed(undisturbed, name)))
    for name, units, most in sums:
        if units:
            program.problem += added(list(units)) <= most, f"no_more_{name}"
    return Resolver(program, deadline=deadline, start=undisturbed.plan.basis)


def _limits(network: Network) -> set[str]:
    """The names of the policy's limits, without its buffers."""
    return set(network.limits.loc[network.limits["measure"] != "buffer", "limit"])


def _allowed(undisturbed: Undisturbed, limit: str) -> float:
    """Weighted units by which the undisturbed plan exceeds a limit, plus a small tolerance."""
    table = undisturbed.plan.limits
    rows = table[table["limit"] == limit]
    ordered = float(undisturbed.plan.service["demand"].sum())
    return float(rows["excess"].sum()) * (1.0 + KEPT) + KEPT * max(1.0, ordered)


def _levers(program: Program) -> list[DatedLever]:
    """The allowed options, and the processes that are qualified after the first period."""
    network = program.network
    nothing = np.zeros(0, dtype=np.int64)
    first, rows = program.rows_of(Capacity)
    levers = []
    keys = ["site", "resource", "period"]
    leads = {row.option: row.lead_time for row in network.instance.expansions}
    row_of = {key: first + number for number, key in enumerate(rows.labels[keys].itertuples(index=False, name=None))}
    for number, option in enumerate(network.expand.itertuples()):
        if not option.upper:
            continue
        given = network.expand_capacity[network.expand_capacity["row"] == number]
        given = given[[key in row_of for key in given[keys].itertuples(index=False, name=None)]]
        at = np.array([row_of[key] for key in given[keys].itertuples(index=False, name=None)], dtype=np.int64)
        amount = given["capacity"].to_numpy(dtype=float) * float(option.upper)  # the part that is bought
        periods = given["period"].to_numpy(dtype=np.int64)
        name = str(option.option)
        levers.append(DatedLever(OPTION, name, int(option.period), leads[name], nothing, nothing, at, periods, amount))
    make: Block = program.make
    qualified = _qualified(network.instance)
    for label, part in network.make.groupby(["site", "item", "recipe"]):
        start = qualified[label]
        if start > 0:
            columns = make.first + part.index.to_numpy(dtype=np.int64)
            periods = part["period"].to_numpy(dtype=np.int64)
            none = np.zeros(0)
            levers.append(
                DatedLever(QUALIFICATION, "/".join(map(str, label)), start, 0, columns, periods, nothing, nothing, none)
            )
    return levers


def _qualified(instance: Instance) -> dict[tuple[str, ...], int]:
    """The first period in which each process (site, item, recipe) may start."""
    found: dict[tuple[str, ...], int] = {}
    for row in instance.processes:
        key, start = (row.site, row.item, row.recipe), instance.periods.window(row.period).start
        found[key] = min(start, found.get(key, start))
    return found


def _with(program: Program, lever: DatedLever, start: int) -> Numbers:
    """The program's numbers with a lever that starts later."""
    numbers = program.numbers
    upper, right = numbers.upper.copy(), numbers.right.copy()
    upper[lever.columns[lever.column_periods < start]] = 0.0
    late = lever.row_periods < start
    right[lever.rows[late]] -= lever.capacity[late]
    return replace(numbers, upper=upper, right=right)
