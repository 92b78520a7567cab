"""Cost components: a cost for each unit of a decision, discounted to the first period. Their sum is the objective."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """A component of the cost.

    Attributes:
        name: its name in JSON and tables.
        parts: (block, column of the block's table) pairs: the sum of column * decision is the component.
        table, column: the plan's table and column whose sum is the component.
        formula: how it is reckoned, in money.
        meaning: one sentence.
    """

    name: str
    parts: tuple[tuple[str, str], ...]
    table: str
    column: str
    formula: str
    meaning: str


COSTS: tuple[Cost, ...] = (
    Cost(
        "production",
        (("make", "production"),),
        "production",
        "cost",
        "sum unit_cost * make, at the start of work",
        "What starting the units costs.",
    ),
    Cost(
        "freight",
        (("ship", "freight"),),
        "shipments",
        "freight",
        "sum unit_cost * ship, at departure",
        "What moving the units costs.",
    ),
    Cost(
        "tariff",
        (("ship", "tariff"),),
        "shipments",
        "tariff",
        "sum rate * value * ship, at departure",
        "Duty on crossings of a border.",
    ),
    Cost(
        "holding",
        (("stock", "holding"),),
        "stock",
        "holding_cost",
        "sum holding_cost * stock",
        "What keeping stock costs.",
    ),
    Cost(
        "lateness",
        (("late", "lateness"),),
        "service",
        "lateness_cost",
        "sum late_cost * late",
        "What owing units costs.",
    ),
    Cost(
        "lost_sales",
        (("lost", "lost_sales"), ("unserved", "lost_sales"), ("cancelled", "lost_sales")),
        "service",
        "lost_cost",
        "sum lost_cost * lost (with recourse, * (lost + unserved + cancelled))",
        "What units never served cost.",
    ),
    Cost(
        "commitment",
        (("under", "shortfall"),),
        "commitments",
        "cost",
        "sum shortfall_cost * under, at the last period of the window",
        "What falling short of committed minima costs.",
    ),
    Cost(
        "expansion",
        (("expand", "expansion"), ("open", "expansion")),
        "expansions",
        "cost",
        "sum (fixed_cost * open + unit_cost * capacity * expand), at the option's first period",
        "What bought options cost.",
    ),
    Cost(
        "limit_excess",
        (("excess", "soft"),),
        "limits",
        "cost",
        "sum soft_cost * excess",
        "What passing soft limits costs.",
    ),
    Cost(
        "broken_promises",
        (("unserved", "promise"), ("cancelled", "promise"), ("below", "promise"), ("over", "promise")),
        "recourse",
        "cost",
        "sum price * (unserved + must_serve * cancelled + below + over); only with recourse",
        "What breaking promises of service and stock costs after a strike.",
    ),
)
