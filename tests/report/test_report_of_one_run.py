"""A report on one policy, one period, and limits that move nothing says nothing of several, or of what differs."""

import dataclasses

import pandas as pd
import pytest
import toys

from planner.plan.planning import solve
from planner.report.background import background
from planner.report.findings import Findings
from planner.report.page.grids import cost_grid
from planner.report.pictures.places import exceptions
from planner.report.sections.answer import answer_sentence
from planner.report.sections.data_sources import not_shown
from planner.report.sections.first_screen import basis, headline
from planner.report.sections.frontier import frontier_section, what_is_moved
from planner.report.sections.runs import runs_sentence
from planner.report.tables.report import report_tables
from planner.study.progress import Effort


def pumps():
    """Castings from two regions, pumps from two: 40 of 100 pumps are made in Taiwan, of castings from elsewhere."""
    freight = {"DE TW": 2, "DE AT": 1, "AT AT": 0.5, "AT TW": 2, "TW AT": 2, "TW TW": 0.5}
    ends = {tuple(f"region:{region}" for region in way.split()): cost for way, cost in freight.items()}
    return toys.tiny(
        periods=["2027"],
        stages=["casting", "assembly"],
        regions={"DE": "Germany", "AT": "Austria", "TW": "Taiwan"},
        sites=[
            {"site": name, "region": region}
            for name, region in (("g1", "DE"), ("g2", "AT"), ("m1", "TW"), ("m2", "AT"))
        ],
        items=[{"item": "part", "stage": "casting"}, {"item": "pump", "stage": "assembly"}],
        processes=[
            {"site": site, "item": item, "unit_cost": cost}
            for site, item, cost in (("g1", "part", 5), ("g2", "part", 8), ("m1", "pump", 3), ("m2", "pump", 6))
        ],
        components=[{"item": "pump", "component": "part", "quantity": 2}],
        capacities=[{"site": site, "capacity": of} for site, of in (("g1", 150), ("g2", 160), ("m1", 70), ("m2", 80))],
        customers=[{"customer": "c1", "region": "AT"}, {"customer": "c2", "region": "TW"}],
        demand=[
            {"customer": "c1", "item": "pump", "quantity": 60, "price": 200},
            {"customer": "c2", "item": "pump", "quantity": 40, "price": 180},
        ],
        lanes=[{"from": start, "to": end, "unit_cost": cost} for (start, end), cost in ends.items()],
        policies=[toys.policy({"stage": "assembly", "of": "TW", "max_share": 0.6}).model_dump(exclude_unset=True)],
    )


def test_one_run_of_one_period():
    instance = pumps()
    plans = {"p": solve(instance, "p")}
    found = Findings(instance, {("p", None): plans["p"]})
    studies = background(instance, plans, [], Effort())
    found = dataclasses.replace(found, studies=studies)
    tables = report_tables(found)
    assert dict(basis(found))["Runs"] == "1: every policy, undisturbed; orders of 2027"
    assert dict(basis(found))["Checked"] == "the one plan was re-added outside the solver and passed"
    assert runs_sentence(found) == "The one run ends with a plan of least cost that passed its certificate."
    assert "changes are" not in cost_grid(found, tables).caption
    said = dict(not_shown(found))
    [costs] = [text for heading, text in said.items() if heading.startswith("Costs count")]
    assert (
        "all planned periods (2027), discounted; units, shares and fill rates cover the reported ones (2027)" in costs
    )
    [chain] = [text for heading, text in said.items() if heading.startswith("Stage shares")]
    assert "touch Taiwan somewhere can be larger than any one stage share" in chain  # 40 % of both
    assert what_is_moved(found, studies.frontier) == "Moved: the largest share (max_share) of l1, a limit of p."
    text = " ".join(frontier_section(found, tables).text)
    assert "the least cost is the same" in text
    assert "rises" not in text


@pytest.mark.parametrize(
    ("limits", "said", "shortly"),
    [
        (
            [{"measure": "pathway", "of": "TW", "min_free": 0.3}],
            (
                "Limiting the whole pathway of units (p) costs about as much as q and leaves the share of finished units that "
                "touch Taiwan at 40 %."
            ),
            "P costs no more and leaves 40 % of units touching Taiwan.",
        ),
        (
            [{"measure": "pathway", "of": "TW", "min_free": 0.65}],
            (
                "Limiting the whole pathway of units (p) costs USD 12.5 (0.6 %) more than q and takes the share of finished "
                "units that touch Taiwan from 40 % to 35 %."
            ),
            "P costs USD 12.5 more and takes units touching Taiwan from 40 % to 35 %.",
        ),
        (
            [{"stage": "assembly", "of": "TW", "max_share": 0.6}, {"stage": "casting", "of": "TW", "max_share": 0.5}],
            (
                "Limiting every stage (p) costs about as much as q and leaves Taiwan's share of casting at 0 % and of assembly "
                "at 40 %, the share of finished units that touch Taiwan staying at 40 %."
            ),
            "P costs no more and leaves 40 % of units touching Taiwan.",
        ),
    ],
)
def test_a_policy_is_said_to_move_what_it_moves(limits, said, shortly):
    names = [toys.policy(*limits), toys.policy(name="q")]
    instance = pumps().replace(policies=names)
    found = Findings(instance, {(name, None): solve(instance, name) for name in ("q", "p")})
    assert (answer_sentence(found), headline(found)) == (said, shortly)


def used(*rows):
    return pd.DataFrame(
        [(stage, f"P{at}", share) for stage, *shares in rows for at, share in enumerate(shares, 1)],
        columns=["stage", "period", "used"],
    )


LIMITED = [{"site": "plant", "capacity": 40}]


def full_of(*rows, capacities=LIMITED):
    instance = toys.tiny(capacities=capacities)
    found = Findings(instance, {(None, None): solve(instance)})
    return exceptions(found, used(*rows).assign(policy=found.label(None), capacity=1.0))


def test_one_period_is_not_most_of_them():
    assert full_of(("make", 0.67)) == "No stage is full; the fullest, make, has 67 % used in P1."
    assert full_of(("make", 1.0)) == "Make is full in P1."
    assert full_of(("make", 0.07, 0.06)) == (
        "No stage is full in any period; the fullest, make, has at most 7 % used in P1."
    )


def test_lines_without_a_limit_are_said_not_to_count():
    """No stage was full, or one was, of those lines alone that have a limit."""
    said = full_of(("make", 0.67), capacities=[])
    assert said == (
        "No stage is full; the fullest, make, has 67 % used in P1; lines of make without a limit are not counted."
    )
    assert full_of(("make", 1.0), capacities=[]).startswith("Make is full in P1; lines of make without")
    assert full_of(capacities=[]) == ""


def test_of_many_periods_in_which_a_stage_is_not_full_the_idlest_is_named():
    said = full_of(("make", *[1.0] * 11, *[0.5] * 4, 0.25, *[0.5] * 4))
    assert said == "Make is full in 11 of 20 periods, and least used in P16 (25.0 %)."
    assert full_of(("make", *[1.0] * 8, *[0.5] * 8)).count("(50.0 %)") == 8


def test_a_stage_that_is_full_more_often_than_not_is_not_passed_over_for_one_that_is_fuller_in_the_mean():
    said = full_of(("make", 1.0, 1.0, 1.0, 0.1, 0.1), ("pack", 0.7, 0.7, 0.7, 0.7, 0.7))
    assert said == "Make is full in every period but P4 (10.0 %), P5 (10.0 %)."
    assert full_of(("make", 1.0, 0.5, 0.5), ("pack", 0.9, 0.9, 0.9)).startswith("No stage is full in most periods")
