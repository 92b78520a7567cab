"""One plan for what must be decided before it is known which scenario comes, with recourse for each.

Paths of the scenarios, decisions that they share (non-anticipativity), and the conditional value at risk.
"""
