"""Scenario changes, one file for each kind: what a change selects, how it is applied, and which sites it strikes."""
