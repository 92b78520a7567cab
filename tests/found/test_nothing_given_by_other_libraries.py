"""NaN, which pandas has where nothing is given, is no name: all sites without a cluster were one cluster called nan."""

import json
import math

import pandas as pd
import pytest
import toys

import planner

SITES = [{"site": "east", "region": "TW", "cluster": "fault"}, {"site": "west", "region": "US"}]


def written():
    """Two plants with sites as pandas hands them over."""
    rows = pd.DataFrame(SITES).to_dict("records")
    assert math.isnan(rows[1]["cluster"])
    return {**toys.TINY, **toys.TWO_PLANTS, "sites": rows}


@pytest.mark.parametrize("field", ["cluster", "operator", "name", "source", "site", "latitude"])
def test_it_is_refused_in_python_and_in_json(field, tmp_path):
    mapping = written()
    mapping["sites"][1] = {"site": "west", "region": "US", field: math.nan}
    (tmp_path / "written.json").write_text(json.dumps(mapping))
    for source in (mapping, tmp_path / "written.json"):
        problem, *_ = [each for each in planner.check_instance(source).errors if each.column == field]
        assert problem.message.startswith("nan is n")
        assert "eave it out" in problem.remedy


def test_left_out_it_is_nothing():
    mapping = written()
    mapping["sites"] = pd.DataFrame(SITES).astype(object).where(lambda cells: cells.notna(), None).to_dict("records")
    assert [site.cluster for site in planner.load_instance(mapping).sites] == ["fault", ""]


@pytest.mark.parametrize("figure", ["NaN", "Infinity", "-Infinity"])
def test_no_text_is_made_of_it_in_a_policy(figure, tmp_path):
    (tmp_path / "p.json").write_text(f'{{"name": "p", "title": {figure}}}')
    with pytest.raises(planner.InstanceError, match="neither a figure nor text"):
        planner.solve(toys.two_plants(), tmp_path / "p.json")
