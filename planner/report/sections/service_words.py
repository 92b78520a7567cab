"""Service in words: how much is delivered by when, how much comes later, and how much is lost."""

from __future__ import annotations

from dataclasses import dataclass

from planner.instance.periods import Periods
from planner.plan.measures.service import NOISE
from planner.plan.plan import Plan
from planner.report.calendar_parts import spoken, year_and_part
from planner.report.findings import Findings
from planner.text.figures import count, percent


@dataclass(frozen=True)
class Service:
    """What happens to the orders of the reported periods, if the oldest orders are served first.

    Attributes:
        ordered: units ordered in the reported periods.
        delivered: units of these that are delivered by the end of the reported periods.
        open: units of these that are still owed at the end of the reported periods.
        lost: units of these that are never served.
        back: the label of the period in which the last open unit is delivered; None where none is open, or where some
            are still owed at the end of the plan.
        never: units of the open ones that are still owed at the end of the plan.
    """

    ordered: float
    delivered: float
    open: float
    lost: float
    back: str | None
    never: float


def service_of(plan: Plan) -> Service:
    """The service of a plan; orders of one customer and item are served in the order in which they came."""
    labels, window = plan.instance.periods.labels, plan.instance.report_periods
    table, last = plan.service, labels[window[-1]]
    own = table[table["period"].isin([labels[at] for at in window])]
    ordered, lost = float(own["demand"].sum()), float(own["lost"].sum())
    owed = table[table["period"] == last].groupby(["customer", "item"])["late"].sum() if "customer" in table else None
    if owed is None or float(owed.sum()) <= NOISE * max(ordered, 1.0):
        return Service(ordered, ordered - lost, 0.0, lost, None, 0.0)
    after = [str(label) for label in labels[window[-1] + 1 :]]
    wide = table.pivot_table("delivered", ["customer", "item"], "period", "sum", fill_value=0.0)
    served = wide.reindex(columns=after, fill_value=0.0).cumsum(axis=1).reindex(owed.index, fill_value=0.0)
    short = served.rsub(owed, axis=0).clip(lower=0.0).sum()
    never = float(short.iloc[-1]) if after else float(owed.sum())
    never = never if never > NOISE * ordered else 0.0
    done = short.index[short <= NOISE * ordered]
    still = min(float(owed.sum()), ordered - lost)
    return Service(ordered, ordered - lost - still, still, lost, str(done[0]) if len(done) else None, never)


def service_figure(service: Service) -> str:
    """`96.9 % delivered`, the figure."""
    return percent(service.delivered / service.ordered) if service.ordered else percent(1.0)


def service_line(findings: Findings, service: Service) -> str:
    """`delivered by end 2028; the other 1.3 M units come by mid 2029; none lost`."""
    parts = [f"of {count(service.ordered)} ordered, delivered by {last_end(findings)}"]
    if service.open:
        rest = f"the other {count(service.open)}" if not service.lost else f"{count(service.open)} more"
        if service.back is not None:
            parts.append(f"{rest} come by {_end_of(findings.instance.periods, service.back)}")
        elif service.never < service.open:
            parts.append(f"{rest} come later, {count(service.never)} of them after the plan ends")
        else:
            parts.append(f"{rest} still owed when the plan ends")
    parts.append(f"{count(service.lost)} lost" if service.lost > NOISE * service.ordered else "none lost")
    return "; ".join(parts)


def last_end(findings: Findings) -> str:
    """When the reported periods end, e.g. `end 2028`."""
    return _end_of(findings.instance.periods, findings.periods[-1])


def _end_of(periods: Periods, label: str) -> str:
    """`end 2028` for the last period of a year; else the period itself, a number as `period 3`."""
    found = year_and_part(periods, label)
    at = periods.index[label]
    following = year_and_part(periods, periods.labels[at + 1]) if at + 1 < len(periods.labels) else None
    ends_year = found is not None and (
        following[0] > found[0] if following is not None else found[1] in {"Q4", "12", "W52", "W53", "Year"}
    )
    return f"end {found[0]}" if found is not None and ends_year else spoken(label)
