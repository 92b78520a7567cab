"""An instance as a workbook that people fill in: tables with notes, drop-down lists, formats and a first page."""
