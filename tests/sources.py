"""The source of the package, read and parsed once a process."""

import ast
from functools import cache
from pathlib import Path

import planner

PACKAGE = Path(planner.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


@cache
def nodes(path):
    """Every node of a module's syntax tree; do not change them."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
