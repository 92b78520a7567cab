"""The frontier of a policy: its least cost at every level of some of its limits, the others being in force."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from planner.errors import UsageError
from planner.instance.applying import apply_scenario
from planner.instance.by_name_or_file import find_policy, find_scenario
from planner.instance.instance import Instance
from planner.instance.loading import instance_of
from planner.instance.policy import Limit, Policy
from planner.instance.scenario import Scenario
from planner.instance.single_parts import checked_policy
from planner.plan.case import name_of
from planner.study.frontier.curve import Frontier
from planner.study.frontier.curve_tracing import CurveTracing
from planner.study.frontier.level_search import RESOLUTION
from planner.study.frontier.level_solves import LevelSolver
from planner.study.frontier.levels import Levels, MovedLimits
from planner.study.frontier.points import Break, breaks_of, points_table
from planner.study.frontier.points_journal import Journal, header_of, key_of
from planner.study.progress import Effort
from planner.text.figures import joined

FURTHEST = 0.8  # default distance of the tight end from no limit at all


def frontier(
    source: Instance | str | Path,
    policy: Policy | str | Path | None,
    limits: Sequence[str | Limit] | str | Limit,
    levels: Levels | None = None,
    *,
    scenario: Scenario | str | Path | None = None,
    marks: bool = True,
    folder: Path | None = None,
    effort: Effort | None = None,
) -> Frontier:
    """The least cost of a policy at every level of some of its limits, which are moved together.

    cost(level) = least cost with max_share (caps) or min_free (floors) of the moved limits at the level

    It never rises as the limits loosen. Floors in a linear program give a convex, piecewise linear curve, whose
    breakpoints and slopes are exact. Caps, and everything with integers, give a curve that can bend either way, jump
    or have no solution: it is refined where it bends, and jumps and gaps are located to a hundredth of a percentage
    point. A soft limit keeps its soft price, so that the curve shows what is paid rather than what is kept.

    >>> import planner
    >>> found = planner.frontier("instances/canning", "balanced", "any-region", planner.Levels(stop=0.5, at=[0.6]))
    >>> found
    <Frontier of canning, balanced: cost against max_share of any-region, 16 levels from 1 to 0.5>
    >>> print(found.outline()[["level", "cost", "kind"]].to_string(index=False))
       level    cost       kind
    1.000000 153.675        end
    0.611111 153.675 breakpoint
    0.600000 153.875      asked
    0.550000 154.775     policy
    0.500000 155.675        end

    Args:
        source: an instance or its path.
        policy: an object, a name in the instance or a path; None for no limits but added ones.
        limits: the limits that are moved, all floors or all caps: names of limits of the policy, patterns with `*` and
            `?`, or further limits that the policy does not have.
        levels: which levels the curve goes through, and how closely.
        scenario: what happens, known from the first period; an object, a name in the instance or a path.
        marks: whether the instance's policies are solved and placed beside the curve.
        folder: a folder in which each solved level is stored, so that the same call resumes where it was stopped.
        effort: time, threads and progress. If the time limit ends before the curve is `complete`, it has the points
            found so far. The curve is the same for any number of threads.

    Returns:
        the curve: levels as shares from 0 to 1, costs in the instance's currency, discounted over all planned periods.

    Raises:
        InstanceError: the instance, policy or scenario is not right.
        UsageError: a name or level is not right, or the folder has another curve.
        UnboundedError: the cost falls without end.
    """
    effort, levels = (effort or Effort()).with_deadline(), levels or Levels()
    base = instance_of(source)
    happens = find_scenario(base, scenario)
    instance = base if happens is None else apply_scenario(base, happens)
    moved = _moved_limits(instance, policy, [limits] if isinstance(limits, str | Limit) else limits, hard=levels.hard)
    first, last = _range(moved, levels)
    loose, tight = sorted((key_of(first), key_of(last)), reverse=not moved.floor)
    journal = Journal(folder, header_of(instance, moved))
    solver = LevelSolver(instance, moved, journal, tightest=max(first, last), struck=happens is not None, effort=effort)
    tracing = CurveTracing(solver, journal, moved, levels, loose, tight)
    tracing.trace(instance.policies if marks else ())
    points = tracing.points()
    breaks: tuple[Break, ...] = breaks_of(points, tracing.allowed, solver.conflict) if tracing.traced else ()
    whole = tracing.search.complete and not tracing.over
    straight = tracing.exactly and whole and not any(part.kind == "unproved" for part in breaks)
    neutral = journal.points.get(key_of(moved.neutral))
    least = math.nan if neutral is None else neutral.cost
    left = tracing.search.left
    return Frontier(
        name=instance.settings.name,
        scenario=name_of(happens),
        currency=instance.settings.currency,
        policy=moved.policy.name,
        limits=moved.names,
        floor=moved.floor,
        soft=moved.soft,
        integer=solver.integer,
        exact=straight,
        error=left if tracing.exactly else tracing.allowed,
        complete=whole,
        start=key_of(first),
        stop=key_of(last),
        own=moved.own,
        least=least,
        points=points_table(
            points,
            breaks,
            breakpoints=None if straight and not left else tracing.search.breakpoints,
            own=moved.own,
            asked={key_of(level) for level in levels.at},
            least=least,
            descending=last < first,
        ),
        breaks=breaks,
        marks=tuple(tracing.marks),
        within_asked=tuple(levels.within),
        solved=solver.solved,
        remembered=journal.remembered,
        fallbacks=solver.fallbacks,
    )


def _moved_limits(
    instance: Instance, policy: Policy | str | Path | None, limits: Sequence[str | Limit], *, hard: bool
) -> MovedLimits:
    found = find_policy(instance, policy)
    names = [part for part in limits if isinstance(part, str)]
    if found is None and names:
        owners = [
            part.name for part in instance.policies if any(fnmatchcase(limit.name, names[0]) for limit in part.limits)
        ]
        remedy = f"Name the policy that has it: {joined(owners, 'or')}." if owners else "No policy has one."
        raise UsageError(f"Without a policy there is no limit '{names[0]}' to move. {remedy}")
    chosen = found or Policy(name="no-policy")
    added = [part for part in limits if isinstance(part, Limit)]
    if added:
        chosen = Policy.model_validate(
            {**chosen.model_dump(), "limits": [*(part.model_dump() for part in (*chosen.limits, *added))]}
        )
        checked_policy(chosen, instance)
    return MovedLimits.of(chosen, [*names, *(limit.name for limit in added)], hard=hard)


def _range(moved: MovedLimits, levels: Levels) -> tuple[float, float]:
    """The levels between which the curve goes.

    Raises:
        UsageError: a level or part is not right.
    """
    start = moved.neutral if levels.start is None else levels.start
    stop = (FURTHEST if moved.floor else 1 - FURTHEST) if levels.stop is None else levels.stop
    for level in (start, stop, *levels.at):
        if not 0 <= level <= 1:
            raise UsageError(f"{level:g} is not a share. Give a number from 0 to 1 (10 % is 0.1).")
    if abs(start - stop) <= RESOLUTION:
        raise UsageError(f"From {start:g} to {stop:g} there is nothing to move. Give two levels.")
    for ratio in levels.within:
        if not ratio >= 0:
            raise UsageError(f"{ratio:g} is no part of the least cost. Give 0.01 for 1 %.")
    return start, stop


def added_limit(text: str) -> dict[str, Any]:
    """A limit written as `stage:packaging:TW` or `pathway:TW`, as the fields of a hard cap in each period.

    Raises:
        UsageError: it is written in another way.
    """
    parts = text.split(":")
    if len(parts) == 3 and parts[0] == "stage":
        return {"name": f"{parts[1]}-{parts[2]}", "measure": "stage", "stage": parts[1], "of": parts[2], "max_share": 1}
    if len(parts) == 2 and parts[0] == "pathway":
        return {"name": f"pathway-{parts[1]}", "measure": "pathway", "of": parts[1], "max_share": 1}
    raise UsageError(f"'{text}' is no limit. Write stage:STAGE:REGION or pathway:REGION, for example pathway:TW.")
