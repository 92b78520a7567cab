"""The picture of the price of resilience: least cost against the level of the limits, with the policies marked."""

from __future__ import annotations

import math

from planner.report.findings import Findings
from planner.report.pictures.policies import colours
from planner.report.pictures.svg import Drawing, Picture, dot, levels, line, text
from planner.text.figures import money, money_change, percent

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 260, 88, 44, 20


def price(findings: Findings) -> Picture | None:
    """The frontier with the policies where they stand; None where it was not traced."""
    found = findings.studies.frontier
    if found is None or len(found.tightening) < 2:
        return None
    table = found.tightening.dropna(subset=["cost"])
    moved = [float(level) for level in table["level"]]
    extra = [float(cost) - found.least for cost in table["cost"]]
    marks = [mark for mark in found.marks if not math.isnan(mark.level + mark.cost)]
    every_level = [*moved, *(mark.level for mark in marks)]
    every_cost = [*extra, *(mark.cost - found.least for mark in marks)]
    low, high = min(every_level), max(every_level)
    least, most = min(0.0, *every_cost), max(every_cost)
    high, most = (high if high > low else low + 1e-9), (most if most > least else least + 1.0)

    def at(level: float, cost: float) -> tuple[float, float]:
        part = (level - low) / (high - low)
        part = part if found.floor else 1 - part
        return (
            LEFT + 8 + part * (WIDTH - LEFT - 130),
            HEIGHT - BOTTOM - (cost - least) / (most - least) * (HEIGHT - BOTTOM - TOP),
        )

    word = "least share free" if found.floor else "largest share"
    parts = [line([(LEFT, TOP - 8), (LEFT, HEIGHT - BOTTOM), (WIDTH - 20, HEIGHT - BOTTOM)], "var(--faint)")]
    for level in levels(low, high):
        x, _ = at(level, 0.0)
        parts.append(text(x, HEIGHT - BOTTOM + 16, percent(level), anchor="middle", size=11, colour="var(--soft)"))
    for cost in levels(least, most):
        _, y = at(low, cost)
        parts.append(text(LEFT - 6, y + 4, money(cost, findings.currency), anchor="end", size=11, colour="var(--soft)"))
    parts.append(text((LEFT + WIDTH) / 2, HEIGHT - 6, word, anchor="middle", colour="var(--soft)"))
    curve = [at(level, cost) for level, cost in zip(moved, extra, strict=True)]
    parts.append(line(curve, "var(--accent)", width=2.5, said="least cost"))
    parts += [
        dot(*at(level, cost), 3, "var(--accent)", f"{percent(level)}: {money_change(cost, findings.currency)}")
        for level, cost in zip(moved, extra, strict=True)
    ]
    paint, said = colours(findings), []
    taken: list[tuple[float, float]] = []
    for mark in sorted(marks, key=lambda mark: mark.cost):
        x, y = at(mark.level, mark.cost - found.least)
        name = findings.label(mark.policy)
        words = f"{name}: {percent(mark.level)}, {money_change(mark.cost - found.least, findings.currency)}"
        parts.append(dot(x, y, 7, paint.get(name, "var(--ink)"), words))
        down = y - 10
        while any(abs(down - other) < 14 and abs(x - beside) < 150 for beside, other in taken):
            down -= 5
        taken.append((x, down))
        side, anchor = (-10, "end") if x > (LEFT + WIDTH) / 2 else (10, "start")  # a curve rises to the right
        parts.append(text(x + side, down, name, anchor=anchor, weight=600, clear=True))
        said.append(words)
    return Picture(
        "price",
        f"More cost than without these limits, against the level: {word}",
        f"A line from {percent(moved[0])} at {money_change(extra[0], findings.currency)} to {percent(moved[-1])} at "
        f"{money_change(extra[-1], findings.currency)}; policies stand at: {'; '.join(said) or 'none'}.",
        (Drawing("", WIDTH, HEIGHT, "".join(parts)),),
    )
