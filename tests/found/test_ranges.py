"""Figures far apart in one instance: units inside are scaled by item and row, and small parts count beside large ones."""

from pathlib import Path

import pytest

import planner

FOUND = Path(__file__).parent


def test_a_billion_of_a_chemical_in_each_unit():
    """All of the chemical goes into 0.999999998 x at s: 4.99999999 + 99.9999998, and 2.000000002 lost at 100,000."""
    plan = planner.solve(FOUND / "ranges.yaml")
    assert plan.status == "optimal"
    assert plan.certificate.passed
    assert plan.objective == pytest.approx(4.99999999 + 99.9999998 + 200_000.0002, rel=1e-12)
    made = plan.production.set_index(["site", "item"])
    assert made.loc[("s", "x"), "started"] == 0.999999998
    assert made.loc[("s", "x"), "cost"] == 4.99999999
    assert made.loc[("s", "chem"), "started"] == 999999998
    assert made.loc[("s", "chem"), "cost"] == 99.9999998
    assert list(plan.service["lost"]) == [2.0]  # nine digits of 2.000000002
    used = plan.choke_points.set_index("name")["used"]
    assert used["line"] == pytest.approx(0.000999999998, rel=1e-9)


def test_a_thousandth_of_a_unit_beside_ten_million():
    plan = planner.solve(FOUND / "small-beside-large.yaml")
    assert plan.status == "optimal"
    assert plan.certificate.passed
    assert plan.objective == pytest.approx(10_000_000.002, rel=1e-14)
    delivered = plan.service.set_index("customer")["delivered"]
    assert delivered["c"] == 1e7
    assert delivered["d"] == 0.001
    made = plan.production.set_index("site")["started"]
    assert made["t"] == pytest.approx(0.001, rel=1e-9)
    assert made["s"] == 1e7
    assert plan.unique


def test_check_names_the_figures_that_are_far_apart():
    found = planner.check_instance(FOUND / "ranges.yaml")
    [problem] = found.problems
    assert found.instance is not None
    assert problem.severity == "warning"
    assert "1,000,000,000 of chem" in problem.message
    assert "0.001 of line" in problem.message


def test_check_names_the_orders_that_are_far_apart():
    found = planner.check_instance(FOUND / "small-beside-large.yaml")
    [problem] = found.problems
    assert found.instance is not None
    assert problem.severity == "warning"
    assert "d orders 0.001 of x" in problem.message
    assert "c (row 22) 10,000,000 of x" in problem.message
