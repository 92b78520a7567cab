"""A repair moves a figure in the direction in which it must move, however little is missing, and then there is a plan."""

import sys
from pathlib import Path

import pytest
from portions import portion

sys.path.insert(0, str(Path(__file__).parents[1] / "properties"))
from test_repairs_written_down import check_done, formulated, found_repairs, plants, tiny

CAP = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.6}
COVER = {"stage": "make", "periods_of_cover": 0.5}
LITTLE = [1.9e-7, 6.5e-8, 1.6e-7, 2.4e-7, 1e-6]  # relative; a solver's noise is taken for 2e-7


def order(quantity, must_serve=1):
    return [{"customer": "shop", "item": "unit", "quantity": quantity, "price": 100, "must_serve": must_serve}]


def line(capacity):
    return [{"site": "plant", "capacity": capacity}]


def capacity(little):
    return tiny(capacities=line(6.134), demand=order(6.134 * (1 + little))), None


def figure_of_many_digits(little):
    return tiny(capacities=line(6.1340003), demand=order(6.1340003 * (1 + little))), None


def share_to_serve(little):
    return tiny(capacities=line(9 * (1 - little)), demand=order(10, 0.9)), None


def share_of_a_stage(little):
    mapping = plants(capacities=[{"site": "east", "capacity": 8}, {"site": "west", "capacity": 4 * (1 - little)}])
    return mapping, {"name": "capped", "limits": [CAP]}


def minimum_stock(little):
    stocks = [{"site": "plant", "item": "unit", "minimum": 5}]
    return tiny(capacities=line(15 * (1 - little)), stocks=stocks), None


def cover(little):
    return tiny(capacities=line(15 * (1 - little)), stock="anywhere"), {"name": "covered", "buffers": [COVER]}


def commitment(little):
    rows = [{"commitment": "deal", "site": "plant", "item": "unit", "minimum": 12}]
    stocks = [{"site": "plant", "item": "unit", "maximum": 2 * (1 - 6 * little)}]
    return tiny(commitments=rows, stocks=stocks), None


def option(little):
    rows = [{"option": "line", "site": "plant", "period": "1", "capacity": 4, "unit_cost": 2}]
    return tiny(capacities=line(6 * (1 - little)), expansions=rows), None


EACH = {
    capacity: "raise the capacity of plant in 1 from 6.134 to 6.135",
    figure_of_many_digits: "raise the capacity of plant in 1 from 6.134 to 6.135",
    share_to_serve: "must_serve 0.89",
    share_of_a_stage: "from 60 % to 60.1 %",
    minimum_stock: "lower the minimum stock of unit at plant from 5 to 4.999",
    cover: "from 0.5 to 0.49",
    commitment: "lower the minimum of the commitment deal from 12 to 11.99",
    option: "raise the capacity of the option line from 4 to 4.001",
}


@pytest.mark.parametrize("given", EACH, ids=lambda part: part.__name__)
@pytest.mark.parametrize("little", portion(LITTLE, 1))
def test_what_is_hardly_missing_is_asked_for(given, little):
    """Each kind of figure, one size in every suite; four more are slow."""
    mapping, policy = given(little)
    found = found_repairs(formulated(mapping, policy))
    assert any(EACH[given] in repair.text for repair in found), [repair.text for repair in found]
    for repair in found:
        for said in repair.lines:
            if len(said.figures) == 2:
                assert said.figures[0] != said.figures[1], repair.text
    check_done(mapping, policy, found)
