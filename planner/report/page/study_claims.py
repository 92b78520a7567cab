"""The claims of the main text that rest on studies: strikes, time to survive, and the price of the limits."""

from __future__ import annotations

import math
from collections.abc import Mapping

from planner.report.calendar_parts import spoken
from planner.report.findings import Findings
from planner.report.names import Names
from planner.report.page.grids import Tables
from planner.report.page.part import Claim, made_claim
from planner.report.pictures.bars import asked_sites, loss_bars, survival_bars
from planner.report.pictures.over_time import recovery
from planner.report.pictures.price import price
from planner.report.sections.answer import worst_strike
from planner.report.sections.frontier import end_points, frontier_grid, marks_grid, near_grid
from planner.report.sections.recommendation import expected_losses
from planner.report.sections.recovery import loss_grid, lost_grid, recovery_grid
from planner.report.sections.survival import in_weeks, noticed, site_grid, survival_grid, within_a_day
from planner.report.tables.strikes import NEVER
from planner.study.stress.longest_outages import rows_within_horizon
from planner.study.stress.time_to_survive import made_up_for
from planner.text.figures import counted, first_of, joined, money, percent


def losses_claim(findings: Findings, tables: Tables, names: Names) -> Claim | None:
    """The loss of each policy when a scenario strikes without warning."""
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
    return made_claim("losses", title, text, [loss_bars(findings, table, names)], [loss_grid(findings, tables)])


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


def recovery_claim(findings: Findings, tables: Tables, names: Names) -> Claim | None:
    """How deliveries recover after the heaviest strike."""
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
    if all(noticed(tables, name, scenario) is False for name in table.loc[table["scenario"] == scenario, "policy"]):
        title = "After the heaviest strike nothing comes later or is lost"
        text = f"{names(scenario)}: every customer gets what the undisturbed plan delivers, and as early."
    lost = tables["strikes_lost"]
    grids = [recovery_grid(findings, tables)]
    grids += [lost_grid(tables, "item", "product"), lost_grid(tables, "customer", "customer")] if len(lost) else []
    return made_claim("recovery", title, text, [recovery(findings, tables["deliveries"], names)], grids)


def survival_claim(findings: Findings, tables: Tables, names: Names) -> Claim | None:
    """How long each site can be out before a customer gets less."""
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
    text += [told] if (told := made_up_for(own.assign(of=own["of"].map(names.short)))) else []
    return made_claim(
        "survival",
        title,
        " ".join(text),
        [survival_bars(findings, tables["survival"], names)],
        [site_grid(findings, tables), survival_grid(findings, tables)],
    )


def price_claim(findings: Findings, tables: Tables) -> Claim | None:
    """The least cost against the level of the limits."""
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
    return made_claim("price", title, text, [price(findings)], grids)
