"""A sweep: runs whose figures are known by hand, in the order of the design, the same whoever makes them."""

import json
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest
import toys
from portions import portion, portion_of_rows

import planner
from planner.errors import InfeasibleError, InstanceError, UsageError
from planner.instance.scenario import Scenario
from planner.network.watches import watches_of
from planner.plan.live_planning import Replanner
from planner.plan.measures.exposure import reported_shares_of_regions
from planner.plan.measures.pathway import reported_shares
from planner.plan.planning import plan_instance
from planner.report.csv_tables import csv_text
from planner.solve.start_bases import FAR
from planner.study.sweep.design import draws_of, quantile
from planner.study.sweep.reading import read_sweep
from planner.study.sweep.records import Distribution, SweepQuestion
from planner.study.sweep.runs import SweepRunner, _figures
from planner.study.sweep.sweep import sweep

HALT = {"name": "halt", "changes": [{"change": "capacity", "where": {"site": "east"}, "set": 0}]}
CAPPED = {
    "name": "capped",
    "limits": [{"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}],
}


def plants():
    """East makes units at 1 (ten at most), west at 3; ten are wanted at a price of 100."""
    return toys.two_plants(
        capacities=[{"site": "east", "capacity": 10}], policies=[CAPPED], scenarios=[HALT], demand=orders()
    )


def orders(quantity=10):
    return [{"customer": "shop", "item": "unit", "quantity": quantity, "price": 100}]


def east(*figures):
    return {"name": "east", "change": "capacity", "where": {"site": "east"}, "factor": {"grid": list(figures)}}


def ask(*factors, **fields):
    return {"name": "asked", "mode": "grid", "factors": list(factors), **fields}


def sample(*factors, **fields):
    return ask(*factors, **{"mode": "sample", "samples": 8, "seed": 3, **fields})


def steady(found):
    """The runs as they are written, without the seconds."""
    return csv_text(found.runs.drop(columns="seconds"))


@cache
def of_both():
    """Four draws of one capacity, without the policy and with it."""
    return sweep(plants(), ask(east(0, 0.25, 0.5, 1), policies=[None, "capped"]))


def test_the_cost_of_each_draw_of_one_capacity():
    runs = of_both().runs.iloc[:4]  # without the policy
    # what east cannot make costs 2 more a unit in the west
    assert list(runs["objective"]) == [30, 25, 20, 10]
    assert list(runs["exposure_make_TW"]) == [0, 0.25, 0.5, 1]
    assert list(runs["exposure_make_US"]) == [1, 0.75, 0.5, 0]
    assert list(runs["touched_TW"]) == [0, 0.25, 0.5, 1]
    assert list(runs["fill_rate"]) == [1, 1, 1, 1]
    assert list(runs["margin"]) == [970, 975, 980, 990]
    assert list(runs["status"]) == ["optimal"] * 4


@pytest.mark.slow
def test_runs_go_by_policy_then_scenario_then_draw_with_the_last_factor_first():
    growth = {"name": "growth", "change": "demand", "factor": {"grid": [1, 2]}}
    found = sweep(plants(), ask(growth, east(0, 1), policies=[None, "capped"], scenarios=[None, "halt"]))
    runs = found.runs
    assert list(runs["run"]) == list(range(1, 17))
    assert [name if isinstance(name, str) else None for name in runs["policy"]] == [None] * 8 + ["capped"] * 8
    assert [name if isinstance(name, str) else None for name in runs["scenario"]] == ([None] * 4 + ["halt"] * 4) * 2
    assert list(runs["growth"]) == [1, 1, 2, 2] * 4
    assert list(runs["east"]) == [0, 1] * 8
    columns = ["run", "policy", "scenario", "growth", "east", "status", "objective", "margin", "delivered", "late"]
    columns += ["lost", "fill_rate", "exposure_make_TW", "exposure_make_US", "touched_TW", "touched_US", "seconds"]
    assert list(runs) == [*columns, "reason"]


def test_the_share_of_a_limit_is_drawn_for_the_policies_that_have_it():
    cap = {"name": "cap", "limit": "cap", "max_share": {"grid": [0.2]}}
    found = sweep(plants(), ask(cap, policies=[None, "capped"]))
    # without the policy east makes all ten; with it two, where the policy itself would allow five
    assert list(found.runs["objective"]) == [10, 26]
    assert list(found.runs["exposure_make_TW"]) == [1, 0.2]


@pytest.mark.parametrize(("figure", "value"), portion_of_rows([("factor", 0.5), ("set", 4), ("add", -3)], quick=1))
def test_a_run_is_the_plan_of_a_scenario_with_the_same_change(figure, value):
    instance = toys.toy()
    where = {"stage": "packaging", "region": "TW"}
    change = {"change": "capacity", "where": where, "period": "P2..", "recovery": 1}
    factor = {"name": "cowos", **change, figure: {"grid": [value]}}
    growth = {"name": "growth", "change": "demand", "factor": {"uniform": [0.9, 1.1]}}
    [row] = sweep(instance, sample({**factor}, growth, samples=1, policies=["guarded"])).runs.to_dict("records")
    scenario = Scenario.model_validate(
        {"name": "same", "changes": [{**change, figure: value}, {"change": "demand", "factor": row["growth"]}]}
    )
    plan = planner.solve(instance, "guarded", scenario)
    assert row["objective"] == pytest.approx(plan.objective, rel=1e-8)
    assert row["margin"] == pytest.approx(plan.margin, rel=1e-8)
    for name in ("delivered", "late", "lost", "fill_rate"):
        assert row[name] == pytest.approx(plan.service_summary[name], rel=1e-8)
    shares = {(part["stage"], part["of"]): part["share"] for part in plan.exposure_summary if part["over"] == "region"}
    for stage in instance.stages:
        told = {name.rsplit("_", 1)[1]: share for name, share in row.items() if name.startswith(f"exposure_{stage}_")}
        made = {region: share for (of, region), share in shares.items() if of == stage}
        assert {region: share for region, share in told.items() if share} == pytest.approx(made)
    horizon = plan.exposure[(plan.exposure["measure"] == "pathway") & (plan.exposure["period"] == "horizon")]
    touched = horizon.set_index("of")["share"]
    for region in ("TW", "KR", "US"):
        assert row[f"touched_{region}"] == pytest.approx(touched.get(region, 0.0))


def test_a_run_without_a_plan_is_a_row_with_its_reason():
    instance = toys.two_plants(
        capacities=[{"site": "east", "capacity": 10}, {"site": "west", "capacity": 5}],
        demand=[{"customer": "shop", "item": "unit", "quantity": 10}],
    )
    found = sweep(instance, ask(east(0, 1)))
    first, second = found.runs.to_dict("records")
    assert (first["status"], second["status"]) == ("infeasible", "optimal")
    assert math.isnan(first["objective"])
    assert "must be served" in first["reason"]
    assert "\n" not in first["reason"]
    assert second["objective"] == 10
    assert found.plans == 1
    assert found.as_json()["statuses"] == {"infeasible": 1, "optimal": 1}


def test_a_change_that_is_refused_in_a_draw_is_a_row_with_its_reason():
    less = {"name": "less", "change": "capacity", "where": {"site": "east"}, "add": {"grid": [-20, 0]}}
    first, second = sweep(plants(), ask(less)).runs.to_dict("records")
    assert first["status"] == "error"
    assert "changes.0" in first["reason"]
    assert second["status"] == "optimal"


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not():
    wide = {**east(1), "factor": {"uniform": [0.2, 1]}}
    one, same, other = (sweep(plants(), sample(wide, seed=seed, samples=1)) for seed in (3, 3, 4))
    assert steady(one) == steady(same)
    assert steady(one) != steady(other)


@pytest.mark.slow
def test_two_workers_write_the_same_bytes(tmp_path):
    instance = toys.toy()
    wide = {"name": "cowos", "change": "capacity", "where": {"stage": "packaging"}, "factor": {"uniform": [0.2, 1]}}
    question = sample(wide, policies=["guarded"], samples=4)
    assert steady(sweep(instance, question)) == steady(sweep(instance, question, workers=2))


def test_a_stopped_sweep_goes_on_from_what_it_had(tmp_path, monkeypatch):
    question = ask(east(0, 1))
    whole = sweep(plants(), question)

    def stop(done, total, name):
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(plants(), question, folder=tmp_path / "out", progress=stop)
    with (tmp_path / "out" / "runs.jsonl").open("ab") as file:
        file.write(b'{"run": 2, "pol')  # as a kill in the middle of a line leaves it
    found = sweep(plants(), question, folder=tmp_path / "out")
    assert found.remembered == 1
    assert steady(found) == steady(whole)
    again = sweep(plants(), question, folder=tmp_path / "out")
    assert again.remembered == 2
    assert csv_text(again.runs) == csv_text(found.runs)


def test_the_runs_of_another_sweep_are_left_alone(tmp_path):
    folder = tmp_path / "out"
    sweep(plants(), ask(east(1)), folder=folder)
    before = (folder / "runs.jsonl").read_bytes()
    with pytest.raises(UsageError, match=r"another sweep \(sweep differ"):
        sweep(plants(), ask(east(0.5)), folder=folder)
    dearer = toys.two_plants(capacities=[{"site": "east", "capacity": 11}], policies=[CAPPED], scenarios=[HALT])
    with pytest.raises(UsageError, match=r"content_hash differ"):
        sweep(dearer, ask(east(1)), folder=folder)
    assert (folder / "runs.jsonl").read_bytes() == before
    assert sweep(plants(), ask(east(0.5)), folder=folder, force=True).remembered == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(UsageError, match="is no sweep"):
        sweep(plants(), ask(east(1)), folder=tmp_path / "mine", force=True)


@pytest.mark.parametrize(
    "line", portion(["nonsense", "[1]", '{"run": 99}', '{"run": 1, "objective": "x"}', "{}"], quick=1)
)
def test_a_journal_that_was_meddled_with_is_refused(tmp_path, line):
    sweep(plants(), ask(east(1)), folder=tmp_path)
    with (tmp_path / "runs.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(UsageError, match="cannot be read"):
        sweep(plants(), ask(east(1)), folder=tmp_path)


def drawn(count, **distribution):
    factor = {"name": "x", "change": "demand", "add": distribution}
    return draws_of(SweepQuestion.model_validate(sample(factor, samples=count)))["x"].to_numpy()


def test_distributions_are_what_they_say():
    figures = drawn(4000, uniform=[2, 6])
    assert (figures.min() >= 2, figures.max() <= 6) == (True, True)
    assert figures.mean() == pytest.approx(4, abs=1e-3)
    assert drawn(4000, triangular=[0, 1, 5]).mean() == pytest.approx(2, abs=1e-3)
    assert drawn(4000, triangular=[0, 0, 3]).mean() == pytest.approx(1, abs=1e-3)
    figures = drawn(4000, normal={"mean": 1, "sd": 0.5})
    assert (figures.mean(), figures.std()) == (pytest.approx(1, abs=1e-3), pytest.approx(0.5, abs=2e-3))
    figures = drawn(4000, normal={"mean": 1, "sd": 0.5, "low": 1, "high": 1.5})
    assert (figures.min() >= 1, figures.max() <= 1.5) == (True, True)
    # half a normal distribution, cut off at one deviation: 1 + 0.5 (phi(0) - phi(1)) / (Phi(1) - Phi(0))
    assert figures.mean() == pytest.approx(1 + 0.5 * (0.3989423 - 0.2419707) / 0.3413447, abs=1e-3)
    figures = drawn(4000, lognormal={"mean": 2, "sd": 0.4})
    assert (figures.mean(), figures.std()) == (pytest.approx(2, abs=2e-3), pytest.approx(0.4, abs=5e-3))
    figures = drawn(4000, choice=[1, 2, 3], weights=[1, 0, 3])
    assert [float((figures == value).mean()) for value in (1, 2, 3)] == [0.25, 0, 0.75]
    assert [float((drawn(4000, grid=[1, 2]) == value).mean()) for value in (1, 2)] == [0.5, 0.5]


def test_each_part_of_a_range_has_one_draw():
    parts = np.sort(drawn(50, uniform=[0, 50]))
    assert list(np.floor(parts)) == list(range(50))


@pytest.mark.parametrize("part", [0.0, 1e-15, 1 - 1e-15, 1.0 - 2**-53])
def test_the_ends_of_distributions_are_finite(part):
    for kind in ({"normal": {"mean": 0, "sd": 1}}, {"lognormal": {"mean": 1, "sd": 5}}, {"choice": [1, 2]}):
        assert math.isfinite(quantile(Distribution.model_validate(kind), part))


@pytest.mark.parametrize("rank", [-0.8, -0.3, 0.0, 0.6, 0.95])
def test_draws_have_the_rank_correlation_that_was_asked_for(rank):
    factors = [
        {"name": "a", "change": "demand", "add": {"lognormal": {"mean": 1, "sd": 0.5}}},
        {"name": "b", "change": "demand", "add": {"uniform": [0, 1]}},
        {"name": "c", "change": "demand", "add": {"normal": {"mean": 0, "sd": 1}}},
    ]
    correlations = [{"between": ["a", "b"], "rank": rank}, {"between": ["b", "c"], "rank": 0.2}]
    found = draws_of(SweepQuestion.model_validate(sample(*factors, samples=2000, correlations=correlations)))
    ranks = found.rank().corr()
    assert ranks.loc["a", "b"] == pytest.approx(rank, abs=0.02)
    assert ranks.loc["b", "c"] == pytest.approx(0.2, abs=0.02)
    assert ranks.loc["a", "c"] == pytest.approx(0.0, abs=0.02)
    alone = draws_of(SweepQuestion.model_validate(sample(*factors, samples=2000)))
    for name in "abc":  # rearranged, not drawn anew
        assert sorted(found[name]) == sorted(alone[name])


def test_what_runs_say_together_is_what_can_be_counted():
    found = of_both()
    # without the policy 30, 25, 20, 10; with it at most half from the east: 30, 25, 20, 20
    free = found.quantiles.iloc[0]
    assert (free["p05"], free["p50"], free["mean"]) == (pytest.approx(11.5), 22.5, 21.25)
    assert free["cvar95"] == 30
    capped = found.regret[(found.regret["policy"] == "capped") & (found.regret["measure"] == "cost")].iloc[0]
    assert (capped["mean"], capped["most"], capped["best"]) == (2.5, 10, 0.75)
    better = found.better[found.better["measure"] == "cost"]
    assert list(better["probability"]) == [0.25, 0]
    assert list(better["equal"]) == [0.75, 0.75]
    ranks = found.correlations[found.correlations["measure"] == "cost"]["rank"]
    assert list(ranks) == [pytest.approx(-1), pytest.approx(-0.948683298)]
    assert found.correlations[found.correlations["measure"] == "lost"]["rank"].isna().all()
    json.dumps(found.as_json(), allow_nan=False)


@pytest.mark.slow
def test_a_policy_without_a_plan_is_beaten():
    instance = toys.two_plants(
        capacities=[{"site": "east", "capacity": 10}],
        policies=[{"name": "free", "limits": [{**CAPPED["limits"][0], "max_share": 0}]}],
        demand=[{"customer": "shop", "item": "unit", "quantity": 10}],
        scenarios=[],
    )
    west = {"name": "west", "change": "unit_cost", "where": {"site": "west"}, "factor": {"grid": [1]}}
    shut = {
        **instance.as_mapping(),
        "capacities": [*instance.as_mapping()["capacities"], {"site": "west", "capacity": 5}],
    }
    found = sweep(planner.load_instance(shut), ask(west, policies=[None, "free"]))
    better = found.better[found.better["measure"] == "cost"]
    assert list(better["probability"]) == [1, 0]


HOSTILE = [
    ("nam: x", "Did you mean name"),
    ("factors: []", "draws nothing"),
    ("factors: {a: 1}", "a list is wanted"),
    ("samples: 0\nfactors: [{name: a, change: demand, factor: {uniform: [1, 2]}}]", "above 0"),
    ("samples: many\nfactors: [{name: a, change: demand, factor: {uniform: [1, 2]}}]", "not a number"),
    ("samples: 200000\nfactors: [{name: a, change: demand, factor: {uniform: [1, 2]}}]", "200,000 runs"),
    ("mode: grids\nfactors: [{name: a, change: demand, factor: {grid: [1]}}]", "Did you mean grid"),
    ("mode: grid\nsamples: 3\nfactors: [{name: a, change: demand, factor: {grid: [1]}}]", "A grid has no samples"),
    ("mode: grid\nfactors: [{name: a, change: demand, factor: {uniform: [1, 2]}}]", "needs the figures it takes"),
    ("mode: grid\nfactors: [{name: a, change: demand, factor: {grid: [1, 1]}}]", "figure twice"),
    ("mode: grid\nfactors: [{name: a, change: demand, factor: {grid: []}}]", "is empty"),
    ("mode: grid\nfactors: [{name: a, change: demnd, factor: {grid: [1]}}]", "Did you mean demand"),
    ("mode: grid\nfactors: [{name: a, change: outage, factor: {grid: [1]}}]", "no figure that could be drawn"),
    ("mode: grid\nfactors: [{name: a, change: demand}]", "one figure that is drawn"),
    ("mode: grid\nfactors: [{name: a, change: demand, factor: 0.5}]", "uniform: \\[0.4, 1.0\\]"),
    ("mode: grid\nfactors: [{name: a, change: demand, factor: {grid: [1]}, add: {grid: [1]}}]", "one figure"),
    ("mode: grid\nfactors: [{name: a, change: demand, limit: cap, factor: {grid: [1]}}]", "a change or a limit"),
    ("mode: grid\nfactors: [{name: a, factor: {grid: [1]}}]", "a change or a limit"),
    ("mode: grid\nfactors: [{name: a, change: demand, max_share: {grid: [1]}}]", "has no max_share"),
    ("mode: grid\nfactors: [{name: a, limit: cap, period: '1', max_share: {grid: [1]}}]", "has no period"),
    ("mode: grid\nfactors: [{name: a, limit: cap, max_share: {grid: [50]}}]", "outside of 0 to 1"),
    ("policies: [capped]\nmode: grid\nfactors: [{name: a, limit: cap, min_free: {grid: [0.5]}}]", "has no min_free"),
    ("mode: grid\nfactors: [{name: a, limit: cap, max_share: {grid: [0.5]}}]", "Add capped to policies"),
    ("policies: [capped]\nmode: grid\nfactors: [{name: a, limit: cp, max_share: {grid: [0.5]}}]", "Did you mean cap"),
    ("mode: grid\nfactors: [{name: a, change: demand, factor: {grid: [-1]}}]", "outside of 0 on"),
    ("mode: grid\nfactors: [{name: status, change: demand, factor: {grid: [1]}}]", "column status of their own"),
    ("mode: grid\nfactors: [{name: touched_TW, change: demand, factor: {grid: [1]}}]", "of their own"),
    ("mode: grid\nfactors: [{name: 'a b', change: demand, factor: {grid: [1]}}]", "not an id"),
    (
        "mode: grid\nfactors: [{name: a, change: demand, factor: {grid: [1]}}, {name: a, change: price, factor: {grid: [1]}}]",
        "a twice",
    ),
    ("mode: grid\nfactors: [{name: a, change: demand, where: {customer: shp}, factor: {grid: [1]}}]", "mean shop"),
    (
        "mode: grid\nfactors: [{name: a, change: demand, where: {operator: one}, factor: {grid: [1]}}]",
        "cannot name operator",
    ),
    ("mode: grid\nfactors: [{name: a, change: freight, where: {to: east}, factor: {grid: [1]}}]", "selects nothing"),
    ("mode: grid\nfactors: [{name: a, change: capacity, where: {site: west}, factor: {grid: [1]}}]", "selects nothing"),
    ("mode: grid\nfactors: [{name: a, change: demand, period: '7', factor: {grid: [1]}}]", "not a planned period"),
    ("policies: [caped]\nmode: grid\nfactors: [{name: a, change: demand, factor: {grid: [1]}}]", "Did you mean capped"),
    ("scenarios: [hlt]\nmode: grid\nfactors: [{name: a, change: demand, factor: {grid: [1]}}]", "Did you mean halt"),
    ("policies: []\nmode: grid\nfactors: [{name: a, change: demand, factor: {grid: [1]}}]", "policies is empty"),
    ("policies: [null, null]\nmode: grid\nfactors: [{name: a, change: demand, factor: {grid: [1]}}]", "null twice"),
    ("samples: 9\nfactors: [{name: a, change: demand, factor: {uniform: [2, 1]}}]", "in this order"),
    ("samples: 9\nfactors: [{name: a, change: demand, factor: {uniform: [1, 1]}}]", "only one figure"),
    ("samples: 9\nfactors: [{name: a, change: demand, factor: {uniform: [1, 2, 3]}}]", "takes low and high"),
    ("samples: 9\nfactors: [{name: a, change: demand, factor: {uniform: [.nan, 1]}}]", "not a number"),
    ("samples: 9\nfactors: [{name: a, change: demand, factor: {normal: {mean: 1, sd: 0}}}]", "not above 0"),
    ("samples: 9\nfactors: [{name: a, change: demand, factor: {normal: {mean: 1, sd: 1}}}]", "outside of 0 on"),
    ("samples: 9\nfactors: [{name: a, change: demand, add: {normal: {mean: 1, sd: 1, low: 9}}}]", "never happens"),
    ("samples: 9\nfactors: [{name: a, change: demand, factor: {lognormal: {mean: -1, sd: 1}}}]", "not above 0"),
    ("samples: 9\nfactors: [{name: a, change: demand, factor: {choice: [1, 2], weights: [1]}}]", "as many weights"),
    (
        "samples: 9\nfactors: [{name: a, change: demand, factor: {choice: [1, 2], weights: [0, 0]}}]",
        "All weights are 0",
    ),
    (
        "samples: 9\nfactors: [{name: a, change: demand, factor: {uniform: [1, 2], grid: [1]}}]",
        "exactly one distribution",
    ),
    ("samples: 9\nfactors: [{name: a, change: demand, factor: {}}]", "exactly one distribution"),
    (
        "samples: 9\nfactors: [{name: a, change: demand, factor: {uniform: [1, 2]}}]\ncorrelations: [{between: [a, b], rank: 0.5}]",
        "no factor 'b'",
    ),
    (
        "samples: 9\nfactors: [{name: a, change: demand, factor: {uniform: [1, 2]}}]\ncorrelations: [{between: [a, a], rank: 0.5}]",
        "two different factors",
    ),
    ("samples: 9\nfactors: [{name: a, change: demand, factor: {uniform: [1, 2]}}]\nname: ../up", "not an id"),
    ("- a\n- b", "no mapping"),
    ("factors: [", "YAML"),
    ("", "missing"),
]


@pytest.mark.parametrize(("text", "said"), HOSTILE)
def test_a_file_that_is_not_right_says_what_to_write(tmp_path, text, said):
    path = tmp_path / "hostile.yaml"
    path.write_text(text)
    with pytest.raises(InstanceError, match=said) as refused:
        sweep(plants(), path, folder=tmp_path / "out")
    assert all(problem.file == "hostile.yaml" and problem.remedy for problem in refused.value.problems)
    assert not (tmp_path / "out").exists()


def test_problems_of_a_file_have_lines(tmp_path):
    path = tmp_path / "lines.yaml"
    path.write_text(
        "mode: grid\npolicies:\n  - null\n  - caped\nfactors:\n"
        "  - {name: a, change: demand, factor: {grid: [1]}}\n"
        "  - name: b\n    change: demand\n    where: {customer: shp}\n    factor: {grid: [1]}\n"
    )
    with pytest.raises(InstanceError) as refused:
        sweep(plants(), path)
    assert [(problem.row, problem.column) for problem in refused.value.problems] == [
        (4, "policies"),
        (9, "factors.b.where.customer"),
    ]


def test_correlations_that_contradict_each_other_are_refused():
    factors = [{"name": name, "change": "demand", "factor": {"uniform": [1, 2]}} for name in "abc"]
    pairs = [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.9)]
    correlations = [{"between": [one, other], "rank": rank} for one, other, rank in pairs]
    with pytest.raises(UsageError, match="contradict"):
        sweep(plants(), sample(*factors, correlations=correlations, samples=50))
    with pytest.raises(UsageError, match="more samples"):
        sweep(plants(), sample(*factors, correlations=correlations[:1], samples=3))


def test_a_notebook_shows_the_summary():
    found = of_both()
    assert repr(found) == "<Sweep of tiny, asked: 8 runs, 8 with a plan>"
    assert "How the figures are spread" in found._repr_html_()
    assert isinstance(found.runs, pd.DataFrame)


def of_toy():
    """The toy, nothing to be decided by 0 or 1, so that runs are live; and factors of it."""
    worse = {"name": "worse", "changes": [{"change": "yield", "where": {"site": "pack-a"}, "factor": 0.9}]}
    return toys.toy(expansions=[], scenarios=[worse]), FACTORS, "guarded"


def of_plants():
    """Two plants, of which one yields less in the scenario; capacity, orders and the level of a limit are drawn."""
    worse = {"name": "worse", "changes": [{"change": "yield", "where": {"site": "east"}, "factor": 0.9}]}
    growth = {"name": "growth", "change": "demand", "factor": {"uniform": [0.7, 1.2]}}
    cap = {"name": "cap", "limit": "cap", "max_share": {"uniform": [0.3, 0.9]}}
    drawn_east = {**east(1), "factor": {"uniform": [0.3, 1]}}
    given = plants().replace(scenarios=toys.two_plants(scenarios=[worse]).scenarios)
    return given, [drawn_east, growth, cap], "capped"


FACTORS = [
    {"name": "cowos", "change": "capacity", "where": {"stage": "packaging"}, "factor": {"uniform": [0.3, 1]}},
    {"name": "growth", "change": "demand", "factor": {"uniform": [0.7, 1.2]}},
    {"name": "freight", "change": "freight", "where": {"from_region": "TW"}, "factor": {"uniform": [0.5, 4]}},
    {"name": "cap", "limit": "wafer-tw", "max_share": {"uniform": [0.3, 0.9]}},
]


BENCHES = [(of_plants, 2), (of_toy, 2), (of_toy, 6)]


@pytest.mark.parametrize(("given", "samples"), portion_of_rows(BENCHES, quick=1))
def test_a_run_is_the_same_whatever_ran_before_it_and_as_built_anew(given, samples):
    """Four runs of two plants in every suite; those of the toy are slow."""
    instance, factors, policy = given()
    question = sample(*factors, samples=samples, policies=[policy], scenarios=[None, "worse"])
    asked = read_sweep(question, instance)
    forth, back = SweepRunner(asked), SweepRunner(asked)
    numbers = range(1, asked.question.runs + 1)
    rows = {number: forth.row(number) for number in numbers}
    assert {number: steady_row(back.row(number)) for number in reversed(numbers)} == {
        number: steady_row(row) for number, row in rows.items()
    }
    base = forth._bases[0]
    assert base.obstacle is None
    assert base.resolves >= samples
    assert len(base.starts.places) >= samples
    draws = draws_of(asked.question).to_dict("records")
    for number, row in rows.items():
        figures = draws[(number - 1) % samples]
        scenario = (number - 1) // samples
        plan = planner.solve(instance, asked.policy(0, figures), asked.scenario(scenario, figures))
        assert steady_row(row)[1:] == steady_row({**row, **_figures(instance, plan), "status": plan.status})[1:]


def steady_row(row):
    """A row as it is written, without the seconds."""
    return [(name, str(value)) for name, value in row.items() if name != "seconds"]


@pytest.mark.slow
def test_touched_shares_are_those_of_the_exposure_table():
    plan = planner.solve(toys.toy(), toys.TRACED)
    horizon = plan.exposure[(plan.exposure["measure"] == "pathway") & (plan.exposure["period"] == "horizon")]
    regions = horizon[horizon["over"] == "region"]
    told = reported_shares(plan.instance, plan.tables, watches_of(plan.instance, plan.policy))
    assert told == plan.touched_shares == dict(zip(regions["of"], regions["share"], strict=True))
    assert {"TW", "US", "asia"} <= set(told)


def test_a_reason_is_what_clashes_found_without_repairs(monkeypatch):
    instance = toys.two_plants(
        capacities=[{"site": "east", "capacity": 10}, {"site": "west", "capacity": 5}],
        demand=[{"customer": "shop", "item": "unit", "quantity": 10}],
    )
    halt = Scenario.model_validate({"name": "same", "changes": [{**HALT["changes"][0]}]})
    with pytest.raises(InfeasibleError) as told:
        planner.solve(instance, scenario=halt)
    assert told.value.repair
    monkeypatch.setattr("planner.solve.conflict.repairs", None)  # they would take several solves
    [row] = sweep(instance, ask(east(0))).runs.to_dict("records")
    assert row["reason"] == "no plan can satisfy all of these together: " + " ".join(told.value.summary)


def test_shares_of_regions_are_those_of_the_exposure_summary():
    plan = toys.solve(toys.toy())
    told = {(row["stage"], row["of"]): row["share"] for row in plan.exposure_summary if row["over"] == "region"}
    assert reported_shares_of_regions(plan.instance, plan.production) == told
    assert len(told) > 3
    assert reported_shares_of_regions(plan.instance, plan.production.iloc[:0]) == {}


def test_a_run_makes_no_table_that_no_column_needs():
    instance, factors, policy = of_plants()
    question = sample(*factors, samples=2, policies=[policy])
    asked = read_sweep(question, instance)
    base = Replanner(instance, asked.policies[0], priced=False)
    figures = draws_of(asked.question).to_dict("records")[1]
    policy, scenario = asked.policy(0, figures), asked.scenario(0, figures)
    plan = base.plan(scenario, policy)
    row = _figures(instance, plan)
    assert not plan.rebuilt
    assert plan.basis is None, "it starts no other plan"
    assert plan.tables.made() & {"choke_points", "price_sides", "allocation", "exposure"} == set()
    anew = plan_instance(instance, policy, scenario, priced=False)
    assert row == _figures(instance, anew)
    for name in ("choke_points", "price_sides"):
        pd.testing.assert_frame_equal(plan.tables[name], anew.tables[name])
    assert {"choke_points", "price_sides"} <= plan.tables.made()


def test_where_a_run_lies_among_the_others_is_how_far_it_is_from_what_is():
    cap = {"name": "cap", "limit": "cap", "max_share": {"grid": [0.3, 0.7]}}
    more = {"name": "more", "change": "demand", "add": {"grid": [-1, 3]}}
    fixed = {"name": "fixed", "change": "capacity", "where": {"site": "east"}, "set": {"grid": [4, 8]}}
    asked = read_sweep(
        ask(east(0.5, 1), more, fixed, cap, policies=[None, "capped"], scenarios=[None, "halt"]), plants()
    )
    bench = SweepRunner(asked)
    figures = {"east": 0.5, "more": 3.0, "fixed": 8.0, "cap": 0.7}
    # the range of each is 1; what `set` would leave as it is, is not known: the middle of its draws stands for it
    drawn = {"east": -1.0, "more": 0.75, "fixed": 0.5}
    assert bench._place(0, 0, figures) == drawn, "without a policy its limit tells nothing apart"
    assert bench._place(1, 1, figures) == pytest.approx({"scenario halt": FAR, **drawn, "cap": 0.5})
