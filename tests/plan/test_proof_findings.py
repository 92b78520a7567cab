"""Each sentence of a proof, by the one change of a right run that calls for it: the table, the row and what it says."""

import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import toys

import planner
from planner.plan.proof import bound as bounds
from planner.plan.proof.bound import lower_bound
from planner.plan.proof.claims import Claims, broken_seals
from planner.plan.proof.compared import Finding
from planner.plan.proof.contradiction import contradiction_of
from planner.plan.proof.kept import LEAST_COST, NO_PLAN, RowWeights, kept_of
from planner.plan.proof.measured import MEASURED
from planner.plan.proof.no_plan import NoPlan, surplus_of, verify_no_plan
from planner.plan.proof.printed_figures import exact_arithmetic
from planner.plan.proof.rules import Rules, summed
from planner.plan.proof.upper import UpperBounds
from planner.plan.proof.verify import UNPROVED, Verdict, verify

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import corruptions


def said(name, **tables):
    """The findings on a run in which some tables are others, in words."""
    _, claims, rules = corruptions.solved(name)
    again = corruptions.measures(name) if {*tables} <= {*MEASURED} else None  # the decisions are the same
    return [found.words for found in verify(replace(claims, tables={**claims.tables, **tables}), rules, again).findings]


def cell(name, table, row, column, text):
    """What is said where one cell of a run has another text."""
    return said(name, **{table: corruptions.with_cell(corruptions.solved(name)[1].tables[table], row, column, text)})


# the run, table, row (from 0), column and text; and what is said of it, among the rest
CELLS = [
    ("late", "production", 0, "started", "", "production row 1 (east/unit/standard/P1), started: is empty"),
    ("late", "production", 0, "started", "24.1", "production row 1 (east/unit/standard/P1), finished: is 12.0, but 12.05 follows"),
    ("late", "production", 0, "cost", "48.000001", "production row 1 (east/unit/standard/P1), cost: is 48.000001, but 48 follows"),
    ("late", "production", 0, "operator", "", "production row 1 (east/unit/standard/P1), operator: is empty, but one follows"),
    ("late", "shipments", 0, "arrives", "P2", "shipments row 1 (east/shop/unit/P1), arrives: is P2, but P1 follows"),
    ("late", "stock", 0, "quantity", "0.0", "stock row 1 (east/unit/P1), quantity: is 0, and what is 0 has no row"),
    ("late", "stock", 0, "quantity", "-2.0", "stock row 1 (east/unit/P1), quantity: is -2, and must be at least 0"),
    ("late", "service", 1, "lost", "30.0", "service (shop/unit/P2), lost: is 30, and must be at most 9"),
    ("late", "service", 0, "customer", "nobody", "service row 1 (nobody/unit/P1), customer, item, period: no such row can be in this plan"),
    ("late", "service", 0, "customer", "nobody", "service (shop/unit/P1): the row is missing"),
    ("late", "limits", 0, "share", "", "limits row 1 (l1/TW/P1), share: is empty, but something is made or ordered of which it is a share"),
    ("late", "limits", 0, "share", "nan", "limits row 1 (l1/TW/P1), share: 'nan' is no finite figure"),
    ("late", "limits", 0, "share", "0.9", "limits row 1 (l1/TW/P1), share: is 0.9, but 0.923076923 follows"),
    ("late", "limits", 0, "min_free", "0.2", "limits row 1 (l1/TW/P1), min_free: is 0.2, but no figure follows"),
    ("late", "limits", 0, "max_share", "", "limits row 1 (l1/TW/P1), max_share: is empty"),
    ("chain", "limits", 3, "share", "0.5", "limits row 4 (wafer-tw/TW/P2), share: is 0.5, but there is nothing of which it could be a share"),
    ("late", "limits", 0, "shadow_price", "nan", "limits row 1 (l1/TW/P1), shadow_price: 'nan' is no finite figure"),
    ("late", "limits", 0, "shadow_price", "dear", "limits row 1 (l1/TW/P1), shadow_price: 'dear' is no finite figure"),
    ("late", "commitments", 0, "made", "22.0", "commitments row 1 (deal), made: is 22.0, but 21 follows"),
    ("late", "costs", 0, "amount", "102.00001", "costs row 1 (production), amount: is 102.00001, but 102 follows"),
    ("late", "exposure", 0, "limit", "", "exposure row 1 (stage/make/region/TW/P1), limit: is empty, but 0.8 follows"),
    ("late", "exposure", 0, "least", "0.5", "exposure row 1 (stage/make/region/TW/P1), least: is 0.5, but stages have no least share"),
    ("late", "exposure", 21, "least", "", "exposure row 22 (pathway//region/TW/P1), least: is empty"),
    ("late", "exposure", 21, "least", "0.95", "exposure row 22 (pathway//region/TW/P1), least: is 0.95, but must be between 0 and both other shares"),
    ("late", "exposure", 21, "least", "-0.1", "exposure row 22 (pathway//region/TW/P1), least: is -0.1, but must be between 0 and both other shares"),
    ("late", "allocation", 0, "quantity", "10.1", "allocation row 1 (shop/unit/P1/east), quantity: is 10.1, but 10 follows"),
    ("late", "choke_points", 0, "name", "nobody", "choke_points row 1 (resource/nobody/east/P1), kind, name, site, period: no such row can be in this plan"),
    ("late", "choke_points", 0, "used", "24.0000004", "choke_points row 1 (resource/east/east/P1), used: is 24.0000004, but 24 follows"),
    ("late", "choke_points", 0, "utilisation", "0.9", "choke_points row 1 (resource/east/east/P1), utilisation: is 0.9, but 1 follows"),
    ("late", "choke_points", 0, "utilisation", "", "choke_points row 1 (resource/east/east/P1), utilisation: '' is no finite figure"),
    ("late", "choke_points", 0, "utilisation", "inf", "choke_points row 1 (resource/east/east/P1), utilisation: 'inf' is no finite figure"),
    ("late", "choke_points", 0, "valid_to", "30.0", "choke_points row 1 (resource/east/east/P1), valid_to: is filled, but the run was not asked for ranges of prices"),
    ("late", "choke_points", 0, "shadow_price", "-1.0", "choke_points row 1 (resource/east/east/P1), shadow_price: is -1.0; what one more unit saves is never below 0"),
    ("late", "choke_points", 0, "shadow_price", "27.66", "choke_points row 1 (resource/east/east/P1), shadow_price: is 27.66, but the kept duals allow at most 27.65"),
    ("late", "choke_points", 5, "shadow_price", "0.5", "choke_points row 6 (limit/l1 (TW)//P1), shadow_price: is 0.5, but the table limits has 1"),
    ("chain", "choke_points", 3, "utilisation", "0.5", "choke_points row 4 (resource/fab-b/fab-b/P2), utilisation: is 0.5, but there is no capacity"),
    ("chain", "choke_points", 15, "shadow_price", "", "choke_points row 16 (limit/pack-each (TW)//horizon), shadow_price: is empty, but the table limits has 0"),
    ("chain", "choke_points", 18, "utilisation", "0.5", "choke_points row 19 (limit/wafer-tw (TW)//P2), utilisation: is 0.5, but nothing is known of which it is the ratio"),
    ("chain", "price_sides", 0, "name", "nobody", "price_sides row 1 (limit/nobody//P2), kind, name, site, period: no such row can be in this plan"),
    ("chain", "price_sides", 0, "shadow_price", "0.1", "price_sides row 1 (limit/wafer-tw (TW)//P2), shadow_price: is 0.1, but the table choke_points has 0.0"),
    ("chain", "price_sides", 0, "one_less_costs", "", "price_sides row 1 (limit/wafer-tw (TW)//P2), one_less_costs: '' is no figure"),
    ("chain", "price_sides", 0, "one_less_costs", "0.0", "price_sides row 1 (limit/wafer-tw (TW)//P2), one_less_costs: is 0.0, and must be above what one more saves"),
    ("sources", "sources", 0, "share", "0.26", "sources row 1 (die/P1/fab-a), share: is 0.26, but 0.25 follows"),
    ("sources", "sources", 0, "quantity", "5.1", "sources row 1 (die/P1/fab-a), quantity: is 5.1, but 5 follows"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "table", "row", "column", "text", "words"), CELLS)
def test_a_cell_that_is_another(name, table, row, column, text, words):
    assert words in cell(name, table, row, column, text)


def test_columns_that_are_missing_too_much_or_twice():
    tables = corruptions.solved("late")[1].tables
    shipments, service = tables["shipments"], tables["service"]
    assert "shipments, freight: the column is missing" in said("late", shipments=shipments.drop(columns="freight"))
    assert said("late", shipments=shipments.assign(note="x")) == ["shipments, note: the planner writes no such column"]
    twice = pd.concat([service, service[["late"]]], axis=1)
    assert "service: a column stands twice" in said("late", service=twice)
    assert "service, late: the column is missing" in said("late", service=service.drop(columns="late"))
    assert "service, item: the column is missing" in said("late", service=service.drop(columns="item"))


def test_what_a_run_makes_is_not_known_without_its_column():
    _, claims, _ = corruptions.solved("late")
    production = claims.tables["production"].drop(columns="finished")
    found = verify(replace(claims, tables={**claims.tables, "production": production}))
    assert "production, finished: the column is missing" in [finding.words for finding in found.findings]


def test_a_price_of_a_limit_that_no_dual_allows_though_two_tables_agree():
    tables = corruptions.solved("late")[1].tables
    limits, points = (
        corruptions.with_cell(tables[name], row, "shadow_price", "1.1")
        for name, row in (("limits", 0), ("choke_points", 5))
    )
    assert said("late", limits=limits, choke_points=points) == [
        "choke_points row 6 (limit/l1 (TW)//P1), shadow_price: is 1.1, but the kept duals allow at most 1"
    ]


def test_a_run_whose_certificate_did_not_pass():
    _, claims, rules = corruptions.solved("late")
    record = {**claims.record, "certificate": {**claims.record["certificate"], "passed": False}}
    found = verify(replace(claims, record=record), rules, corruptions.measures("late"))
    assert [finding.words for finding in found.findings] == ["run.json, certificate: is not passed"]


def test_rows_that_are_missing_or_twice():
    tables = corruptions.solved("late")[1].tables
    costs, limits = tables["costs"], tables["limits"]
    assert said("late", costs=costs.drop(index=4)) == [
        "costs (lateness): the row is missing",
        "run.json, objective: is 574.6, but the costs add up to 565.6",
    ]
    assert "limits row 3 (l1/TW/P2): stands twice; it is row 2 too" in said("late", limits=limits.iloc[[0, 1, 1]])
    assert "commitments (deal): the row is missing" in said("late", commitments=tables["commitments"].iloc[:0])
    sources = corruptions.solved("sources")[1].tables["sources"]
    assert said("sources", sources=sources.iloc[1:]) == ["sources (die/P1/fab-a): the row is missing"]


def test_tables_that_a_run_cannot_have():
    tables = corruptions.solved("late")[1].tables
    assert said("late", sources=tables["costs"]) == ["sources: the policy counts no sources, so there is no such table"]
    assert (
        "recourse: the plan is one after a strike, of which a run does not say the terms"
    ) in said("late", recourse=tables["costs"])  # fmt: skip


def test_a_price_below_the_dual_of_one_less():
    """min x + 100 l where 6 of 10 are made: one unit less of the capacity costs 99; the duals allow no less."""
    instance = toys.tiny(capacities=[{"site": "plant", "capacity": 6}])
    claims = Claims.of(toys.solve(instance))
    points = corruptions.with_cell(claims.tables["choke_points"], 0, "shadow_price", "50.0")
    side = {**points.iloc[0], "one_less_costs": "98.0"}
    sides = pd.DataFrame([side])[list(claims.tables["price_sides"].columns)]
    found = verify(replace(claims, tables={**claims.tables, "choke_points": points, "price_sides": sides})).findings
    assert [part.words for part in found] == [
        "price_sides row 1 (resource/plant/plant/1), one_less_costs: is 98.0, but the kept duals allow no less than 99"
    ]
    side["one_less_costs"] = "99.0"
    sides = pd.DataFrame([side])[list(claims.tables["price_sides"].columns)]
    assert verify(replace(claims, tables={**claims.tables, "choke_points": points, "price_sides": sides})).holds


def test_prices_in_a_table_of_sides_without_their_choke_point():
    claims = corruptions.solved("chain")[1]
    points = claims.tables["choke_points"].drop(index=18)
    assert (
        "price_sides row 1 (limit/wafer-tw (TW)//P2), shadow_price: is 0.0, but the table choke_points has none"
    ) in said("chain", choke_points=points)  # fmt: skip


def test_a_finding_in_words_and_in_json():
    cell_of, whole = Finding("costs", 2, "amount", "freight", "is wrong"), Finding("costs", 0, "", "", "is missing")
    assert cell_of.words == "costs row 2 (freight), amount: is wrong"
    assert cell_of.as_json() == {"table": "costs", "row": 2, "column": "amount", "of": "freight", "text": "is wrong"}
    assert whole.words == "costs: is missing"
    assert whole.as_json()["row"] is None
    assert Verdict((whole,)).sentences == []
    assert not Verdict((whole,)).settled


def test_what_is_kept_is_of_a_program_without_rows_of_the_users_own():
    layout = toys.program(toys.tiny())
    assert RowWeights.of(layout, LEAST_COST, None) is None
    assert RowWeights.of(layout, LEAST_COST, np.zeros(layout.rows + 1)) is None
    kept = RowWeights.of(layout, LEAST_COST, np.arange(layout.rows))
    assert kept.for_program(layout).tolist() == list(range(layout.rows))
    assert kept.for_program(toys.program(toys.tiny(capacities=[{"site": "plant", "capacity": 6}]))) is None


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"rows": -1, "at": [], "weight": []}, "a cannot have -1 rows"),
        ({"rows": 10**9, "at": [], "weight": []}, "a cannot have 1000000000 rows"),
        ({"rows": 2, "at": [-1], "weight": [1]}, "a has a row below 0"),
        ({"rows": 2, "at": [2], "weight": [1]}, "IndexError"),
        ({"rows": 2, "at": [0]}, "KeyError"),
        ({"rows": 2, "at": [0], "weight": ["inf"]}, "is not what a solve keeps"),
        (5, "TypeError"),
    ],
)
def test_what_is_no_record_of_what_is_kept(rule, words):
    with pytest.raises(ValueError, match=words):
        kept_of({"proves": LEAST_COST, "rules": {"a": rule}})


def test_what_is_kept_for_something_else():
    with pytest.raises(ValueError, match="is not what a solve keeps"):
        kept_of({"proves": "all", "rules": {"a": {"rows": 1, "at": [0], "weight": [1]}}})
    assert kept_of({"proves": NO_PLAN, "rules": {}}).weights.tolist() == []


def test_a_run_without_seals_has_none_to_break():
    tables = corruptions.solved("late")[1].tables
    assert broken_seals({}, tables) == ()
    assert broken_seals({"seals": {}}, tables) == ("limits", "exposure", "choke_points", "price_sides")
    assert broken_seals({"seals": {}}, {}) == ()


FEW = {"capacities": [{"site": "plant", "capacity": 10}], "demand": [{"customer": "shop", "item": "unit", "quantity": 30}]}  # fmt: skip


def test_a_solver_may_give_the_weights_of_a_contradiction_with_either_sign(monkeypatch):
    instance = toys.tiny(**FEW)
    kept = contradiction_of(instance, None)
    for weights in (kept.weights, -kept.weights):
        monkeypatch.setattr("planner.plan.proof.contradiction.farkas_weights", lambda *_, found=weights: found)
        again = contradiction_of(instance, None)
        assert again.weights.tolist() == kept.weights.tolist()
    for weights in (np.zeros(len(kept.weights)), np.zeros(2)):
        monkeypatch.setattr("planner.plan.proof.contradiction.farkas_weights", lambda *_, found=weights: found)
        assert contradiction_of(instance, None) is None, "what proves nothing is not kept"


def test_duals_of_a_least_cost_prove_no_contradiction():
    instance = toys.tiny(**FEW)
    kept = contradiction_of(instance, None)
    rules = Rules(instance, None)
    assert surplus_of(rules, kept).value == 20
    assert surplus_of(rules, replace(kept, proves=LEAST_COST)) is None
    assert NoPlan(False, "no time").sentences == ["that no plan exists: not proved; no time"]
    found = verify_no_plan(instance, None, replace(kept, proves=LEAST_COST))
    assert found.sentences == [
        "that no plan exists: not proved; what is kept with the run does not prove it; solve it again"
    ]


def test_no_terms_add_up_to_nothing():
    nothing = np.zeros(0, dtype=object)
    assert summed(nothing, np.zeros(0, dtype=np.int64), 2).tolist() == [0, 0]
    terms = np.array([Decimal(1), Decimal(2), Decimal(4)], dtype=object)
    assert summed(terms, np.array([2, 0, 2]), 4).tolist() == [2, 0, 5, 0]


def test_a_run_that_a_limit_ended_is_not_proved():
    claims = Claims.of(toys.solve(toys.two_plants()))
    for gap in (0.1, float("inf")):
        verdict = verify(replace(claims, record={**claims.record, "status": "feasible", "gap": gap}))
        assert verdict.holds
        assert (verdict.bound, verdict.why) == (UNPROVED, "a limit ended the solve before a proof, as the run says")


@pytest.mark.parametrize("options", [{"formulated": True}, {"stay_close_to": "abc"}])
def test_a_run_with_rows_of_its_own_says_why_nothing_is_kept(options):
    claims = Claims.of(toys.solve(toys.two_plants()))
    solver = {**claims.record["solver"], "options": options}
    verdict = verify(replace(claims, record={**claims.record, "solver": solver}, kept=None))
    assert (verdict.bound, verdict.why) == (UNPROVED, "its program had rows besides those of instance and policy")
    verdict = verify(replace(claims, record={**claims.record, "solver": None}, kept=None))
    assert verdict.why == "nothing is kept for its proof; solve it again"


def test_a_run_that_kept_decisions_of_an_earlier_plan_says_so():
    before = toys.solve(toys.two_plants())
    for stays, words in (
        ({"freeze": "*", "break_cost": 0.5}, "what it planned in every period"),
        ({"freeze": "1", "most_resourced": 3}, "what it planned in 1 and the sites of all but 3 of its units"),
    ):
        verdict = verify(Claims.of(planner.solve(toys.two_plants(), stay_close_to=planner.Closeness(before, **stays))))
        assert verdict.holds
        assert verdict.bound == UNPROVED
        assert verdict.why.startswith(f"it had to keep of an earlier plan {words}, and a run does not have")


def test_flows_in_a_circle_that_pay_have_no_bound():
    """Between two sites goods go round for nothing: duals that would pay for the circle prove no bound at all."""
    instance = toys.two_plants(lanes=[*toys.TWO_PLANTS["lanes"], {"from": "east", "to": "west"}, {"from": "west", "to": "east"}])  # fmt: skip
    claims = Claims.of(toys.solve(instance))
    assert verify(claims).bound == "proved"
    weights = claims.kept.weights.copy()
    program = toys.program(instance)
    weights[toys.row_number(program, "flow_balance", "west", "unit", "1")] -= 0.5
    rules = Rules(instance, None)
    assert lower_bound(rules, weights, Decimal(10), Decimal(11)).value is None
    verdict = verify(replace(claims, kept=replace(claims.kept, weights=weights)))
    assert (verdict.bound, verdict.why) == (UNPROVED, "flows in a circle that cost nothing have no upper bound")


def test_the_last_pass_over_the_rows_counts_too(monkeypatch):
    """Whatever the number of passes is, what is proved is no more than the least cost."""
    plan, claims, rules = corruptions.solved("chain")
    cost = Decimal(repr(plan.objective))
    proved = []
    for passes in (0, 1, 2, 30):
        monkeypatch.setattr(bounds, "PASSES", passes)
        weights = claims.kept.weights * (1 - 1e-3)
        with exact_arithmetic():
            found = lower_bound(rules, weights, cost, cost + 1)
        proved.append(found.value)
        assert found.value is None or found.value <= cost
    assert proved[-1] is not None


def test_figures_that_do_not_end_are_right_within_their_last_digit():
    """Thirds and sevenths everywhere: what follows from printed figures differs from what was printed, and holds."""
    uneven = {
        **toys.EVERY_TABLE,
        "capacities": [
            {"site": "east", "period": "P1", "capacity": 70 / 3},
            {"site": "east", "period": "P2", "capacity": 65 / 7},
            {"site": "west", "capacity": 11 / 13},
        ],
        "demand": [
            {**row, "quantity": row["quantity"] * 10 / 9, "price": row["price"] * 10 / 9}
            for row in toys.EVERY_TABLE["demand"]
        ],
        "commitments": [{**toys.EVERY_TABLE["commitments"][0], "minimum": 100 / 3}],
        "expansions": [{**toys.EVERY_TABLE["expansions"][0], "capacity": 25 / 3}],
        "lane_capacities": [],
    }
    limits = [{"stage": "make", "of": of, "max_share": 2 / 3, "soft_cost": 1 / 7} for of in ("TW", "US")]
    paths = [
        {"measure": "pathway", "of": "TW", "max_share": 2 / 3, "soft_cost": 1 / 7},
        {"measure": "pathway", "of": "US", "min_free": 1 / 3, "soft_cost": 1 / 7},
    ]
    source = {"stage": "make", "max_sources": 2, "min_sources": 2, "min_share_if_used": 0.05}
    for policy in (toys.policy(*limits), toys.policy(*limits, sources=[source]), toys.policy(*paths)):
        claims = Claims.of(toys.solve(toys.two_plants(**uneven), policy))
        verdict = verify(claims)
        assert verdict.holds, [found.words for found in verdict.findings]
        digits = [len(text.replace(".", "").strip("0")) for text in claims.tables["production"]["started"]]
        assert max(digits) == 9


def test_bounds_are_tightened_until_nothing_changes():
    rules = Rules(toys.two_plants(capacities=[{"site": "east", "capacity": 4}]), None)
    with exact_arithmetic():
        upper = UpperBounds(rules, None)
        passes = 0
        while upper.tighten():
            passes += 1
            assert passes < 100
        before = upper.most.tolist()
        assert not upper.tighten()
    assert upper.most.tolist() == before
