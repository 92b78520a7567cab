"""Where the time ends with a plan of whole decisions, and before its linear program is solved, nothing breaks.

Found by the repairs of twelve items that need a site each, and eleven sites: after their 20 seconds an error of Python
came instead of the conflict. A two-stage plan with whole options and a time limit held its decisions in the same way.
"""

import numpy as np
import pulp
import pytest

from planner.solve import extensive_form
from planner.solve.algorithms import Algorithm, Outcome
from planner.solve.highs_model import HighsModel
from planner.solve.integrality import WholeDecisions
from planner.solve.linear_and_integer import solve_linear


def stopped():
    """A program of one whole decision at a known plan, whose time is over as soon as branch and bound has found it."""
    problem = pulp.LpProblem("one")
    whole = problem.add_variable("whole", lowBound=0, upBound=1, cat=pulp.LpInteger)
    problem.setObjective(3 * whole)
    problem.addConstraint(whole >= 0.5, "some")
    live = HighsModel.of(problem)

    def run():
        assert live.run() is Outcome.OPTIMAL
        live.deadline = 0.0
        return Outcome.LIMIT

    return live, run


@pytest.mark.parametrize("where", ["repairs", "two-stage"])
def test_the_plan_of_the_solver_counts(where):
    live, run = stopped()
    integer = np.array([True])

    class Program:
        integer = np.array([True])

    def hold(values):
        if where == "two-stage":
            return extensive_form._held(live, Program, values, Algorithm.CHOOSE)
        live.fix_integers(values, integer)
        return solve_linear(live, Algorithm.CHOOSE)

    found = WholeDecisions(live, integer, 0.0, hold).decided(run)
    assert found.outcome is Outcome.LIMIT
    assert found.held.values is None
