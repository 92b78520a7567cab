"""An audit where there is nothing: no capacity, no orders. Nothing is not unlimited, and no share of nothing is 100 %."""

from pathlib import Path

import pandas as pd
import pytest
import toys

import planner
from planner.cli.main import main
from planner.study.audit.audit import audit

FOLDER = Path(__file__).parent
OPTION = {"option": "line", "site": "east", "period": "1", "capacity": 4, "unit_cost": 1}


def findings(instance):
    return audit(instance).findings


class TestNoCapacity:
    def test_it_is_not_unlimited(self):
        found = audit(planner.load_instance(FOLDER / "audit-zero-capacity.yaml"))
        assert found.findings == (
            "Nothing is ordered in 1, so that there is no share that a policy could promise.",
            "Make: there is no capacity in 1.",
        )
        assert found.capacity["share"].isna().all()
        assert (found.concentration["largest"] == "").all()
        assert (found.concentration["holders"] == 0).all()
        assert found.concentration["hhi"].isna().all()

    def test_what_options_would_add_is_said(self):
        capacities = [{"site": site, "capacity": 0} for site in ("east", "west")]
        texts = findings(toys.two_plants(capacities=capacities, expansions=[OPTION]))
        assert texts[-1] == "Make: there is no capacity in 1; of what every option would add: TW 100 %."

    def test_an_unlimited_line_beside_none_is_unlimited(self):
        texts = findings(toys.two_plants(capacities=[{"site": "east", "capacity": 0}]))
        assert texts[-1] == "Make: some of its capacity is unlimited, so that it has no shares."

    def test_some_beside_none_has_shares(self):
        capacities = [{"site": "east", "capacity": 0}, {"site": "west", "capacity": 5}]
        assert findings(toys.two_plants(capacities=capacities))[-1].startswith("Make capacity in 1: US has 100 %")


class TestNoOrders:
    @pytest.fixture
    def found(self):
        return audit(planner.load_instance(FOLDER / "audit-zero-period.yaml"))

    def test_a_period_without_orders_has_no_share(self, found):
        table = found.free_of_periods.set_index("period")
        assert table["share"].isna().tolist() == [True, False, True]
        assert table["lasting"].isna().tolist() == [True, False, True]
        assert table.loc["p2", ["share", "lasting"]].tolist() == [0, 0]

    def test_nothing_is_full_from_a_period_without_orders(self, found):
        (row,) = found.free_of.itertuples()
        assert (row.share, row.every_period) == (0, 0)
        assert row.full_from is None
        assert row.first is None

    def test_the_first_full_period_has_orders(self):
        """All of what the west can make is free of TW from the first order on."""
        periods = {"periods": ["p1", "p2", "p3"]}
        demand = [{"customer": "shop", "item": "unit", "period": "p2", "quantity": 10, "price": 100}]
        table = audit(toys.two_plants(**periods, demand=demand)).free_of
        (row,) = table[table["region"] == "TW"].itertuples()
        assert (row.first, row.full_from, row.share) == ("p2", "p2", 1)

    def test_the_command_shows_a_dash(self, capsys, monkeypatch):
        monkeypatch.setenv("NO_COLOR", "1")
        with pytest.raises(SystemExit) as left:
            main(["audit", str(FOLDER / "audit-zero-period.yaml")])
        assert not left.value.code
        lines = [line.replace("\u00a0", " ").split() for line in capsys.readouterr().out.splitlines()]
        assert ["region", "product", "p1", "p2", "p3"] in lines
        assert ["A", "x", "-", "0.0", "%", "-"] in lines

    def test_no_orders_at_all(self):
        demand = [{"customer": "shop", "item": "unit", "quantity": 0, "price": 100}]
        found = audit(toys.two_plants(demand=demand))
        assert found.findings[0] == "Nothing is ordered in 1, so that there is no share that a policy could promise."
        assert found.free_of.empty

    def test_orders_outside_the_reported_periods_are_none(self):
        demand = [{"customer": "shop", "item": "unit", "period": "p1", "quantity": 10, "price": 100}]
        found = audit(toys.two_plants(periods=["p1", "p2"], report_periods="p2", demand=demand))
        assert found.findings[0] == "Nothing is ordered in p2, so that there is no share that a policy could promise."
        assert isinstance(found.free_of_periods, pd.DataFrame)
        assert found.free_of_periods.empty
