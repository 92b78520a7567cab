"""The two-stage plan as a value: its first-stage decisions, and what it is worth."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from planner.solve.certificate import Certificate
from planner.study.stress.tables import promises_in_words
from planner.text.blocks import Block, Summary
from planner.text.cases import policy_called
from planner.text.figures import count, percent
from planner.text.html import html_of
from planner.text.json_values import records

Tables = MutableMapping[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class TwoStage:
    """A plan for what is decided before it is known which scenario comes, and what it is worth.

    Attributes:
        instance, policy: names; None for no policy.
        weight: weight of the tail in the value, 0 to 1.
        alpha: the tail is the worst 1 - alpha.
        expected, cvar, eta: expected cost, conditional value at risk and value at risk of the plan, in money.
        value: (1 - weight) * expected + weight * cvar, in money: what is minimised.
        vss: value of the stochastic solution: value of the undisturbed plan, struck by each scenario, minus `value`.
        evpi: expected value of perfect information: `value` minus that of knowing from the start what comes.
        values: what (the two-stage plan, the undisturbed plan, perfect information), expected, cvar, value; in money.
        scenarios: scenario, probability, strike (label), two_stage, undisturbed_plan, foresight (costs in money; NaN
            where the two-stage plan gives a path no weight), broken (what broken promises cost in the two-stage plan).
        decisions: kind, name, by (label of the strike before which it is counted), unit, two_stage, and a column for
            the undisturbed plan of each policy; see `early_decisions`.
        promises: scenario, kind, quantity, cost: what gave way in the two-stage plan.
        tables: tables of the plan of each path, by scenario (`undisturbed` for the path without one).
        certificate: rows and costs of each path from its tables; the bound is that of the whole.
        unique: whether the tie-break was carried through.
        integer: whether options are bought whole or with a fixed cost, so that the bound is the solver's.
        sizes: columns, rows and non-zeros of the extensive form.
        timings: seconds of each phase.
    """

    instance: str
    policy: str | None
    weight: float
    alpha: float
    expected: float
    cvar: float
    eta: float
    value: float
    vss: float
    evpi: float
    values: pd.DataFrame
    scenarios: pd.DataFrame
    decisions: pd.DataFrame
    promises: pd.DataFrame
    tables: dict[str, Tables] = field(repr=False)
    certificate: Certificate
    unique: bool
    integer: bool
    sizes: dict[str, int]
    timings: dict[str, float]

    def __repr__(self) -> str:
        what = f"{self.instance}, {policy_called(self.policy)}"
        return f"<TwoStage of {what}: expected cost {self.expected:,.6g}, VSS {self.vss:,.6g}, EVPI {self.evpi:,.6g}>"

    def _repr_html_(self) -> str:
        """The two-stage plan in a notebook: its summary."""
        return html_of(self.summary)

    @property
    def summary(self) -> Summary:
        """The summary: values of the ways of planning, costs by scenario, and first-stage decisions."""
        lines = (
            f"Expected cost {count(self.expected)}; mean of the worst {percent(1 - self.alpha)}: {count(self.cvar)}.",
            f"Planning for what can come is worth {count(self.vss)} (value of the stochastic solution).",
            f"Knowing today what comes would be worth {count(self.evpi)} more (expected value of perfect information).",
            self.certificate.in_words("optimal", 0.0),
        )
        gave_way = promises_in_words(self.promises[self.promises["quantity"] != 0])
        blocks = (
            Block("What each way of planning costs", self.values, "money, all planned periods, discounted"),
            Block("Cost by scenario", self.scenarios, "money", frozenset({"probability"})),
            Block("What is decided before the first strike", self.decisions, "beside the undisturbed plan of policies"),
            Block("What gives way", gave_way, "units, and money"),
        )
        return Summary(f"{self.instance}, {policy_called(self.policy)}: two-stage plan", lines, blocks)

    def as_json(self) -> dict[str, Any]:
        """The object that `planner two-stage --json` prints."""
        return {
            "schema_version": 1,
            "instance": self.instance,
            "policy": self.policy,
            "status": "optimal",
            "weight": self.weight,
            "alpha": self.alpha,
            "expected": self.expected,
            "cvar": self.cvar,
            "value_at_risk": self.eta,
            "value": self.value,
            "vss": self.vss,
            "evpi": self.evpi,
            **{name: records(getattr(self, name)) for name in ("values", "scenarios", "decisions", "promises")},
            "certificate": self.certificate.as_json(),
            "sizes": self.sizes,
            "timings": self.timings,
        }
