"""The page of the report: its template, its parts in order, and the building blocks that all parts share.

The building blocks (grids, charts) do not depend on their contents; these come from report/sections.
"""
