"""Bombs, encodings and mutations: a clear refusal in time, never a traceback; and ids that stay as they were written."""

import json
import random
import time

import pytest
from portions import portion
from small_instance import VALID, as_mapping

import planner


def errors_of(source):
    return [problem for problem in planner.check_instance(source).problems if problem.severity == "error"]


def billion_laughs():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]" for k in range(1, 10)]
    return "\n".join(lines)


BOMBS = {
    "billion laughs": billion_laughs(),
    "deep flow lists": "a: " + "[" * 200_000,
    "deep flow lists, closed": "a: " + "[" * 5_000 + "]" * 5_000,
    "deep flow mappings": "a: " + "{b: " * 5_000 + "1" + "}" * 5_000,
    "deep block": "".join(" " * k + f"a{k}:\n" for k in range(3_000)),
    "deep JSON": '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "deep JSON mappings": '{"a": ' * 100_000 + "1" + "}" * 100_000,
    "anchor on a mapping": "a: &x {b: 1}\nc: 2\n",
    "merge key": "a: &x {b: 1}\nc: {<<: *x}\n",
    "duplicate names": "name: a\n" * 2,
    "duplicate names in JSON": '{"name": "a", "name": "b"}',
    "nested duplicate names": "periods: {first: 2027, first: 2028, count: 1, length: year}\n",
    "duplicate names written apart": '"name": a\nname: b\n',
    "complex key": "? [a, b]\n: 1\n",
}


@pytest.mark.parametrize("suffix", ["yaml", "json"])
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_within_a_second(single, bomb, suffix):
    source = single(BOMBS[bomb], suffix)
    begun = time.process_time()
    found = errors_of(source)
    assert time.process_time() - begun < 1.0
    assert found
    assert all(len(str(problem)) < 1_000 for problem in found)


def test_a_huge_file_is_refused_within_a_second(tmp_path):
    file = tmp_path / "huge.yaml"
    with file.open("wb") as stream:
        stream.truncate(3_000_000_000)
    begun = time.process_time()
    found = errors_of(file)
    assert time.process_time() - begun < 1.0
    assert "larger" in found[0].message


def test_a_huge_number_of_digits_is_refused(folder):
    folder.replace("capacities.csv", "fab,*,500", "fab,*," + "9" * 100_000)
    begun = time.process_time()
    found = errors_of(folder.path)
    assert time.process_time() - begun < 1.0
    assert any(problem.column == "capacity" and len(str(problem)) < 1_000 for problem in found)


@pytest.mark.parametrize("file", ["demand.csv", "instance.yaml"])
def test_a_byte_order_mark_is_accepted(folder, file):
    folder.write(file, b"\xef\xbb\xbf" + folder.read(file).encode())
    assert errors_of(folder.path) == []


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_line_ends_and_a_missing_last_one_are_accepted(folder, line_end):
    for name in VALID:
        folder.write(f"{name}.csv", folder.read(f"{name}.csv").replace("\n", line_end).rstrip())
    assert planner.check_instance(folder.path).problems == ()


@pytest.mark.parametrize("file", ["demand.csv", "instance.yaml", "policies/limited.yaml"])
@pytest.mark.parametrize(("encoding", "word"), [("utf-16", "UTF-16"), ("utf-16-le", "NUL"), ("utf-32", "UTF-8")])
def test_other_encodings_are_refused(folder, file, encoding, word):
    folder.write(file, folder.read(file).encode(encoding))
    found = [problem for problem in errors_of(folder.path) if problem.file == file]
    assert found
    assert word in f"{found[0].message} {found[0].remedy}"


@pytest.mark.parametrize("file", ["demand.csv", "instance.yaml", "scenarios/strike.yaml"])
@pytest.mark.parametrize(("poison", "word"), [(b"\0", "NUL"), (b"\xff", "UTF-8"), (b"\xed\xa0\x80", "UTF-8")])
def test_nul_and_broken_text_are_refused_with_their_row(folder, file, poison, word):
    content = folder.read(file).encode()
    second = content.index(b"\n") + 1
    folder.write(file, content[:second] + poison + content[second:])
    found = [problem for problem in errors_of(folder.path) if problem.file == file]
    assert found
    assert found[0].row == 2
    if file.endswith(".csv") and word == "UTF-8":  # read as letters of Windows-1252, which no id can have
        assert "is not an id" in found[0].message
    else:
        assert word in f"{found[0].message} {found[0].remedy}"


IDS = ["001", "1e5", "NO", "NA", "None", "null", "true", "1.0", "0x1F", "2027-01-01", "nan", "inf", "N.A", "00", "on"]


def with_ids(mapping, one):
    """The small instance with the site, an item, a customer and a resource called `one`-ish."""
    text = json.dumps(mapping)
    for old, new in (("fab", one), ("die", one), ("cloud", f"{one}.c")):
        text = text.replace(f'"{old}"', json.dumps(new))
    return json.loads(text)


@pytest.mark.parametrize("one", portion(IDS, quick=3))
@pytest.mark.parametrize("form", ["csv", "yaml", "json", "bare yaml"])
def test_ids_stay_as_written_up_to_the_tables(folder, single, mapping, one, form):
    changed = with_ids(mapping, one)
    if form == "csv":
        for name in VALID:
            header = VALID[name].splitlines()[0]
            rows = [",".join(row.get(column, "") for column in header.split(",")) for row in changed[name]]
            folder.write(f"{name}.csv", "\n".join([header, *rows]) + "\n")
        source = folder.path
    elif form == "bare yaml":
        if one == "null":
            pytest.skip("a bare null is YAML's own word for nothing; it is written in quotes")
        quoted = json.dumps(changed, indent=1)
        for old in (one, f"{one}.c"):
            quoted = quoted.replace(f'"{old}"', old)
        source = single(quoted, "yaml")
    else:
        source = single(changed, form)
    instance = planner.load_instance(source)
    assert one in {row.site for row in instance.sites}
    plan = planner.solve(instance) if form in {"csv", "json"} and one in IDS[:6] else None
    if plan is None:
        assert f"{one}.c" in {row.customer for row in instance.demand}
        return
    assert one in set(plan.production["site"])
    assert one in set(plan.production["item"])
    assert one in set(plan.shipments["from"])
    assert f"{one}.c" in set(plan.service["customer"])
    assert f"\n{one}," in plan.production.to_csv(index=False)


@pytest.mark.parametrize("figure", ["001", "1e2", "+7", ".5", "5.", "1E+2"])
def test_figures_as_people_write_them(folder, figure):
    folder.replace("demand.csv", "2027Q1,40", f"2027Q1,{figure}")
    instance = planner.load_instance(folder.path)
    assert any(row.quantity == float(figure) for row in instance.demand)


def test_lookalike_ids_stay_apart(mapping):
    mapping["sites"] += [{"site": name, "region": "TW"} for name in ("a-b", "a_b", "a.b", "A-b")]
    mapping["processes"] += [{"site": name, "item": "die", "unit_cost": "9"} for name in ("a-b", "a_b", "a.b", "A-b")]
    mapping["lanes"] += [{"from": name, "to": "osat", "item": "die"} for name in ("a-b", "a_b", "a.b", "A-b")]
    mapping["capacities"] += [{"site": name, "capacity": "10"} for name in ("a-b", "a_b", "a.b", "A-b")]
    plan = planner.solve(planner.load_instance(mapping))
    assert {"a-b", "a_b", "a.b", "A-b"} <= set(plan.production["site"])


def test_names_with_markup_are_kept_as_text(mapping):
    mapping["customers"][0]["name"] = '=HYPERLINK("x") <script>alert(1)</script> 台積'
    instance = planner.load_instance(mapping)
    assert instance.customers[0].name == '=HYPERLINK("x") <script>alert(1)</script> 台積'


CELLS = [
    "",
    "nan",
    "-1",
    "1e400",
    "*",
    "..",
    "2027Q1..",
    "region:",
    "region:*",
    "é",
    "'",
    '"',
    ",",
    ";",
    "\n",
    "\t",
    "\0",
    "0",
    "1e-320",
    "NULL",
    "{}",
    "[]",
    "&a",
    "*a",
    "!!x",
    "|",
    ">",
    "- ",
    ": ",
    "#",
    "%",
    "@",
    "`",
    "---",
    "...",
    "\u202e",
    "\ud7ff",
    "🙂",
    "1_000",
    "٣",
    "²",
    "a" * 70,
    "factor: 1",
    "\u2028",
    "\x85",
    "\r",
    "\ufeff",
]


def mutated(rng, content):
    """The bytes of a file, spoilt in one of many ways."""
    data = bytearray(content)
    kind = rng.randrange(9)
    at = rng.randrange(len(data)) if data else 0
    if kind == 0 and data:
        data[at] ^= 1 << rng.randrange(8)
    elif kind == 1:
        del data[at : at + rng.randint(1, 20)]
    elif kind == 2:
        data[at:at] = rng.choice(CELLS).encode()
    elif kind == 3:
        data = bytearray(data[:at])
    elif kind == 4:
        other = rng.randrange(len(data)) if data else 0
        low, high = sorted((at, other))
        data[at:at] = data[low:high]
    else:
        lines = bytes(data).decode("utf-8", "replace").split("\n")
        line = rng.randrange(len(lines))
        cells = lines[line].split(",")
        cell = rng.randrange(len(cells))
        if kind == 5:
            cells[cell] = rng.choice(CELLS)
        elif kind == 6:
            other = rng.randrange(len(cells))
            cells[cell], cells[other] = cells[other], cells[cell]
        elif kind == 7:
            rng.shuffle(lines)
        else:
            lines[line] = lines[rng.randrange(len(lines))]
        if kind in {5, 6}:
            lines[line] = ",".join(cells)
        data = bytearray("\n".join(lines).encode())
    return bytes(data)


@pytest.mark.parametrize("block", portion(range(8), quick=1))
def test_no_mutation_of_the_files_ends_in_a_traceback(folder, block):
    rng = random.Random(block)
    names = [*(f"{name}.csv" for name in VALID), "instance.yaml", "policies/limited.yaml", "scenarios/strike.yaml"]
    original = {name: (folder.path / name).read_bytes() for name in names}
    for number in range(60):
        spoilt = rng.sample(names, rng.choice([1, 1, 2, 4]))
        for name in spoilt:
            content = original[name]
            for _ in range(rng.choice([1, 1, 3])):
                content = mutated(rng, content)
            folder.write(name, content)
        try:
            checked = planner.check_instance(folder.path)
        except planner.PlannerError:
            pass
        except Exception as error:  # noqa: BLE001  (any other exception is the bug that is looked for)
            files = {name: (folder.path / name).read_bytes() for name in spoilt}
            pytest.fail(f"{type(error).__name__}: {error} at mutation {number} of {block}: {files}")
        else:
            assert (checked.instance is None) == bool(checked.errors)
        for name in spoilt:
            folder.write(name, original[name])


VALUES = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "x",
    "*",
    "..",
    [],
    {},
    [1],
    [[]],
    [None],
    {"a": 1},
    {"": None},
    [{"a": []}],
    "a" * 100_000,
    "\0",
    b"bytes",
    (1, 2),
    {1: 2},
    "2027Q1",
    "region:TW",
]


@pytest.mark.parametrize("block", portion(range(4), quick=1))
def test_no_mutation_of_a_mapping_ends_in_a_traceback(block):
    rng = random.Random(1000 + block)
    for number in range(100):
        mapping = as_mapping()
        mapping["policies"] = [
            {
                "name": "p",
                "limits": [{"name": "cap", "measure": "stage", "stage": "packaging", "of": "US", "max_share": 1.0}],
                "options": ["more"],
            }
        ]
        mapping["scenarios"] = [
            {
                "name": "s",
                "changes": [{"change": "capacity", "where": {"site": ["osat"]}, "factor": 0.5, "period": "2027Q2"}],
            }
        ]
        changed = [spoil(rng, mapping) for _ in range(rng.choice([1, 2, 5]))]
        try:
            checked = planner.check_instance(mapping)
        except planner.PlannerError:
            continue
        except Exception as error:  # noqa: BLE001
            pytest.fail(f"{type(error).__name__}: {error} at mutation {number} of {block}: {tuple(changed)}")
        assert (checked.instance is None) == bool(checked.errors)


def spoil(rng, mapping):
    """Put a value of another kind somewhere in the mapping, remove a part, or repeat one."""
    places = []

    def walk(part):
        keys = list(part) if isinstance(part, dict) else range(len(part))
        for key in keys:
            places.append((part, key))
            if isinstance(part[key], dict | list):
                walk(part[key])

    walk(mapping)
    part, key = rng.choice(places)
    kind = rng.randrange(4)
    if kind == 0:
        del part[key]
    elif kind == 1 and isinstance(part, list):
        part.append(part[key])
    elif kind == 2 and isinstance(part, dict):
        part[rng.choice(["x", "", "site", 3, None, "period"])] = part.pop(key)
    else:
        part[key] = rng.choice(VALUES)
    return kind, str(key), str(part)[:120]


@pytest.mark.parametrize("figure", [10**400, -(10**400)], ids=["positive", "negative"])
def test_a_whole_number_beyond_every_figure_is_refused(mapping, figure):
    mapping["demand"][0]["quantity"] = figure
    assert any(problem.column == "quantity" for problem in errors_of(mapping))


@pytest.mark.benchmark
def test_time_of_checking_100_000_orders(folder, capsys):
    count = 10_000
    folder.write("customers.csv", "customer,region\ncloud,US\nlab,TW\n" + "".join(f"c{k},US\n" for k in range(count)))
    folder.append("lanes.csv", "osat,region:US,chip,3,0\n")
    folder.replace("instance.yaml", "count: 3", "count: 12")
    labels = [f"{2027 + k // 4}Q{k % 4 + 1}" for k in range(10)]
    folder.write(
        "demand.csv",
        "customer,item,period,quantity,price\n"
        + "".join(f"c{k},chip,{label},{k % 90 + 10},100\n" for k in range(count) for label in labels),
    )
    begun = time.perf_counter()
    checked = planner.check_instance(folder.path)
    seconds = time.perf_counter() - begun
    with capsys.disabled():
        print(f"\n100,000 orders checked in {seconds:.2f} s")  # noqa: T201
    assert not checked.errors
    assert len(checked.instance.demand) == 100_000
