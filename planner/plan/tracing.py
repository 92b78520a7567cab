"""Tracing units through the pools of a plan: forward by the sites they came from, backward by where they end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from planner.instance.instance import Instance
from planner.plan.pools import Order, Pool, Pools, Rest, Start

Array = np.ndarray[Any, Any]
Route = tuple[int, ...]
Mix = dict[Route, float]

LEAK = 1e-12  # share of a pool that leaks, so that units which only go in a circle end somewhere
SMALLEST = 1e-9  # a smaller share of a pool is not followed
MOST_ROUTES = 1000
STOCK, ON_THE_WAY = " (stock)", " (on the way)"
SUPPLIES = (STOCK, ON_THE_WAY)  # what marks a place whose units are there from before; a customer keeps no stock


class Circle:
    """Linear equations for pools between which units can pass within a period, so that each mix depends on others.

    total_j * x_j = known_j + sum_i link_ji * x_i, for each pool j of the group

    Attributes:
        known: by (pool, figure), what comes from outside the group.
        total: by pool, the units of everything that comes; `link` adds its own.
    """

    def __init__(self, group: Sequence[Pool], figures: int) -> None:
        self._at = {pool: position for position, pool in enumerate(group)}
        self._links: dict[tuple[int, int], float] = defaultdict(float)
        self.known = np.zeros((len(group), figures))
        self.total = np.zeros(len(group))

    def link(self, pool: Pool, other: object, quantity: float) -> bool:
        """Add a dependence of one pool's x on another's; returns False where the other is not in the group."""
        if not isinstance(other, Pool) or other not in self._at:
            return False
        at = self._at[pool]
        self._links[at, self._at[other]] += quantity
        self.total[at] += quantity
        return True

    def leak(self, figure: int) -> None:
        """Count a tiny part of each pool towards a figure, so that units which only go in a circle have an end."""
        if self._links:
            self.known[:, figure] += LEAK * self.total

    def solved(self) -> Array:
        """The solution x, one row for each pool; 0 for pools without units."""
        total = np.where(self.total > 0, self.total, 1.0)
        if not self._links:
            return np.asarray(self.known / total[:, None])
        matrix = np.diag(total * (1.0 + LEAK))
        for (row, column), quantity in self._links.items():
            matrix[row, column] -= quantity
        return np.asarray(np.linalg.solve(matrix, self.known))


def fates(pools: Pools, ends: Sequence[Order | Rest]) -> dict[Pool, Array]:
    """For each pool, the share of its units that end in each of `ends`.

    fate_j = sum_f quantity_f * fate(where f leads) / sum_f quantity_f,  over the flows f out of pool j

    A component shares the fate of the good units of the work that takes it. Pools that nothing leaves (a result of
    rounding) count as kept.

    Args:
        pools: the pools of a plan.
        ends: orders, and `Rest.KEPT` for what is in stock after the last period.
    """
    number = {end: position for position, end in enumerate(ends)}
    out: dict[Pool, list[tuple[float, Pool | Order | Rest]]] = {
        pool: [(move.quantity, move.target) for move in moves] for pool, moves in pools.leaving.items()
    }
    for start in pools.starts:
        for pool, quantity in start.components:
            out.setdefault(pool, []).append((quantity, start.target))
    found: dict[Pool, Array] = {}
    for step in reversed(pools.steps):
        for group in reversed(step.groups):
            circle = Circle(group, len(ends))
            for at, pool in enumerate(group):
                for quantity, target in out.get(pool) or [(1.0, Rest.KEPT)]:
                    if circle.link(pool, target, quantity):
                        continue
                    circle.total[at] += quantity
                    if isinstance(target, Pool):
                        circle.known[at] += quantity * found[target]
                    elif target in number:
                        circle.known[at, number[target]] += quantity
            if Rest.KEPT in number:
                circle.leak(number[Rest.KEPT])
            found.update(zip(group, circle.solved(), strict=True))
    return found


class Routes:
    """The encoding of routes: for each stage, the set of sites that worked on a unit or its components, as bits."""

    def __init__(self, instance: Instance) -> None:
        self.stages = instance.stages
        self._stage = {row.item: self.stages.index(row.stage) for row in instance.items}
        self.names = sorted(name for row in instance.sites for name in (row.site, row.site + STOCK))
        self._customers = {row.customer for row in instance.customers}
        self.names += sorted({self.supplied(row.site) for row in instance.arrivals} - set(self.names))
        self._bit = {name: 1 << position for position, name in enumerate(self.names)}
        self.blank: Route = (0,) * len(self.stages)

    def through(self, route: Route, name: str, item: str) -> Route:
        """The route with work on an item added, at a site, or at what `supplied` says where its past is not known."""
        stage = self._stage[item]
        return (*route[:stage], route[stage] | self._bit[name], *route[stage + 1 :])

    def supplied(self, place: str) -> str:
        """What a place is called whose units are there from before: `a (stock)`, or `c (on the way)` of a customer."""
        return place + (ON_THE_WAY if place in self._customers else STOCK)

    def sites(self, route: Route) -> tuple[str, ...]:
        """The sites of each stage as text, joined by `+`; empty where nothing of a stage is in the unit."""
        return tuple("+".join(self._named(bits)) for bits in route)

    def _named(self, bits: int) -> Iterable[str]:
        while bits:
            lowest = bits & -bits
            yield self.names[lowest.bit_length() - 1]
            bits ^= lowest


def met(left: Mix, right: Mix) -> Mix:
    """The routes of work that takes two components.

    A plan does not decide which lots meet: any lot of the one meets any lot of the other, in proportion to both.
    Where that would be more than 1,000 routes, lots meet in order of their routes, each share of the one with the same
    share of the other. Both keep the share of every route of either component.
    """
    found: Mix = defaultdict(float)
    if len(left) * len(right) <= MOST_ROUTES:
        for one, share in left.items():
            for other, part in right.items():
                found[_union(one, other)] += share * part
        return dict(found)
    first, second = sorted(left.items()), sorted(right.items())
    ends = np.cumsum([share for _, share in first]), np.cumsum([share for _, share in second])
    cuts = np.union1d(ends[0][:-1], ends[1][:-1])
    for low, high in zip([0.0, *cuts], [*cuts, 1.0], strict=True):
        middle = (low + high) / 2.0
        at = [min(int(np.searchsorted(end, middle)), len(end) - 1) for end in ends]
        found[_union(first[at[0]][0], second[at[1]][0])] += high - low
    return dict(found)


def _union(one: Route, other: Route) -> Route:
    return tuple(bits | more for bits, more in zip(one, other, strict=True))


def delivered_routes(pools: Pools, routes: Routes) -> dict[Order, Mix]:
    """Units of each order by route.

    mix_j = sum_f quantity_f * mix(of f) / sum_f quantity_f,  over the flows f into pool j

    Args:
        pools: the pools of a plan.
        routes: the encoding of the routes.
    """
    into: dict[Pool, Mix] = defaultdict(lambda: defaultdict(float))
    for pool, quantity in pools.supplies.items():
        into[pool][routes.through(routes.blank, routes.supplied(pool.site), pool.item)] += quantity
    mixes: dict[Pool, Mix] = {}
    delivered: dict[Order, Mix] = defaultdict(lambda: defaultdict(float))
    for step in pools.steps:
        for start in step.starts:
            for route, share in _worked(start, mixes, routes).items():
                into[start.target][route] += share * start.finished
        for group in step.groups:
            mixes |= _mixed(pools, group, into)
            inside = set(group)
            for pool in group:
                for move in pools.leaving.get(pool, ()):
                    if move.target in inside or isinstance(move.target, Rest):
                        continue
                    goal = into[move.target] if isinstance(move.target, Pool) else delivered[move.target]
                    for route, share in (mixes[pool] or {routes.blank: 1.0}).items():
                        goal[route] += share * move.quantity
    return {order: dict(mix) for order, mix in delivered.items()}


def _worked(start: Start, mixes: Mapping[Pool, Mix], routes: Routes) -> Mix:
    """The routes of the good units of a start, from the mixes of its components."""
    found: Mix = {routes.blank: 1.0}
    for pool, _ in start.components:
        found = met(found, mixes.get(pool) or {routes.blank: 1.0})
    target = start.target
    named: Mix = defaultdict(float)
    for route, share in found.items():
        named[routes.through(route, target.site, target.item)] += share
    return named


def _mixed(pools: Pools, group: Sequence[Pool], into: Mapping[Pool, Mix]) -> dict[Pool, Mix]:
    """The mix of each pool of a group, from everything that enters it."""
    coming = [into.get(pool, {}) for pool in group]
    known = sorted({route for mix in coming for route in mix})
    column = {route: number for number, route in enumerate(known)}
    circle = Circle(group, len(known))
    for at, mix in enumerate(coming):
        for route, quantity in mix.items():
            circle.known[at, column[route]] = quantity
            circle.total[at] += quantity
    for pool in group:
        for move in pools.leaving.get(pool, ()):
            if isinstance(move.target, Pool) and move.target in group:
                circle.link(move.target, pool, move.quantity)
    found: dict[Pool, Mix] = {}
    for pool, row in zip(group, circle.solved(), strict=True):
        kept = np.flatnonzero(row > SMALLEST)
        whole = float(row[kept].sum())
        found[pool] = {known[at]: float(row[at]) / whole for at in kept}
    return found
