"""Pictures by place: the use of each stage inside and outside the region of concern, and a map of the regions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from planner.instance.instance import Instance
from planner.instance.lines import line_capacities_of
from planner.report.calendar_parts import spoken
from planner.report.findings import Findings, reported_rows
from planner.report.pictures.svg import LETTER, PHONE, Drawing, Picture, box, dot, fitted, line, text
from planner.text.cases import under
from planner.text.figures import joined, nearly, percent

WIDTH, ROW = 640, 24
FULL = 0.999
MOST_TOLD = 8  # periods in which a stage is not full that a sentence names
NAMES_BESIDE = 1.06  # on a phone, in widths of the map: names are as long there as on a desk
BESIDE = 75  # degrees to the right of the last region, for names


def use_by_stage(findings: Findings, table: pd.DataFrame) -> pd.DataFrame:
    """Use of each stage of the first policy by period: stage, inside (the region of concern), period, used share."""
    own = table[(table["policy"] == findings.label(findings.first)) & (table["capacity"] > 0)]
    own = own[own["capacity"] < math.inf].assign(inside=own["region"].isin(findings.concern.regions))
    sums = own.groupby(["stage", "inside", "period"], sort=False)[["used", "capacity"]].sum().reset_index()
    return sums.assign(share=sums["used"] / sums["capacity"])


def use(findings: Findings, table: pd.DataFrame) -> Picture | None:
    """One cell for each stage and period, inside the region of concern and outside: the higher the use, the darker."""
    sums = use_by_stage(findings, table)
    if sums.empty:
        return None
    rows = [
        (f"{stage}, {findings.concern.title if inside else 'elsewhere'}", own.set_index("period")["share"])
        for stage in findings.instance.stages
        for inside in (True, False)
        if not (own := sums[(sums["stage"] == stage) & (sums["inside"] == inside)]).empty
    ]
    periods = list(findings.periods)
    said = []
    for name, own in rows:
        least, most = (percent(float(share), 0) for share in (own.min(), own.max()))
        said.append(f"{name}: {least}" if least == most else f"{name}: {least} to {most}")
    return Picture(
        "use",
        f"Use of capacity by stage and {findings.period_word} {under(findings.label(findings.first))}, per cent",
        f"Cells by stage and {findings.period_word}, the fuller the darker. {'; '.join(said)}.",
        (replace(_cells(rows, periods, WIDTH, 190), narrow=_cells(rows, periods, PHONE, 132)),),
    )


def _cells(rows: Sequence[tuple[str, pd.Series]], periods: Sequence[str], width: float, left: float) -> Drawing:
    """A row of cells for each name, one cell for each period; names end at `left`."""
    step = (width - left) / len(periods)
    most = min(8, int((width - left) / (LETTER * (max(map(len, periods)) + 1))))  # labels that fit side by side
    shown = range(0, len(periods), max(1, math.ceil(len(periods) / max(most, 1))))
    parts = [
        text(left + (at + 0.5) * step, 12, periods[at], anchor="middle", size=11, colour="var(--soft)") for at in shown
    ]
    for row, (name, own) in enumerate(rows):
        y = 18.0 + ROW * row
        parts.append(text(0, y + 15, fitted(name, left - 4)))
        for at, period in enumerate(periods):
            share = float(own.get(period, math.nan))
            if math.isnan(share):
                continue
            place = (left + at * step + 1, y + 1, step - 2, ROW - 4)
            shade = 1.0 if share >= FULL else 0.4 * max(0.0, (share - 0.5) * 2) ** 2
            parts.append(box(*place, "var(--track)"))
            parts.append(box(*place, "var(--accent)", f"{name}, {period}: {percent(share)}", opacity=shade))
            if step > 34:
                ink = "var(--paper)" if share >= FULL else "var(--ink)"
                middle = left + (at + 0.5) * step
                parts.append(text(middle, y + 15, f"{100 * share:.0f}", anchor="middle", size=11, colour=ink))
    return Drawing("", width, 24 + ROW * len(rows), "".join(parts))


def world(findings: Findings) -> Picture | None:
    """A map of the regions as circles sized by what they make: one drawing for the first policy, one for the last."""
    places = region_places(findings)
    if len(places) < 2:
        return None
    names = list(dict.fromkeys((findings.first, [*findings.undisturbed][-1])))
    made = {name: _made(findings, name) for name in names}
    most = max(max(found.values(), default=0.0) for found in made.values()) or 1.0
    drawings, said = [], []
    for name in names:
        wide, narrow = (_map(findings, findings.label(name), places, made[name], most, width) for width in (560, PHONE))
        drawings.append(replace(wide, narrow=narrow))
        whole = sum(made[name].values()) or 1.0
        told = ", ".join(
            f"{findings.region_name(region)} {nearly(units / whole)}"
            for region, units in sorted(made[name].items(), key=lambda row: -row[1])
        )
        said.append(f"{findings.label(name)}: {told}")
    return Picture(
        "map",
        "Where the work is done: regions by latitude and longitude, as large as their share of the units of all stages",
        f"Circles at the regions' places. {'; '.join(said)}.",
        tuple(drawings),
        columns=2,
    )


def _map(
    findings: Findings,
    title: str,
    places: Mapping[str, tuple[float, float]],
    made: Mapping[str, float],
    most: float,
    width: float,
) -> Drawing:
    """The regions of one policy at their latitude and longitude; the largest circle is that of `most`."""
    south, north = min(-10.0, *(lat for lat, _ in places.values())), max(60.0, *(lat for lat, _ in places.values()))
    west, east = min(lon for _, lon in places.values()) - 15, max(lon for _, lon in places.values())
    east += BESIDE if width > PHONE else max(BESIDE, NAMES_BESIDE * (east - west))
    height = 250

    def at(place: tuple[float, float]) -> tuple[float, float]:
        return (
            10 + (place[1] - west) / (east - west) * (width - 20),
            10 + (north - place[0]) / (north - south) * (height - 30),
        )

    parts = [box(0, 0, width, height, "var(--track)", opacity=0.45)]
    for degree in range(-150, 180, 30):
        x, _ = at((0, degree))
        if 0 < x < width:
            parts.append(line([(x, 0), (x, height)], "var(--faint)"))
    for degree in (-30, 0, 30, 60):
        _, y = at((degree, 0))
        if 0 < y < height:
            parts.append(line([(0, y), (width, y)], "var(--faint)"))
    whole = sum(made.values()) or 1.0
    for region, units in sorted(made.items(), key=lambda row: -row[1]):
        if region not in places:
            continue
        x, y = at(places[region])
        colour = "var(--touched)" if region in findings.concern.regions else "var(--free)"
        words = f"{findings.region_name(region)}: {percent(units / whole)} of stage units"
        parts.append(dot(x, y, 5 + 30 * math.sqrt(units / most), colour, words, opacity=0.55))
    points = {region: at(places[region]) for region in made if region in places}
    parts += _labels(findings, points, made, whole, width, height)
    return Drawing(title, width, height, "".join(parts))


def region_places(findings: Findings) -> dict[str, tuple[float, float]]:
    """Latitude and longitude of each region: the mean of its sites that have both."""
    found: dict[str, list[tuple[float, float]]] = {}
    for site in findings.instance.sites:
        if site.latitude is not None and site.longitude is not None:
            found.setdefault(site.region, []).append((float(site.latitude), float(site.longitude)))
    return {
        region: (sum(one for one, _ in part) / len(part), sum(other for _, other in part) / len(part))
        for region, part in found.items()
    }


def _made(findings: Findings, name: str | None) -> dict[str, float]:
    """Each region's share of the stages, added up over them."""
    table = reported_rows(findings, findings.undisturbed[name].production)
    sums = table.groupby(["stage", "region"])["finished"].sum()
    shares = sums / sums.groupby(level="stage").transform("sum")
    return {str(region): float(part) for region, part in shares.groupby(level="region").sum().items() if part > 0}


def _labels(
    findings: Findings,
    points: Mapping[str, tuple[float, float]],
    made: Mapping[str, float],
    whole: float,
    width: float,
    height: float,
) -> list[str]:
    """Names beside the circles, moved down where they would overlap, with a line to the place."""
    parts: list[str] = []
    taken: list[tuple[float, float]] = []
    for region, (x, y) in sorted(points.items(), key=lambda row: row[1][1]):
        words = f"{findings.region_name(region)} {nearly(made[region] / whole)}"
        left = min(x + 46, width - 118)
        down = y
        while any(abs(down - other) < 15 and abs(left - beside) < 120 for beside, other in taken):
            down += 5
        taken.append((left, down))
        down = min(down, height - 6)
        parts += [line([(x, y), (left - 2, down - 3)], "var(--soft)"), text(left, down, words, size=11)]
    return parts


def exceptions(findings: Findings, table: pd.DataFrame) -> str:
    """`Packaging is full in every quarter but 2027Q1 (98 %)`: the fullest stage, and where it is not full.

    What is started in the last periods would be finished too late for any order: of each stage those without any work
    at the end are passed over. Lines without a limit of capacity have no use; where that matters it is said: where no
    stage is full, and where the fullest one has such lines.
    """
    share, periods = _shares_of_stages(findings, table)
    if not share:
        return ""
    often = max(share, key=lambda stage: (float((share[stage] >= FULL).mean()), float(share[stage].mean())))
    fullest = often
    if float((share[often] >= FULL).mean()) < 1 / 2:
        fullest = max(share, key=lambda stage: float(share[stage].mean()))
    by_period = share[fullest]
    until = "" if len(by_period) == periods[fullest] else f" to {spoken(str(by_period.index[-1]))}"
    where = _where_full(by_period, findings.period_word, until, alone=len(by_period) == periods[fullest] == 1)
    unlimited = stages_without_limit(findings.instance)
    if where:
        said, unlimited = f"{fullest.capitalize()} is full in {where}", [name for name in unlimited if name == fullest]
    else:
        most, peak = nearly(float(by_period.max())), spoken(str(by_period.idxmax()))
        alone = len(by_period) == periods[fullest] == 1
        sometimes = any(float(part.max()) >= FULL for part in share.values())
        span = "" if alone else f" in most {findings.period_word}s" if sometimes else f" in any {findings.period_word}"
        most = most if alone or sometimes else f"at most {most}"
        said = f"No stage is full{span}; the fullest, {fullest}, has {most} used in {peak}"
    return f"{said}; lines of {joined(unlimited, most=4)} without a limit are not counted." if unlimited else f"{said}."


def stages_without_limit(instance: Instance) -> list[str]:
    """The stages that have a line without a limit of capacity, in the order of the chain."""
    limited, stage = line_capacities_of(instance).own, {row.item: row.stage for row in instance.items}
    found = {stage[process.item] for process in instance.processes if process.line not in limited}
    return [name for name in instance.stages if name in found]


def _shares_of_stages(findings: Findings, table: pd.DataFrame) -> tuple[dict[str, pd.Series], dict[str, int]]:
    """Used share of each stage by period, to the last one in which it works; and the number of periods of each."""
    own = table[(table["policy"] == findings.label(findings.first)) & (table["capacity"] > 0)]
    sums = own.groupby(["stage", "period"], sort=False)[["used", "capacity"]].sum()
    every = {
        str(stage): part.droplevel("stage") for stage, part in (sums["used"] / sums["capacity"]).groupby(level="stage")
    }
    share = {stage: part[(part > 0)[::-1].cummax()[::-1]] for stage, part in every.items()}
    return {stage: part for stage, part in share.items() if len(part)}, {
        stage: len(part) for stage, part in every.items()
    }


def _where_full(by_period: pd.Series, word: str, until: str, *, alone: bool) -> str:
    """The periods in which a stage is full, with those in which it is not; empty where these are most.

    Args:
        by_period: its used share.
        word: for a period.
        until: the last period in which it works, where that is not the last one.
        alone: whether there is one period only.
    """
    rest = by_period[by_period < FULL]
    if rest.empty:
        return spoken(str(by_period.index[0])) if alone else f"every {word}{until}"
    if len(rest) > len(by_period) / 2:
        return ""
    if len(rest) > MOST_TOLD:
        full, least = f"{len(by_period) - len(rest):,} of {len(by_period):,}", rest.idxmin()
        idle = f"{spoken(str(least))} ({percent(float(rest[least]), 1)})"
        return f"{full} {word}s{until}, and least used in {idle}"
    told = ", ".join(f"{period} ({percent(float(value), 1)})" for period, value in rest.items())
    return f"every {word}{until} but {told}"
