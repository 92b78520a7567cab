"""The picture of the price of resilience: least cost against the level of the limits, with the policies marked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from planner.report.findings import Findings, difference
from planner.report.pictures.policies import colours
from planner.report.pictures.svg import PHONE, Drawing, Picture, dot, levels, line, text
from planner.text.figures import money, money_change, percent

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 260, 88, 44, 20
Point = tuple[float, float]  # a level, and what it costs more than without the limits


def price(findings: Findings) -> Picture | None:
    """The frontier with the policies where they stand; None where it was not traced."""
    found = findings.studies.frontier
    if found is None or len(found.tightening) < 2:
        return None
    table = found.tightening.dropna(subset=["cost"])
    moved = [float(level) for level in table["level"]]
    extra = [difference(float(cost), found.least) for cost in table["cost"]]
    marks = [mark for mark in found.marks if not math.isnan(mark.level + mark.cost)]
    curve = list(zip(moved, extra, strict=True))
    points = {findings.label(mark.policy): (mark.level, difference(mark.cost, found.least)) for mark in marks}
    said = [
        f"{name}: {percent(level)}, {money_change(cost, findings.currency)}" for name, (level, cost) in _by_cost(points)
    ]
    wide, narrow = (_traced(findings, curve, points, width, floor=found.floor) for width in (WIDTH, PHONE))
    return Picture(
        "price",
        f"More cost than without these limits, against the level: {_level(floor=found.floor)}",
        f"A line from {percent(moved[0])} at {money_change(extra[0], findings.currency)} to {percent(moved[-1])} at "
        f"{money_change(extra[-1], findings.currency)}; policies stand at: {'; '.join(said) or 'none'}.",
        (replace(wide, narrow=narrow),),
    )


def _by_cost(points: Mapping[str, Point]) -> list[tuple[str, Point]]:
    return sorted(points.items(), key=lambda named: named[1][1])


def _level(*, floor: bool) -> str:
    return "least share free" if floor else "largest share"


def _traced(
    findings: Findings, curve: Sequence[Point], marks: Mapping[str, Point], width: float, *, floor: bool
) -> Drawing:
    """The curve, and the policies by their labels; the tighter, the further to the right."""
    every = [*curve, *marks.values()]
    low, high = min(level for level, _ in every), max(level for level, _ in every)
    least, most = min(0.0, *(cost for _, cost in every)), max(cost for _, cost in every)
    high, most = (high if high > low else low + 1e-9), (most if most > least else least + 1.0)
    right = 130 if width > PHONE else 34

    def at(level: float, cost: float) -> tuple[float, float]:
        part = (level - low) / (high - low)
        part = part if floor else 1 - part
        return (
            LEFT + 8 + part * (width - LEFT - right),
            HEIGHT - BOTTOM - (cost - least) / (most - least) * (HEIGHT - BOTTOM - TOP),
        )

    parts = [line([(LEFT, TOP - 8), (LEFT, HEIGHT - BOTTOM), (width - 20, HEIGHT - BOTTOM)], "var(--faint)")]
    for level in levels(low, high):
        x, _ = at(level, 0.0)
        parts.append(text(x, HEIGHT - BOTTOM + 16, percent(level), anchor="middle", size=11, colour="var(--soft)"))
    for cost in levels(least, most):
        _, y = at(low, cost)
        parts.append(text(LEFT - 6, y + 4, money(cost, findings.currency), anchor="end", size=11, colour="var(--soft)"))
    parts.append(text((LEFT + width) / 2, HEIGHT - 6, _level(floor=floor), anchor="middle", colour="var(--soft)"))
    parts.append(line([at(*point) for point in curve], "var(--accent)", width=2.5, said="least cost"))
    parts += [
        dot(*at(level, cost), 3, "var(--accent)", f"{percent(level)}: {money_change(cost, findings.currency)}")
        for level, cost in curve
    ]
    paint = colours(findings)
    taken: list[tuple[float, float]] = []
    for name, (level, cost) in _by_cost(marks):
        x, y = at(level, cost)
        words = f"{name}: {percent(level)}, {money_change(cost, findings.currency)}"
        parts.append(dot(x, y, 7, paint.get(name, "var(--ink)"), words))
        down = y - 10
        while any(abs(down - other) < 14 and abs(x - beside) < 150 for beside, other in taken):
            down -= 5
        taken.append((x, down))
        side, anchor = (-10, "end") if x > (LEFT + width) / 2 else (10, "start")  # a curve rises to the right
        parts.append(text(x + side, down, name, anchor=anchor, weight=600, clear=True))
    return Drawing("", width, HEIGHT, "".join(parts))
