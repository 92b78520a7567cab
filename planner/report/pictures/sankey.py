"""The Sankey picture: units from stage to stage by region, coloured once they have touched the region of concern."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class _Columns:
    """The units of all paths by column, which is a stage: what is drawn.

    Attributes:
        units: for each column the units in each region.
        touched: of them those that have touched the region of concern, there or before.
        bands: for each column but the last the units to the next one, by both regions and whether touched by then.
    """

    units: list[dict[str, float]]
    touched: list[dict[str, float]]
    bands: list[dict[Flow, float]]

    @classmethod
    def of(cls, paths: Paths, count: int) -> _Columns:
        """The units of some paths through a number of stages."""
        found = cls(
            [defaultdict(float) for _ in range(count)],
            [defaultdict(float) for _ in range(count)],
            [defaultdict(float) for _ in range(count - 1)],
        )
        for (regions, hit), units in paths.items():
            for at, region in enumerate(regions):
                touched = any(hit[: at + 1])
                found.units[at][region] += units
                found.touched[at][region] += units if touched else 0.0
                if at + 1 < count:
                    found.bands[at][region, regions[at + 1], touched] += units
        return found


@dataclass(frozen=True)
class _Places:
    """Where the columns stand.

    Attributes:
        tops: for each column the upper end of each region's bar, in pixels.
        scale: pixels a unit.
        step: pixels from a column to the next one.
    """

    tops: list[dict[str, float]]
    scale: float
    step: float

    @classmethod
    def of(cls, columns: _Columns, whole: float, width: float, home: str) -> _Places:
        """The region of concern, `home`, stands above all others, and then whatever has most units."""
        most = max(map(len, columns.units))
        scale = (HEIGHT - SPACE * (most - 1)) / whole
        tops = []
        for units in columns.units:
            y, places = float(TOP), {}
            for region in sorted(units, key=lambda region: (region != home, -units[region], region)):
                places[region] = y
                y += units[region] * scale + SPACE
            tops.append(places)
        return cls(tops, scale, (width - BAR - LAST) / (len(columns.units) - 1))


def _drawn(findings: Findings, name: str | None, paths: Paths, stages: list[str], width: float) -> Drawing:
    """Columns of regions with bands between them; a band is touched or free by all stages up to its left end."""
    whole, letters = sum(paths.values()), 12 if width > PHONE else 10
    columns = _Columns.of(paths, len(stages))
    places = _Places.of(columns, whole, width, findings.concern.title)
    marks = _bands(columns, places, whole) + _bars(columns, places, whole, stages, letters)
    return Drawing(findings.label(name), width, HEIGHT + TOP + 8, "".join(marks))


def _bands(columns: _Columns, places: _Places, whole: float) -> list[str]:
    """A ribbon for each flow from a column to the next, in the order of the bars at its ends."""
    marks = []
    for at, bands in enumerate(columns.bands):
        out, into = dict(places.tops[at]), dict(places.tops[at + 1])
        order = sorted(bands, key=lambda flow: (places.tops[at][flow[0]], places.tops[at + 1][flow[1]], not flow[2]))
        for one, other, touched in order:
            units = bands[one, other, touched]
            tall = units * places.scale
            if units > SMALLEST * whole:
                words = f"{one} to {other}: {percent(units / whole)}, {'touched' if touched else 'not touched so far'}"
                left, right = (at * places.step + BAR, out[one]), ((at + 1) * places.step, into[other])
                marks.append(ribbon(left, right, tall, f"var(--{'touched' if touched else 'free'})", words))
            out[one] += tall
            into[other] += tall
    return marks


def _bars(columns: _Columns, places: _Places, whole: float, stages: list[str], letters: int) -> list[str]:
    """For each column its stage, and for each of its regions a bar of what is touched and what is not, and a name."""
    marks, last = [], len(stages) - 1
    for at, (stage, units_in) in enumerate(zip(stages, columns.units, strict=True)):
        left = at * places.step
        anchor, middle = {0: ("start", 0.0), last: ("end", BAR)}.get(at, ("middle", BAR / 2))
        marks.append(text(left + middle, 14, stage, anchor=anchor, size=letters, weight=600))
        for region, units in units_in.items():
            top, tall = places.tops[at][region], units * places.scale
            touched = columns.touched[at][region] * places.scale
            words = f"{stage} in {region}: {percent(units / whole)}"
            marks.append(box(left, top, BAR, touched, "var(--touched)", words))
            marks.append(box(left, top + touched, BAR, tall - touched, "var(--free)", words))
            if tall > 11:
                room = (LAST if at == last else places.step - BAR) - 4
                marks.append(text(left + BAR + 4, top + tall / 2 + 4, fitted(region, room, 11), size=11))
    return marks
