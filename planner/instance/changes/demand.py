"""The changes of orders: their quantities and their prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from planner.instance.changes.change import Deviation
from planner.instance.changes.rows import changed
from planner.instance.changes.where import DEMAND_KEYS
from planner.instance.fields import column
from planner.instance.precedence import universe_of

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.selecting import Records, Universe


class OfOrders(Deviation):
    """The base of changes of orders; they strike no site."""

    selects: ClassVar[tuple[str, ...]] = DEMAND_KEYS

    def finds(self, universe: Universe, records: Records) -> bool:
        """Whether the selector matches any order."""
        return any(universe.demand_matches(self.where, row) for row in records("demand"))


class DemandChange(OfOrders):
    """Quantities ordered."""

    change: Literal["demand"] = column("type of the change")
    example: ClassVar[str] = "{change: demand, where: {customer: bikes-berlin}, factor: 1.2}"

    def apply(self, instance: Instance) -> Instance:
        """The instance with the quantities of the selected orders changed."""
        universe = universe_of(instance)
        return instance.replace(
            demand=changed(
                instance, instance.demand, lambda row: universe.demand_matches(self.where, row), "quantity", self
            )
        )


class PriceChange(OfOrders):
    """Selling prices; an empty lost_cost moves with them."""

    change: Literal["price"] = column("type of the change")
    example: ClassVar[str] = "{change: price, where: {region: US}, period: 2027Q3.., add: -10}"

    def apply(self, instance: Instance) -> Instance:
        """The instance with the prices of the selected orders changed; must_serve stays as it was."""
        universe = universe_of(instance)
        fixed = [
            row
            if row.must_serve is not None or row.price is not None or row.lost_cost is not None
            else row.model_copy(update={"must_serve": 1.0})
            for row in instance.demand
        ]
        return instance.replace(
            demand=changed(
                instance,
                fixed,
                lambda row: universe.demand_matches(self.where, row),
                "price",
                self,
                base=lambda row: (row.price or 0.0) if self.factor is None else row.price,
            )
        )
