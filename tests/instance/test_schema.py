"""The JSON Schema takes what the planner takes, as an editor reads it, and refuses what can be told without tables."""

import json
import sys
from pathlib import Path

import jsonschema
import pytest
import toys
from ruamel.yaml import YAML

sys.path.insert(0, str(Path(__file__).parents[1] / "properties"))
from random_instances import random_instance

from planner.instance.changes.catalogue import CHANGES
from planner.instance.policy import Policy
from planner.instance.records import TABLES
from planner.instance.schema import DIALECT, json_schema

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FILES = [
    path
    for folder in (ROOT / "instances", ROOT / "tests" / "published")
    for path in [*folder.glob("*/instance.yaml"), *folder.glob("*/policies/*.yaml"), *folder.glob("*/scenarios/*.yaml")]
]


def as_an_editor_reads(path):
    """YAML with numbers and yes or no as such."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))))


def errors(value):
    return [error.message for error in VALIDATOR.iter_errors(value)]


def test_it_is_a_schema():
    assert SCHEMA["$schema"] == DIALECT
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_every_shipped_file_is_right(path):
    assert errors(as_an_editor_reads(path)) == []


@pytest.mark.parametrize("mapping", [toys.TOY, toys.TINY], ids=["toy", "tiny"])
def test_instances_in_one_file_are_right(mapping):
    assert errors(json.loads(json.dumps(mapping))) == []


@pytest.mark.parametrize("seed", range(20))
def test_random_instances_are_right(seed):
    assert errors(json.loads(json.dumps(random_instance(seed)))) == []


LIMIT = {"name": "l", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}
CHANGE = {"change": "capacity", "where": {"site": "plant"}, "factor": 0.5}
WRONG = {
    "unknown setting": {**toys.TINY, "curency": "EUR"},
    "no name": {name: value for name, value in toys.TINY.items() if name != "name"},
    "unknown column": {**toys.TINY, "sites": [{"site": "plant", "regoin": "TW"}]},
    "missing column": {**toys.TINY, "sites": [{"site": "plant"}]},
    "an id with a blank": {**toys.TINY, "sites": [{"site": "the plant", "region": "TW"}]},
    "a yield in percent": {**toys.TINY, "processes": [{"site": "plant", "item": "unit", "yield": 92}]},
    "a figure in words": {**toys.TINY, "demand": [{"customer": "shop", "item": "unit", "quantity": "many"}]},
    "half a period": {**toys.TINY, "lanes": [{"from": "plant", "to": "shop", "lead_time": 0.5}]},
    "a calendar without its length": {**toys.TINY, "periods": {"first": "2027Q1", "count": 2}},
    "a share above one": {"name": "p", "limits": [{**LIMIT, "max_share": 1.5}]},
    "an unknown measure": {"name": "p", "limits": [{**LIMIT, "measure": "stages"}]},
    "a change without a figure": {"name": "s", "changes": [{"change": "capacity", "where": {"site": "plant"}}]},
    "two figures": {"name": "s", "changes": [{**CHANGE, "add": 1}]},
    "an unknown change": {"name": "s", "changes": [{**CHANGE, "change": "capacty"}]},
    "a key that the change cannot select by": {"name": "s", "changes": [{**CHANGE, "where": {"customer": "shop"}}]},
    "an empty selection": {"name": "s", "changes": [{**CHANGE, "where": {"site": []}}]},
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_refused(kind):
    assert errors(json.loads(json.dumps(WRONG[kind])))


RIGHT = {
    "a policy in a file of its own name": {"limits": [LIMIT]},
    "a scenario in a file of its own name": {"changes": [CHANGE]},
    "empty values": {**toys.TINY, "title": None, "demand": [{**toys.TINY["demand"][0], "late_cost": None}]},
    "text for figures": {**toys.TINY, "discount_rate": "0.1"},
    "a window for a calendar": {**toys.TINY, "periods": "2027Q1..2027Q4"},
    "names of the user's own": {**toys.TINY, "#note": "x", "sites": [{"site": "plant", "region": "TW", "#seen": 1}]},
}


@pytest.mark.parametrize("kind", RIGHT)
def test_what_is_right_is_taken(kind):
    assert errors(json.loads(json.dumps(RIGHT[kind]))) == []


def test_every_field_has_its_sentence_and_unit():
    assert set(SCHEMA["$defs"]) == {
        *("instance", "policy", "scenario"),
        *(f"row_{table.name}" for table in TABLES),
        *(f"change_{word}" for word in CHANGES),
    }
    for table in TABLES:
        properties = SCHEMA["$defs"][f"row_{table.name}"]["properties"]
        for name, field in table.record.model_fields.items():
            found = properties[field.alias or name]
            assert found["description"].startswith(field.description)
            assert found.get("unit") == (field.json_schema_extra or {}).get("unit")
    assert set(SCHEMA["$defs"]["policy"]["properties"]) == set(Policy.model_fields)
