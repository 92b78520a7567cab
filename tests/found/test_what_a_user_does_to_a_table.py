"""What is done to a table of a plan in a notebook stays there: it is in no run, comparison or export of the plan.

A column of text that was added to `plan.service` stood in the run that was written, which could then not be read.
"""

import pytest
import toys

import planner
from planner.plan.proof.verify import verify
from planner.report.exports import export_plan
from planner.report.run_folder import read_claims, read_run, write_run

TABLES = (
    *("production", "shipments", "stock", "service", "allocation", "exposure"),
    *("limits", "commitments", "expansions", "choke_points", "costs"),
)


@pytest.fixture
def plan():
    """A plan to whose tables a user has done what is done to a table."""
    plan = planner.solve(toys.toy(), policy="guarded")
    for name in TABLES:
        table = getattr(plan, name)
        assert len(table), name
        table["own"] = "text"
        table.loc[:, table.columns[-2]] = 0
        del table[table.columns[0]]
    return plan


def test_it_is_not_in_the_plan(plan, tmp_path):
    untouched = planner.solve(toys.toy(), policy="guarded")
    assert plan.as_json()["costs"] == untouched.as_json()["costs"]
    again = read_run(write_run(plan, tmp_path / "run"))
    assert verify(read_claims(tmp_path / "run")).holds
    export_plan(plan, tmp_path / "tables")
    store = planner.open_store(tmp_path / "runs.sqlite")
    kept = store.read(store.keep(plan))
    for name in TABLES:
        for found in (plan, again, kept):
            assert list(getattr(found, name).columns) == list(getattr(untouched, name).columns)
        assert (tmp_path / "tables" / f"{name}.csv").read_bytes() == (tmp_path / f"run/tables/{name}.csv").read_bytes()
    assert planner.compare(untouched, plan).cost["difference"].eq(0).all()


def test_of_a_run_that_was_read_too(plan, tmp_path):
    again = read_run(write_run(plan, tmp_path / "run"))
    table = again.costs
    table["amount"] = 0.0
    assert again.costs["amount"].sum() == pytest.approx(again.objective)
