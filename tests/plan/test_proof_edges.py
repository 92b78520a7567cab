"""How far a run may be off, to the last unit: its record, its least cost, prices, rows and bounds of a small plan.

One plant of 6 a period at 1 a unit, a second of 100 at 200, an order of 10 that loses 100 a unit: 6 are made and 4
lost, which costs 406. One unit more of the first plant saves 99, one less costs 99; the largest dual is 200.
"""

from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pandas as pd
import pytest
import toys

from planner.plan.proof.claims import Claims
from planner.plan.proof.contradiction import contradiction_of
from planner.plan.proof.decided import RunDecisions, own_failures, read_decisions
from planner.plan.proof.follows import table_failures
from planner.plan.proof.kept import NO_PLAN
from planner.plan.proof.kept_rules import rule_failures
from planner.plan.proof.measured import measure_failures, measures_of
from planner.plan.proof.no_plan import surplus_of, verify_no_plan
from planner.plan.proof.printed_figures import Figures, exact_arithmetic
from planner.plan.proof.rules import Rules
from planner.plan.proof.verify import PROVED, UNPROVED, _is_held, _made, _options, _record, verify

HALF = Decimal("0.501")  # of a unit of the last digit


@cache
def solved():
    """The claims of the plan, its rules, and its measures."""
    processes = [{"site": "east", "item": "unit", "unit_cost": 1}, {"site": "west", "item": "unit", "unit_cost": 200}]
    capacities = [{"site": "east", "capacity": 6}, {"site": "west", "capacity": 100}]
    plan = toys.solve(toys.two_plants(processes=processes, capacities=capacities))
    claims, rules = Claims.of(plan), Rules(plan.instance, None)
    with exact_arithmetic():
        decisions = read_decisions(rules, claims.tables, [])
        return claims, rules, measures_of(rules, claims.tables, decisions, claims.kept.for_program(rules.layout))


@cache
def decided():
    """The decisions of the plan, and its tables as they are written."""
    claims, rules, _ = solved()
    with exact_arithmetic():
        found = read_decisions(rules, claims.tables, [])
        own_failures(rules, found)
        table_failures(rules, claims.tables, found, [])
    return found


def recorded(record):
    """The findings on the record where some fields are others."""
    claims, rules, _ = solved()
    findings = []
    with exact_arithmetic():
        _record(replace(claims, record={**claims.record, **record}), rules, decided(), findings)
    return [finding.words for finding in findings]


def measured(**tables):
    """The findings on measures where some of their tables are others."""
    claims, rules, measures = solved()
    findings = []
    with exact_arithmetic():
        measure_failures(rules, {**claims.tables, **tables}, measures, findings)
    return [finding.words for finding in findings]


def test_the_plan():
    claims, rules, _ = solved()
    assert claims.record["objective"] == 406
    assert np.abs(claims.kept.weights).max() == 200
    verdict = verify(claims, rules)
    assert (verdict.holds, verdict.bound) == (True, PROVED)
    false = {
        "record": {**claims.record, "schema_version": 2},
        "tables": {**claims.tables, "price_sides": claims.tables["limits"]},
    }
    assert len(verify(replace(claims, **false), rules).findings) > 2, "all that is found below is found of a run"


INFINITE, NONE = float("inf"), float("nan")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"schema_version": 2}, "schema_version: is 2, not 1"),
        ({"schema_version": None}, "schema_version: is None, not 1"),
        ({"instance": "other"}, "instance: is other, but the instance is tiny"),
        ({"content_hash": "0"}, "content_hash: is not that of instance.yaml"),
        ({"content_hash": "0", "scenario": {"name": "s"}}, None),
        ({"status": "infeasible"}, "status: is infeasible; a plan is optimal or feasible"),
        ({"status": "feasible"}, None),
        ({"status": "feasible", "gap": INFINITE}, None),
        ({"status": "feasible", "gap": 0.5}, None),
        ({"status": "feasible", "gap": -0.5}, "gap: is -0.5"),
        ({"status": "feasible", "gap": NONE}, "gap: is nan"),
        ({"gap": INFINITE}, "gap: is inf"),
        ({"gap": None}, "gap: is None"),
        ({"gap": True}, "gap: is True"),
        ({"gap": 0}, None),
        ({"gap": 1e-12}, "gap: is 1e-12, and must be 0 for a linear program that is solved"),
        ({"certificate": {"passed": True, "largest_violation": 0.0, "relative_gap": 0}}, None),
        ({"certificate": {"passed": 1, "largest_violation": 0, "relative_gap": 0}}, "certificate: is not passed"),
        (
            {"certificate": {"passed": True, "largest_violation": -1.0, "relative_gap": 0}},
            "certificate.largest_violation: is -1.0",
        ),
        (
            {"certificate": {"passed": True, "largest_violation": 0, "relative_gap": INFINITE}},
            "certificate.relative_gap: is inf",
        ),
        ({"objective": True}, "objective: is True, which is no finite figure"),
        ({"objective": INFINITE}, "objective: is inf, which is no finite figure"),
        ({"objective": "406"}, "objective: is 406, which is no finite figure"),
        ({"objective": 406}, None),
        # the two costs, 6 and 400, are right within 5.01e-9 and 5.01e-7; and a part of 2e-9 of both may be missing
        ({"objective": 406 + 1.31e-6}, None),
        ({"objective": 406 - 1.31e-6}, None),
        ({"objective": 406 + 1.33e-6}, "objective: is 406.00000133, but the costs add up to 406"),
        ({"objective": 406 - 1.33e-6}, "objective: is 405.99999867, but the costs add up to 406"),
    ],
)
def test_a_field_of_the_record(fields, words):
    assert recorded(fields) == ([] if words is None else [f"run.json, {words}"])


def test_each_size_of_the_program():
    claims, _, _ = solved()
    sizes = claims.record["sizes"]
    for name in sizes:
        other = {**sizes, name: sizes[name] + 1}
        assert recorded({"sizes": other}) == [f"run.json, sizes: is {other}, but the program has {sizes}"]
    assert recorded({"certificate": None}) == [
        "run.json, certificate: is not passed",
        "run.json, certificate.largest_violation: is None",
        "run.json, certificate.relative_gap: is None",
    ]


@pytest.mark.parametrize(("part", "proved"), [(0.0, True), (9e-7, True), (1.1e-6, False), (0.5, False)])
def test_a_gap_of_a_millionth_is_a_proof_and_more_is_none(part, proved):
    """Duals a little too small prove 406 less that part of it."""
    claims, rules, measures = solved()
    kept = replace(claims.kept, weights=claims.kept.weights * (1 - part))
    verdict = verify(replace(claims, kept=kept), rules, measures)
    assert verdict.gap == pytest.approx(part, rel=2e-2, abs=1e-12)  # of seven digits of the duals
    assert verdict.bound == (PROVED if proved else UNPROVED)
    least, gap = 406 * (1 - verdict.gap), verdict.gap
    [*words] = [finding.words for finding in verdict.findings]
    assert len(words) == (not proved)
    if words:
        figure, _, rest = words[0].removeprefix("proof: the kept duals prove a least cost of ").partition(", ")
        assert float(figure) == pytest.approx(least, abs=1e-5)
        assert rest == f"which leaves a gap of {gap:.3g}"
    assert verdict.settled == proved
    assert verdict.as_json()["least_cost"]["bound"] == verdict.bound
    if part == 0.5:
        assert verdict.why == "the gap is too large"


def test_a_record_that_says_less_than_the_least_cost_is_found():
    """Half of all in the record and in the table of costs: the duals prove that no plan costs so little."""
    claims, rules, measures = solved()
    free = claims.tables["costs"].assign(amount="0.0")
    found = verify(replace(claims, record={**claims.record, "objective": 0.0}, tables={**claims.tables, "costs": free}), rules, measures)  # fmt: skip
    assert found.findings[-1].table == "proof"
    assert found.gap == pytest.approx(-1)


def test_duals_are_no_proof_that_no_plan_exists():
    """They prove that every plan costs 406, which is more than nothing, and no contradiction."""
    claims, rules, _ = solved()
    assert surplus_of(rules, replace(claims.kept, proves=NO_PLAN)) is None


def priced(text, point=0):
    """What is said where a resource has another price: the first plant saves 99, the second nothing."""
    points = solved()[0].tables["choke_points"].copy()
    points.loc[point, "shadow_price"] = text
    return [words.partition("shadow_price: ")[2] for words in measured(choke_points=points)]


@pytest.mark.parametrize(
    ("point", "text", "words"),
    [
        (0, "98.0", None),  # what one more unit saves may be less than the dual
        (0, "", None),
        (0, "0.0", None),
        (0, "-1e-06", "is -1e-06; what one more unit saves is never below 0"),
        (0, "99.0001", None),  # 1e-6 of it, and 1e-8 of the largest dual, 200
        (0, "99.000102", "is 99.000102, but the kept duals allow at most 99"),
        (1, "0.0", None),
        (1, "1.9e-06", None),
        (1, "2.1e-06", "is 2.1e-06, but the kept duals allow at most 0"),
    ],
)
def test_a_price_is_no_more_than_the_dual(point, text, words):
    assert priced(text, point) == ([] if words is None else [words])


@pytest.mark.parametrize(
    ("price", "less", "words"),
    [
        ("50.0", "99.0", None),
        ("50.0", "inf", None),
        ("50.0", "98.99991", None),  # 1e-6 below the dual
        ("50.0", "98.99989", "is 98.99989, but the kept duals allow no less than 99"),
        ("99.0", "99.0001", None),
        ("99.0", "99.00009", "is 99.00009, and must be above what one more saves"),
        ("99.0", "99.0", "is 99.0, and must be above what one more saves"),
        ("50.0", "x", "'x' is no figure"),
        ("50.0", "", "'' is no figure"),
    ],
)
def test_what_one_less_costs_is_more_than_what_one_more_saves(price, less, words):
    tables = solved()[0].tables
    points = tables["choke_points"].copy()
    points.loc[0, "shadow_price"] = price
    columns = list(tables["price_sides"].columns)
    sides = pd.DataFrame([{**points.iloc[0], "one_less_costs": less}])[columns]
    found = measured(choke_points=points, price_sides=sides)
    assert [text.partition("one_less_costs: ")[2] for text in found] == ([] if words is None else [words])


def test_of_a_row_of_no_choke_point_nothing_else_is_said():
    tables = solved()[0].tables
    side = {**tables["choke_points"].iloc[0], "name": "nobody", "one_less_costs": "0.0", "shadow_price": "5.0"}
    assert measured(price_sides=pd.DataFrame([side])[list(tables["price_sides"].columns)]) == [
        "price_sides row 1 (resource/nobody/east/1), kind, name, site, period: no such row can be in this plan"
    ]


def test_of_a_choke_point_that_is_none_nothing_else_is_said():
    points = solved()[0].tables["choke_points"].copy()
    points.loc[0, ["name", "shadow_price"]] = ["nobody", "-5.0"]
    assert measured(choke_points=points) == [
        "choke_points row 1 (resource/nobody/east/1), kind, name, site, period: no such row can be in this plan",
        "choke_points (resource/east/east/1): the row is missing",
    ]


def kept_rules(**changes):
    """The findings on rows and bounds where decisions have another value, width, or largest figure without a row."""
    claims, rules, _ = solved()
    found = read_decisions(rules, claims.tables, [])
    value, width, absent = found.decisions.value.copy(), found.decisions.width * 0, found.absent * 0
    for name, figures in changes.items():
        block = getattr(rules.layout, name)
        for label, (other, wide, missing) in figures.items():
            at = block.first + next(
                row for row, part in enumerate(block.labelled.to_dict("records")) if label in part.values()
            )
            value[at], width[at], absent[at] = Decimal(other), Decimal(wide), Decimal(missing)
    findings = []
    with exact_arithmetic():
        rule_failures(rules, RunDecisions(Figures(value, width, found.decisions.known), absent, found.written), findings)  # fmt: skip
    return [finding.words for finding in findings]


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({}, 0),
        ({"make": {"east": ("6.1", "0.1", "0")}}, 0),  # all rows within the width
        ({"make": {"east": ("6.1", "0.099", "0")}}, 2),  # capacity and balance
        ({"make": {"east": ("5.9", "0.1", "0")}}, 0),
        ({"make": {"east": ("5.9", "0.099", "0")}}, 1),  # the balance alone: what is made is less than what leaves
        # decisions without a row may be as large as a figure that a table leaves out, at most a millionth of the row
        ({"lost": {"shop": ("3.99999", "0", "0")}, "ship": {"west": ("0", "0", "1e-5")}}, 1),
        ({"lost": {"shop": ("3.999996", "0", "0")}, "ship": {"west": ("0", "0", "4e-6")}}, 0),
        ({"lost": {"shop": ("3.999996", "0", "0")}, "ship": {"west": ("0", "0", "3.9e-6")}}, 1),
        ({"lost": {"shop": ("3.9999939", "0", "0")}, "ship": {"west": ("0", "0", "1")}}, 1),
        ({"lost": {"shop": ("3.999994", "0", "0")}, "ship": {"west": ("0", "0", "1")}}, 0),  # 1e-6 of 6
        ({"lost": {"shop": ("3.999996", "0", "0")}, "ship": {"east": ("6", "0", "1")}}, 1),  # what has a row is not absent
        # bounds: nothing is below 0, no more is lost than was ordered
        ({"make": {"west": ("-1e-6", "1e-6", "0")}}, 0),
        ({"ship": {"west": ("-1e-6", "0", "0")}, "make": {"west": ("-1e-6", "0", "0")}, "lost": {"shop": ("4.000001", "0", "0")}}, 2),
    ],
)  # fmt: skip
def test_rows_and_bounds_hold_within_what_was_printed(changes, count):
    assert len(kept_rules(**changes)) == count


BALANCE = "flow_balance is -0.1, and must be 0: What east uses, sends and keeps of unit in 1 must have come in."


def test_a_broken_rule_is_told_with_its_tables_its_labels_and_its_side():
    assert kept_rules(make={"east": ("6.1", "0", "0")}) == [
        f"production, shipments, stock (east/unit/1), flow_balance: {BALANCE}",
        "production (east/east/1), capacity: capacity is 6.1, and must be <= 6: The resource east has 6 in 1.",
    ]


def test_a_broken_bound_is_told_with_its_row_if_it_has_one():
    below = {"ship": {"west": ("-1", "0", "0")}, "make": {"west": ("-1", "0", "0")}}
    assert kept_rules(**below, lost={"shop": ("5", "0", "0")}) == [
        "production (west/unit/standard/1), started: is -1, and must be at least 0",
        "shipments (west/shop/unit/1), quantity: is -1, and must be at least 0",
    ]
    below = {"ship": {"east": ("-1", "0", "0")}, "make": {"east": ("-1", "0", "0")}}
    assert kept_rules(**below, lost={"shop": ("11", "0", "0")}) == [
        "production row 1 (east/unit/standard/1), started: is -1, and must be at least 0",
        "shipments row 1 (east/shop/unit/1), quantity: is -1, and must be at least 0",
        "service (shop/unit/1), lost: is 11, and must be at most 10",
    ]
    assert kept_rules(**below, lost={"shop": ("11", "1", "0")}) == [
        "production row 1 (east/unit/standard/1), started: is -1, and must be at least 0",
        "shipments row 1 (east/shop/unit/1), quantity: is -1, and must be at least 0",
    ]


@pytest.mark.parametrize(
    ("near", "held"),
    [
        (None, False),
        ("run", False),
        ({"run": "a"}, False),
        ({"run": "a", "freeze": 2}, True),
        ({"most_resourced": 0.1}, True),
    ],
)
def test_a_run_is_held_to_an_earlier_one_where_something_had_to_stay(near, held):
    claims = solved()[0]
    record = {**claims.record, "solver": {"options": {"stay_close_to": near}}}
    assert _is_held(replace(claims, record=record)) == held
    for solver in (None, "x", {"options": None}, {"options": "x"}, {}):
        assert _options(replace(claims, record={**claims.record, "solver": solver})) == {}


def test_what_a_run_makes_is_the_sum_of_its_figures():
    claims = solved()[0]
    rows = [("unit", "6.0"), ("unit", "1.5"), ("unit", "x"), ("other", "2")]
    table = pd.DataFrame(rows, columns=["item", "finished"])
    assert _made(replace(claims, tables={"production": table})) == {"unit": 7.5, "other": 2}
    for tables in ({}, {"production": table[["item"]]}, {"production": table[["finished"]]}):
        assert _made(replace(claims, tables=tables)) == {}


def test_that_no_plan_exists_is_said_by_the_rules_that_are_added_up_and_no_others():
    """15 of 30 must be served where 10 can be made; another customer, stock of its own bounds, plays no part."""
    instance = toys.tiny(
        customers=[{"customer": "shop", "region": "TW"}, {"customer": "other", "region": "TW"}],
        lanes=[{"from": "plant", "to": "shop"}, {"from": "plant", "to": "other"}],
        capacities=[{"site": "plant", "capacity": 10}],
        stocks=[{"site": "plant", "item": "unit", "maximum": 2}],
        demand=[
            {"customer": "shop", "item": "unit", "quantity": 30, "price": 5, "must_serve": 0.5},
            {"customer": "other", "item": "unit", "quantity": 3, "price": 5},
        ],
    )
    found = verify_no_plan(instance, None, contradiction_of(instance, None))
    assert (found.proved, found.why, found.counted) == (True, "", 3)
    assert found.rows == (
        "At most 15 of the order of 30 unit for shop in 1 may be lost.",
        "The resource plant has 10 in 1.",
    )
    assert found.as_json() == {"holds": True, "why": "", "rows": list(found.rows), "checked": {"rows": 3}}
    assert found.sentences[0].endswith("by 3 rows that contradict each other, of which these have figures:")
