"""A rest of 3e-7 units is made, and sent in a shipment too small for a row beside one of 1,000: the run is proved.

It comes of figures of seven digits: the stock is that much less than the order. Its two balances hold no other figure,
so what the tables leave out was told as goods that nobody sends; the certificate counts a row below 1 as 1.
"""

import planner
from planner.plan.proof.claims import Claims
from planner.plan.proof.verify import verify

LITTLE = 3e-7
MAPPING = {
    "name": "rest",
    "sites": [{"site": "fab", "region": "TW"}, {"site": "pack", "region": "US"}],
    "items": [{"item": "die", "stage": "wafer"}, {"item": "chip", "stage": "test"}, {"item": "bulk", "stage": "test"}],
    "processes": [{"site": "fab", "item": "die", "unit_cost": 1}, {"site": "pack", "item": "chip", "unit_cost": 1}],
    "components": [{"item": "chip", "component": "die", "quantity": 1}],
    "customers": [{"customer": "shop", "region": "US"}],
    "lanes": [{"from": "fab", "to": "pack", "unit_cost": 1}, {"from": "pack", "to": "shop", "unit_cost": 1}],
    "stocks": [
        {"site": "pack", "item": "chip", "opening": 3.333333},
        {"site": "pack", "item": "bulk", "opening": 1000},
    ],
    "demand": [
        {"customer": "shop", "item": "chip", "quantity": 3.333333 + LITTLE},
        {"customer": "shop", "item": "bulk", "quantity": 1000},
    ],
}


def test_the_run_is_proved():
    plan = planner.solve(planner.load_instance(MAPPING))
    assert plan.production["started"].tolist() == [LITTLE, LITTLE]
    assert "fab" not in set(plan.shipments["from"])
    verdict = verify(Claims.of(plan))
    assert verdict.holds, [finding.words for finding in verdict.findings]


def test_the_use_of_a_line_that_no_start_shows_is_proved():
    """Beside 1,000 starts of another item those of 3e-7 have no row, and the lines that they use do."""
    bulk = {"site": "pack", "item": "bulk", "resource": "free"}
    lines = [{"site": "fab", "capacity": 5}, {"site": "pack", "capacity": 50}]
    tables = {"stocks": MAPPING["stocks"][:1], "processes": [*MAPPING["processes"], bulk], "capacities": lines}
    plan = planner.solve(planner.load_instance({**MAPPING, **tables}))
    assert plan.production["item"].tolist() == ["bulk"]
    assert plan.choke_points["used"].tolist()[:2] == [LITTLE, LITTLE]
    verdict = verify(Claims.of(plan))
    assert verdict.holds, [finding.words for finding in verdict.findings]


def test_what_is_made_and_not_sent_is_still_found():
    """A thousand times as much is more than a shipment without a row can be."""
    plan = planner.solve(planner.load_instance(MAPPING))
    claims = Claims.of(plan)
    tables = {name: table.copy() for name, table in claims.tables.items()}
    tables["production"]["started"] = tables["production"]["started"].replace("3e-07", "0.0003")
    found = verify(Claims(**{**vars(claims), "tables": tables}))
    assert any("flow_balance" in finding.words for finding in found.findings)
