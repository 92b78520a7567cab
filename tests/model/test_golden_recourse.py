"""Every row, column and cost that a strike adds to the toy instance, written out in labels and checked by hand.

One file a family or block in tests/golden/recourse. The program is the toy under a policy with a buffer, as it is
planned anew after a strike in P2 (recourse at 50 a unit) where deliveries have to be kept up (survival).
`python -m pytest tests/model/test_golden_recourse.py --regenerate` writes them anew; read the difference.
"""

from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import toys
from golden_rows import assert_golden, column_lines, cost_lines

from planner.model import write_program
from planner.model.catalogue import COSTS
from planner.network import build_network
from planner.network.recourse import Recourse
from planner.network.survival import Survival

GOLDEN = Path(__file__).parents[1] / "golden" / "recourse"
FAMILIES = ("buffer", "cancel_owed", "received_balance", "stock_minimum", "stock_maximum", "demand_balance", "capacity")
BLOCKS = ("unserved", "cancelled", "surplus", "below", "over", "received", "halt", "late", "under", "excess")


@cache
def program():
    order = {"customer": ["lab", "cloud"], "item": "chip", "period": [2, 2], "quantity": [3.0, 1.5]}
    at_least = {"customer": "cloud", "item": "chip", "period": [0, 1, 2], "quantity": [3.0, 10.0, 15.0]}
    policy = toys.policy(
        {"stage": "wafer", "of": "TW", "max_share": 0.6},
        buffers=[
            {"stage": "test", "periods_of_cover": 0.5},
            {"items": ["hbm"], "periods_of_cover": 1.5, "period": "P2..", "soft_cost": 7},
        ],
    )
    sets = {("cluster", "valley"): frozenset({"fab-a", "pack-a"}), ("site", "fab-b"): frozenset({"fab-b"})}
    survival = Survival(pd.DataFrame(at_least), sets, {"more-fab": 0.5, "more-pack": 1.0})
    recourse = Recourse(50.0, pd.DataFrame(order), {("stock", "hbm"): 80.0})
    return write_program(build_network(toys.toy(), policy, recourse, survival))


@pytest.mark.parametrize("family", FAMILIES)
def test_recourse_rows(family, regenerate):
    assert_golden(GOLDEN / f"{family}.txt", toys.rows_of(program(), family), regenerate)


@pytest.mark.parametrize("block", BLOCKS)
def test_recourse_columns(block, regenerate):
    assert_golden(GOLDEN / f"columns/{block}.txt", column_lines(program(), block), regenerate)


def test_broken_promises(regenerate):
    cost = next(cost for cost in COSTS if cost.name == "broken_promises")
    assert_golden(GOLDEN / "costs/broken_promises.txt", cost_lines(program(), cost), regenerate)


def test_no_golden_file_is_left_over():
    wanted = {*FAMILIES, *(f"columns/{block}" for block in BLOCKS), "costs/broken_promises"}
    assert {str(path.relative_to(GOLDEN).with_suffix("")) for path in GOLDEN.rglob("*.txt")} == wanted
    assert all(path.read_text().strip() for path in GOLDEN.glob("*.txt"))
