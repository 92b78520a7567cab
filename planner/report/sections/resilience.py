"""The parts of the page on strikes, time to survive, measures that prolong it, and the price of resilience."""

from __future__ import annotations

from planner.report.findings import Findings
from planner.report.page.grids import Tables
from planner.report.page.part import Section
from planner.report.sections.buffers_against_sources import buys_section
from planner.report.sections.frontier import frontier_section
from planner.report.sections.recovery import recovery_section
from planner.report.sections.survival import survival_section
from planner.text.figures import joined, money

MOST = 3


def resilience_sections(findings: Findings, tables: Tables) -> tuple[Section, ...]:
    """The parts that have something to show, in order."""
    every = (
        recovery_section(findings, tables),
        survival_section(findings, tables),
        buys_section(findings, tables),
        frontier_section(findings, tables),
    )
    return tuple(part for part in every if part is not None)


def third_way(findings: Findings, tables: Tables) -> str:
    """The sentence on the sites with the shortest time to survive among those without rent, as a third ranking."""
    table = tables["losses"]
    own = table[(table["policy"] == findings.label(findings.first)) & (table["over"] == "site")]
    if own.empty or "survived" not in own or own["survived"].isna().all():
        return ""
    text = "The third ranking is the time to survive: how long all of it can be out before any customer gets less. "
    soon = own[(own["rent"] <= 0) & own["survived"].notna() & (own["at_least"] == "")]
    soon = soon.sort_values(["survived", "loss"], ascending=[True, False], kind="stable").head(MOST)
    long = own[(own["rent"] > 0) & (own["survived"] > own["survived"].median())].head(MOST)
    if len(soon):
        parts = [f"{row.of} ({row.survived:.1f} {row.unit})" for row in soon.itertuples()]
        text += f"Without any rent, it is shortest for {joined(parts)}. "
    if len(long):
        parts = [
            f"{row.of} (rent {money(float(row.rent), findings.currency)}, "
            f"{'at least ' if row.at_least else ''}{row.survived:.1f} {row.unit})"
            for row in long.itertuples()
        ]
        text += f"With a rent, and yet longer than for most: {joined(parts)}."
    return text.strip()
