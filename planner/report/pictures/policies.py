"""Pictures that compare the policies: cost against independence, shares by stage, and units owed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from planner.report.findings import Findings
from planner.report.page.chart_marks import POLICY_COLOURS
from planner.report.pictures.svg import PHONE, Drawing, Picture, box, dot, fitted, levels, line, text
from planner.report.sections.answer import cost_change
from planner.report.sections.pathways import share_touched
from planner.text.figures import count, money, money_change, nearly, percent

ANY = "any stage"
LINE = 14  # pixels, of a line of a label


def colours(findings: Findings) -> dict[str, str]:
    """A colour for each policy, by its label."""
    return {findings.label(name): POLICY_COLOURS[at % len(POLICY_COLOURS)] for at, name in enumerate(findings.policies)}


def trade(findings: Findings) -> Picture | None:
    """The extra cost of each policy against the share of units it keeps free of the region; None for fewer than two."""
    known = {
        name: (cost_change(findings, name), 1 - units)
        for name in findings.undisturbed
        if (units := share_touched(findings, name)) is not None
    }
    known = {name: point for name, point in known.items() if not math.isnan(point[0])}
    if len(known) < 2:
        return None
    where = findings.concern.title
    words = "; ".join(
        f"{findings.label(name)} costs {money_change(cost, findings.currency)} and keeps {nearly(free)} free"
        for name, (cost, free) in known.items()
    )
    return Picture(
        "independence",
        f"What independence of {where} costs: share of finished units that never touched it",
        f"Points by policy, cost across and share of units free of {where} upwards: {words}.",
        (replace(_traded(findings, known, 560), narrow=_traded(findings, known, PHONE)),),
    )


def _beside(y: float, taken: Sequence[float], bottom: float) -> float:
    """The height of a label of two lines: as close above its point as the picture allows, else below it."""
    above = [y - 6 * step for step in range(int((y - LINE) // 6) + 1)]
    below = [y + 6 * step for step in range(1, int((bottom - 2 * LINE - y) // 6) + 1)]
    return next((at for at in (*above, *below) if all(abs(at - other) >= 30 for other in taken)), y)


def _traded(findings: Findings, known: Mapping[str | None, tuple[float, float]], width: float) -> Drawing:
    """The points of the policies: (cost, share free of units) each."""
    where, height, left, bottom, top = findings.concern.title, 240, 52, 44, 18
    lowest, most = min(0.0, *(cost for cost, _ in known.values())), max(cost for cost, _ in known.values())
    most = most if most > lowest else lowest + 1.0
    high = max(0.01, 1.15 * max(free for _, free in known.values()))
    paint = colours(findings)

    def across(cost: float) -> float:
        return left + 16 + (cost - lowest) / (most - lowest) * (width - left - 120)

    def up(free: float) -> float:
        return height - bottom - free / high * (height - bottom - top)

    parts = [line([(left, top), (left, height - bottom), (width, height - bottom)], "var(--faint)")]
    shown = levels(0.0, high, 6)
    digits = 0 if all(abs(100 * level - round(100 * level)) < 1e-6 for level in shown) else 1
    parts += [
        text(left - 8, up(level) + 4, percent(level, digits), anchor="end", colour="var(--soft)") for level in shown
    ]
    marks = levels(lowest, lowest + 1.05 * (most - lowest), 4 if width > PHONE else 2)
    amounts = [(across(cost), money(cost, findings.currency) if cost else "0") for cost in marks]
    parts += [
        text(x, height - bottom + 16, said, anchor="middle", size=11, colour="var(--soft)") for x, said in amounts
    ]
    ordered = sorted(known.values())
    parts.append(line([(across(cost), up(free)) for cost, free in ordered], "var(--faint)", dash="4 4"))
    taken: list[float] = []
    for name, (cost, free) in sorted(known.items(), key=lambda row: row[1]):
        label = findings.label(name)
        said = f"{label}: {money_change(cost, findings.currency)}, {nearly(free)} of units free of {where}"
        parts.append(dot(across(cost), up(free), 7, paint[label], said))
        y = _beside(up(free) - 12, taken, height - bottom)
        taken.append(y)
        least = cost == 0 and lowest == 0  # the first policy need not be the cheapest
        extra = "least cost" if least else money(cost, findings.currency).replace(" ", "\u00a0")
        anchor = "end" if across(cost) > width - 150 else "start"
        shift = -12 if anchor == "end" else 12
        parts.append(text(across(cost) + shift, y, fitted(label, 160), anchor=anchor, weight=600, clear=True))
        parts.append(
            text(
                across(cost) + shift,
                y + LINE,
                f"{extra}, {nearly(free)} free",
                anchor=anchor,
                colour="var(--soft)",
                clear=True,
            )
        )
    first = findings.label(findings.first)
    parts.append(
        text((left + width) / 2, height - 10, f"more cost than {first}", anchor="middle", colour="var(--soft)")
    )
    return Drawing("", width, height, "".join(parts))


def shares(findings: Findings) -> Picture | None:
    """Share of the region of concern at each stage and of the units that touched it at any, a drawing a policy."""
    held = {name: findings.shares(name) for name in findings.undisturbed}
    rows = [stage for stage in findings.instance.stages if any(stage in found for found in held.values())]
    if not rows:
        return None
    first = _with_units(findings, findings.first)
    drawings, said = [], []
    for name in findings.undisturbed:
        own = _with_units(findings, name)
        parts = []
        stages = findings.limited_stages(name)
        for at, row in enumerate([*rows, *([ANY] if ANY in own else [])]):
            y, share = 4 + 24 * at + (6 if row == ANY else 0), own.get(row, 0.0)
            tall, colour = 14, "var(--touched)" if row == ANY else "var(--accent)"
            word = f"{row} ●" if row in stages else row
            parts += [
                text(0, y + 11, fitted(word, 84), weight=600 if row == ANY else 400),
                box(88, y, 140, tall, "var(--track)"),
                box(88, y, 140 * share, tall, colour, f"{findings.label(name)}, {row}: {percent(share)}"),
                text(280, y + 11, nearly(share), anchor="end", weight=600),
            ]
            usual = first.get(row, share)
            if name != findings.first and abs(usual - share) > 0.002:
                mark = 88 + 140 * usual
                parts.append(line([(mark, y - 2), (mark, y + tall + 2)], "var(--ink)", width=1.5))
        drawings.append(Drawing(findings.label(name), 284, 34 + 24 * len(rows), "".join(parts)))
        said.append(f"{findings.label(name)}: " + ", ".join(f"{row} {nearly(share)}" for row, share in own.items()))
    where, base = findings.concern.title, findings.label(findings.first)
    return Picture(
        "stages",
        f"Share of {where} stage by stage, and of finished units that touched it at any",
        f"Bars by policy and stage. {'; '.join(said)}. A line marks {base}; a dot a stage that the policy limits.",
        tuple(drawings),
        (("made there, by stage", "var(--accent)"), ("touched it at any stage", "var(--touched)")),
        columns=min(len(drawings), 4),
    )


def _with_units(findings: Findings, name: str | None) -> dict[str, float]:
    units = share_touched(findings, name)
    return {**findings.shares(name), **({} if units is None else {ANY: units})}


def owed(findings: Findings) -> Picture | None:
    """Units owed at the end of each planned period, a drawing a policy; None where nothing is owed in any period."""
    labels = findings.instance.periods.labels
    late = {
        name: plan.service.groupby("period")["late"].sum().reindex(labels, fill_value=0.0)
        for name, plan in findings.undisturbed.items()
        if "late" in plan.service
    }
    most = max((float(found.max()) for found in late.values()), default=0.0)
    if most <= 0:
        return None
    paint, drawings, said = colours(findings), [], []
    for name, found in late.items():
        label = findings.label(name)
        drawings.append(Drawing(label, 284, 130, _columns(findings, found, most, paint[label])))
        peak = str(found.idxmax())
        said.append(f"{label}: at most {count(float(found.max()))}, at the end of {peak}")
    return Picture(
        "owed",
        f"Units owed at the end of every {findings.period_word}",
        f"Columns by {findings.period_word}, reported ones darker. {'; '.join(said)}.",
        tuple(drawings),
        columns=min(len(drawings), 4),
    )


def _columns(findings: Findings, found: pd.Series, most: float, colour: str) -> str:
    step = 284 / len(found)
    parts = [line([(0, 100), (284, 100)], "var(--faint)")]
    peak = str(found.idxmax())
    for at, (period, value) in enumerate(found.items()):
        tall = 80 * float(value) / most
        shade = 1.0 if period in findings.periods else 0.45
        parts.append(
            box(at * step + 1, 100 - tall, step - 2, tall, colour, f"{period}: {count(float(value))}", opacity=shade)
        )
        if period == peak and value > 0:
            anchor = "end" if at > len(found) / 2 else "start"
            parts.append(
                text((at + (anchor == "end")) * step, 94 - tall, count(float(value)), anchor=anchor, weight=600)
            )
    first, last = findings.periods[0], findings.periods[-1]
    order = list(map(str, found.index))
    parts.append(text(order.index(first) * step, 116, first, colour="var(--soft)"))
    if last != first:
        parts.append(text((order.index(last) + 1) * step, 116, last, anchor="end", colour="var(--soft)"))
    return "".join(parts)
