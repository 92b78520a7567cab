"""The committed report of instances/accelerators is what the planner makes of it."""

from pathlib import Path

import pandas as pd
import pytest
from shipped import shipped
from shipped import undisturbed as solved

from planner.report.background import background
from planner.report.findings import Findings
from planner.report.sections.pathways import views
from planner.report.tables.report import for_disk, report_tables
from planner.report.write_report import write_report
from planner.study.runs import survey

COMMITTED = Path(__file__).parents[2] / "reports" / "accelerators"
pytestmark = pytest.mark.shipped
UNDISTURBED = (
    "shares",
    "exposure",
    "limits",
    "costs",
    "service",
    "utilisation",
    "choke_points",
    "production",
    "pathways",
)
OVERVIEW = [
    "policy",
    "limits",
    "options_allowed",
    "status",
    "cost",
    "cost_change",
    "margin",
    "demand",
    "delivered",
    "late",
    "lost",
    "fill_rate",
]


@pytest.fixture(scope="session")
def undisturbed():
    plans = {(policy.name, None): solved(policy.name) for policy in shipped().policies}
    return report_tables(Findings(shipped(), plans))


def written_and_read(table, folder):
    """A table as it reads after it was written."""
    for_disk(table).to_csv(folder / "table.csv", index=False)
    return pd.read_csv(folder / "table.csv")


@pytest.mark.parametrize("name", UNDISTURBED)
def test_table_is_remade(undisturbed, tmp_path, name):
    made = written_and_read(undisturbed[name], tmp_path)
    kept = pd.read_csv(COMMITTED / "tables" / f"{name}.csv")
    pd.testing.assert_frame_equal(made, kept, rtol=1e-6, atol=1e-6)


def test_overview_is_remade(undisturbed, tmp_path):
    made = written_and_read(undisturbed["overview"][OVERVIEW], tmp_path)
    kept = pd.read_csv(COMMITTED / "tables" / "overview.csv")[OVERVIEW]
    pd.testing.assert_frame_equal(made, kept, rtol=1e-6)


def test_options_are_remade(undisturbed, tmp_path):
    made = written_and_read(undisturbed["options"], tmp_path)
    kept = pd.read_csv(COMMITTED / "tables" / "options.csv")
    kept = kept[kept["scenario"].isna()].reset_index(drop=True)
    pd.testing.assert_frame_equal(made, kept, rtol=1e-6, check_dtype=False)


def test_components_add_up(undisturbed):
    costs = undisturbed["costs"].groupby("policy")["planned"].sum()
    overview = undisturbed["overview"].set_index("policy")["cost"]
    pd.testing.assert_series_equal(costs.sort_index(), overview.sort_index(), rtol=1e-8, check_names=False)
    changes = undisturbed["costs"].groupby("policy")["change"].sum()
    pd.testing.assert_series_equal(
        changes.sort_index(),
        undisturbed["overview"].set_index("policy")["cost_change"].sort_index(),
        rtol=1e-6,
        atol=1.0,
        check_names=False,
    )


def test_weighted_shares_keep_their_limits(undisturbed):
    table = undisturbed["exposure"]
    held = table[table["limit"].notna()]
    assert len(held) > 50
    assert (held["weighted_share"] <= held["limit"] + 1e-6).all()


@pytest.mark.slow
def test_every_byte_is_remade(tmp_path):
    instance = shipped()
    runs = survey(instance, list(instance.policies), [None, *instance.scenarios])
    found = Findings(instance, runs)
    others = [instance.scenario(view) for view in views(found) if view is not None]
    write_report(
        instance, runs, tmp_path, background(instance, found.undisturbed, others), figures=tmp_path / "figures"
    )
    kept = [COMMITTED / "summary.md", *(COMMITTED / "tables").glob("*.csv"), *(COMMITTED / "figures").glob("*.svg")]
    for path in sorted(kept):
        assert (tmp_path / path.relative_to(COMMITTED)).read_bytes() == path.read_bytes(), path.name
