"""The worst twentieth of a sweep in words: what it costs, and which figures were drawn in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from planner.study.sweep.run_statistics import WORST, grouped

TELLING = 0.5  # of the standard deviation of all draws: a mean further away from theirs is told
NAMED = 3  # factors at most


@dataclass(frozen=True)
class Drawn:
    """A factor in the worst runs.

    Attributes:
        factor: its name.
        low, high: the least and the largest figure in these runs.
        mean: the mean in these runs.
        usual: the mean in all draws.
    """

    factor: str
    low: float
    high: float
    mean: float
    usual: float


@dataclass(frozen=True)
class Worst:
    """The worst twentieth of the runs of a policy under a scenario, by cost; runs without a plan are not among them.

    Attributes:
        policy, scenario: names; None for none.
        runs: how many they are, one at least.
        cost: the least of their costs, in money.
        lost: their mean of lost units.
        usually_lost: the mean of lost units of all runs.
        drawn: the factors whose figures stand apart in them, the furthest first.
        without: how many runs have no plan.
    """

    policy: str | None
    scenario: str | None
    runs: int
    cost: float
    lost: float
    usually_lost: float
    drawn: tuple[Drawn, ...]
    without: int

    @property
    def words(self) -> str:
        """The figures that were drawn in them, as a part of a sentence."""
        if not self.drawn:
            return "no factor stands apart in them"
        return "; ".join(
            f"{part.factor} {'low' if part.mean < part.usual else 'high'}, {_range(part)} "
            f"({'' if _one(part) else f'{part.mean:.3g} on average, '}{part.usual:.3g} in all draws)"
            for part in self.drawn
        )


def worst_twentieths(runs: pd.DataFrame, factors: list[str]) -> list[Worst]:
    """The worst twentieth of each policy under each scenario that has plans, in the order of the design."""
    found = []
    for names, group in grouped(runs):
        solved = group[group["objective"].notna()]
        if solved.empty:
            continue
        count = max(1, math.floor(len(solved) * (1 - WORST) + 1e-9))
        worst = solved.sort_values(["objective", "run"], ascending=[False, True], kind="stable").head(count)
        found.append(
            Worst(
                names["policy"],
                names["scenario"],
                count,
                float(worst["objective"].min()),
                float(worst["lost"].mean()),
                float(solved["lost"].mean()),
                tuple(_apart(group, worst, factors)),
                len(group) - len(solved),
            )
        )
    return found


def _apart(every: pd.DataFrame, worst: pd.DataFrame, factors: list[str]) -> list[Drawn]:
    """The factors whose mean in the worst runs is far from that of all draws, the furthest first."""
    found = []
    for factor in factors:
        spread, usual = float(np.std(every[factor])), float(every[factor].mean())
        mean = float(worst[factor].mean())
        if spread > 0 and abs(mean - usual) > TELLING * spread:
            part = Drawn(factor, float(worst[factor].min()), float(worst[factor].max()), mean, usual)
            found.append((abs(mean - usual) / spread, part))
    return [part for _, part in sorted(found, key=lambda row: (-row[0], row[1].factor))[:NAMED]]


def _range(part: Drawn) -> str:
    return f"{part.low:.3g}" if _one(part) else f"{part.low:.3g} to {part.high:.3g}"


def _one(part: Drawn) -> bool:
    """Whether the figures of a factor look like one."""
    return f"{part.low:.3g}" == f"{part.high:.3g}"
