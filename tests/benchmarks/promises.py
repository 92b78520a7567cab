"""What of the promises of trust no other command here measures: no plan explained, time limits kept, bombs refused.

    .venv/bin/python tests/benchmarks/promises.py [infeasible [INSTANCES] | limits [TIMES] | bombs]

- `infeasible`: random instances (tests/oracle/wide.py) under their policies and scenarios. Of those without a plan, how
  many are explained by rows that clash, for how many a repair is named, and how long that takes beside all the rest.
- `limits`: the shipped instance within random time limits, linear, with sources counted and with lots. How late the
  answer is, and whether a plan that is called optimal is within the gap.
- `bombs`: hostile workbooks, YAML and JSON, each read in a process of its own: seconds of the processor, and how much
  memory is used at most, by the reader of a workbook too.

What breaks a promise is printed, and the exit code is 1.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "hostile"))

from oracle.wide import cases, wide

import planner
from planner.instance.policy import Sources
from planner.plan import planning

ROOT = Path(__file__).parents[2]
FIRST = 900_000  # seed
SEED = 11
TIMES = 3.0  # as long as all the rest may an explanation take
BRIEF = 0.2  # seconds that it may take in any case
LATE = (1.0, 0.1)  # seconds, or a share of the limit
LOAD = (5.0, 300.0)  # seconds and MB that a hostile file may take
LOT = 20_000.0  # units started
READ = """
import json, resource, sys, time
import planner
planner.check_instance({"name": "first", "periods": ["P1"]})  # so that all is loaded
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begun = time.process_time()
found = [str(problem) for problem in planner.check_instance(sys.argv[1]).problems if problem.severity == "error"]
own = resource.getrusage(resource.RUSAGE_SELF)
child = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "seconds": time.process_time() - begun + child.ru_utime + child.ru_stime,
    "own": (own.ru_maxrss - before) / 1024, "child": child.ru_maxrss / 1024,
    "problems": len(found), "longest": max(map(len, found), default=0),
}))
"""


def infeasible(count: int) -> int:
    """Explanations of random instances without a plan."""
    spent: list[float] = []
    plain = planning.explain_infeasibility

    def timed(*words: object, **named: object) -> object:
        begun = time.process_time()
        try:
            return plain(*words, **named)
        finally:
            spent.append(time.process_time() - begun)

    planning.explain_infeasibility = timed
    asked = explained = repaired = 0
    ratios, slow, bad = [], 0, []
    for seed in range(FIRST, FIRST + count):
        mapping = wide(seed)
        try:
            instance = planner.load_instance(mapping)
        except planner.InstanceError:
            continue
        for policy, scenario in cases(mapping):
            spent.clear()
            begun = time.process_time()
            try:
                planner.solve(instance, policy, scenario)
            except planner.InfeasibleError as error:
                whole, own = time.process_time() - begun, sum(spent)
                asked += 1
                explained += bool(error.conflict)
                repaired += bool(error.repair)
                ratios.append(own / (whole - own))
                if not error.conflict:
                    bad.append((seed, policy, scenario))
                slow += own > max(BRIEF, TIMES * (whole - own))
            except planner.PlannerError:
                continue
    ratios.sort()
    print(f"{count} instances, {asked} questions without a plan: {explained} explained, {repaired} with a repair")
    print(f"explaining takes {ratios[len(ratios) // 2]:.2f} of all the rest at the median, {ratios[-1]:.2f} at most")
    print(f"over {TIMES:g} times and over {BRIEF} s: {slow}")
    print(*(f"not explained: {one}" for one in bad), sep="\n")
    return int(bool(bad) or bool(slow))


def limits(count: int) -> int:
    """How late answers are after random time limits."""
    instance, rng = planner.load_instance(ROOT / "instances" / "accelerators"), random.Random(SEED)
    stages = {item.item: item.stage for item in instance.items}
    lots = tuple(
        row.model_copy(update={"min_lot": LOT}) if stages[row.item] == "packaging" else row
        for row in instance.processes
    )
    counted = instance.policy("diversified").model_copy(
        update={"sources": (Sources(stage="packaging", min_sources=2, min_share_if_used=0.2),)}
    )
    kinds = {
        "linear": (instance, "end-to-end"),
        "two sources": (instance, counted),
        "lots": (instance.model_copy(update={"processes": lots}), "diversified"),
    }
    worst, early, ended, bad = 0.0, 0, 0, []
    for number in range(count):
        kind = list(kinds)[number % len(kinds)]
        limit = round(rng.uniform(0.2, 12.0), 2)
        begun = time.perf_counter()
        try:
            plan = planner.solve(*kinds[kind], time_limit=limit)
            said = f"{plan.status}, gap {plan.gap:.2%}"
            if plan.status == "optimal" and plan.gap > plan.options["gap"]:
                bad.append(f"{kind}, {limit} s: called optimal with a gap of {plan.gap}")
            early += plan.status == "optimal"
        except planner.LimitReachedError:
            said = "no plan by then"
        late = time.perf_counter() - begun - limit
        ended += 1
        worst = max(worst, late)
        print(f"{kind:<12} {limit:>6.2f} s: {late:>+6.2f} s, {said}", flush=True)
        if late > max(LATE[0], LATE[1] * limit):
            bad.append(f"{kind}, {limit} s: {late:.2f} s late")
    print(f"{ended} solves, {early} of them proved within their time; the latest answer was {worst:.2f} s late")
    print(*bad, sep="\n")
    return int(bool(bad))


def bombs(_: int) -> int:
    """Seconds and memory of hostile files."""
    import test_files_refused as texts
    import test_workbooks_refused as books

    worst, bad = [0.0, 0.0], []
    with tempfile.TemporaryDirectory() as folder:
        made = [(f"{kind}.{suffix}", text) for kind, text in texts.BOMBS.items() for suffix in ("yaml", "json")]
        made += [(f"{kind}.xlsx", None) for kind in books.BOMBS]
        for name, text in made:
            path = Path(folder) / name
            if text is None:
                books.bomb(path, books.BOMBS[path.stem]())
            else:
                path.write_text(text)
            done = subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=False)
            path.unlink()
            if done.returncode:
                bad.append(f"{name}: {done.stderr[-200:]}")
                continue
            found = json.loads(done.stdout)
            memory = max(found["own"], found["child"])
            print(
                f"{name:<40} {found['seconds']:>5.2f} s {memory:>6.0f} MB {found['problems']:>3} problems", flush=True
            )
            worst = [max(worst[0], found["seconds"]), max(worst[1], memory)]
            if not found["problems"] or found["seconds"] > LOAD[0] or memory > LOAD[1]:
                bad.append(f"{name}: {found}")
    print(f"{len(made)} hostile files: at most {worst[0]:.2f} s and {worst[1]:.0f} MB")
    print(*bad, sep="\n")
    return int(bool(bad))


MEASURES = {"infeasible": (infeasible, 200), "limits": (limits, 24), "bombs": (bombs, 0)}


def main() -> int:
    """Measure one promise, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=MEASURES)
    parser.add_argument("count", nargs="?", type=int)
    given = parser.parse_args()
    wanted = [given.what] if given.what else list(MEASURES)
    failed = 0
    for name in wanted:
        measure, usual = MEASURES[name]
        failed |= measure(given.count or usual)
    return failed


if __name__ == "__main__":
    sys.exit(main())
