"""Load: what orders need of each item, against what the lines that make it could give.

It is computed from the tables alone, before any plan, so that a figure in a wrong unit shows before a solver runs.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from planner.errors import Problem
from planner.instance.bill import ratios
from planner.instance.instance import Instance
from planner.instance.lines import line_capacities_of, stopped_starts
from planner.instance.records import Line
from planner.network.frames import Array

MOST = 1e150  # units of an item; caps products along the chain, which could overflow
TOO_LITTLE = 1000.0  # orders that need so many times what can be made are surely a wrong unit


@dataclass(frozen=True)
class StageLoad:
    """What a stage can make, and what orders need of it.

    Attributes:
        stage: the stage.
        items: its items that are made or needed, the most needed first.
        sites: where any of them is made, sorted.
        needed: good units that the orders of each period need, through the components at the best yields; stocks and
            lead times are not taken into account.
        capacity: good units that its lines can make in each period, each line in the mix that orders need; without
            expansion options; infinite where a line has no limit. A line that serves two stages counts at both.
    """

    stage: str
    items: tuple[str, ...]
    sites: tuple[str, ...]
    needed: Array
    capacity: Array

    def share(self, periods: slice = slice(None)) -> float | None:
        """The share of the capacity that is needed, over some periods.

        needed / capacity     (0 and more; infinite where nothing can be made of what is needed; None without limit)
        """
        needed, capacity = math.fsum(self.needed[periods]), math.fsum(self.capacity[periods])
        if math.isinf(capacity):
            return None
        return needed / capacity if capacity > 0 else math.inf if needed > 0 else 0.0


def stage_loads(instance: Instance) -> tuple[StageLoad, ...]:
    """The load of each stage, in the order of the chain."""
    count = len(instance.periods)
    needed = _needed(instance, _ordered(instance), {}, np.zeros(count))
    weight = {item: math.fsum(units) for item, units in needed.items()}
    own = line_capacities_of(instance).own
    at: dict[str, set[str]] = {stage: set() for stage in instance.stages}
    stage_of = instance.stage_of
    made: dict[str, dict[Line, dict[str, Array]]] = {stage: defaultdict(dict) for stage in instance.stages}
    for line, found in _uses(instance).items():
        for item, use in found.items():
            made[stage_of[item]][line][item] = use
            at[stage_of[item]].add(item)
    for item, stage in stage_of.items():
        if weight[item] > 0:
            at[stage].add(item)
    loads = []
    for stage, items in at.items():
        mixes = [_in_the_mix(own.get(line), found, weight) for line, found in made[stage].items()]
        loads.append(
            StageLoad(
                stage,
                tuple(sorted(items, key=lambda item: (-weight[item], item))),
                tuple(sorted({site for site, _ in made[stage]})),
                sum((needed[item] for item in items), start=np.zeros(count)),
                sum(mixes, start=np.zeros(count)),
            )
        )
    return tuple(loads)


def load_problems(instance: Instance) -> Iterator[Problem]:
    """Items of which orders need a thousand times what can be made at most (warnings, with both figures).

    What can be made at most is what all lines that make the item could give if they made nothing else, with every
    expansion option, in all planned periods. Stocks and arrivals are subtracted from what is needed.
    """
    kept: dict[str, float] = defaultdict(float)
    for stock in instance.stocks:
        kept[stock.item] += stock.opening
    for arrival in instance.arrivals:
        kept[arrival.item] += arrival.quantity
    total = {item: np.array([math.fsum(units)]) for item, units in _ordered(instance).items()}
    needed = _needed(instance, total, kept, np.zeros(1))
    room = line_capacities_of(instance)
    most: dict[str, float] = defaultdict(float)
    for line, found in _uses(instance).items():
        for item, use in found.items():
            most[item] += math.fsum(_in_the_mix(room.most(line), {item: use}, {item: 1.0}))
    for item, can in sorted(most.items()):
        wanted = float(needed[item][0])
        if wanted > 0 and wanted >= TOO_LITTLE * can:
            short = f"{can:,.6g} at most in all periods, {wanted / can:,.0f} times too little" if can > 0 else "none"
            yield Problem(
                "capacities",
                None,
                "capacity",
                f"{can:g}",
                f"Orders need {wanted:,.6g} of {item}, and all lines that make it can make {short}.",
                "Check the units: of the capacity, of capacity_use, of quantities in demand and components.",
                "warning",
            )


def _ordered(instance: Instance) -> dict[str, Array]:
    """Units ordered of each item, by period; what is owed from before is due in the first."""
    by_window: dict[tuple[str, str], float] = defaultdict(float)
    for row in instance.demand:
        by_window[row.item, row.period] += row.quantity
    units: dict[str, Array] = {row.item: np.zeros(len(instance.periods)) for row in instance.items}
    for (item, text), quantity in by_window.items():
        window = instance.periods.window(text)
        units[item][window.start : window.stop] += quantity
    for owed in instance.owed:
        units[owed.item][0] += owed.quantity
    return units


def _needed(
    instance: Instance, ordered: Mapping[str, Array], kept: Mapping[str, float], nothing: Array
) -> dict[str, Array]:
    """Good units of each item that orders need, products first, then what goes into them.

    needed(i) = max(0, ordered(i) + sum over parents j of needed(j) * ratio(j, i) - kept(i))
    ratio(j, i) = min over processes of j (quantity / yield)     (units of i for a good unit of j)

    A parent that can be made without the component, by another recipe, needs none of it.
    """
    ways = Counter(row.item for row in instance.processes)
    each: dict[tuple[str, str], list[float]] = defaultdict(list)
    for process, part, units in ratios(instance):
        each[process.item, part].append(min(units, MOST))
    parts: dict[str, dict[str, float]] = defaultdict(dict)
    for (parent, part), found in each.items():
        parts[parent][part] = min(found) if len(found) == ways[parent] else 0.0
    needed = {item: units + nothing for item, units in ordered.items()}
    for item in dict.fromkeys([*reversed(instance.bill.order), *needed]):
        needed[item] = np.maximum(needed[item] - kept.get(item, 0.0), 0.0)
        for part, units in parts[item].items():
            needed[part] = np.minimum(needed[part] + units * needed[item], MOST)
    return needed


def _uses(instance: Instance) -> dict[Line, dict[str, Array]]:
    """The least capacity that a good unit takes, by line, item and period; infinite where no start is allowed."""
    count, stopped = len(instance.periods), stopped_starts(instance)
    uses: dict[Line, dict[str, Array]] = defaultdict(dict)
    for row in instance.processes:
        use = uses[row.line].setdefault(row.item, np.full(count, np.inf))
        window = instance.periods.window(row.period)
        at = [period for period in window if (row.site, row.item, row.recipe, period) not in stopped]
        use[at] = np.minimum(use[at], row.capacity_use / row.yield_)
    return uses


def _in_the_mix(room: Array | None, uses: Mapping[str, Array], weight: Mapping[str, float]) -> Array:
    """Good units that a line can make in each period if it makes its items in the mix that orders need.

    capacity / (sum_i w_i * use_i / sum_i w_i), over the items that may start; items that nobody needs count equally.

    Args:
        room: capacity by period; None without limit.
        uses: capacity that a good unit of each item takes, by period; infinite where it may not start.
        weight: good units needed of each item.
    """
    use = np.array(list(uses.values()))
    can = np.isfinite(use)
    parts = can * np.array([weight[item] for item in uses])[:, None]
    parts = np.where(parts.sum(axis=0) > 0, parts, can)
    total = parts.sum(axis=0)
    mean = np.divide((parts * np.where(can, use, 0.0)).sum(axis=0), total, out=np.zeros(len(total)), where=total > 0)
    space = np.full(len(total), np.inf) if room is None else room
    made = np.divide(space, mean, out=np.where(space > 0, np.inf, 0.0), where=mean > 0)
    units: Array = np.where(total > 0, made, 0.0)
    return units
