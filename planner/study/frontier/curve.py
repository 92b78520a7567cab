"""A frontier as a value: its points, its jumps and gaps, and what can be read from them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from planner.solve.solution import Status
from planner.study.frontier.journal import Mark
from planner.study.frontier.level_search import PROVED, RESOLUTION, Point

COLUMNS = ["level", "status", "cost", "extra_cost", "lost_units", "price_per_point", "price_beyond", "kind"]
STEEP = 2.0  # a fall within the resolution is a jump where it is this many times what the slopes explain


@dataclass(frozen=True)
class Break:
    """A stretch of levels, at most a hundredth of a percentage point for a jump, over which there is no curve.

    Attributes:
        kind: "jump" (the cost leaps), "gap" (no plan from here on) or "unproved" (no answer passed its check).
        looser, tighter: the levels at its ends; for a gap the last level with a plan and the end of the range.
        cost: how far the cost leaps, money; NaN for a gap.
        conflict: why there is no plan: what cannot hold together at the loosest level without one.
    """

    kind: str
    looser: float
    tighter: float
    cost: float = math.nan
    conflict: tuple[str, ...] = ()


@dataclass(frozen=True)
class Within:
    """How far the limits can be tightened for a part of the least cost.

    Attributes:
        ratio: the part, 0.01 for 1 %.
        ceiling: least cost and that part of it, money.
        level: the tightest level that was found to cost no more; NaN where even the loosest costs more.
        beyond: the loosest level known to cost more, or to have no plan; NaN where the whole range costs no more.
            Both are equal where the curve is exact: there the straight line to the next point meets the ceiling.
    """

    ratio: float
    ceiling: float
    level: float
    beyond: float


@dataclass(frozen=True)
class Frontier:
    """Least cost against a limit.

    Attributes:
        name, scenario, currency, policy: of the instance, of what happens (None for nothing), of all money, of what
            is chosen.
        limits: what is moved, together.
        floor: whether the level is a `min_free` (tighter the higher); else a `max_share` (tighter the lower).
        soft: whether some of them may be passed at a price, which is then part of the cost.
        integer: whether there are decisions of 0 or 1; slopes then hold with these fixed.
        exact: whether the curve is convex and straight between its points, but for `error`.
        error: what straight lines between points may err by, money: proved where `exact` (0 where nothing is left
            but the 2e-9 of the cost that a solve leaves open), else what the refinement allowed itself.
        complete: whether all levels that the curve needs are solved (else time or `most` ended it).
        start, stop: the range, as asked for.
        own: the level in the policy; None where the limits have different ones.
        least: least cost without the moved limits, the others in force; money.
        points: one row a solved level from `start` to `stop`: level (share); status; cost and extra_cost over
            `least` (money); lost_units (never served in the plan found, all planned periods); price_per_point (what
            one percentage point tighter costs, money, from the row duals: between both sides at a breakpoint);
            price_beyond (the same, on average up to the next tighter point: exact on an exact curve); kind (end,
            policy, asked, breakpoint, between).
        breaks: jumps and gaps.
        marks: policies of the instance with the level that their plans keep, and their least cost.
        solved, remembered, fallbacks: levels solved now, known before, and solved from cold after a hot start.
    """

    name: str
    scenario: str | None
    currency: str
    policy: str
    limits: tuple[str, ...]
    floor: bool
    soft: bool
    integer: bool
    exact: bool
    error: float
    complete: bool
    start: float
    stop: float
    own: float | None
    least: float
    points: pd.DataFrame
    breaks: tuple[Break, ...]
    marks: tuple[Mark, ...] = ()
    within_asked: tuple[float, ...] = ()
    solved: int = 0
    remembered: int = 0
    fallbacks: int = field(default=0, compare=False)

    @property
    def instance(self) -> str:
        """What is planned, for headings: the instance, and what happens in it."""
        return self.name if self.scenario is None else f"{self.name} in {self.scenario}"

    @property
    def tightening(self) -> pd.DataFrame:
        """The points that have a plan, from loose to tight."""
        solved = self.points[self.points["status"] == str(Status.OPTIMAL)]
        return solved.sort_values("level", ascending=self.floor, ignore_index=True)

    def within(self, ratio: float) -> Within:
        """The tightest level whose cost is within a part of the least cost.

        level = the tightest one with cost(level) <= least + ratio * |least|
        """
        ceiling = self.least + ratio * abs(self.least)
        table = self.tightening
        inside = int((table["cost"] <= ceiling + PROVED * (1 + abs(ceiling))).cumprod().sum()) if len(table) else 0
        if not inside:
            return Within(ratio, ceiling, math.nan, self.start if table.empty else float(table["level"].iloc[0]))
        level = float(table["level"].iloc[inside - 1])
        if inside == len(table):
            gaps = [part.looser for part in self.breaks if part.kind != "jump"]
            return Within(ratio, ceiling, level, gaps[0] if gaps else math.nan)
        beyond, (low, high) = float(table["level"].iloc[inside]), table["cost"].iloc[inside - 1 : inside + 1]
        if self.exact:
            level = beyond = level + (beyond - level) * max(0.0, (ceiling - low) / (high - low))
        return Within(ratio, ceiling, level, beyond)

    def cost_at(self, level: float) -> tuple[float, float]:
        """The least and the most that the least cost at a level can be, money: (NaN, NaN) outside of the curve.

        On an exact curve they differ by `error` at most. Elsewhere the costs of the neighbours hold it, since it
        never rises as the limits loosen.
        """
        table = self.tightening.sort_values("level")
        levels, costs = table["level"].to_numpy(dtype=float), table["cost"].to_numpy(dtype=float)
        if not len(levels) or not levels[0] <= level <= levels[-1]:
            return math.nan, math.nan
        if self.exact:
            cost = float(np.interp(level, levels, costs))
            return cost - self.error, cost
        at = np.searchsorted(levels, level)
        pair = costs[at : at + 1] if levels[at] == level else costs[at - 1 : at + 1]
        return float(pair.min()), float(pair.max())

    def outline(self, error: float = 0.001) -> pd.DataFrame:
        """The points that are needed for straight lines between them to err by less than a part of the cost range.

        Ends, the policy's own level and levels that were asked for are always among them, and what has no plan.
        """
        table = self.points.reset_index(drop=True)
        solved = table.index[table["status"] == str(Status.OPTIMAL)].to_numpy()
        costs = table["cost"].to_numpy(dtype=float)
        keep = set(table.index[table["kind"].isin(["end", "policy", "asked"])]) | (set(table.index) - set(solved))
        if len(solved):
            keep |= {solved[0], solved[-1]}
            allowed = error * float(costs[solved].max() - costs[solved].min())
            levels = table["level"].to_numpy(dtype=float)
            fixed = sorted(keep & set(solved))
            for first, last in pairwise(fixed):
                keep |= _needed(levels, costs, first, last, allowed)
        return table.loc[sorted(keep)].reset_index(drop=True)

    def as_json(self) -> dict[str, Any]:
        """The object that JSON output shows."""
        return {
            "schema_version": 1,
            "instance": self.name,
            "scenario": self.scenario,
            "currency": self.currency,
            "policy": self.policy,
            "limits": list(self.limits),
            "level": "min_free" if self.floor else "max_share",
            "soft": self.soft,
            "integer": self.integer,
            "exact": self.exact,
            "error": self.error,
            "complete": self.complete,
            "start": self.start,
            "stop": self.stop,
            "own": self.own,
            "least": self.least,
            "points": self.points.to_dict("records"),
            "breaks": [asdict(part) for part in self.breaks],
            "marks": [asdict(part) for part in self.marks],
            "within": [asdict(self.within(ratio)) for ratio in self.within_asked],
            "solved": self.solved,
            "remembered": self.remembered,
        }


def points_table(
    points: list[Point],
    *,
    breakpoints: set[float] | None,
    own: float | None,
    asked: set[float],
    least: float,
    descending: bool,
) -> pd.DataFrame:
    """The table of a curve's points.

    Args:
        points: from loose to tight.
        breakpoints: levels known to be breakpoints; None where the curve is straight between its points, so that
            every corner is one.
        own: the level in the policy.
        asked: further levels that were asked for.
        least: least cost without the limits.
        descending: whether the highest level stands first.
    """
    solved = [point for point in points if point.solved]
    corners = _corners(solved) if breakpoints is None else breakpoints
    rows = []
    for number, point in enumerate(solved):
        following = solved[number + 1] if number + 1 < len(solved) else None
        beyond = math.nan
        if following is not None:
            beyond = 0.01 * _difference(following.cost, point.cost) / abs(following.level - point.level)
        rows.append(
            {
                "level": point.level,
                "status": point.status,
                "cost": point.cost,
                "extra_cost": _difference(point.cost, least),
                "lost_units": point.lost,
                "price_per_point": 0.01 * abs(point.slope),
                "price_beyond": beyond,
                "kind": _kind(point.level, corners, own, asked, ends=(number == 0, following is None)),
            }
        )
    without = [point for point in points if not point.solved]
    rows += [{"level": point.level, "status": point.status, "kind": "end"} for point in without[:1]]
    table = pd.DataFrame(rows, columns=COLUMNS)
    figures = [name for name in COLUMNS if name not in {"status", "kind"}]
    table[figures] = table[figures].astype(float)
    return table.sort_values("level", ascending=not descending, ignore_index=True)


def breaks_of(points: list[Point], allowed: float, conflict: Callable[[float], tuple[str, ...]]) -> tuple[Break, ...]:
    """Jumps and gaps of a curve.

    Args:
        points: from loose to tight.
        allowed: how much the cost may differ between two points at the resolution, money; 0 where it cannot jump.
        conflict: why a level has no plan.
    """
    solved = [point for point in points if point.solved]
    found = []
    for a, b in pairwise(solved):
        width = abs(b.level - a.level)
        steepest = np.nanmax([0.0, abs(a.slope), abs(b.slope)])
        if allowed and width <= RESOLUTION * (1 + 1e-6) and b.cost - a.cost > max(allowed, STEEP * steepest * width):
            found.append(Break("jump", a.level, b.level, b.cost - a.cost))
    without = [point for point in points if not point.solved]
    if without:
        infeasible = without[0].status == str(Status.INFEASIBLE)
        last = solved[-1] if solved else without[0]
        why = conflict(without[0].level) if infeasible else ()
        found.append(Break("gap" if infeasible else "unproved", last.level, points[-1].level, conflict=why))
    return tuple(found)


def _difference(cost: float, other: float) -> float:
    """How much more a cost is than another; 0 where no re-solve could tell."""
    return 0.0 if abs(cost - other) <= PROVED * (1 + abs(other)) else cost - other


def _corners(points: list[Point]) -> set[float]:
    """Levels at which a curve that is straight between its points turns."""
    found = set()
    for a, x, b in zip(points[:-2], points[1:-1], points[2:], strict=True):
        line = a.cost + (b.cost - a.cost) * (x.level - a.level) / (b.level - a.level)
        if line - x.cost > PROVED * (1 + abs(x.cost)):
            found.add(x.level)
    return found


def _kind(level: float, corners: set[float], own: float | None, asked: set[float], *, ends: tuple[bool, bool]) -> str:
    if any(ends):
        return "end"
    if own is not None and abs(level - own) < RESOLUTION**2:
        return "policy"
    if level in asked:
        return "asked"
    return "breakpoint" if level in corners else "between"


def _needed(levels: Any, costs: Any, first: int, last: int, allowed: float) -> set[int]:
    """Positions between two kept ones that must be kept too: the furthest from the line, then on both its sides."""
    kept: set[int] = set()
    open_ = [(first, last)]
    while open_:
        low, high = open_.pop()
        if high - low < 2:
            continue
        inner = np.arange(low + 1, high)
        line = np.interp(levels[inner], *_rising(levels[[low, high]], costs[[low, high]]))
        away = np.abs(costs[inner] - line)
        away = np.where(np.isnan(away), 0.0, away)
        worst = int(inner[int(np.argmax(away))])
        if away.max() > allowed:
            kept.add(worst)
            open_ += [(low, worst), (worst, high)]
    return kept


def _rising(levels: Any, costs: Any) -> tuple[Any, Any]:
    order = np.argsort(levels)
    return levels[order], costs[order]
