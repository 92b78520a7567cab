"""Scenario changes, a file a kind: what a change selects, how it is applied, and which sites it strikes."""
