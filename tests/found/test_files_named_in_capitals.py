"""A file whose ending stands in capitals, as other systems name it, is a file of the folder, and not passed over.

`stocks.CSV` was no table: the plan was made without what is in stock. Nor was a policy that is a JSON file.
"""

import json
import shutil

import pytest
import toys

import planner
from planner.errors import InstanceError, UsageError
from planner.report.instance_forms import read_document
from planner.serve.on_disk import stamp_of
from planner.study.roll.actuals import read_actuals


@pytest.fixture
def folder(tmp_path):
    """Two plants as a folder, with stocks, a policy and a scenario in files that are named otherwise."""
    mapping = {**toys.TINY, **toys.TWO_PLANTS}
    place = tmp_path / "two"
    (place / "policies").mkdir(parents=True)
    (place / "scenarios").mkdir()
    (place / "instance.yaml").write_text(json.dumps(mapping))
    (place / "stocks.CSV").write_text("site,item,opening\neast,unit,4\n")
    (place / "policies" / "none.json").write_text("{}")
    (place / "scenarios" / "more.YML").write_text("changes: [{change: demand, factor: 2}]\n")
    (place / "._stocks.csv").write_bytes(b"\0\5\26\7")  # another system's notes on a file
    return place


def test_they_are_read(folder):
    instance = planner.load_instance(folder)
    assert instance.stocks[0].opening == 4
    assert [part.name for part in (*instance.policies, *instance.scenarios)] == ["none", "more"]
    assert read_document(folder)[1] == []
    assert len(stamp_of(folder)) == 4


def test_a_table_that_stands_twice_is_named(folder):
    shutil.copy(folder / "stocks.CSV", folder / "stocks.csv")
    with pytest.raises(
        InstanceError, match=r"stocks\.csv: The table stands in stocks\.CSV too\. Keep one of the two\."
    ):
        planner.load_instance(folder)


def test_so_are_actuals(tmp_path):
    instance = toys.two_plants(periods=["P1", "P2"])
    (tmp_path / "stocks.CSV").write_text("site,item,opening\neast,unit,4\n")
    assert read_actuals(tmp_path, instance, "P2").stocks[0].opening == 4
    (tmp_path / "arrivals.CSV").write_text("site,item,period,quantity\nnowhere,unit,P2,4\n")
    with pytest.raises(
        InstanceError, match=r"arrivals\.CSV, row 2, column site: There is no site or customer 'nowhere'"
    ):
        read_actuals(tmp_path, instance, "P2")
    shutil.copy(tmp_path / "stocks.CSV", tmp_path / "stocks.csv")
    with pytest.raises(UsageError, match=r"holds the table stocks twice. Keep one of the two."):
        read_actuals(tmp_path, instance, "P2")
