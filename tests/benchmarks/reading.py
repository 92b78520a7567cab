"""How reading and checking an instance grows with its rows, good and bad, in time and memory.

Run: .venv/bin/python tests/benchmarks/reading.py

Each case is checked at a tenth of its size and in full, in a process of its own; the time to load the planner is
taken off. Linear means that ten times the rows take at most about ten times the time.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "hostile"))
from small_instance import SETTINGS, VALID

CHILD = """
import json, resource, sys, time
import planner
from planner.instance.loading import check_instance
begun = time.process_time()
for _ in range(10_000_000):
    pass
loop = time.process_time() - begun
begun = time.process_time()
checked = check_instance(sys.argv[1])
seconds = time.process_time() - begun
listed, more = len(checked.problems), sum(kind.count for kind in checked.left_out)
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"loop": loop, "seconds": seconds, "listed": listed, "more": more, "memory": memory}))
"""
HEADER = "customer,item,period,quantity,price\n"


def folder(path, **files):
    """The small valid instance with some files of its own."""
    path.mkdir()
    for name, text in {**{f"{name}.csv": text for name, text in VALID.items()}, "instance.yaml": SETTINGS}.items():
        (path / name).write_text(files.get(name, text))
    return path


def good(path, count):
    labels = [f"{2027 + k // 4}Q{k % 4 + 1}" for k in range(10)]
    buyers = range(count // 10)
    return folder(
        path,
        **{
            "customers.csv": "customer,region\ncloud,US\nlab,TW\n" + "".join(f"c{k},US\n" for k in buyers),
            "lanes.csv": VALID["lanes"] + "osat,region:US,chip,3,0\n",
            "instance.yaml": SETTINGS.replace("count: 3", "count: 12"),
            "demand.csv": HEADER
            + "".join(f"c{k},chip,{label},{k % 90 + 10},100\n" for k in buyers for label in labels),
        },
    )


def orders(line):
    """A case whose orders are bad, each row `line` with its number."""
    return lambda path, count: folder(path, **{"demand.csv": HEADER + "".join(line.format(k) for k in range(count))})


def duplicates(path, count):
    return folder(path, **{"capacities.csv": "site,period,capacity\n" + "fab,2027Q1,5\n" * count})


def regions(path, count):
    lines = "".join(f"  r{k}: name\n" for k in range(count))
    return folder(path, **{"instance.yaml": SETTINGS.replace("{TW: Taiwan, US: United States}", "\n" + lines)})


CASES = [
    ("good rows", 100_000, good),
    ("duplicate rows", 200_000, duplicates),
    ("order lines that add up", 200_000, orders("cloud,chip,2027Q1,5,100\n")),
    ("unknown ids", 200_000, orders("x{},chip,2027Q1,5,100\n")),
    ("unknown periods", 200_000, orders("cloud,chip,q{},5,100\n")),
    ("figures that are none", 1_000_000, orders("cloud,chip,2027Q1,x{},100\n")),
    ("rows too short", 1_000_000, orders("cloud,chip\n")),
    ("names of regions", 50_000, regions),
]


def measured(make, count):
    """What a process of its own says of a case."""
    with tempfile.TemporaryDirectory() as place:
        path = make(Path(place) / "instance", count)
        done = subprocess.run([sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main():
    print(
        f"{'case':24}{'rows':>10}{'cpu s':>8}{'per 10M loops':>15}{'time x10 rows':>15}{'memory MB':>11}{'listed':>8}{'more':>10}"
    )
    for name, count, make in CASES:
        small, full = measured(make, count // 10), measured(make, count)
        growth = (full["seconds"] / full["loop"]) / (small["seconds"] / small["loop"])
        print(
            f"{name:24}{count:>10,}{full['seconds']:>8.2f}{full['seconds'] / full['loop']:>15.2f}{growth:>15.1f}"
            f"{full['memory']:>11.0f}{full['listed']:>8,}{full['more']:>10,}"
        )


if __name__ == "__main__":
    main()
