"""What was written and then damaged is refused in a sentence, whichever file it is and however it was damaged."""

import json
import re
import shutil

import pytest
import toys
from portions import portion

import planner
from planner.errors import InstanceError, UsageError
from planner.plan.allocation import Trace
from planner.plan.columns import COLUMNS
from planner.plan.tables import TABLE_NAMES
from planner.plan.whole_tables import refuse_damaged
from planner.report.run_folder import read_run, write_run
from planner.study.compare import compare
from planner.study.frontier.price_of_resilience import frontier

LIMIT = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}
FLOOR = {"name": "free", "measure": "pathway", "of": "TW", "min_free": 0.2}
ROWS = {
    **toys.TINY,
    **toys.TWO_PLANTS,
    "name": "two",
    "capacities": [{"site": "east", "capacity": 40}, {"site": "west", "capacity": 40}],
    "demand": [{"customer": "shop", "item": "unit", "quantity": 10, "price": 5}],
    "policies": [{"name": "capped", "limits": [LIMIT, FLOOR]}],
}
DAMAGES = {
    "bytes that are not UTF-8": lambda data: b"\xff\xfe\xfa" + data,
    "one byte that is not": lambda data: data[: len(data) // 2] + b"\xe9" + data[len(data) // 2 :],
    "cut off": lambda data: data[: len(data) // 2],
    "nothing": lambda _: b"",
    "NUL": lambda data: data[:50] + b"\0" + data[50:],
    "a list": lambda _: b"[]",
    "figures": lambda _: b"5\n6\n",
    "objects": lambda _: b"{}\n{}\n",
    "depth": lambda _: b"[" * 100_000,
    "other columns": lambda _: b"a,b\n1,2\n",
    "letters for figures": lambda data: data.replace(b"0", b"x"),
    "text for figures": lambda data: re.sub(rb": [0-9.]+", b': "x"', data),
    "null for figures": lambda data: re.sub(rb": [0-9.]+", b": null", data),
}
OF_POINTS = {
    "lists for costs": lambda data: re.sub(rb'"cost": [0-9.]+', b'"cost": []', data),
    "another kind": lambda data: data.replace(b'"point"', b'"mark"'),
}
TORN = ("cut off", "nothing", "a list", "depth")  # leave no whole line, or a last one that was never finished


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A run and a frontier, as they were written."""
    folder = tmp_path_factory.mktemp("kept")
    given = planner.load_instance(ROWS)
    write_run(planner.solve(given, policy="capped"), folder / "run")
    frontier(given, "capped", ["cap"], folder=folder / "frontier")
    return folder


def files(kept):
    return sorted(path.relative_to(kept) for path in kept.rglob("*") if path.is_file())


@pytest.mark.parametrize("damage", portion([*DAMAGES, "gone", "a folder"], quick=2))
def test_a_damaged_run(kept, tmp_path, damage):
    """Either it is refused, or nothing was lost: it can be compared and traced."""
    found, whole = [], read_run(kept / "run")
    for file in files(kept / "run"):
        place = tmp_path / file.name
        shutil.copytree(kept / "run", place)
        if damage in DAMAGES:
            (place / file).write_bytes(DAMAGES[damage]((kept / "run" / file).read_bytes()))
        else:
            (place / file).unlink()
            if damage == "a folder":
                (place / file).mkdir()
        try:
            plan = read_run(place)
            compare(whole, plan)
            Trace(plan.instance, plan.tables).order("shop/unit/1")
        except (UsageError, InstanceError, OSError) as error:  # the command says these in a sentence
            found.append(str(error))
    assert found, "this damage does no harm to any file, so that the test shows nothing"


@pytest.mark.parametrize("damage", portion([*DAMAGES, *OF_POINTS, "a folder"], quick=2))
def test_a_damaged_frontier(kept, tmp_path, damage):
    journal = kept / "frontier" / "points.jsonl"
    place = tmp_path / "frontier"
    place.mkdir()
    if damage == "a folder":
        (place / journal.name).mkdir()
    else:
        (place / journal.name).write_bytes({**DAMAGES, **OF_POINTS}[damage](journal.read_bytes()))
    given = planner.load_instance(ROWS)
    if damage not in TORN:
        with pytest.raises((UsageError, OSError)):
            frontier(given, "capped", ["cap"], folder=place)
        return
    again = frontier(given, "capped", ["cap"], folder=place)
    assert list(again.points["cost"]) == list(frontier(given, "capped", ["cap"]).points["cost"])


def test_points_of_a_frontier_that_are_no_points(kept, tmp_path):
    header = (kept / "frontier" / "points.jsonl").read_text().splitlines()[0]
    for entry in (
        {"point": {}},
        {"point": {"level": "x", "status": "optimal"}},
        {"point": {"level": 0.5, "status": "optimal", "cost": []}},
        {"point": 5},
        {"mark": {"policy": "p", "nonsense": 1}},
        {"conflict": {}},
        {"conflict": []},
    ):
        place = tmp_path / "frontier"
        place.mkdir(exist_ok=True)
        (place / "points.jsonl").write_text(f"{header}\n{json.dumps(entry)}\n")
        with pytest.raises(UsageError, match="cannot be read"):
            frontier(planner.load_instance(ROWS), "capped", ["cap"], folder=place)


@pytest.mark.parametrize("given", portion([toys.toy, toys.two_plants], quick=1), ids=lambda given: given.__name__)
def test_the_columns_of_a_plan_are_known(given):
    instance = given()
    for policy in (None, *(part.name for part in instance.policies)):
        try:
            plan = planner.solve(instance, policy)
        except planner.InfeasibleError:
            continue
        refuse_damaged(plan.instance, plan.tables)
        for name, columns in COLUMNS.items():
            assert set(columns) <= set(plan.tables[name]) if name in plan.tables else name not in TABLE_NAMES
    assert set(TABLE_NAMES) <= set(COLUMNS)
