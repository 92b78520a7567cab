"""Options of a run may be figures of NumPy, and what is no option is refused in words.

A plan that was solved with `time_limit=numpy.int64(60)` could not be written, and a gap of NaN was a failure of HiGHS.
"""

import numpy as np
import pytest
import toys

import planner
from planner.plan.proof.verify import verify
from planner.report.run_folder import read_claims, read_run, write_run

FIGURES = [
    {"time_limit": np.int64(60), "gap": np.float32(1e-6)},
    {"time_limit": np.float64(60), "gap": np.float64(0)},
    {"time_limit": 60, "gap": 1},
]


@pytest.mark.parametrize("options", FIGURES, ids=str)
def test_a_plan_is_written_and_kept_with_them(options, tmp_path):
    plan = planner.solve(toys.two_plants(), **options)
    assert {type(plan.options[name]) for name in options} <= {int, float}
    again = read_run(write_run(plan, tmp_path / "run"))
    assert again.options == plan.options
    assert verify(read_claims(tmp_path / "run")).holds
    store = planner.open_store(tmp_path / "runs.sqlite")
    assert store.read(store.keep(plan)).options == plan.options


REFUSED = [
    *({"gap": gap} for gap in (float("nan"), -1e-6, 2, "1e-6", None, [])),
    *({"time_limit": limit} for limit in (float("nan"), "60", [])),
    *({"solver": solver} for solver in (None, 1, b"HiGHS")),
]


@pytest.mark.parametrize("options", REFUSED, ids=lambda options: f"{options}"[:40])
def test_what_is_no_option_is_refused(options):
    [name] = options
    with pytest.raises(planner.UsageError, match=f"^{name} is "):
        planner.solve(toys.two_plants(), **options)
    if name != "time_limit":
        with pytest.raises(planner.UsageError, match=f"^{name} is "):
            planner.what_if(toys.two_plants(), [], **options)
