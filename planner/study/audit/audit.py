"""The audit of an instance: findings and tables on whom it depends on, before any plan is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from planner.errors import UsageError, nearest
from planner.instance.instance import Instance
from planner.instance.loading import instance_of
from planner.study.audit.capable_sites import CapableSites
from planner.study.audit.concentration import (
    behind_table,
    capacity_table,
    concentration_table,
    sources_table,
    window_text,
)
from planner.study.audit.findings import Words, behind_findings, capacity_findings, region_findings, source_findings
from planner.study.audit.free_chain_program import items_of
from planner.study.audit.largest_free_share import AvoidedRegion, avoidable, free_of
from planner.study.progress import Effort
from planner.text.blocks import Summary
from planner.text.html import html_of
from planner.text.json_values import records

TABLES = ("free_of", "free_of_periods", "free_of_stages", "sources", "behind", "concentration", "capacity")
NOTES = (
    (
        "Each product is taken by itself, with the whole chain free for it, every expansion option bought whole, and "
        "no cost: a figure free of a region is an upper bound, and no policy can promise more."
    ),
    (
        "What cannot be made free of a region can still be made with it. Work touches a region; standing in stock and "
        "passing through do not. Opening stock and arrivals count the region where they stand and those that they "
        "have touched."
    ),
    (
        "A share over several periods counts late deliveries where orders may wait; a share of one period counts what "
        "was saved up for it; a lasting share holds in that period and in each later one."
    ),
    (
        "What a stage by itself lets through is the same figure with every other stage done anywhere, without a limit "
        "of its capacity."
    ),
    "Capacity is that of the periods in which a process may start on it; one line may serve several products.",
)


@dataclass(frozen=True, eq=False)
class Audit:
    """What an instance depends on, read from its tables and from small linear programs.

    Figures are over the reported periods. Shares are 0 to 1; HHI 0 to 10,000; capacities in resource units.

    Attributes:
        instance: name of the instance.
        periods: the reported periods, first and last.
        findings: sentences, the most important first.
        notes: what the figures mean and do not mean.
        free_of, free_of_periods, free_of_stages: the tables of `planner.study.audit.largest_free_share.FreeOf`.
        sources: item, window and who can start it (`planner.study.audit.concentration.sources_table`).
        behind: operators and clusters with several sites (`behind_table`).
        concentration: HHI by stage (`concentration_table`).
        capacity: capacity by stage and holder (`capacity_table`).
    """

    instance: str
    periods: str
    findings: tuple[str, ...]
    notes: tuple[str, ...]
    free_of: pd.DataFrame
    free_of_periods: pd.DataFrame
    free_of_stages: pd.DataFrame
    sources: pd.DataFrame
    behind: pd.DataFrame
    concentration: pd.DataFrame
    capacity: pd.DataFrame

    def __repr__(self) -> str:
        regions = self.free_of["region"].nunique()
        return f"<Audit of {self.instance}, {self.periods}: {len(self.findings)} findings, {regions} regions to avoid>"

    def _repr_html_(self) -> str:
        """The audit in a notebook: findings, and the tables behind them."""
        return html_of(self.summary)

    @property
    def summary(self) -> Summary:
        """The summary of the audit: the findings, and the tables behind them."""
        from planner.study.audit.audit_summary import audit_blocks

        return Summary(f"{self.instance}: audit of {self.periods}, before any plan", self.findings, audit_blocks(self))

    def as_json(self) -> dict[str, Any]:
        """The findings, the notes, and every table as a list of rows, for JSON output."""
        return {
            "schema_version": 1,
            "instance": self.instance,
            "periods": self.periods,
            "findings": list(self.findings),
            "notes": list(self.notes),
            **{name: records(getattr(self, name)) for name in TABLES},
        }


def audit(source: Instance | str | Path, regions: Sequence[str] = (), *, effort: Effort | None = None) -> Audit:
    """Find out on whom an instance depends, without making a plan.

    >>> import planner
    >>> found = planner.audit("instances/canning")
    >>> found
    <Audit of canning, 1: 3 findings, 2 regions to avoid>
    >>> print(found.findings[0])
    Free of Southwest: at most 50.0 % of cases in 1; stopped by canning, outside Southwest only seattle.
    >>> print(found.free_of[["region", "product", "units", "share"]].round(3).to_string(index=False))
    region product  units  share
        NW   cases  600.0  0.667
        SW   cases  450.0  0.500

    Args:
        source: an instance or its path.
        regions: regions or region groups to avoid; none for all in which a site makes or keeps something.
        effort: time and progress; regions are examined one after the other, in one thread.

    Returns:
        findings as sentences and the tables behind them: shares from 0 to 1, HHI to 10,000, units of the items, and
        capacities in those of the resources.

    Raises:
        InstanceError: the instance is not right.
        LimitReachedError: the time limit ended before the audit.
        UsageError: the instance does not have one of the regions.
        SolverError: a figure could not be proved.
    """
    effort = (effort or Effort()).with_deadline()
    instance = instance_of(source)
    avoided = _chosen(instance, regions)
    makers, words = CapableSites(instance), Words(instance)
    ordered = sorted({row.item for row in instance.demand if row.quantity > 0})
    items = {product: items_of(instance, [product]) for product in ordered}
    capacity = capacity_table(instance, makers)
    concentration = concentration_table(capacity)
    sources = sources_table(instance, makers, frozenset().union(*items.values()))
    behind = behind_table(instance, capacity, sources)
    found = free_of(instance, avoided, effort)
    return Audit(
        instance=instance.settings.name,
        periods=window_text(instance, instance.report_periods),
        findings=(
            *region_findings(words, found, items, makers),
            *source_findings(words, sources),
            *behind_findings(words, behind),
            *capacity_findings(words, capacity, concentration),
        ),
        notes=NOTES,
        free_of=found.verdicts,
        free_of_periods=found.periods,
        free_of_stages=found.stages,
        sources=sources,
        behind=behind,
        concentration=concentration,
        capacity=capacity,
    )


def _chosen(instance: Instance, names: Sequence[str]) -> tuple[AvoidedRegion, ...]:
    if not names:
        return avoidable(instance)
    known = [*instance.regions, *instance.region_groups]
    for name in names:
        if name not in known:
            raise UsageError(f"There is no region '{name}'. {nearest(name, known)}")
    return tuple(AvoidedRegion(name, frozenset(instance.regions_of(name))) for name in dict.fromkeys(names))
