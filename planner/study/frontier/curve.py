"""The frontier as a value: its points, its jumps and gaps, and figures derived from them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from planner.solve.solution import Status
from planner.study.frontier.level_search import PROVED
from planner.study.frontier.points import Break
from planner.study.frontier.points_journal import Mark
from planner.text.blocks import Block, Summary
from planner.text.figures import joined, money
from planner.text.html import html_of
from planner.text.json_values import records


@dataclass(frozen=True)
class Within:
    """How far the limits can be tightened for an additional part of the least cost.

    Attributes:
        ratio: the part, 0.01 for 1 %.
        ceiling: least cost and that part of it, money.
        level: the tightest level that was found to cost no more; NaN where even the loosest costs more.
        beyond: the loosest level known to cost more, or found without a plan; NaN where the whole range costs no more.
            Both are equal where the curve is exact: there the straight line to the next point meets the ceiling.
    """

    ratio: float
    ceiling: float
    level: float
    beyond: float


@dataclass(frozen=True, eq=False)
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
            one percentage point tighter costs from here, money, from the row duals beside the level; at the tight end
            of what has a plan, what the last one cost; none where the cost leaps next); price_beyond (the same, on
            average up to the next tighter point: exact on an exact curve; none across a jump or a level without an
            answer); kind (end, policy, asked, breakpoint, between).
        breaks: jumps, gaps and what is unproved.
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

    def __repr__(self) -> str:
        field = "min_free" if self.floor else "max_share"
        levels = f"{len(self.points)} levels from {self.start:g} to {self.stop:g}"
        return f"<Frontier of {self.instance}, {self.policy}: cost against {field} of {joined(self.limits)}, {levels}>"

    def _repr_html_(self) -> str:
        """The frontier in a notebook: the points that shape it."""
        return html_of(self.summary)

    @property
    def summary(self) -> Summary:
        """The summary of the frontier: the points that shape it, its jumps and gaps, and the policies beside it."""
        field = "min_free" if self.floor else "max_share"
        least = f"Least cost without these limits: {money(self.least, self.currency)}."
        partial = () if self.complete else ("Stopped before the curve was complete.",)
        share = frozenset({"level", "looser", "tighter"})
        marks = pd.DataFrame([asdict(part) for part in self.marks])
        breaks = pd.DataFrame([asdict(part) for part in self.breaks]).drop(columns="conflict", errors="ignore")
        return Summary(
            f"{self.instance}: {self.policy}, least cost against {field} of {joined(self.limits)}",
            (least, *partial),
            (
                Block("Level by level", self.outline(), f"money in {self.currency}; prices of a point", share),
                Block("Jumps, and levels without an answer", breaks, "", share),
                Block("The policies beside the curve", marks, f"cost in {self.currency}", share),
            ),
        )

    @property
    def instance(self) -> str:
        """Instance and scenario, for headings."""
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
        inside = int((table["cost"] <= ceiling + PROVED * abs(ceiling)).cumprod().sum()) if len(table) else 0
        if not inside:
            return Within(ratio, ceiling, math.nan, self.start if table.empty else float(table["level"].iloc[0]))
        level = float(table["level"].iloc[inside - 1])
        if inside == len(table):
            without = self.points.loc[self.points["status"] != str(Status.OPTIMAL), "level"]
            tighter = without[without > level] if self.floor else without[without < level]
            loosest = tighter.min() if self.floor else tighter.max()  # NaN where there is none
            return Within(ratio, ceiling, level, float(loosest))
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

    def goes_on(self, looser: float, tighter: float) -> bool:
        """Whether the curve goes on between two points: neither a jump nor a level without an answer is between."""
        low, high = sorted((looser, tighter))
        return not any(
            min(part.looser, part.tighter) < high and max(part.looser, part.tighter) > low for part in self.breaks
        )

    def steps(self, error: float = 0.001) -> list[tuple[float, float, float]]:
        """The pieces of the outline: looser level, tighter level, and the price of one percentage point (money).

        Pieces across a jump or a level without an answer are left out.
        """
        table = self.outline(error)
        table = table[table["cost"].notna()].sort_values("level", ascending=self.floor)
        points = zip(table["level"].astype(float), table["cost"].astype(float), strict=True)
        return [
            (looser, tighter, 0.01 * (after - before) / abs(tighter - looser))
            for (looser, before), (tighter, after) in pairwise(points)
            if self.goes_on(looser, tighter)
        ]

    def outline(self, error: float = 0.001) -> pd.DataFrame:
        """The fewest points between which straight lines err by less than `error` of the cost range.

        Always included are the ends, the policy's own level, levels that were asked for, levels without a plan, and the
        points next to these or to a jump.
        """
        table = self.points.reset_index(drop=True)
        solved = table.index[table["status"] == str(Status.OPTIMAL)].to_numpy()
        costs = table["cost"].to_numpy(dtype=float)
        keep = set(table.index[table["kind"].isin(["end", "policy", "asked"])]) | (set(table.index) - set(solved))
        if len(solved):
            keep |= {solved[0], solved[-1]}
            ends = {level for part in self.breaks for level in (part.looser, part.tighter)}
            keep |= set(solved) & set(table.index[table["level"].isin(ends)])
            allowed = error * float(costs[solved].max() - costs[solved].min())
            levels = table["level"].to_numpy(dtype=float)
            fixed = sorted(keep & set(solved))
            for first, last in pairwise(fixed):
                keep |= _needed(levels, costs, first, last, allowed)
        return table.loc[sorted(keep)].reset_index(drop=True)

    def as_json(self) -> dict[str, Any]:
        """The frontier as JSON output shows it."""
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
            "points": records(self.points),
            "breaks": [asdict(part) for part in self.breaks],
            "marks": [asdict(part) for part in self.marks],
            "within": [asdict(self.within(ratio)) for ratio in self.within_asked],
            "solved": self.solved,
            "remembered": self.remembered,
        }


def _needed(levels: Any, costs: Any, first: int, last: int, allowed: float) -> set[int]:
    """Positions between two kept points that must be kept too: the furthest from the line, then on both its sides."""
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
