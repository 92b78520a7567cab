"""The contents of the report, one file for each subject: its sentences and tables (its pictures: report/pictures).

The functions read the findings of a report and return parts of the page.
"""
