"""The answer of a comparison: what the second plan costs, delivers and depends on, against the first."""

from __future__ import annotations

from planner.plan.measures import pathway_summary
from planner.plan.plan import Plan
from planner.text.figures import count, money, percent

SAME = 1e-9  # relative; costs that differ by less are the same


def in_words(first: Plan, second: Plan) -> str:
    """E.g. `b costs USD 4.3 bn (1.1 %) more than a. It delivers 98.0 % of the 42.4 M units ordered (97.5 %), ...`.

    Figures in brackets are those of the first plan, where they differ as written. The region is the one that most units
    of the first plan have touched. Plans with the same name are called the first and the second, as in the tables.
    """
    name = second.name if second.name != first.name else "The second"
    return f"{name} {_cost(first, second)}. It {_service(first, second)}{_touched(first, second)}."


def _cost(first: Plan, second: Plan) -> str:
    name = first.name if first.name != second.name else "the first"
    change = second.objective - first.objective
    size = max(abs(first.objective), abs(second.objective))
    if abs(change) <= SAME * size:
        return f"costs as much as {name}: {money(second.objective, second.instance.settings.currency)}"
    part = f" ({percent(abs(change) / abs(first.objective))})" if abs(first.objective) > SAME * size else ""
    amount = money(abs(change), second.instance.settings.currency)
    return f"costs {amount}{part} {'more' if change > 0 else 'less'} than {name}"


def _service(first: Plan, second: Plan) -> str:
    one, other = first.service_summary, second.service_summary
    due = [part["demand"] + plan.owed_before for part, plan in ((one, first), (other, second))]
    shares = [part["delivered"] / units if units > 0 else 1.0 for part, units in zip((one, other), due, strict=True)]
    older = " or owed from before" if second.owed_before else ""
    text = f"delivers {percent(shares[1])} of the {count(due[1])} units ordered{older}"
    if due[0] != due[1]:
        return f"{text} ({percent(shares[0])} of {count(due[0])}) and {_lost(one, other)}"
    return f"{text}{_before(percent(shares[1]), percent(shares[0]))} and {_lost(one, other)}"


def _lost(one: dict[str, float], other: dict[str, float]) -> str:
    said = [count(part["lost"]) if part["lost"] > 0 else "none" for part in (one, other)]
    return f"loses {said[1]}{_before(said[1], said[0])}"


def _touched(first: Plan, second: Plan) -> str:
    shares = [
        {row["of"]: row["share"] for row in pathway_summary(plan.exposure) if row["over"] == "region"}
        for plan in (first, second)
    ]
    regions = shares[0].keys() - second.instance.settings.region_groups.keys()
    if not regions:
        return ""
    most = max(sorted(regions), key=lambda name: shares[0][name])
    said = [percent(held.get(most, 0.0)) for held in shares]
    label = second.instance.settings.region_name(most)
    return f"; {said[1]} of what it delivers have touched {label}{_before(said[1], said[0])}"


def _before(now: str, then: str) -> str:
    """The first plan's figure in brackets; empty where both figures are written alike."""
    return "" if now == then else f" ({then})"
