"""The two-stage plan: one set of decisions before it is known which scenario comes, with recourse for each scenario.

Paths of the scenarios, decisions that they share (non-anticipativity), and the conditional value at risk.
"""
