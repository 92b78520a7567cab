"""Reading an Excel workbook as an instance.

Its cells are read in a process of their own; what comes of them are the same text rows as CSV gives.
"""
