"""The Sankey picture: units from stage to stage by region, coloured once they have touched the region of concern."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import product
from math import prod

from planner.instance.records import Arrival, Stock
from planner.plan.allocation import stage_columns
from planner.plan.tracing import ON_THE_WAY, STOCK, SUPPLIES
from planner.report.findings import Findings, reported_rows
from planner.report.pictures.svg import PHONE, Drawing, Picture, box, fitted, ribbon, text
from planner.text.cases import under
from planner.text.figures import count, percent

WIDTH, HEIGHT, BAR, SPACE, TOP = 560, 300, 12, 6, 26
LAST = 84  # pixels for the names beside the last column
SMALLEST = 0.004  # of all units: thinner flows are not drawn
BEFORE, NONE = "done before", "not needed"  # no site of the plan has done a stage of a unit
NEW = (False, 0.0)  # neither worked on nor touched
Flow = tuple[str, str, bool]
Paths = dict[tuple[tuple[str, ...], tuple[bool, ...]], float]


def flows(findings: Findings) -> Picture | None:
    """Finished units of the reported periods through the regions of every stage, a drawing a policy."""
    stages = [stage for stage in findings.instance.stages if _made(findings, stage)]
    if len(stages) < 2:
        return None
    drawings, said = [], []
    for name in findings.undisturbed:
        paths = unit_paths(findings, name, stages)
        whole = sum(paths.values())
        if whole <= 0:
            continue
        free = sum(units for (_, hit), units in paths.items() if not any(hit)) / whole
        wide, narrow = (_drawn(findings, name, paths, stages, width) for width in (WIDTH, PHONE))
        drawings.append(replace(wide, narrow=narrow))
        said.append(f"{under(findings.label(name))} {percent(free)} of {count(whole)} units touch it nowhere")
    if not drawings:
        return None
    where = findings.concern.title
    return Picture(
        "flows",
        f"Finished units through the regions of every stage; coloured once they have touched {where}",
        f"Bands from stage to stage, as wide as the units in them, coloured from the first stage in {where} on: "
        f"{'; '.join(said)}.",
        tuple(drawings),
        ((f"has touched {where}", "var(--touched)"), ("has not", "var(--free)")),
        columns=min(2, len(drawings)),
    )


def unit_paths(findings: Findings, name: str | None, stages: list[str]) -> Paths:
    """Units by the regions of their stages (several where a stage gives several parts), and where they were touched.

    Opening stock and arrivals count as the exposure of units counts them: by the site that has worked on them, and by
    what their rows name. Where the rows of a site and stage differ, units are shared out in proportion to them.
    """
    plan = findings.undisturbed[name]
    if "allocation" not in plan.tables:
        return {}
    table = reported_rows(findings, plan.allocation)
    region = findings.instance.region_of
    inside = frozenset(findings.concern.regions)
    held = _held(findings, inside)
    found: Paths = defaultdict(float)
    titles = dict(zip(findings.instance.stages, stage_columns(findings.instance), strict=True))
    columns = [table[titles[stage]].astype(str) if titles[stage] in table else [""] * len(table) for stage in stages]
    for *cells, units in zip(*columns, table["quantity"], strict=True):
        words, chances = [], []
        for at, (stage, cell) in enumerate(zip(stages, cells, strict=True)):
            worked, free = set(), 1.0
            for part in cell.split("+"):
                site = part.removesuffix(STOCK).removesuffix(ON_THE_WAY)
                here, touched = (
                    (True, float(region[site] in inside)) if part in region else held.get((site, stage), NEW)
                )
                worked |= {region[site]} if here and site in region else set()
                free *= 1.0 - touched
            before = any(mark in other for other in cells[at:] for mark in SUPPLIES)
            words.append(_word(findings, sorted(worked)) or (BEFORE if before else NONE))
            chances.append(((False, free), (True, 1.0 - free)))
        for outcome in product(*chances):
            share = prod(chance for _, chance in outcome)
            if share > 0:
                found[tuple(words), tuple(hit for hit, _ in outcome)] += float(units) * share
    return found


def _held(findings: Findings, inside: frozenset[str]) -> dict[tuple[str, str], tuple[bool, float]]:
    """By site and stage, of opening stock and arrivals: whether the site has worked on them, and the share touched."""
    instance = findings.instance
    region = instance.region_of
    stage = instance.stage_of
    rows: dict[tuple[str, str], list[tuple[bool, bool, float]]] = defaultdict(list)
    amounts: list[tuple[Stock | Arrival, float]] = [(row, row.opening) for row in instance.stocks]
    amounts += [(row, row.quantity * len(instance.periods.window(row.period))) for row in instance.arrivals]
    for row, units in amounts:
        if units > 0:
            here = row.worked_here and row.site in region
            touched = bool(inside & {*row.touched, *([region[row.site]] if here else [])})
            rows[row.site, stage[row.item]].append((here, touched, units))
    return {
        key: (
            any(here for here, _, _ in part),
            sum(units for _, touched, units in part if touched) / sum(units for *_, units in part),
        )
        for key, part in rows.items()
    }


def _word(findings: Findings, regions: list[str]) -> str:
    return " + ".join(findings.region_name(region) for region in regions)


def _made(findings: Findings, stage: str) -> bool:
    return any(item.stage == stage for item in findings.instance.items)


def _drawn(findings: Findings, name: str | None, paths: Paths, stages: list[str], width: float) -> Drawing:
    """Columns of regions with bands between them; a band is touched or free by all stages up to its left end."""
    whole, letters = sum(paths.values()), 12 if width > PHONE else 10
    nodes: list[dict[str, float]] = [defaultdict(float) for _ in stages]
    bands: list[dict[Flow, float]] = [defaultdict(float) for _ in stages[:-1]]
    dirty: list[dict[str, float]] = [defaultdict(float) for _ in stages]
    for (regions, hit), units in paths.items():
        for at, region in enumerate(regions):
            nodes[at][region] += units
            dirty[at][region] += units if any(hit[: at + 1]) else 0.0
            if at + 1 < len(regions):
                bands[at][region, regions[at + 1], any(hit[: at + 1])] += units
    most = max(len(column) for column in nodes)
    scale = (HEIGHT - SPACE * (most - 1)) / whole
    step = (width - BAR - LAST) / (len(stages) - 1)
    home = findings.concern.title
    tops: list[dict[str, float]] = []
    parts = []
    for column in nodes:
        order = sorted(column, key=lambda region: (region != home, -column[region], region))
        y, places = float(TOP), {}
        for region in order:
            places[region] = y
            y += column[region] * scale + SPACE
        tops.append(places)
    for at, band in enumerate(bands):
        out, into = dict(tops[at]), dict(tops[at + 1])
        for (one, other, red), units in sorted(
            band.items(), key=lambda row: (tops[at][row[0][0]], tops[at + 1][row[0][1]], not row[0][2])
        ):
            tall = units * scale
            if units > SMALLEST * whole:
                words = f"{one} to {other}: {percent(units / whole)}, {'touched' if red else 'not touched so far'}"
                left, right = (at * step + BAR, out[one]), ((at + 1) * step, into[other])
                parts.append(ribbon(left, right, tall, f"var(--{'touched' if red else 'free'})", words))
            out[one] += tall
            into[other] += tall
    for at, column in enumerate(nodes):
        anchor = "start" if at == 0 else "middle" if at < len(stages) - 1 else "end"
        middle = at * step + (0 if at == 0 else BAR / 2 if at < len(stages) - 1 else BAR)
        parts.append(text(middle, 14, stages[at], anchor=anchor, size=letters, weight=600))
        for region, units in column.items():
            tall, dirt = units * scale, dirty[at][region] * scale
            words = f"{stages[at]} in {region}: {percent(units / whole)}"
            parts.append(box(at * step, tops[at][region], BAR, dirt, "var(--touched)", words))
            parts.append(box(at * step, tops[at][region] + dirt, BAR, tall - dirt, "var(--free)", words))
            if tall > 11:
                room = (step - BAR if at < len(stages) - 1 else LAST) - 4
                y = tops[at][region] + tall / 2 + 4
                parts.append(text(at * step + BAR + 4, y, fitted(region, room, 11), size=11))
    return Drawing(findings.label(name), width, HEIGHT + TOP + 8, "".join(parts))
