"""Whether tests notice a change in what they test: drawn mutants of the certificate, the checks, the network, the store.

`.venv/bin/python tests/benchmarks/mutations.py 60 1` draws 60 mutants of each area by seed 1 (names of areas after it);
each takes its function's place in a process of its own and is put to the tests that execute its line, those of files
that import its module first, then the quickest, until one fails. A mutant is given LIMIT seconds of a processor for its tests; `--again` puts those that survived
the last time to all tests of their line. What each test executes and costs is recorded once, and kept in pytest's cache.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import gc
import hashlib
import importlib
import importlib.abc
import importlib.util
import inspect
import io
import json
import os
import random
import re
import resource
import sys
import time
from functools import cache
from math import inf
from pathlib import Path
from types import CodeType, FunctionType

import pytest

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".pytest_cache"
LIMIT = 20  # cpu seconds that the tests of a mutant may take by themselves, besides what loading takes
AREAS = {  # modules, and the tests that should notice, as names of files
    "certificate": (
        """planner/solve/certificate planner/solve/table_check planner/solve/violation planner/solve/tolerances
        planner/solve/sources_and_lots planner/plan/proof/*""",
        """tests/solve/test_certificate* tests/solve/test_violation tests/solve/test_table_check tests/plan/test_proof*
        tests/plan/test_sourcing_plans tests/model/test_sourcing tests/properties/test_runs_are_proved
        tests/hostile/test_damaged_runs tests/found/test_a_shipment* tests/found/test_how_much_can_be_needed
        tests/found/test_no_amount_of_money_is_small_by_itself tests/found/test_prices_below_zero_are_verified
        tests/found/test_rows_kept_with_whole_decisions tests/found/test_what_a_user_does_to_a_table
        tests/found/test_wide_yields_in_lots tests/found/test_whole_decisions_in_tiny_money""",
    ),
    "checks": (
        "planner/instance/checks/*",
        """tests/instance/test_*check* tests/instance/test_doubts tests/instance/test_ratios tests/instance/test_instance
        tests/instance/test_adding_up tests/instance/test_reserved_words tests/instance/test_spellings
        tests/instance/test_said_once tests/instance/test_messages tests/instance/test_hints_of_many_owners
        tests/instance/test_periods tests/instance/test_region_groups tests/instance/test_scenarios_tried
        tests/hostile/test_faults_found tests/hostile/test_nothing_follows tests/hostile/test_ids_alike
        tests/hostile/test_bad_data_scales tests/found/test_one_period_is_no_periods tests/found/test_ranges
        tests/found/test_files_passed_over tests/found/test_said_of_nothing_or_twice""",
    ),
    "network": (
        "planner/network/*",
        """tests/network/test_* tests/model/test_golden* tests/model/test_buffers tests/model/test_sourcing
        tests/plan/test_allocation tests/plan/test_measures tests/plan/test_pathway* tests/plan/test_planning
        tests/plan/test_sourcing_plans tests/properties/test_one_plan tests/properties/test_plans_hold
        tests/properties/test_provenance tests/properties/test_rolled_plans tests/properties/test_whole_brute_force
        tests/instance/test_doubts tests/study/test_surprise tests/study/test_time_to_survive tests/study/test_roll
        tests/found/test_what_is_* tests/found/test_how_much_can_be_needed tests/found/test_handed_over_to_a_customer
        tests/found/test_cut_network tests/found/test_frozen* tests/found/test_a_promise_that_nothing_can_keep
        tests/found/test_buffers_and_yields_that_change tests/found/test_stage_of_a_buffer tests/found/test_whole_options
        tests/found/test_deliveries_without_their_stock tests/oracle/test_by_hand tests/oracle/test_differential""",
    ),
    "store": ("planner/store/*", "tests/store/test_* tests/found/test_a_store_in_a_folder_of_any_name"),
}
FLIPPED = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div,), ast.Div: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,), ast.And: (ast.Or,), ast.Or: (ast.And,),
}  # fmt: skip
SWAPPED = {"min": "max", "minimum": "maximum", "any": "all", "argmin": "argmax", "floor": "ceil", "idxmin": "idxmax"}
SWAPPED |= {other: name for name, other in SWAPPED.items()}
SKIPPED = (ast.JoinedStr, ast.Import, ast.ImportFrom, ast.Raise)
PLAIN = {"strict", "dtype", "kind", "copy", "deep", "ignore_index", "errors"}  # keywords that change no figure


def variants(node):
    """What may stand in place of a node: (kind, node) each."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in FLIPPED[type(node.ops[0])]:
            yield "comparison", ast.Compare(node.left, [other()], node.comparators)
    elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in FLIPPED:
        found = copy.copy(node)
        found.op = FLIPPED[type(node.op)][0]()
        yield "operator", found
    elif isinstance(node, ast.UnaryOp):
        yield "sign", node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "constant", ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield "constant", ast.Constant(node.value + 1 if isinstance(node.value, int) else node.value * 3 or 0.5)
    elif isinstance(node, ast.Name | ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else node.attr
        if name in SWAPPED:
            found = copy.copy(node)
            setattr(found, "id" if isinstance(node, ast.Name) else "attr", SWAPPED[name])
            yield "min or max", found
    if isinstance(node, ast.If | ast.IfExp):
        for truth in (False, True):
            found = copy.copy(node)
            found.test = ast.Constant(truth)
            yield f"if {truth}", found
    if isinstance(node, ast.Continue | ast.AugAssign) or (
        isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    ):
        yield "dropped", ast.Pass()


def mutants(tree):
    """Every mutant of a module in turn, made in its tree while it is yielded: (line, kind, before, after)."""

    def walk(parent):
        for field, value in ast.iter_fields(parent):
            if field in {"annotation", "returns", "decorator_list", "type_params", "format_spec"}:
                continue
            for at, node in enumerate(list(value) if isinstance(value, list) else [value]):
                if not isinstance(node, ast.AST) or isinstance(node, SKIPPED):
                    continue
                if isinstance(node, ast.keyword) and node.arg in PLAIN:
                    continue
                for kind, other in variants(node):
                    _put(parent, field, at, ast.fix_missing_locations(ast.copy_location(other, node)))
                    yield node.lineno, kind, ast.unparse(node), ast.unparse(other)
                    _put(parent, field, at, node)
                yield from walk(node)

    yield from walk(tree)


def _put(parent, field, at, node):
    value = getattr(parent, field)
    if isinstance(value, list):
        value[at] = node
    else:
        setattr(parent, field, node)


def mutated(path, number):
    """The tree of a module's mutant with a number."""
    tree = ast.parse(path.read_text())
    for found, _ in enumerate(mutants(tree)):
        if found == number:
            return tree
    raise IndexError(number)


def functions(code):
    """The code of each function of a module, class or list of type parameters, by its name and first line."""
    for part in code.co_consts:
        if isinstance(part, CodeType):
            if part.co_flags & inspect.CO_OPTIMIZED and not part.co_name.startswith("<generic parameters of"):
                yield (part.co_qualname, part.co_firstlineno), part
            else:
                yield from functions(part)


def take_over(path, tree):
    """Let a loaded module do as a mutant of it does; where that is none of a function, let it be loaded anew."""
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    new = compile(tree, str(path), "exec", dont_inherit=True)
    before = dict(functions(compile(ast.parse(path.read_text()), str(path), "exec", dont_inherit=True)))
    changed = {place: code for place, code in functions(new) if code != before[place]}
    if changed:
        importlib.import_module(name)  # many are loaded when they are needed first
        gc.unfreeze()  # what our conftest froze would not be listed
        for found in gc.get_objects():
            if isinstance(found, FunctionType) and found.__module__ == name:
                place = (found.__code__.co_qualname, found.__code__.co_firstlineno)
                found.__code__ = changed.get(place, found.__code__)
        return
    for loaded in [other for other in sys.modules if other.partition(".")[0] == "planner" or _is_a_test(other)]:
        del sys.modules[loaded]
    sys.meta_path.insert(0, InPlace(name, path, ast.unparse(tree)))


def _is_a_test(name):
    return str(getattr(sys.modules[name], "__file__", None)).startswith(str(ROOT / "tests")) and name != "__main__"


class InPlace(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Imports one module from another source."""

    def __init__(self, name, path, source):
        self.name, self.path, self.source = name, str(path), source

    def find_spec(self, name, _path=None, _target=None):
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_filename(self, _name):
        return self.path

    def get_data(self, _path):
        return self.source.encode()

    def path_stats(self, _path):
        raise OSError  # nothing of it is cached


class Executed:
    """A plugin of pytest: which lines of some files each test executes, and its cpu seconds."""

    def __init__(self, paths):
        self.paths, self.lines, self.found = set(map(str, paths)), set(), {}
        sys.monitoring.use_tool_id(sys.monitoring.COVERAGE_ID, "mutations")
        sys.monitoring.register_callback(sys.monitoring.COVERAGE_ID, sys.monitoring.events.LINE, self.line)
        sys.monitoring.set_events(sys.monitoring.COVERAGE_ID, sys.monitoring.events.LINE)

    def line(self, code, number):
        if code.co_filename in self.paths and code.co_name != "<module>":
            self.lines.add(f"{Path(code.co_filename).relative_to(ROOT)}:{number}")
        return sys.monitoring.DISABLE

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        self.lines.clear()
        sys.monitoring.restart_events()
        begun = time.process_time()
        result = yield
        self.found[item.nodeid] = (time.process_time() - begun, sorted(self.lines))
        return result


def in_a_child(work, seconds):
    """Do something in a process of its own: its exit code, or -1 where its time was up."""
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            os._exit(work())
        finally:
            os._exit(70)
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1


def run(tests, *plugins):
    return int(pytest.main(["-n", "0", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:cov", *tests], plugins=plugins))


def load(tests):
    """Load planner and tests, once for all processes that are forked then."""
    if tests:
        with contextlib.redirect_stdout(io.StringIO()):
            run(["--collect-only", *tests])


def recorded(area):
    """What each test of an area executes and costs, recorded anew for files that are not as they were."""
    modules, tests = (
        [path for part in words.split() for path in sorted(ROOT.glob(f"{part}.py"))] for words in AREAS[area]
    )
    known, places = {}, {}
    for test in tests:
        content = b"".join(path.read_bytes() for path in (test, *modules))
        places[test] = CACHE / f"mutations-{test.stem}-{hashlib.sha256(content).hexdigest()[:16]}.json"
    load([str(test) for test, place in places.items() if not place.exists()])
    for test, place in places.items():

        def record(test=test, place=place):
            plugin = Executed(modules)
            code = run([str(test)], plugin)
            if not code:
                place.write_text(json.dumps(plugin.found))
            return code

        if not place.exists() and in_a_child(record, 600):
            sys.exit(f"{test.relative_to(ROOT)} fails as it is")
        known |= json.loads(place.read_text())
    return modules, known


@cache
def of_module(path):
    """The test files that import a module by its name: their tests are asked first."""
    *folder, name = path.relative_to(ROOT).with_suffix("").parts
    line = re.compile(rf"^from {'.'.join(folder)}(\.{name} import|.* import .*\b{name}\b)", re.MULTILINE)
    tests = (ROOT / "tests").rglob("test_*.py")
    return frozenset(str(test.relative_to(ROOT)) for test in tests if line.search(test.read_text()))


def tried(path, number, line, known, limit):
    """What becomes of a mutant: the words for it, and how many tests of so many cpu seconds were asked."""
    name = str(path.relative_to(ROOT))
    touched = {test: cpu for test, (cpu, lines) in known.items() if f"{name}:{line}" in lines}
    if not touched:  # a line that is executed when the module is loaded: all tests that use the module
        touched = {test: cpu for test, (cpu, lines) in known.items() if any(at.startswith(f"{name}:") for at in lines)}
    if not touched:  # a module without a function that is executed: all tests
        touched = {test: cpu for test, (cpu, _) in known.items()}
    chosen, cost = [], 0.0
    own = {test for test in known if test.partition("::")[0] in of_module(path)}
    used = {test for test in own if any(at.startswith(f"{name}:") for at in known[test][1])}  # by what another one made
    for test in sorted({*touched, *used}, key=lambda test: (test not in own, test not in touched, known[test][0])):
        cost += known[test][0]
        if cost > limit and chosen:
            break
        chosen.append(test)
    if not chosen:
        return "survived", 0

    def ask():
        take_over(path, mutated(path, number))
        return run(chosen)

    code = in_a_child(ask, round(30 + 3 * cost))
    return {0: "survived", -1: "killed (time)"}.get(code, "killed"), len(chosen)


def main():
    """Draw, try, and print what survived and the counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--again", action="store_true")
    parser.add_argument("count", type=int, nargs="?", default=60)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("areas", nargs="*", default=list(AREAS))
    asked = parser.parse_args()
    os.chdir(ROOT)
    CACHE.mkdir(exist_ok=True)
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}  # a process of one thread forks
    for area in asked.areas:
        last = CACHE / f"mutations-{area}-{asked.count}-{asked.seed}.json"
        modules, known = recorded(area)
        load(sorted({test.partition("::")[0] for test in known}))
        every = [
            (path, number, *mutant)
            for path in modules
            for number, mutant in enumerate(mutants(ast.parse(path.read_text())))
        ]
        drawn = random.Random(asked.seed).sample(every, min(asked.count, len(every)))
        before = {tuple(part) for part in json.loads(last.read_text())} if asked.again else set()
        survived, counts = [], {}
        for path, number, line, kind, old, new in drawn:
            place = (str(path.relative_to(ROOT)), line, kind, old)
            if asked.again and place not in before:
                counts["killed before"] = counts.get("killed before", 0) + 1
                continue
            words, tests = tried(path, number, line, known, inf if asked.again else LIMIT)
            counts[words] = counts.get(words, 0) + 1
            if words == "survived":
                survived.append(place)
                shown = [" ".join(text.split())[:110] for text in (old, new)]
                print(f"{place[0]}:{line} {kind}: {shown[0]}  ->  {shown[1]}  ({tests} tests)", flush=True)
        last.write_text(json.dumps(survived))
        part = 1 - len(survived) / len(drawn)
        print(f"{area}: {len(drawn)} of {len(every)} mutants, {counts}, {part:.1%} killed", flush=True)


if __name__ == "__main__":
    main()
