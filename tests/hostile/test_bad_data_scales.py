"""However much is wrong with the data: what is said stays short, what is done stays linear, and memory small."""

import difflib
import json
import os
import random
import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner
from small_instance import VALID

import planner
from planner.cli.main import cli
from planner.errors import LISTED, Names, Problem, Problems, nearest
from planner.instance import mapping_files
from planner.instance.cells import RowReader, UnreadRows
from planner.instance.loading import check_instance
from planner.instance.records import TABLE, TABLES
from planner.instance.safe_opening import ReadError

HEADER = "customer,item,period,quantity,price\n"
FAULTS = {  # kind: the file, a row that has it, by its number; the column; words of its message
    "duplicate": ("capacities.csv", "fab,2027Q1,5\n", "period", "overlaps"),
    "unknown id": ("demand.csv", "x{},chip,2027Q1,5,100\n", "customer", "no customer"),
    "unknown period": ("demand.csv", "cloud,chip,q{},5,100\n", "period", "planned period"),
    "no figure": ("demand.csv", "cloud,chip,2027Q1,x{},100\n", "quantity", "not a number"),
    "too short": ("demand.csv", "cloud,chip\n", None, "too few cells"),
    "missing": ("demand.csv", "cloud,,2027Q1,5,100\n", "item", "missing"),
}
HEADERS = {"demand.csv": HEADER, "capacities.csv": "site,period,capacity\n"}


def orders(line, count):
    return HEADER + "".join(line.format(k) for k in range(count))


def spoil(folder, kind, count):
    """Give a file of the folder `count` rows with a fault."""
    file, line, _, _ = FAULTS[kind]
    folder.write(file, HEADERS[file] + "".join(line.format(k) for k in range(count)))
    return file


def errors_in(file, problems):
    return [problem for problem in problems if problem.file == file and problem.severity == "error"]


@pytest.mark.parametrize("kind", FAULTS)
def test_the_first_of_a_kind_are_listed_and_the_rest_counted(folder, kind):
    *_, column, words = FAULTS[kind]
    file = spoil(folder, kind, 400)
    checked = check_instance(folder.path)
    found = errors_in(file, checked.problems)
    assert len(found) == LISTED
    assert {problem.column for problem in found} == {column}
    assert all(words in problem.message or "names no planned" in problem.message for problem in found)
    (more,) = checked.left_out
    assert (more.file, more.column, more.severity) == (file, column, "error")
    assert more.count == 400 - LISTED - (kind == "duplicate")
    every = check_instance(folder.path, most=None)
    assert len(errors_in(file, every.problems)) == LISTED + more.count
    assert every.left_out == ()


def test_kinds_are_counted_apart(folder):
    rows = [line for kind, (file, line, _, _) in FAULTS.items() if file == "demand.csv" for _ in range(60)]
    folder.write("demand.csv", HEADER + "".join(row.format(k) for k, row in enumerate(rows)))
    checked = check_instance(folder.path)
    assert sorted((kind.column or "", kind.count) for kind in checked.left_out) == [
        ("", 10),
        ("customer", 10),
        ("item", 10),
        ("period", 10),
        ("quantity", 10),
    ]


def test_the_command_lists_counts_and_lists_all(folder):
    folder.write("demand.csv", orders("x{},chip,2027Q1,5,100\n", 1_234))
    told = CliRunner().invoke(cli, ["check", str(folder.path)], standalone_mode=False)
    assert told.output.count("There is no customer") == LISTED + 1
    assert f"error: {1_234 - LISTED:,} more of this kind in demand.csv [customer]" in told.output
    assert told.output.endswith("    --all lists every one.\n1,234 errors, 0 warnings\n")
    every = CliRunner().invoke(cli, ["check", str(folder.path), "--all"], standalone_mode=False)
    assert every.output.count("There is no customer") == 1_234
    said = json.loads(CliRunner().invoke(cli, ["check", str(folder.path), "--json"], standalone_mode=False).output)
    assert said["counts"] == {"problems": 1_234, "warnings": 0}
    assert len(said["problems"]) == LISTED
    assert [kind["count"] for kind in said["left_out"]["problems"]] == [1_234 - LISTED]
    said = json.loads(
        CliRunner().invoke(cli, ["check", str(folder.path), "--json", "--all"], standalone_mode=False).output
    )
    assert len(said["problems"]) == 1_234
    assert said["left_out"]["problems"] == []


def test_an_error_says_how_many_there_are(folder):
    folder.write("demand.csv", orders("x{},chip,2027Q1,5,100\n", 300))
    with pytest.raises(planner.InstanceError) as caught:
        planner.load_instance(folder.path)
    assert str(caught.value).startswith("300 problems in the instance")
    assert "and 280 more" in str(caught.value)


@pytest.mark.parametrize("kind", FAULTS)
def test_the_work_for_a_bad_row_does_not_grow(folder, kind, monkeypatch):
    """Names are compared, and rows read a second time to be explained, for the first of a kind only."""
    work = {"compared": 0, "explained": 0}
    compare, explain = difflib.get_close_matches, planner.instance.loading.parsed

    def comparing(*args, **kwargs):
        work["compared"] += 1
        return compare(*args, **kwargs)

    def explaining(*args, **kwargs):
        work["explained"] += 1
        return explain(*args, **kwargs)

    monkeypatch.setattr(difflib, "get_close_matches", comparing)
    monkeypatch.setattr(planner.instance.loading, "parsed", explaining)
    done = []
    for count in (200, 2_000):
        spoil(folder, kind, count)
        work.update(compared=0, explained=0)
        check_instance(folder.path)
        done.append(dict(work))
    assert done[0] == done[1]
    assert done[0]["compared"] <= 2 * LISTED + 20
    assert done[0]["explained"] <= LISTED + 20


def test_the_nearest_of_many_names_is_found_among_few(monkeypatch):
    rng = random.Random(5)
    known = ["".join(rng.choices("abcdefghijkl", k=12)) for _ in range(100_000)]
    names, meant = Names(known), known[12_345]
    compared = []
    compare = difflib.get_close_matches
    monkeypatch.setattr(
        difflib, "get_close_matches", lambda text, some, **k: compared.append(len(some)) or compare(text, some, **k)
    )
    for text in (meant[:-1], meant[:4] + meant[5:], meant[1:], f"x{meant}", meant.upper()[:2] + meant[2:]):
        assert names.nearest(text).startswith(f"Did you mean {meant}"), text
    assert max(compared) <= 1_000
    assert nearest("fba", ["fab", "osat"]) == "Did you mean fab?"


def test_texts_are_short_wherever_they_are_shown(folder):
    long = "k" * 200_000
    folder.append("instance.yaml", f"? {long}\n: 1\n")
    folder.append("components.csv", f"chip,{'d' * 100_000},1\n")
    folder.replace("demand.csv", "cloud,chip,2027Q1", f"{'c' * 60},chip,{'2' * 100_000}")
    folder.write(
        "policies/limited.yaml",
        f"name: limited\nlimits: [{{name: a, measure: stage, stage: {'s' * 64}, of: US, max_share: 1}}]\n",
    )
    checked = check_instance(folder.path)
    assert len(checked.errors) >= 3
    for problem in checked.problems:
        assert len(str(problem)) < 2_000, str(problem)[:300]
    said = Problem("f" * 999, 1, "c" * 999, "v" * 999, f"'{long}' stands twice in one mapping.", "r " * 9_999)
    assert len(str(said)) < 2_000
    assert said.message.endswith("stands twice in one mapping.")
    assert len(said.remedy) <= 600


def test_kinds_without_number_are_told_together():
    problems = Problems()
    problems.extend("check", (Problem("file", None, f"name{k}", None, "Unknown.", "Mend.") for k in range(10_000)))
    assert len(problems.listed()) <= 2 * LISTED
    assert len(problems.listed()) + sum(kind.count for kind in problems.left_out()) == 10_000


def link(target):
    return lambda path: path.symlink_to(target)


def bound(path):
    with socket.socket(socket.AF_UNIX) as place:
        place.bind(str(path))


def sparse(path):
    with path.open("wb") as file:
        file.truncate(10**12)


PLACES = {
    "endless device": (link("/dev/zero"), "a device"),
    "pipe": (os.mkfifo, "a pipe"),
    "folder": (lambda path: path.mkdir(), "a folder"),
    "socket": (bound, ""),
    "loop of links": (lambda path: path.symlink_to(path), "cannot be read"),
    "link to nothing": (link("/nowhere/at/all"), "cannot be read"),
    "terabyte": (sparse, "larger than"),
    "a file that cannot be read": (link("/proc/self/mem"), "cannot be read"),
    "NUL": (lambda path: path.write_bytes(b"customer\0" + b"\0" * 1_000_000), "NUL"),
    "one line": (lambda path: path.write_bytes(b"customer,item,quantity\n" + b"a" * 3_000_000), "longer than"),
    "commas": (lambda path: path.write_bytes(b"customer,item,quantity\n" + b"," * 3_000_000), "cells"),
    "open quote": (lambda path: path.write_bytes(b'customer,item,quantity\n"' + b"a\n" * 1_000_000), "double quote"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices are files elsewhere")
@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("name", ["demand.csv", "instance.yaml"])
def test_what_is_no_file_of_text_is_refused_and_nothing_else(folder, kind, name):
    make, words = PLACES[kind]
    if kind in {"one line", "commas", "open quote"} and name == "instance.yaml":
        pytest.skip("long lines are YAML too; its values are counted below")
    (folder.path / name).unlink()
    make(folder.path / name)
    if kind in {"loop of links", "link to nothing"} and name == "instance.yaml":
        with pytest.raises(planner.UsageError):  # no such file, so no instance
            check_instance(folder.path)
        return
    errors = check_instance(folder.path).errors
    assert [problem.file for problem in errors] == [name], "nothing follows from a file that could not be read"
    assert words in f"{errors[0].message} {errors[0].remedy}"


@pytest.mark.parametrize(
    "text",
    ["- a\n" * 200_000, "a: [" + "x," * 200_000, "a: " + "[" * 200_000, '{"a": [' + "[]," * 400_000 + "[]]}",
     '{"a": [' + "1," * 2_000_000 + "1]}"],
    ids=["lines", "items", "depth", "JSON lists", "JSON figures"],
)  # fmt: skip
def test_more_values_than_can_be_read_in_time_are_not_read(tmp_path, text, monkeypatch):
    for reader in ("parse_yaml", "_json"):
        monkeypatch.setattr(mapping_files, reader, lambda _: pytest.fail("it was read"))
    (tmp_path / "instance.yaml").write_text(text)
    with pytest.raises(ReadError, match="values") as caught:
        mapping_files.read_mapping_file(tmp_path / "instance.yaml")
    assert "CSV" in caught.value.remedy


def test_a_wide_lane_that_stands_for_hundreds_of_millions_is_refused(folder):
    folder.append("sites.csv", "".join(f"s{k},TW,\n" for k in range(20_000)))
    folder.append("lanes.csv", "region:TW,region:TW,*,1,0\n")
    (error,) = check_instance(folder.path).errors
    assert (error.file, error.row, error.column) == ("lanes.csv", 5, "from")
    assert "20,001 times 20,002" in error.message


def test_a_wide_tariff_that_stands_for_hundreds_of_millions_is_refused(folder):
    folder.append("sites.csv", "".join(f"s{k},r{k},\n" for k in range(3_000)))
    folder.append("tariffs.csv", "*,*,chip,0.1,2027Q1\n")
    (error,) = check_instance(folder.path).errors
    assert (error.file, error.row) == ("tariffs.csv", 3)


def test_rows_beyond_all_measure_are_not_kept(folder, monkeypatch):
    monkeypatch.setattr(planner.instance.loading, "MOST_ROWS", 50)
    folder.write("demand.csv", orders("cloud,chip,2027Q1,5,100\n", 200))
    (error,) = check_instance(folder.path).errors
    assert "more than 50 rows" in error.message
    assert error.file == "demand.csv"


MEMORY = """
import sys
from pathlib import Path
from planner.instance.loading import check_instance
checked = check_instance(sys.argv[1])
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(len(checked.problems), int(peak.split()[1]) // 1024)  # not ru_maxrss, which begins with the parent's
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of memory is read from /proc")
def test_memory_for_two_hundred_thousand_bad_rows(folder):
    folder.write("demand.csv", orders("x{0},chip,2027Q1,{0},100\n", 200_000))
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(folder.path)], capture_output=True, text=True, check=True, timeout=120
    )
    listed, megabytes = map(int, done.stdout.split())
    assert listed == LISTED
    assert megabytes < 300


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_cells_are_read_as_their_record_reads_them(table):
    """Cell by cell or as a whole, rows give the same records, the same set fields, and the same faults."""
    rows = [dict(row) for row in rows_of(table)]
    spoilt = ["", "nan", "-1", "1e400", "*", "0", "007", "yes", "TW+US", "x y", 3, -1, 0.5, True, None, [], ["TW"], {}]
    rows += [{**rows[0], column: value} for column in table.record.columns() for value in spoilt]
    rows += [{name: cell for name, cell in rows[0].items() if name != column} for column in rows[0]]
    rows += [{**rows[0], "nothing": "1"}, {**rows[0], "from_": "fab"}, {**rows[0], "yield_": "0.5"}]
    refused = []

    def explain(_record, _cells, _file, number):
        refused.append(number)

    placed = [("file", number, row) for number, row in enumerate(rows)]
    reader = RowReader(table.record, Problems(None), explain, UnreadRows())
    reader.read(placed, 10_000)
    read = {number: record for _, number, record in reader.found}
    for number, row in enumerate(rows):
        filled = {name: cell for name, cell in row.items() if cell is not None and cell != ""}
        try:
            whole = table.record.model_validate(filled)
        except planner.InstanceError:
            assert number in refused
            continue
        if number in refused:  # lists, and records with a rule over several fields, are read as a whole
            assert table.name == "commitments" or any(isinstance(cell, list | dict) for cell in row.values())
            continue
        assert read[number] == whole
        assert read[number].model_fields_set == whole.model_fields_set
        assert list(read[number].__dict__) == list(whole.__dict__)
        assert read[number].model_dump() == whole.model_dump()
        assert hash(read[number]) == hash(whole)


def rows_of(table):
    if table.name in VALID:
        header, *lines = VALID[table.name].splitlines()
        return [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    if table.name == "outages":
        return [{"site": "fab", "period": "2027Q1", "held": "yes"}]
    return [{"option": "more", "period": "2027Q1", "factor": "0.5"}]


def test_every_table_is_among_the_rows():
    assert set(VALID) | {"outages", "expansion_factors", "owed", "limits_used"} == set(TABLE)
