"""A few hundred spoilt workbooks and CSV folders; tests/benchmarks/fuzz_inputs.py runs 10,000 by hand."""

import sys
from pathlib import Path

import pytest
from portions import portion

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
from fuzz_inputs import run


@pytest.mark.parametrize("seed", portion(range(100, 110), quick=1))
def test_spoilt_inputs_end_in_problems_not_in_tracebacks(seed, tmp_path):
    failed, _ = run(100, seed, tmp_path)
    assert failed == []
