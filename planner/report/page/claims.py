"""The main text of the report: sections of one claim each, of at most 80 words, with a picture and its tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.report.calendar_parts import spoken, spoken_window
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
from planner.report.pictures.bars import asked_sites, loss_bars, split_bars, survival_bars
from planner.report.pictures.over_time import LIMITS, recovery, shares_over_time
from planner.report.pictures.places import exceptions, use, world
from planner.report.pictures.policies import owed, shares
from planner.report.pictures.price import price
from planner.report.pictures.sankey import flows
from planner.report.pictures.svg import Picture
from planner.report.sections.answer import cost_change, extra_cost, partial_policy, worst_strike
from planner.report.sections.choke_points import ranking
from planner.report.sections.frontier import end_points, frontier_grid, marks_grid, near_grid
from planner.report.sections.pathway_grids import scope_grids, touched_regions_grid, view_grid
from planner.report.sections.pathways import binding, move, nearly, touched, views
from planner.report.sections.recommendation import expected_losses
from planner.report.sections.recovery import loss_grid, lost_grid, recovery_grid
from planner.report.sections.runs import options_grid, production_grid
from planner.report.sections.service_words import service_figure, service_line, service_of
from planner.report.sections.survival import in_weeks, site_grid, survival_grid, within_a_day
from planner.report.tables.strikes import NEVER
from planner.study.stress.longest_outages import rows_within_horizon
from planner.text.figures import counted, first_of, joined, money, money_change, percent


@dataclass(frozen=True)
class Claim:
    """A section of the main text.

    Attributes:
        name: the id of the section on the page.
        title: the claim, in words that a reader could repeat.
        text: the evidence for it, at most 80 words.
        pictures: the pictures that show it.
        grids: its tables, folded under the pictures.
    """

    name: str
    title: str
    text: str
    pictures: tuple[Picture, ...]
    grids: tuple[Grid, ...] = ()


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
        _losses(findings, tables, names),
        _recovery(findings, tables, names),
        _survival(findings, tables, names),
        _price(findings, tables),
        _use(findings, tables),
        _map(findings, tables),
    )
    return tuple(claim for claim in every if claim is not None)


def _last(findings: Findings) -> str | None:
    return [*findings.undisturbed][-1]


def _claim(name: str, title: str, text: str, pictures: Sequence[Picture | None], grids: Sequence[Grid]) -> Claim | None:
    drawn = tuple(picture for picture in pictures if picture is not None)
    return (
        Claim(name, title[:1].upper() + title[1:], text, drawn, tuple(grid for grid in grids if grid.rows))
        if drawn
        else None
    )


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
    return _claim("cost", title, text, [split_bars(findings)], grids)


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
    return _claim("stages", title, " ".join([text, *lines]), [shares(findings)], grids)


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
    title = f"{nearly(two.share)} of finished units touch {where} even under {findings.label(last)}"
    if last == findings.first:
        title = f"{nearly(two.share)} of finished units touch {where}"
    text = f"Follow a band from the left: it turns colour at the first stage that is done in {where}, and stays so."
    known = any("allocation" in plan.tables for plan in findings.undisturbed.values())
    grids = [*scope_grids(findings, tables), touched_regions_grid(findings)]
    return _claim("flows", title, text, [flows(findings) if known else None], grids)


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
    return _claim("time", title, text, [picture], grids)


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
    return _claim("service", title, text, [owed(findings)], grids)


def _losses(findings: Findings, tables: Tables, names: Names) -> Claim | None:
    table = tables["strikes"]
    if table.empty or worst_strike(findings) is None:
        return None
    wide = table.pivot_table("loss", "scenario", "policy", "first").dropna()
    labels = [findings.label(name) for name in findings.undisturbed if findings.label(name) in wide]
    title = "What a strike without warning takes"
    if len(wide) and len(labels) > 1:
        least = {name: int((wide[name] <= wide[labels].min(axis=1)).sum()) for name in labels}
        best = max(least, key=lambda name: least[name])
        strikes = f"in {least[best]} of {len(wide)} strikes" if len(wide) > 1 else "when struck"
        title = f"{best} loses least {strikes} without warning" if len(wide) > 1 or sum(least.values()) == 1 else title
    expected = expected_losses(findings)
    text = (
        "The past stays as planned; the rest is planned anew, and promises may be broken at a price. Sales that are "
        "lost count at their price."
    )
    known = {name: loss for name, loss in expected.items() if not math.isnan(loss)}
    if known:
        text += f" Expected loss (loss times probability): {_expected(findings, known)}."
    return _claim("losses", title, text, [loss_bars(findings, table, names)], [loss_grid(findings, tables)])


def _expected(findings: Findings, losses: Mapping[str | None, float]) -> str:
    """The expected loss of the first policy, and what the others save of it: rounded once, as where it is decided."""
    first, currency = next(iter(losses)), findings.currency
    saved = {name: losses[first] - loss for name, loss in losses.items() if name != first}
    told = [
        f"{findings.label(name)} {'saves' if part >= 0 else 'adds'} {money(abs(part), currency)}"
        for name, part in saved.items()
    ]
    base = f"{money(losses[first], currency)} for {findings.label(first)}"
    return f"{base}; of it {joined(told)}" if told else base


def _recovery(findings: Findings, tables: Tables, names: Names) -> Claim | None:
    table, scenario = tables["strikes"], worst_strike(findings)
    if scenario is None:
        return None
    own = table[(table["scenario"] == scenario) & (table["policy"] == findings.label(findings.first))]
    back = str(own["back"].iloc[0]) if len(own) else ""
    title = (
        f"After the heaviest strike service is back from {spoken(back)} on"
        if back and back != NEVER
        else "After the heaviest strike service is not back within the plan"
    )
    text = f"{names(scenario)}: what is shaded comes later, or never."
    lost = tables["strikes_lost"]
    grids = [recovery_grid(findings, tables)]
    grids += [lost_grid(tables, "item", "product"), lost_grid(tables, "customer", "customer")] if len(lost) else []
    return _claim("recovery", title, text, [recovery(findings, tables["deliveries"], names)], grids)


def _survival(findings: Findings, tables: Tables, names: Names) -> Claim | None:
    own = asked_sites(findings, tables["survival"])
    if not rows_within_horizon(own).any():
        return None
    none, open_end = own[within_a_day(own)], own[own["at_least"] != ""]
    how = "for a day" if in_weeks(own) else "at all"
    sites = counted(len(own), "site")
    title = f"{len(none)} of {sites} cannot be out {how}" if len(none) else "Every site can be out for a while"
    first = first_of([names.short(str(site)) for site in none["of"]], 4)
    stages = findings.instance.stage_of
    out = {str(site) for site in none["of"]}
    kinds = joined(sorted({stages[row.item] for row in findings.instance.processes if row.site in out}))
    text = [f"{first} ({kinds})."] if first else []
    text += ["An outage counts as soon as it makes any unit later for anyone."]
    text += [f"{len(open_end)} can be out for as long as the plan can tell."] if len(open_end) else []
    return _claim(
        "survival",
        title,
        " ".join(text),
        [survival_bars(findings, tables["survival"], names)],
        [site_grid(findings, tables), survival_grid(findings, tables)],
    )


def _price(findings: Findings, tables: Tables) -> Claim | None:
    found = findings.studies.frontier
    if found is None or len(found.tightening) < 2:
        return None
    title = "What tighter limits cost"
    first, last = end_points(found)
    if last > 0:
        one, other = (money(price, findings.currency) for price in (first, last))
        title = f"A point of independence costs {one} at first, {other} at the end"
    kind = "least share free" if found.floor else "largest share"
    number, label, verb = len(found.limits), findings.label(found.policy), "ask for" if found.floor else "allow"
    what = f"{number} limits of {label} {verb}, moved together"
    if number == 1:
        what = f"one limit of {label} {'asks for' if found.floor else 'allows'}"
    own = f"; as written {percent(found.own)}" if found.own is not None else ""
    text = (
        f"The level is the {kind} that {what}{own}. Policies are marked by their worst customer and "
        f"{findings.period_word}, not by their share of all units."
    )
    grids = [marks_grid(findings, tables), near_grid(findings), frontier_grid(findings, tables)]
    return _claim("price", title, text, [price(findings)], grids)


def _use(findings: Findings, tables: Tables) -> Claim | None:
    said = exceptions(findings, tables["utilisation"])
    labels = [findings.label(name) for name in findings.undisturbed]
    grids = [ranking(findings, tables, label) for label in labels[:1] if (tables["losses"]["policy"] == label).any()]
    grids += [choke_grid(findings, tables), *(utilisation_grid(findings, tables, label) for label in labels)]
    text = (
        "What is full has a shadow price: what one more unit of it would save. What is not full can still be missed at "
        "once when it is out."
    )
    return _claim("use", said.rstrip(".") or "Use of capacity", text, [use(findings, tables["utilisation"])], grids)


def _map(findings: Findings, tables: Tables) -> Claim | None:
    where = findings.concern.title
    text = f"Circles grow with the units of all stages; {where} is coloured. Places are the mean of a region's sites."
    title = f"Where the work is done: {where} and its alternatives"
    return _claim("places", title, text, [world(findings)], [production_grid(findings, tables)])
