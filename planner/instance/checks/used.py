"""Checks of what limits over the horizon used before the first period, which is known by policy and limit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from planner.errors import Names, Problem
from planner.instance.checks.draft import Draft
from planner.instance.instance import Instance
from planner.instance.periods import Periods
from planner.instance.policy import Policy
from planner.instance.records import LimitUsed

REMEDY = "Give the policy the name that it had, or repeat the rows under its new one; a limit that is new needs none."


def check_limits_used(draft: Draft) -> Iterator[Problem]:
    """Each row names a limit over the horizon of its policy, if that is here, and what it is of.

    Each policy is named that may need rows.
    """
    rows = draft.rows.get("limits_used", ())
    limits = {
        policy.name: {limit.name: limit for limit in policy.limits if limit.per == "horizon"}
        for _, _, policy in draft.policies
    }
    for file, number, row in rows:
        if row.policy in limits and row.limit not in limits[row.policy]:
            message = (
                f"The policy {row.policy} has no limit '{row.limit}' over the horizon, so this counts for nothing."
            )
            hint = Names(limits[row.policy]).nearest(row.limit)
            yield Problem(file, number, "limit", row.limit, message, hint, "warning")
        elif row.policy in limits and not (limit := limits[row.policy][row.limit]).speaks_of(row.of):
            message = f"The limit {row.limit} of the policy {row.policy} is of {limit.of}, so this counts for nothing."
            remedy = f"Count what was inside {limit.of}, or take the row away."
            yield Problem(file, number, "of", row.of, message, remedy, "warning")
    for file, number, policy in draft.policies:
        message = _counted_anew(policy, draft.records("limits_used"), draft.periods)
        if message:
            yield Problem(file, number, "name", policy.name, message, REMEDY, "warning")


def counted_anew(instance: Instance, policies: Iterable[Policy | None]) -> list[str]:
    """A sentence for each policy whose limits over the horizon may have begun before, of which nothing is known."""
    found = (_counted_anew(policy, instance.limits_used, instance.periods) for policy in policies if policy is not None)
    return [f"{message} {REMEDY}" for message in found if message]


def _counted_anew(policy: Policy, rows: Iterable[LimitUsed], periods: Periods) -> str:
    """What is to be said of a policy without rows of its own beside rows of others; empty for nothing."""
    known: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        known[row.policy].add(row.limit)
    begun = [
        limit.name
        for limit in policy.limits
        if limit.per == "horizon" and (window := periods.found(limit.period)) and window.start == 0
    ]
    if policy.name in known or not known or not begun:
        return ""
    alike = sorted(name for name, limits in known.items() if limits & set(begun))
    of = f", only of {' and '.join(alike or sorted(known))}"
    counts = "limit" if len(begun) == 1 else "limits"
    return (
        f"limits_used has no row of the policy {policy.name}{of}, so its {counts} over the horizon "
        f"({', '.join(begun)}) count{'s' if len(begun) == 1 else ''} from {periods.labels[0]} on alone."
    )
