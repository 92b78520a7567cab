"""The public names: all there, the right ones, and loaded only when they are asked for."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import children
import pytest
from portions import portion

import planner

ROOT = Path(planner.__file__).parents[1]
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


def test_type_checkers_are_told_that_the_package_has_types():
    """They passed over all of it: without the file py.typed, `import planner` has no types for its users."""
    assert (ROOT / "planner" / "py.typed").read_text(encoding="utf-8") == ""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "py.typed" in settings["tool"]["setuptools"]["package-data"]["planner"]


@pytest.mark.slow
def test_what_the_readme_shows_of_python_passes_a_strict_type_check(tmp_path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(import planner.*?)```", text, re.DOTALL)
    assert len(examples) > 1
    files = [tmp_path / f"example_{number}.py" for number in range(len(examples))]
    for file, example in zip(files, examples, strict=True):
        file.write_text(example, encoding="utf-8")
    wrong = tmp_path / "wrong.py"
    wrong.write_text('import planner\n\nplanner.solve(7, policy=b"")\nplanner.load_instance("x").sights\n', "utf-8")
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--follow-imports=silent",
        "--cache-dir",
        str(tmp_path / "cache"),
        "--config-file=",
    ]
    done = subprocess.run(
        [*command, *map(str, files), str(wrong)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        check=False,
    )
    found = [line for line in done.stdout.splitlines() if "error:" in line]
    assert found, done.stderr
    assert [line.partition(" ")[0] for line in found] == ["wrong.py:3:", "wrong.py:3:", "wrong.py:4:"], done.stdout
