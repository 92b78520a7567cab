"""Every row, column and cost of the toy instance, written out in labels and checked by hand against the model.

One file a constraint family (tests/golden), a block of decisions (tests/golden/columns) and a cost component
(tests/golden/costs), under a policy of stage limits. What pathway limits add to the program or write by class is in
tests/golden/traced, of the same instance under a policy of pathway limits; all else there must be as without classes.
After a change that is meant, `python -m pytest tests/model/test_golden.py --regenerate` writes them anew; read the
difference line by line before you keep it.
"""

import re
from functools import cache
from pathlib import Path

import pytest
import toys
from golden_rows import assert_golden, column_lines, cost_lines

import planner
from planner.model.catalogue import BLOCKS, COSTS, FAMILIES

GOLDEN = Path(__file__).parents[1] / "golden"
TRACED = GOLDEN / "traced"
BY_CLASS = {"flow_balance", "pathway_total", "pathway_limit", "stock_minimum", "stock_maximum"}
TRACED_BLOCKS = {"relabel", "excess", "total"}


@cache
def program():
    return planner.formulate(toys.toy(), policy="guarded")


@cache
def traced():
    return planner.formulate(toys.toy(), policy=toys.TRACED)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_rows(family, regenerate):
    assert_golden(GOLDEN / f"{family.name}.txt", toys.rows_of(program(), family.name), regenerate)


@pytest.mark.parametrize("spec", BLOCKS, ids=lambda spec: spec.name)
def test_columns(spec, regenerate):
    assert_golden(GOLDEN / "columns" / f"{spec.name}.txt", column_lines(program(), spec.name), regenerate)


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost.name)
def test_costs(cost, regenerate):
    assert_golden(GOLDEN / "costs" / f"{cost.name}.txt", cost_lines(program(), cost), regenerate)


@pytest.mark.parametrize("family", [part for part in FAMILIES if part.name in BY_CLASS], ids=lambda part: part.name)
def test_rows_with_pathway_limits(family, regenerate):
    assert_golden(TRACED / f"{family.name}.txt", toys.rows_of(traced(), family.name), regenerate)


@pytest.mark.parametrize("spec", [part for part in BLOCKS if part.name in TRACED_BLOCKS], ids=lambda part: part.name)
def test_columns_with_pathway_limits(spec, regenerate):
    assert_golden(TRACED / "columns" / f"{spec.name}.txt", column_lines(traced(), spec.name), regenerate)


def without_class(name):
    """The name of a row or column as it is where no class is written."""
    return re.sub(r", \{[^}]*\}", "", name)


def whole_rows(written, family):
    """{row: its side and {column without its class: its coefficients}}."""
    matrix = written.matrix()
    start, rows = written.family_rows(family)
    found = {}
    for row in range(start, start + len(rows)):
        entries = {}
        at = matrix.row == row
        for column, value in zip(matrix.column[at], matrix.coefficient[at], strict=True):
            entries.setdefault(without_class(toys.column_name(written, int(column))), set()).add(float(value))
        found[toys.row_name(written, row)] = (matrix.lower[row], matrix.upper[row], entries)
    return found


NO_CLASS = {path.stem for path in GOLDEN.glob("*.txt")} - BY_CLASS - {"stage_total", "stage_limit"}


@pytest.mark.parametrize("family", sorted(NO_CLASS))
def test_all_else_sees_the_sum_over_classes(family):
    """Capacity, orders, lanes and contracts: every class of a decision with the coefficient that the decision has."""
    assert whole_rows(traced(), family) == whole_rows(program(), family)
    assert len(whole_rows(program(), family))


@pytest.mark.parametrize("name", ["make", "ship", "stock"])
def test_each_class_costs_what_the_unit_costs(name):
    split, whole = ({}, {})
    for written, costs in ((traced(), split), (program(), whole)):
        block = getattr(written, name)
        for column in range(block.first, block.first + len(block)):
            costs.setdefault(without_class(toys.column_name(written, column)), set()).add(
                written.numbers.cost[column] + 0.0
            )
    assert split == whole


def golden(folder):
    """What has golden rows, under the policy of stage limits or another one."""
    paths = [*GOLDEN.glob(f"{folder}*.txt"), *GOLDEN.glob(f"*/{folder}*.txt")]
    apart = {"columns", "costs"} - {folder.strip("/")}
    return {path.stem for path in paths if path.parent.name not in apart and path.read_text().strip()}


@pytest.mark.parametrize(
    ("folder", "entries"),
    [("", FAMILIES), ("columns/", BLOCKS), ("costs/", COSTS)],
    ids=["families", "blocks", "costs"],
)
def test_all_mathematics_has_golden_rows(folder, entries):
    written = golden(folder)
    names = {entry.name for entry in entries}
    assert names - written == set(), f"write golden rows for {sorted(names - written)}: see this file's first lines"
    assert written - names == set(), f"{sorted(written - names)} is no longer in the catalogue: remove its golden file"


@pytest.mark.parametrize(("written", "folder"), [(program, GOLDEN), (traced, TRACED)], ids=["guarded", "traced"])
def test_the_toy_uses_every_cost_and_family(written, folder):
    used = {rows.family.name for rows in written().families if len(rows)}
    assert {path.stem for path in folder.glob("*.txt")} <= used
    assert all(
        cost_lines(program(), cost) for cost in COSTS if cost.table != "recourse"
    )  # those are in golden/recourse


def test_without_pathway_limits_no_class_is_written():
    assert not [rows.family.name for rows in program().families if len(rows) and "touched" in rows.labels]
    assert not [block.spec.name for block in program().blocks if block.is_split]
    assert len(program().relabel) == 0
