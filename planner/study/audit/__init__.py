"""The audit: dependence read from the data, before any plan is made.

Concentration of capacity, the largest share free of a region that any policy could promise, and findings in words.
"""
