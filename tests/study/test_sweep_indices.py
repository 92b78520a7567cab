"""Sobol's indices and Morris's effects of a sweep: known by hand where the cost is linear in the factors."""

import math
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
import toys

from planner.errors import InstanceError, UsageError
from planner.report.page.sweep_page import sweep_page
from planner.report.sweep_files import write_sweep
from planner.study.sweep.design import draws_of
from planner.study.sweep.indices import index_table
from planner.study.sweep.reading import read_sweep
from planner.study.sweep.records import SweepQuestion
from planner.study.sweep.sweep import sweep

pytest.importorskip("SALib", reason="the extra `sensitivity` is not installed")
COSTS = {"near": 1, "far": 3}  # money a unit, of ten that each of the two shops orders


def shops(**tables):
    """The cost is 10 * near + 30 * far, of factors of the orders of two shops: units cost 1 and lanes 0 and 2."""
    orders = [{"customer": name, "item": "unit", "quantity": 10, "price": 100} for name in COSTS]
    return toys.tiny(
        **{
            "customers": [{"customer": name, "region": "TW"} for name in COSTS],
            "demand": orders,
            "lanes": [{"from": "plant", "to": name, "unit_cost": cost - 1} for name, cost in COSTS.items()],
            **tables,
        }
    )


def factor(name, **drawn):
    return {"name": name, "change": "demand", "where": {"customer": name}, "factor": drawn or {"uniform": [0.5, 1.5]}}


def ask(mode, samples, **fields):
    factors = [factor(name) for name in COSTS]
    return {"name": "asked", "mode": mode, "samples": samples, "seed": 0, "factors": factors, **fields}


def runs_of(question, cost):
    """The runs as a sweep makes them, of a cost that is a function of the figures."""
    drawn = draws_of(question)
    names = {"run": range(1, len(drawn) + 1), "policy": None, "scenario": None}
    return drawn.assign(**names, objective=cost(drawn), lost=0.0)


@cache
def linear():
    """The runs of Morris's method for the two shops."""
    return sweep(shops(), ask("morris", 2))


def of_cost(table, name):
    return dict(table[table["measure"] == "cost"].set_index("factor")[name])


def test_effects_of_a_linear_cost_are_its_slopes():
    found = linear()
    assert len(found.runs) == 2 * (2 + 1)
    assert (found.runs["status"] == "optimal").all()
    assert of_cost(found.indices, "effect") == pytest.approx({"near": 10, "far": 30})
    assert of_cost(found.indices, "size") == pytest.approx({"near": 10, "far": 30})
    assert of_cost(found.indices, "spread") == {"near": 0, "far": 0}
    lost = found.indices[found.indices["measure"] == "lost"]
    assert (lost["size"] == 0).all()
    assert set(found.indices["groups"]) == set(found.indices["complete"]) == {2}
    page = sweep_page(found).replace("\N{NO-BREAK SPACE}", " ")
    assert "far moves the cost most, by USD 30 over its range (± USD 0)." in page
    assert "go from end to end of each range" in page
    assert found.as_json()["indices"][1]["size"] == pytest.approx(30)


def test_a_falling_effect_has_a_sign_and_a_curved_one_a_spread():
    question = SweepQuestion.model_validate(ask("morris", 40))
    table = index_table(runs_of(question, lambda drawn: -5 * drawn["near"] + 8 * (drawn["far"] - 0.5) ** 2), question)
    assert of_cost(table, "effect")["near"] == pytest.approx(-5)
    assert of_cost(table, "size")["near"] == pytest.approx(5)
    assert of_cost(table, "spread")["near"] == 0
    assert of_cost(table, "effect")["far"] == pytest.approx(
        8, rel=0.1
    )  # from (0 to 2/3) and (1/3 to 1), at 16/3 and 32/3
    assert of_cost(table, "spread")["far"] == pytest.approx(8 / 3, rel=0.1)


def test_indices_of_a_linear_cost_are_shares_of_the_variance():
    question = SweepQuestion.model_validate(ask("sobol", 1024))
    table = index_table(runs_of(question, lambda drawn: 10 * drawn["near"] + 30 * drawn["far"]), question)
    shares = {"near": 0.1, "far": 0.9}  # 10 * 10 and 30 * 30 of 1000
    assert of_cost(table, "first_order") == pytest.approx(shares, abs=0.01)
    assert of_cost(table, "total_order") == pytest.approx(shares, abs=0.01)
    assert all(0 < within < 0.2 for within in of_cost(table, "total_order_within").values())


def test_what_factors_do_together_is_in_the_total_order_alone():
    """The product of two figures around 0 has no variance that either of them explains alone."""
    around = [factor(name, uniform=[0, 2]) for name in COSTS]
    question = SweepQuestion.model_validate(ask("sobol", 1024, factors=around))
    table = index_table(runs_of(question, lambda drawn: (drawn["near"] - 1) * (drawn["far"] - 1)), question)
    assert of_cost(table, "first_order") == pytest.approx({"near": 0, "far": 0}, abs=0.05)
    assert of_cost(table, "total_order") == pytest.approx({"near": 1, "far": 1}, abs=0.05)


def test_indices_of_solved_runs():
    found = sweep(shops(), ask("sobol", 2))
    assert len(found.runs) == 2 * (2 + 2)
    total = of_cost(found.indices, "total_order")
    assert total["far"] > 2 * total["near"] > 0
    assert found.indices[found.indices["measure"] == "lost"]["first_order"].isna().all()  # none is ever lost
    assert "far drives the cost most: " in sweep_page(found)
    assert "Sobol's indices" in [block.title for block in found.summary.blocks]


def test_a_group_with_a_run_without_a_plan_is_left_out_and_counted():
    question = SweepQuestion.model_validate(ask("morris", 6))
    runs = runs_of(question, lambda drawn: 10 * drawn["near"] + 30 * drawn["far"])
    whole = index_table(runs, question)
    runs.loc[4, ["objective", "lost"]] = math.nan  # in the second group
    table = index_table(runs, question)
    assert set(table["complete"]) == {5}
    assert set(table["groups"]) == {6}
    assert of_cost(table, "size") == pytest.approx(of_cost(whole, "size"))
    runs.loc[runs.index[3:], "objective"] = math.nan  # one group is left: nothing can be said of others
    table = index_table(runs, question)
    assert table[table["measure"] == "cost"]["size"].isna().all()
    assert set(table[table["measure"] == "cost"]["complete"]) == {1}


def test_a_page_says_how_many_groups_it_lacks():
    """All must be served, and the plant can make no more than 28 of at most 30."""
    orders = [{"customer": name, "item": "unit", "quantity": 10, "must_serve": 1} for name in COSTS]
    instance = shops(demand=orders, capacities=[{"site": "plant", "capacity": 28}])
    found = sweep(instance, ask("morris", 3))
    without = found.runs["objective"].isna().to_numpy().reshape(3, 3).any(axis=1).sum()
    assert 0 < without < 2
    assert set(found.indices["complete"]) == {3 - without}
    assert f"{without} of 3 groups of draws have a run without a plan, and are left out" in sweep_page(found)
    runs = linear().runs.copy()
    runs.loc[[0, 3], ["objective", "lost"]] = math.nan  # one of each group
    none = replace(linear(), runs=runs)
    assert "2 of 2 groups of draws have a run without a plan, so nothing can be said." in sweep_page(none)


@pytest.mark.parametrize("mode", ["sobol", "morris"])
def test_the_same_seed_gives_the_same_draws_within_their_ranges(mode):
    drawn = {
        "uniform": [0.8, 1.2],
        "normal": {"mean": 1, "sd": 0.2, "low": 0.5, "high": 1.5},
        "choice": [0.9, 1.0, 1.1],
        "triangular": [0.5, 0.9, 1.0],
    }
    factors = [{"name": name, "change": "demand", "factor": {name: given}} for name, given in drawn.items()]
    question = SweepQuestion.model_validate(ask(mode, 8, factors=factors))
    draws = draws_of(question)
    assert len(draws) == question.draws == 8 * (4 + (2 if mode == "sobol" else 1))
    pd.testing.assert_frame_equal(draws, draws_of(question))
    assert not draws.equals(draws_of(question.model_copy(update={"seed": 1})))
    for name, (low, high) in {"uniform": (0.8, 1.2), "normal": (0.5, 1.5), "triangular": (0.5, 1.0)}.items():
        assert draws[name].between(low, high).all()
        assert draws[name].nunique() > 2
    assert set(draws["choice"]) <= {0.9, 1.0, 1.1}
    assert (np.sort(index_table(runs_of(question, lambda found: found["uniform"]), question)["groups"]) == 8).all()


def test_a_stopped_one_goes_on_to_the_same_bytes(tmp_path):
    question = ask("morris", 2)
    whole = sweep(shops(), question, folder=tmp_path / "whole")
    journal = (tmp_path / "whole" / "runs.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "runs.jsonl").write_text("".join(journal[:5]))
    cut = sweep(shops(), question, folder=tmp_path / "cut")
    assert cut.remembered == 4
    assert list(cut.runs["objective"]) == list(whole.runs["objective"])
    pd.testing.assert_frame_equal(cut.indices, whole.indices)
    assert '"salib"' in journal[0]


def test_the_table_is_a_file_and_goes_with_its_sweep(tmp_path):
    found = linear()
    assert write_sweep(found, tmp_path) == ["report.html", "runs.csv", "summary.json", "indices.csv"]
    table = pd.read_csv(tmp_path / "indices.csv")
    assert list(table.columns) == list(found.indices.columns)
    plain = sweep(shops(), ask("sample", 1))
    assert write_sweep(plain, tmp_path) == ["report.html", "runs.csv", "summary.json"]
    assert not (tmp_path / "indices.csv").exists()


def test_other_modes_know_nothing_of_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "SALib", None)
    found = sweep(shops(), ask("sample", 1), folder=tmp_path)
    assert found.indices.empty
    assert "indices" not in found.as_json()
    assert "salib" not in (tmp_path / "runs.jsonl").read_text().lower()
    assert 'id="indices"' not in sweep_page(found)


@pytest.mark.parametrize("mode", ["sobol", "morris"])
def test_without_salib_it_is_said_how_to_get_it_before_anything_is_made(tmp_path, monkeypatch, mode):
    monkeypatch.setitem(sys.modules, "SALib", None)
    with pytest.raises(UsageError, match=r"mode: .* needs SALib: pip install 'planner\[sensitivity\]'"):
        sweep(shops(), ask(mode, 4), folder=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"mode": "sobol", "samples": 12}, "a power of 2"),
        ({"mode": "sobol", "samples": 1}, "a power of 2"),
        ({"mode": "morris", "samples": 1}, "at least 2"),
        ({"mode": "morris", "samples": None}, "Give samples"),
        ({"mode": "sobol", "correlations": [{"between": ["near", "far"], "rank": 0.5}]}, "independent"),
        ({"mode": "morris", "factors": [factor("near", normal={"mean": 1, "sd": 0.1, "low": 0})]}, "has no ends"),
        ({"mode": "morris", "factors": [factor("near", lognormal={"mean": 1, "sd": 0.1})]}, "has no ends"),
        ({"mode": "sobol", "samples": 65536}, "262,144 runs"),
    ],
)
def test_what_indices_cannot_be_told_from_is_refused(fields, said):
    with pytest.raises(InstanceError) as refused:
        read_sweep(ask(**{"mode": "sobol", "samples": 8, **fields}), shops())
    assert said in str(refused.value)
