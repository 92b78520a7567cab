"""The tables of the report as they go into tables/*.csv, a file a subject.

Rows of every policy, one below the other, with ids and full figures.
"""
