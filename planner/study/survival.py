"""Time to survive: how long a site, cluster, operator or region can be out before any customer gets less."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from planner.model.program import Numbers, write_program
from planner.network.building import build_network
from planner.network.frames import positions
from planner.network.freezing import frozen
from planner.network.recourse import Recourse
from planner.network.survival import Survival
from planner.solve.resolving import Resolver, spread
from planner.solve.solution import Array, Status
from planner.study.losses import OVER, named_sets
from planner.study.stress import WEEKS_A_YEAR, Undisturbed

COLUMNS = ["over", "of", "sites", "start", "periods", "at_least", "weeks"]
WHOLE = 1.0 - 1e-6
WEIGHT = 100.0
DIGITS = 3  # of a period; finer than that is what the deliveries are allowed to be short


def time_to_survive(
    undisturbed: Undisturbed,
    over: Sequence[str] = OVER,
    starts: Sequence[int] | None = None,
    threads: int = 2,
    progress: Callable[[int, int, str], None] | None = None,
    sets: Mapping[tuple[str, str], frozenset[str]] | None = None,
) -> pd.DataFrame:
    """The longest outage of each set of sites that no customer notices, from each start.

    From the start on, everything is planned anew with the past frozen and the options as bought; an outage of n
    periods is survived if every customer and item still gets at least the undisturbed plan's cumulative deliveries in
    each period. In the period after the last whole one it is the largest share of it: max f such that with
    (1 - f) of the capacity of the sites nothing falls behind.

    Args:
        undisturbed: the plan that is struck.
        over: kinds of sets: site, cluster, operator, region.
        starts: positions of the periods in which an outage begins; the reported periods where it is not given.
        threads: 1, or 2 with a model each.
        progress: called with (sets done, all sets, name of the next).
        sets: further sets of sites by a kind and name of your own.

    Returns:
        over, of, sites (`+` between), start (label), periods (survived, to a thousandth; a part of one is a share of
        its capacity), at_least (the outage was survived as far as the horizon can tell: up to the last period less
        the length of the chain), weeks (NaN where periods are plain labels, whose length is not known).
    """
    network = undisturbed.program.network
    instance, policy, count = network.instance, network.policy, len(network.labels)
    named = named_sets(network.make, tuple(over)) | dict(sets or {})
    distinct = {sites: key for key, sites in reversed(list(named.items()))}
    bought = dict(zip(network.expand["option"], undisturbed.decided["expand"]["value"], strict=True))
    survival = Survival(_received(undisturbed), {key: sites for sites, key in distinct.items()}, bought)
    whole = build_network(instance, policy, Recourse.of(instance), survival)
    begins = list(instance.report_periods if starts is None else starts)
    last = count - _length_of_chain(undisturbed)
    order = sorted(distinct, key=sorted)
    found: dict[tuple[frozenset[str], int], float] = {}
    for number, start in enumerate(begins):
        resolver = Resolver(write_program(frozen(whole, undisturbed.decided, start)))

        def work(part: Resolver, sites: frozenset[str], start: int = start, number: int = number) -> float:
            if progress:
                done = number * len(order) + order.index(sites)
                progress(done, len(begins) * len(order), f"{network.labels[start]} {'+'.join(sorted(sites))}")
            return _survived(part, start, distinct[sites], sites, last)

        periods = spread(resolver, order, work, threads=threads)
        found |= {(sites, start): round(figure, DIGITS) for sites, figure in zip(order, periods, strict=True)}
    rows = [
        (kind, name, "+".join(sorted(sites)), network.labels[at], found[sites, at], at + found[sites, at] >= last)
        for (kind, name), sites in named.items()
        for at in begins
    ]
    table = pd.DataFrame(rows, columns=COLUMNS[:-1])
    length = instance.periods.years_a_period if instance.periods.length is not None else float("nan")
    return table.assign(weeks=table["periods"] * WEEKS_A_YEAR * length)


def _survived(resolver: Resolver, start: int, key: tuple[str, str], sites: frozenset[str], last: int) -> float:
    """Periods survived from a start: whole ones, then the share of the next."""
    program, network = resolver.program, resolver.program.network
    make, halt = network.make, network.halt
    numbers = replace(program.numbers, cost=np.zeros(program.columns), upper=program.numbers.upper.copy())
    at_sites = make["site"].isin(sites).to_numpy(dtype=bool)
    limited = positions(make, network.capacity, ["site", "resource", "period"]) >= 0
    of_set = ((halt["over"] == key[0]) & (halt["of"] == key[1])).to_numpy(dtype=bool)
    for position in range(start, last):
        column = program.halt.first + np.flatnonzero(of_set & (halt["period"] == position).to_numpy(dtype=bool))
        now = at_sites & (make["period"] == position).to_numpy(dtype=bool)
        share = _largest_share(resolver, numbers, column) if len(column) else 1.0
        if share < WHOLE:
            return position - start + share
        numbers.upper[program.make.first + np.flatnonzero(now)] = 0.0
        if (now & ~limited).any() and resolver.resolve(numbers).status is not Status.OPTIMAL:
            return position - start + 1.0  # a line without a limit makes up for any part of a period
    return float(max(0, last - start))


def _largest_share(resolver: Resolver, numbers: Numbers, column: Array) -> float:
    """The largest share of a period for which the capacity of sites can be out; 0 where not even an instant can."""
    upper, cost = numbers.upper.copy(), numbers.cost.copy()
    upper[column] = 1.0
    largest = float(resolver.program.network.received["lower"].max())
    cost[column] = -WEIGHT * max(1.0, largest)  # so that a unit has a price of about 1, which a solver can tell from 0
    solution = resolver.resolve(replace(numbers, upper=upper, cost=cost), proof=False)
    if solution.status is not Status.OPTIMAL:
        return 0.0
    return float(np.clip(np.asarray(solution.values)[column].min(), 0.0, 1.0))


def _received(undisturbed: Undisturbed) -> pd.DataFrame:
    """Cumulative deliveries of the undisturbed plan, by customer, item and period."""
    program, network = undisturbed.program, undisturbed.program.network
    sent = network.deliveries.rename(columns={"place": "customer"})
    block = np.asarray(undisturbed.plan.values)[program.ship.first : program.ship.first + len(program.ship)]
    sent = sent.assign(quantity=block[sent["row"].to_numpy(dtype=np.int64)])
    wide = sent.pivot_table("quantity", ["customer", "item"], "period", "sum", fill_value=0.0)
    wide = wide.reindex(columns=range(len(network.labels)), fill_value=0.0).cumsum(axis=1)
    long = wide.reset_index().melt(["customer", "item"], var_name="period", value_name="quantity")
    return long.astype({"period": np.int64}).sort_values(["customer", "item", "period"], ignore_index=True)


def _length_of_chain(undisturbed: Undisturbed) -> int:
    """Periods from the first start of a chain to its delivery, by the longest lead times."""
    network = undisturbed.program.network
    make, ship = network.make, network.ship
    making = (make["finish"] - make["period"]).groupby(make["item"]).max().to_dict()
    moving = (ship["arrive"] - ship["period"]).groupby(ship["item"]).max().to_dict()
    row = network.uses["row"].to_numpy(dtype=np.int64)
    pairs = pd.DataFrame({"item": make["item"].to_numpy()[row], "component": network.uses["component"]})
    parts = pairs.drop_duplicates().groupby("item")["component"].agg(list).to_dict()

    def length(item: str) -> int:
        before = max((length(part) for part in parts.get(item, [])), default=0)
        return before + int(making.get(item, 0)) + int(moving.get(item, 0))

    return max((length(item) for item in set(network.orders["item"])), default=0)
