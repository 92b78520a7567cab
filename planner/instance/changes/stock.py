"""The change of opening stock."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from planner.instance.changes.change import Deviation, RefusedError
from planner.instance.changes.rows import Row, figure_of
from planner.instance.changes.where import STOCK_KEYS
from planner.instance.fields import column
from planner.instance.precedence import universe_of
from planner.instance.records import Stock

if TYPE_CHECKING:
    from planner.instance.instance import Instance
    from planner.instance.selecting import Records, Universe


class StockChange(Deviation):
    """The opening stock; a window has to include the first period, and nothing fades."""

    change: Literal["stock"] = column("type of the change")
    selects: ClassVar[tuple[str, ...]] = STOCK_KEYS
    example: ClassVar[str] = "{change: stock, where: {site: drives-penang, item: motor}, factor: 0}"

    def finds(self, universe: Universe, records: Records) -> bool:
        """Whether the selector matches a listed stock, or names a single place where stock can be added."""
        listed = any(universe.stock_matches(self.where, row.site, row.item) for row in records("stocks"))
        return listed or (bool(self.where.site and self.where.item) and self.factor is None)

    def apply(self, instance: Instance) -> Instance:
        """The instance with the opening stock of the selected items and sites changed."""
        if instance.periods.window(self.period).start > 0 or self.recovery:
            raise RefusedError(
                "A stock change is of the opening stock, at the start of the first period.",
                "Remove period and recovery.",
            )
        universe = universe_of(instance)
        rows: list[Row] = [
            row.model_copy(update={"opening": figure_of(self, "opening", row.opening, 1.0)})
            if universe.stock_matches(self.where, row.site, row.item)
            else row
            for row in instance.stocks
        ]
        listed = {(row.site, row.item) for row in instance.stocks}
        if self.factor is None:
            rows += [
                Stock(site=site, item=item, opening=figure_of(self, "opening", 0.0, 1.0))
                for site in self.where.site
                for item in self.where.item
                if (site, item) not in listed and universe.stock_matches(self.where, site, item)
            ]
        return instance.replace(stocks=rows)
