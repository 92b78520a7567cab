"""A run is proved again without a solver, and whatever is changed in it is found, with its table, row and column."""

import json
import math
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import toys
from portions import portion, portion_of_rows

import planner
from planner.plan.proof import bound
from planner.plan.proof.bound import lower_bound
from planner.plan.proof.claims import Claims, texts_of
from planner.plan.proof.contradiction import contradiction_of
from planner.plan.proof.kept import FILE, LEAST_COST, RowWeights, kept_bytes, kept_of_bytes
from planner.plan.proof.no_plan import surplus_of, verify_no_plan
from planner.plan.proof.printed_figures import exact_arithmetic, printed
from planner.plan.proof.rules import Rules
from planner.plan.proof.upper import UpperBounds
from planner.plan.proof.verify import PROVED, SOLVERS, UNPROVED, verify
from planner.report.run_folder import read_claims, read_run, write_run

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import corruptions

FIRST = ("late", "lots", "classes")  # every table has rows; decisions are whole; units are followed
RUNS = [*FIRST, *(name for name in corruptions.RUNS if name not in FIRST)]


@pytest.mark.parametrize("name", portion(RUNS, quick=3))
def test_a_run_that_is_right_is_proved(name):
    plan, claims, rules = corruptions.solved(name)
    verdict = verify(claims, rules)
    assert verdict.holds, [finding.words for finding in verdict.findings]
    assert verdict.bound == (SOLVERS if rules.layout.integer.any() else PROVED)
    assert verdict.settled
    if verdict.bound == PROVED:
        assert 0 <= verdict.gap <= 1e-9
    assert verdict.counted["rows"] == plan.sizes["rows"]


SHARES = [("late", 150), ("lots", 300), ("classes", 400), *((name, 100) for name in RUNS)]  # one change in so many


@pytest.mark.parametrize(("name", "some"), portion_of_rows(SHARES, quick=1))
def test_single_changes_are_rejected_with_their_place_or_harmless(name, some):
    counts, bad, _ = corruptions.measure([name], some=some)
    assert counts["changes"] > 5
    assert not bad, bad


def test_a_run_without_what_is_kept_is_not_said_to_be_proved():
    plan = toys.solve(toys.two_plants())
    claims = Claims.of(plan)
    verdict = verify(Claims(claims.instance, claims.record, claims.tables, None))
    assert verdict.holds
    assert (verdict.bound, verdict.settled) == (UNPROVED, False)
    assert "least cost: not proved" in verdict.sentences[1]


def test_a_plan_that_is_feasible_but_not_the_best_is_found_out():
    """Ten made in the west at 3 instead of in the east at 1: every table adds up, and the duals prove a cost of 10."""
    dear = toys.solve(toys.two_plants(capacities=[{"site": "east", "capacity": 0}]))
    best = toys.solve(toys.two_plants())
    claims, right = Claims.of(dear), Claims.of(best)
    assert verify(claims).holds
    spoilt = Claims(best.instance, {**right.record, "objective": 30.0}, {**claims.tables, "choke_points": right.tables["choke_points"]}, right.kept)  # fmt: skip
    verdict = verify(spoilt)
    assert [finding.table for finding in verdict.findings] == ["proof"]
    assert verdict.bound == UNPROVED
    assert verdict.gap == pytest.approx(20 / 30)


def test_the_bound_by_hand_in_exact_figures():
    """min x + 100 l with x + l = 10, x <= 6: duals 100, -100 and -99 prove exactly 406, and no duals prove more."""
    program = toys.program(toys.tiny(capacities=[{"site": "plant", "capacity": 6}]))
    rules = Rules(program.network.instance, None)
    duals = np.zeros(program.rows)
    duals[toys.row_number(program, "demand_balance", "shop", "unit", "1")] = 100
    duals[toys.row_number(program, "flow_balance", "plant", "unit", "1")] = -100
    duals[toys.row_number(program, "capacity", "plant", "plant", "1")] = -99
    enough, ceiling = Decimal(405), Decimal(407)
    assert lower_bound(rules, duals, enough, ceiling).value == 406
    generator = np.random.default_rng(7)
    for scale in (1e-9, 0.1, 100.0):
        for _ in range(10):
            wrong = duals + scale * generator.normal(size=len(duals))
            found = lower_bound(rules, wrong, enough, ceiling).value
            assert found is None or found <= 406


def test_upper_bounds_that_rows_and_costs_imply_are_kept_by_the_best_plan():
    plan = toys.solve(toys.toy(expansions=[]), "guarded")
    rules = Rules(plan.instance, plan.policy)
    with exact_arithmetic():
        upper = UpperBounds(rules, Decimal(repr(plan.objective)))
        passes = 0
        while upper.tighten() and passes < 20:
            passes += 1
    assert passes
    assert upper.known.all()
    most = upper.most.astype(float)
    values = np.asarray(plan.values)
    assert (values <= most * (1 + 1e-9) + 1e-9).all()
    assert (most[values > 0] < 1e6).all()


@pytest.mark.parametrize(
    ("text", "width"), [("495.0", "5.01e-7"), ("0.1", "5.01e-10"), ("0.0", "0"), ("1e+20", "5.01e+11"), ("-3", "5.01e-9")]
)  # fmt: skip
def test_a_printed_figure_has_the_width_of_its_ninth_digit(text, width):
    figures, wrong = printed([text])
    assert not wrong
    assert (figures.value[0], figures.width[0]) == (Decimal(text), Decimal(width))


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1_000", "0x10", "1,5", " 1", "1234567890.5", "١"])
def test_what_is_no_printed_figure(text):
    figures, wrong = printed([text])
    assert 0 in wrong
    assert not figures.known[0]


def test_what_is_kept_comes_back(tmp_path):
    plan = toys.solve(toys.two_plants())
    again = kept_of_bytes(kept_bytes(plan.kept))
    assert again.rows == plan.kept.rows
    assert again.weights.tolist() == plan.kept.weights.tolist()
    write_run(plan, tmp_path / "run")
    assert read_run(tmp_path / "run").kept.weights.tolist() == plan.kept.weights.tolist()
    store = planner.open_store(tmp_path / "runs.sqlite")
    kept = store.read(store.keep(plan))
    assert kept.kept.weights.tolist() == plan.kept.weights.tolist()
    for found in (read_claims(tmp_path / "run"), Claims.of(kept), Claims.of(plan)):
        verdict = verify(found)
        assert (verdict.holds, verdict.bound) == (True, PROVED), verdict.findings


def test_what_is_kept_and_then_damaged_proves_nothing():
    plan = toys.solve(toys.two_plants())
    for data in (
        b"",
        b"x",
        kept_bytes(plan.kept)[:-9],
        kept_bytes(RowWeights(LEAST_COST, {"a": 1}, np.array([math.nan]))),
    ):
        with pytest.raises(ValueError, match=r"."):
            kept_of_bytes(data)
    other = RowWeights(LEAST_COST, {**plan.kept.rows, "capacity": 7}, plan.kept.weights)
    claims = Claims.of(plan)
    assert verify(Claims(claims.instance, claims.record, claims.tables, other)).bound == UNPROVED
    halved = RowWeights(LEAST_COST, plan.kept.rows, plan.kept.weights / 2)
    findings = verify(Claims(claims.instance, claims.record, claims.tables, halved)).findings
    assert "proof" in {finding.table for finding in findings}


@cache
def rules_of_tiny():
    """Its rules, which no field of a record but the policy changes."""
    plan = toys.solve(toys.tiny())
    return Rules(plan.instance, plan.policy)


@pytest.mark.parametrize(("field", "value"), [("objective", 11.0), ("gap", 0.5), ("policy", {"limits": 5})])
def test_a_false_record_is_found(field, value):
    plan = toys.solve(toys.tiny())
    claims, rules = Claims.of(plan), None if field == "policy" else rules_of_tiny()
    verdict = verify(Claims(claims.instance, {**claims.record, field: value}, claims.tables, claims.kept), rules)
    assert any(finding.table == "run.json" and finding.column.startswith(field) for finding in verdict.findings)


def test_tables_too_many_and_too_few():
    plan = toys.solve(toys.tiny())
    claims, rules = Claims.of(plan), Rules(plan.instance, plan.policy)
    for name in claims.tables:
        left = {other: table for other, table in claims.tables.items() if other != name}
        verdict = verify(Claims(claims.instance, claims.record, left, claims.kept), rules)
        assert any(finding.table == name for finding in verdict.findings), name
    more = {**claims.tables, "secrets": texts_of(plan.costs)}
    found = verify(Claims(claims.instance, claims.record, more, claims.kept), rules).findings
    assert [finding.table for finding in found] == ["secrets"]


@pytest.fixture
def folder(tmp_path):
    write_run(toys.solve(toys.two_plants()), tmp_path / "run")
    return tmp_path / "run"


def test_the_command(folder, in_process):
    code, out, _ = in_process("verify", str(folder))
    assert code == 0
    assert "holds" in out
    code, out, _ = in_process("verify", str(folder), "--json")
    assert json.loads(out)["least_cost"]["bound"] == PROVED
    (folder / FILE).unlink()
    assert in_process("verify", str(folder))[0] == 4
    table = folder / "tables" / "production.csv"
    table.write_text(table.read_text().replace("10.0", "11.0", 1))
    code, out, _ = in_process("verify", str(folder), "--json")
    assert code == 2
    assert {"table", "row", "column", "of", "text"} == set(json.loads(out)["findings"][0])


def test_a_figure_that_only_a_solver_could_make_again_is_sealed(folder, in_process):
    """A least exposure between 0 and the share could be: nothing but its seal speaks against it."""
    table = folder / "tables" / "exposure.csv"
    text = table.read_text()
    head, *rows = text.splitlines()
    least = head.split(",").index("least")
    cells = [row.split(",") for row in rows]
    at = next(number for number, row in enumerate(cells) if row[least] not in {"", "0.0"})
    cells[at][least] = "0.5"
    table.write_text("\n".join([head, *map(",".join, cells)]) + "\n")
    code, out, _ = in_process("verify", str(folder), "--json")
    assert (code, [finding["table"] for finding in json.loads(out)["findings"]]) == (2, ["exposure"])
    table.write_text("\n".join([head, *reversed(rows)]) + "\n")
    assert in_process("verify", str(folder))[0] == 0, "rows in another order say the same"


@pytest.mark.keeps
def test_solve_exact_proves_the_plan_and_says_so(in_process, tmp_path):
    canning = str(Path(__file__).parents[2] / "instances" / "canning")
    code, out, _ = in_process("solve", canning, "--policy", "balanced", "--exact", "--no-store")
    assert code == 0
    assert "proved in exact decimals, without a solver: 10 rows and 13 decisions" in out
    assert "least cost: proved within 1e-12" in out
    code, out, _ = in_process("solve", canning, "--policy", "balanced", "--exact", "--json")
    proof = json.loads(out)["proof"]
    assert (proof["holds"], proof["least_cost"]["bound"]) == (True, PROVED)
    code, out, err = in_process("solve", canning, "--policy", "balanced", "--exact", "--json")
    assert "the answer was there" in err
    assert json.loads(out)["proof"]["least_cost"] == proof["least_cost"], "a kept run has all that its proof needs"
    assert "proof" not in json.loads(in_process("solve", canning, "--json")[1]), "what was not done is not said"


@pytest.mark.keeps
def test_that_no_plan_exists_is_kept_and_proved_in_planner_words(in_process):
    canning = str(Path(__file__).parents[2] / "instances" / "canning")
    assert in_process("solve", canning, "--scenario", "seattle-half")[0] == 3
    code, out, _ = in_process("verify", "latest")
    assert code == 0
    assert "that no plan exists: proved in exact decimals, without a solver, by " in out
    assert "san-diego has 600 in 1" in out
    assert "must be served" in out
    found = json.loads(in_process("verify", "latest", "--json")[1])
    assert (found["status"], found["holds"]) == ("infeasible", True)


def test_weights_that_contradict_nothing_prove_nothing():
    """Thirty ordered where ten can be made: 1 for the order and -1 for balance and capacity pass by exactly 20."""
    instance = toys.tiny(capacities=[{"site": "plant", "capacity": 10}], demand=[{"customer": "shop", "item": "unit", "quantity": 30}])  # fmt: skip
    kept = contradiction_of(instance, None)
    assert surplus_of(Rules(instance, None), kept).value > 0
    found = verify_no_plan(instance, None, kept)
    assert (found.proved, found.counted) == (True, 3)
    assert any("has 10 in 1" in row for row in found.rows)
    assert not verify_no_plan(instance, None, None).proved
    enough = toys.tiny(capacities=[{"site": "plant", "capacity": 30}], demand=[{"customer": "shop", "item": "unit", "quantity": 30}])  # fmt: skip
    assert not verify_no_plan(enough, None, kept).proved, "the same weights where thirty can be made"
    assert contradiction_of(enough, None) is None
    negative = RowWeights(kept.proves, kept.rows, -kept.weights)
    assert not verify_no_plan(instance, None, negative).proved


def test_where_the_passes_over_the_rows_end_first_less_is_proved_and_nothing_false(monkeypatch):
    """Numbers a little off leave decisions without a bound that pay: none is known before the rows are looked at."""
    plan = toys.solve(toys.toy(expansions=[]), "guarded")
    rules, best = Rules(plan.instance, plan.policy), Decimal(repr(plan.objective))
    off = plan.kept.weights + 1e-6 * np.random.default_rng(1).normal(size=len(plan.kept.weights))

    def proved(passes):
        monkeypatch.setattr(bound, "PASSES", passes)
        return lower_bound(rules, off, best, best * 2).value

    assert proved(0) is None
    assert best - 1 < proved(1) < proved(2) < proved(30) <= best
