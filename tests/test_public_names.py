"""The public names: all there, the right ones, and loaded only when they are asked for."""

import ast
import json
from pathlib import Path

import children
import pytest
from portions import portion

import planner

HEAVY = ("pandas", "numpy", "pulp", "highspy", "pydantic", "rich", "plotly", "ruamel", "jinja2")


def checked_imports():
    """(module, name) of what type checkers are told."""
    tree = ast.parse(Path(planner.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return {(part.module, alias.name) for part in block.body for alias in part.names}


def test_every_name_is_found_where_it_stands():
    told = {(home, name) for home, names in planner._HOMES.items() for name in names}
    assert told == checked_imports()
    assert sorted(name for _, name in told) == sorted(planner.__all__)
    assert set(planner.__all__) <= set(dir(planner))
    for name in planner.__all__:
        assert getattr(planner, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'sovle'"):
        _ = planner.sovle


WAYS_OF_IMPORTING = [
    "import planner; planner.solve",
    "import planner.solve.highs_model; import planner",
    "from planner.study.what_if import whatif_table; from planner import solve; import planner",
    "from planner import *; solve; import planner",
]
MORE_WAYS = ["from planner import solve; import planner", "import planner.solve; planner.compare"]
IN_TURN = """
import sys
for code in sys.argv[1:]:
    for name in [name for name in sys.modules if name.split(".")[0] == "planner"]:
        del sys.modules[name]
    space = {}
    exec(code, space)
    print(callable(space["planner"].solve), space["planner"].solve.__module__)
"""


@pytest.mark.parametrize("ways", portion([WAYS_OF_IMPORTING, MORE_WAYS], quick=1))
def test_the_function_solve_is_not_hidden_by_the_folder_of_its_name(ways):
    """In one process, which forgets the package before each way of importing it."""
    done = children.python(IN_TURN, *ways)
    assert done.stdout.splitlines() == ["True planner.plan.planning"] * len(ways), done.stderr


@pytest.mark.parametrize("first", ["import planner", "from planner import solve", "import planner.solve"])
@pytest.mark.parametrize("module", ["deadline", "lot_segregation"])
def test_modules_of_that_folder_can_be_imported_under_another_name(first, module):
    lines = (
        f"{first}; import planner.solve.{module} as other, planner, inspect",
        "print(other.__name__, planner.solve.__name__, planner.solve.__module__, planner.solve.__doc__[:4])",
        "print(*list(inspect.signature(planner.solve).parameters)[:3])",
    )
    done = children.python("\n".join(lines))
    assert done.stdout == f"planner.solve.{module} solve planner.plan.planning Plan\nsource policy scenario\n", (
        done.stderr
    )


def test_the_function_report_is_not_hidden_by_the_folder_of_its_name():
    code = (
        "import planner.report.csv_tables, planner.report.make_report\nprint(callable(planner.report), planner.report)"
    )
    done = children.python(code)
    assert done.stdout.startswith("True <function report"), done.stderr


MODULES = """
import json, sys
from planner.cli.process import start
try:
    start()
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("solve", "--help"), ("explain", "-h")])
def test_help_loads_nothing_heavy(words):
    done = children.started(MODULES, *words)
    assert done.returncode == 0
    assert done.stdout
    loaded = {name.split(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}
    assert "click" in loaded
    assert not loaded & set(HEAVY)
