"""Workbooks and CSV folders, spoilt in many ways: no exception but ours, and none takes over 5 seconds.

    .venv/bin/python tests/benchmarks/fuzz_inputs.py [COUNT] [SEED]

COUNT (10,000) inputs are read and checked, two of three of them workbooks. Most workbooks are read in this process, so that an
exception of the reader is seen and not only its refusal; every twentieth goes through the child process as it is used.
"""

import datetime as dt
import io
import random
import sys
import tempfile
import time
import traceback
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "hostile"))

from books import Formula, Shown, sheets, write_book
from small_instance import POLICY, SCENARIO, SETTINGS, VALID

import planner
from planner.instance.files import Raw
from planner.instance.loading import check_raw
from planner.instance.workbook import reading
from planner.instance.workbook.places import Places
from planner.instance.workbook.sheets import Reader
from planner.instance.workbook.xlsx import child

LONGEST = 5.0  # seconds of processor time
VALUES = [
    *(
        None,
        "",
        " ",
        "0",
        0,
        -1,
        1e15,
        1e-300,
        1e308,
        0.1 + 0.2,
        True,
        False,
        "*",
        "*..*",
        "..",
        "2027Q1..",
        "x" * 3000,
        "001",
    ),
    *(
        "=1+1",
        "@x",
        "#REF!",
        "nan",
        "inf",
        "1,5",
        "1.234",
        "50 %",
        "region:TW",
        "region:",
        "\u202e",
        "\u200b",
        "東京",
        "a\nb",
    ),
    *("stage=packaging", "stage=", "a=b;c", 'site="osat', "site=osat;site=fab", "-", "osat", "fab", "chip", "_x000D_"),
    *(
        dt.date(2027, 1, 1),
        Shown(46023.5, "d.m.yyyy hh:mm"),
        dt.time(3),
        Shown(0.5, "0%"),
        Shown(7, "000"),
        Shown(1e5, "0E+00"),
    ),
    *(
        Shown(60, "yyyy"),
        Shown(-5, "d.m.yy"),
        Shown(3e6, "h:mm"),
        Formula("=1/0", "#DIV/0!"),
        Formula("=A1", ""),
        Formula("=A1", 5),
    ),
]
PIECES = [
    b"<",
    b">",
    b"<v>",
    b"</v>",
    b"</c>",
    b"<row>",
    b'r="XFD1048576"',
    b't="s"',
    b't="e"',
    b't="inlineStr"',
    b"&amp;",
    b"&x;",
]
PIECES += [
    b'r="A0"',
    b'r="ZZZZ9"',
    b's="999999"',
    b"<!DOCTYPE a>",
    b"\0",
    b"\xff",
    b"<f/>",
    b"<is><t>x</t></is>",
    b"-1",
    b"1e999",
]
SEPARATORS = [",", ",", ";", "\t"]


def workbook(rng, folder, bases):
    """A spoilt workbook."""
    path = folder / "spoilt.xlsx"
    kind = rng.randrange(4)
    if kind == 0:
        return write_book(path, spoilt_cells(rng), date_1904=rng.random() < 0.2)
    data = rng.choice(bases)
    if kind == 1:
        path.write_bytes(spoilt_bytes(rng, data, rng.choice([1, 1, 3])))
        return path
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    names = list(parts)
    if kind == 2:
        one, other = rng.choice(names), rng.choice(names)
        action = rng.randrange(3)
        if action == 0:
            del parts[one]
        elif action == 1:
            parts[one], parts[other] = parts[other], parts[one]
        else:
            parts[one] = b""
    else:
        for _ in range(rng.choice([1, 1, 2, 5])):
            name = rng.choice([name for name in names if "worksheets" in name or rng.random() < 0.3] or names)
            parts[name] = spoilt_bytes(rng, parts[name], 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return path


def spoilt_cells(rng):
    """The sheets of the small instance with some cells, rows or heads changed."""
    tables = sheets()
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        rows = tables[rng.choice(list(tables))]
        line = rng.choice(rows) if rows else []
        action = rng.randrange(6)
        if action < 3 and line:
            line[rng.randrange(len(line))] = rng.choice(VALUES)
        elif action == 3:
            line.insert(rng.randrange(len(line) + 1), rng.choice(VALUES))
        elif action == 4 and rows:
            rows.insert(rng.randrange(len(rows)), list(rng.choice(rows)))
        elif rows:
            del rows[rng.randrange(len(rows))]
    if rng.random() < 0.1:
        del tables[rng.choice(list(tables))]
    return tables


def spoilt_bytes(rng, data, times):
    """Bytes with some flipped, cut out, put in or repeated."""
    data = bytearray(data)
    for _ in range(times):
        at = rng.randrange(len(data)) if data else 0
        kind = rng.randrange(5)
        if kind == 0 and data:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            del data[at : at + rng.randint(1, 30)]
        elif kind == 2:
            data[at:at] = rng.choice(PIECES)
        elif kind == 3:
            data[at:at] = data[at : at + rng.randint(1, 200)]
        else:
            del data[at:]
    return bytes(data)


def csv_folder(rng, folder):
    """A folder of CSV files, some spoilt and some in another dialect."""
    for name, text in VALID.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    for name in rng.sample(list(VALID), rng.choice([1, 1, 2, 4])):
        rows = [line.split(",") for line in VALID[name].splitlines()]
        for _ in range(rng.choice([0, 1, 2])):
            line = rng.choice(rows)
            value = rng.choice([value for value in VALUES if isinstance(value, str | int | float)])
            line[rng.randrange(len(line))] = str(value).replace("\n", " ")
        separator = rng.choice(SEPARATORS)
        if rng.random() < 0.4:
            rows = [[cell.replace(".", ",") for cell in row] for row in rows]
        if rng.random() < 0.3:
            rows = [[*row, ""] for row in rows] + [[""] * len(rows[0])] * rng.randrange(3)
        text = "".join(separator.join(row) + "\n" for row in rows)
        data = text.encode(rng.choice(["utf-8", "utf-8-sig", "cp1252", "utf-16"]), "replace")
        (folder / f"{name}.csv").write_bytes(spoilt_bytes(rng, data, rng.choice([0, 1, 1, 2])))
    return folder


def checked_here(path):
    """A workbook read and checked in this process, past the child."""
    places = Places(path.name)
    raw = Raw(settings_file="settings", places=places)
    reader = Reader(raw, places)
    size = path.stat().st_size
    try:
        reading.refuse_other_files(path)
        for value in child.values_of(
            str(path), reading.CELLS, reading.UNPACKED + size * reading.UNPACKED_A_MB // 1_000_000
        ):
            if value != {"done": True}:
                reader.take(value)
    except Exception as error:
        if isinstance(error, reading.WorkbookRefusedError) or child.why_not(error) is not None:
            return
        raise
    reader.finish(path.name)
    check_raw(raw)


def run(count, seed, folder):
    """The inputs that failed, as (number, what), and the longest time."""
    rng = random.Random(seed)
    folder = Path(folder)
    small = folder / "small"
    for part in ("policies", "scenarios"):
        (small / part).mkdir(parents=True, exist_ok=True)
    (small / "instance.yaml").write_text(SETTINGS, encoding="utf-8")
    (small / "policies" / "limited.yaml").write_text(POLICY, encoding="utf-8")
    (small / "scenarios" / "strike.yaml").write_text(SCENARIO, encoding="utf-8")
    bases = [write_book(folder / "base.xlsx", sheets()).read_bytes()]
    failed, longest = [], 0.0
    for number in range(count):
        source = csv_folder(rng, small) if number % 3 == 0 else workbook(rng, folder, bases)
        through_child = source.is_dir() or number % 20 == 1
        begun = time.process_time()
        try:
            if through_child:
                found = planner.check_instance(source)
                if (found.instance is None) != bool(found.errors):
                    failed.append((number, "neither an instance nor an error"))
            else:
                checked_here(source)
        except planner.PlannerError:
            pass
        except Exception:  # noqa: BLE001  (any other exception is the bug that is looked for)
            failed.append((number, traceback.format_exc()))
        took = time.process_time() - begun
        longest = max(longest, took)
        if took > LONGEST:
            failed.append((number, f"{took:.1f} s"))
    return failed, longest


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        failed, longest = run(count, seed, folder)
    for number, what in failed[:10]:
        print(f"input {number}: {what}")
    print(f"{count} inputs, seed {seed}: {len(failed)} failed; the longest took {longest:.2f} s")
    sys.exit(bool(failed))
