"""The summary of an instance, independent of the medium that shows it."""

from __future__ import annotations

import pandas as pd

from planner.instance.instance import Instance
from planner.instance.records import TABLES
from planner.text.blocks import Block, Summary


def instance_summary(instance: Instance) -> Summary:
    """The summary of an instance: calendar, chain, regions, number of rows of each table, policies and scenarios."""
    settings, labels = instance.settings, instance.periods.labels
    sizes = {table.name: len(getattr(instance, table.name)) for table in TABLES}
    rows = [(name, count) for name, count in sizes.items() if count]
    chosen = [("policy", part.name, part.title) for part in instance.policies]
    chosen += [("scenario", part.name, part.title) for part in instance.scenarios]
    regions = map(settings.region_name, instance.regions)
    span = labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"
    return Summary(
        settings.title or settings.name,
        (
            f"Periods: {len(labels)} ({span}). Money in {settings.currency}.",
            f"Stages in order: {', '.join(instance.stages)}. Regions: {', '.join(regions)}.",
        ),
        (
            Block("Tables", pd.DataFrame(rows, columns=["table", "rows"])),
            Block("Policies and scenarios", pd.DataFrame(chosen, columns=["kind", "name", "title"])),
        ),
    )
