"""The main text of the report: sections of one claim each, of at most 80 words, with a picture and its tables."""

from __future__ import annotations

from planner.report.calendar_parts import spoken_window
from planner.report.findings import Findings
from planner.report.names import Names
from planner.report.page.grids import (
    Grid,
    Tables,
    choke_grid,
    cost_grid,
    exposure_grid,
    made_grid,
    product_grid,
    service_grid,
    shares_grid,
    utilisation_grid,
)
from planner.report.page.part import Claim, made_claim
from planner.report.page.study_claims import losses_claim, price_claim, recovery_claim, survival_claim
from planner.report.pictures.bars import split_bars
from planner.report.pictures.over_time import LIMITS, shares_over_time
from planner.report.pictures.places import exceptions, use, world
from planner.report.pictures.policies import owed, shares
from planner.report.pictures.sankey import flows
from planner.report.sections.answer import cost_change, extra_cost, partial_policy
from planner.report.sections.choke_points import ranking
from planner.report.sections.pathway_grids import scope_grids, touched_regions_grid, view_grid
from planner.report.sections.pathways import binding, move, touched, views
from planner.report.sections.runs import options_grid, production_grid
from planner.report.sections.service_words import service_figure, service_line, service_of
from planner.text.cases import under
from planner.text.figures import joined, money_change, nearly


def claims(findings: Findings, tables: Tables, names: Names) -> tuple[Claim, ...]:
    """The sections that have a picture, in order."""
    if not findings.undisturbed:
        return ()
    every = (
        _cost(findings, tables),
        _stages(findings),
        _flows(findings, tables),
        _over_time(findings, tables),
        _service(findings, tables),
        losses_claim(findings, tables, names),
        recovery_claim(findings, tables, names),
        survival_claim(findings, tables, names),
        price_claim(findings, tables),
        _use(findings, tables),
        _map(findings, tables),
    )
    return tuple(claim for claim in every if claim is not None)


def _last(findings: Findings) -> str | None:
    return [*findings.undisturbed][-1]


def _cost(findings: Findings, tables: Tables) -> Claim | None:
    last = _last(findings)
    table, label = findings.studies.split, findings.label(last)
    change = cost_change(findings, last)
    text = "Each part is switched on after the ones above it and the whole is planned anew."
    if any(limit.measure == "pathway" for policy in (findings.policy(last),) if policy for limit in policy.limits):
        text += " Pathway limits count finished units by all that their stages touched."
    other = table.dropna(subset=["other_order"])
    if len(other):
        told = [f"{row.part} {money_change(float(row.other_order), findings.currency)}" for row in other.itertuples()]
        text += f" In the reverse order, where it differs by over a tenth: {joined(told)}."
    title = f"{label} costs {extra_cost(findings, change)}{_dearest(findings, change)}"
    grids = [split_grid(findings), cost_grid(findings, tables)]
    grids += [options_grid(findings, tables)] if findings.instance.expansions else []
    return made_claim("cost", title, text, [split_bars(findings)], grids)


def _dearest(findings: Findings, change: float) -> str:
    """The end of a sentence that names the part with the largest cost; empty where no part has a known cost."""
    table = findings.studies.split
    if table.empty or not (table["cost"] > 0).any():
        return ""
    row = table.loc[table["cost"].idxmax()]
    return f"; {'most of it is' if row['cost'] > change / 2 else 'the largest part is'} {row['part']}"


def split_grid(findings: Findings) -> Grid:
    """The cost of each part of the widest policy against the first one, and in the reverse order where that differs."""
    table, last = findings.studies.split, findings.label(_last(findings))
    rows = [
        [
            str(row.part),
            money_change(float(row.cost), findings.currency),
            money_change(float(row.other_order), findings.currency),
            str(row.reason),
        ]
        for row in table.itertuples()
    ]
    return made_grid(
        f"What each part of {last} costs against {findings.label(findings.first)}, switched on one after another; in "
        "the reverse order where that differs by over a tenth",
        ["part", "cost", "in the reverse order", "why not known"],
        rows,
        texts=(0, 3),
    )


def _stages(findings: Findings) -> Claim | None:
    part, where = partial_policy(findings), findings.concern.title
    front = move(findings, part) if part not in {None, findings.first} else None
    if front is not None and front.units_stay:
        title = f"Moving {front.stage} is not enough: {nearly(front.units_after)} of units still touch {where}"
    else:
        title = f"What is made in {where}, stage by stage"
    lines = []
    for view in views(findings)[1:]:
        other = move(findings, part, view) if part not in {None, findings.first} else None
        if other is not None:
            one, two = findings.plan(part, view), findings.plan(findings.first, view)
            extra = extra_cost(findings, one.objective - two.objective) if one and two else "an unknown amount"
            same = nearly(other.units_after) == nearly(other.units_before)
            usual = "as without limits" if same else f"{nearly(other.units_before)} without limits"
            lines.append(
                f"{_view(findings, view)}, {findings.label(part)} costs {extra} and leaves {nearly(other.units_after)} "
                f"of units touching {where} ({usual})."
            )
    text = (
        "A unit is free only if every stage of it was done elsewhere, so shares of stages promise more than units keep."
    )
    grids = [*(view_grid(findings, view) for view in views(findings)), shares_grid(findings)]
    return made_claim("stages", title, " ".join([text, *lines]), [shares(findings)], grids)


def _view(findings: Findings, view: str | None) -> str:
    """The beginning of a sentence that names another view, in which another stage is the bottleneck."""
    usual, other = binding(findings, findings.first), binding(findings, findings.first, view)
    if usual is None or other is None:
        return Names.of_instance(findings.instance)(str(view))
    return f"Where {other.stage} and not {usual.stage} binds"


def _flows(findings: Findings, tables: Tables) -> Claim | None:
    last, where = _last(findings), findings.concern.title
    one, two = touched(findings, findings.first), touched(findings, last)
    if one is None or two is None:
        return None
    title = f"{nearly(two.share)} of finished units touch {where} even {under(findings.label(last))}"
    if last == findings.first:
        title = f"{nearly(two.share)} of finished units touch {where}"
    text = f"Follow a band from the left: it turns colour at the first stage that is done in {where}, and stays so."
    known = any("allocation" in plan.tables for plan in findings.undisturbed.values())
    grids = [*scope_grids(findings, tables), touched_regions_grid(findings)]
    return made_claim("flows", title, text, [flows(findings) if known else None], grids)


def _over_time(findings: Findings, tables: Tables) -> Claim | None:
    last = findings.label(_last(findings))
    picture = shares_over_time(findings, tables["exposure"])
    limited = picture is not None and any(colour == LIMITS for _, colour in picture.key)
    bars = f"; short bars are the limits of {last}" if limited else ""
    text = f"Each stage by itself{bars}. Lines count units, or what stands in brackets, as the limits do."
    title = f"{findings.concern.title}'s share of each stage over time"
    if picture is not None and _falls_as_limits_tighten(findings, tables) and _opens_elsewhere(findings, tables):
        title = f"{findings.concern.title}'s share falls as limits tighten and sites elsewhere open"
    if not any(
        limit.stage for name in findings.undisturbed if (policy := findings.policy(name)) for limit in policy.limits
    ):
        text = "Each stage by itself, in the order of the chain."
    grids = [exposure_grid(findings, tables, findings.label(name)) for name in findings.undisturbed]
    return made_claim("time", title, text, [picture], grids)


def _falls_as_limits_tighten(findings: Findings, tables: Tables) -> bool:
    """Whether the last policy's limits tighten at any stage, and its share falls at every such stage."""
    table, [region, *_] = tables["exposure"], findings.concern.regions
    own = table[(table["policy"] == findings.label(_last(findings))) & (table["region"] == region)]
    ends = []
    for _, rows in own.groupby("stage"):
        known = rows.set_index("period").reindex(findings.periods)[["limit", "weighted_share"]].dropna()
        if len(known) and known["limit"].iloc[-1] < known["limit"].iloc[0]:
            ends.append((known["weighted_share"].iloc[0], known["weighted_share"].iloc[-1]))
    return bool(ends) and all(last < first for first, last in ends)


def _opens_elsewhere(findings: Findings, tables: Tables) -> bool:
    """Whether the last policy's undisturbed plan buys options at sites outside the region of concern."""
    table = tables["options"]
    bought = table[(table["policy"] == findings.label(_last(findings))) & (table["scenario"] == "")]
    there = {site.site for site in findings.instance.sites if site.region in findings.concern.regions}
    return not set(bought["site"]) <= there


def _service(findings: Findings, tables: Tables) -> Claim | None:
    parts = {name: service_of(plan) for name, plan in findings.undisturbed.items()}
    lost = [findings.label(name) for name, part in parts.items() if part.lost > 0]
    title = f"{joined(lost)} lose{'s' if len(lost) == 1 else ''} orders" if lost else "Orders wait, none are lost"
    first = parts[findings.first]
    text = f"{findings.label(findings.first)}: {service_figure(first)} {service_line(findings, first)}."
    if len(findings.periods) < len(findings.instance.periods):
        text += f" Paler columns lie outside {spoken_window(findings.periods)} and have orders of their own."
    grids = [product_grid(findings, tables), service_grid(findings, tables)]
    return made_claim("service", title, text, [owed(findings)], grids)


def _use(findings: Findings, tables: Tables) -> Claim | None:
    said = exceptions(findings, tables["utilisation"])
    labels = [findings.label(name) for name in findings.undisturbed]
    grids = [ranking(findings, tables, label) for label in labels[:1] if (tables["losses"]["policy"] == label).any()]
    grids += [choke_grid(findings, tables), *(utilisation_grid(findings, tables, label) for label in labels)]
    text = (
        "What is full has a shadow price: what one more unit of it would save. What is not full can still be missed at "
        "once when it is out."
    )
    return made_claim("use", said.rstrip(".") or "Use of capacity", text, [use(findings, tables["utilisation"])], grids)


def _map(findings: Findings, tables: Tables) -> Claim | None:
    where = findings.concern.title
    text = f"Circles grow with the units of all stages; {where} is coloured. Places are the mean of a region's sites."
    title = f"Where the work is done: {where} and its alternatives"
    return made_claim("places", title, text, [world(findings)], [production_grid(findings, tables)])
