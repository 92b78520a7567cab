"""Measures: pure functions from a plan's tables to named numbers."""

from planner.plan.measures.exposure import exposure_summary, exposure_table
from planner.plan.measures.money import margin, reported_costs
from planner.plan.measures.pathway import pathway_exposure, pathway_summary, pathway_table
from planner.plan.measures.service import owed_before, service_summary
from planner.plan.measures.shares import hhi, shares

MEASURES = (
    hhi,
    shares,
    exposure_table,
    exposure_summary,
    pathway_table,
    pathway_exposure,
    pathway_summary,
    service_summary,
    owed_before,
    margin,
    reported_costs,
)

__all__ = [
    "MEASURES",
    "exposure_summary",
    "exposure_table",
    "hhi",
    "margin",
    "owed_before",
    "pathway_exposure",
    "pathway_summary",
    "pathway_table",
    "reported_costs",
    "service_summary",
    "shares",
]
