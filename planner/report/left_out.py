"""What a report leaves out when its time limit ends (policies, scenarios, studies), and the sentences that say so."""

from __future__ import annotations

from collections.abc import Mapping

from planner.errors import LimitReachedError
from planner.solve.solution import Status
from planner.study.failure import Run
from planner.text.figures import joined

NAMED = 6  # of what is left out, in a sentence


def comparable_runs[Key: tuple[str | None, str | None]](
    runs: Mapping[Key, Run],
) -> tuple[dict[Key, Run], tuple[str, ...]]:
    """The runs that can be compared with each other, and the names of the policies and scenarios that are left out.

    A policy is left out if the time limit ended its undisturbed run without a plan. A scenario is left out if the limit
    ended the run of any other policy under it. A run that is proved to have no plan stays: that is a result.

    Args:
        runs: by (policy name, scenario name); None for no policy, and for the undisturbed run.

    Raises:
        LimitReachedError: no policy is left.
    """
    ended = {key for key, run in runs.items() if run.status == Status.LIMIT}
    policies = {policy for policy, scenario in ended if scenario is None}
    scenarios = {scenario for policy, scenario in ended if policy not in policies}
    kept = {key: run for key, run in runs.items() if key[0] not in policies and key[1] not in scenarios}
    if not kept:
        raise LimitReachedError("The time limit was reached before any policy was planned, so that nothing is written.")
    names, happening = (dict.fromkeys(key[at] for key in runs) for at in (0, 1))
    out = [f"the policy {name or 'without limits'}" for name in names if name in policies]
    return kept, (*out, *(f"the scenario {name}" for name in happening if name in scenarios))


def left_out_sentence(parts: tuple[str, ...]) -> str:
    """The sentence that a time limit ended the report early and what is left out; empty where nothing is left out."""
    if not parts:
        return ""
    more = len(parts) - NAMED
    named = joined([*parts[:NAMED], *([f"{more} more (report.html lists them with the runs)"] if more > 0 else [])])
    return (
        f"The time limit ended this report early. Left out: {named}. Everything else is as without a limit, but that "
        "what is said of all policies or scenarios is said of those that are shown, and that shadow prices in a "
        "scenario can be missing."
    )


def coming_sentence(parts: tuple[str, ...]) -> str:
    """The sentence that the report is not complete yet and what is still being made; empty where it is complete."""
    if not parts:
        return ""
    more = len(parts) - NAMED
    named = joined([*parts[:NAMED], *([f"{more} more"] if more > 0 else [])])
    return (
        f"This report is still being made. To come: {named}. What stands here is right already and stays; the page is "
        "written again as its parts are found."
    )
