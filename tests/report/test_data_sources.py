"""Rows by kind of source, and how many there are."""

import toys

from planner.report.sections.data_sources import provenance_grid


def test_thousands_of_rows_are_separated():
    """`1430` stood beside the `1,430` of every other table."""
    rows = [{"from": "plant", "to": "shop", "item": "unit", "period": f"w{week}"} for week in range(1, 1201)]
    instance = toys.tiny(periods=[f"w{week}" for week in range(1, 1201)], lanes=rows)
    grid = provenance_grid(instance)
    assert ("lanes", "1,200", "1,200") in grid.rows
    assert grid.rows[-1] == ("all tables", "1,205", "1,205")
