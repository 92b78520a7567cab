"""Checks across tables: ids that exist, keys that are unique, windows that do not overlap, a chain without a cycle.

Each check is a generator of problems over a `Draft`; `CHECKS` lists them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from planner.errors import Problem
from planner.instance.checks.calendar import check_discount_rate, check_one_label
from planner.instance.checks.choices import check_lots, check_policies, check_scenarios
from planner.instance.checks.draft import Draft, Rows
from planner.instance.checks.ids import check_ids, check_places, check_regions, check_stages, check_windows
from planner.instance.checks.lots import check_lots_against_orders
from planner.instance.checks.structure import (
    check_bounds,
    check_chain,
    check_lead_times,
    check_precedence,
    check_resources,
    check_sources,
    check_units,
)
from planner.instance.instance import Settings
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario


def find_problems(
    settings: Settings,
    rows: Rows,
    policies: Sequence[tuple[str, int, Policy]],
    scenarios: Sequence[tuple[str, int, Scenario]],
    settings_file: str = "instance.yaml",
) -> list[Problem]:
    """Everything that is wrong or doubtful across the tables of a draft."""
    draft = Draft(settings, rows, policies, scenarios, settings_file)
    return [problem for check in CHECKS for problem in check(draft)]


def table_problems(rows: Rows) -> list[Problem]:
    """What can be said of the tables where the settings could not be read."""
    draft = Draft(Settings(name="unread"), rows, (), ())
    return [problem for check in CHECKS_OF_TABLES for problem in check(draft)]


Check = Callable[[Draft], Iterator[Problem]]


CHECKS_OF_TABLES: tuple[Check, ...] = (
    check_ids,
    check_chain,
    check_sources,
    check_resources,
    check_bounds,
    check_units,
)


CHECKS: tuple[Check, ...] = (
    *CHECKS_OF_TABLES,
    check_regions,
    check_places,
    check_stages,
    check_windows,
    check_lead_times,
    check_precedence,
    check_lots,
    check_lots_against_orders,
    check_discount_rate,
    check_one_label,
    check_policies,
    check_scenarios,
)
