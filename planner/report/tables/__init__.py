"""The tables of the report as they are written to tables/*.csv, one module for each subject.

Each has the rows of every policy, one policy after the other, with ids and unrounded figures.
"""
