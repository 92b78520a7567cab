"""What a view and the repairs in it are called on the page: in the names of the instance, not its ids."""

from __future__ import annotations

import re

from planner.instance.instance import Instance
from planner.report.names import Names
from planner.serve.controls import limit_names
from planner.serve.view import Repair, View
from planner.serve.wishes import title_of
from planner.text.cases import policy_called
from planner.text.figures import count, percent

_PARTS = re.compile(r"( at | > | \(|\))")
_SHARES = {"raise_cap", "lower_floor", "lower_least_share"}
_WHAT = {
    "raise_cap": "limit",
    "lower_floor": "limit",
    "lower_cover": "periods of cover",
    "raise_capacity": "capacity",
    "raise_lane": "capacity of the lane",
    "lower_commitment": "least of the commitment",
    "lower_owed": "owed from before",
    "lower_minimum": "minimum stock",
    "lower_closing": "closing minimum",
    "raise_opening": "opening stock",
    "raise_maximum": "maximum stock",
    "list_stock": "stock in a new row of stocks",
    "end_outage": "no outage",
    "end_held_outage": "no outage, goods leave",
    "let_leave": "goods leave in spite of the outage",
    "allow_option": "option allowed",
    "enlarge_option": "capacity of the option",
    "raise_sources": "most sources",
    "lower_sources": "fewest sources",
    "lower_least_share": "least share of a source",
    "lower_lot": "smallest lot",
}


def run_title(instance: Instance, names: Names, view: View) -> str:
    """What is chosen and what happens in a view, in a line."""
    chosen = next((policy for policy in instance.policies if policy.name == view.policy), None)
    words = limit_names(instance, chosen)
    limits = [f"{words.get(name, f'limit {name}')} {share:g} %" for name, share in sorted(view.limits.items())]
    repairs = [f"{len(view.repairs)} figure{'s' if len(view.repairs) > 1 else ''} repaired"] if view.repairs else []
    events = [part for part in (title_of(view, names), "" if view.warning else "without warning") if part]
    return "; ".join([policy_called(view.policy), *limits, *events, *repairs])


def repair_title(names: Names, repair: Repair) -> str:
    """What a repair that was taken up has changed, e.g. `San Diego, 2027Q1: capacity 528 → 900`."""
    labels = dict(repair.labels)
    period = labels.pop("period", "")
    where = [_named(names, value) for _, value in sorted(labels.items())]
    place = ", ".join([*where, *([period] if period else [])])
    figures = [percent(figure) if repair.rule in _SHARES else count(figure) for figure in repair.figures]
    if repair.rule == "lose":
        return f"{place}: up to {figures[0]} may be lost" if figures else place
    change = f" {figures[0]} → {figures[1]}" if len(figures) > 1 else ""
    return f"{place}: {_WHAT.get(repair.rule, repair.rule.replace('_', ' '))}{change}"


def _named(names: Names, value: str) -> str:
    """A label with the ids in it replaced, e.g. `cases at seattle`."""
    return "".join(names(part) for part in _PARTS.split(value))
