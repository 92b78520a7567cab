"""The most that can be started: by the capacity of a resource, or where it has none by what can be needed.

A row that ties starts to a decision of 0 or 1 needs an upper bound on the starts that no sensible plan exceeds. The
capacity of the resource, with every option that the policy allows, is one. Where there is none (or one so large that it
does not bound anything), the bound is what can be needed: everything ordered, committed, kept and started in lots,
taken through the components at the worst yields. Limits on shares and least shares can make it worth while to make more
than that, so the figure is raised by what each can ask for, one after the other. It is never more than what can be made
of the components that are there or can be made themselves. Where several limits of one stage act on each other this is
an estimate and not proved. So it is doubled; where a plan comes near it, or there is none, or a limit makes it worth
while to make more of something and a plan beyond it costs less, the plan is made again with a far larger one
(solve/cut_off.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

import numpy as np
import pandas as pd

from planner.instance.policy import Limit
from planner.network.frames import (
    by_period,
    first_rows,
    group_numbers,
    label_rows,
    lookup,
    narrowed,
    rows_at,
    rows_where,
    summed,
)
from planner.network.making import PROCESS, RESOURCE
from planner.network.network import Network

MARGIN = 2.0  # factor on the estimate, because it is not proved
RECIPE = ["item", "recipe"]
AMPLE = 10.0  # a capacity larger than so many times the need counts as none
LARGEST = 1e12  # units that an estimate allows at most: a thousandth of what HiGHS takes as a coefficient

Need = dict[str, float]


def start_rooms(network: Network) -> pd.DataFrame:
    """Each possible start, summed over classes: figures of its process, and its upper bound.

    `room` is the number of units that can be started by capacity, infinite where the resource has none; `min_lot` is
    the smallest number that may be started.
    """
    columns = [*PROCESS, "stage", "region", "operator", "cluster", "resource", "yield", "capacity_use", "production"]
    starts = first_rows(narrowed(network.make, columns), group_numbers(network.make, columns=PROCESS)[0])
    given = network.expand_capacity
    given = rows_where(given, network.expand["upper"].to_numpy()[given["row"].to_numpy(dtype=np.int64)] > 0)
    given = summed(given, RESOURCE, ["capacity"])
    capacity = lookup(starts, network.capacity, RESOURCE, "capacity", np.inf).astype(float)
    capacity = capacity + lookup(starts, given, RESOURCE, "capacity", 0.0).astype(float)
    use = starts["capacity_use"].to_numpy(dtype=float)
    starts["room"] = np.divide(capacity, use, out=np.full(len(starts), np.inf), where=use > 0)
    starts["min_lot"] = 0.0
    if any(row.min_lot > 0 for row in network.instance.processes):
        lots = by_period(network.instance, "processes")
        starts["min_lot"] = lookup(starts, lots, PROCESS, "min_lot", 0.0).astype(float)
    return starts


def most_needed(network: Network, starts: pd.DataFrame, *, any_capacity: bool = False) -> Need:
    """Good units of each item that can be needed at most over all periods; infinite where making them earns money.

    The figure is never more than what can be made of the item.

    Args:
        network: the network.
        starts: as `start_rooms` gives them.
        any_capacity: whether capacities can be raised at will, so that they limit nothing that can be made.
    """
    chain = _Chain(network, starts, any_capacity=any_capacity)
    policy = network.policy
    limits = [limit for limit in (policy.limits if policy else ()) if limit.measure == "stage" and limit.max_share]
    values = network.instance.value_of
    used: defaultdict[str, float] = defaultdict(float)
    for name, inside in label_rows(network.limits, ["limit", "used"]):
        used[name] += inside
    extra: Need = {}
    for _ in range(len(limits) + 1):  # output that a limit adds at one stage adds needs at the stages before it
        asked, needed = chain.explode(extra)
        extra = _for_limits(limits, starts, values, asked, used)
    return needed


def is_proved(network: Network) -> bool:
    """Whether no plan of least cost passes what `most_needed` says: no limit makes it worth while to make more."""
    limits = network.policy.limits if network.policy else ()
    return not any(limit.measure == "stage" and 0 < (limit.max_share or 0.0) < 1 for limit in limits)


def largest_needs(needs: Iterable[Need]) -> Need:
    """For each item the largest of several needs, because decisions that futures share must suffice for all."""
    found: Need = {}
    for need in needs:
        for item, amount in need.items():
            found[item] = max(found.get(item, 0.0), amount)
    return found


class _Chain:
    """Items in an order in which products come before their components, with what each is needed for.

    Attributes:
        worst, best: the worst and best yield of each item.
        users: for each component the products that take it, with the least and the most units that one takes.
        order: every item, none before what it is a component of.
        own, earned, made: good units that are asked for directly, that it pays to make, and that can be made at most.
    """

    def __init__(self, network: Network, starts: pd.DataFrame, *, any_capacity: bool) -> None:
        yields = _span(zip(starts["item"], starts["yield"], strict=True))
        self.worst = {item: worst for item, (worst, _) in yields.items()}
        self.best = {item: best for item, (_, best) in yields.items()}
        item = network.make["item"].to_numpy()[network.uses["row"].to_numpy(dtype=np.int64)]
        self.users: defaultdict[str, list[tuple[str, float, float]]] = defaultdict(list)
        taken = _span(zip(zip(item, network.uses["component"], strict=True), network.uses["quantity"], strict=True))
        for (product, component), (least, most) in sorted(taken.items()):
            self.users[component].append((product, least, most))
        self.order = _products_first(self.users, [*starts["item"], *network.orders["item"], *network.stock["item"]])
        self.share = _least_shares(network, starts)
        self.own: defaultdict[str, float] = defaultdict(float)
        for table, column in (
            (network.orders, "quantity"),
            (network.orders, "owed"),
            (network.stock, "lower"),
            (network.stock_minimum, "minimum"),
        ):
            self._add(table["item"], table[column])
        covered: dict[tuple[str, str], float] = {}  # by a buffer, of an item: what one period holds, the next can
        for measure, limit, item, demand in label_rows(network.limits, ["measure", "limit", "of", "demand"]):
            if measure == "buffer":
                covered[limit, item] = max(demand, covered.get((limit, item), demand))
        self._add([item for _, item in covered], list(covered.values()))
        surplus = _surplus(network, starts)
        bounded = np.isfinite(network.stock["upper"]).any() or len(network.stock_maximum) > 0
        if bounded or network.instance.settings.stock == "listed":
            surplus = self._pushed_on(surplus)
        self._add(surplus, surplus.values())
        self.earned = _earning(network, starts)
        roomy = starts.assign(room=np.inf) if any_capacity else starts
        self.made = _most_made(network, roomy, self.order)

    def _add(self, items: Iterable[str], amounts: Iterable[float]) -> None:
        for item, amount in zip(items, amounts, strict=True):
            self.own[item] += float(amount)

    def _pushed_on(self, surplus: Need) -> Need:
        """Units that may have to be worked up into products because the stock of the item has a maximum."""
        found = defaultdict(float, surplus)
        for component in reversed(self.order):
            for item, least, _ in self.users.get(component, ()):
                found[item] += found[component] / least * self.best.get(item, 1.0)
        return found

    def explode(self, extra: Need) -> tuple[Need, Need]:
        """The units needed of each item for itself and as a component; and the same with what limits add."""
        asked: Need = {}
        needed: Need = {}
        for item in self.order:
            amount = self.own[item]
            for parent, _, most in self.users.get(item, ()):
                amount += most * needed[parent] / self.worst.get(parent, 1.0)
            made = self.made.get(item, np.inf)
            asked[item] = min(max(amount / self.share.get(item, 1.0), self.earned.get(item, 0.0)), made)
            needed[item] = min(max(asked[item], extra.get(item, 0.0)), made)
        return asked, needed


def _span[Key](figures: Iterable[tuple[Key, float]]) -> dict[Key, tuple[float, float]]:
    """The smallest and the largest figure of each key."""
    found: dict[Key, tuple[float, float]] = {}
    for key, figure in figures:
        least, most = found.get(key, (figure, figure))
        found[key] = (min(least, figure), max(most, figure))
    return {key: (float(least), float(most)) for key, (least, most) in found.items()}


def _products_first(users: Mapping[str, list[tuple[str, float, float]]], items: list[str]) -> list[str]:
    """All items, none before what it is a component of."""
    before = {item: sorted({user for user, _, _ in users.get(item, ())}) for item in {*map(str, items), *users}}
    return list(TopologicalSorter({item: before[item] for item in sorted(before)}).static_order())


def _most_made(network: Network, starts: pd.DataFrame, order: list[str]) -> Need:
    """Good units of each item that can be made at most over all periods, of what is there and what can be made.

    made_i = sum over recipes r of min(sum_starts yield * room, best yield_r * min_c (there_c + made_c) / quantity_rc)

    Args:
        network: the network.
        starts: as `start_rooms` gives them.
        order: every item, none before what it is a component of.
    """
    row = network.uses["row"].to_numpy(dtype=np.int64)
    taken = zip(
        zip(*(network.make[name].to_numpy()[row] for name in RECIPE), network.uses["component"], strict=True),
        network.uses["quantity"],
        strict=True,
    )
    parts: defaultdict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for (item, recipe, part), (least, _) in _span(pair for pair in taken if pair[1] > 0).items():
        parts[item, recipe].append((part, least))
    rooms: defaultdict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for item, recipe, room, share in zip(*(starts[name].tolist() for name in (*RECIPE, "room", "yield")), strict=True):
        rooms[item, recipe].append((room * share, share))
    recipes: defaultdict[str, list[tuple[str, float, float]]] = defaultdict(list)
    for (item, recipe), each in sorted(rooms.items()):
        recipes[item].append((recipe, sum(good for good, _ in each), max(share for _, share in each)))
    there: defaultdict[str, float] = defaultdict(float)
    for item, supply in label_rows(network.flow, ["item", "supply"]):
        there[item] += supply
    made: Need = {}
    for item in reversed(order):
        total = 0.0
        for recipe, good, best in recipes[item]:
            taken_parts = parts.get((item, recipe), ())
            limits = [best * (there.get(part, 0.0) + made.get(part, 0.0)) / least for part, least in taken_parts]
            total += min([good, *limits])
        made[item] = total
    return made


def _least_shares(network: Network, starts: pd.DataFrame) -> Need:
    """The min_share_if_used of each item, because it can make a used site produce more than is needed."""
    rules = {rule.stage: rule.min_share_if_used for rule in (network.policy.sources if network.policy else ())}
    stages = dict(label_rows(starts, ["item", "stage"]))
    return {item: share for item, stage in stages.items() if (share := rules.get(stage))}


def _surplus(network: Network, starts: pd.DataFrame) -> Need:
    """Good units that exist whether they are needed or not: from supply, smallest lots and commitments."""
    found: defaultdict[str, float] = defaultdict(float)
    for item, amount in zip(starts["item"], starts["min_lot"] * starts["yield"], strict=True):
        found[item] += float(amount)
    for item, amount in zip(network.flow["item"], network.flow["supply"], strict=True):
        found[item] += float(amount)
    uses = network.commitment_uses
    made = rows_at(narrowed(network.make, ["item", "yield"]), uses["row"].to_numpy(dtype=np.int64))
    minimum = lookup(uses, network.commitments, ["commitment"], "minimum", 0.0).astype(float)
    each = uses["amount"].to_numpy(dtype=float)
    good = np.divide(minimum * made["yield"].to_numpy(dtype=float), each, out=np.zeros(len(uses)), where=each > 0)
    promised: defaultdict[tuple[str, str], float] = defaultdict(float)
    for *key, amount in zip(uses["commitment"], made["item"], good.tolist(), strict=True):
        promised[*key] = max(promised[*key], amount)
    for (_, item), amount in promised.items():
        found[item] += amount
    return dict(found)


def _earning(network: Network, starts: pd.DataFrame) -> Need:
    """Good units, up to capacity, of items that it can pay to make or move for their own sake (negative costs)."""
    earns = network.ship["freight"].to_numpy() + network.ship["tariff"].to_numpy() < 0
    paying = {*starts["item"].to_numpy()[starts["production"].to_numpy() < 0], *network.ship["item"].to_numpy()[earns]}
    found: defaultdict[str, float] = defaultdict(float)
    for item, room, share in label_rows(starts, ["item", "room", "yield"]) if paying else ():
        if item in paying:
            found[item] += room * share
    return dict(found)


def _for_limits(
    limits: list[Limit], starts: pd.DataFrame, values: Mapping[str, float], asked: Need, used: Mapping[str, float]
) -> Need:
    """Good units of each item that may be made only to enlarge the total of a limit, so that a share is met.

    Args:
        limits: those of stages.
        starts: as `start_rooms` gives them.
        values: money a unit of each item.
        asked: good units of each item that are needed without limits.
        used: weighted units made inside before the first period, by the name of a limit.
    """
    found: defaultdict[str, float] = defaultdict(float)
    rows = list(zip(*(starts[name].tolist() for name in ("item", "stage", "capacity_use", "yield")), strict=True))
    for limit in limits:
        weights = [
            (item, {"units": 1.0, "value": values[item], "capacity": use / share}[limit.weight])
            for item, stage, use, share in rows
            if stage == limit.stage and (not limit.items or item in limit.items)
        ]
        counted = sorted(_span(pair for pair in weights if pair[1] > 0).items())
        total = sum(most * asked[item] for item, (_, most) in counted) + used.get(limit.name, 0.0)
        for item, (least, _) in counted:
            found[item] += total / float(limit.max_share or 1.0) / least
    return dict(found)


def bounded(rows: pd.DataFrame, room: pd.Series, needed: pd.Series) -> pd.DataFrame:
    """Rows with the columns `most` (the bound to use), `needed`, and `estimated` (whether `most` is `needed`).

    Both become coefficients, so no figure is larger than a solver can tell a decision of 0 or 1 from nothing beside.

    Args:
        rows: what can be started, or made.
        room: how much of it by capacity.
        needed: how much of it can be needed.
    """
    least = MARGIN * needed.where(needed > 0, 1.0).to_numpy(dtype=float)
    least = np.where(np.isfinite(least), np.minimum(least, LARGEST), least)
    most = room.to_numpy(dtype=float)
    estimated = ~np.isfinite(most) | (most > np.minimum(AMPLE * least, LARGEST))
    return rows.assign(most=np.where(estimated, least, most), needed=least, estimated=estimated)
