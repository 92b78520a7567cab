"""The changes of lanes: each selected pair gets an exact row, because exact rows take precedence over wide ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from planner.instance.changes.change import Change, Deviation, RefusedError
from planner.instance.changes.rows import figure_of, weights, with_exact
from planner.instance.changes.where import LANE_KEYS, Where
from planner.instance.fields import column
from planner.instance.precedence import Resolved, resolve_lane_capacities, resolve_lanes, universe_of
from planner.instance.records import Lane, LaneCapacity
from planner.instance.selecting import Universe, lane_ends

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.selecting import Records


class FreightChange(Deviation):
    """Freight of lanes, by period of departure."""

    change: Literal["freight"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = LANE_KEYS
    example: ClassVar[str] = "{change: freight, where: {from_region: CN}, period: 2027Q2.., factor: 3}"

    def finds(self, universe: Universe, records: Records) -> bool:
        """Whether the selector matches any lane."""
        return finds_lane(self.where, universe, records)

    def apply(self, instance: Instance) -> Instance:
        """The instance with the freight of the selected lanes changed."""
        return with_lanes(instance, self, "unit_cost")


class LaneCapacityChange(Deviation):
    """Limits of lanes; a lane without a row is unlimited, `set: 0` closes it."""

    change: Literal["lane_capacity"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = LANE_KEYS
    example: ClassVar[str] = "{change: lane_capacity, where: {from: motors-suzhou, to: drives-poznan}, set: 0}"

    def finds(self, universe: Universe, records: Records) -> bool:
        """Whether the selector matches any lane."""
        return finds_lane(self.where, universe, records)

    def sites_struck(self, instance: Instance) -> frozenset[str]:
        """The sites at which a selected lane starts."""
        return sites_left(self.where, universe_of(instance))

    def apply(self, instance: Instance) -> Instance:
        """The instance with the limits of the selected lanes changed; a lane without a limit takes only `set`."""
        figures = self._in_force(instance)
        part = weights(instance, self)
        for key, t in figures:
            if part[t]:
                figures[key, t] = figure_of(self, "capacity", figures[key, t], part[t])
        if self.set is not None:
            figures |= self._where_unlimited(instance, self.set, part, figures)
        if not figures:
            raise RefusedError(
                "None of the selected lanes has a capacity, so there is nothing to scale.",
                "Use set, or give the lanes a capacity.",
            )
        return instance.replace(
            lane_capacities=with_exact(
                instance,
                instance.lane_capacities,
                _key_of,
                figures,
                lambda key, text, figure: LaneCapacity(
                    from_=key[0], to=key[1], item=key[2], period=text, capacity=figure
                ),
            )
        )

    def _pairs(self, instance: Instance) -> set[tuple[str, str]]:
        """The selected pairs of places that a lane joins."""
        universe = universe_of(instance)
        lanes = resolve_lanes(instance.lanes, universe, instance.periods).table
        return {
            (start, end)
            for start, end in zip(lanes["from"], lanes["to"], strict=True)
            if universe.lane_matches(self.where, start, end)
        }

    def _in_force(self, instance: Instance) -> dict[tuple[Any, int], float]:
        """The limits of the selected lanes as they are, by (from, to, item) and period."""
        pairs, items = self._pairs(instance), self.where.item
        resolved = resolve_lane_capacities(instance.lane_capacities, universe_of(instance), instance.periods)
        return {
            ((start, end, item), int(t)): instance.lane_capacities[int(row)].capacity
            for start, end, item, t, row in resolved.table.itertuples(index=False)
            if (start, end) in pairs and (not items or item in items)
        }

    def _where_unlimited(
        self, instance: Instance, limit: float, part: Sequence[float], limited: Collection[tuple[Any, int]]
    ) -> dict[tuple[Any, int], float]:
        """The limit for the selected lanes that have none."""
        found: dict[tuple[Any, int], float] = {}
        for start, end in sorted(self._pairs(instance)):
            for item in self.where.item or ("*",):
                for t, weight in enumerate(part):
                    if not weight or ((start, end, item), t) in limited:
                        continue
                    if weight < 1:
                        raise RefusedError(
                            f"The lane from {start} to {end} is unlimited after the window, so its limit cannot fade.",
                            "Give it a capacity, or leave out recovery.",
                        )
                    found[(start, end, item), t] = limit
        return found


def _key_of(row: Lane | LaneCapacity) -> tuple[str, str, str]:
    return (row.from_, row.to, row.item)


def finds_lane(where: Where, universe: Universe, records: Records) -> bool:
    """Whether a selector matches any row of `lanes`."""
    return any(_means(where, universe, row) for row in records("lanes"))


def _means(where: Where, universe: Universe, row: Any) -> bool:
    """Whether a selector matches any pair of places that a row of lanes stands for."""
    if where.item and row.item not in {"*", *where.item}:
        return False
    starts, ends = lane_ends(universe, row)
    return any(universe.lane_matches(where, start, end) for start in starts for end in ends if start != end)


def sites_left(where: Where, universe: Universe) -> frozenset[str]:
    """The sites at which a selected lane could start."""
    ends = [*universe.sites, *universe.customers]
    return frozenset(
        site for site in universe.sites if any(universe.lane_matches(where, site, end) for end in ends if end != site)
    )


def with_lanes(
    instance: Instance, change: Deviation, field: str, finish: Callable[[float], Any] = lambda figure: figure
) -> Instance:
    """The instance with one figure of the selected lanes changed, in exact rows of their own."""
    universe = universe_of(instance)
    resolved = resolve_lanes(instance.lanes, universe, instance.periods)
    part = weights(instance, change)
    chosen = wanted(resolved, change, lambda start, end: universe.lane_matches(change.where, start, end))

    @cache
    def figures_of(position: int, weight: float) -> tuple[float, Any]:
        """Cost and lead time of a row where so much of the change is in force: a row stands for many pairs."""
        row = instance.lanes[position]
        values = {"unit_cost": row.unit_cost, "lead_time": row.lead_time}
        if weight:
            values[field] = finish(figure_of(change, field, values[field], weight))
        return values["unit_cost"], values["lead_time"]

    figures = {(key, t): figures_of(position, part[t]) for key, t, position in chosen}
    return instance.replace(
        lanes=with_exact(
            instance,
            instance.lanes,
            _key_of,
            figures,
            lambda key, text, figure: Lane(
                from_=key[0], to=key[1], item=key[2], period=text, unit_cost=figure[0], lead_time=figure[1]
            ),
        )
    )


def wanted(
    resolved: Resolved, change: Change, matches: Callable[[str, str], bool]
) -> list[tuple[tuple[str, str, str], int, int]]:
    """The entries ((from, to, item), period, row) that a change of lanes or tariffs selects."""
    items = change.where.item
    starts, ends, names = (resolved.table[name].tolist() for name in ("from", "to", "item"))
    pairs = {(start, end): matches(start, end) for start, end in dict.fromkeys(zip(starts, ends, strict=True))}
    own = set(zip(starts, ends, names, strict=True)) if items else set()
    out = []
    rows = zip(starts, ends, names, resolved.table["period"].tolist(), resolved.table["row"].tolist(), strict=True)
    for start, end, item, t, row in rows:
        if not pairs[start, end]:
            continue
        if not items or item in items:
            out.append(((start, end, item), t, row))
        elif item == "*":
            out += [((start, end, name), t, row) for name in items if (start, end, name) not in own]
    return out
