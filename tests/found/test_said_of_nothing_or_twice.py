"""A stage that stands twice in the order, and a buffer that names nothing to hold, are refused.

The first was accepted by `check`, and the tables of the plan could not be written; the second was passed over.
"""

import json

import openpyxl
import pytest
import toys

import planner
from planner.instance.policy import Policy
from planner.report.instance_forms import read_document, write_document


@pytest.mark.parametrize(("position", "second"), [(0, 1), (3, 3)])
def test_a_stage_stands_once_in_the_order(tmp_path, position, second):
    data = toys.toy().as_mapping()
    repeated = data["stages"][0]
    data["stages"].insert(position, repeated)
    (tmp_path / "toy.json").write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(planner.InstanceError) as refused:
        planner.load_instance(tmp_path / "toy.json")
    (problem,) = refused.value.problems
    assert problem.column == f"stages.{second}"
    assert problem.message == f"The stage {repeated} stands twice in the order."


def test_in_a_workbook_its_cell_is_named(tmp_path):
    data = toys.toy().as_mapping()
    (tmp_path / "toy.json").write_text(json.dumps(data), encoding="utf-8")
    document, _ = read_document(tmp_path / "toy.json")
    write_document(document, tmp_path / "toy.xlsx")
    book = openpyxl.load_workbook(tmp_path / "toy.xlsx")
    book["stages"].append([data["stages"][0]])
    book.save(tmp_path / "toy.xlsx")
    with pytest.raises(planner.InstanceError) as refused:
        planner.load_instance(tmp_path / "toy.xlsx")
    (problem,) = refused.value.problems
    assert problem.cell == f"stages!A{len(data['stages']) + 2}"


def test_a_buffer_holds_something():
    with pytest.raises(planner.InstanceError, match="neither a stage nor items") as refused:
        Policy.model_validate({"name": "held", "buffers": [{"periods_of_cover": 1}]})
    (problem,) = refused.value.problems
    assert problem.column == "buffers.0"
    policy = Policy.model_validate({"name": "held", "buffers": [{"items": ["die"], "periods_of_cover": 1}]})
    assert policy.buffers[0].stage is None
