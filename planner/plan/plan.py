"""The plan: what was decided, certified, with its tables and measures."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from planner.errors import refuse_other_kinds
from planner.instance.instance import Instance
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.network.watches import watches_of
from planner.plan.case import name_of
from planner.plan.measures import (
    exposure_summary,
    margin,
    owed_before,
    pathway_summary,
    reported_costs,
    service_summary,
)
from planner.plan.measures.pathway import reported_shares
from planner.plan.proof.kept import RowWeights
from planner.plan.release import versions
from planner.plan.rounding import rounded
from planner.solve.certificate import Certificate
from planner.solve.solution import Array
from planner.text.cases import NO_POLICY
from planner.text.figures import money, percent
from planner.text.html import html_of

if TYPE_CHECKING:
    from planner.solve.carried_basis import CarriedBasis


@dataclass(frozen=True, eq=False)
class Plan:
    """A certified plan.

    Attributes:
        instance: the instance as solved, the scenario applied.
        policy, scenario: what was chosen and what happens; None for none.
        base_hash: content hash of the instance before the scenario.
        status: "optimal", or "feasible" where a limit stopped the proof.
        objective: total discounted cost over all planned periods, in the instance's currency.
        gap: relative gap to the proved bound.
        tables: the plan's tables by name (see the README of the planner for their columns).
        certificate: what shows that it is right.
        unique: whether the tie-break was completed, so that the plan is the unique one.
        solver, method: how it was solved.
        rebuilt: why the program was built anew although a live re-solve was asked for; empty where none was asked for,
            or the plan is from one.
        options: options of the solve, by name.
        sizes: number of columns, rows and non-zeros of the program.
        timings: seconds of each phase.
        versions: releases of what made it, by name (planner, python, pulp, highspy, pandas), and a hash of the code.
        values: value of each column of the program; for --stay-close-to and tests.
        duals: dual of each row of the program (minus the shadow price), of the first solve; None where there are none.
            Where duals are not unique, those of a live re-solve may differ from the prices in its tables, which are
            those of a program built anew.
        basis: the basis in which a linear program ended, from which similar programs are solved; None where there is
            none, or the plan was read from files.
        kept: the duals as they are stored with the run, to prove its cost again; None where they do not prove it (with
            integers, with rows of your own, and in runs of older planners).
    """

    instance: Instance
    policy: Policy | None
    scenario: Scenario | None
    base_hash: str
    status: str
    objective: float
    gap: float
    tables: MutableMapping[str, pd.DataFrame]
    certificate: Certificate
    unique: bool
    solver: str
    method: str
    options: dict[str, Any] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    values: Array | None = None
    duals: Array | None = None
    rebuilt: str = ""
    kept: RowWeights | None = None
    versions: dict[str, str] = field(default_factory=versions)
    basis: CarriedBasis | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        settings, rate = self.instance.settings, self.service_summary["fill_rate"]
        cost = money(self.objective, settings.currency)
        return f"<Plan of {settings.name}, {self.name}: {self.status}, cost {cost}, fill rate {percent(rate)}>"

    def _repr_html_(self) -> str:
        """The plan in a notebook: a sentence, and the tables of the first sheet of its workbook."""
        from planner.plan.plan_summary import plan_summary

        return html_of(plan_summary(self))

    @property
    def name(self) -> str:
        """The names of policy and scenario, joined by ` / `, for headings."""
        parts = [self.policy.name if self.policy else NO_POLICY]
        if self.scenario:
            parts.append(self.scenario.name)
        return " / ".join(parts)

    def _table(self, name: str) -> pd.DataFrame:
        """A table for whoever asks: pandas copies on write, so a column added to it is not in the plan."""
        return self.tables[name].copy(deep=False)

    @property
    def production(self) -> pd.DataFrame:
        """Units started and finished by site, item, recipe and period, with their cost."""
        return self._table("production")

    @property
    def shipments(self) -> pd.DataFrame:
        """Units sent over each lane by item and period of departure, with freight and tariff."""
        return self._table("shipments")

    @property
    def stock(self) -> pd.DataFrame:
        """Units kept at each site at the end of each period, with their holding cost."""
        return self._table("stock")

    @property
    def service(self) -> pd.DataFrame:
        """Units ordered, delivered, late and lost of each customer, item and period."""
        return self._table("service")

    @property
    def allocation(self) -> pd.DataFrame:
        """Each order traced back to the sites of every stage."""
        return self._table("allocation")

    @property
    def exposure(self) -> pd.DataFrame:
        """Shares (0-1) of stages by region, operator, site and cluster, and of delivered units by what they touched."""
        return self._table("exposure")

    @property
    def limits(self) -> pd.DataFrame:
        """Each limit of the policy by period: the share used, the share allowed, and its shadow price."""
        return self._table("limits")

    @property
    def commitments(self) -> pd.DataFrame:
        """Each commitment: its minimum, what is made, the shortfall and its cost."""
        return self._table("commitments")

    @property
    def expansions(self) -> pd.DataFrame:
        """The expansion options that are bought: share, capacity and cost."""
        return self._table("expansions")

    @property
    def choke_points(self) -> pd.DataFrame:
        """Use and shadow price of resources, lanes, limits and promises."""
        return self._table("choke_points")

    @property
    def costs(self) -> pd.DataFrame:
        """The cost components, in discounted money over all planned periods; they add up to the objective."""
        return self._table("costs")

    @cached_property
    def margin(self) -> float:
        """Revenue minus costs, in discounted money; the costs of lost sales and of soft limits do not count."""
        return margin(self.service, self.costs)

    @cached_property
    def reported_costs(self) -> dict[str, float]:
        """The cost components booked in the reported periods, in discounted money."""
        return reported_costs(self.instance, self.policy, self.tables)

    @cached_property
    def service_summary(self) -> dict[str, float]:
        """Units of demand, delivered, late and lost, and the fill rate (0-1), over the reported periods."""
        return service_summary(self.instance, self.service)

    @cached_property
    def owed_before(self) -> float:
        """Units owed when the reported periods begin, which are delivered beside what is ordered in them."""
        return owed_before(self.instance, self.service)

    @cached_property
    def exposure_summary(self) -> list[dict[str, Any]]:
        """Exposure (0-1) of each stage over the reported periods, with its HHI (0-10,000)."""
        return exposure_summary(self.instance, self.production)

    @cached_property
    def touched_shares(self) -> dict[str, float]:
        """Share (0-1) of the units delivered in the reported periods that touched each region or region group."""
        return reported_shares(self.instance, self.tables, watches_of(self.instance, self.policy))

    def share(self, stage: str, of: str, over: str = "region") -> float:
        """Share (0-1) of a stage's good output over the reported periods; 0 where it makes none.

        Args:
            stage: the stage.
            of: id of the region, operator, site or cluster.
            over: what `of` is: region, operator, site or cluster.
        """
        for row in self.exposure_summary:
            if (row["stage"], row["over"], row["of"]) == (stage, over, of):
                return float(row["share"])
        return 0.0

    def as_json(self, run: str | None = None) -> dict[str, Any]:
        """The object that `planner solve --json` prints."""
        found: dict[str, Any] = {
            "schema_version": 1,
            "instance": self.instance.settings.name,
            "policy": name_of(self.policy),
            "scenario": name_of(self.scenario),
            "status": self.status,
            "objective": float(rounded([self.objective], 12)[0]),
            "margin": self.margin,
            "costs": dict(zip(self.costs["component"], map(float, self.costs["amount"]), strict=True)),
            "reported_costs": self.reported_costs,
            "service": self.service_summary,
            "exposure": [*self.exposure_summary, *pathway_summary(self.exposure)],
            "certificate": self.certificate.as_json(),
            "timings": self.timings,
            "run": run,
        }
        if self.status == "feasible":
            found["gap"] = self.gap
        return found


def refuse_no_plan(name: str, value: object) -> None:
    """Refuse an argument that is no plan.

    Raises:
        UsageError: it is something else.
    """
    refuse_other_kinds(name, value, Plan, "a planner.Plan, as planner.solve and planner.read_run return one")
