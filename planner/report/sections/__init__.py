"""The sections of the report, a file a subject: its sentence and its grids (pictures: report/pictures).

They read findings and return parts of a page.
"""
