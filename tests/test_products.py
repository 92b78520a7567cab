"""Sums of products are not left to BLAS, whose threads wait for each other longer than they compute."""

import ast
from pathlib import Path

from sources import MODULES, PACKAGE, nodes

SMALL = {"study/sweep/design.py"}  # matrices of some dozen factors


def products(path: Path) -> list[int]:
    """The lines of a file on which BLAS would be asked for a product."""
    return [
        node.lineno
        for node in nodes(path)
        if (isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult))
        or (isinstance(node, ast.Attribute) and node.attr in {"dot", "vdot", "matmul", "inner", "tensordot"})
    ]


def test_long_products_are_summed_on_one_thread() -> None:
    found = {str(path.relative_to(PACKAGE)): products(path) for path in MODULES}
    asked = {name: lines for name, lines in found.items() if lines and name not in SMALL}
    assert not asked, f"write (a * b).sum(): {asked}"
    assert all(found[name] for name in SMALL), "an exception that is none any more"
