"""What HiGHS had proved when a time limit ended its search was lost: the bound was 0, even of a plan that earns.

It was read after the decisions of the plan had been fixed, and HiGHS forgets its bound when a model is changed.
"""

import numpy as np
import pytest
import test_sourcing_brute_force as sourcing

import planner
from planner.solve.algorithms import Outcome
from planner.solve.highs_model import HighsModel
from planner.solve.linear_and_integer import whole_decisions


@pytest.mark.parametrize("earned", [0.0, 1e9])
def test_the_bound_is_the_one_that_was_proved(earned):
    """HiGHS is said to have been stopped when it had its proof; `earned` is taken off the cost of every plan."""
    mapping, rules, limits = sourcing.given(0)
    program = planner.formulate(planner.load_instance(mapping), sourcing.policy_of(rules, limits))
    live = HighsModel.of(program.problem)
    wholes = whole_decisions(live, program, 1e-6)
    live.highs.changeObjectiveOffset(-earned)
    proved = []

    def stopped():
        assert live.run() is Outcome.OPTIMAL
        proved.append(live.mip_bound())
        return Outcome.LIMIT

    found = wholes.decided(stopped)
    assert found.outcome is Outcome.LIMIT
    assert proved[0] == pytest.approx(live.objective(), rel=1e-5)
    assert found.bound == proved[0] != 0.0


def test_a_changed_model_has_no_bound():
    mapping, rules, limits = sourcing.given(0)
    program = planner.formulate(planner.load_instance(mapping), sourcing.policy_of(rules, limits))
    live = HighsModel.of(program.problem)
    assert live.mip_bound() == -np.inf
    live.run()
    assert np.isfinite(live.mip_bound())
    live.set_column_bounds(np.array([0]), np.zeros(1), np.zeros(1))
    assert live.mip_bound() == -np.inf
