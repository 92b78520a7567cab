"""The sections of the report, a file a subject: its sentence, its chart and its grid.

They read findings and return parts of a page.
"""
