"""Checks across tables: ids that exist, keys that are unique, windows that do not overlap, a chain without a cycle.

Each check is a generator of problems over a `Draft`; `CHECKS` lists them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from planner.errors import Problem
from planner.instance.checks.calendar import check_capacity_gaps, check_discount_rate, check_one_label
from planner.instance.checks.choices import check_lots, check_policies, check_scenarios
from planner.instance.checks.draft import Draft
from planner.instance.checks.ids import (
    check_arrivals,
    check_ids,
    check_places,
    check_regions,
    check_stages,
    check_windows,
)
from planner.instance.checks.lanes import check_lane_capacities
from planner.instance.checks.lots import check_lots_against_orders
from planner.instance.checks.ratios import check_dear_lanes, check_orders_apart, check_rates, check_recipes_apart
from planner.instance.checks.spellings import check_spellings
from planner.instance.checks.structure import (
    check_bounds,
    check_chain,
    check_lead_times,
    check_resources,
    check_sources,
    check_units,
)
from planner.instance.checks.used import check_limits_used
from planner.instance.checks.width import check_precedence

Check = Callable[[Draft], Iterator[Problem]]


def find_problems(draft: Draft, checks: Sequence[Check] | None = None) -> Iterator[tuple[str, Problem]]:
    """What is wrong or doubtful across the tables of a draft, by all checks or by some; each with its check's name."""
    for check in CHECKS if checks is None else checks:
        for problem in check(draft):
            yield check.__name__, problem


CHECKS_OF_TABLES: tuple[Check, ...] = (
    check_ids,
    check_chain,
    check_sources,
    check_arrivals,
    check_resources,
    check_bounds,
    check_units,
)


CHECKS_OF_PARTS: tuple[Check, ...] = (check_policies, check_scenarios)


CHECKS: tuple[Check, ...] = (
    *CHECKS_OF_TABLES,
    check_regions,
    check_places,
    check_stages,
    check_spellings,
    check_windows,
    check_lead_times,
    check_precedence,
    check_lane_capacities,
    check_lots,
    check_lots_against_orders,
    check_orders_apart,
    check_recipes_apart,
    check_dear_lanes,
    check_rates,
    check_capacity_gaps,
    check_discount_rate,
    check_one_label,
    check_limits_used,
    *CHECKS_OF_PARTS,
)

__all__ = ["CHECKS", "CHECKS_OF_PARTS", "CHECKS_OF_TABLES", "Check", "Draft", "find_problems"]
