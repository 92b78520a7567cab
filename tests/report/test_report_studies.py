"""Choke points ranked side by side, shadow prices with their range, and the audit, from hand-made studies."""

import dataclasses
import math

import pandas as pd
import pytest
from test_report_answer import findings

from planner.report.page.grids import choke_grid
from planner.report.sections.audit import audit_folded, audit_grids, audit_lines, audit_tables, most_free
from planner.report.sections.choke_points import (
    disagreement,
    losses,
    price_grid,
    prices,
    ranking,
    region_loss_grid,
    region_losses,
)
from planner.report.studies import Studies
from planner.report.tables.report import choke_points
from planner.report.tables.studies import pathways, sizes
from planner.study.audit.audit import audit
from planner.study.outage.n_minus_one import Losses
from planner.study.shadow_prices import PRICED

SETS = [
    ("site", "fab-a", "fab-a", "optimal", 50.0),
    ("operator", "alpha", "fab-a+fab-b", "optimal", 70.0),
    ("site", "fab-b", "fab-b", "optimal", 60.0),
    ("cluster", "valley", "fab-a", "optimal", 50.0),
    ("region", "US", "fab-b", "optimal", 60.0),
    ("site", "pack-a", "pack-a", "infeasible", math.nan),
]
POINTS = [
    ("resource", "fab-a", "fab-a", "P1", 10.0, 4.0),
    ("resource", "fab-b", "fab-b", "P1", 10.0, 0.0),
    ("resource", "cowos", "pack-a", "P1", 10.0, 1.0),
]


def studied(**more):
    found = findings()
    points = pd.DataFrame(POINTS, columns=["kind", "name", "site", "period", "capacity", "shadow_price"])
    points = points.assign(stage="wafer", region="TW", utilisation=1.0, used=10.0)
    plan = found.runs["free", None]
    runs = {("free", None): dataclasses.replace(plan, tables={**plan.tables, "choke_points": points})}
    table = pd.DataFrame(SETS, columns=["over", "of", "sites", "status", "loss"])
    lost = Losses(table, pd.DataFrame(), 100.0, 0, 0)
    regions = Losses(table[table["over"] == "region"].assign(loss=80.0), pd.DataFrame(), 100.0, 0, 0)
    rows = [
        ("resource", "cowos", "pack-a", "P1", 10.0, 1.0, math.inf, 8.0, math.nan, True, ""),
        (
            "limit",
            "cap (TW)",
            "",
            "horizon",
            0.5,
            12345.0,
            20000.0,
            math.nan,
            math.nan,
            False,
            "the time limit was reached",
        ),
    ]
    studies = Studies(
        losses={"free": lost},
        region_losses={("free", None): regions, ("free", "other"): regions},
        prices={"free": pd.DataFrame(rows, columns=PRICED)},
        **more,
    )
    return dataclasses.replace(found, runs=runs, studies=studies)


def tables(found):
    return {"losses": losses(found), "region_losses": region_losses(found), "prices": prices(found)}


def test_losses_beside_rents():
    table = losses(studied()).set_index(["over", "of"])
    assert table.loc[("operator", "alpha"), "rent"] == 40.0
    assert table.loc[("operator", "alpha"), "loss_rank"] == 2  # after what has no plan at all
    assert table.loc[("site", "pack-a"), "loss_rank"] == 1
    assert "lost_units" not in table


def test_noise_of_a_solve_is_no_loss():
    found = studied()
    table = found.studies.losses["free"].table.assign(loss=[50.0, 3e-6, 60.0, 50.0, 60.0, math.nan])
    lost = dataclasses.replace(found.studies.losses["free"], table=table)
    found = dataclasses.replace(found, studies=Studies(losses={"free": lost}))
    assert losses(found).set_index("of").loc["alpha", "loss"] == 0.0


def test_ranking_names_a_set_of_sites_once():
    found = studied()
    grid = ranking(found, tables(found), "free")
    rows = {row[0]: row for row in grid.rows}
    assert list(rows) == ["pack-a", "alpha", "fab-b", "fab-a"]
    assert rows["fab-a"] == ("fab-a", "site, cluster", "1", "USD 40", "1", "USD 50", "4")
    assert rows["fab-b"][1:5] == ("site, region", "1", "USD 0", "–")
    assert rows["pack-a"][-2:] == ("no plan (infeasible)", "1")


def test_time_to_survive_is_a_third_ranking():
    survival = pd.DataFrame(
        [("site", "fab-a", "P1", False, 6.0), ("site", "fab-a", "P2", False, 4.0), ("site", "fab-b", "P1", True, 26.0)],
        columns=["over", "of", "start", "at_least", "weeks"],
    ).assign(periods=2.0)
    found = studied(survival={"free": survival})
    grid = ranking(found, tables(found), "free")
    rows = {row[0]: row for row in grid.rows}
    assert grid.head[-2:] == ("time to survive", "place by time")
    assert rows["fab-a"][-2:] == ("4.0 weeks", "1")
    assert rows["fab-b"][-2:] == ("at least 26.0 weeks", "2")
    assert rows["alpha"][-2:] == ("–", "–")
    assert "survived" not in losses(studied())


def test_no_rent_does_not_mean_safe():
    found = studied()
    assert disagreement(found, tables(found)) == (
        "Under free fab-a has the largest rent of all sites (USD 40), and fab-b the largest loss when it is out (USD 60). A "
        "shadow price of zero does not mean safe: without any rent, fab-b would cost USD 60 when out."
    )


def test_regions_with_limits_lifted_and_in_force():
    found = studied()
    assert region_loss_grid(found, tables(found)).rows == (("US", "lifted", "USD 60"), ("US", "in force", "USD 80"))
    assert set(region_losses(found)["scenario"]) == {"", "other"}


def test_a_line_is_shown_with_its_site():
    found = studied()
    rows = choke_grid(found, {"choke_points": choke_points(found)}).rows
    assert [row[0] for row in rows] == ["fab-a", "pack-a / cowos"]


def test_prices_say_where_they_hold_or_why_not():
    found = studied()
    rows = price_grid(found, tables(found), "free").rows
    assert rows[0] == ("pack-a / cowos", "resource", "P1", "1", "no plan left", "10", "8 – open", "by re-solves", "–")
    assert rows[1][2:] == (
        "all periods",
        "12,345",
        "20,000",
        "50.00 %",
        "–",
        "not verified",
        "the time limit was reached",
    )


def test_without_studies_there_are_no_rows():
    found = findings()
    for table in (losses(found), region_losses(found), prices(found), sizes(found), pathways(found)):
        assert table.empty
    assert audit_tables(found) == {}


@pytest.fixture(scope="module")
def audited():
    found = findings()
    return dataclasses.replace(found, studies=Studies(audit=audit(found.instance)))


def test_audit_leads_with_the_region_of_concern(audited):
    by_product, by_region = audit_grids(audited)
    assert by_product.caption.startswith("Free of TW at every stage")
    assert [row[0] for row in by_product.rows] == ["chip"]
    assert "TW" in [row[0] for row in by_region.rows]
    assert {name for name, _ in audit_lines(audited)} == {""}
    assert 0 <= most_free(audited) <= 1
    assert all(
        len(row) == len(grid.head) for grid in (*audit_grids(audited), *audit_folded(audited)) for row in grid.rows
    )


def test_no_audit_no_grids():
    assert audit_grids(findings()) == audit_folded(findings()) == audit_lines(findings()) == ()
    assert math.isnan(most_free(findings()))
