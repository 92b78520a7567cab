"""Units delivered that touched a set of sites anywhere in their making, with lots mixed in each pool."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from planner.instance.instance import Instance
from planner.network.provenance import Watch
from planner.plan.measures.pathway import units_that_touched


def units_touched(instance: Instance, tables: Mapping[str, pd.DataFrame], sites: Collection[str]) -> float:
    """Units delivered over all planned periods that touched any of some sites: the blended exposure of the pathway.

    Opening stock and arrivals count as touched where they stand inside, or where their column `touched` names a
    region whose sites are all inside. Work touches; standing in stock or passing through does not.

    Args:
        instance: what was planned, the scenario applied.
        tables: production, shipments and stock of the plan; classes are added up.
        sites: the sites.

    Returns:
        units.

    Raises:
        UsageError: the tables are not of this instance.
    """
    inside = frozenset(sites)
    outside = {row.region for row in instance.sites if row.site not in inside}
    whole = frozenset(row.region for row in instance.sites if row.region not in outside)
    [units] = units_that_touched(instance, tables, [Watch("site", "", "", inside, whole)])
    return units
