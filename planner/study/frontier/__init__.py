"""The frontier, or price of resilience: least cost against the level of some limits.

The curve as a value, the search for the levels to solve, their solves, and a journal to resume a stopped run.
"""
