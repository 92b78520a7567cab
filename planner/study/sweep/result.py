"""The result of a sweep: its runs, and statistics of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from planner.study.sweep.indices import index_table
from planner.study.sweep.reading import ResolvedSweep
from planner.study.sweep.records import EXTRA_DRAWS
from planner.study.sweep.run_statistics import better_table, correlation_table, quantile_table, regret_table
from planner.study.sweep.worst import Worst, worst_twentieths
from planner.text.blocks import Block, Summary
from planner.text.html import html_of
from planner.text.json_values import records


@dataclass(frozen=True, eq=False)
class Sweep:
    """The runs of a sweep.

    Attributes:
        asked: the sweep, with its instance, policies and scenarios.
        runs: one row a run in the order of the design, by policy, then scenario, then draw: run (from 1), policy and
            scenario (empty for none), a column a factor, status, objective (cost over all planned periods), margin,
            delivered, late, lost and fill_rate (over the reported ones), the exposure of stages to regions, the share
            of delivered units that touched each region, seconds, and reason (why there is no plan).
        remembered: the number of runs that were known before.
    """

    asked: ResolvedSweep = field(repr=False)
    runs: pd.DataFrame
    remembered: int = 0

    def __repr__(self) -> str:
        question, settings = self.asked.question, self.asked.instance.settings
        return f"<Sweep of {settings.name}, {question.name}: {len(self.runs)} runs, {self.plans} with a plan>"

    def _repr_html_(self) -> str:
        """The sweep in a notebook: its summary."""
        return html_of(self.summary)

    @property
    def plans(self) -> int:
        """How many runs have a plan."""
        return int(self.runs["objective"].notna().sum())

    @property
    def factors(self) -> list[str]:
        """The names of the factors."""
        return [factor.name for factor in self.asked.question.factors]

    @cached_property
    def quantiles(self) -> pd.DataFrame:
        """Quantiles, mean and CVaR at 0.95 of cost and lost units, by policy and scenario."""
        return quantile_table(self.runs)

    @cached_property
    def correlations(self) -> pd.DataFrame:
        """The rank correlation of each factor with cost and lost units, by policy and scenario."""
        return correlation_table(self.runs, self.factors)

    @cached_property
    def indices(self) -> pd.DataFrame:
        """Sobol's indices or Morris's effects of each factor, by policy and scenario; no rows in other modes."""
        return index_table(self.runs, self.asked.question)

    @cached_property
    def regret(self) -> pd.DataFrame:
        """By how much each policy is worse than the best in the same draw, by scenario."""
        return regret_table(self.runs, self.asked.question.draws)

    @cached_property
    def better(self) -> pd.DataFrame:
        """The share of draws in which a policy beats another one, by scenario."""
        return better_table(self.runs, self.asked.question.draws)

    @cached_property
    def worst(self) -> list[Worst]:
        """The worst twentieth of each policy under each scenario by cost, and the figures that were drawn in it."""
        return worst_twentieths(self.runs, self.factors)

    @property
    def summary(self) -> Summary:
        """The summary: how the figures are spread, what drives them, and who beats whom."""
        question, currency = self.asked.question, self.asked.instance.settings.currency
        without = len(self.runs) - self.plans
        lines = (f"{without} of {len(self.runs)} runs have no plan; runs says why.",) if without else ()
        blocks = (
            Block("How the figures are spread", self.quantiles, f"cost in {currency}, lost in units"),
            Block("What drives them", self.correlations, "rank correlation of each factor", frozenset()),
            *self._index_blocks(),
            *self._policy_blocks(),
        )
        return Summary(f"{question.name}: {len(self.runs)} runs", lines, blocks)

    def _policy_blocks(self) -> list[Block]:
        """The policies against each other, where there are several."""
        if len(self.asked.policies) < 2:
            return []
        return [
            Block("Regret", self.regret, "worse than the best policy of the same draw", frozenset({"best"})),
            Block("Who beats whom", self.better, "share of draws", frozenset({"probability", "equal"})),
        ]

    def _index_blocks(self) -> list[Block]:
        """What SALib says of the factors, where it was asked."""
        mode, currency = self.asked.question.mode, self.asked.instance.settings.currency
        if mode not in EXTRA_DRAWS:
            return []
        notes = {
            "sobol": "share of the variance: first order, by the factor alone; total order, with others too",
            "morris": f"over the range of each factor: cost in {currency}, lost in units; spread 0 is a straight line",
        }
        titles = {"sobol": "Sobol's indices", "morris": "Morris's elementary effects"}
        return [Block(titles[mode], self.indices, notes[mode], frozenset())]

    def as_json(self) -> dict[str, Any]:
        """The object of summary.json and of `planner sweep --json`."""
        question, settings = self.asked.question, self.asked.instance.settings
        tables = [
            "quantiles",
            "correlations",
            "regret",
            "better",
            *(["indices"] if question.mode in EXTRA_DRAWS else []),
        ]
        return {
            "schema_version": 1,
            "instance": settings.name,
            "sweep": question.name,
            "currency": settings.currency,
            "mode": question.mode,
            "draws": question.draws,
            "runs": len(self.runs),
            "plans": self.plans,
            "statuses": {
                str(name): int(count) for name, count in self.runs["status"].value_counts().sort_index().items()
            },
            **{name: records(getattr(self, name)) for name in tables},
        }
