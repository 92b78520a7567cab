"""The Sankey picture: units from stage to stage by region, coloured once they have touched the region of concern."""

from __future__ import annotations

from collections import defaultdict

from planner.report.findings import Findings, reported
from planner.report.pictures.svg import Drawing, Picture, box, fitted, ribbon, text
from planner.text.figures import count, percent

WIDTH, HEIGHT, BAR, SPACE, TOP = 560, 300, 12, 6, 26
LAST = 84  # pixels for the names beside the last column
SMALLEST = 0.004  # of all units: thinner flows are not drawn
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
        drawings.append(Drawing(findings.label(name), WIDTH, HEIGHT + TOP + 8, _drawn(findings, paths, stages, whole)))
        said.append(f"under {findings.label(name)} {percent(free)} of {count(whole)} units touch it nowhere")
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
    """Units by the regions of their stages (several where a stage gives several parts), and where they were touched."""
    plan = findings.undisturbed[name]
    if "allocation" not in plan.tables:
        return {}
    table = reported(findings, plan.allocation)
    region = {site.site: site.region for site in findings.instance.sites}
    inside = frozenset(findings.concern.regions)
    found: Paths = defaultdict(float)
    columns = [table[stage].astype(str) if stage in table else [""] * len(table) for stage in stages]
    for *sites, units in zip(*columns, table["quantity"], strict=True):
        regions = [sorted({region[site] for site in cell.split("+") if site in region}) for cell in sites]
        hit = tuple(bool(inside & set(part)) for part in regions)
        found[tuple(_word(findings, part) for part in regions), hit] += float(units)
    return found


def _word(findings: Findings, regions: list[str]) -> str:
    return " + ".join(findings.region_name(region) for region in regions) or "-"


def _made(findings: Findings, stage: str) -> bool:
    return any(item.stage == stage for item in findings.instance.items)


def _drawn(findings: Findings, paths: Paths, stages: list[str], whole: float) -> str:
    """Columns of regions with bands between them; a band is touched or free by all stages up to its left end."""
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
    step = (WIDTH - BAR - LAST) / (len(stages) - 1)
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
        parts.append(text(middle, 14, stages[at], anchor=anchor, weight=600))
        for region, units in column.items():
            tall, dirt = units * scale, dirty[at][region] * scale
            words = f"{stages[at]} in {region}: {percent(units / whole)}"
            parts.append(box(at * step, tops[at][region], BAR, dirt, "var(--touched)", words))
            parts.append(box(at * step, tops[at][region] + dirt, BAR, tall - dirt, "var(--free)", words))
            if tall > 11:
                room = (step - BAR if at < len(stages) - 1 else LAST) - 4
                y = tops[at][region] + tall / 2 + 4
                parts.append(text(at * step + BAR + 4, y, fitted(region, room, 11), size=11))
    return "".join(parts)
