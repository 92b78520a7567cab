"""A second formulation of the planner's model, written from its description alone: nothing of `planner` is imported.

It reads an instance, applies a scenario period by period, writes a sparse matrix and solves it with scipy's own HiGHS.
"""
