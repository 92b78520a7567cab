"""Problems with a published optimum, written in the instance format: the planner reaches each figure.

Where a figure was published, and how the problem is put in the planner's words, stands in each case's NOTE.md.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import planner

HERE = Path(__file__).parent
TOLERANCE = 1e-6
LEAST_COST, PROFIT, NET_COST = "least cost", "profit", "net cost"


@dataclass(frozen=True)
class Case:
    """A published problem.

    Attributes:
        name: shown by pytest.
        path: instance, below this folder.
        optimum: the figure as published.
        figure: what was published - the least cost, the greatest profit (potential revenue - cost), or the least
            cost net of revenue (its negative). Potential revenue is the price of all that could be sold.
    """

    name: str
    path: str
    optimum: float
    figure: str = LEAST_COST


CASES = (
    Case("gams_trnsport", "gams_trnsport/instance.yaml", 153.675),
    Case("ampl_transp", "ampl_transp/instance.yaml", 196_200),
    Case("ampl_multi", "ampl_multi/instance.yaml", 199_500),
    Case("ortools_mincostflow", "ortools_mincostflow/instance.yaml", 150),
    Case("williams_distribution1", "williams_distribution1/instance.yaml", 198_500),
    Case("gams_whouse", "gams_whouse/instance.yaml", -600, NET_COST),
    Case("ampl_steelT", "ampl_steelT/instance.yaml", 515_033, PROFIT),
    Case("ampl_dist3", "ampl_dist3", 1_468_337.447),
    Case("psm_memory_allocation-lp", "psm_memory_allocation/lp.yaml", 7101.74),
    Case("psm_memory_allocation-milp", "psm_memory_allocation/milp.yaml", 7250.01),
    Case("whatif_netflow", "whatif_netflow/instance.yaml", 5500),
)

# Every component of the cost and the plan's table and column that it is the sum of.
COMPONENTS = {
    "production": ("production", "cost"),
    "freight": ("shipments", "freight"),
    "tariff": ("shipments", "tariff"),
    "holding": ("stock", "holding_cost"),
    "lateness": ("service", "lateness_cost"),
    "lost_sales": ("service", "lost_cost"),
    "commitment": ("commitments", "cost"),
    "expansion": ("expansions", "cost"),
    "limit_excess": ("limits", "cost"),
}

# Components that were published or follow from the source's own text, to its rounding.
PUBLISHED_COMPONENTS = {
    "psm_memory_allocation-lp": {"freight": 998 + 5, "lost_sales": 5529, "holding": 570},
    "psm_memory_allocation-milp": {"freight": 1005, "lost_sales": 5533, "holding": 572, "expansion": 140},
}


@cache
def solved(path):
    instance = planner.load_instance(HERE / path)
    return instance, planner.solve(instance)


def published_figure(case, instance, plan):
    potential = sum((row.price or 0.0) * row.quantity for row in instance.demand)
    return {LEAST_COST: plan.objective, PROFIT: potential - plan.objective, NET_COST: plan.objective - potential}[
        case.figure
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_optimum(case):
    instance, plan = solved(case.path)
    assert plan.status == "optimal"
    assert plan.certificate.passed is True
    assert published_figure(case, instance, plan) == pytest.approx(case.optimum, rel=TOLERANCE)


@pytest.mark.parametrize("case", [case for case in CASES if case.figure != LEAST_COST], ids=lambda case: case.name)
def test_margin_is_the_profit(case):
    profit = case.optimum if case.figure == PROFIT else -case.optimum
    assert solved(case.path)[1].margin == pytest.approx(profit, rel=TOLERANCE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cost_components_add_up(case):
    _, plan = solved(case.path)
    assert plan.costs["amount"].sum() == pytest.approx(plan.objective, rel=1e-7)
    amounts = plan.costs.set_index("component")["amount"]
    assert set(amounts.index) <= set(COMPONENTS)
    for component, (table, column) in COMPONENTS.items():
        from_table = float(getattr(plan, table)[column].sum())
        assert from_table == pytest.approx(amounts.get(component, 0.0), abs=1e-7 * abs(plan.objective)), component


@pytest.mark.parametrize("name", PUBLISHED_COMPONENTS)
def test_published_components(name):
    path = next(case.path for case in CASES if case.name == name)
    amounts = solved(path)[1].costs.set_index("component")["amount"]
    for component, amount in PUBLISHED_COMPONENTS[name].items():
        assert amounts[component] == pytest.approx(amount, abs=1.0), component


def test_seven_of_fifteen_routes_are_open():
    expansions = solved("psm_memory_allocation/milp.yaml")[1].expansions
    assert len(expansions) == 7
    assert expansions["share"].tolist() == pytest.approx([1.0] * 7)
    # the source also allows at most three open routes a fab, which no optimum here would pass
    assert expansions["site"].str.split(".").str[0].value_counts().max() <= 3
