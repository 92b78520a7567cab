"""The price of resilience: least cost against the level of some limits of a policy whose other limits hold."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from planner.errors import UsageError
from planner.instance.applying import apply_scenario
from planner.instance.instance import Instance
from planner.instance.loading import checked_policy, load_instance
from planner.instance.policy import Limit, Policy
from planner.instance.scenario import Scenario
from planner.plan.planning import find_policy, find_scenario
from planner.solve.deadline import seconds_from_now
from planner.solve.solution import Status
from planner.study.frontier.curve import Frontier
from planner.study.frontier.journal import Journal, Mark, header_of, key_of
from planner.study.frontier.level_search import RESOLUTION, Point, Search, exact, grid, last_feasible, refined
from planner.study.frontier.level_solves import Sweep, TimeOverError
from planner.study.frontier.levels import Lever
from planner.study.frontier.points import Break, breaks_of, points_table
from planner.study.progress import Progress

MOST = 2000  # levels of a curve
EXACTLY, ROUGHLY = 0.0, 1e-3  # what straight lines may err by, as a part of the cost range
FURTHEST = 0.8  # how far from no limit a curve goes where nothing is said


def frontier(
    source: Instance | str | Path,
    policy: Policy | str | Path | None,
    limits: Sequence[str] = (),
    *,
    scenario: Scenario | str | Path | None = None,
    added: Sequence[Limit] = (),
    start: float | None = None,
    stop: float | None = None,
    at: Sequence[float] = (),
    within: Sequence[float] = (),
    hard: bool = False,
    error: float | None = None,
    most: int = MOST,
    marks: bool = True,
    folder: Path | None = None,
    time_limit: float | None = None,
    threads: int = 1,
    progress: Progress | None = None,
    deadline: float | None = None,
) -> Frontier:
    """The least cost of a policy at every level of some of its limits, which are moved together.

    cost(level) = least cost with max_share (caps) or min_free (floors) of the moved limits at the level

    It never rises as the limits loosen. Floors in a linear program give a convex, piecewise linear curve, whose
    breakpoints and slopes are exact. Caps, and everything with integers, give a curve that can bend either way, jump
    or have no solution: it is refined where it bends, and jumps and gaps are located to a hundredth of a percentage
    point. A soft limit keeps its soft price, so that the curve shows what is paid rather than what is kept.

    Args:
        source: an instance or its path.
        policy: an object, a name in the instance or a path; None for no limits but the added ones.
        limits: names of limits of the policy, or patterns with `*` and `?`; all floors or all caps.
        scenario: what happens, known from the first period; an object, a name in the instance or a path.
        added: further limits, which are moved as well.
        start, stop: the levels between which the curve goes, as shares, in either direction; by default from no limit
            at all to 0.2 (caps) or 0.8 (floors).
        at: further levels to solve.
        within: parts of the least cost that may be added, 0.01 for 1 %: for each the tightest level that costs no more
            is located.
        hard: whether soft limits among them become hard.
        error: what straight lines between points may err by, as a part of the cost range; by default 0.001 for caps
            and 0 for floors: every breakpoint, however slight. 0.00001 is quicker where there are hundreds.
        most: levels to solve at most; where they do not suffice the curve is not `complete`.
        marks: whether the instance's policies are solved and placed beside the curve.
        folder: where each solved level is kept, so that the same call goes on where it was stopped.
        time_limit: seconds for all of it; a curve that is not `complete` by then has the points found so far.
        deadline: the moment of time.perf_counter() at which the time limit ends, where it began before this call.
        threads: 1, or 2 for another model beside; the curve is the same.
        progress: called with (levels solved, levels known to be needed, the next one) before each solve.

    Raises:
        InstanceError: the instance, policy or scenario is not right.
        UsageError: a name or level is not right, or the folder has another curve.
        UnboundedError: the cost falls without end.
    """
    deadline = seconds_from_now(time_limit) if deadline is None else deadline
    base = source if isinstance(source, Instance) else load_instance(source)
    happens = find_scenario(base, scenario)
    instance = base if happens is None else apply_scenario(base, happens)
    lever = _lever(instance, policy, limits, added, hard=hard)
    first = lever.neutral if start is None else start
    last = (FURTHEST if lever.floor else 1 - FURTHEST) if stop is None else stop
    _check_levels(first, last, at, within)
    loose, tight = sorted((key_of(first), key_of(last)), reverse=not lever.floor)
    journal = Journal(folder, header_of(instance, lever))
    sweep = Sweep(
        instance,
        lever,
        journal,
        tightest=max(first, last),
        struck=happens is not None,
        threads=threads,
        deadline=deadline,
        progress=progress,
    )
    search = Search(sweep.ask, most)
    exactly = lever.floor and not sweep.integer
    error = (EXACTLY if exactly else ROUGHLY) if error is None else error
    inner = [key_of(level) for level in (*at, *([] if lever.own is None else [lever.own]))]
    placed: list[Mark] = []
    allowed, traced, over = 0.0, False, False
    try:
        allowed = _trace(search, lever, (loose, tight), inner, error, exactly=exactly)
        traced = True
        least = journal.points[key_of(lever.neutral)].cost
        for ratio in within:
            _narrow(search, _solved(journal, lever, loose, tight), ceiling_of(least, ratio))
        if marks:
            placed += (_mark(sweep, journal, lever, part) for part in instance.policies)
    except TimeOverError:
        over = True
    points = _between(journal, lever, loose, tight)
    whole = search.complete and not over
    breaks: tuple[Break, ...] = breaks_of(points, allowed, sweep.conflict) if traced else ()
    straight = exactly and whole and not any(part.kind == "unproved" for part in breaks)
    neutral = journal.points.get(key_of(lever.neutral))
    return Frontier(
        name=instance.settings.name,
        scenario=happens.name if happens is not None else None,
        currency=instance.settings.currency,
        policy=lever.policy.name,
        limits=lever.names,
        floor=lever.floor,
        soft=lever.soft,
        integer=sweep.integer,
        exact=straight,
        error=search.left if exactly else allowed,
        complete=whole,
        start=key_of(first),
        stop=key_of(last),
        own=lever.own,
        least=math.nan if neutral is None else neutral.cost,
        points=points_table(
            points,
            breaks,
            breakpoints=None if straight and not search.left else search.breakpoints,
            own=lever.own,
            asked={key_of(level) for level in at},
            least=math.nan if neutral is None else neutral.cost,
            descending=last < first,
        ),
        breaks=breaks,
        marks=tuple(placed),
        within_asked=tuple(within),
        solved=sweep.solved,
        remembered=journal.remembered,
        fallbacks=sweep.fallbacks,
    )


def ceiling_of(least: float, ratio: float) -> float:
    """The cost that is within a part of the least cost."""
    return least + ratio * abs(least)


def _lever(
    instance: Instance, policy: Policy | str | Path | None, limits: Sequence[str], added: Sequence[Limit], *, hard: bool
) -> Lever:
    chosen = find_policy(instance, policy) or Policy(name="no-policy")
    if added:
        chosen = Policy.model_validate(
            {**chosen.model_dump(), "limits": [*(part.model_dump() for part in (*chosen.limits, *added))]}
        )
        checked_policy(chosen, instance)
    return Lever.of(chosen, [*limits, *(limit.name for limit in added)], hard=hard)


def _check_levels(start: float, stop: float, at: Sequence[float], within: Sequence[float]) -> None:
    for level in (start, stop, *at):
        if not 0 <= level <= 1:
            raise UsageError(f"{level:g} is not a share. Give a number from 0 to 1 (10 % is 0.1).")
    if abs(start - stop) <= RESOLUTION:
        raise UsageError(f"From {start:g} to {stop:g} there is nothing to move. Give two levels.")
    for ratio in within:
        if not ratio >= 0:
            raise UsageError(f"{ratio:g} is no part of the least cost. Give 0.01 for 1 %.")


def _trace(
    search: Search, lever: Lever, ends: tuple[float, float], inner: list[float], error: float, *, exactly: bool
) -> float:
    """Ask for everything that the curve needs; the error that its straight lines may have, money."""
    loose, tight, _ = search.ask([*ends, lever.neutral])
    if not loose.solved:
        return 0.0
    if not tight.solved:
        tight, _ = last_feasible(search, loose, tight)
    lowest, highest = sorted((loose.level, tight.level))
    levels = [level for level in inner if lowest < level < highest]
    if not exactly:
        levels += grid(lowest, highest)
    seeds = {point.level: point for point in [loose, tight, *search.ask(levels)] if point.solved}
    if exactly:
        exact(search, list(seeds.values()), error)
        return 0.0
    return refined(search, list(seeds.values()), error)


def _narrow(search: Search, points: list[Point], ceiling: float) -> None:
    """Locate the tightest level that costs no more than a ceiling, by halving and by where a straight line meets it.

    Args:
        search: how levels are asked for.
        points: solved points from loose to tight.
        ceiling: money.
    """
    while True:
        inside = list(itertools.takewhile(lambda point: point.cost <= ceiling, points))
        beyond = points[len(inside) :]
        if not inside or not beyond or abs(beyond[0].level - inside[-1].level) <= RESOLUTION:
            return
        low, high = inside[-1], beyond[0]
        way = high.level - low.level
        met, step = (ceiling - low.cost) / (high.cost - low.cost), RESOLUTION / 2 / abs(way)
        parts = sorted({0.5, *(part for part in (met - step, met + step) if 0 < part < 1)})
        asked = search.ask([low.level + part * way for part in parts])
        points = [low, *(point for point in asked if point.solved), high]


def _between(journal: Journal, lever: Lever, loose: float, tight: float) -> list[Point]:
    """Every known point of the range, from loose to tight."""
    lowest, highest = sorted((loose, tight))
    points = [point for level, point in journal.points.items() if lowest <= level <= highest]
    return sorted(points, key=lambda point: point.level, reverse=not lever.floor)


def _solved(journal: Journal, lever: Lever, loose: float, tight: float) -> list[Point]:
    return [point for point in _between(journal, lever, loose, tight) if point.status == Status.OPTIMAL]


def _mark(sweep: Sweep, journal: Journal, lever: Lever, policy: Policy) -> Mark:
    """Where a policy stands; the very one whose limits are moved at its own level, where there is one."""
    if policy == lever.policy and lever.own is not None:
        point = journal.points.get(key_of(lever.own))
        if point is not None and point.solved:
            return Mark(policy.name, point.level, point.cost)
    return sweep.place(policy)


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
