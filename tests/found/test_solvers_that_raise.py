"""A solver that ends with an error of its own kind is a failure of the solver, not of the planner.

SCIP raised a plain Exception for figures that are far apart ("SCIP: error in LP solver!"), which nobody caught.
"""

import pulp
import pytest
import toys

import planner


@pytest.mark.parametrize("kind", [Exception, pulp.PulpSolverError, RuntimeError])
def test_what_a_solver_raises_is_told_with_its_name(monkeypatch, kind):
    def broken(*_):
        raise kind("error in LP solver")

    monkeypatch.setattr(pulp.LpProblem, "solve", broken)
    with pytest.raises(planner.SolverError, match=r"failed: error in LP solver\. Try another --solver\."):
        planner.solve(toys.tiny(), solver="scip")


def test_an_interrupt_is_none_of_them(monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(pulp.LpProblem, "solve", stopped)
    with pytest.raises(KeyboardInterrupt):
        planner.solve(toys.tiny(), solver="scip")
