"""The house stays as it is drawn: imports go one way, and everything that has a name says what it means."""

import ast
import inspect
import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from sources import MODULES, PACKAGE, nodes

import planner
from planner.instance import policy as policies
from planner.instance.changes.catalogue import CHANGES
from planner.instance.records import TABLES
from planner.instance.scenario import Scenario
from planner.instance.settings import Calendar, Settings
from planner.model.catalogue import BLOCKS, COSTS, FAMILIES
from planner.plan.measures import MEASURES

TESTS = Path(__file__).parent
# each layer may import from those after it, and from its own
LINE = (
    ("cli",),
    ("serve",),
    ("report", "store"),
    ("study",),
    ("plan",),
    ("solve",),
    ("model",),
    ("network",),
    ("instance",),
    ("text",),
    ("errors",),
    ("problems",),
)
LEVEL = {name: number for number, names in enumerate(LINE) for name in names}
OWNERS = {
    "pulp": {"model", "solve"},
    "highspy": {"solve"},
    "click": {"cli"},
    "distributed": {"study"},
    "joblib": {"study"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "plotly": {"report", "serve"},
    "jinja2": {"report", "serve"},
    "xlsxwriter": {"report", "serve"},
    "resvg_py": {"report"},
    "starlette": {"serve"},
    "uvicorn": {"serve"},
}


def layer_of(path):
    """The layer of a file; the public API in planner/__init__.py is none."""
    part = path.relative_to(PACKAGE).parts[0]
    return None if part == "__init__.py" else part.removesuffix(".py")


@cache
def imports(path):
    """(line, full name of the module) of every import anywhere in a file, relative ones resolved; read once."""
    return tuple(_imports(path))


def _imports(path):
    package = ("planner", *path.relative_to(PACKAGE).parts[:-1])
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield node.lineno, module
            if module == "planner":  # `from planner import study` brings a layer in by its name
                yield from ((node.lineno, f"planner.{alias.name}") for alias in node.names)


def place(path, line):
    return f"planner/{path.relative_to(PACKAGE)}, line {line}"


def test_every_layer_is_known():
    strangers = sorted({layer_of(path) for path in MODULES} - set(LEVEL) - {None, "__main__"})
    assert not strangers, f"planner/{strangers[0]} is no layer of the house: add it to the line, or move it"


def test_imports_go_one_way():
    wrong = []
    for path in MODULES:
        own = layer_of(path)
        if own not in LEVEL:
            continue
        for line, name in imports(path):
            parts = name.split(".")
            if parts[0] != "planner" or len(parts) < 2 or parts[1] not in LEVEL:
                continue
            other = parts[1]
            if other != own and LEVEL[other] <= LEVEL[own]:
                wrong.append(
                    f"{place(path, line)}: {own} imports {name}, but {other} stands above {own}"
                    if LEVEL[other] < LEVEL[own]
                    else f"{place(path, line)}: {own} imports {name} beside it"
                )
    assert not wrong, "Imports go from cli down to errors, never up:\n" + "\n".join(wrong)


@pytest.mark.parametrize("library", OWNERS)
def test_only_their_owners_import(library):
    wrong = [
        f"{place(path, line)} imports {library}, which is for {' and '.join(sorted(OWNERS[library]))} only"
        for path in MODULES
        for line, name in imports(path)
        if name.split(".")[0] == library and layer_of(path) not in OWNERS[library]
    ]
    assert not wrong, "\n".join(wrong)


def test_the_import_reader_sees_what_it_should():
    inside = PACKAGE / "model" / "variable_blocks.py"
    names = {name for _, name in imports(inside)}
    assert "pulp" in names
    assert "planner.network.network" in names


def test_asserts_are_not_for_users():
    wrong = [place(path, node.lineno) for path in MODULES for node in nodes(path) if isinstance(node, ast.Assert)]
    assert not wrong, f"the package raises errors, it does not assert: {wrong}"


def objects():
    """(name, object) of every public class, function, method and property of the package."""
    for info in pkgutil.walk_packages(planner.__path__, "planner."):
        if info.name.endswith("__main__"):
            continue
        module = import_module(info.name)
        yield info.name, module
        for name, value in vars(module).items():
            if name.startswith("_") or getattr(value, "__module__", None) != info.name:
                continue
            if inspect.isfunction(value) or inspect.isclass(value):
                yield f"{info.name}.{name}", value
            if inspect.isclass(value):
                for part, member in vars(value).items():
                    if not part.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
                        yield f"{info.name}.{name}.{part}", member


def test_everything_public_has_a_docstring():
    silent = sorted({name for name, value in objects() if not inspect.getdoc(value)})
    assert not silent, f"write a docstring for {silent}"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_families_say_what_they_mean(family):
    lines = family.doc.splitlines()
    assert lines[0].endswith("."), "the first line is a sentence"
    assert lines[1] == "", "a blank line follows the sentence"
    assert any(sign in family.doc for sign in (" <= ", " = ", " >= ")), "the formula"
    assert "Shadow price:" in family.doc
    assert "Moved by:" in family.doc
    assert family.unit
    assert family.over


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.__name__)
def test_measures_have_a_formula_and_a_test(measure):
    doc = inspect.getdoc(measure) or ""
    formulas = [line for line in doc.splitlines() if " = " in line or " <= " in line]
    assert formulas, f"{measure.__name__}: write its formula into the docstring"
    written = "\n".join(path.read_text(encoding="utf-8") for path in (TESTS / "plan").glob("test_*.py"))
    assert f"def test_{measure.__name__}" in written, f"write test_{measure.__name__} in tests/plan"


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_blocks_have_a_unit_and_a_meaning(block):
    assert block.unit
    assert block.meaning.endswith(".")


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.name)
def test_costs_have_a_formula_and_a_meaning(cost):
    assert "sum" in cost.formula
    assert cost.meaning.endswith(".")


def described():
    models = [table.record for table in TABLES]
    models += [policies.Limit, policies.Buffer, policies.Sources, policies.Policy, Scenario, Settings, Calendar]
    return [*models, *CHANGES.values()]


@pytest.mark.parametrize("model", described(), ids=lambda model: model.__name__)
def test_every_field_has_a_description(model):
    silent = [name for name, field in model.model_fields.items() if not field.description and name != "change"]
    assert not silent, f"{model.__name__}: describe {silent}"


MONEY_OR_UNITS = {
    "unit_cost",
    "quantity",
    "capacity",
    "rate",
    "price",
    "late_cost",
    "lost_cost",
    "holding_cost",
    "minimum",
    "maximum",
    "opening",
    "closing_minimum",
    "fixed_cost",
    "shortfall_cost",
    "value",
    "lead_time",
    "capacity_use",
}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_figure_has_a_unit(table):
    bare = [
        name
        for name, field in table.record.model_fields.items()
        if name in MONEY_OR_UNITS and not (field.json_schema_extra or {}).get("unit")
    ]
    assert not bare, f"{table.name}: give {bare} a unit"


MOST_PARAMETERS = 9  # a step of the network is given every table that it reads, so that it is remembered by them


def functions():
    """(place, function) of every function and method of the package."""
    for path in MODULES:
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef):
                yield place(path, node.lineno), node


def test_a_function_is_a_door_and_no_switchboard():
    wrong = [
        f"{where}: {node.name} has {len(names)} parameters: group what belongs together in a value"
        for where, node in functions()
        if not where.startswith("planner/cli/")  # a command is called with each of its options
        and len(
            names := [arg.arg for arg in (*node.args.args, *node.args.kwonlyargs) if arg.arg not in {"self", "cls"}]
        )
        > MOST_PARAMETERS
    ]
    assert not wrong, "\n".join(wrong)
