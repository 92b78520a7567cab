"""The price of resilience: least cost against the level of some limits.

The curve as a value, which levels to solve, solving them, and a journal so that a stopped one goes on.
"""
