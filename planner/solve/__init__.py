"""Solving a program with one of PuLP's solvers (HiGHS by default): status, unique plan, certificate and conflict."""

from planner.solve.certificate import Certificate, certify
from planner.solve.conflict import explain_infeasibility
from planner.solve.solution import Solution, Status
from planner.solve.solve_program import SolveOptions, solve_program

__all__ = ["Certificate", "Solution", "SolveOptions", "Status", "certify", "explain_infeasibility", "solve_program"]
