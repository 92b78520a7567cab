"""What is said of every field of every table, policy, scenario and setting when it is missing or wrong.

The fields are read from the records, so that a new one is walked too. No word of a library may be shown.
"""

import copy
import re

import pytest
import toys

import planner
from planner.instance.changes.catalogue import AnyChange
from planner.instance.changes.outage import OutageChange
from planner.instance.changes.where import Where
from planner.instance.field_types import FieldType, fields_of
from planner.instance.mapping_files import Placed, PlacedList
from planner.instance.policy import Buffer, Limit, Policy, Sources
from planner.instance.records import TABLES
from planner.instance.scenario import Scenario
from planner.instance.wording import placed

LIBRARY = re.compile(
    r"Input should|function-|type=|validation error|Field required|[Vv]alue error|Extra inputs|Unable to extract"
    r"|valid (dictionary|tuple|list|string|integer)|instance of|pydantic|ruamel|NoneType|<class|Traceback|Error\b"
    r"|constrained|tuple\[|dict\[|Placed|_type\b|_id\(|[a-z][A-Z][a-z]"  # the last: names of classes
)
NOTHING = object()
WRONG = {
    "missing": NOTHING,
    "list": [1, [2]],
    "empty list": [],
    "mapping": {"a": {"b": 1}},
    "truth": True,
    "sign": "@ @",
    "negative": -1,
    "huge": 1e30,
    "no figure": "nan",
    "long": "x" * 3000,
    "invisible": "a\u202eb",
    "object": object(),
    "percent": "93%",
    "whole": 93,
    "list of lists": [["x"]],
    "list of mappings": [{"zz": 1}],
}
CHANGES = list(FieldType.of(AnyChange).members)
BASE = {
    **toys.TINY,
    **toys.TWO_PLANTS,
    "capacities": [{"site": "east", "capacity": 100}],
    "stocks": [{"site": "east", "item": "unit", "opening": 1}],
    "periods": "2027Q1..2027Q4",
    "policies": [{"name": "p", "limits": [], "buffers": [], "sources": []}],
    "scenarios": [{"name": "s", "changes": []}],
}
LIMIT = {"name": "cap", "measure": "stage", "stage": "make", "of": "TW", "max_share": 0.5}
PARTS = {  # of policies and scenarios: the list in which it stands, its place there, its record, and a right one
    "policy": ("policies", (), Policy, {"name": "p"}),
    "limit": ("policies", ("limits", 0), Limit, LIMIT),
    "buffer": ("policies", ("buffers", 0), Buffer, {"stage": "make", "periods_of_cover": 1}),
    "sources": ("policies", ("sources", 0), Sources, {"stage": "make", "max_sources": 2}),
    "scenario": ("scenarios", (), Scenario, {"name": "s"}),
    **{
        change: ("scenarios", ("changes", 0), member.model, {"change": change, "where": {}, "factor": 1})
        for change, member in FieldType.of(AnyChange).members.items()
    },
    "outage": ("scenarios", ("changes", 0), OutageChange, {"change": "outage", "where": {}}),
    "where": ("scenarios", ("changes", 0, "where"), Where, {}),
}
WHOLE = {
    "policies": {"name": "p", "limits": [], "buffers": [], "sources": []},
    "scenarios": {"name": "s", "changes": [{"change": "demand", "factor": 1}]},
}


def spoilt(right, field, wrong):
    """A right mapping with one wrong field."""
    given = {**right, field: wrong}
    return {name: value for name, value in given.items() if value is not NOTHING}


def put(mapping, place, value):
    """A mapping with a part replaced, or put in."""
    if not place:
        return value
    copied = part = copy.deepcopy(mapping)
    for key in place[:-1]:
        part = part[key]
    if isinstance(part, list) and place[-1] == len(part):
        part.append(value)
    else:
        part[place[-1]] = value
    return copied


def told(problem):
    return f"{problem.message} {problem.remedy}"


def assert_in_planner_words(problem, field=None):
    assert not LIBRARY.search(f"{problem} {problem.column}"), str(problem)
    assert "\n" not in str(problem)
    assert "\u202e" not in str(problem)
    assert len(str(problem)) < 600
    assert problem.message.endswith("."), problem.message
    assert len(problem.remedy) > 5
    assert problem.remedy[-1] in ".?", problem.remedy
    if field is not None:
        assert field in f"{problem.column} {told(problem)}", str(problem)
    if problem.value is not None:
        assert len(problem.value) <= 80


def right_row(table):
    """A row with what it must have."""
    types = fields_of(table.record)
    return {
        field.alias or name: types[field.alias or name].takes.example
        for name, field in table.record.model_fields.items()
        if field.is_required()
    }


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_of_every_table(table):
    """One row a column and kind of fault, all in one instance; the faults of each row are found by its number."""
    cases = [(field, kind) for field in fields_of(table.record) for kind in WRONG]
    rows = [spoilt(right_row(table), field, WRONG[kind]) for field, kind in cases]
    problems = planner.check_instance({**BASE, table.name: rows}).problems
    refused = {field: 0 for field, _ in cases}
    for number, (field, kind) in enumerate(cases, start=1):
        own = [p for p in problems if p.file == f"instance: {table.name}" and p.row == number and p.column == field]
        for problem in own:
            assert_in_planner_words(problem, field)
        refused[field] += bool(own)
        if kind in {"list", "mapping", "object"}:
            assert own, (field, kind)
        if kind in {"sign", "huge"} and own and field != "touched":  # of which each region is told by itself
            shown = "@ @" if kind == "sign" else "1e+30"
            assert any(problem.value == shown and shown in problem.message for problem in own), own
    assert min(refused.values()) >= 4, refused


@pytest.mark.parametrize("name", PARTS)
def test_every_field_of_policies_and_scenarios(name):
    """One policy or scenario a field and kind of fault, all in one instance."""
    within, place, record, right = PARTS[name]
    cases = [(field, kind) for field in fields_of(record) for kind in WRONG]
    parts = [put(WHOLE[within], place, spoilt(right, field, WRONG[kind])) for field, kind in cases]
    if place:
        parts = [{**part, "name": f"p{number}"} for number, part in enumerate(parts)]
    problems = [p for p in planner.check_instance({**BASE, within: parts}).problems if p.file == f"instance: {within}"]
    refused = {field: 0 for field, _ in cases}
    for number, (field, kind) in enumerate(cases, start=1):
        own = [p for p in problems if p.row == number and not p.message.startswith("Two ")]
        for problem in own:
            assert_in_planner_words(problem, field)
        refused[field] += bool(own)
        if kind == "mapping" and field != "where":
            assert own, (field, kind)
    assert min(refused.values()) >= 4, refused


def test_every_setting():
    right = {name: value for name, value in BASE.items() if not isinstance(value, list)}
    for field in fields_of(planner.instance.settings.Settings):
        refused = 0
        for wrong in WRONG.values():
            problems = planner.check_instance({**BASE, **spoilt(right, field, wrong)}).problems
            for problem in problems:
                assert_in_planner_words(problem)
            refused += bool([problem for problem in problems if field in (problem.column or "")])
        assert refused >= 4, (field, refused)


def test_every_field_of_a_calendar():
    right = {"first": "2027Q1", "count": 4, "length": "quarter"}
    for field in right:
        for kind, wrong in WRONG.items():
            problems = planner.check_instance({**BASE, "periods": spoilt(right, field, wrong)}).problems
            own = [problem for problem in problems if problem.column == f"periods.{field}"]
            for problem in own:
                assert_in_planner_words(problem, field)
            assert own or (field, kind) == ("count", "whole"), (field, kind)


CLOSED = {  # every field with a closed list of values, and the list
    "settings.stock": "anywhere or listed",
    "calendar.length": "week, month, quarter or year",
    "limit.measure": "stage or pathway",
    "limit.over": "region, operator, site or cluster",
    "limit.per": "period or horizon",
    "limit.weight": "units, value or capacity",
    "outage.pipeline": "kept or held",
    "scenario.surprise": "yes or no",
    "change.change": "capacity, outage, demand, price, unit_cost, freight, tariff, yield, lead_time, lane_capacity or stock",
}
EXPLAINED = {"limit": "limits", "outage": "outage (change)"}


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_list_of_values_is_told(name):
    """In the error and in `planner explain data`."""
    from planner.cli.explain import _texts

    part, field = name.split(".")
    given = {
        "settings": {**BASE, field: "x"},
        "calendar": {**BASE, "periods": {"first": "2027Q1", "count": 3, field: "x"}},
        "limit": put(BASE, ("policies", 0, "limits", 0), {**LIMIT, field: "x"}),
        "outage": put(BASE, ("scenarios", 0, "changes", 0), {"change": "outage", field: "x"}),
        "scenario": put(BASE, ("scenarios", 0), {"name": "s", field: "x"}),
        "change": put(BASE, ("scenarios", 0, "changes", 0), {field: "x"}),
    }[part]
    [problem] = [problem for problem in planner.check_instance(given).problems if field in (problem.column or "")]
    assert CLOSED[name] in problem.remedy
    assert "'x'" in problem.message
    assert problem.value == "x"
    texts = _texts()
    if part == "change":
        assert all(f"change: {word}" in texts[f"{word} (change)"][1] for word in CHANGES)
    else:
        assert CLOSED[name] in texts[EXPLAINED.get(part, part)][1]


def test_the_closed_lists_are_all_of_them():
    """A new field with listed values needs a line above."""
    records = [planner.instance.settings.Settings, planner.instance.settings.Calendar, Policy, Limit, Buffer, Sources]
    records += [Scenario, Where, *(member.model for member in FieldType.of(AnyChange).members.values())]
    listed = {field for record in records for field, typed in fields_of(record).items() if typed.choices}
    assert listed == {name.split(".")[1] for name in CLOSED} - {"surprise"}


def test_the_nearest_of_a_closed_list_comes_first():
    given = put(BASE, ("policies", 0, "limits", 0), {**LIMIT, "over": "regions"})
    [problem] = planner.check_instance(given).problems
    assert problem.remedy.startswith("Did you mean region?")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("93%", "Write 93 % as 0.93."),
        ("93 %", "Write 93 % as 0.93."),
        ("12.5%", "Write 12.5 % as 0.125."),
        ("2,5%", "Write 2.5 % as 0.025, or as 0,025 in a file whose figures have decimal commas."),
        ("93", "Give a number above 0 and at most 1 (93 % is 0.93)."),
        ("0,93", "Write 0.93, with a decimal point."),
    ],
)
def test_a_percentage_is_told_as_a_share(text, remedy):
    processes = [{**BASE["processes"][0], "yield": text}]
    [problem] = [
        problem
        for problem in planner.check_instance({**BASE, "processes": processes}).problems
        if problem.value == text
    ]
    assert (problem.column, problem.remedy) == ("yield", remedy)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,000", "Write 1000 without a thousands separator, or 1.000 with a decimal point."),
        ("1,000,000", "Write 1000000, without thousands separators."),
        ("1.250.000", "Write 1250000, without thousands separators."),
        ("4,5", "Write 4.5, with a decimal point."),
        ("12 pcs", "without units"),
        ("n/a", "Leave it empty"),
    ],
)
def test_a_figure_as_people_write_it_is_told(text, words):
    given = {**BASE, "demand": [{**BASE["demand"][0], "period": "*", "quantity": text}]}
    assert any(words in problem.remedy for problem in planner.check_instance(given).problems)


class TestMadeInPython:
    def test_a_policy_is_refused_in_the_same_words(self):
        limit = {**LIMIT, "max_share": 60, "over": "nation"}
        with pytest.raises(planner.InstanceError) as made:
            planner.Policy(name="p", limits=[limit], bufers=[])
        with pytest.raises(planner.InstanceError) as read:
            planner.load_instance({**BASE, "policies": [{"name": "p", "limits": [limit], "bufers": []}]})
        said, loaded = ([(p.column, told(p)) for p in caught.value.problems] for caught in (made, read))
        assert said == [(column.removeprefix("policies.0."), words) for column, words in loaded]
        assert [column for column, _ in said] == ["limits.cap.over", "limits.cap.max_share", "bufers"]
        assert str(made.value).startswith("3 problems in the policy\n  policy, column limits.cap.over: over cannot be")

    @pytest.mark.parametrize("record", [Limit, Buffer, Sources, Policy, Scenario, Where, *(t.record for t in TABLES)])
    def test_every_record_is(self, record):
        for make in (lambda: record(zz=1), lambda: record.model_validate({"zz": 1}), lambda: record.model_validate(3)):
            with pytest.raises(planner.InstanceError) as caught:
                make()
            for problem in caught.value.problems:
                assert_in_planner_words(problem)

    def test_a_right_one_is_made(self):
        policy = planner.Policy(name="p", limits=[LIMIT], options=["more"])
        assert policy == planner.Policy.model_validate({"name": "p", "limits": [LIMIT], "options": ["more"]})
        assert policy.limits[0] == Limit(**LIMIT)

    def test_no_error_of_pydantic_hangs_on_it(self):
        with pytest.raises(planner.InstanceError) as caught:
            planner.Policy(name="a b")
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


class TestLines:
    """Problems in YAML files name the line of the field, item or name."""

    @pytest.fixture
    def folder(self, tmp_path):
        def write(**files):
            settings = "name: small\nperiods: 2027Q1..2027Q4\n"
            for name, text in {"instance": settings, **files}.items():
                file = tmp_path / f"{name.replace('__', '/')}.yaml"
                file.parent.mkdir(exist_ok=True)
                file.write_text(text)
            for table in ("sites", "items", "processes", "customers", "demand", "lanes"):
                columns = list(dict.fromkeys(key for row in toys.TINY[table] for key in row))
                rows = [[str(row.get(key, "")) for key in columns] for row in toys.TINY[table]]
                text = "\n".join(",".join(cells) for cells in [columns, *rows])
                (tmp_path / f"{table}.csv").write_text(re.sub(r"\bP\d|\bw\d|\b1\b(?=,\d)", "*", text) + "\n")
            return {
                (problem.file, problem.row, problem.column): told(problem)
                for problem in planner.check_instance(tmp_path).problems
            }

        return write

    def test_in_a_policy(self, folder):
        found = folder(
            policies__x="""title: A policy
limits:
  - name: cap
    measure: stage
    stage: make
    of: TW
    max_share: 60 %
  - {name: other, measure: stage, stage: make, of: TW, max_share: 0.5}
  - name: third
    measure: stage
    stage: mke
    of: US
    max_share: 0.1
    items:
      - unit
      - unti
    softcost: 3
buffers:
  - stage: make
    period: Q2 2027
options:
  - [a]
"""
        )
        assert "Write 60 % as 0.6." in found["policies/x.yaml", 7, "limits.cap.max_share"]
        assert "soft_cost" in found["policies/x.yaml", 17, "limits.third.softcost"]
        assert "missing" in found["policies/x.yaml", 19, "buffers.0.periods_of_cover"]
        assert ("policies/x.yaml", 22, "options.0") in found

    def test_in_a_policy_that_can_be_read(self, folder):
        found = folder(
            policies__x="""limits:
  - name: cap
    measure: stage
    stage: mke
    of: TW
    max_share: 0.6
  - name: other
    measure: stage
    stage: make
    of: TX
    max_share: 0.6
    items:
      - unit
      - unti
buffers:
  - stage: make
    periods_of_cover: 1
    period:
      Q2 2027
options: [more,
          less]
"""
        )
        assert "make" in found["policies/x.yaml", 4, "limits.cap.stage"]
        assert ("policies/x.yaml", 10, "limits.other.of") in found
        assert "unit" in found["policies/x.yaml", 14, "limits.other.items"]
        assert "Write 2027Q2." in found["policies/x.yaml", 18, "buffers.0.period"]
        assert {row for file, row, column in found if column == "options"} == {20, 21}

    def test_in_a_scenario(self, folder):
        found = folder(
            scenarios__s="""title: A scenario
changes:
  - change: capacity
    where:
      region:
        - TW
        - TX
    factor: 0.5
  - change: demnd
  - change: demand
    where:
      sites: plant
    factor: 1
  - change: outage
    pipeline: hold
"""
        )
        assert "Did you mean demand?" in found["scenarios/s.yaml", 9, "changes.1"]
        assert ("scenarios/s.yaml", 12, "changes.2.where.sites") in found
        assert ("scenarios/s.yaml", 15, "changes.3.pipeline") in found

    def test_in_the_settings(self, folder):
        found = folder(
            instance="""name: small
title: One
periods:
  first: 2027-Q1
  count: 4
  length: quarter
region_groups:
  asia:
    - TW
    - JP
  b b: [TW]
stock: listd
discount_rate: 5%
curency: USD
"""
        )
        assert "Write 2027Q1." in found["instance.yaml", 4, "periods.first"]
        assert ("instance.yaml", 11, "region_groups.b b") in found
        assert ("instance.yaml", 12, "stock") in found
        assert "0.05" in found["instance.yaml", 13, "discount_rate"]
        assert "currency" in found["instance.yaml", 14, "curency"]

    def test_in_settings_that_can_be_read(self, folder):
        found = folder(
            instance="name: small\nperiods: 2027Q1..2027Q4\nregion_groups:\n  asia: [TW]\n  one:\n    - TW\n    - JP\n"
            "regions:\n  TW: Taiwan\n  KR: Korea\n"
        )
        assert any(key[:2] == ("instance.yaml", 7) and "JP" in words for key, words in found.items()), found
        assert any(key[:2] == ("instance.yaml", 10) and "KR" in words for key, words in found.items()), found

    def test_in_a_single_file(self, tmp_path):
        file = tmp_path / "one.yaml"
        file.write_text(
            """name: one
sites:
  - site: plant
    region: TW
  - site: other
    region: T W
demand:
  - {customer: shop, item: unit, quantity: 1, price: x}
policies:
  - name: p
    limits:
      - name: cap
        measure: stage
        of: TW
        max_share: 2
"""
        )
        found = {(p.file, p.row, p.column) for p in planner.check_instance(file).problems}
        assert ("one.yaml: sites", 6, "region") in found
        assert ("one.yaml: demand", 8, "price") in found
        assert ("one.yaml: policies", 15, "limits.cap.max_share") in found

    def test_a_policy_in_a_file_of_its_own(self, tmp_path):
        instance = planner.load_instance(BASE)
        file = tmp_path / "mine.yaml"
        file.write_text(
            "limits:\n  - name: cap\n    measure: stage\n    stage: mke\n    of: each\n    max_share: 0.5\n"
        )
        with pytest.raises(planner.InstanceError) as caught:
            planner.solve(instance, policy=str(file))
        [problem] = caught.value.problems
        assert (problem.file, problem.row, problem.column) == ("mine.yaml", 4, "limits.cap.stage")


class TestNames:
    """A policy or scenario without a name has that of its file."""

    LIMITS = "limits:\n  - {name: cap, measure: stage, stage: make, of: each, max_share: 1}\n"

    def folder(self, path, **files):
        path.joinpath("instance.yaml").write_text(
            "\n".join([f"{key}: {planner_yaml(value)}" for key, value in toys.TINY.items()])
        )
        for name, text in files.items():
            file = path / f"{name.replace('__', '/')}.yaml"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
        return planner.check_instance(path)

    def test_in_a_folder(self, tmp_path):
        found = self.folder(
            tmp_path,
            policies__held=self.LIMITS,
            policies__file="name: other\n",
            policies__blank="name:\ntitle: x\n",
            scenarios__more="changes: [{change: demand, factor: 2}]\n",
        )
        assert found.problems == ()
        assert [policy.name for policy in found.instance.policies] == ["blank", "held", "other"]
        assert [scenario.name for scenario in found.instance.scenarios] == ["more"]
        assert planner.solve(found.instance, policy="held", scenario="more").policy.name == "held"

    def test_a_file_whose_name_is_no_id(self, tmp_path):
        found = self.folder(tmp_path, **{"policies__my policy": self.LIMITS})
        [problem] = found.problems
        assert problem.file == "policies/my policy.yaml"
        assert "name is missing" in problem.message
        assert "rename the file" in problem.remedy

    def test_a_file_of_its_own(self, tmp_path):
        file = tmp_path / "mine.yaml"
        file.write_text(self.LIMITS)
        assert planner.solve(toys.tiny(), policy=str(file)).policy.name == "mine"

    def test_two_of_one_name(self, tmp_path):
        found = self.folder(tmp_path, policies__held=self.LIMITS, policies__other="name: held\n")
        assert any("Two policies have this name" in problem.message for problem in found.problems)


def planner_yaml(value):
    """A value in YAML's flow style."""
    import json

    return json.dumps(value)


def test_an_item_of_a_very_long_list_names_the_line_of_the_list():
    """Looking it up for every problem would take the square of their number."""
    items = PlacedList(f"i{number}" for number in range(1001))
    items.line, items.lines = 2, list(range(2, 1003))
    mapping = Placed(items=items, few=PlacedList(["a", "b"]))
    mapping["few"].line, mapping["few"].lines = 2000, [2000, 2001]
    mapping.line, mapping.lines = 1, {"items": 1, "few": 1999}
    assert placed(mapping, ["few"], "b") == ("few", 2001)
    assert placed(mapping, ["items"], "i7") == ("items", 1)
    assert placed(mapping, ["items", 7]) == ("items.7", 9)


def test_an_id_with_blanks_is_told_as_it_should_be():
    found = planner.check_instance({**toys.TINY, "sites": [{"site": "the plant", "region": "TW"}]})
    problem = next(problem for problem in found.problems if problem.value == "the plant")
    assert problem.remedy.startswith("An id has no blanks: write the-plant, here and wherever it is named.")


@pytest.mark.parametrize("word", ["Total", "sum", "Summe", "Grand total", "subtotal"])
def test_a_row_of_totals_is_told_to_go(word):
    tables = toys.TINY
    demand = [*tables["demand"], {"customer": word, "quantity": 10}]
    with pytest.raises(planner.InstanceError) as found:
        toys.tiny(demand=demand)
    [problem] = [each for each in found.value.problems if each.column == "item"]
    assert (problem.row, problem.remedy) == (len(demand), "Take the row out: totals are no data.")


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("demand", {"quantity": "Units", "price": "USD/unit"}),
        ("demand", {"customer": "id", "item": "id", "quantity": "Units", "late_cost": "USD a week", "must_serve": "-"}),
        ("processes", {"unit_cost": "USD"}),
    ],
)
def test_a_row_of_units_is_one_problem(table, row):
    """There was one of each cell that is filled, and of each that is not."""
    found = planner.check_instance({**toys.TINY, table: [row, *toys.TINY[table]]})
    [problem] = found.problems
    assert (problem.row, problem.column) == (1, None)
    assert problem.message.startswith("The row has words where figures belong: 'U")
    assert problem.remedy.startswith("Take it out if it names the columns or their units")


@pytest.mark.parametrize(
    "row", [{"quantity": "n/a", "price": "tbd"}, {"quantity": "ten"}, {"quantity": 5, "price": "USD"}]
)
def test_a_row_of_an_order_is_told_cell_by_cell(row):
    found = planner.check_instance({**toys.TINY, "demand": [{"customer": "shop", "item": "unit", **row}]})
    wrong = {name for name, value in row.items() if isinstance(value, str)}
    assert {problem.column for problem in found.problems if problem.row == 1} >= wrong


def test_a_word_for_none_among_the_options_is_told_how_to_be_written():
    policies = [{"name": "p", "options": ["none"]}]
    with pytest.raises(planner.InstanceError) as found:
        toys.tiny(policies=policies)
    [problem] = found.value.problems
    assert "Where none may be used, write options: [] in a file, - in a workbook." in problem.remedy
