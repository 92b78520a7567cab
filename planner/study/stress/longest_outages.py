"""The search for the time to survive: the longest outage of each set of sites after which no customer gets less."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from planner.errors import LimitReachedError, PlannerError, SolverError
from planner.model.program import Numbers, write_program
from planner.network.building import build_network
from planner.network.frozen_past import frozen
from planner.network.network import Network
from planner.network.recourse import Recourse
from planner.network.steps import Steps
from planner.network.survival import Survival
from planner.solve.deadline import refuse_when_over
from planner.solve.resolver import Resolver
from planner.solve.solution import Array, Solution, Status
from planner.solve.two_models import map_cases
from planner.study.outage.n_minus_one import OVER, named_sets
from planner.study.progress import Effort, Tally
from planner.study.stress.undisturbed import Undisturbed

COLUMNS = ["over", "of", "sites", "start", "periods", "at_least", "weeks"]
WHOLE = 1.0 - 1e-6
WEIGHT = 100.0
PERIOD_DIGITS = 3  # digits of a period; finer ones are below the tolerance on deliveries
STILL = 1e-9  # relative to the largest delivery; a hundredth of the tolerance on deliveries
NOTHING = (0.0, False)  # what is survived of an outage that is noticed at once
LARGEST = 1.0 - 10.0**-PERIOD_DIGITS  # largest share of a period that is not survived whole


@dataclass(frozen=True)
class Outages:
    """Which sets of sites are out, and from when.

    Attributes:
        over: kinds of sets: site, cluster, operator, region.
        starts: positions of the periods in which outages begin; None for the default of each question.
        sets: further sets of sites, by a kind and name of your own; None for none.
    """

    over: Sequence[str] = OVER
    starts: Sequence[int] | None = None
    sets: Mapping[tuple[str, str], frozenset[str]] | None = None


def longest_outages(
    undisturbed: Undisturbed, outages: Outages | None = None, effort: Effort | None = None
) -> pd.DataFrame:
    """The longest outage of each set of sites that no customer notices, from each start.

    From the start on, everything is planned anew with the past frozen and the options as bought; an outage of n
    periods is survived if every customer and item still gets at least the undisturbed plan's cumulative deliveries in
    each period. In the period after the last whole one it is the largest share of it: max f < 1 such that with
    (1 - f) of the capacity of the sites nothing falls behind. A line without a limit, or whose work uses no capacity,
    makes in any open moment all that is due, so that only a whole period is noticed: max f is 0.999 then.

    Args:
        undisturbed: the plan that is struck.
        outages: which sets of sites are out, and from when: from each reported period in turn by default; None for
            each site, cluster, operator and region.
        effort: time, threads (each with a model of its own) and progress by sets.

    Returns:
        over, of, sites (`+` between), start (label), periods (survived, to a thousandth; a part of one is a share of
        its capacity, and at most 0.999), at_least (the outage was survived as far as the horizon can tell: up to the
        last period less the length of the chain), weeks (NaN where periods are plain labels, whose length is not
        known).

    Raises:
        LimitReachedError: the deadline passed before the last outage.
        SolverError: the solver could not say whether an outage is survived.
    """
    outages, effort = outages or Outages(), (effort or Effort()).with_deadline()
    network = undisturbed.program.network
    instance, policy = network.instance, network.policy
    named = named_sets(network.make, tuple(outages.over)) | dict(outages.sets or {})
    distinct = {sites: key for key, sites in reversed(list(named.items()))}
    bought = dict(zip(network.expand["option"], undisturbed.decided["expand"]["value"], strict=True))
    survival = Survival(_received(undisturbed), {key: sites for sites, key in distinct.items()}, bought)
    steps = Steps(undisturbed.steps)
    whole = build_network(instance, policy, Recourse.of(instance), survival, steps, holding=network)
    begins = list(instance.report_periods if outages.starts is None else outages.starts)
    last = last_start_within_horizon(undisturbed)
    order = sorted(distinct, key=lambda sites: (len(sites), sorted(sites)))
    found: dict[tuple[frozenset[str], int], tuple[float, bool]] = {}
    begin = Tally(len(begins) * len(order), effort.progress)
    for start in begins:
        refuse_when_over(effort.deadline, f"time to survive from {network.labels[start]} on was begun")
        resolver = Resolver(write_program(frozen(whole, undisturbed.decided, start)), deadline=effort.deadline)
        if resolver.baseline.status is not Status.OPTIMAL:
            raise _unanswered(f"From {network.labels[start]} on, nothing being out", resolver.baseline)

        missed: list[frozenset[str]] = []  # sets that are noticed at once: so is whatever has all of one's sites

        def work(
            part: Resolver, sites: frozenset[str], start: int = start, missed: list[frozenset[str]] = missed
        ) -> tuple[float, bool]:
            begin(f"{network.labels[start]} {'+'.join(sorted(sites))}")
            if any(known <= sites for known in missed):
                return NOTHING
            answer = _survived(part, start, distinct[sites], sites, last)
            if answer == NOTHING:
                missed.append(sites)
            return answer

        periods = map_cases(resolver, order, work, threads=effort.threads)
        found |= {(sites, start): figures for sites, figures in zip(order, periods, strict=True)}
    rows = [
        (kind, name, "+".join(sorted(sites)), network.labels[at], *found[sites, at])
        for (kind, name), sites in named.items()
        for at in begins
    ]
    table = pd.DataFrame(rows, columns=COLUMNS[:-1])
    return table.assign(weeks=table["periods"] * instance.periods.weeks_a_period)


def rows_within_horizon(table: pd.DataFrame) -> pd.Series:
    """Which rows of `longest_outages` say something: all but those whose start the length of the chain reaches past.

    From such a start the horizon ends before anything could be noticed: no period is survived, "at least".
    """
    return ~(table["at_least"].astype(bool) & (table["periods"] <= 0))


def without_a_limit(table: pd.DataFrame) -> pd.Series:
    """Which rows of `longest_outages` are survived for all but a moment of a period.

    What is left in that moment makes all that is due, as lines without a limit of capacity do: where a capacity is only
    not known, such a time says no more than that the next whole period is noticed.
    """
    return ~table["at_least"].isin([True, "yes"]) & (table["periods"] % 1.0 > LARGEST - STILL)


def _survived(
    resolver: Resolver, start: int, key: tuple[str, str], sites: frozenset[str], last: int
) -> tuple[float, bool]:
    """The periods survived from a start (whole and a share of the next), and whether the horizon cut them off.

    A period in which a plan that keeps up makes nothing at the sites is survived whole, without asking.
    """
    program, network = resolver.program, resolver.program.network
    make, halt = network.make, network.halt
    numbers = replace(program.numbers, cost=np.zeros(program.columns), upper=program.numbers.upper.copy())
    at_sites = make["site"].isin(sites).to_numpy(dtype=bool)
    still = STILL * float(network.received["lower"].max())
    of_set = ((halt["over"] == key[0]) & (halt["of"] == key[1])).to_numpy(dtype=bool)
    values: Array | None = np.asarray(resolver.baseline.values)
    for position in range(start, last):
        column = program.halt.first + np.flatnonzero(of_set & (halt["period"] == position).to_numpy(dtype=bool))
        now = at_sites & (make["period"] == position).to_numpy(dtype=bool)
        lines = program.make.first + np.flatnonzero(now)
        if not len(lines):
            continue
        if values is not None and float(values[lines].max()) <= still:
            numbers.upper[lines] = 0.0
            continue
        values = _longest(resolver, numbers, column)
        if values is None:
            return float(position - start), False
        share = float(np.clip(values[column].min(initial=1.0), 0.0, 1.0))
        stand_still = float(values[lines].max()) <= still  # lines without a limit need not, whatever the share
        numbers.upper[lines] = 0.0
        if share >= WHOLE and not stand_still:
            values = _longest(resolver, numbers, column[:0])
        if share < WHOLE or values is None:
            return round(position - start + min(share, LARGEST), PERIOD_DIGITS), False
    return float(max(0, last - start)), True


def _longest(resolver: Resolver, numbers: Numbers, column: Array) -> Array | None:
    """The plan that survives the largest share of a period without the sites' capacity; None where none survives.

    Args:
        resolver: its baseline keeps up with nothing out.
        numbers: no costs, and the lines closed in the periods that are survived already.
        column: the share of each; none to ask only whether a plan keeps up.
    """
    upper, cost = numbers.upper.copy(), numbers.cost.copy()
    upper[column] = 1.0
    largest = float(resolver.program.network.received["lower"].max())
    cost[column] = -WEIGHT * max(1.0, largest)  # so that a unit has a price of about 1, which a solver can tell from 0
    solution = resolver.resolve(replace(numbers, upper=upper, cost=cost), proof=False)
    if solution.status is Status.INFEASIBLE:
        return None
    if solution.status is not Status.OPTIMAL:
        raise _unanswered("With sites out", solution)
    return np.asarray(solution.values)


def _unanswered(asked: str, solution: Solution) -> PlannerError:
    """The error for an answer that neither has a plan nor proves that there is none."""
    if solution.status is Status.LIMIT:
        return LimitReachedError(f"{asked}, the time limit was reached before time to survive was found.")
    why = f" ({solution.method})" if solution.method else ""
    return SolverError(f"{asked}, time to survive has no answer: {solution.status}{why}.")


def _received(undisturbed: Undisturbed) -> pd.DataFrame:
    """Cumulative deliveries of the undisturbed plan, by customer, item and period."""
    program, network = undisturbed.program, undisturbed.program.network
    sent = network.deliveries.rename(columns={"place": "customer"})
    block = np.asarray(undisturbed.plan.values)[program.ship.span]
    sent = sent.assign(quantity=block[sent["row"].to_numpy(dtype=np.int64)])
    wide = sent.pivot_table("quantity", ["customer", "item"], "period", "sum", fill_value=0.0)
    wide = wide.reindex(columns=range(len(network.labels)), fill_value=0.0).cumsum(axis=1)
    long = wide.reset_index().melt(["customer", "item"], var_name="period", value_name="quantity")
    return long.astype({"period": np.int64}).sort_values(["customer", "item", "period"], ignore_index=True)


def last_start_within_horizon(undisturbed: Undisturbed) -> int:
    """The period (a position) from which on the horizon ends before an outage could be noticed: its last but the chain.

    Nothing can be told of an outage that begins in it or later.
    """
    return len(undisturbed.program.network.labels) - _length_of_chain(undisturbed)


def _length_of_chain(undisturbed: Undisturbed) -> int:
    """Periods from the first start of a chain to its delivery, by the longest lead times."""
    network = undisturbed.program.network
    make, moving = network.make, _longest_on_the_way(network)
    making = (make["finish"] - make["period"]).groupby(make["item"]).max().to_dict()
    row = network.uses["row"].to_numpy(dtype=np.int64)
    pairs = pd.DataFrame({"item": make["item"].to_numpy()[row], "component": network.uses["component"]})
    parts = pairs.drop_duplicates().groupby("item")["component"].agg(list).to_dict()

    def length(item: str) -> int:
        before = max((length(part) for part in parts.get(item, [])), default=0)
        return before + int(making.get(item, 0)) + int(moving.get(item, 0))

    return max((length(item) for item in set(network.orders["item"])), default=0)


def _longest_on_the_way(network: Network) -> dict[str, int]:
    """The longest time that each item takes from where it is made to where it is needed, in periods.

    That is the longest of all its lanes, and where several have to be taken one after the other the quickest way.
    """
    make, ship, row = network.make, network.ship, network.uses["row"].to_numpy(dtype=np.int64)
    times = (ship["arrive"] - ship["period"]).groupby([ship["item"], ship["from"], ship["to"]]).max()
    lanes: defaultdict[str, defaultdict[str, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
    longest: defaultdict[str, int] = defaultdict(int)
    for (item, start, end), time in times.items():
        lanes[item][start].append((end, int(time)))
        longest[item] = max(longest[item], int(time))
    needed = set(zip(network.uses["component"], make["site"].to_numpy()[row], strict=True))
    needed |= set(zip(network.orders["item"], network.orders["customer"], strict=True))
    for item, site in set(zip(make["item"], make["site"], strict=True)):
        for place, time in _quickest(lanes[item], site).items():
            if (item, place) in needed:
                longest[item] = max(longest[item], time)
    return dict(longest)


def _quickest(lanes: Mapping[str, list[tuple[str, int]]], start: str) -> dict[str, int]:
    """The time of the quickest way to each place that can be reached (Dijkstra's algorithm), in periods."""
    found: dict[str, int] = {}
    heap = [(0, start)]
    while heap:
        time, place = heapq.heappop(heap)
        if place not in found:
            found[place] = time
            for end, more in lanes.get(place, ()):
                heapq.heappush(heap, (time + more, end))
    return found
