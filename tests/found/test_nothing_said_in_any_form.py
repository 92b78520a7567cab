"""What says nothing (a text of blanks, an empty list or selector) says nothing in every form, and can be converted.

An operator of two blanks in YAML or JSON was an operator of its own, while CSV and a workbook read the site itself; an
instance with `where: {}`, as the contract writes it, or `limits: []` was refused a workbook.
"""

import copy
import json

import pytest
import toys
from portions import portion

import planner
from planner.report.instance_forms import read_document, write_document

SCENARIO = {"name": "more", "changes": [{"change": "demand", "factor": 1.1}]}
POLICY = {"name": "none", "limits": [{"name": "l", "measure": "stage", "stage": "make", "of": "TW", "max_share": 1}]}


def written(**changes):
    """Two plants with a policy and a scenario, each empty thing in its place."""
    mapping = {**copy.deepcopy({**toys.TINY, **toys.TWO_PLANTS}), "policies": [POLICY], "scenarios": [SCENARIO]}
    mapping["stocks"] = [{"site": "east", "item": "unit", "opening": 1}]
    mapping = json.loads(json.dumps(mapping))
    for place, value in changes.items():
        *path, last = place.split("__")
        inside = mapping
        for step in path:
            inside = inside.setdefault(step, {}) if isinstance(inside, dict) else inside[int(step)]
        inside[last] = value
    return mapping


EACH = [
    {"policies__0__buffers": []},
    {"policies__0__sources": [], "policies__0__title": "  "},
    {"policies__0__limits__0__items": [], "policies__0__limits__0__customers": []},
    {"scenarios__0__changes__0__where": {}},
    {"regions": {}, "region_groups": {}, "title": "\u00a0"},
    {"stocks__0__touched": []},
    {"sites__1__cluster": " ", "sites__1__name": "", "items__0__unit": "\t", "stocks__0__source": "\u3000"},
]


EMPTY = {"all": {place: value for changes in EACH for place, value in changes.items()}}
EMPTY |= {next(iter(changes)): changes for changes in EACH}


@pytest.mark.parametrize("changes", portion(EMPTY.values(), 1, ids=list(EMPTY)))
def test_what_is_empty_is_as_if_it_were_left_out(changes, tmp_path):
    """All of them in one instance in every suite; the seven by themselves are slow."""
    (tmp_path / "said.json").write_text(json.dumps(written(**changes)))
    instance = planner.load_instance(tmp_path / "said.json")
    assert instance.content_hash == planner.load_instance(written()).content_hash
    document, _ = read_document(tmp_path / "said.json")
    for kind in (".xlsx", ".yaml", ".json", ""):
        assert planner.load_instance(write_document(document, tmp_path / f"form{kind}")) == instance


def test_an_operator_of_blanks_is_the_site_itself():
    assert [site.run_by for site in planner.load_instance(written(sites__1__operator="  ")).sites] == ["one", "west"]


def test_an_empty_list_of_options_says_none_of_them(tmp_path):
    mapping = written(policies__0__options=[], scenarios__0__changes=[])
    (tmp_path / "said.json").write_text(json.dumps(mapping))
    document, _ = read_document(tmp_path / "said.json")
    for kind in (".xlsx", ""):
        found = planner.load_instance(write_document(document, tmp_path / f"form{kind}"))
        assert found.policies[0].options == ()
        assert found.scenarios[0].changes == ()
