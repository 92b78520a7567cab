"""Figures are rounded as decimals are: by their digits, halves away from zero, whatever their size."""

import math
from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np
import pandas as pd
import pytest
from toys import choke, policy, two_plants

import planner
from planner.plan.rounding import rounded, tidy


def by_hand(figure, digits):
    """The figure through twelve digits to fewer, in decimal arithmetic."""
    steady = Context(prec=12, rounding=ROUND_HALF_UP).create_decimal(Decimal(figure))
    return float(Context(prec=digits, rounding=ROUND_HALF_UP).create_decimal(steady))


@pytest.mark.parametrize("digits", [3, 9])
def test_figures_are_rounded_as_decimals(digits):
    draw = np.random.default_rng(5)
    figures = np.concatenate(
        [
            draw.normal(size=3000) * 10.0 ** draw.integers(-10, 21, 3000),
            draw.integers(-(10**6), 10**6, 3000) / 10.0 ** draw.integers(0, 8, 3000),  # many end in a 5
        ]
    )
    assert rounded(figures, digits).tolist() == [by_hand(float(figure), digits) for figure in figures]


@pytest.mark.parametrize(
    ("figure", "nine"),
    [
        (0.1234567895, 0.12345679),
        (-2.000000005, -2.00000001),
        (1234567895.0, 1234567900.0),
        (0.1 + 0.2, 0.3),
        (999.9999999999999, 1000.0),
        (1e-11, 1e-11),
        (1.23456789123e-15, 1.23456789e-15),
        (1.23456789123e25, 1.23456789e25),
        (5e-324, 5e-324),
        (0.0, 0.0),
        (math.inf, math.inf),
        (-math.inf, -math.inf),
    ],
)
def test_figures_of_any_size(figure, nine):
    assert rounded([figure])[0] == nine


def test_no_number_stays_none_and_zero_has_no_sign():
    assert math.isnan(rounded([math.nan])[0])
    assert math.copysign(1.0, rounded([-0.0])[0]) == 1.0


def test_noise_is_cleaned_beside_the_largest_figure_of_its_column():
    table = pd.DataFrame({"quantity": [1e6, 1e-4, 2.0], "share": [0.5, 1e-4, 0.0]})
    assert tidy(table, ["quantity", "share"])["quantity"].tolist() == [1e6, 0.0, 2.0]
    assert tidy(table, ["quantity", "share"], "share")["share"].tolist() == [0.5, 1e-4]


def test_shares_of_limits_stand_beside_large_capacities():
    instance = two_plants(
        demand=[{"customer": "shop", "item": "unit", "quantity": 1e9, "price": 100}],
        capacities=[{"site": "east", "capacity": 3e9}, {"site": "west", "capacity": 3e9}],
    )
    plan = planner.solve(instance, policy({"stage": "make", "of": "TW", "max_share": 0.6}))
    limit = choke(plan, "limit")
    assert (limit["used"], limit["capacity"], limit["utilisation"]) == (0.6, 0.6, 1.0)
    assert choke(plan, "resource", site="east")["used"] == 6e8


def test_a_small_flow_that_is_meant_is_kept_beside_large_ones():
    """East makes 1e6 of 1,000,000.05 units, each of 100 parts: 0.05 count beside what is sent, not beside the parts."""
    plan = planner.solve(
        two_plants(
            items=[{"item": "part", "stage": "parts", "value": 1}, {"item": "unit", "stage": "make", "value": 100}],
            stages=["parts", "make"],
            processes=[
                {"site": site, "item": item, "unit_cost": cost, "resource": item}
                for item in ("part", "unit")
                for site, cost in (("east", 1), ("west", 3))
            ],
            components=[{"item": "unit", "component": "part", "quantity": 100}],
            capacities=[{"site": "east", "resource": "unit", "capacity": 1e6}],
            demand=[{"customer": "shop", "item": "unit", "quantity": 1_000_000.05, "price": 1000, "must_serve": 1}],
        )
    )
    assert plan.certificate.passed
    made = plan.production.set_index(["site", "item"])["started"]
    sent = plan.shipments.set_index("from")["quantity"]
    assert made["east", "part"] == 1e8
    assert made["west", "unit"] == sent["west"] == pytest.approx(0.05)
