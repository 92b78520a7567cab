"""The table of a frontier's points, and its breaks: jumps, gaps, and unproved stretches."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from planner.solve.solution import Status
from planner.study.frontier.level_search import PROVED, RESOLUTION, Point

COLUMNS = ["level", "status", "cost", "extra_cost", "lost_units", "price_per_point", "price_beyond", "kind"]
STEEP = 2.0  # a change of cost within the resolution is a jump if so many times what the slopes explain


@dataclass(frozen=True)
class Break:
    """A range of levels over which the frontier is interrupted (for a jump at most a hundredth of a percentage point).

    Attributes:
        kind: "jump" (the cost leaps), "gap" (no plan from here on) or "unproved" (no answer passed its check).
        looser, tighter: the levels at its ends; for a gap the last level with a plan and the end of the range; for
            what is unproved the levels beside it that have an answer, or an end of the range.
        cost: by how much the cost leaps, money; NaN for a gap.
        conflict: why there is no plan: the conflict at the loosest level without one.
    """

    kind: str
    looser: float
    tighter: float
    cost: float = math.nan
    conflict: tuple[str, ...] = ()


def points_table(
    points: list[Point],
    breaks: tuple[Break, ...],
    *,
    breakpoints: set[float] | None,
    own: float | None,
    asked: set[float],
    least: float,
    descending: bool,
) -> pd.DataFrame:
    """The points of a frontier with the columns of `Frontier.points`.

    Args:
        points: from loose to tight.
        breaks: its interruptions.
        breakpoints: levels known to be breakpoints; None where the curve is straight between its points, so that
            every corner is one.
        own: the level in the policy.
        asked: further levels that were asked for.
        least: least cost without the limits.
        descending: whether the highest level stands first.
    """
    solved = [point for point in points if point.solved]
    broken = {part.looser for part in breaks}
    leaping = {part.looser for part in breaks if part.kind == "jump"}
    corners = _corners(solved) if breakpoints is None else breakpoints
    rows = []
    for number, point in enumerate(solved):
        following = solved[number + 1] if number + 1 < len(solved) else None
        beyond = math.nan
        if following is not None and point.level not in broken:
            beyond = 0.01 * cost_difference(following.cost, point) / abs(following.level - point.level)
        rows.append(
            {
                "level": point.level,
                "status": point.status,
                "cost": point.cost,
                "extra_cost": -cost_difference(least, point) + 0.0,
                "lost_units": point.lost,
                "price_per_point": math.nan if point.level in leaping else 0.01 * abs(point.slope),
                "price_beyond": beyond,
                "kind": _kind(point.level, corners, own, asked, ends=(number == 0, following is None)),
            }
        )
    holes, without = _without_answer(points)
    rows += [{"level": point.level, "status": point.status, "kind": "between"} for point in holes]
    rows += [{"level": point.level, "status": point.status, "kind": "end"} for point in without[:1]]
    table = pd.DataFrame(rows, columns=COLUMNS)
    figures = [name for name in COLUMNS if name not in {"status", "kind"}]
    table[figures] = table[figures].astype(float)
    return table.sort_values("level", ascending=not descending, ignore_index=True)


def breaks_of(points: list[Point], allowed: float, conflict: Callable[[float], tuple[str, ...]]) -> tuple[Break, ...]:
    """Jumps, gaps and unproved stretches of a curve, from loose to tight.

    Args:
        points: from loose to tight.
        allowed: how much the cost may differ between two points at the resolution, money; 0 where it cannot jump.
        conflict: why a level has no plan.
    """
    _, without = _without_answer(points)
    known = points[: len(points) - len(without)]
    found = []
    for a, b in pairwise(known):
        width = abs(b.level - a.level)
        steepest = np.nanmax([0.0, abs(a.slope), abs(b.slope)])
        narrow = a.solved and b.solved and width <= RESOLUTION * (1 + 1e-6)
        if allowed and narrow and b.cost - a.cost > max(allowed, STEEP * steepest * width):
            found.append(Break("jump", a.level, b.level, b.cost - a.cost))
    tight_end = (without[:1] or points[-1:])[0].level if points else 0.0
    looser, hole = tight_end if not known else known[0].level, False
    for point in known:
        if point.solved and hole:
            found.append(Break("unproved", looser, point.level))
        looser, hole = (point.level, False) if point.solved else (looser, True)
    if hole:
        found.append(Break("unproved", looser, tight_end))
    if without:
        loosest = without[0].level
        found.append(Break("gap", loosest if hole else looser, points[-1].level, conflict=conflict(loosest)))
    return tuple(sorted(found, key=lambda part: abs(part.looser - points[0].level)))


def _without_answer(points: list[Point]) -> tuple[list[Point], list[Point]]:
    """Points without an answer that passed its check, and the points from the loosest without a plan on.

    Args:
        points: from loose to tight.
    """
    last = max((number for number, point in enumerate(points) if point.solved), default=-1)
    infeasible = (number for number, point in enumerate(points) if point.status == Status.INFEASIBLE and number > last)
    first = next(infeasible, len(points))
    return [point for point in points[:first] if not point.solved], points[first:]


def cost_difference(cost: float, other: Point) -> float:
    """A cost minus that of a point; 0 where a re-solve could not distinguish them."""
    return 0.0 if abs(cost - other.cost) <= PROVED * other.gross else cost - other.cost


def _corners(points: list[Point]) -> set[float]:
    """The levels at which the slope changes, of a curve that is straight between its points."""
    found = set()
    for a, x, b in zip(points[:-2], points[1:-1], points[2:], strict=True):
        line = a.cost + (b.cost - a.cost) * (x.level - a.level) / (b.level - a.level)
        if line - x.cost > PROVED * x.gross:
            found.add(x.level)
    return found


def _kind(level: float, corners: set[float], own: float | None, asked: set[float], *, ends: tuple[bool, bool]) -> str:
    """The kind of a point for the table: end, policy, asked, breakpoint or between."""
    if any(ends):
        return "end"
    if own is not None and abs(level - own) < RESOLUTION**2:
        return "policy"
    if level in asked:
        return "asked"
    return "breakpoint" if level in corners else "between"
