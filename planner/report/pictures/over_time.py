"""Pictures over the periods, one drawing a stage or policy: shares with their limits, and deliveries after a strike."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from planner.instance.periods import HORIZON
from planner.report.findings import Findings
from planner.report.names import Names
from planner.report.pictures.policies import colours
from planner.report.pictures.svg import Drawing, Picture, area, line, text
from planner.report.sections.answer import worst_strike
from planner.text.figures import count, nearly, percent

WIDTH, TALL, LEFT, TOP = 284, 130, 40, 8
FIRST, LIMITS = "var(--soft)", "var(--ink)"
FIGURE = 6.6  # pixels of a figure of 11 pixels on an axis, in a wide font
ALONE = 3  # pixels to both sides of a value that has no neighbour


def shares_over_time(findings: Findings, table: pd.DataFrame) -> Picture | None:
    """Share of the region of concern by period: the first policy and the last, and the last one's limits."""
    first, last = findings.label(findings.first), findings.label([*findings.undisturbed][-1])
    one = len(findings.concern.regions) == 1
    if not one or len(findings.periods) < 2:
        return None
    region, drawings, said, limited = findings.concern.regions[0], [], [], False
    paint = colours(findings)[last]
    for stage in findings.instance.stages:
        own = table[(table["region"] == region) & (table["stage"] == stage) & (table["period"] != HORIZON)]
        if own.empty:
            continue
        weight = str(own["weight"].iloc[0])
        parts = [_frame(("0 %", "50 %", "100 %"), findings.periods)]
        for policy, colour, wide in ((first, FIRST, 4.0), (last, paint, 2.0)):
            rows = own[own["policy"] == policy].set_index("period").reindex(findings.periods)
            values = rows["weighted_share"].fillna(0.0).where(_working(table, policy, stage, findings.periods))
            runs = _unbroken(_points(values.tolist(), 1.0))
            parts += [line(points, colour, width=wide, said=policy) for points in runs]
            if policy == last and rows["limit"].notna().any():
                parts.append(_steps(rows["limit"].tolist()))
                limited = True
                known = values.dropna()
                if len(known):
                    ends = (nearly(float(known.iloc[at])) for at in (0, -1))
                    said.append(f"{stage} from {' to '.join(ends)} under {last}")
            if first == last:
                break
        drawings.append(
            Drawing(stage if weight == "units" else f"{stage} (by {weight})", WIDTH, TALL + 26, "".join(parts))
        )
    if not drawings:
        return None
    bars = ((f"limits of {last}", LIMITS),) if limited else ()
    lines = ((first, FIRST), (last, paint)) if first != last else ((first, FIRST),)
    return Picture(
        "shares-over-time",
        f"Share of {findings.concern.title} by {findings.period_word}, {first}{f' against {last}' * (first != last)}",
        f"Lines by {findings.period_word}, a drawing a stage{', limits as short bars' if limited else ''}. "
        f"{'; '.join(said) or f'No limit holds {findings.period_word} by {findings.period_word}'}.",
        tuple(drawings),
        (*lines, *bars),
        columns=3,
    )


def recovery(findings: Findings, table: pd.DataFrame, names: Names) -> Picture | None:
    """Units delivered after the heaviest strike against those undisturbed, a drawing a policy; None without strikes."""
    scenario = worst_strike(findings)
    own = table[table["scenario"] == scenario] if scenario is not None else table.iloc[:0]
    if own.empty or scenario is None:
        return None
    most = float(own[["demand", "undisturbed", "delivered"]].to_numpy().max()) or 1.0
    levels = ("0", count(most / 2), count(most))
    left = max(LEFT, 5 + FIGURE * max(len(words) for words in levels))
    paint, drawings, said = colours(findings), [], []
    for policy in dict.fromkeys(own["policy"]):
        rows = own[own["policy"] == policy]
        periods = [str(period) for period in rows["period"]]
        usual, after = (_points(rows[column].tolist(), most, left) for column in ("undisturbed", "delivered"))
        short = rows[["undisturbed", "delivered"]].min(axis=1)
        behind = _points(short.tolist(), most, left)
        body = [
            _frame(levels, periods, left),
            area([*usual, *behind[::-1]], "var(--touched)", opacity=0.25, said="delivered less than undisturbed"),
            line(usual, "var(--soft)", width=1.5, dash="4 3", said="undisturbed"),
            line(after, paint[policy], width=2.5, said="after the strike"),
        ]
        drawings.append(Drawing(policy, WIDTH, TALL + 26, "".join(body)))
        low = rows.loc[rows["delivered"].idxmin()]
        said.append(f"{policy} delivers least in {low['period']}, {count(float(low['delivered']))}")
    return Picture(
        "recovery",
        f"Units delivered by {findings.period_word} after: {names(scenario)}",
        f"Lines by {findings.period_word}, a drawing a policy, undisturbed dashed. {'; '.join(said)}.",
        tuple(drawings),
        (("undisturbed", "var(--soft)"), ("behind it", "var(--touched)")),
        columns=min(4, len(drawings)),
    )


def _working(table: pd.DataFrame, policy: str, stage: str, periods: Sequence[str]) -> pd.Series:
    """Whether a stage makes anything in a period, at any site; where it makes nothing, regions have no share."""
    made = table.loc[(table["policy"] == policy) & (table["stage"] == stage), "period"]
    return pd.Series([period in set(made) for period in periods], index=list(periods))


def _unbroken(points: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The sequences of neighbouring points that have a value; a single point becomes a short line."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if math.isnan(y):
            runs.append([])
        else:
            runs[-1].append((x, y))
    return [run if len(run) > 1 else [(run[0][0] + at, run[0][1]) for at in (-ALONE, ALONE)] for run in runs if run]


def _frame(levels: Sequence[str], periods: Sequence[str], left: float = LEFT) -> str:
    parts = []
    for at, words in enumerate(levels):
        y = TOP + TALL - 20 - at * (TALL - 20) / (len(levels) - 1)
        parts += [
            line([(left, y), (WIDTH, y)], "var(--faint)"),
            text(left - 5, y + 4, words, anchor="end", size=11, colour="var(--soft)"),
        ]
    parts.append(text(left, TALL + 8, periods[0], size=11, colour="var(--soft)"))
    parts.append(text(WIDTH, TALL + 8, periods[-1], anchor="end", size=11, colour="var(--soft)"))
    return "".join(parts)


def _points(values: Sequence[float], most: float, left: float = LEFT) -> list[tuple[float, float]]:
    step = (WIDTH - left) / max(len(values) - 1, 1)
    return [(left + at * step, TOP + (TALL - 20) * (1 - value / most)) for at, value in enumerate(values)]


def _steps(limits: Sequence[float]) -> str:
    step = (WIDTH - LEFT) / max(len(limits) - 1, 1)
    parts = []
    for at, limit in enumerate(limits):
        if not math.isnan(limit):
            y, x = TOP + (TALL - 20) * (1 - limit), LEFT + at * step
            parts.append(
                line(
                    [(max(x - 9, LEFT), y), (min(x + 9, WIDTH), y)],
                    "var(--ink)",
                    width=2,
                    said=f"limit {percent(limit)}",
                )
            )
    return "".join(parts)
