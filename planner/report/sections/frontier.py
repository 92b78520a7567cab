"""The frontier as a part of the report: cost against the share, where the policies stand, the price of a point."""

from __future__ import annotations

import math

import numpy as np

from planner.instance.policy import Limit, rules_of
from planner.report.findings import Findings, difference
from planner.report.page.grids import Grid, Tables, made_grid
from planner.report.page.part import Section
from planner.study.frontier.curve import Frontier
from planner.study.frontier.level_search import PROVED
from planner.text.figures import NONE, joined, money, percent

NEAR = (0.002, 0.005, 0.01, 0.02)  # parts of the least cost that a planner may be ready to add
PARTS = (0.25, 0.5, 0.75, 1.0)  # of the range: levels whose cost is told
NAMED = 3
POINT = 0.01  # of a level


def what_is_moved(findings: Findings, found: Frontier) -> str:
    """What the level is, in words."""
    more = len(found.limits) - NAMED
    names = joined([*found.limits[:NAMED], *([f"{more} more"] if more > 0 else [])])
    kind = "the least share free (min_free)" if found.floor else "the largest share (max_share)"
    one = len(found.limits) == 1
    text = f"{'Moved' if one else 'Moved together'}: {kind} of {names}, {'a limit' if one else 'limits'}"
    policy = findings.policy(found.policy)
    others = policy is not None and len(policy.limits) > len(found.limits)
    return f"{text} of {found.policy}{', whose other limits hold as they are' if others else ''}."


def frontier_grid(findings: Findings, tables: Tables) -> Grid:
    """The points of the curve from loose to tight, and where the policies stand."""
    found, table = findings.studies.frontier, tables["frontier"]
    curve = table[table["policy"] == ""]
    word = "least share free" if found is not None and found.floor else "largest share"
    rows = [
        [
            percent(float(row["level"]), 2),
            money(float(row["cost"]), findings.currency),
            money(float(row["extra_cost"]), findings.currency),
            money(float(row["price_a_point"]), findings.currency),
        ]
        for _, row in curve.iterrows()
    ]
    return made_grid(
        "Level by level: least cost, what it is more than without these limits, and the price of a percentage point "
        "from here to the next level",
        [word, "least cost", "more than without", "price of a point"],
        rows,
    )


def marks_grid(findings: Findings, tables: Tables) -> Grid:
    """The policies beside the curve: the level of the moved limits that each keeps, and its cost."""
    table = tables["frontier"]
    rows = [
        [
            str(row["policy"]),
            percent(float(row["level"]), 2),
            money(float(row["cost"]), findings.currency),
            _beside(findings, float(row["level"]), float(row["cost"])),
        ]
        for _, row in table[table["policy"] != ""].iterrows()
    ]
    return made_grid(
        "Where the policies stand: what their own plans keep where the moved limits look (the worst of their customers "
        "and periods), and their cost against that of the curve at the same level",
        ["policy", "keeps", "cost", "against the curve"],
        rows,
    )


def _beside(findings: Findings, level: float, cost: float) -> str:
    found = findings.studies.frontier
    if found is None or math.isnan(level + cost):
        return NONE
    low, high = found.cost_at(level)
    if math.isnan(low):
        return "outside of it"
    change = cost - high
    if -max(high - low, 1e-6 * abs(cost)) <= change <= 1e-6 * abs(cost):
        return "on it"
    word = "dearer" if change > 0 else "cheaper, with fewer limits beside them"
    return f"{money(abs(change), findings.currency)} {word}"


def near_grid(findings: Findings) -> Grid:
    """The tightest level for given parts of the least cost, and the cost of given levels."""
    found = findings.studies.frontier
    rows = []
    if found is not None:
        for ratio in NEAR if _has_least(found) else ():
            answer = found.within(ratio)
            if not math.isnan(answer.level):
                tightest, beyond = percent(answer.level), percent(answer.beyond)
                if math.isnan(answer.beyond):
                    tightest += " or beyond"
                elif beyond != tightest:
                    tightest += f" to {beyond}"
                extra = money(answer.ceiling - found.least, findings.currency)
                rows.append([f"{percent(ratio)} more cost", extra, tightest])
        low, high = sorted((found.start, found.stop))
        levels = {round(low + part * (high - low), 3) for part in PARTS}
        levels |= {found.own} if found.own is not None else set()
        for level in sorted(levels, reverse=not found.floor):
            least, most = found.cost_at(level)
            if not math.isnan(most):
                at_least, at_most = (_more(findings, found, cost - found.least) for cost in (least, most))
                extra = at_most if found.exact or at_least == at_most else f"{at_least} to {at_most}"
                rows.append([f"a level of {percent(level)}", extra, percent(level)])
    return made_grid(
        "Both ways: the tightest level for so much more than the least cost, and what a level costs more",
        ["asked", "more than the least cost", "level"],
        rows,
    )


def frontier_sentence(findings: Findings) -> str:
    """The cheapest and the most expensive part of the curve, and the cost at the policy's own level."""
    found = findings.studies.frontier
    if found is None or len(found.tightening) < 2:
        return ""
    table = found.tightening
    ends = [percent(float(table["level"].iloc[at])) for at in (0, -1)]
    rise = difference(float(table["cost"].iloc[-1]), float(table["cost"].iloc[0]))
    if rise == 0:
        return f"From {ends[0]} to {ends[1]} the least cost is the same."
    first, last = (money(price, findings.currency) for price in end_points(found))
    text = f"From {ends[0]} to {ends[1]} cost rises by {money(rise, findings.currency)}"
    text += f": a percentage point costs {first} at first and {last} at the end."
    if found.own is not None:
        extra = found.cost_at(found.own)[1] - found.least
        text += (
            f" The level of {found.policy}, {percent(found.own)}, costs {_more(findings, found, extra)} more than none."
        )
    return text


def end_points(found: Frontier) -> tuple[float, float]:
    """What the first and the last percentage point of a curve cost, money; where it is shorter, in proportion.

    A jump within a point is a part of what the point costs.
    """
    table = found.tightening
    cost = table["cost"].to_numpy(dtype=float)
    way = (table["level"] - table["level"].iloc[0]).abs().to_numpy(dtype=float)
    point = min(POINT, way[-1])
    first, last = np.interp([point, way[-1] - point], way, cost)
    return POINT / point * max(0.0, first - cost[0]), POINT / point * max(0.0, cost[-1] - last)


def _more(findings: Findings, found: Frontier, extra: float) -> str:
    """The cost above the least cost, in money and, where the least cost is not 0, as a part of it."""
    amount = money(extra, findings.currency)
    return f"{amount} ({percent(extra / abs(found.least), 2)})" if _has_least(found) else amount


def _has_least(found: Frontier) -> bool:
    """Whether the least cost is more than numerical noise, so that a part of it means something."""
    return abs(found.least) > PROVED * float(found.tightening["cost"].abs().max())


def frontier_section(findings: Findings, tables: Tables) -> Section | None:
    """The price of resilience, for the limits of `telling_limits`; None where no policy has limits."""
    found = findings.studies.frontier
    if found is None or tables["frontier"].empty:
        return None
    error = money(found.error, findings.currency)
    about = [what_is_moved(findings, found)]
    costs = found.tightening["cost"]
    about.append(
        f"The points are exact to {error}."
        if float(costs.max() - costs.min()) <= found.error
        else f"The curve is convex; straight lines between its points err by {error} at most."
        if found.exact
        else f"The points are exact; straight lines between them err by about {error}."
    )
    about += [_charged(findings, found)] if found.soft else []
    about += [
        f"From {percent(part.looser, 2)} to {percent(part.tighter, 2)} no answer passed its check."
        for part in found.breaks
        if part.kind == "unproved"
    ]
    about += [f"No plan keeps more than {percent(part.looser, 2)}." for part in found.breaks if part.kind == "gap"]
    return Section(
        "frontier",
        "The price of resilience",
        (" ".join(about), frontier_sentence(findings)),
        (marks_grid(findings, tables), near_grid(findings)),
        (frontier_grid(findings, tables),),
    )


def _charged(findings: Findings, found: Frontier) -> str:
    """What the plan is charged for exceeding a soft limit."""
    prices = sorted({limit.soft_cost for limit in _moved(findings, found) if limit.soft_cost})
    return (
        "The limits are soft: what is missing is charged "
        f"{joined([money(price, findings.currency) for price in prices])} a unit, which is part of the cost; a level "
        "that costs more than that to keep is paid for, not kept."
    )


def _moved(findings: Findings, found: Frontier) -> list[Limit]:
    policy = findings.policy(found.policy)
    return [limit for limit in rules_of(policy).limits if limit.name in found.limits]
