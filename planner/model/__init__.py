"""The mathematical model: variable blocks, cost components and constraint families, written as a PuLP problem."""

from planner.model.catalogue import BLOCKS, COSTS, FAMILIES
from planner.model.program import Program, write_program

__all__ = ["BLOCKS", "COSTS", "FAMILIES", "Program", "write_program"]
