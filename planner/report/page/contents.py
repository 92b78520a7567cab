"""The parts of the appendix: how each figure is computed, and the tables that belong to no picture."""

from __future__ import annotations

from planner.report.findings import Findings
from planner.report.page.grids import (
    Tables,
    choke_grid,
    cost_grid,
    exposure_grid,
    limit_grid,
    product_grid,
    service_grid,
    shares_grid,
    utilisation_grid,
)
from planner.report.page.part import Section
from planner.report.sections.audit import audit_folded, audit_grids, audit_lines
from planner.report.sections.choke_points import disagreement, price_grid, ranking, region_loss_grid
from planner.report.sections.data_sources import assumptions_grid, not_shown, provenance_grid, provenance_sentence
from planner.report.sections.notes import SCENARIO_LINES, scenario_lines, view_lines
from planner.report.sections.pathway_grids import scope_grids, size_grid, touched_regions_grid, view_grid
from planner.report.sections.pathways import touched, views
from planner.report.sections.resilience import resilience_sections, third_way
from planner.report.sections.runs import (
    options_grid,
    production_grid,
    ranking_grid,
    runs_grid,
    runs_sentence,
    scenario_grid,
)
from planner.text.figures import joined


def sections(findings: Findings, tables: Tables) -> tuple[Section, ...]:
    """The parts of the appendix, without those that have nothing to show."""
    policies = [findings.label(name) for name in findings.undisturbed]

    every = [
        _pathways(findings, tables),
        _exposure(findings, tables, policies),
        _cost(findings, tables),
        _service(findings, tables),
        _scenarios(findings),
        *resilience_sections(findings, tables),
        Section(
            "utilisation",
            "Use of resources",
            ("Work started as a share of capacity.",),
            (),
            tuple(utilisation_grid(findings, tables, policy) for policy in policies),
        ),
        _choke_points(findings, tables, policies),
        Section("options", "Expansion options", (), (options_grid(findings, tables),))
        if findings.instance.expansions
        else None,
        Section("production", "Who makes what, and what moved", (), (), (production_grid(findings, tables),)),
        _audit(findings),
        _runs(findings),
        Section(
            "data",
            "Where the figures come from",
            (provenance_sentence(findings.instance),),
            (provenance_grid(findings.instance),),
            (assumptions_grid(findings.instance),),
        ),
        Section("not-shown", "What this does not show", (), lines=not_shown(findings)),
    ]
    return tuple(section for section in every if section is not None)


def _exposure(findings: Findings, tables: Tables, policies: list[str]) -> Section:
    """Where each stage is made, by period."""
    about = (
        f"Share of each stage that is made in a region, by {findings.period_word} of start. "
        "Where the limits of a stage count something else than units (wafers, say, so that a small die does not weigh "
        "as much as a large one), lines and limits count that; the shares of policies side by side count units."
    )
    return Section(
        "exposure",
        "Exposure by stage and region",
        (about,),
        (shares_grid(findings),),
        tuple(exposure_grid(findings, tables, policy) for policy in policies),
    )


def _cost(findings: Findings, tables: Tables) -> Section:
    """What each policy costs, by component."""
    about = "All planned periods, discounted."
    if len(findings.policies) > 1:
        about += (
            " Lost sales count what was not served at its price; making less saves production, so the two must be read "
            "together. Changes are against the first policy and add up to its extra cost."
        )
    return Section("cost", "Cost by component", (about,), (cost_grid(findings, tables),))


def _service(findings: Findings, tables: Tables) -> Section:
    """What is delivered, late and lost."""
    about = (
        "An order is delivered, waits (late) or is lost. Late units are counted at the end of every period in which "
        "they are still owed."
    )
    title, products = f"Service by {findings.period_word}", product_grid(findings, tables)
    return Section("service", title, (about,), (products,), (service_grid(findings, tables),))


def _scenarios(findings: Findings) -> Section | None:
    """Every policy under every scenario, known from the first period."""
    if not findings.scenarios:
        return None
    about = (
        "Each policy is planned anew under each scenario, knowing it from the first period, and set against the same "
        "policy undisturbed. Where it then buys other options, foresight flatters it."
    )
    ranked = (ranking_grid(findings),) if len(findings.policies) > 1 else ()
    return Section(
        "scenarios",
        "How each policy fares in each scenario",
        (about,),
        (scenario_grid(findings), *ranked),
        lines=scenario_lines(findings),
        lines_title=SCENARIO_LINES,
    )


def _runs(findings: Findings) -> Section:
    """How the runs ended, and what is missing."""
    about = (
        "A certificate checks every plan outside the solver: feasibility and cost are counted again from the plan's "
        "tables, and a bound from the shadow prices proves how far the cost is from the least possible."
    )
    return Section(
        "runs",
        "Status and certificate",
        (about, runs_sentence(findings)),
        (),
        (runs_grid(findings),),
        lines=(
            *_failures(findings),
            *(("not made", text) for text in findings.studies.failures),
            *(("left out", text) for text in findings.studies.left_out),
        ),
        lines_title="Runs without a plan, and what could not be made",
    )


def _pathways(findings: Findings, tables: Tables) -> Section | None:
    """Front end only against end to end: stage shares beside what the finished units touched."""
    if not any(touched(findings, name) for name in findings.undisturbed):
        return None
    about = (
        "A stage share counts where the work of one stage is done. A finished unit is free of "
        f"{findings.concern.title} only if all of its {joined(findings.instance.stages)} work was done elsewhere. "
        "Where a policy limits pathways, each unit carries what it has touched; else lots mix, and the least that "
        "separate lots could show stands beside."
    )
    grids = [view_grid(findings, view) for view in views(findings)]
    return Section(
        "pathways",
        "Stage by stage, and end to end",
        (about,),
        (*grids, *scope_grids(findings, tables)),
        (touched_regions_grid(findings),)
        if not findings.studies.sizes
        else (touched_regions_grid(findings), size_grid(findings, seconds=True)),
        lines=view_lines(findings),
        lines_title="What the numbers support, in each view of what binds" if view_lines(findings) else "",
        lines_lead=True,
    )


def _choke_points(findings: Findings, tables: Tables, policies: list[str]) -> Section:
    """Rent, loss and time to survive side by side, and how far the shadow prices hold."""
    ranked = [name for name in policies if (tables["losses"]["policy"] == name).any()]
    priced = [name for name in policies if (tables["prices"]["policy"] == name).any()]
    rent = (
        "The shadow price says what one more unit of capacity would save; times the capacity it is the rent of the "
        "resource. It ranks what is scarce. It is not what losing the site would cost."
    )
    text = [rent]
    if ranked:
        text.append(
            "Loss when out: nothing is started there in any planned period, known from the first, and the plan is made "
            "anew with the options that the policy allows. Limits are lifted meanwhile: a hard share limit would stop "
            "what is left as well, and that would be the rule's doing, not the site's. Policies with the same options "
            "therefore have the same losses. " + disagreement(findings, tables)
        )
    if third := third_way(findings, tables):
        text.append(third)
    rankings = [ranking(findings, tables, name) for name in ranked]
    prices = [price_grid(findings, tables, name) for name in priced]
    regions = [region_loss_grid(findings, tables)] if ranked and len(tables["region_losses"]) else []
    return Section(
        "choke-points",
        "Choke points",
        tuple(text),
        (*rankings[:1], *regions),
        (*rankings[1:], choke_grid(findings, tables), *prices, limit_grid(findings, tables)),
    )


def _audit(findings: Findings) -> Section | None:
    """The audit: who depends on whom, from the data alone."""
    found = findings.studies.audit
    if found is None:
        return None
    return Section(
        "audit",
        "Audit: who depends on whom, before any plan",
        found.notes[:2],
        audit_grids(findings),
        audit_folded(findings),
        lines=audit_lines(findings),
        lines_title=f"Findings, {found.periods}",
        lines_lead=True,
    )


def _failures(findings: Findings) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f"{findings.label(name)}, {scenario or 'undisturbed'}: {failure.status}", failure.message)
        for name in findings.policies
        for scenario in (None, *findings.scenarios)
        if (failure := findings.failure(name, scenario)) is not None
    )
