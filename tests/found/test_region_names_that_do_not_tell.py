"""A region with an empty name was nothing in sentences (`Free of : no unit`), and two of one name were one."""

import pytest
import toys

import planner
from planner.instance.settings import Settings
from planner.study.audit.audit import audit


@pytest.mark.parametrize(
    ("regions", "called"),
    [
        ({}, ["TW", "US"]),
        ({"TW": "Taiwan"}, ["Taiwan", "US"]),
        ({"TW": "", "US": "America"}, ["TW", "America"]),
        ({"TW": "Asia", "US": "Asia"}, ["Asia (TW)", "Asia (US)"]),
        ({"TW": "US", "US": ""}, ["US (TW)", "US (US)"]),
    ],
)
def test_each_region_is_called_by_what_tells_it_from_the_others(regions, called):
    settings = Settings(name="named", regions=regions)
    assert [settings.region_name(region) for region in ("TW", "US")] == called


def test_an_audit_names_a_region_without_a_name():
    texts = audit(toys.two_plants(regions={"TW": ""}, capacities=[{"site": "west", "capacity": 4}])).findings
    assert texts[0].startswith("Free of TW: ")


def test_runs_of_one_name_are_the_first_and_the_second():
    dearer = toys.two_plants(processes=[{"site": "east", "item": "unit", "unit_cost": 2}])
    found = planner.compare(planner.solve(toys.two_plants()), planner.solve(dearer))
    assert found.answer.startswith("The second costs USD 10 (100.0 %) more than the first.")
