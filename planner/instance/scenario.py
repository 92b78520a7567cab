"""Scenarios: what happens to us. Typed changes in order, each with a selector, a window and a deviation."""

from __future__ import annotations

from planner.instance.changes.catalogue import AnyChange
from planner.instance.fields import Id, Share, Text, YesNo, column
from planner.instance.parts import Part


class Scenario(Part):
    """A named sequence of changes, with a probability where one is known."""

    name: Id = column("id of the scenario", example="taiwan-halt")
    title: Text = column("one line for people", default="")
    probability: Share | None = column("probability; scenarios exclude each other", "share", default=None)
    surprise: YesNo = column("whether it strikes without warning", default=False)
    changes: tuple[AnyChange, ...] = column(
        "changes, applied in order",
        example="[{change: capacity, where: {region: TW}, period: 2027Q2, factor: 0.5}]",
        default=(),
    )
