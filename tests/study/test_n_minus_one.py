"""N-1 by re-solve equals an outage in a rebuilt program."""

import math

import numpy as np
import pytest
from portions import portion_of_rows
from toys import least_cost, policy, program, scenario, solve, toy, two_plants

from planner.errors import InfeasibleError
from planner.instance.applying import apply_scenario
from planner.study.outage.n_minus_one import n_minus_one

GUARDED = policy({"stage": "packaging", "of": "TW", "max_share": 0.8})
LINEAR = {"expansions": []}


def row(losses, over, of):
    table = losses.table
    return table[(table["over"] == over) & (table["of"] == of)].iloc[0]


EVERY = ("site", "cluster", "operator", "region")
CASES = [
    (LINEAR, "P2..P3", ("cluster", "region")),
    *((options, window, EVERY) for options in (LINEAR, {}) for window in ("P2..P3", "*")),
]


@pytest.mark.parametrize(("options", "window", "over"), portion_of_rows(CASES, quick=1))
def test_equals_an_outage_in_a_rebuilt_program(options, window, over):
    """Clusters and regions in every suite; every kind is slow here, and quick in tests/oracle/test_derived.py."""
    instance = toy(**options)
    losses = n_minus_one(program(instance, GUARDED), period=window, over=over)
    base = least_cost(program(instance, GUARDED))
    assert losses.cost == pytest.approx(base, rel=1e-6)
    statuses = set()
    for found in losses.table.drop_duplicates("sites").itertuples():
        out = {"change": "outage", "period": window, "where": {found.over: found.of}}
        expected = least_cost(program(apply_scenario(instance, scenario(out)), GUARDED))
        statuses.add(found.status)
        if expected is None:
            assert found.status == "infeasible"
            assert math.isnan(found.cost)
            assert math.isnan(found.loss)
        else:
            assert found.status == "optimal"
            assert found.cost == pytest.approx(expected, rel=1e-6)
            assert found.loss == pytest.approx(expected - base, rel=1e-6, abs=1e-6 * base)
    assert "optimal" in statuses


def test_solved_by_hand():
    """10 units at 1 in the east; without it 6 in the west at 3, and 4 lost at 100."""
    losses = n_minus_one(program(two_plants(capacities=[{"site": "west", "capacity": 6}])))
    east, west = row(losses, "site", "east"), row(losses, "site", "west")
    assert losses.cost == pytest.approx(10)
    assert east["cost"] == pytest.approx(6 * 3 + 4 * 100)
    assert (east["loss"], east["lost_units"], east["late_units"]) == (pytest.approx(408), pytest.approx(4), 0)
    assert (west["loss"], west["lost_units"]) == (0, 0)


def test_sets_of_the_same_sites_are_solved_once_and_named_twice():
    losses = n_minus_one(program(two_plants()))
    names = losses.table.loc[losses.table["sites"] == "east", ["over", "of"]].itertuples(index=False, name=None)
    assert set(names) == {("site", "east"), ("cluster", "fault"), ("operator", "one"), ("region", "TW")}
    assert losses.resolves == 1  # west is idle in any case
    assert not (losses.table["of"] == "").any()


def test_the_greatest_loss_is_first_and_no_plan_before_it():
    losses = n_minus_one(program(toy(**LINEAR), GUARDED))
    table = losses.table
    assert list(table["rank"]) == sorted(table["rank"])
    solved = table.loc[table["status"] == "optimal", "loss"]
    assert list(solved) == sorted(solved, reverse=True)
    without = table["status"] != "optimal"
    assert without.any()
    assert without.to_numpy()[: without.sum()].all()
    assert set(table.loc[without, "rank"]) == {1}


def test_products_add_up():
    losses = n_minus_one(program(toy(**LINEAR)))
    keys = ["over", "of"]
    sums = losses.by_product.groupby(keys)[["lost_units", "late_units"]].sum(min_count=1)
    for found in losses.table.set_index(keys).itertuples():
        assert sums.loc[found.Index, "lost_units"] == pytest.approx(found.lost_units, nan_ok=True)
        assert sums.loc[found.Index, "late_units"] == pytest.approx(found.late_units, nan_ok=True)


def test_lost_and_late_are_those_of_the_rebuilt_plan():
    instance = toy(**LINEAR)
    losses = n_minus_one(program(instance), period="P2")
    undisturbed = solve(instance)
    out = scenario({"change": "outage", "period": "P2", "where": {"site": "pack-a"}})
    disturbed = solve(apply_scenario(instance, out))
    found = row(losses, "site", "pack-a")
    for column, figure in (("lost", "lost_units"), ("late", "late_units")):
        more = disturbed.service[column].sum() - undisturbed.service[column].sum()
        assert found[figure] == pytest.approx(more, abs=1e-6)


def test_two_models_and_progress():
    asked = program(toy(**LINEAR), GUARDED)
    seen = []
    alone = n_minus_one(asked, progress=lambda done, every, name: seen.append((done, every, name)))
    paired = n_minus_one(asked, threads=2)
    assert alone.table.equals(paired.table)
    assert [done for done, _, _ in seen] == list(range(len(seen)))
    assert {every for _, every, _ in seen} == {len(seen)}


def test_only_some_sets():
    table = n_minus_one(program(toy(**LINEAR)), over=("region",)).table
    assert set(table["over"]) == {"region"}
    assert set(table["of"]) == {"TW", "US", "KR"}


def test_no_plan_even_undisturbed():
    everything = [{"customer": "shop", "item": "unit", "quantity": 10, "must_serve": 1}]
    short = two_plants(demand=everything, capacities=[{"site": "east", "capacity": 1}, {"site": "west", "capacity": 1}])
    with pytest.raises(InfeasibleError):
        n_minus_one(program(short))


def test_figures_of_sets_without_a_plan_are_empty():
    losses = n_minus_one(program(toy(**LINEAR)))
    without = losses.table[losses.table["status"] == "infeasible"]
    assert len(without)
    assert np.isnan(without[["cost", "loss", "lost_units", "late_units"]].to_numpy(dtype=float)).all()
